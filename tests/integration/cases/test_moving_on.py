"""Moving a case on: to preparing, to planning, and no further by itself."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import WorkAs, accepted_case, on_both, opened_case, planned_case, record_done
from tests.people import HELEN, PETER, PRIYA, RUTH
from transition.actions.case_changes import missing_for, renew_next_due
from transition.actions.cases import move_on, record_sharing, set_target
from transition.actions.readiness import waits_for
from transition.actions.work import NotFound
from transition.records.audit import Change, trail_of
from transition.records.cases import Case
from transition.records.histories import Sharing, TargetDateChange, stage_changes_of
from transition.rules.errors import RuleBroken
from transition.rules.handovers import SharingBasis
from transition.rules.pathway import Stage
from transition.rules.stages import StageEvent

PREPARED = {"ID-02", "ID-03", "ID-05"}
PLANNED = {"PR-02", "PR-03", "PR-10"}

NOT_YOURS = "Only the children's hospice whose case it is can do this."
UNTOLD = "The young person and family have not yet been told what transition means."
UNNAMED = "A named worker has not yet been agreed with the young person."
UNASKED = "Agreement to share, or an objection, has not yet been recorded."
UNWRITTEN = "The transition plan has not yet been written."
UNREVIEWED = "There has been no review meeting in the last 12 months."
UNTOLD_HOSPICE = "The local adult hospice has not yet been identified and given early notice."


@pytest.fixture
def reference(work_as: WorkAs) -> str:
    with work_as(RUTH) as work:
        return opened_case(work).reference


@pytest.mark.parametrize(
    ("code", "sentence"), [("ID-02", UNTOLD), ("ID-03", UNNAMED), ("ID-05", UNASKED)]
)
def test_preparing_waits_for_each_thing_and_says_it(
    work_as: WorkAs, reference: str, code: str, sentence: str
) -> None:
    with work_as(RUTH) as work:
        record_done(work, work.case(reference).case, PREPARED - {code})
    with pytest.raises(RuleBroken) as refusal, work_as(RUTH) as work:
        move_on(work, reference)
    assert str(refusal.value) == sentence


def test_everything_that_is_missing_is_said_at_once(work_as: WorkAs, reference: str) -> None:
    with pytest.raises(RuleBroken) as refusal, work_as(RUTH) as work:
        move_on(work, reference)
    assert str(refusal.value) == f"{UNTOLD} {UNNAMED} {UNASKED}"


@pytest.mark.parametrize(
    ("code", "sentence"), [("PR-03", UNWRITTEN), ("PR-02", UNREVIEWED), ("PR-10", UNTOLD_HOSPICE)]
)
def test_planning_waits_for_each_thing_and_says_it(
    work_as: WorkAs, reference: str, code: str, sentence: str
) -> None:
    with work_as(RUTH) as work:
        record_done(work, work.case(reference).case, (PREPARED | PLANNED) - {code})
        move_on(work, reference)
    with pytest.raises(RuleBroken) as refusal, work_as(RUTH) as work:
        move_on(work, reference)
    assert str(refusal.value) == sentence


def test_a_review_of_more_than_a_year_ago_does_not_count(work_as: WorkAs, reference: str) -> None:
    with work_as(RUTH) as work:
        case = work.case(reference).case
        record_done(work, case, PREPARED | PLANNED - {"PR-02"})
        record_done(work, case, {"PR-02"}, on=date(2025, 11, 22))
        move_on(work, reference)
    with pytest.raises(RuleBroken, match="no review meeting"), work_as(RUTH) as work:
        move_on(work, reference)


@on_both
def test_a_case_moves_on_twice_and_each_step_is_told(
    work_as: WorkAs, reference: str, session: Session
) -> None:
    with work_as(RUTH) as work:
        record_done(work, work.case(reference).case, PREPARED | PLANNED)
    with work_as(RUTH) as work:
        assert move_on(work, reference).stage is Stage.PREPARING
    with work_as(PRIYA, at=datetime(2026, 11, 24, 9, tzinfo=UTC)) as work:
        assert move_on(work, reference).stage is Stage.PLANNING
        uid = work.case(reference).case.uid
    told = [(change.was, change.now) for change in stage_changes_of(session, uid)]
    assert told == [
        (None, Stage.IDENTIFIED),
        (Stage.IDENTIFIED, Stage.PREPARING),
        (Stage.PREPARING, Stage.PLANNING),
    ]
    moves = [one for one in trail_of(session, reference) if one.action == "stage:moved"]
    assert [one.fields for one in moves] == ["stage", "stage"]


def test_somebody_too_young_is_planned_for_by_a_lead_who_says_why(work_as: WorkAs) -> None:
    with work_as(RUTH) as work:
        reference = opened_case(work, date_of_birth=date(2011, 6, 1)).reference
        record_done(work, work.case(reference).case, PREPARED | PLANNED)
        move_on(work, reference)
    for who, why in ((RUTH, "Her health changes quickly."), (PRIYA, " ")):
        with pytest.raises(RuleBroken, match="15 years and 6 months"), work_as(who) as work:
            move_on(work, reference, why_early=why)
    with work_as(PRIYA) as work:
        assert move_on(work, reference, why_early="Health changes.").stage is Stage.PLANNING


def test_from_planning_on_a_case_moves_by_its_handover(work_as: WorkAs) -> None:
    with work_as(RUTH) as work:
        reference = planned_case(work).reference
    with pytest.raises(RuleBroken, match="moves on by its handover"), work_as(RUTH) as work:
        move_on(work, reference)


def test_a_paused_case_does_not_move(work_as: WorkAs, reference: str) -> None:
    with work_as(RUTH) as work:
        work.case(reference).case.paused = True
    with pytest.raises(RuleBroken, match="paused"), work_as(RUTH) as work:
        move_on(work, reference)


def test_the_hospice_that_received_a_case_cannot_move_it(
    work_as: WorkAs,
) -> None:
    handed_over, _ = accepted_case(work_as)
    with pytest.raises(RuleBroken) as refusal, work_as(HELEN) as work:
        move_on(work, handed_over)
    assert str(refusal.value) == NOT_YOURS


@on_both
def test_a_case_of_others_is_not_found(work_as: WorkAs, reference: str) -> None:
    for who in (HELEN, PETER):
        with pytest.raises(NotFound) as refusal, work_as(who) as work:
            move_on(work, reference)
        assert str(refusal.value) == "There is no case with this reference."
    with pytest.raises(NotFound, match="no case with this reference"), work_as(RUTH) as work:
        move_on(work, "NHJ-XXXX-X")


def test_who_cannot_see_a_case_is_told_nothing_of_what_it_lacks(
    work_as: WorkAs, reference: str
) -> None:
    with work_as(RUTH) as work:
        uid = work.case(reference).case.uid
    with work_as(PETER) as work:
        case = work.session.get_one(Case, uid)
        before = case.next_due
        assert missing_for(work, case, StageEvent.PREPARE) == (NOT_YOURS,)
        with pytest.raises(NotFound):
            waits_for(work, case)
        renew_next_due(work, case)
        assert case.next_due == before


def test_each_basis_for_sharing_is_kept_and_the_newest_stands(
    work_as: WorkAs, reference: str, session: Session
) -> None:
    for basis, limits in (
        (SharingBasis.OBJECTED, None),
        (SharingBasis.AGREED_LIMITED, "No school."),
    ):
        with work_as(RUTH) as work:
            record_sharing(work, work.case(reference).case, basis, limits=limits)
    told = session.scalars(select(Sharing)).all()
    assert {(row.basis, row.detail) for row in told} == {
        (SharingBasis.OBJECTED, None),
        (SharingBasis.AGREED_LIMITED, "No school."),
    }
    assert session.scalars(select(Case)).one().sharing_basis is SharingBasis.AGREED_LIMITED
    assert trail_of(session, reference)[-1].action == "sharing:recorded"


@on_both
def test_a_target_date_is_kept_with_what_it_was_before(
    work_as: WorkAs, reference: str, session: Session
) -> None:
    first, second = date(2027, 6, 1), date(2027, 9, 1)
    for target in (first, second, second):
        with work_as(RUTH) as work:
            set_target(work, work.case(reference).case, target, reason_code="agreed")
    changes = session.scalars(select(TargetDateChange)).all()
    assert {(one.was_on, one.now_on) for one in changes} == {(None, first), (first, second)}
    case = session.scalars(select(Case)).one()
    assert (case.target_transfer_on, case.target_set_on) == (second, date(2026, 11, 23))
    change = session.scalars(select(Change)).all()[-1]
    assert set(change.body) == {"target_transfer_on"}
