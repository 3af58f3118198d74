"""Case references: random, without meaning, and safe to read out and type again."""

import re
from collections.abc import Callable
from typing import Final

SYMBOLS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""The symbols that are drawn: none that is easily taken for another (0 O, 1 I L, U V)."""
BODY: Final = 4
MODULUS: Final = 37
"""A prime above the number of symbols: no two symbols, and no two weights, count alike."""
LAST_WEIGHT: Final = 3
"""The check character's weight; each place to its left weighs one more."""

_REFERENCE: Final = re.compile(rf"[A-Z0-9]{{2,6}}-[{ALPHABET}]{{{BODY}}}-[{ALPHABET}]")


def new_reference(prefix: str, draw: Callable[[int], int]) -> str:
    """Return a reference such as `NHJ-7K2M-4`; `draw(n)` gives a random number below n.

    A body whose check character is not in the alphabet is drawn again. That it was never drawn
    before is for the database to say.
    """
    while True:
        body = "".join(ALPHABET[draw(len(ALPHABET))] for _ in range(BODY))
        for check in ALPHABET:
            if _sum(prefix + body + check) == 0:
                return f"{prefix}-{body}-{check}"


def is_reference(text: str) -> bool:
    """Return whether a text is a reference whose check character is right.

    One mistyped character, or two neighbours swapped, is always noticed.
    """
    return _REFERENCE.fullmatch(text) is not None and _sum(text.replace("-", "")) == 0


def normalise(text: str) -> str:
    """Return a typed reference as it is written: capitals, and hyphens where they belong."""
    letters = re.sub(r"[\s-]", "", text).upper()
    return f"{letters[: -BODY - 1]}-{letters[-BODY - 1 : -1]}-{letters[-1:]}"


def _sum(letters: str) -> int:
    """Return the weighted sum of all characters; 0 for what belongs together."""
    weighted = enumerate(reversed(letters), start=LAST_WEIGHT)
    return sum(weight * SYMBOLS.index(letter) for weight, letter in weighted) % MODULUS
