"""What both hospices agree on after a transfer: the first word alone has no effect."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from transition.records.base import Versioned
from transition.records.columns import Coded, UtcDateTime
from transition.records.sealing import Sealed, SealedRow
from transition.rules.outside import Told
from transition.rules.people import Actor, Role, Side
from transition.rules.settling import Agreed


class Agreement(Versioned, SealedRow):
    """One hospice's word that a transition is completed, or that somebody comes back."""

    __tablename__ = "agreement"
    __table_args__ = (
        Index(
            "one_word_a_side",
            "handover_uid",
            "what",
            "side",
            unique=True,
            sqlite_where=text("withdrawn_at IS NULL"),
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
        CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_by_uid IS NULL)", name="withdrawing_is_whole"
        ),
    )

    case_uid: Mapped[bytes] = mapped_column(ForeignKey("young_person_case.uid"), index=True)
    handover_uid: Mapped[bytes] = mapped_column(ForeignKey("handover.uid"), index=True)
    what: Mapped[Agreed] = mapped_column(Coded(Agreed))
    side: Mapped[Side] = mapped_column(Coded(Side))
    organisation: Mapped[str]
    role: Mapped[Role] = mapped_column(Coded(Role))
    agreed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    agreed_by_uid: Mapped[bytes] = mapped_column(ForeignKey("staff.uid"))
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_by_uid: Mapped[bytes | None] = mapped_column(ForeignKey("staff.uid"))

    reason = Sealed.text("agreement.reason")
    told: Sealed[Any] = Sealed.json("agreement.told")

    @property
    def as_told(self) -> Told | None:
        """Who at a provider outside said so; None where somebody signed here."""
        return Told.read(self.told) if self.told else None

    @property
    def by(self) -> Actor:
        """Who agreed, as what they did."""
        return Actor(self.agreed_by_uid, "", self.organisation, frozenset({self.role}))


def agreements_of(session: Session, handover_uid: bytes) -> list[Agreement]:
    """Return the words that stand after a handover's transfer, the earlier first."""
    query = select(Agreement).where(
        Agreement.handover_uid == handover_uid, Agreement.withdrawn_at.is_(None)
    )
    return list(session.scalars(query.order_by(Agreement.agreed_at, Agreement.uid)))
