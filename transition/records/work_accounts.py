"""Whose work account is whose, as a keyed digest, and who was sent to a provider just now."""

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from transition.records.base import Base
from transition.records.columns import Coded, Uid, UtcDateTime, new_uid
from transition.records.keys import vault_of
from transition.records.sealing import Sealed, SystemRow
from transition.records.sign_ins import digest_of_token
from transition.records.staff import Staff
from transition.rules.work_accounts import ASK_LASTS, Purpose
from transition.security.index import BlindIndex
from transition.security.issuers import Asked, Shown
from transition.security.keyring import derive


class WorkAccount(Base):
    """The one work account with which a colleague signs in: provider and number, as a digest."""

    __tablename__ = "work_account"

    uid: Mapped[bytes] = mapped_column(Uid, primary_key=True, default=new_uid)
    staff_uid: Mapped[bytes] = mapped_column(ForeignKey("staff.uid"), unique=True)
    subject_digest: Mapped[bytes] = mapped_column(LargeBinary(16), unique=True)
    linked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    staff: Mapped[Staff] = relationship()


class WorkAccountAsk(SystemRow):
    """That a browser was sent to a provider. It is removed when it comes back, whatever it says."""

    __tablename__ = "work_account_ask"

    token_digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    organisation: Mapped[str]
    purpose: Mapped[Purpose] = mapped_column(Coded(Purpose))
    staff_uid: Mapped[bytes | None] = mapped_column(ForeignKey("staff.uid"))
    """Who was signed in; nobody where that is what it is about."""
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)

    back: Sealed[str] = Sealed.words("work_account_ask.back")
    """Where they wanted to go, or the link of their invitation."""


@dataclass(frozen=True)
class Ask:
    """What a browser that came back had been sent for."""

    asked: Asked
    purpose: Purpose
    staff_uid: bytes | None
    asked_at: datetime
    back: str


def asked_with(session: Session, token: str) -> Asked:
    """Return what a question carries. It follows from the browser's token and a root key.

    So neither the database nor the browser alone knows it, and it is kept nowhere.
    """
    root = vault_of(session).root(session, "system")
    parts = (derive(root, f"TF1/work-account/{one}/{token}") for one in ("state", "nonce", "code"))
    return Asked(*(urlsafe_b64encode(one).decode().rstrip("=") for one in parts))


def held_ask(session: Session, token: str) -> WorkAccountAsk | None:
    """Return for what the browser of this token was sent away, held until the work is done."""
    its = WorkAccountAsk.token_digest == digest_of_token(token)
    return session.scalar(select(WorkAccountAsk).where(its).with_for_update())


def forget_old_asks(session: Session, *, now: datetime) -> None:
    """Remove whatever nobody can come back for any more."""
    late = WorkAccountAsk.asked_at <= now - ASK_LASTS
    session.execute(delete(WorkAccountAsk).where(late))


def work_account_shown(session: Session, shown: Shown) -> WorkAccount | None:
    """Return the work account that a provider has shown, if it is a colleague's."""
    its = WorkAccount.subject_digest == digest_of_subject(session, shown)
    return session.scalar(select(WorkAccount).where(its))


def work_account_of(session: Session, staff_uid: bytes) -> WorkAccount | None:
    """Return the work account of a colleague."""
    return session.scalar(select(WorkAccount).where(WorkAccount.staff_uid == staff_uid))


def forget_work_account(session: Session, staff_uid: bytes) -> None:
    """Forget with which work account a colleague signed in."""
    session.execute(delete(WorkAccount).where(WorkAccount.staff_uid == staff_uid))


def digest_of_subject(session: Session, shown: Shown) -> bytes:
    """Return the keyed digest of a provider and its number for somebody."""
    index = BlindIndex(vault_of(session).root(session, "system"), "work_account.subject")
    return index.of(f"{shown.issuer} {shown.subject}")
