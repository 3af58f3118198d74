"""The outbox: every letter is a row, written with what caused it and carried afterwards."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from transition.records.base import Base, Versioned
from transition.records.columns import Uid, UtcDateTime, new_uid
from transition.records.staff import Staff


class QueuedLetter(Versioned, Base):
    """One letter to one colleague: codes and a reference; its words are written when it is sent."""

    __tablename__ = "queued_letter"
    __table_args__ = (
        CheckConstraint("sent_at IS NULL OR cancelled_at IS NULL", name="sent_or_cancelled"),
        Index("prompt_once", "prompt_key", unique=True),
    )

    uid: Mapped[bytes] = mapped_column(Uid, primary_key=True, default=new_uid)
    kind: Mapped[str]
    recipient_uid: Mapped[bytes] = mapped_column(ForeignKey("staff.uid"), index=True)
    case_uid: Mapped[bytes | None] = mapped_column(ForeignKey("young_person_case.uid"), index=True)
    about: Mapped[str]
    message_id: Mapped[str] = mapped_column(unique=True)
    queued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    not_before: Mapped[datetime] = mapped_column(UtcDateTime)
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    tries: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failed_code: Mapped[str | None]
    prompt_key: Mapped[bytes | None] = mapped_column(LargeBinary(16))
    """A keyed digest of what a prompt is about, to whom and when: the same is never sent twice."""
    recipient: Mapped[Staff] = relationship()


def letters_to_send(session: Session, *, now: datetime, most: int = 50) -> Sequence[QueuedLetter]:
    """Return letters that wait to be carried and that nobody has claimed, oldest first."""
    query = (
        select(QueuedLetter)
        .where(
            QueuedLetter.sent_at.is_(None),
            QueuedLetter.cancelled_at.is_(None),
            QueuedLetter.failed_code.is_(None),
            QueuedLetter.not_before <= now,
            or_(QueuedLetter.claimed_until.is_(None), QueuedLetter.claimed_until < now),
        )
        .order_by(QueuedLetter.queued_at, QueuedLetter.uid)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    return session.scalars(query).all()


def letter_of(session: Session, uid: bytes) -> QueuedLetter:
    """Return one letter."""
    return session.get_one(QueuedLetter, uid)
