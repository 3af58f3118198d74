"""The twenty invented cases and the invented staff, entered by the same actions that people use.

What happened to a case is done at the moment it is said to have happened, all cases together in the
order of time, so that the trail of a demonstration reads like one.
"""

import json
import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date, datetime, time
from functools import partial
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from transition.actions.demonstration_answers import Step
from transition.actions.demonstration_cases import NURSE, SIBLINGS, Told
from transition.actions.demonstration_steps import link_family, steps_of
from transition.actions.work import Work, work_of
from transition.catalogue import Catalogue
from transition.clock import LONDON, local_day
from transition.records.audit import Occasion
from transition.records.outbox import QueuedLetter
from transition.records.staff import Staff, StaffMembership, find_staff
from transition.rules.calendar import ONE_DAY
from transition.rules.people import THE_COMMAND_LINE, Actor, Duty, MembershipState, Role
from transition.security.passwords import hash_password

FIRST_DAY: Final = date(2020, 1, 1)
"""Since when the invented staff hold their roles."""

ROLES: Final = (
    ("lead", Role.ADULT_LEAD, Duty.LEAD),
    ("deputy", Role.ADULT_LEAD, Duty.DEPUTY),
    ("escalation", Role.ADULT_LEAD, Duty.ESCALATION),
    ("worker", Role.ADULT_WORKER, None),
)
"""Who there is in each adult hospice."""


def load_demonstration(
    session: Session, catalogue: Catalogue, folder: Path, *, now: datetime
) -> int:
    """Enter the invented staff and the cases, if nobody is here yet; return how many cases."""
    if session.scalar(select(Staff.uid).limit(1)) is not None:
        return 0
    _enter_people(session, catalogue, folder, now=now)
    told = json.loads((folder / "cases.json").read_text("utf-8"))["cases"]
    cases = [Told(words, local_day(now), now) for words in told]
    steps = [step for case in cases for step in steps_of(case, catalogue.holidays)]
    steps += _families(cases)
    for at, who, do in sorted(steps, key=lambda step: step[0]):
        _do(session, catalogue, who, at, do)
    _do(session, catalogue, NURSE, now, _recall_old_letters)
    return len(cases)


def _families(cases: Collection[Told]) -> Iterator[Step]:
    """Yield that brothers and sisters are linked, a day after the younger one's case was opened."""
    by_name = {case.words["k"]: case for case in cases}
    for name, other in SIBLINGS.items():
        if name in by_name and other in by_name:
            told, sibling = by_name[name], by_name[other]
            at = told.at(told.opened_on + ONE_DAY)
            yield at, told.nurse, partial(link_family, told=told, sibling=sibling)


def _recall_old_letters(work: Work) -> None:
    """Cancel the letters that would have gone out before today."""
    this_morning = datetime.combine(work.today, time(), LONDON)
    work.session.execute(
        update(QueuedLetter)
        .where(QueuedLetter.queued_at < this_morning)
        .values(cancelled_at=work.now)
    )
    work.note("demonstration:cases")


def _do(
    session: Session,
    catalogue: Catalogue,
    who: str | Actor,
    at: datetime,
    do: Callable[[Work], None],
) -> None:
    actor = _actor(session, who, local_day(at)) if isinstance(who, str) else who
    with work_of(session, Occasion(actor, at, "demo"), catalogue) as work:
        do(work)


def _actor(session: Session, email: str, today: date) -> Actor:
    staff = find_staff(session, email)
    actor = staff.actor(today) if staff is not None else None
    if actor is None:
        raise LookupError(f"There is no {email} in this demonstration.")
    return actor


def _enter_people(session: Session, catalogue: Catalogue, folder: Path, *, now: datetime) -> None:
    told = tomllib.loads((folder / "people.toml").read_text("utf-8"))
    password_hash = hash_password(told["password"])  # one salt will do for a password known to all
    with work_of(session, Occasion(THE_COMMAND_LINE, now, "demo"), catalogue) as work:
        for person in [*told["person"], *_hospice_people(told["names"])]:
            staff = work.keep(
                Staff(
                    name=person["name"],
                    email=person["email"],
                    password_hash=password_hash,
                    created_at=now,
                )
            )
            work.keep(
                StaffMembership(
                    staff_uid=staff.uid,
                    organisation=person["organisation"],
                    role=Role(person["role"]),
                    state=MembershipState.ACTIVE,
                    duty=Duty(person["duty"]) if person.get("duty") else None,
                    from_on=FIRST_DAY,
                )
            )
        work.note("demonstration:people")


def _hospice_people(names: Mapping[str, list[str]]) -> Iterator[dict[str, Any]]:
    for organisation, four in names.items():
        domain = organisation.replace("_", "-")
        for (local_part, role, duty), name in zip(ROLES, four, strict=True):
            yield {
                "name": name,
                "email": f"{local_part}@{domain}.example",
                "organisation": organisation,
                "role": role.value,
                "duty": duty.value if duty else None,
            }
