"""Leaving: everything that somebody holds gets a new owner, and then their access ends."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Final

from sqlalchemy import select

from transition.actions.absences import change_absence
from transition.actions.adult_workers import name_adult_worker
from transition.actions.drafts import finish
from transition.actions.named_workers import hand_on
from transition.actions.signing_in import end_sign_in
from transition.actions.urgent_access import end_urgent
from transition.actions.work import NotFound, Work
from transition.records.absences import Absence, absences_of
from transition.records.drafts import Draft
from transition.records.holdings import holdings_of
from transition.records.outbox import cancel_letters_to
from transition.records.sign_ins import Ended, running_sign_ins
from transition.records.staff import Staff, held_in_place, held_still
from transition.rules.errors import RuleBroken
from transition.rules.leaving import (
    Held,
    HeldKind,
    refuse_ending,
    refuse_held,
    refuse_last,
)
from transition.rules.people import LEADS, Duty, MembershipState, Role

NO_SUCH_COLLEAGUE = "There is no such colleague here."
NOTHING_MOVES = "There is nothing to hand on. Choose who takes on at least one thing."
MOVED_MEANWHILE = "Some of this has a new owner already. Load the page again to see what is left."

NOWHERE: Final = "left.invalid"
"""The domain of the address of an account that nobody uses any more: there is no such domain."""


def staff_here(work: Work, staff_uid: bytes) -> tuple[Staff, str]:
    """Return a colleague, and the organisation in which the actor may end their access.

    For an administrator that is wherever they work, or have worked.

    Raises:
        NotFound: they neither work nor have worked in an organisation of the actor's.
    """
    staff = work.session.get(Staff, staff_uid)
    held = staff.memberships if staff is not None else []
    places = sorted(held, key=lambda one: one.state is MembershipState.LEFT)
    if Role.ADMIN not in work.actor.roles:
        places = [one for one in places if one.organisation == work.actor.organisation]
    if staff is None or not places:
        raise NotFound(NO_SUCH_COLLEAGUE)
    return staff, places[0].organisation


def holdings(work: Work, staff_uid: bytes) -> tuple[Held, ...]:
    """Return everything that a colleague holds in the hospice that they may leave.

    Raises:
        NotFound: they are no colleague of the actor's.
    """
    staff, organisation = staff_here(work, staff_uid)
    return holdings_of(work.session, staff.uid, organisation, today=work.today)


def hand_over(work: Work, staff_uid: bytes, owners: Mapping[str, bytes], *, note: str) -> int:
    """Give each of these things that a colleague holds its new owner; return how many there were.

    `owners` are by the key of what is held. All of it changes hands, or nothing.

    Raises:
        RuleBroken: somebody cannot take on what they were chosen for, or it is not theirs to hold.
        NotFound: the colleague is none of the actor's, or a case is not theirs to see.
    """
    held = {one.key: one for one in holdings(work, staff_uid)}
    if owners.keys() - held.keys():
        raise RuleBroken(MOVED_MEANWHILE)
    if not owners:
        raise RuleBroken(NOTHING_MOVES)
    cases: defaultdict[bytes, list[str]] = defaultdict(list)
    for key, to_uid in owners.items():
        if held[key].kind is HeldKind.CASE:
            cases[to_uid].append(held[key].about)
        else:
            _hand_over_one(work, held[key], staff_uid, to_uid)
    for to_uid, references in cases.items():
        hand_on(work, references, to_uid=to_uid, note=note)
    return len(owners)


def _hand_over_one(work: Work, one: Held, from_uid: bytes, to_uid: bytes) -> None:
    """Give one thing that is no case its new owner."""
    if one.kind is HeldKind.ADULT_WORKER:
        name_adult_worker(work, one.about, one.handover, to_uid)
    elif one.kind is HeldKind.DUTY:
        _give_duty(work, from_uid, Duty(one.about), to_uid)
    else:
        _cover(work, bytes.fromhex(one.about), to_uid)


def _give_duty(work: Work, from_uid: bytes, duty: Duty, to_uid: bytes) -> None:
    """Give a duty to another lead, who has none yet."""
    organisation = work.actor.organisation
    if not work.actor.roles & LEADS:
        raise RuleBroken("Only a lead of the hospice hands a duty on.")
    rows = held_in_place(work.session, organisation)
    mine = [one for one in rows if one.staff_uid == from_uid and one.duty is duty]
    fit = [
        one
        for one in rows
        if one.staff_uid == to_uid and one.role in LEADS and one.value.grants_on(work.today)
    ]
    if not mine or not fit:
        raise RuleBroken(f"Choose a lead who works here now for the duty of {duty.label}.")
    if fit[0].duty is not None:
        raise RuleBroken(
            f"{fit[0].staff.name} is the {fit[0].duty.label} already, and nobody can be both. "
            f"Choose another lead as {duty.label}, or invite one first."
        )
    mine[0].duty = None
    work.session.flush()
    fit[0].duty = duty
    work.session.flush()
    work.note("duty:moved", about=f"{duty.value} {from_uid.hex()} {to_uid.hex()}")


def _cover(work: Work, absence_uid: bytes, to_uid: bytes) -> None:
    """Let somebody else cover for a colleague who is away or will be."""
    row = work.session.get_one(Absence, absence_uid)
    to = work.session.get(Staff, to_uid)
    days = {"from_on": row.from_on, "until_on": row.until_on}
    change_absence(work, absence_uid, cover=to.email if to is not None else "", **days)


def end_access(work: Work, staff_uid: bytes) -> list[Role]:
    """End the access of a colleague to a hospice, and return the roles that ended.

    Their sign-ins, drafts, absences and the letters that wait for them end with it. The account
    stays, and their name in every history; with their last role their address is free again.

    Raises:
        RuleBroken: it is not the actor's to say, they still hold something, or they are the last.
        NotFound: they are no colleague of the actor's.
    """
    staff, organisation = staff_here(work, staff_uid)
    refuse_ending(work.actor, staff_uid, organisation, staff.name)
    # Two who end each other's access come one after the other, and the second finds it ended.
    everybody = held_in_place(work.session, organisation)
    _refuse_gone(work)
    ending = [
        one
        for one in everybody
        if one.staff_uid == staff_uid and one.state is not MembershipState.LEFT
    ]
    if not ending:
        raise RuleBroken(f"{staff.name} has no access here any more.")
    refuse_held(staff.name, holdings_of(work.session, staff_uid, organisation, today=work.today))
    remaining = {
        one.role
        for one in everybody
        if one.staff_uid != staff_uid and one.value.grants_on(work.today)
    }
    refuse_last(staff.name, {one.role for one in ending}, remaining)
    for one in ending:
        one.state = MembershipState.LEFT
    work.session.flush()
    _end_what_is_theirs(work, staff)
    work.note("staff:left", about=staff_uid.hex())
    return [one.role for one in ending]


def _refuse_gone(work: Work) -> None:
    """Do nothing if the actor may still do what they could when they began."""
    held_still(work.session, work.actor_uid)
    now = work.session.get_one(Staff, work.actor_uid).actor(work.today)
    if now != work.actor:
        raise RuleBroken("Your own access has changed meanwhile. Nothing was changed.")


def _end_what_is_theirs(work: Work, staff: Staff) -> None:
    for one in running_sign_ins(work.session, staff.uid, now=work.now):
        end_sign_in(work, one, Ended.ACCESS)
    end_urgent(work, staff.uid)
    for draft in work.session.scalars(select(Draft).where(Draft.staff_uid == staff.uid)):
        finish(work, draft)
    for away in absences_of(work.session, [staff.uid], since=work.today):
        work.session.delete(away)
    if all(one.state is MembershipState.LEFT for one in staff.memberships):
        staff.former_email, staff.email = staff.email, f"{staff.uid.hex()}@{NOWHERE}"
    work.session.flush()
    cancel_letters_to(work.session, staff.uid, at=work.now)


def give_back(work: Work, staff_uid: bytes, roles: Collection[Role]) -> None:
    """Give somebody back roles that they had in a hospice before they left.

    What they held stays with whoever has it now.

    Raises:
        RuleBroken: it is not the actor's to say, they had no such role, or somebody else has their
            address now.
        NotFound: they are no colleague of the actor's.
    """
    staff, organisation = staff_here(work, staff_uid)
    refuse_ending(work.actor, staff_uid, organisation, staff.name)
    rows = held_in_place(work.session, organisation)
    _refuse_gone(work)
    back = [
        one
        for one in rows
        if one.staff_uid == staff_uid and one.role in roles and one.state is MembershipState.LEFT
    ]
    if not back:
        raise RuleBroken(f"{staff.name} has access here already, or never had this role.")
    for one in back:
        one.state = MembershipState.ACTIVE
    if staff.former_email is not None:
        staff.email, staff.former_email = staff.former_email, None
    work.note("staff:returned", about=staff_uid.hex())
