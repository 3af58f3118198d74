"""A date of birth that is put right: what is shown before is what saving does, to any day."""

import random
from datetime import date, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import WorkAs, on_both, planned_case
from tests.people import RUTH
from transition.actions.identity import change_birth
from transition.records.anchors import anchors_of
from transition.records.cases import Case
from transition.records.dues import dues_of_case
from transition.rules.calendar import birthday
from transition.rules.due_days import Due
from transition.rules.milestones import settles

TODAY: Final = date(2026, 11, 23)
EDGES: Final = (date(2008, 2, 29), date(2010, 8, 31), date(2010, 9, 1), date(2009, 12, 31))


def births() -> list[date]:
    """Return days on which somebody can be born who has a case today."""
    dice = random.Random(18)  # noqa: S311 - it plays, and hides nothing
    first, last = birthday(TODAY, -35), birthday(TODAY, -10)
    span = (last - first).days
    return [*EDGES, *(first + timedelta(dice.randint(0, span)) for _ in range(8))]


def open_dues(work_as: WorkAs, reference: str) -> dict[str, Due]:
    with work_as(RUTH) as work:
        dues = dues_of_case(work.session, work.case(reference).case.uid, work.asking)
        assert dues is not None
        lines = dues.lines(work.asking)
        return {one.rule.code: one.due for one in lines if not settles(one.rule, one.outcome)}


def foretold(work_as: WorkAs, reference: str, born: date) -> tuple[dict[str, Due], set[str]]:
    """Return what the preview says of each open row, and which rows it says will go."""
    with work_as(RUTH) as work:
        dues = dues_of_case(work.session, work.case(reference).case.uid, work.asking)
        assert dues is not None
        moves = dues.reborn(born, work.asking)
    there = {line.rule.code: line.due for line in (*moves.staying, *moves.coming)}
    going = {line.rule.code for line in moves.going}
    return there | {move.rule.code: move.now for move in moves.moving}, going


@on_both
def test_what_is_shown_of_another_date_of_birth_is_what_saving_it_does(
    work_as: WorkAs, session: Session
) -> None:
    with work_as(RUTH) as work:
        reference = planned_case(work).reference
    went: set[str] = set()
    for born in births():
        before = open_dues(work_as, reference)
        told, going = foretold(work_as, reference, born)
        with work_as(RUTH) as work:
            change_birth(work, reference, born)
        after = open_dues(work_as, reference)
        assert len(before.keys() & after.keys()) > 15
        assert told == after
        assert going == before.keys() - after.keys()
        went |= going
        session.rollback()
        case = session.scalars(select(Case)).one()
        assert anchors_of(session, case.uid).date_of_birth == born
    assert "PR-13" in went, "who was opened at 18 is asked fewer things"
