"""Every step and every event, from everywhere, by every role of every organisation."""

import re
from typing import Final

import pytest

from tests.sentences import tried
from tests.unit.rules.walk import STEPS
from transition.rules.errors import RuleBroken
from transition.rules.handovers import HandoverState, HandoverStep, steps_open, take_step
from transition.rules.pathway import Stage
from transition.rules.people import Actor, Role
from transition.rules.stages import CaseState, Ending, StageEvent, take_event

_S, _H, _E = HandoverState, HandoverStep, StageEvent

ORGANISATIONS: Final = ("naomi", "rowans", "oakhaven", "collaborative", "")
EVERYBODY: Final = {
    role: [Actor(b"1", "Lena", organisation, frozenset({role})) for organisation in ORGANISATIONS]
    for role in Role
}

STANDS_AT: Final = {
    **dict.fromkeys((_S.PROPOSED, _S.ACKNOWLEDGED, _S.QUERIED), Stage.HANDOVER),
    **dict.fromkeys((_S.ACCEPTED, _S.ACCEPTED_WITH_CONDITIONS, _S.JOINT_WORKING), Stage.MOVING),
    **dict.fromkeys((_S.TRANSFERRED, _S.FOLLOWED_UP), Stage.SETTLING),
}
"""The stage of a case by the state of its open handover."""

MOVES: Final = {
    _H.ACCEPT: _E.ACCEPT,
    _H.ACCEPT_WITH_CONDITIONS: _E.ACCEPT,
    _H.DECLINE: _E.DECLINE,
    _H.WITHDRAW: _E.WITHDRAW,
}
"""The steps that move the case too, and the event that each is of the case."""

AFTERWARDS: Final = {
    **dict.fromkeys((_S.ACCEPTED, _S.ACCEPTED_WITH_CONDITIONS), Stage.MOVING),
    **dict.fromkeys((_S.DECLINED, _S.WITHDRAWN), Stage.PLANNING),
}


def states_at(stage: Stage | None) -> list[CaseState | None]:
    """Return all that can be true of a case at a stage, as far as a rule asks for it."""
    if stage is None:
        return [None]
    overlays = [CaseState(stage, paused=True), CaseState(stage, expedited=True)]
    return [CaseState(stage), *overlays, *(CaseState(stage, ending=one) for one in Ending)]


@pytest.mark.parametrize("step", HandoverStep)
@pytest.mark.parametrize("state", HandoverState)
def test_a_step_is_taken_or_refused_in_words_whatever_the_organisation(
    state: HandoverState, step: HandoverStep
) -> None:
    who, to = STEPS.get((state, step), (None, None))
    for role, people in EVERYBODY.items():
        taken = {tried(take_step, state, step, by=by) for by in people}
        free = who is not None and (not who or role in who)
        assert taken == {to if free else None}, role
        offered = {step in steps_open(state, by=by) for by in people}
        assert offered == {bool(who and role in who)}, role


@pytest.mark.parametrize("event", StageEvent)
def test_an_event_is_refused_in_words_wherever_the_case_stands(event: StageEvent) -> None:
    refused = 0
    for stage in (None, *Stage):
        for state in states_at(stage):
            for people in EVERYBODY.values():
                came = {tried(take_event, state, event, by) for by in people}
                assert len(came) == 1, "the organisation is asked where the case is fetched"
                refused += came == {None}
    assert refused


@pytest.mark.parametrize("step", MOVES)
@pytest.mark.parametrize("state", STANDS_AT)
def test_who_moves_a_handover_by_hand_moves_its_case(
    state: HandoverState, step: HandoverStep
) -> None:
    stands = CaseState(STANDS_AT[state])
    for people in EVERYBODY.values():
        for by in people:
            if step in steps_open(state, by=by):
                to = take_step(state, step, by=by)
                assert take_event(stands, MOVES[step], by) == CaseState(AFTERWARDS[to])


@pytest.mark.parametrize("state", [_S.TRANSFERRED, _S.FOLLOWED_UP])
def test_what_is_settled_is_not_withdrawn_by_anybody_alone(state: HandoverState) -> None:
    for people in EVERYBODY.values():
        for by in people:
            assert _H.WITHDRAW not in steps_open(state, by=by)
            with pytest.raises(RuleBroken, match=re.escape("while the case is at “Settling in”.")):
                take_event(CaseState(STANDS_AT[state]), _E.WITHDRAW, by)
