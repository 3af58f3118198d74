"""Notes, joint visits, documents and alerts: who writes, who reads, and what the trail keeps."""

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import WorkAs, accepted_case, on_both, opened_case, proposed_handover
from tests.people import ANNA, HELEN, PETER, RUTH
from transition.actions.beside import (
    NewDocument,
    NewNote,
    NewVisit,
    VisitReport,
    change_document,
    correct_note,
    edit_note,
    end_alert,
    keep_document,
    plan_visit,
    record_visit,
    remove_document,
    review_alert,
    set_alert,
    write_note,
)
from transition.actions.deaths import record_death
from transition.actions.work import NotFound, Work
from transition.records.alerts import alerts_of
from transition.records.audit import Change, trail_of
from transition.records.beside import rows_beside
from transition.records.cases import Case
from transition.records.documents import CaseDocument
from transition.records.milestones import outcomes_of
from transition.records.notes import CaseNote
from transition.records.visits import JointVisit
from transition.rules.beside import (
    DocumentKind,
    NoteKind,
    Sharing,
    VisitOutcome,
    VisitPlace,
    VisitState,
)
from transition.rules.errors import RuleBroken
from transition.rules.milestones import Confirmed

if TYPE_CHECKING:
    from collections.abc import Callable

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
TODAY = date(2026, 11, 23)
SOON = date(2026, 12, 7)


@pytest.fixture
def opened(work_as: WorkAs) -> str:
    """A case of Ruth's that no hospice was asked about."""
    with work_as(RUTH) as work:
        return opened_case(work).reference


@pytest.fixture
def shared(work_as: WorkAs) -> str:
    """A case that Rowans has accepted."""
    return accepted_case(work_as)[0]


def note(**words: Any) -> NewNote:  # noqa: ANN401 - any field of it
    told: dict[str, Any] = {
        "kind": NoteKind.VISIT,
        "sharing": Sharing.TEAM,
        "happened_on": TODAY,
        "words": "She keeps her Thursday music session.",
    }
    return NewNote(**told | words)


def document(**words: Any) -> NewDocument:  # noqa: ANN401 - any field of it
    told: dict[str, Any] = {
        "kind": DocumentKind.CARE_PLAN,
        "sharing": Sharing.BOTH,
        "title": "Care plan 2026",
        "place": "Held by the GP",
    }
    return NewDocument(**told | words)


def visit(**words: Any) -> NewVisit:  # noqa: ANN401 - any field of it
    told: dict[str, Any] = {"place": VisitPlace.HOME, "visit_on": TODAY}
    return NewVisit(**told | words)


def case_uid(session: Session, reference: str) -> bytes:
    session.rollback()
    return session.scalars(select(Case.uid).where(Case.reference == reference)).one()


def read_by(session: Session, reference: str, kind: type[Any], reader: str) -> list[Any]:
    return list(rows_beside(session, kind, case_uid(session, reference), reader=reader))


def changes_of(session: Session, reference: str, action: str) -> list[dict[str, Any]]:
    """Return what each entry of this kind says changed."""
    session.rollback()
    found = []
    for entry in trail_of(session, reference):
        if entry.action == action:
            change = session.get_one(Change, bytes.fromhex(entry.change_uid or ""))
            found.append(change.body)
    return found


# --- notes --------------------------------------------------------------------------------------


@on_both
def test_a_note_for_the_team_is_read_by_the_team_alone(
    work_as: WorkAs, shared: str, session: Session
) -> None:
    with work_as(RUTH) as work:
        write_note(work, shared, note())
        write_note(work, shared, note(words="For both.", sharing=Sharing.BOTH))
    with work_as(HELEN) as work:
        write_note(work, shared, note(words="Ours."))
        write_note(work, shared, note(words="For you.", sharing=Sharing.FAMILY))
    words = [one.words for one in read_by(session, shared, CaseNote, "naomi")]
    assert words == ["For you.", "For both.", "She keeps her Thursday music session."]
    words = [one.words for one in read_by(session, shared, CaseNote, "rowans")]
    assert words == ["For you.", "Ours.", "For both."]
    assert read_by(session, shared, CaseNote, "oakhaven") == []
    told = [one for one in trail_of(session, shared) if one.action == "note:written"]
    assert [one.object for one in told] == ["note-1", "note-2", "note-3", "note-4"]
    assert "music" not in str([vars(one) for one in told])


def test_there_is_nobody_to_share_with_before_a_hospice_is_chosen(
    work_as: WorkAs, opened: str, session: Session
) -> None:
    with pytest.raises(RuleBroken, match=r"^No hospice is chosen yet"), work_as(RUTH) as work:
        write_note(work, opened, note(sharing=Sharing.BOTH))
    with work_as(RUTH) as work:
        write_note(work, opened, note(sharing=Sharing.FAMILY))
    (row,) = read_by(session, opened, CaseNote, "naomi")
    assert row.shared_with is None


@on_both
def test_a_note_is_edited_on_its_day_and_what_it_said_is_kept(
    work_as: WorkAs, shared: str, session: Session
) -> None:
    with work_as(RUTH) as work:
        write_note(work, shared, note())
    with work_as(RUTH, NOW + timedelta(hours=20)) as work:
        edit_note(work, shared, 1, note(words="Fridays.", sharing=Sharing.BOTH))
    (row,) = read_by(session, shared, CaseNote, "rowans")
    assert row.words == "Fridays."
    assert changes_of(session, shared, "note:changed") == [
        {
            "words": ["She keeps her Thursday music session.", "Fridays."],
            "sharing": ["team", "both"],
        }
    ]


@pytest.mark.parametrize(("who", "after"), [(RUTH, timedelta(days=1)), (ANNA, timedelta())])
def test_an_older_note_or_a_colleagues_is_corrected_and_stays(
    work_as: WorkAs, shared: str, session: Session, who: str, after: timedelta
) -> None:
    with work_as(RUTH) as work:
        write_note(work, shared, note())
    with (
        pytest.raises(RuleBroken, match=r"Write a correction instead\."),
        work_as(who, NOW + after) as work,
    ):
        edit_note(work, shared, 1, note(words="Fridays."))
    with work_as(who, NOW + after) as work:
        correct_note(work, shared, 1, note(words="Fridays."))
    newer, older = read_by(session, shared, CaseNote, "naomi")
    assert (newer.words, older.words) == ("Fridays.", "She keeps her Thursday music session.")
    assert newer.corrects_uid == older.uid


def test_the_other_hospice_corrects_none_of_ours(work_as: WorkAs, shared: str) -> None:
    with work_as(RUTH) as work:
        write_note(work, shared, note(sharing=Sharing.BOTH))
        write_note(work, shared, note())
    with (
        pytest.raises(RuleBroken, match=r"^This was written by the other hospice\."),
        work_as(HELEN) as work,
    ):
        correct_note(work, shared, 1, note())
    with pytest.raises(NotFound), work_as(HELEN) as work:
        correct_note(work, shared, 2, note())


def test_a_note_of_tomorrow_is_refused(work_as: WorkAs, opened: str) -> None:
    tomorrow = note(happened_on=TODAY + timedelta(days=1))
    with work_as(RUTH) as work:
        write_note(work, opened, note())
    attempts: tuple[Callable[[Work], object], ...] = (
        lambda work: write_note(work, opened, tomorrow),
        lambda work: edit_note(work, opened, 1, tomorrow),
        lambda work: correct_note(work, opened, 1, tomorrow),
    )
    for write in attempts:
        with pytest.raises(RuleBroken, match=r"^The date must be"), work_as(RUTH) as work:
            write(work)


def test_nothing_is_written_before_the_case_is_shared_or_after_a_death(work_as: WorkAs) -> None:
    with work_as(RUTH) as work:
        reference = proposed_handover(work)[0].reference
    with (
        pytest.raises(RuleBroken, match=r"^Only those who share this case"),
        work_as(HELEN) as work,
    ):
        write_note(work, reference, note())
    with pytest.raises(NotFound), work_as(PETER) as work:
        write_note(work, reference, note())
    with work_as(RUTH) as work:
        record_death(work, reference, died_on=TODAY)
    with pytest.raises(RuleBroken, match=r"has died, so nothing is added"), work_as(RUTH) as work:
        write_note(work, reference, note())


# --- joint visits -------------------------------------------------------------------------------


@on_both
def test_a_visit_is_planned_moved_and_held_and_completes_what_it_was_for(
    work_as: WorkAs, shared: str, session: Session
) -> None:
    with work_as(HELEN) as work:
        plan_visit(work, shared, visit(at_time="2pm", who_goes="Ruth and Mina"))
    (row,) = read_by(session, shared, JointVisit, "naomi")
    assert (row.state, row.at_time, row.who_goes) == (VisitState.PLANNED, "2pm", "Ruth and Mina")
    with work_as(RUTH) as work:
        moved = VisitReport(outcome=VisitOutcome.MOVED, moved_to=SOON)
        record_visit(work, shared, 1, moved)
    assert changes_of(session, shared, "visit:moved") == [
        {"visit_on": ["2026-11-23", "2026-12-07"]}
    ]
    with work_as(RUTH, NOW + timedelta(days=14)) as work:
        held = VisitReport(
            outcome=VisitOutcome.HELD,
            words="They liked each other.",
            completes=("MV-01", "MV-02"),
            confirmed=Confirmed.YES,
        )
        record_visit(work, shared, 1, held)
    (row,) = read_by(session, shared, JointVisit, "rowans")
    assert (row.state, row.outcome) == (VisitState.HELD, "They liked each other.")
    done = outcomes_of(session, case_uid(session, shared))
    assert (done["MV-01"].done_on, done["MV-02"].done_on) == (SOON, SOON)
    assert done["MV-01"].confirmed is Confirmed.YES


def test_a_visit_that_is_over_stays_so(work_as: WorkAs, shared: str) -> None:
    cancelled = VisitReport(outcome=VisitOutcome.CANCELLED, words="She was unwell.")
    with work_as(RUTH) as work:
        plan_visit(work, shared, visit())
        row = record_visit(work, shared, 1, cancelled)
        assert row.state is VisitState.CANCELLED
    with pytest.raises(RuleBroken, match=r"^This visit is over already\."), work_as(HELEN) as work:
        record_visit(work, shared, 1, cancelled)


@pytest.mark.parametrize(
    ("report", "sentence"),
    [
        (VisitReport(outcome=VisitOutcome.MOVED), "Enter the day to which the visit moves."),
        (
            VisitReport(outcome=VisitOutcome.MOVED, moved_to=date(2026, 11, 1)),
            "A visit is planned for today or later",
        ),
        (VisitReport(outcome=VisitOutcome.HELD), "The date must be today or in the past."),
    ],
)
def test_a_visit_to_come_was_not_held_and_moves_to_a_real_day(
    work_as: WorkAs, shared: str, report: VisitReport, sentence: str
) -> None:
    with work_as(RUTH) as work:
        plan_visit(work, shared, visit(visit_on=SOON))
    with pytest.raises(RuleBroken, match=f"^{sentence}"), work_as(RUTH) as work:
        record_visit(work, shared, 1, report)


def test_a_visit_by_one_hospice_alone_is_no_joint_visit(work_as: WorkAs, opened: str) -> None:
    with pytest.raises(RuleBroken, match=r"^No hospice is chosen yet"), work_as(RUTH) as work:
        plan_visit(work, opened, visit())


# --- documents ----------------------------------------------------------------------------------


@on_both
def test_a_document_is_listed_changed_taken_off_and_put_back(
    work_as: WorkAs, shared: str, session: Session
) -> None:
    with work_as(RUTH) as work:
        keep_document(work, shared, document(dated=date(2026, 10, 2)))
        keep_document(work, shared, document(title="Ours", sharing=Sharing.TEAM))
    assert [one.title for one in read_by(session, shared, CaseDocument, "rowans")] == [
        "Care plan 2026"
    ]
    with work_as(RUTH) as work:
        link = "https://records.example/plan"
        change_document(work, shared, 1, document(link=link, place=None, confirmed_by="Dr Ahmed"))
        remove_document(work, shared, 1)
    row = read_by(session, shared, CaseDocument, "rowans")[0]
    assert (row.link, row.place, row.confirmed_by) == (link, None, "Dr Ahmed")
    assert row.removed_at is not None
    (change,) = changes_of(session, shared, "document:changed")
    assert change["dated"] == ["2026-10-02", None]
    with work_as(RUTH) as work:
        assert remove_document(work, shared, 1, back=True).removed_at is None


def test_a_document_of_the_other_hospice_is_read_and_not_changed(
    work_as: WorkAs, shared: str
) -> None:
    with work_as(RUTH) as work:
        keep_document(work, shared, document())
    attempts: tuple[Callable[[Work], object], ...] = (
        lambda work: change_document(work, shared, 1, document()),
        lambda work: remove_document(work, shared, 1),
    )
    for do in attempts:
        with (
            pytest.raises(RuleBroken, match=r"^This was written by the other"),
            work_as(HELEN) as work,
        ):
            do(work)


def test_a_document_is_somewhere_and_of_no_day_to_come(work_as: WorkAs, opened: str) -> None:
    for new, sentence in (
        (document(sharing=Sharing.TEAM, place=None), "Enter a link, or say where"),
        (document(sharing=Sharing.TEAM, dated=SOON), "The date must be"),
    ):
        with pytest.raises(RuleBroken, match=f"^{sentence}"), work_as(RUTH) as work:
            keep_document(work, opened, new)


# --- alerts -------------------------------------------------------------------------------------


@on_both
def test_an_alert_stands_until_somebody_ends_it(
    work_as: WorkAs, shared: str, session: Session
) -> None:
    with work_as(RUTH) as work:
        set_alert(work, shared, "Do not telephone the home.", review_on=SOON)
    with work_as(HELEN) as work:
        review_alert(work, shared, 1, "Telephone after 4pm.", review_on=date(2027, 1, 4))
    (row,) = alerts_of(session, case_uid(session, shared))
    assert (row.words, row.review_on) == ("Telephone after 4pm.", date(2027, 1, 4))
    assert row.reviewed_by_uid != row.written_by_uid
    with work_as(HELEN) as work:
        end_alert(work, shared, 1)
    assert alerts_of(session, case_uid(session, shared)) == []
    assert changes_of(session, shared, "alert:ended") == [{"words": ["Telephone after 4pm.", None]}]
    with pytest.raises(NotFound), work_as(RUTH) as work:
        end_alert(work, shared, 1)
