"""Who may be the same person, and that twins never are."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from transition.rules.duplicates import Identity, follow_each_other, might_be_same

BORN = date(2009, 7, 9)
MARA = Identity("Mara", "Okafor-Lund", "Mars", BORN, "9990000018")


@pytest.mark.parametrize(
    "words",
    [
        {},
        {"given_name": "Mära", "nhs_number": None},
        {"given_name": "Marra"},
        {"given_name": "Mars", "known_as": None},
        {"family_name": "Okafor Lund"},
        {"family_name": "Okaforlund"},
        {"family_name": "Okafor-Lumd"},
        {"date_of_birth": date(2009, 9, 7)},
        {"date_of_birth": date(2008, 7, 9)},
        {"nhs_number": "9990009999"},
    ],
)
def test_similar_names_and_the_same_birth_date_may_be_one_person(words: dict[str, Any]) -> None:
    assert might_be_same(replace(MARA, **words), MARA)
    assert might_be_same(MARA, replace(MARA, **words))


@pytest.mark.parametrize(
    "words",
    [
        {"given_name": "Leon", "known_as": None},
        {"family_name": "Brown"},
        {"date_of_birth": date(2008, 7, 10)},
        {"date_of_birth": date(2008, 7, 9), "given_name": "Marra"},
        {"nhs_number": "9990000026"},
    ],
)
def test_what_differs_more_is_somebody_else(words: dict[str, Any]) -> None:
    assert not might_be_same(replace(MARA, **words), MARA)


@given(some.integers(100_000_000, 999_999_998), some.integers(0, 9), some.integers(0, 9))
def test_twins_whose_numbers_follow_each_other_are_never_one(
    first: int, check: int, other: int
) -> None:
    one = replace(MARA, nhs_number=f"{first}{check}")
    two = replace(MARA, nhs_number=f"{first + 1}{other}")
    assert not might_be_same(one, two)
    assert not might_be_same(two, one)


def test_without_two_numbers_nothing_follows() -> None:
    assert not follow_each_other(None, "9990000018")
    assert not follow_each_other("9990000018", None)
    assert not follow_each_other("9990000018", "9990000018")
