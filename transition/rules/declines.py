"""Declining a handover, or a function of it: the reasons, and what must go with each."""

from enum import StrEnum
from typing import Final, Self

from transition.rules.errors import RuleBroken


class DeclineReason(StrEnum):
    """Why a receiver cannot take a function on, and what they give with it.

    Source: domain 6.3.
    """

    label: str
    must_give: str

    def __new__(cls, code: str, label: str, must_give: str) -> Self:
        """Return the reason of a code, with its words and the question that goes with it."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.label = label
        member.must_give = must_give
        return member

    D01 = "D01", "Outside our area", "Which service covers the area, if you know?"
    D02 = "D02", "Below our age limit", "From which age could you?"
    D03 = "D03", "Does not meet our criteria at present", "What would change your answer?"
    D04 = "D04", "We cannot yet give the technical care safely", "Which skill is missing?"
    D05 = "D05", "No capacity now", "What is the earliest date?"
    D06 = "D06", "We do not provide what is asked for", "What can you offer instead?"
    D07 = "D07", "The young person or family do not want it", "Who said so, and when?"
    D08 = "D08", "Not a good time for their health", "When should this be looked at again?"
    D09 = "D09", "Better served or already known elsewhere", "Where?"
    D10 = "D10", "Information incomplete", "What is still missing after your question?"
    D99 = "D99", "Another reason", "What is the reason?"

    def counts_as_unmet_need(self, *, age: int) -> bool:
        """Return whether it opens a row of the unmet-need register, for a person of this age.

        An age limit is a gap at 16 and 17 only, when children's services are ending; another
        reason (D99) counts when a lead has looked at it and says so.
        """
        if self is DeclineReason.D02:
            return age in {16, 17}
        return self in UNMET


UNMET: Final = frozenset(
    {DeclineReason.D03, DeclineReason.D04, DeclineReason.D05, DeclineReason.D06}
)
LEAST_WORDS: Final = 20
"""Characters that another reason needs, for somebody has to understand it."""


def refuse_incomplete_decline(reason: DeclineReason, given: str, *, has_asked: bool) -> None:
    """Do nothing if a decline says all that its reason needs.

    Raises:
        RuleBroken: what goes with the reason is missing, or no question was asked before D10.
    """
    if reason is DeclineReason.D10 and not has_asked:
        raise RuleBroken("Ask for what is missing before you decline because of it.")
    if not given.strip():
        raise RuleBroken(f"Answer this too: {reason.must_give}")
    if reason is DeclineReason.D99 and len(given.strip()) < LEAST_WORDS:
        raise RuleBroken(f"Give the reason in at least {LEAST_WORDS} characters.")
