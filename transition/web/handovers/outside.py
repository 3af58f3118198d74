"""A provider outside: recording that they have the pack, what they ask, and what they answer."""

from dataclasses import replace
from datetime import date

from flask import abort, redirect, url_for
from flask.typing import ResponseReturnValue

from transition.actions.adult_workers import record_their_worker
from transition.actions.handovers import acknowledge_handover
from transition.actions.questions import ask_question
from transition.actions.replies import reply_to_handover
from transition.records.cases import SeenCase
from transition.records.handovers import Handover
from transition.records.questions import questions_of
from transition.rules.access import CaseAccess, Permission
from transition.web.frame import say
from transition.web.guard import requires
from transition.web.handovers.asking import question_of
from transition.web.handovers.checking import found, handover_page, kept, noted, stands
from transition.web.handovers.forms import (
    ToldQuestionForm,
    ToldReceivedForm,
    ToldReplyForm,
    ToldWorkerForm,
    part_of,
)
from transition.web.handovers.replying import answers_of
from transition.web.handovers.views import handovers, may_name, refuse_over
from transition.web.told import ToldForm
from transition.web.work import reading, today


@handovers.route("/cases/<reference>/handovers/<key>/told/received", methods=["GET", "POST"])
@requires(Permission.RECORD_TOLD)
def told_received(reference: str, key: str) -> ResponseReturnValue:
    """Record that a provider outside has the pack."""
    seen, handover = _found(reference, key)
    refuse_over(seen, handover, "told_received")
    form = ToldReceivedForm(version=stands(seen, handover).version)
    if not form.validate_on_submit():
        return handover_page("told_received", seen, handover, form)
    if not kept(
        form,
        reference,
        key,
        lambda work: acknowledge_handover(work, reference, key, told=form.told),
    ):
        return handover_page("told_received", *_found(reference, key), form)
    return _done(reference, key, "Recorded: they have the pack.")


@handovers.route("/cases/<reference>/handovers/<key>/told/question", methods=["GET", "POST"])
@requires(Permission.RECORD_TOLD)
def told_question(reference: str, key: str) -> ResponseReturnValue:
    """Record a question that a provider outside asks."""
    seen, handover = _found(reference, key)
    refuse_over(seen, handover, "told_question")
    form = ToldQuestionForm(version=stands(seen, handover).version)
    whole = form.is_submitted() and form.validate() & form.refuse_past(_said_on(form), "needed_by")
    if not whole:
        return handover_page("ask", seen, handover, form)
    asked = replace(question_of(form), told=form.told)
    if not kept(form, reference, key, lambda work: ask_question(work, reference, key, asked)):
        return handover_page("ask", *_found(reference, key), form)
    return _done(reference, key, "Recorded. Their time to reply stands still until it is answered.")


@handovers.route("/cases/<reference>/handovers/<key>/told/reply", methods=["GET", "POST"])
@requires(Permission.RECORD_TOLD)
def told_reply(reference: str, key: str) -> ResponseReturnValue:
    """Record what a provider outside answers to each function that is asked for."""
    seen, handover = _found(reference, key)
    refuse_over(seen, handover, "told_reply")
    asked = [row.function for row in handover.answers]
    form = ToldReplyForm(asked, leads=handover.leads, version=stands(seen, handover).version)
    form.has_asked = bool(questions_of(reading(), handover.uid))
    if not form.is_submitted() or not form.check(_said_on(form)):
        return handover_page("reply_each", seen, handover, form, part_of=part_of)
    said = replace(answers_of(form), adult_worker=form.adult_worker.data or None, told=form.told)
    if not kept(form, reference, key, lambda work: reply_to_handover(work, reference, key, said)):
        return handover_page("reply_each", *_found(reference, key), form, part_of=part_of)
    return _done(reference, key, "Their answer is recorded.")


@handovers.route("/cases/<reference>/handovers/<key>/told/worker", methods=["GET", "POST"])
@requires(Permission.RECORD_TOLD)
def told_worker(reference: str, key: str) -> ResponseReturnValue:
    """Record who a provider outside says its named worker is."""
    seen, handover = _found(reference, key)
    if not may_name(seen, handover):
        abort(404)
    form = ToldWorkerForm(version=noted(seen, handover).version)
    if not form.validate_on_submit():
        return handover_page("name_worker", seen, handover, form)
    name = form.adult_worker.data
    if not kept(
        form,
        reference,
        key,
        lambda work: record_their_worker(work, reference, key, name, form.told),
        noted,
    ):
        return handover_page("name_worker", *_found(reference, key), form)
    return _done(reference, key, "Recorded: who their named worker is.")


def _found(reference: str, key: str) -> tuple[SeenCase, Handover]:
    """Return a case and its handover to a provider outside, or answer 404."""
    seen, handover = found(reference, key, at_least=CaseAccess.FULL)
    if not handover.outside:
        abort(404)
    return seen, handover


def _said_on(form: ToldForm) -> date:
    """Return the day on which they said it: what they name lies ahead of that one."""
    return min(form.told_on.data or today(), today())


def _done(reference: str, key: str, words: str) -> ResponseReturnValue:
    say(words, "done")
    return redirect(url_for("handovers.show", reference=reference, key=key))
