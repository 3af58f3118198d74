"""How a case ended otherwise than with a death: what was answered, who confirmed it, what follows.

An ending that needs a second person has no effect before they have spoken.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from transition.records.base import Versioned
from transition.records.cases import Case
from transition.records.columns import Coded, UtcDateTime
from transition.records.sealing import Sealed, SealedRow
from transition.rules.closings import QUESTIONS, Answers, is_pending
from transition.rules.stages import Ending


class Closing(Versioned, SealedRow):
    """One ending of a case, until it is lifted: taken back, or the case opened again."""

    __tablename__ = "closing"
    __table_args__ = (
        Index(
            "one_closing_stands",
            "case_uid",
            unique=True,
            sqlite_where=text("lifted_at IS NULL"),
            postgresql_where=text("lifted_at IS NULL"),
        ),
        CheckConstraint(
            "(confirmed_at IS NULL) = (confirmed_by_uid IS NULL)", name="confirming_is_whole"
        ),
        CheckConstraint(
            "(finished_at IS NULL) = (finished_by_uid IS NULL)", name="finishing_is_whole"
        ),
        CheckConstraint("(lifted_at IS NULL) = (lifted_by_uid IS NULL)", name="lifting_is_whole"),
    )

    case_uid: Mapped[bytes] = mapped_column(ForeignKey("young_person_case.uid"), index=True)
    ending: Mapped[Ending] = mapped_column(Coded(Ending))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by_uid: Mapped[bytes] = mapped_column(ForeignKey("staff.uid"))
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    confirmed_by_uid: Mapped[bytes | None] = mapped_column(ForeignKey("staff.uid"))
    look_again_on: Mapped[date | None]
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_by_uid: Mapped[bytes | None] = mapped_column(ForeignKey("staff.uid"))
    lifted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lifted_by_uid: Mapped[bytes | None] = mapped_column(ForeignKey("staff.uid"))

    reason = Sealed.text("closing.reason")
    decided_on: Sealed[date | None] = Sealed.day("closing.decided_on")
    capacity_basis = Sealed.text("closing.capacity_basis")
    information_given = Sealed.text("closing.information_given")
    who_remains_responsible = Sealed.text("closing.who_remains_responsible")
    offer_again_on: Sealed[date | None] = Sealed.day("closing.offer_again_on")
    new_area = Sealed.text("closing.new_area")
    service_found = Sealed.text("closing.service_found")
    receiving_service = Sealed.text("closing.receiving_service")
    gp_changed = Sealed.text("closing.gp_changed")
    pack_sent_on: Sealed[date | None] = Sealed.day("closing.pack_sent_on")
    receipt_confirmed_on: Sealed[date | None] = Sealed.day("closing.receipt_confirmed_on")
    family_called_on: Sealed[date | None] = Sealed.day("closing.family_called_on")
    appeal = Sealed.text("closing.appeal")
    signposting = Sealed.text("closing.signposting")
    provider = Sealed.text("closing.provider")
    provider_contact = Sealed.text("closing.provider_contact")
    provider_responsibilities = Sealed.text("closing.provider_responsibilities")
    instead_reference = Sealed.text("closing.instead_reference")
    note = Sealed.text("closing.note")
    finished_because = Sealed.text("closing.finished_because")
    before: Sealed[Any] = Sealed.json("closing.before")

    @property
    def answers(self) -> Answers:
        """What was answered, by the name of the question."""
        return {one.name: getattr(self, one.name) for one in QUESTIONS[self.ending]}

    @property
    def pending(self) -> bool:
        """Whether it waits for the word of a second person."""
        return is_pending(self.ending, confirmed=self.confirmed_at is not None)


def closing_of(session: Session, case_uid: bytes) -> Closing | None:
    """Return the ending that stands for a case, or waits to be confirmed, or None."""
    query = select(Closing).where(Closing.case_uid == case_uid, Closing.lifted_at.is_(None))
    return session.scalar(query)


def looked_after(session: Session) -> frozenset[bytes]:
    """Return the cases that have ended and are to be looked at again: somebody must do that."""
    query = (
        select(Closing.case_uid)
        .join(Case, Case.uid == Closing.case_uid)
        .where(
            Closing.lifted_at.is_(None),
            Closing.finished_at.is_(None),
            Closing.look_again_on.is_not(None),
            Closing.ending == Case.ending,
        )
    )
    return frozenset(session.scalars(query))
