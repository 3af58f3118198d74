"""Brothers and sisters: cases that belong to one family. A link is two rows, one for each case."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from transition.records.cases import Case
from transition.records.columns import UtcDateTime
from transition.records.sealing import SealedRow


class LinkedCase(SealedRow):
    """That a case is linked with another; the other has the same the other way round."""

    __tablename__ = "linked_case"
    __table_args__ = (
        UniqueConstraint("case_uid", "other_uid", name="linked_once"),
        CheckConstraint("case_uid <> other_uid", name="linked_with_another"),
    )

    case_uid: Mapped[bytes] = mapped_column(ForeignKey("young_person_case.uid"), index=True)
    other_uid: Mapped[bytes] = mapped_column(ForeignKey("young_person_case.uid"))
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)
    set_by_uid: Mapped[bytes] = mapped_column(ForeignKey("staff.uid"))


def linked_cases_of(session: Session, case_uid: bytes) -> Sequence[Case]:
    """Return the cases that a case is linked with, by reference.

    They are the same organisation's. Whether a reader may see each is asked elsewhere.
    """
    query = (
        select(Case)
        .join(LinkedCase, LinkedCase.other_uid == Case.uid)
        .where(LinkedCase.case_uid == case_uid)
        .order_by(Case.reference)
    )
    return session.scalars(query).all()


def link_between(session: Session, first: bytes, second: bytes) -> list[LinkedCase]:
    """Return both rows of the link between two cases, or none."""
    pairs = LinkedCase.case_uid.in_((first, second)), LinkedCase.other_uid.in_((first, second))
    return list(session.scalars(select(LinkedCase).where(*pairs)))
