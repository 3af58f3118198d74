"""The responsibility ledger: which service leads which care function, from when to when."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from transition.records.base import Versioned
from transition.records.columns import Coded, UtcDateTime
from transition.records.sealing import SealedRow
from transition.rules.handovers import Function
from transition.rules.ledger import LedgerSpan, Position


class LedgerRow(Versioned, SealedRow):
    """One service leads or supports one function of a case from a day on. Dated facts stay."""

    __tablename__ = "ledger_row"
    __table_args__ = (
        Index(
            "one_lead_a_function",
            "case_uid",
            "function",
            unique=True,
            sqlite_where=text("position = 'lead' AND to_on IS NULL"),
            postgresql_where=text("position = 'lead' AND to_on IS NULL"),
        ),
        CheckConstraint("to_on IS NULL OR to_on >= from_on", name="ends_after_it_begins"),
    )

    case_uid: Mapped[bytes] = mapped_column(ForeignKey("young_person_case.uid"), index=True)
    function: Mapped[Function] = mapped_column(Coded(Function))
    service: Mapped[str]
    position: Mapped[Position] = mapped_column(Coded(Position))
    from_on: Mapped[date]
    to_on: Mapped[date | None]
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)
    set_by_uid: Mapped[bytes] = mapped_column(ForeignKey("staff.uid"))

    @property
    def span(self) -> LedgerSpan:
        """The plain value that the rules speak of."""
        return LedgerSpan(self.function, self.service, self.position, self.from_on, self.to_on)


def ledger_of(session: Session, case_uid: bytes) -> list[LedgerRow]:
    """Return who leads and supports what in a case, in the order of the functions."""
    query = select(LedgerRow).where(LedgerRow.case_uid == case_uid)
    rows = session.scalars(query.order_by(LedgerRow.from_on)).all()
    order = list(Function)
    return sorted(rows, key=lambda row: order.index(row.function))
