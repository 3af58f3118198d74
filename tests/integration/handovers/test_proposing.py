"""Proposing a handover: what is refused, what is frozen, and who is told."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import (
    ASKED,
    TARGET,
    ClientAs,
    WorkAs,
    on_both,
    opened_case,
    planned_case,
    post,
    proposal,
    uid_of,
    whole_record,
)
from tests.integration.handovers.typed import PROPOSED
from tests.people import GRACE, HELEN, IDRIS, RUTH
from transition.actions.expediting import expedite_case
from transition.actions.handovers import propose_handover
from transition.actions.milestones import put_back
from transition.records.audit import trail_of
from transition.records.cases import Case
from transition.records.contacts import Contact
from transition.records.entries import entries_of
from transition.records.handovers import Handover, handovers_seen_by, open_lead_handover
from transition.records.histories import Sharing
from transition.records.outbox import QueuedLetter
from transition.records.staff import StaffMembership
from transition.records.summaries import summary_of
from transition.rules.errors import RuleBroken
from transition.rules.expediting import ExpediteReason
from transition.rules.handovers import HandoverState, SharingBasis, Urgency
from transition.rules.packs import PackSection, PackSource, parts_of
from transition.rules.pathway import Gate, Stage
from transition.rules.people import MembershipState
from transition.security.fields import is_token


@pytest.fixture
def reference(work_as: WorkAs) -> str:
    with work_as(RUTH) as work:
        return planned_case(work).reference


def propose(work_as: WorkAs, reference: str, **words: object) -> None:
    with work_as(RUTH) as work:
        propose_handover(work, reference, proposal(**words))


def refusal_of(work_as: WorkAs, reference: str, **words: object) -> str:
    with pytest.raises(RuleBroken) as refusal:
        propose(work_as, reference, **words)
    return str(refusal.value)


@on_both
def test_the_receiver_has_ten_working_days_and_the_case_stands_at_handover(
    work_as: WorkAs, reference: str, session: Session
) -> None:
    propose(work_as, reference)
    handover = session.scalars(select(Handover)).one()
    case = session.scalars(select(Case)).one()
    assert (handover.key, handover.state) == ("rowans-1", HandoverState.PROPOSED)
    assert handover.reply_by == date(2026, 12, 7)
    assert [row.function for row in handover.answers] == sorted(ASKED)
    assert {row.answer for row in handover.answers} == {None}
    assert handover.proposed_by_uid == case.named_worker_uid == uid_of(session, RUTH)
    assert (case.stage, case.receiver, case.target_transfer_on) == (
        Stage.HANDOVER,
        "rowans",
        TARGET,
    )
    assert case.sharing_basis is SharingBasis.AGREED
    assert session.scalars(select(Sharing)).one().detail == "Not my school."
    assert open_lead_handover(session, case.uid) is handover


@pytest.mark.parametrize(
    ("urgency", "reply_by"),
    [(Urgency.SOON, date(2026, 11, 30)), (Urgency.EXPEDITED, date(2026, 11, 24))],
)
def test_what_is_urgent_is_answered_sooner(
    work_as: WorkAs, reference: str, session: Session, urgency: Urgency, reply_by: date
) -> None:
    propose(work_as, reference, urgency=urgency)
    assert session.scalars(select(Handover)).one().reply_by == reply_by


def test_the_pack_is_frozen_sealed_and_holds_what_the_receiver_must_know(
    work_as: WorkAs, reference: str, session: Session
) -> None:
    propose(work_as, reference)
    handover = session.scalars(select(Handover)).one()
    pack = handover.pack
    assert (pack["shown_name"], pack["date_of_birth"]) == ("Sky Demo-Test", "2009-06-15")
    assert (pack["sharing_basis"], pack["sharing_limits"]) == ("agreed", "Not my school.")
    assert pack["functions"] == list(ASKED)
    assert pack["frozen_on"] == "2026-11-23"
    assert [one["section"] for one in pack["sections"]] == [one.value for one in PackSection]
    parts = {one.section: one for one in parts_of(pack)}
    led = {one.title: one.rows for one in parts[PackSection.FRONT].blocks}["Who leads what today"]
    assert [(one[0], len(one[1].split(", "))) for one in led] == [("Jacksplace", 13)]
    milestones = {one.title: one.rows for one in parts[PackSection.MILESTONES].blocks}
    checked = "Handover pack checked by the named worker (not older than 30 days)"
    assert [checked] in milestones["Done"]
    assert ["Named worker agreed with the young person"] not in milestones["Still to do"]
    assert parts[PackSection.ASKED].sources == [
        PackSource("This handover", "Ruth Adeyemi", date(2026, 11, 23))
    ]
    assert any("24-hour number of Rowans Hospice" in one for one in pack["missing"])
    token = session.scalar(select(Handover.__table__.c.pack))
    assert is_token(token)
    assert b"Demo-Test" not in token
    assert handover.pack_hash is not None
    with work_as(RUTH) as work:
        work.session.get_one(Case, handover.case_uid).service = "naomi_house"
    session.rollback()
    assert session.scalars(select(Handover)).one().pack == pack


@on_both
def test_the_lead_and_the_deputy_of_the_receiver_are_told_and_nobody_else(
    work_as: WorkAs, reference: str, session: Session
) -> None:
    propose(work_as, reference)
    letters = session.scalars(select(QueuedLetter)).all()
    assert {one.recipient.email for one in letters} == {HELEN, IDRIS}
    assert {(one.kind, one.about) for one in letters} == {
        ("handover_proposed", f"{reference}/rowans-1")
    }
    actions = [entry.action for entry in trail_of(session, reference)]
    assert actions.count("letter:queued") == 2
    assert "handover:proposed" in actions


@pytest.mark.parametrize("basis", [SharingBasis.OBJECTED, SharingBasis.NOT_YET_ASKED])
def test_nothing_is_sent_without_a_basis_for_sharing(
    work_as: WorkAs, reference: str, session: Session, basis: SharingBasis
) -> None:
    sentence = refusal_of(work_as, reference, sharing_basis=basis)
    assert sentence == "Nothing can be sent before there is a basis for sharing it."
    assert session.scalars(select(Handover)).all() == []
    assert session.scalars(select(QueuedLetter)).all() == []


def test_something_must_be_asked_for(work_as: WorkAs, reference: str) -> None:
    sentence = refusal_of(work_as, reference, functions=())
    assert sentence == "Choose what you ask the hospice to take on."


def test_a_target_that_has_passed_is_refused_and_today_is_not(
    work_as: WorkAs, reference: str
) -> None:
    sentence = refusal_of(work_as, reference, target_on=date(2026, 11, 22))
    assert sentence == "The target transfer date must be today or later."
    propose(work_as, reference, target_on=date(2026, 11, 23))


def test_every_gate_is_asked_for_by_its_title(work_as: WorkAs, reference: str) -> None:
    with work_as(RUTH) as work:
        case = work.case(reference).case
        rules = work.catalogue.pathways[case.pathway_version].gated(Gate.PROPOSE)
    assert len(rules) > 10
    for rule in rules:
        with work_as(RUTH) as work:
            put_back(work, reference, rule.code)
    sentence = refusal_of(work_as, reference)
    assert sentence.startswith("Before you can propose: ")
    for rule in rules:
        assert f"“{rule.title}”" in sentence


def test_one_missing_gate_is_enough(work_as: WorkAs, reference: str, session: Session) -> None:
    with work_as(RUTH) as work:
        put_back(work, reference, "HO-01")
    assert "Handover pack checked" in refusal_of(work_as, reference)
    assert session.scalars(select(Handover)).all() == []


@pytest.mark.parametrize(
    ("email", "word"), [(HELEN, "lead"), (IDRIS, "deputy"), (GRACE, "escalation person")]
)
def test_a_hospice_without_a_lead_deputy_or_escalation_person_receives_nothing(
    work_as: WorkAs, reference: str, session: Session, email: str, word: str
) -> None:
    uid = uid_of(session, email)
    with work_as(RUTH) as work:
        held = select(StaffMembership).where(StaffMembership.staff_uid == uid)
        work.session.scalars(held).one().state = MembershipState.LEFT
    assert refusal_of(work_as, reference).startswith(f"Rowans Hospice has no {word} in the tracker")


def test_all_that_a_hospice_lacks_is_said_at_once(work_as: WorkAs, reference: str) -> None:
    with work_as(RUTH) as work:
        held = select(StaffMembership).where(StaffMembership.organisation == "rowans")
        for row in work.session.scalars(held):
            row.until_on = date(2026, 11, 22)
    words = "has no lead and no deputy and no escalation person in"
    assert words in refusal_of(work_as, reference)


def test_a_childrens_hospice_takes_on_nobody(work_as: WorkAs, reference: str) -> None:
    sentence = refusal_of(work_as, reference, receiver="naomi")
    assert sentence == "Naomi House & Jacksplace takes on no handovers."


def test_a_case_that_is_not_planned_yet_is_not_proposed(work_as: WorkAs) -> None:
    with work_as(RUTH) as work:
        reference = opened_case(work).reference
    assert "while the case is at “Identified”" in refusal_of(work_as, reference)


def test_a_proposed_case_is_not_proposed_again(work_as: WorkAs, reference: str) -> None:
    propose(work_as, reference)
    assert "while the case is at “Handover”" in refusal_of(work_as, reference)


def test_there_is_one_open_handover_even_if_the_stage_were_wrong(
    work_as: WorkAs, reference: str
) -> None:
    propose(work_as, reference)
    with work_as(RUTH) as work:
        work.case(reference).case.stage = Stage.PLANNING
    sentence = refusal_of(work_as, reference, receiver="oakhaven")
    assert sentence == "This case already has an open handover. Withdraw it first."


@on_both
def test_a_second_handover_to_the_same_hospice_has_the_next_number(
    work_as: WorkAs, reference: str, session: Session
) -> None:
    propose(work_as, reference)
    with work_as(RUTH) as work:
        case = work.case(reference).case
        case.stage = Stage.PLANNING
        first = open_lead_handover(work.session, case.uid)
        assert first is not None
        first.state, first.closed_at = HandoverState.WITHDRAWN, work.now
    propose(work_as, reference)
    keys = {row.key for row in session.scalars(select(Handover))}
    assert keys == {"rowans-1", "rowans-2"}


@on_both
def test_both_hospices_find_the_handover_and_a_third_does_not(
    work_as: WorkAs, reference: str, session: Session
) -> None:
    propose(work_as, reference)
    uid = session.scalars(select(Case)).one().uid
    for organisation, count in (("naomi", 1), ("rowans", 1), ("oakhaven", 0)):
        assert len(handovers_seen_by(session, organisation, [uid])) == count
    assert handovers_seen_by(session, "rowans", []) == []


@on_both
def test_what_the_record_lacks_holds_up_a_proposal_and_is_named_with_the_place_to_write_it(
    work_as: WorkAs, client_as: ClientAs
) -> None:
    with work_as(RUTH) as work:
        case = planned_case(work)
        reference = case.reference
        summary = summary_of(work.session, case.uid)
        summary.how_i_show_pain, summary.medicines_on = None, work.today - timedelta(days=15)
        case.nhs_number_missing_reason = None
        for one in entries_of(work.session, case.uid, Contact):
            one.removed_at = work.now
    with (
        pytest.raises(RuleBroken, match="How to talk with me: How I show pain; Health in short"),
        work_as(RUTH) as work,
    ):
        propose_handover(work, reference, proposal())
    page = client_as(RUTH).get(f"/cases/{reference}/handover/propose").text
    assert "4 things before you can propose" in page
    assert "Check this handover" not in page
    for words, path in (
        ("How to talk with me: How I show pain", "record/communication/edit"),
        ("the list of medicines must be dated within the last 14 days", "record/health/edit"),
        ("nobody is named to call in an emergency", "contacts/new"),
        ("NHS number: enter it, or say why there is none", "record/number"),
    ):
        assert words in page
        assert f'href="/cases/{reference}/{path}"' in page
    with work_as(RUTH) as work:
        expedite_case(work, reference, ExpediteReason.HEALTH_CHANGING)
        assert propose_handover(work, reference, proposal(urgency=Urgency.EXPEDITED)).key


@on_both
@pytest.mark.parametrize("call", [None, "", "  "])
def test_an_expedited_handover_is_not_sent_before_somebody_was_rung(
    work_as: WorkAs, call: str | None
) -> None:
    with work_as(RUTH) as work:
        case = planned_case(work)
        with pytest.raises(RuleBroken, match="Ring them, and say whom you rang and when"):
            propose_handover(work, case.reference, proposal(urgency=Urgency.EXPEDITED, call=call))
        said = propose_handover(work, case.reference, proposal(call=call))
        assert said.urgency is Urgency.ROUTINE


def test_both_read_whom_somebody_rang_and_nothing_typed_is_lost_where_nobody_was(
    client_as: ClientAs, work_as: WorkAs
) -> None:
    with work_as(RUTH) as work:
        case = planned_case(work)
        whole_record(work, case)
        page = f"/cases/{case.reference}/handover/propose"
    asked = {**PROPOSED, "urgency": "expedited", "why": "They want to be at home."}
    ruth = client_as(RUTH)
    refused = post(ruth, page, **asked)
    assert refused.status_code == 422
    assert "say whom you rang and when" in refused.text
    assert "They want to be at home." in refused.text
    rung = "Helen, at ten past nine."
    assert rung in post(ruth, page, **asked, call=rung).text
    assert post(ruth, page, **asked, call=rung, checked="yes").status_code == 302
    pack = page.replace("/handover/propose", "/handovers/rowans-1")
    for who in (RUTH, HELEN):
        assert rung in client_as(who).get(pack).text
