"""Names are found however they are typed: capitals, accents, apostrophes, hyphens, one slip."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transition.rules.names import (
    alike,
    asked_words,
    close_to,
    folded,
    near,
    search_text,
    share_a_name,
)

LETTERS = string.ascii_lowercase
WORDS = st.text(LETTERS, min_size=4, max_size=9)


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("Zoë", "zoe"),
        ("MARA", "mara"),
        ("O'Brien", "obrien"),
        ("O\u2019Brien", "obrien"),
        ("O\u02bcBrien", "obrien"),
        ("O\u00b4Brien", "obrien"),
        ("Smith\u2013Jones", "smith-jones"),
        ("Smith\u2011Jones", "smith-jones"),
        ("Łukasz", "lukasz"),
        ("Søren", "soren"),
        ("Æsa", "aesa"),
        ("Þóra", "thora"),
        ("Straße", "strasse"),
        ("\u0130pek I\u015f\u0131k", "ipek isik"),
        ("Nguyễn", "nguyen"),
        ("St. Clair", "st clair"),
        ("Thị\u00a0Mai", "thi mai"),
        ("e\u0301toile", "etoile"),
        ("李小龍", "李小龍"),
    ],
)
def test_a_name_is_folded_to_plain_small_letters(name: str, plain: str) -> None:
    assert folded(name) == plain


def test_a_name_with_a_hyphen_is_found_as_a_whole_and_in_its_parts() -> None:
    assert search_text(("Sky", "Skyler", "Smith-Jones")) == "sky skyler smithjones smith jones"


def test_a_word_stands_once_and_a_lone_hyphen_is_none() -> None:
    assert search_text(("Sky", "Sky", "Ash -Elm")) == "sky ash elm"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("ok", ("ok",)),
        ("O", ()),
        (" - ' ", ()),
        ("a b", ("a", "b")),
        ("o'B", ("ob",)),
        ("Mara-Lee  OKAFOR", ("maralee", "okafor")),
    ],
)
def test_two_letters_are_enough_to_search_and_one_is_not(
    typed: str, words: tuple[str, ...]
) -> None:
    assert asked_words(typed) == words


def test_a_short_word_is_never_misspelt() -> None:
    assert close_to("kim", LETTERS) == set()
    assert "kima" in close_to("kims", LETTERS)


@pytest.mark.parametrize("slip", ["okafr", "okaffor", "okador", "oakfor", "okafo", "kafor"])
def test_one_slip_is_close(slip: str) -> None:
    assert "okafor" in close_to(slip, LETTERS)


@pytest.mark.parametrize("other", ["okfr", "okaforde", "kaofro", "okayer"])
def test_two_slips_are_not(other: str) -> None:
    assert "okafor" not in close_to(other, LETTERS)


@given(WORDS, WORDS)
def test_what_is_close_is_close_both_ways(one: str, other: str) -> None:
    assert (one in close_to(other, LETTERS)) == (other in close_to(one, LETTERS))


@given(WORDS, st.integers(0, 9), st.sampled_from(LETTERS))
def test_every_slip_of_one_letter_is_found(word: str, place: int, letter: str) -> None:
    at = min(place, len(word) - 1)
    left_out = word[:at] + word[at + 1 :]
    put_in = word[:at] + letter + word[at:]
    exchanged = word[:at] + letter + word[at + 1 :]
    for slip in (put_in, exchanged, *([left_out] if len(left_out) > 3 else [])):
        assert word in close_to(slip, LETTERS)


@pytest.mark.parametrize(
    ("name", "other", "is_alike"),
    [
        ("Mara Demo-Oak", "Mara Demo-Oak", True),
        ("Mara Demo-Oak", "MARÁ Demo-Oak", True),
        ("Mara Demo-Oak", "Mira Demo-Oak", True),
        ("Mara Demo-Oak", "Marta Demo-Oak", True),
        ("Mara Demo-Oak", "Amra Demo-Oak", True),
        ("Mara Demo-Oak", "Mina Demo-Oak", False),
        ("Mara Demo-Oak", "Mara Demo-Ash", False),
    ],
)
def test_two_people_are_alike_whose_names_are_the_same_but_for_a_slip(
    name: str, other: str, *, is_alike: bool
) -> None:
    assert alike(["Somebody Else", name], [other, "A Third"]) is is_alike
    assert alike([other], [name]) is is_alike


@given(WORDS)
def test_names_that_are_the_same_but_for_a_slip_have_a_spelling_in_common(name: str) -> None:
    assert all(near(name) & near(other) for other in close_to(name, LETTERS))


@pytest.mark.parametrize(
    ("full", "other", "shared"),
    [
        ("Esme Demo-Nutmeg", "Arlo Demo-Nutmeg", True),
        ("Esme Nutmeg", "Arlo NÚTMEG", True),
        ("Esme Nutmeg", "Arlo Nutmegs", False),
        ("Esme Nutmeg", "Nut Meg", False),
    ],
)
def test_brothers_and_sisters_share_a_name_whatever_its_accents(
    full: str, other: str, *, shared: bool
) -> None:
    assert share_a_name(full, other) is shared
