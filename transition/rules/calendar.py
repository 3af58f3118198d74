"""Counting in months, birthdays and working days."""

from calendar import monthrange
from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

LONDON: Final = ZoneInfo("Europe/London")
SATURDAY: Final = 5
MONTHS: Final = 12
ONE_DAY: Final = timedelta(days=1)


def day_in_words(day: date) -> str:
    """Return ``9 July 2009``."""
    return f"{day.day} {day:%B %Y}"


def add_months(day: date, months: int) -> date:
    """Return the same day some months later or earlier, or that month's last day."""
    year, month0 = divmod(day.year * MONTHS + day.month - 1 + months, MONTHS)
    if day.day <= 28:  # noqa: PLR2004 (every month has 28 days)
        return date(year, month0 + 1, day.day)
    return date(year, month0 + 1, min(day.day, monthrange(year, month0 + 1)[1]))


def birthday(born: date, years: int) -> date:
    """Return the N-th birthday; of 29 February, 1 March in ordinary years."""
    try:
        return born.replace(year=born.year + years)
    except ValueError:
        return date(born.year + years, 3, 1)


def is_working_day(day: date, holidays: frozenset[date]) -> bool:
    """Return whether a day is Monday to Friday and no bank holiday."""
    return day.weekday() < SATURDAY and day not in holidays


def add_working_days(day: date, count: int, holidays: frozenset[date]) -> date:
    """Return the day that lies some working days after a day, or before it.

    Day nought is the day itself, whatever day of the week it is; the next working day is day one.
    """
    step = ONE_DAY if count > 0 else -ONE_DAY
    left = abs(count)
    while left:
        day += step
        left -= is_working_day(day, holidays)
    return day


def working_days_between(start: date, end: date, holidays: frozenset[date]) -> int:
    """Return how many working days lead from one day to another; negative when `end` is earlier.

    The first day never counts and the last one does, so that adding the answer to `start` comes to
    `end` whenever `end` is a working day.
    """
    forward = end >= start
    first = start + ONE_DAY if forward else end
    days = (first + timedelta(n) for n in range(abs((end - start).days)))
    count = sum(is_working_day(day, holidays) for day in days)
    return count if forward else -count
