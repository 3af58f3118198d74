"""Weekly digests: one for each colleague and ISO week, whatever the worker went through."""

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, UniqueConstraint, exists, func, or_, select, update
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column

from transition.records.base import Base
from transition.records.columns import Coded, Uid, UtcDateTime, new_uid
from transition.records.staff import Staff, StaffMembership
from transition.rules.people import MembershipState


class DigestState(StrEnum):
    """What became of a week's digest."""

    ISSUED = "issued"
    FOLDED = "folded"
    """Missed by more than 48 hours; the next one says so."""


class Digest(Base):
    """This colleague's digest of one week was issued, or folded into the next."""

    __tablename__ = "digest"
    __table_args__ = (UniqueConstraint("staff_uid", "week", name="one_digest_a_week"),)

    uid: Mapped[bytes] = mapped_column(Uid, primary_key=True, default=new_uid)
    staff_uid: Mapped[bytes] = mapped_column(ForeignKey("staff.uid"))
    week: Mapped[str]
    state: Mapped[DigestState] = mapped_column(Coded(DigestState))
    letter_uid: Mapped[bytes | None] = mapped_column(ForeignKey("queued_letter.uid"))
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)


def readers_behind(
    session: Session, *, week: str, today: date
) -> Sequence[tuple[Staff, str | None]]:
    """Return every active colleague whose newest digest is older than *week*, by address.

    With each goes the week of that digest, or None.
    """
    last = (
        select(func.max(Digest.week))
        .where(Digest.staff_uid == Staff.uid)
        .correlate(Staff)
        .scalar_subquery()
    )
    active = exists(
        select(StaffMembership.uid).where(
            StaffMembership.staff_uid == Staff.uid,
            StaffMembership.state == MembershipState.ACTIVE,
        )
    )
    query = (
        select(Staff, last)
        .where(active, or_(last.is_(None), last < week))
        .options(joinedload(Staff.memberships))
        .order_by(Staff.email)
    )
    rows = session.execute(query).unique().all()
    return [(staff, week_had) for staff, week_had in rows if staff.actor(today) is not None]


def fold_digest(session: Session, letter_uid: bytes) -> None:
    """Mark the digest of a letter that could not be carried in time as folded into the next."""
    session.execute(
        update(Digest).where(Digest.letter_uid == letter_uid).values(state=DigestState.FOLDED)
    )


def weeks_missed(session: Session, staff_uid: bytes, *, before: str | None = None) -> int:
    """Return how many digests in a row, before a week or up to now, were folded into the next."""
    of_staff = select(Digest.week).where(Digest.staff_uid == staff_uid)
    issued = of_staff.where(Digest.state == DigestState.ISSUED)
    folded = of_staff.where(Digest.state == DigestState.FOLDED)
    if before is not None:
        issued, folded = issued.where(Digest.week < before), folded.where(Digest.week < before)
    last = session.scalar(issued.order_by(Digest.week.desc()).limit(1)) or ""
    return len(session.scalars(folded.where(Digest.week > last)).all())
