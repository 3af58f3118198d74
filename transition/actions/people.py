"""What colleagues may do: roles given, agreed to and ended; duties; suspended and reinstated."""

from collections.abc import Collection, Iterable
from typing import Final

from transition.actions.absences import tell
from transition.actions.signing_in import end_others
from transition.actions.urgent_access import end_urgent
from transition.actions.work import NotFound, Work
from transition.records.invitations import Colleague, RoleRequest, colleagues_in, open_requests
from transition.records.sign_ins import Ended
from transition.records.staff import (
    Staff,
    StaffMembership,
    administrators,
    hold_memberships,
    holders,
    organisation_of,
)
from transition.rules.errors import RuleBroken
from transition.rules.invitations import (
    AGREED_WITHIN,
    grantable,
    may_agree,
    needs_agreement,
    who_agrees,
)
from transition.rules.people import (
    CLINICAL_ROLES,
    LEADS,
    OVER_OTHERS,
    THE_COMMAND_LINE,
    Actor,
    Duty,
    MembershipState,
    Role,
)

ROLE_ASKED: Final = "role_asked"
NOBODY_HERE: Final = "Nobody of this kind works here."
NOT_YOURS: Final = (
    "You cannot change what you may do yourself. Ask a colleague who looks after accounts."
)
NO_MORE: Final = "You may not do this any more. Sign in again to see what you may do."


def look_after(work: Work, organisation: str) -> None:
    """Hold the roles of an organisation until the work is done, if the actor may look after them.

    Whoever was suspended, or lost the role, since the page was asked for is refused here.

    Raises:
        RuleBroken: the actor does not look after these accounts, or not any more.
    """
    actor = work.actor
    if actor is THE_COMMAND_LINE:
        return
    hold_memberships(work.session, {organisation, actor.organisation})
    now = work.session.get_one(Staff, work.actor_uid).actor(work.today)
    if now is None or not actor.roles <= now.roles:
        raise RuleBroken(NO_MORE)
    if not grantable(actor, organisation, work.catalogue.collaborative.kind_of(organisation)):
        raise RuleBroken("You do not look after the accounts of this organisation.")


def colleague_of(work: Work, staff_uid: bytes) -> Colleague:
    """Return somebody whose account the actor looks after; their roles are held.

    Raises:
        NotFound: there is nobody like that for this actor.
    """
    organisation = organisation_of(work.session, staff_uid)
    kind = work.catalogue.collaborative.kind_of(organisation) if organisation else None
    if organisation is None or not grantable(work.actor, organisation, kind):
        raise NotFound(NOBODY_HERE)
    look_after(work, organisation)
    (found,) = colleagues_in(work.session, organisation, staff_uid)
    return found


def _another(work: Work, staff_uid: bytes) -> Colleague:
    """Return somebody else than the actor.

    Raises:
        RuleBroken: it is the actor.
    """
    found = colleague_of(work, staff_uid)
    if staff_uid == work.actor.uid:
        raise RuleBroken(NOT_YOURS)
    return found


def refuse_ungranted(work: Work, organisation: str, roles: Collection[Role]) -> None:
    """Do nothing if the actor may give, or ask for, these roles in an organisation.

    Raises:
        RuleBroken: there is none, one that the actor may not give, or nobody who could agree.
    """
    kind = work.catalogue.collaborative.kind_of(organisation)
    if not roles:
        raise RuleBroken("Choose at least one role.")
    if not set(roles) <= set(grantable(work.actor, organisation, kind)):
        raise RuleBroken("You cannot give this role here.")
    for role in roles:
        if needs_agreement(work.actor, {role}) and not _agreeing(work, organisation, {role}):
            name = work.catalogue.collaborative.employers[organisation]
            raise RuleBroken(
                f"{name} has nobody yet who could agree: it takes {who_agrees({role})}. Whoever "
                "runs the server invites the first."
            )


def _agreeing(work: Work, organisation: str, roles: Collection[Role]) -> list[Staff]:
    """Return who can agree to these roles: leads of the organisation, other administrators."""
    found: list[Staff] = []
    if not OVER_OTHERS.isdisjoint(roles):
        found += administrators(work.session, today=work.today)
    if not CLINICAL_ROLES.isdisjoint(roles):
        held = holders(work.session, organisation, today=work.today)
        found += [one.staff for one in held if one.role in LEADS]
    return [one for one in found if one.uid != work.actor.uid]


def give(
    work: Work, staff: Staff, organisation: str, roles: Iterable[Role], state: MembershipState
) -> None:
    """Give somebody roles that stand so, and ask others about those they must agree to."""
    known = {one.role: one for one in staff.memberships if one.organisation == organisation}
    asked = []
    for role in sorted(roles):
        asks = needs_agreement(work.actor, {role})
        held = known.get(role) or StaffMembership(organisation=organisation, role=role)
        held.state = MembershipState.INVITED if asks else state
        held.from_on, held.until_on, held.duty = work.today, None, None
        if role not in known:
            staff.memberships.append(held)
        work.session.flush()
        work.note("role:asked" if asks else "role:given", about=f"{staff.uid.hex()} {role}")
        if asks:
            asked.append(held)
    for held in asked:
        request = {"membership_uid": held.uid, "asked_by_uid": work.actor_uid}
        work.keep(RoleRequest(asked_at=work.now, **request))
    to = _agreeing(work, organisation, {one.role for one in asked})
    tell(work, ROLE_ASKED, to=to, about=staff.uid.hex())


def ask_again(work: Work, found: Colleague) -> None:
    """Ask once more whoever must agree, for as long as the first time."""
    for request in found.requests:
        request.asked_at, request.asked_by_uid = work.now, work.actor_uid
    work.note("role:asked", about=found.staff.uid.hex())
    roles = {one.membership.role for one in found.requests}
    to = _agreeing(work, found.held[0].organisation, roles)
    tell(work, ROLE_ASKED, to=to, about=found.staff.uid.hex())


def add_roles(work: Work, staff_uid: bytes, roles: Collection[Role]) -> None:
    """Give somebody more roles, or ask whoever must agree to them.

    Raises:
        RuleBroken: they are the actor's own, or not the actor's to give, or the person is not here.
    """
    found = _another(work, staff_uid)
    organisation = found.held[0].organisation
    refuse_ungranted(work, organisation, roles)
    has = {one.role for one in found.held if one.state is not MembershipState.LEFT}
    if not has.isdisjoint(roles):
        raise RuleBroken(f"{found.staff.name} has this role already.")
    state = MembershipState.INVITED if found.invitation else MembershipState.ACTIVE
    if found.invitation is None and not found.in_state(MembershipState.ACTIVE):
        raise RuleBroken(f"{found.staff.name} does not work here now.")
    give(work, found.staff, organisation, roles, state)


def settle_requests(
    work: Work, staff_uid: bytes, roles: Collection[Role], *, agreed: bool
) -> Colleague:
    """Agree to the roles that were asked for somebody, or say no; return who it is.

    Raises:
        RuleBroken: it is not the actor's to agree to, they asked it or are meant by it, or it is
            not asked so.
    """
    found = _another(work, staff_uid)
    _refuse_settling(work, found, roles, agreed=agreed)
    here = bool(found.in_state(MembershipState.ACTIVE))
    for one in to_settle(work.actor, found):
        one.settled_at, one.settled_by_uid = work.now, work.actor_uid
        if not agreed:
            one.membership.state = MembershipState.LEFT
        elif here:
            one.membership.state, one.membership.from_on = MembershipState.ACTIVE, work.today
        about = f"{staff_uid.hex()} {one.membership.role}"
        work.note("role:agreed" if agreed else "role:declined", about=about)
    return found


def to_settle(actor: Actor, found: Colleague) -> list[RoleRequest]:
    """Return what was asked for somebody by others, and is an actor's to agree to."""
    return [
        one
        for one in found.requests
        if may_agree(actor, one.membership.role) and one.asked_by_uid != actor.uid
    ]


def _refuse_settling(
    work: Work, found: Colleague, roles: Collection[Role], *, agreed: bool
) -> None:
    """Do nothing if the actor may settle exactly this."""
    if roles and not all(may_agree(work.actor, role) for role in roles):
        raise RuleBroken(f"Only {who_agrees(roles)} can agree to this.")
    own = {one.membership.role for one in found.requests if one.asked_by_uid == work.actor_uid}
    if not own.isdisjoint(roles):
        raise RuleBroken("You asked for this yourself. Somebody else must agree.")
    asked = to_settle(work.actor, found)
    if not roles or {one.membership.role for one in asked} != set(roles):
        raise RuleBroken("What is asked for has changed. Load the page again to see it.")
    if agreed and any(one.asked_at + AGREED_WITHIN < work.now for one in asked):
        raise RuleBroken("This was asked more than 7 days ago. Whoever asked must ask again.")


def drop_requests(work: Work, staff_uid: bytes) -> None:
    """End what was asked for somebody without an answer."""
    for one in open_requests(work.session, [staff_uid]):
        one.settled_at, one.settled_by_uid = work.now, work.actor_uid


def end_role(work: Work, staff_uid: bytes, role: Role) -> Colleague:
    """End one of several roles that somebody has here, and return who it is.

    Raises:
        RuleBroken: it is the actor's own, carries a duty, or is the only one of its kind.
    """
    found = _another(work, staff_uid)
    active = {one.role: one for one in found.in_state(MembershipState.ACTIVE)}
    held, name = active.pop(role, None), found.staff.name
    if held is None:
        raise RuleBroken(f"{name} does not have this role.")
    if held.duty is not None:
        raise RuleBroken(f"{name} is the {held.duty.label} here. Name another first.")
    if not active or (role in CLINICAL_ROLES and CLINICAL_ROLES.isdisjoint(active)):
        raise RuleBroken(
            f"This is all that {name} does here. Suspend them, or hand on what they hold first."
        )
    held.state, held.until_on = MembershipState.LEFT, work.today
    work.note("role:ended", about=f"{staff_uid.hex()} {role}")
    return found


def name_for(work: Work, staff_uid: bytes, duty: Duty) -> Colleague:
    """Let somebody be the lead, deputy or escalation person, and return who it is.

    Whoever was it takes the duty that this colleague had, if any; so none falls vacant.

    Raises:
        RuleBroken: they are no lead here, or their own duty would fall vacant.
    """
    found = colleague_of(work, staff_uid)
    mine = next((one for one in found.in_state(MembershipState.ACTIVE) if one.role in LEADS), None)
    if mine is None:
        raise RuleBroken(f"{found.staff.name} is no lead here, so this cannot be their duty.")
    others = holders(work.session, mine.organisation, today=work.today)
    before = next((one for one in others if one.duty is duty), None)
    if before is mine:
        raise RuleBroken(f"{found.staff.name} is the {duty.label} already.")
    former = mine.duty
    if former is not None and before is None:
        raise RuleBroken(f"{found.staff.name} is the {former.label}. Name another first.")
    if before is None:
        mine.duty = duty
        work.note("duty:named", about=f"{duty} {staff_uid.hex()}")
    else:
        _swap_duties(work, before, mine)
    return found


def _swap_duties(work: Work, one: StaffMembership, other: StaffMembership) -> None:
    """Give each of two leads the duty of the other; the second may have none."""
    duties = one.duty, other.duty
    one.duty = other.duty = None
    # Each duty is one person's at a time.
    work.session.flush()
    other.duty, one.duty = duties
    for duty, was, now in ((duties[0], one, other), (duties[1], other, one)):
        if duty is not None:
            work.note("duty:moved", about=f"{duty} {was.staff_uid.hex()} {now.staff_uid.hex()}")


def suspend(work: Work, staff_uid: bytes) -> Colleague:
    """Let somebody do nothing here any more, from this instant, and return who it is.

    Every sign-in of theirs ends with it, and whatever was asked for them.

    Raises:
        RuleBroken: it is the actor, or somebody who does not work here now.
    """
    found = _another(work, staff_uid)
    active = found.in_state(MembershipState.ACTIVE)
    if not active:
        raise RuleBroken(f"{found.staff.name} does not work here now.")
    for held in active:
        held.state = MembershipState.SUSPENDED
    for held in found.in_state(MembershipState.INVITED):
        held.state = MembershipState.LEFT
    drop_requests(work, staff_uid)
    end_others(work, staff_uid, Ended.ACCESS)
    end_urgent(work, staff_uid)
    work.note("person:suspended", about=staff_uid.hex())
    return found


def reinstate(work: Work, staff_uid: bytes) -> Colleague:
    """Let somebody who was suspended do again what they did, and return who it is.

    Raises:
        RuleBroken: it is the actor, or nobody who is suspended.
    """
    found = _another(work, staff_uid)
    suspended = found.in_state(MembershipState.SUSPENDED)
    if not suspended:
        raise RuleBroken(f"{found.staff.name} is not suspended.")
    for one in suspended:
        one.state = MembershipState.ACTIVE
    work.note("person:reinstated", about=staff_uid.hex())
    return found
