"""Two act at once on a transfer: what was signed and who leads agree, whoever was first."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import (
    SIGNED_FOR,
    SWITCHED_AT,
    WorkAs,
    actor_of,
    on_both,
    ready_case,
    signed_case,
    working,
)
from tests.databases import FIXED
from tests.integration.handovers.racing import taken_at_once
from tests.people import HELEN, IDRIS, PRIYA, RUTH
from transition.actions.deaths import record_death
from transition.actions.handovers import withdraw_handover
from transition.actions.pauses import pause_case
from transition.actions.targets import move_target
from transition.actions.transfers import sign_transfer, switch_transfer, take_back_signature
from transition.actions.work import Work
from transition.app import Tracker
from transition.records.audit import GOOD, AuditEntry, verify
from transition.records.cases import Case
from transition.records.ledger import ledger_of
from transition.records.transfers import standing_signatures
from transition.rules.handovers import Function
from transition.rules.ledger import breaches, leads_on
from transition.rules.pauses import PauseReason
from transition.rules.people import THE_TIMETABLE, Actor, Role, Side
from transition.rules.targets import Target, TargetReason

ROUNDS = 5
KEY = "rowans-1"
Move = tuple[str | Actor, Callable[[Work, str], object]]


def race(app: Tracker, reference: str, *moves: Move, at: datetime = FIXED) -> int:
    """Let two act at once, and return how many of them could."""

    def attempt(move: Move) -> None:
        with working(app, move[0], at) as work:
            move[1](work, reference)

    return len(taken_at_once(*(partial(attempt, move) for move in moves))[0])


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
def test_one_person_signs_for_one_hospice_in_whichever_of_their_roles(
    app: Tracker, work_as: WorkAs, session: Session
) -> None:
    reference, _ = ready_case(work_as)
    here = actor_of(session, RUTH, FIXED.date())
    there = replace(here, organisation="rowans", roles=frozenset({Role.ADULT_LEAD}))
    for _ in range(ROUNDS):
        assert race(app, reference, (here, sign_transfer), (there, sign_transfer)) == 1
        (side,) = signed(session)
        with working(app, here if side is Side.CHILDRENS else there) as work:
            take_back_signature(work, reference)


def withdraw(work: Work, reference: str) -> None:
    withdraw_handover(work, reference, KEY)


def pause(work: Work, reference: str) -> None:
    pause_case(work, reference, PauseReason.IN_HOSPITAL, review_on=work.today + timedelta(30))


def die(work: Work, reference: str) -> None:
    record_death(work, reference, died_on=work.today)


@on_both
@pytest.mark.parametrize(
    ("move", "after"),
    [
        ((RUTH, take_back_signature), 1),
        ((RUTH, later), 1),
        ((HELEN, later), 1),
        ((PRIYA, withdraw), 1),
        ((PRIYA, pause), 2),
        ((HELEN, die), 2),
    ],
)
def test_at_midnight_the_lead_has_switched_or_what_came_first_holds(
    app: Tracker,
    work_as: WorkAs,
    session: Session,
    move: Move,
    after: int,
) -> None:
    """*after* is how many of the two are taken if the switch was first."""
    reference, _ = signed_case(work_as)
    switched: list[bool] = []

    def switch(work: Work, reference: str) -> None:
        switched.append(switch_transfer(work, reference))

    taken = race(app, reference, move, (THE_TIMETABLE, switch), at=SWITCHED_AT)
    session.rollback()
    case = session.scalars(select(Case)).one()
    spans = [row.span for row in ledger_of(session, case.uid)]
    assert breaches(spans, Function, FIXED.date()) == ()
    assert taken == (after if switched == [True] else 2)
    leads = set(leads_on(spans, SIGNED_FOR).values())
    assert leads == ({"jacksplace", "rowans"} if switched == [True] else {"jacksplace"})
    if switched == [False]:
        assert case.transferred_on is None
    said = Counter(session.scalars(select(AuditEntry.action)))
    assert said["transfer:switched"] == sum(switched)
    assert verify(session).code == GOOD
