"""What was opened in an emergency while the trail could not be written.

It stands in a second file that is only ever added to: codes and references, each line signed with
the line before, on the disk before the page leaves. The trail takes it in with its true time as
soon as it can be written again, each opening once: it is known there by its request.
"""

import fcntl
import json
import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from transition.records.audit import AuditEntry, Note, Occasion, append, hold_head, signs_as
from transition.records.keys import vault_of
from transition.rules.people import Actor, Role
from transition.security.chain import NO_ENTRY, canonical, entry_mac
from transition.security.keyring import derive

VIA: Final = "emergency"
"""How the trail names what came to it by the second file."""
ABOUT: Final = "emergency"
"""What was looked at: the one page that opens while the trail fails."""

log = logging.getLogger("transition.emergency")


class Broken(Exception):
    """A line of the second file is not what was written; its number is the argument."""


class Opening(NamedTuple):
    """Who opened the emergency page of which case, when: what a line says."""

    number: int
    at: str
    actor: str
    organisation: str
    role: str
    case_ref: str
    request: str

    @property
    def occasion(self) -> Occasion:
        """Who it was, and when, as the trail takes it in."""
        roles = frozenset(Role(one) for one in self.role.split())
        actor = Actor(bytes.fromhex(self.actor), "", self.organisation, roles)
        return Occasion(actor, datetime.fromisoformat(self.at), VIA, self.request)


class SecondTrail:
    """The second file; processes that use it at once take turns."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._taken_in = 0
        """How many of its bytes the trail has taken in, as far as this process knows."""

    def add(self, key: bytes, occasion: Occasion, case_ref: str) -> None:
        """Write down one opening; it is on the disk when this returns.

        Raises:
            OSError: it could not be written, so nothing may be shown.
            Broken: what stands there already is not what was written.
        """
        with self._held() as descriptor:
            whole = _whole_lines(_all_of(descriptor))
            openings, last = _read(key, whole)
            said = Opening(
                len(openings) + 1,
                occasion.at.isoformat(timespec="microseconds"),
                signs_as(occasion.actor),
                occasion.actor.organisation,
                " ".join(sorted(occasion.actor.roles)),
                case_ref,
                occasion.request,
            )
            mac = entry_mac(key, last, NO_ENTRY, canonical(said))
            # Half a line is left by a process that died before it showed anything.
            os.ftruncate(descriptor, len(whole))
            _write_all(descriptor, f"{json.dumps([*said, mac.hex()])}\n".encode())
            os.fsync(descriptor)

    @contextmanager
    def _held(self) -> Iterator[int]:
        new = not self.path.exists()
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if new:
                _keep_name(self.path.parent)
            yield descriptor
        finally:
            os.close(descriptor)

    def openings(self, key: bytes) -> tuple[list[Opening], int]:
        """Return what stands in the file, and how many bytes that is.

        Raises:
            OSError: it cannot be read.
            Broken: a line is not what was written.
        """
        whole = _whole_lines(self.path.read_bytes()) if self.path.exists() else b""
        return _read(key, whole)[0], len(whole)

    @property
    def has_news(self) -> bool:
        """Whether something stands there that the trail may not have taken in yet."""
        try:
            return self.path.stat().st_size > self._taken_in
        except OSError:
            return False

    def take_in(self, size: int) -> None:
        """Remember that the trail has taken in so many bytes."""
        self._taken_in = size


def _all_of(descriptor: int) -> bytes:
    return os.pread(descriptor, os.fstat(descriptor).st_size, 0)


def _whole_lines(found: bytes) -> bytes:
    return found[: found.rfind(b"\n") + 1]


def _write_all(descriptor: int, line: bytes) -> None:
    if os.write(descriptor, line) != len(line):
        raise OSError("The line was not written whole.")


def _keep_name(folder: Path) -> None:
    """Let the name of a new file outlive a power cut too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read(key: bytes, whole: bytes) -> tuple[list[Opening], bytes]:
    """Return what whole lines say, and the signature of the last."""
    openings: list[Opening] = []
    last = NO_ENTRY
    for number, line in enumerate(whole.splitlines(), start=1):
        try:
            *said, mac = json.loads(line)
            opening = Opening(*said)
            signed = entry_mac(key, last, NO_ENTRY, canonical(opening))
        except (ValueError, TypeError) as trouble:
            raise Broken(number) from trouble
        if (opening.number, mac) != (number, signed.hex()):
            raise Broken(number)
        openings.append(opening)
        last = signed
    return openings, last


SECOND_TRAILS: Final[WeakKeyDictionary[Engine, SecondTrail]] = WeakKeyDictionary()
"""What the sessions of an engine fall back on; a command that has none is not here."""


def attach_second_trail(engine: Engine, second: SecondTrail) -> None:
    """Let every session of *engine* fall back on *second* in an emergency."""
    SECOND_TRAILS[engine] = second


def _second_of(session: Session) -> SecondTrail | None:
    return SECOND_TRAILS.get(session.get_bind().engine)


def _key(session: Session) -> bytes:
    return derive(vault_of(session).root(session, "trail"), "TF1/emergency")


def write_second(session: Session, occasion: Occasion, case_ref: str) -> None:
    """Write into the second file that the emergency page of a case was opened.

    Raises:
        OSError: it could not be written, or there is none here.
        Broken: what stands there already is not what was written.
    """
    second = _second_of(session)
    if second is None:
        raise OSError("There is no second file here.")
    second.add(_key(session), occasion, case_ref)


def take_in_second(session: Session) -> int | None:
    """Write into the trail what only the second file holds, with its true time.

    Return how many bytes of it that was, to be told to `taken_in` once that is kept; None where
    there is nothing new. What cannot be read is left to the nightly check; nobody waits for it.
    """
    second = _second_of(session)
    if second is None or not second.has_news:
        return None
    hold_head(session)
    try:
        openings, size = second.openings(_key(session))
    except (OSError, Broken) as trouble:
        log.error("the second file cannot be read: %s", type(trouble).__name__)  # noqa: TRY400 - its text may tell
        return None
    for one in _missing(session, openings):
        note = Note("case:viewed", ABOUT, case_ref=one.case_ref)
        append(session, [note], one.occasion)
    return size


def _missing(session: Session, openings: Sequence[Opening]) -> list[Opening]:
    # By what it was, and not by how it came: a commit may have been kept that nobody heard of.
    query = select(AuditEntry.request).where(AuditEntry.object == ABOUT)
    known = set(session.scalars(query))
    return [one for one in openings if one.request not in known]


def taken_in(session: Session, size: int | None) -> None:
    """Remember that what `take_in_second` returned is kept."""
    second = _second_of(session)
    if second is not None and size is not None:
        second.take_in(size)


def broken_second(session: Session) -> str | None:
    """Return what is wrong with the second file: the number of its first bad line, or nothing."""
    second = _second_of(session)
    try:
        if second is not None:
            second.openings(_key(session))
    except Broken as trouble:
        return f"{VIA}:{trouble}"
    except OSError:
        return f"{VIA}:unreadable"
    return None
