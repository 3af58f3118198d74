"""Which passwords can be chosen. Abuse case 2 is the first table."""

import pytest

from transition.catalogue import read_catalogue
from transition.home import CONFIG
from transition.rules.errors import RuleBroken
from transition.rules.passwords import (
    ABOUT_YOU_OR_US,
    TOO_LONG,
    TOO_SHORT,
    WELL_KNOWN,
    guessable,
    refuse_password,
)

LISTED = read_catalogue(CONFIG, "hampshire_iow").guessable
KATHLEEN = ("Kathleen Moore", "kathleen.moore@naomi.example")

LONG = "purple kettle violin " * 6  # 126 characters, and the rest makes it whole


def refusal_of(password: str) -> str | None:
    try:
        refuse_password(password, listed=LISTED, about=KATHLEEN)
    except RuleBroken as refusal:
        return str(refusal)
    return None


@pytest.mark.parametrize(
    ("password", "refusal"),
    [
        pytest.param("naomihouse2026!!", ABOUT_YOU_OR_US, id="the name of the hospice"),
        pytest.param("correct horse battery staple", WELL_KNOWN, id="a famous one"),
        pytest.param("purple kettle!", TOO_SHORT, id="14 characters"),
        pytest.param("purple kettle!!", None, id="15 characters"),
        pytest.param(LONG + "xy", None, id="128 characters"),
        pytest.param(LONG + "xyz", TOO_LONG, id="129 characters"),
        pytest.param("🐢🚲🥝🎻🌧🪁🦔🍋🧦🪑🛶🎈🥁🪴🐝", None, id="pictures"),
    ],
)
def test_abuse_case_2(password: str, refusal: str | None) -> None:
    assert refusal_of(password) == refusal


@pytest.mark.parametrize(
    "password",
    [
        "purple kettle violin",
        "   purple  kettle   ",  # nothing is trimmed
        "PURPLEKETTLEVIOLIN",
        "x9#Kq!vT2m&Zr7_pL",
        "830194756208347",
        "cafe\u0301 noir et lait chaud",
        "лиловый чайник скрипка",
        "purple kettle naomi",  # one word that others would guess beside two that nobody would
        "Kathleen drinks purple kettles",
        "summer kettle violin",
        "half a pair \ud83d \0 end",
    ],
)
def test_any_long_password_that_nobody_would_guess_is_taken(password: str) -> None:
    assert refusal_of(password) is None


@pytest.mark.parametrize(
    "password",
    [
        "passwordpassword",
        "P4ssw0rdP4ssw0rd2026",
        "p@$$word-p@$$word",
        "Pässword Pässword",
        "\uff50assword1234567",  # a wide p
        "qwertyuiopasdfgh",
        "lkjhgfdsapoiuytr",
        "1qaz2wsx3edc4rfv",
        '!"£$%^&*()!"£$%',
        "123456789012345",
        "abcdefghijklmnop",
        "zyxwvutsrqponmlk",
        "aaaaaaaaaaaaaaaa",
        "aaaa bbbb cccc dddd",
        "abababababababab",
        "kettlekettlekettle",
        "kettle1kettle2kettle",
        "               ",
        "Summer 2026 Summer 2027",
        "november-2026-monday",
        "welcome welcome 99",
        "the quick brown fox jumps over the lazy dog",
        "Three Random Words",
        "demonstration only",
        "🐢🐢🐢🐢🐢🐢🐢🐢🐢🐢🐢🐢🐢🐢🐢",
    ],
)
def test_what_others_would_try_first_is_refused(password: str) -> None:
    assert refusal_of(password) == WELL_KNOWN


@pytest.mark.parametrize(
    "password",
    [
        "kathleen moore 1984",
        "MooreKathleen!!!",
        "kathleen.moore@naomi.example",
        "K4thl33n-M00re-2026",
        "Rowans Hospice 1234",
        "portsmouth15031984",
        "Isle of Wight Mountbatten",
        "transition tracker",
        "p.o.r.t.s.m.o.u.t.h",
    ],
)
def test_names_of_hers_and_of_ours_are_refused(password: str) -> None:
    assert refusal_of(password) == ABOUT_YOU_OR_US


def test_what_is_one_persons_name_another_may_use() -> None:
    refuse_password("kathleen moore 1984", listed=LISTED, about=("Jo Lee", "jo@rowans.example"))


def test_an_accent_counts_as_part_of_its_letter() -> None:
    assert refusal_of("e\u0301" * 14) == TOO_SHORT
    assert refusal_of("purple kettle e\u0301") is None


@pytest.mark.parametrize(
    ("password", "taken"),
    [
        pytest.param("violet 1987 2013 1990", False, id="years count for nothing"),
        pytest.param("violet 18872413 1790", True, id="what is no year does"),
        pytest.param("mo kettle on kettle violet", True, id="what is left makes no new word"),
        pytest.param("rainbow snowdrop violet", False, id="the longest word goes first"),
        pytest.param("violet!?!?!?!?!?!?", False, id="a mark counts once"),
    ],
)
def test_what_is_left_must_be_ten_characters(password: str, *, taken: bool) -> None:
    words = guessable(common=["kettle", "moon", "rain", "rainbow", "snow", "snowdrop"], context=[])
    try:
        refuse_password(password, listed=words, about=())
    except RuleBroken:
        assert not taken
    else:
        assert taken


def test_the_names_of_another_collaborative_are_its_own() -> None:
    other = read_catalogue(CONFIG, "north_east_essex").guessable
    refuse_password("mountbatten rowans", listed=other, about=())
    with pytest.raises(RuleBroken, match="hospices"):
        refuse_password("st helena hospice 12", listed=other, about=())
