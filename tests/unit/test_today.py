from dataclasses import replace
from datetime import date, timedelta

import pytest

from transition.rules.digests import DueItem, DueKind
from transition.rules.milestones import Status
from transition.rules.pathway import Owner, Stage
from transition.rules.people import Side
from transition.web.home.desks import LATE, LATER, THIS_WEEK, WAITING, panel_of

TODAY = date(2026, 11, 23)
STEP = DueItem(
    reference="NHJ-7K2M-4",
    kind=DueKind.MILESTONE,
    code="PR-03",
    letter_words="a planning step",
    stage=Stage.PREPARING,
    due_on=TODAY,
    status=Status.DUE,
    owner=Owner.CHILDRENS,
)


def panel(item: DueItem, *, in_days: int, quiet: bool = False) -> str | None:
    due = replace(item, due_on=TODAY + timedelta(in_days))
    return panel_of(due, TODAY, Side.CHILDRENS, quiet=quiet)


@pytest.mark.parametrize(
    ("in_days", "stands_in"), [(-1, LATE), (0, THIS_WEEK), (6, THIS_WEEK), (7, LATER)]
)
def test_what_is_ours_stands_by_its_day(in_days: int, stands_in: str) -> None:
    assert panel(STEP, in_days=in_days) == stands_in


def test_what_is_about_dying_or_capacity_never_stands_under_late() -> None:
    assert panel(STEP, in_days=-40, quiet=True) == THIS_WEEK


def test_what_is_theirs_is_waited_for_once_it_is_late() -> None:
    theirs = replace(STEP, owner=Owner.ADULT)

    assert panel(theirs, in_days=-1) == WAITING
    assert panel(theirs, in_days=0) is None


def test_a_handover_is_waited_for_from_its_first_day() -> None:
    sent = replace(STEP, owner=Owner.ADULT, kind=DueKind.HANDOVER, code="rowans-1")

    assert panel(sent, in_days=10) == WAITING


def test_what_has_no_date_stands_nowhere() -> None:
    assert panel_of(replace(STEP, due_on=None), TODAY, Side.CHILDRENS) is None
