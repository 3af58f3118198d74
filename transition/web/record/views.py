"""The case record: read, written, confirmed and undone, a section at a time."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from transition.actions.record import (
    confirm_section,
    remove_entry,
    save_entry,
    save_section,
    undo_section,
)
from transition.clock import local_day
from transition.records.anchors import anchors_of
from transition.records.cases import SeenCase
from transition.records.entries import Entry, entries_of
from transition.records.record_sections import (
    LISTS,
    RecordSection,
    sections_of,
    values_in,
    values_of,
)
from transition.records.staff import staff_names
from transition.records.young_people import young_person_of
from transition.rules.access import CaseAccess, Permission, may
from transition.rules.errors import RuleBroken
from transition.rules.record import (
    Section,
    Value,
    is_old,
    kept_from_receivers,
    review_who_may_be_told,
    words_of,
)
from transition.rules.record_sections import CONTACTS, SECTIONS, TELEPHONE
from transition.rules.urgent_access import Part
from transition.web.frame import say
from transition.web.guard import requires
from transition.web.record.forms import (
    EntryForm,
    NewEntryForm,
    RecordForm,
    SectionForm,
    SeenForm,
    form_of,
    typed_from,
)
from transition.web.versions import Standing, editing
from transition.web.work import me, my_case, my_running_case, my_work, note_seen, reading, today

record = Blueprint("record", __name__, url_prefix="/cases")


@dataclass(frozen=True)
class Answer:
    """A question and its answer, as a page shows them."""

    label: str
    words: str
    href: str = ""


@dataclass(frozen=True)
class ShownEntry:
    """An entry of a list, as a page shows it."""

    uid: str
    title: str
    answers: list[Answer]


@dataclass(frozen=True)
class ShownSection:
    """A section, and how long ago somebody said that it is right."""

    section: Section
    known: RecordSection | None
    old: bool

    @property
    def version(self) -> str:
        """What changes whenever anything in the section does."""
        return str(self.known.version) if self.known is not None else "0"

    @property
    def confirmed_on(self) -> date | None:
        """The day on which it was last said to be right."""
        return local_day(self.known.confirmed_at) if self.known is not None else None


@record.route("/<reference>/record/summary")
@requires(Permission.SEE_CASE)
def summary(reference: str) -> ResponseReturnValue:
    """Show the sections of a case's record, and how long ago each was said to be right."""
    seen = my_running_case(reference, urgently=Part.RECORD)
    known = sections_of(reading(), seen.case.uid)
    own = seen.access is CaseAccess.FULL
    shown = [
        _shown(section, known.get(section.key))
        for section in SECTIONS.values()
        if own or section.receiver
    ]
    return page_of("record/summary.html", seen, about="record", sections=shown)


@record.route("/<reference>/contacts", defaults={"section": CONTACTS.key})
@record.route("/<reference>/record/<section>")
@requires(Permission.SEE_CASE)
def section(reference: str, section: str) -> ResponseReturnValue:
    """Show what stands in one section of a case's record."""
    seen = my_running_case(reference, urgently=Part.RECORD)
    found = _section(seen, section)
    known = sections_of(reading(), seen.case.uid).get(found.key)
    return page_of(
        "record/section.html",
        seen,
        about=f"record/{found.key}",
        shown=_shown(found, known),
        answers=[] if found.many else _answers(seen, found, _values(seen, found)),
        entries=_entries(seen, found) if found.many else [],
        grown_up=found is CONTACTS and _has_grown_up(seen, known),
    )


@record.route("/<reference>/record/<section>/edit", methods=["GET", "POST"])
@requires(Permission.WRITE_RECORD)
def edit(reference: str, section: str) -> ResponseReturnValue:
    """Ask what stands in a section now, and write it."""
    seen = my_running_case(reference, at_least=CaseAccess.FULL)
    found = _section(seen, section, many=False)
    form = form_of(SectionForm, found.key)(
        version=_stands(seen, found).version, **typed_from(found, _values(seen, found))
    )
    if form.is_submitted() and form.check():
        try:
            with editing(form, reference, lambda: _stands(seen, found)) as work:
                save_section(work, reference, found, form.answers)
        except RuleBroken as refusal:
            form.refuse(refusal)
            seen = my_case(reference, at_least=CaseAccess.FULL)
        else:
            return _saved(reference, found, f"Saved: {found.title}.")
    return _form_page(seen, found, form, found.title)


@record.route(
    "/<reference>/contacts/new", methods=["GET", "POST"], defaults={"section": CONTACTS.key}
)
@record.route("/<reference>/record/<section>/new", methods=["GET", "POST"])
@requires(Permission.WRITE_RECORD)
def add(reference: str, section: str) -> ResponseReturnValue:
    """Ask what stands in a new entry of a list, and write it."""
    seen = my_running_case(reference, at_least=CaseAccess.FULL)
    found = _section(seen, section, many=True)
    form = form_of(NewEntryForm, found.key)()
    if form.is_submitted() and form.check():
        try:
            with my_work() as work:
                save_entry(work, reference, found, form.answers, None)
        except RuleBroken as refusal:
            form.refuse(refusal)
            seen = my_case(reference, at_least=CaseAccess.FULL)
        else:
            return _saved(reference, found, f"Added: {found.title}.")
    return _form_page(seen, found, form, f"Add a {found.one}")


@record.route(
    "/<reference>/contacts/<entry>/edit",
    methods=["GET", "POST"],
    defaults={"section": CONTACTS.key},
)
@record.route("/<reference>/record/<section>/<entry>/edit", methods=["GET", "POST"])
@requires(Permission.WRITE_RECORD)
def change(reference: str, section: str, entry: str) -> ResponseReturnValue:
    """Ask what stands in an entry of a list now, and write it."""
    seen = my_running_case(reference, at_least=CaseAccess.FULL)
    found = _section(seen, section, many=True)
    kept = _entry(seen, found, entry)
    values = typed_from(found, values_in(kept, found))
    form = form_of(EntryForm, found.key)(version=str(kept.version), **values)
    if form.is_submitted() and form.check():
        try:
            with editing(form, reference, lambda: _entry_stands(seen, found, entry)) as work:
                save_entry(work, reference, found, form.answers, kept.uid)
        except RuleBroken as refusal:
            form.refuse(refusal)
            seen = my_case(reference, at_least=CaseAccess.FULL)
        else:
            return _saved(reference, found, f"Saved: {found.title}.")
    return _form_page(seen, found, form, f"Change this {found.one}")


@record.route("/<reference>/record/<section>/<entry>/remove", methods=["POST"])
@requires(Permission.WRITE_RECORD)
def remove(reference: str, section: str, entry: str) -> ResponseReturnValue:
    """Take an entry out of its list; that can be undone."""
    seen = my_case(reference, at_least=CaseAccess.FULL)
    found = _section(seen, section, many=True)
    kept = _entry(seen, found, entry)
    try:
        with editing(SeenForm(), reference, lambda: _entry_stands(seen, found, entry)) as work:
            remove_entry(work, reference, found, kept.uid)
    except RuleBroken as refusal:
        return _not_done(reference, found, refusal)
    return _saved(reference, found, f"Taken out: {found.title}.")


@record.route("/<reference>/record/<section>/confirm", methods=["POST"])
@requires(Permission.WRITE_RECORD)
def confirm(reference: str, section: str) -> ResponseReturnValue:
    """Record that what stands in a section is still right."""
    seen = my_case(reference, at_least=CaseAccess.FULL)
    found = _section(seen, section)
    try:
        with editing(SeenForm(), reference, lambda: _stands(seen, found)) as work:
            confirm_section(work, reference, found)
    except RuleBroken as refusal:
        return _not_done(reference, found, refusal)
    say(f"Confirmed today: {found.title}.", "done")
    return redirect(url_for("record.section", reference=reference, section=found.key))


@record.route("/<reference>/record/<section>/undo", methods=["POST"])
@requires(Permission.WRITE_RECORD)
def undo(reference: str, section: str) -> ResponseReturnValue:
    """Put back what stood in a section before it was changed last."""
    seen = my_case(reference, at_least=CaseAccess.FULL)
    found = _section(seen, section)
    try:
        with editing(SeenForm(), reference, lambda: _stands(seen, found)) as work:
            undo_section(work, reference, found)
    except RuleBroken as refusal:
        return _not_done(reference, found, refusal)
    say(f"Undone: {found.title} stands as it did.", "quiet")
    return redirect(url_for("record.section", reference=reference, section=found.key))


def _not_done(reference: str, found: Section, refusal: RuleBroken) -> ResponseReturnValue:
    SeenForm().refuse(refusal)
    say(str(refusal), "problem")
    return redirect(url_for("record.section", reference=reference, section=found.key))


def _saved(reference: str, found: Section, words: str) -> ResponseReturnValue:
    """Say that it is saved, with the way to undo it, and go back to the section."""
    seen = my_case(reference, at_least=CaseAccess.FULL)
    where: dict[str, Any] = {"reference": reference, "section": found.key}
    undo = {
        "action": url_for("record.undo", **where),
        "label": found.title,
        "fields": {"version": _stands(seen, found).version},
    }
    say(words, "done", undo=undo)
    return redirect(url_for("record.section", **where))


def _section(seen: SeenCase, key: str, *, many: bool | None = None) -> Section:
    """Return the section *key* as far as its reader may see it, or answer that there is none."""
    found = SECTIONS.get(key)
    hidden = found is not None and seen.access is not CaseAccess.FULL and not found.receiver
    if found is None or hidden or many not in {None, found.many}:
        abort(404)
    return found


def _values(seen: SeenCase, found: Section) -> dict[str, Value]:
    return values_of(reading(), seen.case, found)


def _entry(seen: SeenCase, found: Section, uid: str) -> Entry:
    for one in entries_of(reading(), seen.case.uid, LISTS[found.noun]):
        if one.uid.hex() == uid:
            return one
    return abort(404)


def _stands(seen: SeenCase, found: Section) -> Standing:
    """Return how a section stands, for whoever comes second."""
    known = sections_of(reading(), seen.case.uid).get(found.key)
    if found.many:
        words = [(one.title, "") for one in _entries(seen, found)]
    else:
        shown = _answers(seen, found, _values(seen, found))
        words = [(one.label, one.words) for one in shown]
    return Standing(
        version=_shown(found, known).version,
        words=tuple(words),
        by_uid=known.changed_by_uid if known is not None else None,
        at=known.changed_at if known is not None else None,
    )


def _entry_stands(seen: SeenCase, found: Section, uid: str) -> Standing:
    kept = _entry(seen, found, uid)
    shown = _answers(seen, found, values_in(kept, found))
    words = tuple((one.label, one.words) for one in shown)
    return Standing(version=str(kept.version), words=words)


def _shown(section: Section, known: RecordSection | None) -> ShownSection:
    confirmed_on = local_day(known.confirmed_at) if known is not None else None
    return ShownSection(section, known, is_old(section, confirmed_on, today()))


def _answers(seen: SeenCase, found: Section, values: dict[str, Value]) -> list[Answer]:
    """Return what stands in a section or entry, as far as its reader may see it."""
    hidden: frozenset[str] = frozenset()
    if seen.access is not CaseAccess.FULL:
        person = young_person_of(reading(), seen.case.young_person_uid)
        hidden = kept_from_receivers(found, confidential=person.address_is_kept)
    answers = []
    for one in found.fields:
        words = words_of(one, values.get(one.name))
        if words and one.name not in hidden:
            href = f"tel:{''.join(words.split())}" if one.pattern == TELEPHONE else ""
            answers.append(Answer(one.label, words, href))
    return answers


def _entries(seen: SeenCase, found: Section) -> list[ShownEntry]:
    listed = entries_of(reading(), seen.case.uid, LISTS[found.noun])
    if found is CONTACTS:
        listed.sort(key=lambda one: values_in(one, found)["emergency_order"] or len(listed) + 9)
    shown = []
    for one in listed:
        title, *answers = _answers(seen, found, values_in(one, found))
        shown.append(ShownEntry(one.uid.hex(), title.words, answers))
    return shown


def _has_grown_up(seen: SeenCase, known: RecordSection | None) -> bool:
    born = anchors_of(reading(), seen.case.uid).date_of_birth
    confirmed_on = local_day(known.confirmed_at) if known is not None else None
    return review_who_may_be_told(born, confirmed_on, today())


def _form_page(
    seen: SeenCase, found: Section, form: RecordForm, heading: str
) -> ResponseReturnValue:
    page = page_of(
        "record/edit.html",
        seen,
        about=f"record/{found.key}/form",
        section=found,
        form=form,
        heading=heading,
    )
    return page, 422 if form.errors else 200


def page_of(template: str, seen: SeenCase, *, about: str, **more: Any) -> str:  # noqa: ANN401 - what a template shows
    """Return a page about the record of a case."""
    note_seen("case:viewed", case_ref=seen.case.reference, about=about)
    return render_template(
        template,
        case=seen.case,
        person=young_person_of(reading(), seen.case.young_person_uid),
        born=anchors_of(reading(), seen.case.uid).date_of_birth,
        staff=staff_names(reading()),
        may_write=seen.access is CaseAccess.FULL and may(me().roles, Permission.WRITE_RECORD),
        **more,
    )
