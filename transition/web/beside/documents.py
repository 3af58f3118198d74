"""Documents: what they are and where they are held. Nothing is ever uploaded."""

from typing import Any

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from transition.actions import beside as actions
from transition.actions.beside import NewDocument
from transition.records.cases import SeenCase
from transition.records.documents import CaseDocument
from transition.rules.access import Permission
from transition.rules.beside import DocumentKind, Sharing, refuse_link
from transition.rules.errors import RuleBroken
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
from transition.web.forms import DateParts, Line, OneOf, VersionedForm, choices, needed
from transition.web.frame import say
from transition.web.guard import requires
from transition.web.versions import saved
from transition.web.work import me, my_running_case, my_work


class DocumentForm(VersionedForm):
    """What it is, where it is, and who has confirmed that it is the one in force."""

    sent_to = "beside.new_document"

    kind = OneOf("What is it?", [needed("Say what it is")], choices=choices(DocumentKind))
    title = Line("What is it called?", needed("Enter what it is called"))
    place = Line("Where is it held?", most=200, hint="For example: held by the GP")
    link = Line("Or a link to it", most=500, hint="It begins with https://")
    dated = DateParts("Which date is on it?")
    confirmed_by = Line(
        "Who has confirmed that it is in force?", hint="Name and role, if somebody has"
    )
    sharing = OneOf("Who may read this entry?", [needed("Say who may read it")])

    def __init__(self, offered: dict[str, str], **words: object) -> None:
        super().__init__(**words)
        self.sharing.choices = choices(offered)

    def whole(self) -> bool:
        """Return whether the form was sent and is whole; what is wrong stands beside its field."""
        if not self.validate_on_submit():
            return False
        if self.link.data:
            try:
                refuse_link(self.link.data)
            except RuleBroken as refusal:
                self.link.errors = [str(refusal)]
                return False
        return True

    @property
    def document(self) -> NewDocument:
        """What the form says, once it is whole."""
        return NewDocument(
            kind=DocumentKind(self.kind.data),
            sharing=Sharing(self.sharing.data),
            title=self.title.data or "",
            link=self.link.data or None,
            place=self.place.data or None,
            dated=self.dated.data,
            confirmed_by=self.confirmed_by.data or None,
        )


class ChangeDocumentForm(DocumentForm):
    """The same, of an entry that is there."""

    sent_to = "beside.change_document"


@beside.route("/documents")
@requires(Permission.SEE_CASE)
def documents(reference: str) -> ResponseReturnValue:
    """Show which documents there are, and where."""
    seen = my_running_case(reference)
    rows = [one for one in entries(seen, CaseDocument) if one.removed_at is None]
    return listing(
        seen,
        Listing(
            heading="Documents",
            about="documents",
            empty="No document is listed yet. Say where the care plan is held first.",
            lines=[document_line(seen, one) for one in rows],
            add=("Add a document", url_for("beside.new_document", reference=reference)),
            hint="Where each is held, and never a copy. Check the original document.",
        ),
    )


def document_line(seen: SeenCase, document: CaseDocument) -> Entry:
    """Return the entry of a document as a line."""
    here: dict[str, Any] = {"reference": seen.case.reference, "number": document.number}
    own = document.organisation == me().organisation
    told = (
        ("", document.kind.label),
        ("Held: ", document.place),
        ("Dated ", day(document.dated) if document.dated else ""),
        ("Confirmed by ", document.confirmed_by or "nobody yet"),
    )
    return Entry(
        title=document.title,
        key=f"document-{document.number}",
        words=[f"{lead}{words}" for lead, words in told if words],
        by=written_by(document),
        pills=pills_of(document, document.sharing),
        away=document.link or "",
        links=[("Change", url_for("beside.change_document", **here))] if own else [],
        posts=[("Take off the list", url_for("beside.remove_document", **here), {})] if own else [],
    )


@beside.route("/documents/new", methods=["GET", "POST"])
@requires(Permission.WRITE_CASE)
def new_document(reference: str) -> ResponseReturnValue:
    """Ask what a document is and where it is held, and list it."""
    seen = my_running_case(reference)
    form = DocumentForm(sharing_of(seen), sharing="team")
    kept = (
        saved(form, reference, lambda work: actions.keep_document(work, reference, form.document))
        if form.whole()
        else None
    )
    if kept is not None:
        say(f"The document is listed ({reference}).", "done")
        return redirect(url_for("beside.documents", reference=reference))
    return form_page(seen, form, "Add a document", "Save", back=_to_documents(reference))


@beside.route("/documents/<int:number>", methods=["GET", "POST"])
@requires(Permission.WRITE_CASE)
def change_document(reference: str, number: int) -> ResponseReturnValue:
    """Ask what has changed about a document, and keep it."""
    seen = my_running_case(reference)
    row = entry(seen, CaseDocument, number)
    words = {name: getattr(row, name) for name in ("title", "link", "place", "dated")}
    form = ChangeDocumentForm(
        sharing_of(seen),
        version=str(row.version),
        kind=row.kind.value,
        sharing=row.sharing.value,
        confirmed_by=row.confirmed_by,
        **words,
    )
    standing = stands(seen, CaseDocument, number, lambda one: document_line(seen, one))
    kept = (
        saved(
            form,
            reference,
            lambda work: actions.change_document(work, reference, number, form.document),
            standing,
        )
        if form.whole()
        else None
    )
    if kept is not None:
        say(f"The entry is changed ({reference}).", "done")
        return redirect(url_for("beside.documents", reference=reference))
    return form_page(seen, form, "Change a document", "Save", back=_to_documents(reference))


@beside.route("/documents/<int:number>/remove", methods=["POST"])
@requires(Permission.WRITE_CASE)
def remove_document(reference: str, number: int) -> ResponseReturnValue:
    """Take the entry of a document off the list; it can be put back at once."""
    return _listed(reference, number, back=False)


@beside.route("/documents/<int:number>/put-back", methods=["POST"])
@requires(Permission.WRITE_CASE)
def put_back_document(reference: str, number: int) -> ResponseReturnValue:
    """Put the entry of a document back on the list."""
    return _listed(reference, number, back=True)


def _listed(reference: str, number: int, *, back: bool) -> ResponseReturnValue:
    entry(my_running_case(reference), CaseDocument, number)
    try:
        with my_work() as work:
            row = actions.remove_document(work, reference, number, back=back)
            label = row.kind.label
    except RuleBroken as refusal:
        say(str(refusal), "problem")
    else:
        address = url_for("beside.put_back_document", reference=reference, number=number)
        undo = None if back else {"action": address, "label": label}
        words = "The document is back on the list" if back else "The document is off the list"
        say(f"{words} ({reference}).", "quiet", undo=undo)
    return redirect(url_for("beside.documents", reference=reference))


def _to_documents(reference: str) -> tuple[str, str]:
    return "Documents", url_for("beside.documents", reference=reference)
