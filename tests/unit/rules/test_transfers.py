"""Who signs a transfer and when, and what both sides are asked on the way to it."""

from datetime import date, timedelta

import pytest

from transition.rules.errors import RuleBroken
from transition.rules.nudges import Addressee
from transition.rules.pathway import Stage
from transition.rules.people import Actor, Role, Side
from transition.rules.stages import CaseState, Ending
from transition.rules.transfers import (
    Ahead,
    Rung,
    Signed,
    both_signed,
    may_confirm,
    prompt_due,
    refuse_signature,
    signing_role,
)

TODAY = date(2026, 11, 23)
MOVING = CaseState(Stage.MOVING)
NO_HOLIDAYS: frozenset[date] = frozenset()


def somebody(*roles: Role, uid: bytes = b"1") -> Actor:
    return Actor(
        uid, "Somebody", "rowans" if Role.ADULT_LEAD in roles else "naomi", frozenset(roles)
    )


NURSE, LEAD = somebody(Role.TRANSITION_NURSE), somebody(Role.ADULT_LEAD, uid=b"2")


def in_days(days: int, by: Actor = NURSE) -> Signed:
    return Signed(by, TODAY + timedelta(days))


@pytest.mark.parametrize("days", [0, 14, 15, 60])
def test_the_first_signature_may_be_given_long_before(days: int) -> None:
    refuse_signature(MOVING, (), in_days(days), TODAY)


@pytest.mark.parametrize(
    ("days", "allowed"), [(-1, False), (0, True), (14, True), (15, False), (60, False)]
)
def test_ruling_53_the_later_signature_lies_at_most_14_days_before_and_never_after(
    days: int, *, allowed: bool
) -> None:
    first = in_days(days)
    if allowed:
        refuse_signature(MOVING, [first], in_days(days, LEAD), TODAY)
        return
    with pytest.raises(RuleBroken, match=r"has passed|last 14 days"):
        refuse_signature(MOVING, [first], in_days(days, LEAD), TODAY)


def test_the_refusal_says_from_when_the_second_can_sign() -> None:
    with pytest.raises(RuleBroken, match="from 24 November 2026"):
        refuse_signature(MOVING, [in_days(15)], in_days(15, LEAD), TODAY)


@pytest.mark.parametrize(
    ("state", "by", "words"),
    [
        (CaseState(Stage.HANDOVER), NURSE, "at “Handover"),
        (CaseState(Stage.SETTLING), NURSE, "at “Settling"),
        (CaseState(Stage.MOVING, paused=True), NURSE, "paused"),
        (CaseState(Stage.MOVING, ending=Ending.MOVED_AWAY), NURSE, "has ended"),
        (MOVING, somebody(Role.ADULT_WORKER), "not yours"),
        (MOVING, somebody(Role.COORDINATOR), "Nobody signs for both"),
        (MOVING, somebody(Role.TRANSITION_NURSE, Role.ADULT_LEAD), "Nobody signs for both"),
    ],
)
def test_others_do_not_sign_nor_at_another_time(state: CaseState, by: Actor, words: str) -> None:
    with pytest.raises(RuleBroken, match=words):
        refuse_signature(state, (), in_days(3, by), TODAY)


def test_the_same_person_does_not_sign_for_both_sides() -> None:
    again = somebody(Role.ADULT_LEAD, uid=b"1")
    with pytest.raises(RuleBroken, match="A second person"):
        refuse_signature(MOVING, [in_days(3)], in_days(3, again), TODAY)


@pytest.mark.parametrize(
    ("by", "may"),
    [
        (somebody(Role.CHILDRENS_LEAD, uid=b"9"), True),
        (somebody(Role.CHILDRENS_LEAD), False),
        (somebody(Role.TRANSITION_NURSE, uid=b"9"), False),
    ],
)
def test_a_lead_who_did_not_sign_records_that_a_provider_outside_confirms(
    by: Actor, *, may: bool
) -> None:
    assert may_confirm([in_days(0)], by) is may
    assert not may_confirm([], by)


def test_both_have_signed_when_each_side_has() -> None:
    assert not both_signed([])
    assert not both_signed([in_days(3)])
    assert both_signed([in_days(3), in_days(3, LEAD)])
    assert in_days(3).side is Side.CHILDRENS


def test_somebody_signs_as_a_lead_of_their_hospice_and_not_as_a_worker() -> None:
    assert signing_role(somebody(Role.ADULT_WORKER, Role.ADULT_LEAD)) is Role.ADULT_LEAD
    both = somebody(Role.CHILDRENS_LEAD, Role.TRANSITION_NURSE)
    assert signing_role(both) is Role.TRANSITION_NURSE


# Sunday 13 December 2026: 28 days before is a Sunday, and so is 14 days before.
ON = date(2026, 12, 13)
CHRISTMAS = frozenset({date(2026, 12, 25), date(2026, 12, 28)})

SAID = [
    (date(2026, 7, 13), {"met": False}, Rung.MEETING, 0),
    (date(2026, 7, 12), {"met": False}, None, 0),
    (date(2026, 7, 13), {}, None, 0),
    (date(2026, 11, 15), {}, None, 0),
    (date(2026, 11, 16), {}, Rung.READY, 0),
    (date(2026, 11, 29), {"gates_open": True}, Rung.READY, 0),
    (date(2026, 11, 30), {"gates_open": True}, Rung.FINISH, 0),
    (date(2026, 11, 30), {}, Rung.READY, 0),
    (date(2026, 12, 13), {"gates_open": True}, Rung.FINISH, 0),
    (date(2026, 12, 14), {"gates_open": True}, Rung.PASSED, 0),
    (date(2026, 12, 14), {}, Rung.PASSED, 0),
    (date(2026, 12, 21), {}, Rung.PASSED, 1),
    (date(2026, 12, 28), {}, Rung.PASSED, 1),
    (date(2026, 12, 29), {}, Rung.PASSED, 2),
    (date(2027, 1, 4), {}, Rung.PASSED, 3),
]
"""On which day, with what still open, both sides were last asked for what."""


@pytest.mark.parametrize(("today", "words", "rung", "number"), SAID)
def test_ruling_52_what_both_sides_are_asked_by_day(
    today: date, words: dict[str, bool], rung: Rung | None, number: int
) -> None:
    met, gates_open = words.get("met", True), words.get("gates_open", False)
    ahead = Ahead(ON, met=met, gates_open=gates_open)
    prompt = prompt_due(ahead, today, CHRISTMAS)
    assert (prompt.rung, prompt.number) == (rung, number) if prompt else rung is None


def test_a_date_that_has_passed_for_a_week_is_told_to_somebody_more_senior() -> None:
    ahead = Ahead(ON, met=True, gates_open=False)
    first = prompt_due(ahead, date(2026, 12, 14), NO_HOLIDAYS)
    second = prompt_due(ahead, date(2026, 12, 21), NO_HOLIDAYS)
    assert first is not None
    assert second is not None
    assert set(second.to) - set(first.to) == {
        Addressee.CHILDRENS_ESCALATION,
        Addressee.RECEIVER_ESCALATION,
    }


def test_a_worker_who_is_not_named_by_its_day_is_asked_for_and_then_by_somebody_more_senior() -> (
    None
):
    ahead = Ahead(ON, met=True, gates_open=False, worker_by=date(2026, 10, 5))
    assert prompt_due(ahead, date(2026, 10, 5), NO_HOLIDAYS) is None
    first = prompt_due(ahead, date(2026, 10, 6), NO_HOLIDAYS)
    second = prompt_due(ahead, date(2026, 10, 13), NO_HOLIDAYS)
    assert first is not None
    assert second is not None
    assert (first.rung, first.number, second.number) == (Rung.WORKER, 0, 1)
    assert first.to == (Addressee.RECEIVER_LEAD, Addressee.RECEIVER_DEPUTY)
    assert set(second.to) - set(first.to) == {
        Addressee.CHILDRENS_ESCALATION,
        Addressee.RECEIVER_ESCALATION,
    }
