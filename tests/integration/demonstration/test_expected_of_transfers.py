"""What the invented cases are there to show of the way to a transfer, each by its id."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import ClientAs, WorkAs, post
from tests.databases import FIXED
from tests.integration.demonstration.test_expected_of_pathways import case_of, dues_in
from tests.people import GRACE, HELEN, IDRIS, PRIYA, RUTH, TOM
from transition.actions.transfer_prompts import send_transfer_prompts
from transition.actions.transfers import sign_transfer
from transition.app import Tracker
from transition.records.ledger import ledger_of
from transition.records.outbox import QueuedLetter
from transition.rules.errors import RuleBroken
from transition.rules.handovers import Function
from transition.rules.ledger import leads_on
from transition.rules.pathway import Gate
from transition.rules.people import THE_TIMETABLE

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
