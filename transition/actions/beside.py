"""Writing beside the record of a case: notes, joint visits, documents and alerts."""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Final, TypeVar

from transition.actions.milestones import Recorded, record_outcome
from transition.actions.transfers import work_jointly
from transition.actions.work import NotFound, Work
from transition.records.alerts import CaseAlert, alerts_of
from transition.records.beside import BesideRow, next_number, row_beside
from transition.records.cases import Case, SeenCase
from transition.records.documents import CaseDocument
from transition.records.notes import CaseNote
from transition.records.visits import JointVisit
from transition.rules.access import CaseAccess
from transition.rules.beside import (
    DocumentKind,
    NoteKind,
    Sharing,
    VisitOutcome,
    VisitPlace,
    VisitState,
    may_edit_note,
    refuse_after_today,
    refuse_alert,
    refuse_alert_review,
    refuse_visit_on,
    refuse_whereabouts,
)
from transition.rules.errors import RuleBroken
from transition.rules.milestones import Confirmed, OutcomeKind
from transition.rules.stages import Ending

AnyRow = TypeVar("AnyRow", bound=BesideRow)

NOT_SHARED: Final = "Only those who share this case can write in it. Ring the nurse who asked you."
HAS_DIED: Final = "This young person has died, so nothing is added. What you wrote is kept for you."
NOBODY_THERE: Final = "No hospice is chosen yet, so there is nobody to share this with."
NO_SUCH_LINE: Final = "There is no such entry on this case."
NOT_YOURS: Final = "This was written by the other hospice. You can read it, and they change it."
TOO_OLD: Final = "A note can be changed for a day by whoever wrote it. Write a correction instead."
OVER: Final = "This visit is over already. Nothing changed."


@dataclass(frozen=True, kw_only=True)
class NewNote:
    """What somebody writes down after a visit or a call."""

    kind: NoteKind
    sharing: Sharing
    happened_on: date
    words: str


@dataclass(frozen=True, kw_only=True)
class NewVisit:
    """When, where and by whom a young person is visited by both hospices."""

    place: VisitPlace
    visit_on: date
    at_time: str | None = None
    who_goes: str | None = None
    purpose: str | None = None


@dataclass(frozen=True, kw_only=True)
class VisitReport:
    """What became of a planned visit, and the milestones that it completes."""

    outcome: VisitOutcome
    words: str | None = None
    moved_to: date | None = None
    completes: tuple[str, ...] = ()
    confirmed: Confirmed | None = None


@dataclass(frozen=True, kw_only=True)
class NewDocument:
    """What a document is, where it is held, and who has confirmed it."""

    kind: DocumentKind
    sharing: Sharing
    title: str
    link: str | None = None
    place: str | None = None
    dated: date | None = None
    confirmed_by: str | None = None


def write_note(work: Work, reference: str, new: NewNote) -> CaseNote:
    """Write a note and return it.

    Raises:
        RuleBroken: it tells of a day to come, or the case is not the actor's to write in.
        NotFound: this actor has no such case.
    """
    refuse_after_today(new.happened_on, work.today)
    seen = _seen(work, reference)
    note = _keep(work, seen, CaseNote, **asdict(new))
    work.note("note:written", on=seen.case, about=_about(note))
    return note


def edit_note(work: Work, reference: str, number: int, new: NewNote) -> CaseNote:
    """Change a note that the actor wrote within the last day, and return it.

    Raises:
        RuleBroken: it is older, or somebody else's, or it tells of a day to come.
        NotFound: there is no such case or note for this actor.
    """
    refuse_after_today(new.happened_on, work.today)
    seen = _seen(work, reference)
    note = _found(work, seen, CaseNote, number)
    if not may_edit_note(note.written_by_uid, note.written_at, work.actor.uid, work.now):
        raise RuleBroken(TOO_OLD)
    _change(work, seen, note, "note:changed", **asdict(new))
    return note


def correct_note(work: Work, reference: str, number: int, new: NewNote) -> CaseNote:
    """Write a note that corrects an older one of the actor's organisation, and return it.

    Raises:
        RuleBroken: the older one is another organisation's, or it tells of a day to come.
        NotFound: there is no such case or note for this actor.
    """
    refuse_after_today(new.happened_on, work.today)
    seen = _seen(work, reference)
    wrong = _own(work, _found(work, seen, CaseNote, number))
    note = _keep(work, seen, CaseNote, corrects_uid=wrong.uid, **asdict(new))
    work.note("note:corrected", on=seen.case, about=f"note-{wrong.number}")
    return note


def plan_visit(work: Work, reference: str, new: NewVisit) -> JointVisit:
    """Plan a joint visit and return it.

    Raises:
        RuleBroken: no hospice is chosen yet, or the day is past or years ahead.
        NotFound: this actor has no such case.
    """
    refuse_visit_on(new.visit_on, work.today)
    seen = _seen(work, reference)
    visit = _keep(
        work,
        seen,
        JointVisit,
        sharing=Sharing.BOTH,
        state=VisitState.PLANNED,
        **asdict(new),
    )
    _tell(work, seen, visit, "visit:planned", ("visit_on", "place"))
    return visit


def record_visit(work: Work, reference: str, number: int, report: VisitReport) -> JointVisit:
    """Record what became of a planned visit, with the milestones that it completes.

    Raises:
        RuleBroken: it is over already, has not come yet, or moves to no day.
        NotFound: there is no such case or visit for this actor.
    """
    seen = _seen(work, reference)
    visit = _found(work, seen, JointVisit, number)
    if visit.state is not VisitState.PLANNED:
        raise RuleBroken(OVER)
    if report.outcome is VisitOutcome.MOVED:
        _move(work, seen, visit, report)
        return visit
    if report.outcome is VisitOutcome.HELD:
        refuse_after_today(visit.visit_on, work.today)
    state = VisitState(report.outcome.value)
    _change(work, seen, visit, f"visit:{state.value}", state=state, outcome=report.words)
    if state is VisitState.HELD:
        _complete(work, reference, visit, report)
        work_jointly(work, seen.case)
    return visit


def keep_document(work: Work, reference: str, new: NewDocument) -> CaseDocument:
    """Write down where a document is held, and return the entry.

    Raises:
        RuleBroken: it is not said where, or the link is none, or its date has not come.
        NotFound: this actor has no such case.
    """
    _refuse_document(work, new)
    seen = _seen(work, reference)
    document = _keep(work, seen, CaseDocument, **asdict(new))
    _tell(work, seen, document, "document:kept", ("kind", "title"))
    return document


def change_document(work: Work, reference: str, number: int, new: NewDocument) -> CaseDocument:
    """Change the entry of a document, and return it.

    Raises:
        RuleBroken: it is another organisation's, or what it says cannot be.
        NotFound: there is no such case or document for this actor.
    """
    _refuse_document(work, new)
    seen = _seen(work, reference)
    document = _own(work, _found(work, seen, CaseDocument, number))
    _change(work, seen, document, "document:changed", **asdict(new))
    return document


def remove_document(work: Work, reference: str, number: int, *, back: bool = False) -> CaseDocument:
    """Take an entry off the list of documents, or put it *back*, and return it.

    Raises:
        RuleBroken: it is another organisation's.
        NotFound: there is no such case or document for this actor.
    """
    seen = _seen(work, reference)
    document = _own(work, _found(work, seen, CaseDocument, number))
    document.removed_at = None if back else work.now
    action = "document:put_back" if back else "document:removed"
    work.note(action, on=seen.case, about=f"document-{number}")
    return document


def set_alert(work: Work, reference: str, words: str, *, review_on: date) -> CaseAlert:
    """Put a sentence onto every page of a case until it is ended, and return it.

    Raises:
        RuleBroken: enough alerts stand already, or it is not looked at again within a year.
        NotFound: this actor has no such case.
    """
    seen = _seen(work, reference)
    standing = len(alerts_of(work.session, seen.case.uid))
    refuse_alert(review_on, work.today, standing=standing)
    alert = _keep(
        work,
        seen,
        CaseAlert,
        sharing=None,
        words=words,
        review_on=review_on,
        reviewed_at=work.now,
        reviewed_by_uid=work.actor_uid,
    )
    _tell(work, seen, alert, "alert:set", ("words", "review_on"))
    return alert


def review_alert(
    work: Work, reference: str, number: int, words: str, *, review_on: date
) -> CaseAlert:
    """Say that an alert still holds, in these words, until it is looked at again; return it.

    Raises:
        RuleBroken: it is not looked at again within a year.
        NotFound: there is no such case or alert for this actor.
    """
    refuse_alert_review(review_on, work.today)
    seen = _seen(work, reference)
    alert = _alert(work, seen, number)
    _change(work, seen, alert, "alert:reviewed", words=words, review_on=review_on)
    alert.reviewed_at, alert.reviewed_by_uid = work.now, work.actor_uid
    return alert


def end_alert(work: Work, reference: str, number: int) -> CaseAlert:
    """Take an alert off the pages of a case, and return it.

    Raises:
        NotFound: there is no such case or alert for this actor.
    """
    seen = _seen(work, reference)
    alert = _alert(work, seen, number)
    alert.ended_at = work.now
    changed = {"words": (alert.words, None)}
    work.note("alert:ended", on=seen.case, about=f"alert-{number}", changed=changed)
    return alert


def other_side(case: Case, access: CaseAccess) -> str | None:
    """Return the organisation with which a reader of a case shares what they write, if any."""
    return case.receiver if access is CaseAccess.FULL else case.organisation


def _seen(work: Work, reference: str) -> SeenCase:
    seen = work.case(reference)
    if seen.access < CaseAccess.SHARED:
        raise RuleBroken(NOT_SHARED)
    if seen.case.ending is Ending.DIED:
        raise RuleBroken(HAS_DIED)
    return seen


def _keep(
    work: Work,
    seen: SeenCase,
    row: type[AnyRow],
    *,
    sharing: Sharing | None,
    **values: Any,  # noqa: ANN401 - each column's own type
) -> AnyRow:
    kept = {"sharing": sharing} if hasattr(row, "sharing") else {}
    return work.keep(
        row(
            case_uid=seen.case.uid,
            number=next_number(work.session, row, seen.case.uid),
            organisation=work.actor.organisation,
            shared_with=_shared_with(seen, sharing),
            written_at=work.now,
            written_by_uid=work.actor_uid,
            **kept,
            **values,
        )
    )


def _shared_with(seen: SeenCase, sharing: Sharing | None) -> str | None:
    if sharing in {None, Sharing.TEAM}:
        return None
    other = other_side(seen.case, seen.access)
    if other is None and sharing is Sharing.BOTH:
        raise RuleBroken(NOBODY_THERE)
    return other


def _found(work: Work, seen: SeenCase, kind: type[AnyRow], number: int) -> AnyRow:
    reader = work.actor.organisation
    row = row_beside(work.session, kind, seen.case.uid, number, reader=reader)
    if row is None:
        raise NotFound(NO_SUCH_LINE)
    return row


def _alert(work: Work, seen: SeenCase, number: int) -> CaseAlert:
    standing = alerts_of(work.session, seen.case.uid)
    found = next((one for one in standing if one.number == number), None)
    if found is None:
        raise NotFound(NO_SUCH_LINE)
    return found


def _own(work: Work, row: AnyRow) -> AnyRow:
    if row.organisation != work.actor.organisation:
        raise RuleBroken(NOT_YOURS)
    return row


def _change(
    work: Work,
    seen: SeenCase,
    row: BesideRow,
    action: str,
    **values: Any,  # noqa: ANN401 - each column's own type
) -> None:
    """Change a row to *values*, and put what changed into the trail."""
    changed = {
        name: (getattr(row, name), value)
        for name, value in values.items()
        if getattr(row, name) != value
    }
    for name, (_, value) in changed.items():
        setattr(row, name, value)
    if "sharing" in changed:
        row.shared_with = _shared_with(seen, values["sharing"])
    work.note(action, on=seen.case, about=_about(row), changed=changed)


def _tell(work: Work, seen: SeenCase, row: BesideRow, action: str, fields: tuple[str, ...]) -> None:
    """Put a new row into the trail, with what stands in its chief fields."""
    changed = {name: (None, getattr(row, name)) for name in fields}
    work.note(action, on=seen.case, about=_about(row), changed=changed)


def _about(row: BesideRow) -> str:
    return f"{row.__tablename__.rpartition('_')[2]}-{row.number}"


def _refuse_document(work: Work, new: NewDocument) -> None:
    refuse_whereabouts(new.link, new.place)
    if new.dated is not None:
        refuse_after_today(new.dated, work.today)


def _move(work: Work, seen: SeenCase, visit: JointVisit, report: VisitReport) -> None:
    if report.moved_to is None:
        raise RuleBroken("Enter the day to which the visit moves.")
    refuse_visit_on(report.moved_to, work.today)
    words = report.words or visit.outcome
    _change(work, seen, visit, "visit:moved", visit_on=report.moved_to, outcome=words)


def _complete(work: Work, reference: str, visit: JointVisit, report: VisitReport) -> None:
    for code in report.completes:
        done = Recorded(kind=OutcomeKind.DONE, done_on=visit.visit_on, confirmed=report.confirmed)
        record_outcome(work, reference, code, done)
