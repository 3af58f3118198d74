"""Sealed fields: one value, bound to its field, its case and its row.

A token opens only where it was sealed. Moved to another row, column or case it is refused, and
nothing that is not a token is ever taken for a value.
"""

import json
import os
import struct
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from enum import IntEnum
from typing import Final, TypeGuard, TypeVar

from cryptography.exceptions import InvalidTag

from transition.security.keyring import (
    HIGHEST_VERSION,
    NONCE_BYTES,
    UID_BYTES,
    BadToken,
    SealingError,
    Tampered,
    aes_of,
)

_Kind = TypeVar("_Kind")

_MAGIC: Final = b"\xe1\x01"
_STEP: Final = 32
_LAST_STEPPED: Final = 256
_SHORTEST: Final = 16 + _STEP + 16  # header and nonce, the least padded value, the tag
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_END: Final = b"\x80"


class FieldType(IntEnum):
    """What a sealed field holds; the number is stored inside the sealed value."""

    TEXT = 1
    DATE = 2
    TIMESTAMP = 3
    JSON = 4
    INTEGER = 5
    BOOLEAN = 6
    BYTES = 7


class MissingVersion(SealingError):
    """The token names a key version that this case does not have."""


class BadValue(SealingError):
    """The value cannot be sealed in this field; the text names the field, never the value."""


class SealedField:
    """One field's stable label, type and least padded length, made once per column.

    A field whose values come from a short vocabulary names a bucket that fits its longest value,
    so that the length of the token does not tell which it is.
    """

    __slots__ = ("_decode", "_encode", "_inner_start", "_label_bytes", "bucket", "holds", "label")

    def __init__(self, label: str, holds: FieldType, bucket: int = 0) -> None:
        encoded = label.encode()
        self.label = label
        self.holds = holds
        self.bucket = bucket
        self._label_bytes = struct.pack(">H", len(encoded)) + encoded
        self._inner_start = bytes([holds])
        self._encode, self._decode = _CODECS[holds]

    def __repr__(self) -> str:
        """Return the label and type."""
        return f"<SealedField {self.label} {self.holds.name}>"

    def pad(self, value: object) -> bytes:
        """Return the value as the bytes that are sealed: type, payload, end mark, zeros.

        Raises:
            BadValue: the value is not of the field's type, or beyond what it can hold.
        """
        try:
            inner = self._inner_start + self._encode(value) + _END
        except (TypeError, ValueError, OverflowError, RecursionError, struct.error):
            # `from None`: the first exception would carry the value into a log.
            raise BadValue(
                f"The field {self.label} cannot hold this {type(value).__name__}."
            ) from None
        return inner.ljust(padded_length(len(inner), self.bucket), b"\0")

    def unpad(self, inner: bytes) -> object:
        """Return the value that `pad` made these bytes of.

        Raises:
            BadToken: the bytes hold another type than the field's, or no whole value.
        """
        trimmed = inner.rstrip(b"\0")
        if trimmed[:1] != self._inner_start or trimmed[-1:] != _END:
            raise BadToken(f"What is sealed in {self.label} is of another type.")
        try:
            return self._decode(trimmed[1:-1])
        except (ValueError, OverflowError, RecursionError, struct.error):
            raise BadToken(f"What is sealed in {self.label} is not whole.") from None


class CaseCipher:
    """The keys of one case, by version; seals with the active one and opens with any."""

    __slots__ = ("_active_cipher", "_active_header", "_ciphers", "active")

    def __init__(self, keys: Mapping[int, bytes], active: int) -> None:
        if active not in keys or not all(1 <= version <= HIGHEST_VERSION for version in keys):
            raise ValueError("Key versions are from 1 to 65535, and the active one is among them.")
        self.active = active
        self._ciphers = {version: aes_of(key) for version, key in keys.items()}
        self._active_cipher = self._ciphers[active]
        self._active_header = _MAGIC + active.to_bytes(2, "big")

    def __repr__(self) -> str:
        """Return the versions alone."""
        return f"<CaseCipher active {self.active} of {len(self._ciphers)}>"

    def seal(self, value: object, field: SealedField, case_uid: bytes, row_uid: bytes) -> bytes:
        """Return the token of a value in its place, under the active key.

        Raises:
            BadValue: the field cannot hold the value.
            ValueError: case or row is not named by 16 bytes.
        """
        header = self._active_header
        nonce = os.urandom(NONCE_BYTES)
        aad = _place(header, field, case_uid, row_uid)
        return header + nonce + self._active_cipher.encrypt(nonce, field.pad(value), aad)

    def open(self, token: bytes, field: SealedField, case_uid: bytes, row_uid: bytes) -> object:
        """Return the value of a token that was sealed in exactly this place.

        Raises:
            BadToken: these bytes are no token, or hold another type.
            MissingVersion: the case has no key of the token's version.
            Tampered: sealed in another place or under another key, or changed since.
            ValueError: case or row is not named by 16 bytes.
        """
        cipher = self._ciphers.get(token_version(token))
        if cipher is None:
            raise MissingVersion(f"No key of this version is kept for a token in {field.label}.")
        aad = _place(token[:4], field, case_uid, row_uid)
        try:
            inner = cipher.decrypt(token[4:16], token[16:], aad)
        except InvalidTag:
            raise Tampered(f"A token in {field.label} does not belong there.") from None
        return field.unpad(inner)


def is_token(value: object) -> TypeGuard[bytes]:
    """Return whether this has the form of a token; only opening proves that it is one."""
    return (
        isinstance(value, bytes)
        and len(value) >= _SHORTEST
        and value[:2] == _MAGIC
        and value[2:4] != b"\0\0"
    )


def token_version(token: bytes) -> int:
    """Return the version of the key that a token names.

    Raises:
        BadToken: these bytes are no token.
    """
    if not is_token(token):
        raise BadToken("This is not a sealed value.")
    return token[2] << 8 | token[3]


def padded_length(length: int, bucket: int = 0) -> int:
    """Return the length to which a value of this length is padded, at least the bucket's.

    Steps of 32 hide the length of a name; beyond 256 the steps grow with the value, so that a
    long note costs at most an eighth more.

    Source: Padmé, in Nikitin and others, "Reducing Metadata Leakage from Encrypted Files", 2019.
    """
    if length <= _LAST_STEPPED:
        return max(-(-length // _STEP) * _STEP, bucket)
    exponent = length.bit_length() - 1
    step = 1 << exponent - exponent.bit_length()
    return max(-(-length // step) * step, bucket)


def _place(header: bytes, field: SealedField, case_uid: bytes, row_uid: bytes) -> bytes:
    if len(case_uid) != UID_BYTES or len(row_uid) != UID_BYTES:
        # Without fixed widths, two places could share their bytes.
        raise ValueError("A case and a row are each named by 16 bytes.")
    return b"TF1v" + header + field._label_bytes + case_uid + row_uid  # noqa: SLF001 - its own field's, in one module


def _only(value: object, kind: type[_Kind], *unless: type) -> _Kind:
    if not isinstance(value, kind) or isinstance(value, unless):
        raise TypeError
    return value


def _from_timestamp(value: object) -> bytes:
    # Subtracting refuses a value without a time zone, which would name no instant.
    return struct.pack(">q", (_only(value, datetime) - _EPOCH) // _MICROSECOND)


def _to_timestamp(payload: bytes) -> datetime:
    microseconds: int = struct.unpack(">q", payload)[0]
    return _EPOCH + microseconds * _MICROSECOND


def _from_json(value: object) -> bytes:
    return json.dumps(
        value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
    ).encode()


_CODECS: Final[dict[FieldType, tuple[Callable[[object], bytes], Callable[[bytes], object]]]] = {
    FieldType.TEXT: (lambda value: _only(value, str).encode(), bytes.decode),
    FieldType.DATE: (
        lambda value: struct.pack(">I", _only(value, date, datetime).toordinal()),
        lambda payload: date.fromordinal(struct.unpack(">I", payload)[0]),
    ),
    FieldType.TIMESTAMP: (_from_timestamp, _to_timestamp),
    FieldType.JSON: (_from_json, json.loads),
    FieldType.INTEGER: (
        lambda value: struct.pack(">q", _only(value, int, bool)),
        lambda payload: struct.unpack(">q", payload)[0],
    ),
    FieldType.BOOLEAN: (
        lambda value: bytes([_only(value, bool)]),
        lambda payload: bool((b"\0", b"\1").index(payload)),
    ),
    FieldType.BYTES: (lambda value: _only(value, bytes), bytes),
}
