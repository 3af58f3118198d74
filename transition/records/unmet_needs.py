"""The register of unmet needs: what was asked for and nobody could give, and how that ended."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from transition.records.base import Versioned
from transition.records.columns import Coded
from transition.records.sealing import Sealed, SealedRow
from transition.rules.handovers import Function
from transition.rules.services import ServiceKey
from transition.rules.unmet_needs import ClosedHow, reason_in_words


class UnmetNeed(Versioned, SealedRow):
    """One care function or service that nobody could give, counted by area and reason."""

    __tablename__ = "unmet_need"
    __table_args__ = (
        CheckConstraint("(closed_on IS NULL) = (closed_how IS NULL)", name="closing_is_whole"),
        CheckConstraint("(function IS NULL) <> (service_key IS NULL)", name="says_what"),
        UniqueConstraint("case_uid", "number", name="need_number_once"),
    )

    case_uid: Mapped[bytes] = mapped_column(ForeignKey("young_person_case.uid"), index=True)
    handover_uid: Mapped[bytes | None] = mapped_column(ForeignKey("handover.uid"))
    number: Mapped[int]
    function: Mapped[Function | None] = mapped_column(Coded(Function))
    service_key: Mapped[ServiceKey | None] = mapped_column(Coded(ServiceKey))
    area: Mapped[str]
    reason_code: Mapped[str]
    opened_on: Mapped[date]
    closed_on: Mapped[date | None]
    closed_how: Mapped[str | None]

    note = Sealed.text("unmet_need.note")
    closing_note = Sealed.text("unmet_need.closing_note")

    @property
    def what(self) -> str:
        """What is missing, in words."""
        if self.service_key is not None:
            return self.service_key.label
        return self.function.label if self.function is not None else ""

    @property
    def why(self) -> str:
        """Why it is missing, in words."""
        return reason_in_words(self.reason_code)

    @property
    def ended(self) -> str:
        """How it ended, in words; nothing while it stands open."""
        return ClosedHow(self.closed_how).label if self.closed_how else ""


def unmet_needs_of(session: Session, case_uid: bytes) -> list[UnmetNeed]:
    """Return the unmet needs of a case, oldest first."""
    query = select(UnmetNeed).where(UnmetNeed.case_uid == case_uid)
    return list(session.scalars(query.order_by(UnmetNeed.opened_on, UnmetNeed.number)))


def needs_of_cases(session: Session, case_uids: Collection[bytes]) -> list[UnmetNeed]:
    """Return the unmet needs of several cases, oldest first."""
    query = select(UnmetNeed).where(UnmetNeed.case_uid.in_(case_uids))
    return list(session.scalars(query.order_by(UnmetNeed.opened_on, UnmetNeed.uid)))


def next_number(session: Session, case_uid: bytes) -> int:
    """Return the number of the next need of a case; they are counted for each case."""
    highest = select(func.max(UnmetNeed.number)).where(UnmetNeed.case_uid == case_uid)
    return (session.scalar(highest) or 0) + 1
