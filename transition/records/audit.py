"""The trail: who saw or did what, when. Entries are only added, and each signs the one before.

What stood there before and now lies in a sealed ``change`` row; the entry carries its keyed digest.
"""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import (
    CheckConstraint,
    Index,
    LargeBinary,
    ScalarSelect,
    bindparam,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from transition.records.base import Base
from transition.records.columns import UtcDateTime
from transition.records.keys import Erased, vault_of
from transition.records.sealing import Sealed, SealedRow
from transition.rules.people import Actor
from transition.rules.trail import is_set_back, last_told
from transition.security.chain import NO_ENTRY, canonical, digest_of, entry_mac
from transition.security.keyring import SealingError

GOOD, TRUNCATED, BROKEN = 0, 3, 4
"""What verifying the trail comes to; also the exit codes of the command."""

SIGNED: Final = (
    *("actor", "organisation", "role", "via", "action", "object", "case_ref", "case_seq"),
    *("fields", "outcome", "request", "change_uid", "change_digest"),
)
"""What an entry signs, besides its number and instant. The order is for ever."""

BATCH: Final = 1000
"""How many entries are verified at a time."""

IS_UID: Final = re.compile("[0-9a-f]{32}")
"""What an entry that was changed by hand says may be no number of a row."""


class AuditEntry(Base):
    """One entry of the trail: codes, field names and references, never a personal word."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index("one_case_number", "case_ref", "case_seq", unique=True),)

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str]
    organisation: Mapped[str]
    role: Mapped[str]
    via: Mapped[str]
    action: Mapped[str]
    object: Mapped[str]
    case_ref: Mapped[str | None]
    case_seq: Mapped[int | None]
    fields: Mapped[str]
    outcome: Mapped[str]
    request: Mapped[str]
    change_uid: Mapped[str | None]
    change_digest: Mapped[str | None]
    prev: Mapped[bytes] = mapped_column(LargeBinary(32))
    case_prev: Mapped[bytes] = mapped_column(LargeBinary(32))
    mac: Mapped[bytes] = mapped_column(LargeBinary(32))

    def canonical(self) -> bytes:
        """Return the one byte string that stands for this entry."""
        return _canonical(self.seq, self.at, [getattr(self, name) for name in SIGNED])


class AuditHead(Base):
    """How many entries there are. Its row is held while one is added: writers take turns."""

    __tablename__ = "audit_head"
    __table_args__ = (CheckConstraint("number = 1", name="only_one"),)

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=1)
    seq: Mapped[int]


class Change(SealedRow):
    """What stood in some fields before and what stands there now."""

    __tablename__ = "change"

    body: Sealed[Any] = Sealed.json("change.body")


@dataclass(frozen=True, slots=True)
class Note:
    """What is about to be written into the trail."""

    action: str
    object: str = ""
    case_ref: str | None = None
    fields: tuple[str, ...] = ()
    outcome: str = "done"
    change: Change | None = None


@dataclass(frozen=True, slots=True)
class Occasion:
    """Who does it, when, and by what way in."""

    actor: Actor
    at: datetime
    via: str
    request: str = ""


def append(session: Session, notes: Sequence[Note], occasion: Occasion) -> None:
    """Add *notes* to the trail, in order, in the transaction of what they tell."""
    if notes:
        hold_head(session)
    for note in notes:
        _append(session, note, occasion)


def hold_head(session: Session) -> None:
    """Wait until nobody else adds to the trail, and let nobody before this transaction ends.

    A statement that waits for the head would go on to read the newest entry as it was before it
    waited. So the head is waited for first; SQLite lets one write at a time anyway.
    """
    if session.get_bind().dialect.name != "sqlite":
        session.execute(select(AuditHead.seq).with_for_update())


def signs_as(actor: Actor) -> str:
    """Return how an entry names who acted: by number, or by what acts on its own."""
    return actor.uid.hex() if actor.uid else actor.name


def _append(session: Session, note: Note, occasion: Occasion) -> None:
    seq, prev, case_seq, case_prev = _claim(session, note.case_ref)
    key = vault_of(session).root(session, "trail")
    actor = occasion.actor
    at = occasion.at.astimezone(UTC)  # signed as it is read back
    said = {
        "actor": signs_as(actor),
        "organisation": actor.organisation,
        "role": " ".join(sorted(actor.roles)),
        "via": occasion.via,
        "action": note.action,
        "object": note.object,
        "case_ref": note.case_ref,
        "case_seq": case_seq,
        "fields": " ".join(note.fields),
        "outcome": note.outcome,
        "request": occasion.request,
        "change_uid": note.change.uid.hex() if note.change else None,
        "change_digest": _digest(key, note.change.body) if note.change else None,
    }
    mac = entry_mac(key, prev, case_prev, _canonical(seq, at, [said[name] for name in SIGNED]))
    before = {"seq": seq, "at": at, "prev": prev, "case_prev": case_prev, "mac": mac}
    # As a plain row: every page that shows somebody writes one.
    session.connection().execute(ADD, said | before)


def _canonical(seq: int, at: datetime, said: Sequence[str | int | None]) -> bytes:
    return canonical((seq, at.isoformat(timespec="microseconds"), *said))


def _newest_of_case(column: Any) -> ScalarSelect[Any]:  # noqa: ANN401 - any column
    query = select(column).where(OF_CASE.case_ref == bindparam("of_case"))
    return query.order_by(OF_CASE.case_seq.desc()).limit(1).scalar_subquery()


OF_CASE: Final = aliased(AuditEntry)
CLAIM: Final = (
    update(AuditHead)
    .values(seq=AuditHead.seq + 1)
    .returning(
        AuditHead.seq,
        select(AuditEntry.mac).order_by(AuditEntry.seq.desc()).limit(1).scalar_subquery(),
        _newest_of_case(OF_CASE.case_seq),
        _newest_of_case(OF_CASE.mac),
    )
)
ADD: Final = insert(AuditEntry)
"""Built once: building them for each entry would be the dearest part of adding one."""


def _claim(session: Session, case_ref: str | None) -> tuple[int, bytes, int | None, bytes]:
    """Take the next number; return it with the signatures before it, overall and in its case."""
    claimed = session.connection().execute(CLAIM, {"of_case": case_ref}).one()
    number, before, case_number, case_before = claimed
    if case_ref is None:
        return number, before or NO_ENTRY, None, NO_ENTRY
    return number, before or NO_ENTRY, (case_number or 0) + 1, case_before or NO_ENTRY


def _digest(key: bytes, body: Any) -> str:  # noqa: ANN401 - any field's value
    words = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return digest_of(key, words.encode()).hex()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What verifying the trail came to: the code, how many entries, and the first bad number."""

    code: int
    entries: int
    bad: int | None = None
    head: bytes = NO_ENTRY
    set_back: tuple[int, ...] = ()
    """The entries before which the clock had gone back. They hold; that it did is not hidden."""


def verify(session: Session, *, anchor: tuple[int, bytes] | None = None) -> Verdict:
    """Verify the whole trail, and against *anchor* (a number and how its signature begins).

    A changed, missing, added or exchanged entry is named; entries cut off at the end are found by
    the count that is kept apart, or by an anchor that was sent out earlier.
    """
    key = vault_of(session).root(session, "trail")
    prev, case_tails, seq = NO_ENTRY, dict[str, tuple[int, bytes]](), 0
    # Before the entries are read and again afterwards: others may add some meanwhile.
    least = _counted(session)
    newest, set_back = None, list[int]()
    for entry, change in _entries(session):
        seq += 1
        follows = entry.seq == seq and _follows(key, entry, prev, case_tails)
        if not follows or not _change_holds(key, entry, change):
            return Verdict(BROKEN, seq, bad=min(seq, entry.seq))
        if anchor is not None and anchor[0] == seq and not entry.mac.startswith(anchor[1]):
            return Verdict(BROKEN, seq, bad=seq)
        if is_set_back(newest, entry.at, entry.via):
            set_back.append(seq)
        prev, newest = entry.mac, last_told(newest, entry.at, entry.via)
    most = _counted(session)
    if most < seq:
        return Verdict(BROKEN, seq, bad=most + 1)
    cut = least > seq or (anchor is not None and anchor[0] > seq)
    return Verdict(TRUNCATED if cut else GOOD, seq, head=prev, set_back=tuple(set_back))


GUARDS: Final = {"audit_entry_stays", "audit_entry_stays_as_it_is"}
"""What makes the database refuse to change the trail, or to take from it."""
STANDING: Final = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '%RAISE(ABORT%'",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE tgenabled <> 'D'",
}


def is_guarded(session: Session) -> bool:
    """Return whether the database still refuses to change the trail.

    Whoever owns the database can take that away, and leaves the trail as good as it was.
    """
    names = session.scalars(text(STANDING[session.get_bind().dialect.name]))
    return {*names} >= GUARDS


def _counted(session: Session) -> int:
    """Return how many entries there are by the count that is kept apart from them."""
    return session.scalar(select(AuditHead.seq)) or 0


def _entries(session: Session) -> Iterator[tuple[AuditEntry, Change | None]]:
    """Yield each entry with the change it speaks of; one query fetches those of a whole batch."""
    query = select(AuditEntry).order_by(AuditEntry.seq).execution_options(yield_per=BATCH)
    for batch in session.scalars(query).partitions():
        named = [entry.change_uid or "" for entry in batch]
        uids = [bytes.fromhex(name) for name in named if IS_UID.fullmatch(name)]
        found = session.scalars(select(Change).where(Change.uid.in_(uids)))
        changes = {change.uid.hex(): change for change in found}
        yield from zip(batch, map(changes.get, named), strict=True)


def _follows(
    key: bytes, entry: AuditEntry, prev: bytes, case_tails: dict[str, tuple[int, bytes]]
) -> bool:
    """Return whether *entry* follows *prev*, overall and in its case, and is signed."""
    case_number, case_prev = None, NO_ENTRY
    if entry.case_ref is not None:
        last_number, case_prev = case_tails.get(entry.case_ref, (0, NO_ENTRY))
        case_number = last_number + 1
        case_tails[entry.case_ref] = (case_number, entry.mac)
    if (entry.prev, entry.case_prev, entry.case_seq) != (prev, case_prev, case_number):
        return False
    return entry.mac == entry_mac(key, prev, case_prev, entry.canonical())


def _change_holds(key: bytes, entry: AuditEntry, change: Change | None) -> bool:
    """Return whether *change* says what *entry* signed of it."""
    if change is None:
        return entry.change_uid is None
    try:
        return _digest(key, change.body) == entry.change_digest
    except Erased:
        # The key of an erased case is gone; the entry itself is still signed.
        return True
    except SealingError:
        return False


def first_broken(session: Session, case_ref: str) -> int | None:
    """Return the first number in the trail of a case, verified alone, that does not hold."""
    key, last = vault_of(session).root(session, "trail"), NO_ENTRY
    for number, one in enumerate(trail_of(session, case_ref), start=1):
        signed = entry_mac(key, one.prev, one.case_prev, one.canonical())
        if (one.case_seq, one.case_prev, one.mac) != (number, last, signed):
            return number
        last = one.mac
    return None


def head_of(session: Session) -> tuple[int, bytes]:
    """Return the number and the signature of the newest entry, for an anchor elsewhere."""
    query = select(AuditEntry.seq, AuditEntry.mac).order_by(AuditEntry.seq.desc()).limit(1)
    row = session.execute(query).one_or_none()
    return (row.seq, row.mac) if row else (0, NO_ENTRY)


def trail_of(session: Session, case_ref: str) -> list[AuditEntry]:
    """Return the trail of one case, oldest first."""
    query = select(AuditEntry).where(AuditEntry.case_ref == case_ref)
    return list(session.scalars(query.order_by(AuditEntry.case_seq)))


def told_of(
    session: Session, case_ref: str, actions: Collection[str], *, among: bool
) -> Sequence[AuditEntry]:
    """Return the trail of a case, newest first: the entries of these actions, or all others."""
    of_these = AuditEntry.action.in_(actions)
    query = select(AuditEntry).where(
        AuditEntry.case_ref == case_ref, of_these if among else ~of_these
    )
    return session.scalars(query.order_by(AuditEntry.case_seq.desc())).all()


def changes_in(session: Session, entries: Iterable[AuditEntry]) -> dict[str, dict[str, Any]]:
    """Return what stood and stands in the fields that these entries changed, by the change."""
    uids = [bytes.fromhex(one.change_uid) for one in entries if one.change_uid]
    query = select(Change).where(Change.uid.in_(uids))
    return {one.uid.hex(): one.body for one in session.scalars(query)}
