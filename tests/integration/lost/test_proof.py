"""The nightly proof that nobody is lost, and what leads read of it on Today."""

from datetime import date

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from tests.builders import ClientAs, WorkAs, on_both, opened_case, proposed_handover, staff_of
from tests.people import HELEN, IDRIS, PRIYA, RUTH, TOM
from transition.actions.invariants import lost_cases
from transition.actions.pauses import pause_case
from transition.app import Tracker
from transition.jobs.runner import run_due, timetable_work
from transition.records.cases import Case
from transition.records.columns import new_uid
from transition.records.heartbeats import beats_of
from transition.records.histories import Pause
from transition.records.ledger import LedgerRow
from transition.records.outbox import QueuedLetter
from transition.records.staff import Denial, StaffMembership
from transition.rules.heartbeats import JobName
from transition.rules.pauses import PauseReason
from transition.rules.people import MembershipState
from transition.rules.stages import Ending


@pytest.fixture
def reference(work_as: WorkAs) -> str:
    with work_as(RUTH) as work:
        return opened_case(work).reference


def lost(app: Tracker) -> list[str]:
    with app.app_context(), timetable_work(app) as work:
        return lost_cases(work)


def leave(session: Session, *emails: str) -> None:
    for email in emails:
        uid = staff_of(session, email).uid
        for held in session.scalars(select(StaffMembership).filter_by(staff_uid=uid)):
            held.state = MembershipState.LEFT
    session.commit()


def refuse_letters_to(session: Session, *emails: str) -> None:
    for email in emails:
        staff = staff_of(session, email)
        session.add(
            QueuedLetter(
                kind="case_changed",
                recipient_uid=staff.uid,
                about="",
                message_id=f"<{new_uid().hex()}@x>",
                queued_at=staff.created_at,
                not_before=staff.created_at,
                failed_code="550",
            )
        )
    session.commit()


@on_both
@pytest.mark.usefixtures("reference")
def test_a_case_that_has_everything_is_not_lost(app: Tracker) -> None:
    assert lost(app) == []


@on_both
@pytest.mark.usefixtures("demonstration")
def test_a_family_that_is_left_in_peace_is_not_lost_before_its_review(
    app: Tracker, session: Session, client_as: ClientAs
) -> None:
    bereaved = select(Pause).where(Pause.reason_code == PauseReason.FAMILY_BEREAVED)
    assert session.scalars(bereaved).one().until_on is None
    assert lost(app) == []
    assert "Who might be lost" not in client_as(PRIYA).get("/today").text


@on_both
def test_each_lack_is_found(app: Tracker, reference: str, session: Session) -> None:
    leave(session, RUTH)
    assert lost(app) == [f"{reference}:no_worker"]
    session.execute(delete(LedgerRow))
    session.commit()
    assert lost(app) == [f"{reference}:no_worker", f"{reference}:no_lead"]


@on_both
def test_a_pause_without_a_day_to_look_again_is_lost(
    app: Tracker, work_as: WorkAs, reference: str, session: Session
) -> None:
    with work_as(RUTH) as work:
        pause_case(work, reference, PauseReason.OTHER, review_on=date(2026, 12, 21))
    assert lost(app) == []
    session.execute(delete(Pause))
    session.commit()
    assert lost(app) == [f"{reference}:no_date"]


@on_both
def test_letters_that_reach_nobody_are_found_on_both_sides(
    app: Tracker, work_as: WorkAs, session: Session
) -> None:
    with work_as(RUTH) as work:
        reference = proposed_handover(work)[0].reference
    refuse_letters_to(session, RUTH)
    assert lost(app) == [f"{reference}:no_recipient"]


@on_both
def test_a_hospice_that_was_asked_and_has_nobody_left_is_found(
    app: Tracker, work_as: WorkAs, session: Session
) -> None:
    with work_as(RUTH) as work:
        reference = proposed_handover(work)[0].reference
    leave(session, HELEN, IDRIS, "escalation@rowans.example")
    assert lost(app) == [f"{reference}:no_recipient"]


@on_both
def test_what_has_ended_is_not_looked_at(
    app: Tracker, work_as: WorkAs, reference: str, session: Session
) -> None:
    with work_as(RUTH) as work:
        case = work.case(reference).case
        case.ending, case.ended_at = Ending.MOVED_AWAY, work.now
    leave(session, RUTH)
    assert lost(app) == []


def test_the_night_writes_down_what_it_found(
    app: Tracker, reference: str, session: Session
) -> None:
    leave(session, RUTH)
    run_due(app)
    session.rollback()
    assert beats_of(session)[JobName.LOST].fault == f"{reference}:no_worker"


def test_leads_read_who_might_be_lost_and_what_to_do(
    client_as: ClientAs, reference: str, session: Session
) -> None:
    priya = client_as(PRIYA)
    assert "Nobody is lost: each of 1 open cases" in priya.get("/today").text
    assert "lost" not in client_as(RUTH).get("/today").text
    leave(session, RUTH)
    page = client_as(TOM).get("/today").text
    assert "Who might be lost" in page
    assert "has no named worker who works here now" in page
    assert f"/cases/{reference}/reassign" in page
    session.rollback()
    assert session.scalars(select(Case)).one().reference == reference


def test_a_lead_does_not_read_of_a_resting_case_that_is_denied_to_them(
    app: Tracker, work_as: WorkAs, client_as: ClientAs, session: Session, reference: str
) -> None:
    with work_as(RUTH) as work:
        pause_case(work, reference, PauseReason.OTHER, review_on=date(2026, 12, 7))
    with work_as(TOM) as work:
        work.keep(
            Denial(
                staff_uid=staff_of(work.session, PRIYA).uid,
                case_uid=work.case(reference).case.uid,
                denied_by_uid=work.actor_uid,
                denied_at=work.now,
            )
        )
    leave(session, RUTH)
    assert reference in client_as(TOM).get("/today").text
    page = client_as(PRIYA).get("/today").text
    assert reference not in page
    assert "Demo-Test" not in page
    assert any(reference in words for words in lost(app))
