"""How fast passwords may be tried: slower after each wrong one, and never not at all.

Nobody is locked out. A browser in which somebody has signed in before is counted apart, so that
whoever tries passwords elsewhere cannot keep them out of it.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

FREE: Final = 5
"""How many wrong passwords cost no time."""

WAITS: Final = (1, 2, 4, 8, 16, 32, 60, 120, 240, 480, 900)
"""Seconds to wait after each wrong one from there on; the last holds for all that follow."""

FORGOTTEN: Final = timedelta(hours=1)
"""After so long without a wrong one, those before it are forgotten."""

FROM_ONE_SOURCE: Final = 100
SOURCE_WINDOW: Final = timedelta(minutes=15)
"""How many may be wrong from one source within one window; a whole hospice is one source."""

A_CLOCK_APART: Final = timedelta(minutes=1)
"""How far the clocks of two machines may be apart."""

ALARMING: Final = 1000
"""How many wrong ones within an hour are no mistakes of people any more."""

TOLD_FOR: Final = timedelta(days=1)
"""How long an administrator is told of such an hour, and how long counts are kept."""

LETTERS: Final = 3
"""How many letters with a link somebody gets, until they have asked for none for an hour."""

MINUTE: Final = 60


class TryKind(StrEnum):
    """What wrong passwords are counted by."""

    ACCOUNT = "account"
    DEVICE = "device"
    """One colleague in one browser that they have signed in with before."""
    CODE = "code"
    """Codes of one colleague's app, after the password."""
    URGENT = "urgent"
    """NHS numbers with a date of birth, by one colleague in an emergency."""
    RESET = "reset"
    """Letters with a link for another password, to one address."""
    SOURCE = "source"
    HOUR = "hour"
    """All there were in an hour, wherever they came from."""


def starts_anew(kind: TryKind, *, began_at: datetime, last_at: datetime, now: datetime) -> bool:
    """Return whether what was counted until now counts no more.

    Where the clock was set back, what it counted before would keep people waiting for as long.
    """
    if last_at > now + A_CLOCK_APART:
        return True
    if kind is TryKind.SOURCE:
        return now >= began_at + SOURCE_WINDOW
    return kind is not TryKind.HOUR and now >= last_at + FORGOTTEN


def next_try_at(kind: TryKind, count: int, *, began_at: datetime, last_at: datetime) -> datetime:
    """Return from when on another password is looked at, after *count* wrong ones."""
    if kind is TryKind.SOURCE:
        return began_at + SOURCE_WINDOW if count >= FROM_ONE_SOURCE else last_at
    if kind is TryKind.RESET:
        return last_at + FORGOTTEN if count >= LETTERS else last_at
    if kind is TryKind.HOUR or count < FREE:
        return last_at
    return last_at + timedelta(seconds=WAITS[min(count - FREE, len(WAITS) - 1)])


def wait_in_words(wait: timedelta) -> str:
    """Return ``8 seconds`` or ``2 minutes``: never less than there is to wait."""
    seconds = max(1, -(-wait // timedelta(seconds=1)))
    if seconds < MINUTE:
        return "1 second" if seconds == 1 else f"{seconds} seconds"
    minutes = -(-seconds // MINUTE)
    return "1 minute" if minutes == 1 else f"{minutes} minutes"
