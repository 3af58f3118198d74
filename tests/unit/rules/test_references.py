from itertools import product
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transition.rules.references import ALPHABET, SYMBOLS, is_reference, new_reference, normalise

CHANCE = st.randoms(use_true_random=False)
PREFIXES = st.sampled_from(["NHJ", "NEE", "OIL", "X1", "WESSEX"])


def test_the_alphabet_has_no_symbols_that_are_taken_for_another() -> None:
    assert (len(ALPHABET), len(set(ALPHABET))) == (30, 30)
    assert not set(ALPHABET) & set("0O1ILU")


def test_the_reference_of_the_design_is_one() -> None:
    assert is_reference("NHJ-7K2M-4")


def test_each_body_has_at_most_one_check_character() -> None:
    for body in product("27KZ", repeat=4):
        assert sum(is_reference(f"NHJ-{''.join(body)}-{check}") for check in ALPHABET) <= 1


def test_a_body_without_a_check_character_is_drawn_again() -> None:
    bodies = ["".join(body) for body in product(ALPHABET[:6], repeat=4)]
    without = [
        body
        for body in bodies
        if not any(is_reference(f"NHJ-{body}-{check}") for check in ALPHABET)
    ]
    draws = iter([ALPHABET.index(letter) for letter in without[0] + "7K2M"])
    assert new_reference("NHJ", lambda _: next(draws)) == "NHJ-7K2M-4"


@given(PREFIXES, CHANCE)
def test_a_new_reference_is_one_and_is_drawn_from_the_alphabet(prefix: str, chance: Random) -> None:
    reference = new_reference(prefix, chance.randrange)
    assert is_reference(reference)
    drawn_prefix, body, check = reference.split("-")
    assert (drawn_prefix, len(body), len(check)) == (prefix, 4, 1)
    assert set(body + check) <= set(ALPHABET)


@given(PREFIXES, CHANCE)
def test_any_one_mistyped_character_is_noticed(prefix: str, chance: Random) -> None:
    reference = new_reference(prefix, chance.randrange)
    for place, letter in enumerate(reference):
        for other in set(SYMBOLS + "-") - {letter}:
            assert not is_reference(reference[:place] + other + reference[place + 1 :])


@given(PREFIXES, CHANCE)
def test_any_two_characters_swapped_are_noticed(prefix: str, chance: Random) -> None:
    reference = new_reference(prefix, chance.randrange)
    for first in range(len(reference)):
        for second in range(first):
            swapped = list(reference)
            swapped[first], swapped[second] = swapped[second], swapped[first]
            assert is_reference("".join(swapped)) is (swapped == list(reference))


@given(PREFIXES, CHANCE)
def test_a_character_left_out_or_added_is_noticed(prefix: str, chance: Random) -> None:
    reference = new_reference(prefix, chance.randrange)
    for place in range(len(reference) - 6, len(reference)):
        assert not is_reference(reference[:place] + reference[place + 1 :])
        assert not is_reference(reference[:place] + "7" + reference[place:])


@pytest.mark.parametrize(
    "text", ["NHJ-7K2M-4", "nhj-7k2m-4", " nhj 7k2m 4\n", "NHJ7K2M4", "N H J 7 K 2 M 4"]
)
def test_a_typed_reference_is_put_into_its_form(text: str) -> None:
    assert normalise(text) == "NHJ-7K2M-4"


@pytest.mark.parametrize(
    "text", ["", "-", "4", "NHJ-7K2M", "NHJ-7K2M-4\n", "NHJ-7K2M-٤", "\uff2eHJ-7K2M-4", "-7K2M-4"]
)
def test_anything_else_is_no_reference(text: str) -> None:
    assert not is_reference(text)


@given(st.text())
def test_whatever_is_typed_can_be_put_into_form_and_asked(text: str) -> None:
    again = normalise(normalise(text))
    assert is_reference(again) in {True, False}


@given(CHANCE, st.text(alphabet=" -\t", max_size=3))
def test_what_is_put_into_form_stays_so(chance: Random, between: str) -> None:
    reference = new_reference("NHJ", chance.randrange)
    assert normalise(between.join(reference).lower()) == reference
