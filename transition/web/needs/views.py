"""The register of unmet needs: of one case, and of all that the reader's hospice looks after."""

from typing import Any

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from transition.actions.unmet_needs import NewNeed, close_need, record_need, reopen_need
from transition.records.anchors import anchors_of
from transition.records.case_lists import list_of_cases
from transition.records.cases import SeenCase
from transition.records.names import names_of
from transition.records.unmet_needs import UnmetNeed, needs_of_cases, unmet_needs_of
from transition.records.young_people import young_person_of
from transition.rules.access import CaseAccess, Permission
from transition.rules.errors import RuleBroken
from transition.rules.unmet_needs import ClosedHow
from transition.web.forms import Form
from transition.web.frame import say
from transition.web.guard import requires
from transition.web.needs.forms import CloseForm, NeedForm
from transition.web.versions import Standing, editing
from transition.web.work import (
    asking,
    catalogue,
    me,
    my_case,
    my_running_case,
    my_work,
    note_seen,
    reading,
    today,
)

needs = Blueprint("needs", __name__)


@needs.route("/needs")
@requires(Permission.RECORD_NEED)
def index() -> ResponseReturnValue:
    """Show every unmet need of the young people whom the reader's hospice looks after."""
    own = [one for one in list_of_cases(reading(), asking()) if one.access is CaseAccess.FULL]
    references = {one.case_uid: one.reference for one in own}
    rows = needs_of_cases(reading(), list(references))
    names = names_of(reading(), me(), {row.case_uid for row in rows})
    listed = sorted({references[row.case_uid] for row in rows})
    note_seen("needs:listed", about=" ".join(listed))
    return render_template(
        "needs/index.html",
        open_needs=[row for row in rows if row.closed_on is None],
        closed=[row for row in rows if row.closed_on is not None],
        references=references,
        names=names,
        organisations=catalogue().collaborative,
    )


@needs.route("/cases/<reference>/needs")
@requires(Permission.RECORD_NEED)
def show(reference: str) -> ResponseReturnValue:
    """Show the unmet needs of one case."""
    seen = my_running_case(reference)
    return _page("show", seen, rows=unmet_needs_of(reading(), seen.case.uid))


@needs.route("/cases/<reference>/needs/new", methods=["GET", "POST"])
@requires(Permission.RECORD_NEED)
def new(reference: str) -> ResponseReturnValue:
    """Record by hand that something is missing."""
    seen = my_running_case(reference)
    form = NeedForm(opened_on=today())
    if not form.validate_on_submit():
        return _page("new", seen, form)
    said = NewNeed(
        what=form.meant,
        reason_code=form.reason.data,
        opened_on=form.opened_on.data,
        note=form.note.data,
    )
    try:
        with my_work() as work:
            record_need(work, reference, said)
    except RuleBroken as refusal:
        form.refuse(refusal)
        return _page("new", seen, form)
    say("It stands in the register of unmet needs.", "done")
    return redirect(url_for("needs.show", reference=reference))


@needs.route("/cases/<reference>/needs/<int:number>", methods=["GET", "POST"])
@requires(Permission.RECORD_NEED)
def close(reference: str, number: int) -> ResponseReturnValue:
    """Ask how an unmet need ended, and close it."""
    seen = my_running_case(reference)
    need = _found(seen, number)
    form = CloseForm(version=str(need.version))
    if not form.validate_on_submit():
        return _page("close", seen, form, need=need)
    try:
        with editing(form, reference, lambda: _standing(seen, number)) as work:
            close_need(work, reference, number, ClosedHow(form.how.data), note=form.note.data)
    except RuleBroken as refusal:
        form.refuse(refusal)
        return _page("close", seen, form, need=need)
    undo = url_for("needs.reopen", reference=reference, number=number)
    say("Closed.", "done", undo={"action": undo, "label": "closing an unmet need"})
    return redirect(url_for("needs.show", reference=reference))


@needs.route("/cases/<reference>/needs/<int:number>/reopen", methods=["POST"])
@requires(Permission.RECORD_NEED)
def reopen(reference: str, number: int) -> ResponseReturnValue:
    """Put an unmet need back into the register."""
    _found(my_case(reference), number)
    try:
        with my_work() as work:
            reopen_need(work, reference, number)
    except RuleBroken as refusal:
        say(str(refusal), "problem")
    else:
        say("It stands in the register again.", "done")
    return redirect(url_for("needs.show", reference=reference))


def _page(name: str, seen: SeenCase, form: Form | None = None, **more: Any) -> ResponseReturnValue:  # noqa: ANN401 - whatever the page says
    note_seen("case:viewed", case_ref=seen.case.reference, about="needs")
    page = render_template(
        f"needs/{name}.html",
        case=seen.case,
        person=young_person_of(reading(), seen.case.young_person_uid),
        born=anchors_of(reading(), seen.case.uid).date_of_birth,
        organisations=catalogue().collaborative,
        **more,
        **({"form": form} if form is not None else {}),
    )
    return page, 422 if form is not None and form.errors else 200


def _found(seen: SeenCase, number: int) -> UnmetNeed:
    """Return an unmet need of a case, or answer that there is no such page."""
    rows = unmet_needs_of(reading(), seen.case.uid)
    found = next((row for row in rows if row.number == number), None)
    return found or abort(404)


def _standing(seen: SeenCase, number: int) -> Standing:
    """Return how an unmet need stands, for whoever comes second."""
    need = _found(seen, number)
    words = (("What", need.what), ("Ended", need.ended or "Not yet"))
    return Standing(version=str(need.version), words=words)
