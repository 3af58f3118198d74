"""What the invented cases are there to show of the way to a transfer, each by its id."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import (
    ASKED,
    SIGNED_FOR,
    SWITCHED_AT,
    ClientAs,
    WorkAs,
    post,
    proposal,
    record_done,
    reply,
    whole_record,
)
from tests.databases import FIXED
from tests.integration.demonstration.test_expected_of_pathways import case_of, dues_in
from tests.people import GRACE, HELEN, IDRIS, PRIYA, RUTH, TOM
from transition.actions.cases import move_on
from transition.actions.handovers import acknowledge_handover, found_handover, propose_handover
from transition.actions.replies import reply_to_handover
from transition.actions.services import record_needed
from transition.actions.transfer_prompts import send_transfer_prompts
from transition.actions.transfers import confirm_transfer, sign_transfer, switch_transfer
from transition.actions.work import Work
from transition.app import Tracker
from transition.records.ledger import ledger_of
from transition.records.outbox import QueuedLetter
from transition.rules.errors import RuleBroken
from transition.rules.handovers import Function
from transition.rules.ledger import leads_on
from transition.rules.outside import Told, ToldHow
from transition.rules.pathway import Gate
from transition.rules.people import THE_TIMETABLE
from transition.rules.services import Needed, ServiceKey

pytestmark = pytest.mark.usefixtures("demonstration")


def test_01_b_his_transfer_waits_for_five_milestones_and_none_is_late(
    app: Tracker, session: Session
) -> None:
    dues = dues_in(app, session, "Ravi")
    waiting = {rule.code for rule in dues.waits_for(Gate.TRANSFER, FIXED.date())}
    assert waiting == {"PL-06", "MV-04", "MV-05", "MV-06", "MV-07"}
    assert not [one for one in dues.standings if one.rule.code in waiting and one.status.late]


def test_04_b_the_childrens_service_still_leads_every_function(session: Session) -> None:
    spans = [row.span for row in ledger_of(session, case_of(session, "Freya").uid)]
    assert leads_on(spans, FIXED.date()) == dict.fromkeys(Function, "jacksplace")


@pytest.mark.parametrize("who", [RUTH, PRIYA, HELEN, IDRIS])
def test_06_a_nobody_can_sign(work_as: WorkAs, session: Session, who: str) -> None:
    reference = case_of(session, "Immy").reference
    with work_as(who) as work, pytest.raises(RuleBroken, match="Condition 2 must be met first"):
        sign_transfer(work, reference)


@pytest.mark.parametrize("who", [RUTH, HELEN])
def test_06_b_both_are_shown_what_the_transfer_waits_for_from_28_days_before(
    app: Tracker, client_as: ClientAs, session: Session, who: str
) -> None:
    reference = case_of(session, "Immy").reference
    client = client_as(who)
    page = f"/cases/{reference}/confirm-transfer"
    assert page in client.get("/today").text
    assert "Both hospices to get ready for the transfer" in client.get("/today").text
    assert "Planned for 13 December 2026, in 20 days." in client.get(page).text
    app.config["CLOCK"].instant = datetime(2026, 11, 14, 12, tzinfo=UTC)
    assert page not in client_as(who).get("/today").text


def test_06_c_14_days_before_and_not_earlier_both_leads_are_asked_to_move_the_date_or_finish(
    app: Tracker, client_as: ClientAs, work_as: WorkAs, session: Session
) -> None:
    reference = case_of(session, "Immy").reference
    asked = "Finish what is open, or move the date."
    page = f"/cases/{reference}/confirm-transfer"
    app.config["CLOCK"].instant = datetime(2026, 11, 28, 12, tzinfo=UTC)
    assert asked not in client_as(HELEN).get(page).text
    app.config["CLOCK"].instant = datetime(2026, 11, 29, 12, tzinfo=UTC)
    for lead in (HELEN, PRIYA):
        client = client_as(lead)
        assert asked in client.get(page).text
        assert (
            "Both hospices to sign the transfer, or to move its date" in client.get("/today").text
        )

    letters = select(QueuedLetter).where(QueuedLetter.kind == "transfer_prompt")
    finish = [one for one in session.scalars(letters) if one.about.endswith("/finish")]
    assert finish == []
    # That day is a Sunday: its letters go on the next working day.
    for day in (27, 29, 30):
        with work_as(THE_TIMETABLE, datetime(2026, 11, day, 10, tzinfo=UTC)) as work:
            send_transfer_prompts(work)
    session.rollback()
    found = [one for one in session.scalars(letters) if one.about.startswith(reference)]
    told = [one.recipient.email for one in found if one.about.endswith("/finish")]
    assert {one.queued_at.day for one in found if one.about.endswith("/finish")} == {30}
    assert {HELEN, IDRIS, PRIYA, TOM} <= set(told)
    assert GRACE not in told


def test_06_d_that_the_funding_is_not_agreed_is_offered_as_a_reason(
    client_as: ClientAs, session: Session
) -> None:
    reference = case_of(session, "Immy").reference
    words = {
        "target_transfer_on-day": "13",
        "target_transfer_on-month": "1",
        "target_transfer_on-year": "2027",
    }
    for who in (RUTH, HELEN):
        check = post(client_as(who), f"/cases/{reference}/plan/target-date", **words)
        assert 'value="funding_not_agreed"' in check.text
        assert "Funding is not agreed" in check.text


ALDER = Told(by="Dr Alder", role="consultant", on=FIXED.date(), how=ToldHow.TELEPHONE)


def accepted_by_alder(work: Work, reference: str) -> None:
    """Bring Nia's case to planning, propose it to a provider outside, and record their Yes."""
    case = work.case(reference).case
    gates = work.catalogue.pathways[case.pathway_version].gated(Gate.PROPOSE)
    record_done(work, case, {"PR-02", "PR-03", "PR-10"} | {rule.code for rule in gates})
    whole_record(work, case)
    move_on(work, reference)
    asked = proposal(receiver="external", provider="Alder Hospice", target_on=SIGNED_FOR)
    key = propose_handover(work, reference, asked).key
    acknowledge_handover(work, reference, key, told=ALDER)
    _, handover = found_handover(work, reference, key)
    answer = reply(handover, told=ALDER, adult_worker="Jo Alder", adult_worker_by=None)
    reply_to_handover(work, reference, key, answer)


def test_12_b_she_can_be_proposed_to_an_external_provider_and_a_lead_records_what_they_confirm(
    client_as: ClientAs, work_as: WorkAs, session: Session
) -> None:
    reference = case_of(session, "Nia").reference
    with work_as(RUTH) as work:
        accepted_by_alder(work, reference)
        record_needed(work, reference, dict.fromkeys(ServiceKey, Needed.NO))
        case = work.case(reference).case
        gates = work.catalogue.pathways[case.pathway_version].gated(Gate.TRANSFER)
        record_done(work, case, {rule.code for rule in gates})
        sign_transfer(work, reference)
    with work_as(PRIYA) as work:
        assert confirm_transfer(work, reference, ALDER).told == ALDER
    page = client_as(RUTH).get(f"/cases/{reference}/confirm-transfer").text
    assert "Confirmed for 1 December 2026, signed by nobody there." in page
    assert "Dr Alder, consultant, by telephone" in page
    with work_as(THE_TIMETABLE, SWITCHED_AT) as work:
        assert switch_transfer(work, reference)
    session.rollback()
    spans = [row.span for row in ledger_of(session, case_of(session, "Nia").uid)]
    after = leads_on(spans, SIGNED_FOR)
    assert {one for one, service in after.items() if service == "external"} == set(ASKED)
