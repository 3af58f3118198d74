"""What rows that stand beside the record of a case have in common: a number, and who reads them."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy import ForeignKey, func, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from transition.records.base import Versioned
from transition.records.columns import UtcDateTime
from transition.records.sealing import SealedRow

AnyBeside = TypeVar("AnyBeside", bound="BesideRow")


class BesideRow(Versioned, SealedRow):
    """A row that a colleague wrote beside the record, numbered within its case.

    It belongs to the organisation that wrote it, and may be shared with one other.
    """

    __abstract__ = True

    case_uid: Mapped[bytes] = mapped_column(ForeignKey("young_person_case.uid"), index=True)
    number: Mapped[int]
    organisation: Mapped[str]
    shared_with: Mapped[str | None]
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)
    written_by_uid: Mapped[bytes] = mapped_column(ForeignKey("staff.uid"))


def rows_beside(
    session: Session,
    kind: type[AnyBeside],
    case_uid: bytes,
    *,
    reader: str,
    most: int | None = None,
) -> Sequence[AnyBeside]:
    """Return the rows of a kind beside a case that an organisation may read, newest first."""
    theirs = or_(kind.organisation == reader, kind.shared_with == reader)
    query = select(kind).where(kind.case_uid == case_uid, theirs)
    return session.scalars(query.order_by(kind.number.desc()).limit(most)).all()


def row_beside(
    session: Session, kind: type[AnyBeside], case_uid: bytes, number: int, *, reader: str
) -> AnyBeside | None:
    """Return one row of a kind beside a case, if an organisation may read it."""
    rows = rows_beside(session, kind, case_uid, reader=reader)
    return next((one for one in rows if one.number == number), None)


def next_number(session: Session, kind: type[BesideRow], case_uid: bytes) -> int:
    """Return the number that the next row of a kind beside a case gets."""
    last = session.scalar(select(func.max(kind.number)).where(kind.case_uid == case_uid))
    return (last or 0) + 1
