"""Wrapped keys, and the vault that unwraps them once and keeps them for a short while.

A case has a key of its own, drawn at random, so that destroying it destroys what the case says. The
key itself is kept only wrapped by the key ring, which never lies in the database.
"""

import secrets
from collections import OrderedDict
from collections.abc import Callable, Collection
from datetime import datetime
from threading import Lock
from typing import Final
from weakref import WeakKeyDictionary

from sqlalchemy import CheckConstraint, Engine, LargeBinary, PrimaryKeyConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from transition.records.base import Base
from transition.records.columns import Uid, UtcDateTime
from transition.records.kept import Kept
from transition.security.fields import CaseCipher
from transition.security.index import BlindIndex
from transition.security.keyring import KeyRing, MissingKey, Purpose

KEY_LENGTH: Final = 32
"""Bytes of a key."""

KEPT_KEYS: Final = 2048
"""How many unwrapped case keys a process keeps at most (about 5 MB)."""

KEPT_SECONDS: Final = 300
"""How long an unwrapped key is kept; an erased case is unreadable everywhere after it."""

NOBODY: Final = bytes(16)
"""Stands for the case where a key belongs to none."""

ROOTS: Final[tuple[Purpose, ...]] = ("index", "trail", "system")
"""The keys that belong to no case: of the blind indexes, of the trail, of what hangs on no case."""


class CaseKey(Base):
    """The wrapped key of one case; a new version is added when a key is changed."""

    __tablename__ = "case_key"
    __table_args__ = (
        PrimaryKeyConstraint("case_uid", "version"),
        CheckConstraint("length(wrapped) = 72", name="wrapped_whole"),
    )

    case_uid: Mapped[bytes] = mapped_column(Uid)
    version: Mapped[int]
    kek_id: Mapped[bytes] = mapped_column(LargeBinary(8), index=True)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary(72))
    active: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class RootKey(Base):
    """A wrapped key that belongs to no case."""

    __tablename__ = "root_key"
    __table_args__ = (CheckConstraint("length(wrapped) = 72", name="wrapped_whole"),)

    purpose: Mapped[str] = mapped_column(primary_key=True)
    kek_id: Mapped[bytes] = mapped_column(LargeBinary(8))
    wrapped: Mapped[bytes] = mapped_column(LargeBinary(72))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Erased(KeyError):
    """A case's key is gone, and with it everything the case said."""


class Vault:
    """Opens case keys and keeps them for a short while; one for each process and database."""

    def __init__(self, ring: KeyRing, *, ticks: Callable[[], float]) -> None:
        self._ring = ring
        self._ticks = ticks
        self.kept = Kept(ticks=ticks)
        """What was made of opened cases; it is forgotten together with their keys."""
        self._kept: OrderedDict[bytes, tuple[float, CaseCipher]] = OrderedDict()
        self._roots: dict[str, bytes] = {}
        self._lock = Lock()

    @property
    def ring(self) -> KeyRing:
        """The key ring that wraps every key."""
        return self._ring

    def ciphers(self, session: Session, case_uids: Collection[bytes]) -> dict[bytes, CaseCipher]:
        """Return the cipher of each case; one query fetches all that are not kept yet.

        A case that has no key any more is left out.

        Raises:
            MissingKey: a key was wrapped with a key that the ring does not hold.
        """
        found = self._kept_ciphers(case_uids)
        missing = [uid for uid in case_uids if uid not in found]
        if missing:
            found |= self._fetch(session, missing)
        return found

    def cipher(self, session: Session, case_uid: bytes) -> CaseCipher:
        """Return the cipher of one case.

        What hangs on no case is sealed under the system's key.

        Raises:
            Erased: the case has no key any more.
            MissingKey: the key was wrapped with a key that the ring does not hold.
        """
        if case_uid == NOBODY:
            return self.system_cipher(session)
        try:
            return self.ciphers(session, (case_uid,))[case_uid]
        except KeyError as gone:
            raise Erased("What this case said has been erased.") from gone

    def holds(self, case_uid: bytes) -> bool:
        """Return whether the cipher of a case is kept just now."""
        return case_uid == NOBODY or case_uid in self._kept_ciphers((case_uid,))

    def new_case_key(self, session: Session, case_uid: bytes, *, now: datetime) -> None:
        """Draw the key of a new case and keep it wrapped."""
        key = secrets.token_bytes(KEY_LENGTH)
        wrapped = self._ring.wrap(key, purpose="case", owner_uid=case_uid, version=1)
        session.add(
            CaseKey(
                case_uid=case_uid,
                version=1,
                kek_id=self._ring.active_id,
                wrapped=wrapped,
                active=True,
                created_at=now,
            )
        )
        self._keep(case_uid, CaseCipher({1: key}, active=1))

    def new_roots(self, session: Session, *, now: datetime) -> None:
        """Draw the keys that belong to no case."""
        for purpose in ROOTS:
            key = secrets.token_bytes(KEY_LENGTH)
            wrapped = self._ring.wrap(key, purpose=purpose, owner_uid=NOBODY, version=1)
            session.add(
                RootKey(
                    purpose=purpose, kek_id=self._ring.active_id, wrapped=wrapped, created_at=now
                )
            )

    def root(self, session: Session, purpose: str) -> bytes:
        """Return the key for *purpose*, one of ``ROOTS``."""
        if not self._roots:
            rows = {row.purpose: row.wrapped for row in session.scalars(select(RootKey))}
            self._roots = {
                purpose: self._ring.unwrap(
                    rows[purpose], purpose=purpose, owner_uid=NOBODY, version=1
                )
                for purpose in ROOTS
                if purpose in rows
            }
        return self._roots[purpose]

    def system_cipher(self, session: Session) -> CaseCipher:
        """Return the cipher for what hangs on no case."""
        return CaseCipher({1: self.root(session, "system")}, active=1)

    def index(self, session: Session, label: str) -> BlindIndex:
        """Return the blind index called *label*."""
        return BlindIndex(self.root(session, "index"), label)

    def forget(self) -> None:
        """Forget every key and what it opened, as after an erasure or a change of keys."""
        self.kept.forget()
        with self._lock:
            self._kept.clear()
            self._roots.clear()

    def _kept_ciphers(self, case_uids: Collection[bytes]) -> dict[bytes, CaseCipher]:
        now = self._ticks()
        with self._lock:
            kept = {uid: self._kept[uid] for uid in case_uids if uid in self._kept}
        return {uid: cipher for uid, (until, cipher) in kept.items() if until > now}

    def _fetch(self, session: Session, case_uids: Collection[bytes]) -> dict[bytes, CaseCipher]:
        keys: dict[bytes, dict[int, bytes]] = {}
        active: dict[bytes, int] = {}
        columns = (CaseKey.case_uid, CaseKey.version, CaseKey.wrapped, CaseKey.active)
        query = select(*columns).where(CaseKey.case_uid.in_(case_uids))
        with session.no_autoflush:
            rows = session.execute(query).all()
        for uid, version, wrapped, is_active in rows:
            key = self._ring.unwrap(wrapped, purpose="case", owner_uid=uid, version=version)
            keys.setdefault(uid, {})[version] = key
            if is_active:
                active[uid] = version
        found = {uid: CaseCipher(versions, active=active[uid]) for uid, versions in keys.items()}
        for uid, cipher in found.items():
            self._keep(uid, cipher)
        return found

    def _keep(self, case_uid: bytes, cipher: CaseCipher) -> None:
        with self._lock:
            self._kept[case_uid] = (self._ticks() + KEPT_SECONDS, cipher)
            self._kept.move_to_end(case_uid)
            while len(self._kept) > KEPT_KEYS:
                self._kept.popitem(last=False)


_VAULTS: WeakKeyDictionary[Engine, Vault] = WeakKeyDictionary()


def attach_vault(engine: Engine, vault: Vault) -> None:
    """Let every session of *engine* open its sealed fields with *vault*."""
    _VAULTS[engine] = vault


def vault_of(session: Session) -> Vault:
    """Return the vault of the database that *session* speaks to."""
    return _VAULTS[session.get_bind().engine]


def kek_ids_in_use(session: Session) -> set[bytes]:
    """Return the names of the keys with which something in this database is wrapped."""
    of_cases = session.scalars(select(CaseKey.kek_id).distinct())
    return {*of_cases, *session.scalars(select(RootKey.kek_id).distinct())}


__all__ = [
    "CaseKey",
    "Erased",
    "MissingKey",
    "RootKey",
    "Vault",
    "attach_vault",
    "kek_ids_in_use",
    "vault_of",
]
