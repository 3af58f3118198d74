"""What somebody chose of their letters, and the letters that they were sent."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import ForeignKey, exists, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from transition.records.base import Base
from transition.records.cases import Case
from transition.records.columns import Coded, Uid
from transition.records.handovers import Handover
from transition.records.outbox import QueuedLetter
from transition.rules.handovers import Urgency
from transition.rules.letters import LetterChoice

MOST: Final = 50
"""How many letters are shown."""


class ChosenOfLetters(Base):
    """One thing that a colleague chose of their letters; what is not chosen has no row."""

    __tablename__ = "chosen_of_letters"

    staff_uid: Mapped[bytes] = mapped_column(Uid, ForeignKey("staff.uid"), primary_key=True)
    choice: Mapped[LetterChoice] = mapped_column(Coded(LetterChoice), primary_key=True)


def choices_of(session: Session, staff_uid: bytes) -> frozenset[LetterChoice]:
    """Return what a colleague chose of their letters."""
    query = select(ChosenOfLetters.choice).where(ChosenOfLetters.staff_uid == staff_uid)
    return frozenset(session.scalars(query))


def letters_to(session: Session, staff_uid: bytes, *, since: datetime) -> Sequence[QueuedLetter]:
    """Return the newest letters to a colleague since an instant, but for cancelled ones."""
    query = (
        select(QueuedLetter)
        .where(
            QueuedLetter.recipient_uid == staff_uid,
            QueuedLetter.queued_at >= since,
            QueuedLetter.cancelled_at.is_(None),
        )
        .order_by(QueuedLetter.queued_at.desc(), QueuedLetter.uid)
        .limit(MOST)
    )
    return session.scalars(query).all()


def is_expedited(session: Session, case_uid: bytes) -> bool:
    """Return whether a case, or a handover of it, is expedited."""
    hurried = exists().where(Handover.case_uid == Case.uid, Handover.urgency == Urgency.EXPEDITED)
    query = select(Case.uid).where(Case.uid == case_uid, or_(Case.expedited, hurried))
    return session.scalar(query) is not None
