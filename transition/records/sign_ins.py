"""Who is signed in: a row for each sign-in, so that a cookie can be revoked."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ForeignKey, LargeBinary, bindparam, select
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from transition.records.base import Base
from transition.records.columns import Uid, UtcDateTime, new_uid
from transition.records.staff import Staff

IDLE: Final = timedelta(minutes=30)
"""How long a sign-in lasts without anything being done."""

ABSOLUTE: Final = timedelta(hours=12)
"""How long a sign-in lasts at most: one shift."""

NOTICED: Final = timedelta(minutes=1)
"""How exactly it is kept when somebody was last here."""


class SignIn(Base):
    """One sign-in. The cookie holds a random token; only its digest is kept."""

    __tablename__ = "sign_in"

    uid: Mapped[bytes] = mapped_column(Uid, primary_key=True, default=new_uid)
    token_digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    staff_uid: Mapped[bytes] = mapped_column(ForeignKey("staff.uid"), index=True)
    began_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    staff: Mapped[Staff] = relationship()

    def lasts_until(self) -> datetime:
        """Return when this sign-in ends if nothing more is done."""
        return min(self.last_seen_at + IDLE, self.began_at + ABSOLUTE)


def new_token() -> str:
    """Return a fresh token for a cookie: 256 random bits."""
    return secrets.token_urlsafe(32)


def digest_of_token(token: str) -> bytes:
    """Return what is kept of *token*."""
    return hashlib.sha256(token.encode()).digest()


def find_sign_in(session: Session, token: str, *, now: datetime) -> SignIn | None:
    """Return the sign-in that *token* belongs to while it lasts, with who it is, in one query."""
    found = find_unended(session, token)
    return found if found is not None and now < found.lasts_until() else None


def find_unended(session: Session, token: str) -> SignIn | None:
    """Return the sign-in that *token* belongs to, also after its time, unless somebody ended it."""
    found = session.scalars(BY_TOKEN, {"digest": digest_of_token(token)})
    return found.unique().one_or_none()


BY_TOKEN: Final = (
    select(SignIn)
    .where(SignIn.token_digest == bindparam("digest"), SignIn.ended_at.is_(None))
    .options(joinedload(SignIn.staff).joinedload(Staff.memberships))
)
"""Built once: every page asks it."""
