"""When somebody is away: who may cover for them, and on which days."""

from datetime import date, timedelta
from typing import Final

from transition.rules.errors import RuleBroken
from transition.rules.people import Actor

LONGEST: Final = timedelta(days=366)
"""Whoever types a longer one mistyped the year."""


def stands_in(away: Actor | None, cover: Actor | None) -> bool:
    """Return whether one may cover for the other: both work on the same side of one hospice.

    It is asked again on each day: who has left, or works elsewhere now, covers for nobody.
    """
    if away is None or cover is None or away.uid == cover.uid:
        return False
    return (away.organisation, away.side) == (cover.organisation, cover.side)


def refuse_days(from_on: date, until_on: date, today: date) -> None:
    """Do nothing if somebody can be away from a day to a day.

    Raises:
        RuleBroken: they lie behind, the wrong way round, or too far apart.
    """
    if until_on < from_on or until_on < today:
        raise RuleBroken("The last day away must be today or later, and not before the first.")
    if until_on - from_on > LONGEST or from_on - today > LONGEST:
        raise RuleBroken("An absence begins within a year, and lasts a year at most.")
