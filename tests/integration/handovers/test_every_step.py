"""Every step of a handover, from every state, by everybody: what the table says, or nothing.

Each is tried through the actions on one connection, and taken back before the next is tried.
"""

import ast
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import on_both, planned_case
from tests.integration.handovers.situations import CLOCK, SITUATIONS, Way
from tests.integration.handovers.steps import BETWEEN, STEPS
from tests.people import GRACE, HELEN, IDRIS, LOLA, MINA, PETER, PRIYA, RUTH
from tests.sentences import is_said_in_words
from tests.trials import Trial, writing_on
from tests.unit.rules import walk
from transition.actions.work import NO_SUCH_CASE, NotFound
from transition.home import PACKAGE
from transition.records.audit import GOOD, AuditEntry, verify
from transition.records.cases import Case
from transition.records.handovers import Handover
from transition.records.outbox import QueuedLetter
from transition.rules.errors import RuleBroken
from transition.rules.handovers import HandoverState, HandoverStep
from transition.rules.pathway import Stage
from transition.rules.people import THE_TIMETABLE, Role
from transition.settings import Settings

_S = HandoverState
KEY: Final = "rowans-1"

CAME_TO_NOTHING: Final = ("declined", "withdrawn", "superseded")
TO_BE_ASKED: Final = ("nothing", *CAME_TO_NOTHING)
ALONE: Final = (*TO_BE_ASKED, "draft", "returned")
UNDECIDED: Final = ("proposed", "received", "asked")
ACCEPTED: Final = ("accepted", "accepted with conditions", "conditions met")
SIGNED: Final = ("signed by both", "its day has come")
MET: Final = ("ready", "signed here", "signed there", *SIGNED)
AGREED: Final = (*ACCEPTED, *MET)
RETURN_ASKED: Final = ("return asked here", "return asked there")
COMPLETE_HERE: Final = ("complete here", "silent since")
REVIEWED: Final = ("reviewed", *COMPLETE_HERE, "complete there")
SETTLED: Final = ("transferred", *RETURN_ASKED, *REVIEWED)
SHARED: Final = (*AGREED, *SETTLED)
CLOSED: Final = ("closed", "closed alone")
OVER: Final = (*CLOSED, "ended")

STAGES: Final[Mapping[HandoverState | None, Stage]] = {
    **dict.fromkeys((None, _S.DRAFT, _S.DECLINED, _S.WITHDRAWN, _S.SUPERSEDED), Stage.PLANNING),
    **dict.fromkeys((_S.PROPOSED, _S.ACKNOWLEDGED, _S.QUERIED), Stage.HANDOVER),
    **dict.fromkeys((_S.ACCEPTED, _S.ACCEPTED_WITH_CONDITIONS, _S.JOINT_WORKING), Stage.MOVING),
    **dict.fromkeys((_S.TRANSFERRED, _S.FOLLOWED_UP), Stage.SETTLING),
    _S.CLOSED: Stage.COMPLETED,
}
"""The stage of a case by the state of its handover to Rowans, unless the case has ended."""

NURSES: Final = {RUTH, PRIYA}
LEADS: Final = {HELEN, IDRIS}
ROWANS: Final = {*LEADS, MINA}
AS_IT_WAS: Final = None
NOBODY: Final[set[str]] = set()
PROPOSED: Final = (_S.PROPOSED, "handover:proposed", "handover_proposed")
RECEIVED: Final = (_S.ACKNOWLEDGED, "handover:received", "handover_received")
TOLD: Final = (_S.ACKNOWLEDGED, "handover:told", "handover_question_answered")
CONDITIONAL: Final = _S.ACCEPTED_WITH_CONDITIONS
ANSWERED: Final = ("handover:accepted", "handover_answered")
WITHDRAWN: Final = (_S.WITHDRAWN, "handover:withdrawn", "case_changed")
JOINT: Final = (_S.JOINT_WORKING, "handover:joint", "")
VISITED: Final = (AS_IT_WAS, "", "")
SIGNS: Final = (AS_IT_WAS, "transfer:signed", "transfer_signed")
UNSIGNS: Final = (AS_IT_WAS, "transfer:unsigned", "case_changed")
SWITCHES: Final = (_S.TRANSFERRED, "transfer:switched", "")
FOLLOWS: Final = (_S.FOLLOWED_UP, "settling:signed", "")
CLOSES: Final = (_S.CLOSED, "settling:signed case:completed", "case_changed")
ALONE_CLOSES: Final = (_S.CLOSED, "case:completed", "case_changed")
ASKS: Final = (AS_IT_WAS, "settling:signed", "")
TAKES_BACK: Final = (AS_IT_WAS, "settling:unsigned", "")
RETURNS: Final = (_S.WITHDRAWN, "settling:signed case:returned", "case_changed")
RETURNS_AT_ONCE: Final = (_S.WITHDRAWN, "case:returned", "case_changed")
DIED: Final = (_S.CLOSED_DIED, "case:ended", "case_changed")
EXIT: Final = (_S.CLOSED_EXIT, *DIED[1:])
ENDED: Final = (AS_IT_WAS, *DIED[1:])

TABLE: Final[tuple[tuple[Any, ...], ...]] = (
    (TO_BE_ASKED, "propose", NURSES, *PROPOSED, LEADS),
    (TO_BE_ASKED, "ask another", NURSES, *PROPOSED, {PETER, LOLA}),
    (UNDECIDED[:1], "acknowledge", {HELEN}, *RECEIVED, NURSES),
    (UNDECIDED, "ask", {HELEN}, _S.QUERIED, "handover:asked", "handover_question", NURSES),
    (UNDECIDED[2:], "answer", NURSES, *TOLD, {*LEADS, GRACE}),
    (UNDECIDED[:2], "accept", {HELEN}, _S.ACCEPTED, *ANSWERED, NURSES),
    (UNDECIDED, "accept with conditions", {HELEN}, CONDITIONAL, *ANSWERED, NURSES),
    (UNDECIDED, "decline", {HELEN}, _S.DECLINED, "handover:declined", ANSWERED[1], NURSES),
    (UNDECIDED, "withdraw", NURSES, *WITHDRAWN, LEADS),
    (AGREED, "withdraw", {PRIYA}, *WITHDRAWN, ROWANS),
    (AGREED, "withdraw", {HELEN}, *WITHDRAWN, NURSES),
    (ACCEPTED, "meet", {*NURSES, HELEN, MINA}, *JOINT, NOBODY),
    ((*UNDECIDED, "ended", *CAME_TO_NOTHING[2:], "draft"), "meet", NURSES, *VISITED, NOBODY),
    ((*MET, *SETTLED, *CLOSED), "meet", {*NURSES, HELEN, MINA}, *VISITED, NOBODY),
    (("conditions met", "ready", "signed there"), "sign", NURSES, *SIGNS, ROWANS),
    (("conditions met", "ready", "signed here"), "sign", {HELEN}, *SIGNS, NURSES),
    (("signed here", *SIGNED), "unsign", NURSES, *UNSIGNS, ROWANS),
    (("signed there", *SIGNED), "unsign", {HELEN}, *UNSIGNS, NURSES),
    (SIGNED[1:], "switch", {CLOCK}, *SWITCHES, NOBODY),
    (("reviewed",), "complete", {*NURSES, HELEN}, *FOLLOWS, NOBODY),
    (COMPLETE_HERE, "complete", {HELEN}, *CLOSES, {RUTH, MINA}),
    (("complete there",), "complete", {RUTH}, *CLOSES, ROWANS),
    (("complete there",), "complete", {PRIYA}, *CLOSES, {*ROWANS, RUTH}),
    (("silent since",), "complete alone", {PRIYA}, *ALONE_CLOSES, {*ROWANS, RUTH}),
    (COMPLETE_HERE, "not complete", NURSES, *TAKES_BACK, NOBODY),
    (("complete there",), "not complete", {HELEN}, *TAKES_BACK, NOBODY),
    (("transferred", *REVIEWED), "return", {PRIYA, HELEN}, *ASKS, NOBODY),
    (("return asked here",), "return", {HELEN}, *RETURNS, {RUTH, MINA}),
    (("return asked there",), "return", {PRIYA}, *RETURNS, {*ROWANS, RUTH}),
    (SETTLED, "return at once", {PRIYA}, *RETURNS_AT_ONCE, {*ROWANS, RUTH}),
    (("return asked here",), "stay", {PRIYA}, *TAKES_BACK, NOBODY),
    (("return asked there",), "stay", {HELEN}, *TAKES_BACK, NOBODY),
    (ALONE, ("die", "end"), {RUTH}, *ENDED, NOBODY),
    (ALONE, ("die", "end"), {PRIYA}, *ENDED, {RUTH}),
    (UNDECIDED, "die", {RUTH}, *DIED, LEADS),
    (UNDECIDED, "die", {PRIYA}, *DIED, {*LEADS, RUTH}),
    (UNDECIDED, "die", {HELEN}, *DIED, {RUTH}),
    (UNDECIDED, "end", {RUTH}, *EXIT, LEADS),
    (UNDECIDED, "end", {PRIYA}, *EXIT, {*LEADS, RUTH}),
    (SHARED, "die", {RUTH}, *DIED, ROWANS),
    (SHARED, "die", {PRIYA}, *DIED, {*ROWANS, RUTH}),
    (SHARED, "die", {HELEN}, *DIED, {MINA, RUTH}),
    (SHARED, "die", {MINA}, *DIED, {RUTH}),
    (SHARED, "end", {RUTH}, *EXIT, ROWANS),
    (SHARED, "end", {PRIYA}, *EXIT, {*ROWANS, RUTH}),
    (OVER, "die", {RUTH}, *ENDED, ROWANS),
    (OVER, "die", {PRIYA}, *ENDED, {*ROWANS, RUTH}),
    (OVER, "die", {HELEN}, *ENDED, {MINA, RUTH}),
    (OVER, "die", {MINA}, *ENDED, {RUTH}),
)
"""From, step, who; to, what the trail says, the kind of letter, its readers. All else is refused.

Ruth is the named worker and Priya proposed; Mina is named by the one who accepts.
"""

BLIND: Final = {HELEN: ("nothing", "draft"), MINA: (*ALONE, *UNDECIDED)}
"""In which situations those who may see something of the case see nothing of it."""


@dataclass(frozen=True)
class Outcome:
    """What comes of a step: the new state, what the trail says, and who is written to."""

    to: HandoverState | None
    trail: str
    letter: str
    readers: frozenset[str]


def outcomes(name: str) -> dict[tuple[str, str], Outcome]:
    """Return what comes of each step that can be taken in a situation, by who takes it."""
    state = SITUATIONS[name][0]
    return {
        (who, step): Outcome(state if to is AS_IT_WAS else to, trail, letter, frozenset(readers))
        for names, said, people, to, trail, letter, readers in TABLE
        if name in names
        for who in people
        for step in ((said,) if isinstance(said, str) else said)
    }


class HandoverTrial(Trial):
    """One connection on which steps of a handover are tried and taken back."""

    def take(self, step: str, who: str) -> None:
        """Let somebody take a step, or do what lies between two."""
        with self.working(who) as work:
            {**STEPS, **BETWEEN}[step](work, self.reference, KEY)

    def begin(self) -> None:
        """Plan Sky's move; Oakhaven was asked first, and the handover withdrawn."""
        self.people[CLOCK] = THE_TIMETABLE
        with self.working(RUTH) as work:
            self.reference = planned_case(work).reference
            STEPS["ask another"](work, self.reference, "")
        with self.working(PRIYA) as work:
            STEPS["withdraw"](work, self.reference, "oakhaven-1")

    def go(self, way: Way) -> None:
        """Let people take steps, each at its time."""
        for move in way:
            if isinstance(move, datetime):
                self.now = move
            else:
                self.take(*move)

    def put(self, state: HandoverState) -> None:
        """Put the handover, and its case, where no step of this product leads."""
        with self.working(PRIYA) as work:
            handover, case = handover_of(work.session), work.session.scalars(select(Case)).one()
            assert handover is not None
            handover.state, case.stage = state, STAGES[state]
            handover.closed_at = None if state.open else work.now
            if state is _S.DRAFT:
                handover.proposed_at = handover.proposed_by_uid = None


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


def stage_of(trial: HandoverTrial) -> Stage:
    """Return the stage of the case."""
    with trial.looking() as session:
        return session.scalars(select(Case.stage)).one()


def letters_in(trial: HandoverTrial) -> Counter[tuple[str, str]]:
    """Return what is queued, by kind and reader."""
    with trial.looking() as session:
        rows = session.scalars(select(QueuedLetter))
        return Counter((row.kind, row.recipient.email) for row in rows)


DECIDED: Final = ("handover:", "case:", "transfer:", "settling:")


def decisions_in(trial: HandoverTrial) -> Counter[str]:
    """Return what the trail says was done to handovers and cases."""
    with trial.looking() as session:
        said = session.scalars(select(AuditEntry.action))
        return Counter(word for word in said if word.startswith(DECIDED))


@on_both
def test_everybody_tries_every_step_in_every_situation(
    trial: HandoverTrial, both_databases: str
) -> None:
    """Abuse case 23: every step from wherever a handover stands."""
    assert {state for state, _ in SITUATIONS.values()} == {None, *HandoverState} - {_S.SUPPORTING}
    assert {name for names, *_ in TABLE for name in names} | {"died"} == SITUATIONS.keys()
    tries = Tries(once=both_databases == "postgresql")
    walk_from(trial, (), tries)
    assert tries.walked == set(SITUATIONS)


class Tries:
    """What was tried; on one database each outcome is tried once in each situation."""

    def __init__(self, *, once: bool) -> None:
        self.once = once
        self.walked: set[str] = set()
        self.known: set[object] = set()

    def wants(self, *outcome: object) -> bool:
        """Return whether an outcome is to be tried, and know it from now on."""
        wanted = not self.once or outcome not in self.known
        self.known.add(outcome)
        return wanted


def walk_from(trial: HandoverTrial, way: Way, tries: Tries) -> None:
    """Try everything where a way leads, and then wherever it goes on to."""
    for name, (state, leads_here) in SITUATIONS.items():
        if leads_here == way:
            with trial.taken_back():
                if state in {_S.DRAFT, _S.SUPERSEDED}:
                    trial.put(state)
                try_everything(trial, name, tries)
            tries.walked.add(name)
    further = [one[: len(way) + 1] for _, one in SITUATIONS.values() if one[: len(way)] == way]
    for longer in dict.fromkeys(further):
        if longer != way:
            with trial.taken_back():
                trial.go(longer[len(way) :])
                walk_from(trial, longer, tries)


def try_everything(trial: HandoverTrial, name: str, tries: Tries) -> None:
    """Let everybody try every step in a situation."""
    state, expected = SITUATIONS[name][0], outcomes(name)
    assert newest(trial, "die", None) is state
    with trial.looking() as session:
        assert verify(session).code == GOOD
    for who in set(trial.people) - {GRACE, CLOCK}:
        steps = STEPS.keys() - {"switch"} - {step for one, step in expected if one == who}
        try_in_vain(trial, name, (who, steps), tries)
    if (CLOCK, "switch") not in expected:
        assert refusal_of(trial, "switch", CLOCK), name
    for (who, step), outcome in expected.items():
        if tries.wants(name, step, outcome):
            try_one(trial, name, (who, step), outcome)


def try_in_vain(
    trial: HandoverTrial, name: str, what: tuple[str, Collection[str]], tries: Tries
) -> None:
    """Let somebody try steps that are not theirs, or not now."""
    who, steps = what
    rows = trial.rows()
    sees = who in {RUTH, PRIYA, HELEN, MINA, PETER} and name not in BLIND.get(who, ())
    for step in steps:
        if not tries.wants(name, step, sees):
            continue
        refusal = refusal_of(trial, step, who)
        assert refusal is not None, (name, who, step)
        assert is_said_in_words(refusal), refusal
        unseen = isinstance(refusal, NotFound) and str(refusal) == NO_SUCH_CASE
        assert unseen is not sees, (name, who, step, refusal)
    assert trial.rows() == rows, (name, who)


def try_one(trial: HandoverTrial, name: str, what: tuple[str, str], outcome: Outcome) -> None:
    """Let somebody take a step that is theirs, and take it back."""
    (who, step), state = what, SITUATIONS[name][0]
    stage, letters, decisions = stage_of(trial), letters_in(trial), decisions_in(trial)
    with trial.taken_back():
        assert refusal_of(trial, step, who) is None, (name, who, step)
        assert newest(trial, step, state) is outcome.to, (name, who, step)
        moved = outcome.to not in {state, _S.CLOSED_DIED, _S.CLOSED_EXIT}
        assert stage_of(trial) is (STAGES[outcome.to] if moved else stage), (name, who, step)
        done = Counter(outcome.trail.split())
        assert decisions_in(trial) - decisions == done, (name, who, step)
        told = Counter((outcome.letter, reader) for reader in outcome.readers)
        assert letters_in(trial) - letters == told, (name, who, step)


AS: Final[Mapping[str, tuple[HandoverStep, ...]]] = {
    "ask another": (HandoverStep.PROPOSE,),
    "meet": (HandoverStep.WORK_JOINTLY,),
    "switch": (HandoverStep.TRANSFER,),
    "complete": (HandoverStep.FOLLOW_UP, HandoverStep.CLOSE),
    "complete alone": (HandoverStep.CLOSE,),
    "return": (HandoverStep.WITHDRAW,),
    "return at once": (HandoverStep.WITHDRAW,),
    "die": (HandoverStep.CLOSE_ON_DEATH,),
    "end": (HandoverStep.CLOSE_ON_EXIT,),
}
"""What each of our steps is of the rules', where it is not called the same."""

OF_SUPPORT: Final = {HandoverStep.SUPPORT, HandoverStep.SUPPORT_WITH_CONDITIONS}
"""Whoever is asked to lead does not take these: they are walked apart."""

ROLE: Final = {
    RUTH: Role.TRANSITION_NURSE,
    PRIYA: Role.CHILDRENS_LEAD,
    HELEN: Role.ADULT_LEAD,
    MINA: Role.ADULT_WORKER,
}


@pytest.mark.parametrize("name", SITUATIONS)
def test_what_is_expected_is_what_the_rules_walk(name: str) -> None:
    state, expected = SITUATIONS[name][0], outcomes(name)
    for (who, step), outcome in expected.items():
        start = _S.DRAFT if step in {"propose", "ask another"} else state
        if outcome.to is not start:
            assert start is not None
            as_rules_say = AS.get(step) or (HandoverStep(step.replace(" ", "_")),)
            ways = [walk.STEPS[start, one] for one in as_rules_say if (start, one) in walk.STEPS]
            assert outcome.to in {to for by, to in ways if not by or ROLE[who] in by}, (who, step)
    for (start, one), (by, _) in walk.STEPS.items():
        if start is state and start is not _S.DRAFT and one not in OF_SUPPORT:
            for who in (who for who, role in ROLE.items() if role in by):
                assert (who, one.value.replace("_", " ")) in expected


def test_what_follows_from_something_else_is_taken_where_that_is_recorded() -> None:
    taken: dict[str, set[str]] = {}
    for path in (PACKAGE / "actions").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Attribute(value=ast.Name(id="HandoverStep"), attr=step):
                    taken.setdefault(step, set()).add(path.stem)

    following = {step.name for step in HandoverStep} - taken.keys()
    # What a reply amounts to is reckoned by the rules. Nobody asks another hospice by hand.
    by_reply = {"ACCEPT", "ACCEPT_WITH_CONDITIONS", "DECLINE", *(one.name for one in OF_SUPPORT)}
    assert following == by_reply | {"SUPERSEDE"}
    assert {step: taken[step] for step in ("WORK_JOINTLY", "TRANSFER", "FOLLOW_UP", "CLOSE")} == {
        "WORK_JOINTLY": {"transfers"},
        "TRANSFER": {"transfers"},
        "FOLLOW_UP": {"agreements"},
        "CLOSE": {"agreements"},
    }
    assert taken["CLOSE_ON_DEATH"] == {"deaths"}
    assert taken["CLOSE_ON_EXIT"] == {"closings"}
