"""Signing in with a work account: what it is asked for, for how long, and what it is worth."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from transition.rules.organisations import WorkAccounts
from transition.rules.people import Membership, MembershipState, Role

ASK_LASTS: Final = timedelta(minutes=10)
"""How long somebody has at the provider before they begin anew."""

CLOCKS_APART: Final = timedelta(minutes=1)
"""How far the provider's clock may be from ours."""


class Purpose(StrEnum):
    """What somebody shows their work account for."""

    SIGN_IN = "sign_in"
    AGAIN = "again"
    """Signed in already, before something that matters."""
    LINK = "link"
    INVITATION = "invitation"


def shows_second_factor(ways: Collection[str], accounts: WorkAccounts) -> bool:
    """Return whether the provider says that somebody showed a second factor too."""
    return not set(accounts.second_factor).isdisjoint(ways)


def was_shown_since(asked_at: datetime, shown_at: datetime | None) -> bool:
    """Return whether somebody showed who they are after they were asked, and not long before."""
    return shown_at is not None and shown_at >= asked_at - CLOCKS_APART


def signs_in_with(key: str, memberships: Iterable[Membership], today: date) -> bool:
    """Return whether an organisation's provider speaks for somebody: they work there today."""
    return any(held.organisation == key and held.grants_on(today) for held in memberships)


def password_counts(
    email: str, memberships: Collection[Membership], providers: Mapping[str, WorkAccounts]
) -> bool:
    """Return whether a password of ours lets somebody in.

    Not where an organisation that they belong to wants work accounts alone; but the administrator
    named for the day on which the provider is gone keeps theirs.
    """
    held = [one for one in memberships if one.state is not MembershipState.LEFT]
    strict = [providers[key] for key in {one.organisation for one in held} & providers.keys()]
    is_admin = any(one.role is Role.ADMIN for one in held)
    return all(its.passwords or (is_admin and its.break_glass == email) for its in strict)
