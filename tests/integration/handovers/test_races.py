"""Two act at once: one wins, the other reads why not, and nothing is done or told twice."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Final, NamedTuple

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from tests.builders import WorkAs, actor_of, engine_of, on_both, planned_case
from tests.databases import FIXED, catalogue
from tests.integration.handovers.steps import STEPS, Take
from tests.people import ANNA, GRACE, HELEN, IDRIS, PRIYA, RUTH
from tests.sentences import is_said_in_words
from transition.actions.deaths import undo_death
from transition.actions.work import work_of
from transition.app import Tracker
from transition.clock import day_and_time
from transition.records.audit import GOOD, AuditEntry, Occasion, verify
from transition.records.cases import Case
from transition.records.handovers import Handover, open_lead_handover
from transition.records.outbox import QueuedLetter
from transition.records.staff import Staff
from transition.rules.errors import RuleBroken
from transition.rules.handovers import HandoverState

CATALOGUE: Final = catalogue()
PATIENCE: Final = 60
"""Seconds that one of two waits for the other to be ready."""

Move = tuple[str, str]
"""Who, and the step they take."""

PROPOSED: Final[tuple[Move, ...]] = ((PRIYA, "propose"),)
ACCEPTED: Final[tuple[Move, ...]] = (*PROPOSED, (HELEN, "accept"))
QUERIED: Final[tuple[Move, ...]] = (*PROPOSED, (GRACE, "ask"))

DECISIONS: Final[tuple[tuple[Move, Move], ...]] = (
    ((HELEN, "accept"), (IDRIS, "accept")),
    ((HELEN, "accept"), (IDRIS, "accept with conditions")),
    ((HELEN, "accept"), (IDRIS, "decline")),
    ((HELEN, "decline"), (IDRIS, "decline")),
    ((HELEN, "decline"), (IDRIS, "accept with conditions")),
    ((HELEN, "accept"), (IDRIS, "ask")),
    ((HELEN, "accept"), (RUTH, "withdraw")),
    ((HELEN, "accept with conditions"), (ANNA, "withdraw")),
    ((HELEN, "decline"), (RUTH, "withdraw")),
    ((PRIYA, "withdraw"), (RUTH, "withdraw")),
)
"""Of two such steps about one proposal only one can be taken, whichever comes first."""

ROUNDS: Final = 10
"""How often each pair races: ten pairs on two databases make two hundred races."""

ONCE: Final = (
    ((), (PRIYA, "propose"), (RUTH, "propose")),
    ((), (PRIYA, "propose"), (RUTH, "ask another")),
    (PROPOSED, (HELEN, "acknowledge"), (IDRIS, "acknowledge")),
    (QUERIED, (PRIYA, "answer"), (RUTH, "answer")),
    (PROPOSED, (HELEN, "die"), (RUTH, "die")),
)
"""What has to be there before, and two steps of which one can be taken."""

IN_ORDER: Final = (
    (PROPOSED, (IDRIS, "ask"), (HELEN, "decline")),
    (PROPOSED, (IDRIS, "ask"), (HELEN, "accept with conditions")),
    (PROPOSED, (IDRIS, "ask"), (RUTH, "withdraw")),
    (PROPOSED, (HELEN, "accept"), (PRIYA, "withdraw")),
    (PROPOSED, (HELEN, "accept"), (RUTH, "die")),
    (ACCEPTED, (HELEN, "withdraw"), (RUTH, "die")),
)
"""What has to be there before, and two steps of which the second can follow the first alone."""

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


class Track:
    """A case about which two people race, again and again."""

    def __init__(self, engine: Engine, reference: str) -> None:
        self.engine = engine
        self.reference = reference
        self.key = ""
        with Session(engine) as session:
            emails = (ANNA, GRACE, HELEN, IDRIS, PRIYA, RUTH)
            self.people = {one: actor_of(session, one, FIXED.date()) for one in emails}

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
        start = Barrier(len(moves), timeout=PATIENCE)

        def attempt(move: Move) -> RuleBroken | None:
            start.wait()
            try:
                self.take(move[0], STEPS[move[1]])
            except RuleBroken as refusal:
                return refusal
            return None

        with ThreadPoolExecutor(len(moves)) as pool:
            told = [*pool.map(attempt, moves)]
        refusals = [refusal for refusal in told if refusal is not None]
        assert all(map(is_said_in_words, refusals)), refusals
        return [move for move, one in zip(moves, told, strict=True) if one is None], refusals

    def kept(self) -> Kept:
        """Return how things stand, what the trail says, and who has been written to."""
        with Session(self.engine) as session:
            stands = session.execute(select(Handover.receiver, Handover.number, Handover.state))
            states = {(receiver, number): state for receiver, number, state in stands}
            said = select(AuditEntry.action, func.count()).group_by(AuditEntry.action)
            trail = dict(session.execute(said).all())
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


@pytest.fixture
def track(app: Tracker, work_as: WorkAs) -> Track:
    """A case that waits to be handed over."""
    with work_as(RUTH) as work:
        reference = planned_case(work).reference
    return Track(engine_of(app), reference)


@on_both
def test_of_two_who_decide_at_once_one_does_and_the_other_learns_why_not(
    track: Track, session: Session
) -> None:
    for _ in range(ROUNDS):
        for moves in DECISIONS:
            winners, refusals = track.run(PROPOSED, *moves)
            assert (len(winners), len(refusals)) == (1, 1), moves
            if "withdraw" not in {step for _, step in moves}:
                assert str(refusals[0]) in answered_by(track, winners[0]), moves
    assert verify(session).code == GOOD


def answered_by(track: Track, winner: Move) -> set[str]:
    """Return what can be told to who comes after somebody."""
    who, step = winner
    if step == "ask":
        return {"It is not possible to accept this handover now: it stands as “Question asked”."}
    name, when = track.people[who].name, day_and_time(FIXED)
    return {f"{name} answered this on {when}. Nothing of yours was sent."}


@on_both
def test_what_can_be_done_once_is_done_once(track: Track) -> None:
    for before, one, other in ONCE:
        winners, refusals = track.run(before, one, other)
        assert (len(winners), len(refusals)) == (1, 1), winners


@on_both
def test_what_can_follow_does_so_in_order_or_alone(track: Track) -> None:
    for before, first, second in IN_ORDER:
        winners, _ = track.run(before, first, second)
        assert winners in ([first, second], [second])
