"""Packs: the versions that newer ones replaced, and who has read which section of one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from transition.records.audit import AuditEntry
from transition.records.columns import Coded, UtcDateTime
from transition.records.handovers import Handover
from transition.records.sealing import Sealed, SealedRow
from transition.rules.packs import PackSection


class EarlierPack(SealedRow):
    """A version of a pack that a newer one replaced: it stays as it was sent."""

    __tablename__ = "earlier_pack"
    __table_args__ = (UniqueConstraint("handover_uid", "number", name="pack_version_once"),)

    case_uid: Mapped[bytes] = mapped_column(ForeignKey("young_person_case.uid"), index=True)
    handover_uid: Mapped[bytes] = mapped_column(ForeignKey("handover.uid"))
    number: Mapped[int]
    pack_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))

    pack: Sealed[Any] = Sealed.json("earlier_pack.pack")


class PackReading(SealedRow):
    """That somebody marked one section of one version as read."""

    __tablename__ = "pack_reading"
    __table_args__ = (
        UniqueConstraint(
            "handover_uid", "number", "section", "read_by_uid", name="read_once_by_each"
        ),
    )

    case_uid: Mapped[bytes] = mapped_column(ForeignKey("young_person_case.uid"), index=True)
    handover_uid: Mapped[bytes] = mapped_column(ForeignKey("handover.uid"))
    number: Mapped[int]
    section: Mapped[PackSection] = mapped_column(Coded(PackSection))
    read_at: Mapped[datetime] = mapped_column(UtcDateTime)
    read_by_uid: Mapped[bytes] = mapped_column(ForeignKey("staff.uid"))


def earlier_pack(session: Session, handover: Handover, number: int) -> EarlierPack | None:
    """Return one version that a newer one replaced, or None."""
    query = select(EarlierPack).where(
        EarlierPack.handover_uid == handover.uid, EarlierPack.number == number
    )
    return session.scalar(query)


def readings_of(session: Session, handover: Handover) -> Sequence[PackReading]:
    """Return which sections of any version were marked as read, the first mark first."""
    query = select(PackReading).where(PackReading.handover_uid == handover.uid)
    return session.scalars(query.order_by(PackReading.read_at, PackReading.section)).all()


def openings_of(
    session: Session, case_ref: str, handover: Handover
) -> list[tuple[bytes, datetime]]:
    """Return who of the receiver opened the newest version of a pack, and when first.

    The trail tells it, so the sender learns it even where nobody marks anything as read.
    """
    about_it = (AuditEntry.case_ref == case_ref, AuditEntry.object == handover.key)
    sent = select(func.coalesce(func.max(AuditEntry.seq), 0)).where(
        *about_it, AuditEntry.action == "pack:sent"
    )
    first = func.min(AuditEntry.at)
    query = (
        select(AuditEntry.actor, first)
        .where(
            *about_it,
            AuditEntry.action == "handover:read",
            AuditEntry.organisation == handover.receiver,
            AuditEntry.seq > sent.scalar_subquery(),
        )
        .group_by(AuditEntry.actor)
        .order_by(first)
    )
    return [(bytes.fromhex(actor), at) for actor, at in session.execute(query)]
