"""When a colleague is away, and who covers. An absence stops no clock: the cover gets a copy."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from transition.records.base import Base, Versioned
from transition.records.columns import Uid, new_uid


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
