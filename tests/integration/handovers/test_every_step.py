"""Every step of a handover, from every state, by everybody: what the table says, or nothing.

Each is tried through the actions on one connection, and taken back before the next is tried.
"""

import ast
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import on_both, planned_case
from tests.integration.handovers.steps import STEPS
from tests.people import (
    GRACE,
    HELEN,
    IDRIS,
    LOLA,
    MINA,
    PETER,
    PRIYA,
    RUTH,
)
from tests.sentences import is_said_in_words
from tests.trials import Trial, writing_on
from transition.actions.work import NO_SUCH_CASE, NotFound
from transition.home import PACKAGE
from transition.records.audit import GOOD, AuditEntry, verify
from transition.records.cases import Case
from transition.records.handovers import Handover
from transition.records.outbox import QueuedLetter
from transition.rules.errors import RuleBroken
from transition.rules.handovers import HandoverState, HandoverStep
from transition.rules.pathway import Stage
from transition.rules.stages import Ending
from transition.settings import Settings

_S = HandoverState
KEY: Final = "rowans-1"

ASKED_AND_ANSWERED: Final = (("propose", PRIYA), ("ask", GRACE), ("answer", RUTH))
TAKEN: Final = (*ASKED_AND_ANSWERED, ("accept", HELEN))
WAYS: Final[Mapping[HandoverState | None, tuple[tuple[str, str], ...]]] = {
    None: (),
    _S.DRAFT: ASKED_AND_ANSWERED[:1],
    _S.PROPOSED: ASKED_AND_ANSWERED[:1],
    _S.ACKNOWLEDGED: ASKED_AND_ANSWERED,
    _S.QUERIED: ASKED_AND_ANSWERED[:2],
    _S.ACCEPTED: TAKEN,
    _S.ACCEPTED_WITH_CONDITIONS: (
        *ASKED_AND_ANSWERED[:2],
        ("accept with conditions", HELEN),
    ),
    _S.DECLINED: (*ASKED_AND_ANSWERED[:2], ("decline", HELEN)),
    _S.JOINT_WORKING: TAKEN,
    _S.TRANSFERRED: TAKEN,
    _S.FOLLOWED_UP: TAKEN,
    _S.CLOSED: TAKEN,
    _S.WITHDRAWN: (*ASKED_AND_ANSWERED[:2], ("withdraw", RUTH)),
    _S.SUPERSEDED: ASKED_AND_ANSWERED,
    _S.CLOSED_DIED: (*TAKEN, ("die", PRIYA)),
    _S.CLOSED_EXIT: TAKEN,
}
"""How a handover gets there, or as near as this product's steps lead; the rest is put there."""

UNDECIDED: Final = (_S.PROPOSED, _S.ACKNOWLEDGED, _S.QUERIED)
AGREED: Final = (_S.ACCEPTED, _S.ACCEPTED_WITH_CONDITIONS, _S.JOINT_WORKING)
SETTLED: Final = (_S.TRANSFERRED, _S.FOLLOWED_UP)
OVER: Final = (_S.CLOSED, _S.CLOSED_EXIT)
NOT_ASKED: Final = (None, _S.DRAFT)
CAME_TO_NOTHING: Final = (_S.DECLINED, _S.WITHDRAWN, _S.SUPERSEDED)
TO_BE_ASKED: Final = (None, *CAME_TO_NOTHING)
ALONE: Final = (*NOT_ASKED, *CAME_TO_NOTHING)
SHARED: Final = (*AGREED, *SETTLED)

AT: Final[Mapping[HandoverState | None, Stage]] = {
    **dict.fromkeys(ALONE, Stage.PLANNING),
    **dict.fromkeys(UNDECIDED, Stage.HANDOVER),
    **dict.fromkeys((*AGREED, _S.CLOSED_DIED, _S.CLOSED_EXIT), Stage.MOVING),
    **dict.fromkeys(SETTLED, Stage.SETTLING),
    _S.CLOSED: Stage.COMPLETED,
}
"""The stage of a case by the state of its handover to Rowans."""

NURSES: Final = {RUTH, PRIYA}
LEADS: Final = {HELEN, IDRIS}
AS_IT_WAS: Final = None
NOBODY: Final[set[str]] = set()
PROPOSED: Final = (_S.PROPOSED, "handover:proposed", "handover_proposed")
RECEIVED: Final = (_S.ACKNOWLEDGED, "handover:received", "handover_received")
TOLD: Final = (_S.ACKNOWLEDGED, "handover:told", "handover_question_answered")
CONDITIONAL: Final = _S.ACCEPTED_WITH_CONDITIONS
ACCEPTED: Final = ("handover:accepted", "handover_answered")
WITHDRAWN: Final = (_S.WITHDRAWN, "handover:withdrawn", "case_changed")
DIED: Final = (_S.CLOSED_DIED, "case:ended", "case_changed")
ENDED: Final = (AS_IT_WAS, *DIED[1:])

TABLE: Final[tuple[tuple[Any, ...], ...]] = (
    (TO_BE_ASKED, "propose", NURSES, *PROPOSED, LEADS),
    (TO_BE_ASKED, "ask another", NURSES, *PROPOSED, {PETER, LOLA}),
    (UNDECIDED[:1], "acknowledge", {HELEN}, *RECEIVED, NURSES),
    (UNDECIDED, "ask", {HELEN}, _S.QUERIED, "handover:asked", "handover_question", NURSES),
    (UNDECIDED[2:], "answer", NURSES, *TOLD, {*LEADS, GRACE}),
    (UNDECIDED[:2], "accept", {HELEN}, _S.ACCEPTED, *ACCEPTED, NURSES),
    (UNDECIDED, "accept with conditions", {HELEN}, CONDITIONAL, *ACCEPTED, NURSES),
    (UNDECIDED, "decline", {HELEN}, _S.DECLINED, "handover:declined", ACCEPTED[1], NURSES),
    (UNDECIDED, "withdraw", NURSES, *WITHDRAWN, LEADS),
    (AGREED, "withdraw", {PRIYA}, *WITHDRAWN, {*LEADS, MINA}),
    (AGREED, "withdraw", {HELEN}, *WITHDRAWN, NURSES),
    (ALONE, "die", {RUTH}, *ENDED, NOBODY),
    (ALONE, "die", {PRIYA}, *ENDED, {RUTH}),
    (UNDECIDED, "die", {RUTH}, *DIED, LEADS),
    (UNDECIDED, "die", {PRIYA}, *DIED, {*LEADS, RUTH}),
    (UNDECIDED, "die", {HELEN}, *DIED, {RUTH}),
    (SHARED, "die", {RUTH}, *DIED, {*LEADS, MINA}),
    (SHARED, "die", {PRIYA}, *DIED, {*LEADS, MINA, RUTH}),
    (SHARED, "die", {HELEN}, *DIED, {MINA, RUTH}),
    (SHARED, "die", {MINA}, *DIED, {RUTH}),
    (OVER, "die", {RUTH}, *ENDED, {*LEADS, MINA}),
    (OVER, "die", {PRIYA}, *ENDED, {*LEADS, MINA, RUTH}),
    (OVER, "die", {HELEN}, *ENDED, {MINA, RUTH}),
    (OVER, "die", {MINA}, *ENDED, {RUTH}),
)
"""From, step, who; to, what the trail says, the kind of letter, its readers. All else is refused.

Ruth is the named worker and Priya proposed; Mina is named by the one who accepts.
"""

BLIND: Final = {HELEN: NOT_ASKED, MINA: (*ALONE, *UNDECIDED)}
"""In which states those who may see something of the case see nothing of it."""


@dataclass(frozen=True)
class Outcome:
    """What comes of a step: the new state, what the trail says, and who is written to."""

    to: HandoverState | None
    trail: str
    letter: str
    readers: frozenset[str]


def outcomes(state: HandoverState | None) -> dict[tuple[str, str], Outcome]:
    """Return what comes of each step that can be taken in a state, by who takes it."""
    return {
        (who, step): Outcome(state if to is AS_IT_WAS else to, trail, letter, frozenset(readers))
        for states, step, people, to, trail, letter, readers in TABLE
        if state in states
        for who in people
    }


class HandoverTrial(Trial):
    """One connection on which steps of a handover are tried and taken back."""

    def take(self, step: str, who: str) -> None:
        """Let somebody take a step."""
        with self.working(who) as work:
            STEPS[step](work, self.reference, KEY)

    def begin(self) -> None:
        """Plan Sky's move; Oakhaven was asked first, and the handover withdrawn."""
        with self.working(RUTH) as work:
            self.reference = planned_case(work).reference
            STEPS["ask another"](work, self.reference, "")
        with self.working(PRIYA) as work:
            STEPS["withdraw"](work, self.reference, "oakhaven-1")

    def put(self, state: HandoverState) -> None:
        """Put the handover, and its case, where no step of this product leads yet."""
        with self.working(PRIYA) as work:
            handover, case = handover_of(work.session), work.session.scalars(select(Case)).one()
            assert handover is not None
            handover.state, case.stage = state, AT[state]
            handover.closed_at = None if state.open else work.now
            if state is _S.DRAFT:
                handover.proposed_at = handover.proposed_by_uid = None
            if state is _S.CLOSED_EXIT:
                case.ending, case.ended_at = Ending.MOVED_AWAY, work.now


def handover_of(session: Session, key: str = KEY) -> Handover | None:
    """Return a handover by key."""
    receiver, _, number = key.rpartition("-")
    query = select(Handover).where(Handover.receiver == receiver, Handover.number == int(number))
    return session.scalar(query)


@pytest.fixture
def trial(installed: Settings) -> Iterator[HandoverTrial]:
    """A connection on which a case waits to be handed over."""
    with writing_on(installed) as connection:
        trial = HandoverTrial(connection)
        trial.begin()
        yield trial


def refusal_of(trial: HandoverTrial, step: str, who: str) -> RuleBroken | None:
    """Return what somebody who tries a step is told, or None where it is done."""
    try:
        trial.take(step, who)
    except RuleBroken as refusal:
        return refusal
    return None


def newest(trial: HandoverTrial, step: str, state: HandoverState | None) -> HandoverState | None:
    """Return how the handover stands that a step was about."""
    keys = {"propose": KEY if state is None else "rowans-2", "ask another": "oakhaven-2"}
    with trial.looking() as session:
        handover = handover_of(session, keys.get(step, KEY))
        return handover.state if handover else None


def letters_in(trial: HandoverTrial) -> Counter[tuple[str, str]]:
    """Return what is queued, by kind and reader."""
    with trial.looking() as session:
        rows = session.scalars(select(QueuedLetter))
        return Counter((row.kind, row.recipient.email) for row in rows)


def decisions_in(trial: HandoverTrial) -> Counter[str]:
    """Return what the trail says was done to handovers and cases."""
    with trial.looking() as session:
        assert verify(session).code == GOOD
        said = Counter(session.scalars(select(AuditEntry.action)))
    return Counter({word: n for word, n in said.items() if word.startswith(("handover:", "case:"))})


@on_both
def test_everybody_tries_every_step_in_every_state(trial: HandoverTrial) -> None:
    assert {*WAYS} == {None, *HandoverState}
    for state in WAYS:
        with trial.taken_back():
            try_everything(trial, state)


def try_everything(trial: HandoverTrial, state: HandoverState | None) -> None:
    """Bring the handover there, and let everybody try every step."""
    for step, who in WAYS[state]:
        trial.take(step, who)
    if newest(trial, "die", None) is not state:
        assert state is not None
        trial.put(state)
    rows, letters, decisions = trial.rows(), letters_in(trial), decisions_in(trial)
    seeing = {one for one in (RUTH, PRIYA, HELEN, MINA, PETER) if state not in BLIND.get(one, ())}

    expected = outcomes(state)
    for who in set(trial.people) - {GRACE}:
        for step in STEPS.keys() - {step for one, step in expected if one == who}:
            refusal = refusal_of(trial, step, who)
            assert refusal is not None, (who, step)
            assert is_said_in_words(refusal), refusal
            unseen = isinstance(refusal, NotFound) and str(refusal) == NO_SUCH_CASE
            assert unseen is (who not in seeing), (who, step, refusal)
        assert trial.rows() == rows, who

    for (who, step), outcome in expected.items():
        with trial.taken_back():
            assert refusal_of(trial, step, who) is None, (who, step)
            assert newest(trial, step, state) is outcome.to, (who, step)
            assert decisions_in(trial) - decisions == {outcome.trail: 1}, (who, step)
            told = Counter((outcome.letter, reader) for reader in outcome.readers)
            assert letters_in(trial) - letters == told, (who, step)


def test_what_follows_from_something_else_is_taken_where_that_is_recorded() -> None:
    taken: dict[str, set[str]] = {}
    for path in (PACKAGE / "actions").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Attribute(value=ast.Name(id="HandoverStep"), attr=step):
                    taken.setdefault(step, set()).add(path.stem)

    following = {step.name for step in HandoverStep} - taken.keys()
    # What a reply amounts to is reckoned by the rules. Nobody asks another hospice by hand.
    assert following == {"ACCEPT", "ACCEPT_WITH_CONDITIONS", "DECLINE", "SUPERSEDE"}
    assert {step: taken[step] for step in ("WORK_JOINTLY", "TRANSFER", "FOLLOW_UP", "CLOSE")} == {
        "WORK_JOINTLY": {"transfers"},
        "TRANSFER": {"transfers"},
        "FOLLOW_UP": {"agreements"},
        "CLOSE": {"agreements"},
    }
    assert taken["CLOSE_ON_DEATH"] == {"deaths"}
    assert taken["CLOSE_ON_EXIT"] == {"closings"}
