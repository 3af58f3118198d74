"""When a colleague is away, and who covers. An absence stops no clock: the cover gets a copy."""

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from transition.records.base import Base, Versioned
from transition.records.columns import Uid, new_uid
from transition.records.staff import Staff
from transition.rules.absences import stands_in


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
    staff: Mapped[Staff] = relationship(foreign_keys=staff_uid)
    cover: Mapped[Staff] = relationship(foreign_keys=cover_uid)

    def holds_on(self, day: date) -> bool:
        """Return whether they are away on a day, and the other may cover for them then."""
        away = self.from_on <= day <= self.until_on
        return away and stands_in(self.staff.actor(day), self.cover.actor(day))


def absences_of(session: Session, staff_uids: Collection[bytes], *, since: date) -> list[Absence]:
    """Return when any of these colleagues are away, today or later, in the order of time."""
    query = (
        select(Absence)
        .where(Absence.staff_uid.in_(staff_uids), Absence.until_on >= since)
        .order_by(Absence.from_on, Absence.until_on, Absence.uid)
    )
    return list(session.scalars(query))


def covers_of(session: Session, staff_uids: Collection[bytes], *, on: date) -> Sequence[Staff]:
    """Return who covers on a day for any of these colleagues, each once, by address."""
    away = absences_of(session, staff_uids, since=on)
    covers = {one.cover_uid: one.cover for one in away if one.holds_on(on)}
    return sorted(covers.values(), key=lambda staff: staff.email)


def covered_by(session: Session, cover_uid: bytes, *, on: date) -> list[Absence]:
    """Return who is away on a day and covered by this colleague: one absence each, by address."""
    query = (
        select(Absence)
        .where(Absence.cover_uid == cover_uid, Absence.from_on <= on, Absence.until_on >= on)
        .order_by(Absence.until_on)
    )
    away = {one.staff_uid: one for one in session.scalars(query) if one.holds_on(on)}
    return sorted(away.values(), key=lambda one: one.staff.email)
