"""What a provider outside says about a handover, recorded by whoever was told it."""

from datetime import date

from transition.actions.work import Work
from transition.clock import local_day
from transition.records.handovers import Handover
from transition.rules.errors import RuleBroken
from transition.rules.outside import NOT_TOLD, Told, refuse_told, speaking_for
from transition.rules.people import Actor

RECEIPT, REPLY = "receipt", "reply"
"""What was told; a question goes by its number."""


def who_answers(work: Work, handover: Handover, told: Told | None) -> Actor:
    """Return who takes the receiver's part now: the actor, or who was told by a provider outside.

    Raises:
        RuleBroken: it is such a provider, and nobody there is named or the day cannot be.
    """
    if not handover.outside:
        return work.actor
    speaker = speaking_for(work.actor, handover.receiver)
    if told is None or handover.proposed_at is None:
        raise RuleBroken(NOT_TOLD)
    refuse_told(told, sent_on=local_day(handover.proposed_at), today=work.today)
    return speaker


def earliest_day(work: Work, handover: Handover, told: Told | None) -> tuple[date, str]:
    """Return the first day that a receiver can name, and how it is said.

    Of a provider outside that is the day on which somebody was told, which may have passed.
    """
    if handover.outside and told is not None:
        return told.on, "the day on which they told you, or later"
    return work.today, "today or later"


def as_told(told: Told | None) -> dict[str, tuple[None, str]]:
    """Return what the trail keeps of who at a provider outside said something."""
    return {"told": (None, told.words)} if told is not None else {}


def keep_told(handover: Handover, about: str, told: Told | None, **more: str | None) -> None:
    """Keep who at a provider outside said something; of another receiver there is nothing."""
    if handover.outside and told is not None:
        said = {**handover.provider["told"], about: told.kept()}
        handover.provider = {**handover.provider, **more, "told": said}
