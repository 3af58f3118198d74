"""Counts that point at nobody: domain 8.2."""

import pytest

from transition.rules.publishing import published


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "0"),
        (1, "fewer than 8"),
        (7, "fewer than 8"),
        (8, "about 10"),
        (12, "about 10"),
        (13, "about 15"),
        (100, "about 100"),
    ],
)
def test_none_is_none_a_few_are_not_told_apart_and_many_are_rounded(
    number: int, words: str
) -> None:
    assert published(number) == words


def test_no_shown_number_tells_small_ones_apart() -> None:
    assert len({published(number) for number in range(1, 8)}) == 1
