"""Opening a record in an emergency, telling people of it at once, and reviewing it afterwards."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from transition.actions.absences import tell
from transition.actions.change_notices import people_with_a_part
from transition.actions.nudges import SENT_FROM
from transition.actions.work import NotFound, Work
from transition.clock import LONDON
from transition.records.audit import Note
from transition.records.cases import Case
from transition.records.sign_in_tries import SignInTry, held_try
from transition.records.staff import (
    Staff,
    StaffMembership,
    coordinators,
    holders,
    is_denied,
)
from transition.records.urgent_access import (
    UrgentAccess,
    case_meant,
    end_urgent_access,
    opened_by,
    unreviewed,
    urgent_access_of,
)
from transition.rules.access import CaseAccess
from transition.rules.calendar import is_working_day
from transition.rules.errors import RuleBroken
from transition.rules.people import LEADS, Duty, Role
from transition.rules.throttling import FREE, TryKind, wait_in_words
from transition.rules.urgent_access import (
    LASTS,
    Purpose,
    UrgentOutcome,
    is_unreviewed_late,
    parts_shown,
    refuse_review,
    refuse_why,
)

URGENT_OPENED: Final = "urgent_opened"
URGENT_UNREVIEWED: Final = "urgent_unreviewed"
URGENT_TRIES: Final = "urgent_tries"
"""The letters: a record was opened, nobody has reviewed it, somebody keeps trying."""

NO_SUCH_OPENING = "There is no such record that was opened in an emergency."


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Who is meant, exactly, and why."""

    nhs_number: str
    born: date
    purpose: Purpose
    why: str


@dataclass(frozen=True)
class Answered:
    """Which case was meant, and until when it is open to whoever asked.

    None says that they see it anyway.
    """

    reference: str
    until: datetime | None


def open_urgently(work: Work, asked: Asked) -> Answered | None:
    """Open the record of exactly the one who is meant; return None where nobody is meant so.

    What was not right is told nobody, and costs the same work. After some wrong tries each next one
    has to wait longer, and the leads are told.

    Raises:
        RuleBroken: it is too soon after wrong tries, or it was not said why.
    """
    refuse_why(asked.why)
    tries = _tries(work)
    wait = tries.opens_at(work.now) - work.now
    if wait > timedelta():
        raise RuleBroken(f"Too many tries were not right. Try again in {wait_in_words(wait)}.")
    seen = case_meant(work.session, reader=work.actor, nhs_number=asked.nhs_number, born=asked.born)
    if seen is None:
        _count_wrong(work, tries)
        return None
    if seen.access >= CaseAccess.PACK:
        return Answered(seen.case.reference, None)
    return Answered(seen.case.reference, _grant(work, seen.case, asked).until)


def _grant(work: Work, case: Case, asked: Asked) -> UrgentAccess:
    """Return what lets the actor read a case: what runs already, which nobody makes longer."""
    for row, reference in opened_by(work.session, work.actor_uid, now=work.now):
        if reference == case.reference and row.organisation == work.actor.organisation:
            return row
    row = work.keep(
        UrgentAccess(
            case_uid=case.uid,
            staff_uid=work.actor_uid,
            organisation=work.actor.organisation,
            purpose=asked.purpose,
            opened_at=work.now,
            until=work.now + LASTS,
            why=asked.why,
        )
    )
    parts = " ".join(sorted(parts_shown(case.sharing_basis)))
    work.note("urgent:opened", on=case, about=f"{asked.purpose} {parts} {row.uid.hex()}")
    _tell(work, URGENT_OPENED, row, case, _concerned(work, case))
    return row


def _tries(work: Work) -> SignInTry:
    return held_try(work.session, TryKind.URGENT, work.actor_uid.hex(), now=work.now)


def _count_wrong(work: Work, tries: SignInTry) -> None:
    tries.add(work.now)
    work.notes.append(Note("urgent:refused", outcome="refused"))
    if tries.count == FREE:
        here = holders(work.session, work.actor.organisation, today=work.today)
        to = [one for one in _watching(here) if one.uid != work.actor_uid]
        tell(work, URGENT_TRIES, to=to, about=work.actor_uid.hex())


def _concerned(work: Work, case: Case) -> list[Staff]:
    """Return who is told at once that a case was opened.

    They are the named workers and the leads of both sides, the leads of whoever opened it, and the
    auditors of the hospice whose case it is and of theirs.
    """
    people = list(people_with_a_part(work, case))
    for organisation in (case.organisation, work.actor.organisation):
        people += _watching(holders(work.session, organisation, today=work.today))
    return [one for one in people if one.uid != work.actor_uid]


def _watching(held: Iterable[StaffMembership]) -> list[Staff]:
    return [one.staff for one in held if one.role in LEADS or one.role is Role.AUDITOR]


def _tell(work: Work, kind: str, row: UrgentAccess, case: Case, people: Iterable[Staff]) -> None:
    """Write to these people, but for those who must not know of the case."""
    may_know = [one for one in people if not is_denied(work.session, one.uid, case.uid)]
    tell(work, kind, to=may_know, about=row.uid.hex(), on=case)


def review_urgent(
    work: Work, uid: bytes, outcome: UrgentOutcome, *, findings: str | None
) -> UrgentAccess:
    """Record what a lead or an auditor found about what was opened in an emergency; return its row.

    Raises:
        RuleBroken: the actor opened it.
        NotFound: the case is none of the actor's organisation.
    """
    found = urgent_access_of(work.session, uid, reader=work.actor, writing=True)
    if found is None:
        raise NotFound(NO_SUCH_OPENING)
    row, case = found
    refuse_review(own=row.staff_uid == work.actor_uid)
    changed = {"outcome": (row.outcome, outcome), "findings": (row.findings, findings)}
    row.outcome, row.findings = outcome, findings
    row.reviewed_at, row.reviewed_by_uid = work.now, work.actor_uid
    work.note("urgent:reviewed", on=case, about=uid.hex(), changed=changed)
    return row


def ask_for_reviews(work: Work) -> int:
    """Tell somebody else of each opening that nobody has reviewed in time; return how many.

    They are the escalation persons of both sides, and the coordinators by reference.
    """
    local = work.now.astimezone(LONDON)
    holidays = work.catalogue.holidays
    if local.time() < SENT_FROM or not is_working_day(work.today, holidays):
        return 0
    late = [
        (row, case)
        for row, case in unreviewed(work.session)
        if is_unreviewed_late(row.opened_at, work.today, holidays)
    ]
    for row, case in late:
        people = list(coordinators(work.session, today=work.today))
        for organisation in {case.organisation, row.organisation}:
            held = holders(work.session, organisation, today=work.today)
            people += [one.staff for one in held if one.duty is Duty.ESCALATION]
        people = [one for one in people if one.uid != row.staff_uid]
        _tell(work, URGENT_UNREVIEWED, row, case, people)
        row.escalated_at = work.now
    return len(late)


def end_urgent(work: Work, staff_uid: bytes) -> None:
    """End what a colleague has opened in an emergency, together with what they are here."""
    for row, reference in opened_by(work.session, staff_uid, now=work.now):
        about = row.uid.hex()
        work.notes.append(Note("urgent:ended", about, case_ref=reference))
    end_urgent_access(work.session, staff_uid, now=work.now)
