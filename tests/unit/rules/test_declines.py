import pytest

from transition.rules.declines import DeclineReason, refuse_incomplete_decline
from transition.rules.errors import RuleBroken


@pytest.mark.parametrize("age", [15, 16, 17, 18, 30])
def test_these_reasons_count_as_unmet_need(age: int) -> None:
    counting = {reason for reason in DeclineReason if reason.counts_as_unmet_need(age=age)}
    always = {DeclineReason.D03, DeclineReason.D04, DeclineReason.D05, DeclineReason.D06}
    assert counting == (always | {DeclineReason.D02} if age in {16, 17} else always)


def test_there_are_eleven_reasons_each_in_words_and_with_a_question() -> None:
    assert len({reason.label for reason in DeclineReason}) == 11
    assert all(reason.must_give.endswith("?") for reason in DeclineReason)
    assert [str(reason) for reason in DeclineReason][::10] == ["D01", "D99"]


@pytest.mark.parametrize("reason", DeclineReason)
def test_a_reason_without_what_goes_with_it_is_refused(reason: DeclineReason) -> None:
    with pytest.raises(RuleBroken) as refused:
        refuse_incomplete_decline(reason, "  ", has_asked=True)
    assert str(refused.value) == f"Answer this too: {reason.must_give}"


@pytest.mark.parametrize("reason", DeclineReason)
def test_a_reason_with_what_goes_with_it_is_enough(reason: DeclineReason) -> None:
    refuse_incomplete_decline(reason, "x" * 20, has_asked=True)
    if reason is not DeclineReason.D10:
        refuse_incomplete_decline(reason, "x" * 20, has_asked=False)


def test_incomplete_information_needs_a_question_first() -> None:
    with pytest.raises(RuleBroken, match=r"^Ask for what is missing"):
        refuse_incomplete_decline(DeclineReason.D10, "x" * 20, has_asked=False)


def test_another_reason_needs_twenty_characters() -> None:
    with pytest.raises(RuleBroken, match="at least 20 characters"):
        refuse_incomplete_decline(DeclineReason.D99, " " + "x" * 19 + " ", has_asked=True)
    refuse_incomplete_decline(DeclineReason.D03, "x", has_asked=True)
