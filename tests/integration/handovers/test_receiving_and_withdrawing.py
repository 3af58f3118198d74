"""Saying that a handover has arrived, and taking one back."""

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import (
    WorkAs,
    accepted_case,
    letters_of,
    on_both,
    proposal,
    proposed_handover,
    reply,
    uid_of,
)
from tests.people import HELEN, IDRIS, MINA, PETER, PRIYA, RUTH
from transition.actions.handovers import (
    acknowledge_handover,
    found_handover,
    propose_handover,
    withdraw_handover,
)
from transition.actions.replies import reply_to_handover
from transition.actions.work import ChangedMeanwhile, NotFound
from transition.records.cases import Case, find_case
from transition.records.handovers import Handover, handovers_of
from transition.records.milestones import outcomes_of
from transition.rules.access import CaseAccess
from transition.rules.errors import RuleBroken
from transition.rules.handovers import HandoverState
from transition.rules.pathway import Stage

KEY = "rowans-1"


@pytest.fixture
def reference(work_as: WorkAs) -> str:
    with work_as(RUTH) as work:
        return proposed_handover(work)[0].reference


def receive(
    work_as: WorkAs, reference: str, who: str = HELEN, *, answer_by: date | None = None
) -> None:
    with work_as(who) as work:
        acknowledge_handover(work, reference, KEY, answer_by=answer_by)


def withdraw(work_as: WorkAs, reference: str, who: str = RUTH) -> None:
    with work_as(who) as work:
        withdraw_handover(work, reference, KEY, why="The family moves")


def standing(session: Session) -> tuple[Case, Handover]:
    session.rollback()
    return session.scalars(select(Case)).one(), session.scalars(select(Handover)).first()  # type: ignore[return-value]


@on_both
def test_who_waits_learns_that_it_has_arrived_and_by_when_they_will_hear(
    work_as: WorkAs, reference: str, session: Session
) -> None:
    receive(work_as, reference, IDRIS, answer_by=date(2026, 12, 1))
    _, handover = standing(session)
    assert handover.state is HandoverState.ACKNOWLEDGED
    assert handover.reply_promised_on == date(2026, 12, 1)
    assert handover.reply_by == date(2026, 12, 7)  # a promise moves no clock
    assert letters_of(session, "handover_received") == [RUTH]


@on_both
def test_it_arrives_once(work_as: WorkAs, reference: str) -> None:
    receive(work_as, reference, IDRIS)
    with pytest.raises(ChangedMeanwhile, match=r"Idris \w+ answered this"):
        receive(work_as, reference)


def test_a_promise_in_the_past_is_none(work_as: WorkAs, reference: str) -> None:
    with pytest.raises(RuleBroken, match="today or later"):
        receive(work_as, reference, answer_by=date(2026, 11, 22))


@on_both
def test_a_withdrawn_case_returns_to_planning_and_leaves_a_stub(
    work_as: WorkAs, reference: str, session: Session
) -> None:
    withdraw(work_as, reference)
    case, handover = standing(session)
    assert (case.stage, case.receiver) == (Stage.PLANNING, None)
    assert (handover.state, handover.closing_note) == (HandoverState.WITHDRAWN, "The family moves")
    assert letters_of(session, "case_changed") == [IDRIS, HELEN]
    with work_as(HELEN) as work:
        seen = find_case(work.session, reference, reader=work.actor)
        assert seen is not None
        assert seen.access is CaseAccess.STUB
    with pytest.raises(NotFound):
        receive(work_as, reference)


@on_both
def test_after_acceptance_leads_withdraw_from_either_side_and_nobody_else(
    work_as: WorkAs, session: Session
) -> None:
    mina = uid_of(session, MINA)
    reference, _ = accepted_case(work_as, adult_worker_uid=mina, adult_worker_by=None)
    for who in (RUTH, MINA):
        with pytest.raises(RuleBroken, match="Only a children's lead or an adult lead"):
            withdraw(work_as, reference, who)
    withdraw(work_as, reference, PRIYA)
    assert sorted(letters_of(session, "case_changed")) == sorted([HELEN, IDRIS, MINA])


@on_both
def test_a_receiver_who_withdraws_tells_who_waited(work_as: WorkAs, session: Session) -> None:
    reference, _ = accepted_case(work_as)
    withdraw(work_as, reference, HELEN)
    assert standing(session)[0].stage is Stage.PLANNING
    assert letters_of(session, "case_changed") == [RUTH]


@on_both
def test_the_next_receiver_answers_anew(work_as: WorkAs, session: Session) -> None:
    mina = uid_of(session, MINA)
    reference, _ = accepted_case(work_as, adult_worker_uid=mina, adult_worker_by=None)
    withdraw(work_as, reference, PRIYA)
    with work_as(RUTH) as work:
        propose_handover(work, reference, proposal(receiver="oakhaven"))
    with work_as(PETER) as work:
        handover = found_handover(work, reference, "oakhaven-1")[1]
        reply_to_handover(work, reference, "oakhaven-1", reply(handover))
    case, _ = standing(session)
    assert (case.stage, case.receiver) == (Stage.MOVING, "oakhaven")
    standing_outcomes = set(outcomes_of(session, case.uid))
    assert "HO-02" in standing_outcomes
    assert "HO-03" not in standing_outcomes


@on_both
def test_the_same_hospice_can_be_asked_again(
    work_as: WorkAs, reference: str, session: Session
) -> None:
    withdraw(work_as, reference)
    with work_as(RUTH) as work:
        assert propose_handover(work, reference, proposal()).key == "rowans-2"
    case, _ = standing(session)
    states = [one.state for one in handovers_of(session, case.uid)]
    assert states == [HandoverState.WITHDRAWN, HandoverState.PROPOSED]


@pytest.mark.parametrize("state", [HandoverState.WITHDRAWN, HandoverState.CLOSED_EXIT])
def test_what_is_over_is_not_withdrawn(
    work_as: WorkAs, reference: str, state: HandoverState
) -> None:
    with work_as(RUTH) as work:
        found_handover(work, reference, KEY)[1].state = state
    with pytest.raises(RuleBroken, match="It is not possible to withdraw"):
        withdraw(work_as, reference)
