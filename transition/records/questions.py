"""Questions that a receiver asks about a handover, and what was answered."""

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint, cast, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from transition.records.audit import AuditEntry, signs_as
from transition.records.base import Versioned
from transition.records.cases import Case
from transition.records.columns import Coded, UtcDateTime
from transition.records.handovers import Handover
from transition.records.sealing import Sealed, SealedRow
from transition.rules.packs import PackSection
from transition.rules.people import Actor
from transition.rules.questions import QuestionCategory, is_new


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
    section: Mapped[PackSection | None] = mapped_column(Coded(PackSection))
    """The section of the pack that it asks about, or None for the whole."""
    needed_by: Mapped[date | None]
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    asked_by_uid: Mapped[bytes] = mapped_column(ForeignKey("staff.uid"))
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_by_uid: Mapped[bytes | None] = mapped_column(ForeignKey("staff.uid"))
    see_version: Mapped[int | None]
    """The version of the pack that answers it, where the answer points to one."""

    words = Sealed.words("question.words")
    answer = Sealed.text("question.answer")

    @property
    def answer_said(self) -> str:
        """The answer as it is read: the version that it points to, and the words."""
        see = f"See version {self.see_version} of the pack." if self.see_version else ""
        return " ".join(filter(None, (see, self.answer)))

    def is_new_to(self, reader: Actor, last_opened: datetime | None) -> bool:
        """Return whether it or its answer came from somebody else since the reader looked.

        Whoever answered it has seen it, wherever that was.
        """
        if self.answered_by_uid == reader.uid:
            return False
        came = ((self.asked_at, self.asked_by_uid), (self.answered_at, self.answered_by_uid))
        return any(is_new(at, by, to=reader.uid, last_opened=last_opened) for at, by in came)


def questions_of(session: Session, handover_uid: bytes) -> list[Question]:
    """Return the questions about a handover, in the order in which they were asked."""
    query = select(Question).where(Question.handover_uid == handover_uid)
    return list(session.scalars(query.order_by(Question.number)))


def new_questions(
    session: Session, reader: Actor, handovers: Iterable[Handover]
) -> dict[bytes, list[int]]:
    """Return the numbers of the questions that hold something new to *reader*, by handover.

    The trail tells who opened which handover when, so nothing is kept for it.
    """
    looked = (
        select(func.max(AuditEntry.at))
        .where(
            AuditEntry.case_ref == Case.reference,
            AuditEntry.object == Handover.receiver + "-" + cast(Handover.number, String),
            AuditEntry.action == "handover:read",
            AuditEntry.actor == signs_as(reader),
        )
        .correlate(Case, Handover)
        .scalar_subquery()
    )
    query = (
        select(Question, looked)
        .join(Handover, Handover.uid == Question.handover_uid)
        .join(Case, Case.uid == Question.case_uid)
        .where(Question.handover_uid.in_([one.uid for one in handovers]))
        .order_by(Question.number)
    )
    found: dict[bytes, list[int]] = {}
    for one, last_opened in session.execute(query):
        if one.is_new_to(reader, last_opened):
            found.setdefault(one.handover_uid, []).append(one.number)
    return found
