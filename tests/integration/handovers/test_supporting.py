"""Support beside the lead: asked for, answered, and what the ledger then says."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import (
    ASKED,
    TARGET,
    WorkAs,
    accepted_case,
    letters_of,
    on_both,
    planned_case,
    proposal,
    proposed_handover,
    reply,
    transferred_case,
    uid_of,
)
from tests.databases import FIXED
from tests.integration.endings.test_closings import ANSWERS
from tests.people import HELEN, LOLA, PETER, PRIYA, ROSA, RUTH
from transition.actions.adult_workers import name_adult_worker
from transition.actions.case_changes import NewLead, let_lead
from transition.actions.closings import close_case, take_back_closing
from transition.actions.conditions import meet_condition, reopen_condition
from transition.actions.deaths import record_death, undo_death
from transition.actions.handovers import found_handover, propose_handover, withdraw_handover
from transition.actions.invariants import unled_cases
from transition.actions.pack_versions import send_pack
from transition.actions.packs import pack_facts
from transition.actions.pauses import pause_case
from transition.actions.record import save_section
from transition.actions.replies import Decline, NewCondition, reply_to_handover
from transition.actions.work import NotFound
from transition.records.cases import Case, find_case
from transition.records.handovers import Handover, find_handover
from transition.records.histories import stage_changes_of, target_changes_of
from transition.records.ledger import ledger_of
from transition.records.milestones import outcomes_of
from transition.records.record_sections import record_of
from transition.rules.access import CaseAccess
from transition.rules.declines import DeclineReason
from transition.rules.errors import RuleBroken
from transition.rules.handovers import AfterNo, Answer, Function, HandoverState
from transition.rules.ledger import Position
from transition.rules.outside import Told, ToldHow
from transition.rules.pathway import Stage
from transition.rules.pauses import PauseReason
from transition.rules.people import Side
from transition.rules.record_sections import GP
from transition.rules.stages import Ending

KEY = "oakhaven-1"
TODAY = FIXED.date()
LATER = date(2027, 1, 11)
_S = HandoverState


@pytest.fixture
def reference(work_as: WorkAs) -> str:
    """A case that Rowans was asked to lead."""
    with work_as(RUTH) as work:
        return proposed_handover(work)[0].reference


def ask(work_as: WorkAs, reference: str, who: str = PRIYA, **words: Any) -> None:  # noqa: ANN401 - of a proposal
    """Ask Oakhaven to support from today."""
    told = {"receiver": "oakhaven", "leads": False, "target_on": TODAY} | words
    with work_as(who) as work:
        propose_handover(work, reference, proposal(**told))


def answer(work_as: WorkAs, reference: str, who: str = PETER, **words: Any) -> None:  # noqa: ANN401 - of a reply
    """Let Oakhaven say yes, with Rosa named."""
    with work_as(ROSA) as work:
        rosa = work.actor_uid
    with work_as(who) as work:
        _, handover = found_handover(work, reference, KEY)
        said = {"adult_worker_uid": rosa, "adult_worker_by": None, "first_contact_on": None}
        reply_to_handover(work, reference, KEY, reply(handover, **said | words))


def conditional(*, must: bool = True) -> dict[str, Any]:
    """Return a yes to the first function under a condition, and to the second without."""
    one = NewCondition(words="Two nurses", owner=Side.ADULT, needed_by=LATER, must=must)
    answers = {ASKED[0]: Answer.ACCEPT_WITH_CONDITIONS, ASKED[1]: Answer.ACCEPT}
    return {"answers": answers, "conditions": {ASKED[0]: one}}


def the_case(session: Session) -> Case:
    session.rollback()
    return session.scalars(select(Case)).one()


def support(session: Session) -> Handover:
    found = find_handover(session, the_case(session).uid, receiver="oakhaven", number=1)
    assert found is not None
    return found


def spans(session: Session) -> dict[Function, tuple[str, date, date | None]]:
    """Return what is supported in the case, by whom, and from when to when."""
    rows = ledger_of(session, the_case(session).uid)
    return {
        row.function: (row.service, row.from_on, row.to_on)
        for row in rows
        if row.position is Position.SUPPORTING
    }


def supported(session: Session) -> set[Function]:
    """Return what somebody supports, or is to support."""
    return {one for one, (_, _, to_on) in spans(session).items() if to_on is None}


def leads(session: Session) -> list[tuple[object, ...]]:
    rows = ledger_of(session, the_case(session).uid)
    return [
        (row.function, row.service, row.from_on, row.to_on)
        for row in rows
        if row.position is Position.LEAD
    ]


@on_both
def test_asking_for_support_moves_neither_the_case_nor_its_date_nor_its_receiver(
    work_as: WorkAs, reference: str, session: Session
) -> None:
    case = the_case(session)
    before = (case.stage, case.receiver, case.target_transfer_on)
    changes = len(stage_changes_of(session, case.uid)), len(target_changes_of(session, case.uid))
    ask(work_as, reference)
    case = the_case(session)
    assert (case.stage, case.receiver, case.target_transfer_on) == before
    assert before == (Stage.HANDOVER, "rowans", TARGET)
    after = len(stage_changes_of(session, case.uid)), len(target_changes_of(session, case.uid))
    assert after == changes
    one = support(session)
    assert (one.leads, one.state, one.target_on) == (False, _S.PROPOSED, TODAY)
    assert one.reply_by == date(2026, 12, 7)
    assert {PETER, LOLA} < {*letters_of(session, "handover_proposed")}


@on_both
def test_a_yes_stands_in_the_ledger_beside_every_lead_from_the_day_asked_for(
    work_as: WorkAs, reference: str, session: Session
) -> None:
    before = leads(session)
    ask(work_as, reference, target_on=LATER)
    answer(work_as, reference)
    assert spans(session) == dict.fromkeys(ASKED, ("oakhaven", LATER, None))
    assert leads(session) == before
    one, case = support(session), the_case(session)
    assert (one.state, one.closed_at, one.adult_worker_by, one.first_contact_on) == (
        _S.SUPPORTING,
        None,
        None,
        None,
    )
    assert (case.stage, case.receiver) == (Stage.HANDOVER, "rowans")
    assert {"HO-02", "HO-03"}.isdisjoint(outcomes_of(session, case.uid))
    assert letters_of(session, "handover_answered") == sorted([RUTH, PRIYA])
    with work_as(RUTH) as work:
        assert unled_cases(work) == []


@on_both
def test_a_day_that_has_passed_is_today_once_they_answer(
    work_as: WorkAs, reference: str, session: Session
) -> None:
    ask(work_as, reference)
    with work_as(ROSA) as work:
        rosa = work.actor_uid
    with work_as(PETER, FIXED + timedelta(days=3)) as work:
        _, handover = found_handover(work, reference, KEY)
        reply_to_handover(work, reference, KEY, reply(handover, adult_worker_uid=rosa))
    assert {from_on for _, from_on, _ in spans(session).values()} == {TODAY + timedelta(days=3)}


def test_who_supports_names_somebody_at_once(work_as: WorkAs, reference: str) -> None:
    ask(work_as, reference)
    with pytest.raises(RuleBroken, match=r"^Choose who at your hospice supports\.$"):
        answer(work_as, reference, adult_worker_uid=None, adult_worker_by=LATER)


def test_a_day_of_support_lies_ahead_when_it_is_asked_for(work_as: WorkAs, reference: str) -> None:
    with pytest.raises(RuleBroken, match=r"^The day from which they support must be today"):
        ask(work_as, reference, target_on=TODAY - timedelta(days=1))


@on_both
def test_what_waits_for_a_condition_is_supported_once_that_is_met(
    work_as: WorkAs, reference: str, session: Session
) -> None:
    ask(work_as, reference)
    answer(work_as, reference, **conditional())
    assert (support(session).state, supported(session)) == (_S.SUPPORTING, {ASKED[1]})
    with work_as(HELEN) as work, pytest.raises(NotFound):
        meet_condition(work, reference, 1)
    with work_as(PETER) as work:
        meet_condition(work, reference, 1)
    assert supported(session) == set(ASKED)
    with work_as(PETER) as work:
        reopen_condition(work, reference, 1)
    assert supported(session) == {ASKED[1]}
    with work_as(PETER) as work:
        meet_condition(work, reference, 1)
    assert supported(session) == set(ASKED)


def test_what_should_be_so_holds_no_support_up(
    work_as: WorkAs, reference: str, session: Session
) -> None:
    ask(work_as, reference)
    answer(work_as, reference, **conditional(must=False))
    assert supported(session) == set(ASKED)


@on_both
def test_withdrawing_ends_the_support_today_and_leaves_the_case_as_it_is(
    work_as: WorkAs, reference: str, session: Session
) -> None:
    ask(work_as, reference)
    answer(work_as, reference)
    before = leads(session)
    with work_as(RUTH) as work, pytest.raises(RuleBroken, match="Only a children's lead or an"):
        withdraw_handover(work, reference, KEY)
    with work_as(PETER) as work:
        withdraw_handover(work, reference, KEY)
    assert {to_on for _, _, to_on in spans(session).values()} == {TODAY}
    case, one = the_case(session), support(session)
    assert (case.stage, case.receiver) == (Stage.HANDOVER, "rowans")
    assert (one.state, leads(session)) == (_S.WITHDRAWN, before)
    with work_as(PETER) as work:
        seen = find_case(work.session, reference, reader=work.actor)
        assert seen is not None
        assert seen.access is CaseAccess.STUB
    ask(work_as, reference)


@on_both
def test_a_no_to_support_leaves_the_lead_as_it_was_and_asks_what_follows(
    work_as: WorkAs, reference: str, session: Session
) -> None:
    ask(work_as, reference)
    no = Decline(reason=DeclineReason.D03, given="A change of phase")
    words: dict[str, Any] = {
        "answers": dict.fromkeys(ASKED, Answer.DECLINE),
        "declines": dict.fromkeys(ASKED, no),
    }
    answer(work_as, reference, **words)
    case, one = the_case(session), support(session)
    assert (case.stage, case.receiver) == (Stage.HANDOVER, "rowans")
    assert (one.state, one.closed_at, one.after_no) == (_S.DECLINED, FIXED, None)
    assert spans(session) == {}
    ask(work_as, reference)
    assert support(session).after_no is AfterNo.ASK_AGAIN


@on_both
def test_a_no_of_the_lead_is_not_settled_by_asking_for_support(
    work_as: WorkAs, reference: str, session: Session
) -> None:
    ask(work_as, reference)
    no = Decline(reason=DeclineReason.D03, given="A change of phase")
    with work_as(HELEN) as work:
        _, handover = found_handover(work, reference, "rowans-1")
        declines = dict.fromkeys(ASKED, no)
        answers = dict.fromkeys(ASKED, Answer.DECLINE)
        said = reply(handover, answers=answers, declines=declines)
        reply_to_handover(work, reference, "rowans-1", said)
    answer(work_as, reference)  # who was asked may answer, though the lead is sought anew
    case = the_case(session)
    assert (case.stage, case.receiver, supported(session)) == (Stage.PLANNING, None, set(ASKED))
    with pytest.raises(RuleBroken, match="beside the one that was asked to lead"):
        ask(work_as, reference, receiver="stmichaels")
    first = find_handover(session, case.uid, receiver="rowans", number=1)
    assert first is not None
    assert first.after_no is None
    with work_as(RUTH) as work:
        propose_handover(work, reference, proposal(receiver="stmichaels"))
    assert the_case(session).receiver == "stmichaels"
    session.refresh(first)
    assert first.after_no is AfterNo.ASK_ANOTHER


@on_both
def test_nobody_has_two_open_handovers_of_one_case(work_as: WorkAs, reference: str) -> None:
    second = r"^This hospice has an open handover of this case already\.$"
    with pytest.raises(RuleBroken, match=second):
        ask(work_as, reference, receiver="rowans")
    ask(work_as, reference)
    with pytest.raises(RuleBroken, match=second):
        ask(work_as, reference)
    with work_as(RUTH) as work:
        withdraw_handover(work, reference, "rowans-1")
    with work_as(RUTH) as work, pytest.raises(RuleBroken, match=second):
        propose_handover(work, reference, proposal(receiver="oakhaven"))


@on_both
def test_support_is_asked_for_beside_a_lead_only_and_while_the_case_runs(work_as: WorkAs) -> None:
    with work_as(RUTH) as work:
        reference = planned_case(work).reference
    with pytest.raises(RuleBroken, match="This case is at “Planning the move”"):
        ask(work_as, reference)
    with work_as(RUTH) as work:
        propose_handover(work, reference, proposal())
    ask(work_as, reference, receiver="stmichaels")
    with work_as(RUTH) as work:
        review_on = work.today + timedelta(days=20)
        pause_case(work, reference, next(iter(PauseReason)), review_on=review_on)
    with pytest.raises(RuleBroken, match=r"^This case is paused\. Resume it"):
        ask(work_as, reference)
    with work_as(RUTH) as work, pytest.raises(RuleBroken, match=r"^This case is paused\."):
        withdraw_handover(work, reference, "stmichaels-1")


@on_both
def test_support_goes_on_through_the_transfer_and_ends_for_what_the_supporter_comes_to_lead(
    work_as: WorkAs, session: Session
) -> None:
    reference, _ = transferred_case(work_as)
    at = FIXED + timedelta(days=10)
    asked = proposal(receiver="oakhaven", leads=False, target_on=at.date())
    with work_as(RUTH, at) as work:
        propose_handover(work, reference, asked)
    with work_as(ROSA) as work:
        rosa = work.actor_uid
    with work_as(PETER, at) as work:
        _, handover = found_handover(work, reference, KEY)
        reply_to_handover(work, reference, KEY, reply(handover, adult_worker_uid=rosa))
    assert supported(session) == set(ASKED)
    assert the_case(session).receiver == "rowans"
    with work_as(RUTH, at) as work:
        lead = NewLead("oakhaven", at.date(), work.actor)
        let_lead(work, work.case(reference).case, ASKED[:1], lead)
    assert supported(session) == {ASKED[1]}


@on_both
def test_a_death_ends_all_support_and_taking_it_back_lets_it_stand_as_it_did(
    work_as: WorkAs, reference: str, session: Session
) -> None:
    ask(work_as, reference, target_on=LATER)
    answer(work_as, reference)
    before = spans(session)
    with work_as(RUTH) as work:
        record_death(work, reference, died_on=work.today)
    assert {to_on for _, _, to_on in spans(session).values()} == {LATER}  # it never began
    assert support(session).state is _S.CLOSED_DIED
    with work_as(RUTH) as work:
        undo_death(work, reference)
    assert (spans(session), support(session).state) == (before, _S.SUPPORTING)


@on_both
def test_another_ending_ends_it_too_and_both_stand_again_together(
    work_as: WorkAs, reference: str, session: Session
) -> None:
    ask(work_as, reference)
    answer(work_as, reference)
    before = spans(session)
    with work_as(RUTH) as work:
        close_case(work, reference, Ending.MOVED_AWAY, ANSWERS[Ending.MOVED_AWAY])
    assert {to_on for _, _, to_on in spans(session).values()} == {TODAY}
    assert support(session).state is _S.CLOSED_EXIT
    with work_as(RUTH) as work:
        take_back_closing(work, reference)
    assert (spans(session), support(session).state) == (before, _S.SUPPORTING)


@on_both
def test_another_worker_can_be_named_and_no_milestone_of_the_lead_is_ticked(
    work_as: WorkAs, reference: str, session: Session
) -> None:
    ask(work_as, reference)
    answer(work_as, reference)
    with work_as(PETER) as work:
        name_adult_worker(work, reference, KEY, work.actor_uid)
    assert support(session).adult_worker_uid == uid_of(session, PETER)
    assert "HO-03" not in outcomes_of(session, the_case(session).uid)


@on_both
def test_the_pack_says_what_is_asked_and_a_new_version_who_supports(
    work_as: WorkAs, reference: str, session: Session
) -> None:
    ask(work_as, reference, target_on=LATER)
    pack = str(support(session).pack)
    assert "We ask Oakhaven Hospice to support" in pack
    assert "From 11 January 2027" in pack.replace("'From', '11", "From 11")
    assert "Who supports beside them" not in pack
    answer(work_as, reference)
    with work_as(RUTH) as work:
        save_section(work, reference, GP, {"gp_practice_name": "The Mill", "gp_ods": "J82155"})
    with work_as(RUTH) as work:
        send_pack(work, reference, KEY)
    assert support(session).pack["target_on"] == LATER.isoformat()
    with work_as(RUTH, FIXED + timedelta(days=60)) as work:
        case = work.case(reference).case
        asked = proposal()
        facts = pack_facts(work, case, asked, record_of(work.session, case))
        assert facts.supporters == [(one, "Oakhaven Hospice") for one in ASKED]


@on_both
def test_a_provider_outside_supports_by_what_the_nurse_is_told(
    work_as: WorkAs, session: Session
) -> None:
    reference, _ = accepted_case(work_as)
    ask(work_as, reference, receiver="external", provider="Willow Hospice at Home")
    told = Told(by="Dr Amber", role="medical director", on=TODAY, how=next(iter(ToldHow)))
    with work_as(RUTH) as work:
        _, handover = found_handover(work, reference, "external-1")
        said = reply(handover, told=told, adult_worker="Sister Fern", adult_worker_by=None)
        reply_to_handover(work, reference, "external-1", said)
    assert {service for service, _, _ in spans(session).values()} == {"external"}
    assert the_case(session).stage is Stage.MOVING
