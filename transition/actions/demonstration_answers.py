"""What the adult hospices answered in the invented cases: when, by whom, and what."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Final

from transition.actions.conditions import meet_condition
from transition.actions.demonstration_cases import Told
from transition.actions.handovers import acknowledge_handover
from transition.actions.questions import NewQuestion, ask_question
from transition.actions.replies import Decline, NewCondition, Reply, reply_to_handover
from transition.actions.work import Work
from transition.records.handovers import Handover, handovers_of
from transition.records.staff import find_staff
from transition.rules.calendar import add_working_days
from transition.rules.declines import DeclineReason
from transition.rules.handovers import Answer, Function
from transition.rules.people import Side
from transition.rules.questions import QuestionCategory

ASKED_AGO: Final = 4
"""Working days since the question of the case that waits for an answer."""

Step = tuple[datetime, str, Callable[[Work], None]]
"""When, by whom (an address), and what."""


def answers_of(told: Told, days: dict[str, date], holidays: frozenset[date]) -> Iterator[Step]:
    """Yield what the receiver of a case said, in order."""
    lead, proposed = lead_of(told), days["proposed"]
    kind = told.words["handover"]
    if kind == "acknowledged":
        yield told.at(proposed, 8, 40), lead, lambda work: _receive(work, told)
    if kind == "queried":
        asked = max(add_working_days(told.today, -ASKED_AGO, holidays), proposed)
        yield told.at(asked, 11), lead, lambda work: _ask(work, told)
    if kind == "declined":
        answered = min(proposed + timedelta(days=7), told.today)
        yield told.at(answered, 11), lead, lambda work: _decline(work, told)
    if told.accepted:
        yield told.at(days["accepted"], 11), lead, lambda work: _accept(work, told)
        if kind == "accepted_with_conditions":
            met = days["accepted"] + timedelta(days=20)
            yield told.at(met, 12), told.nurse, lambda work: _meet(work, told)


def lead_of(told: Told) -> str:
    """Return the address of the receiver's lead."""
    return f"lead@{(told.words['receiver'] or '').replace('_', '-')}.example"


def _handover(work: Work, told: Told) -> Handover:
    (handover,) = handovers_of(work.session, work.case(told.reference).case.uid)
    return handover


def _receive(work: Work, told: Told) -> None:
    acknowledge_handover(work, told.reference, _handover(work, told).key, answer_by=work.today)


def _ask(work: Work, told: Told) -> None:
    asked = NewQuestion(
        category=QuestionCategory.EQUIPMENT_TRAINING,
        words="Who trains our staff in tracheostomy care, and who holds the spare tubes?",
    )
    ask_question(work, told.reference, _handover(work, told).key, asked)


def _decline(work: Work, told: Told) -> None:
    handover = _handover(work, told)
    why = Decline(
        reason=DeclineReason.D03,
        given="Not thought to be in the last five years of life. 24-hour advice may be possible.",
    )
    asked = [row.function for row in handover.answers]
    reply = Reply(
        answers=dict.fromkeys(asked, Answer.DECLINE),
        declines=dict.fromkeys(asked, why),
        has_read=True,
        eligible=False,
    )
    reply_to_handover(work, told.reference, handover.key, reply)


def _accept(work: Work, told: Told) -> None:
    handover = _handover(work, told)
    worker = find_staff(work.session, f"worker@{handover.receiver.replace('_', '-')}.example")
    conditions = _conditions(work, told)
    reply = Reply(
        answers={
            row.function: Answer.ACCEPT_WITH_CONDITIONS
            if row.function in conditions
            else Answer.ACCEPT
            for row in handover.answers
        },
        conditions=conditions,
        has_read=True,
        eligible=True,
        adult_worker_uid=worker.uid if worker else None,
        first_contact_on=work.today + timedelta(days=30),
    )
    reply_to_handover(work, told.reference, handover.key, reply)


def _conditions(work: Work, told: Told) -> dict[Function, NewCondition]:
    if told.words["handover"] != "accepted_with_conditions":
        return {}
    needed_by = max((told.target_on or work.today) - timedelta(days=28), work.today)
    words = {
        Function.ADVICE_24_7: "Two of our nurses are trained in gastrostomy care",
        Function.SYMPTOM_MANAGEMENT: "The decision about continuing care funding is made",
    }
    return {
        function: NewCondition(words=said, owner=Side.CHILDRENS, needed_by=needed_by, must=True)
        for function, said in words.items()
    }


def _meet(work: Work, told: Told) -> None:
    meet_condition(work, told.reference, 1)
