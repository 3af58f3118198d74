"""What both hospices agree on after a transfer: it is completed, or somebody comes back."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from tests.builders import WorkAs, accepted_case, on_both
from tests.integration.settling.steps import (
    LATER,
    MONDAY,
    check_in,
    reviewed_case,
    transferred_case,
)
from tests.people import ANNA, HELEN, IDRIS, MINA, PETER, PRIYA, RUTH
from transition.actions.agreements import (
    come_back,
    come_back_urgently,
    complete,
    complete_alone,
    take_back_agreement,
)
from transition.actions.milestones import Recorded, record_outcome
from transition.actions.own_milestones import NewMilestone, add_milestone
from transition.actions.settling import record_check_in
from transition.actions.work import ChangedMeanwhile, NotFound
from transition.app import Tracker
from transition.records.cases import Case, find_case
from transition.records.dues import Asking, dues_of_case
from transition.records.handovers import handovers_of, open_lead_handover
from transition.records.histories import episodes_of, stage_changes_of, target_changes_of
from transition.records.ledger import ledger_of
from transition.records.milestones import outcomes_of
from transition.records.outbox import QueuedLetter
from transition.rules.access import CaseAccess
from transition.rules.digests import DueKind
from transition.rules.errors import RuleBroken
from transition.rules.handovers import Function, HandoverState
from transition.rules.ledger import Position, breaches
from transition.rules.milestones import OutcomeKind
from transition.rules.pathway import Owner, Stage
from transition.rules.people import THE_TIMETABLE, Actor
from transition.rules.settling import Agreed
from transition.rules.stages import Ending, StageEvent

pytestmark = on_both

WHY = "She is frightened of the journey."


@pytest.fixture
def done(work_as: WorkAs) -> str:
    """A case in which all is done that completing it waits for, from `LATER` on."""
    return reviewed_case(work_as)


@pytest.fixture
def reference(work_as: WorkAs) -> str:
    """A case that was transferred to Rowans a week ago."""
    return transferred_case(work_as)


def case_of(session: Session, reference: str) -> Case:
    session.rollback()
    return session.query(Case).filter_by(reference=reference).one()


def sign(work_as: WorkAs, reference: str, *people: str, at: datetime = LATER) -> list[bool]:
    signed = []
    for who in people:
        with work_as(who, at) as work:
            signed.append(complete(work, reference))
    return signed


def waits(app: Tracker, session: Session, reference: str, today: date) -> list[str]:
    asking = Asking(THE_TIMETABLE, today, app.config["CATALOGUE"])
    dues = dues_of_case(session, case_of(session, reference).uid, asking, waits=True)
    assert dues is not None
    found = [one for one in dues.waiting if one.kind is DueKind.SETTLING]
    return [f"{one.code} {one.owner.value} {one.due_on}" for one in found]


def test_two_signatures_of_two_hospices_complete_it(
    work_as: WorkAs, session: Session, done: str
) -> None:
    assert sign(work_as, done, RUTH, HELEN) == [False, True]

    case = case_of(session, done)
    (handover,) = handovers_of(session, case.uid)
    assert case.stage is Stage.COMPLETED
    assert (handover.state, handover.closed_at) == (HandoverState.CLOSED, LATER)
    assert episodes_of(session, case.uid)[-1].ended_on == LATER.date()
    assert stage_changes_of(session, case.uid)[-1].event == StageEvent.COMPLETE
    seen = find_case(session, done, reader=work_actor(work_as, MINA))
    assert seen is not None
    assert seen.access is CaseAccess.SHARED


def work_actor(work_as: WorkAs, email: str) -> Actor:
    with work_as(email) as work:
        return work.actor


def test_the_first_signature_alone_has_no_effect_and_is_waited_on(
    app: Tracker, work_as: WorkAs, session: Session, done: str
) -> None:
    assert waits(app, session, done, LATER.date()) == ["sign shared 2027-06-16"]
    sign(work_as, done, HELEN)

    case = case_of(session, done)
    assert case.stage is Stage.SETTLING
    assert handovers_of(session, case.uid)[0].state is HandoverState.FOLLOWED_UP
    assert waits(app, session, done, LATER.date()) == ["second childrens 2027-06-16"]


@pytest.mark.parametrize("second", [RUTH, ANNA, PRIYA])
def test_two_people_of_one_hospice_are_one_signature(
    work_as: WorkAs, session: Session, done: str, second: str
) -> None:
    sign(work_as, done, RUTH)
    with pytest.raises(ChangedMeanwhile, match="answered this"):
        sign(work_as, done, second)
    assert case_of(session, done).stage is Stage.SETTLING


def test_an_adult_worker_does_not_sign(work_as: WorkAs, done: str) -> None:
    with pytest.raises(RuleBroken, match="It is not yours"):
        sign(work_as, done, MINA)


def test_on_the_last_of_the_six_months_it_is_too_early(work_as: WorkAs, done: str) -> None:
    last = datetime(2027, 5, 16, 9, tzinfo=UTC)
    with pytest.raises(RuleBroken, match="six months after the transfer are not over"):
        sign(work_as, done, RUTH, at=last)
    sign(work_as, done, RUTH, at=last + timedelta(days=1))


def test_what_is_open_keeps_it_open(work_as: WorkAs, reference: str) -> None:
    with pytest.raises(
        RuleBroken, match=r"First adult contact.*Children's named worker.*Six-month"
    ):
        sign(work_as, reference, RUTH)


def test_a_signature_is_taken_back_while_the_other_is_waited_for(
    work_as: WorkAs, session: Session, done: str
) -> None:
    sign(work_as, done, RUTH)
    with work_as(ANNA, LATER) as work:
        take_back_agreement(work, done, Agreed.COMPLETED)
    with pytest.raises(RuleBroken, match="has not agreed"), work_as(ANNA, LATER) as work:
        take_back_agreement(work, done, Agreed.COMPLETED)
    assert sign(work_as, done, HELEN, RUTH) == [False, True]
    assert case_of(session, done).stage is Stage.COMPLETED


@pytest.mark.parametrize(
    ("on", "words"),
    [("2027-06-15", "20 working days from your signature"), ("2027-06-16", "20 working days")],
)
def test_silence_completes_alone_after_twenty_working_days_and_not_before(
    work_as: WorkAs, session: Session, done: str, on: str, words: str
) -> None:
    sign(work_as, done, RUTH)
    early = datetime.fromisoformat(f"{on}T09:00:00+00:00")
    with pytest.raises(RuleBroken, match=words), work_as(PRIYA, early) as work:
        complete_alone(work, done)
    after = datetime(2027, 6, 17, 9, tzinfo=UTC)
    with pytest.raises(RuleBroken, match="It is not yours"), work_as(RUTH, after) as work:
        complete_alone(work, done)
    with work_as(PRIYA, after) as work:
        complete_alone(work, done)
    case = case_of(session, done)
    assert case.stage is Stage.COMPLETED
    assert stage_changes_of(session, case.uid)[-1].event == StageEvent.COMPLETE_ALONE


def test_nobody_completes_alone_what_is_not_signed_or_open(
    work_as: WorkAs, done: str, reference: str
) -> None:
    with pytest.raises(RuleBroken, match="Your hospice signs first"), work_as(PRIYA, LATER) as work:
        complete_alone(work, done)
    with pytest.raises(RuleBroken, match="still open"), work_as(PRIYA, LATER) as work:
        complete_alone(work, reference)


def leads(session: Session, reference: str, day: date) -> set[str]:
    """Return who leads on a day; each function has exactly one lead from then on."""
    spans = [row.span for row in ledger_of(session, case_of(session, reference).uid)]
    assert breaches(spans, Function, day) == ()
    return {
        span.service
        for span in spans
        if span.position is Position.LEAD
        if span.from_on <= day and (span.to_on is None or day < span.to_on)
    }


def test_both_leads_bring_somebody_back_and_one_alone_does_not(
    app: Tracker, work_as: WorkAs, session: Session, reference: str
) -> None:
    with work_as(HELEN) as work:
        assert not come_back(work, reference, reason=WHY)
    assert case_of(session, reference).stage is Stage.SETTLING
    assert waits(app, session, reference, MONDAY) == ["come_back childrens 2026-11-30"]
    assert leads(session, reference, MONDAY) == {"rowans", "jacksplace"}
    with work_as(PRIYA) as work:
        assert come_back(work, reference, reason=WHY)

    case = case_of(session, reference)
    (handover,) = handovers_of(session, case.uid)
    assert (case.stage, case.receiver, case.transferred_on) == (Stage.PLANNING, None, None)
    assert (handover.state, open_lead_handover(session, case.uid)) == (
        HandoverState.WITHDRAWN,
        None,
    )
    assert leads(session, reference, MONDAY) == {"jacksplace"}
    assert leads(session, reference, MONDAY - timedelta(days=1)) == {"rowans", "jacksplace"}


def test_a_return_is_a_new_attempt_that_plans_its_own_move(
    work_as: WorkAs, session: Session, reference: str
) -> None:
    minibus = NewMilestone(title="Book the minibus", stage=Stage.MOVING, owner=Owner.CHILDRENS)
    with work_as(RUTH) as work:
        record_check_in(work, reference, check_in(work))
        own = add_milestone(work, reference, minibus).code
        record_outcome(work, reference, own, Recorded(kind=OutcomeKind.DONE, done_on=MONDAY))
    with work_as(PRIYA) as work:
        come_back_urgently(work, reference, reason=WHY)

    case = case_of(session, reference)
    assert [(one.number, one.began_on, one.ended_on) for one in episodes_of(session, case.uid)] == [
        (1, case.opened_on, MONDAY),
        (2, MONDAY, None),
    ]
    open_again = {"PL-01", "HO-01", "HO-02", "SE-03"}
    kept = outcomes_of(session, case.uid).keys()
    assert not open_again & kept
    assert {"ID-02", "PR-02", "PR-03", own} <= kept
    assert case.target_transfer_on is None
    assert target_changes_of(session, case.uid)[-1].reason_code == "returned"
    last = stage_changes_of(session, case.uid)[-1]
    assert (last.event, last.note) == (StageEvent.COME_BACK_URGENTLY, WHY)


def test_whoever_had_a_part_is_told_and_the_receiver_keeps_a_stub(
    work_as: WorkAs, session: Session, reference: str
) -> None:
    with work_as(PRIYA) as work:
        come_back_urgently(work, reference, reason=WHY)
    session.rollback()
    told = session.query(QueuedLetter).filter_by(kind="case_changed").all()
    assert {HELEN, IDRIS, MINA, RUTH} == {one.recipient.email for one in told}
    seen = find_case(session, reference, reader=work_actor(work_as, HELEN))
    assert seen is not None
    assert seen.access is CaseAccess.STUB


def test_who_may_bring_somebody_back(work_as: WorkAs, reference: str) -> None:
    for who in (RUTH, MINA):
        with pytest.raises(RuleBroken, match="It is not yours"), work_as(who) as work:
            come_back(work, reference, reason=WHY)
    with pytest.raises(RuleBroken, match="It is not yours"), work_as(HELEN) as work:
        come_back_urgently(work, reference, reason=WHY)
    with pytest.raises(RuleBroken, match="Say why"), work_as(PRIYA) as work:
        come_back_urgently(work, reference, reason=" ")
    with pytest.raises(NotFound), work_as(PETER) as work:
        come_back(work, reference, reason=WHY)


def test_there_is_nothing_to_agree_on_before_a_transfer_or_after_an_end(
    work_as: WorkAs, reference: str
) -> None:
    other, _ = accepted_case(work_as)
    with pytest.raises(RuleBroken, match="after the transfer"), work_as(PRIYA) as work:
        complete(work, other)
    with work_as(HELEN) as work:
        handover = open_lead_handover(work.session, work.case(reference).case.uid)
        assert handover is not None
        handover.leads = False
    with pytest.raises(NotFound), work_as(HELEN) as work:
        complete(work, reference)
    with work_as(HELEN) as work:
        case = work.case(reference).case
        case.ending, case.ended_at = Ending.OTHER_PROVIDER, work.now
    with pytest.raises(RuleBroken, match="has ended"), work_as(HELEN) as work:
        complete(work, reference)


def test_who_was_only_asked_agrees_to_nothing(work_as: WorkAs, reference: str) -> None:
    with work_as(HELEN) as work:
        handover = open_lead_handover(work.session, work.case(reference).case.uid)
        assert handover is not None
        handover.state = HandoverState.PROPOSED
    with pytest.raises(RuleBroken, match="Only those who share"), work_as(HELEN) as work:
        complete(work, reference)


def test_a_return_after_the_first_signature_ends_that_too(
    work_as: WorkAs, session: Session, done: str
) -> None:
    sign(work_as, done, RUTH)
    with work_as(PRIYA, LATER) as work:
        come_back_urgently(work, done, reason=WHY)
    assert case_of(session, done).stage is Stage.PLANNING
