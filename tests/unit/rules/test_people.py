from datetime import date, timedelta

import pytest

from transition.rules.people import (
    THE_COMMAND_LINE,
    THE_TIMETABLE,
    Actor,
    Membership,
    MembershipState,
    Role,
    Side,
    actor_of,
    named,
)

TODAY = date(2026, 11, 23)
NURSE = Membership("naomi", Role.TRANSITION_NURSE, MembershipState.ACTIVE, TODAY)


def test_each_role_stands_on_the_side_it_cares_for() -> None:
    assert {role: role.side for role in Role} == {
        Role.TRANSITION_NURSE: Side.CHILDRENS,
        Role.CHILDRENS_LEAD: Side.CHILDRENS,
        Role.ADULT_LEAD: Side.ADULT,
        Role.ADULT_WORKER: Side.ADULT,
        Role.COORDINATOR: None,
        Role.ADMIN: None,
        Role.AUDITOR: None,
    }


def test_each_side_has_the_other() -> None:
    assert [side.other for side in Side] == [Side.ADULT, Side.CHILDRENS]


def test_only_an_active_membership_grants_anything() -> None:
    granting = [
        state
        for state in MembershipState
        if Membership("naomi", Role.ADMIN, state, TODAY).grants_on(TODAY)
    ]
    assert granting == [MembershipState.ACTIVE]


@pytest.mark.parametrize(("days", "grants"), [(-1, False), (0, True), (7, True), (8, False)])
def test_a_membership_grants_from_its_first_to_its_last_day(days: int, *, grants: bool) -> None:
    week = Membership(
        "naomi", Role.ADMIN, MembershipState.ACTIVE, TODAY, until_on=TODAY + timedelta(days=7)
    )
    assert week.grants_on(TODAY + timedelta(days)) is grants


def test_a_membership_without_an_end_does_not_end() -> None:
    assert NURSE.grants_on(date.max)


def test_a_person_without_a_granting_membership_is_nobody() -> None:
    assert actor_of(b"1", "Nina", [NURSE], TODAY - timedelta(days=1)) is None


def test_a_person_acts_for_the_first_organisation_that_grants_anything() -> None:
    gone = Membership("oakhaven", Role.ADULT_LEAD, MembershipState.LEFT, TODAY)
    also = Membership("naomi", Role.ADMIN, MembershipState.ACTIVE, TODAY)
    elsewhere = Membership("rowans", Role.ADULT_LEAD, MembershipState.ACTIVE, TODAY)
    assert actor_of(b"1", "Nina", [gone, NURSE, elsewhere, also], TODAY) == Actor(
        b"1", "Nina", "naomi", frozenset({Role.TRANSITION_NURSE, Role.ADMIN})
    )


def test_a_clinical_role_decides_the_side_beside_others() -> None:
    actor = Actor(b"1", "Nina", "naomi", frozenset({Role.AUDITOR, Role.TRANSITION_NURSE}))
    assert (actor.side, actor.clinical) == (Side.CHILDRENS, True)


def test_who_is_on_both_sides_acts_for_neither() -> None:
    actor = Actor(b"1", "Nina", "naomi", frozenset({Role.ADULT_LEAD, Role.TRANSITION_NURSE}))
    assert (actor.side, actor.clinical) == (None, False)


def test_the_timetable_and_the_command_line_are_nobody_with_no_role() -> None:
    for machine in (THE_TIMETABLE, THE_COMMAND_LINE):
        assert (machine.uid, machine.roles, machine.clinical) == (None, frozenset(), False)


def test_roles_are_named_in_the_order_of_their_table() -> None:
    roles = frozenset({Role.ADULT_LEAD, Role.TRANSITION_NURSE})
    assert named(roles) == "a transition nurse or an adult lead"
