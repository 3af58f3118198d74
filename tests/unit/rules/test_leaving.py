"""What is said of what somebody holds, and how a caseload is split evenly."""

import pytest

from transition.rules.errors import RuleBroken
from transition.rules.leaving import Held, HeldKind, even_split, held_words, refuse_held

_K = HeldKind


@pytest.mark.parametrize(
    ("held", "words"),
    [
        ((), ""),
        ((Held(_K.CASE, "A"),), "1 young person"),
        ((Held(_K.CASE, "A"), Held(_K.CASE, "B")), "2 young people"),
        (
            (Held(_K.ADULT_WORKER, "A", "rowans-1"), Held(_K.COVER, "00")),
            "1 young person as adult named worker, cover for 1 colleague",
        ),
        (
            (Held(_K.DUTY, "deputy"), Held(_K.COVER, "00"), Held(_K.COVER, "01")),
            "cover for 2 colleagues, the duty of deputy",
        ),
    ],
)
def test_what_somebody_holds_is_said_in_words(held: tuple[Held, ...], words: str) -> None:
    assert held_words(held) == words
    if held:
        with pytest.raises(RuleBroken, match=words):
            refuse_held("Ruth", held)


def test_nobody_is_refused_who_holds_nothing() -> None:
    refuse_held("Ruth", ())


def test_each_thing_has_a_key_of_its_own() -> None:
    assert Held(_K.ADULT_WORKER, "NHJ-7K2M-4", "rowans-1").key == "worker/NHJ-7K2M-4/rowans-1"
    assert Held(_K.CASE, "NHJ-7K2M-4").key == "case/NHJ-7K2M-4"


@pytest.mark.parametrize(
    ("loads", "after"),
    [
        ({"a": 0, "b": 0}, {"a": 3, "b": 2}),
        ({"a": 4, "b": 0}, {"a": 1, "b": 4}),
        ({"a": 2, "b": 0, "c": 1}, {"a": 1, "b": 3, "c": 1}),
        ({}, {}),
    ],
)
def test_a_caseload_is_split_so_that_all_have_as_evenly_much_as_can_be(
    loads: dict[str, int], after: dict[str, int]
) -> None:
    split = even_split(["1", "2", "3", "4", "5"], loads)
    assert {one: list(split.values()).count(one) for one in loads} == after
