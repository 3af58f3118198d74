"""Two hospices agree at once, on an end or on a return: one of them comes, whole."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Final

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import WorkAs, actor_of, on_both, working
from tests.integration.handovers.racing import taken_at_once
from tests.integration.settling.steps import LATER, reviewed_case
from tests.people import HELEN, IDRIS, PRIYA, RUTH, TOM
from transition.actions.agreements import (
    come_back,
    come_back_urgently,
    complete,
    take_back_agreement,
)
from transition.actions.work import Work
from transition.app import Tracker
from transition.records.agreements import agreements_of
from transition.records.audit import GOOD, AuditEntry, verify
from transition.records.cases import Case
from transition.records.handovers import handovers_of
from transition.records.ledger import ledger_of
from transition.records.outbox import QueuedLetter
from transition.rules.handovers import Function, HandoverState
from transition.rules.ledger import breaches
from transition.rules.pathway import Stage
from transition.rules.people import Actor, Role
from transition.rules.settling import Agreed

pytestmark = on_both

Move = tuple[str | Actor, Callable[[Work, str], object]]
ENDS: Final = {
    "case:completed": (Stage.COMPLETED, HandoverState.CLOSED),
    "case:returned": (Stage.PLANNING, HandoverState.WITHDRAWN),
}
"""What the trail says of each end, and how case and handover stand then."""

NOT_YET: Final = (Stage.SETTLING, HandoverState.FOLLOWED_UP)


def returns(work: Work, reference: str) -> object:
    return come_back(work, reference, reason="She is frightened of the journey.")


def returns_at_once(work: Work, reference: str) -> object:
    return come_back_urgently(work, reference, reason="She is ill.")


def takes_back(work: Work, reference: str) -> object:
    return take_back_agreement(work, reference, Agreed.COMPLETED)


def race(app: Tracker, reference: str, *moves: Move) -> int:
    """Let some act at once, and return how many of them could."""

    def attempt(move: Move) -> None:
        with working(app, move[0], LATER) as work:
            move[1](work, reference)

    return len(taken_at_once(*(partial(attempt, move) for move in moves))[0])


def ends(session: Session) -> list[str]:
    """Return which ends came of it; case, handover, ledger, letters and trail agree on that."""
    session.rollback()
    case = session.scalars(select(Case)).one()
    (handover,) = handovers_of(session, case.uid)
    said = Counter(session.scalars(select(AuditEntry.action)))
    came = [word for word in ENDS for _ in range(said[word])]
    assert (case.stage, handover.state) == (ENDS[came[0]] if came else NOT_YET)
    spans = [row.span for row in ledger_of(session, case.uid)]
    assert breaches(spans, Function, LATER.date()) == ()
    letters = select(QueuedLetter).where(QueuedLetter.kind == "case_changed")
    since = letters.where(QueuedLetter.queued_at >= LATER)
    told = [one.recipient.email for one in session.scalars(since)]
    assert len(told) == len(set(told)), told
    assert bool(told) == bool(came)
    assert verify(session).code == GOOD
    return came


ONCE: Final[tuple[tuple[tuple[Move, ...], tuple[Move, ...], int, str], ...]] = (
    ((), ((RUTH, complete), (HELEN, complete)), 2, "case:completed"),
    (((RUTH, complete),), ((HELEN, complete), (IDRIS, complete)), 1, "case:completed"),
    (((HELEN, returns),), ((PRIYA, returns), (TOM, returns)), 1, "case:returned"),
    ((), ((PRIYA, returns), (HELEN, returns)), 2, "case:returned"),
)
"""What was agreed before, who agrees at once, how many of them are taken, and what comes of it."""


@pytest.mark.parametrize("play", ONCE)
def test_what_both_agree_on_comes_once(
    app: Tracker,
    work_as: WorkAs,
    session: Session,
    play: tuple[tuple[Move, ...], tuple[Move, ...], int, str],
) -> None:
    before, moves, taken, comes = play
    reference = reviewed_case(work_as)
    for move in before:
        race(app, reference, move)
    assert race(app, reference, *moves) == taken
    assert ends(session) == [comes]


@pytest.mark.parametrize(
    ("before", "moves"),
    [
        ((), ((RUTH, complete), (HELEN, complete), (PRIYA, returns_at_once))),
        (((RUTH, complete),), ((HELEN, complete), (PRIYA, returns_at_once))),
        (((RUTH, complete), (HELEN, returns)), ((HELEN, complete), (PRIYA, returns))),
        (((HELEN, returns),), ((PRIYA, returns), (TOM, returns_at_once))),
    ],
)
def test_an_end_and_a_return_at_once_are_one_of_them(
    app: Tracker,
    work_as: WorkAs,
    session: Session,
    before: tuple[Move, ...],
    moves: tuple[Move, ...],
) -> None:
    reference = reviewed_case(work_as)
    for move in before:
        race(app, reference, move)
    taken = race(app, reference, *moves)
    assert len(ends(session)) == 1
    assert taken < len(moves)


def test_a_word_is_taken_back_in_time_or_both_have_agreed(
    app: Tracker, work_as: WorkAs, session: Session
) -> None:
    reference = reviewed_case(work_as)
    race(app, reference, (RUTH, complete))
    taken = race(app, reference, (RUTH, takes_back), (HELEN, complete))
    assert (taken, ends(session)) in [(1, ["case:completed"]), (2, [])]


def test_one_person_agrees_for_one_hospice_in_whichever_of_their_roles(
    app: Tracker, work_as: WorkAs, session: Session
) -> None:
    reference = reviewed_case(work_as)
    here = actor_of(session, RUTH, LATER.date())
    there = replace(here, organisation="rowans", roles=frozenset({Role.ADULT_LEAD}))
    assert race(app, reference, (here, complete), (there, complete)) == 1
    assert ends(session) == []
    (handover,) = handovers_of(session, session.scalars(select(Case.uid)).one())
    assert len(agreements_of(session, handover.uid)) == 1
