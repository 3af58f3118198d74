"""The record as it is printed: hers, and the family's."""

from collections.abc import Iterator

from flask import abort
from flask.typing import ResponseReturnValue

from transition.records.beside import BesideRow, rows_beside
from transition.records.cases import SeenCase
from transition.records.documents import CaseDocument
from transition.records.notes import CaseNote
from transition.records.record_sections import blocks_of
from transition.records.staff import staff_names
from transition.records.young_people import young_person_of
from transition.rules.access import CaseAccess, Permission
from transition.rules.beside import Sharing
from transition.rules.record import WHERE_THEY_LIVE, Block, kept_from_family
from transition.rules.record_sections import SECTIONS
from transition.web.filters import day
from transition.web.guard import requires
from transition.web.record.views import page_of, record
from transition.web.work import catalogue, me, my_running_case, reading

HERS, FAMILY = "young-person", "family"
"""Whose print it is."""


@record.route("/<reference>/print/<whose>")
@requires(Permission.WRITE_RECORD)
def sheet(reference: str, whose: str) -> ResponseReturnValue:
    """Show the record as it is printed: for the young person, or for the family.

    The family's shows neither limits nor capacity nor what is not to be told, nor that anything
    is left out; and it shows the notes and documents that are to stand on it. Neither shows an
    address that is confidential. Source: ruling 41.
    """
    seen = my_running_case(reference, at_least=CaseAccess.FULL)
    if whose not in {HERS, FAMILY}:
        abort(404)
    familys = whose == FAMILY
    person = young_person_of(reading(), seen.case.young_person_uid)
    live = WHERE_THEY_LIVE if person.address_is_kept else frozenset()
    blocks = blocks_of(
        reading(),
        seen.case,
        [one for one in SECTIONS.values() if one.family or not familys],
        lambda section, values: live | (kept_from_family(section, values) if familys else set()),
    )
    if familys:
        blocks += _beside(seen)
    return page_of("record/sheet.html", seen, about=f"print/{whose}", blocks=blocks)


def _beside(seen: SeenCase) -> Iterator[Block]:
    """Yield the notes and the documents that were written for the family's print."""
    uid, reader = seen.case.uid, me().organisation
    notes = rows_beside(reading(), CaseNote, uid, reader=reader)
    corrected = {one.corrects_uid for one in notes}
    told = [one for one in notes if one.sharing is Sharing.FAMILY and one.uid not in corrected]
    if told:
        yield (
            "Notes",
            [
                (f"{day(one.happened_on)}, {one.kind.label.lower()}, {_by(one)}", one.words)
                for one in told
            ],
        )
    documents = rows_beside(reading(), CaseDocument, uid, reader=reader)
    listed = [one for one in documents if one.sharing is Sharing.FAMILY and one.removed_at is None]
    if listed:
        yield "Documents", [(one.title, _whereabouts(one)) for one in listed]


def _by(row: BesideRow) -> str:
    hospice = catalogue().collaborative.organisation(row.organisation).name
    return f"{staff_names(reading())[row.written_by_uid]}, {hospice}"


def _whereabouts(document: CaseDocument) -> str:
    dated = f"Dated {day(document.dated)}" if document.dated else ""
    where = f"Held: {document.place}" if document.place else document.link
    return ". ".join(part for part in (document.kind.label, where, dated) if part)
