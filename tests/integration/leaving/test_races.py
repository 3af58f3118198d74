"""Leaving while something else happens: one winner, and afterwards the whole holds."""

from collections.abc import Callable
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import (
    WorkAs,
    accepted_case,
    on_both,
    opened_case,
    proposed_handover,
    reply,
    uid_of,
)
from tests.integration.handovers.racing import at_once
from tests.people import ANNA, GRACE, HELEN, IDRIS, MINA, PRIYA, RUTH, TOM
from transition.actions.adult_workers import name_adult_worker
from transition.actions.handovers import found_handover
from transition.actions.leaving import end_access, give_back
from transition.actions.named_workers import hand_on
from transition.actions.replies import reply_to_handover
from transition.actions.work import Work
from transition.records.cases import Case
from transition.records.handovers import Handover
from transition.records.staff import StaffMembership
from transition.rules.errors import RuleBroken
from transition.rules.people import LEADS, MembershipState, Role

ROUNDS: Final = 6
NOTE: Final = "Ring her mother after four."

Deed = Callable[[Work], object]


def race(work_as: WorkAs, *moves: tuple[str, Deed]) -> list[str]:
    """Let all of these be done at the same moment; return what each was refused with, or nothing.

    Whoever it is begins while everybody still has access.
    """

    def attempt(who: str, deed: Deed) -> Callable[[], str]:
        def do() -> str:
            try:
                with work_as(who) as work:
                    deed(work)
            except RuleBroken as refusal:
                return str(refusal)
            except AssertionError:
                return "had left before they began"
            return ""

        return do

    return at_once(*(attempt(who, deed) for who, deed in moves))


def leaving(uid: bytes) -> Deed:
    return lambda work: end_access(work, uid)


def states(session: Session, uid: bytes) -> set[MembershipState]:
    session.rollback()
    query = select(StaffMembership.state).where(StaffMembership.staff_uid == uid)
    return set(session.scalars(query))


def without_duties(session: Session) -> None:
    session.rollback()
    for held in session.scalars(select(StaffMembership)):
        held.duty = None
    session.commit()


@on_both
def test_of_two_leads_who_end_each_other_s_access_one_stays(
    work_as: WorkAs, session: Session
) -> None:
    without_duties(session)
    priya, tom = uid_of(session, PRIYA), uid_of(session, TOM)
    for _ in range(ROUNDS):
        said = race(work_as, (PRIYA, leaving(tom)), (TOM, leaving(priya)))
        gone = [uid for uid in (priya, tom) if states(session, uid) == {MembershipState.LEFT}]
        assert len(gone) == 1
        assert sorted(map(bool, said)) == [False, True]
        winner = PRIYA if gone == [tom] else TOM
        with work_as(winner) as work:
            give_back(work, gone[0], [Role.CHILDRENS_LEAD])


@on_both
def test_three_who_end_each_other_s_access_leave_a_lead(work_as: WorkAs, session: Session) -> None:
    without_duties(session)
    helen, idris, grace = (uid_of(session, email) for email in (HELEN, IDRIS, GRACE))
    race(work_as, (HELEN, leaving(idris)), (IDRIS, leaving(grace)), (GRACE, leaving(helen)))
    session.rollback()
    held = session.scalars(select(StaffMembership).filter_by(organisation="rowans"))
    assert any(one.role in LEADS and one.state is MembershipState.ACTIVE for one in held)


@on_both
def test_nobody_leaves_while_they_are_named_in_an_acceptance(
    work_as: WorkAs, session: Session
) -> None:
    mina = uid_of(session, MINA)
    for _ in range(ROUNDS):
        with work_as(RUTH) as work:
            reference = proposed_handover(work)[0].reference

        def accept(work: Work, reference: str = reference) -> None:
            _, handover = found_handover(work, reference, "rowans-1")
            answer = reply(handover, adult_worker_uid=mina)
            reply_to_handover(work, reference, "rowans-1", answer)

        said = race(work_as, (HELEN, accept), (IDRIS, leaving(mina)))
        session.rollback()
        case = session.scalars(select(Case).filter_by(reference=reference)).one()
        handover = session.scalars(select(Handover).filter_by(case_uid=case.uid)).one()
        left = states(session, mina) == {MembershipState.LEFT}
        assert left != (handover.adult_worker_uid == mina), said
        assert sorted(map(bool, said)) == [False, True], said
        if left:
            with work_as(IDRIS) as work:
                give_back(work, mina, [Role.ADULT_WORKER])
        else:
            idris = uid_of(session, IDRIS)
            with work_as(HELEN) as work:
                name_adult_worker(work, reference, "rowans-1", idris)


@on_both
def test_nobody_leaves_while_a_case_is_handed_on_to_them(work_as: WorkAs, session: Session) -> None:
    anna, ruth = uid_of(session, ANNA), uid_of(session, RUTH)
    with work_as(RUTH) as work:
        reference = opened_case(work).reference
    for _ in range(ROUNDS):
        said = race(
            work_as,
            (TOM, lambda work: hand_on(work, [reference], to_uid=anna, note=NOTE)),
            (PRIYA, leaving(anna)),
        )
        left = states(session, anna) == {MembershipState.LEFT}
        case = session.scalars(select(Case)).one()
        assert left != (case.named_worker_uid == anna), said
        with work_as(PRIYA) as work:
            if left:
                give_back(work, anna, [Role.TRANSITION_NURSE])
            else:
                hand_on(work, [reference], to_uid=ruth, note=NOTE)


@on_both
def test_nobody_leaves_while_they_open_a_case(work_as: WorkAs, session: Session) -> None:
    anna = uid_of(session, ANNA)
    for _ in range(ROUNDS):
        race(work_as, (ANNA, opened_case), (PRIYA, leaving(anna)))
        left = states(session, anna) == {MembershipState.LEFT}
        hers = session.scalars(select(Case).filter_by(named_worker_uid=anna)).all()
        assert left != bool(hers)
        if not left:
            break
        with work_as(PRIYA) as work:
            give_back(work, anna, [Role.TRANSITION_NURSE])


@on_both
def test_an_acceptance_that_names_somebody_who_has_left_is_refused(
    work_as: WorkAs, session: Session
) -> None:
    reference, key = accepted_case(work_as)
    mina = uid_of(session, MINA)
    with work_as(HELEN) as work:
        end_access(work, mina)
    said = race(work_as, (HELEN, lambda work: name_adult_worker(work, reference, key, mina)))
    assert said == ["Choose the adult named worker from your own hospice."]
