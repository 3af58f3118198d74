"""Drafts: what somebody has begun to write, kept sealed until it is finished."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ForeignKey, UniqueConstraint, bindparam, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from transition.records.base import Versioned
from transition.records.cases import Case
from transition.records.columns import Uid, UtcDateTime
from transition.records.sealing import Sealed, SealedRow


class Draft(Versioned, SealedRow):
    """One colleague's half-written work of one kind.

    A draft of a case that is not open yet already uses that case's number and key.
    """

    __tablename__ = "draft"
    __table_args__ = (UniqueConstraint("staff_uid", "kind", name="one_draft_of_a_kind"),)

    case_uid: Mapped[bytes] = mapped_column(Uid, index=True)
    staff_uid: Mapped[bytes] = mapped_column(ForeignKey("staff.uid"))
    kind: Mapped[str]
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)

    body: Sealed[Any] = Sealed.json("draft.body")


def draft_of(session: Session, staff_uid: bytes | None, kind: str) -> Draft | None:
    """Return what a colleague has begun to write of *kind*."""
    return session.scalar(BEGUN, {"writer": staff_uid, "kind": kind})


def drafts_about_cases(session: Session, staff_uid: bytes) -> Sequence[tuple[Draft, str]]:
    """Return what a colleague has begun to write about open cases, with their references."""
    query = (
        select(Draft, Case.reference)
        .join(Case, Case.uid == Draft.case_uid)
        .where(Draft.staff_uid == staff_uid, Case.ending.is_(None))
        .order_by(Draft.written_at, Draft.uid)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


BEGUN: Final = select(Draft).where(
    Draft.staff_uid == bindparam("writer", type_=Uid()), Draft.kind == bindparam("kind")
)
"""Built once: whatever is done ends with it."""
