"""Who is signed in: a row for each sign-in, so that a cookie can be revoked."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import ForeignKey, LargeBinary, bindparam, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from transition.records.base import Base
from transition.records.columns import Coded, Uid, UtcDateTime, new_uid
from transition.records.staff import Staff, StaffMembership
from transition.rules.devices import DeviceKind
from transition.rules.people import Actor, Membership, MembershipState, actor_of
from transition.rules.second_steps import HALF_LASTS

IDLE: Final = timedelta(minutes=30)
"""How long a sign-in lasts without anything being done."""

ABSOLUTE: Final = timedelta(hours=12)
"""How long a sign-in lasts at most: one shift."""

NOTICED: Final = timedelta(minutes=1)
"""How exactly it is kept when somebody was last here."""


class Ended(StrEnum):
    """Why a sign-in ended before its time was over."""

    SIGNED_OUT = "signed_out"
    ELSEWHERE = "elsewhere"
    """There were too many, and it was the oldest."""
    ENDED_BY_OWNER = "ended_by_owner"
    PASSWORD = "password"  # noqa: S105 - a reason
    ACCESS = "access"
    """Whose it was may not sign in any more."""


class SignIn(Base):
    """One sign-in. The cookie holds a random token; only its digest is kept."""

    __tablename__ = "sign_in"

    uid: Mapped[bytes] = mapped_column(Uid, primary_key=True, default=new_uid)
    token_digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    staff_uid: Mapped[bytes] = mapped_column(ForeignKey("staff.uid"), index=True)
    began_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_because: Mapped[Ended | None] = mapped_column(Coded(Ended))
    device: Mapped[DeviceKind | None] = mapped_column(Coded(DeviceKind))
    half: Mapped[bool] = mapped_column(default=False)
    """Whether only the password was shown: it opens the pages of the second step, and no more."""
    fresh_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When they last showed who they are."""
    tries: Mapped[int] = mapped_column(default=0)
    """How many second steps were wrong since then."""
    challenge: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    """What a passkey is to sign next; it is asked once."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A sign-in that nobody has ended, and whose it is."""

    uid: bytes
    began_at: datetime
    last_seen_at: datetime
    staff_uid: bytes
    name: str
    memberships: tuple[Membership, ...]
    half: bool
    fresh_at: datetime

    @property
    def until(self) -> datetime:
        """When it ends if nothing more is done."""
        return lasts_until(self.began_at, self.last_seen_at, half=self.half)

    ended_because: Ended | None = None

    @property
    def given_up(self) -> bool:
        """Whether its owner wants nothing to come from it any more."""
        return self.ended_because not in {None, Ended.ELSEWHERE, Ended.ACCESS}

    def actor(self, today: date) -> Actor | None:
        """Return who this colleague is today, or None where no role is granted."""
        return actor_of(self.staff_uid, self.name, self.memberships, today)

    def writer(self, today: date) -> Actor | None:
        """Return who wrote what comes with it: who is suspended meanwhile, as they were before."""
        held = [
            replace(one, state=MembershipState.ACTIVE)
            if one.state is MembershipState.SUSPENDED
            else one
            for one in self.memberships
        ]
        return actor_of(self.staff_uid, self.name, held, today)


def lasts_until(began_at: datetime, seen_at: datetime, *, half: bool = False) -> datetime:
    """Return when a sign-in ends if nothing more is done after *seen_at*."""
    if half:
        return began_at + HALF_LASTS
    return min(seen_at + IDLE, began_at + ABSOLUTE)


def new_token() -> str:
    """Return a fresh token for a cookie: 256 random bits."""
    return secrets.token_urlsafe(32)


def digest_of_token(token: str) -> bytes:
    """Return what is kept of *token*."""
    return hashlib.sha256(token.encode()).digest()


def find_sign_in(session: Session, token: str, *, now: datetime) -> SignedIn | None:
    """Return the sign-in that *token* belongs to while it lasts, with who it is, in one query.

    It may be half of one: whoever asks must look.
    """
    found = find_any_sign_in(session, token)
    if found is None or found.ended_because is not None:
        return None
    return found if now < found.until else None


def running_sign_ins(session: Session, staff_uid: bytes, *, now: datetime) -> Sequence[SignIn]:
    """Return the sign-ins of a colleague that last still, oldest first."""
    query = select(SignIn).where(
        SignIn.staff_uid == staff_uid,
        SignIn.ended_at.is_(None),
        SignIn.half.is_(False),
        SignIn.began_at > now - ABSOLUTE,
        SignIn.last_seen_at > now - IDLE,
    )
    return session.scalars(query.order_by(SignIn.began_at, SignIn.uid)).all()


def last_sign_in(session: Session, staff_uid: bytes, *, but: bytes) -> datetime | None:
    """Return when a colleague's newest sign-in began, *but* for one; None before the first."""
    whole = SignIn.staff_uid == staff_uid, SignIn.half.is_(False), SignIn.uid != but
    query = select(SignIn.began_at).where(*whole)
    return session.scalar(query.order_by(SignIn.began_at.desc()).limit(1))


def find_any_sign_in(session: Session, token: str) -> SignedIn | None:
    """Return the sign-in that *token* belongs to, also after its time or after it was ended."""
    rows = session.connection().execute(BY_TOKEN, {"digest": digest_of_token(token)}).all()
    if not rows:
        return None
    memberships = tuple(
        Membership(
            organisation=row.organisation,
            role=row.role,
            state=row.state,
            from_on=row.from_on,
            until_on=row.until_on,
            duty=row.duty,
        )
        for row in rows
        if row.organisation is not None
    )
    one = rows[0]
    # One that was ended before reasons were kept was signed out of.
    ended = (one.ended_because or Ended.SIGNED_OUT) if one.ended_at else None
    return SignedIn(
        uid=one.uid,
        began_at=one.began_at,
        last_seen_at=one.last_seen_at,
        staff_uid=one.staff_uid,
        name=one.name,
        memberships=memberships,
        half=one.half,
        fresh_at=one.fresh_at,
        ended_because=ended,
    )


def held_sign_in(session: Session, token: str) -> SignIn | None:
    """Return the row that *token* belongs to unless it ended, held until the work is done."""
    mine = SignIn.token_digest == digest_of_token(token), SignIn.ended_at.is_(None)
    return session.scalar(select(SignIn).where(*mine).with_for_update())


BY_TOKEN: Final = (
    select(
        SignIn.uid,
        SignIn.began_at,
        SignIn.last_seen_at,
        SignIn.half,
        SignIn.fresh_at,
        SignIn.ended_at,
        SignIn.ended_because,
        SignIn.staff_uid,
        Staff.name,
        StaffMembership.organisation,
        StaffMembership.role,
        StaffMembership.state,
        StaffMembership.from_on,
        StaffMembership.until_on,
        StaffMembership.duty,
    )
    .join(Staff, Staff.uid == SignIn.staff_uid)
    .outerjoin(StaffMembership, StaffMembership.staff_uid == SignIn.staff_uid)
    .where(SignIn.token_digest == bindparam("digest"))
    .order_by(StaffMembership.organisation, StaffMembership.role)
)
"""Built once, and as plain rows: every page asks it."""
