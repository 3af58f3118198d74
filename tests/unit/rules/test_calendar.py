"""Counting in months, birthdays and working days."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transition.rules.calendar import (
    add_months,
    add_working_days,
    birthday,
    is_working_day,
    working_days_between,
)

CHRISTMAS = frozenset({date(2026, 12, 25), date(2026, 12, 28), date(2027, 1, 1)})
DAYS = st.dates(date(1988, 1, 1), date(2060, 12, 31))
HOLIDAYS = st.frozensets(st.dates(date(2026, 1, 1), date(2026, 12, 31)), max_size=12)
DAYS_OF_2026 = st.dates(date(2026, 1, 1), date(2026, 12, 31))


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2025, 8, 31), -6, date(2025, 2, 28)),
        (date(2024, 8, 31), -6, date(2024, 2, 29)),
        (date(2025, 8, 31), 3, date(2025, 11, 30)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2025, 12, 31), 1, date(2026, 1, 31)),
        (date(2026, 1, 15), -1, date(2025, 12, 15)),
        (date(2026, 3, 15), 0, date(2026, 3, 15)),
    ],
)
def test_months_clamp_to_the_end_of_the_month(day: date, months: int, expected: date) -> None:
    assert add_months(day, months) == expected


@settings(deadline=None)
@given(DAYS, st.integers(-240, 240))
def test_months_keep_the_day_or_take_the_last_one(day: date, months: int) -> None:
    moved = add_months(day, months)
    assert (moved.year * 12 + moved.month) - (day.year * 12 + day.month) == months
    last_of_month = (moved + timedelta(1)).month != moved.month
    assert moved.day == day.day or (moved.day < day.day and last_of_month)


@pytest.mark.parametrize(
    ("born", "years", "expected"),
    [
        (date(2008, 2, 29), 17, date(2025, 3, 1)),
        (date(2008, 2, 29), 16, date(2024, 2, 29)),
        (date(2008, 8, 31), 17, date(2025, 8, 31)),
        (date(2008, 3, 1), 17, date(2025, 3, 1)),
    ],
)
def test_a_leap_day_birthday_is_the_first_of_march(born: date, years: int, expected: date) -> None:
    assert birthday(born, years) == expected


def test_weekends_and_bank_holidays_are_no_working_days() -> None:
    assert is_working_day(date(2026, 12, 24), CHRISTMAS)
    assert not is_working_day(date(2026, 12, 25), CHRISTMAS)
    assert not is_working_day(date(2026, 12, 26), CHRISTMAS)
    assert not is_working_day(date(2026, 12, 27), CHRISTMAS)
    assert not is_working_day(date(2026, 12, 28), CHRISTMAS)


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        (date(2026, 12, 24), 0, date(2026, 12, 24)),
        (date(2026, 12, 24), 1, date(2026, 12, 29)),
        (date(2026, 12, 24), 4, date(2027, 1, 4)),
        (date(2026, 12, 29), -1, date(2026, 12, 24)),
        (date(2026, 12, 26), 0, date(2026, 12, 26)),
        (date(2026, 12, 26), 1, date(2026, 12, 29)),
        (date(2026, 12, 27), -1, date(2026, 12, 24)),
    ],
)
def test_day_nought_is_the_day_itself(day: date, count: int, expected: date) -> None:
    assert add_working_days(day, count, CHRISTMAS) == expected


@settings(deadline=None)
@given(DAYS_OF_2026, st.integers(-40, 40), HOLIDAYS)
def test_counting_back_finds_the_number_that_was_added(
    day: date, count: int, holidays: frozenset[date]
) -> None:
    assert working_days_between(day, add_working_days(day, count, holidays), holidays) == count


@settings(deadline=None)
@given(DAYS_OF_2026, st.integers(1, 40), HOLIDAYS)
def test_working_days_end_on_a_working_day(
    day: date, count: int, holidays: frozenset[date]
) -> None:
    assert is_working_day(add_working_days(day, count, holidays), holidays)
    assert is_working_day(add_working_days(day, -count, holidays), holidays)


def test_the_first_day_does_not_count_and_the_last_does() -> None:
    assert working_days_between(date(2026, 11, 23), date(2026, 11, 27), frozenset()) == 4
    assert working_days_between(date(2026, 11, 27), date(2026, 11, 29), frozenset()) == 0
    assert working_days_between(date(2026, 11, 27), date(2026, 11, 23), frozenset()) == -4
