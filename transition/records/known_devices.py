"""Which browsers somebody has signed in with before: a digest of a token that says nothing."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ForeignKey, LargeBinary, UniqueConstraint, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from transition.records.base import Base
from transition.records.columns import Uid, UtcDateTime, new_uid

KNOWN_FOR: Final = timedelta(days=180)
"""How long a browser is known after somebody last signed in with it."""


class KnownDevice(Base):
    """One colleague has signed in wholly in one browser; on a shared computer several have."""

    __tablename__ = "known_device"
    __table_args__ = (UniqueConstraint("token_digest", "staff_uid", name="known_once"),)

    uid: Mapped[bytes] = mapped_column(Uid, primary_key=True, default=new_uid)
    token_digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    staff_uid: Mapped[bytes] = mapped_column(ForeignKey("staff.uid"), index=True)
    signed_in_at: Mapped[datetime] = mapped_column(UtcDateTime)


def known_device(
    session: Session, token_digest: bytes, staff_uid: bytes, *, now: datetime
) -> KnownDevice | None:
    """Return that a colleague is known in the browser of this token, while it is."""
    query = select(KnownDevice).where(
        KnownDevice.token_digest == token_digest,
        KnownDevice.staff_uid == staff_uid,
        KnownDevice.signed_in_at > now - KNOWN_FOR,
    )
    return session.scalar(query)


def has_known_device(session: Session, staff_uid: bytes) -> bool:
    """Return whether a colleague has signed in anywhere before."""
    query = select(KnownDevice.uid).where(KnownDevice.staff_uid == staff_uid).limit(1)
    return session.scalar(query) is not None


def is_handed_out(session: Session, token_digest: bytes) -> bool:
    """Return whether a browser keeps a token that we gave it."""
    query = select(KnownDevice.uid).where(KnownDevice.token_digest == token_digest).limit(1)
    return session.scalar(query) is not None


def forget_old_devices(session: Session, *, now: datetime) -> None:
    """Remove the browsers in which nobody has signed in for so long that they are not known."""
    session.execute(delete(KnownDevice).where(KnownDevice.signed_in_at <= now - KNOWN_FOR))
