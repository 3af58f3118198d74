"""The rulings about dates, said a second time in other words, and cases to hold the rules against.

Nothing here asks the rules how to count: months, birthdays, school years and working days are
reckoned anew, and every row is written down again from the table of the pathway.
"""

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from transition.rules.due_days import Anchors, Outcome, OutcomeKind
from transition.rules.pathway import Circumstance

Day = Callable[[Anchors], date | None]
Holidays = frozenset[date]

ONE: Final = timedelta(days=1)
HOLIDAYS: Final = frozenset(
    date(year, month, day)
    for year in range(2000, 2055)
    for month, day in ((1, 1), (5, 4), (5, 25), (8, 31), (12, 25), (12, 26))
)
"""Days that are as good as any bank holidays, the last of August among them."""


# Counting


def is_leap(year: int) -> bool:
    """Return whether a year has a 29 February."""
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def nth_birthday(born: date, years: int) -> date:
    """Return a birthday. Ruling 43: of 29 February, 1 March in ordinary years."""
    if (born.month, born.day) == (2, 29) and not is_leap(born.year + years):
        return date(born.year + years, 3, 1)
    return date(born.year + years, born.month, born.day)


def months_from(day: date, months: int) -> date:
    """Return a day some months on. Ruling 43: clamped to the end of the month, in one step."""
    year, month = day.year, day.month + months
    while month > 12:
        year, month = year + 1, month - 12
    while month < 1:
        year, month = year - 1, month + 12
    longest = {4: 30, 6: 30, 9: 30, 11: 30, 2: 29 if is_leap(year) else 28}.get(month, 31)
    return date(year, month, min(day.day, longest))


def working_days_from(day: date, count: int) -> date:
    """Return a day some working days on. Ruling 50: the next working day is day one."""
    while count:
        day += ONE
        if day.isoweekday() <= 5 and day not in HOLIDAYS:
            count -= 1
    return day


# The pathway's table


def age(years: int, months: int = 0) -> Day:
    """Ruling 43: the birthday first, then months."""
    return lambda case: months_from(nth_birthday(case.born, years), months)


def school(year: int, *, ends: bool = False) -> Day:
    """Year N begins on 1 September of cohort + 5 + N. Ruling 46: one year below, a year later."""

    def day(case: Anchors) -> date:
        cohort = case.born.year - (case.born < date(case.born.year, 9, 1))
        begins = cohort + 5 + year - case.school_year_offset
        return date(begins + 1, 8, 31) if ends else date(begins, 9, 1)

    return day


def opening(*, months: int = 0, weeks: int = 0, working: int = 0) -> Day:
    """Count from the day the case was opened."""
    return lambda case: working_days_from(
        months_from(case.opened_on, months) + timedelta(weeks=weeks), working
    )


def transfer(*, months: int = 0, weeks: int = 0) -> Day:
    """Count from the transfer date. Ruling 48: the actual one once it is signed."""

    def day(case: Anchors) -> date | None:
        to = case.transferred_on or case.target_on
        return to and months_from(to, months) + timedelta(weeks=weeks)

    return day


def event(name: str, working: int) -> Day:
    """Count from something that happened in the handover."""

    def day(case: Anchors) -> date | None:
        on = case.events.get(name)
        return on and working_days_from(on, working)

    return day


def later(one: Day, other: Day) -> Day:
    """Take the later of two days."""

    def day(case: Anchors) -> date | None:
        days = [each for each in (one(case), other(case)) if each]
        return max(days) if len(days) == 2 else None

    return day


OPENED_FOUR_WEEKS: Final = opening(working=20)
ROWS: Final[Mapping[str, Day]] = {
    "ID-01": later(school(9), opening()),
    **dict.fromkeys(("ID-02", "ID-03", "ID-05", "ID-06", "ID-08"), OPENED_FOUR_WEEKS),
    "ID-04": opening(working=30),
    "ID-07": opening(weeks=6),
    **dict.fromkeys(("PR-01", "PR-07"), later(school(9, ends=True), opening(months=3))),
    "PR-02": later(school(10, ends=True), opening(months=12)),
    "PR-03": later(age(14, 6), opening(months=4)),
    "PR-04": later(age(15), opening(months=4)),
    "PR-05": later(age(14), opening(months=4)),
    "PR-06": later(age(14), OPENED_FOUR_WEEKS),
    "PR-08": later(age(15), opening(months=6)),
    "PR-09": later(age(15, 6), opening(months=6)),
    "PR-10": later(age(16), opening(months=3)),
    "PR-11": age(16, -3),
    **dict.fromkeys(("PR-12", "PR-13", "PR-14"), age(16)),
    "PR-15": age(16, 6),
    "PL-01": later(age(16, 6), opening(months=6)),
    **dict.fromkeys(("PL-02", "PL-05"), age(17)),
    "PL-03": transfer(months=-12),
    "PL-04": age(17, 3),
    "PL-06": age(18, -2),
    "PL-07": transfer(months=-9),
    **dict.fromkeys(("PL-08", "HO-01"), transfer(months=-7)),
    "HO-02": event("proposed", 5),
    "HO-03": event("accepted", 10),
    "MV-01": transfer(months=-5),
    **dict.fromkeys(("MV-02", "MV-03"), transfer(months=-3)),
    "MV-04": transfer(months=-2),
    "MV-05": transfer(weeks=-6),
    "MV-06": transfer(weeks=-4),
    "MV-07": transfer(weeks=-2),
    "SE-01": transfer(weeks=2),
    "SE-02": transfer(months=3),
    "SE-03": transfer(weeks=6),
    "SE-04": transfer(months=6),
    "SE-05": transfer(months=12),
}
"""When each row is due by itself. Source: domain 4.3, and SE-05 below its table."""

YEARLY: Final = frozenset({"PR-02", "PR-05", "PR-08"})
AFTER_AN_EVENT: Final = frozenset({"HO-02", "HO-03"})
AGE_ONLY: Final = ("PR-11", "PR-12", "PR-13", "PR-14", "PR-15", "PL-02", "PL-04", "PL-05", "PL-06")
BY_TRANSFER: Final = tuple(
    code
    for code in ROWS
    if code[:2] in {"MV", "SE"} or code in {"PL-03", "PL-07", "PL-08", "HO-01"}
)

ONLY_FOR: Final[Mapping[str, Circumstance]] = {
    "PR-06": Circumstance.CONTINUING_CARE,
    "PR-07": Circumstance.EHCP,
    "PR-12": Circumstance.CHILDRENS_HOUSE,
    "PR-14": Circumstance.CONTINUING_CARE,
    "PR-15": Circumstance.ADULT_CARE_NEEDS,
    "PL-06": Circumstance.SOCIAL_CARE,
    "PL-07": Circumstance.SHORT_BREAKS,
    "MV-04": Circumstance.EQUIPMENT,
}
BEFORE_18: Final = frozenset(
    {*("PR-01", "PR-05", "PR-06", "PR-07", "PR-12", "PR-13", "PR-14", "PR-15", "PL-02", "PL-04")}
)


# The rulings


def comes_again(code: str, outcome: Outcome | None) -> bool:
    """Ruling 47: only what is done repeats, and only what is done every year."""
    return code in YEARLY and outcome is not None and outcome.kind is OutcomeKind.DONE


def by_itself(code: str, case: Anchors, outcome: Outcome | None) -> date | None:
    """Return the row's own day. Ruling 47: 12 months after the last time it was done."""
    if comes_again(code, outcome) and outcome and outcome.done_on:
        return months_from(outcome.done_on, 12)
    return ROWS[code](case)


def floors(code: str, case: Anchors) -> Iterator[date]:
    """Yield the days before which a row is not due (rulings 9, 45 and the end of 49).

    A case that is opened again is due as one that is opened.
    """
    if code in AFTER_AN_EVENT:
        return
    yield working_days_from(max(case.opened_on, case.entered_on), 20)
    for anew in (case.unexpedited_on, case.reopened_on):
        if anew:
            yield working_days_from(anew, 20)
    to = case.transferred_on or case.target_on
    if code in BY_TRANSFER and case.target_set_on and to:
        yield min(working_days_from(case.target_set_on, 20), to)


def as_on(day: date, case: Anchors) -> Anchors:
    """Return what was known of a case on a day. Ruling 49: a satisfied row keeps its date."""
    targets = [*case.earlier_targets, (case.target_set_on, case.target_on)]
    known = [(set_on, to) for set_on, to in targets if set_on is None or set_on <= day]
    set_on, target_on = known[-1] if known else (None, None)
    return replace(
        case,
        target_on=target_on,
        target_set_on=set_on,
        transferred_on=_by(day, case.transferred_on),
        unexpedited_on=_by(day, case.unexpedited_on),
        reopened_on=_by(day, case.reopened_on),
        events={name: on for name, on in case.events.items() if on <= day},
        pauses=tuple((start, end) for start, end in case.pauses if end and end <= day),
    )


def _by(day: date, when: date | None) -> date | None:
    return when if when and when <= day else None


def by_the_rulings(code: str, case: Anchors, outcome: Outcome | None) -> date | None:
    """Return when a row is due on a case by all the rulings together."""
    if outcome and outcome.done_on and not comes_again(code, outcome):
        case = as_on(outcome.done_on, case)
    day = by_itself(code, case, outcome)
    if day is None:
        return None
    day = max([day, *floors(code, case)])
    for start, end in case.pauses:
        if end is None and day >= start:
            return None
        if end is not None and start <= day <= end:
            day = working_days_from(end, 20)
    return day


def concerns(code: str, case: Anchors, outcomes: Mapping[str, Outcome]) -> bool:
    """Return whether a row concerns somebody (domain 4.3; ruling 49 on the 18th birthday)."""
    if code in BEFORE_18 and case.opened_on >= nth_birthday(case.born, 18):
        return False
    if code == "PL-04":
        return "PR-14" in outcomes and outcomes["PR-14"].kind is OutcomeKind.DONE
    if code == "SE-05":
        return case.transferred_on is not None
    return code not in ONLY_FOR or ONLY_FOR[code] in case.circumstances


# Cases


@dataclass(frozen=True)
class Play:
    """One invented case, and what became of some of its rows."""

    case: Anchors
    outcomes: Mapping[str, Outcome]


EDGES: Final = ((2, 29), (2, 28), (3, 1), (8, 31), (9, 1), (1, 31), (3, 31), (5, 31), (12, 31))


def play(number: int) -> Play:
    """Return the invented case of a number: the same one on each day."""
    dice = random.Random(number)  # noqa: S311 - it invents, and hides nothing
    born = _edged(dice, _between(dice, date(1990, 1, 1), date(2013, 12, 31)))
    eighteenth = nth_birthday(born, 18)
    opened_on = dice.choice(
        (
            _between(dice, nth_birthday(born, 10), nth_birthday(born, 19)),
            _between(dice, nth_birthday(born, 10), nth_birthday(born, 36)),
            eighteenth + dice.randint(-1, 1) * ONE,
            _edged(dice, _between(dice, nth_birthday(born, 12), nth_birthday(born, 18))),
        )
    )
    entered_on = opened_on + dice.choice((0, 0, 0, dice.randint(1, 900))) * ONE
    case = Anchors(
        born=born,
        opened_on=opened_on,
        entered_on=entered_on,
        school_year_offset=dice.choice((0, 0, -2, -1, 1)),
        circumstances=frozenset(one for one in Circumstance if one.asked and dice.random() < 0.5),
        events=_events(dice, opened_on),
        pauses=_pauses(dice, opened_on),
        unexpedited_on=dice.choice((None, None, opened_on + dice.randint(0, 2000) * ONE)),
        reopened_on=dice.choice((None, None, None, opened_on + dice.randint(0, 2000) * ONE)),
    )
    case = _with_targets(dice, case)
    outcomes = {code: _outcome(dice, opened_on) for code in ROWS if dice.random() < 0.4}
    return Play(case, outcomes)


def _between(dice: random.Random, first: date, last: date) -> date:
    return date.fromordinal(dice.randint(first.toordinal(), last.toordinal()))


def _edged(dice: random.Random, day: date) -> date:
    """Return a day at which counting is hard, as often as not."""
    if dice.random() < 0.5:
        return day
    month, number = dice.choice(EDGES)
    year = day.year - day.year % 4 if number == 29 else day.year
    return date(year, month, number)


def _events(dice: random.Random, opened_on: date) -> dict[str, date]:
    proposed = opened_on + dice.randint(30, 2000) * ONE
    accepted = proposed + dice.randint(0, 40) * ONE
    return dice.choice(({}, {"proposed": proposed}, {"proposed": proposed, "accepted": accepted}))


def _pauses(dice: random.Random, opened_on: date) -> tuple[tuple[date, date | None], ...]:
    pauses: list[tuple[date, date | None]] = []
    day = opened_on
    for _ in range(dice.choice((0, 0, 1, 2, 3))):
        start = day + dice.randint(0, 700) * ONE
        end = start + dice.choice((0, 1, 20, 60, 90)) * ONE
        pauses.append((start, end))
        day = end + dice.choice((1, 10, 30)) * ONE
    if dice.random() < 0.15:
        pauses.append((day + dice.randint(0, 400) * ONE, None))
    return tuple(pauses)


def _with_targets(dice: random.Random, case: Anchors) -> Anchors:
    """Return the case with a target, those before it, and sometimes the day it was signed."""
    targets = []
    day = case.opened_on
    for _ in range(dice.choice((0, 1, 1, 2, 3))):
        day += dice.choice((0, 1, 25, 300)) * ONE
        targets.append((day, _edged(dice, day + dice.randint(1, 1500) * ONE)))
        day += ONE
    if not targets:
        return case
    *earlier, (set_on, target_on) = targets
    signed = dice.random() < 0.3
    return replace(
        case,
        target_on=target_on,
        target_set_on=set_on if earlier else dice.choice((set_on, None)),
        earlier_targets=tuple(earlier),
        transferred_on=target_on + dice.randint(-60, 60) * ONE if signed else None,
    )


def _outcome(dice: random.Random, opened_on: date) -> Outcome:
    kind = dice.choice((OutcomeKind.DONE, OutcomeKind.DONE, *OutcomeKind))
    done_on = opened_on + dice.randint(0, 2500) * ONE
    return Outcome(kind, dice.choice((done_on, done_on, done_on, None)))
