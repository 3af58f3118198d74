"""What a target date may be, and which due dates move with it."""

from dataclasses import replace
from datetime import date

import pytest

from transition.rules.due_days import Anchors
from transition.rules.errors import RuleBroken
from transition.rules.pathway import Stage
from transition.rules.targets import (
    Target,
    TargetReason,
    refuse_no_target,
    refuse_target,
    retargeted,
    suggested_target,
)

BORN = date(2009, 6, 15)
TODAY = date(2026, 11, 23)
ANCHORS = Anchors(born=BORN, opened_on=date(2025, 1, 6), entered_on=date(2025, 1, 6))


@pytest.mark.parametrize(
    ("on", "window_to"),
    [
        (TODAY, None),
        (date(2027, 6, 1), date(2027, 6, 2)),
        (date(2027, 6, 1), date(2028, 6, 1)),
    ],
)
def test_a_day_ahead_or_a_window_of_a_year_can_be_aimed_at(
    on: date, window_to: date | None
) -> None:
    refuse_target(Target(on=on, window_to=window_to), BORN, TODAY)


@pytest.mark.parametrize(
    ("on", "window_to", "words"),
    [
        (date(2026, 11, 22), None, "today or later"),
        (date(2027, 6, 1), date(2027, 6, 1), "after its first day"),
        (date(2027, 6, 1), date(2028, 6, 2), "12 months long at most"),
    ],
)
def test_a_day_that_passed_and_an_impossible_window_are_refused(
    on: date, window_to: date | None, words: str
) -> None:
    with pytest.raises(RuleBroken, match=words):
        refuse_target(Target(on=on, window_to=window_to), BORN, TODAY)


def test_the_sixteenth_birthday_itself_is_the_first_day_that_can_be_aimed_at() -> None:
    born = date(2012, 2, 29)
    refuse_target(Target(on=date(2028, 2, 29)), born, TODAY)
    with pytest.raises(RuleBroken, match="28 February 2028 is before the 16th birthday"):
        refuse_target(Target(on=date(2028, 2, 28)), born, TODAY)


@pytest.mark.parametrize(
    ("born", "suggested"),
    [
        (date(1996, 11, 24), None),
        (date(1996, 11, 23), date(2031, 5, 1)),
        (date(1992, 2, 29), date(2026, 9, 1)),
        (date(1992, 6, 30), date(2026, 12, 1)),
    ],
)
def test_from_30_the_month_of_34_and_a_half_is_suggested_and_tells_no_birthday(
    born: date, suggested: date | None
) -> None:
    today = date(2026, 8, 31) if born.month == 2 else TODAY
    assert suggested_target(born, today) == suggested


def test_nothing_is_suggested_once_that_month_has_begun() -> None:
    assert suggested_target(date(1992, 2, 29), date(2026, 9, 2)) is None


def test_a_target_set_today_remembers_the_one_before() -> None:
    first = retargeted(ANCHORS, date(2027, 6, 1), date(2026, 1, 5))
    assert (first.target_on, first.target_set_on) == (date(2027, 6, 1), date(2026, 1, 5))
    assert first.earlier_targets == ()
    second = retargeted(first, date(2027, 9, 1), TODAY)
    assert second == replace(
        first,
        target_on=date(2027, 9, 1),
        target_set_on=TODAY,
        earlier_targets=((date(2026, 1, 5), date(2027, 6, 1)),),
    )


def test_only_reasons_of_people_are_asked_for() -> None:
    assert [one.value for one in TargetReason if one.asked] == [
        "young_person_choice",
        "family_choice",
        "unstable_health",
        "adult_capacity",
        "funding_not_agreed",
        "school_timing",
        "staffing",
        "other",
    ]


@pytest.mark.parametrize("stage", Stage)
def test_a_handover_is_never_without_the_date_that_both_are_asked_by(stage: Stage) -> None:
    refuse_no_target(date(2027, 6, 1), stage)
    if stage in {Stage.IDENTIFIED, Stage.PREPARING, Stage.PLANNING}:
        refuse_no_target(None, stage)
        return
    with pytest.raises(RuleBroken, match="A handover needs this date"):
        refuse_no_target(None, stage)
