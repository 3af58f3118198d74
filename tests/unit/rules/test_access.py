from dataclasses import replace

import pytest

from transition.rules.access import (
    GRANTS,
    SHOWS,
    CaseAccess,
    CaseFacts,
    Permission,
    access_to,
    may,
    may_work,
)
from transition.rules.handovers import HandoverState
from transition.rules.pathway import Owner, Stage
from transition.rules.people import CHILDRENS_ROLES, CLINICAL_ROLES, THE_TIMETABLE, Actor, Role


def _acting(role: Role, organisation: str = "rowans") -> Actor:
    return Actor(b"1", "Lena", organisation, frozenset({role}))


def _case(*states: HandoverState, denied: bool = False) -> CaseFacts:
    return CaseFacts("naomi", tuple(("rowans", state) for state in states), denied=denied)


def test_a_childrens_lead_may_do_all_a_nurse_may() -> None:
    assert GRANTS[Role.CHILDRENS_LEAD] > GRANTS[Role.TRANSITION_NURSE]


def test_one_role_that_is_granted_is_enough_and_no_role_is_not() -> None:
    assert may({Role.ADMIN, Role.TRANSITION_NURSE}, Permission.OPEN_CASE)
    assert not may((), Permission.PREVIEW_DIGEST)


def test_permissions_are_thing_and_verb() -> None:
    assert all(permission.count(":") == 1 for permission in Permission)


def test_a_state_shows_who_it_is_about_exactly_when_it_says_so() -> None:
    showing = {state for state in HandoverState if SHOWS[state] >= CaseAccess.PACK}
    assert showing == {state for state in HandoverState if state.identity_shared}


@pytest.mark.parametrize("state", HandoverState)
@pytest.mark.parametrize("role", Role)
def test_another_hospice_sees_nothing_in_any_state(role: Role, state: HandoverState) -> None:
    stranger = _acting(role, "oakhaven")
    assert access_to(stranger, _case(state), named=True) is CaseAccess.NOTHING


@pytest.mark.parametrize("role", Role)
def test_only_nurses_and_leads_see_their_own_organisations_cases(role: Role) -> None:
    own = access_to(_acting(role, "naomi"), _case(), named=True)
    assert own is (CaseAccess.FULL if role in CHILDRENS_ROLES else CaseAccess.NOTHING)


@pytest.mark.parametrize("state", HandoverState)
def test_a_worker_sees_the_shared_record_only_where_named(state: HandoverState) -> None:
    worker = _acting(Role.ADULT_WORKER)
    assert access_to(worker, _case(state)) is CaseAccess.NOTHING
    # Whoever worked on it may be told that something changed, and must be able to look.
    ended = state in {HandoverState.CLOSED_DIED, HandoverState.CLOSED_EXIT}
    shared = ended or state is HandoverState.SUPPORTING or SHOWS[state] is CaseAccess.SHARED
    seen = access_to(worker, _case(state), named=True)
    assert seen is (SHOWS[state] if shared else CaseAccess.NOTHING)


@pytest.mark.parametrize("state", HandoverState)
@pytest.mark.parametrize("role", sorted(set(Role) - CLINICAL_ROLES))
def test_who_cares_for_nobody_sees_no_case(role: Role, state: HandoverState) -> None:
    assert access_to(_acting(role), _case(state), named=True) is CaseAccess.NOTHING


@pytest.mark.parametrize("organisation", ["naomi", "rowans"])
def test_who_is_on_both_sides_sees_nothing(organisation: str) -> None:
    roles = frozenset({Role.TRANSITION_NURSE, Role.ADULT_WORKER, Role.ADULT_LEAD})
    both = Actor(b"1", "Nina", organisation, roles)
    assert access_to(both, _case(HandoverState.ACCEPTED), named=True) is CaseAccess.NOTHING


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("organisation", ["naomi", "rowans"])
def test_a_denial_wins_over_every_grant(role: Role, organisation: str) -> None:
    facts = _case(HandoverState.ACCEPTED, denied=True)
    assert access_to(_acting(role, organisation), facts, named=True) is CaseAccess.NOTHING


def test_nobody_is_denied_a_case_unless_somebody_says_so() -> None:
    assert access_to(_acting(Role.TRANSITION_NURSE, "naomi"), CaseFacts("naomi")) is CaseAccess.FULL


def test_an_open_handover_counts_before_an_ended_one() -> None:
    facts = _case(HandoverState.ACCEPTED, HandoverState.DECLINED)
    assert access_to(_acting(Role.ADULT_LEAD), facts) is CaseAccess.SHARED


def test_without_an_open_handover_the_last_one_counts() -> None:
    facts = _case(HandoverState.CLOSED_EXIT, HandoverState.WITHDRAWN)
    assert access_to(_acting(Role.ADULT_LEAD), facts) is CaseAccess.STUB


@pytest.mark.parametrize("state", HandoverState)
def test_what_ended_with_a_case_is_a_stub_once_that_runs_again(state: HandoverState) -> None:
    facts = replace(_case(state), anew=True)
    ended = state in {HandoverState.CLOSED_DIED, HandoverState.CLOSED_EXIT}
    lead, worker = _acting(Role.ADULT_LEAD), _acting(Role.ADULT_WORKER)
    assert access_to(lead, facts) is (CaseAccess.STUB if ended else SHOWS[state])
    named = access_to(worker, facts, named=True)
    works = state is HandoverState.SUPPORTING or SHOWS[state] is CaseAccess.SHARED
    assert named is (SHOWS[state] if works else CaseAccess.NOTHING)


def test_a_new_draft_changes_nothing_for_a_former_receiver() -> None:
    facts = _case(HandoverState.DECLINED, HandoverState.DRAFT)
    assert access_to(_acting(Role.ADULT_LEAD), facts) is CaseAccess.STUB


@pytest.mark.parametrize("owner", Owner)
@pytest.mark.parametrize("access", CaseAccess)
@pytest.mark.parametrize("role", sorted(CHILDRENS_ROLES))
def test_nurses_work_their_own_and_shared_milestones(
    role: Role, access: CaseAccess, owner: Owner
) -> None:
    works = access is CaseAccess.FULL and owner is not Owner.ADULT
    for stage in Stage:
        assert may_work(_acting(role, "naomi"), owner, access, stage) is works


@pytest.mark.parametrize("owner", Owner)
@pytest.mark.parametrize("access", CaseAccess)
@pytest.mark.parametrize("role", [Role.ADULT_LEAD, Role.ADULT_WORKER])
def test_the_adult_side_works_its_own_and_shared_ones_from_the_handover_on(
    role: Role, access: CaseAccess, owner: Owner
) -> None:
    theirs = access is CaseAccess.SHARED and owner is not Owner.CHILDRENS
    for stage in Stage:
        works = theirs and stage.number >= Stage.HANDOVER.number
        assert may_work(_acting(role), owner, access, stage) is works


@pytest.mark.parametrize("owner", Owner)
def test_nobody_else_works_a_milestone(owner: Owner) -> None:
    for actor in (THE_TIMETABLE, _acting(Role.COORDINATOR), _acting(Role.ADMIN)):
        assert not may_work(actor, owner, CaseAccess.SHARED, Stage.MOVING)
        assert not may_work(actor, owner, CaseAccess.FULL, Stage.MOVING)
