"""The key ring: the keys that wrap other keys, and the file they rest in.

A key-encryption key never touches a value. It wraps the random key of a case (or the root of an
index, of the trail, of what hangs on no case), so turning it over rewrites 72 bytes a case, and
destroying it makes every backup of those 72 bytes worthless.
"""

import base64
import os
import stat
import struct
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Final, Literal, get_args

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

Purpose = Literal["case", "index", "trail", "system"]

KEY_BYTES: Final = 32
UID_BYTES: Final = 16
NONCE_BYTES: Final = 12
HIGHEST_VERSION: Final = 0xFFFF
NO_OWNER: Final = bytes(UID_BYTES)  # the owner of whatever belongs to no case

_MAGIC: Final = b"\xd1\x01"
_HEADER: Final = struct.Struct(">2s8sH")
_WRAPPED_BYTES: Final = 72
_PUT_BACK: Final = "Nothing was changed. Put back the key file from its safe copy."


class SealingError(Exception):
    """Whatever keeps a sealed thing from being sealed or opened."""


class MissingKey(SealingError):
    """The key that would open this is not in the ring; `kek_id` says which one it is."""

    def __init__(self, kek_id: bytes) -> None:
        self.kek_id = kek_id
        super().__init__(
            f"This was sealed with key {kek_id.hex()}, which the key file does not hold. "
            "Nothing was changed. Put back the matching key file."
        )


class Tampered(SealingError):
    """The bytes have the right shape, but are not what was sealed in this place."""


class BadToken(SealingError):
    """The bytes are not of the form that this room writes."""


class KeyFileError(SealingError):
    """The key file cannot be used; the text is one sentence that says what to do."""


def new_key() -> bytes:
    """Return a fresh random key for a case or a root; it is never derived from another."""
    return os.urandom(KEY_BYTES)


def derive(key: bytes, info: str, length: int = KEY_BYTES) -> bytes:
    """Return `length` bytes that follow from the key and the label, and tell nothing of either.

    Source: RFC 5869 (HKDF) with SHA-256 and no salt.
    """
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=info.encode()).derive(key)


def kek_id_of(kek: bytes) -> bytes:
    """Return the eight bytes that name a key-encryption key and prove a typed-in one right."""
    return derive(kek, "TF1/kek-id", 8)


def aes_of(key: bytes) -> AESGCM:
    """Return the cipher of a key, which must be a whole one.

    Raises:
        ValueError: the key is not 32 bytes long (a shorter one would pass as weaker AES).
    """
    if len(key) != KEY_BYTES:
        raise ValueError(f"A key has {KEY_BYTES} bytes, not {len(key)}.")
    return AESGCM(key)


class KeyRing:
    """One active key-encryption key, and older ones that only unwrap."""

    __slots__ = ("_ciphers", "active_id")

    active_id: bytes

    def __init__(self, active: bytes, old: Sequence[bytes] = ()) -> None:
        if any(len(kek) != KEY_BYTES for kek in (active, *old)):
            raise ValueError(f"A key has {KEY_BYTES} bytes.")
        self.active_id = kek_id_of(active)
        self._ciphers = {kek_id_of(k): aes_of(derive(k, "TF1/kek-wrap")) for k in (active, *old)}

    def __repr__(self) -> str:
        """Return the ids alone: a ring that finds its way into a log gives nothing away."""
        return f"<KeyRing active {self.active_id.hex()} of {len(self._ciphers)}>"

    @property
    def ids(self) -> frozenset[bytes]:
        """Return the ids of all keys in the ring."""
        return frozenset(self._ciphers)

    def wrap(self, dek: bytes, *, purpose: Purpose, owner_uid: bytes, version: int) -> bytes:
        """Return the 72 bytes in which a data key or root is stored, under the active key.

        Raises:
            ValueError: key, owner, version or purpose is not of the stored form.
        """
        if len(dek) != KEY_BYTES or not 1 <= version <= HIGHEST_VERSION:
            raise ValueError("A wrapped key has 32 bytes and a version from 1 to 65535.")
        header = _HEADER.pack(_MAGIC, self.active_id, version)
        nonce = os.urandom(NONCE_BYTES)
        aad = _wrapping_place(header, purpose, owner_uid)
        return header + nonce + self._ciphers[self.active_id].encrypt(nonce, dek, aad)

    def unwrap(
        self, wrapped: bytes, *, purpose: Purpose, owner_uid: bytes, version: int | None = None
    ) -> bytes:
        """Return the data key; given a version, only a key that was wrapped as that version.

        Raises:
            BadToken: these are not 72 bytes of a wrapped key.
            MissingKey: the ring lacks the key that wrapped it.
            Tampered: wrapped for another purpose, owner or version, or changed since.
            ValueError: no such purpose, or the owner has not 16 bytes.
        """
        kek_id, wrapped_as = _read_header(wrapped)
        if version not in (None, wrapped_as):
            raise Tampered("A wrapped key stands in the place of another version.")
        cipher = self._ciphers.get(kek_id)
        if cipher is None:
            raise MissingKey(kek_id)
        aad = _wrapping_place(wrapped[:12], purpose, owner_uid)
        try:
            return cipher.decrypt(wrapped[12:24], wrapped[24:], aad)
        except InvalidTag:
            raise Tampered("A wrapped key does not belong where it was found.") from None


def load_key_file(path: Path) -> KeyRing:
    """Return the ring that a key file holds.

    Raises:
        KeyFileError: it is missing, readable by others, damaged, or has not one active key.
    """
    lines = _lines_of(path)
    active = [kek for kek, state in lines if state == "active"]
    old = [kek for kek, state in lines if state == "old"]
    if len(active) != 1 or len({*active, *old}) != len(lines):
        raise KeyFileError(
            f"The key file {path} must hold each key once and exactly one active key. {_PUT_BACK}"
        )
    return KeyRing(active[0], old)


def create_key_file(path: Path, created: date) -> KeyRing:
    """Write a key file with one new active key and return its ring; never replaces a file.

    Raises:
        KeyFileError: something is already there, or it cannot be written.
    """
    kek = new_key()
    line = f"{kek_id_of(kek).hex()} = {base64.b64encode(kek).decode()}, {created}, active\n"
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write_new(path, line.encode())
    except OSError as problem:
        raise KeyFileError(
            f"The key file {path} cannot be made ({problem.strerror}). Nothing was changed. Use "
            "the file that is there, or choose a folder in which the tracker may write."
        ) from None
    return load_key_file(path)


def _wrapping_place(header: bytes, purpose: Purpose, owner_uid: bytes) -> bytes:
    if purpose not in get_args(Purpose) or len(owner_uid) != UID_BYTES:
        raise ValueError("A key is wrapped for a known purpose and an owner of 16 bytes.")
    return b"TF1w" + header + struct.pack(">H", len(purpose)) + purpose.encode() + owner_uid


def _read_header(wrapped: bytes) -> tuple[bytes, int]:
    if len(wrapped) != _WRAPPED_BYTES or wrapped[:2] != _MAGIC:
        raise BadToken("This is not a wrapped key.")
    _, kek_id, version = _HEADER.unpack_from(wrapped)
    return kek_id, version


def _write_new(path: Path, content: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())  # whatever is sealed next must not outlive its key
        except OSError:
            path.unlink()  # half a key file would stop every later start
            raise


def _lines_of(path: Path) -> list[tuple[bytes, str]]:
    lines = []
    for number, line in enumerate(_content_of(path).splitlines(), start=1):
        if line.strip() and not line.startswith(b"#"):
            try:
                lines.append(_read_line(line))
            except ValueError:
                raise KeyFileError(
                    f"Line {number} of the key file {path} is damaged. {_PUT_BACK}"
                ) from None
    return lines


def _content_of(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            _refuse_shared(path, os.fstat(file.fileno()))
            return file.read()
    except OSError as problem:
        raise KeyFileError(
            f"The key file {path} cannot be read ({problem.strerror}). {_PUT_BACK}"
        ) from None


def _refuse_shared(path: Path, status: os.stat_result) -> None:
    if stat.S_IMODE(status.st_mode) & 0o077 or status.st_uid != os.geteuid():
        raise KeyFileError(
            f"The key file {path} must belong to the account that runs the tracker and be closed "
            "to all others. Use chown and chmod 600 on it, and ask who may have read it."
        )


def _read_line(line: bytes) -> tuple[bytes, str]:
    name, _, rest = line.decode("ascii").partition("=")
    encoded, created, state = (part.strip() for part in rest.split(","))
    date.fromisoformat(created)
    kek = base64.b64decode(encoded, validate=True)
    right = len(kek) == KEY_BYTES and kek_id_of(kek).hex() == name.strip()
    if not right or state not in ("active", "old"):
        raise ValueError
    return kek, state
