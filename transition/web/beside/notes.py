"""Notes: written after a visit or a call, edited for a day, corrected afterwards."""

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from transition.actions import beside as actions
from transition.actions.beside import NewNote
from transition.records.cases import SeenCase
from transition.records.notes import CaseNote
from transition.rules.access import Permission
from transition.rules.beside import NoteKind, Sharing, may_edit_note
from transition.web.beside.views import (
    Entry,
    Listing,
    beside,
    entries,
    entry,
    form_page,
    listing,
    pills_of,
    sharing_of,
    stands,
    written_by,
)
from transition.web.filters import day
from transition.web.forms import DateParts, Lines, OneOf, VersionedForm, choices, needed
from transition.web.frame import say
from transition.web.guard import requires
from transition.web.versions import saved
from transition.web.work import me, my_running_case, now, today

LONGEST = 1500


class NoteForm(VersionedForm):
    """What was said or seen, after what, and who else may read it."""

    sent_to = "beside.new_note"

    words = Lines("Note", needed("Write the note"), most=LONGEST)
    kind = OneOf("After what?", [needed("Say what the note is about")], choices=choices(NoteKind))
    happened_on = DateParts("When was it?", needed("Enter the date on which it happened"))
    sharing = OneOf("Who may read it?", [needed("Say who may read it")])

    def __init__(self, offered: dict[str, str], **words: object) -> None:
        super().__init__(**words)
        self.sharing.choices = choices(offered)

    @property
    def note(self) -> NewNote:
        """What the form says, once it is whole."""
        return NewNote(
            kind=NoteKind(self.kind.data),
            sharing=Sharing(self.sharing.data),
            happened_on=self.happened_on.data,
            words=self.words.data or "",
        )


class EditNoteForm(NoteForm):
    """The same, of a note that its writer may still change."""

    sent_to = "beside.edit_note"


class CorrectNoteForm(NoteForm):
    """The same, of what corrects an older note."""

    sent_to = "beside.correct_note"


@beside.route("/notes")
@requires(Permission.SEE_CASE)
def notes(reference: str) -> ResponseReturnValue:
    """Show the notes that the reader may read, newest first."""
    seen = my_running_case(reference)
    rows = entries(seen, CaseNote)
    numbers = {one.uid: one.number for one in rows}
    return listing(
        seen,
        Listing(
            heading="Notes",
            about="notes",
            empty="No notes yet. A line after each visit is enough.",
            lines=[note_line(seen, one, numbers) for one in rows],
            add=("Add note", url_for("beside.new_note", reference=reference)),
        ),
    )


def note_line(seen: SeenCase, note: CaseNote, numbers: dict[bytes, int]) -> Entry:
    """Return a note as a line; *numbers* names the note that it corrects, if its reader may."""
    corrects = numbers.get(note.corrects_uid or b"")
    links = []
    if note.organisation == me().organisation:
        editable = may_edit_note(note.written_by_uid, note.written_at, me().uid, now())
        view, words = ("edit_note", "Edit") if editable else ("correct_note", "Correct")
        address = url_for(f"beside.{view}", reference=seen.case.reference, number=note.number)
        links = [(words, address)]
    title = f"{note.kind.label}, {day(note.happened_on)}"
    return Entry(
        title=f"{title} (corrects note {corrects})" if corrects else title,
        key=f"note-{note.number}",
        words=note.words.splitlines(),
        by=f"Note {note.number}. {written_by(note)}",
        pills=pills_of(note, note.sharing),
        links=links,
    )


@beside.route("/notes/new", methods=["GET", "POST"])
@requires(Permission.WRITE_CASE)
def new_note(reference: str) -> ResponseReturnValue:
    """Ask for a note, and write it down."""
    seen = my_running_case(reference)
    # What most notes are is chosen already, so that two taps and the words are enough.
    form = NoteForm(sharing_of(seen), kind="visit", sharing="team", happened_on=today())
    if form.validate_on_submit() and saved(
        form, reference, lambda work: actions.write_note(work, reference, form.note)
    ):
        say(f"The note is saved ({reference}).", "done")
        return redirect(url_for("cases.show", reference=reference))
    return form_page(seen, form, "Add a note", "Save note", back=_to_notes(reference))


@beside.route("/notes/<int:number>/edit", methods=["GET", "POST"])
@requires(Permission.WRITE_CASE)
def edit_note(reference: str, number: int) -> ResponseReturnValue:
    """Ask for other words of a note of today, and change it."""
    seen = my_running_case(reference)
    note = entry(seen, CaseNote, number)
    form = EditNoteForm(sharing_of(seen), version=str(note.version), **_as_it_is(note))
    standing = stands(seen, CaseNote, number, lambda one: note_line(seen, one, {}))
    if form.validate_on_submit() and saved(
        form,
        reference,
        lambda work: actions.edit_note(work, reference, number, form.note),
        standing,
    ):
        say(f"The note is changed ({reference}).", "done")
        return redirect(url_for("beside.notes", reference=reference))
    return form_page(seen, form, "Edit a note", "Save note", back=_to_notes(reference))


@beside.route("/notes/<int:number>/correct", methods=["GET", "POST"])
@requires(Permission.WRITE_CASE)
def correct_note(reference: str, number: int) -> ResponseReturnValue:
    """Ask for a note that corrects an older one, which stays beside it."""
    seen = my_running_case(reference)
    note = entry(seen, CaseNote, number)
    form = CorrectNoteForm(sharing_of(seen), **_as_it_is(note))
    if form.validate_on_submit() and saved(
        form, reference, lambda work: actions.correct_note(work, reference, number, form.note)
    ):
        say(f"The correction is saved beside the note ({reference}).", "done")
        return redirect(url_for("beside.notes", reference=reference))
    return form_page(seen, form, "Correct a note", "Save correction", back=_to_notes(reference))


def _as_it_is(note: CaseNote) -> dict[str, object]:
    return {
        "words": note.words,
        "kind": note.kind.value,
        "sharing": note.sharing.value,
        "happened_on": note.happened_on,
    }


def _to_notes(reference: str) -> tuple[str, str]:
    return "Notes", url_for("beside.notes", reference=reference)
