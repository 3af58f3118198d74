"""Questions that a receiver asks about a handover, and what was answered."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from transition.records.base import Versioned
from transition.records.columns import Coded, UtcDateTime
from transition.records.sealing import Sealed, SealedRow
from transition.rules.questions import QuestionCategory


class Question(Versioned, SealedRow):
    """One question, numbered within its handover, and its answer."""

    __tablename__ = "question"
    __table_args__ = (
        UniqueConstraint("handover_uid", "number", name="question_number_once"),
        CheckConstraint(
            "(answered_at IS NULL) = (answered_by_uid IS NULL)", name="answer_is_whole"
        ),
    )

    case_uid: Mapped[bytes] = mapped_column(ForeignKey("young_person_case.uid"), index=True)
    handover_uid: Mapped[bytes] = mapped_column(ForeignKey("handover.uid"), index=True)
    number: Mapped[int]
    category: Mapped[QuestionCategory] = mapped_column(Coded(QuestionCategory))
    needed_by: Mapped[date | None]
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    asked_by_uid: Mapped[bytes] = mapped_column(ForeignKey("staff.uid"))
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_by_uid: Mapped[bytes | None] = mapped_column(ForeignKey("staff.uid"))

    words = Sealed.words("question.words")
    answer = Sealed.text("question.answer")


def questions_of(session: Session, handover_uid: bytes) -> list[Question]:
    """Return the questions about a handover, in the order in which they were asked."""
    query = select(Question).where(Question.handover_uid == handover_uid)
    return list(session.scalars(query.order_by(Question.number)))
