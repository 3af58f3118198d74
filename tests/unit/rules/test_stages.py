import re

import pytest

from tests.unit.rules.walk import LEGAL, acting
from transition.rules.errors import RuleBroken
from transition.rules.pathway import Stage
from transition.rules.people import THE_TIMETABLE, Actor, Role, Side
from transition.rules.stages import (
    CHANGES,
    TRANSITIONS,
    CaseState,
    Ending,
    Overlay,
    StageEvent,
    next_step,
    take_event,
)

STARTS = (None, *Stage)
ORDINARY = set(StageEvent) - set(CHANGES)
EARLY = (Stage.IDENTIFIED, Stage.PREPARING, Stage.PLANNING)


NURSE, LEAD = acting(Role.TRANSITION_NURSE), acting(Role.CHILDRENS_LEAD)
ADULT = acting(Role.ADULT_LEAD)


def _at(stage: Stage | None) -> CaseState | None:
    return CaseState(stage) if stage else None


@pytest.mark.parametrize(("start", "event"), LEGAL)
def test_each_event_is_for_exactly_these_and_leads_there(
    start: Stage | None, event: StageEvent
) -> None:
    who, both, to = LEGAL[start, event]
    for role in Role:
        if role not in who:
            with pytest.raises(RuleBroken, match=f"^It is not yours to {event.label}. Ask an? "):
                take_event(_at(start), event, acting(role))
        elif not both:
            assert take_event(_at(start), event, acting(role)) == CaseState(to)


@pytest.mark.parametrize("key", [key for key, (_, both, _) in LEGAL.items() if both])
def test_where_both_sides_are_needed_one_alone_has_no_effect(
    key: tuple[Stage | None, StageEvent],
) -> None:
    start, event = key
    twin = Actor(LEAD.uid, LEAD.name, "rowans", ADULT.roles)
    housemate = Actor(ADULT.uid, ADULT.name, LEAD.organisation, ADULT.roles)
    for alone in ((LEAD,), (ADULT,), (LEAD, LEAD), (LEAD, twin), (LEAD, housemate)):
        with pytest.raises(RuleBroken, match="two people, one from each hospice"):
            take_event(_at(start), event, *alone)
    assert take_event(_at(start), event, LEAD, ADULT) == CaseState(LEGAL[key][2])


def test_every_other_event_is_refused() -> None:
    refused = 0
    for start in STARTS:
        for event in ORDINARY - {event for at, event in LEGAL if at is start}:
            where = start.label if start else "before there is a case"
            with pytest.raises(RuleBroken, match=f"possible to {re.escape(event.label)} .*{where}"):
                take_event(_at(start), event, NURSE, LEAD, ADULT)
            refused += 1
    assert (len(TRANSITIONS), len(LEGAL)) == (14, 14)
    assert refused == len(STARTS) * len(ORDINARY) - 14 == 114


def test_nobody_moves_a_case_on_without_being_there() -> None:
    for by in ((), (THE_TIMETABLE,), (NURSE, THE_TIMETABLE)):
        with pytest.raises(RuleBroken, match=r"Ask a transition nurse or a children's lead\.$"):
            take_event(CaseState(Stage.IDENTIFIED), StageEvent.PREPARE, *by)


def test_moving_on_keeps_the_shortened_path() -> None:
    hurried = CaseState(Stage.PLANNING, expedited=True)
    moved = take_event(hurried, StageEvent.PROPOSE, NURSE)
    assert moved == CaseState(Stage.HANDOVER, expedited=True)


@pytest.mark.parametrize(("start", "event"), [key for key in LEGAL if key[0]])
def test_a_paused_case_stays_where_it_is(start: Stage, event: StageEvent) -> None:
    with pytest.raises(RuleBroken, match=r"^This case is paused\."):
        take_event(CaseState(start, paused=True), event, NURSE, LEAD, ADULT)


@pytest.mark.parametrize("ending", Ending)
@pytest.mark.parametrize("event", StageEvent)
def test_nothing_happens_in_a_case_that_has_ended(event: StageEvent, ending: Ending) -> None:
    for stage in Stage:
        for paused in (False, True):
            with pytest.raises(RuleBroken, match=r"^This case has ended\."):
                take_event(CaseState(stage, paused=paused, ending=ending), event, LEAD)


OVERLAYS = [
    (StageEvent.PAUSE, CaseState(Stage.PLANNING), CaseState(Stage.PLANNING, paused=True)),
    (StageEvent.RESUME, CaseState(Stage.PLANNING, paused=True), CaseState(Stage.PLANNING)),
    (StageEvent.EXPEDITE, CaseState(Stage.PLANNING), CaseState(Stage.PLANNING, expedited=True)),
    (StageEvent.STEADY, CaseState(Stage.PLANNING, expedited=True), CaseState(Stage.PLANNING)),
]


@pytest.mark.parametrize(("event", "before", "after"), OVERLAYS)
def test_an_overlay_is_laid_and_lifted_once(
    event: StageEvent, before: CaseState, after: CaseState
) -> None:
    assert take_event(before, event, NURSE) == after
    with pytest.raises(RuleBroken, match=r"^Nothing has changed"):
        take_event(after, event, NURSE)


def test_overlays_lie_one_over_another() -> None:
    paused = take_event(CaseState(Stage.MOVING, expedited=True), StageEvent.PAUSE, ADULT)
    assert paused == CaseState(Stage.MOVING, paused=True, expedited=True)
    assert paused.overlays == (Overlay.PAUSED, Overlay.EXPEDITED)


def test_an_ending_hides_what_else_lies_over_the_stage() -> None:
    ended = CaseState(Stage.MOVING, paused=True, expedited=True, ending=Ending.MOVED_AWAY)
    assert ended.overlays == (Overlay.ENDED,)
    assert CaseState(Stage.MOVING).overlays == ()


@pytest.mark.parametrize("stage", sorted(set(Stage) - {Stage.COMPLETED}))
@pytest.mark.parametrize("role", Role)
def test_adult_leads_pause_from_the_handover_on_and_nurses_always(role: Role, stage: Stage) -> None:
    state = CaseState(stage)
    late_enough = role is Role.ADULT_LEAD and stage not in EARLY
    if late_enough or role.side is Side.CHILDRENS:
        assert take_event(state, StageEvent.PAUSE, acting(role)).paused
    else:
        with pytest.raises(RuleBroken, match=r"^It is not yours to pause the case\."):
            take_event(state, StageEvent.PAUSE, acting(role))


@pytest.mark.parametrize("event", CHANGES)
def test_nothing_is_laid_over_a_completed_case_or_over_none(event: StageEvent) -> None:
    with pytest.raises(RuleBroken, match="while the case is at “Completed”"):
        take_event(CaseState(Stage.COMPLETED), event, LEAD)
    with pytest.raises(RuleBroken, match="before there is a case"):
        take_event(None, event, LEAD)


def test_the_ordinary_way_leads_through_all_stages() -> None:
    state = take_event(None, StageEvent.OPEN, NURSE)
    passed = [state.stage]
    while event := next_step(state.stage):
        by = (ADULT,) if event is StageEvent.ACCEPT else (NURSE,)
        both = TRANSITIONS[state.stage, event].both
        state = take_event(state, event, *((NURSE, ADULT) if both else by))
        passed.append(state.stage)
    assert passed == list(Stage)
