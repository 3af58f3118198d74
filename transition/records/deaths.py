"""The record that a young person has died, and what is needed to take it back exactly."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from transition.records.base import Versioned
from transition.records.columns import UtcDateTime
from transition.records.sealing import Sealed, SealedRow


class Death(Versioned, SealedRow):
    """One record of a death: who made it, and who took it back if it was a mistake."""

    __tablename__ = "death"
    __table_args__ = (
        Index(
            "one_death_stands",
            "case_uid",
            unique=True,
            sqlite_where=text("undone_at IS NULL"),
            postgresql_where=text("undone_at IS NULL"),
        ),
        CheckConstraint("(undone_at IS NULL) = (undone_by_uid IS NULL)", name="undoing_is_whole"),
        CheckConstraint(
            "(undo_asked_at IS NULL) = (undo_asked_by_uid IS NULL)", name="asking_is_whole"
        ),
    )

    case_uid: Mapped[bytes] = mapped_column(ForeignKey("young_person_case.uid"), index=True)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by_uid: Mapped[bytes] = mapped_column(ForeignKey("staff.uid"))
    undo_asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undo_asked_by_uid: Mapped[bytes | None] = mapped_column(ForeignKey("staff.uid"))
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_by_uid: Mapped[bytes | None] = mapped_column(ForeignKey("staff.uid"))

    died_on: Sealed[date | None] = Sealed.day("death.died_on")
    told: Sealed[Any] = Sealed.json("death.who_has_been_told")
    before: Sealed[Any] = Sealed.json("death.before")
    note = Sealed.text("death.note")
    place = Sealed.text("death.place")
    told_by = Sealed.text("death.who_told_the_hospice")
    child_death_review = Sealed.text("death.child_death_review_notified")
    child_death_review_by = Sealed.text("death.child_death_review_by_whom")
    leder_considered = Sealed.text("death.leder_considered")
    bereavement_contact = Sealed.text("death.bereavement_contact")
    equipment_collection = Sealed.text("death.equipment_collection")
    checklist: Sealed[Any] = Sealed.json("death.bereavement_checklist")


def death_of(session: Session, case_uid: bytes) -> Death | None:
    """Return the record of a death that stands for a case, or None."""
    return session.scalar(
        select(Death).where(Death.case_uid == case_uid, Death.undone_at.is_(None))
    )
