"""Endings other than a death: who may take one back, and what must be found before a No."""

from datetime import date

import pytest

from transition.rules.closings import (
    refuse_taking_back,
    refuse_undoing,
    refuse_without_capacity_record,
)
from transition.rules.errors import RuleBroken
from transition.rules.people import CHILDRENS_ROLES, Actor, Role

TODAY = date(2026, 11, 23)


def _acting(role: Role, uid: bytes) -> Actor:
    return Actor(uid, "Nina", "naomi", frozenset({role}))


@pytest.mark.parametrize("role", Role)
def test_what_waits_is_taken_back_by_its_recorder_or_the_childrens_side(role: Role) -> None:
    refuse_taking_back(b"1", by=_acting(role, b"1"))
    if role in CHILDRENS_ROLES:
        refuse_taking_back(b"1", by=_acting(role, b"2"))
    else:
        with pytest.raises(RuleBroken, match="Only the children's hospice"):
            refuse_taking_back(b"1", by=_acting(role, b"2"))


@pytest.mark.parametrize("role", Role)
def test_what_stands_is_undone_on_its_day_by_its_recorder_or_a_childrens_lead(role: Role) -> None:
    refuse_undoing(b"1", TODAY, by=_acting(role, b"1"), today=TODAY)
    if role is Role.CHILDRENS_LEAD:
        refuse_undoing(b"1", TODAY, by=_acting(role, b"2"), today=TODAY)
    else:
        with pytest.raises(RuleBroken, match="Only who recorded this"):
            refuse_undoing(b"1", TODAY, by=_acting(role, b"2"), today=TODAY)
    with pytest.raises(RuleBroken, match="not recorded today"):
        refuse_undoing(b"1", date(2026, 11, 22), by=_acting(role, b"1"), today=TODAY)


@pytest.mark.parametrize(
    ("reason", "found", "words"),
    [
        ("young_person", (), "has capacity"),
        ("young_person", ("lacks", "not_assessed"), "has capacity"),
        ("young_person", ("has",), ""),
        ("young_person", ("fluctuates",), ""),
        ("best_interests", ("has",), "lacks capacity"),
        ("best_interests", ("lacks",), ""),
        ("family", (), ""),
    ],
)
def test_a_no_stands_on_what_was_found_about_this_decision(
    reason: str, found: tuple[str, ...], words: str
) -> None:
    if words:
        with pytest.raises(RuleBroken, match=words):
            refuse_without_capacity_record(reason, found)
    else:
        refuse_without_capacity_record(reason, found)
