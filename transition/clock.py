"""The time. Everything else is told it; only this module asks for it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

LONDON: Final = ZoneInfo("Europe/London")
"""Dates are London's; instants are kept in UTC."""


def now() -> datetime:
    """Return the real instant, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Clock:
    """A clock that may be set apart from the real one, and runs on from there."""

    offset: timedelta = timedelta()
    """How far it is ahead of the real time; negative when it is behind."""

    @classmethod
    def reading(cls, instant: datetime | None) -> "Clock":
        """Return a clock that reads *instant* just now; the real one for None."""
        return cls() if instant is None else cls(instant - now())

    def now(self) -> datetime:
        """Return the instant this clock reads, in UTC."""
        return now() + self.offset

    def today(self) -> date:
        """Return the day this clock reads, in London."""
        return local_day(self.now())


def local_day(instant: datetime) -> date:
    """Return the day on which *instant* falls in London.

    Raises:
        ValueError: *instant* has no offset, so nobody can tell which day it is.
    """
    if instant.tzinfo is None:
        raise ValueError("An instant needs its offset from UTC.")
    return instant.astimezone(LONDON).date()


def instant_from(text: str) -> datetime:
    """Return the instant that *text* names in ISO 8601 with an offset, in UTC.

    Raises:
        ValueError: *text* is no such instant. The text of the error is a sentence.
    """
    example = "Write it like 2026-11-23T07:30:00+00:00."
    try:
        instant = datetime.fromisoformat(text)
        utc = instant.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"“{text}” is not an instant. {example}") from None
    if instant.tzinfo is None:
        raise ValueError(f"“{text}” lacks its offset from UTC. {example}")
    return utc


def time_of_day(instant: datetime) -> str:
    """Return the time in London as people say it, like ``3:40pm``."""
    local = instant.astimezone(LONDON)
    return f"{local.hour % 12 or 12}:{local:%M}{'am' if local.hour < 12 else 'pm'}"  # noqa: PLR2004 - noon


def day_and_time(instant: datetime) -> str:
    """Return the day and the time in London, like ``23 November 2026 at 3:40pm``."""
    local = instant.astimezone(LONDON)
    return f"{local.day} {local:%B %Y} at {time_of_day(instant)}"


def weekday_and_time(instant: datetime) -> str:
    """Return the weekday, the day and the time in London: ``Friday 20 November at 4:42pm``."""
    local = instant.astimezone(LONDON)
    return f"{local:%A} {local.day} {local:%B} at {time_of_day(instant)}"
