"""What became of each milestone. A due date is never stored: it would give a birthday away."""

from datetime import date, datetime
from typing import Final

from sqlalchemy import CheckConstraint, ForeignKey, Index, bindparam, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from transition.records.base import Versioned
from transition.records.columns import Coded, Uid, UtcDateTime
from transition.records.sealing import Sealed, SealedRow
from transition.rules.milestones import Confirmed, Outcome, OutcomeKind


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


def outcomes_of(session: Session, case_uid: bytes) -> dict[str, MilestoneOutcome]:
    """Return the outcome that stands for each milestone of a case, by the milestone's code."""
    return {row.code: row for row in session.scalars(STANDING, {"case": case_uid})}


STANDING: Final = select(MilestoneOutcome).where(
    MilestoneOutcome.case_uid == bindparam("case"), MilestoneOutcome.closed_at.is_(None)
)
"""Built once: every page about a case asks it."""
