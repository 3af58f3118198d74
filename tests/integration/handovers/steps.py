"""Everything that this product can do to a handover, each with the least that it needs."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from tests.builders import ASKED, proposal
from tests.people import MINA
from transition.actions.deaths import record_death
from transition.actions.handovers import (
    acknowledge_handover,
    propose_handover,
    withdraw_handover,
)
from transition.actions.questions import NewQuestion, answer_question, ask_question
from transition.actions.replies import Decline, NewCondition, Reply, reply_to_handover
from transition.actions.work import Work
from transition.records.staff import find_staff
from transition.rules.declines import DeclineReason
from transition.rules.handovers import Answer
from transition.rules.people import Side
from transition.rules.questions import QuestionCategory

Take = Callable[[Work, str, str], object]
"""Takes a step in a case, about one of its handovers."""

SPRING: Final = date(2027, 3, 1)


def _replying(answer: Answer) -> Take:
    """Return the reply that says the same of each function, and names Mina."""
    decline = Decline(reason=DeclineReason.D03, given="A change of phase")
    condition = NewCondition(words="Two nurses", owner=Side.CHILDRENS, needed_by=SPRING, must=True)

    def take(work: Work, reference: str, key: str) -> object:
        mina = find_staff(work.session, MINA)
        said = Reply(
            answers=dict.fromkeys(ASKED, answer),
            declines=dict.fromkeys(ASKED, decline),
            conditions=dict.fromkeys(ASKED, condition),
            has_read=True,
            eligible=True,
            adult_worker_uid=mina.uid if mina else None,
            first_contact_on=SPRING,
        )
        return reply_to_handover(work, reference, key, said)

    return take


def _proposing(receiver: str) -> Take:
    return lambda work, case, _: propose_handover(work, case, proposal(receiver=receiver))


def _ask(work: Work, reference: str, key: str) -> object:
    asked = NewQuestion(category=QuestionCategory.FUNDING, words="Who pays?")
    return ask_question(work, reference, key, asked)


STEPS: Final[Mapping[str, Take]] = {
    "propose": _proposing("rowans"),
    "ask another": _proposing("oakhaven"),
    "acknowledge": acknowledge_handover,
    "ask": _ask,
    "answer": lambda work, case, key: answer_question(work, case, key, 1, "The board."),
    "accept": _replying(Answer.ACCEPT),
    "accept with conditions": _replying(Answer.ACCEPT_WITH_CONDITIONS),
    "decline": _replying(Answer.DECLINE),
    "withdraw": withdraw_handover,
    "die": lambda work, case, _: record_death(work, case, died_on=work.today),
}
"""The steps; the one question that is answered is the first."""
