from datetime import date, timedelta
from itertools import product

import pytest

from transition.rules.endings import (
    ENDINGS,
    Undoing,
    end_case,
    may_reopen,
    refuse_died_on,
    refuse_undoing_a_death,
    reopen,
    undoing_of_a_death,
)
from transition.rules.errors import RuleBroken
from transition.rules.pathway import Stage
from transition.rules.people import CLINICAL_ROLES, Actor, Role
from transition.rules.stages import CaseState, Ending

NURSING = {Role.TRANSITION_NURSE, Role.CHILDRENS_LEAD}
LEAD = {Role.CHILDRENS_LEAD}
WHO = {
    Ending.DECLINED_BY_PERSON: (NURSING, LEAD),
    Ending.MOVED_AWAY: (NURSING, set()),
    Ending.NO_LONGER_NEEDED: (LEAD, set()),
    Ending.OTHER_PROVIDER: (NURSING, set()),
    Ending.DIED: (CLINICAL_ROLES, set()),
    Ending.ENTERED_IN_ERROR: (LEAD, NURSING),
}
EVERY_STATE = [
    CaseState(stage, paused=paused, expedited=expedited, ending=ending)
    for stage, paused, expedited, ending in product(
        Stage, (False, True), (False, True), (None, *Ending)
    )
]


def _acting(role: Role, uid: bytes = b"1") -> Actor:
    return Actor(uid, "Nina", "naomi", frozenset({role}))


def _second(ending: Ending) -> Actor | None:
    return _acting(Role.CHILDRENS_LEAD, b"2") if WHO[ending][1] else None


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("ending", Ending)
def test_each_ending_is_for_exactly_these_to_record(ending: Ending, role: Role) -> None:
    state = CaseState(Stage.PLANNING, paused=True)
    if role in WHO[ending][0]:
        ended = end_case(state, ending, by=_acting(role), confirmed_by=_second(ending))
        assert ended == CaseState(Stage.PLANNING, paused=True, ending=ending)
    else:
        with pytest.raises(RuleBroken, match=r"^It is not yours to end the case\."):
            end_case(state, ending, by=_acting(role), confirmed_by=_second(ending))


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("ending", [ending for ending in Ending if WHO[ending][1]])
def test_a_grave_ending_needs_a_second_person_of_these(ending: Ending, role: Role) -> None:
    state, lead = CaseState(Stage.PLANNING), _acting(Role.CHILDRENS_LEAD)
    if role in WHO[ending][1]:
        assert end_case(state, ending, by=lead, confirmed_by=_acting(role, b"2")).ending
    else:
        with pytest.raises(RuleBroken, match=r"^A second person confirms this: a "):
            end_case(state, ending, by=lead, confirmed_by=_acting(role, b"2"))
    for nobody in (None, _acting(role)):
        with pytest.raises(RuleBroken, match=r"^A second person"):
            end_case(state, ending, by=lead, confirmed_by=nobody)


@pytest.mark.parametrize("role", sorted(CLINICAL_ROLES))
def test_a_death_is_recorded_from_every_state_but_two(role: Role) -> None:
    for state in EVERY_STATE:
        if state.ending is Ending.DIED:
            with pytest.raises(RuleBroken, match=r"^This has already been recorded\.$"):
                end_case(state, Ending.DIED, by=_acting(role))
        elif state.ending is Ending.ENTERED_IN_ERROR:
            with pytest.raises(RuleBroken, match="Record it on the right case"):
                end_case(state, Ending.DIED, by=_acting(role))
        else:
            ended = end_case(state, Ending.DIED, by=_acting(role))
            assert (ended.stage, ended.ending) == (state.stage, Ending.DIED)


@pytest.mark.parametrize("ending", sorted(set(Ending) - {Ending.DIED}))
def test_other_endings_end_only_what_has_not_ended(ending: Ending) -> None:
    lead = _acting(Role.CHILDRENS_LEAD)
    for state in EVERY_STATE:
        if state.ending:
            sentence = r"^This case has ended\."
        elif state.stage is Stage.COMPLETED:
            sentence = r"^It is not possible to end the case while .*“Completed”\.$"
        else:
            assert end_case(state, ending, by=lead, confirmed_by=_second(ending)).ending is ending
            continue
        with pytest.raises(RuleBroken, match=sentence):
            end_case(state, ending, by=lead, confirmed_by=_second(ending))


def test_every_ending_has_its_rule_and_its_words() -> None:
    assert set(ENDINGS) == set(Ending)
    assert len({ending.label for ending in Ending}) == 6


def test_what_is_over_is_opened_again_where_it_stood_or_before() -> None:
    lead, opened = _acting(Role.CHILDRENS_LEAD), 0
    for state in EVERY_STATE:
        final = state.ending in {Ending.DIED, Ending.ENTERED_IN_ERROR}
        over = (state.ending or state.stage is Stage.COMPLETED) and not final
        for to in Stage:
            if not over:
                sentence = r"^This case cannot be opened again\.$"
            elif to.number > min(state.stage.number, Stage.PLANNING.number):
                sentence = r"^Choose the stage where the case stood"
            else:
                assert reopen(state, to, by=lead) == CaseState(to)
                opened += 1
                continue
            with pytest.raises(RuleBroken, match=sentence):
                reopen(state, to, by=lead)
    # Four endings from stages that allow 1, 2 and then 3 stages, and completion without one.
    assert opened == 4 * (4 * (1 + 2 + 5 * 3) + 3)


@pytest.mark.parametrize("role", set(Role) - LEAD)
def test_only_a_childrens_lead_opens_a_case_again(role: Role) -> None:
    with pytest.raises(RuleBroken, match=r"^It is not yours to open the case again\. Ask a child"):
        reopen(CaseState(Stage.COMPLETED), Stage.PLANNING, by=_acting(role))


@pytest.mark.parametrize("role", Role)
def test_opening_again_is_offered_to_whom_it_is_not_refused(role: Role) -> None:
    for state in EVERY_STATE:
        offered = may_reopen(state, _acting(role))
        over = state.ending or state.stage is Stage.COMPLETED
        final = state.ending in {Ending.DIED, Ending.ENTERED_IN_ERROR}
        assert offered == (role in LEAD and bool(over) and not final)


RECORDER = _acting(Role.ADULT_WORKER, b"recorder")
A_LEAD, ANOTHER = _acting(Role.CHILDRENS_LEAD), _acting(Role.ADULT_LEAD, b"2")


@pytest.mark.parametrize(
    ("elapsed", "by"),
    [
        (timedelta(0), (RECORDER,)),
        (timedelta(minutes=15, microseconds=-1), (RECORDER,)),
        (timedelta(0), (A_LEAD,)),
        (timedelta(hours=72), (ANOTHER,)),
        (timedelta(hours=72, microseconds=1), (A_LEAD, ANOTHER)),
    ],
)
def test_a_death_recorded_by_mistake_is_undone(elapsed: timedelta, by: tuple[Actor, ...]) -> None:
    refuse_undoing_a_death(b"recorder", elapsed, *by)


@pytest.mark.parametrize(
    ("elapsed", "by", "sentence"),
    [
        (timedelta(0), (), "This can now be undone by a lead only."),
        (timedelta(0), (_acting(Role.ADMIN),), "This can now be undone by a lead only."),
        (timedelta(minutes=15), (RECORDER,), "This can now be undone by a lead only."),
        (timedelta(hours=73), (A_LEAD,), "This can now be undone by two leads only."),
        (timedelta(hours=73), (A_LEAD, A_LEAD), "This can now be undone by two leads only."),
        (timedelta(hours=73), (A_LEAD, RECORDER), "This can now be undone by two leads only."),
    ],
)
def test_undoing_a_death_later_needs_a_lead_and_then_two(
    elapsed: timedelta, by: tuple[Actor, ...], sentence: str
) -> None:
    with pytest.raises(RuleBroken) as refused:
        refuse_undoing_a_death(b"recorder", elapsed, *by)
    assert str(refused.value) == sentence


A_NURSE = _acting(Role.TRANSITION_NURSE, b"3")
MOMENT = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("elapsed", "by", "asked_by", "word"),
    [
        (timedelta(minutes=15) - MOMENT, RECORDER, None, Undoing.DONE),
        (-timedelta(hours=1), RECORDER, None, Undoing.DONE),
        (timedelta(0), A_LEAD, None, Undoing.DONE),
        (timedelta(hours=72), A_LEAD, None, Undoing.DONE),
        (timedelta(hours=72) + MOMENT, A_LEAD, None, Undoing.ASKED),
        (timedelta(days=400), A_LEAD, None, Undoing.ASKED),
        (timedelta(days=400), A_LEAD, RECORDER, Undoing.ASKED),
        (timedelta(days=400), A_LEAD, ANOTHER, Undoing.DONE),
    ],
)
def test_who_says_so_first_undoes_it_or_asks_a_second_lead_to(
    elapsed: timedelta, by: Actor, asked_by: Actor | None, word: Undoing
) -> None:
    assert undoing_of_a_death(b"recorder", elapsed, by, asked_by) is word


@pytest.mark.parametrize(
    ("elapsed", "by", "asked_by", "sentence"),
    [
        (timedelta(minutes=15), RECORDER, None, "This can now be undone by a lead only."),
        (timedelta(0), A_NURSE, None, "This can now be undone by a lead only."),
        (timedelta(0), A_NURSE, A_LEAD, "This can now be undone by a lead only."),
        (timedelta(hours=73), A_NURSE, A_LEAD, "This can now be undone by two leads only."),
        (timedelta(hours=73), A_LEAD, A_LEAD, "You have asked for this already."),
    ],
)
def test_who_may_not_undo_a_death_is_told_who_may(
    elapsed: timedelta, by: Actor, asked_by: Actor | None, sentence: str
) -> None:
    with pytest.raises(RuleBroken) as refused:
        undoing_of_a_death(b"recorder", elapsed, by, asked_by)
    assert str(refused.value).startswith(sentence)


BORN, TODAY = date(2009, 6, 15), date(2026, 11, 23)


@pytest.mark.parametrize("died_on", [BORN, date(2026, 11, 12), TODAY])
def test_somebody_can_have_died_on_any_day_of_their_life(died_on: date) -> None:
    refuse_died_on(died_on, BORN, TODAY)


@pytest.mark.parametrize(
    ("died_on", "sentence"),
    [
        (date(2026, 11, 24), "The date must be today or in the past."),
        (date(2009, 6, 14), "The date must not be before the date of birth."),
    ],
)
def test_nobody_died_tomorrow_or_before_they_were_born(died_on: date, sentence: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        refuse_died_on(died_on, BORN, TODAY)
    assert str(refused.value) == sentence
