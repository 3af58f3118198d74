"""Whose word a work account is, and where a password of ours counts beside it."""

from datetime import UTC, date, datetime, timedelta

import pytest

from transition.rules.organisations import TOGETHER, WorkAccounts
from transition.rules.people import Membership, MembershipState, Role
from transition.rules.work_accounts import (
    password_counts,
    shows_second_factor,
    signs_in_with,
    was_shown_since,
)

TODAY, NOW = date(2026, 11, 23), datetime(2026, 11, 23, 9, tzinfo=UTC)
ACCOUNTS = WorkAccounts("https://x.example", "tracker", second_factor=("mfa", "AAL3"))
STRICT = WorkAccounts("https://x.example", "tracker", passwords=False, break_glass="a@b.example")


def held(
    organisation: str, role: Role, state: MembershipState = MembershipState.ACTIVE
) -> Membership:
    return Membership(organisation, role, state, from_on=date(2026, 1, 1))


@pytest.mark.parametrize(
    ("ways", "shows"), [({"pwd", "mfa"}, True), ({"AAL3"}, True), ({"pwd"}, False), (set(), False)]
)
def test_a_second_factor_is_what_the_file_names(ways: set[str], *, shows: bool) -> None:
    assert shows_second_factor(ways, ACCOUNTS) is shows
    assert not shows_second_factor(ways, STRICT), "none is named, so ours is asked"


def test_what_was_shown_before_it_was_asked_is_not_shown_anew() -> None:
    assert was_shown_since(NOW, NOW)
    assert was_shown_since(NOW, NOW - timedelta(minutes=1))
    assert not was_shown_since(NOW, NOW - timedelta(minutes=1, seconds=1))
    assert not was_shown_since(NOW, None)


@pytest.mark.parametrize("state", MembershipState)
def test_a_provider_speaks_for_who_works_there_now(state: MembershipState) -> None:
    works = held("naomi", Role.TRANSITION_NURSE, state)
    assert signs_in_with("naomi", [works], TODAY) is (state is MembershipState.ACTIVE)
    assert not signs_in_with("rowans", [works], TODAY)
    assert not signs_in_with("naomi", [works], date(2025, 12, 31))


def test_where_passwords_are_off_one_named_administrator_keeps_theirs() -> None:
    providers = {"naomi": STRICT, TOGETHER: STRICT, "rowans": ACCOUNTS}
    nurse = held("naomi", Role.TRANSITION_NURSE)
    admin = held(TOGETHER, Role.ADMIN)

    assert not password_counts("n@b.example", [nurse], providers)
    assert password_counts("n@b.example", [nurse], {})
    assert password_counts("l@b.example", [held("rowans", Role.ADULT_LEAD)], providers)
    assert password_counts("a@b.example", [admin], providers)
    assert not password_counts("other@b.example", [admin], providers)
    assert not password_counts("a@b.example", [held(TOGETHER, Role.COORDINATOR)], providers)
    left = held("naomi", Role.TRANSITION_NURSE, MembershipState.LEFT)
    assert password_counts("n@b.example", [left, held("rowans", Role.ADULT_LEAD)], providers)
    waits = held("naomi", Role.TRANSITION_NURSE, MembershipState.INVITED)
    assert not password_counts("n@b.example", [waits], providers)
