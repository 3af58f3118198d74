"""Completing a transition to a provider outside: a lead records that they agree. Ruling 6."""

from datetime import UTC, datetime

import pytest
from sqlalchemy.orm import Session

from tests.builders import SIGNED_FOR, SWITCHED_AT, ClientAs, WorkAs, on_both, post
from tests.integration.handovers.outside import NAME, signed_outside, told
from tests.integration.settling.steps import LATER, check_in, contact, reviewed_case
from tests.people import HELEN, PRIYA, RUTH, TOM
from transition.actions.agreements import complete, confirm_completed
from transition.actions.settling import record_check_in, record_contact
from transition.actions.transfers import switch_transfer
from transition.app import Tracker
from transition.records.agreements import agreements_of
from transition.records.cases import Case
from transition.records.handovers import handovers_of
from transition.rules.errors import RuleBroken
from transition.rules.handovers import HandoverState
from transition.rules.pathway import Stage
from transition.rules.people import THE_TIMETABLE, Side

JUNE = datetime(2027, 6, 2, 9, tzinfo=UTC)
"""The day after the six months since the transfer."""

TOLD = {
    "told_by": "Sister Quillon",
    "told_as": "ward manager",
    "told_on-day": "1",
    "told_on-month": "6",
    "told_on-year": "2027",
    "told_how": "telephone",
}


@pytest.fixture
def reference(app: Tracker, work_as: WorkAs) -> str:
    """A case at a provider outside in which all is done, on a day after its six months."""
    reference, _ = signed_outside(work_as)
    with work_as(THE_TIMETABLE, SWITCHED_AT) as work:
        assert switch_transfer(work, reference)
    with work_as(RUTH, SWITCHED_AT) as work:
        record_contact(work, reference, contact(work, "attended", happened_on=SIGNED_FOR))
        record_check_in(work, reference, check_in(work))
        record_check_in(work, reference, check_in(work, "six_months"))
    app.config["CLOCK"].instant = JUNE
    return reference


def case_of(session: Session) -> Case:
    session.rollback()
    return session.query(Case).one()


@on_both
def test_a_second_lead_records_that_they_agree_and_it_is_completed(
    work_as: WorkAs, session: Session, reference: str
) -> None:
    with work_as(PRIYA) as work:
        assert not complete(work, reference)
    with work_as(TOM) as work:
        confirm_completed(work, reference, told())

    case = case_of(session)
    (handover,) = handovers_of(session, case.uid)
    assert (case.stage, handover.state) == (Stage.COMPLETED, HandoverState.CLOSED)
    words = {one.side: one for one in agreements_of(session, handover.uid)}
    assert words[Side.CHILDRENS].as_told is None
    theirs = words[Side.ADULT]
    assert (theirs.as_told, theirs.organisation) == (told(), "external")


@on_both
def test_nobody_records_it_before_us_for_themselves_or_as_a_nurse(
    work_as: WorkAs, session: Session, reference: str
) -> None:
    with work_as(TOM) as work, pytest.raises(RuleBroken, match="Your hospice signs first"):
        confirm_completed(work, reference, told())
    with work_as(PRIYA) as work:
        complete(work, reference)
    with work_as(PRIYA) as work, pytest.raises(RuleBroken, match="two people, one from each"):
        confirm_completed(work, reference, told())
    with work_as(RUTH) as work, pytest.raises(RuleBroken, match="A children's lead records this"):
        confirm_completed(work, reference, told())
    with work_as(TOM) as work, pytest.raises(RuleBroken, match="Write who there told you"):
        confirm_completed(work, reference, told(by=" "))
    assert case_of(session).stage is Stage.SETTLING


def test_a_hospice_that_signs_in_says_so_itself(work_as: WorkAs) -> None:
    reference = reviewed_case(work_as)
    with work_as(RUTH, LATER) as work:
        complete(work, reference)
    with work_as(PRIYA, LATER) as work, pytest.raises(RuleBroken, match="signs in here"):
        confirm_completed(work, reference, told())


def test_the_page_asks_who_told_and_shows_it_as_told(client_as: ClientAs, reference: str) -> None:
    path = f"/cases/{reference}/settling"
    priya, tom = client_as(PRIYA), client_as(TOM)
    assert tom.get(f"{path}/signed/confirmed").status_code == 404, "ours comes first"
    post(priya, "/today", f"{path}/signed")
    shown = priya.get(path).text
    assert "Signed. Ring them: they do not sign in here" in shown
    assert f"{NAME} does not sign in here." in shown
    for who in (priya, client_as(RUTH)):
        assert "Record that they agree" not in who.get(path).text
        assert who.get(f"{path}/signed/confirmed").status_code == 404
    assert client_as(HELEN).get(f"{path}/signed/confirmed").status_code == 404
    assert "Record that they agree" in tom.get(path).text
    lacking = post(tom, f"{path}/signed/confirmed", told_by="Sister Quillon")
    assert lacking.status_code == 422
    assert "Write what their role is" in lacking.text
    assert "Sister Quillon" in lacking.text
    kept = post(tom, f"{path}/signed/confirmed", **TOLD)
    assert kept.location == path
    page = tom.get(path).text
    assert "This transition is completed" in page
    assert "Signed by nobody there. As told by Sister Quillon, ward manager, by telephone" in page
    assert "recorded by Tom Ellery" in page
