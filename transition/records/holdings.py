"""What one colleague holds in a hospice, by references and codes, and what goes along with it."""

from collections.abc import Collection, Iterator
from datetime import date
from typing import Final, cast

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from transition.records.absences import Absence
from transition.records.alerts import CaseAlert
from transition.records.cases import Case
from transition.records.closings import looked_after
from transition.records.conditions import Condition
from transition.records.handovers import Handover
from transition.records.questions import Question
from transition.records.staff import StaffMembership
from transition.records.visits import JointVisit
from transition.rules.beside import VisitState
from transition.rules.handovers import AGREED, SETTLED, UNDECIDED, handover_key
from transition.rules.leaving import Held, HeldKind
from transition.rules.people import MembershipState, Side

WORKED_ON: Final = (*AGREED, *SETTLED)
"""The states of a handover in which somebody works as the adult named worker."""


def holdings_of(
    session: Session, staff_uid: bytes, organisation: str, *, today: date
) -> tuple[Held, ...]:
    """Return everything of a hospice that must have a new owner before a colleague leaves it."""
    return tuple(holdings_in(session, organisation, today=today).get(staff_uid, ()))


def holdings_in(session: Session, organisation: str, *, today: date) -> dict[bytes, list[Held]]:
    """Return what each of a hospice's people holds, by their number.

    It is found for whoever asks, without a look at what they may see: nothing may be forgotten.
    """
    found: dict[bytes, list[Held]] = {}
    for uid, held in (
        *_cases(session, organisation),
        *_as_adult_workers(session, organisation),
        *_duties(session, organisation),
        *_covers(session, organisation, today),
    ):
        found.setdefault(uid, []).append(held)
    return found


Found = Iterator[tuple[bytes, Held]]


def _cases(session: Session, organisation: str) -> Found:
    query = (
        select(Case.named_worker_uid, Case.reference)
        .where(
            Case.organisation == organisation,
            or_(Case.ending.is_(None), Case.uid.in_(looked_after(session))),
        )
        .order_by(Case.reference)
    )
    for uid, reference in session.execute(query):
        yield uid, Held(HeldKind.CASE, reference)


def _as_adult_workers(session: Session, organisation: str) -> Found:
    query = (
        select(Handover.adult_worker_uid, Handover.receiver, Handover.number, Case.reference)
        .join(Case, Case.uid == Handover.case_uid)
        .where(
            Handover.adult_worker_uid.is_not(None),
            Handover.receiver == organisation,
            Handover.state.in_(WORKED_ON),
            Case.ending.is_(None),
        )
        .order_by(Case.reference, Handover.number)
    )
    for uid, receiver, number, reference in session.execute(query):
        key = handover_key(receiver, number)
        yield cast("bytes", uid), Held(HeldKind.ADULT_WORKER, reference, key)


def _duties(session: Session, organisation: str) -> Found:
    query = select(StaffMembership.staff_uid, StaffMembership.duty).where(
        StaffMembership.organisation == organisation,
        StaffMembership.duty.is_not(None),
        StaffMembership.state != MembershipState.LEFT,
    )
    for uid, duty in session.execute(query):
        yield uid, Held(HeldKind.DUTY, str(duty))


def _covers(session: Session, organisation: str, today: date) -> Found:
    here = select(StaffMembership.staff_uid).where(StaffMembership.organisation == organisation)
    query = select(Absence.cover_uid, Absence.uid).where(
        Absence.cover_uid.in_(here), Absence.until_on >= today
    )
    for uid, absence_uid in session.execute(query.order_by(Absence.uid)):
        yield uid, Held(HeldKind.COVER, absence_uid.hex())


def goes_along(
    session: Session, staff_uid: bytes, references: Collection[str], *, side: Side | None
) -> dict[str, int]:
    """Return how many things belong to these cases and so go along, by what they are.

    Conditions are those of a *side*; who cares for nobody has none. The last are questions that the
    colleague has asked: their lead and deputy read the answers.
    """
    cases = select(Case.uid).where(Case.reference.in_(references)).scalar_subquery()
    counted = {
        ("joint visit planned", "joint visits planned"): (
            JointVisit.case_uid.in_(cases),
            JointVisit.state == VisitState.PLANNED,
        ),
        ("condition to meet", "conditions to meet"): (
            Condition.case_uid.in_(cases),
            Condition.met_at.is_(None),
            Condition.owner == side,
        ),
        ("alert to look at again", "alerts to look at again"): (
            CaseAlert.case_uid.in_(cases),
            CaseAlert.ended_at.is_(None),
        ),
        ("question without an answer", "questions without an answer"): (
            Question.asked_by_uid == staff_uid,
            Question.answered_at.is_(None),
            Question.handover_uid == Handover.uid,
            Handover.state.in_(UNDECIDED),
        ),
    }
    found = {
        words: session.scalar(select(func.count()).where(*which)) or 0
        for words, which in counted.items()
    }
    return {words[number > 1]: number for words, number in found.items() if number}
