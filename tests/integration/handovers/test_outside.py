"""A handover to a provider outside: nobody there signs in, so what they say is recorded as told."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import (
    ASKED,
    SIGNED_FOR,
    SWITCHED_AT,
    WorkAs,
    accepted_case,
    letters_of,
    on_both,
    planned_case,
    proposal,
    proposed_handover,
    ready_case,
    reply,
)
from tests.databases import FIXED
from tests.integration.handovers.outside import (
    NAME,
    THEIR_NURSE,
    THEIR_WORKER,
    accepted_outside,
    proposed_outside,
    ready_outside,
    signed_outside,
    told,
)
from tests.people import HELEN, PRIYA, RUTH, TOM
from transition.actions.conditions import meet_condition
from transition.actions.handovers import acknowledge_handover, found_handover, propose_handover
from transition.actions.invariants import lost_cases
from transition.actions.milestones import Recorded, record_outcome
from transition.actions.nudges import send_nudges, waiting_long
from transition.actions.questions import NewAnswer, NewQuestion, answer_question, ask_question
from transition.actions.replies import Decline, NewCondition, reply_to_handover
from transition.actions.settling import NewContact, record_contact
from transition.actions.transfers import (
    confirm_transfer,
    due_transfers,
    sign_transfer,
    switch_transfer,
    take_back_signature,
)
from transition.actions.work import ChangedMeanwhile
from transition.records.cases import Case
from transition.records.handovers import Handover
from transition.records.histories import StageChange
from transition.records.ledger import ledger_of
from transition.records.milestones import outcomes_of
from transition.records.outbox import QueuedLetter
from transition.records.transfers import standing_signatures
from transition.rules.declines import DeclineReason
from transition.rules.errors import RuleBroken
from transition.rules.handovers import Answer, Function, HandoverState
from transition.rules.ledger import leads_on
from transition.rules.milestones import Confirmed, OutcomeKind
from transition.rules.outside import ToldHow
from transition.rules.pathway import Stage
from transition.rules.people import THE_TIMETABLE, Side
from transition.rules.questions import QuestionCategory
from transition.rules.settling import ContactKind, ContactResult

AT_TEN = datetime(2026, 11, 23, 10, tzinfo=UTC)
LATER = FIXED + timedelta(hours=1)
ASKS = NewQuestion(category=QuestionCategory.FUNDING, words="Who pays?", told=told())


def the_handover(session: Session) -> Handover:
    session.rollback()
    return session.scalars(select(Handover)).one()


def the_case(session: Session) -> Case:
    session.rollback()
    return session.scalars(select(Case)).one()


@on_both
def test_a_provider_outside_is_asked_by_name_with_a_frozen_pack_and_no_letter(
    work_as: WorkAs, session: Session
) -> None:
    _, key = proposed_outside(work_as)
    handover = the_handover(session)
    assert (key, handover.receiver, handover.state) == (
        "external-1",
        "external",
        HandoverState.PROPOSED,
    )
    assert handover.provider_name == NAME
    assert handover.pack_hash
    assert NAME in str(handover.pack["sections"])
    assert the_case(session).stage is Stage.HANDOVER
    assert session.scalars(select(QueuedLetter)).all() == []


@pytest.mark.parametrize("provider", [None, "  "])
def test_a_provider_outside_has_a_name(work_as: WorkAs, provider: str | None) -> None:
    with work_as(RUTH) as work:
        case = planned_case(work)
        with pytest.raises(RuleBroken, match="Write which provider outside you ask"):
            propose_handover(work, case.reference, proposal(receiver="external", provider=provider))


@on_both
def test_receipt_is_confirmed_with_who_as_what_when_and_how(
    work_as: WorkAs, session: Session
) -> None:
    reference, key = proposed_outside(work_as)
    with work_as(RUTH) as work:
        acknowledge_handover(work, reference, key, told=told(how=ToldHow.LETTER))
    handover = the_handover(session)
    assert handover.state is HandoverState.ACKNOWLEDGED
    assert handover.told == {"receipt": told(how=ToldHow.LETTER)}
    assert handover.told["receipt"].words == "Sister Quillon, ward manager, by letter"
    with work_as(PRIYA, LATER) as work, pytest.raises(ChangedMeanwhile, match="Ruth"):
        acknowledge_handover(work, reference, key, told=told())


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"by": " "}, "Write who there told you, and as what"),
        ({"role": ""}, "Write who there told you, and as what"),
        ({"on": date(2026, 11, 24)}, "must be today or in the past"),
        ({"on": date(2026, 11, 22)}, "before this was sent"),
    ],
)
def test_what_is_told_has_somebody_behind_it_on_a_day_that_can_be(
    work_as: WorkAs, words: dict[str, object], sentence: str
) -> None:
    reference, key = proposed_outside(work_as)
    with work_as(RUTH) as work, pytest.raises(RuleBroken, match=sentence):
        acknowledge_handover(work, reference, key, told=told(**words))


def test_nothing_of_a_provider_outside_is_recorded_without_who_told_it(work_as: WorkAs) -> None:
    reference, key = proposed_outside(work_as)
    with work_as(RUTH) as work, pytest.raises(RuleBroken, match="Write who there told you"):
        acknowledge_handover(work, reference, key)


def test_nobody_answers_so_for_a_hospice_that_signs_in(work_as: WorkAs) -> None:
    with work_as(RUTH) as work:
        case, handover = proposed_handover(work)
        for told_too in (told(), None):
            with pytest.raises(RuleBroken, match="Only an adult lead may"):
                acknowledge_handover(work, case.reference, handover.key, told=told_too)
        with pytest.raises(RuleBroken, match="Only an adult lead may"):
            reply_to_handover(work, case.reference, handover.key, reply(handover, told=told()))


@on_both
def test_a_question_they_ask_stops_the_clock_until_the_nurse_answers(
    work_as: WorkAs, session: Session
) -> None:
    reference, key = proposed_outside(work_as)
    was = the_handover(session).reply_by
    with work_as(PRIYA) as work:
        ask_question(work, reference, key, ASKS)
    handover = the_handover(session)
    assert handover.state is HandoverState.QUERIED
    assert handover.reply_by is not None
    assert was is not None
    assert handover.reply_by > was
    assert handover.told["1"].by == THEIR_NURSE
    assert letters_of(session, "handover_question") == [RUTH]
    with work_as(RUTH, LATER) as work:
        answer_question(work, reference, key, 1, NewAnswer(words="The board of Surrey."))
    assert the_handover(session).state is HandoverState.ACKNOWLEDGED
    assert letters_of(session, "handover_question_answered") == []


@on_both
def test_what_they_answer_moves_the_case_and_their_worker_is_words(
    work_as: WorkAs, session: Session
) -> None:
    accepted_outside(work_as)
    handover, case = the_handover(session), the_case(session)
    assert (handover.state, case.stage) == (HandoverState.ACCEPTED, Stage.MOVING)
    assert handover.provider["worker"] == THEIR_WORKER
    assert handover.told["reply"] == told()
    assert handover.first_contact_on == date(2027, 1, 11)
    assert {"HO-02", "HO-03"} <= set(outcomes_of(session, case.uid))
    moved = select(StageChange).where(StageChange.now == Stage.MOVING)
    assert session.scalars(moved).one().organisation == "external"
    # The nurse is told nothing of what she recorded herself.
    assert session.scalars(select(QueuedLetter)).all() == []


def test_their_worker_may_be_named_later(work_as: WorkAs, session: Session) -> None:
    accepted_outside(work_as, adult_worker=None, adult_worker_by=date(2026, 12, 7))
    assert "HO-03" not in outcomes_of(session, the_case(session).uid)


def test_one_of_the_two_is_said(work_as: WorkAs) -> None:
    with pytest.raises(RuleBroken, match="say by when you will name one"):
        accepted_outside(work_as, adult_worker=None)


@on_both
def test_a_no_from_outside_opens_what_a_no_opens(work_as: WorkAs, session: Session) -> None:
    reference, key = proposed_outside(work_as)
    no = Decline(reason=DeclineReason.D05, given="In a year")
    with work_as(PRIYA) as work:
        _, handover = found_handover(work, reference, key)
        answers = dict.fromkeys(ASKED, Answer.DECLINE)
        said = reply(handover, answers=answers, declines=dict.fromkeys(ASKED, no), told=told())
        reply_to_handover(work, reference, key, said)
    assert (the_case(session).stage, the_case(session).receiver) == (Stage.PLANNING, None)
    assert letters_of(session, "handover_answered") == [RUTH]


def test_the_days_they_named_are_measured_from_the_day_on_which_they_told_it(
    work_as: WorkAs, session: Session
) -> None:
    reference, key = proposed_outside(work_as)
    then, later = told(), FIXED + timedelta(days=14)
    within, before = then.on + timedelta(days=7), then.on - timedelta(days=1)
    condition = NewCondition(words="Two", owner=Side.CHILDRENS, needed_by=within, must=True)
    some = {
        "answers": dict.fromkeys(ASKED, Answer.ACCEPT_WITH_CONDITIONS),
        "conditions": dict.fromkeys(ASKED, condition),
    }
    with work_as(RUTH, later) as work, pytest.raises(RuleBroken, match="on which they told you"):
        ask_question(work, reference, key, replace(ASKS, needed_by=before))
    with work_as(RUTH, later) as work:
        ask_question(work, reference, key, replace(ASKS, needed_by=within))
    with work_as(RUTH, later) as work:
        answer_question(work, reference, key, 1, NewAnswer(words="The board."))
    with work_as(RUTH, later) as work:
        handover = found_handover(work, reference, key)[1]
        said = {**some, "told": then, "adult_worker_by": within, "first_contact_on": within}
        whole = reply(handover, **said)
        early = replace(condition, needed_by=before)
        for wrong in (
            {"adult_worker_by": before},
            {"first_contact_on": before},
            {"conditions": dict.fromkeys(ASKED, early)},
        ):
            with pytest.raises(RuleBroken, match="on which they told you, or later"):
                reply_to_handover(work, reference, key, replace(whole, **wrong))
    with work_as(RUTH, later) as work:
        reply_to_handover(work, reference, key, whole)
    session.rollback()
    handover = session.scalars(select(Handover)).one()
    assert (handover.adult_worker_by, handover.first_contact_on) == (within, within)


@on_both
def test_what_is_theirs_to_do_the_nurse_records(work_as: WorkAs, session: Session) -> None:
    theirs = NewCondition(words="A bed.", owner=Side.ADULT, needed_by=date(2027, 1, 4), must=True)
    answers = {ASKED[0]: Answer.ACCEPT_WITH_CONDITIONS, ASKED[1]: Answer.ACCEPT}
    reference, _ = accepted_outside(work_as, answers=answers, conditions={ASKED[0]: theirs})
    done = Recorded(kind=OutcomeKind.DONE, done_on=date(2026, 11, 23), confirmed=Confirmed.YES)
    with work_as(RUTH) as work:
        assert meet_condition(work, reference, 1).met_at == work.now
        record_outcome(work, reference, "MV-07", done)
    assert "MV-07" in outcomes_of(session, the_case(session).uid)


@on_both
def test_a_second_lead_records_their_confirmation_and_the_lead_switches(
    work_as: WorkAs, session: Session
) -> None:
    reference, _ = signed_outside(work_as)
    ours, theirs = standing_signatures(session, the_case(session).uid)
    assert (ours.told, theirs.told) == (None, told())
    assert (theirs.side, theirs.organisation) == (Side.ADULT, "external")
    assert letters_of(session, "transfer_signed") == [RUTH]
    with work_as(THE_TIMETABLE, SWITCHED_AT) as work:
        assert due_transfers(work) == [reference]
        assert switch_transfer(work, reference)
    case = the_case(session)
    assert (case.stage, case.transferred_on) == (Stage.SETTLING, SIGNED_FOR)
    after = leads_on([row.span for row in ledger_of(session, case.uid)], SIGNED_FOR)
    assert {one for one, service in after.items() if service == "external"} == set(ASKED)
    assert len(after) == len(Function)


@on_both
def test_whoever_signed_first_does_not_confirm_and_a_nurse_never_does(
    work_as: WorkAs, session: Session
) -> None:
    reference, _ = ready_outside(work_as)
    with work_as(PRIYA) as work:
        with pytest.raises(RuleBroken, match="Your hospice signs first"):
            confirm_transfer(work, reference, told())
        sign_transfer(work, reference)
    with work_as(PRIYA) as work, pytest.raises(RuleBroken, match="You have signed already"):
        confirm_transfer(work, reference, told())
    with work_as(RUTH) as work, pytest.raises(RuleBroken, match="A children's lead records this"):
        confirm_transfer(work, reference, told())
    assert len(standing_signatures(session, the_case(session).uid)) == 1
    with work_as(TOM) as work:
        confirm_transfer(work, reference, told())
    with work_as(TOM, LATER) as work, pytest.raises(ChangedMeanwhile, match="Tom"):
        confirm_transfer(work, reference, told())


def test_a_hospice_that_signs_in_confirms_nothing_by_telephone(work_as: WorkAs) -> None:
    reference, _ = ready_case(work_as)
    for who in (PRIYA, HELEN):
        with work_as(who) as work, pytest.raises(RuleBroken, match="This hospice signs in here"):
            confirm_transfer(work, reference, told())


@on_both
def test_a_lead_takes_the_confirmation_back_and_the_nurse_her_own(
    work_as: WorkAs, session: Session
) -> None:
    reference, _ = signed_outside(work_as)
    with work_as(RUTH, LATER) as work:
        with pytest.raises(RuleBroken, match="A children's lead records this"):
            take_back_signature(work, reference, confirmation=True)
        assert take_back_signature(work, reference).told is None
    with work_as(PRIYA, LATER) as work:
        assert take_back_signature(work, reference, confirmation=True).told == told()
    assert standing_signatures(session, the_case(session).uid) == []
    assert letters_of(session, "case_changed") == [RUTH]


def test_the_signature_of_a_hospice_that_signs_in_is_its_own(work_as: WorkAs) -> None:
    reference, _ = ready_case(work_as)
    with work_as(HELEN) as work:
        sign_transfer(work, reference)
    with work_as(PRIYA) as work, pytest.raises(RuleBroken, match="no signature"):
        take_back_signature(work, reference, confirmation=True)


@on_both
def test_a_contact_after_the_transfer_is_recorded_as_told(
    work_as: WorkAs, session: Session
) -> None:
    reference, _ = signed_outside(work_as)
    with work_as(THE_TIMETABLE, SWITCHED_AT) as work:
        switch_transfer(work, reference)
    seen = NewContact(kind=ContactKind.CALL, result=ContactResult.ATTENDED, happened_on=SIGNED_FOR)
    with work_as(RUTH, SWITCHED_AT) as work:
        record_contact(work, reference, seen)
    assert "SE-01" in outcomes_of(session, the_case(session).uid)


def test_what_another_hospice_does_the_nurse_does_not_record(work_as: WorkAs) -> None:
    reference, _ = accepted_case(work_as)
    done = Recorded(kind=OutcomeKind.DONE, done_on=date(2026, 11, 23), confirmed=Confirmed.YES)
    with work_as(RUTH) as work, pytest.raises(RuleBroken, match="other hospice"):
        record_outcome(work, reference, "MV-07", done)


@on_both
def test_while_they_are_silent_our_own_people_are_told_one_above_the_other(
    work_as: WorkAs, session: Session
) -> None:
    reference, _ = proposed_outside(work_as)
    heard: dict[date, set[str]] = {}
    for days in range(1, 40):
        with work_as(THE_TIMETABLE, AT_TEN + timedelta(days)) as work:
            send_nudges(work)
    session.rollback()
    for letter in session.scalars(select(QueuedLetter).order_by(QueuedLetter.queued_at)):
        heard.setdefault(letter.queued_at.date(), set()).add(letter.recipient.email)
    readers = list(heard.values())
    assert readers[0] == {RUTH}
    assert readers[1] == {PRIYA, TOM}
    assert readers[2] == {"coordinator@collaborative.example"}
    assert {one.split("@")[1] for some in readers for one in some} == {
        "naomi.example",
        "collaborative.example",
    }
    with work_as(THE_TIMETABLE, AT_TEN + timedelta(40)) as work:
        assert (reference, "a reply") in waiting_long(work)


def test_a_case_that_waits_for_a_provider_outside_is_not_among_the_lost(work_as: WorkAs) -> None:
    proposed_outside(work_as)
    with work_as(PRIYA) as work:
        assert lost_cases(work) == []
