"""Searches raw bytes for words, in every writing in which they could have come to lie there."""

import base64
import quopri
from collections.abc import Iterable, Iterator

SHORTEST = 6
"""Letters that a word must have: shorter ones turn up in sealed bytes by chance."""


def found_in(raw: bytes, words: Iterable[str]) -> list[str]:
    """Return which of *words* lie in *raw*, whatever they were written in."""
    # Letters fold their lines: quoted-printable with a sign, base64 without one.
    unfolded = raw.replace(b"=\r\n", b"").replace(b"=\n", b"")
    joined = raw.replace(b"\r\n", b"").replace(b"\n", b"")
    hays = (raw, unfolded, joined)
    return [
        word for word in words if any(written in hay for written in writings(word) for hay in hays)
    ]


def writings(word: str) -> Iterator[bytes]:
    """Yield a word as UTF-8 and UTF-16, as quoted-printable, and as base64 from each beginning."""
    if len(word) < SHORTEST:
        raise ValueError(f"“{word}” is too short to be searched for.")
    for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
        plain = word.encode(encoding)
        yield plain
        yield from _in_base64(plain)
    yield quopri.encodestring(word.encode())
    yield quopri.encodestring(word.encode(), quotetabs=True)


def _in_base64(plain: bytes) -> Iterator[bytes]:
    """Yield what stands for *plain* alone, however many bytes stand before and after it."""
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + plain)
        first = (0, 2, 3)[before]
        rest = (before + len(plain)) % 3
        last = len(encoded) - (0, 3, 2)[rest]
        for alphabet in (encoded, encoded.replace(b"+", b"-").replace(b"/", b"_")):
            yield alphabet[first:last]
