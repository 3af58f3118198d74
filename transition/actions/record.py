"""Writing the case record: a section, an entry of a list, that it is still right, and undoing it.

What was and is now lies in a sealed change row; the trail carries the names of the fields.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from transition.actions.case_changes import own_case
from transition.actions.cases import keep_sharing
from transition.actions.work import NotFound, Work
from transition.records.audit import Change
from transition.records.cases import Case
from transition.records.entries import Entry
from transition.records.record_sections import (
    KINDS,
    LISTS,
    Record,
    RecordSection,
    listed_in,
    record_of,
    row_of,
    sections_of,
    values_in,
    values_of,
)
from transition.rules.errors import RuleBroken
from transition.rules.handovers import SharingBasis
from transition.rules.record import Kind, Section, Value, problems_of
from transition.rules.record_sections import CONTACTS, Missing, missing_at_proposal
from transition.rules.stages import Ending

PRESENT: Final = "present"
"""Whether an entry stands in its list, as the history of changes calls it."""

NO_SUCH_ENTRY: Final = "There is no such entry in this record."
NOTHING_TO_UNDO: Final = "There is nothing to undo: it has been changed since."
DIED: Final = "This transition has ended. Its record is kept as it stood."


def save_section(
    work: Work, reference: str, section: Section, values: Mapping[str, Value]
) -> RecordSection:
    """Write a section of a case's record, and return what is known of the section now.

    Raises:
        RuleBroken: an answer is wrong or left out, or it is not the actor's to write.
        NotFound: this actor has no such case.
    """
    case = own_record(work, reference)
    said = _checked(work, section, values)
    changed = _write(work, case, section, said)
    if changed:
        work.note("record:saved", on=case, about=section.key, changed=changed)
    return _touch(work, case, section, change=_last_change(work) if changed else None)


def save_entry(
    work: Work, reference: str, section: Section, values: Mapping[str, Value], uid: bytes | None
) -> Entry:
    """Write an entry of a list, a new one where *uid* is None, and return it.

    Raises:
        RuleBroken: an answer is wrong or left out, or it is not the actor's to write.
        NotFound: this actor has no such case, or the case no such entry.
    """
    case = own_record(work, reference)
    said = _checked(work, section, values)
    if uid is None:
        entry = work.keep(LISTS[section.noun](case_uid=case.uid, added_at=work.now))
        changed: dict[str, tuple[Any, Any]] = {PRESENT: (False, True)}
    else:
        entry, changed = _entry(work, case, section, uid), {}
    changed |= _change_entry(entry, section, said)
    if changed:
        work.note("record:saved", on=case, about=section.key, changed=changed)
    _touch(work, case, section, entry=entry, change=_last_change(work) if changed else None)
    return entry


def remove_entry(work: Work, reference: str, section: Section, uid: bytes) -> Entry:
    """Take an entry out of its list, and return it: that can be undone.

    Raises:
        RuleBroken: it is not the actor's to change.
        NotFound: this actor has no such case, or the case no such entry.
    """
    case = own_record(work, reference)
    entry = _entry(work, case, section, uid)
    entry.removed_at = work.now
    was = {name: (value, None) for name, value in values_in(entry, section).items() if value}
    changed: dict[str, tuple[Any, Any]] = {PRESENT: (True, False)}
    work.note("record:removed", on=case, about=section.key, changed=changed | was)
    _touch(work, case, section, entry=entry, change=_last_change(work))
    return entry


def confirm_section(work: Work, reference: str, section: Section) -> RecordSection:
    """Record that a section is still right, today, and return what is known of it now.

    Raises:
        RuleBroken: nothing stands in it yet, or it is not the actor's to confirm.
        NotFound: this actor has no such case.
    """
    case = own_record(work, reference)
    if section.many:
        empty = not listed_in(work.session, case.uid, section)
    else:
        empty = not any(values_of(work.session, case, section).values())
    if empty:
        raise RuleBroken(f"“{section.title}”: nothing is written yet. Write it first.")
    work.note("record:confirmed", on=case, about=section.key)
    return _touch(work, case, section, change=None)


def undo_section(work: Work, reference: str, section: Section) -> RecordSection:
    """Put back what stood in a section before it was changed last, and return what is known of it.

    Raises:
        RuleBroken: there is nothing to undo, or it is not the actor's to change.
        NotFound: this actor has no such case.
    """
    case = own_record(work, reference)
    known = sections_of(work.session, case.uid).get(section.key)
    if known is None or known.change_uid is None:
        raise RuleBroken(NOTHING_TO_UNDO)
    change = work.session.get_one(Change, known.change_uid)
    was = {name: pair[0] for name, pair in change.body.items()}
    changed = _put_back(work, case, section, was, known.entry_uid)
    work.note("record:undone", on=case, about=section.key, changed=changed)
    return _touch(work, case, section, change=None)


def missing_before_proposal(
    work: Work, case: Case, record: Record | None = None
) -> tuple[Missing, ...]:
    """Return what the record lacks before a handover is proposed, and where it is written.

    On the shortened path nothing is waited for that is not in the minimum safe set.
    """
    if case.expedited:
        return ()
    record = record or record_of(work.session, case)
    numbered = case.nhs_number_index is not None or case.nhs_number_missing_reason is not None
    return missing_at_proposal(
        record.values, record.listed(CONTACTS), work.today, numbered=numbered
    )


def own_record(work: Work, reference: str) -> Case:
    """Return a case whose record the actor may write, held until the work is done.

    Raises:
        RuleBroken: it is another organisation's, or somebody's who has died.
        NotFound: this actor has no such case.
    """
    case = own_case(work, reference)
    if case.ending is Ending.DIED:
        raise RuleBroken(DIED)
    return case


def _checked(work: Work, section: Section, values: Mapping[str, Value]) -> dict[str, Value]:
    said = {one.name: values.get(one.name) for one in section.fields}
    said = {name: None if value in ("", []) else value for name, value in said.items()}
    problems = problems_of(section, said, work.today)
    if problems:
        raise RuleBroken(". ".join(problems.values()) + ".")
    return said


def _write(
    work: Work, case: Case, section: Section, said: Mapping[str, Value]
) -> dict[str, tuple[Any, Any]]:
    """Write what was said into the rows that it lies in, and return what that changed."""
    was = values_of(work.session, case, section)
    changed = {name: (was[name], said[name]) for name in said if was[name] != said[name]}
    for one in section.fields:
        if one.name in changed:
            row = row_of(work.session, case, one.noun)
            row = row or work.keep(KINDS[one.noun](case_uid=case.uid))
            basis = one.name == "sharing_basis"
            setattr(row, one.name, SharingBasis(said[one.name]) if basis else said[one.name])
    if {"sharing_basis", "sharing_limits"} & changed.keys():
        keep_sharing(work, case, said["sharing_limits"])
    return changed


def _change_entry(
    entry: Entry, section: Section, said: Mapping[str, Value]
) -> dict[str, tuple[Any, Any]]:
    was = values_in(entry, section)
    changed = {name: (was[name], said[name]) for name in said if was[name] != said[name]}
    for name in changed:
        setattr(entry, name, said[name])
    return changed


def _put_back(
    work: Work, case: Case, section: Section, was: Mapping[str, Any], uid: bytes | None
) -> dict[str, tuple[Any, Any]]:
    values = {name: _read(section, name, value) for name, value in was.items() if name != PRESENT}
    if uid is None:
        return _write(work, case, section, values_of(work.session, case, section) | values)
    entry = work.session.get_one(LISTS[section.noun], uid)
    changed: dict[str, tuple[Any, Any]] = {}
    if PRESENT in was:
        changed = {PRESENT: (not was[PRESENT], was[PRESENT])}
        entry.removed_at = None if was[PRESENT] else work.now
    if was.get(PRESENT) is None:
        changed |= _change_entry(entry, section, values_in(entry, section) | values)
    return changed


def _read(section: Section, name: str, value: Any) -> Value:  # noqa: ANN401 - as it is kept
    if section.field(name).kind is Kind.DAY and value is not None:
        return date.fromisoformat(value)
    return value


def _entry(work: Work, case: Case, section: Section, uid: bytes) -> Entry:
    entry = work.session.get(LISTS[section.noun], uid)
    if entry is None or entry.case_uid != case.uid or entry.removed_at is not None:
        raise NotFound(NO_SUCH_ENTRY)
    return entry


def _last_change(work: Work) -> Change | None:
    return work.notes[-1].change


def _touch(
    work: Work,
    case: Case,
    section: Section,
    *,
    change: Change | None,
    entry: Entry | None = None,
) -> RecordSection:
    """Keep that a section was looked at now: what was just written is confirmed, too."""
    said: dict[str, Any] = {
        "confirmed_at": work.now,
        "confirmed_by_uid": work.actor_uid,
        "change_uid": change.uid if change is not None else None,
        "entry_uid": entry.uid if entry is not None else None,
    }
    if change is not None:
        said |= {"changed_at": work.now, "changed_by_uid": work.actor_uid}
    known = sections_of(work.session, case.uid).get(section.key)
    if known is None:
        first = {"changed_at": work.now, "changed_by_uid": work.actor_uid}
        return work.keep(RecordSection(case_uid=case.uid, section=section.key, **(first | said)))
    for name, value in said.items():
        setattr(known, name, value)
    work.session.flush()
    return known
