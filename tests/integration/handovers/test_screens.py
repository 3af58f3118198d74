"""The pages of a handover: what each side is offered, the check before sending, and two at once."""

import re
import socket
from datetime import date, timedelta
from typing import Any, Final

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import ClientAs, WorkAs, planned_case, proposed_handover, token_of, whole_record
from tests.databases import FIXED
from tests.integration.handovers.typed import PROPOSED
from tests.people import GRACE, HELEN, IDRIS, MINA, PRIYA, RUTH
from transition.actions.targets import move_target
from transition.app import Tracker
from transition.records.outbox import QueuedLetter
from transition.rules.targets import Target, TargetReason

EACH = {
    "has_read": "y",
    "advice_24_7_answer": "accept_with_conditions",
    "advice_24_7_condition": "Two nurses trained",
    "advice_24_7_owner": "childrens",
    "advice_24_7_must": "must",
    "advice_24_7_needed_by-day": "1",
    "advice_24_7_needed_by-month": "3",
    "advice_24_7_needed_by-year": "2027",
    "symptom_management_answer": "decline",
    "symptom_management_reason": "D03",
    "symptom_management_given": "A change of phase",
}
NEW_IN_HEALTH: Final = re.compile(
    r'id="section-4"((?!id="section-5").)*Question 1</strong> <span[^>]*>New<', re.DOTALL
)
"""That the section about health shows a question in which something is new."""
WHO_AND_WHEN = {
    "adult_worker": "later",
    "adult_worker_by-day": "1",
    "adult_worker_by-month": "12",
    "adult_worker_by-year": "2026",
    "first_contact_on-day": "7",
    "first_contact_on-month": "12",
    "first_contact_on-year": "2026",
}


@pytest.fixture
def reference(work_as: WorkAs) -> str:
    with work_as(RUTH) as work:
        return proposed_handover(work)[0].reference


@pytest.fixture
def pack(reference: str) -> str:
    return f"/cases/{reference}/handovers/rowans-1"


def send(client: FlaskClient, path: str, page: str = "", **words: str) -> Any:  # noqa: ANN401 - an answer
    token = token_of(client.get(page or path).text)
    return client.post(path, data=words | {"csrf_token": token})


def ask(client: FlaskClient, pack: str, **words: str) -> Any:  # noqa: ANN401 - an answer
    told = {"category": "clinical", "question": "Who trains our staff?"}
    return send(client, f"{pack}/questions/new", **told | words)


def test_one_click_says_that_it_has_arrived(client_as: ClientAs, pack: str) -> None:
    helen = client_as(HELEN)
    assert send(helen, f"{pack}/received", pack).status_code == 302
    assert "knows that you have it" in helen.get(pack).text
    assert "I have it" not in helen.get(pack).text
    assert "received it on" in client_as(RUTH).get(pack).text


def test_a_wrong_promise_is_said_beside_the_pack(client_as: ClientAs, pack: str) -> None:
    helen = client_as(HELEN)
    part = {"answer_by-day": "40", "answer_by-month": "1", "answer_by-year": "2027"}
    assert "must be a real date" in send(helen, f"{pack}/received", pack, **part).text
    past = {"answer_by-day": "1", "answer_by-month": "1", "answer_by-year": "2026"}
    assert "today or later" in send(helen, f"{pack}/received", pack, **past).text


def test_nothing_leaves_before_its_sender_has_seen_it(client_as: ClientAs, pack: str) -> None:
    helen, ruth = client_as(HELEN), client_as(RUTH)
    check = ask(helen, pack)
    assert "Send this question to Naomi House" in check.text
    assert "Who trains our staff?" in check.text
    assert "Ruth" in check.text  # who will be told
    assert "Who trains our staff?" not in ruth.get(pack).text
    assert "Who trains our staff?" in ask(helen, pack, checked="no").text
    assert ask(helen, pack, checked="yes").status_code == 302
    assert "Who trains our staff?" in ruth.get(pack).text


def test_what_was_about_to_be_sent_is_still_there_later(client_as: ClientAs, pack: str) -> None:
    helen = client_as(HELEN)
    ask(helen, pack)
    assert "Who trains our staff?" in helen.get(f"{pack}/questions/new").text


def test_a_section_leads_to_a_question_about_it(client_as: ClientAs, pack: str) -> None:
    helen = client_as(HELEN)
    assert f"{pack}/questions/new?about=health" in helen.get(pack).text
    page = helen.get(f"{pack}/questions/new?about=health").text
    checked = page.split('value="clinical"')[1].split(">")[0]
    assert "checked" in checked


def test_a_question_and_its_answer_stand_in_the_section_that_they_are_about(
    client_as: ClientAs, app: Tracker, reference: str, pack: str
) -> None:
    helen, ruth = client_as(HELEN), client_as(RUTH)
    ask(helen, pack, section="health", checked="yes")
    for page in ("/handovers", f"/cases/{reference}"):
        assert "New in question 1" in ruth.get(page).text
        assert "New in question 1" not in helen.get(page).text
    assert NEW_IN_HEALTH.search(ruth.get(pack).text)
    assert not NEW_IN_HEALTH.search(ruth.get(pack).text)
    assert "About section 4, Health" in ruth.get(f"{pack}/questions/1").text

    app.config["CLOCK"].instant += timedelta(minutes=10)
    answer = f"{pack}/questions/1"
    assert "say that the pack holds it" in send(ruth, answer).text
    assert "See version 1 of the pack" in send(ruth, answer, see_pack="y").text
    assert send(ruth, answer, see_pack="y", checked="yes").status_code == 302
    page = helen.get(pack).text
    assert NEW_IN_HEALTH.search(page)
    assert page.count("See version 1 of the pack.") == 2  # in the section, and in the thread


def test_an_answer_stands_beside_its_question(client_as: ClientAs, pack: str) -> None:
    helen, ruth = client_as(HELEN), client_as(RUTH)
    ask(helen, pack, checked="yes")
    answer = f"{pack}/questions/1"
    assert "Send this answer to Rowans Hospice" in send(ruth, answer, answer="We do.").text
    assert send(ruth, answer, answer="We do.", checked="yes").status_code == 302
    for one in (helen, ruth):
        assert "We do." in one.get(pack).text
    assert "We do." in ruth.get(answer).text
    assert ruth.get(f"{pack}/questions/2").status_code == 404


def test_whose_turn_it_is_stands_in_one_line_everywhere(
    client_as: ClientAs, reference: str, pack: str
) -> None:
    ruth, helen = client_as(RUTH), client_as(HELEN)
    line = "Rowans Hospice to reply by 7 December 2026 (since 23 November 2026)"
    pages = [(ruth, f"/cases/{reference}"), (ruth, pack), (helen, pack)]
    for one, page in [*pages, (ruth, "/handovers"), (helen, "/handovers")]:
        assert line in one.get(page).text
    ask(helen, pack, checked="yes")
    line = "Naomi House & Jacksplace to answer Rowans Hospice by 30 November 2026"
    for one, page in pages:
        assert line.replace("&", "&amp;") in one.get(page).text


def test_each_function_is_answered_and_its_condition_met(
    client_as: ClientAs, reference: str, pack: str
) -> None:
    helen, ruth = client_as(HELEN), client_as(RUTH)
    page = f"{pack}/reply/each"
    refused = send(helen, page, **EACH)
    assert refused.status_code == 422
    assert "Choose the adult named worker" in refused.text
    assert "Two nurses trained" in refused.text
    assert "Send this answer" in send(helen, page, **EACH | WHO_AND_WHEN).text
    assert send(helen, page, **EACH | WHO_AND_WHEN, checked="yes").status_code == 302
    overview = f"/cases/{reference}"
    assert "Two nurses trained" in ruth.get(overview).text
    assert "Agreed from 1 June 2027" in ruth.get(overview).text
    met = f"/cases/{reference}/conditions/1/met"
    assert met not in helen.get(overview).text
    assert send(ruth, met, overview).status_code == 302
    assert "Met: Ruth" in ruth.get(overview).text
    send(ruth, f"/cases/{reference}/conditions/1/not-met", overview)
    assert "Met: Ruth" not in ruth.get(overview).text


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"symptom_management_answer": ""}, "Symptom management: choose an answer"),
        ({"symptom_management_reason": ""}, "Symptom management: choose why"),
        ({"symptom_management_given": ""}, "What would change your answer?"),
        ({"symptom_management_reason": "D10"}, "Ask for what is missing"),
        ({"advice_24_7_condition": ""}, "24-hour advice: write the condition"),
        ({"advice_24_7_owner": ""}, "24-hour advice: choose who sees to it"),
        ({"advice_24_7_needed_by-year": "2025"}, "The date must be today or later"),
        ({"has_read": ""}, "Say that you have read the pack"),
    ],
)
def test_what_an_answer_lacks_is_said_beside_it_and_nothing_typed_is_lost(
    client_as: ClientAs, pack: str, words: dict[str, str], sentence: str
) -> None:
    answer = send(client_as(HELEN), f"{pack}/reply/each", **EACH | WHO_AND_WHEN | words)
    assert answer.status_code == 422
    assert sentence in answer.text
    for typed in ("Two nurses trained", "A change of phase"):
        assert typed in answer.text or typed not in (EACH | words).values()


def test_a_no_ends_it_and_leaves_the_receiver_its_own_words(
    client_as: ClientAs, reference: str, pack: str
) -> None:
    helen, ruth = client_as(HELEN), client_as(RUTH)
    no = {"has_read": "y", "checked": "yes"}
    for function in ("advice_24_7", "symptom_management"):
        no |= {f"{function}_answer": "decline", f"{function}_reason": "D03"}
        no |= {f"{function}_given": "A change of phase"}
    send(helen, f"{pack}/reply/each", **no)
    stub = helen.get(pack).text
    assert "An earlier handover" in stub
    assert "A change of phase" in stub
    assert "Skyler" not in stub
    assert reference in helen.get("/handovers").text
    assert reference not in client_as(MINA).get("/handovers").text, "only leads keep a stub"
    assert "Choose" in ruth.get("/today").text
    assert "continues to lead everything" in ruth.get(pack).text
    assert "Choose what you will do" in send(ruth, f"{pack}/after-no", pack).text
    assert send(ruth, f"{pack}/after-no", pack, after_no="share_care").status_code == 302
    assert "Choose" not in ruth.get("/today").text.split("Moving in the next")[0]


def test_who_withdraws_sees_first_what_that_does(
    client_as: ClientAs, reference: str, pack: str
) -> None:
    ruth = client_as(RUTH)
    page = ruth.get(f"{pack}/withdraw").text
    assert "The case returns to planning" in page
    assert "Helen" in page
    answer = send(ruth, f"{pack}/withdraw", why="They move")
    assert answer.location.endswith(f"/cases/{reference}")
    assert ruth.get(f"{pack}/withdraw").status_code == 404
    again = send(ruth, f"{pack}/withdraw", "/today", why="They move")
    assert again.status_code == 422
    assert "It is not possible to withdraw" in again.text


def test_the_second_answer_learns_who_answered_first_and_keeps_its_words(
    client_as: ClientAs, pack: str
) -> None:
    helen, idris = client_as(HELEN), client_as(IDRIS)
    page = f"{pack}/reply/each"
    version = helen.get(page).text.split('name="version"')[1].split('value="')[1].split('"')[0]
    send(idris, page, **EACH | WHO_AND_WHEN, checked="yes")
    second = EACH | WHO_AND_WHEN | {"symptom_management_given": "Not for us at all"}
    token = token_of(helen.get("/today").text)
    answer = helen.post(
        page, data=second | {"checked": "yes", "version": version, "csrf_token": token}
    )
    assert answer.status_code == 409
    assert "Idris" in answer.text
    assert "Not for us at all" in answer.text
    assert "Accepted with conditions" in answer.text


def test_a_reply_to_a_page_without_the_newest_answer_shows_it_first(
    client_as: ClientAs, pack: str
) -> None:
    helen, ruth = client_as(HELEN), client_as(RUTH)
    ask(helen, pack, checked="yes")
    form = f"{pack}/reply/each"
    version = helen.get(form).text.split('name="version"')[1].split('value="')[1].split('"')[0]
    send(ruth, f"{pack}/questions/1", answer="We do.", checked="yes")
    token = token_of(helen.get("/today").text)
    late = EACH | WHO_AND_WHEN | {"checked": "yes", "version": version, "csrf_token": token}
    answer = helen.post(form, data=late)
    assert answer.status_code == 409
    assert "We do." in answer.text


def test_a_date_that_moved_is_shown_and_an_answer_to_the_older_one_is_not_sent(
    client_as: ClientAs, work_as: WorkAs, pack: str
) -> None:
    helen, reference = client_as(HELEN), pack.split("/")[2]
    form = f"{pack}/reply/each"
    version = helen.get(form).text.split('name="version"')[1].split('value="')[1].split('"')[0]
    with work_as(PRIYA, FIXED + timedelta(minutes=1)) as work:
        move_target(work, reference, Target(on=date(2027, 7, 2)), TargetReason.STAFFING)
    words = EACH | WHO_AND_WHEN | {"checked": "yes"}
    late = send(helen, form, **words, version=version)
    assert late.status_code == 409
    assert "Priya" in late.text
    assert "moved the target date" in late.text
    assert "2 July 2027" in late.text
    assert "2 July 2027 (1 June 2027 when this was sent)" in helen.get(pack).text
    assert "Target date 2 July 2027" in helen.get("/handovers").text
    assert send(helen, form, **words).status_code == 302


@pytest.mark.parametrize("by", [IDRIS, RUTH])
def test_who_writes_while_it_ends_learns_that_and_keeps_the_words(
    client_as: ClientAs, pack: str, by: str
) -> None:
    helen, other = client_as(HELEN), client_as(by)
    token = token_of(helen.get(f"{pack}/questions/new").text)
    if by == RUTH:
        send(other, f"{pack}/withdraw", why="They move")
    else:
        no = {"has_read": "y", "checked": "yes"}
        for function in ("advice_24_7", "symptom_management"):
            no |= {f"{function}_answer": "decline", f"{function}_reason": "D03"}
            no |= {f"{function}_given": "A change of phase"}
        send(other, f"{pack}/reply/each", **no)
    words = {"category": "clinical", "question": "Who trains our staff?", "checked": "yes"}
    answer = helen.post(f"{pack}/questions/new", data=words | {"csrf_token": token})
    assert answer.status_code == 409
    assert "Nothing of yours was sent" in answer.text
    assert ("Idris" in answer.text) is (by == IDRIS)
    assert "Who trains our staff?" in answer.text
    assert "Skyler" not in answer.text


@pytest.mark.parametrize("who", [PRIYA, GRACE])
def test_leads_may_do_what_their_side_does(client_as: ClientAs, pack: str, who: str) -> None:
    page = client_as(who).get(pack).text
    assert ("Withdraw this handover" in page) is (who == PRIYA)
    assert ("Your reply" in page) is (who == GRACE)


def test_nothing_is_carried_while_somebody_waits_for_a_page(
    client_as: ClientAs, work_as: WorkAs, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Proposed, asked and answered with no network: what is to be told waits for the worker."""
    with work_as(RUTH) as work:
        case = planned_case(work)
        whole_record(work, case)
        reference = case.reference
    ruth, helen = client_as(RUTH), client_as(HELEN)

    def refused(*_: object, **__: object) -> None:
        raise AssertionError("Somebody outside was spoken to.")

    monkeypatch.setattr(socket.socket, "connect", refused)
    monkeypatch.setattr(socket.socket, "connect_ex", refused)
    monkeypatch.setattr(socket, "create_connection", refused)
    asked = {**PROPOSED, "checked": "yes"}
    assert send(ruth, f"/cases/{reference}/handover/propose", **asked).status_code == 302
    pack = f"/cases/{reference}/handovers/rowans-1"
    assert ask(helen, pack, checked="yes").status_code == 302
    words = {"answer": "We do.", "checked": "yes"}
    assert send(ruth, f"{pack}/questions/1", **words).status_code == 302
    yes = {"has_read": "y", "advice_24_7_answer": "accept", "eligible": "y", "checked": "yes"}
    assert send(helen, f"{pack}/reply/each", **yes | WHO_AND_WHEN).status_code == 302
    waiting = session.scalars(select(QueuedLetter.kind).where(QueuedLetter.sent_at.is_(None)))
    told = {"proposed", "question", "question_answered", "answered"}
    assert set(waiting) == {f"handover_{kind}" for kind in told}
