from datetime import UTC, datetime

import pytest

from transition.rules.people import Actor, Role
from transition.rules.second_steps import (
    LENGTH,
    SYMBOLS,
    in_groups,
    may_reset,
    may_see_in_person,
    new_recovery_code,
    read_recovery_code,
    steps_around,
)

RUTH = Actor(b"r", "Ruth", "naomi", frozenset({Role.TRANSITION_NURSE}))
PRIYA = Actor(b"p", "Priya", "naomi", frozenset({Role.CHILDRENS_LEAD}))
HELEN = Actor(b"h", "Helen", "rowans", frozenset({Role.ADULT_LEAD}))
SAM = Actor(b"s", "Sam", "collaborative", frozenset({Role.ADMIN}))
TIM = Actor(b"t", "Tim", "collaborative", frozenset({Role.ADMIN}))


def test_a_code_is_taken_one_step_early_or_late_and_no_more() -> None:
    at = datetime(1970, 1, 1, 0, 10, 15, tzinfo=UTC)
    assert list(steps_around(at)) == [19, 20, 21]


def test_a_recovery_code_says_eighty_bits() -> None:
    assert len(set(SYMBOLS)) == 32
    assert LENGTH * 5 == 80
    assert new_recovery_code(lambda below: below - 1) == "Z" * LENGTH


def test_a_recovery_code_is_read_however_it_is_typed() -> None:
    assert in_groups("0123456789ABCDEF", "-") == "0123-4567-89AB-CDEF"
    assert read_recovery_code("o1i3-4567 89ab-cdeL") == "0113456789ABCDE1"


@pytest.mark.parametrize(
    ("actor", "other", "has_lead", "may"),
    [
        (PRIYA, RUTH, True, True),
        (HELEN, RUTH, True, False),
        (RUTH, PRIYA, True, False),
        (PRIYA, PRIYA, True, False),
        (SAM, RUTH, True, False),
        (SAM, TIM, False, True),
        (SAM, SAM, False, False),
        (PRIYA, SAM, False, False),
    ],
)
def test_a_lead_of_the_same_hospice_sees_somebody_in_person(
    actor: Actor, other: Actor, *, has_lead: bool, may: bool
) -> None:
    assert may_see_in_person(actor, other, has_lead=has_lead) is may


def test_an_administrator_resets_who_neither_saw_them_nor_is_them() -> None:
    assert may_reset(SAM, b"r", b"p")
    assert not may_reset(PRIYA, b"r", b"p")
    assert not may_reset(SAM, b"s", b"t")
    assert not may_reset(SAM, b"t", b"s")
