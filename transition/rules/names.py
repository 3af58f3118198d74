"""Finding people by part of a name, however it is spelt: folding, and one slip of the hand."""

import unicodedata
from collections.abc import Collection, Iterable
from typing import Final

LEAST: Final = 2
"""Letters that a search needs."""

LONG: Final = 4
"""Letters from which a word may be misspelt once and is still found."""

HYPHENS: Final = "Pd"
"""The kind of character that every hyphen and dash is."""

MARKS: Final = "Lm"
"""The kind of the apostrophes that count as letters."""

APART: Final = str.maketrans(
    {
        "\u00f8": "o",  # o with a stroke
        "\u0111": "d",  # d with a stroke
        "\u00f0": "d",  # eth
        "\u0142": "l",  # l with a stroke
        "\u0127": "h",  # h with a stroke
        "\u0131": "i",  # i without its dot
        "\u00e6": "ae",
        "\u0153": "oe",
        "\u00fe": "th",  # thorn
    }
)
"""Letters that are no plain letter with a mark; people type them as these."""


def folded(name: str) -> str:
    """Return a name in small plain letters, with plain hyphens and no apostrophes or dots."""
    kept = "".join(map(_kept, name))
    apart = unicodedata.normalize("NFKD", kept).casefold().translate(APART)
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def _kept(character: str) -> str:
    kind = unicodedata.category(character)
    if kind == HYPHENS or character.isspace():
        return "-" if kind == HYPHENS else " "
    told = character.isalnum() and kind != MARKS
    return character if told or unicodedata.combining(character) else ""


def search_text(names: Iterable[str]) -> str:
    """Return the words that somebody of these names is found by.

    A name with a hyphen is there as one word and in its parts: ``smithjones smith jones``.
    """
    words: dict[str, None] = {}
    for word in " ".join(map(folded, names)).split():
        words[word.replace("-", "")] = None
        words |= dict.fromkeys(part for part in word.split("-") if part)
    return " ".join(words)


def asked_words(typed: str) -> tuple[str, ...]:
    """Return the words to look for, or none where too little was typed."""
    words = tuple(word for word in folded(typed).replace("-", "").split() if word)
    return words if sum(map(len, words)) >= LEAST else ()


def close_to(word: str, letters: Collection[str]) -> set[str]:
    """Return every word of these letters that one slip makes of a word of four letters or more.

    A slip leaves a letter out, puts one in, takes another for it, or swaps two neighbours.
    """
    if len(word) < LONG:
        return set()
    halves = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    left_out = {head + tail[1:] for head, tail in halves if tail}
    swapped = {head + tail[1] + tail[0] + tail[2:] for head, tail in halves if tail[1:]}
    put_in = {head + letter + tail for head, tail in halves for letter in letters}
    exchanged = {head + letter + tail[1:] for head, tail in halves if tail for letter in letters}
    return left_out | swapped | put_in | exchanged


def alike(names: Iterable[str], others: Iterable[str]) -> bool:
    """Return whether two people may be taken for each other: a name of each is the same but a slip.

    Source: hazard H5 of the hazard log.
    """
    theirs = {folded(name) for name in others}
    letters = set("".join(theirs))
    ours = {folded(name) for name in names}
    return any(not theirs.isdisjoint({name} | close_to(name, letters)) for name in ours)


def near(name: str) -> set[str]:
    """Return a name, and it with any one letter left out.

    Of two names that are the same but for a slip, these have one in common.
    """
    plain = folded(name)
    return {plain} | {plain[:at] + plain[at + 1 :] for at in range(len(plain))}


def share_a_name(full: str, other: str) -> bool:
    """Return whether two people have a name in common, as brothers and sisters have."""
    return not set(folded(full).split()).isdisjoint(folded(other).split())
