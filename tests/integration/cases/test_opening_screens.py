"""Opening a case on its pages: what must be answered, and what can wait."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import ClientAs, post
from tests.integration.cases.test_duplicates import ABOUT, MOVE, PERSON
from tests.people import RUTH
from transition.records.summaries import Summary

STEPS = {"person": PERSON, "about": ABOUT, "move": MOVE}
CAN_WAIT = {"primary_condition": "", "condition_group": ""}


def test_twelve_answers_are_asked_for_and_no_more(client_as: ClientAs) -> None:
    ruth, asked = client_as(RUTH), 0
    for step, words in STEPS.items():
        refused = post(ruth, f"/cases/new/{step}")
        assert refused.status_code == 422
        asked += (
            refused.text.partition("error-summary__list")[2].partition("</ul>")[0].count("<li>")
        )
        assert post(ruth, f"/cases/new/{step}", **words).status_code == 302
    assert asked == 12


def test_what_a_proposal_needs_can_wait_and_is_not_known_until_then(
    client_as: ClientAs, session: Session
) -> None:
    ruth = client_as(RUTH)
    for step, words in STEPS.items():
        assert post(ruth, f"/cases/new/{step}", **words | CAN_WAIT).status_code == 302
    check = ruth.get("/cases/new/check").text.split("<dt>Condition")
    assert len(check) == 3
    assert all("Not known" in one.partition("</dd>")[0] for one in check[1:])
    case = post(ruth, "/cases/new/check").location
    kept = session.scalars(select(Summary)).one()
    assert (kept.primary_condition, kept.condition_group) == (None, None)
    page = ruth.get(f"{case}/record/health").text
    assert "Condition group" not in page
    assert "None known" in page
