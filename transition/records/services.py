"""The services map of a case: a row for each service of which something is recorded."""

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from transition.records.base import Versioned
from transition.records.columns import Coded, UtcDateTime
from transition.records.sealing import Sealed, SealedRow
from transition.rules.services import Needed, ServiceFacts, ServiceKey, ServiceStatus


class MappedService(Versioned, SealedRow):
    """One service: whether it is needed, who gives it now, who will, and how far that has come."""

    __tablename__ = "mapped_service"
    __table_args__ = (
        UniqueConstraint("case_uid", "service_key", name="service_once"),
        CheckConstraint("status <> 'disputed' OR escalate_on IS NOT NULL", name="dispute_has_day"),
    )

    case_uid: Mapped[bytes] = mapped_column(ForeignKey("young_person_case.uid"), index=True)
    service_key: Mapped[ServiceKey] = mapped_column(Coded(ServiceKey))
    needed: Mapped[Needed] = mapped_column(Coded(Needed))
    status: Mapped[ServiceStatus] = mapped_column(Coded(ServiceStatus))
    referred_on: Mapped[date | None]
    expected_start: Mapped[date | None]
    escalate_on: Mapped[date | None]
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)
    set_by_uid: Mapped[bytes] = mapped_column(ForeignKey("staff.uid"))

    childrens_provider = Sealed.text("service.childrens_provider")
    childrens_contact = Sealed.text("service.childrens_contact")
    adult_counterpart = Sealed.text("service.adult_counterpart")
    adult_contact = Sealed.text("service.adult_contact")
    gap_note = Sealed.text("service.gap_note")

    @property
    def facts(self) -> ServiceFacts:
        """The plain value that the rules speak of."""
        return ServiceFacts(
            key=self.service_key,
            needed=self.needed,
            status=self.status,
            adult_counterpart=self.adult_counterpart,
            gap_note=self.gap_note,
            referred_on=self.referred_on,
            expected_start=self.expected_start,
            escalate_on=self.escalate_on,
        )


def services_of(session: Session, case_uid: bytes) -> dict[ServiceKey, MappedService]:
    """Return what is recorded of each service of a case, in the order of the map."""
    query = select(MappedService).where(MappedService.case_uid == case_uid)
    rows = {row.service_key: row for row in session.scalars(query)}
    return {key: rows[key] for key in ServiceKey if key in rows}


def facts_of(rows: Iterable[MappedService]) -> list[ServiceFacts]:
    """Return the plain values of some rows."""
    return [row.facts for row in rows]
