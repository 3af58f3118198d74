"""Taking the second step away from somebody who lost it: seen in person, and by two people."""

from sqlalchemy import select, update

from transition.actions.second_steps import forget_everything, tell
from transition.actions.work import Work
from transition.records.second_steps import SeenInPerson, seen_in_person
from transition.records.sign_ins import SignIn
from transition.records.staff import Staff, StaffMembership
from transition.rules.errors import RuleBroken
from transition.rules.people import LEADS, Actor
from transition.rules.second_steps import SEEN_COUNTS, may_reset, may_see_in_person


def record_seen(work: Work, staff_uid: bytes) -> None:
    """Record that the actor, who leads the same hospice, has seen this colleague in person.

    Raises:
        RuleBroken: it is not for them to record.
    """
    staff, person = _person(work, staff_uid)
    if not may_see_in_person(work.actor, person, has_lead=_has_lead(work, person)):
        raise RuleBroken("Only another lead of the same hospice can record that they saw somebody.")
    work.keep(SeenInPerson(staff_uid=staff.uid, seen_by_uid=work.actor_uid, seen_at=work.now))
    work.note("second-step:seen", about=staff.uid.hex())


def reset_second_step(work: Work, staff_uid: bytes) -> None:
    """Take all second steps and sign-ins away from a colleague whom their lead saw in person.

    The password stays: whoever knows it sets up a second step anew.

    Raises:
        RuleBroken: nobody has seen them this week, or it is not for the actor to do.
    """
    staff, _ = _person(work, staff_uid)
    seen = seen_in_person(work.session, staff.uid)
    if seen is None or work.now - seen.seen_at > SEEN_COUNTS:
        raise RuleBroken("Their lead must see them in person first, and record it here.")
    if not may_reset(work.actor, staff.uid, seen.seen_by_uid):
        raise RuleBroken("An administrator who has not seen them does this.")
    seen.reset_by_uid, seen.reset_at = work.actor_uid, work.now
    forget_everything(work, staff.uid)
    open_ones = SignIn.staff_uid == staff.uid, SignIn.ended_at.is_(None)
    work.session.execute(update(SignIn).where(*open_ones).values(ended_at=work.now))
    tell(work, "reset", staff)


def _person(work: Work, staff_uid: bytes) -> tuple[Staff, Actor]:
    staff = work.session.get(Staff, staff_uid)
    person = staff.actor(work.today) if staff is not None else None
    if staff is None or person is None:
        raise RuleBroken("There is no colleague of this name who signs in here.")
    return staff, person


def _has_lead(work: Work, person: Actor) -> bool:
    """Return whether the hospice of a colleague has a lead besides them."""
    query = select(StaffMembership).where(
        StaffMembership.organisation == person.organisation,
        StaffMembership.role.in_(LEADS),
        StaffMembership.staff_uid != person.uid,
    )
    return any(held.value.grants_on(work.today) for held in work.session.scalars(query))
