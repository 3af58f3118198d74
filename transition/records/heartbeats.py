"""When each job of the timetable last ran, and whether it could."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from transition.records.base import Base
from transition.records.columns import UtcDateTime


class Heartbeat(Base):
    """One job: when it last ran to its end, and what stopped it if it did not since."""

    __tablename__ = "heartbeat"

    job: Mapped[str] = mapped_column(primary_key=True)
    ran_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    fault: Mapped[str | None]
