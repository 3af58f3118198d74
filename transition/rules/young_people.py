"""What may be said of a young person when a case is opened: ages, in years and in words."""

from datetime import date
from typing import Final

from transition.rules.calendar import add_months, birthday
from transition.rules.errors import RuleBroken

YOUNGEST: Final = 10
OLDEST: Final = 36
"""Years of age outside of which no case is opened. Source: domain 5.1."""

MONTHS: Final = 12
"""Up to this a day may have been meant as a month."""

USUALLY_FROM: Final = 13
USUALLY_TO: Final = 35
"""Years of age outside of which the nurse is asked whether the date is right."""


def age_on(born: date, day: date) -> tuple[int, int]:
    """Return an age in whole years and months; somebody born on 29 February turns on 1 March."""
    years = day.year - born.year
    if birthday(born, years) > day:
        years -= 1
    months = 0
    while add_months(birthday(born, years), months + 1) <= day:
        months += 1
    return years, months


def age_in_words(born: date, day: date) -> str:
    """Return an age as it is said: ``17 years 4 months``."""
    years, months = age_on(born, day)
    month_words = {0: "", 1: " 1 month"}.get(months, f" {months} months")
    return f"{years} years{month_words}"


def swapped(born: date) -> date | None:
    """Return the same day with its day and month the other way round, where that is another day."""
    if born.day > MONTHS or born.day == born.month:
        return None
    return date(born.year, born.day, born.month)


def question_about_birth(born: date, today: date) -> str:
    """Return the age in words as a question, beside the age that swapped boxes would give.

    Source: safety H6, a swapped day and month is seen by nobody in the date itself.
    """
    question = f"{age_in_words(born, today)} old. Is this right?"
    other = swapped(born)
    if other is None or other > today:
        return question
    words = age_in_words(other, today)
    return f"{question} With day and month the other way round it would be {words}."


def refuse_birth(born: date, today: date) -> None:
    """Do nothing if somebody born on this day can have a case.

    Raises:
        RuleBroken: the day has not come, or the age is outside 10 to 36.
    """
    if born > today:
        raise RuleBroken("Date of birth must be in the past")
    years, _ = age_on(born, today)
    if not YOUNGEST <= years <= OLDEST:
        raise RuleBroken(
            f"This person would be {age_in_words(born, today)} old. "
            f"A case is opened from {YOUNGEST} to {OLDEST} years. Check the date of birth"
        )


def unusual_age(born: date, today: date) -> bool:
    """Return whether the age is so unusual that the date is read back and asked about."""
    years, _ = age_on(born, today)
    return not USUALLY_FROM <= years <= USUALLY_TO
