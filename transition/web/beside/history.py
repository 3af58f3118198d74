"""The history of a case in plain words: what changed from what to what, by whom; who looked."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from transition.clock import day_and_time
from transition.records.anchors import anchors_of
from transition.records.audit import AuditEntry, changes_in, told_of
from transition.records.cases import SeenCase
from transition.records.documents import CaseDocument
from transition.records.handovers import handovers_of
from transition.records.histories import TargetDateChange, target_changes_of
from transition.records.notes import CaseNote
from transition.records.staff import staff_names
from transition.records.young_people import young_person_of
from transition.rules.access import CaseAccess, Permission
from transition.rules.beside import DocumentKind, NoteKind, Sharing, VisitPlace, VisitState
from transition.rules.handovers import HandoverState, SharingBasis, parse_handover_key
from transition.rules.milestones import Status
from transition.rules.pathway import Stage
from transition.rules.stages import Ending
from transition.rules.targets import TargetReason
from transition.rules.tellings import LOOKED, Reader, Telling, TellingKind, is_told, telling_of
from transition.rules.words import Worded
from transition.web.beside.views import beside, entries
from transition.web.filters import day
from transition.web.guard import requires
from transition.web.pages import PAGE, page_asked, pages
from transition.web.work import catalogue, me, my_case, note_seen, reading

CODES: Final[Mapping[str, tuple[type[Worded], ...]]] = {
    "stage": (Stage,),
    "ending": (Ending,),
    "state": (HandoverState, VisitState),
    "outcome": (Status,),
    "sharing_basis": (SharingBasis,),
    "sharing": (Sharing,),
    "place": (VisitPlace,),
    "kind": (NoteKind, DocumentKind),
}
"""The fields whose values are codes, and what their words are."""

FIELDS: Final[Mapping[str, str]] = {
    "target_transfer_on": "Target date",
    "window_to": "Last day of the window",
    "review_on": "Look again on",
    "visit_on": "Date of the visit",
    "until_on": "Put off until",
    "happened_on": "When it was",
    "dated": "Date on it",
    "linked_cases": "Linked with",
}
"""What a changed field is called where its name does not say it."""

NOTHING: Final = "nothing"


@dataclass(frozen=True)
class Moved:
    """A field that changed, with what stood there and what stands there now."""

    field: str
    was: str
    now: str


@dataclass(frozen=True)
class Told:
    """One entry of the history, as the page shows it."""

    title: str
    by: str
    moved: Sequence[Moved] = ()
    words: Sequence[str] = ()


@beside.route("/history")
@requires(Permission.SEE_CASE)
def history(reference: str) -> ResponseReturnValue:
    """Show what became of a case, newest first; a word in the address narrows it to one kind."""
    seen = my_case(reference)
    kinds = {one.value: one for one in TellingKind}
    kind = kinds.get(request.args.get("kind", ""))
    found = _entries(seen, kind)
    page = page_asked(request.args.get("page", ""))
    shown = found[(page - 1) * PAGE : page * PAGE]
    note_seen("case:viewed", case_ref=reference, about="history")
    return render_template(
        "beside/history.html",
        case=seen.case,
        person=young_person_of(reading(), seen.case.young_person_uid),
        born=anchors_of(reading(), seen.case.uid).date_of_birth,
        told=_told(seen, shown),
        kinds=TellingKind,
        kind=kind,
        page=page,
        last=pages(len(found)),
        address=url_for("beside.history", reference=reference),
    )


def _entries(seen: SeenCase, kind: TellingKind | None) -> list[AuditEntry]:
    """Return what the reader is told of; looks have their own list, there are so many."""
    looks = kind is TellingKind.LOOKS
    reader, mine = _reader(seen), _readable(seen)
    return [
        one
        for one in told_of(reading(), seen.case.reference, LOOKED, among=looks)
        if is_told(reader, one.action, one.organisation, one.at)
        and (kind is None or telling_of(one.action).kind is kind)
        and _of_this_reader(seen, one, mine)
    ]


def _reader(seen: SeenCase) -> Reader:
    owns = seen.access is CaseAccess.FULL
    first = [
        one.proposed_at
        for one in handovers_of(reading(), seen.case.uid)
        if one.receiver == me().organisation and one.proposed_at is not None
    ]
    return Reader(me().organisation, owns, None if owns else min(first, default=None))


def _readable(seen: SeenCase) -> dict[str, str]:
    """Return the notes and documents that the reader may read, with what each says."""
    notes = {f"note-{one.number}": one.words for one in entries(seen, CaseNote)}
    titles = {f"document-{one.number}": one.title for one in entries(seen, CaseDocument)}
    return notes | titles


def _of_this_reader(seen: SeenCase, entry: AuditEntry, readable: Mapping[str, str]) -> bool:
    """Return whether an entry about a note, a document or a handover is for this reader."""
    if entry.object.partition("-")[0] in {"note", "document"}:
        return entry.object in readable
    receiver, _ = parse_handover_key(entry.object) or (None, 0)
    own = seen.access is CaseAccess.FULL or receiver == me().organisation
    return own or not entry.action.startswith("handover:")


def _told(seen: SeenCase, shown: Iterable[AuditEntry]) -> list[Told]:
    shown = list(shown)
    changes = changes_in(reading(), shown)
    names = staff_names(reading())
    readable = _readable(seen)
    reasons = {one.changed_at: one for one in target_changes_of(reading(), seen.case.uid)}
    return [
        Told(
            title=_title(seen, one, telling_of(one.action)),
            by=_by(one, names),
            moved=_moved(changes.get(one.change_uid or "", {})) if _told_whole(one) else (),
            words=_why(seen, reasons.get(one.at))
            if one.action == "target:set"
            else _said(one, readable),
        )
        for one in shown
    ]


def _told_whole(entry: AuditEntry) -> bool:
    """Return whether the reader is told what was and is: what stood before may not be shared."""
    own = entry.organisation == me().organisation
    return own or entry.object.partition("-")[0] not in {"note", "document"}


def _title(seen: SeenCase, entry: AuditEntry, telling: Telling) -> str:
    rule = catalogue().pathways[seen.case.pathway_version].by_code.get(entry.object)
    return f"{telling.words}: {rule.title}" if rule is not None else telling.words


def _said(entry: AuditEntry, readable: Mapping[str, str]) -> list[str]:
    """Return what a note says, or what a document is called."""
    return readable[entry.object].splitlines() if entry.object in readable else []


def _why(seen: SeenCase, change: TargetDateChange | None) -> list[str]:
    """Return why a target date is what it is; what was written beside it stays in the house."""
    if change is None:
        return []
    own = seen.access is CaseAccess.FULL
    reason = TargetReason(change.reason_code).label
    return [f"Reason: {reason}", *([change.note] if own and change.note else [])]


def _by(entry: AuditEntry, names: Mapping[bytes, str]) -> str:
    when = day_and_time(entry.at)
    if not entry.organisation:
        return f"The tracker, {when}"
    known = {uid.hex(): name for uid, name in names.items()}
    organisations = {one.key: one.name for one in catalogue().collaborative.organisations}
    hospice = organisations.get(entry.organisation, "")
    return ", ".join(part for part in (known.get(entry.actor, ""), hospice, when) if part)


def _moved(body: Mapping[str, tuple[object, object]]) -> list[Moved]:
    return [
        Moved(_field(name), _words(name, was), _words(name, now))
        for name, (was, now) in body.items()
    ]


def _field(name: str) -> str:
    return FIELDS.get(name) or name.rpartition(".")[2].replace("_", " ").capitalize()


def _words(name: str, value: object) -> str:
    """Return a kept value as people say it."""
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(_words(name, one) for one in value)
    words = str(value)
    labels = {one.value: one.label for kind in CODES.get(name, ()) for one in kind}
    return labels.get(words) or _as_day(words) or words


def _as_day(words: str) -> str:
    try:
        return day(date.fromisoformat(words)) if words.count("-") == 2 else ""  # noqa: PLR2004 - a day has two
    except ValueError:
        return ""
