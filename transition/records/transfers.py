"""Signatures under a transfer: who, for which side, and the transfer date that they signed."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from transition.records.base import Versioned
from transition.records.cases import Case
from transition.records.columns import Coded, UtcDateTime
from transition.records.handovers import Handover
from transition.records.sealing import Sealed, SealedRow
from transition.records.visits import JointVisit
from transition.rules.beside import VisitState
from transition.rules.handovers import AGREED
from transition.rules.outside import Told, ToldHow
from transition.rules.pathway import Stage
from transition.rules.people import Actor, Role, Side
from transition.rules.transfers import Signed, Voided, both_signed


class TransferSignature(Versioned, SealedRow):
    """One signature; it is never deleted, and a row that counts no more says why.

    Where the receiver has no sign-in, a children's lead records that somebody there confirmed the
    transfer: who, in what role, when and how. Source: ruling 6.
    """

    __tablename__ = "transfer_signature"
    __table_args__ = (
        Index(
            "one_signature_a_side",
            "handover_uid",
            "side",
            unique=True,
            sqlite_where=text("voided_at IS NULL"),
            postgresql_where=text("voided_at IS NULL"),
        ),
        CheckConstraint("(voided_at IS NULL) = (voided IS NULL)", name="voided_with_reason"),
        CheckConstraint(
            "(confirmed_on IS NULL) = (confirmed_how IS NULL)", name="confirmation_is_whole"
        ),
    )

    case_uid: Mapped[bytes] = mapped_column(ForeignKey("young_person_case.uid"), index=True)
    handover_uid: Mapped[bytes] = mapped_column(ForeignKey("handover.uid"), index=True)
    side: Mapped[Side] = mapped_column(Coded(Side))
    organisation: Mapped[str]
    role: Mapped[Role] = mapped_column(Coded(Role))
    transfer_on: Mapped[date]
    signed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    signed_by_uid: Mapped[bytes] = mapped_column(ForeignKey("staff.uid"))
    voided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    voided: Mapped[Voided | None] = mapped_column(Coded(Voided))
    confirmed_on: Mapped[date | None]
    confirmed_how: Mapped[ToldHow | None] = mapped_column(Coded(ToldHow))

    confirmed_by = Sealed.text("transfer_signature.confirmed_by")
    confirmed_as = Sealed.text("transfer_signature.confirmed_as")

    @property
    def told(self) -> Told | None:
        """Who at a provider outside confirmed the transfer; None where somebody signed here."""
        if self.confirmed_on is None or self.confirmed_how is None:
            return None
        return Told(
            by=self.confirmed_by or "",
            role=self.confirmed_as or "",
            on=self.confirmed_on,
            how=self.confirmed_how,
        )

    @property
    def value(self) -> Signed:
        """The plain value that the rules speak of: who signed, as what they signed."""
        roles = frozenset({self.role})
        return Signed(Actor(self.signed_by_uid, "", self.organisation, roles), self.transfer_on)


def signatures_of(session: Session, handover_uid: bytes) -> list[TransferSignature]:
    """Return every signature under a handover, oldest first, those that count no more included."""
    query = select(TransferSignature).where(TransferSignature.handover_uid == handover_uid)
    return list(session.scalars(query.order_by(TransferSignature.signed_at, TransferSignature.uid)))


def standing_signatures(session: Session, case_uid: bytes) -> list[TransferSignature]:
    """Return the signatures that count in a case, the earlier first."""
    query = select(TransferSignature).where(
        TransferSignature.case_uid == case_uid, TransferSignature.voided_at.is_(None)
    )
    return list(session.scalars(query.order_by(TransferSignature.signed_at, TransferSignature.uid)))


@dataclass(frozen=True, slots=True)
class Moving:
    """A case that gets to know its next hospice, its handover, and what both sides did so far."""

    case: Case
    handover: Handover
    signed: tuple[Signed, ...]
    met: bool
    """Whether a joint visit is planned or was held."""

    @property
    def waits(self) -> bool:
        """Whether it still waits for a signature."""
        return not both_signed(self.signed)


def moving_cases(session: Session) -> list[Moving]:
    """Return the cases that run and have an agreed handover with a date, in their order."""
    query = (
        select(Case, Handover)
        .join(Handover, Handover.case_uid == Case.uid)
        .where(
            Case.stage == Stage.MOVING,
            Case.ending.is_(None),
            ~Case.paused,
            Case.target_transfer_on.is_not(None),
            Handover.state.in_(AGREED),
            Handover.leads,
        )
        .order_by(Case.reference)
    )
    rows = session.execute(query).all()
    uids = [handover.uid for _, handover in rows]
    signed: dict[bytes, list[Signed]] = {uid: [] for uid in uids}
    standing = select(TransferSignature).where(
        TransferSignature.handover_uid.in_(uids), TransferSignature.voided_at.is_(None)
    )
    for one in session.scalars(standing.order_by(TransferSignature.signed_at)):
        signed[one.handover_uid].append(one.value)
    visited = set(
        session.scalars(
            select(JointVisit.case_uid).where(
                JointVisit.case_uid.in_([case.uid for case, _ in rows]),
                JointVisit.state.in_([VisitState.PLANNED, VisitState.HELD]),
            )
        )
    )
    return [
        Moving(case, handover, tuple(signed[handover.uid]), case.uid in visited)
        for case, handover in rows
    ]
