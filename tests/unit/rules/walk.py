"""Every way that a case, and a handover, can go, in other words than the rules'.

Who may, and where it leads.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import Final

from transition.rules.handovers import HandoverState, HandoverStep
from transition.rules.pathway import Stage
from transition.rules.people import Actor, Role, Side
from transition.rules.stages import CaseState, Ending, StageEvent

# From, event, who, to: N nurse or children's lead, C children's lead, A adult lead, L a lead of
# either side, H either who shares it; ++ both sides. Every way from stage to stage.
WALK: Final = """
    - open N identified
    identified prepare N preparing
    preparing plan N planning
    planning propose N handover
    handover accept A moving
    handover decline A planning
    handover withdraw N planning
    handover lapse L++ planning
    moving sign_transfer H++ settling
    moving withdraw L planning
    settling complete H++ completed
    settling complete_alone C completed
    settling come_back L++ planning
    settling come_back_urgently C planning
"""
NURSES: Final = frozenset({Role.TRANSITION_NURSE, Role.CHILDRENS_LEAD})
LEADS: Final = frozenset({Role.CHILDRENS_LEAD, Role.ADULT_LEAD})
LETTERS: Final = {
    "N": NURSES,
    "C": frozenset({Role.CHILDRENS_LEAD}),
    "A": frozenset({Role.ADULT_LEAD}),
    "L": LEADS,
    "H": NURSES | LEADS,
}
ROWS: Final = [line.split() for line in WALK.strip().splitlines()]
LEGAL: Final[Mapping[tuple[Stage | None, StageEvent], tuple[frozenset[Role], bool, Stage]]] = {
    (None if start == "-" else Stage[start.upper()], StageEvent[event.upper()]): (
        LETTERS[who.rstrip("+")],
        who.endswith("++"),
        Stage[to.upper()],
    )
    for start, event, who, to in ROWS
}
"""Every way from stage to stage. Source: domain 3.1."""

# From, step, who, to: as above, and - what nobody does by hand, because it follows from something
# else that is recorded: a visit, two signatures and their day, a death.
UNDECIDED: Final = "proposed/acknowledged/queried"
AGREED: Final = "accepted/accepted_with_conditions/joint_working"
SETTLED: Final = "transferred/followed_up"
HANDOVERS: Final = f"""
    draft propose N proposed
    proposed acknowledge A acknowledged
    {UNDECIDED} ask A queried
    queried answer N acknowledged
    proposed/acknowledged accept A accepted
    {UNDECIDED} accept_with_conditions A accepted_with_conditions
    {UNDECIDED} decline A declined
    {UNDECIDED} withdraw N withdrawn
    {AGREED} withdraw L withdrawn
    accepted/accepted_with_conditions work_jointly - joint_working
    proposed/acknowledged support A supporting
    {UNDECIDED} support_with_conditions A supporting
    supporting withdraw L withdrawn
    {AGREED} transfer - transferred
    transferred follow_up - followed_up
    followed_up close - closed
    {SETTLED} withdraw - withdrawn
    {UNDECIDED}/{AGREED} supersede - superseded
    {UNDECIDED}/{AGREED}/{SETTLED}/supporting close_on_death - closed_died
    {UNDECIDED}/{AGREED}/{SETTLED}/supporting close_on_exit - closed_exit
    draft close_on_death - draft
    draft close_on_exit - draft
"""
STEPS: Final[Mapping[tuple[HandoverState, HandoverStep], tuple[frozenset[Role], HandoverState]]] = {
    (HandoverState(start), HandoverStep(step)): (LETTERS.get(who, frozenset()), HandoverState(to))
    for states, step, who, to in map(str.split, HANDOVERS.strip().splitlines())
    for start in states.split("/")
}
"""Every step of a handover, who takes it by hand, and where it leads. Source: domain 6.1."""

LIES_OVER: Final = {
    StageEvent.PAUSE: (True, None),
    StageEvent.RESUME: (False, None),
    StageEvent.EXPEDITE: (None, True),
    StageEvent.STEADY: (None, False),
}
"""Whether a case is paused and expedited afterwards, where that changes. Source: domain 3."""

TOGETHER: Final = (Stage.HANDOVER, Stage.MOVING, Stage.SETTLING, Stage.COMPLETED)
"""Where the adult side acts (ruling 54)."""

ENDS: Final[Mapping[Ending, tuple[frozenset[Role], frozenset[Role]]]] = {
    Ending.DECLINED_BY_PERSON: (NURSES, LETTERS["C"]),
    Ending.MOVED_AWAY: (NURSES, frozenset()),
    Ending.NO_LONGER_NEEDED: (LETTERS["C"], frozenset()),
    Ending.OTHER_PROVIDER: (NURSES, frozenset()),
    Ending.DIED: (NURSES | {Role.ADULT_LEAD, Role.ADULT_WORKER}, frozenset()),
    Ending.ENTERED_IN_ERROR: (LETTERS["C"], NURSES),
}
"""Who records an ending, and who confirms it as the second person. Source: domain 3.2."""

FINAL: Final = (Ending.DIED, Ending.ENTERED_IN_ERROR)
PLACES: Final = {Side.CHILDRENS: "naomi", Side.ADULT: "rowans", None: "collaborative"}


def acting(role: Role, uid: bytes = b"") -> Actor:
    """Return somebody who holds one role where it belongs."""
    return Actor(uid or role.value.encode(), role.label, PLACES[role.side], frozenset({role}))


@dataclass(frozen=True)
class Move:
    """Something that somebody tries: an event, the ending it records or the stage it goes to."""

    event: StageEvent
    by: tuple[Actor, ...]
    """All who stand behind it; of an ending, who records it and then who confirms it."""
    ending: Ending | None = None
    to: Stage | None = None


def every_state() -> Iterator[CaseState | None]:
    """Yield all that can be true of a case: none, and each stage with what may lie over it."""
    yield None
    for stage, paused, expedited in product(Stage, (False, True), (False, True)):
        for ending in (None, *Ending):
            yield CaseState(stage, paused=paused, expedited=expedited, ending=ending)


ALONE: Final = [(acting(role),) for role in Role]
PAIRS: Final = [(acting(one, b"1"), acting(other, b"2")) for one, other in product(Role, Role)]
BOTH: Final = {event for (_, event), (_, both, _) in LEGAL.items() if both}
TOO_NEAR: Final = [
    pair
    for one, other in PAIRS
    for pair in (
        (one, replace(other, organisation=one.organisation)),
        (one, replace(other, uid=one.uid)),
    )
]
"""Two who work in one place, and one who says it twice."""


def every_move() -> Iterator[Move]:
    """Yield every event by everybody alone, and by two where that may matter."""
    everybody = [*ALONE, *PAIRS]
    yield from (Move(StageEvent.END, by, ending=one) for one, by in product(Ending, everybody))
    yield from (Move(StageEvent.REOPEN, by, to=to) for to, by in product(Stage, ALONE))
    others = [event for event in StageEvent if event not in {StageEvent.END, StageEvent.REOPEN}]
    yield from (Move(event, by) for event, by in product(others, everybody))
    yield from (Move(event, by) for event, by in product(sorted(BOTH), TOO_NEAR))


def comes_of(state: CaseState | None, move: Move) -> CaseState | None:
    """Return how a case stands after a move, or None where it is refused."""
    if move.event is StageEvent.END:
        return _ended(state, move)
    if move.event is StageEvent.REOPEN:
        return _reopened(state, move)
    if state is None:
        return _moved(None, move)
    if state.ending:
        return None
    if move.event in LIES_OVER:
        return _laid(state, move)
    return None if state.paused else _moved(state, move)


def _moved(state: CaseState | None, move: Move) -> CaseState | None:
    way = LEGAL.get((state.stage if state else None, move.event))
    if way is None or not _all_hold(move.by, way[0]):
        return None
    if way[1] and not _are_two(move.by):
        return None
    return replace(state, stage=way[2]) if state else CaseState(way[2])


def _are_two(by: Collection[Actor]) -> bool:
    """Return whether two people say it, of two hospices, on both sides."""
    people, hospices = {one.uid for one in by}, {one.organisation for one in by}
    return {one.side for one in by} == set(Side) and len(people) == len(hospices) == len(by)


def _laid(state: CaseState, move: Move) -> CaseState | None:
    paused, expedited = LIES_OVER[move.event]
    who = LETTERS["H"] if state.stage in TOGETHER else NURSES
    if state.stage is Stage.COMPLETED or not _all_hold(move.by, who):
        return None
    after = replace(
        state,
        paused=state.paused if paused is None else paused,
        expedited=state.expedited if expedited is None else expedited,
    )
    return None if after == state else after


def _ended(state: CaseState | None, move: Move) -> CaseState | None:
    if state is None or move.ending is None or not _may_end(state, move.ending):
        return None
    first, second = ENDS[move.ending]
    if not _all_hold(move.by[:1], first) or (second and not _all_hold(move.by[1:], second)):
        return None
    return replace(state, ending=move.ending)


def _may_end(state: CaseState, ending: Ending) -> bool:
    """Return whether a case can end so: in a death from everywhere, but once and no error."""
    if ending is Ending.DIED:
        return state.ending not in FINAL
    return state.ending is None and state.stage is not Stage.COMPLETED


def _reopened(state: CaseState | None, move: Move) -> CaseState | None:
    over = state and (state.ending or state.stage is Stage.COMPLETED)
    if not over or state is None or move.to is None or state.ending in FINAL:
        return None
    back = move.to not in TOGETHER and move.to.number <= state.stage.number
    return CaseState(move.to) if back and _all_hold(move.by, LETTERS["C"]) else None


def _all_hold(by: Collection[Actor], roles: frozenset[Role]) -> bool:
    return bool(by) and all(one.roles & roles for one in by)
