"""When a colleague is away, and who covers. An absence stops no clock: the cover gets a copy."""

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from transition.records.base import Base, Versioned
from transition.records.columns import Uid, new_uid
from transition.records.staff import Staff


class Absence(Versioned, Base):
    """One colleague is away from a day to a day, both included, and another covers."""

    __tablename__ = "absence"
    __table_args__ = (
        CheckConstraint("until_on >= from_on", name="ends_after_it_begins"),
        CheckConstraint("staff_uid <> cover_uid", name="covered_by_another"),
    )

    uid: Mapped[bytes] = mapped_column(Uid, primary_key=True, default=new_uid)
    staff_uid: Mapped[bytes] = mapped_column(ForeignKey("staff.uid"), index=True)
    cover_uid: Mapped[bytes] = mapped_column(ForeignKey("staff.uid"))
    from_on: Mapped[date]
    until_on: Mapped[date]


def covers_of(session: Session, staff_uids: Collection[bytes], *, on: date) -> Sequence[Staff]:
    """Return who covers on a day for any of these colleagues, each once, by address."""
    query = (
        select(Staff)
        .join(Absence, Absence.cover_uid == Staff.uid)
        .where(Absence.staff_uid.in_(staff_uids), Absence.from_on <= on, Absence.until_on >= on)
        .order_by(Staff.email)
    )
    return session.scalars(query.distinct()).all()


def covered_by(session: Session, cover_uid: bytes, *, on: date) -> Sequence[Staff]:
    """Return the colleagues who are away on a day and for whom this one covers, by address."""
    query = (
        select(Staff)
        .join(Absence, Absence.staff_uid == Staff.uid)
        .where(Absence.cover_uid == cover_uid, Absence.from_on <= on, Absence.until_on >= on)
        .order_by(Staff.email)
    )
    return session.scalars(query.distinct()).all()
