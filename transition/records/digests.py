"""Weekly digests: one for each colleague and ISO week, whatever the worker went through."""

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, UniqueConstraint, exists, select
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


def readers_without_digest(session: Session, *, week: str, today: date) -> Sequence[Staff]:
    """Return every active colleague who has no digest of *week* yet, by address."""
    has_one = exists(select(Digest.uid).where(Digest.staff_uid == Staff.uid, Digest.week == week))
    active = exists(
        select(StaffMembership.uid).where(
            StaffMembership.staff_uid == Staff.uid,
            StaffMembership.state == MembershipState.ACTIVE,
        )
    )
    query = (
        select(Staff)
        .where(~has_one, active)
        .options(joinedload(Staff.memberships))
        .order_by(Staff.email)
    )
    return [staff for staff in session.scalars(query).unique() if staff.actor(today) is not None]
