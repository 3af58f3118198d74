"""Accepting a handover: what is refused, what it ticks, and who is told."""

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import (
    ASKED,
    WorkAs,
    accepted_case,
    on_both,
    proposed_handover,
    record_done,
    reply,
    uid_of,
    with_rule,
    without_rules,
)
from tests.people import ANNA, HELEN, IDRIS, MINA, PETER, PRIYA, RUTH, TOM
from transition.actions.handovers import found_handover
from transition.actions.replies import reply_to_handover
from transition.actions.work import NotFound
from transition.app import Tracker
from transition.records.audit import Change, trail_of
from transition.records.cases import Case
from transition.records.handovers import Handover
from transition.records.milestones import outcomes_of
from transition.records.outbox import QueuedLetter
from transition.records.staff import StaffMembership, workers_of
from transition.rules.errors import RuleBroken
from transition.rules.handovers import Answer, HandoverState
from transition.rules.pathway import Gate, Stage
from transition.rules.people import MembershipState

TODAY = date(2026, 11, 23)
YESTERDAY = date(2026, 11, 22)


@pytest.fixture
def reference(work_as: WorkAs) -> str:
    with work_as(RUTH) as work:
        return proposed_handover(work)[0].reference


def accept(work_as: WorkAs, reference: str, who: str = HELEN, **words: object) -> None:
    with work_as(who) as work:
        handover = found_handover(work, reference, "rowans-1")[1]
        reply_to_handover(work, reference, "rowans-1", reply(handover, **words))


def refusal_of(work_as: WorkAs, reference: str, **words: object) -> str:
    with pytest.raises(RuleBroken) as refusal:
        accept(work_as, reference, **words)  # type: ignore[arg-type]
    return str(refusal.value)


def letters(session: Session, kind: str) -> set[str]:
    rows = session.scalars(select(QueuedLetter).where(QueuedLetter.kind == kind))
    return {row.recipient.email for row in rows}


@on_both
def test_a_yes_is_kept_with_who_gave_it_and_the_case_moves_on(
    work_as: WorkAs, reference: str, session: Session
) -> None:
    mina = uid_of(session, MINA)
    accept(work_as, reference, adult_worker_uid=mina, adult_worker_by=None)
    session.rollback()
    handover = session.scalars(select(Handover)).one()
    case = session.scalars(select(Case)).one()
    helen = uid_of(session, HELEN)
    assert (handover.state, case.stage) == (HandoverState.ACCEPTED, Stage.MOVING)
    assert {row.answer for row in handover.answers} == {Answer.ACCEPT}
    assert handover.decided_by_uid == handover.acknowledged_by_uid == helen
    assert handover.decided_at == handover.acknowledged_at is not None
    assert (handover.adult_worker_uid, handover.first_contact_on) == (mina, date(2027, 1, 11))
    entry = next(one for one in trail_of(session, reference) if one.action == "handover:accepted")
    assert (entry.organisation, entry.object) == ("rowans", "rowans-1")
    change = session.get_one(Change, bytes.fromhex(entry.change_uid or ""))
    assert change.body == {"state": ["proposed", "accepted"], "stage": ["handover", "moving"]}


def test_who_acknowledged_it_first_stays(work_as: WorkAs, reference: str, session: Session) -> None:
    with work_as(IDRIS) as work:
        _, handover = found_handover(work, reference, "rowans-1")
        handover.acknowledged_at, handover.acknowledged_by_uid = work.now, work.actor_uid
        handover.state = HandoverState.ACKNOWLEDGED
    accept(work_as, reference)
    handover = session.scalars(select(Handover)).one()
    assert handover.acknowledged_by_uid == uid_of(session, IDRIS)
    assert handover.decided_by_uid == uid_of(session, HELEN)


def test_eligibility_and_the_named_worker_are_ticked_by_the_reply(
    work_as: WorkAs, reference: str, session: Session
) -> None:
    mina = uid_of(session, MINA)
    accept(work_as, reference, adult_worker_uid=mina, adult_worker_by=None)
    outcomes = outcomes_of(session, session.scalars(select(Case)).one().uid)
    assert outcomes["HO-02"].done_on == outcomes["HO-03"].done_on == TODAY
    assert outcomes["HO-02"].recorded_by_uid == uid_of(session, HELEN)


def test_a_worker_to_be_named_later_leaves_that_step_open(
    work_as: WorkAs, reference: str, session: Session
) -> None:
    accept(work_as, reference, adult_worker_by=TODAY, first_contact_on=TODAY)
    outcomes = outcomes_of(session, session.scalars(select(Case)).one().uid)
    assert "HO-02" in outcomes
    assert "HO-03" not in outcomes


def test_whoever_asked_and_the_named_worker_are_told_each_once(
    work_as: WorkAs, session: Session
) -> None:
    accepted_case(work_as)
    assert letters(session, "handover_answered") == {RUTH}


def test_a_named_worker_who_did_not_ask_is_told_too(
    work_as: WorkAs, reference: str, session: Session
) -> None:
    anna = uid_of(session, ANNA)
    with work_as(RUTH) as work:
        work.case(reference).case.named_worker_uid = anna
    accept(work_as, reference)
    assert letters(session, "handover_answered") == {RUTH, ANNA}


def test_who_has_left_is_not_told_and_the_leads_are(
    work_as: WorkAs, reference: str, session: Session
) -> None:
    ruth = uid_of(session, RUTH)
    with work_as(PRIYA) as work:
        held = select(StaffMembership).where(StaffMembership.staff_uid == ruth)
        work.session.scalars(held).one().state = MembershipState.LEFT
    accept(work_as, reference)
    assert letters(session, "handover_answered") == {PRIYA, TOM}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"has_read": False}, "Say that you have read the pack."),
        ({"eligible": False}, "Check eligibility against your own criteria first."),
        (
            {"adult_worker_by": None},
            "Choose the adult named worker, or say by when you will name one.",
        ),
        (
            {"adult_worker_by": YESTERDAY},
            "The day by which you name a worker must be today or later.",
        ),
        ({"first_contact_on": None}, "Enter the date of the first contact, today or later."),
        ({"first_contact_on": YESTERDAY}, "Enter the date of the first contact, today or later."),
        ({"answers": {}}, "Answer each function that you are asked to take on."),
        (
            {"answers": {ASKED[0]: Answer.ACCEPT}},
            "Answer each function that you are asked to take on.",
        ),
        (
            {"answers": dict.fromkeys(ASKED, Answer.DECLINE)},
            "24-hour advice: choose why you cannot take this.",
        ),
    ],
)
def test_an_incomplete_reply_is_refused_and_changes_nothing(
    work_as: WorkAs, reference: str, session: Session, words: dict[str, object], sentence: str
) -> None:
    assert refusal_of(work_as, reference, **words) == sentence
    assert session.scalars(select(Case)).one().stage is Stage.HANDOVER
    assert session.scalars(select(Handover)).one().state is HandoverState.PROPOSED
    assert letters(session, "handover_answered") == set()


def test_somebody_of_another_hospice_is_not_named(
    work_as: WorkAs, reference: str, session: Session
) -> None:
    peter = uid_of(session, PETER)
    session.rollback()
    with pytest.raises(RuleBroken, match="from your own hospice"):
        accept(work_as, reference, adult_worker_uid=peter, adult_worker_by=None)


def test_a_gate_of_acceptance_beyond_eligibility_is_waited_for(
    work_as: WorkAs, reference: str, app: Tracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue = app.config["CATALOGUE"]
    stricter = with_rule(catalogue, "MV-02", gate=Gate.ACCEPT)
    monkeypatch.setitem(app.config, "CATALOGUE", stricter)
    assert refusal_of(work_as, reference).startswith("Before you can accept: Second joint visit")
    with work_as(RUTH) as work:
        record_done(work, work.case(reference).case, {"MV-02"})
    accept(work_as, reference)


def test_a_pathway_without_those_steps_is_answered_all_the_same(
    work_as: WorkAs, reference: str, app: Tracker
) -> None:
    shorter = without_rules(app.config["CATALOGUE"], {"HO-02", "HO-03"})
    with work_as(HELEN) as work:
        work.catalogue = shorter
        handover = found_handover(work, reference, "rowans-1")[1]
        accepted = reply_to_handover(work, reference, "rowans-1", reply(handover))
        assert accepted.state is HandoverState.ACCEPTED


@on_both
def test_it_is_answered_once(work_as: WorkAs, reference: str) -> None:
    accept(work_as, reference)
    sentence = refusal_of(work_as, reference, who=IDRIS)
    when = "23 November 2026 at 9:00am"
    assert sentence == f"Helen Marsh answered this on {when}. Nothing of yours was sent."


def test_an_open_question_is_not_passed_over(work_as: WorkAs, reference: str) -> None:
    with work_as(HELEN) as work:
        _, handover = found_handover(work, reference, "rowans-1")
        handover.state = HandoverState.QUERIED
    assert "It is not possible to accept this handover now" in refusal_of(work_as, reference)


def test_the_childrens_side_does_not_answer_its_own_question(
    work_as: WorkAs, reference: str
) -> None:
    assert (
        refusal_of(work_as, reference, who=RUTH) == "Only an adult lead may accept this handover."
    )


@pytest.mark.parametrize("key", ["rowans-2", "oakhaven-1", "Rowans", "rowans-0"])
def test_there_is_no_such_handover(work_as: WorkAs, reference: str, key: str) -> None:
    for who in (RUTH, HELEN):
        with pytest.raises(NotFound, match="no such handover"), work_as(who) as work:
            found_handover(work, reference, key)


@on_both
def test_a_hospice_reads_no_pack_that_was_sent_to_another(work_as: WorkAs, reference: str) -> None:
    with work_as(RUTH) as work:
        _, first = found_handover(work, reference, "rowans-1")
        first.state, first.closed_at = HandoverState.WITHDRAWN, work.now
        work.keep(
            Handover(
                case_uid=first.case_uid,
                receiver="oakhaven",
                number=1,
                state=HandoverState.PROPOSED,
                urgency=first.urgency,
                proposed_at=work.now,
                proposed_by_uid=work.actor_uid,
                pack={"called": "Sky"},
            )
        )
    with work_as(PETER) as work:
        assert found_handover(work, reference, "oakhaven-1")[1].pack == {"called": "Sky"}
    for who, key in ((PETER, "rowans-1"), (HELEN, "rowans-1"), (HELEN, "oakhaven-1")):
        with pytest.raises(NotFound), work_as(who) as work:
            found_handover(work, reference, key)
    with work_as(RUTH) as work:
        assert found_handover(work, reference, "rowans-1")[1] is not None


def test_workers_and_leads_of_a_hospice_can_be_named(session: Session) -> None:
    named = {staff.email for staff in workers_of(session, "rowans", today=TODAY)}
    assert named == {HELEN, IDRIS, "escalation@rowans.example", MINA}
