"""What became of a case: its episodes, stages, named workers, target dates, pauses and sharing.

Measures are reckoned from these rows; they cannot be made afterwards.
"""

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, func, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from transition.records.base import Versioned
from transition.records.columns import Coded, UtcDateTime
from transition.records.sealing import Sealed, SealedRow
from transition.rules.handovers import SharingBasis
from transition.rules.pathway import Stage
from transition.rules.pauses import PauseReason


class Episode(Versioned, SealedRow):
    """One attempt at a transition; somebody who returns gets a new one in the same case."""

    __tablename__ = "episode"
    __table_args__ = (
        UniqueConstraint("case_uid", "number", name="episode_number_once"),
        Index(
            "one_open_episode",
            "case_uid",
            unique=True,
            sqlite_where=text("ended_on IS NULL"),
            postgresql_where=text("ended_on IS NULL"),
        ),
    )

    case_uid: Mapped[bytes] = mapped_column(ForeignKey("young_person_case.uid"), index=True)
    number: Mapped[int]
    began_on: Mapped[date]
    ended_on: Mapped[date | None]


class StageChange(SealedRow):
    """One change of stage, overlay or ending: history, never changed."""

    __tablename__ = "stage_change"

    case_uid: Mapped[bytes] = mapped_column(ForeignKey("young_person_case.uid"), index=True)
    event: Mapped[str]
    was: Mapped[Stage | None] = mapped_column(Coded(Stage))
    now: Mapped[Stage] = mapped_column(Coded(Stage))
    reason_code: Mapped[str | None]
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_by_uid: Mapped[bytes] = mapped_column(ForeignKey("staff.uid"))
    organisation: Mapped[str]
    by_telephone: Mapped[bool] = mapped_column(default=False)

    note = Sealed.text("stage_change.note")


class NamedWorkerSpan(Versioned, SealedRow):
    """From when to when somebody was the named worker of a case."""

    __tablename__ = "named_worker_span"
    __table_args__ = (
        Index(
            "one_named_worker",
            "case_uid",
            unique=True,
            sqlite_where=text("until_on IS NULL"),
            postgresql_where=text("until_on IS NULL"),
        ),
    )

    case_uid: Mapped[bytes] = mapped_column(ForeignKey("young_person_case.uid"), index=True)
    staff_uid: Mapped[bytes] = mapped_column(ForeignKey("staff.uid"), index=True)
    from_on: Mapped[date]
    until_on: Mapped[date | None]

    hand_on_note = Sealed.text("named_worker_span.hand_on_note")


class TargetDateChange(SealedRow):
    """One change of the target transfer date: history, never changed."""

    __tablename__ = "target_date_change"

    case_uid: Mapped[bytes] = mapped_column(ForeignKey("young_person_case.uid"), index=True)
    was_on: Mapped[date | None]
    now_on: Mapped[date | None]
    window_until_on: Mapped[date | None]
    was_set_on: Mapped[date | None]
    was_window_to: Mapped[date | None]
    reason_code: Mapped[str]
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_by_uid: Mapped[bytes] = mapped_column(ForeignKey("staff.uid"))

    note = Sealed.text("target_date_change.note")


class Pause(Versioned, SealedRow):
    """A time in which a case rested. Both its days count."""

    __tablename__ = "pause"
    __table_args__ = (
        Index(
            "one_open_pause",
            "case_uid",
            unique=True,
            sqlite_where=text("until_on IS NULL"),
            postgresql_where=text("until_on IS NULL"),
        ),
    )

    case_uid: Mapped[bytes] = mapped_column(ForeignKey("young_person_case.uid"), index=True)
    from_on: Mapped[date]
    review_on: Mapped[date]
    until_on: Mapped[date | None]
    reason_code: Mapped[str]

    note = Sealed.text("pause.note")


class Sharing(SealedRow):
    """On what basis a case is shared with another organisation: history, the newest stands."""

    __tablename__ = "sharing"

    case_uid: Mapped[bytes] = mapped_column(ForeignKey("young_person_case.uid"), index=True)
    basis: Mapped[SharingBasis] = mapped_column(Coded(SharingBasis))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by_uid: Mapped[bytes] = mapped_column(ForeignKey("staff.uid"))

    detail = Sealed.text("sharing.sharing_limits")


def episodes_of(session: Session, case_uid: bytes) -> list[Episode]:
    """Return the episodes of a case, in order."""
    query = select(Episode).where(Episode.case_uid == case_uid).order_by(Episode.number)
    return list(session.scalars(query))


def target_changes_of(session: Session, case_uid: bytes) -> list[TargetDateChange]:
    """Return the history of a case's target date, oldest first."""
    query = select(TargetDateChange).where(TargetDateChange.case_uid == case_uid)
    return list(session.scalars(query.order_by(TargetDateChange.changed_at)))


def stage_changes_of(session: Session, case_uid: bytes) -> list[StageChange]:
    """Return the history of a case's stages, oldest first."""
    query = select(StageChange).where(StageChange.case_uid == case_uid)
    return list(session.scalars(query.order_by(StageChange.changed_at)))


def proposed_at(session: Session, case_uids: Collection[bytes]) -> dict[bytes, datetime]:
    """Return when the handover of each of these cases last began, of those where one has."""
    query = (
        select(StageChange.case_uid, func.max(StageChange.changed_at))
        .where(StageChange.case_uid.in_(case_uids), StageChange.now == Stage.HANDOVER)
        .group_by(StageChange.case_uid)
    )
    return {row[0]: row[1] for row in session.execute(query)}


def named_workers_of(session: Session, case_uid: bytes) -> list[NamedWorkerSpan]:
    """Return who was and is the named worker of a case, the first of them first."""
    query = select(NamedWorkerSpan).where(NamedWorkerSpan.case_uid == case_uid)
    order = (NamedWorkerSpan.from_on, NamedWorkerSpan.until_on.is_(None))
    return list(session.scalars(query.order_by(*order)))


def handed_to(session: Session, staff_uid: bytes, *, since: date) -> list[NamedWorkerSpan]:
    """Return what was handed on to a colleague since a day and is theirs still, newest first.

    Whoever opens a case is its named worker without anybody's note.
    """
    query = select(NamedWorkerSpan).where(
        NamedWorkerSpan.staff_uid == staff_uid,
        NamedWorkerSpan.until_on.is_(None),
        NamedWorkerSpan.from_on >= since,
    )
    spans = session.scalars(query.order_by(NamedWorkerSpan.from_on.desc(), NamedWorkerSpan.uid))
    return [span for span in spans if span.hand_on_note]


def holds_of(session: Session, case_uid: bytes) -> list[Pause]:
    """Return the times in which prompts about a case were or are held for a bereaved family."""
    held = Pause.reason_code == PauseReason.FAMILY_BEREAVED.value
    return list(session.scalars(select(Pause).where(Pause.case_uid == case_uid, held)))


def open_pause_of(session: Session, case_uid: bytes) -> Pause | None:
    """Return the pause in which a case rests, or None."""
    return session.scalar(select(Pause).where(Pause.case_uid == case_uid, Pause.until_on.is_(None)))
