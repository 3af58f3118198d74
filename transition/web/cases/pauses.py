"""Pausing a transition, and taking it up again."""

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from transition.actions.pauses import pause_case, resume_case
from transition.records.anchors import anchors_of
from transition.records.cases import SeenCase
from transition.records.young_people import young_person_of
from transition.rules.access import Permission
from transition.rules.errors import RuleBroken
from transition.rules.pauses import USUAL_PAUSE, PauseReason
from transition.web.cases.views import cases, dues_of
from transition.web.filters import day
from transition.web.forms import DateParts, Form, Lines, OneOf, choices, needed
from transition.web.frame import say
from transition.web.guard import requires
from transition.web.work import asking, my_case, my_running_case, my_work, note_seen, reading, today


class PauseForm(Form):
    """Why, and until when."""

    sent_to = "cases.pause"

    reason = OneOf(
        "Why are you pausing?", [needed("Say why you are pausing")], choices=choices(PauseReason)
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
    return _page(seen, form)


def _page(seen: SeenCase, form: PauseForm) -> ResponseReturnValue:
    note_seen("case:viewed", case_ref=seen.case.reference, about="pause")
    page = render_template(
        "cases/pause.html",
        form=form,
        case=seen.case,
        person=young_person_of(reading(), seen.case.young_person_uid),
        born=anchors_of(reading(), seen.case.uid).date_of_birth,
    )
    return page, 422 if form.errors else 200


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
