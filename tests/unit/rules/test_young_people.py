"""What may be said of a young person when a case is opened."""

from datetime import date

import pytest

from transition.rules.errors import RuleBroken
from transition.rules.young_people import (
    age_in_words,
    age_on,
    question_about_birth,
    refuse_birth,
    swapped,
    unusual_age,
)

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("born", "age"),
    [
        (date(2009, 11, 23), (17, 0)),
        (date(2009, 11, 24), (16, 11)),
        (date(2009, 6, 30), (17, 4)),
        (date(2008, 2, 29), (18, 8)),
    ],
)
def test_an_age_is_counted_in_years_and_months(born: date, age: tuple[int, int]) -> None:
    assert age_on(born, TODAY) == age


def test_who_was_born_on_a_leap_day_is_a_year_older_on_the_first_of_march() -> None:
    born = date(2008, 2, 29)
    assert age_on(born, date(2026, 2, 28)) == (17, 11)
    assert age_on(born, date(2026, 3, 1)) == (18, 0)


@pytest.mark.parametrize(
    ("born", "words"),
    [
        (date(2009, 6, 15), "17 years 5 months"),
        (date(2009, 10, 1), "17 years 1 month"),
        (date(2009, 11, 23), "17 years"),
    ],
)
def test_an_age_is_said_as_people_say_it(born: date, words: str) -> None:
    assert age_in_words(born, TODAY) == words


@pytest.mark.parametrize("born", [date(2016, 11, 23), date(1989, 11, 24)])
def test_the_youngest_and_the_oldest_can_have_a_case(born: date) -> None:
    refuse_birth(born, TODAY)


@pytest.mark.parametrize(
    ("born", "sentence"),
    [
        (date(2026, 11, 24), "Date of birth must be in the past"),
        (date(2016, 11, 24), "would be 9 years 11 months old"),
        (date(1989, 11, 23), "would be 37 years old"),
    ],
)
def test_an_impossible_age_is_refused(born: date, sentence: str) -> None:
    with pytest.raises(RuleBroken, match=sentence):
        refuse_birth(born, TODAY)


@pytest.mark.parametrize(
    ("born", "unusual"),
    [
        (date(2013, 11, 23), False),
        (date(2013, 11, 24), True),
        (date(1990, 11, 24), False),
        (date(1990, 11, 23), True),
    ],
)
def test_an_unusual_age_is_read_back(born: date, *, unusual: bool) -> None:
    assert unusual_age(born, TODAY) is unusual


@pytest.mark.parametrize(
    ("born", "other"),
    [
        (date(2009, 7, 9), date(2009, 9, 7)),
        (date(2009, 12, 1), date(2009, 1, 12)),
        (date(2009, 7, 13), None),
        (date(2009, 7, 7), None),
        (date(2008, 2, 29), None),
    ],
)
def test_a_day_up_to_the_twelfth_may_be_a_swapped_month(born: date, other: date | None) -> None:
    assert swapped(born) == other


def test_an_age_that_cannot_be_swapped_is_asked_about_alone() -> None:
    assert question_about_birth(date(2009, 7, 13), TODAY) == "17 years 4 months old. Is this right?"


def test_an_age_that_may_be_swapped_stands_beside_the_other_one() -> None:
    assert question_about_birth(date(2009, 7, 9), TODAY) == (
        "17 years 4 months old. Is this right?"
        " With day and month the other way round it would be 17 years 2 months."
    )


def test_a_swapped_day_that_has_not_come_is_no_question() -> None:
    assert question_about_birth(date(2026, 1, 12), TODAY) == "0 years 10 months old. Is this right?"
