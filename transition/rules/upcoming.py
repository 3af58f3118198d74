"""Who moves when: the twelve months that begin with this one, and how sure each move is."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from transition.rules.calendar import MONTHS, add_months
from transition.rules.errors import RuleBroken
from transition.rules.pathway import Stage
from transition.rules.words import Worded


class Certainty(Worded):
    """How sure it is that somebody moves on the day aimed for."""

    AGREED = "agreed", "Agreed"
    PROPOSED = "proposed", "Proposed"
    POSSIBLE = "possible", "Possible"


CERTAINTIES: Final[Mapping[Stage, Certainty]] = {
    Stage.IDENTIFIED: Certainty.POSSIBLE,
    Stage.PREPARING: Certainty.POSSIBLE,
    Stage.PLANNING: Certainty.POSSIBLE,
    Stage.HANDOVER: Certainty.PROPOSED,
    Stage.MOVING: Certainty.AGREED,
}
"""How sure a move is at each stage; whoever is at a later one has moved."""


class Elsewhen(Worded):
    """Where a move stands that falls into none of the twelve months."""

    PASSED = "passed", "The date has passed"
    LATER = "later", "Later"
    UNDATED = "undated", "No date yet"


USUAL_NUMBERS: Final[Mapping[str, int]] = {str(number): number for number in range(1, 31)}
"""How many a hospice may say that it usually takes on in a month, as it is typed."""

Period = date | Elsewhen
"""A month, by its first day, or what falls into none."""


def months_ahead(today: date) -> tuple[date, ...]:
    """Return the first days of twelve months, of which this month is the first."""
    return tuple(add_months(today.replace(day=1), ahead) for ahead in range(MONTHS))


def period_of(target_on: date | None, today: date) -> Period:
    """Return the month in which a move is aimed for."""
    if target_on is None:
        return Elsewhen.UNDATED
    if target_on < today:
        return Elsewhen.PASSED
    month = target_on.replace(day=1)
    return month if month in months_ahead(today) else Elsewhen.LATER


def months_along(day: date, today: date) -> float:
    """Return how far a day lies along the twelve months: 0 where they begin, 12 where they end."""
    first, *_ = months_ahead(today)
    month = day.replace(day=1)
    whole = (month.year - first.year) * MONTHS + month.month - first.month
    part = (day - month) / (add_months(month, 1) - month)
    return min(max(whole + part, 0.0), float(MONTHS))


def parse_usual_number(words: str) -> int | None:
    """Return the usual number of a month that was typed; none where nothing was.

    Raises:
        RuleBroken: it is no whole number that a hospice can take on.
    """
    typed = words.strip()
    if typed and typed not in USUAL_NUMBERS:
        raise RuleBroken("Enter a whole number from 1 to 30, or leave it empty")
    return USUAL_NUMBERS.get(typed)


def above_usual(certain: Mapping[Certainty, int], usual: int | None) -> int:
    """Return how many more are agreed or proposed in a month than a hospice usually takes on."""
    if usual is None:
        return 0
    return max(certain[Certainty.AGREED] + certain[Certainty.PROPOSED] - usual, 0)
