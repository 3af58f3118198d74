"""Alerts: a sentence that stands on every page of a case until it is ended."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import ForeignKey, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from transition.records.beside import BesideRow
from transition.records.columns import UtcDateTime
from transition.records.sealing import Sealed


class CaseAlert(BesideRow):
    """One alert, with the day on which somebody asks whether it still holds.

    It is for everybody who reads the case, so it is shared with no one in particular.
    """

    __tablename__ = "case_alert"
    __table_args__ = (UniqueConstraint("case_uid", "number", name="alert_number_once"),)

    review_on: Mapped[date]
    reviewed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reviewed_by_uid: Mapped[bytes] = mapped_column(ForeignKey("staff.uid"))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    words = Sealed.words("alert.words")


def alerts_of(session: Session, case_uid: bytes) -> Sequence[CaseAlert]:
    """Return the alerts that stand on the pages of a case, oldest first."""
    query = select(CaseAlert).where(CaseAlert.case_uid == case_uid, CaseAlert.ended_at.is_(None))
    return session.scalars(query.order_by(CaseAlert.number)).all()
