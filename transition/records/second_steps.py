"""What somebody shows besides their password: an app, passkeys, and codes for when both are lost.

Nothing of it hangs on a case, so what is secret or private is sealed under the system's key.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    LargeBinary,
    UniqueConstraint,
    func,
    select,
)
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from transition.records.base import Base, Versioned
from transition.records.columns import Coded, Uid, UtcDateTime, new_uid
from transition.records.keys import vault_of
from transition.records.sealing import Sealed, SystemRow
from transition.records.staff import Staff
from transition.records.stamp import mode_of
from transition.rules.second_steps import SeenHow, shown_in_words
from transition.security.index import BlindIndex
from transition.security.passkeys import Made


class AuthenticatorApp(Versioned, SystemRow):
    """A secret that somebody's app knows too. It counts from its first code on."""

    __tablename__ = "authenticator_app"
    __table_args__ = (
        UniqueConstraint("staff_uid", "counts", name="one_app_each"),
        CheckConstraint("NOT counts OR last_step IS NOT NULL", name="counts_from_its_first_code"),
    )

    staff_uid: Mapped[bytes] = mapped_column(ForeignKey("staff.uid"))
    counts: Mapped[bool]
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_step: Mapped[int | None]
    """The step of the last code that was taken: that code, and those before it, are used up."""
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    seed: Sealed[str] = Sealed.words("authenticator_app.seed")


class Passkey(Versioned, SystemRow):
    """A key pair that never leaves somebody's device; we keep what proves an answer of it."""

    __tablename__ = "passkey"

    staff_uid: Mapped[bytes] = mapped_column(ForeignKey("staff.uid"), index=True)
    number_digest: Mapped[bytes] = mapped_column(LargeBinary(16), unique=True)
    count: Mapped[int] = mapped_column(BigInteger)
    """How often it says it was used; a copy of it counts on from where it was copied."""
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    name: Sealed[str] = Sealed.words("passkey.name")
    number: Sealed[str] = Sealed.words("passkey.number")
    public_key: Sealed[str] = Sealed.words("passkey.public_key")

    @property
    def made(self) -> Made:
        """What proves an answer of it."""
        number, key = (urlsafe_b64decode(f"{one}==") for one in (self.number, self.public_key))
        return Made(number, key, self.count)


class RecoveryCode(Base):
    """A code that works once. Only its keyed digest is kept."""

    __tablename__ = "recovery_code"
    __table_args__ = (UniqueConstraint("staff_uid", "code_digest", name="one_code_once"),)

    uid: Mapped[bytes] = mapped_column(Uid, primary_key=True, default=new_uid)
    staff_uid: Mapped[bytes] = mapped_column(ForeignKey("staff.uid"))
    code_digest: Mapped[bytes] = mapped_column(LargeBinary(16))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SeenInPerson(Base):
    """Who lost their second step, and which colleague has seen them; the newest one counts."""

    __tablename__ = "seen_in_person"

    uid: Mapped[bytes] = mapped_column(Uid, primary_key=True, default=new_uid)
    staff_uid: Mapped[bytes] = mapped_column(ForeignKey("staff.uid"), index=True)
    seen_by_uid: Mapped[bytes] = mapped_column(ForeignKey("staff.uid"))
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    how: Mapped[SeenHow] = mapped_column(Coded(SeenHow))
    reset_by_uid: Mapped[bytes | None] = mapped_column(ForeignKey("staff.uid"))
    reset_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    seen_by: Mapped[Staff] = relationship(foreign_keys=seen_by_uid)


@dataclass(frozen=True, slots=True)
class SecondSteps:
    """What somebody can show besides their password."""

    app: AuthenticatorApp | None
    passkeys: tuple[Passkey, ...]
    codes_left: int

    @property
    def number(self) -> int:
        """How many there are, without the codes for when they are lost."""
        return len(self.passkeys) + (self.app is not None)


def second_steps_of(session: Session, staff_uid: bytes) -> SecondSteps:
    """Return what somebody can show besides their password."""
    passkeys = select(Passkey).where(Passkey.staff_uid == staff_uid).order_by(Passkey.made_at)
    unused = RecoveryCode.staff_uid == staff_uid, RecoveryCode.used_at.is_(None)
    return SecondSteps(
        app_of(session, staff_uid, counts=True),
        tuple(session.scalars(passkeys)),
        session.scalar(select(func.count()).select_from(RecoveryCode).where(*unused)) or 0,
    )


def has_passkey(session: Session, staff_uid: bytes | None) -> bool:
    """Return whether somebody has a passkey."""
    return (
        session.scalar(select(Passkey.uid).where(Passkey.staff_uid == staff_uid).limit(1))
        is not None
    )


def shown_besides(session: Session) -> dict[bytes, str]:
    """Return in words what each colleague shows besides a password, of all who show it."""
    counting = select(AuthenticatorApp.staff_uid).where(AuthenticatorApp.counts)
    apps, keys = set(session.scalars(counting)), set(session.scalars(select(Passkey.staff_uid)))
    return {uid: shown_in_words(app=uid in apps, passkeys=uid in keys) for uid in apps | keys}


def app_of(session: Session, staff_uid: bytes, *, counts: bool) -> AuthenticatorApp | None:
    """Return somebody's app, held until the work is done: the one that counts, or is to count."""
    mine = AuthenticatorApp.staff_uid == staff_uid, AuthenticatorApp.counts.is_(counts)
    return session.scalar(select(AuthenticatorApp).where(*mine).with_for_update())


def passkey_called(session: Session, staff_uid: bytes, number: str) -> Passkey | None:
    """Return somebody's passkey of this number, as browsers write it, held until all is done."""
    digest = digest_of_number(session, number)
    mine = Passkey.staff_uid == staff_uid, Passkey.number_digest == digest
    return session.scalar(select(Passkey).where(*mine).with_for_update())


def unused_code(session: Session, staff_uid: bytes, code: str) -> RecoveryCode | None:
    """Return somebody's recovery code if it is one and unused, held until the work is done."""
    mine = RecoveryCode.staff_uid == staff_uid, RecoveryCode.used_at.is_(None)
    digest = RecoveryCode.code_digest == digest_of_code(session, code)
    return session.scalar(select(RecoveryCode).where(*mine, digest).with_for_update())


def needs_second_step(session: Session, staff_uid: bytes) -> bool:
    """Return whether the password alone lets somebody in half: with a second step, or really.

    Only a demonstration lets people in who have none. Source: ruling 34.
    """
    return mode_of(session) != "demo" or second_steps_of(session, staff_uid).number > 0


def seen_in_person(session: Session, staff_uid: bytes) -> SeenInPerson | None:
    """Return the newest note that somebody was seen in person, unless it was acted on."""
    query = select(SeenInPerson).where(SeenInPerson.staff_uid == staff_uid)
    newest = session.scalars(query.order_by(SeenInPerson.seen_at.desc()).limit(1)).first()
    return newest if newest is not None and newest.reset_at is None else None


def digest_of_number(session: Session, number: str) -> bytes:
    """Return the keyed digest of a passkey's number, as browsers write it."""
    return BlindIndex(vault_of(session).root(session, "system"), "passkey.number").of(number)


def digest_of_code(session: Session, code: str) -> bytes:
    """Return the keyed digest of a recovery code in its one written form."""
    return BlindIndex(vault_of(session).root(session, "system"), "recovery_code.code").of(code)


def written(number: bytes) -> str:
    """Return bytes as browsers write them."""
    return urlsafe_b64encode(number).decode().rstrip("=")
