"""The path itself: shortened and taken up again, another house, a newer pathway, a move undone."""

from typing import Any

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from transition.actions.cases import undo_move_on as take_back
from transition.actions.expediting import expedite_case, steady_case
from transition.actions.houses import move_house
from transition.actions.pathways import bring_up_to_date
from transition.records.anchors import anchors_of
from transition.records.cases import SeenCase
from transition.records.young_people import young_person_of
from transition.rules.access import CaseAccess, Permission, may
from transition.rules.errors import RuleBroken
from transition.rules.expediting import MINIMUM_SAFE, ExpediteReason
from transition.web.cases.views import cases, dues_of
from transition.web.forms import Form, Lines, OneOf, choices, needed
from transition.web.frame import say
from transition.web.guard import requires
from transition.web.work import (
    asking,
    catalogue,
    me,
    my_case,
    my_running_case,
    my_work,
    note_seen,
    reading,
)


class ExpediteForm(Form):
    """Why the path is shortened."""

    sent_to = "cases.expedite"

    reason_code = OneOf(
        "What has changed?", [needed("Say what has changed")], choices=choices(ExpediteReason)
    )
    note = Lines("Note", hint="If it helps. It stays in this case")


class HouseForm(Form):
    """Where somebody is looked after from today on."""

    sent_to = "cases.house"

    service = OneOf("Who looks after them from today?", [needed("Choose the service")])


class PathwayForm(Form):
    """Nothing is asked: what would be added is shown, and confirmed."""

    sent_to = "cases.pathway"


@cases.route("/<reference>/short-path", methods=["GET", "POST"])
@requires(Permission.PAUSE_CASE)
def expedite(reference: str) -> ResponseReturnValue:
    """Ask what has changed, and shorten the path."""
    seen = my_running_case(reference)
    form = ExpediteForm()
    if form.validate_on_submit():
        reason = ExpediteReason(form.reason_code.data)
        try:
            with my_work() as work:
                expedite_case(work, reference, reason, note=form.note.data or None)
        except RuleBroken as refusal:
            form.refuse(refusal)
        else:
            say(f"The path of {reference} is short now. Please ring those who share it.", "done")
            return redirect(url_for("cases.show", reference=reference))
    rules = dues_of(seen).pathway.by_code
    needs = [rules[code].title for code in sorted(MINIMUM_SAFE) if code in rules]
    return _page("cases/expedite.html", seen, form, needs=needs)


@cases.route("/<reference>/short-path/end", methods=["POST"])
@requires(Permission.PAUSE_CASE)
def steady(reference: str) -> ResponseReturnValue:
    """Return to the ordinary path."""
    my_case(reference)
    try:
        with my_work() as work:
            steady_case(work, reference)
    except RuleBroken as refusal:
        say(str(refusal), "problem")
    else:
        say(
            f"{reference} is on the ordinary path again. What was skipped is on the list, due no"
            " sooner than 20 working days from now.",
            "done",
        )
    return redirect(url_for("cases.show", reference=reference))


@cases.route("/<reference>/house", methods=["GET", "POST"])
@requires(Permission.MOVE_STAGE)
def house(reference: str) -> ResponseReturnValue:
    """Ask which service of the hospice looks after somebody from today, and record it."""
    seen = my_running_case(reference, at_least=CaseAccess.FULL)
    form = HouseForm()
    ours = catalogue().collaborative.organisation(seen.case.organisation).services
    others = {one.code: one.name for one in ours if one.code != seen.case.service}
    form.service.choices = choices(others)
    if form.validate_on_submit():
        try:
            with my_work() as work:
                move_house(work, reference, form.service.data)
        except RuleBroken as refusal:
            form.refuse(refusal)
        else:
            say(f"{reference} is now with {others[form.service.data]}.", "done")
            return redirect(url_for("cases.show", reference=reference))
    here = catalogue().collaborative.service(seen.case.service).name
    return _page("cases/house.html", seen, form, here=here)


@cases.route("/<reference>/pathway", methods=["GET", "POST"])
@requires(Permission.MOVE_STAGE)
def pathway(reference: str) -> ResponseReturnValue:
    """Show what the newest pathway would add, and let the case follow it when that is confirmed."""
    seen = my_running_case(reference, at_least=CaseAccess.FULL)
    form = PathwayForm()
    if form.is_submitted():
        try:
            with my_work() as work:
                bring_up_to_date(work, reference)
        except RuleBroken as refusal:
            form.refuse(refusal)
        else:
            say(
                f"{reference} follows the newest pathway now. Nothing that was done is lost.",
                "done",
            )
            return redirect(url_for("cases.milestones", reference=reference))
    added = dues_of(seen).on_newest(asking())
    return _page(
        "cases/pathway.html",
        seen,
        form,
        added=added,
        newest=catalogue().pathway.version,
        may_renew=_may_renew(seen),
    )


def _may_renew(seen: SeenCase) -> bool:
    """Return whether there is a newer pathway, and the reader may let the case follow it."""
    newest = seen.case.pathway_version == catalogue().pathway.version
    return not newest and may(me().roles, Permission.WAIVE_GATE)


@cases.route("/<reference>/stage/undo", methods=["POST"])
@requires(Permission.MOVE_STAGE)
def undo_move_on(reference: str) -> ResponseReturnValue:
    """Take a case back to the stage that its reader moved it on from today."""
    my_case(reference, at_least=CaseAccess.FULL)
    try:
        with my_work() as work:
            stage = take_back(work, reference).stage
            words = f"Undone. {reference} is at “{stage.label}” again."
    except RuleBroken as refusal:
        say(str(refusal), "problem")
    else:
        say(words, "quiet")
    return redirect(url_for("cases.show", reference=reference))


def _page(template: str, seen: SeenCase, form: Form, **more: Any) -> ResponseReturnValue:  # noqa: ANN401 - whatever the page shows
    note_seen("case:viewed", case_ref=seen.case.reference, about=template[6:-5])
    page = render_template(
        template,
        form=form,
        case=seen.case,
        person=young_person_of(reading(), seen.case.young_person_uid),
        born=anchors_of(reading(), seen.case.uid).date_of_birth,
        **more,
    )
    return page, 422 if form.errors else 200
