"""Which passwords can be chosen: long ones of any kind that nobody would guess."""

import re
import string
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from transition.rules.errors import RuleBroken

SHORTEST, LONGEST = 15, 128
"""Characters of a password, as people count them: an accent is part of its letter."""

LEAST: Final = 10
"""How many characters must be left when all that others would guess is taken out."""

HINT: Final = "Three random words make a good one."

TOO_SHORT: Final = f"The password must have at least {SHORTEST} characters. {HINT}"
TOO_LONG: Final = f"The password must have {LONGEST} characters or fewer"
ABOUT_YOU_OR_US: Final = (
    "Names of yours, of hospices and of places are too easy to guess. Choose a password that is "
    f"made of something else. {HINT}"
)
WELL_KNOWN: Final = (
    "Well-known words, years, keys that lie in a row and what is said twice are too easy to guess. "
    f"Choose a password that is made of something else. {HINT}"
)

ROWS: Final = (
    "1234567890",
    '!"£$%^&*()',
    "!@#$%^&*()",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol",
    "0123456789",
    string.ascii_lowercase,
)
"""What lies in a row: on a keyboard, in the alphabet, in counting."""

FEWEST: Final = 4
"""Fewer characters than these are no row, no word of a list, and not the same said twice."""

STEPS: Final = frozenset(
    way[start : start + FEWEST]
    for row in ROWS
    for way in (row, row[::-1])
    for start in range(len(row) - FEWEST + 1)
)

AS_LETTERS: Final = str.maketrans("013457@$", "oieastas")
"""Figures and marks that people put in the place of letters."""

YEAR: Final = re.compile(r"19\d\d|20[0-3]\d")
SAID_AGAIN: Final = re.compile(rf"(.{{{FEWEST},}})(?=.*\1)", re.DOTALL)
OVER_AND_OVER: Final = re.compile(r"(.)\1{2,}", re.DOTALL)
GAP: Final = "\0"
"""Stands where something was taken out, so that what is left does not make new words."""


@dataclass(frozen=True)
class Guessable:
    """The words that others would guess, in the spelling of `plain`."""

    common: frozenset[str]
    context: frozenset[str]


def guessable(*, common: Iterable[str], context: Iterable[str]) -> Guessable:
    """Return the lists as they are compared; words of *context* may be whole names."""
    return Guessable(frozenset(map(plain, common)), _words_of(context))


def refuse_password(password: str, *, listed: Guessable, about: Iterable[str]) -> None:
    """Do nothing if this can be a password of somebody whose name and address are *about*.

    Any characters will do, and nothing is asked of how they are mixed.

    Raises:
        RuleBroken: it cannot; the sentence says what to do.
    """
    length = len(unicodedata.normalize("NFC", password))
    if length < SHORTEST:
        raise RuleBroken(TOO_SHORT)
    if length > LONGEST:
        raise RuleBroken(TOO_LONG)
    if _left(password, listed.common) < LEAST:
        raise RuleBroken(WELL_KNOWN)
    if _left(password, listed.common | listed.context | _words_of(about)) < LEAST:
        raise RuleBroken(ABOUT_YOU_OR_US)


def plain(words: str) -> str:
    """Return *words* without capitals, accents, spaces and marks, as they are compared."""
    apart = unicodedata.normalize("NFKD", words).casefold()
    return "".join(each for each in apart if not unicodedata.combining(each) and not _is_mark(each))


def _is_mark(character: str) -> bool:
    return character in string.punctuation or character.isspace() or character == GAP


def _words_of(names: Iterable[str]) -> frozenset[str]:
    """Return what names and addresses are made of, and each of them in one piece."""
    pieces = (piece for name in names for piece in [name, *re.split(r"[\W_]+", name)])
    return frozenset(word for word in map(plain, pieces) if len(word) >= FEWEST)


def _left(password: str, listed: frozenset[str]) -> int:
    """Return how many characters are left that nobody would guess, read either way."""
    lowered = _without_rows(password.casefold())
    marks = len({each for each in lowered if each in string.punctuation})
    return marks + min(
        _left_of(plain(lowered), listed), _left_of(plain(lowered.translate(AS_LETTERS)), listed)
    )


def _left_of(letters: str, listed: frozenset[str]) -> int:
    for word in sorted(listed, key=len, reverse=True):
        letters = letters.replace(word, GAP)
    letters = YEAR.sub(GAP, _without_rows(letters))
    letters = SAID_AGAIN.sub("", OVER_AND_OVER.sub(GAP, letters))
    return len(letters.replace(GAP, ""))


def _without_rows(text: str) -> str:
    """Return *text* without what lies in a row."""
    taken: set[int] = set()
    for start in range(len(text) - FEWEST + 1):
        if text[start : start + FEWEST] in STEPS:
            taken.update(range(start, start + FEWEST))
    return "".join(GAP if place in taken else each for place, each in enumerate(text))
