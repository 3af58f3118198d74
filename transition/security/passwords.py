"""Passwords: hashed slowly, a few at a time, and with the same work for people not known."""

import os
import unicodedata
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# Source: OWASP Password Storage Cheat Sheet, least setting of argon2id.
_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

# More hashes at once than cores make none of them faster, and each takes 19 MiB.
_CORES: Final = os.cpu_count() or 1
_AT_ONCE: Final = BoundedSemaphore(_CORES)

# Whoever waits for a hash holds a thread that others need for their pages.
_IN_LINE: Final = BoundedSemaphore(2 * _CORES)


class TooMany(Exception):
    """So many passwords wait to be hashed that one more would keep everybody waiting."""


def hash_password(password: str) -> str:
    """Return the argon2id hash of a password, with its own salt and settings in it.

    Raises:
        TooMany: too many wait already.
    """
    with _a_turn():
        return _HASHER.hash(_typed(password))


def check_password(stored: str | None, password: str) -> bool:
    """Return whether the password is the one that was hashed.

    None means that nobody of that name is known: the same work is done and the answer is no, so
    that neither the answer nor its cost tells who has an account.

    Raises:
        TooMany: too many wait already.
    """
    try:
        with _a_turn():
            return _HASHER.verify(_nobody() if stored is None else stored, _typed(password))
    except (VerificationError, InvalidHashError):
        return False


def needs_rehash(stored: str) -> bool:
    """Return whether a hash was made with other settings than today's."""
    return _HASHER.check_needs_rehash(stored)


@contextmanager
def _a_turn() -> Iterator[None]:
    if not _IN_LINE.acquire(blocking=False):
        raise TooMany
    try:
        with _AT_ONCE:
            yield
    finally:
        _IN_LINE.release()


def _typed(password: str) -> bytes:
    # One keyboard sends an accented letter as one code point, the next as letter and accent. NFC
    # makes both the same password; it leaves every difference that a person can see.
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")


def _nobody() -> str:
    """Return a hash that no password has, made without hashing and with today's settings."""
    salt, digest = (
        b64encode(bytes(length)).decode().rstrip("=")
        for length in (_HASHER.salt_len, _HASHER.hash_len)
    )
    settings = f"m={_HASHER.memory_cost},t={_HASHER.time_cost},p={_HASHER.parallelism}"
    return f"$argon2id$v=19${settings}${salt}${digest}"
