"""The record as it is printed: hers, and the family's."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from flask import abort
from flask.typing import ResponseReturnValue

from transition.actions.packs import leading_today, supporting_today
from transition.records.beside import BesideRow, rows_beside
from transition.records.cases import SeenCase
from transition.records.documents import CaseDocument
from transition.records.notes import CaseNote
from transition.records.record_sections import Record, blocks_of, record_of
from transition.records.services import services_of
from transition.records.staff import staff_names
from transition.records.visits import JointVisit
from transition.rules.access import CaseAccess, Permission
from transition.rules.beside import Sharing, VisitState
from transition.rules.handovers import Function
from transition.rules.pack_contents import led_by
from transition.rules.record import Block, Section, Shown, Value, answers_shown, kept_from_family
from transition.rules.record_sections import CONTACTS, SECTIONS
from transition.rules.services import Needed
from transition.web.filters import day
from transition.web.guard import requires
from transition.web.record.views import page_of, record
from transition.web.work import catalogue, looking, me, my_running_case, reading

HERS, FAMILY = "young-person", "family"
"""Whose print it is."""

IN_COPIES: Final = ("what-matters", "communication", "contacts", "sharing")
"""The sections of the record that stand on a copy for those at home: no health, nothing legal."""
OF_PEOPLE: Final = frozenset({"name", "relationship", "phone", "other_phone", "best_time"})
"""What stands on a copy of whoever is to be rung."""
NOT_AT_HOME: Final = (Function.END_OF_LIFE_CARE, Function.BEREAVEMENT_SUPPORT)
"""What nobody should come upon on a paper that lies on the kitchen table."""


@record.route("/<reference>/print/<whose>")
@requires(Permission.WRITE_RECORD)
def sheet(reference: str, whose: str) -> ResponseReturnValue:
    """Show what is printed for those at home: hers, or the family's. Short, large, and plain.

    The family's shows neither limits nor capacity nor what is not to be told, nor that anything
    is left out; and it shows the notes and documents that are to stand on it. Source: ruling 41.
    """
    seen = my_running_case(reference, at_least=CaseAccess.FULL)
    if whose not in {HERS, FAMILY}:
        abort(404)
    familys = whose == FAMILY
    written = record_of(reading(), seen.case)
    blocks: list[Block] = []
    for section in (SECTIONS[key] for key in IN_COPIES):
        if section is CONTACTS:
            blocks += _people(written, familys=familys)
        elif section.family or not familys:
            blocks += blocks_of(written, [section], kept_from_family if familys else _nothing)
    leading = leading_today(looking(), seen.case)
    supporting = supporting_today(looking(), seen.case)
    blocks += [
        *_who_does("Who looks after what today", leading),
        *_who_does("Who helps beside them", supporting),
        *_dates(seen),
    ]
    return page_of(
        "record/sheet.html",
        seen,
        about=f"print/{whose}",
        blocks=[*blocks, *_beside(seen)] if familys else blocks,
        helping=[] if familys else _helping(seen),
        ring=_to_ring(seen, leading),
        familys=familys,
    )


def _nothing(_section: Section, _values: Mapping[str, Value]) -> set[str]:
    """Return what her own copy does without."""
    return set()


def _people(written: Record, *, familys: bool) -> Iterator[Block]:
    """Yield everybody in a line of one block: who they are, and how to reach them."""
    lines: list[Shown] = []
    for values in written.listed(CONTACTS):
        without = {one.name for one in CONTACTS.fields} - OF_PEOPLE
        kept = kept_from_family(CONTACTS, values) if familys else set()
        said = dict(answers_shown(CONTACTS, values, without=without | kept))
        name = said.pop(CONTACTS.field("name").label, "")
        if said:
            who = said.pop(CONTACTS.field("relationship").label, "")
            lines.append((", ".join(filter(None, (name, who))), ". ".join(said.values())))
    if lines:
        yield CONTACTS.title, lines


def _to_ring(seen: SeenCase, leading: list[tuple[Function, str]]) -> Block:
    """Return whom to ring at any hour, and who the named worker is."""
    collaborative = catalogue().collaborative
    leader = dict(leading).get(Function.ADVICE_24_7, seen.case.organisation)
    line = collaborative.advice_line(leader) or "ask us for the number"
    worker = staff_names(reading())[seen.case.named_worker_uid]
    shown = [
        ("Day and night", f"{collaborative.service(leader).name}: {line}"),
        ("Named worker", f"{worker}, {collaborative.organisation(seen.case.organisation).name}"),
    ]
    return "Who to ring", shown


def _who_does(title: str, pairs: Iterable[tuple[Function, str]]) -> Iterator[Block]:
    """Yield who leads or supports what, under a title."""
    named = [
        (catalogue().collaborative.service(code).name, one.label)
        for one, code in pairs
        if one not in NOT_AT_HOME
    ]
    if named:
        yield title, led_by(named)


def _dates(seen: SeenCase) -> Iterator[Block]:
    """Yield the days that are known: when the move is, and the visits before it."""
    on = seen.case.target_transfer_on
    shown = [("The day we aim for", day(on))] if on else []
    visits = rows_beside(reading(), JointVisit, seen.case.uid, reader=me().organisation)
    planned = [one for one in visits if one.state is VisitState.PLANNED]
    shown += [
        (f"Visit on {day(one.visit_on)}", one.place.label)
        for one in sorted(planned, key=lambda one: one.visit_on)
    ]
    if shown:
        yield "Dates", shown


def _helping(seen: SeenCase) -> list[tuple[str, str, str]]:
    """Return who helps with what now and later, for whatever is needed."""
    return [
        (key.label, row.childrens_provider or "Ask us", row.adult_counterpart or "Not known yet")
        for key, row in services_of(reading(), seen.case.uid).items()
        if row.needed is Needed.YES
    ]


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
