"""Two act at once, one of them about support: the lead is led once, and support is what was said.

What is decided about the support and what is decided about its lead stand beside each other.
"""

from functools import partial
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import ASKED, on_both
from tests.databases import FIXED
from tests.integration.handovers.racing import ACCEPTED, PROPOSED, Move, Track, taken_at_once
from tests.integration.handovers.steps import OF_SUPPORT
from tests.people import HELEN, LOLA, PETER, PRIYA, RUTH
from transition.records.audit import GOOD, verify
from transition.records.cases import Case
from transition.records.handovers import Handover, handovers_of
from transition.records.ledger import ledger_of
from transition.rules.errors import RuleBroken
from transition.rules.handovers import Function, HandoverState
from transition.rules.ledger import Position, breaches

_S = HandoverState
STATES: Final = {
    "support": _S.SUPPORTING,
    "decline": _S.DECLINED,
    "withdraw": _S.WITHDRAWN,
    "accept": _S.ACCEPTED,
}
ONE: Final[tuple[tuple[Move, Move], ...]] = (
    ((PETER, "support"), (LOLA, "support")),
    ((PETER, "support"), (LOLA, "decline")),
    ((PETER, "support"), (RUTH, "withdraw")),
    ((LOLA, "decline"), (RUTH, "withdraw")),
)
"""Two steps about one support, of which one can be taken."""
BESIDE: Final[tuple[tuple[tuple[Move, ...], Move, Move], ...]] = (
    (PROPOSED, (PETER, "support"), (HELEN, "accept")),
    (PROPOSED, (PETER, "support"), (HELEN, "decline")),
    (PROPOSED, (PETER, "decline"), (HELEN, "accept")),
    (PROPOSED, (RUTH, "withdraw"), (HELEN, "accept")),
    (ACCEPTED, (PETER, "support"), (HELEN, "withdraw")),
)
"""What was done before; a step about the support, and one about its lead: both can be taken."""
ROUNDS: Final = 5


class Supported(Track):
    """A case that waits to be handed over, and to be supported by another hospice meanwhile."""

    support = ""

    def ask(self, before: tuple[Move, ...] = PROPOSED) -> None:
        """Begin anew: both are asked, and what the last race left is over."""
        left = self.newest("oakhaven")
        if left is not None and left.state.open:
            self.take(PRIYA, lambda work, case, _: OF_SUPPORT["withdraw"](work, case, left.key))
        self.make_ready(before)
        self.take(PRIYA, OF_SUPPORT["ask for support"])
        asked = self.newest("oakhaven")
        assert asked is not None
        self.support = asked.key

    def newest(self, receiver: str) -> Handover | None:
        """Return the newest handover to a hospice."""
        with Session(self.engine, expire_on_commit=False) as session:
            found = handovers_of(session, session.scalars(select(Case.uid)).one())
            return next((one for one in reversed(found) if one.receiver == receiver), None)

    def about_support(self, who: str, step: str) -> None:
        """Let somebody take a step about the support."""
        self.take(who, lambda work, case, _: OF_SUPPORT[step](work, case, self.support))

    def supports(self) -> set[Function]:
        """Return what is supported, and see that everything is led once."""
        with Session(self.engine) as session:
            rows = ledger_of(session, session.scalars(select(Case.uid)).one())
            spans = [row.span for row in rows]
            assert breaches(spans, Function, FIXED.date()) == ()
            supporting = [one for one in spans if one.position is Position.SUPPORTING]
            return {one.function for one in supporting if one.to_on is None}


def supported(track: Track) -> Supported:
    found = Supported(track.engine, track.reference)
    with Session(track.engine) as session:
        found.know(session, PETER, LOLA)
    return found


@on_both
def test_of_two_who_decide_about_support_at_once_one_does(track: Track, session: Session) -> None:
    race = supported(track)
    for _ in range(ROUNDS):
        for moves in ONE:
            race.ask()
            places, refusals = taken_at_once(*(partial(race.about_support, *one) for one in moves))
            assert (len(places), len(refusals)) == (1, 1), moves
            step = moves[places[0]][1]
            stands = race.newest("oakhaven")
            assert stands is not None
            assert stands.state is STATES[step], moves
            assert race.supports() == (set(ASKED) if step == "support" else set()), moves
    assert verify(session).code == GOOD


@on_both
def test_support_and_its_lead_are_decided_beside_each_other(track: Track, session: Session) -> None:
    race = supported(track)
    for _ in range(ROUNDS):
        for before, about_support, about_lead in BESIDE:
            race.ask(before)
            who, step = about_lead
            places, refusals = taken_at_once(
                partial(race.about_support, *about_support),
                partial(race.take, who, OF_SUPPORT[step]),
            )
            assert (len(places), refusals) == (2, []), (about_support, about_lead)
            for receiver, (_, done) in (("oakhaven", about_support), ("rowans", about_lead)):
                stands = race.newest(receiver)
                assert stands is not None
                assert stands.state is STATES[done], (about_support, about_lead)
            wanted = set(ASKED) if about_support[1] == "support" else set()
            assert race.supports() == wanted, (about_support, about_lead)
    assert verify(session).code == GOOD


@on_both
def test_support_is_asked_for_once(track: Track) -> None:
    race = supported(track)
    race.make_ready(PROPOSED)
    asking = (partial(race.take, who, OF_SUPPORT["ask for support"]) for who in (PRIYA, RUTH))
    places, refusals = taken_at_once(*asking)
    assert len(places) == 1
    assert [type(one) for one in refusals] == [RuleBroken]
