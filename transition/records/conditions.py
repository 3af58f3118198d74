"""Conditions under which a receiver accepts: each has an owner and a day, as a milestone has."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from transition.records.base import Versioned
from transition.records.columns import Coded, UtcDateTime
from transition.records.sealing import Sealed, SealedRow
from transition.rules.handovers import Function
from transition.rules.people import Side


class Condition(Versioned, SealedRow):
    """One condition, numbered within its case; one that *must* be met blocks signing."""

    __tablename__ = "condition"
    __table_args__ = (
        UniqueConstraint("case_uid", "number", name="condition_number_once"),
        CheckConstraint("(met_at IS NULL) = (met_by_uid IS NULL)", name="meeting_is_whole"),
    )

    case_uid: Mapped[bytes] = mapped_column(ForeignKey("young_person_case.uid"), index=True)
    handover_uid: Mapped[bytes] = mapped_column(ForeignKey("handover.uid"), index=True)
    number: Mapped[int]
    function: Mapped[Function] = mapped_column(Coded(Function))
    owner: Mapped[Side] = mapped_column(Coded(Side))
    needed_by: Mapped[date]
    must: Mapped[bool]
    met_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    met_by_uid: Mapped[bytes | None] = mapped_column(ForeignKey("staff.uid"))

    words = Sealed.words("condition.words")


def conditions_of(session: Session, case_uid: bytes) -> list[Condition]:
    """Return the conditions that were set in a case, in the order of their numbers."""
    query = select(Condition).where(Condition.case_uid == case_uid)
    return list(session.scalars(query.order_by(Condition.number)))
