"""What the adult hospices answered in the invented cases: when, by whom, and what."""

from collections.abc import Callable, Collection, Iterator
from datetime import date, datetime, timedelta
from functools import partial
from typing import Final

from transition.actions.beside import NewVisit, plan_visit
from transition.actions.conditions import meet_condition
from transition.actions.declines import record_family_told
from transition.actions.demonstration_cases import Told
from transition.actions.handovers import acknowledge_handover, withdraw_handover
from transition.actions.pack_versions import read_section
from transition.actions.questions import NewQuestion, ask_question
from transition.actions.replies import Decline, NewCondition, Reply, reply_to_handover
from transition.actions.work import Work
from transition.records.handovers import Handover, handovers_of
from transition.records.staff import find_staff
from transition.rules.beside import VisitPlace
from transition.rules.calendar import add_working_days
from transition.rules.declines import DeclineReason
from transition.rules.handovers import Answer, Function, handover_key
from transition.rules.packs import PackSection
from transition.rules.people import Actor, Side
from transition.rules.questions import QuestionCategory

ASKED_AGO: Final = 4
"""Working days since the question of the case that waits for an answer."""

ASKED_TOO: Final = {
    "demo-08": {
        Function.SHORT_BREAKS: Decline(
            reason=DeclineReason.D06,
            given="We have no beds for planned breaks. We can offer a day a week at the hospice.",
        )
    }
}
"""What was asked for besides and could not be taken on, and why."""

CONDITIONS: Final = {
    "demo-06": {
        Function.ADVICE_24_7: "Two of our nurses are trained in gastrostomy care",
        Function.SYMPTOM_MANAGEMENT: "The decision about continuing care funding is made",
    },
    "demo-08": {Function.SYMPTOM_MANAGEMENT: "The way across the water at night is agreed"},
}
"""What has to be done first, by whoever accepted with conditions."""

VISIT_BOOKED: Final = {"demo-01": 12}
"""In how many days both hospices visit together."""

Step = tuple[datetime, str | Actor, Callable[[Work], None]]
"""When, by whom (an address, or what has none), and what."""


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
        yield told.at(answered, 15), told.nurse, lambda work: _tell_family(work, told)
    if told.accepted:
        yield from _answered_with_yes(told, days)


def _answered_with_yes(told: Told, days: dict[str, date]) -> Iterator[Step]:
    yield told.at(days["accepted"], 11), lead_of(told), lambda work: _accept(work, told)
    if told.words["k"] in CONDITIONS:
        met = days["accepted"] + timedelta(days=20)
        yield told.at(met, 12), told.nurse, lambda work: _meet(work, told)
    if told.words["k"] in VISIT_BOOKED:
        yield told.at(days["caught_up"], 17), told.nurse, lambda work: _book_visit(work, told)


def came_to_nothing(told: Told, receiver: str, proposed: date) -> Iterator[Step]:
    """Yield that a receiver had a handover and read of it, and that it was withdrawn."""
    lead, key = f"lead@{_domain(receiver)}", handover_key(receiver, 1)
    yield told.at(proposed, 14), lead, partial(_read, told, key)
    withdrawn = told.at(proposed + timedelta(days=6), 16)
    yield withdrawn, told.nurse, partial(_withdraw, told, key)


def lead_of(told: Told) -> str:
    """Return the address of the receiver's lead."""
    return f"lead@{_domain(told.words['receiver'])}"


def worker_of(told: Told) -> str:
    """Return the address of the worker whom the receiver names."""
    return f"worker@{_domain(told.words['receiver'])}"


def _domain(receiver: str | None) -> str:
    return f"{(receiver or '').replace('_', '-')}.example"


def _handover(work: Work, told: Told) -> Handover:
    return handovers_of(work.session, work.case(told.reference).case.uid)[-1]


def _read(told: Told, key: str, work: Work) -> None:
    acknowledge_handover(work, told.reference, key)
    read_section(work, told.reference, key, PackSection.FRONT, version=1)


def _withdraw(told: Told, key: str, work: Work) -> None:
    withdraw_handover(work, told.reference, key, why="They are moving to the Island.")


def _book_visit(work: Work, told: Told) -> None:
    on = told.today + timedelta(days=VISIT_BOOKED[told.words["k"]])
    visit = NewVisit(place=VisitPlace.ADULT_HOSPICE, visit_on=on, purpose="To meet the team.")
    plan_visit(work, told.reference, visit)


def _receive(work: Work, told: Told) -> None:
    acknowledge_handover(work, told.reference, _handover(work, told).key, answer_by=work.today)


def _ask(work: Work, told: Told) -> None:
    asked = NewQuestion(
        category=QuestionCategory.EQUIPMENT_TRAINING,
        section=PackSection.EQUIPMENT,
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


def _tell_family(work: Work, told: Told) -> None:
    key = _handover(work, told).key
    record_family_told(work, told.reference, key, on=work.today, by="His named worker, at home")


def _accept(work: Work, told: Told) -> None:
    handover = _handover(work, told)
    worker = find_staff(work.session, worker_of(told))
    conditions, declined = _conditions(told, work.today), ASKED_TOO.get(told.words["k"], {})
    reply = Reply(
        answers={
            row.function: _said(row.function, conditions, declined) for row in handover.answers
        },
        conditions=conditions,
        declines=declined,
        has_read=True,
        eligible=True,
        adult_worker_uid=worker.uid if worker else None,
        first_contact_on=work.today + timedelta(days=30),
    )
    reply_to_handover(work, told.reference, handover.key, reply)


def _said(
    function: Function, conditions: Collection[Function], declined: Collection[Function]
) -> Answer:
    if function in declined:
        return Answer.DECLINE
    return Answer.ACCEPT_WITH_CONDITIONS if function in conditions else Answer.ACCEPT


def _conditions(told: Told, today: date) -> dict[Function, NewCondition]:
    needed_by = max((told.target_on or today) - timedelta(days=28), today)
    return {
        function: NewCondition(words=said, owner=Side.CHILDRENS, needed_by=needed_by, must=True)
        for function, said in CONDITIONS.get(told.words["k"], {}).items()
    }


def _meet(work: Work, told: Told) -> None:
    meet_condition(work, told.reference, 1)
