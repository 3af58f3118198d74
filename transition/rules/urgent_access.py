"""Opening a record in an emergency: by whom, for how long, how much of it, and how it is reviewed.

It is for a clinician with somebody in front of them whose record they cannot open. It is never
asked for beforehand; it is always looked at afterwards. Source: safety 2.4, hazard H30.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from transition.rules.calendar import LONDON, add_working_days
from transition.rules.errors import RuleBroken
from transition.rules.handovers import SharingBasis
from transition.rules.words import Worded

LASTS: Final = timedelta(hours=4)
"""How long a record stays open; whoever opened it cannot make that longer."""

LEAST_WORDS: Final = 20
"""How many characters it takes at least to say why."""

REVIEWED_WITHIN: Final = 2
"""Working days until somebody else is told that nobody has reviewed it."""

OFTEN: Final = 2
OFTEN_WITHIN: Final = timedelta(days=30)
"""More than so many within so long by one person are out of the ordinary."""

NOBODY_SO: Final = (
    "No record has this NHS number together with this date of birth. Check both, digit by digit,"
    " and try again. If they are right, ring the hospice that knows the young person."
)
"""The one answer, whatever was not right, so that nobody learns who is known here."""


class Purpose(Worded):
    """What a record is opened for in an emergency."""

    WITH_US = "with_us", "They are with us now, and we must know how to care for them"
    ON_THE_WAY = "on_the_way", "They are on their way to us"
    ASKED = "asked", "An ambulance, a hospital or a colleague asks about them now"
    FAMILY = "family", "Their family has rung and needs help now"
    DANGER = "danger", "Somebody may be in danger"


class UrgentOutcome(Worded):
    """What came of the review."""

    RIGHT = "right", "It was right to open it"
    LEARNT = "learnt", "It was right, and we change something so that it is not needed again"
    WRONG = "wrong", "It should not have been opened, and this is being looked into"


class Part(StrEnum):
    """What of a case is shown to whoever opened it in an emergency."""

    EMERGENCY = "emergency"
    """Whom to ring, who leads tonight, where the originals are."""
    RECORD = "record"
    """The sections of the record that another hospice may read."""


def parts_shown(basis: SharingBasis) -> frozenset[Part]:
    """Return what an emergency opens of a case that is shared on this *basis*.

    Who has objected, or was not asked yet, has said nothing for a moment like this: whom to ring is
    needed to care for them, and no more is shown. Nobody's internal notes are part of it.
    """
    return frozenset(Part) if basis.allows_sharing else frozenset({Part.EMERGENCY})


def refuse_why(why: str) -> None:
    """Do nothing if it was said why.

    Raises:
        RuleBroken: it is too short to tell anybody anything.
    """
    if len(" ".join(why.split())) < LEAST_WORDS:
        raise RuleBroken(f"Say why you open it in at least {LEAST_WORDS} characters.")


def review_by(opened_at: datetime, holidays: frozenset[date]) -> date:
    """Return the last day on which a review is in time."""
    return add_working_days(opened_at.astimezone(LONDON).date(), REVIEWED_WITHIN, holidays)


def is_unreviewed_late(opened_at: datetime, today: date, holidays: frozenset[date]) -> bool:
    """Return whether nobody has reviewed it in time; the limit day itself is in time."""
    return today > review_by(opened_at, holidays)


def refuse_review(*, own: bool) -> None:
    """Do nothing if the actor may review what was opened.

    Raises:
        RuleBroken: they opened it themselves.
    """
    if own:
        raise RuleBroken("You opened this yourself. Somebody else must review it.")


def is_often(opened: Iterable[datetime], at: datetime) -> bool:
    """Return whether somebody who opened records at these instants did so too often by *at*."""
    return sum(at - OFTEN_WITHIN < one <= at for one in opened) > OFTEN
