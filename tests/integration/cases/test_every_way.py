"""Every stage, overlay and ending of a case, and every event by everybody, through the actions.

What is legal does what the table says; all else is refused with a sentence, and no row changes.
Each is tried on one connection, and taken back before the next is tried.
"""

import ast
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import product
from typing import Any, Final

import pytest
from sqlalchemy import select

from tests.builders import (
    SWITCHED_AT,
    TARGET,
    actor_of,
    capacity_found,
    on_both,
    opened_case,
    record_done,
    whole_record,
)
from tests.databases import FIXED
from tests.integration.handovers.situations import CLOCK, SILENT_SINCE, SIX_MONTHS_ON
from tests.integration.handovers.steps import BETWEEN, STEPS
from tests.people import HELEN, JO, MINA, PETER, PRIYA, RUTH, SAM, TOM, WILMA
from tests.sentences import is_said_in_words
from tests.trials import CATALOGUE, Trial, writing_on
from tests.unit.rules.walk import LIES_OVER, TOGETHER, Move, comes_of
from transition.actions.cases import move_on, set_target
from transition.actions.closings import close_case, confirm_closing, reopen_case, take_back_closing
from transition.actions.deaths import record_death, undo_death
from transition.actions.expediting import expedite_case, steady_case
from transition.actions.milestones import put_back
from transition.actions.pauses import pause_case, resume_case
from transition.actions.work import Work
from transition.home import PACKAGE
from transition.records.cases import Case
from transition.records.dues import Asking, dues_of_case
from transition.records.handovers import Handover
from transition.records.histories import Pause
from transition.rules.closings import AnswerKind, questions_of
from transition.rules.errors import RuleBroken
from transition.rules.expediting import ExpediteReason
from transition.rules.handovers import Function
from transition.rules.pathway import Gate, Stage
from transition.rules.pauses import PauseReason
from transition.rules.people import THE_TIMETABLE
from transition.rules.stages import CaseState, Ending, StageEvent
from transition.settings import Settings

_E = StageEvent
TODAY: Final = FIXED.date()
KEY: Final = "rowans-1"
FOUR_WEEKS: Final = timedelta(weeks=4)

INSIDERS: Final = (RUTH, PRIYA, HELEN, MINA)
OUTSIDERS: Final = (PETER, JO, SAM, WILMA)
SECOND: Final = {Ending.DECLINED_BY_PERSON: TOM, Ending.ENTERED_IN_ERROR: RUTH}
"""Who confirms an ending that one person alone does not record."""


def answers(ending: Ending, today: date) -> dict[str, Any]:
    """Return what is needed of an ending, and nothing more."""
    said: dict[str, Any] = {}
    for one in questions_of(ending):
        if one.kind is AnswerKind.DAY:
            said[one.name] = today + FOUR_WEEKS if one.ahead else today
        elif one.options is not None:
            said[one.name] = list(one.options)[-1 if ending is Ending.ENTERED_IN_ERROR else 0].value
        else:
            said[one.name] = None if one.name == "instead_reference" else "Said."
    if "who_remains_responsible" in said:
        said["who_remains_responsible"] = "\n".join(f"{one.label}: The GP" for one in Function)
    return said


@dataclass(frozen=True)
class Way:
    """One thing that can be done to a case, and how."""

    event: StageEvent
    do: Callable[[Work, str], object]
    ending: Ending | None = None
    to: Stage | None = None
    second: str | None = None
    """Who says the same after them, where one alone has no effect."""


def _closing(ending: Ending) -> Callable[[Work, str], object]:
    return lambda work, case: close_case(work, case, ending, answers(ending, work.today))


def _reopening(to: Stage) -> Callable[[Work, str], object]:
    return lambda work, case: reopen_case(work, case, to, why="She asked.")


def _step(name: str) -> Callable[[Work, str], object]:
    return lambda work, case: STEPS[name](work, case, KEY)


REOPENED_AT: Final = (Stage.IDENTIFIED, Stage.PLANNING, Stage.HANDOVER)
"""The first stage, the last in which a case is opened again, and one in which it is not."""

BOTH: Final = {
    "sign": _E.SIGN_TRANSFER,
    "complete": _E.COMPLETE,
    "return": _E.COME_BACK,
}
"""What two people say, one of each hospice; every two of those with a part try it."""
SAID_FIRST: Final = {*BOTH.values(), _E.COMPLETE_ALONE}
"""Before these somebody has signed, or asked for it."""

WAYS: Final = {
    "move on": Way(_E.PREPARE, move_on),
    "propose": Way(_E.PROPOSE, _step("propose")),
    "accept": Way(_E.ACCEPT, _step("accept")),
    "decline": Way(_E.DECLINE, _step("decline")),
    "withdraw": Way(_E.WITHDRAW, _step("withdraw")),
    "pause": Way(
        _E.PAUSE,
        lambda work, case: pause_case(
            work, case, PauseReason.OTHER, review_on=work.today + FOUR_WEEKS
        ),
    ),
    "resume": Way(_E.RESUME, resume_case),
    "hurry": Way(
        _E.EXPEDITE, lambda work, case: expedite_case(work, case, ExpediteReason.HEALTH_CHANGING)
    ),
    "steady": Way(_E.STEADY, steady_case),
    "die": Way(
        _E.END, lambda work, case: record_death(work, case, died_on=work.today), Ending.DIED
    ),
    **{one.value: Way(_E.END, _closing(one), one) for one in Ending if one is not Ending.DIED},
    **{f"again {to.value}": Way(_E.REOPEN, _reopening(to), to=to) for to in REOPENED_AT},
    **{
        f"{name} with {second}": Way(event, _step(name), second=second)
        for (name, event), second in product(BOTH.items(), INSIDERS)
    },
    "complete alone": Way(_E.COMPLETE_ALONE, _step("complete alone")),
    "return at once": Way(_E.COME_BACK_URGENTLY, _step("return at once")),
}

BOTH_SIDES: Final = {
    "SIGN_TRANSFER": "transfers",
    "COMPLETE": "agreements",
    "COMPLETE_ALONE": "agreements",
    "COME_BACK": "agreements",
    "COME_BACK_URGENTLY": "agreements",
}
"""Where what needs both sides, or stands for it, is taken."""

NOT_YET: Final = "LAPSE"
"""Nothing lets a handover lapse yet."""


class CaseTrial(Trial):
    """One connection on which ways of a case are tried and taken back."""

    def begin(self) -> None:
        """Open a case in which nothing is missing for any step."""
        with self.working(RUTH) as work:
            case = opened_case(work)
            self.reference = case.reference
            capacity_found(work, case.reference)
            set_target(work, case, TARGET, reason_code="agreed")
            pathway = work.catalogue.pathways[case.pathway_version]
            wanted = {rule.code for rule in pathway.gated(Gate.PROPOSE)}
            record_done(work, case, wanted | {"ID-02", "ID-03", "ID-05", "PR-10"})
            whole_record(work, case)

    def go(self, way: Way, who: str) -> None:
        """Let somebody do something, and whoever must confirm it confirm it."""
        if way.event is _E.COMPLETE_ALONE:
            self.between("complete", RUTH)
            self.now = SILENT_SINCE
        with self.working(who) as work:
            way.do(work, self.reference)
        if way.ending in SECOND:
            with self.working(SECOND[way.ending]) as work:
                confirm_closing(work, self.reference)
        if way.second is not None:
            with self.working(way.second) as work:
                way.do(work, self.reference)
        if way.event is _E.SIGN_TRANSFER:
            self.now = SWITCHED_AT
            self.between("switch", CLOCK)

    def between(self, step: str, who: str) -> None:
        """Let somebody do what the next way of the case waits for."""
        with self.working(who) as work:
            {**STEPS, **BETWEEN}[step](work, self.reference, KEY)

    def bring_to(self, stage: Stage) -> None:
        """Bring the case to a stage, with all done that its way forward waits for."""
        steps = {
            Stage.PREPARING: ("move on", RUTH),
            Stage.PLANNING: ("move on", RUTH),
            Stage.HANDOVER: ("propose", RUTH),
            Stage.MOVING: ("accept", HELEN),
            Stage.SETTLING: (f"sign with {HELEN}", RUTH),
            Stage.COMPLETED: (f"complete with {HELEN}", RUTH),
        }
        for reached, (name, who) in steps.items():
            if reached.number <= stage.number:
                self.go(WAYS[name], who)
                self._make_ready(reached)

    def _make_ready(self, stage: Stage) -> None:
        if stage is Stage.MOVING:
            self.between("get ready", RUTH)
        if stage is Stage.SETTLING:
            self.now = SIX_MONTHS_ON
            self.between("see", MINA)
            self.between("review", RUTH)

    def state(self) -> CaseState:
        """Return where the case stands."""
        with self.looking() as session:
            return session.scalars(select(Case)).one().state


@pytest.fixture
def trial(installed: Settings) -> Iterator[CaseTrial]:
    """A connection on which a case waits to go its way."""
    with writing_on(installed) as connection:
        trial = CaseTrial(connection)
        with trial.looking() as session:
            trial.people |= {TOM: actor_of(session, TOM, TODAY), CLOCK: THE_TIMETABLE}
        trial.begin()
        yield trial


def _hurried(trial: CaseTrial) -> None:
    trial.go(WAYS["hurry"], RUTH)


def _resting(trial: CaseTrial) -> None:
    trial.go(WAYS["pause"], RUTH)


def _both(trial: CaseTrial) -> None:
    _hurried(trial)
    _resting(trial)


def _ended(name: str) -> Callable[[CaseTrial], None]:
    return lambda trial: trial.go(WAYS[name], PRIYA)


OVERLAYS: Final[Mapping[str, Callable[[CaseTrial], None]]] = {
    "as it is": lambda _: None,
    "paused": _resting,
    "hurried": _hurried,
    "both": _both,
}
DEAD: Final = {"died": _ended("die")}
ENDED: Final = {one.value: _ended(one.value) for one in Ending if one is not Ending.DIED}


def dresses(stage: Stage) -> Mapping[str, Callable[[CaseTrial], None]]:
    """Return what may lie over a stage; over the last one only a death."""
    if stage is Stage.COMPLETED:
        return {"as it is": OVERLAYS["as it is"], **DEAD}
    return {**OVERLAYS, **ENDED, **DEAD}


def expected(trial: CaseTrial, state: CaseState, way: Way, who: str) -> CaseState | None:
    """Return how the case stands after it, or None where it is refused."""
    if not _is_theirs(state, way, who):
        return None
    other = way.second if way.ending is None else SECOND.get(way.ending)
    second = [trial.people[other]] if other is not None else []
    plans = way.event is _E.PREPARE and state.stage is Stage.PREPARING
    event = _E.PLAN if plans else way.event
    move = Move(event, (trial.people[who], *second), ending=way.ending, to=way.to)
    after = comes_of(state, move)
    return replace(after, paused=False) if after and after.ending else after  # no ending rests


def _is_theirs(state: CaseState, way: Way, who: str) -> bool:
    """Return whether somebody has the case at all, and enough of it for this.

    Rowans sees it from the proposal, and shares it once it has accepted; Mina is named by then.
    """
    if who in {RUTH, PRIYA}:
        return True
    shares = state.stage in TOGETHER and state.stage is not Stage.HANDOVER
    if who == HELEN and way.event not in LIES_OVER:
        return state.stage in TOGETHER
    return who in {HELEN, MINA} and shares


def refusal_of(trial: CaseTrial, way: Way, who: str) -> RuleBroken | None:
    """Return what somebody who tries something is told, or None where it is done."""
    try:
        trial.go(way, who)
    except RuleBroken as refusal:
        return refusal
    return None


class Tries:
    """How often something was legal and refused; on one database each outcome is tried once."""

    def __init__(self, *, once: bool) -> None:
        self.once = once
        self.counted: Counter[str] = Counter()
        self.outcomes: set[object] = set()

    def wants(self, state: CaseState, name: str, after: CaseState | None) -> bool:
        """Return whether this is to be tried, and count it."""
        outcome = (name, state.stage, after)
        wanted = not self.once or outcome not in self.outcomes
        self.outcomes.add(outcome)
        self.counted["refused" if after is None else "legal"] += wanted
        return wanted


def try_everything(trial: CaseTrial, people: tuple[str, ...], tries: Tries) -> None:
    """Let people try everything where the case stands."""
    state, rows = trial.state(), trial.rows()
    for who, (name, way) in product(people, WAYS.items()):
        after = expected(trial, state, way, who)
        if not tries.wants(state, name, after):
            continue
        if after is None:
            # What the first of two has said stands, and moves nothing.
            with trial.taken_back() if way.event in SAID_FIRST else nullcontext():
                refusal = refusal_of(trial, way, who)
                assert refusal is not None, (state, name, who)
                assert is_said_in_words(refusal), refusal
                assert trial.state() == state, (state, name, who)
        else:
            with trial.taken_back():
                assert refusal_of(trial, way, who) is None, (state, name, who)
                assert trial.state() == after, (state, name, who)
    assert trial.rows() == rows, state


def who_tries(stage: Stage, name: str) -> tuple[str, ...]:
    """Return who tries something: everybody once, then those who have a part."""
    if name == "as it is":
        return (*INSIDERS, *OUTSIDERS)
    return INSIDERS if stage in TOGETHER else INSIDERS[:2]


@on_both
def test_everybody_tries_every_way_wherever_the_case_stands(
    trial: CaseTrial, both_databases: str
) -> None:
    """Abuse case 23: what no rule allows from where a case stands is refused."""
    tries = Tries(once=both_databases == "postgresql")
    for stage in Stage:
        with trial.taken_back():
            trial.bring_to(stage)
            for name, dress in dresses(stage).items():
                with trial.taken_back():
                    dress(trial)
                    try_everything(trial, who_tries(stage, name), tries)
    legal, refused = tries.counted["legal"], tries.counted["refused"]
    assert min(legal, refused) > 50
    print(f"{both_databases}: {legal} ways are taken and {refused} refused.")  # noqa: T201 - for who reads the run


def test_a_death_is_recorded_wherever_a_case_stands(trial: CaseTrial) -> None:
    died = 0
    for stage in Stage:
        with trial.taken_back():
            trial.bring_to(stage)
            for name, dress in dresses(stage).items():
                with trial.taken_back():
                    dress(trial)
                    possible = name not in {Ending.DIED, Ending.ENTERED_IN_ERROR}
                    assert (refusal_of(trial, WAYS["die"], RUTH) is None) is possible
                    assert (trial.state().ending is Ending.DIED) is (possible or name == "died")
                    died += possible
    assert died == 6 * (4 + 4) + 1


def everything_said(trial: CaseTrial) -> dict[str, Any]:
    """Return all that a case, its milestones, its handovers and its pauses say."""
    with trial.looking() as session:
        case = session.scalars(select(Case)).one()
        dues = dues_of_case(session, case.uid, Asking(trial.people[PRIYA], TODAY, CATALOGUE))
        assert dues is not None
        return {
            "case": (case.state, case.ended_at, case.target_transfer_on, case.next_due),
            "milestones": dues.standings,
            "handovers": [
                (one.receiver, one.number, one.state, one.closed_at)
                for one in session.scalars(select(Handover))
            ],
            "pauses": [(one.from_on, one.until_on) for one in session.scalars(select(Pause))],
        }


def test_an_ending_that_is_taken_back_leaves_the_case_as_it_was(trial: CaseTrial) -> None:
    tried = 0
    for stage, (rests, dress) in product(list(Stage)[:-2], OVERLAYS.items()):
        with trial.taken_back():
            trial.bring_to(stage)
            dress(trial)
            before = everything_said(trial)
            for name in (*ENDED, *DEAD) if rests in {"as it is", "paused"} else DEAD:
                trial.go(WAYS["die" if name in DEAD else name], PRIYA)
                assert everything_said(trial) != before
                with trial.working(PRIYA) as work:
                    (undo_death if name in DEAD else take_back_closing)(work, trial.reference)
                assert everything_said(trial) == before, (stage, rests, name)
                tried += 1
    assert tried == 5 * (2 * 6 + 2)


def test_what_a_short_path_skipped_is_on_the_list_when_a_case_is_opened_again(
    trial: CaseTrial,
) -> None:
    trial.bring_to(Stage.PLANNING)
    with trial.working(RUTH) as work:
        put_back(work, trial.reference, "PR-04")
    before = everything_said(trial)["milestones"]
    for name, who in (("hurry", RUTH), ("moved_away", RUTH), ("again planning", PRIYA)):
        trial.go(WAYS[name], who)
    after = everything_said(trial)["milestones"]
    assert [one.outcome for one in after] == [one.outcome for one in before]
    assert {one.rule.code for one in after if one.outcome is None} >= {"PR-04"}


def test_what_needs_both_sides_is_taken_where_both_sign() -> None:
    taken: dict[str, set[str]] = {}
    for path in (PACKAGE / "actions").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Attribute(value=ast.Name(id="StageEvent"), attr=event):
                    taken.setdefault(event, set()).add(path.stem)
    assert {event: taken[event] for event in BOTH_SIDES} == {
        event: {module} for event, module in BOTH_SIDES.items()
    }
    assert NOT_YET not in taken
