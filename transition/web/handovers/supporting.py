"""How the support beside whoever leads goes: asked by either hospice, for as long as it lasts."""

from flask import abort, redirect, url_for
from flask.typing import ResponseReturnValue

from transition.actions.settling import (
    NewCheckIn,
    Talk,
    record_check_in,
    record_talk,
    take_back_check_in,
)
from transition.actions.work import NotFound
from transition.records.handovers import Handover
from transition.records.settling import CheckIn, entries_of
from transition.rules.access import Permission
from transition.rules.errors import RuleBroken
from transition.rules.people import LEADS
from transition.rules.settling import CheckInKind, CheckInOutcome
from transition.web.filters import day
from transition.web.frame import say
from transition.web.guard import requires
from transition.web.handovers.checking import found, handover_page
from transition.web.handovers.forms import SupportCheckForm, SupportTalkForm
from transition.web.handovers.views import handovers, refuse_over
from transition.web.versions import saved
from transition.web.work import me, my_work, reading


@handovers.route("/cases/<reference>/handovers/<key>/check-ins/new", methods=["GET", "POST"])
@requires(Permission.WORK_MILESTONE)
def check_support(reference: str, key: str) -> ResponseReturnValue:
    """Ask how the support goes, and record it."""
    seen, handover = found(reference, key)
    refuse_over(seen, handover, "check")
    form = SupportCheckForm()
    if form.validate_on_submit():
        new = NewCheckIn(
            kind=CheckInKind.SUPPORT,
            outcome=CheckInOutcome(form.outcome.data),
            happened_on=form.happened_on.data,
            their_words=form.their_words.data or None,
            note=form.note.data or None,
        )
        kept = saved(
            form, reference, lambda work: record_check_in(work, reference, new, key=key).number
        )
        if kept is not None:
            undo = url_for("handovers.not_checked", reference=reference, key=key, number=kept)
            return _done(reference, key, f"What was said on {day(new.happened_on)} is kept", undo)
    return handover_page("support", seen, handover, form, heading="How does the support go?")


@handovers.route(
    "/cases/<reference>/handovers/<key>/check-ins/<int:number>/taken-back", methods=["POST"]
)
@requires(Permission.WORK_MILESTONE)
def not_checked(reference: str, key: str, number: int) -> ResponseReturnValue:
    """Take back what was recorded by mistake about support."""
    _, handover = found(reference, key)
    if handover.leads:
        abort(404)
    try:
        with my_work() as work:
            take_back_check_in(work, reference, number, key=key)
    except NotFound:
        raise
    except RuleBroken as refusal:
        say(str(refusal), "problem")
    else:
        say(f"Taken back ({reference}).", "quiet")
    return redirect(url_for("handovers.show", reference=reference, key=key))


@handovers.route(
    "/cases/<reference>/handovers/<key>/check-ins/<int:number>/talk", methods=["GET", "POST"]
)
@requires(Permission.WORK_MILESTONE)
def talk_of_support(reference: str, key: str, number: int) -> ResponseReturnValue:
    """Ask what both leads agreed after it was said that the support is not working."""
    seen, handover = found(reference, key)
    refuse_over(seen, handover, "check")
    if not _waits_for_talk(handover, number) or not me().roles & LEADS:
        abort(404)
    form = SupportTalkForm()
    if form.validate_on_submit() and saved(
        form,
        reference,
        lambda work: record_talk(
            work, reference, number, Talk(form.happened_on.data, form.words.data), key=key
        ),
    ):
        return _done(reference, key, "The conversation is recorded")
    return handover_page("support", seen, handover, form, heading="What did both leads agree?")


def _waits_for_talk(handover: Handover, number: int) -> bool:
    found_one = (
        one for one in entries_of(reading(), CheckIn, [handover.uid]) if one.number == number
    )
    return any(one.outcome is CheckInOutcome.NOT_WORKING for one in found_one)


def _done(reference: str, key: str, words: str, undo: str = "") -> ResponseReturnValue:
    taking_back = {"action": undo, "label": words} if undo else None
    say(f"{words} ({reference}).", "done", undo=taking_back)
    return redirect(url_for("handovers.show", reference=reference, key=key))
