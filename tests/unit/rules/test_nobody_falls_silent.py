"""Whoever stays silent: in every open state of a handover a clock runs that tells somebody else."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import combinations, product
from typing import Final

import pytest

from transition.rules.handover_clocks import Asked, HandoverFacts, Pauses
from transition.rules.handovers import AGREED, SETTLED, UNDECIDED, HandoverState, Urgency
from transition.rules.nudges import Addressee, addressees, nudges_of
from transition.rules.people import Side
from transition.rules.settling import (
    AT_SIX_MONTHS,
    AT_SIX_WEEKS,
    FIRST_CONTACT,
    Agreed,
    Attempt,
    ContactResult,
)
from transition.rules.settling_clocks import (
    SettlingFacts,
    Word,
    settling_addressees,
    settling_nudges_of,
)
from transition.rules.transfers import Ahead, prompt_due

HOLIDAYS: Final = frozenset(map(date.fromisoformat, ["2026-12-25", "2026-12-28", "2027-01-01"]))
MONDAY: Final = date(2026, 11, 23)
A_DAY: Final = timedelta(days=1)
PAUSES: Final[tuple[Pauses, ...]] = (
    (),
    ((date(2026, 11, 26), date(2026, 12, 16)),),
)
"""None, and one that is over again: in a pause nothing is asked but that it be looked at."""

Ladder = Sequence[tuple[date, tuple[Addressee, ...]]]
"""Whom the clocks tell, on which day, if nothing more happens."""


@dataclass(frozen=True)
class Silence:
    """One way that a handover can stand in a state, and what its clocks then tell."""

    about: object
    ladder: Ladder


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 10, tzinfo=UTC)


def undecided(state: HandoverState) -> Iterator[Silence]:
    """Yield a proposal at each urgency, received or not, with questions open or answered."""
    wednesday, friday = at(MONDAY + 2 * A_DAY), at(MONDAY + 4 * A_DAY)
    answered = Asked(number=1, asked_at=wednesday, answered_at=friday)
    open_one = Asked(number=2, asked_at=friday)
    questions: dict[HandoverState, tuple[tuple[Asked, ...], ...]] = {
        HandoverState.PROPOSED: ((),),
        HandoverState.ACKNOWLEDGED: ((), (answered,)),
        HandoverState.QUERIED: ((open_one,), (answered, open_one)),
    }
    for urgency, asked, pauses in product(Urgency, questions[state], PAUSES):
        facts = HandoverFacts(
            proposed_at=at(MONDAY),
            urgency=urgency,
            acknowledged_at=None if state is HandoverState.PROPOSED else wednesday,
            questions=asked,
            pauses=pauses,
        )
        nudges = nudges_of(facts, HOLIDAYS)
        yield Silence(facts, [(one.due_on, addressees(one)) for one in nudges])


def agreed(_: HandoverState) -> Iterator[Silence]:
    """Yield a transfer ahead, near and past, whatever was met and whatever is open."""
    for days, met, gates_open in product((-1, 0, 3, 20, 200), (False, True), (False, True)):
        ahead = Ahead(MONDAY + days * A_DAY, met=met, gates_open=gates_open)
        last = max(MONDAY, ahead.transfer_on) + 21 * A_DAY
        looked = (MONDAY + count * A_DAY for count in range((last - MONDAY).days))
        prompts = [prompt_due(ahead, day, HOLIDAYS) for day in looked]
        told = dict.fromkeys((one.due_on, one.to) for one in prompts if one)
        yield Silence(ahead, list(told))


RESULTS: Final = (
    (),
    *((ContactResult.NOT_BROUGHT,) * missed for missed in (1, 2, 3, 4)),
    (ContactResult.ATTENDED,),
    (ContactResult.ATTENDED, ContactResult.NOT_REACHED),
)
CODES: Final = (FIRST_CONTACT, AT_SIX_WEEKS, AT_SIX_MONTHS)
DUE: Final = dict(
    zip(CODES, map(date.fromisoformat, ["2026-12-07", "2027-01-04", "2027-05-23"]), strict=True)
)


def settled(_: HandoverState) -> Iterator[Silence]:
    """Yield all that can have been recorded since a transfer on Monday."""
    open_codes = [frozenset(some) for count in range(4) for some in combinations(CODES, count)]
    words = ((), *((Word(what, side, MONDAY, 1),) for what, side in product(Agreed, Side)))
    done_on = (None, MONDAY + 8 * A_DAY)
    for codes, results, followed, planned in product(open_codes, RESULTS, done_on, done_on):
        attempts = tuple(
            Attempt(
                number=number,
                tried_on=MONDAY + number * A_DAY,
                result=result,
                joint_call_on=followed,
                home_visit_offered_on=followed,
                gp_told_on=followed,
                planned_on=planned,
            )
            for number, result in enumerate(results, start=1)
        )
        facts = SettlingFacts(transferred_on=MONDAY, attempts=attempts, open_codes=codes, due=DUE)
        for said, worse, pauses in product(words, ((), ((1, MONDAY),)), PAUSES):
            facts = replace(facts, agreed=said, unsettled=worse, pauses=pauses)
            nudges = settling_nudges_of(facts, HOLIDAYS)
            yield Silence(facts, [(one.due_on, settling_addressees(one)) for one in nudges])


def supported(_: HandoverState) -> Iterator[Silence]:
    """Yield support that lies ahead, runs, went well or did not, however often it was asked."""
    talks = ((), ((1, MONDAY),))
    for days, times, worse, pauses in product((-200, 0, 90), (0, 1, 3), talks, PAUSES):
        begun = MONDAY + days * A_DAY
        asked = tuple(begun + count * 100 * A_DAY for count in range(1, times + 1))
        facts = SettlingFacts(
            transferred_on=begun, checked_on=asked, unsettled=worse, pauses=pauses
        )
        nudges = settling_nudges_of(facts, HOLIDAYS)
        yield Silence(facts, [(one.due_on, settling_addressees(one)) for one in nudges])


WAYS: Final[Mapping[HandoverState, Callable[[HandoverState], Iterator[Silence]]]] = {
    **dict.fromkeys(UNDECIDED, undecided),
    **dict.fromkeys(AGREED, agreed),
    **dict.fromkeys(SETTLED, settled),
    HandoverState.SUPPORTING: supported,
}


NOTHING_WAITS: Final = {HandoverState.DRAFT}
"""Nobody was asked about a draft."""


def test_every_open_state_in_which_anything_is_waited_for_has_a_clock() -> None:
    assert {*WAYS} == {state for state in HandoverState if state.open} - NOTHING_WAITS


@pytest.mark.parametrize("state", WAYS)
def test_whoever_is_silent_somebody_else_is_told(state: HandoverState) -> None:
    tried = 0
    for silence in WAYS[state](state):
        told = [set(to) for _, to in silence.ladder]
        assert told, silence.about
        for who in Addressee:
            assert any(to - {who} for to in told), (who, silence.about)
        tried += 1
    assert tried > 2


SENIOR: Final = {
    Addressee.CHILDRENS_ESCALATION,
    Addressee.RECEIVER_ESCALATION,
    Addressee.COORDINATOR,
}


@pytest.mark.parametrize("state", WAYS)
def test_in_the_end_somebody_above_those_who_are_to_act_is_told(state: HandoverState) -> None:
    for silence in WAYS[state](state):
        first, last = silence.ladder[0], silence.ladder[-1]
        assert first[0] < last[0], silence.about
        assert SENIOR & set(last[1]), silence.about
        assert not set(last[1]) <= set(first[1]), silence.about
