"""What is recorded after a transfer: first contacts, and check-ins."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from transition.records.beside import BesideRow
from transition.records.columns import Coded, UtcDateTime
from transition.records.sealing import Sealed
from transition.rules.settling import (
    Attempt,
    CheckInKind,
    CheckInOutcome,
    ContactKind,
    ContactResult,
    Feedback,
)


class FirstContact(BesideRow):
    """One contact of the adult hospice after the transfer, and what followed if it was missed."""

    __tablename__ = "first_contact"
    __table_args__ = (UniqueConstraint("case_uid", "number", name="first_contact_number_once"),)

    handover_uid: Mapped[bytes] = mapped_column(ForeignKey("handover.uid"), index=True)
    kind: Mapped[ContactKind] = mapped_column(Coded(ContactKind))
    result: Mapped[ContactResult] = mapped_column(Coded(ContactResult))
    happened_on: Mapped[date]
    joint_call_on: Mapped[date | None]
    home_visit_offered_on: Mapped[date | None]
    gp_told_on: Mapped[date | None]
    planned_on: Mapped[date | None]
    taken_back_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    note = Sealed.text("first_contact.note")
    plan = Sealed.text("first_contact.plan")

    @property
    def attempt(self) -> Attempt:
        """The plain value that the rules speak of."""
        return Attempt(
            number=self.number,
            tried_on=self.happened_on,
            result=self.result,
            joint_call_on=self.joint_call_on,
            home_visit_offered_on=self.home_visit_offered_on,
            gp_told_on=self.gp_told_on,
            planned_on=self.planned_on,
        )


class CheckIn(BesideRow):
    """One check-in with the young person and family, and how it is going."""

    __tablename__ = "check_in"
    __table_args__ = (
        UniqueConstraint("case_uid", "number", name="check_in_number_once"),
        CheckConstraint("(talked_on IS NULL) = (talked_by_uid IS NULL)", name="talk_is_whole"),
    )

    handover_uid: Mapped[bytes] = mapped_column(ForeignKey("handover.uid"), index=True)
    kind: Mapped[CheckInKind] = mapped_column(Coded(CheckInKind))
    outcome: Mapped[CheckInOutcome] = mapped_column(Coded(CheckInOutcome))
    happened_on: Mapped[date]
    feedback: Mapped[Feedback | None] = mapped_column(Coded(Feedback))
    talked_on: Mapped[date | None]
    talked_by_uid: Mapped[bytes | None] = mapped_column(ForeignKey("staff.uid"))
    taken_back_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    their_words = Sealed.text("check_in.their_words")
    note = Sealed.text("check_in.note")
    feedback_words = Sealed.text("check_in.feedback_words")
    talked = Sealed.text("check_in.talked")


AnyEntry = TypeVar("AnyEntry", FirstContact, CheckIn)


def entries_of(
    session: Session, kind: type[AnyEntry], handover_uids: Collection[bytes]
) -> Sequence[AnyEntry]:
    """Return the contacts or check-ins after these handovers that stand, by day."""
    query = select(kind).where(kind.handover_uid.in_(handover_uids), kind.taken_back_at.is_(None))
    return session.scalars(query.order_by(kind.happened_on, kind.number)).all()
