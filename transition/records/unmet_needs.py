"""The register of unmet needs: what was asked for and nobody could give, and how that ended."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from transition.records.base import Versioned
from transition.records.columns import Coded
from transition.records.sealing import Sealed, SealedRow
from transition.rules.handovers import Function


class UnmetNeed(Versioned, SealedRow):
    """One care function that a receiver could not take on, counted by area and reason."""

    __tablename__ = "unmet_need"
    __table_args__ = (
        CheckConstraint("(closed_on IS NULL) = (closed_how IS NULL)", name="closing_is_whole"),
    )

    case_uid: Mapped[bytes] = mapped_column(ForeignKey("young_person_case.uid"), index=True)
    handover_uid: Mapped[bytes | None] = mapped_column(ForeignKey("handover.uid"))
    function: Mapped[Function] = mapped_column(Coded(Function))
    area: Mapped[str]
    reason_code: Mapped[str]
    opened_on: Mapped[date]
    closed_on: Mapped[date | None]
    closed_how: Mapped[str | None]

    note = Sealed.text("unmet_need.note")


def unmet_needs_of(session: Session, case_uid: bytes) -> list[UnmetNeed]:
    """Return the unmet needs of a case, oldest first."""
    query = select(UnmetNeed).where(UnmetNeed.case_uid == case_uid)
    return list(session.scalars(query.order_by(UnmetNeed.opened_on, UnmetNeed.function)))
