"""Whatever became of milestones, in whatever order: taking it back leaves the case as it was."""

import random
from datetime import UTC, date, datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import WorkAs, accepted_case, actor_of, on_both, opened_case
from tests.databases import catalogue
from tests.people import HELEN, PRIYA, RUTH
from transition.actions.milestones import Recorded, put_back, record_outcome
from transition.records.cases import Case
from transition.records.dues import Asking, dues_of_case
from transition.rules.milestones import Confirmed, Outcome, OutcomeKind, Standing, settles
from transition.rules.pathway import Circumstance, Gate, Owner

TODAY: Final = date(2026, 11, 23)
NEXT_YEAR: Final = datetime(2027, 11, 22, 9, tzinfo=UTC)
CATALOGUE: Final = catalogue()
EVERYTHING: Final = frozenset(one for one in Circumstance if one.asked)


def standing(session: Session) -> tuple[tuple[Standing, ...], Any, Any]:
    """Return all that a case's page, its gates and the lists say of its milestones."""
    session.rollback()
    case = session.scalars(select(Case)).one()
    asking = Asking(actor_of(session, PRIYA, TODAY), TODAY, CATALOGUE)
    dues = dues_of_case(session, case.uid, asking)
    assert dues is not None
    return dues.standings, [dues.waits_for(gate, TODAY) for gate in Gate], case.next_due


def who_records(one: Standing) -> str:
    return HELEN if one.rule.owner is Owner.ADULT else PRIYA


def record_something(
    dice: random.Random, work_as: WorkAs, reference: str, rows: tuple[Standing, ...]
) -> Standing:
    """Record anything of any row that waits for a word of its own, and return the row."""
    waiting = [row for row in rows if not settles(row.rule, row.outcome)]
    one = dice.choice([row for row in waiting if not row.rule.told_by_entry])
    done = Recorded(kind=OutcomeKind.DONE, done_on=TODAY, confirmed=Confirmed.NOT_ASKED)
    others = (OutcomeKind.NOT_APPLICABLE, OutcomeKind.DECLINED_BY_PERSON)
    said = dice.choice((done, *(Recorded(kind=kind, reason="She said so.") for kind in others)))
    with work_as(who_records(one)) as work:
        record_outcome(work, reference, one.rule.code, said)
    return one


def take_everything_back(
    work_as: WorkAs, reference: str, session: Session, history: list[tuple[Standing, Any]]
) -> None:
    """Take back what was recorded, the last first, and look at the case each time."""
    for one, before in reversed(history):
        with work_as(who_records(one)) as work:
            put_back(work, reference, one.rule.code)
        assert standing(session) == before, one.rule.code


@on_both
def test_what_is_taken_back_again_leaves_the_case_as_it_was(
    work_as: WorkAs, session: Session
) -> None:
    with work_as(RUTH) as work:
        reference = opened_case(work, circumstances=EVERYTHING).reference
    dice = random.Random(4)  # noqa: S311 - it plays, and hides nothing
    history = []
    for _ in range(40):
        before = standing(session)
        mine = tuple(one for one in before[0] if one.rule.owner is not Owner.ADULT)
        history.append((record_something(dice, work_as, reference, mine), before))
    take_everything_back(work_as, reference, session, history)


def test_both_sides_take_back_what_they_recorded(work_as: WorkAs, session: Session) -> None:
    reference, _ = accepted_case(work_as)
    dice = random.Random(5)  # noqa: S311 - it plays, and hides nothing
    history = []
    for _ in range(12):
        before = standing(session)
        history.append((record_something(dice, work_as, reference, before[0]), before))
    assert {who_records(one) for one, _ in history} == {HELEN, PRIYA}
    take_everything_back(work_as, reference, session, history)


@on_both
def test_a_yearly_row_that_is_put_back_stands_as_it_did_the_year_before(
    work_as: WorkAs, session: Session
) -> None:
    with work_as(RUTH) as work:
        reference = opened_case(work).reference
        done = Recorded(kind=OutcomeKind.DONE, done_on=TODAY, confirmed=Confirmed.YES)
        record_outcome(work, reference, "PR-02", done)
    before = standing(session)
    with work_as(RUTH, NEXT_YEAR) as work:
        again = Recorded(kind=OutcomeKind.DONE, done_on=date(2027, 11, 1), confirmed=Confirmed.YES)
        record_outcome(work, reference, "PR-02", again)
    assert standing(session) != before
    with work_as(RUTH, NEXT_YEAR) as work:
        put_back(work, reference, "PR-02")
    assert standing(session) == before
    assert next(one for one in before[0] if one.rule.code == "PR-02").outcome == Outcome(
        OutcomeKind.DONE, TODAY
    )
