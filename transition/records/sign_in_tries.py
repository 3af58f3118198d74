"""How many wrong passwords there were: by account, by browser, by source and by hour.

Who and where from is kept as a keyed digest, which nobody can read back.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Index, LargeBinary, bindparam, delete, func, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from transition.records.base import Base
from transition.records.columns import Coded, UtcDateTime
from transition.records.keys import vault_of
from transition.rules.throttling import ALARMING, TOLD_FOR, TryKind, next_try_at, starts_anew


class SignInTry(Base):
    """How many wrong passwords were counted by one thing, and when the first and last were."""

    __tablename__ = "sign_in_try"
    __table_args__ = (Index("tries_by_kind", "kind", "began_at"),)

    key: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    kind: Mapped[TryKind] = mapped_column(Coded(TryKind))
    count: Mapped[int]
    began_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_at: Mapped[datetime] = mapped_column(UtcDateTime)

    def add(self, now: datetime) -> None:
        """Count one more; what is long ago is forgotten first."""
        if starts_anew(self.kind, began_at=self.began_at, last_at=self.last_at, now=now):
            self.count, self.began_at = 0, now
        self.count += 1
        self.last_at = now

    def opens_at(self, now: datetime) -> datetime:
        """Return from when on another password is looked at."""
        if starts_anew(self.kind, began_at=self.began_at, last_at=self.last_at, now=now):
            return now
        last_at = min(self.last_at, now)
        return next_try_at(self.kind, self.count, began_at=self.began_at, last_at=last_at)


BEGIN: Final = text(
    "INSERT INTO sign_in_try (key, kind, count, began_at, last_at) "
    "VALUES (:key, :kind, 0, :now, :now) ON CONFLICT (key) DO NOTHING"
).bindparams(bindparam("now", type_=UtcDateTime()))


def keys_of(session: Session, whose: Mapping[TryKind, str]) -> dict[TryKind, bytes]:
    """Return under which keyed digest it is counted whose tries they are, by kind."""
    index = vault_of(session).index(session, "sign_in_try")
    return {kind: index.of(f"{kind.value} {each}") for kind, each in whose.items()}


def held_try(session: Session, kind: TryKind, whose: str, *, now: datetime) -> SignInTry:
    """Return what is counted of one thing, held until the work is done."""
    return held_tries(session, keys_of(session, {kind: whose}), now=now)[kind]


def held_tries(
    session: Session, keys: Mapping[TryKind, bytes], *, now: datetime
) -> dict[TryKind, SignInTry]:
    """Return what is counted by each of these, held until the work is done."""
    for kind, key in sorted(keys.items(), key=lambda pair: pair[1]):
        session.execute(BEGIN, {"key": key, "kind": kind.value, "now": now})
    query = select(SignInTry).where(SignInTry.key.in_(keys.values())).order_by(SignInTry.key)
    rows = session.scalars(query.with_for_update().execution_options(populate_existing=True))
    return {row.kind: row for row in rows}


def forget_old_tries(session: Session, *, now: datetime) -> None:
    """Remove what was counted longer ago than anybody is told of it."""
    session.execute(delete(SignInTry).where(SignInTry.last_at < now - TOLD_FOR))


def alarming_hours(session: Session, *, now: datetime) -> int:
    """Return how many wrong passwords there were in the worst hour of the last day, if alarming."""
    query = select(func.max(SignInTry.count)).where(
        SignInTry.kind == TryKind.HOUR, SignInTry.began_at > now - TOLD_FOR
    )
    most = session.scalar(query) or 0
    return most if most >= ALARMING else 0


def hour_of(now: datetime) -> str:
    """Return the name of the hour in which *now* lies."""
    return (now - timedelta(minutes=now.minute)).strftime("%Y-%m-%dT%H")
