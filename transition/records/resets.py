"""Who asked for another password, and the link with which it is chosen, as a digest."""

import base64
import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, Self

from sqlalchemy import ForeignKey, LargeBinary, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from transition.records.base import Base
from transition.records.columns import Uid, UtcDateTime, new_uid
from transition.records.keys import vault_of
from transition.records.sign_ins import digest_of_token
from transition.security.keyring import derive

WORKS_FOR: Final = timedelta(hours=72)
KEPT_FOR: Final = timedelta(days=30)
"""How long it is known that a link was used or came too late."""


class PasswordReset(Base):
    """One link. Of an address that is not known it has nobody's number, and goes nowhere."""

    __tablename__ = "password_reset"

    uid: Mapped[bytes] = mapped_column(Uid, primary_key=True)
    token_digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    staff_uid: Mapped[bytes | None] = mapped_column(ForeignKey("staff.uid"), index=True)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @classmethod
    def drawn(cls, session: Session, staff_uid: bytes | None, *, at: datetime) -> Self:
        """Return a new link for somebody, or for nobody."""
        uid = new_uid()
        digest = digest_of_token(token_of_reset(session, uid))
        return cls(uid=uid, token_digest=digest, staff_uid=staff_uid, asked_at=at)

    def works(self, now: datetime) -> bool:
        """Return whether it can be used."""
        return self.used_at is None and now < self.asked_at + WORKS_FOR


def token_of_reset(session: Session, uid: bytes) -> str:
    """Return the token of a link: 256 bits that nobody reckons without the key of the system.

    So the letter can be written when it goes, and again, and the token is kept nowhere.
    """
    key = derive(vault_of(session).root(session, "system"), "TF1/reset")
    return base64.urlsafe_b64encode(hmac.digest(key, uid, "sha256")).decode().rstrip("=")


def find_reset(session: Session, token: str) -> PasswordReset | None:
    """Return the link with this token, held until the work is done."""
    query = select(PasswordReset).where(PasswordReset.token_digest == digest_of_token(token))
    return session.scalar(query.with_for_update())


def waiting_resets(session: Session) -> Sequence[PasswordReset]:
    """Return the links that no letter was queued for yet, oldest first."""
    query = select(PasswordReset).where(PasswordReset.answered_at.is_(None))
    return session.scalars(query.order_by(PasswordReset.asked_at, PasswordReset.uid)).all()


def forget_old_resets(session: Session, *, now: datetime) -> None:
    """Remove links that have not worked for long."""
    session.execute(delete(PasswordReset).where(PasswordReset.asked_at < now - KEPT_FOR))
