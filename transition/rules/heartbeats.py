"""Heartbeats: the jobs of the timetable, when a nightly one is owed, when silence is news."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

from transition.rules.calendar import LONDON, ONE_DAY
from transition.rules.words import Worded


class JobName(Worded):
    """What the timetable does."""

    TRANSFERS = "transfers", "Letting signed transfers take effect"
    DIGESTS = "digests", "Issuing the digests that are owed"
    NUDGES = "nudges", "Queueing the reminders that are owed"
    TRANSFER_PROMPTS = "transfer_prompts", "Queueing what transfers ask for"
    URGENT = "urgent", "Asking for the review of what was opened in an emergency"
    LEDGER = "ledger", "Checking who leads what"
    LOST = "lost", "Checking that nobody is lost"
    NUMBERS = "numbers", "Letting go of the numbers of cases that ended long ago"
    TRAIL = "trail", "Checking the trail"
    LETTERS = "letters", "Carrying the letters that wait"

    @property
    def nightly(self) -> bool:
        """Whether it runs once a night; the others run at every tick."""
        return self in {JobName.LEDGER, JobName.NUMBERS, JobName.LOST, JobName.TRAIL}


NIGHT: Final = time(2)
"""Local time of what runs at night. The hour before it may be missing, or come twice."""
TRIED_AGAIN_AFTER: Final = timedelta(hours=1)
"""How long a nightly job that failed is left alone."""
SILENCE: Final = timedelta(minutes=15)
"""How long the worker may be silent before people are told."""
KEPT_EVERY: Final = timedelta(minutes=1)
"""How often it is written down that a job ran, if there is nothing else to tell."""


@dataclass(frozen=True, slots=True)
class Beat:
    """When a job last ran to its end, when it last failed, and what was found or stopped it."""

    ran_at: datetime | None = None
    failed_at: datetime | None = None
    fault: str | None = None


def nightly_owed(beat: Beat, now: datetime) -> bool:
    """Return whether a nightly job is owed: not run since the last 02:00, nor failed just now.

    One that seems to have run in the future ran by a clock that was set back since.
    """
    day = now.astimezone(LONDON).date()
    night = datetime.combine(day, NIGHT, LONDON)
    if now < night:
        night = datetime.combine(day - ONE_DAY, NIGHT, LONDON)
    if beat.failed_at is not None and timedelta() <= now - beat.failed_at < TRIED_AGAIN_AFTER:
        return False
    return beat.ran_at is None or not night <= beat.ran_at <= now


def is_news(beat: Beat, fault: str | None, now: datetime) -> bool:
    """Return whether it must be written down that a job ran now, with this fault or none."""
    if beat.ran_at is None or beat.fault != fault:
        return True
    return not timedelta() <= now - beat.ran_at < KEPT_EVERY


def is_silent(ran_at: datetime | None, now: datetime) -> bool:
    """Return whether the worker has been silent for so long that people must know."""
    return ran_at is None or now - ran_at >= SILENCE
