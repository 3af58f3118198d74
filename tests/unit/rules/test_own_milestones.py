"""What one case adds to its pathway, and when it is looked at again."""

from dataclasses import replace
from datetime import date

import pytest

from transition.rules.due_days import Anchors, Outcome, OutcomeKind, due_of
from transition.rules.due_rules import parse
from transition.rules.errors import RuleBroken
from transition.rules.own_milestones import (
    OWN_TITLE,
    own_code,
    own_rule,
    pathway_of,
    refuse_snooze,
    titled,
)
from transition.rules.pathway import MilestoneRule, Owner, Pathway, Stage

TODAY = date(2026, 11, 23)
OWN = own_rule("X-01", stage=Stage.PLANNING, owner=Owner.CHILDRENS, due_on=date(2026, 11, 30))
ANCHORS = Anchors(born=date(2009, 6, 15), opened_on=TODAY, entered_on=TODAY)


def row(code: str, title: str = "Something done") -> MilestoneRule:
    return MilestoneRule(
        code=code,
        stage=Stage.IDENTIFIED,
        title=title,
        owner=Owner.CHILDRENS,
        due=parse("open(+20wd)"),
        source="Local proposal",
        letter_words="a planning step",
    )


OLD = Pathway("2026-1", (row("ID-01"), row("ID-02", "Old words"), row("ID-03")))
MIDDLE = Pathway("2027-1", (row("ID-01"), row("ID-02", "Newer words")))
NEW = Pathway("2028-1", (row("ID-01"), row("ID-04")))
ALL = {one.version: one for one in (OLD, MIDDLE, NEW)}


def test_a_day_that_a_team_chose_is_moved_by_no_floor() -> None:
    due = due_of(OWN, ANCHORS, None, frozenset())
    assert (due.on, due.sentence) == (date(2026, 11, 30), "The day that the team chose.")


def test_without_a_day_it_has_none() -> None:
    due = due_of(
        own_rule("X-01", stage=Stage.PLANNING, owner=Owner.SHARED, due_on=None),
        ANCHORS,
        None,
        frozenset(),
    )
    assert (due.on, due.sentence) == (None, "No date yet: the team has chosen none.")


def test_it_waits_out_a_pause_like_any_other() -> None:
    paused = replace(ANCHORS, pauses=((TODAY, None),))
    assert due_of(OWN, paused, None, frozenset()).on is None


def test_it_may_be_a_birthday_so_letters_only_count_it() -> None:
    assert OWN.tells_age
    assert not row("ID-01").tells_age


@pytest.mark.parametrize(("number", "code"), [(1, "X-01"), (99, "X-99")])
def test_codes_are_counted_up(number: int, code: str) -> None:
    assert own_code(number) == code


def test_there_are_no_more_than_a_code_can_count() -> None:
    with pytest.raises(RuleBroken, match="99 milestones"):
        own_code(100)


def test_a_case_without_anything_of_its_own_follows_its_version() -> None:
    assert pathway_of(ALL, "2028-1", (), {"ID-01"}) is NEW


def test_what_was_recorded_under_an_older_version_stays_in_its_newest_words() -> None:
    pathway = pathway_of(ALL, "2028-1", (OWN,), {"ID-01", "ID-02", "ID-03", "X-01", "ZZ-01"})
    codes = [rule.code for rule in pathway.milestones]
    assert codes == ["ID-01", "ID-04", "ID-02", "ID-03", "X-01"]
    assert pathway.by_code["ID-02"].title == "Newer words"


def test_only_its_own_title_is_put_into_a_row() -> None:
    assert OWN.title == OWN_TITLE
    assert titled(OWN, {"X-01": "Book the minibus"}).title == "Book the minibus"
    assert titled(row("ID-01"), {"X-01": "Book the minibus"}) == row("ID-01")


@pytest.mark.parametrize("until_on", [date(2026, 11, 24), date(2027, 2, 23)])
def test_it_is_looked_at_again_from_tomorrow_to_three_months(until_on: date) -> None:
    refuse_snooze(until_on, TODAY)


@pytest.mark.parametrize(
    ("until_on", "words"),
    [(TODAY, "must be after today"), (date(2027, 2, 24), "within 3 months")],
)
def test_not_today_and_not_later_than_that(until_on: date, words: str) -> None:
    with pytest.raises(RuleBroken, match=words):
        refuse_snooze(until_on, TODAY)


def test_done_it_keeps_the_day_it_had() -> None:
    done = Outcome(OutcomeKind.DONE, TODAY)
    assert due_of(OWN, ANCHORS, done, frozenset()).on == date(2026, 11, 30)
