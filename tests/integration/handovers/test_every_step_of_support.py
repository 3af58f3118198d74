"""Every step of a handover that asks for support, by everybody, whatever its lead does."""

from collections.abc import Iterator
from typing import Any, Final

import pytest
from sqlalchemy import select

from tests.builders import ASKED, on_both, planned_case
from tests.integration.handovers.steps import OF_SUPPORT
from tests.people import HELEN, JO, MINA, PETER, PRIYA, ROSA, RUTH, SAM, WILMA
from tests.sentences import is_said_in_words
from tests.trials import Trial, writing_on
from transition.records.audit import GOOD, verify
from transition.records.cases import Case
from transition.records.handovers import Handover, find_handover
from transition.records.ledger import ledger_of
from transition.rules.errors import RuleBroken
from transition.rules.handovers import Function, HandoverState
from transition.rules.ledger import LedgerSpan, Position, breaches
from transition.rules.people import Role
from transition.settings import Settings

_S = HandoverState
LEADS, SUPPORTS = "rowans-1", "oakhaven-1"
NURSES: Final = {RUTH, PRIYA}
PEOPLE: Final = (RUTH, PRIYA, HELEN, MINA, PETER, ROSA, WILMA, JO, SAM)
STRANGER: Final = f"{Role.ADULT_LEAD.label} of naomi"
"""Holds the role, and works on the wrong side."""

Way = tuple[tuple[str, str, str], ...]
"""Who takes which step about which of both, one after the other."""

OF_THE_LEAD: Final[dict[str, Way]] = {
    "asked to lead": (),
    "leads soon": (("accept", HELEN, LEADS),),
    "led by nobody else": (("withdraw", RUTH, LEADS),),
}
"""What becomes of the handover that leads, once support was asked for."""

SITUATIONS: Final[dict[str, tuple[HandoverState, Way]]] = {
    "asked": (_S.PROPOSED, ()),
    "received": (_S.ACKNOWLEDGED, (("acknowledge", PETER, SUPPORTS),)),
    "questioned": (_S.QUERIED, (("ask", PETER, SUPPORTS),)),
    "supporting": (_S.SUPPORTING, (("support", PETER, SUPPORTS),)),
    "waiting": (_S.SUPPORTING, (("support with conditions", PETER, SUPPORTS),)),
    "declined": (_S.DECLINED, (("decline", PETER, SUPPORTS),)),
    "withdrawn": (_S.WITHDRAWN, (("withdraw", RUTH, SUPPORTS),)),
}
"""How the handover that asks for support stands, and how it got there."""

UNDECIDED: Final = ("asked", "received", "questioned")
YES: Final = ("supporting", "waiting")
TABLE: Final[tuple[tuple[Any, ...], ...]] = (
    (UNDECIDED[:1], "acknowledge", {PETER}, _S.ACKNOWLEDGED),
    (UNDECIDED, "ask", {PETER}, _S.QUERIED),
    (UNDECIDED[2:], "answer", NURSES, _S.ACKNOWLEDGED),
    (UNDECIDED[:2], "support", {PETER}, _S.SUPPORTING),
    (UNDECIDED, "support with conditions", {PETER}, _S.SUPPORTING),
    (UNDECIDED, "decline", {PETER}, _S.DECLINED),
    (UNDECIDED, "withdraw", NURSES, _S.WITHDRAWN),
    (YES, "withdraw", {PRIYA, PETER}, _S.WITHDRAWN),
)
"""From, step, who; to. All else is refused."""
TRIED: Final = tuple(dict.fromkeys(step for _, step, *_ in TABLE))
OUTCOMES: Final = {
    (name, step, who): to for names, step, people, to in TABLE for name in names for who in people
}


class SupportTrial(Trial):
    """One connection on which steps about both handovers are tried and taken back."""

    def begin(self) -> None:
        """Ask Rowans to lead, and Oakhaven to support beside it."""
        with self.working(RUTH) as work:
            self.reference = planned_case(work).reference
        self.take("propose", PRIYA, LEADS)
        self.take("ask for support", PRIYA, SUPPORTS)

    def take(self, step: str, who: str, key: str) -> None:
        """Let somebody take a step about one of both."""
        with self.working(who) as work:
            OF_SUPPORT[step](work, self.reference, key)

    def refusal(self, step: str, who: str) -> RuleBroken | None:
        """Return what somebody who tries a step about the support is told; None if it is done."""
        try:
            self.take(step, who, SUPPORTS)
        except RuleBroken as refusal:
            return refusal
        return None

    def state(self) -> HandoverState:
        """Return how the handover that asks for support stands."""
        with self.looking() as session:
            uid = session.scalars(select(Case.uid)).one()
            found = find_handover(session, uid, receiver="oakhaven", number=1)
            assert found is not None
            return found.state

    def of_the_lead(self) -> tuple[Any, ...]:
        """Return all that support leaves as it is."""
        with self.looking() as session:
            case = session.scalars(select(Case)).one()
            lead = session.scalars(select(Handover).where(Handover.receiver == "rowans")).one()
            leading = tuple(one for one in self.spans() if one.position is Position.LEAD)
            return case.stage, case.receiver, case.target_transfer_on, lead.state, leading

    def spans(self) -> list[LedgerSpan]:
        """Return what the ledger of the case says."""
        with self.looking() as session:
            uid = session.scalars(select(Case.uid)).one()
            return [row.span for row in ledger_of(session, uid)]

    def supported(self) -> set[Function]:
        """Return what Oakhaven supports."""
        return {
            one.function
            for one in self.spans()
            if one.position is Position.SUPPORTING and one.to_on is None
        }


@pytest.fixture
def trial(installed: Settings) -> Iterator[SupportTrial]:
    """A connection on which Rowans was asked to lead and Oakhaven to support."""
    with writing_on(installed) as connection:
        trial = SupportTrial(connection)
        trial.begin()
        yield trial


@on_both
def test_everybody_tries_every_step_of_support_whatever_its_lead_does(trial: SupportTrial) -> None:
    taken = 0
    for meanwhile in OF_THE_LEAD.values():
        for name, (state, way) in SITUATIONS.items():
            with trial.taken_back():
                for move in (*way, *meanwhile):
                    trial.take(*move)
                assert trial.state() is state
                taken += try_everything(trial, name)
    assert taken == len(OUTCOMES) * len(OF_THE_LEAD)
    with trial.looking() as session:
        assert verify(session).code == GOOD


def try_everything(trial: SupportTrial, name: str) -> int:
    """Let everybody try every step; return how many could be taken."""
    before, rows, lead = trial.state(), trial.rows(), trial.of_the_lead()
    taken = 0
    for step in TRIED:
        for who in (*PEOPLE, STRANGER):
            wanted = OUTCOMES.get((name, step, who))
            with trial.taken_back():
                refusal = trial.refusal(step, who)
                assert (refusal is None) is (wanted is not None), (name, step, who, refusal)
                assert trial.state() is (wanted or before), (name, step, who)
                assert trial.of_the_lead() == lead, (name, step, who)
                check_ledger(trial, name, step, done=refusal is None)
                if refusal is None:
                    taken += 1
                else:
                    assert is_said_in_words(refusal)
                    assert trial.rows() == rows, (name, step, who)
    return taken


def check_ledger(trial: SupportTrial, name: str, step: str, *, done: bool) -> None:
    """Hold the ledger against what was answered: a condition that must be met holds support up."""
    supports = step == "support" if done else name == "supporting"
    assert trial.supported() == (set(ASKED) if supports else set()), (name, step)
    assert breaches(trial.spans(), Function, trial.now.date()) == ()


@on_both
def test_whoever_ends_a_case_ends_its_support(trial: SupportTrial) -> None:
    trial.take("support", PETER, SUPPORTS)
    for step, who, state in (
        *(("die", who, _S.CLOSED_DIED) for who in (RUTH, HELEN, PETER, ROSA)),
        ("end", RUTH, _S.CLOSED_EXIT),
    ):
        with trial.taken_back():
            trial.take(step, who, SUPPORTS)
            assert (trial.state(), trial.supported()) == (state, set())
            assert isinstance(trial.refusal("withdraw", PETER), RuleBroken)
