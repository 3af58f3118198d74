"""Racing about one case again and again: who won, what the others read, and what was kept."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Final, NamedTuple, TypeVar

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from tests.builders import actor_of
from tests.databases import FIXED, catalogue
from tests.integration.handovers.steps import STEPS, Take
from tests.people import ANNA, GRACE, HELEN, IDRIS, PRIYA, RUTH
from tests.sentences import is_said_in_words
from transition.actions.deaths import undo_death
from transition.actions.work import work_of
from transition.records.audit import AuditEntry, Occasion
from transition.records.cases import Case
from transition.records.handovers import Handover, open_lead_handover
from transition.records.ledger import ledger_of
from transition.records.outbox import QueuedLetter
from transition.records.staff import Staff
from transition.rules.errors import RuleBroken
from transition.rules.handovers import Function, HandoverState
from transition.rules.ledger import breaches
from transition.rules.people import Actor

CATALOGUE: Final = catalogue()
PATIENCE: Final = 60
"""Seconds that one of two waits for the other to be ready."""

Move = tuple[str, str]
"""Who, and the step they take."""

PROPOSED: Final[tuple[Move, ...]] = ((PRIYA, "propose"),)
ACCEPTED: Final[tuple[Move, ...]] = (*PROPOSED, (HELEN, "accept"))

_S = HandoverState
CONDITIONAL: Final = _S.ACCEPTED_WITH_CONDITIONS
COMES_OF: Final = {
    "propose": (_S.PROPOSED, "handover:proposed", "handover_proposed"),
    "ask another": (_S.PROPOSED, "handover:proposed", "handover_proposed"),
    "acknowledge": (_S.ACKNOWLEDGED, "handover:received", "handover_received"),
    "ask": (_S.QUERIED, "handover:asked", "handover_question"),
    "answer": (_S.ACKNOWLEDGED, "handover:told", "handover_question_answered"),
    "accept": (_S.ACCEPTED, "handover:accepted", "handover_answered"),
    "accept with conditions": (CONDITIONAL, "handover:accepted", "handover_answered"),
    "decline": (_S.DECLINED, "handover:declined", "handover_answered"),
    "withdraw": (_S.WITHDRAWN, "handover:withdrawn", "case_changed"),
    "die": (_S.CLOSED_DIED, "case:ended", "case_changed"),
}
"""How the handover stands after each step, what the trail says, and the letter that tells of it."""

TOLD: Final = {word for _, word, _ in COMES_OF.values()}


class Kept(NamedTuple):
    """How the handovers stand, what the trail says, and who has been written to."""

    states: dict[tuple[str, int], HandoverState]
    trail: Counter[str]
    letters: Counter[tuple[str, str]]


T = TypeVar("T")


def at_once(*attempts: Callable[[], T]) -> list[T]:
    """Let all of them begin at the same moment, and return what came of each."""
    start = Barrier(len(attempts), timeout=PATIENCE)

    def begin(attempt: Callable[[], T]) -> T:
        start.wait()
        return attempt()

    with ThreadPoolExecutor(len(attempts)) as pool:
        return [*pool.map(begin, attempts)]


def taken_at_once(*attempts: Callable[[], None]) -> tuple[list[int], list[RuleBroken]]:
    """Return which of these were taken, by their place, and what the others were told."""

    def attempt(take: Callable[[], None]) -> RuleBroken | None:
        try:
            take()
        except RuleBroken as refusal:
            return refusal
        return None

    told = at_once(*(partial(attempt, take) for take in attempts))
    refusals = [refusal for refusal in told if refusal is not None]
    assert all(map(is_said_in_words, refusals)), refusals
    return [place for place, refusal in enumerate(told) if refusal is None], refusals


class Track:
    """A case about which two people race, again and again."""

    def __init__(self, engine: Engine, reference: str) -> None:
        self.engine = engine
        self.reference = reference
        self.key = ""
        self.people = dict[str, Actor]()
        with Session(engine) as session:
            self.know(session, ANNA, GRACE, HELEN, IDRIS, PRIYA, RUTH)

    def know(self, session: Session, *emails: str) -> None:
        """Let these colleagues race too."""
        self.people |= {one: actor_of(session, one, FIXED.date()) for one in emails}

    def take(self, who: str, do: Take) -> None:
        """Let somebody do something about the open handover."""
        with Session(self.engine) as session:
            occasion = Occasion(self.people[who], FIXED, "test")
            with work_of(session, occasion, CATALOGUE) as work:
                do(work, self.reference, self.key)

    def make_ready(self, before: tuple[Move, ...]) -> None:
        """Take back what the last race left, and do what has to be there before the next."""
        with Session(self.engine) as session:
            ended = session.scalars(select(Case)).one().ending is not None
        if ended:
            self.take(PRIYA, lambda work, reference, _: undo_death(work, reference))
        self._find_key()
        if self.key:
            self.take(PRIYA, STEPS["withdraw"])
        for who, step in before:
            self.take(who, STEPS[step])
            self._find_key()

    def _find_key(self) -> None:
        with Session(self.engine) as session:
            found = open_lead_handover(session, session.scalars(select(Case.uid)).one())
            self.key = found.key if found else ""

    def race(self, *moves: Move) -> tuple[list[Move], list[RuleBroken]]:
        """Let two act at once; return who did it, and what the others were told."""
        places, refusals = taken_at_once(
            *(partial(self.take, who, STEPS[step]) for who, step in moves)
        )
        return [moves[place] for place in places], refusals

    def kept(self) -> Kept:
        """Return how things stand, what the trail says, who is written to; each lead is one."""
        with Session(self.engine) as session:
            stands = session.execute(select(Handover.receiver, Handover.number, Handover.state))
            states = {(receiver, number): state for receiver, number, state in stands}
            said = select(AuditEntry.action, func.count()).group_by(AuditEntry.action)
            trail = dict(session.execute(said).all())
            case = session.scalars(select(Case)).one()
            spans = [row.span for row in ledger_of(session, case.uid)]
            assert breaches(spans, Function, FIXED.date()) == ()
            sent = select(QueuedLetter.kind, Staff.email, func.count()).join(Staff)
            told = session.execute(sent.group_by(QueuedLetter.kind, Staff.email))
            letters = {(kind, email): number for kind, email, number in told}
        return Kept(states, Counter(trail), Counter(letters))

    def run(self, before: tuple[Move, ...], *moves: Move) -> tuple[list[Move], list[RuleBroken]]:
        """Let two race, and check that what the winners did was done, once, and nothing else."""
        self.make_ready(before)
        was = self.kept()
        winners, refusals = self.race(*moves)
        now = self.kept()
        comes = [COMES_OF[step] for _, step in winners]
        changed = {now.states[key] for key in now.states if now.states[key] != was.states.get(key)}
        assert changed <= {state for state, _, _ in comes}, (winners, changed)
        assert changed, winners
        said = Counter({word: n for word, n in (now.trail - was.trail).items() if word in TOLD})
        assert said == Counter(word for _, word, _ in comes), winners
        sent = now.letters - was.letters
        assert {kind for kind, _ in sent} == {letter for _, _, letter in comes}, winners
        assert set(sent.values()) == {1}, sent
        return winners, refusals
