"""Who moves when."""

from datetime import date

import pytest

from transition.rules.errors import RuleBroken
from transition.rules.pathway import Stage
from transition.rules.upcoming import (
    CERTAINTIES,
    Certainty,
    Elsewhen,
    above_usual,
    months_ahead,
    months_along,
    parse_usual_number,
    period_of,
)

TODAY = date(2026, 11, 23)


def test_twelve_months_begin_with_this_one() -> None:
    months = months_ahead(TODAY)
    assert (months[0], months[1], months[-1]) == (
        date(2026, 11, 1),
        date(2026, 12, 1),
        date(2027, 10, 1),
    )
    assert len(months) == 12


@pytest.mark.parametrize(
    ("target_on", "period"),
    [
        (None, Elsewhen.UNDATED),
        (date(2026, 11, 22), Elsewhen.PASSED),
        (TODAY, date(2026, 11, 1)),
        (date(2027, 2, 28), date(2027, 2, 1)),
        (date(2027, 10, 31), date(2027, 10, 1)),
        (date(2027, 11, 1), Elsewhen.LATER),
    ],
)
def test_a_move_falls_into_its_month(target_on: date | None, period: object) -> None:
    assert period_of(target_on, TODAY) == period


@pytest.mark.parametrize(
    ("day", "along"),
    [
        (date(2026, 11, 1), 0.0),
        (date(2026, 11, 16), 0.5),
        (date(2027, 1, 1), 2.0),
        (date(2027, 10, 31), 11 + 30 / 31),
        (date(2026, 5, 1), 0.0),
        (date(2029, 1, 1), 12.0),
    ],
)
def test_a_day_lies_so_far_along(day: date, along: float) -> None:
    assert months_along(day, TODAY) == pytest.approx(along)


def test_a_move_is_agreed_once_it_was_accepted_and_nobody_moves_twice() -> None:
    assert CERTAINTIES[Stage.PLANNING] is Certainty.POSSIBLE
    assert CERTAINTIES[Stage.HANDOVER] is Certainty.PROPOSED
    assert CERTAINTIES[Stage.MOVING] is Certainty.AGREED
    assert set(Stage) - CERTAINTIES.keys() == {Stage.SETTLING, Stage.COMPLETED}


@pytest.mark.parametrize(
    ("typed", "number"), [("", None), ("  ", None), ("1", 1), (" 7 ", 7), ("30", 30)]
)
def test_a_usual_number_is_read_as_it_is_typed(typed: str, number: int | None) -> None:
    assert parse_usual_number(typed) == number


@pytest.mark.parametrize("typed", ["0", "31", "-1", "1.5", "three", "٣", "9" * 5000])
def test_what_no_hospice_takes_on_is_refused(typed: str) -> None:
    with pytest.raises(RuleBroken, match="from 1 to 30, or leave it empty"):
        parse_usual_number(typed)


@pytest.mark.parametrize(("usual", "above"), [(None, 0), (1, 4), (4, 1), (5, 0), (30, 0)])
def test_a_month_is_above_by_what_is_agreed_and_proposed(usual: int | None, above: int) -> None:
    month = {Certainty.AGREED: 3, Certainty.PROPOSED: 2, Certainty.POSSIBLE: 7}
    assert above_usual(month, usual) == above
