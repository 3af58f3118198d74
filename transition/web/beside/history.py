"""The history of a case in plain words: what changed from what to what, by whom; who looked."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from transition.clock import day_and_time
from transition.records.anchors import anchors_of
from transition.records.audit import AuditEntry, changes_in, told_of
from transition.records.cases import SeenCase
from transition.records.documents import CaseDocument
from transition.records.handovers import Handover, handovers_of
from transition.records.histories import TargetDateChange, target_changes_of
from transition.records.milestones import own_milestones_of
from transition.records.notes import CaseNote
from transition.records.staff import staff_names
from transition.records.unmet_needs import unmet_needs_of
from transition.records.young_people import young_person_of
from transition.rules.access import CaseAccess, Permission, may
from transition.rules.changes import Moved, moved_in
from transition.rules.handovers import Function, parse_handover_key
from transition.rules.people import Role
from transition.rules.record_sections import SECTIONS
from transition.rules.services import ServiceKey
from transition.rules.targets import TargetReason
from transition.rules.tellings import LOOKED, Reader, TellingKind, is_told, telling_of
from transition.rules.trail import part_in_words
from transition.rules.unmet_needs import reason_in_words
from transition.web.beside.views import beside, entries
from transition.web.guard import requires
from transition.web.pages import PAGE, page_asked, pages
from transition.web.work import catalogue, me, my_case, note_seen, reading


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
        may_audit=kind is TellingKind.LOOKS and may(me().roles, Permission.READ_TRAIL),
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
    return own or _noun(entry) not in {"handover", "pack"}


def _noun(entry: AuditEntry) -> str:
    return entry.action.partition(":")[0]


def _told(seen: SeenCase, shown: Iterable[AuditEntry]) -> list[Told]:
    shown = list(shown)
    changes = changes_in(reading(), shown)
    names = staff_names(reading())
    readable, called = _readable(seen), _names(seen)
    reasons = {one.changed_at: one for one in target_changes_of(reading(), seen.case.uid)}
    declined = {one.key: _declined(one) for one in handovers_of(reading(), seen.case.uid)}
    return [
        Told(
            title=_title(one, called),
            by=_by(one, names),
            moved=_moved(one, changes),
            words={
                "target:set": _why(seen, reasons.get(one.at)),
                "handover:accepted": declined.get(one.object, []),
                "handover:declined": declined.get(one.object, []),
            }.get(one.action, _said(one, readable)),
        )
        for one in shown
    ]


def _declined(handover: Handover) -> list[str]:
    """Return which functions a reply declined, with the code of the reason and what goes with it.

    Source: domain 6.3, which has the receiver say what it could do instead.
    """
    return [
        f"{row.function.label}. {row.reason_code}: {reason_in_words(row.reason_code)}. {row.note}"
        for row in handover.answers
        if row.reason_code
    ]


def _moved(entry: AuditEntry, changes: Mapping[str, Mapping[str, Any]]) -> Sequence[Moved]:
    """Return what changed; what stood in a note or document before may not be this reader's."""
    own = entry.organisation == me().organisation
    if not own and entry.object.partition("-")[0] in {"note", "document"}:
        return ()
    section = entry.object if _noun(entry) == "record" else ""
    return list(moved_in(section, changes.get(entry.change_uid or "", {})))


def _title(entry: AuditEntry, names: Mapping[str, Mapping[str, str]]) -> str:
    """Return what was done, and to what where that has a name."""
    words, name = telling_of(entry.action).words, names.get(_noun(entry), {}).get(entry.object)
    if entry.action == "case:viewed":
        name = names["milestone"].get(entry.object) or part_in_words(entry.object)
    return f"{words}: {name}" if name else words


def _names(seen: SeenCase) -> dict[str, dict[str, str]]:
    """Return what entries may be about, by their noun and by how the trail calls it."""
    uid, pathway = seen.case.uid, catalogue().pathways[seen.case.pathway_version]
    rules = [*pathway.milestones, *(one.rule for one in own_milestones_of(reading(), uid))]
    served = {one.value: one.label for one in (*ServiceKey, *Function)}
    needs = {f"need {one.number}": one.what for one in unmet_needs_of(reading(), uid)}
    return {
        "milestone": {rule.code: rule.title for rule in rules},
        "record": {one.key: one.title for one in SECTIONS.values()},
        "service": served,
        "need": served | needs,
    }


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
    roles = " and ".join(one.label for one in Role if one.value in entry.role.split())
    return ", ".join(part for part in (known.get(entry.actor, ""), roles, hospice, when) if part)
