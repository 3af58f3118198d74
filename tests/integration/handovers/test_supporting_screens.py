"""Support beside the lead on the screens of all who have a part, and of those who have none."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.builders import ClientAs, WorkAs, planned_case, post, proposal, proposed_handover, uid_of
from tests.people import HELEN, LOLA, PETER, PRIYA, ROSA, RUTH
from transition.actions.handovers import found_handover, propose_handover
from transition.actions.replies import Reply, reply_to_handover
from transition.rules.handovers import Answer

FORM = {
    "receiver": "oakhaven",
    "functions": ["advice_24_7", "symptom_management"],
    "target_transfer_on-day": "1",
    "target_transfer_on-month": "12",
    "target_transfer_on-year": "2026",
    "urgency": "routine",
    "sharing_basis": "agreed",
    "sharing_limits": "Not my school.",
    "why": "They answer at night.",
}
KEY = "oakhaven-1"
THIRD = "lead@stmichaels.example"


@pytest.fixture
def reference(work_as: WorkAs) -> str:
    """A case that Rowans was asked to lead."""
    with work_as(RUTH) as work:
        return proposed_handover(work)[0].reference


@pytest.fixture
def pack(reference: str) -> str:
    return f"/cases/{reference}/handovers/{KEY}"


@pytest.fixture
def asked(work_as: WorkAs, reference: str) -> str:
    """The same, with Oakhaven asked to support."""
    with work_as(PRIYA) as work:
        told = proposal(receiver="oakhaven", leads=False, target_on=work.today)
        propose_handover(work, reference, told)
    return reference


@pytest.fixture
def supporting(work_as: WorkAs, asked: str) -> str:
    """The same, once Oakhaven has said yes and named Rosa."""
    with work_as(ROSA) as work:
        rosa = work.actor_uid
    with work_as(PETER) as work:
        _, handover = found_handover(work, asked, KEY)
        answers = {row.function: Answer.ACCEPT for row in handover.answers}
        said = Reply(answers=answers, has_read=True, eligible=True, adult_worker_uid=rosa)
        reply_to_handover(work, asked, KEY, said)
    return asked


def send(client: FlaskClient, page: str, **words: Any) -> TestResponse:  # noqa: ANN401 - fields
    answer: TestResponse = post(client, page, version=version_on(client.get(page).text), **words)
    return answer


def version_on(page: str) -> str:
    return page.partition('name="version"')[2].partition('value="')[2].partition('"')[0]


def test_a_nurse_asks_for_support_checks_it_and_sends_it(
    client_as: ClientAs, reference: str, pack: str
) -> None:
    ruth, page = client_as(RUTH), f"/cases/{reference}/handover/support"
    assert f'href="{page}"' in ruth.get(f"/cases/{reference}").text
    form = ruth.get(page).text
    assert "Ask a hospice to support" in form
    assert 'value="oakhaven"' in form
    assert 'value="rowans"' not in form, "who leads supports nothing besides"
    checked = send(ruth, page, **FORM).text
    assert "Check what you send" in checked
    assert "Send to Oakhaven Hospice" in checked
    sent = send(ruth, page, **FORM, checked="yes")
    assert sent.location == f"/cases/{reference}"
    overview = ruth.get(f"/cases/{reference}").text
    assert "Support from Oakhaven Hospice" in overview
    assert "Rowans Hospice to reply by 7 December 2026" in overview
    shown = ruth.get(pack).text
    assert "to support beside the lead, by Ruth" in shown
    assert "Oakhaven Hospice to reply about supporting by 7 December 2026" in shown
    assert "Rowans Hospice to reply" not in shown
    listed = ruth.get("/handovers").text
    assert "Supporting, from" in listed
    assert "Oakhaven Hospice to reply about supporting" in listed


def test_before_anybody_is_asked_to_lead_nobody_is_asked_to_support(
    client_as: ClientAs, work_as: WorkAs
) -> None:
    with work_as(RUTH) as work:
        reference = planned_case(work).reference
    ruth, page = client_as(RUTH), f"/cases/{reference}/handover/support"
    assert page not in ruth.get(f"/cases/{reference}").text
    answer = ruth.get(page)
    assert answer.status_code == 200
    assert "This case is at “Planning the move”" in answer.text
    assert "Check what you ask" not in answer.text


def test_who_is_asked_says_who_supports_and_no_day_of_a_first_contact(
    client_as: ClientAs, asked: str, pack: str, session: Session
) -> None:
    peter = client_as(PETER)
    page = peter.get(pack).text
    assert "Support all that is asked" in page
    assert "We will name somebody" not in page
    assert "first_contact_on" not in page
    words = {"has_read": "y", "adult_worker": uid_of(session, ROSA).hex()}
    path, version = f"{pack}/reply", version_on(page)
    nobody = post(peter, pack, path, **words | {"adult_worker": ""}, version=version)
    assert nobody.status_code == 422
    check = post(peter, pack, path, **words, version=version)
    assert "Check your answer" in check.text
    done = post(peter, pack, path, **words, version=version, checked="yes")
    assert done.status_code == 302
    assert "Supporting" in peter.get(pack).text
    overview = client_as(RUTH).get(f"/cases/{asked}").text
    assert "Oakhaven Hospice, supporting" in overview


def test_each_function_can_be_supported_or_not(
    client_as: ClientAs, asked: str, pack: str, session: Session
) -> None:
    peter, page = client_as(PETER), f"{pack}/reply/each"
    form = peter.get(page).text
    assert "It must be met before support begins" in form
    assert "adult_worker_by" not in form
    words = {
        "advice_24_7_answer": "accept",
        "symptom_management_answer": "decline",
        "symptom_management_reason": "D03",
        "symptom_management_given": "A change of phase",
        "has_read": "y",
    }
    nobody = send(peter, page, **words)
    assert (nobody.status_code, "Choose who at the hospice supports" in nobody.text) == (422, True)
    who = {"adult_worker": uid_of(session, ROSA).hex(), "checked": "yes"}
    assert send(peter, page, **words | who).status_code == 302
    overview = client_as(RUTH).get(f"/cases/{asked}").text
    ledger = overview.partition("Oakhaven Hospice, supporting")[2][:400]
    assert "24-hour advice" in ledger
    assert "Symptom management" not in ledger


def test_who_supports_reads_the_pack_and_nothing_of_the_move(
    client_as: ClientAs, supporting: str, pack: str
) -> None:
    for who in (PETER, LOLA, ROSA):
        client = client_as(who)
        assert client.get(pack).status_code == 200
        assert client.get(f"/cases/{supporting}").location == pack
        for hidden in ("milestones", "notes", "confirm-transfer", "history", "services"):
            assert client.get(f"/cases/{supporting}/{hidden}").status_code == 404, hidden
        listed = client.get("/cases").text
        assert "Beside the lead" in listed
        assert "1 June 2027" not in listed
        assert supporting not in client.get("/upcoming").text
        today = client.get("/today").text
        assert "ask how the support goes" in today
        assert "1 June 2027" not in today
        for page in ("/cases", "/handovers", "/today", "/upcoming"):
            assert "Rowans Hospice" not in client.get(page).text, page
    assert client_as(THIRD).get(pack).status_code == 404


def test_the_lead_reads_who_supports_and_not_what_they_were_sent(
    client_as: ClientAs, work_as: WorkAs, supporting: str, pack: str
) -> None:
    helen = client_as(HELEN)
    assert helen.get(pack).status_code == 404
    with work_as(HELEN) as work:
        _, handover = found_handover(work, supporting, "rowans-1")
        answers = {row.function: Answer.ACCEPT for row in handover.answers}
        uid, on = work.actor_uid, work.today
        said = Reply(
            answers=answers,
            has_read=True,
            eligible=True,
            adult_worker_uid=uid,
            first_contact_on=on,
        )
        reply_to_handover(work, supporting, "rowans-1", said)
    overview = helen.get(f"/cases/{supporting}").text
    assert "Oakhaven Hospice, supporting" in overview
    assert KEY not in overview
    assert helen.get(pack).status_code == 404
    assert "Oakhaven Hospice" in helen.get(f"/cases/{supporting}").text


def test_a_lead_withdraws_it_and_the_page_says_what_that_does(
    client_as: ClientAs, supporting: str, pack: str
) -> None:
    peter, page = client_as(PETER), f"{pack}/withdraw"
    shown = peter.get(page).text
    assert "Oakhaven Hospice supports no more from today" in shown
    assert "The case returns to planning" not in shown
    assert send(peter, page, why="").location == "/handovers"
    assert "Who is this about" not in peter.get(pack).text
    assert "An earlier handover" in peter.get(pack).text
    assert "Oakhaven Hospice, supporting" not in client_as(RUTH).get(f"/cases/{supporting}").text


def test_prints_for_the_family_say_who_helps_beside_the_lead(
    client_as: ClientAs, supporting: str
) -> None:
    page = f"/cases/{supporting}/print/family"
    assert "Who helps beside them" in client_as(RUTH).get(page).text
