"""What one case adds to its pathway, and when it is looked at again."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from transition.rules.due_days import Anchors, Outcome, OutcomeKind, due_of
from transition.rules.due_rules import parse
from transition.rules.errors import RuleBroken
from transition.rules.milestones import Status
from transition.rules.own_milestones import (
    OWN_TITLE,
    is_put_off,
    own_code,
    own_rule,
    pathway_of,
    refuse_snooze,
    titled,
)
from transition.rules.pathway import Gate, MilestoneRule, Owner, Pathway, Stage

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


@pytest.mark.parametrize("until_on", [date(2026, 11, 24), date(2027, 1, 18)])
def test_it_is_looked_at_again_from_tomorrow_to_eight_weeks(until_on: date) -> None:
    refuse_snooze(until_on, TODAY)


@pytest.mark.parametrize(
    ("until_on", "words"),
    [(TODAY, "must be after today"), (date(2027, 1, 19), "within 8 weeks")],
)
def test_not_today_and_not_later_than_that(until_on: date, words: str) -> None:
    with pytest.raises(RuleBroken, match=words):
        refuse_snooze(until_on, TODAY)


def test_what_a_transfer_waits_for_is_not_put_off_into_the_28_days_before_it() -> None:
    until_on, target_on = date(2026, 12, 14), date(2027, 1, 11)
    refuse_snooze(until_on, TODAY, gate=Gate.TRANSFER, target_on=target_on)
    refuse_snooze(until_on, TODAY, gate=Gate.TRANSFER, target_on=None)
    refuse_snooze(until_on, TODAY, gate=Gate.CLOSE, target_on=TODAY)
    with pytest.raises(RuleBroken, match="The transfer waits for this"):
        refuse_snooze(until_on, TODAY, gate=Gate.TRANSFER, target_on=target_on - timedelta(days=1))


@pytest.mark.parametrize(
    ("until_on", "status", "leads", "put_off"),
    [
        (None, Status.OVERDUE, False, False),
        (TODAY, Status.OVERDUE, False, False),
        (date(2026, 11, 24), Status.OVERDUE, True, True),
        (date(2026, 11, 24), Status.LONG_OVERDUE, False, True),
        (date(2026, 11, 24), Status.LONG_OVERDUE, True, False),
    ],
)
def test_put_off_it_is_asked_about_nowhere_but_by_leads_once_it_is_long_late(
    until_on: date | None, status: Status, *, leads: bool, put_off: bool
) -> None:
    assert is_put_off(until_on, status, TODAY, leads=leads) is put_off


def test_done_it_keeps_the_day_it_had() -> None:
    done = Outcome(OutcomeKind.DONE, TODAY)
    assert due_of(OWN, ANCHORS, done, frozenset()).on == date(2026, 11, 30)
