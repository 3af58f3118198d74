"""Two signatures under a transfer, and the switch of who leads what at the start of its date."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import (
    ASKED,
    SIGNED_FOR,
    SWITCHED_AT,
    WorkAs,
    on_both,
    planned_case,
    ready_case,
    signed_case,
    transferred_case,
)
from tests.people import HELEN, IDRIS, MINA, PRIYA, RUTH
from transition.actions.milestones import put_back
from transition.actions.pauses import pause_case, resume_case
from transition.actions.targets import move_target, undo_target
from transition.actions.transfers import (
    due_transfers,
    sign_transfer,
    switch_transfer,
    take_back_signature,
)
from transition.actions.work import ChangedMeanwhile
from transition.app import Tracker
from transition.clock import LONDON
from transition.jobs.runner import run_due
from transition.records.cases import Case
from transition.records.handovers import Handover
from transition.records.histories import StageChange
from transition.records.ledger import ledger_of
from transition.records.outbox import QueuedLetter
from transition.records.transfers import TransferSignature, standing_signatures
from transition.rules.errors import RuleBroken
from transition.rules.handovers import Function, HandoverState
from transition.rules.ledger import breaches, leads_on
from transition.rules.pathway import Stage
from transition.rules.pauses import PauseReason
from transition.rules.people import THE_TIMETABLE, Side
from transition.rules.targets import Target, TargetReason
from transition.rules.transfers import Voided

THE_DAY_BEFORE = datetime(2026, 11, 30, 23, 59, tzinfo=LONDON)


def standing(session: Session) -> list[tuple[Side, date]]:
    """Return the signatures that count: for which side, and the date that was signed."""
    session.rollback()
    case = session.scalars(select(Case)).one()
    return [(one.side, one.transfer_on) for one in standing_signatures(session, case.uid)]


def leads(session: Session, day: date) -> dict[Function, str]:
    """Return who leads what on a day."""
    session.rollback()
    case = session.scalars(select(Case)).one()
    return leads_on([row.span for row in ledger_of(session, case.uid)], day)


@on_both
def test_when_both_have_signed_the_lead_switches_at_midnight_and_not_before(
    work_as: WorkAs, session: Session
) -> None:
    reference, _ = signed_case(work_as)
    with work_as(THE_TIMETABLE, THE_DAY_BEFORE) as work:
        assert due_transfers(work) == []
        assert not switch_transfer(work, reference)
    with work_as(THE_TIMETABLE, SWITCHED_AT) as work:
        assert due_transfers(work) == [reference]
        assert switch_transfer(work, reference)
    with work_as(THE_TIMETABLE, SWITCHED_AT) as work:
        assert due_transfers(work) == []
        assert not switch_transfer(work, reference)

    before, after = (leads(session, SIGNED_FOR - timedelta(days)) for days in (1, 0))
    assert set(before.values()) == {"jacksplace"}
    assert {one for one, service in after.items() if service == "rowans"} == set(ASKED)
    assert len(after) == len(Function)
    case, handover = session.scalars(select(Case)).one(), session.scalars(select(Handover)).one()
    assert (case.stage, case.transferred_on) == (Stage.SETTLING, SIGNED_FOR)
    assert (handover.state, handover.closed_at) == (HandoverState.TRANSFERRED, None)
    spans = [row.span for row in ledger_of(session, case.uid)]
    assert breaches(spans, Function, SIGNED_FOR - timedelta(7)) == ()
    last = session.scalars(select(StageChange).order_by(StageChange.changed_at.desc())).first()
    assert last is not None
    assert (last.was, last.now, last.organisation) == (Stage.MOVING, Stage.SETTLING, "rowans")


@on_both
def test_either_signs_first_and_the_other_side_is_told(work_as: WorkAs, session: Session) -> None:
    reference, _ = ready_case(work_as)
    with work_as(HELEN) as work:
        sign_transfer(work, reference)
    assert standing(session) == [(Side.ADULT, SIGNED_FOR)]
    with work_as(PRIYA) as work:
        sign_transfer(work, reference)
    assert len(standing(session)) == 2
    told = select(QueuedLetter).where(QueuedLetter.kind == "transfer_signed")
    readers = [
        one.recipient.email for one in session.scalars(told.order_by(QueuedLetter.queued_at))
    ]
    assert readers[0] == RUTH
    assert set(readers[1:]) == {HELEN, IDRIS, MINA}


@on_both
def test_one_signature_switches_nothing(work_as: WorkAs, session: Session) -> None:
    reference, _ = ready_case(work_as)
    with work_as(RUTH) as work:
        sign_transfer(work, reference)
    with work_as(THE_TIMETABLE, SWITCHED_AT) as work:
        assert due_transfers(work) == []
        assert not switch_transfer(work, reference)
    assert set(leads(session, SIGNED_FOR).values()) == {"jacksplace"}


@on_both
def test_a_hospice_signs_once_and_the_second_reads_who_did(work_as: WorkAs) -> None:
    reference, _ = signed_case(work_as)
    with work_as(IDRIS) as work, pytest.raises(ChangedMeanwhile, match="Helen"):
        sign_transfer(work, reference)


@on_both
def test_what_is_open_is_named_and_nobody_signs(work_as: WorkAs, session: Session) -> None:
    reference, _ = ready_case(work_as)
    with work_as(RUTH) as work:
        put_back(work, reference, "MV-05")
    with work_as(HELEN) as work, pytest.raises(RuleBroken, match="Prescribing"):
        sign_transfer(work, reference)
    assert standing(session) == []


@on_both
def test_a_signature_is_taken_back_until_the_switch(work_as: WorkAs, session: Session) -> None:
    reference, _ = signed_case(work_as)
    with work_as(RUTH, THE_DAY_BEFORE) as work:
        take_back_signature(work, reference)
    assert standing(session) == [(Side.ADULT, SIGNED_FOR)]
    with work_as(THE_TIMETABLE, SWITCHED_AT) as work:
        assert not switch_transfer(work, reference)
    with work_as(RUTH, SWITCHED_AT) as work:
        with pytest.raises(RuleBroken, match="no signature of your hospice"):
            take_back_signature(work, reference)
        sign_transfer(work, reference)  # on the day itself, it holds from now
    with work_as(THE_TIMETABLE, SWITCHED_AT) as work:
        assert switch_transfer(work, reference)


@on_both
def test_after_the_switch_there_is_nothing_to_sign_or_to_take_back(work_as: WorkAs) -> None:
    reference, _ = transferred_case(work_as)
    with work_as(RUTH, SWITCHED_AT) as work:
        with pytest.raises(RuleBroken, match="no signature"):
            take_back_signature(work, reference)
        with pytest.raises(RuleBroken, match="signed"):
            move_target(work, reference, Target(on=date(2027, 3, 1)), TargetReason.OTHER)
    with work_as(PRIYA, SWITCHED_AT) as work, pytest.raises(RuleBroken):
        sign_transfer(work, reference)


@on_both
def test_a_date_that_moves_past_a_signature_voids_it(work_as: WorkAs, session: Session) -> None:
    reference, _ = signed_case(work_as)
    with work_as(HELEN) as work:
        move_target(work, reference, Target(on=date(2026, 12, 4)), TargetReason.STAFFING)
    assert standing(session) == []
    voided = session.scalars(select(TransferSignature)).all()
    assert {one.voided for one in voided} == {Voided.MOVED}
    told = select(QueuedLetter).where(QueuedLetter.kind == "case_changed")
    assert RUTH in {one.recipient.email for one in session.scalars(told)}
    with work_as(RUTH) as work:
        sign_transfer(work, reference)
    with work_as(HELEN) as work:
        undo_target(work, reference)
    assert standing(session) == []


@on_both
def test_a_window_that_begins_on_the_signed_day_voids_nothing(
    work_as: WorkAs, session: Session
) -> None:
    reference, _ = signed_case(work_as)
    before = standing(session)
    window = Target(on=SIGNED_FOR, window_to=SIGNED_FOR + timedelta(days=7))
    with work_as(RUTH) as work:
        move_target(work, reference, window, TargetReason.OTHER)
    assert standing(session) == before != []


@on_both
def test_a_pause_voids_what_was_signed(work_as: WorkAs, session: Session) -> None:
    reference, _ = signed_case(work_as)
    with work_as(RUTH) as work:
        pause_case(work, reference, PauseReason.IN_HOSPITAL, review_on=date(2027, 1, 11))
    assert standing(session) == []
    with work_as(HELEN) as work, pytest.raises(RuleBroken, match="paused"):
        sign_transfer(work, reference)
    with work_as(RUTH) as work:
        resume_case(work, reference)
        sign_transfer(work, reference)


@on_both
def test_what_is_open_again_on_the_date_lets_nothing_switch(
    work_as: WorkAs, session: Session
) -> None:
    reference, _ = signed_case(work_as)
    with work_as(RUTH) as work:
        put_back(work, reference, "MV-05")
    with work_as(THE_TIMETABLE, SWITCHED_AT) as work:
        assert not switch_transfer(work, reference)
    assert standing(session) == []
    assert set(leads(session, SIGNED_FOR).values()) == {"jacksplace"}
    voided = session.scalars(select(TransferSignature)).all()
    assert {one.voided for one in voided} == {Voided.OPEN_AGAIN}


@on_both
def test_a_window_is_no_day_to_sign(work_as: WorkAs) -> None:
    reference, _ = ready_case(work_as)
    with work_as(RUTH) as work:
        window = Target(on=SIGNED_FOR, window_to=date(2026, 12, 20))
        move_target(work, reference, window, TargetReason.OTHER)
    with work_as(HELEN) as work, pytest.raises(RuleBroken, match="Choose one day"):
        sign_transfer(work, reference)


@on_both
def test_a_case_without_a_handover_has_nothing_to_sign(work_as: WorkAs) -> None:
    with work_as(RUTH) as work:
        reference = planned_case(work).reference
    with work_as(RUTH) as work, pytest.raises(RuleBroken, match="no transfer to sign"):
        sign_transfer(work, reference)


@on_both
def test_the_timetable_lets_it_take_effect_once(
    app: Tracker, work_as: WorkAs, session: Session
) -> None:
    signed_case(work_as)
    app.config["CLOCK"].instant = SWITCHED_AT.astimezone(UTC)
    run_due(app)
    run_due(app)
    stages = session.scalars(select(StageChange).where(StageChange.event == "sign_transfer"))
    assert [one.now for one in stages] == [Stage.SETTLING]
