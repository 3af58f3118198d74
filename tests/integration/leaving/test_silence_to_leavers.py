"""Whoever leaves, or is suspended, at whatever state: nothing is addressed to them any more."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import Bag, ClientAs, WorkAs, issue, on_both, post_with, uid_of, working
from tests.databases import FIXED
from tests.people import ANNA, GRACE, HELEN, IDRIS, LOLA, MINA, PETER, PRIYA, ROSA, RUTH, TOM
from transition.actions.absences import record_absence
from transition.actions.digests import digest_of
from transition.actions.invariants import lost_cases
from transition.actions.leaving import end_access, hand_over, holdings
from transition.actions.nudges import send_nudges
from transition.actions.transfer_prompts import send_transfer_prompts
from transition.app import Tracker
from transition.jobs.runner import run_due, timetable_work
from transition.records.cases import Case
from transition.records.columns import new_uid
from transition.records.handovers import Handover
from transition.records.heartbeats import beats_of
from transition.records.holdings import WORKED_ON
from transition.records.outbox import QueuedLetter
from transition.records.staff import Staff, StaffMembership
from transition.rules.heartbeats import JobName
from transition.rules.leaving import HeldKind
from transition.rules.people import THE_TIMETABLE, MembershipState, Role

NOTE = "Ring her mother after four."
LATER = FIXED + timedelta(days=10)
"""A Thursday on which the clocks of most handovers have run out."""

LEAVERS = {
    RUTH: (PRIYA, ANNA),
    ANNA: (PRIYA, RUTH),
    TOM: (PRIYA, PRIYA),
    PRIYA: (TOM, TOM),
    HELEN: (IDRIS, IDRIS),
    IDRIS: (HELEN, HELEN),
    GRACE: (HELEN, HELEN),
    MINA: (HELEN, IDRIS),
    PETER: (LOLA, LOLA),
    LOLA: (PETER, PETER),
    ROSA: (PETER, LOLA),
}
"""Who leaves, which lead sees to it, and who takes it all on."""


def inactive(session: Session) -> set[bytes]:
    session.rollback()
    working = {
        one.staff_uid
        for one in session.scalars(select(StaffMembership))
        if one.value.grants_on(FIXED.date())
    }
    return set(session.scalars(select(Staff.uid))) - working


def addressed(session: Session) -> Iterator[bytes]:
    """Yield everybody to whom anything is addressed."""
    waits = QueuedLetter.sent_at.is_(None), QueuedLetter.cancelled_at.is_(None)
    yield from session.scalars(select(QueuedLetter.recipient_uid).where(*waits))
    yield from session.scalars(select(Case.named_worker_uid).where(Case.ending.is_(None)))
    workers = session.scalars(
        select(Handover.adult_worker_uid)
        .join(Case, Case.uid == Handover.case_uid)
        .where(
            Handover.state.in_(WORKED_ON),
            Case.ending.is_(None),
        )
    )
    yield from (one for one in workers if one is not None)
    duties = select(StaffMembership.staff_uid).where(StaffMembership.duty.is_not(None))
    yield from session.scalars(duties)


def a_lead_besides(session: Session, email: str) -> str:
    """Add a lead without a duty to the hospice of a colleague; return their address."""
    beside = session.scalars(
        select(StaffMembership).where(StaffMembership.staff_uid == uid_of(session, email))
    ).one()
    adult = beside.role in {Role.ADULT_LEAD, Role.ADULT_WORKER}
    staff = Staff(name="Una New", email="new@example.org", created_at=FIXED)
    session.add(staff)
    session.flush()
    session.add(
        StaffMembership(
            uid=new_uid(),
            staff_uid=staff.uid,
            organisation=beside.organisation,
            role=Role.ADULT_LEAD if adult else Role.CHILDRENS_LEAD,
            state=MembershipState.ACTIVE,
            from_on=FIXED.date() - timedelta(days=365),
        )
    )
    session.commit()
    return staff.email


def prompts(app: Tracker) -> None:
    """Let the timetable write all it owes ten days from now, and its digests."""
    for send in (send_nudges, send_transfer_prompts):
        with working(app, THE_TIMETABLE, LATER) as work:
            send(work)
    issue(app, at=LATER + timedelta(days=4))


@pytest.mark.usefixtures("demonstration")
@pytest.mark.parametrize("email", LEAVERS)
def test_after_somebody_has_left_nothing_is_addressed_to_them_and_nobody_is_lost(
    app: Tracker, work_as: WorkAs, session: Session, email: str
) -> None:
    """Hazard H20, at every state of the twenty cases."""
    by, taker = LEAVERS[email]
    leaver, to = uid_of(session, email), uid_of(session, taker)
    new = uid_of(session, a_lead_besides(session, email))
    with work_as(by) as work:
        owners = {
            one.key: new if one.kind is HeldKind.DUTY else to for one in holdings(work, leaver)
        }
        if owners:
            hand_over(work, leaver, owners, note=NOTE)
    with work_as(by) as work:
        end_access(work, leaver)
    prompts(app)
    gone = inactive(session)
    assert leaver in gone
    assert gone.isdisjoint(addressed(session))
    with app.app_context(), timetable_work(app) as work:
        assert lost_cases(work) == []


@pytest.mark.usefixtures("demonstration")
@pytest.mark.parametrize("email", LEAVERS)
def test_no_prompt_letter_or_digest_goes_to_somebody_who_is_suspended(
    app: Tracker, work_as: WorkAs, session: Session, email: str
) -> None:
    """Hazard H20: suspend each user in turn."""
    by, taker = LEAVERS[email]
    with work_as(by) as work:
        days = {"from_on": FIXED.date(), "until_on": LATER.date()}
        record_absence(work, taker if taker != by else by, cover=email, **days)
    uid = uid_of(session, email)
    suspend(session, uid)
    queued = set(session.scalars(select(QueuedLetter.uid)))
    prompts(app)
    session.rollback()
    letters = [one for one in session.scalars(select(QueuedLetter)) if one.uid not in queued]
    assert letters
    assert uid not in {one.recipient_uid for one in letters}
    bag = Bag()
    post_with(app, bag, at=LATER)
    assert email not in bag.readers


def suspend(session: Session, uid: bytes) -> None:
    for held in session.scalars(select(StaffMembership).where(StaffMembership.staff_uid == uid)):
        held.state = MembershipState.SUSPENDED
    session.commit()


@on_both
@pytest.mark.usefixtures("demonstration")
def test_a_suspended_nurse_s_work_is_the_leads_the_same_day(
    app: Tracker, client_as: ClientAs, work_as: WorkAs, session: Session
) -> None:
    """Hazard H20: 'cases with no active owner' is not zero, and a lead reads it at once."""
    suspend(session, uid_of(session, RUTH))
    page = client_as(TOM).get("/today").text
    assert "has no named worker who works here now" in page
    with work_as(TOM) as work:
        said = {one.words for one in digest_of(work, work.actor).unled}
    assert said == {"has no active worker"}
    with app.app_context(), timetable_work(app) as work:
        lost = lost_cases(work)
    assert lost
    assert all(one.endswith(":no_worker") for one in lost)
    run_due(app)
    session.rollback()
    assert beats_of(session)[JobName.LOST].fault == " ".join(lost)
