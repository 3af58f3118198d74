"""Handovers between organisations, with one answer for each function that is asked for."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    UniqueConstraint,
    column,
    select,
    table,
    text,
)
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from transition.clock import local_day
from transition.records.base import Versioned
from transition.records.columns import Coded, UtcDateTime
from transition.records.sealing import Sealed, SealedRow
from transition.rules.handovers import (
    AfterNo,
    Answer,
    Function,
    HandoverState,
    Urgency,
    handover_key,
)
from transition.rules.outside import Told

STUBS: Final = (HandoverState.DECLINED, HandoverState.WITHDRAWN, HandoverState.SUPERSEDED)
"""The states after which a receiver keeps a stub."""


class Handover(Versioned, SealedRow):
    """One handover of a case to a receiver: the exchange between two organisations."""

    __tablename__ = "handover"
    __table_args__ = (
        UniqueConstraint("case_uid", "receiver", "number", name="handover_number_once"),
        Index(
            "one_open_lead_handover",
            "case_uid",
            unique=True,
            sqlite_where=text("leads AND closed_at IS NULL"),
            postgresql_where=text("leads AND closed_at IS NULL"),
        ),
        CheckConstraint(
            "(decided_at IS NULL) = (decided_by_uid IS NULL)", name="decision_is_whole"
        ),
        CheckConstraint(
            "(proposed_at IS NULL) = (proposed_by_uid IS NULL)", name="proposal_is_whole"
        ),
    )

    case_uid: Mapped[bytes] = mapped_column(ForeignKey("young_person_case.uid"), index=True)
    receiver: Mapped[str] = mapped_column(index=True)
    number: Mapped[int]
    leads: Mapped[bool] = mapped_column(default=True)
    state: Mapped[HandoverState] = mapped_column(Coded(HandoverState))
    urgency: Mapped[Urgency] = mapped_column(Coded(Urgency))
    target_on: Mapped[date | None]
    reply_by: Mapped[date | None]
    proposed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    proposed_by_uid: Mapped[bytes | None] = mapped_column(ForeignKey("staff.uid"))
    acknowledged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    acknowledged_by_uid: Mapped[bytes | None] = mapped_column(ForeignKey("staff.uid"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by_uid: Mapped[bytes | None] = mapped_column(ForeignKey("staff.uid"))
    adult_worker_uid: Mapped[bytes | None] = mapped_column(ForeignKey("staff.uid"))
    adult_worker_by: Mapped[date | None]
    first_contact_on: Mapped[date | None]
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reply_promised_on: Mapped[date | None]
    after_no: Mapped[AfterNo | None] = mapped_column(Coded(AfterNo))
    after_no_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answers: Mapped[list["FunctionAnswer"]] = relationship(order_by="FunctionAnswer.function")

    pack: Sealed[Any] = Sealed.json("handover.pack")
    pack_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    pack_version: Mapped[int] = mapped_column(default=1)
    why = Sealed.text("handover.why_this_hospice")
    call = Sealed.text("handover.telephone_call")
    closing_note = Sealed.text("handover.closing_note")
    provider: Sealed[Any] = Sealed.json("handover.provider")
    """Of a provider outside: its name, and what was told by whom; nothing of another receiver."""

    family_told_on: Mapped[date | None]
    family_told_by = Sealed.text("handover.family_told_by")
    disputed_on: Mapped[date | None]
    """Since when the children's hospice does not agree with a No: then both leads talk."""
    talked_on: Mapped[date | None]
    talked = Sealed.text("handover.leads_talked")

    by_telephone: Sealed[Any] = Sealed.json("handover.by_telephone")
    """What a receiver who signs in said otherwise, until they say it here; it decides nothing."""

    @property
    def said(self) -> tuple[Told, str] | None:
        """Who at the receiver said what, before they say it here themselves."""
        kept = self.by_telephone
        return (Told.read(kept["told"]), kept["words"]) if kept else None

    @property
    def outside(self) -> bool:
        """Whether its receiver does not sign in, so that what they say is recorded as told."""
        return getattr(self, Handover.provider.column) is not None

    @property
    def provider_name(self) -> str | None:
        """What the provider outside is called."""
        return self.provider["name"] if self.outside else None

    @property
    def provider_worker(self) -> str | None:
        """Who the named worker of a provider outside is, where it has said so."""
        return self.provider.get("worker") if self.outside else None

    @property
    def names_worker(self) -> bool:
        """Whether it is known who the adult named worker will be."""
        return self.adult_worker_uid is not None or bool(self.provider_worker)

    @property
    def told(self) -> dict[str, Told]:
        """What a provider outside said, by what it was about, with who told it."""
        said = self.provider["told"] if self.outside else {}
        return {about: Told.read(kept) for about, kept in said.items()}

    @property
    def key(self) -> str:
        """The part of its address that names it among the handovers of its case."""
        return handover_key(self.receiver, self.number)

    @property
    def supports_from(self) -> date | None:
        """The day from which its receiver supports beside the lead, once it has said that it will.

        What waits for a condition begins later; None for who leads.
        """
        if self.leads or self.decided_at is None:
            return None
        return max(local_day(self.decided_at), self.target_on or date.min)

    @property
    def taken(self) -> list[Function]:
        """What the receiver has said it will take on."""
        yes = {Answer.ACCEPT, Answer.ACCEPT_WITH_CONDITIONS}
        return [row.function for row in self.answers if row.answer in yes]


class FunctionAnswer(Versioned, SealedRow):
    """One care function that is asked for, and what the receiver answers."""

    __tablename__ = "function_answer"
    __table_args__ = (UniqueConstraint("handover_uid", "function", name="one_answer_a_function"),)

    case_uid: Mapped[bytes] = mapped_column(ForeignKey("young_person_case.uid"), index=True)
    handover_uid: Mapped[bytes] = mapped_column(ForeignKey("handover.uid"))
    function: Mapped[Function] = mapped_column(Coded(Function))
    answer: Mapped[Answer | None] = mapped_column(Coded(Answer))
    reason_code: Mapped[str | None]

    note = Sealed.text("function_answer.note")


class ClockStop(Versioned, SealedRow):
    """A time in which the clock of a handover stood still; both its days are stopped."""

    __tablename__ = "clock_stop"
    __table_args__ = (
        Index(
            "one_open_clock_stop",
            "handover_uid",
            unique=True,
            sqlite_where=text("until_on IS NULL"),
            postgresql_where=text("until_on IS NULL"),
        ),
        CheckConstraint("until_on IS NULL OR until_on >= from_on", name="ends_after_it_begins"),
    )

    case_uid: Mapped[bytes] = mapped_column(ForeignKey("young_person_case.uid"), index=True)
    handover_uid: Mapped[bytes] = mapped_column(ForeignKey("handover.uid"))
    cause: Mapped[str]
    from_on: Mapped[date]
    until_on: Mapped[date | None]


def handovers_of(session: Session, case_uid: bytes) -> list[Handover]:
    """Return the handovers of a case, oldest first."""
    query = select(Handover).where(Handover.case_uid == case_uid)
    return list(session.scalars(query.order_by(Handover.proposed_at, Handover.number)))


def find_handover(
    session: Session, case_uid: bytes, *, receiver: str, number: int
) -> Handover | None:
    """Return one handover of a case that its reader has already been given."""
    query = select(Handover).where(
        Handover.case_uid == case_uid, Handover.receiver == receiver, Handover.number == number
    )
    return session.scalar(query)


def open_lead_handover(session: Session, case_uid: bytes) -> Handover | None:
    """Return the open lead handover of a case; the database allows one."""
    query = select(Handover).where(
        Handover.case_uid == case_uid, Handover.leads, Handover.closed_at.is_(None)
    )
    return session.scalar(query)


def handovers_seen_by(
    session: Session, organisation: str, case_uids: Collection[bytes]
) -> list[Handover]:
    """Return the proposed handovers of these cases that *organisation* sent or was sent."""
    received = Handover.receiver == organisation
    sent = Handover.case_uid.in_(
        select(column("uid"))
        .select_from(table("young_person_case", column("uid"), column("organisation")))
        .where(column("organisation") == organisation)
    )
    query = (
        select(Handover)
        .where(Handover.case_uid.in_(case_uids), Handover.proposed_at.is_not(None), received | sent)
        .order_by(Handover.reply_by, Handover.proposed_at)
    )
    return list(session.scalars(query))


def open_stops_of(session: Session, case_uid: bytes, cause: str) -> list[ClockStop]:
    """Return the times, not over yet, for which *cause* stops clocks of a case's handovers."""
    query = select(ClockStop).where(
        ClockStop.case_uid == case_uid, ClockStop.cause == cause, ClockStop.until_on.is_(None)
    )
    return list(session.scalars(query))
