"""Records that were opened in an emergency: by whom, why, until when, and what the review said."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    LargeBinary,
    Row,
    Select,
    String,
    and_,
    bindparam,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from transition.records.anchors import CaseAnchors
from transition.records.base import Versioned
from transition.records.cases import (
    DENIED,
    FOUND,
    NHS_NUMBERS,
    OPEN,
    ORGANISATION,
    READER,
    Case,
    SeenCase,
    access_of,
    asked_by,
    facts_in,
)
from transition.records.columns import Coded, UtcDateTime, new_uid
from transition.records.keys import vault_of
from transition.records.sealing import Sealed, SealedRow
from transition.records.staff import Staff
from transition.rules.access import UrgentGrant, reads_urgently
from transition.rules.people import Actor
from transition.rules.urgent_access import Purpose, UrgentOutcome


class UrgentAccess(Versioned, SealedRow):
    """One record, opened in an emergency by one colleague, to read it until an instant."""

    __tablename__ = "urgent_access"
    __table_args__ = (
        CheckConstraint("until >= opened_at", name="ends_after_it_begins"),
        CheckConstraint(
            "(reviewed_at IS NULL) = (outcome IS NULL)"
            " AND (reviewed_at IS NULL) = (reviewed_by_uid IS NULL)",
            name="review_is_whole",
        ),
    )

    case_uid: Mapped[bytes] = mapped_column(ForeignKey("young_person_case.uid"), index=True)
    staff_uid: Mapped[bytes] = mapped_column(ForeignKey("staff.uid"), index=True)
    organisation: Mapped[str]
    """Where they worked when they opened it; it opens nothing anywhere else."""
    purpose: Mapped[Purpose] = mapped_column(Coded(Purpose))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    until: Mapped[datetime] = mapped_column(UtcDateTime)
    outcome: Mapped[UrgentOutcome | None] = mapped_column(Coded(UrgentOutcome))
    reviewed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reviewed_by_uid: Mapped[bytes | None] = mapped_column(ForeignKey("staff.uid"))
    escalated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    why = Sealed.words("urgent_access.why")
    findings = Sealed.text("urgent_access.findings")


@dataclass(frozen=True, slots=True)
class Opened:
    """What a list says of one record that was opened in an emergency; no word of why."""

    uid: bytes
    reference: str
    by: str
    organisation: str
    purpose: Purpose
    opened_at: datetime
    until: datetime
    reviewed_at: datetime | None
    outcome: UrgentOutcome | None
    ours: bool
    """Whether the case is the reader's own organisation's, which reviews it."""


def case_meant(session: Session, *, reader: Actor, nhs_number: str, born: date) -> SeenCase | None:
    """Return the open case with exactly this number and this birthday, whoever may see it.

    One that is denied to the reader is not found. The same is asked of the database whichever of
    these things is not so.
    """
    index = vault_of(session).index(session, NHS_NUMBERS).of(nhs_number)
    row = session.execute(WITH_NUMBER, asked_by(reader) | {"number": index}).one_or_none()
    # The second number is nobody's: keys that were opened before would save a question.
    uid, nobody = (row.Case.uid if row is not None else new_uid()), new_uid()
    cipher = vault_of(session).ciphers(session, (uid, nobody)).get(uid)
    if row is None or cipher is None or row.denied:
        return None
    said = CaseAnchors.date_of_birth.open_token(
        cipher, row.date_of_birth, case_uid=uid, row_uid=uid
    )
    return SeenCase(row.Case, access_of(reader, row)) if said == born else None


WITH_NUMBER: Final = (
    select(*FOUND, CaseAnchors.__table__.c.date_of_birth)
    .join(CaseAnchors, CaseAnchors.uid == Case.uid)
    .where(Case.nhs_number_index == bindparam("number", type_=LargeBinary()), OPEN)
)


def find_urgent(
    session: Session, reference: str, *, reader: Actor, now: datetime
) -> SeenCase | None:
    """Return the open case called *reference* if its reader opened it in an emergency, until now.

    It is to be read only: nothing that writes asks here.
    """
    asked = asked_by(reader) | {"reference": reference, "now": now}
    for row in session.execute(FIND_URGENT, asked):
        grant = _grant(row)
        if reads_urgently(reader, facts_in(row), grant, now=now):
            return SeenCase(row.Case, access_of(reader, row), grant)
    return None


FIND_URGENT: Final = (
    select(
        *FOUND,
        UrgentAccess.uid.label("grant"),
        UrgentAccess.organisation.label("worked_at"),
        UrgentAccess.opened_at,
        UrgentAccess.until,
    )
    .join(UrgentAccess, UrgentAccess.case_uid == Case.uid)
    .where(
        OPEN,
        Case.reference == bindparam("reference", type_=String()),
        UrgentAccess.staff_uid == READER,
        UrgentAccess.until > bindparam("now", type_=UtcDateTime()),
    )
    .order_by(UrgentAccess.until.desc())
)


def _grant(row: Row[Any]) -> UrgentGrant:
    return UrgentGrant(row.grant, row.worked_at, row.opened_at, row.until)


def opened_by(
    session: Session, staff_uid: bytes, *, now: datetime
) -> Sequence[tuple[UrgentAccess, str]]:
    """Return what a colleague has opened in an emergency and still runs, with its references."""
    query = (
        select(UrgentAccess, Case.reference)
        .join(Case, Case.uid == UrgentAccess.case_uid)
        .where(UrgentAccess.staff_uid == staff_uid, UrgentAccess.until > now, OPEN)
        .order_by(UrgentAccess.opened_at)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def end_urgent_access(session: Session, staff_uid: bytes, *, now: datetime) -> None:
    """Let nothing that a colleague has opened in an emergency run on."""
    runs = and_(UrgentAccess.staff_uid == staff_uid, UrgentAccess.until > now)
    session.execute(
        update(UrgentAccess)
        .where(runs)
        .values(until=now, version=UrgentAccess.version + 1)
        .execution_options(synchronize_session="fetch")
    )


def opened_around(session: Session, reader: Actor) -> list[Opened]:
    """Return what was opened of the cases of the reader's organisation, or by its people.

    What waits for a review comes first, the longest first; then the newest. A case that is denied
    to the reader is left out.
    """
    query: Select[*tuple[Any, ...]] = (
        select(
            UrgentAccess.uid,
            Case.reference,
            Staff.name.label("by"),
            UrgentAccess.organisation,
            UrgentAccess.purpose,
            UrgentAccess.opened_at,
            UrgentAccess.until,
            UrgentAccess.reviewed_at,
            UrgentAccess.outcome,
            OURS.label("ours"),
        )
        .join(Case, Case.uid == UrgentAccess.case_uid)
        .join(Staff, Staff.uid == UrgentAccess.staff_uid)
        .where(or_(OURS, UrgentAccess.organisation == ORGANISATION), ~DENIED)
        .order_by(UrgentAccess.opened_at)
    )
    found = [Opened(*row) for row in session.execute(query, asked_by(reader))]
    waiting = [one for one in found if one.reviewed_at is None]
    return waiting + [one for one in reversed(found) if one.reviewed_at is not None]


OURS: Final = Case.organisation == ORGANISATION


def waiting_for_review(session: Session, reader: Actor) -> int:
    """Return how many openings the reader's organisation has still to review."""
    query = (
        select(func.count())
        .select_from(UrgentAccess)
        .join(Case, Case.uid == UrgentAccess.case_uid)
        .where(OURS, ~DENIED, UrgentAccess.reviewed_at.is_(None))
    )
    return session.scalar(query, asked_by(reader)) or 0


def urgent_access_of(
    session: Session, uid: bytes, *, reader: Actor, writing: bool = False
) -> tuple[UrgentAccess, Case] | None:
    """Return one opening of a case of the reader's organisation, and the case; None otherwise."""
    query = (
        select(UrgentAccess, Case)
        .join(Case, Case.uid == UrgentAccess.case_uid)
        .where(UrgentAccess.uid == uid, OURS, ~DENIED)
    )
    if writing:
        query = query.with_for_update(of=UrgentAccess)
    row = session.execute(query, asked_by(reader)).one_or_none()
    return (row[0], row[1]) if row is not None else None


def unreviewed(session: Session) -> Sequence[tuple[UrgentAccess, Case]]:
    """Return the openings that nobody reviewed and nobody else was told of, the oldest first."""
    query = (
        select(UrgentAccess, Case)
        .join(Case, Case.uid == UrgentAccess.case_uid)
        .where(UrgentAccess.reviewed_at.is_(None), UrgentAccess.escalated_at.is_(None))
        .order_by(UrgentAccess.opened_at, UrgentAccess.uid)
    )
    return [(row[0], row[1]) for row in session.execute(query)]
