"""Pausing a transition, and taking it up again."""

from flask import abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from transition.actions.holds import end_hold, hold_until
from transition.actions.pauses import pause_case, resume_case
from transition.records.anchors import anchors_of
from transition.records.cases import SeenCase
from transition.records.histories import open_pause_of
from transition.records.young_people import young_person_of
from transition.rules.access import CaseAccess, Permission
from transition.rules.errors import RuleBroken
from transition.rules.pauses import CHOSEN, USUAL_PAUSE, PauseReason
from transition.web.cases.views import cases, dues_of
from transition.web.filters import day
from transition.web.forms import DateParts, Form, Lines, OneOf, VersionedForm, choices, needed
from transition.web.frame import say
from transition.web.guard import requires
from transition.web.versions import Standing, editing
from transition.web.work import asking, my_case, my_running_case, my_work, note_seen, reading, today


class PauseForm(Form):
    """Why, and until when."""

    sent_to = "cases.pause"

    reason = OneOf(
        "Why are you pausing?", [needed("Say why you are pausing")], choices=choices(CHOSEN)
    )
    review_on = DateParts("Look again on", needed("Enter the day on which to look again"))
    note = Lines("Note", hint="If it helps")


@cases.route("/<reference>/pause", methods=["GET", "POST"])
@requires(Permission.PAUSE_CASE)
def pause(reference: str) -> ResponseReturnValue:
    """Ask why a transition is to be paused and until when, and pause it."""
    seen = my_running_case(reference)
    form = PauseForm(review_on=today() + USUAL_PAUSE)
    if form.is_submitted() and form.validate():
        try:
            with my_work() as work:
                pause_case(
                    work,
                    reference,
                    PauseReason(form.reason.data),
                    review_on=form.review_on.data,
                    note=form.note.data or None,
                )
        except RuleBroken as refusal:
            form.refuse(refusal)
            seen = my_case(reference)
        else:
            say(f"{reference} is paused until {day(form.review_on.data)}.", "quiet")
            return redirect(url_for("cases.show", reference=reference))
    return _page(seen, form, "pause")


def _page(seen: SeenCase, form: Form, name: str) -> ResponseReturnValue:
    note_seen("case:viewed", case_ref=seen.case.reference, about=name)
    page = render_template(
        f"cases/{name}.html",
        form=form,
        case=seen.case,
        person=young_person_of(reading(), seen.case.young_person_uid),
        born=anchors_of(reading(), seen.case.uid).date_of_birth,
    )
    return page, 422 if form.errors else 200


class HoldForm(VersionedForm):
    """Until when prompts are held for a bereaved family."""

    sent_to = "cases.hold"

    review_on = DateParts("Look again on", needed("Enter the day on which to look again"))


def _hold_standing(reference: str) -> Standing:
    """Return until when prompts are held, for the form that says so."""
    hold = open_pause_of(reading(), my_case(reference).case.uid)
    if hold is None:
        return Standing(version="none", words=(("Prompts", "They go on"),))
    held = (("Prompts are held until", day(hold.review_on)),)
    return Standing(version=hold.review_on.isoformat(), words=held)


@cases.route("/<reference>/hold", methods=["GET", "POST"])
@requires(Permission.PAUSE_CASE)
def hold(reference: str) -> ResponseReturnValue:
    """Ask until when prompts are held for a bereaved family, or end that."""
    seen = my_case(reference, at_least=CaseAccess.FULL)
    held = open_pause_of(reading(), seen.case.uid)
    if held is None or held.reason_code != PauseReason.FAMILY_BEREAVED:
        abort(404)
    form = HoldForm(version=_hold_standing(reference).version, review_on=held.review_on)
    if form.is_submitted() and form.validate():
        try:
            with editing(form, reference, lambda: _hold_standing(reference)) as work:
                hold_until(work, reference, form.review_on.data)
        except RuleBroken as refusal:
            form.refuse(refusal)
            seen = my_case(reference)
        else:
            say(f"Prompts are held until {day(form.review_on.data)}.", "quiet")
            return redirect(url_for("cases.show", reference=reference))
    return _page(seen, form, "hold")


@cases.route("/<reference>/hold/end", methods=["POST"])
@requires(Permission.PAUSE_CASE)
def stop_holding(reference: str) -> ResponseReturnValue:
    """Let the prompts about a case go on."""
    my_case(reference, at_least=CaseAccess.FULL)
    try:
        with my_work() as work:
            end_hold(work, reference)
    except RuleBroken as refusal:
        say(str(refusal), "problem")
    else:
        say("Prompts go on. What fell due meanwhile is due 20 working days from now.", "done")
    return redirect(url_for("cases.show", reference=reference))


@cases.route("/<reference>/resume", methods=["POST"])
@requires(Permission.PAUSE_CASE)
def resume(reference: str) -> ResponseReturnValue:
    """Take a paused transition up again."""
    my_case(reference)
    try:
        with my_work() as work:
            resume_case(work, reference)
    except RuleBroken as refusal:
        say(str(refusal), "problem")
    else:
        moving = dues_of(my_case(reference)).slipped(asking()).moving
        slipped = f" {len(moving)} due dates moved." if len(moving) > 1 else ""
        words = "What fell due meanwhile is due 20 working days from now."
        say(f"{reference} goes on. {words}{slipped}", "done")
    return redirect(url_for("cases.show", reference=reference))
