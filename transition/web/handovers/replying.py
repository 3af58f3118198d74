"""The receiving hospice's answers: it has arrived; yes to all; an answer for each function."""

from dataclasses import replace
from typing import Any

from flask import abort, redirect, url_for
from flask.typing import ResponseReturnValue

from transition.actions.adult_workers import name_adult_worker
from transition.actions.handovers import acknowledge_handover
from transition.actions.readiness import people_waiting
from transition.actions.replies import Decline, NewCondition, Reply, reply_to_handover
from transition.records.cases import SeenCase
from transition.records.handovers import Handover
from transition.records.questions import questions_of
from transition.rules.access import CaseAccess, Permission
from transition.rules.declines import DeclineReason
from transition.rules.errors import RuleBroken
from transition.rules.handovers import Answer, HandoverState
from transition.rules.people import Side
from transition.web.frame import say
from transition.web.guard import requires
from transition.web.handovers.checking import (
    check_page,
    found,
    handover_page,
    kept,
    noted,
    sender_of,
    stands,
)
from transition.web.handovers.forms import (
    LATER,
    ReceivedForm,
    ReplyEachForm,
    ReplyForm,
    WorkerForm,
    part_of,
)
from transition.web.handovers.views import (
    handovers,
    may_name,
    pack_page,
    refuse_over,
    reply_form,
    workers,
)
from transition.web.versions import refuse_older
from transition.web.work import looking, my_work, reading, today


@handovers.route("/cases/<reference>/handovers/<key>/received", methods=["POST"])
@requires(Permission.DECIDE_HANDOVER)
def received(reference: str, key: str) -> ResponseReturnValue:
    """Record that a handover has arrived."""
    seen, handover = found(reference, key)
    form = ReceivedForm()
    try:
        if form.validate():
            with my_work() as work:
                acknowledge_handover(work, reference, key, answer_by=form.answer_by.data)
            say(f"Thank you. {sender_of(seen)} knows that you have it.", "done")
            return redirect(url_for("handovers.show", reference=reference, key=key))
    except RuleBroken as refusal:
        form.refuse(refusal)
    shown = reply_form(seen, handover)
    for words in [*form.form_errors, *form.answer_by.errors]:
        shown.refuse(words)
    return pack_page(*found(reference, key), shown)


@handovers.route("/cases/<reference>/handovers/<key>/reply", methods=["POST"])
@requires(Permission.DECIDE_HANDOVER)
def reply(reference: str, key: str) -> ResponseReturnValue:
    """Accept all that is asked."""
    seen, handover = found(reference, key)
    form = reply_form(seen, handover)
    if not form.check(today()) or form.to_change:
        return pack_page(seen, handover, form)
    if form.to_check:
        return _check(seen, handover, form)
    asked = {row.function: Answer.ACCEPT for row in handover.answers}
    said = Reply(answers=asked, **_known(form), **_who(form))
    if not kept(form, reference, key, lambda work: reply_to_handover(work, reference, key, said)):
        return pack_page(*found(reference, key), form)
    say(f"Accepted. {sender_of(seen)} has been told.", "done")
    return redirect(url_for("handovers.show", reference=reference, key=key))


@handovers.route("/cases/<reference>/handovers/<key>/reply/each", methods=["GET", "POST"])
@requires(Permission.DECIDE_HANDOVER)
def reply_each(reference: str, key: str) -> ResponseReturnValue:
    """Answer each function that is asked for: yes, yes with a condition, or no with its reason."""
    seen, handover = found(reference, key)
    refuse_over(seen, handover, "decide")
    asked = [row.function for row in handover.answers]
    form = ReplyEachForm(
        asked,
        workers(handover),
        leads=handover.leads,
        version=stands(seen, handover).version,
    )
    form.has_asked = bool(questions_of(reading(), handover.uid))
    if not form.is_submitted() or not form.check(today()) or form.to_change:
        return handover_page("reply_each", seen, handover, form, part_of=part_of)
    if form.to_check:
        return _check(seen, handover, form)
    said = replace(answers_of(form), **_who(form))
    state = kept(
        form, reference, key, lambda work: reply_to_handover(work, reference, key, said).state
    )
    if state is None:
        return handover_page("reply_each", *found(reference, key), form, part_of=part_of)
    words = {
        HandoverState.DECLINED: "Your answer is sent. {0} continues to lead, and has been told.",
        HandoverState.ACCEPTED_WITH_CONDITIONS: "Accepted with conditions. {0} has been told.",
    }.get(state, "Accepted. {0} has been told.")
    say(words.format(sender_of(seen)), "done")
    return redirect(url_for("handovers.show", reference=reference, key=key))


@handovers.route("/cases/<reference>/handovers/<key>/worker", methods=["GET", "POST"])
@requires(Permission.DECIDE_HANDOVER)
def name_worker(reference: str, key: str) -> ResponseReturnValue:
    """Name the adult named worker of a handover that was accepted, or another one."""
    seen, handover = _agreed(reference, key)
    form = WorkerForm(workers(handover), version=noted(seen, handover).version)
    if not form.validate_on_submit():
        return handover_page("name_worker", seen, handover, form)
    chosen = bytes.fromhex(form.adult_worker.data)
    if not kept(
        form, reference, key, lambda work: name_adult_worker(work, reference, key, chosen), noted
    ):
        return handover_page("name_worker", *found(reference, key), form)
    say("Named. Both named workers are told that something changed.", "done")
    return redirect(url_for("handovers.show", reference=reference, key=key))


def _agreed(reference: str, key: str) -> tuple[SeenCase, Handover]:
    """Return a case and its handover for which a worker can be named, or answer 404."""
    seen, handover = found(reference, key, at_least=CaseAccess.PACK)
    if not may_name(seen, handover):
        abort(404)
    return seen, handover


def _check(seen: SeenCase, handover: Handover, form: ReplyForm) -> ResponseReturnValue:
    refuse_older(form, stands(seen, handover))
    told = people_waiting(looking(), seen.case, handover)
    send = f"Send this answer to {sender_of(seen)}"
    return check_page(form, seen.case, heading="Check your answer", told=told, send=send)


def answers_of(form: ReplyEachForm) -> Reply:
    """Return what was answered to each function, with everything but who there will be."""
    answers = {one: Answer(form[part_of(one, "answer")].data) for one in form.asked}
    declines = {
        one: Decline(
            reason=DeclineReason[form[part_of(one, "reason")].data],
            given=form[part_of(one, "given")].data,
        )
        for one, answer in answers.items()
        if answer is Answer.DECLINE
    }
    conditions = {
        one: NewCondition(
            words=form[part_of(one, "condition")].data,
            owner=Side(form[part_of(one, "owner")].data),
            needed_by=form[part_of(one, "needed_by")].data,
            must=form[part_of(one, "must")].data == "must",
        )
        for one, answer in answers.items()
        if answer is Answer.ACCEPT_WITH_CONDITIONS
    }
    reply = Reply(answers=answers, declines=declines, conditions=conditions, **_known(form))
    return replace(reply, adult_worker_by=form.adult_worker_by.data) if form.leads else reply


def _known(form: ReplyForm) -> dict[str, Any]:
    return {
        "has_read": form.has_read.data,
        "eligible": form.has_read.data,
        "first_contact_on": form.first_contact_on.data if form.leads else None,
    }


def _who(form: ReplyForm) -> dict[str, Any]:
    """Return who of those who sign in will be the adult named worker, or by when that is said."""
    worker = form.adult_worker.data
    return {
        "adult_worker_uid": bytes.fromhex(worker) if worker and worker != LATER else None,
        "adult_worker_by": form.adult_worker_by.data if worker == LATER else None,
    }
