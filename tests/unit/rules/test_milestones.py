"""Which milestones concern a case, how each stands, and what a gate still waits for."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from transition.catalogue import read_pathway
from transition.rules.errors import RuleBroken
from transition.rules.milestones import (
    NOT_KNOWN,
    Anchors,
    Confirmed,
    Outcome,
    OutcomeKind,
    Status,
    applies,
    lines_of,
    outstanding,
    refuse_done,
    satisfied,
    settles,
    standings_of,
    status_of,
)
from transition.rules.pathway import Circumstance, Gate

PATHWAY = read_pathway(Path(__file__).parents[3] / "config" / "pathways" / "2026-1.toml")
NO_HOLIDAYS: frozenset[date] = frozenset()
TODAY = date(2026, 11, 23)
OPENED = date(2024, 5, 1)
EVERYTHING = frozenset(Circumstance)
ANCHORS = Anchors(born=date(2010, 6, 15), opened_on=OPENED, entered_on=OPENED)


def done(day: date) -> Outcome:
    return Outcome(OutcomeKind.DONE, day)


def codes_for(anchors: Anchors, outcomes: dict[str, Outcome] | None = None) -> set[str]:
    return {rule.code for rule in PATHWAY.milestones if applies(rule, anchors, outcomes or {})}


@pytest.mark.parametrize(
    ("due_on", "status"),
    [
        (None, Status.UNSCHEDULED),
        (date(2026, 12, 22), Status.UPCOMING),
        (date(2026, 12, 21), Status.DUE_SOON),
        (date(2026, 11, 24), Status.DUE_SOON),
        (date(2026, 11, 23), Status.DUE),
        (date(2026, 11, 22), Status.OVERDUE),
        (date(2026, 10, 26), Status.OVERDUE),
        (date(2026, 10, 25), Status.LONG_OVERDUE),
    ],
)
def test_the_days_left_give_the_status(due_on: date | None, status: Status) -> None:
    assert status_of(due_on, None, TODAY) is status


@pytest.mark.parametrize("kind", OutcomeKind)
def test_an_outcome_is_the_status(kind: OutcomeKind) -> None:
    assert status_of(date(2020, 1, 1), Outcome(kind, None), TODAY).value == kind.value


def test_late_is_the_word_for_both_kinds_of_late() -> None:
    assert {status for status in Status if status.late} == {Status.OVERDUE, Status.LONG_OVERDUE}
    assert "late" in Status.OVERDUE.label
    assert "late" in Status.LONG_OVERDUE.label
    assert not any("overdue" in status.label for status in Status)
    assert [answer.label for answer in Confirmed] == ["Yes", "No", "Not asked"]


def test_without_any_circumstance_the_conditional_rows_are_absent() -> None:
    absent = {rule.code for rule in PATHWAY.milestones} - codes_for(ANCHORS)
    assert absent == {
        *("PR-06", "PR-07", "PR-12", "PR-14", "PR-15"),
        *("PL-04", "PL-06", "PL-07", "MV-04", "SE-05"),
    }


@pytest.mark.parametrize(
    ("circumstance", "codes"),
    [
        (Circumstance.CONTINUING_CARE, {"PR-06", "PR-14"}),
        (Circumstance.EHCP, {"PR-07"}),
        (Circumstance.CHILDRENS_HOUSE, {"PR-12"}),
        (Circumstance.ADULT_CARE_NEEDS, {"PR-15"}),
        (Circumstance.SOCIAL_CARE, {"PL-06"}),
        (Circumstance.SHORT_BREAKS, {"PL-07"}),
        (Circumstance.EQUIPMENT, {"MV-04"}),
        (Circumstance.CHC_REFERRAL_DONE, set()),
        (Circumstance.TRANSFERRED, set()),
    ],
)
def test_a_circumstance_brings_its_rows(circumstance: Circumstance, codes: set[str]) -> None:
    with_it = replace(ANCHORS, circumstances=frozenset({circumstance}))
    assert codes_for(with_it) - codes_for(ANCHORS) == codes


@pytest.mark.parametrize("kind", OutcomeKind)
def test_a_decision_is_expected_only_when_the_referral_was_made(kind: OutcomeKind) -> None:
    outcomes = {"PR-14": Outcome(kind, date(2026, 6, 20))}
    assert ("PL-04" in codes_for(ANCHORS, outcomes)) == (kind is OutcomeKind.DONE)


def test_the_check_after_a_year_comes_with_the_signed_transfer() -> None:
    assert "SE-05" in codes_for(replace(ANCHORS, transferred_on=date(2026, 11, 1)))
    assert "SE-05" not in codes_for(replace(ANCHORS, target_on=date(2026, 11, 1)))


def test_people_opened_at_18_have_35_rows() -> None:
    adult = replace(ANCHORS, opened_on=date(2028, 6, 15), circumstances=EVERYTHING)
    referral = {"PR-14": done(date(2028, 6, 20))}
    assert len(codes_for(adult, referral)) == 35
    day_before = replace(adult, opened_on=date(2028, 6, 14))
    assert len(codes_for(day_before, referral)) == 45


def test_a_leap_day_birthday_is_18_on_the_first_of_march() -> None:
    born = replace(ANCHORS, born=date(2008, 2, 29))
    assert "PR-13" in codes_for(replace(born, opened_on=date(2026, 2, 28)))
    assert "PR-13" not in codes_for(replace(born, opened_on=date(2026, 3, 1)))


def test_lines_stand_in_pathway_order_with_date_sentence_and_status() -> None:
    outcomes = {"ID-02": done(date(2024, 5, 20))}
    lines = {
        line.rule.code: line for line in lines_of(PATHWAY, ANCHORS, outcomes, TODAY, NO_HOLIDAYS)
    }
    assert list(lines) == [rule.code for rule in PATHWAY.milestones if rule.code in lines]
    assert lines["ID-02"].status is Status.DONE
    assert lines["ID-02"].outcome == outcomes["ID-02"]
    assert lines["PR-11"].due.on == date(2026, 3, 15)
    assert lines["PR-11"].due.sentence == "3 months before the 16th birthday."
    assert lines["PR-11"].status is Status.LONG_OVERDUE
    assert lines["PL-01"].status is Status.DUE_SOON
    assert lines["PL-05"].status is Status.UPCOMING
    assert lines["MV-01"].status is Status.UNSCHEDULED
    assert lines["HO-03"].status is Status.UNSCHEDULED


def test_lists_and_pages_agree() -> None:
    anchors = replace(ANCHORS, circumstances=EVERYTHING, target_on=date(2027, 1, 4))
    outcomes = {"PR-02": done(date(2026, 1, 5))}
    asked = (PATHWAY, anchors, outcomes, TODAY, NO_HOLIDAYS)
    short = [(each.rule, each.due_on, each.status, each.outcome) for each in standings_of(*asked)]
    assert short == [
        (line.rule, line.due.on, line.status, line.outcome) for line in lines_of(*asked)
    ]


@pytest.mark.parametrize("opened_on", [date(2026, 11, 23), date(2026, 11, 2)])
def test_a_newly_opened_case_has_nothing_late(opened_on: date) -> None:
    anchors = Anchors(
        born=date(2009, 6, 10),
        opened_on=opened_on,
        entered_on=opened_on,
        circumstances=EVERYTHING,
    )
    lines = lines_of(PATHWAY, anchors, {}, TODAY, NO_HOLIDAYS)
    assert len(lines) == 44
    assert not any(line.status.late for line in lines)


def test_a_review_that_was_done_stands_and_the_next_one_shows() -> None:
    outcomes = {"PR-02": done(date(2025, 12, 1))}
    lines = lines_of(PATHWAY, ANCHORS, outcomes, TODAY, NO_HOLIDAYS)
    (review,) = (line for line in lines if line.rule.code == "PR-02")
    assert review.due.on == date(2026, 12, 1)
    assert review.status is Status.DUE_SOON
    assert review.outcome == outcomes["PR-02"]
    waived = {"PR-02": Outcome(OutcomeKind.WAIVED, date(2025, 12, 1), "expedited")}
    lines = lines_of(PATHWAY, ANCHORS, waived, TODAY, NO_HOLIDAYS)
    (review,) = (line for line in lines if line.rule.code == "PR-02")
    assert review.status is Status.WAIVED


@pytest.mark.parametrize("kind", OutcomeKind)
def test_each_outcome_satisfies_a_gate(kind: OutcomeKind) -> None:
    rule = PATHWAY.milestone("ID-02")
    assert satisfied(rule, Outcome(kind, date(2020, 1, 1)), TODAY)
    assert not satisfied(rule, None, TODAY)


@pytest.mark.parametrize(
    ("code", "done_on", "answer"),
    [
        ("PR-02", date(2025, 11, 23), True),
        ("PR-02", date(2025, 11, 22), False),
        ("PR-08", date(2023, 1, 1), True),
    ],
)
def test_only_the_review_must_be_at_most_12_months_old(
    code: str, done_on: date, *, answer: bool
) -> None:
    assert satisfied(PATHWAY.milestone(code), done(done_on), TODAY) is answer


def test_a_review_waived_long_ago_or_done_on_no_known_day() -> None:
    review = PATHWAY.milestone("PR-02")
    assert satisfied(review, Outcome(OutcomeKind.WAIVED, date(2020, 1, 1), "expedited"), TODAY)
    assert not satisfied(review, None, TODAY)
    assert not satisfied(review, Outcome(OutcomeKind.DONE, None), TODAY)


def test_a_gate_names_what_it_still_waits_for() -> None:
    everything = replace(ANCHORS, circumstances=EVERYTHING)
    waiting = outstanding(PATHWAY, Gate.TRANSFER, everything, {}, TODAY)
    assert [rule.code for rule in waiting] == [
        *("PL-06", "PL-07", "HO-03", "MV-01", "MV-04", "MV-05", "MV-06", "MV-07"),
    ]
    waiting = outstanding(PATHWAY, Gate.TRANSFER, ANCHORS, {"MV-05": done(TODAY)}, TODAY)
    assert [rule.code for rule in waiting] == ["HO-03", "MV-01", "MV-06", "MV-07"]


def test_an_old_review_is_outstanding_again() -> None:
    outcomes = {rule.code: done(TODAY) for rule in PATHWAY.gated(Gate.PROPOSE)}
    assert outstanding(PATHWAY, Gate.PROPOSE, ANCHORS, outcomes, TODAY) == ()
    waiting = outstanding(PATHWAY, Gate.PROPOSE, ANCHORS, outcomes, date(2027, 11, 24))
    assert [rule.code for rule in waiting] == ["PR-02"]


@pytest.mark.parametrize(
    ("done_on", "sentence"),
    [
        (date(2026, 11, 24), "ID-02 cannot have been done on a day that has not come yet."),
        (date(2020, 6, 14), "ID-02 cannot have been done before the young person was 10."),
    ],
)
def test_an_impossible_day_is_refused(done_on: date, sentence: str) -> None:
    with pytest.raises(RuleBroken) as refusal:
        refuse_done(PATHWAY.milestone("ID-02"), done_on, ANCHORS.born, TODAY)
    assert str(refusal.value) == sentence


@pytest.mark.parametrize("done_on", [TODAY, date(2020, 6, 15)])
def test_today_and_the_tenth_birthday_are_possible(done_on: date) -> None:
    refuse_done(PATHWAY.milestone("ID-02"), done_on, ANCHORS.born, TODAY)
    assert satisfied(PATHWAY.milestone("ID-02"), done(done_on), TODAY)


def test_once_a_transition_is_completed_only_the_question_a_year_on_is_asked() -> None:
    moved = replace(ANCHORS, transferred_on=date(2026, 1, 15))
    reviewed = {"PR-02": Outcome(kind=OutcomeKind.DONE, done_on=date(2025, 6, 1))}
    today = date(2026, 11, 23)
    for completed in (False, True):
        anchors = replace(moved, completed=completed)
        standings = list(standings_of(PATHWAY, anchors, reviewed, today, frozenset()))
        asked = {one.rule.code for one in standings if not settles(one.rule, one.outcome)}
        assert ("PR-02" in asked, "SE-01" in asked) == (not completed, not completed)
        assert "SE-05" in asked
        assert (asked == {"SE-05"}) is completed
        review = next(one for one in standings if one.rule.code == "PR-02")
        assert (review.outcome and review.outcome.done_on) == date(2025, 6, 1)
        assert review.status.late is not completed


@pytest.mark.parametrize(
    ("today", "outcome"),
    [
        (date(2027, 1, 15), None),
        (date(2027, 2, 15), None),
        (date(2027, 3, 14), None),
        (date(2027, 3, 15), NOT_KNOWN),
        (date(2030, 1, 1), NOT_KNOWN),
    ],
)
def test_the_question_a_year_on_is_not_known_when_nobody_has_answered_in_two_months(
    today: date, outcome: Outcome | None
) -> None:
    moved = replace(ANCHORS, transferred_on=date(2026, 1, 15), completed=True)
    asked = {one.rule.code: one for one in standings_of(PATHWAY, moved, {}, today, frozenset())}[
        "SE-05"
    ]
    assert asked.outcome == outcome
    assert (asked.status is Status.NOT_APPLICABLE) is (outcome is not None)
    yes = {"SE-05": Outcome(kind=OutcomeKind.DONE, done_on=date(2027, 1, 20))}
    answered = [*standings_of(PATHWAY, moved, yes, today, frozenset())][-1]
    assert answered.outcome == yes["SE-05"]
