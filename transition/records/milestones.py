"""What became of each milestone, what a case added, and what is looked at later.

A due date that follows from a rule is never stored: it would give a birthday away.
"""

from datetime import date, datetime
from typing import Final

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, bindparam, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from transition.records.base import Versioned
from transition.records.columns import Coded, Uid, UtcDateTime
from transition.records.sealing import Sealed, SealedRow
from transition.rules.milestones import Confirmed, Outcome, OutcomeKind
from transition.rules.own_milestones import own_rule
from transition.rules.pathway import MilestoneRule, Owner, Stage


class MilestoneOutcome(Versioned, SealedRow):
    """The outcome of one milestone: done, not applicable, declined by the person, or waived.

    Putting a milestone back on the list closes its row and keeps it. A yearly one that is done
    again closes the row before, which stands again when the later one is undone.
    """

    __tablename__ = "milestone_outcome"
    __table_args__ = (
        Index(
            "one_outcome_stands",
            "case_uid",
            "code",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        CheckConstraint("(closed_at IS NULL) = (closed_by_uid IS NULL)", name="closing_is_whole"),
    )

    case_uid: Mapped[bytes] = mapped_column(ForeignKey("young_person_case.uid"), index=True)
    code: Mapped[str]
    kind: Mapped[OutcomeKind] = mapped_column(Coded(OutcomeKind))
    reason_code: Mapped[str | None]
    confirmed: Mapped[Confirmed | None] = mapped_column(Coded(Confirmed))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by_uid: Mapped[bytes] = mapped_column(ForeignKey("staff.uid"))
    replaces_uid: Mapped[bytes | None] = mapped_column(Uid)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_by_uid: Mapped[bytes | None] = mapped_column(ForeignKey("staff.uid"))

    done_on: Sealed[date | None] = Sealed.day("milestone_outcome.done_on")
    reason = Sealed.text("milestone_outcome.reason")
    evidence_note = Sealed.text("milestone_outcome.evidence_note")

    @property
    def value(self) -> Outcome:
        """The plain value that the rules speak of."""
        return Outcome(kind=self.kind, done_on=self.done_on, reason_code=self.reason_code or "")


class OwnMilestone(Versioned, SealedRow):
    """A milestone that the team added to one case. Its day is sealed: it may be a birthday."""

    __tablename__ = "own_milestone"
    __table_args__ = (UniqueConstraint("case_uid", "code", name="own_code_once"),)

    case_uid: Mapped[bytes] = mapped_column(ForeignKey("young_person_case.uid"), index=True)
    code: Mapped[str]
    stage: Mapped[Stage] = mapped_column(Coded(Stage))
    owner: Mapped[Owner] = mapped_column(Coded(Owner))
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    added_by_uid: Mapped[bytes] = mapped_column(ForeignKey("staff.uid"))

    title: Sealed[str] = Sealed.words("own_milestone.title")
    due_on: Sealed[date | None] = Sealed.day("own_milestone.due_on")

    @property
    def rule(self) -> MilestoneRule:
        """The row beside those of the pathway, with its own title."""
        return own_rule(
            self.code, stage=self.stage, owner=self.owner, due_on=self.due_on, title=self.title
        )


class Snooze(Versioned, SealedRow):
    """That a milestone is looked at again on a later day; its due date stays what it is."""

    __tablename__ = "snooze"
    __table_args__ = (
        Index(
            "one_open_snooze",
            "case_uid",
            "code",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    case_uid: Mapped[bytes] = mapped_column(ForeignKey("young_person_case.uid"), index=True)
    code: Mapped[str]
    until_on: Mapped[date]
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)
    set_by_uid: Mapped[bytes] = mapped_column(ForeignKey("staff.uid"))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    reason = Sealed.text("snooze.reason")


def own_milestones_of(session: Session, case_uid: bytes) -> list[OwnMilestone]:
    """Return the milestones that were added to a case, in order."""
    query = select(OwnMilestone).where(OwnMilestone.case_uid == case_uid)
    return list(session.scalars(query.order_by(OwnMilestone.code)))


def own_milestone(session: Session, case_uid: bytes, code: str) -> OwnMilestone | None:
    """Return a case's own milestone of this code, or None."""
    return session.scalar(
        select(OwnMilestone).where(OwnMilestone.case_uid == case_uid, OwnMilestone.code == code)
    )


def snoozes_of(session: Session, case_uid: bytes) -> dict[str, Snooze]:
    """Return what is looked at later in a case, by the milestone's code."""
    query = select(Snooze).where(Snooze.case_uid == case_uid, Snooze.ended_at.is_(None))
    return {row.code: row for row in session.scalars(query)}


def outcomes_of(session: Session, case_uid: bytes) -> dict[str, MilestoneOutcome]:
    """Return the outcome that stands for each milestone of a case, by the milestone's code."""
    return {row.code: row for row in session.scalars(STANDING, {"case": case_uid})}


def outcome_of(session: Session, case_uid: bytes, code: str) -> MilestoneOutcome | None:
    """Return the outcome that stands for one milestone of a case, or None."""
    return session.scalar(STANDS, {"case": case_uid, "code": code})


STANDING: Final = select(MilestoneOutcome).where(
    MilestoneOutcome.case_uid == bindparam("case"), MilestoneOutcome.closed_at.is_(None)
)
"""Built once: every page about a case asks it."""

STANDS: Final = STANDING.where(MilestoneOutcome.code == bindparam("code"))
"""The same of one milestone, which is asked whenever one is recorded."""
