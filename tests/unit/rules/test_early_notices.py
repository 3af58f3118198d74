"""Early notices: what may be told of those who are coming and are not named."""

from datetime import date

import pytest

from transition.rules.early_notices import (
    Notice,
    expected_of,
    quarter_in_words,
    quarter_of,
    quarters_ahead,
    refuse_notice,
)
from transition.rules.errors import RuleBroken
from transition.rules.handovers import Function
from transition.rules.pathway import Stage

TODAY = date(2026, 11, 23)
SPRING = date(2028, 4, 1)
ADVICE, BREAKS = Function.ADVICE_24_7, Function.SHORT_BREAKS


def notice(*functions: Function, complex_care: bool = False, seen: bool = False) -> Notice:
    return Notice(SPRING, functions or (ADVICE,), complex_care, seen)


@pytest.mark.parametrize(
    ("day", "quarter", "words"),
    [
        (date(2026, 1, 1), date(2026, 1, 1), "January to March 2026"),
        (date(2026, 3, 31), date(2026, 1, 1), "January to March 2026"),
        (date(2026, 12, 31), date(2026, 10, 1), "October to December 2026"),
    ],
)
def test_a_day_falls_into_its_quarter(day: date, quarter: date, words: str) -> None:
    assert quarter_of(day) == quarter
    assert quarter_in_words(quarter) == words


def test_four_years_can_be_chosen_from() -> None:
    quarters = quarters_ahead(TODAY)
    assert (quarters[0], quarters[-1]) == (date(2026, 10, 1), date(2030, 7, 1))
    assert len(set(quarters)) == 16


def test_few_are_only_counted() -> None:
    [two] = expected_of([notice(complex_care=True), notice(seen=True)])
    assert (two.quarter, two.people, two.unseen) == (SPRING, 2, 1)
    assert two.complex_care is None
    assert two.functions is None


def test_of_three_it_is_told_what_they_need() -> None:
    [three] = expected_of([notice(ADVICE, BREAKS, complex_care=True), notice(), notice()])
    assert three.complex_care == 1
    assert three.functions == ((ADVICE, 3), (BREAKS, 1))


def test_quarters_come_in_their_order_and_nobody_expected_is_nothing() -> None:
    later = Notice(date(2029, 1, 1), (ADVICE,), complex_care=False, seen=False)
    assert [one.quarter for one in expected_of([later, notice()])] == [SPRING, later.quarter]
    assert expected_of([]) == ()


@pytest.mark.parametrize(
    ("stage", "quarter", "functions", "words"),
    [
        (Stage.HANDOVER, SPRING, {ADVICE}, "was proposed already"),
        (Stage.PREPARING, date(2026, 7, 1), {ADVICE}, "lies ahead"),
        (Stage.PREPARING, date(2028, 5, 1), {ADVICE}, "lies ahead"),
        (Stage.PREPARING, SPRING, set(), "at least one thing"),
    ],
)
def test_a_notice_that_tells_nothing_is_refused(
    stage: Stage, quarter: date, functions: set[Function], words: str
) -> None:
    with pytest.raises(RuleBroken, match=words):
        refuse_notice(stage, quarter, functions, TODAY)


def test_any_other_is_not() -> None:
    refuse_notice(Stage.IDENTIFIED, SPRING, {ADVICE}, TODAY)
