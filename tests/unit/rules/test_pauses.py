"""Pauses: each has a day on which it is looked at again, and it is not far away."""

from datetime import date

import pytest

from transition.rules.errors import RuleBroken
from transition.rules.pauses import USUAL_PAUSE, PauseReason, refuse_review_on

TODAY = date(2026, 11, 30)


@pytest.mark.parametrize("review_on", [date(2026, 12, 1), TODAY + USUAL_PAUSE, date(2027, 2, 28)])
def test_a_pause_is_looked_at_again_within_three_months(review_on: date) -> None:
    refuse_review_on(review_on, TODAY)


@pytest.mark.parametrize(
    ("review_on", "sentence"),
    [
        (TODAY, "The day to look again must be after today."),
        (date(2026, 11, 1), "The day to look again must be after today."),
        (date(2027, 3, 1), "Look again within 3 months."),
    ],
)
def test_no_pause_is_over_already_or_without_end(review_on: date, sentence: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        refuse_review_on(review_on, TODAY)
    assert str(refused.value).startswith(sentence)


def test_every_reason_has_its_words() -> None:
    assert len({reason.label for reason in PauseReason}) == len(PauseReason)
