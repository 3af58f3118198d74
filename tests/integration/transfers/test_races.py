"""Two act at once on a transfer: what was signed and who leads agree, whoever was first."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import (
    SIGNED_FOR,
    SWITCHED_AT,
    WorkAs,
    on_both,
    ready_case,
    signed_case,
    working,
)
from tests.databases import FIXED
from tests.people import HELEN, IDRIS, RUTH
from transition.actions.targets import move_target
from transition.actions.transfers import sign_transfer, switch_transfer, take_back_signature
from transition.actions.work import Work
from transition.app import Tracker
from transition.records.cases import Case
from transition.records.ledger import ledger_of
from transition.records.transfers import standing_signatures
from transition.rules.errors import RuleBroken
from transition.rules.ledger import leads_on
from transition.rules.pathway import Stage
from transition.rules.people import THE_TIMETABLE, Actor, Side
from transition.rules.targets import Target, TargetReason

ROUNDS = 5
Move = tuple[str | Actor, Callable[[Work, str], object]]


def race(app: Tracker, reference: str, *moves: Move, at: datetime = FIXED) -> int:
    """Let two act at once, and return how many of them could."""
    start = Barrier(len(moves), timeout=60)

    def attempt(move: Move) -> bool:
        start.wait()
        try:
            with working(app, move[0], at) as work:
                move[1](work, reference)
        except RuleBroken:
            return False
        return True

    with ThreadPoolExecutor(len(moves)) as pool:
        return sum(pool.map(attempt, moves))


def signed(session: Session) -> set[Side]:
    session.rollback()
    case = session.scalars(select(Case)).one()
    standing = standing_signatures(session, case.uid)
    assert {one.transfer_on for one in standing} <= {case.target_transfer_on}
    return {one.side for one in standing}


def later(work: Work, reference: str) -> None:
    on = work.case(reference).case.target_transfer_on or work.today
    move_target(work, reference, Target(on=on + timedelta(1)), TargetReason.OTHER)


@on_both
def test_of_one_hospice_one_signs_and_of_two_hospices_both(
    app: Tracker, work_as: WorkAs, session: Session
) -> None:
    reference, _ = ready_case(work_as)
    for _ in range(ROUNDS):
        assert race(app, reference, (HELEN, sign_transfer), (IDRIS, sign_transfer)) == 1
        assert signed(session) == {Side.ADULT}
        with work_as(IDRIS) as work:
            take_back_signature(work, reference)
        assert race(app, reference, (HELEN, sign_transfer), (RUTH, sign_transfer)) == 2
        assert signed(session) == set(Side)
        for who in (HELEN, RUTH):
            with work_as(who) as work:
                take_back_signature(work, reference)


@on_both
def test_who_signs_while_the_date_moves_has_signed_the_date_that_stands(
    app: Tracker, work_as: WorkAs, session: Session
) -> None:
    reference, _ = ready_case(work_as)
    for _ in range(ROUNDS):
        race(app, reference, (HELEN, sign_transfer), (RUTH, later))
        signed(session)


@on_both
def test_a_signature_is_taken_back_in_time_or_the_lead_has_switched(
    app: Tracker, work_as: WorkAs, session: Session
) -> None:
    reference, _ = signed_case(work_as)
    back, switch = (RUTH, take_back_signature), (THE_TIMETABLE, switch_transfer)
    race(app, reference, back, switch, at=SWITCHED_AT)
    standing = signed(session)
    case = session.scalars(select(Case)).one()
    leads = set(leads_on([row.span for row in ledger_of(session, case.uid)], SIGNED_FOR).values())
    if case.stage is Stage.SETTLING:
        assert (standing, leads) == (set(Side), {"jacksplace", "rowans"})
    else:
        assert (case.stage, standing, leads) == (Stage.MOVING, {Side.ADULT}, {"jacksplace"})
