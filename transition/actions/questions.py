"""Asking about a handover, and answering. A question stops the clock of the decision."""

from dataclasses import dataclass
from datetime import date

from transition.actions.absences import tell
from transition.actions.handovers import (
    found_handover,
    own_handover,
    receive,
    refuse_answered,
    renew_reply_by,
)
from transition.actions.outside import earliest_day, keep_told, who_answers
from transition.actions.readiness import people_asked, people_waiting
from transition.actions.work import NotFound, Work
from transition.records.cases import Case
from transition.records.handovers import Handover
from transition.records.questions import Question, questions_of
from transition.rules.errors import RuleBroken
from transition.rules.handovers import HandoverState, HandoverStep, take_step
from transition.rules.outside import Told
from transition.rules.packs import PackSection
from transition.rules.questions import QuestionCategory

NO_SUCH_QUESTION = "There is no such question."


@dataclass(frozen=True, kw_only=True)
class NewQuestion:
    """What a receiver wants to know before they decide."""

    category: QuestionCategory
    words: str
    section: PackSection | None = None
    """The section of the pack that it is about, or None for the whole."""
    needed_by: date | None = None
    told: Told | None = None
    """Who at a provider outside asks."""


def ask_question(work: Work, reference: str, key: str, asked: NewQuestion) -> Question:
    """Ask a question about a handover and return it, numbered. Who waits for an answer is told.

    Raises:
        RuleBroken: it was decided already, or the question is empty.
        NotFound: this actor has no such handover.
    """
    case, handover = found_handover(work, reference, key)
    refuse_answered(work, handover)
    by = who_answers(work, handover, asked.told)
    state = take_step(handover.state, HandoverStep.ASK, by=by)
    if not asked.words.strip():
        raise RuleBroken("Write your question.")
    first, from_then_on = earliest_day(work, handover, asked.told)
    if asked.needed_by is not None and asked.needed_by < first:
        raise RuleBroken(f"The day by which you need the answer must be {from_then_on}.")
    receive(work, handover)
    question = work.keep(
        Question(
            case_uid=case.uid,
            handover_uid=handover.uid,
            number=len(questions_of(work.session, handover.uid)) + 1,
            category=asked.category,
            section=asked.section,
            needed_by=asked.needed_by,
            asked_at=work.now,
            asked_by_uid=work.actor_uid,
            words=asked.words,
        )
    )
    keep_told(handover, str(question.number), asked.told)
    _note(work, case, handover, "handover:asked", state)
    tell(
        work,
        "handover_question",
        to=people_waiting(work, case, handover),
        about=f"{reference}/{handover.key}",
        on=case,
    )
    renew_reply_by(work, case, handover)
    return question


@dataclass(frozen=True, kw_only=True)
class NewAnswer:
    """What the sender says to a question: words, that the newest pack holds it, or both."""

    words: str = ""
    see_pack: bool = False


def answer_question(
    work: Work, reference: str, key: str, number: int, answered: NewAnswer
) -> Question:
    """Answer a question about a handover and return it. The receiver's people are told.

    With the last open question the handover waits for its decision again.

    Raises:
        RuleBroken: a colleague answered it already, the answer is empty, or nothing is asked now.
        NotFound: this actor has no such question.
    """
    case, handover = own_handover(work, reference, key)
    questions = questions_of(work.session, handover.uid)
    question = next((one for one in questions if one.number == number), None)
    if question is None:
        raise NotFound(NO_SUCH_QUESTION)
    refuse_answered(work, handover)
    work.refuse_settled(question.answered_by_uid, question.answered_at)
    state = take_step(handover.state, HandoverStep.ANSWER, by=work.actor)
    if not (answered.words.strip() or answered.see_pack):
        raise RuleBroken("Write your answer.")
    question.answer = answered.words.strip() or None
    question.see_version = handover.pack_version if answered.see_pack else None
    question.answered_at, question.answered_by_uid = work.now, work.actor_uid
    still_open = [one for one in questions if one.answered_at is None]
    _note(work, case, handover, "handover:told", HandoverState.QUERIED if still_open else state)
    tell(
        work,
        "handover_question_answered",
        to=people_asked(work, handover, question.asked_by_uid),
        about=f"{reference}/{handover.key}",
        on=case,
    )
    renew_reply_by(work, case, handover)
    return question


def _note(work: Work, case: Case, handover: Handover, action: str, state: HandoverState) -> None:
    was, handover.state = handover.state, state
    work.note(action, on=case, about=handover.key, changed={"state": (was.value, state.value)})
