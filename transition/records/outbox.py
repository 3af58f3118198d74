"""The outbox: every letter is a row, written with what caused it and carried afterwards."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    LargeBinary,
    func,
    or_,
    select,
    update,
)
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

    def is_claimed(self, now: datetime) -> bool:
        """Return whether it still waits to go, and whoever claimed it may carry it."""
        over = self.sent_at or self.cancelled_at or self.failed_code
        return not over and self.claimed_until is not None and self.claimed_until > now


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


def cancel_letters_about(session: Session, case_uid: bytes, *, at: datetime) -> None:
    """Cancel every letter about a case that has not gone, one that a worker has claimed included.

    What a prompt was about is free again: should it still be owed later, it can be sent.
    """
    _cancel(session, QueuedLetter.case_uid == case_uid, at=at)


def cancel_prompts_about(session: Session, case_uid: bytes, *, at: datetime) -> None:
    """Cancel every prompt about a case that has not gone; what it was about is free again."""
    _cancel(session, QueuedLetter.case_uid == case_uid, QueuedLetter.prompt_key.is_not(None), at=at)


def cancel_letters_to(session: Session, staff_uid: bytes, *, at: datetime) -> None:
    """Cancel every letter to a colleague that has not gone."""
    _cancel(session, QueuedLetter.recipient_uid == staff_uid, at=at)


def _cancel(session: Session, *which: ColumnElement[bool], at: datetime) -> None:
    waits = (
        QueuedLetter.sent_at.is_(None),
        QueuedLetter.cancelled_at.is_(None),
        QueuedLetter.failed_code.is_(None),
    )
    session.execute(
        update(QueuedLetter)
        .where(*which, *waits)
        .values(cancelled_at=at, prompt_key=None, version=QueuedLetter.version + 1)
    )


def prompts_known(session: Session, keys: Collection[bytes]) -> set[bytes]:
    """Return which of these prompts were queued before, whatever became of them."""
    query = select(QueuedLetter.prompt_key).where(QueuedLetter.prompt_key.in_(keys))
    return {key for key in session.scalars(query) if key is not None}


@dataclass(frozen=True, slots=True)
class Outstanding:
    """How many letters failed for good since a day, and how many have waited too long."""

    failed: int
    waiting: int


def outstanding_letters(
    session: Session, *, failed_since: datetime, waiting_since: datetime
) -> Outstanding:
    """Return how many letters queued since an instant failed, and how many wait from before one."""
    waits = QueuedLetter.sent_at.is_(None), QueuedLetter.cancelled_at.is_(None)
    failed = QueuedLetter.failed_code.is_not(None), QueuedLetter.queued_at >= failed_since
    late = QueuedLetter.failed_code.is_(None), QueuedLetter.queued_at <= waiting_since
    count = select(func.count()).select_from(QueuedLetter).where(*waits)
    return Outstanding(
        failed=session.scalar(count.where(*failed)) or 0,
        waiting=session.scalar(count.where(*late)) or 0,
    )
