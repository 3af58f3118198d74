"""Recording what became of a milestone, and putting it back on the list."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import WorkAs, accepted_case, on_both, opened_case, uid_of
from tests.people import HELEN, MINA, PETER, PRIYA, RUTH
from transition.actions.milestones import Recorded, put_back, record_outcome
from transition.actions.work import NotFound
from transition.records.audit import Change, trail_of
from transition.records.cases import Case
from transition.records.milestones import MilestoneOutcome, outcomes_of
from transition.rules.errors import RuleBroken
from transition.rules.milestones import Confirmed, Outcome, OutcomeKind
from transition.rules.stages import Ending

TODAY = date(2026, 11, 23)
NEXT_YEAR = datetime(2027, 11, 22, 9, tzinfo=UTC)


def done(on: date | None = TODAY, confirmed: Confirmed | None = Confirmed.YES) -> Recorded:
    return Recorded(kind=OutcomeKind.DONE, done_on=on, confirmed=confirmed, evidence_note="Seen.")


def not_needed(reason: str | None = "Done elsewhere.") -> Recorded:
    return Recorded(kind=OutcomeKind.NOT_APPLICABLE, reason=reason)


@pytest.fixture
def reference(work_as: WorkAs) -> str:
    with work_as(RUTH) as work:
        return opened_case(work).reference


def standing(session: Session) -> dict[str, MilestoneOutcome]:
    session.rollback()
    return outcomes_of(session, session.scalars(select(Case)).one().uid)


@on_both
def test_what_was_done_is_kept_with_its_day_and_its_note(
    work_as: WorkAs, reference: str, session: Session
) -> None:
    with work_as(RUTH) as work:
        record_outcome(work, reference, "ID-04", done())
    row = standing(session)["ID-04"]
    assert (row.kind, row.done_on, row.evidence_note) == (OutcomeKind.DONE, TODAY, "Seen.")
    assert (row.closed_at, row.replaces_uid) == (None, None)
    assert row.value == Outcome(OutcomeKind.DONE, TODAY)


def test_the_trail_names_the_milestone_and_keeps_what_it_was(
    work_as: WorkAs, reference: str, session: Session
) -> None:
    with work_as(RUTH) as work:
        record_outcome(work, reference, "ID-04", done())
    entry = trail_of(session, reference)[-1]
    assert (entry.action, entry.object, entry.fields) == ("milestone:recorded", "ID-04", "outcome")
    change = session.get_one(Change, bytes.fromhex(entry.change_uid or ""))
    assert change.body == {"outcome": [None, "done"]}


def test_what_is_due_next_moves_on_when_the_first_is_done(
    work_as: WorkAs, reference: str, session: Session
) -> None:
    before = session.scalars(select(Case)).one().next_due
    with work_as(RUTH) as work:
        record_outcome(work, reference, before["code"], done())
    session.rollback()
    after = session.scalars(select(Case)).one().next_due
    assert after["code"] != before["code"]
    with work_as(RUTH) as work:
        put_back(work, reference, before["code"])
    session.rollback()
    assert session.scalars(select(Case)).one().next_due == before


def test_not_needed_is_kept_with_its_reason(
    work_as: WorkAs, reference: str, session: Session
) -> None:
    with work_as(RUTH) as work:
        record_outcome(work, reference, "PR-02", not_needed())
    row = standing(session)["PR-02"]
    assert (row.kind, row.reason) == (OutcomeKind.NOT_APPLICABLE, "Done elsewhere.")


@pytest.mark.parametrize(
    ("recorded", "sentence"),
    [
        (done(on=None), "Enter the date on which this was done."),
        (done(on=date(2026, 11, 24)), "a day that has not come yet"),
        (done(on=date(2019, 6, 14)), "before the young person was 10"),
        (done(confirmed=None), "Say whether the young person or family confirms it."),
        (not_needed(None), "Say why this is not needed."),
        (not_needed(" "), "Say why this is not needed."),
        (Recorded(kind=OutcomeKind.WAIVED, reason="Urgent."), "Only a children's lead may waive"),
    ],
)
def test_something_missing_or_impossible_is_refused(
    work_as: WorkAs, session: Session, reference: str, recorded: Recorded, sentence: str
) -> None:
    with pytest.raises(RuleBroken, match=sentence), work_as(RUTH) as work:
        record_outcome(work, reference, "ID-02", recorded)
    assert standing(session) == {}


def test_a_childrens_lead_waives(work_as: WorkAs, reference: str, session: Session) -> None:
    with work_as(PRIYA) as work:
        waived = Recorded(kind=OutcomeKind.WAIVED, reason="Urgent.")
        record_outcome(work, reference, "ID-02", waived)
    assert standing(session)["ID-02"].kind is OutcomeKind.WAIVED


def test_what_asks_for_no_confirmation_needs_none(
    work_as: WorkAs, reference: str, session: Session
) -> None:
    with work_as(RUTH) as work:
        record_outcome(work, reference, "ID-04", done(confirmed=None))
    assert standing(session)["ID-04"].confirmed is None


def test_what_was_recorded_is_not_recorded_twice(work_as: WorkAs, reference: str) -> None:
    with work_as(RUTH) as work:
        record_outcome(work, reference, "ID-04", done())
    with pytest.raises(RuleBroken) as refusal, work_as(PRIYA) as work:
        record_outcome(work, reference, "ID-04", not_needed())
    assert str(refusal.value) == "This was recorded already. Nothing changed."


@on_both
def test_a_yearly_step_done_again_stands_in_the_earlier_ones_place_until_it_is_undone(
    work_as: WorkAs, reference: str, session: Session
) -> None:
    with work_as(RUTH) as work:
        first = record_outcome(work, reference, "PR-02", done()).uid
    with work_as(RUTH, at=NEXT_YEAR) as work:
        second = record_outcome(work, reference, "PR-02", done(NEXT_YEAR.date())).uid
    row = standing(session)["PR-02"]
    assert (row.uid, row.replaces_uid, row.done_on) == (second, first, NEXT_YEAR.date())
    with work_as(RUTH, at=NEXT_YEAR) as work:
        put_back(work, reference, "PR-02")
    row = standing(session)["PR-02"]
    assert (row.uid, row.done_on, row.closed_by_uid) == (first, TODAY, None)
    with work_as(RUTH, at=NEXT_YEAR) as work:
        put_back(work, reference, "PR-02")
    assert "PR-02" not in standing(session)


def test_putting_back_is_told_and_keeps_the_row(
    work_as: WorkAs, reference: str, session: Session
) -> None:
    with work_as(RUTH) as work:
        record_outcome(work, reference, "ID-04", done())
    with work_as(PRIYA) as work:
        put_back(work, reference, "ID-04")
    assert standing(session) == {}
    (kept,) = session.scalars(select(MilestoneOutcome)).all()
    assert kept.closed_at == datetime(2026, 11, 23, 9, tzinfo=UTC)
    entry = trail_of(session, reference)[-1]
    assert (entry.action, entry.object) == ("milestone:reopened", "ID-04")


def test_what_is_on_the_list_cannot_be_put_back(work_as: WorkAs, reference: str) -> None:
    with pytest.raises(RuleBroken) as refusal, work_as(RUTH) as work:
        put_back(work, reference, "ID-04")
    assert str(refusal.value) == "This is on the list already. Nothing changed."


def test_there_is_no_such_milestone(work_as: WorkAs, reference: str) -> None:
    with pytest.raises(NotFound) as refusal, work_as(RUTH) as work:
        record_outcome(work, reference, "XX-99", done())
    assert str(refusal.value) == "There is no such milestone on this case."
    with pytest.raises(NotFound, match="no such milestone"), work_as(RUTH) as work:
        put_back(work, reference, "XX-99")


def test_each_hospice_records_its_own_steps(work_as: WorkAs) -> None:
    reference, _ = accepted_case(work_as)
    with work_as(HELEN) as work:
        record_outcome(work, reference, "MV-07", done())
        record_outcome(work, reference, "MV-02", done())  # shared
    for who, code in ((RUTH, "SE-01"), (HELEN, "MV-03")):
        with pytest.raises(RuleBroken) as refusal, work_as(who) as work:
            record_outcome(work, reference, code, done())
        assert str(refusal.value).startswith("This step belongs to the other hospice.")
        with pytest.raises(RuleBroken, match="other hospice"), work_as(who) as work:
            put_back(work, reference, code)


@on_both
def test_a_worker_sees_only_the_case_on_which_she_is_named(
    work_as: WorkAs, session: Session
) -> None:
    mina = uid_of(session, MINA)
    named, _ = accepted_case(work_as, adult_worker_uid=mina, adult_worker_by=None)
    other, _ = accepted_case(work_as)
    with work_as(MINA) as work:
        record_outcome(work, named, "MV-07", done())
    for who in (MINA, PETER):
        with pytest.raises(NotFound), work_as(who) as work:
            record_outcome(work, other, "MV-07", done())


def test_a_case_that_ended_is_not_worked_on(work_as: WorkAs, reference: str) -> None:
    with work_as(RUTH) as work:
        case = work.case(reference).case
        case.ending, case.ended_at = Ending.MOVED_AWAY, work.now
    with pytest.raises(RuleBroken, match="has ended"), work_as(RUTH) as work:
        record_outcome(work, reference, "ID-04", done())
