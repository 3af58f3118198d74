"""The pathway that is shipped: its rows, counted and by value."""

from collections import Counter
from pathlib import Path

import pytest

from transition.catalogue import read_pathway
from transition.rules.pathway import LETTER_WORDS, Circumstance, Gate, Owner, Stage

PATHWAY = read_pathway(Path(__file__).parents[3] / "config" / "pathways" / "2026-1.toml")


def codes(*, gate: Gate) -> set[str]:
    return {rule.code for rule in PATHWAY.gated(gate)}


def test_there_are_seven_stages_in_order() -> None:
    assert [(stage.number, stage.value, stage.label) for stage in Stage] == [
        (1, "identified", "Identified"),
        (2, "preparing", "Preparing for adulthood"),
        (3, "planning", "Planning the move"),
        (4, "handover", "Handover"),
        (5, "moving", "Getting to know each other"),
        (6, "settling", "Settling in"),
        (7, "completed", "Completed"),
    ]


def test_there_are_45_rows_and_the_check_after_a_year() -> None:
    assert PATHWAY.version == "2026-1"
    assert len(PATHWAY.milestones) == 46
    assert PATHWAY.milestones[-1].code == "SE-05"


@pytest.mark.parametrize(
    ("stage", "count"),
    [
        (Stage.IDENTIFIED, 8),
        (Stage.PREPARING, 15),
        (Stage.PLANNING, 9),
        (Stage.HANDOVER, 2),
        (Stage.MOVING, 7),
        (Stage.SETTLING, 4),
        (Stage.COMPLETED, 1),
    ],
)
def test_each_stage_has_its_rows(stage: Stage, count: int) -> None:
    assert len(PATHWAY.in_stage(stage)) == count


def test_each_gate_waits_for_its_rows() -> None:
    assert codes(gate=Gate.PROPOSE) == {
        *("ID-01", "ID-02", "ID-03", "ID-05", "ID-06", "ID-07"),
        *("PR-02", "PR-03", "PR-04", "PR-08", "PR-10", "PR-11"),
        *("PL-01", "PL-03", "HO-01"),
    }
    assert codes(gate=Gate.ACCEPT) == {"HO-02"}
    assert codes(gate=Gate.TRANSFER) == {
        *("PL-04", "PL-06", "PL-07", "HO-03"),
        *("MV-01", "MV-04", "MV-05", "MV-06", "MV-07"),
    }
    assert codes(gate=Gate.CLOSE) == {"SE-01", "SE-03", "SE-04"}
    assert len(codes(gate=Gate.NONE)) == 18


def test_each_owner_has_their_rows() -> None:
    counts = Counter(rule.owner for rule in PATHWAY.milestones)
    assert counts == {Owner.CHILDRENS: 31, Owner.SHARED: 9, Owner.ADULT: 6}


def test_each_condition_stands_on_its_rows() -> None:
    conditions = {rule.code: rule.condition for rule in PATHWAY.milestones if rule.condition}
    assert conditions == {
        "PR-06": Circumstance.CONTINUING_CARE,
        "PR-07": Circumstance.EHCP,
        "PR-12": Circumstance.CHILDRENS_HOUSE,
        "PR-14": Circumstance.CONTINUING_CARE,
        "PR-15": Circumstance.ADULT_CARE_NEEDS,
        "PL-04": Circumstance.CHC_REFERRAL_DONE,
        "PL-06": Circumstance.SOCIAL_CARE,
        "PL-07": Circumstance.SHORT_BREAKS,
        "MV-04": Circumstance.EQUIPMENT,
        "SE-05": Circumstance.TRANSFERRED,
    }


def test_a_nurse_is_asked_all_but_what_has_been_recorded() -> None:
    unasked = {each for each in Circumstance if not each.asked}
    assert unasked == {Circumstance.CHC_REFERRAL_DONE, Circumstance.TRANSFERRED}
    assert all(each.label.endswith("?") for each in Circumstance)


def test_the_marked_rows_ask_the_young_person_and_family() -> None:
    assert {rule.code for rule in PATHWAY.milestones if rule.confirmed} == {
        *("ID-02", "ID-03", "PR-02", "PR-03", "PR-04", "PL-01", "PL-07", "PL-08"),
        *("MV-01", "MV-03", "MV-07", "SE-04"),
    }


def test_rows_about_dying_and_capacity_are_quiet() -> None:
    quiet = {rule.code for rule in PATHWAY.milestones if rule.quiet}
    assert quiet == {"PR-08", "PR-09", "PR-11", "PL-05", "MV-06"}


def test_ten_rows_are_for_people_opened_before_18() -> None:
    assert {rule.code for rule in PATHWAY.milestones if rule.opened_before_18} == {
        *("PR-01", "PR-05", "PR-06", "PR-07", "PR-12"),
        *("PR-13", "PR-14", "PR-15", "PL-02", "PL-04"),
    }


def test_only_the_review_meeting_must_be_recent() -> None:
    limits = {rule.code: rule.max_age_months for rule in PATHWAY.milestones if rule.max_age_months}
    assert limits == {"PR-02": 12}


def test_the_yearly_rows_come_again() -> None:
    yearly = {rule.code for rule in PATHWAY.milestones if "every" in rule.due.anchors_used}
    assert yearly == {"PR-02", "PR-05", "PR-08"}


def test_a_letter_says_no_title() -> None:
    assert {rule.letter_words for rule in PATHWAY.milestones} <= LETTER_WORDS
    assert not LETTER_WORDS & {rule.title.lower() for rule in PATHWAY.milestones}


def test_a_row_that_mentions_age_or_school_tells_the_age() -> None:
    assert PATHWAY.milestone("PR-11").tells_age
    assert PATHWAY.milestone("ID-01").tells_age
    assert PATHWAY.milestone("PL-04").tells_age
    assert not PATHWAY.milestone("ID-02").tells_age
    assert not PATHWAY.milestone("MV-01").tells_age
    assert not PATHWAY.milestone("HO-02").tells_age


def test_a_code_finds_its_row() -> None:
    assert PATHWAY.milestone("MV-01").title == "Young person has met someone from the adult hospice"
    with pytest.raises(KeyError):
        PATHWAY.milestone("MV-99")


@pytest.mark.parametrize(
    ("code", "due"),
    [
        ("ID-01", "later(school(9,start), open(+0wd))"),
        ("PR-02", "later(school(10,end), open(+12m)); every(12m)"),
        ("PR-11", "age(16y,-3m)"),
        ("PL-01", "later(age(16y6m), open(+6m))"),
        ("PL-03", "transfer(-12m)"),
        ("PL-04", "age(17y3m)"),
        ("PL-06", "age(18y,-2m)"),
        ("HO-02", "event(proposed,+5wd)"),
        ("HO-03", "event(accepted,+10wd)"),
        ("MV-05", "transfer(-6w)"),
        ("SE-04", "transfer(+6m)"),
        ("SE-05", "transfer(+12m)"),
    ],
)
def test_rows_have_the_rules_that_were_agreed(code: str, due: str) -> None:
    assert PATHWAY.milestone(code).due.text == due
