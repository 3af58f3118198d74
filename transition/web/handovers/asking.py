"""Questions about a handover: asking one, and answering it."""

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from transition.actions.questions import NewAnswer, NewQuestion, answer_question, ask_question
from transition.actions.readiness import people_asked, people_waiting
from transition.records.cases import SeenCase
from transition.records.handovers import Handover
from transition.records.questions import Question, questions_of
from transition.records.staff import staff_names
from transition.rules.access import CaseAccess, Permission
from transition.rules.packs import ASKED_ABOUT, PackSection
from transition.rules.questions import QuestionCategory
from transition.web.filters import receiver_of
from transition.web.frame import say
from transition.web.guard import requires
from transition.web.handovers.checking import (
    check_page,
    found,
    handover_page,
    kept,
    sender_of,
    stands,
)
from transition.web.handovers.forms import AnswerForm, QuestionForm
from transition.web.handovers.views import handovers, refuse_over
from transition.web.work import looking, reading, today


@handovers.route("/cases/<reference>/handovers/<key>/questions/new", methods=["GET", "POST"])
@requires(Permission.ASK_QUESTION)
def ask(reference: str, key: str) -> ResponseReturnValue:
    """Ask one question, about a section where one was chosen."""
    seen, handover = found(reference, key)
    refuse_over(seen, handover, "ask")
    section = {one.value: one for one in PackSection}.get(request.args.get("about", ""))
    form = QuestionForm(
        section=section.value if section else "",
        category=ASKED_ABOUT.get(section, QuestionCategory.OTHER).value if section else None,
        version=stands(seen, handover).version,
    )
    whole = form.is_submitted() and form.validate() & form.refuse_past(today(), "needed_by")
    if not whole or form.to_change:
        return handover_page("ask", seen, handover, form)
    if form.to_check:
        told = people_waiting(looking(), seen.case, handover)
        send = f"Send this question to {sender_of(seen)}"
        return check_page(form, seen.case, heading="Check your question", told=told, send=send)
    if not kept(
        form, reference, key, lambda work: ask_question(work, reference, key, question_of(form))
    ):
        return handover_page("ask", *found(reference, key), form)
    say(f"Sent to {sender_of(seen)}. Your time to reply stands still until they answer.", "done")
    return redirect(url_for("handovers.show", reference=reference, key=key))


def question_of(form: QuestionForm) -> NewQuestion:
    """Return what is asked in a form."""
    return NewQuestion(
        category=QuestionCategory(form.category.data),
        words=form.question.data,
        section=PackSection(form.section.data) if form.section.data else None,
        needed_by=form.needed_by.data,
    )


@handovers.route(
    "/cases/<reference>/handovers/<key>/questions/<int:number>", methods=["GET", "POST"]
)
@requires(Permission.ANSWER_QUESTION)
def answer(reference: str, key: str, number: int) -> ResponseReturnValue:
    """Answer one question."""
    seen, handover = found(reference, key, at_least=CaseAccess.FULL)
    question = _question(handover, number)
    if question.answered_at is None:
        refuse_over(seen, handover, "answer")
    form = AnswerForm(handover.pack_version, version=stands(seen, handover).version)
    if not form.is_submitted() or not form.check() or form.to_change:
        return _answer_page(seen, handover, form, question)
    receiver = receiver_of(handover)
    if form.to_check:
        told = people_asked(looking(), handover, question.asked_by_uid)
        send = f"Send this answer to {receiver}"
        return check_page(form, seen.case, heading="Check your answer", told=told, send=send)
    said = NewAnswer(words=form.answer.data or "", see_pack=form.see_pack.data)
    if not kept(
        form, reference, key, lambda work: answer_question(work, reference, key, number, said)
    ):
        seen, handover = found(reference, key, at_least=CaseAccess.FULL)
        return _answer_page(seen, handover, form, _question(handover, number))
    say(f"Sent to {receiver}.", "done")
    return redirect(url_for("handovers.show", reference=reference, key=key))


def _question(handover: Handover, number: int) -> Question:
    questions = questions_of(reading(), handover.uid)
    return next((one for one in questions if one.number == number), None) or abort(404)


def _answer_page(
    seen: SeenCase, handover: Handover, form: AnswerForm, question: Question
) -> ResponseReturnValue:
    staff = staff_names(reading())
    return handover_page("answer", seen, handover, form, question=question, staff=staff)
