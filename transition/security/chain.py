"""The arithmetic of the trail: each entry signs itself and the entry before it."""

import hmac
import json
from collections.abc import Sequence
from typing import Final, Literal

from transition.security.keyring import KEY_BYTES

MAC_BYTES: Final = 32
NO_ENTRY: Final = bytes(MAC_BYTES)  # stands before the first entry, and where there is no case

_FORM: Final = "TF1/trail"
_SHORT_BYTES: Final = 8


def canonical(fields: Sequence[str | int | None]) -> bytes:
    """Return the one way to write an entry's fields; two different rows never share it.

    Raises:
        TypeError: a field is neither text, whole number nor empty (true and 1 would be alike).
        ValueError: a text holds half of a surrogate pair, which UTF-8 cannot write.
    """
    if not all(isinstance(field, str | int | None) for field in fields) or any(
        isinstance(field, bool) for field in fields
    ):
        raise TypeError("An entry of the trail holds texts, whole numbers and empty fields.")
    return json.dumps([_FORM, *fields], ensure_ascii=False, separators=(",", ":")).encode()


def entry_mac(key: bytes, prev: bytes, case_prev: bytes, entry: bytes) -> bytes:
    """Return the signature of an entry that follows `prev`, and `case_prev` in its case.

    Raises:
        ValueError: key or signature is not 32 bytes long.
    """
    if len(prev) != MAC_BYTES or len(case_prev) != MAC_BYTES:
        # Without fixed widths, bytes could pass from one part to the next unnoticed.
        raise ValueError("The signature of an earlier entry has 32 bytes.")
    return _keyed(key, "entry", prev + case_prev + entry)


def digest_of(key: bytes, data: bytes, kind: Literal["change", "prompt"] = "change") -> bytes:
    """Return the keyed digest of a sealed change, or of what makes a prompt unique.

    Raises:
        ValueError: the key is not 32 bytes long.
    """
    return _keyed(key, kind, data)


def short_form(mac: bytes) -> str:
    """Return the start of a signature as people read it out: `7F3A 91C2 0D5E 6B44`."""
    return mac[:_SHORT_BYTES].hex(" ", 2).upper()


def _keyed(key: bytes, kind: Literal["entry", "change", "prompt"], data: bytes) -> bytes:
    if len(key) != KEY_BYTES:
        raise ValueError("The key of the trail has 32 bytes.")
    # The kind ends with a zero byte: no kind can be read as the beginning of another.
    return hmac.digest(key, f"{_FORM}/{kind}\0".encode() + data, "sha256")
