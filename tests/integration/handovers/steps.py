"""Everything that this product can do to a handover, each with the least that it needs."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from tests.builders import ASKED, make_ready, proposal
from tests.integration.endings.test_closings import ANSWERS
from tests.people import MINA, ROSA
from transition.actions.agreements import (
    come_back,
    come_back_urgently,
    complete,
    complete_alone,
    take_back_agreement,
)
from transition.actions.beside import NewVisit, VisitReport, plan_visit, record_visit
from transition.actions.closings import close_case
from transition.actions.conditions import meet_condition
from transition.actions.deaths import record_death
from transition.actions.handovers import acknowledge_handover, propose_handover, withdraw_handover
from transition.actions.questions import NewAnswer, NewQuestion, answer_question, ask_question
from transition.actions.replies import Decline, NewCondition, Reply, reply_to_handover
from transition.actions.settling import NewCheckIn, NewContact, record_check_in, record_contact
from transition.actions.transfers import sign_transfer, switch_transfer, take_back_signature
from transition.actions.work import Work
from transition.records.staff import find_staff
from transition.rules.beside import VisitOutcome, VisitPlace
from transition.rules.declines import DeclineReason
from transition.rules.errors import RuleBroken
from transition.rules.handovers import Answer
from transition.rules.milestones import Confirmed
from transition.rules.people import Side
from transition.rules.questions import QuestionCategory
from transition.rules.settling import (
    Agreed,
    CheckInKind,
    CheckInOutcome,
    ContactKind,
    ContactResult,
    Feedback,
)
from transition.rules.stages import Ending

Take = Callable[[Work, str, str], object]
"""Takes a step in a case, about one of its handovers."""

SPRING: Final = date(2027, 3, 1)
WHY: Final = "She is frightened of the journey."


def _replying(answer: Answer, worker: str = MINA) -> Take:
    """Return the reply that says the same of each function, and names somebody."""
    decline = Decline(reason=DeclineReason.D03, given="A change of phase")
    condition = NewCondition(words="Two nurses", owner=Side.CHILDRENS, needed_by=SPRING, must=True)

    def take(work: Work, reference: str, key: str) -> object:
        named = find_staff(work.session, worker)
        said = Reply(
            answers=dict.fromkeys(ASKED, answer),
            declines=dict.fromkeys(ASKED, decline),
            conditions=dict.fromkeys(ASKED, condition),
            has_read=True,
            eligible=True,
            adult_worker_uid=named.uid if named else None,
            first_contact_on=SPRING,
        )
        return reply_to_handover(work, reference, key, said)

    return take


def _proposing(receiver: str) -> Take:
    return lambda work, case, _: propose_handover(work, case, proposal(receiver=receiver))


def _asking_support(work: Work, reference: str, _: str) -> object:
    asked = proposal(receiver="oakhaven", leads=False, target_on=work.today)
    return propose_handover(work, reference, asked)


def _ask(work: Work, reference: str, key: str) -> object:
    asked = NewQuestion(category=QuestionCategory.FUNDING, words="Who pays?")
    return ask_question(work, reference, key, asked)


def _meet(work: Work, reference: str, _: str) -> object:
    visit = plan_visit(work, reference, NewVisit(place=VisitPlace.HOME, visit_on=work.today))
    return record_visit(work, reference, visit.number, VisitReport(outcome=VisitOutcome.HELD))


def _switch(work: Work, reference: str, _: str) -> object:
    if not switch_transfer(work, reference):
        raise RuleBroken("Nothing is owed.")
    return None


STEPS: Final[Mapping[str, Take]] = {
    "propose": _proposing("rowans"),
    "ask another": _proposing("oakhaven"),
    "acknowledge": acknowledge_handover,
    "ask": _ask,
    "answer": lambda work, case, key: answer_question(
        work, case, key, 1, NewAnswer(words="The board.")
    ),
    "accept": _replying(Answer.ACCEPT),
    "accept with conditions": _replying(Answer.ACCEPT_WITH_CONDITIONS),
    "decline": _replying(Answer.DECLINE),
    "withdraw": withdraw_handover,
    "meet": _meet,
    "sign": lambda work, case, _: sign_transfer(work, case),
    "unsign": lambda work, case, _: take_back_signature(work, case),
    "switch": _switch,
    "complete": lambda work, case, _: complete(work, case),
    "complete alone": lambda work, case, _: complete_alone(work, case),
    "not complete": lambda work, case, _: take_back_agreement(work, case, Agreed.COMPLETED),
    "return": lambda work, case, _: come_back(work, case, reason=WHY),
    "return at once": lambda work, case, _: come_back_urgently(work, case, reason=WHY),
    "stay": lambda work, case, _: take_back_agreement(work, case, Agreed.RETURNS),
    "die": lambda work, case, _: record_death(work, case, died_on=work.today),
    "end": lambda work, case, _: close_case(
        work, case, Ending.OTHER_PROVIDER, ANSWERS[Ending.OTHER_PROVIDER]
    ),
}
"""The steps; the one question that is answered is the first, and only the timetable switches."""

OF_SUPPORT: Final[Mapping[str, Take]] = {
    **STEPS,
    "ask for support": _asking_support,
    "support": _replying(Answer.ACCEPT, ROSA),
    "support with conditions": _replying(Answer.ACCEPT_WITH_CONDITIONS, ROSA),
}
"""The steps, and those of a hospice that is asked to support beside the one that leads."""


def _see(work: Work, reference: str, _: str) -> object:
    attended, clinic = ContactResult.ATTENDED, ContactKind.CLINIC
    new = NewContact(kind=clinic, result=attended, happened_on=work.today)
    return record_contact(work, reference, new)


def _review(work: Work, reference: str, _: str) -> None:
    for kind in (CheckInKind.SIX_WEEKS, CheckInKind.SIX_MONTHS):
        new = NewCheckIn(
            kind=kind,
            outcome=CheckInOutcome.SETTLED,
            happened_on=work.today,
            feedback=Feedback.ANSWERED,
            confirmed=Confirmed.YES,
        )
        record_check_in(work, reference, new)


def _meet_conditions(work: Work, reference: str, _: str) -> None:
    for number, _ in enumerate(ASKED, start=1):
        meet_condition(work, reference, number)


BETWEEN: Final[Mapping[str, Take]] = {
    "get ready": lambda work, case, _: make_ready(work, case),
    "meet conditions": _meet_conditions,
    "see": _see,
    "review": _review,
}
"""What is done between the steps, because the next waits for it."""
