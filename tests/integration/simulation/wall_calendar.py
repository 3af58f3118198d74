"""Which days count, read off the calendar on the wall: nothing here asks the rules."""

from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

LONDON: Final = ZoneInfo("Europe/London")

BANK_HOLIDAYS: Final = {
    *(date(2026, 12, 25), date(2026, 12, 28), date(2027, 1, 1)),  # Boxing Day was a Saturday
    *(date(2027, 3, 26), date(2027, 3, 29)),  # Good Friday and Easter Monday
    *(date(2027, 5, 3), date(2027, 5, 31), date(2027, 8, 30)),
    *(date(2027, 12, 27), date(2027, 12, 28), date(2028, 1, 3)),  # all three for a weekend's
}
"""In England, from Christmas 2026 to New Year 2028."""


def counts(day: date) -> bool:
    """Return whether a day is a working day."""
    return day.strftime("%a") not in {"Sat", "Sun"} and day not in BANK_HOLIDAYS


def later(day: date, days: int) -> date:
    """Return the working day that lies so many working days after a day."""
    while days:
        day += timedelta(days=1)
        days -= counts(day)
    return day


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """Return an instant by the clock on the wall in London."""
    return datetime.combine(day, time(hour, minute), LONDON)


def digest_day(monday: date) -> date:
    """Return the day of a week on which its digest is sent."""
    return later(monday - timedelta(days=1), 1)


def iso_week(day: date) -> str:
    """Return the week of a day, as it is written on the calendar."""
    return day.strftime("%G-W%V")
