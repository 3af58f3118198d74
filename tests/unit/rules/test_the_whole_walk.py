"""Every stage, overlay and ending, every event, by everybody: what the table says, or a refusal."""

from collections import Counter

import pytest

from tests.sentences import tried
from tests.unit.rules.walk import Move, comes_of, every_move, every_state
from transition.rules.endings import end_case, reopen
from transition.rules.pathway import Stage
from transition.rules.people import CLINICAL_ROLES
from transition.rules.stages import CaseState, Ending, StageEvent, take_event


def _take(state: CaseState | None, move: Move) -> CaseState:
    """Return how a case stands after a move."""
    if state is None or move.event not in {StageEvent.END, StageEvent.REOPEN}:
        return take_event(state, move.event, *move.by)
    if move.to is not None:
        return reopen(state, move.to, by=move.by[0])
    assert move.ending is not None
    second = move.by[1] if len(move.by) > 1 else None
    return end_case(state, move.ending, by=move.by[0], confirmed_by=second)


def test_every_way_is_what_the_table_says() -> None:
    counted: Counter[bool] = Counter()
    moves = list(every_move())
    for state in every_state():
        for move in moves:
            expected = comes_of(state, move)
            assert tried(_take, state, move) == expected, (state, move)
            counted[expected is not None] += 1
    assert min(counted.values()) > 1000
    print(f"{counted[True]} ways are open and {counted[False]} are refused.")  # noqa: T201 - for who reads the run


@pytest.mark.parametrize("role", sorted(CLINICAL_ROLES))
def test_a_death_can_be_recorded_from_everywhere(role: str) -> None:
    ways = [
        (state, comes_of(state, move))
        for state in every_state()
        for move in every_move()
        if move.ending is Ending.DIED and len(move.by) == 1 and role in move.by[0].roles
    ]
    refused = [state for state, after in ways if state and after is None]
    assert {state.ending for state in refused} == {Ending.DIED, Ending.ENTERED_IN_ERROR}
    assert all(after.ending is Ending.DIED for _, after in ways if after)
    assert {state.stage for state, after in ways if state and after} == set(Stage)
