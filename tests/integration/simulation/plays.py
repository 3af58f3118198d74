"""What people do in the sixty weeks: proposals, and what becomes of them, by a seeded script."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Final

from sqlalchemy import select

from tests.builders import ASKED, proposal, reply, whole_record
from tests.integration.simulation.oracle import AT, Oracle, Tale, day_of
from tests.integration.simulation.wall_calendar import at, later
from tests.integration.simulation.world import World
from tests.people import PRIYA
from transition.actions.deaths import record_death, undo_death
from transition.actions.handovers import (
    acknowledge_handover,
    found_handover,
    propose_handover,
    withdraw_handover,
)
from transition.actions.milestones import Recorded, keep_outcome
from transition.actions.pauses import pause_case, resume_case
from transition.actions.questions import NewAnswer, NewQuestion, answer_question, ask_question
from transition.actions.readiness import waits_for
from transition.actions.replies import Decline, reply_to_handover
from transition.actions.work import Work
from transition.records.cases import Case
from transition.records.handovers import Handover
from transition.records.staff import Staff
from transition.rules.declines import DeclineReason
from transition.rules.handovers import Answer, HandoverState, Urgency
from transition.rules.milestones import Confirmed, OutcomeKind
from transition.rules.pathway import Stage
from transition.rules.pauses import PauseReason
from transition.rules.people import THE_TIMETABLE
from transition.rules.questions import QuestionCategory

Plan = tuple[tuple[str, int, int], ...]
"""What is done, one after the other, and how many working days lie between, at least and most."""

PLANS: Final[tuple[Plan, ...]] = (
    (("receive", 0, 1), ("accept", 3, 7)),
    (("receive", 3, 9), ("decline", 1, 12)),
    (("decline", 21, 27),),
    (("receive", 0, 2), ("ask", 1, 4), ("answer", 1, 9), ("accept", 1, 14)),
    (("ask", 1, 4), ("answer", 17, 24), ("decline", 2, 16)),
    (
        *(("receive", 1, 2), ("ask", 1, 3), ("ask", 1, 3)),
        *(("answer", 2, 6), ("answer", 1, 4), ("accept", 1, 12)),
    ),
    (("receive", 3, 6), ("withdraw", 1, 9)),
    (("receive", 1, 3), ("pause", 1, 9), ("resume", 4, 30), ("accept", 2, 14)),
    (("pause", 4, 9), ("resume", 1, 6), ("decline", 2, 14)),
    (("ask", 1, 4), ("pause", 1, 6), ("resume", 3, 15), ("answer", 1, 5), ("decline", 3, 14)),
)

URGENCIES: Final = ("routine", "routine", "soon", "expedited")
HOURS: Final = ((8, 20), (10, 30), (15, 30))
PROPOSALS: Final = 26
EVERY: Final = 10
"""Working days between two proposals, more or less."""


@dataclass(frozen=True)
class Deed:
    """Something that somebody does at an instant."""

    when: datetime
    do: Callable[[datetime], None]


class Company:
    """The people of the play. What they do they tell the oracle."""

    def __init__(self, world: World, oracle: Oracle) -> None:
        self.world = world
        self.oracle = oracle
        self._draw = Random(2026)  # noqa: S311 - no secret is drawn by it
        self._busy: set[str] = set()

    def deeds(self, first: date) -> list[Deed]:
        """Return what becomes of the handovers that are open already, and of new ones."""
        told = [deed for tale in self._begun() for deed in self._course(tale, first, PLANS[1])]
        for number in range(PROPOSALS):
            how = self._draw.choice(list(AT)), self._draw.choice(URGENCIES)
            day = later(first, 3 + number * EVERY + self._draw.randrange(EVERY))
            told += self.proposed(*how, day, PLANS[number % len(PLANS)])[1]
        return told

    def proposed(
        self, receiver: str, urgency: str, day: date, plan: Plan
    ) -> tuple[Tale, list[Deed]]:
        """Return a handover that is proposed on a day, and what is done about it."""
        when = at(day, *self._draw.choice(HOURS))
        tale = Tale("", receiver, urgency, "", when)
        begin = Deed(when, lambda _: self._propose(tale, receiver))
        return tale, [begin, *self._course(tale, day, plan)]

    def _begun(self) -> Iterator[Tale]:
        """Yield the handovers that were proposed before the play begins."""

        def look(work: Work) -> None:
            waiting = Handover.state == HandoverState.PROPOSED
            query = select(Case, Handover).join(Handover, Handover.case_uid == Case.uid)
            for case, handover in work.session.execute(query.where(waiting, Case.ending.is_(None))):
                assert handover.proposed_at is not None
                nurse = work.session.get_one(Staff, case.named_worker_uid).email
                name = case.reference, handover.key, handover.urgency.value
                tales.append(Tale(*name, nurse, handover.proposed_at))
                self._busy.add(case.reference)

        tales: list[Tale] = []
        self.world.do(THE_TIMETABLE, self.world.clock.now(), look)
        for tale in tales:
            self.oracle.tales[tale.name] = tale
        yield from tales

    def _course(self, tale: Tale, day: date, plan: Plan) -> Iterator[Deed]:
        when = at(day, 16)
        for name, least, most in plan:
            day = later(day, self._draw.randint(least, most))
            hours = [hour for hour in HOURS if at(day, *hour) > when]
            when = at(day, *self._draw.choice(hours)) if hours else when + timedelta(minutes=5)
            yield self.step(name, tale, when)

    def step(self, name: str, tale: Tale, when: datetime) -> Deed:
        """Return the deed of a name, about one handover."""
        return Deed(when, lambda now: getattr(self, f"_{name}")(tale, now))

    def _as_nurse(self, tale: Tale, what: Callable[[Work], object]) -> None:
        self.world.do(tale.nurse, self.world.clock.now(), what)

    def _as_lead(self, tale: Tale, what: Callable[[Work], object]) -> None:
        self.world.do(AT[tale.receiver]["lead"], self.world.clock.now(), what)

    # --- what they do -------------------------------------------------------------------------

    def _propose(self, tale: Tale, receiver: str) -> None:
        def find(work: Work) -> None:
            query = select(Case).where(
                Case.stage == Stage.PLANNING, ~Case.paused, Case.ending.is_(None)
            )
            for case in work.session.scalars(query.order_by(Case.reference)):
                if case.reference not in self._busy:
                    tale.reference = case.reference
                    tale.nurse = work.session.get_one(Staff, case.named_worker_uid).email
                    return

        def propose(work: Work) -> None:
            _satisfy(work, tale.reference)
            asked = proposal(
                receiver=receiver,
                urgency=Urgency(tale.urgency),
                functions=ASKED,
                # So far away that nobody is asked about a transfer: that has its own tests.
                target_on=work.today + timedelta(weeks=120),
            )
            tale.key = propose_handover(work, tale.reference, asked).key

        self.world.do(THE_TIMETABLE, tale.proposed_at, find)
        assert tale.reference, "nobody is left to be proposed"
        self._as_nurse(tale, propose)
        self._busy.add(tale.reference)
        self.oracle.tales[tale.name] = tale

    def _receive(self, tale: Tale, when: datetime) -> None:
        self._as_lead(tale, lambda work: acknowledge_handover(work, tale.reference, tale.key))
        tale.received_at = when

    def _ask(self, tale: Tale, when: datetime) -> None:
        asked = NewQuestion(category=QuestionCategory.CLINICAL, words="Which ventilator?")
        self._as_lead(tale, lambda work: ask_question(work, tale.reference, tale.key, asked))
        tale.asked_at.append(when)

    def _answer(self, tale: Tale, when: datetime) -> None:
        number = len(tale.answered_at) + 1
        self._as_nurse(
            tale,
            lambda work: answer_question(
                work, tale.reference, tale.key, number, NewAnswer(words="The small one.")
            ),
        )
        tale.answered_at[number] = when

    def _accept(self, tale: Tale, when: datetime) -> None:
        def accept(work: Work) -> None:
            _, handover = found_handover(work, tale.reference, tale.key)
            day = day_of(when)
            said = reply(handover, adult_worker_by=day, first_contact_on=day)
            reply_to_handover(work, tale.reference, tale.key, said)

        self._as_lead(tale, accept)
        tale.over_at = when

    def _decline(self, tale: Tale, when: datetime) -> None:
        def decline(work: Work) -> None:
            _, handover = found_handover(work, tale.reference, tale.key)
            why = Decline(reason=DeclineReason.D05, given="In the summer.")
            asked = [row.function for row in handover.answers]
            answers = dict.fromkeys(asked, Answer.DECLINE)
            declines = dict.fromkeys(asked, why)
            said = reply(handover, answers=answers, declines=declines)
            reply_to_handover(work, tale.reference, tale.key, said)

        self._as_lead(tale, decline)
        self._over(tale, when)

    def _withdraw(self, tale: Tale, when: datetime) -> None:
        self._as_nurse(tale, lambda work: withdraw_handover(work, tale.reference, tale.key))
        self._over(tale, when)

    def _over(self, tale: Tale, when: datetime) -> None:
        tale.over_at = when
        self._busy.discard(tale.reference)

    def _pause(self, tale: Tale, when: datetime) -> None:
        review_on = day_of(when) + timedelta(days=60)
        self._called_back(tale)
        self._as_nurse(
            tale,
            lambda work: pause_case(
                work, tale.reference, PauseReason.IN_HOSPITAL, review_on=review_on
            ),
        )
        tale.rested_from.append(day_of(when))

    def _resume(self, tale: Tale, when: datetime) -> None:
        self._as_nurse(tale, lambda work: resume_case(work, tale.reference))
        tale.rested_until.append(day_of(when))

    def _record_death(self, tale: Tale, when: datetime) -> None:
        self._called_back(tale)
        self.world.do(PRIYA, when, lambda work: record_death(work, tale.reference, died_on=None))
        tale.over_at = when

    def _undo_death(self, tale: Tale, when: datetime) -> None:
        self.world.do(PRIYA, when, lambda work: undo_death(work, tale.reference))
        tale.over_at = None

    def _called_back(self, tale: Tale) -> None:
        waiting = self.world.waiting(tale.reference)
        self.oracle.called_back({(row.about, row.recipient.email) for row in waiting})


def _satisfy(work: Work, reference: str) -> None:
    """Record as done whatever a proposal of a case waits for."""
    case = work.case(reference).case
    done = Recorded(kind=OutcomeKind.DONE, done_on=work.today, confirmed=Confirmed.YES)
    for rule in waits_for(work, case):
        keep_outcome(work, case, rule, done)
    whole_record(work, case)
