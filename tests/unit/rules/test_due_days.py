"""When a milestone is due on a case: floors, repetitions, pauses, and the sentence why."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transition.rules.calendar import add_working_days
from transition.rules.due_days import Anchors, Due, Outcome, OutcomeKind, due_of, due_on, settles
from transition.rules.due_rules import parse
from transition.rules.pathway import MilestoneRule, Owner, Stage

NO_HOLIDAYS: frozenset[date] = frozenset()
CHRISTMAS = frozenset({date(2026, 12, 25), date(2026, 12, 28), date(2027, 1, 1)})
OPENED = date(2024, 5, 1)
ANCHORS = Anchors(born=date(2010, 6, 15), opened_on=OPENED, entered_on=OPENED)
MOVING = replace(ANCHORS, target_on=date(2027, 6, 1), target_set_on=date(2025, 1, 6))
TEXTS = [
    "age(16y,-3m)",
    "open(+20wd)",
    "school(9,end)",
    "transfer(-6m)",
    "later(age(17y),open(+3m))",
]
DAYS = st.dates(date(2020, 1, 1), date(2029, 12, 31))


def rule(text: str) -> MilestoneRule:
    return MilestoneRule(
        code="X-01",
        stage=Stage.PREPARING,
        title="Something done",
        owner=Owner.CHILDRENS,
        due=parse(text),
        source="Local proposal",
        letter_words="a planning step",
    )


def due(text: str, anchors: Anchors, outcome: Outcome | None = None) -> Due:
    answer = due_of(rule(text), anchors, outcome, NO_HOLIDAYS)
    assert answer.on == due_on(rule(text), anchors, outcome, NO_HOLIDAYS)
    return answer


def done(day: date) -> Outcome:
    return Outcome(OutcomeKind.DONE, day)


def test_a_date_that_lies_ahead_is_the_rules_own() -> None:
    assert due("age(16y,-3m)", ANCHORS) == Due(
        date(2026, 3, 15), "3 months before the 16th birthday."
    )


def test_what_has_passed_when_a_case_opens_is_due_20_working_days_later() -> None:
    assert due("age(13y)", ANCHORS) == Due(
        date(2024, 5, 29),
        "20 working days after the case was opened, because the rule's own date"
        " (the 13th birthday) comes sooner.",
    )


def test_what_would_be_due_within_20_working_days_waits_for_them_too() -> None:
    assert due("open(+5wd)", ANCHORS).on == date(2024, 5, 29)
    assert due("open(+20wd)", ANCHORS) == Due(
        date(2024, 5, 29), "20 working days after the case was opened."
    )


def test_a_case_entered_later_counts_from_the_day_it_was_entered() -> None:
    late = replace(ANCHORS, entered_on=date(2026, 11, 23))
    answer = due("open(+20wd)", late)
    assert answer.on == date(2026, 12, 21)
    assert answer.sentence.startswith("20 working days after the case was entered, because")
    early = replace(ANCHORS, entered_on=date(2024, 4, 1))
    assert due("open(+5wd)", early).on == date(2024, 5, 29)


def test_bank_holidays_lengthen_the_floor() -> None:
    late = replace(ANCHORS, entered_on=date(2026, 12, 14))
    assert due_on(rule("age(13y)"), late, None, CHRISTMAS) == date(2027, 1, 14)


@settings(deadline=None)
@given(st.sampled_from(TEXTS), DAYS, DAYS, st.none() | DAYS)
def test_nothing_is_due_before_the_floor(
    text: str, opened_on: date, entered_on: date, target_on: date | None
) -> None:
    anchors = replace(ANCHORS, opened_on=opened_on, entered_on=entered_on, target_on=target_on)
    floor = add_working_days(max(opened_on, entered_on), 20, NO_HOLIDAYS)
    own = parse(text).on(anchors, NO_HOLIDAYS)
    answer = due(text, anchors)
    assert answer.on == (max(own, floor) if own else None)
    assert ("because" in answer.sentence) == (own is not None and own < floor)


def test_an_event_rule_has_no_floor() -> None:
    proposed = replace(ANCHORS, events={"proposed": date(2024, 5, 2)})
    assert due("event(proposed,+5wd)", proposed).on == date(2024, 5, 9)
    expedited = replace(proposed, unexpedited_on=date(2024, 5, 3))
    assert due("event(proposed,+5wd)", expedited).on == date(2024, 5, 9)


def test_an_event_that_has_not_happened_gives_no_date() -> None:
    assert due("event(accepted,+10wd)", ANCHORS) == Due(
        None, "No date yet: the handover has not been accepted."
    )


def test_without_a_target_date_there_is_no_date() -> None:
    assert due("transfer(-6m)", ANCHORS) == Due(
        None, "No date yet: no target transfer date is set."
    )


def test_what_would_be_due_when_a_target_is_set_is_due_20_working_days_later() -> None:
    anchors = replace(ANCHORS, target_on=date(2027, 6, 1), target_set_on=date(2026, 11, 23))
    assert due("transfer(-12m)", anchors) == Due(
        date(2026, 12, 21),
        "20 working days after the target date was set, because the rule's own date"
        " (12 months before the transfer date) comes sooner.",
    )
    assert due("transfer(-5m)", anchors).on == date(2027, 1, 1)


def test_a_near_target_date_is_the_latest_that_its_rows_become() -> None:
    anchors = replace(ANCHORS, target_on=date(2026, 11, 28), target_set_on=date(2026, 11, 23))
    assert due("transfer(-6w)", anchors) == Due(
        date(2026, 11, 28),
        "The transfer date itself, because the rule's own date"
        " (6 weeks before the transfer date) comes sooner.",
    )
    assert due("transfer(+2w)", anchors).on == date(2026, 12, 12)


def test_setting_a_target_moves_no_other_row() -> None:
    anchors = replace(ANCHORS, target_on=date(2027, 6, 1), target_set_on=date(2026, 11, 23))
    assert due("age(16y)", anchors).on == date(2026, 6, 15)


@settings(deadline=None)
@given(DAYS, DAYS, st.integers(-12, 12))
def test_a_target_row_is_due_no_earlier_than_the_lesser_of_its_two_floors(
    target_on: date, set_on: date, months: int
) -> None:
    anchors = replace(ANCHORS, target_on=target_on, target_set_on=set_on)
    floor = min(add_working_days(set_on, 20, NO_HOLIDAYS), target_on)
    unmoved = due(f"transfer({months:+}m)", replace(anchors, target_set_on=None)).on
    assert unmoved
    assert due(f"transfer({months:+}m)", anchors).on == max(unmoved, floor)


def test_the_actual_date_counts_once_it_is_signed() -> None:
    signed = replace(MOVING, transferred_on=date(2027, 5, 10))
    assert due("transfer(+2w)", MOVING).on == date(2027, 6, 15)
    assert due("transfer(+2w)", signed).on == date(2027, 5, 24)


def test_a_shortened_path_that_ended_gives_20_working_days() -> None:
    anchors = replace(ANCHORS, unexpedited_on=date(2026, 11, 23))
    answer = due("age(16y)", anchors)
    assert answer.on == date(2026, 12, 21)
    assert answer.sentence.startswith("20 working days after the shortened path ended, because")
    assert due("age(17y)", anchors).on == date(2027, 6, 15)


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (date(2026, 6, 16), date(2026, 7, 31), date(2026, 6, 15)),
        (date(2026, 6, 15), date(2026, 7, 31), date(2026, 8, 28)),
        (date(2026, 5, 1), date(2026, 6, 15), date(2026, 7, 13)),
        (date(2026, 5, 1), date(2026, 6, 14), date(2026, 6, 15)),
    ],
)
def test_a_pause_counts_both_its_days(first: date, last: date, expected: date) -> None:
    assert due("age(16y)", replace(ANCHORS, pauses=((first, last),))).on == expected


def test_the_sentence_says_that_a_pause_moved_the_date() -> None:
    paused = replace(ANCHORS, pauses=((date(2026, 6, 1), date(2026, 7, 31)),))
    assert due("age(16y)", paused).sentence == (
        "20 working days after the case was resumed, because the date had fallen within a pause."
    )


def test_a_date_moved_into_a_second_pause_moves_again() -> None:
    pauses = ((date(2026, 6, 1), date(2026, 7, 31)), (date(2026, 8, 20), date(2026, 9, 30)))
    assert due("age(16y)", replace(ANCHORS, pauses=pauses)).on == date(2026, 10, 28)


def test_while_a_case_is_paused_nothing_ahead_has_a_date_and_what_was_late_stays() -> None:
    paused = replace(ANCHORS, pauses=((date(2026, 6, 15), None),))
    assert due("age(16y)", paused) == Due(
        None,
        "No date while the case is paused: it is worked out again when the case is resumed.",
    )
    assert due("age(16y,-1d)", paused).on == date(2026, 6, 14)


def test_a_repeating_row_that_was_done_shows_when_it_comes_again() -> None:
    assert due("age(14y); every(12m)", ANCHORS, done(date(2026, 2, 3))) == Due(
        date(2027, 2, 3), "12 months after it was last done."
    )


def test_the_floor_holds_for_repetitions_too() -> None:
    entered = replace(ANCHORS, entered_on=date(2026, 11, 23))
    answer = due("age(14y); every(12m)", entered, done(date(2025, 1, 6)))
    assert answer.on == date(2026, 12, 21)
    assert "(12 months after it was last done)" in answer.sentence


@pytest.mark.parametrize(
    "kind", [OutcomeKind.NOT_APPLICABLE, OutcomeKind.DECLINED_BY_PERSON, OutcomeKind.WAIVED]
)
def test_only_done_repeats(kind: OutcomeKind) -> None:
    outcome = Outcome(kind, date(2026, 2, 3))
    assert due("age(15y); every(12m)", ANCHORS, outcome).on == date(2025, 6, 15)
    assert settles(rule("age(15y); every(12m)"), outcome)
    assert settles(rule("age(15y); every(12m)"), Outcome(OutcomeKind.DONE, None))


def test_a_row_without_outcome_or_that_comes_again_is_not_settled() -> None:
    assert not settles(rule("age(15y)"), None)
    assert not settles(rule("age(15y); every(12m)"), done(date(2026, 2, 3)))
    assert settles(rule("age(15y)"), done(date(2026, 2, 3)))


def after(day: date) -> Mapping[str, Anchors]:
    later, much_later = day + timedelta(1), day + timedelta(90)
    return {
        "target moved": replace(
            MOVING,
            target_on=date(2028, 6, 1),
            target_set_on=later,
            earlier_targets=((date(2025, 1, 6), date(2027, 6, 1)),),
        ),
        "transferred": replace(MOVING, transferred_on=later),
        "paused": replace(MOVING, pauses=((later, None),)),
        "paused and resumed": replace(MOVING, pauses=((date(2025, 2, 3), much_later),)),
        "unexpedited": replace(MOVING, unexpedited_on=later),
    }


@pytest.mark.parametrize("text", ["transfer(-6m)", "age(16y)"])
@pytest.mark.parametrize("change", after(OPENED))
def test_a_satisfied_row_keeps_the_date_it_had(text: str, change: str) -> None:
    outcome = done(date(2026, 11, 6))
    changed = after(date(2026, 11, 6))[change]
    assert due(text, changed, outcome) == due(text, MOVING, None)


def test_a_row_settled_before_its_event_had_no_date() -> None:
    proposed = replace(ANCHORS, events={"proposed": date(2026, 11, 6)})
    assert due("event(proposed,+5wd)", proposed, done(date(2026, 11, 5))).on is None
    assert due("event(proposed,+5wd)", proposed, done(date(2026, 11, 6))).on == date(2026, 11, 13)


def test_an_open_row_follows_each_of_those_changes() -> None:
    changed = after(date(2026, 11, 6)).values()
    assert due("transfer(-6m)", MOVING).on not in {
        due("transfer(-6m)", each).on for each in changed
    }


def test_what_was_so_before_a_row_was_satisfied_still_holds() -> None:
    signed = replace(MOVING, transferred_on=date(2027, 5, 10))
    assert due("transfer(+2w)", signed, done(date(2027, 5, 20))).on == date(2027, 5, 24)
    resumed = replace(MOVING, pauses=((date(2026, 6, 1), date(2026, 7, 31)),))
    assert due("age(16y)", resumed, done(date(2026, 7, 31))).on == date(2026, 8, 28)
    unexpedited = replace(MOVING, unexpedited_on=date(2026, 11, 2))
    assert due("age(16y)", unexpedited, done(date(2026, 11, 2))).on == date(2026, 11, 30)


def test_a_row_satisfied_before_any_target_was_set_had_no_date() -> None:
    assert due("transfer(-6m)", MOVING, done(date(2025, 1, 5))).on is None
    assert due("transfer(-6m)", MOVING, done(date(2025, 1, 6))).on == date(2026, 12, 1)
    always = replace(MOVING, target_set_on=None)
    assert due("transfer(-6m)", always, done(date(2025, 1, 5))).on == date(2026, 12, 1)


@pytest.mark.parametrize(
    ("done_on", "expected"),
    [
        (date(2024, 9, 1), None),
        (date(2024, 9, 2), date(2026, 3, 1)),
        (date(2024, 11, 4), date(2026, 4, 1)),
        (date(2025, 1, 6), date(2026, 12, 1)),
    ],
)
def test_a_satisfied_row_follows_the_target_that_stood(
    done_on: date, expected: date | None
) -> None:
    targets = ((date(2024, 9, 2), date(2026, 9, 1)), (date(2024, 11, 4), date(2026, 10, 1)))
    moved = replace(MOVING, earlier_targets=targets)
    assert due("transfer(-6m)", moved, done(done_on)).on == expected


def test_a_row_satisfied_on_no_known_day_follows_the_present_target() -> None:
    outcome = Outcome(OutcomeKind.NOT_APPLICABLE, None, "not_needed")
    assert due("transfer(-6m)", MOVING, outcome).on == date(2026, 12, 1)
