"""When each job of the timetable last ran, and whether it could."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session, mapped_column

from transition.records.base import Base
from transition.records.columns import UtcDateTime
from transition.rules.heartbeats import Beat, JobName


class Heartbeat(Base):
    """One job: when it last ran to its end, and what stopped it if it did not since."""

    __tablename__ = "heartbeat"

    job: Mapped[str] = mapped_column(primary_key=True)
    ran_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    fault: Mapped[str | None]


def beats_of(session: Session) -> dict[JobName, Beat]:
    """Return how each job of the timetable stands; one that never ran has an empty beat."""
    rows = {row.job: row for row in session.scalars(select(Heartbeat))}
    return {
        job: Beat(row.ran_at, row.failed_at, row.fault) if (row := rows.get(job)) else Beat()
        for job in JobName
    }


def keep_beat(session: Session, job: JobName, beat: Beat) -> None:
    """Write down how a job stands."""
    session.merge(
        Heartbeat(job=job.value, ran_at=beat.ran_at, failed_at=beat.failed_at, fault=beat.fault)
    )


def last_ran_at(session: Session) -> datetime | None:
    """Return since when nothing that runs at every tick is behind; None if one never ran."""
    ran = [beat.ran_at for job, beat in beats_of(session).items() if not job.nightly]
    known = [at for at in ran if at is not None]
    return min(known) if len(known) == len(ran) else None
