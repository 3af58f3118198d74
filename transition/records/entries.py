"""What the lists of the case record have in common: entries that are added and taken away."""

from datetime import datetime
from typing import TypeVar

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from transition.records.base import Versioned
from transition.records.columns import UtcDateTime
from transition.records.sealing import SealedRow


class Entry(Versioned, SealedRow):
    """One entry of a list. What is taken away stays in the table, so that it can be undone."""

    __abstract__ = True

    case_uid: Mapped[bytes] = mapped_column(ForeignKey("young_person_case.uid"), index=True)
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


AnEntry = TypeVar("AnEntry", bound=Entry)


def entries_of(session: Session, case_uid: bytes, kind: type[AnEntry]) -> list[AnEntry]:
    """Return the entries of one kind that stand in a case, in the order in which they came."""
    query = select(kind).where(kind.case_uid == case_uid, kind.removed_at.is_(None))
    return list(session.scalars(query.order_by(kind.added_at, kind.uid)))
