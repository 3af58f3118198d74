"""Two act at once: one wins, the other reads why not, and nothing is done or told twice."""

from typing import Final

from sqlalchemy.orm import Session

from tests.builders import on_both
from tests.databases import FIXED
from tests.integration.handovers.racing import ACCEPTED, PROPOSED, Move, Track
from tests.people import ANNA, GRACE, HELEN, IDRIS, PRIYA, RUTH
from transition.clock import day_and_time
from transition.records.audit import GOOD, verify

QUERIED: Final[tuple[Move, ...]] = (*PROPOSED, (GRACE, "ask"))

DECISIONS: Final[tuple[tuple[Move, Move], ...]] = (
    ((HELEN, "accept"), (IDRIS, "accept")),
    ((HELEN, "accept"), (IDRIS, "accept with conditions")),
    ((HELEN, "accept"), (IDRIS, "decline")),
    ((HELEN, "decline"), (IDRIS, "decline")),
    ((HELEN, "decline"), (IDRIS, "accept with conditions")),
    ((HELEN, "accept"), (IDRIS, "ask")),
    ((HELEN, "accept"), (RUTH, "withdraw")),
    ((HELEN, "accept with conditions"), (ANNA, "withdraw")),
    ((HELEN, "decline"), (RUTH, "withdraw")),
    ((PRIYA, "withdraw"), (RUTH, "withdraw")),
)
"""Of two such steps about one proposal only one can be taken, whichever comes first."""

ROUNDS: Final = 10
"""How often each pair races: ten pairs on two databases make two hundred races."""

ONCE: Final = (
    ((), (PRIYA, "propose"), (RUTH, "propose")),
    ((), (PRIYA, "propose"), (RUTH, "ask another")),
    (PROPOSED, (HELEN, "acknowledge"), (IDRIS, "acknowledge")),
    (QUERIED, (PRIYA, "answer"), (RUTH, "answer")),
    (PROPOSED, (HELEN, "die"), (RUTH, "die")),
)
"""What has to be there before, and two steps of which one can be taken."""

IN_ORDER: Final = (
    (PROPOSED, (IDRIS, "ask"), (HELEN, "decline")),
    (PROPOSED, (IDRIS, "ask"), (HELEN, "accept with conditions")),
    (PROPOSED, (IDRIS, "ask"), (RUTH, "withdraw")),
    (PROPOSED, (HELEN, "accept"), (PRIYA, "withdraw")),
    (PROPOSED, (HELEN, "accept"), (RUTH, "die")),
    (ACCEPTED, (HELEN, "withdraw"), (RUTH, "die")),
)
"""What has to be there before, and two steps of which the second can follow the first alone."""


@on_both
def test_of_two_who_decide_at_once_one_does_and_the_other_learns_why_not(
    track: Track, session: Session
) -> None:
    for _ in range(ROUNDS):
        for moves in DECISIONS:
            winners, refusals = track.run(PROPOSED, *moves)
            assert (len(winners), len(refusals)) == (1, 1), moves
            if "withdraw" not in {step for _, step in moves}:
                assert str(refusals[0]) in answered_by(track, winners[0]), moves
    assert verify(session).code == GOOD


@on_both
def test_of_fifty_answers_at_once_one_counts_and_the_others_learn_whose(
    track: Track, session: Session
) -> None:
    """Abuse case 24: lead and deputy press Yes and No again and again, at once."""
    each = ((HELEN, "accept"), (IDRIS, "decline"), (HELEN, "decline"), (IDRIS, "accept"))
    fifty = (*each * 12, *each[:2])
    winners, refusals = track.run(PROPOSED, *fifty)
    assert (len(fifty), len(winners), len(refusals)) == (50, 1, 49)
    assert {str(refusal) for refusal in refusals} == answered_by(track, winners[0])
    assert verify(session).code == GOOD


def answered_by(track: Track, winner: Move) -> set[str]:
    """Return what can be told to who comes after somebody."""
    who, step = winner
    if step == "ask":
        return {"It is not possible to accept this handover now: it stands as “Question asked”."}
    name, when = track.people[who].name, day_and_time(FIXED)
    return {f"{name} answered this on {when}. Nothing of yours was sent."}


@on_both
def test_what_can_be_done_once_is_done_once(track: Track) -> None:
    for before, one, other in ONCE:
        winners, refusals = track.run(before, one, other)
        assert (len(winners), len(refusals)) == (1, 1), winners


@on_both
def test_what_can_follow_does_so_in_order_or_alone(track: Track) -> None:
    for before, first, second in IN_ORDER:
        winners, _ = track.run(before, first, second)
        assert winners in ([first, second], [second])
