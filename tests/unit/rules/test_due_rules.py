"""The language of due rules: every line of it, by value."""

from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transition.rules.due_rules import DueRuleError, parse

NO_HOLIDAYS: frozenset[date] = frozenset()
BORN = st.dates(date(1990, 1, 1), date(2016, 12, 31))


@dataclass
class Days:
    """A case as due rules see it."""

    born: date = date(2010, 6, 15)
    opened_on: date = date(2024, 5, 1)
    school_year_offset: int = 0
    transfer_on: date | None = None
    events: dict[str, date] = field(default_factory=dict)


def due(text: str, days: Days, last_done: date | None = None) -> date | None:
    return parse(text).on(days, NO_HOLIDAYS, last_done)


def words(text: str, days: Days, last_done: date | None = None) -> str:
    return parse(text).words(days, NO_HOLIDAYS, last_done)


@pytest.mark.parametrize(
    ("text", "born", "expected"),
    [
        ("age(16y)", date(2010, 6, 15), date(2026, 6, 15)),
        ("age(16y,-3m)", date(2010, 6, 15), date(2026, 3, 15)),
        ("age(17y6m)", date(2008, 2, 29), date(2025, 9, 1)),
        ("age(16y,-3m)", date(2008, 2, 29), date(2023, 11, 29)),
        ("age(17y3m)", date(2008, 8, 31), date(2025, 11, 30)),
        ("age(14y6m)", date(2010, 6, 15), date(2024, 12, 15)),
        ("age(14y,+6m)", date(2010, 6, 15), date(2024, 12, 15)),
        ("age(14y6m,-1m)", date(2010, 6, 15), date(2024, 11, 15)),
        ("age(16y,+2w)", date(2010, 6, 15), date(2026, 6, 29)),
        ("age(16y,+1y3d)", date(2010, 6, 15), date(2027, 6, 18)),
    ],
)
def test_an_age_is_a_birthday_and_one_step_from_it(text: str, born: date, expected: date) -> None:
    assert due(text, Days(born=born)) == expected


@pytest.mark.parametrize(
    ("born", "year_9"),
    [
        (date(2010, 10, 5), 2024),
        (date(2011, 6, 5), 2024),
        (date(2011, 8, 31), 2024),
        (date(2011, 9, 1), 2025),
    ],
)
def test_year_9_starts_by_cohort(born: date, year_9: int) -> None:
    assert due("school(9,start)", Days(born=born)) == date(year_9, 9, 1)
    assert due("school(9,end)", Days(born=born)) == date(year_9 + 1, 8, 31)


@settings(deadline=None)
@given(BORN, st.integers(-2, 1), st.integers(7, 13))
def test_a_year_group_below_starts_a_year_later(born: date, offset: int, year: int) -> None:
    own = due(f"school({year},start)", Days(born=born))
    moved = due(f"school({year},start)", Days(born=born, school_year_offset=offset))
    assert own
    assert moved == own.replace(year=own.year - offset)


def test_an_opening_counts_months_weeks_and_working_days() -> None:
    days = Days(opened_on=date(2026, 11, 23))
    assert due("open(+20wd)", days) == date(2026, 12, 21)
    assert due("open(+4m)", days) == date(2027, 3, 23)
    assert due("open(+6w)", days) == date(2027, 1, 4)
    assert due("open(+0wd)", days) == date(2026, 11, 23)


def test_bank_holidays_do_not_count() -> None:
    holidays = frozenset({date(2026, 12, 21)})
    days = Days(opened_on=date(2026, 11, 23))
    assert parse("open(+20wd)").on(days, holidays) == date(2026, 12, 22)


def test_a_transfer_rule_waits_for_a_transfer_date() -> None:
    assert due("transfer(-6m)", Days()) is None
    assert due("transfer(-6m)", Days(transfer_on=date(2026, 8, 31))) == date(2026, 2, 28)
    assert due("transfer(+2w)", Days(transfer_on=date(2026, 8, 31))) == date(2026, 9, 14)


def test_openings_and_transfers_on_a_leap_day_clamp_to_the_28th() -> None:
    leap = date(2028, 2, 29)
    assert due("open(+12m)", Days(opened_on=leap)) == date(2029, 2, 28)
    assert due("transfer(+12m)", Days(transfer_on=leap)) == date(2029, 2, 28)
    assert due("age(14y); every(12m)", Days(), last_done=leap) == date(2029, 2, 28)


def test_an_event_rule_waits_for_its_event() -> None:
    days = Days(events={"accepted": date(2026, 11, 20)})
    assert due("event(accepted,+10wd)", days) == date(2026, 12, 4)
    assert due("event(accepted)", days) == date(2026, 11, 20)
    assert due("event(proposed,+5wd)", days) is None


def test_later_is_unknown_while_either_is() -> None:
    days = Days(transfer_on=date(2027, 1, 1))
    assert due("later(age(16y),transfer(-1m))", days) == date(2026, 12, 1)
    assert due("later(age(17y),transfer(-1m))", days) == date(2027, 6, 15)
    assert due("later(age(16y),transfer(-1m))", Days()) is None
    assert due("later(transfer(-1m),age(16y))", Days()) is None


def test_earlier_takes_the_one_that_is_known() -> None:
    days = Days(transfer_on=date(2027, 1, 1))
    assert due("earlier(age(16y),transfer(-1m))", days) == date(2026, 6, 15)
    assert due("earlier(age(17y),transfer(-1m))", days) == date(2026, 12, 1)
    assert due("earlier(transfer(-1m),age(16y))", Days()) == date(2026, 6, 15)
    assert due("earlier(age(16y),transfer(-1m))", Days()) == date(2026, 6, 15)
    assert due("earlier(transfer(-1m),event(accepted))", Days()) is None


def test_comparisons_hold_comparisons() -> None:
    text = "later(earlier(age(16y), age(17y)), later(open(+1m), school(9,end)))"
    assert due(text, Days()) == date(2026, 6, 15)


@settings(deadline=None)
@given(BORN, st.integers(1, 30))
def test_a_repetition_comes_that_long_after_it_was_last_done(born: date, months: int) -> None:
    rule = parse(f"age(14y); every({months}m)")
    days = Days(born=born)
    first = rule.on(days, NO_HOLIDAYS)
    assert first == due("age(14y)", days)
    last_done = date(2026, 11, 15)
    again = rule.on(days, NO_HOLIDAYS, last_done)
    assert again == due(f"open(+{months}m)", Days(opened_on=last_done))


def test_a_rule_without_repetition_does_not_ask_when_it_was_done() -> None:
    assert due("age(16y)", Days(), last_done=date(2026, 1, 1)) == date(2026, 6, 15)


@settings(deadline=None)
@given(st.dates(date(2007, 1, 1), date(2012, 12, 31)), st.integers(-36, 36))
def test_one_step_is_taken_from_the_birthday_itself(born: date, months: int) -> None:
    sixteen = due("age(16y)", Days(born=born))
    assert sixteen
    stepped = due(f"age(16y,{months:+}m)", Days(born=born))
    assert stepped == due(f"open({months:+}m)", Days(opened_on=sixteen))
    assert stepped
    assert stepped - sixteen <= timedelta(31 * max(months, 0))


def test_a_rule_names_the_anchors_it_uses() -> None:
    text = "later(school(10,end), open(+12m)); every(12m)"
    assert parse(text).anchors_used == {"school", "open", "every"}
    assert parse("earlier(age(16y),transfer(-1m))").anchors_used == {"age", "transfer"}
    assert parse("event(proposed,+5wd)").anchors_used == {"event"}


@pytest.mark.parametrize(
    ("text", "piece"),
    [
        ("", "“” is not a rule"),
        ("birthday(16y)", "“birthday(16y)” is not a rule"),
        ("every(12m)", "“every(12m)” is not a rule"),
        ("age(16)", "“16” is not an age"),
        ("age(16y,3q)", "“3q” is not a length of time"),
        ("age(16y,)", "“” is not a length of time"),
        ("age(14y6m,-2w)", "“14y6m,-2w” leads both forward and back"),
        ("open(20)", "“20” is not a length of time"),
        ("open(+20WD)", "“+20WD” is not a length of time"),
        ("open(+2h)", "“+2h” is not a length of time"),
        ("school(9,middle)", "“9,middle” is not a school year"),
        ("event(queried,+5wd)", "“queried” is not an event"),
        ("event(accepted,5)", "“5” is not a length of time"),
        ("later(age(16y))", "“age(16y)” does not name two rules"),
        ("later(age(16y),open(+1m),open(+2m))", "does not name two rules"),
        ("later(age(16y),open(+3m)", "“open(+3m” is not a rule"),
        ("age(16y); age(17y)", "“age(17y)” is not a repetition"),
        ("age(16y); 12m", "“12m” is not a repetition"),
        ("age(16y); every(0m)", "“every(0m)” does not lead forward"),
        ("age(16y); every(-12m)", "“every(-12m)” does not lead forward"),
    ],
)
def test_a_mistake_is_named_by_its_piece(text: str, piece: str) -> None:
    with pytest.raises(DueRuleError) as refusal:
        parse(text)
    assert piece in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("age(16y)", "the 16th birthday"),
        ("age(21y)", "the 21st birthday"),
        ("age(22y)", "the 22nd birthday"),
        ("age(33y)", "the 33rd birthday"),
        ("age(11y)", "the 11th birthday"),
        ("age(13y)", "the 13th birthday"),
        ("age(16y,-3m)", "3 months before the 16th birthday"),
        ("age(14y6m)", "6 months after the 14th birthday"),
        ("school(9,start)", "the start of Year 9"),
        ("school(9,end)", "the end of Year 9"),
        ("open(+0wd)", "the day the case was opened"),
        ("open(+1wd)", "1 working day after the case was opened"),
        ("open(+6w)", "6 weeks after the case was opened"),
        ("open(+1m10d)", "1 month and 10 days after the case was opened"),
        ("transfer(-4w)", "4 weeks before the transfer date"),
        ("transfer(+0d)", "the transfer date"),
        ("event(accepted,+10wd)", "10 working days after the handover was accepted"),
        ("event(accepted)", "the day the handover was accepted"),
        ("event(proposed,+5wd)", "the handover has not been proposed"),
        (
            "later(age(16y),open(+3m))",
            "the 16th birthday, which is later than 3 months after the case was opened",
        ),
        (
            "earlier(age(16y),open(+3m))",
            "3 months after the case was opened, which is earlier than the 16th birthday",
        ),
        ("later(age(16y),age(15y,+12m))", "the 16th birthday"),
        ("later(age(16y),event(proposed))", "the handover has not been proposed"),
        ("earlier(event(proposed),age(16y))", "the 16th birthday"),
    ],
)
def test_a_rule_says_how_its_day_came_about(text: str, expected: str) -> None:
    days = Days(transfer_on=date(2027, 1, 1), events={"accepted": date(2026, 11, 20)})
    assert words(text, days) == expected


def test_without_a_target_the_words_say_what_is_missing() -> None:
    assert words("transfer(-6m)", Days()) == "no target transfer date is set"


def test_a_repetition_says_so() -> None:
    text = "age(14y); every(12m)"
    assert words(text, Days(), date(2026, 1, 1)) == "12 months after it was last done"
    assert words(text, Days()) == "the 14th birthday"
