"""Early notices: what was told to which hospice of somebody who was not named."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Select, func, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from transition.records.base import Versioned
from transition.records.cases import DENIED, OPEN, Case, asked_by
from transition.records.columns import UtcDateTime
from transition.records.keys import vault_of
from transition.records.sealing import Sealed, SealedRow
from transition.rules.early_notices import BEFORE, Notice
from transition.rules.handovers import Function
from transition.rules.people import Actor


class EarlyNotice(Versioned, SealedRow):
    """One notice to one hospice; it stands until it is taken back."""

    __tablename__ = "early_notice"
    __table_args__ = (
        Index(
            "one_notice_stands",
            "case_uid",
            "receiver",
            unique=True,
            sqlite_where=text("taken_back_at IS NULL"),
            postgresql_where=text("taken_back_at IS NULL"),
        ),
        CheckConstraint("(seen_at IS NULL) = (seen_by_uid IS NULL)", name="seeing_is_whole"),
    )

    case_uid: Mapped[bytes] = mapped_column(ForeignKey("young_person_case.uid"), index=True)
    receiver: Mapped[str] = mapped_column(index=True)
    quarter_on: Mapped[date]
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_by_uid: Mapped[bytes] = mapped_column(ForeignKey("staff.uid"))
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    seen_by_uid: Mapped[bytes | None] = mapped_column(ForeignKey("staff.uid"))
    taken_back_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    functions = Sealed.json("early_notice.functions")
    complex_care = Sealed.json("early_notice.complex_care")

    @property
    def likely(self) -> tuple[Function, ...]:
        """What is likely to be asked for."""
        return tuple(Function(code) for code in self.functions)


def notices_of(session: Session, case_uid: bytes) -> list[EarlyNotice]:
    """Return the notices that stand of one case, oldest first."""
    query = select(EarlyNotice).where(
        EarlyNotice.case_uid == case_uid, EarlyNotice.taken_back_at.is_(None)
    )
    return list(session.scalars(query.order_by(EarlyNotice.sent_at, EarlyNotice.uid)))


def notices_to(session: Session, reader: Actor) -> list[EarlyNotice]:
    """Return the notices to the reader's hospice that stand and still tell something.

    Whoever has ended or was proposed since is none of them, nor a case denied to the reader.
    """
    query = _standing(reader, EarlyNotice).order_by(EarlyNotice.quarter_on, EarlyNotice.uid)
    rows = list(session.scalars(query, asked_by(reader)))
    vault_of(session).ciphers(session, [row.case_uid for row in rows])
    return rows


def number_announced_to(session: Session, reader: Actor) -> int:
    """Return how many such notices there are, without opening any."""
    return session.scalar(_standing(reader, func.count()), asked_by(reader)) or 0


def _standing(reader: Actor, what: Any) -> Select[Any]:  # noqa: ANN401 - the rows, or their number
    return (
        select(what)
        .select_from(EarlyNotice)
        .join(Case, Case.uid == EarlyNotice.case_uid)
        .where(
            EarlyNotice.receiver == reader.organisation,
            EarlyNotice.taken_back_at.is_(None),
            OPEN,
            ~DENIED,
            Case.stage.in_(BEFORE),
        )
    )


def told_by(notices: list[EarlyNotice]) -> list[Notice]:
    """Return what these notices say."""
    return [
        Notice(
            quarter=one.quarter_on,
            functions=one.likely,
            complex_care=one.complex_care,
            seen=one.seen_at is not None,
        )
        for one in notices
    ]
