"""Early notices: an adult hospice learns how many are coming, and when, but not who they are."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from transition.rules.calendar import add_months
from transition.rules.errors import RuleBroken
from transition.rules.handovers import Function
from transition.rules.pathway import Stage

QUARTER: Final = 3
"""Months in a quarter."""
QUARTERS: Final = 16
"""How many quarters can be chosen from: whoever is 16 may move at 20."""
FEWEST: Final = 3
"""Notices of one quarter below which nothing more is told than how many. Source: domain 7.3."""

MILESTONE: Final = "PR-10"
"""The milestone that a notice fulfils."""

BEFORE: Final = frozenset({Stage.IDENTIFIED, Stage.PREPARING, Stage.PLANNING})
"""The stages at which a notice tells something that no proposal has told."""

TOO_LATE: Final = "A handover was proposed already. It tells them more than an early notice does."


def quarter_of(day: date) -> date:
    """Return the first day of the quarter that a day falls into."""
    return day.replace(month=(day.month - 1) // QUARTER * QUARTER + 1, day=1)


def quarters_ahead(today: date) -> tuple[date, ...]:
    """Return the first days of the quarters that a notice may name, the present one first."""
    return tuple(add_months(quarter_of(today), QUARTER * ahead) for ahead in range(QUARTERS))


def quarter_in_words(quarter: date) -> str:
    """Return ``January to March 2028``."""
    return f"{quarter:%B} to {add_months(quarter, QUARTER - 1):%B %Y}"


def refuse_notice(
    stage: Stage, quarter: date, functions: Collection[Function], today: date
) -> None:
    """Do nothing if a notice can be sent.

    Raises:
        RuleBroken: the case is past it, the quarter lies behind, or nothing is asked for.
    """
    if stage not in BEFORE:
        raise RuleBroken(TOO_LATE)
    if quarter not in quarters_ahead(today):
        raise RuleBroken("Choose a quarter that lies ahead.")
    if not functions:
        raise RuleBroken("Choose at least one thing that they are likely to be asked for.")


@dataclass(frozen=True, slots=True)
class Notice:
    """What one notice says of somebody who is not named."""

    quarter: date
    functions: tuple[Function, ...]
    complex_care: bool
    seen: bool


@dataclass(frozen=True, slots=True)
class Expected:
    """How many are expected in a quarter; what they need is None where too few to be nobody."""

    quarter: date
    people: int
    unseen: int
    complex_care: int | None
    functions: tuple[tuple[Function, int], ...] | None


def expected_of(notices: Iterable[Notice]) -> tuple[Expected, ...]:
    """Return what a hospice may know of those who were announced to it, by quarter."""
    quarters: dict[date, list[Notice]] = {}
    for notice in notices:
        quarters.setdefault(notice.quarter, []).append(notice)
    return tuple(_expected(quarter, found) for quarter, found in sorted(quarters.items()))


def _expected(quarter: date, notices: list[Notice]) -> Expected:
    tells = len(notices) >= FEWEST
    counts = [(one, sum(one in notice.functions for notice in notices)) for one in Function]
    return Expected(
        quarter=quarter,
        people=len(notices),
        unseen=sum(not notice.seen for notice in notices),
        complex_care=sum(notice.complex_care for notice in notices) if tells else None,
        functions=tuple((one, count) for one, count in counts if count) if tells else None,
    )
