"""How many young people an adult hospice usually takes on in a month."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from transition.records.base import Base, Versioned
from transition.records.columns import UtcDateTime


class UsualNumber(Versioned, Base):
    """What one hospice said of itself; a number that was cleared is none."""

    __tablename__ = "usual_number"
    __table_args__ = (CheckConstraint("number BETWEEN 1 AND 30", name="number_of_a_month"),)

    organisation: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int | None]
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)
    set_by_uid: Mapped[bytes] = mapped_column(ForeignKey("staff.uid"))


def usual_number_of(session: Session, organisation: str) -> UsualNumber | None:
    """Return what a hospice said last, or None where it has said nothing."""
    return session.get(UsualNumber, organisation)


def usual_numbers(session: Session) -> dict[str, int]:
    """Return the usual number of each hospice that has one, by its key."""
    query = select(UsualNumber).where(UsualNumber.number.is_not(None))
    return {one.organisation: one.number or 0 for one in session.scalars(query)}
