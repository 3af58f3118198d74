from datetime import date, timedelta

import pytest

from transition.rules.guards import MISSING, TOO_YOUNG, EarlyStart, guard_of, planning_from
from transition.rules.people import Actor, Role
from transition.rules.stages import StageEvent

BORN = date(2010, 5, 23)
OLD_ENOUGH = date(2025, 11, 23)
SENTENCES = [(event, code) for event, codes in MISSING.items() for code in codes]


def _acting(role: Role) -> Actor:
    return Actor(b"1", "Nina", "naomi", frozenset({role}))


def test_these_milestones_guard_the_first_two_stages() -> None:
    assert [(str(event), code) for event, code in SENTENCES] == [
        ("prepare", "ID-02"),
        ("prepare", "ID-03"),
        ("prepare", "ID-05"),
        ("plan", "PR-03"),
        ("plan", "PR-02"),
        ("plan", "PR-10"),
    ]


@pytest.mark.parametrize(("event", "code"), SENTENCES)
def test_each_missing_milestone_has_its_sentence(event: StageEvent, code: str) -> None:
    missing = guard_of(event, outstanding={code, "PR-13"}, born=BORN, today=OLD_ENOUGH)
    assert missing == (MISSING[event][code],)


def test_the_sentences_come_together_and_all_differ() -> None:
    codes = {code for _, code in SENTENCES}
    prepare, plan = (
        guard_of(event, outstanding=codes, born=BORN, today=OLD_ENOUGH) for event in MISSING
    )
    assert (len(prepare), len(plan), len({*prepare, *plan})) == (3, 3, 6)


@pytest.mark.parametrize("event", StageEvent)
def test_with_nothing_outstanding_nothing_is_missing(event: StageEvent) -> None:
    assert guard_of(event, outstanding=(), born=BORN, today=OLD_ENOUGH) == ()


@pytest.mark.parametrize("event", StageEvent)
def test_planning_alone_waits_for_fifteen_and_a_half(event: StageEvent) -> None:
    missing = guard_of(event, outstanding=(), born=BORN, today=OLD_ENOUGH - timedelta(days=1))
    assert missing == ((TOO_YOUNG,) if event is StageEvent.PLAN else ())


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("reason", ["", " ", "Health is changing"])
def test_only_a_childrens_lead_with_a_reason_plans_early(role: Role, reason: str) -> None:
    early = EarlyStart(_acting(role), reason)
    missing = guard_of(
        StageEvent.PLAN, outstanding=(), born=BORN, today=date(2024, 1, 1), early=early
    )
    holds = role is Role.CHILDRENS_LEAD and reason == "Health is changing"
    assert missing == (() if holds else (TOO_YOUNG,))


@pytest.mark.parametrize(
    ("born", "from_on"),
    [
        (date(2010, 5, 23), date(2025, 11, 23)),
        (date(2010, 8, 31), date(2026, 2, 28)),
        (date(2008, 2, 29), date(2023, 9, 1)),
    ],
)
def test_planning_starts_six_months_after_the_fifteenth_birthday(born: date, from_on: date) -> None:
    assert planning_from(born) == from_on
