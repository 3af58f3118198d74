"""Inviting colleagues: the invitation, its link and letter, and taking it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from transition.actions.people import (
    ask_again,
    colleague_of,
    drop_requests,
    give,
    look_after,
    refuse_ungranted,
    settle_requests,
)
from transition.actions.signing_in import takes_password
from transition.actions.work import Work, work_of
from transition.catalogue import Catalogue
from transition.records.audit import Occasion
from transition.records.invitations import (
    Colleague,
    Invitation,
    invitation_by_token,
    open_requests,
    token_of,
)
from transition.records.sign_ins import digest_of_token
from transition.records.staff import Staff, StaffMembership, find_staff
from transition.records.work_accounts import forget_work_account
from transition.rules.errors import RuleBroken
from transition.rules.invitations import parse_work_address
from transition.rules.passwords import refuse_password
from transition.rules.people import THE_COMMAND_LINE, MembershipState, Role
from transition.security.passwords import hash_password

INVITATION: Final = "invitation"
ONLY_ALLOWED: Final = "Your organisation wants everybody to sign in with their work account."


@dataclass(frozen=True, kw_only=True)
class Newcomer:
    """Who is to be invited, and to be what."""

    email: str
    name: str
    organisation: str
    roles: frozenset[Role]


def invite(work: Work, newcomer: Newcomer) -> Invitation:
    """Invite somebody and return the invitation; its letter leaves once nobody need agree any more.

    Raises:
        RuleBroken: the actor may not, the address is not of this organisation, or is known.
    """
    organisation, known = newcomer.organisation, work.catalogue.collaborative.employers
    if organisation not in known:
        raise RuleBroken(f"Nobody signs in for “{organisation}”. Choose one of {', '.join(known)}.")
    look_after(work, organisation)
    refuse_ungranted(work, organisation, newcomer.roles)
    domains = work.catalogue.collaborative.mail_domains_of(organisation)
    email, name = parse_work_address(newcomer.email, domains), " ".join(newcomer.name.split())
    if not name.isprintable() or not name:
        raise RuleBroken("Enter their name.")
    staff = find_staff(work.session, email)
    if staff is None:
        staff = work.keep(Staff(name=name, email=email, created_at=work.now, memberships=[]))
    else:
        _refuse_known(staff, organisation)
        staff.name, staff.password_hash = name, None
        forget_work_account(work.session, staff.uid)
    invitation = work.keep(
        Invitation(
            staff_uid=staff.uid,
            organisation=organisation,
            invited_by_uid=work.actor.uid,
            invited_at=work.now,
            number=0,
        )
    )
    work.note("invitation:made", about=staff.uid.hex())
    give(work, staff, organisation, newcomer.roles, MembershipState.INVITED)
    _send_when_agreed(work, _colleague(work, staff.uid))
    return invitation


def link_of_newcomer(
    session: Session, catalogue: Catalogue, newcomer: Newcomer, *, now: datetime
) -> str:
    """Invite somebody from the command line, and return the path of the link, for their eyes alone.

    Raises:
        RuleBroken: the address is not of this organisation, or is known.
    """
    with work_of(session, Occasion(THE_COMMAND_LINE, now, "cli"), catalogue) as work:
        return path_of(work.session, invite(work, newcomer))


def path_of(session: Session, invitation: Invitation) -> str:
    """Return the path of an invitation's newest link."""
    return f"/invitations/{token_of(session, invitation)}"


def _refuse_known(staff: Staff, organisation: str) -> None:
    """Do nothing if somebody may be invited again: they have left, and nobody has invited them."""
    states = {one.state for one in staff.memberships}
    if states <= {MembershipState.LEFT}:
        return
    if any(one.organisation != organisation for one in staff.memberships):
        raise RuleBroken("This address cannot be invited here. Ask an administrator.")
    if MembershipState.SUSPENDED in states:
        raise RuleBroken(f"{staff.name} is suspended. Reinstate them instead.")
    if MembershipState.ACTIVE in states:
        raise RuleBroken(f"{staff.name} is here already. Open their page to give them a role.")
    raise RuleBroken(f"{staff.name} has been invited already. Send the invitation again.")


def _colleague(work: Work, staff_uid: bytes) -> Colleague:
    work.session.flush()
    return colleague_of(work, staff_uid)


def _send_when_agreed(work: Work, found: Colleague) -> None:
    if found.invitation is not None and not found.requests:
        _send(work, found.invitation)


def _send(work: Work, invitation: Invitation) -> None:
    """Let a new link count, which ends the one before, and queue its letter."""
    invitation.number += 1
    invitation.sent_at = work.now
    invitation.token_digest = digest_of_token(token_of(work.session, invitation))
    work.note("invitation:sent", about=invitation.staff_uid.hex())
    work.post(INVITATION, to=invitation.staff, about=invitation.about)


def send_again(work: Work, staff_uid: bytes) -> Colleague:
    """Send a new link, after which the old one opens nothing; or ask again who must agree first.

    Raises:
        RuleBroken: nobody is invited here.
    """
    found = colleague_of(work, staff_uid)
    if found.invitation is None:
        raise RuleBroken(f"{found.staff.name} is not invited now.")
    if found.requests:
        ask_again(work, found)
    _send_when_agreed(work, found)
    return found


def cancel(work: Work, staff_uid: bytes) -> Colleague:
    """Take an invitation back: its link opens nothing from now on.

    Raises:
        RuleBroken: nobody is invited here.
    """
    found = colleague_of(work, staff_uid)
    if found.invitation is None:
        raise RuleBroken(f"{found.staff.name} is not invited now.")
    _take_back(work, found, found.invitation)
    drop_requests(work, staff_uid)
    return found


def _take_back(work: Work, found: Colleague, invitation: Invitation) -> None:
    invitation.cancelled_at = work.now
    for one in found.in_state(MembershipState.INVITED):
        one.state = MembershipState.LEFT
    work.note("invitation:cancelled", about=found.staff.uid.hex())


def settle(work: Work, staff_uid: bytes, roles: Collection[Role], *, agreed: bool) -> Colleague:
    """Agree to what was asked for somebody, or say no; an invitation leaves, or ends, with it.

    Raises:
        RuleBroken: it is not the actor's to settle.
    """
    found = settle_requests(work, staff_uid, roles, agreed=agreed)
    if found.invitation is not None and not open_requests(work.session, [staff_uid]):
        if found.in_state(MembershipState.INVITED):
            _send(work, found.invitation)
        else:
            _take_back(work, found, found.invitation)
    return found


def opened_by(work: Work, token: str) -> Invitation | None:
    """Return the invitation that a link opens now; None for every link that opens nothing."""
    found = invitation_by_token(work.session, token)
    if found is None or found.opens_until is None or work.now >= found.opens_until:
        return None
    states = {one.state for one in found.staff.memberships}
    waits = found.accepted_at is None and found.cancelled_at is None
    fit = MembershipState.INVITED in states and MembershipState.SUSPENDED not in states
    return found if waits and fit else None


def offered(session: Session, invitation: Invitation) -> list[StaffMembership]:
    """Return the roles that somebody gets who takes an invitation now."""
    asked = {one.membership_uid for one in open_requests(session, [invitation.staff_uid])}
    held = invitation.staff.memberships
    return [one for one in held if one.state is MembershipState.INVITED and one.uid not in asked]


def chosen(looking: Work, invitation: Invitation, password: str) -> str:
    """Return the hash of a password that somebody new may have.

    It is made before anything is written, so that nobody who saves something waits for it.

    Raises:
        RuleBroken: it is none that can be chosen.
        TooMany: too many passwords wait to be hashed.
    """
    staff = invitation.staff
    if not takes_password(looking, staff):
        raise RuleBroken(ONLY_ALLOWED)
    refuse_password(password, listed=looking.catalogue.guessable, about=(staff.name, staff.email))
    return hash_password(password)


def accept(work: Work, token: str, password_hash: str | None) -> Staff | None:
    """Take an invitation: from now on the password of this hash signs in. Return who took it.

    There is none where they take it with their work account.

    None where the link opens nothing.
    """
    invitation = opened_by(work, token)
    if invitation is None:
        return None
    staff = invitation.staff
    staff.password_hash = password_hash
    for held in offered(work.session, invitation):
        held.state, held.from_on = MembershipState.ACTIVE, work.today
    invitation.accepted_at = work.now
    work.note("invitation:taken", about=staff.uid.hex())
    return staff
