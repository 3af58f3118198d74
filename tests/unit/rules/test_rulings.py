"""What is due when, on 10,000 invented cases, held against each ruling about dates by itself.

Each ruling is a question about one row of one case: whether the day that the rules name can stand
beside it. Five of the rules are then broken on purpose, to see that the rulings notice.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest

from tests.unit.rules.rulings import (
    AFTER_AN_EVENT,
    AGE_ONLY,
    BEFORE_18,
    BY_TRANSFER,
    EDGES,
    HOLIDAYS,
    ROWS,
    YEARLY,
    Play,
    as_on,
    by_itself,
    by_the_rulings,
    comes_again,
    concerns,
    floors,
    months_from,
    nth_birthday,
    play,
    working_days_from,
)
from transition.catalogue import read_pathway
from transition.rules import due_days, due_pieces
from transition.rules.calendar import MONTHS
from transition.rules.due_days import Anchors, Outcome, due_of, due_on
from transition.rules.due_rules import DueRule
from transition.rules.milestones import Status, applies, lines_of, settles, standings_of, status_of
from transition.rules.targets import Move, moves_between, retargeted

PATHWAY: Final = read_pathway(Path(__file__).parents[3] / "config" / "pathways" / "2026-1.toml")
CASES: Final = 10_000
A_FEW: Final = 500
LONG_AGO: Final = date(1995, 1, 2)
BY_MONTHS: Final = ("PL-03", "PL-07", "PL-08", "MV-01", "MV-02", "MV-04", "SE-02", "SE-04")

Said = Mapping[str, date | None]
Ruling = Callable[[Play, Said], Iterator[tuple[str, bool]]]
"""Yields each row that a ruling says something of, and whether its day agrees."""


def said_of(one: Play) -> Said:
    """Return the day of each row by the rules."""
    return {code: day_of(code, one.case, one.outcomes.get(code)) for code in ROWS}


def day_of(code: str, case: Anchors, outcome: Outcome | None = None) -> date | None:
    return due_on(PATHWAY.milestone(code), case, outcome, HOLIDAYS)


@cache
def everything_said() -> tuple[tuple[Play, Said], ...]:
    """Return the invented cases, and what the rules say of them."""
    plays = (play(number) for number in range(CASES))
    return tuple((one, said_of(one)) for one in plays)


def undisturbed(one: Play, code: str) -> date | None:
    """Return a row's own day, where nothing else decides it."""
    own = ROWS[code](one.case)
    if own is None or code in one.outcomes or one.case.pauses:
        return None
    return own if own >= max(floors(code, one.case), default=own) else None


def long_opened(one: Play) -> Anchors:
    """Return a case of the same birth, opened so early that its opening decides nothing."""
    offset = one.case.school_year_offset
    return Anchors(
        born=one.case.born, opened_on=LONG_AGO, entered_on=LONG_AGO, school_year_offset=offset
    )


def all_together(one: Play, said: Said) -> Iterator[tuple[str, bool]]:
    for code, day in said.items():
        yield code, day == by_the_rulings(code, one.case, one.outcomes.get(code))


def ruling_9(one: Play, said: Said) -> Iterator[tuple[str, bool]]:
    """Nothing is due before 20 working days from setting a target, or the transfer if sooner."""
    to = one.case.transferred_on or one.case.target_on
    if one.case.target_set_on is None or to is None:
        return
    floor = min(working_days_from(one.case.target_set_on, 20), to)
    for code in BY_TRANSFER:
        if code not in one.outcomes:
            day, own = said[code], ROWS[code](one.case)
            already = own is not None and own < floor and not one.case.pauses
            others = [each for each in floors(code, one.case) if each != floor]
            yield code, day is None or day >= floor
            if already:
                yield code, day == max([floor, *others])


def ruling_43_of_leap_days(one: Play, _: Said) -> Iterator[tuple[str, bool]]:
    """Born on 29 February: 1 March in ordinary years, and months from there."""
    if (one.case.born.month, one.case.born.day) != (2, 29):
        return
    for code in AGE_ONLY:
        day = day_of(code, long_opened(one))
        yield code, day == ROWS[code](one.case) and day is not None and day.day in {1, 29}


def ruling_43_of_long_months(one: Play, said: Said) -> Iterator[tuple[str, bool]]:
    """Months keep the day, or take the last one of a shorter month."""
    born, to = one.case.born, one.case.transferred_on or one.case.target_on
    days: list[tuple[str, date | None, date | None]]
    if born.day > 29:
        days = [(code, day_of(code, long_opened(one)), born) for code in AGE_ONLY]
    else:
        days = [(code, said[code], to) for code in BY_MONTHS if undisturbed(one, code)]
    for code, day, anchor in days:
        if day and anchor and anchor.day > 28:
            last = (day + timedelta(1)).day == 1
            yield code, day.day == anchor.day or (day.day < anchor.day and last)


def ruling_44(one: Play, said: Said) -> Iterator[tuple[str, bool]]:
    """One step from the anchor, and no rolling off weekends or holidays."""
    for code in ROWS:
        day = undisturbed(one, code)
        if day and (day.isoweekday() > 5 or day in HOLIDAYS):
            yield code, said[code] == day


def ruling_45(one: Play, said: Said) -> Iterator[tuple[str, bool]]:
    """No row is due before 20 working days from opening or entering, but those after an event."""
    floor = working_days_from(max(one.case.opened_on, one.case.entered_on), 20)
    for code in ROWS:
        day = said[code]
        if day and code not in AFTER_AN_EVENT:
            yield code, day >= floor


def ruling_46(one: Play, _: Said) -> Iterator[tuple[str, bool]]:
    """A child taught one year below reaches Year 9 a year later; the cohort alone decides else."""
    own, offset = long_opened(one), one.case.school_year_offset
    for code in ("ID-01", "PR-01", "PR-02", "PR-07"):
        usual, day = day_of(code, replace(own, school_year_offset=0)), day_of(code, own)
        if usual and day:
            yield code, day == usual.replace(year=usual.year - offset)


def ruling_47(one: Play, said: Said) -> Iterator[tuple[str, bool]]:
    """What was done comes again 12 months later; the other outcomes end the repetition."""
    for code in YEARLY & one.outcomes.keys():
        outcome = one.outcomes[code]
        if outcome.done_on is None or one.case.pauses:
            continue
        again = comes_again(code, outcome)
        case = one.case if again else as_on(outcome.done_on, one.case)
        first = by_itself(code, case, outcome)
        if first:
            yield code, said[code] == max([first, *floors(code, case)])
        if again:
            yield code, (said[code] or date.min) >= months_from(outcome.done_on, 12)


def ruling_48(one: Play, said: Said) -> Iterator[tuple[str, bool]]:
    """How a row stands follows from the days left; what has no day yet is unscheduled."""
    for code in ROWS:
        day = said[code]
        if day is None:
            yield code, status_of(None, None, one.case.opened_on) is Status.UNSCHEDULED
        else:
            yield code, all(status_of(day, None, at) is how for at, how in _stands(day))
    for code in BY_TRANSFER:
        if one.case.transferred_on and not one.outcomes.get(code) and not one.case.pauses:
            own = ROWS[code](replace(one.case, target_on=None))
            yield code, own is not None and (said[code] or date.min) >= own


def _stands(day: date) -> Iterator[tuple[date, Status]]:
    spans = (
        (Status.UPCOMING, -400, -29),
        (Status.DUE_SOON, -28, -1),
        (Status.DUE, 0, 0),
        (Status.OVERDUE, 1, 28),
        (Status.LONG_OVERDUE, 29, 400),
    )
    for status, first, last in spans:
        yield day + timedelta(first), status
        yield day + timedelta(last), status


def ruling_49_of_whom_a_row_concerns(one: Play, _: Said) -> Iterator[tuple[str, bool]]:
    """Who is opened on the 18th birthday is opened at 18; PL-04 comes with PR-14 done."""
    for code in ROWS:
        expected = concerns(code, one.case, one.outcomes)
        yield code, applies(PATHWAY.milestone(code), one.case, one.outcomes) is expected


def ruling_49_of_what_is_satisfied(one: Play, said: Said) -> Iterator[tuple[str, bool]]:
    """A satisfied row keeps the date it had, whatever came afterwards."""
    for code, outcome in one.outcomes.items():
        if outcome.done_on and not comes_again(code, outcome):
            yield code, said[code] == day_of(code, as_on(outcome.done_on, one.case))


def ruling_49_of_pauses(one: Play, said: Said) -> Iterator[tuple[str, bool]]:
    """Nothing is due within a pause or while one lasts, and what was late before it stays late."""
    if not one.case.pauses:
        return
    start, end = one.case.pauses[0]
    for code in ROWS.keys() - one.outcomes.keys():
        day, before = said[code], day_of(code, replace(one.case, pauses=()))
        within = any(day and first <= day <= (last or day) for first, last in one.case.pauses)
        yield code, not within
        if before is None or before < start:
            yield code, day == before
        elif end and before <= end and len(one.case.pauses) == 1:
            yield code, day == working_days_from(end, 20)


def ruling_49_of_the_shortened_path(one: Play, said: Said) -> Iterator[tuple[str, bool]]:
    """After it, a row is due at the later of its own day and 20 working days."""
    if one.case.unexpedited_on is None or one.case.pauses:
        return
    fresh = working_days_from(one.case.unexpedited_on, 20)
    for code in ROWS.keys() - one.outcomes.keys() - AFTER_AN_EVENT:
        day, before = said[code], day_of(code, replace(one.case, unexpedited_on=None))
        yield code, day == (before and max(before, fresh))


def ruling_49_of_what_moves_with_a_target(one: Play, said: Said) -> Iterator[tuple[str, bool]]:
    """Setting a target moves open rows that count from it, as the preview says, and no others."""
    if one.case.transferred_on or (one.case.target_on and one.case.target_set_on is None):
        return
    today = max(one.case.target_set_on or one.case.opened_on, one.case.opened_on) + timedelta(40)
    after = retargeted(one.case, today + timedelta(today.toordinal() % 900), today)
    for code in BY_TRANSFER:
        outcome = one.outcomes.get(code)
        if outcome is None:
            yield code, day_of(code, after) == by_the_rulings(code, after, None)
        elif outcome.done_on and outcome.done_on < today:
            yield code, day_of(code, after, outcome) == said[code]
    for code in ("ID-04", "PR-02", "PR-08", "PL-06", "HO-02"):
        yield code, day_of(code, after, one.outcomes.get(code)) == said[code]


RULINGS: Final[Mapping[str, Ruling]] = {
    one.__name__: one
    for one in (
        all_together,
        ruling_9,
        ruling_43_of_leap_days,
        ruling_43_of_long_months,
        ruling_44,
        ruling_45,
        ruling_46,
        ruling_47,
        ruling_48,
        ruling_49_of_whom_a_row_concerns,
        ruling_49_of_what_is_satisfied,
        ruling_49_of_pauses,
        ruling_49_of_what_moves_with_a_target,
        ruling_49_of_the_shortened_path,
    )
}


def contradictions(name: str, cases: Iterator[tuple[Play, Said]]) -> tuple[int, list[Any]]:
    """Return how often a ruling was asked, and the rows whose day it contradicts."""
    asked, wrong = 0, []
    for one, said in cases:
        for code, agrees in RULINGS[name](one, said):
            asked += 1
            if not agrees:
                wrong.append((code, said[code], one))
    return asked, wrong


def test_every_row_of_the_pathway_is_written_down_again() -> None:
    assert [rule.code for rule in PATHWAY.milestones] == sorted(ROWS, key=_place)
    assert len(ROWS) == 46
    assert {rule.code for rule in PATHWAY.milestones if rule.opened_before_18} == BEFORE_18


def _place(code: str) -> int:
    return [rule.code for rule in PATHWAY.milestones].index(code)


@pytest.mark.parametrize("name", RULINGS)
def test_no_day_contradicts_a_ruling(name: str) -> None:
    asked, wrong = contradictions(name, iter(everything_said()))
    assert wrong[:1] == []
    assert asked > A_FEW
    print(f"{name}: {asked} days agree.")  # noqa: T201 - for who reads the run


def test_the_invented_cases_stand_at_every_edge() -> None:
    cases = [one.case for one, _ in everything_said()]
    births = {(case.born.month, case.born.day) for case in cases}
    assert births >= set(EDGES)
    assert {case.school_year_offset for case in cases} == {-2, -1, 0, 1}
    for days in (-1, 0, 1):
        at_18 = [(case.opened_on - nth_birthday(case.born, 18)).days == days for case in cases]
        assert sum(at_18) > A_FEW
    assert sum((case.target_on or date.min).day > 28 for case in cases) > A_FEW
    assert sum(len(case.pauses) > 1 for case in cases) > A_FEW
    assert sum(case.pauses[-1:] != () and case.pauses[-1][1] is None for case in cases) > A_FEW


def test_a_sentence_says_when_something_else_than_the_rule_decided() -> None:
    counted = 0
    for one, said in everything_said()[:A_FEW]:
        for code, day in said.items():
            outcome = one.outcomes.get(code)
            due = due_of(PATHWAY.milestone(code), one.case, outcome, HOLIDAYS)
            assert due.on == day
            if day and outcome is None:
                decided = day != ROWS[code](one.case)
                assert ("because" in due.sentence) is decided, (one, code, due)
                counted += decided
    assert counted > A_FEW


def test_a_preview_names_every_open_row_that_moves_and_every_one_that_stays() -> None:
    moved = 0
    for one, _ in everything_said()[:A_FEW]:
        today = one.case.opened_on + timedelta(40)
        after = retargeted(one.case, today + timedelta(300), today)
        told = [(PATHWAY, each, one.outcomes, today, HOLIDAYS) for each in (one.case, after)]
        lines = [lines_of(*each) for each in told]
        moves = moves_between(*lines)
        stays = {line.rule.code: line.due.on for line in moves.staying}
        for move in moves.moving:
            assert move.was.on == by_the_rulings(move.rule.code, one.case, _standing(one, move))
            assert move.now.on == by_the_rulings(move.rule.code, after, _standing(one, move))
            assert move.was.on != move.now.on
        moved += len(moves.moving)
        waiting = {line.rule.code for line in lines[0] if not settles(line.rule, line.outcome)}
        assert stays.keys() | {move.rule.code for move in moves.moving} == waiting
    assert moved > A_FEW


def _standing(one: Play, move: Move) -> Outcome | None:
    return one.outcomes.get(move.rule.code)


def test_a_list_shows_the_same_days_in_the_order_of_the_pathway() -> None:
    for one, said in everything_said()[:A_FEW]:
        lines = list(standings_of(PATHWAY, one.case, one.outcomes, one.case.opened_on, HOLIDAYS))
        assert [line.rule.code for line in lines] == [
            rule.code for rule in PATHWAY.milestones if concerns(rule.code, one.case, one.outcomes)
        ]
        assert all(line.due_on == said[line.rule.code] for line in lines)


# The control: five rules broken on purpose, each noticed by the ruling that it goes against.


def _born_in_march_too_late(born: date, years: int) -> date:
    try:
        return born.replace(year=born.year + years)
    except ValueError:
        return date(born.year + years, 2, 28)


def _clamped_too_short(day: date, months: int) -> date:
    year, month = divmod(day.year * MONTHS + day.month - 1 + months, MONTHS)
    return date(year, month + 1, min(day.day, 28))


def _no_floor(*_: object) -> Iterator[tuple[date, str]]:
    return iter(())


def _from_the_wrong_side(self: due_pieces.School, case: Anchors, _: object) -> date:
    born = case.born
    cohort = born.year if born.month >= 9 else born.year - 1
    begins = cohort + 5 + self.year + case.school_year_offset
    return date(begins + 1, 8, 31) if self.end else date(begins, 9, 1)


def _never_again(self: DueRule, case: Anchors, holidays: frozenset[date], _: object = None) -> Any:  # noqa: ANN401 - as it was, without the repetition
    return self.first.on(case, holidays)


BREAKS: Final[Mapping[str, tuple[Any, str, Any, tuple[str, ...]]]] = {
    "leap day": (due_pieces, "birthday", _born_in_march_too_late, ("ruling_43_of_leap_days",)),
    "clamping": (due_pieces, "add_months", _clamped_too_short, ("ruling_43_of_long_months",)),
    "floor": (due_days, "_floors", _no_floor, ("ruling_9", "ruling_45")),
    "offset": (due_pieces.School, "on", _from_the_wrong_side, ("ruling_46",)),
    "repeat": (DueRule, "on", _never_again, ("ruling_47",)),
}


@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_rule_is_noticed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    where, what, broken, rulings = BREAKS[name]
    plays = [play(number) for number in range(A_FEW)]
    with monkeypatch.context() as patch:
        patch.setattr(where, what, broken)
        due_pieces._from_opening.cache_clear()  # noqa: SLF001 - it remembers the whole rule
        said = [(one, said_of(one)) for one in plays]
        noticed = {each for each in RULINGS if contradictions(each, iter(said))[1]}
    due_pieces._from_opening.cache_clear()  # noqa: SLF001 - and now the broken one
    assert noticed >= {"all_together", *rulings}
