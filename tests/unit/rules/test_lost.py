"""What every open case must have so that nobody is lost."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from transition.rules.lost import NOBODY, Loss, Team, Watched, losses_of

RUTH, PRIYA, HELEN = b"ruth", b"priya", b"helen"
OWN = Team(working=frozenset({RUTH, PRIYA}), leading=frozenset({PRIYA}))
ASKED = Team(leading=frozenset({HELEN}))
KEPT = Watched(b"1", "NHJ-7K2M-4", "naomi", RUTH, unled=False, steps=2, next_on=date(2026, 12, 1))


def test_a_case_that_has_everything_is_not_lost() -> None:
    assert losses_of(KEPT, OWN) == ()
    assert losses_of(KEPT, OWN, ASKED) == ()


@pytest.mark.parametrize(
    ("words", "loss"),
    [
        ({"named_worker_uid": b"gone"}, Loss.NO_WORKER),
        ({"unled": True}, Loss.NO_LEAD),
        ({"steps": 0, "next_on": None}, Loss.NO_STEP),
        ({"next_on": None}, Loss.NO_DATE),
    ],
)
def test_each_lack_is_named_alone(words: dict[str, Any], loss: Loss) -> None:
    assert losses_of(replace(KEPT, **words), OWN) == (loss,)
    assert loss.remedy


@pytest.mark.parametrize(
    ("own", "asked"),
    [
        (replace(OWN, unreached=frozenset({RUTH})), None),
        (OWN, NOBODY),
        (OWN, replace(ASKED, unreached=frozenset({HELEN}))),
    ],
)
def test_somebody_must_be_reached_on_each_side_that_is_waited_for(
    own: Team, asked: Team | None
) -> None:
    assert losses_of(KEPT, own, asked) == (Loss.NO_RECIPIENT,)


def test_the_leads_are_told_of_a_case_whose_worker_left() -> None:
    left = replace(OWN, working=frozenset({PRIYA}))
    assert losses_of(KEPT, left) == (Loss.NO_WORKER,)
    silent = replace(left, unreached=frozenset({PRIYA}))
    assert losses_of(KEPT, silent) == (Loss.NO_WORKER, Loss.NO_RECIPIENT)
