"""What a database is for, demonstration or real people. Stamped once, never changed."""

from datetime import datetime

from sqlalchemy import CheckConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from transition.records.base import Base
from transition.records.columns import UtcDateTime


class DatabaseStamp(Base):
    """The one row that says whether this database holds real people."""

    __tablename__ = "database_stamp"
    __table_args__ = (
        CheckConstraint("number = 1", name="only_one"),
        CheckConstraint("mode IN ('demo', 'production')", name="mode_known"),
    )

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=1)
    mode: Mapped[str]
    stamped_at: Mapped[datetime] = mapped_column(UtcDateTime)


def mode_of(session: Session) -> str | None:
    """Return ``demo`` or ``production``, or None where nothing was stamped yet."""
    return session.scalar(select(DatabaseStamp.mode))
