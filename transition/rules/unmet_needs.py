"""Unmet needs: what nobody could give, and how that ended."""

from datetime import date
from typing import Final

from transition.rules.declines import DeclineReason
from transition.rules.errors import RuleBroken
from transition.rules.words import Worded


class NeedReason(Worded):
    """Why a need is not met, where no receiver's decline says it."""

    NO_EQUIVALENT = "no_equivalent", "There is no adult service"
    CRITERIA = "criteria", "They do not meet the criteria"
    NO_CAPACITY = "no_capacity", "There is no capacity"
    TOO_FAR = "too_far", "It is too far away"
    NOT_FUNDED = "not_funded", "Nobody pays for it"
    OTHER = "other", "Another reason"


class ClosedHow(Worded):
    """How an unmet need ended."""

    ACCEPTED = "accepted", "The hospice took it on after all"
    FOUND = "found", "Another service was found"
    FUNDED = "funded", "Funding was agreed"
    NOT_NEEDED = "not_needed", "It is not needed any more"
    NOT_MET = "not_met", "It was never met"
    WRONG = "wrong", "It was recorded by mistake"


DECLINED: Final = {reason.value: reason.label for reason in DeclineReason}
"""The words of a receiver's reasons."""

LEAST: Final = 5
"""Characters that a need must be told in, so that somebody else understands it."""


def reason_in_words(code: str) -> str:
    """Return a reason as people say it, whether by hand or of a receiver that declined."""
    if code in set(NeedReason):
        return NeedReason(code).label
    return DECLINED[code]


def refuse_need(note: str, opened_on: date, today: date) -> None:
    """Do nothing if a need that somebody records by hand says what is missing, and since when.

    Raises:
        RuleBroken: it does not, or the day has not come.
    """
    if len(note.strip()) < LEAST:
        raise RuleBroken("Write what is missing.")
    if opened_on > today:
        raise RuleBroken("The day must be today or in the past.")
