"""Milestones that one case adds, and looking at any of them again later."""

from datetime import timedelta
from typing import Final

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from transition.actions.own_milestones import (
    add_milestone,
    change_milestone,
    snooze_milestone,
    wake_milestone,
)
from transition.actions.work import ChangedMeanwhile
from transition.records.anchors import anchors_of
from transition.records.cases import SeenCase
from transition.records.milestones import (
    OwnMilestone,
    Snooze,
    own_milestone,
    own_milestones_of,
    snoozes_of,
)
from transition.records.young_people import young_person_of
from transition.rules.access import Permission
from transition.rules.errors import RuleBroken
from transition.rules.pathway import Owner
from transition.web.filters import day
from transition.web.forms import choices
from transition.web.frame import say
from transition.web.guard import requires
from transition.web.milestones.forms import ChangeForm, LaterForm, OwnForm
from transition.web.milestones.views import back_to, called, found, milestones
from transition.web.versions import Standing, editing
from transition.web.work import may_work_on, my_running_case, my_work, note_seen, reading, today

USUALLY: Final = timedelta(weeks=2)
"""After which a milestone is looked at again, unless another day is chosen."""


@milestones.route("/new", methods=["GET", "POST"])
@requires(Permission.WORK_MILESTONE)
def add(reference: str) -> ResponseReturnValue:
    """Ask for a milestone of this case's own, and add it."""
    seen = my_running_case(reference)
    shown = {} if request.method == "POST" else {"version": _count(seen).version}
    form = OwnForm(stage=seen.case.stage.value, **shown)
    _offer_owners(form, seen)
    if form.validate_on_submit():
        try:
            with editing(form, reference, lambda: _count(seen)) as work:
                row = add_milestone(work, reference, form.new)
                words = f"Added: {row.code} ({reference})."
        except RuleBroken as refusal:
            form.refuse(refusal)
        else:
            say(words, "done")
            return redirect(url_for("cases.milestones", reference=reference))
    return _page("milestones/add.html", form, seen, heading="Add a milestone")


@milestones.route("/<code>/change", methods=["GET", "POST"])
@requires(Permission.WORK_MILESTONE)
def change(reference: str, code: str) -> ResponseReturnValue:
    """Ask how a milestone of this case's own is to be, and change it."""
    seen, _ = found(reference, code)
    row = own_milestone(reading(), seen.case.uid, code) or abort(404)
    words = {"title": row.title, "due_on": row.due_on}
    form = ChangeForm(
        stage=row.stage.value, owner=row.owner.value, version=str(row.version), **words
    )
    _offer_owners(form, seen)
    if form.validate_on_submit():
        try:
            with editing(form, reference, lambda: _stands(seen, code)) as work:
                change_milestone(work, reference, code, form.new)
        except RuleBroken as refusal:
            form.refuse(refusal)
        else:
            say(f"Changed: {code} ({reference}).", "done")
            return redirect(url_for("cases.milestones", reference=reference))
    return _page("milestones/add.html", form, seen, heading="Change a milestone")


@milestones.route("/<code>/later", methods=["GET", "POST"])
@requires(Permission.WORK_MILESTONE)
def later(reference: str, code: str) -> ResponseReturnValue:
    """Ask until when a milestone is not asked about, and why."""
    seen, rule = found(reference, code)
    standing = _snoozed(seen, code)
    shown = {"back": request.args.get("back"), "version": standing.version}
    form = LaterForm(until_on=today() + USUALLY, **shown)
    if form.validate_on_submit():
        try:
            with editing(form, reference, lambda: _snoozed(seen, code)) as work:
                snooze_milestone(
                    work, reference, code, form.until_on.data, reason=form.reason.data or ""
                )
        except RuleBroken as refusal:
            form.refuse(refusal)
        else:
            undo = {
                "action": url_for("milestones.wake", reference=reference, code=code),
                "label": called(rule),
                "fields": {"back": form.back.data or ""},
            }
            words = f"“{called(rule)}” comes back on {day(form.until_on.data)} ({reference})."
            say(words, "quiet", undo=undo)
            return redirect(back_to(reference, form.back.data))
    return _page("milestones/later.html", form, seen, rule=rule)


@milestones.route("/<code>/wake", methods=["POST"])
@requires(Permission.WORK_MILESTONE)
def wake(reference: str, code: str) -> ResponseReturnValue:
    """Let a milestone be asked about again at once."""
    _, rule = found(reference, code)
    try:
        with my_work() as work:
            wake_milestone(work, reference, code)
    except ChangedMeanwhile:
        raise
    except RuleBroken as refusal:
        say(str(refusal), "problem")
    else:
        say(f"On the list again: “{called(rule)}” ({reference}).", "quiet")
    return redirect(back_to(reference, request.form.get("back")))


def _offer_owners(form: OwnForm, seen: SeenCase) -> None:
    """Offer those who may do it of whom the reader may say so."""
    form.owner.choices = choices(one for one in Owner if may_work_on(seen, one))


def _count(seen: SeenCase) -> Standing:
    """Return how many milestones a case has added: sent twice, a form adds one only."""
    rows = own_milestones_of(reading(), seen.case.uid)
    return Standing(
        version=str(len(rows)),
        words=(("Milestones of its own", str(len(rows))),),
        by_uid=rows[-1].added_by_uid if rows else None,
        at=rows[-1].added_at if rows else None,
        did="added one",
    )


def _stands(seen: SeenCase, code: str) -> Standing:
    row: OwnMilestone | None = own_milestone(reading(), seen.case.uid, code)
    if row is None:
        return Standing(version="", words=())
    words = (("What is to be done", row.title), ("Due", day(row.due_on)))
    return Standing(version=str(row.version), words=words)


def _snoozed(seen: SeenCase, code: str) -> Standing:
    row: Snooze | None = snoozes_of(reading(), seen.case.uid).get(code)
    if row is None:
        return Standing(version="none", words=(("Look again on", "Not put off"),))
    words = (("Look again on", day(row.until_on)), ("Why later", row.reason or ""))
    version = f"{row.uid.hex()[:8]}"
    return Standing(version=version, words=words, by_uid=row.set_by_uid, at=row.set_at)


def _page(
    template: str, form: OwnForm | LaterForm, seen: SeenCase, **more: object
) -> ResponseReturnValue:
    note_seen("case:viewed", case_ref=seen.case.reference, about="milestones")
    page = render_template(
        template,
        form=form,
        case=seen.case,
        person=young_person_of(reading(), seen.case.young_person_uid),
        born=anchors_of(reading(), seen.case.uid).date_of_birth,
        **more,
    )
    return page, 422 if form.errors else 200
