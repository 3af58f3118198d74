"""What an unmet need must tell."""

from datetime import date

import pytest

from transition.rules.errors import RuleBroken
from transition.rules.unmet_needs import reason_in_words, refuse_need

TODAY = date(2026, 11, 23)


def test_a_need_is_told_in_words_and_from_a_day_that_has_come() -> None:
    refuse_need("Nights", TODAY, TODAY)


@pytest.mark.parametrize(
    ("note", "day", "sentence"),
    [
        (" No  ", TODAY, "Write what is missing"),
        ("Nights", date(2026, 11, 24), "today or in the past"),
    ],
)
def test_what_says_nothing_is_refused(note: str, day: date, sentence: str) -> None:
    with pytest.raises(RuleBroken, match=sentence):
        refuse_need(note, day, TODAY)


def test_a_reason_is_said_in_words_by_hand_or_of_a_receiver() -> None:
    assert reason_in_words("not_funded") == "Nobody pays for it"
    assert reason_in_words("D05") == "No capacity now"
