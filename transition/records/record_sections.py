"""The case record: where each section lies, and when it was last written and confirmed.

What stands in a section is read and written by the names that the declared table has for it.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ForeignKey, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from transition.records.advance_care_plans import AdvanceCarePlan
from transition.records.base import Versioned
from transition.records.best_interests_records import BestInterestsRecord
from transition.records.capacity_records import CapacityRecord
from transition.records.care_needs import CareNeeds
from transition.records.cases import Case
from transition.records.columns import Uid, UtcDateTime
from transition.records.contacts import Contact
from transition.records.entries import Entry, entries_of
from transition.records.legal_roles import LegalRole
from transition.records.sealing import SealedRow
from transition.records.summaries import Summary
from transition.records.young_people import YoungPerson
from transition.rules.record import Block, Section, Value, answers_shown
from transition.rules.record_sections import SECTIONS

KINDS: Final[Mapping[str, type[SealedRow]]] = {
    "summary": Summary,
    "care_needs": CareNeeds,
    "advance_care_plan": AdvanceCarePlan,
}
"""The kinds of row of which a case has one."""

LISTS: Final[Mapping[str, type[Entry]]] = {
    "contact": Contact,
    "capacity_record": CapacityRecord,
    "best_interests_record": BestInterestsRecord,
    "legal_role": LegalRole,
}
"""The kinds of row of which a case has many."""


class RecordSection(Versioned, SealedRow):
    """One section of one case; its version moves with every change to anything in it."""

    __tablename__ = "record_section"
    __table_args__ = (UniqueConstraint("case_uid", "section", name="section_once"),)

    case_uid: Mapped[bytes] = mapped_column(ForeignKey("young_person_case.uid"), index=True)
    section: Mapped[str]
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_by_uid: Mapped[bytes] = mapped_column(ForeignKey("staff.uid"))
    confirmed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    confirmed_by_uid: Mapped[bytes] = mapped_column(ForeignKey("staff.uid"))
    change_uid: Mapped[bytes | None] = mapped_column(Uid)
    """What was changed last, as long as it can be undone."""
    entry_uid: Mapped[bytes | None] = mapped_column(Uid)
    """Which entry that was, in a list."""


def sections_of(session: Session, case_uid: bytes) -> dict[str, RecordSection]:
    """Return what is known of each section of a case that somebody has written, by its key."""
    query = select(RecordSection).where(RecordSection.case_uid == case_uid)
    return {row.section: row for row in session.scalars(query)}


def row_of(session: Session, case: Case, noun: str) -> Any:  # noqa: ANN401 - a row of any kind
    """Return the row of a case in which a part of its record lies, or None before it is written."""
    if noun == "case":
        return case
    if noun == "young_person":
        return session.get_one(YoungPerson, case.young_person_uid)
    kind = KINDS[noun]
    return session.scalar(select(kind).where(kind.case_uid == case.uid))


def values_of(session: Session, case: Case, section: Section) -> dict[str, Value]:
    """Return what stands in a section of a case, by the names of its questions."""
    nouns = {one.noun for one in section.fields}
    return _values({noun: row_of(session, case, noun) for noun in nouns}, section)


def _values(rows: Mapping[str, Any], section: Section) -> dict[str, Value]:
    return {one.name: getattr(rows[one.noun], one.name, None) for one in section.fields}


def values_in(entry: Entry, section: Section) -> dict[str, Value]:
    """Return what stands in one entry of a list."""
    return {one.name: getattr(entry, one.name) for one in section.fields}


def listed_in(session: Session, case_uid: bytes, section: Section) -> list[dict[str, Value]]:
    """Return what stands in the entries of a list."""
    entries = entries_of(session, case_uid, LISTS[section.noun])
    return [values_in(one, section) for one in entries]


@dataclass(frozen=True, slots=True)
class Record:
    """All that stands in the record of a case: its rows, asked for once, as they are now."""

    rows: Mapping[str, Any]
    entries: Mapping[str, Sequence[Entry]]

    def listed(self, section: Section) -> list[dict[str, Value]]:
        """What stands in the entries of a list."""
        return [values_in(one, section) for one in self.entries[section.noun]]

    @property
    def values(self) -> dict[str, Value]:
        """Everything that stands in the sections that are no lists."""
        found: dict[str, Value] = {}
        for section in SECTIONS.values():
            if not section.many:
                found |= _values(self.rows, section)
        return found

    def values_of(self, section: Section) -> list[dict[str, Value]]:
        """What stands in a section: in a list for each entry, else just once."""
        return self.listed(section) if section.many else [_values(self.rows, section)]


def record_of(session: Session, case: Case) -> Record:
    """Return the record of a case; each of its rows and lists is asked for once."""
    single = [one for one in SECTIONS.values() if not one.many]
    nouns = {field.noun for one in single for field in one.fields}
    return Record(
        rows={noun: row_of(session, case, noun) for noun in nouns},
        entries={noun: entries_of(session, case.uid, kind) for noun, kind in LISTS.items()},
    )


def blocks_of(
    record: Record,
    sections: Iterable[Section],
    without: Callable[[Section, Mapping[str, Value]], Collection[str]],
) -> list[Block]:
    """Return what stands in these sections, in words, but for the questions *without* some.

    Each entry of a list is a block of its own, and what is empty is none at all.
    """
    blocks: list[Block] = []
    for section in sections:
        for values in record.values_of(section):
            shown = answers_shown(section, values, without=without(section, values))
            named = section.many and shown
            title = f"{section.title}: {shown.pop(0)[1]}" if named else section.title
            blocks += [(title, shown)] if shown else []
    return blocks
