"""Newcomers of these tests, and the links that they get."""

from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.browser.running import text_of
from tests.builders import Bag, WorkAs, post_with, staff_of
from tests.people import JO, PRIYA
from transition.actions.invitations import Newcomer, accept, chosen, invite, opened_by
from transition.actions.people import add_roles
from transition.app import Tracker
from transition.records.audit import AuditEntry
from transition.records.invitations import Invitation, token_of
from transition.records.staff import StaffMembership
from transition.rules.people import THE_COMMAND_LINE, MembershipState, Role

NORA: Final = "nora.bell@naomi.example"
CHOSEN: Final = "violet gravel kettle moon"
"""A password that can be chosen."""


def newcomer(**words: Any) -> Newcomer:  # noqa: ANN401 - any field of it
    """Return who is to be invited: Nora, to be a nurse at Naomi House."""
    told: dict[str, Any] = {
        "email": NORA,
        "name": "Nora Bell",
        "organisation": "naomi",
        "roles": frozenset({Role.TRANSITION_NURSE}),
    }
    return Newcomer(**told | words)


def invited(work_as: WorkAs, by: Any = PRIYA, **words: Any) -> bytes:  # noqa: ANN401 - an address or an actor
    """Let somebody invite, and return the number of who is invited."""
    with work_as(by) as work:
        return invite(work, newcomer(**words)).staff_uid


def also_admin(work_as: WorkAs, email: str = JO) -> None:
    """Make somebody of the collaborative an administrator too, from the command line."""
    with work_as(THE_COMMAND_LINE) as work:
        add_roles(work, staff_of(work.session, email).uid, {Role.ADMIN})


def link_of(session: Session, email: str = NORA) -> str:
    """Return the token of somebody's newest link."""
    session.rollback()
    query = select(Invitation).where(Invitation.staff_uid == staff_of(session, email).uid)
    newest = session.scalars(query.order_by(Invitation.invited_at.desc())).first()
    assert newest is not None
    return token_of(session, newest)


def taken(work_as: WorkAs, token: str, password: str = CHOSEN) -> bool:
    """Let somebody take an invitation; return whether the link opened one."""
    with work_as(THE_COMMAND_LINE) as work:
        invitation = opened_by(work, token)
        if invitation is None:
            return accept(work, token, "") is not None
        return accept(work, token, chosen(work, invitation, password)) is not None


def states(session: Session, email: str = NORA) -> dict[Role, MembershipState]:
    """Return how somebody's roles stand."""
    session.rollback()
    query = select(StaffMembership).where(StaffMembership.staff_uid == staff_of(session, email).uid)
    return {one.role: one.state for one in session.scalars(query)}


def told(session: Session, *prefixes: str) -> list[tuple[str, str]]:
    """Return what the trail holds of these kinds: each action, and of whom."""
    session.rollback()
    entries = session.scalars(select(AuditEntry).order_by(AuditEntry.seq))
    return [(one.action, one.object) for one in entries if one.action.startswith(prefixes)]


def letters(app: Tracker, **at: Any) -> list[tuple[str, str]]:  # noqa: ANN401 - an instant
    """Carry what waits, and return to whom it went and what it says."""
    bag = Bag()
    post_with(app, bag, **at)
    return [(str(one["To"]), text_of(one)) for one in bag.letters]
