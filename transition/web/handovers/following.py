"""What follows: taking a handover back, what comes after a No, and conditions that are met."""

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from transition.actions.conditions import meet_condition, reopen_condition
from transition.actions.declines import decide_after_no
from transition.actions.handovers import withdraw_handover
from transition.actions.readiness import people_across
from transition.actions.work import NotFound
from transition.records.cases import SeenCase
from transition.records.handovers import Handover
from transition.rules.access import CaseAccess, Permission
from transition.rules.errors import RuleBroken
from transition.rules.handovers import AfterNo
from transition.web.filters import receiver_of
from transition.web.frame import say
from transition.web.guard import requires
from transition.web.handovers.checking import found, sender_of, stands
from transition.web.handovers.forms import AfterNoForm, WithdrawForm
from transition.web.handovers.views import handovers, pack_page, refuse_over, reply_form
from transition.web.versions import editing
from transition.web.work import looking, me, my_case, my_work, note_seen


@handovers.route("/cases/<reference>/handovers/<key>/withdraw", methods=["GET", "POST"])
@requires(Permission.WITHDRAW_HANDOVER)
def withdraw(reference: str, key: str) -> ResponseReturnValue:
    """Say what taking a handover back does and who is told, and take it back."""
    seen, handover = found(reference, key)
    refuse_over(seen, handover, "withdraw")
    form = WithdrawForm(version=stands(seen, handover).version)
    if not form.is_submitted() or not form.validate():
        return _withdraw_page(seen, handover, form)
    try:
        with editing(form, reference, lambda: stands(*found(reference, key))) as work:
            withdraw_handover(work, reference, key, why=form.why.data or None)
    except RuleBroken as refusal:
        form.refuse(refusal)
        return _withdraw_page(*found(reference, key), form)
    told = "Ring them." if handover.outside else "They have been told that something changed."
    say(f"Withdrawn. {told}", "quiet")
    if seen.access is CaseAccess.FULL:
        return redirect(url_for("cases.show", reference=reference))
    return redirect(url_for("handovers.index"))


def _withdraw_page(seen: SeenCase, handover: Handover, form: WithdrawForm) -> ResponseReturnValue:
    note_seen("case:viewed", case_ref=seen.case.reference, about=handover.key)
    page = render_template(
        "handovers/withdraw.html",
        form=form,
        case=seen.case,
        handover=handover,
        sender=sender_of(seen),
        receiver=receiver_of(handover),
        told=[staff.name for staff in people_across(looking(), seen.case, handover)],
        side=me().side,
    )
    return page, 422 if form.errors else 200


@handovers.route("/cases/<reference>/handovers/<key>/after-no", methods=["POST"])
@requires(Permission.PROPOSE_HANDOVER)
def follow(reference: str, key: str) -> ResponseReturnValue:
    """Record what follows after a hospice could not take it."""
    seen, handover = found(reference, key, at_least=CaseAccess.FULL)
    form = AfterNoForm()
    if not form.validate():
        return pack_page(seen, handover, reply_form(seen, handover), after_no=form)
    try:
        with my_work() as work:
            decide_after_no(work, reference, key, AfterNo(form.after_no.data))
    except RuleBroken as refusal:
        say(str(refusal), "problem")
    else:
        say("Noted. It is off your list.", "done")
    return redirect(url_for("handovers.show", reference=reference, key=key))


@handovers.route("/cases/<reference>/conditions/<int:number>/met", methods=["POST"])
@requires(Permission.WORK_MILESTONE)
def met(reference: str, number: int) -> ResponseReturnValue:
    """Record that a condition is met."""
    my_case(reference, at_least=CaseAccess.PACK)
    try:
        with my_work() as work:
            meet_condition(work, reference, number)
    except NotFound:
        raise
    except RuleBroken as refusal:
        say(str(refusal), "problem")
    else:
        undo = {
            "action": url_for("handovers.not_met", reference=reference, number=number),
            "label": f"Condition {number}",
        }
        say(f"Met: condition {number} ({reference}).", "done", undo=undo)
    return redirect(url_for("cases.show", reference=reference))


@handovers.route("/cases/<reference>/conditions/<int:number>/not-met", methods=["POST"])
@requires(Permission.WORK_MILESTONE)
def not_met(reference: str, number: int) -> ResponseReturnValue:
    """Take back that a condition is met."""
    my_case(reference, at_least=CaseAccess.PACK)
    try:
        with my_work() as work:
            reopen_condition(work, reference, number)
    except NotFound:
        raise
    except RuleBroken as refusal:
        say(str(refusal), "problem")
    else:
        say(f"Back on the list: condition {number} ({reference}).", "quiet")
    return redirect(url_for("cases.show", reference=reference))
