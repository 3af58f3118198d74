"""Taking the second step away from somebody who lost it: seen by one, and taken away by another."""

from dataclasses import dataclass

from sqlalchemy import select

from transition.actions.second_steps import TAKEN_AWAY, forget_everything, tell
from transition.actions.signing_in import end_others
from transition.actions.work import Work
from transition.records.second_steps import SeenInPerson, seen_in_person
from transition.records.sign_ins import Ended
from transition.records.staff import Staff, StaffMembership
from transition.rules.errors import RuleBroken
from transition.rules.people import LEADS, Actor
from transition.rules.second_steps import SEEN_COUNTS, SeenHow, may_reset, may_see_in_person


@dataclass(frozen=True)
class Lost:
    """How far somebody is who lost their second step, and what the actor may do about it."""

    seen: SeenInPerson | None
    """That a colleague saw them, while it counts."""
    may_see: bool
    may_reset: bool
    has_lead: bool


def lost_by(work: Work, staff_uid: bytes) -> Lost:
    """Return how far it is with the lost second step of a colleague.

    Raises:
        RuleBroken: they do not sign in here.
    """
    person = _person(work, staff_uid)
    seen, has_lead = seen_in_person(work.session, staff_uid), _has_lead(work, person)
    if seen is not None and work.now - seen.seen_at > SEEN_COUNTS:
        seen = None
    return Lost(
        seen=seen,
        may_see=may_see_in_person(work.actor, person, has_lead=has_lead),
        may_reset=seen is not None and may_reset(work.actor, staff_uid, seen.seen_by_uid),
        has_lead=has_lead,
    )


def record_seen(work: Work, staff_uid: bytes, how: SeenHow) -> None:
    """Record that the actor, who leads the same hospice, has seen this colleague, and how.

    Raises:
        RuleBroken: it is not for them to record.
    """
    if not lost_by(work, staff_uid).may_see:
        raise RuleBroken("Only another lead of the same hospice can record that they saw somebody.")
    seen = {"seen_by_uid": work.actor_uid, "seen_at": work.now, "how": how}
    work.keep(SeenInPerson(staff_uid=staff_uid, **seen))
    work.note("second-step:seen", about=f"{staff_uid.hex()} {how}")


def reset_second_step(work: Work, staff_uid: bytes) -> None:
    """Take all second steps and sign-ins away from a colleague whom their lead saw.

    The password stays: whoever knows it sets up a second step anew.

    Raises:
        RuleBroken: nobody has seen them this week, or it is not for the actor to do.
    """
    lost = lost_by(work, staff_uid)
    if lost.seen is None:
        raise RuleBroken("Their lead must see them first, and record it here.")
    if not lost.may_reset:
        raise RuleBroken("An administrator who has not seen them does this.")
    lost.seen.reset_by_uid, lost.seen.reset_at = work.actor_uid, work.now
    forget_everything(work, staff_uid)
    end_others(work, staff_uid, Ended.ACCESS)
    tell(work, TAKEN_AWAY, work.session.get_one(Staff, staff_uid))


def _person(work: Work, staff_uid: bytes) -> Actor:
    staff = work.session.get(Staff, staff_uid)
    person = staff.actor(work.today) if staff is not None else None
    if person is None:
        raise RuleBroken("There is no colleague of this name who signs in here.")
    return person


def _has_lead(work: Work, person: Actor) -> bool:
    """Return whether the hospice of a colleague has a lead besides them."""
    query = select(StaffMembership).where(
        StaffMembership.organisation == person.organisation,
        StaffMembership.role.in_(LEADS),
        StaffMembership.staff_uid != person.uid,
    )
    return any(held.value.grants_on(work.today) for held in work.session.scalars(query))
