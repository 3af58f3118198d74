"""Nothing typed is lost: what a form carried comes back, whatever became of the form."""

import re
from datetime import timedelta
from html import unescape

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import ClientAs, WorkAs, opened_case, post, token_of
from tests.people import ANNA, HELEN, PASSWORD, RUTH
from transition.actions.milestones import Recorded, put_back, record_outcome
from transition.app import Tracker
from transition.records.audit import AuditEntry
from transition.records.drafts import Draft
from transition.rules.milestones import OutcomeKind

WORDS = "Homeschooled by Bartholomea"
TOO_LONG = WORDS + " and so on" * 20
BEGAN = "You began this at 9:00am. What you wrote is below."
NEW_CASE = "/cases/new/person"


@pytest.fixture
def reference(work_as: WorkAs) -> str:
    """A case of Ruth's."""
    with work_as(RUTH) as work:
        return opened_case(work).reference


@pytest.fixture
def skip(reference: str) -> str:
    """The form that says why a milestone of it is not needed."""
    return f"/cases/{reference}/milestones/ID-04/skip"


@pytest.fixture
def ruth(client_as: ClientAs) -> FlaskClient:
    """Ruth's browser."""
    return client_as(RUTH)


def keep(client: FlaskClient, page: str, **words: str) -> str:
    """Keep the half-written form of a page as its script does, and return what that is told."""
    answer = post(client, page, f"/drafts/keep{page}", **words)
    assert answer.status_code == 200
    return str(answer.text)


def kinds(session: Session) -> list[str]:
    """Return the drafts that are kept."""
    session.rollback()
    return sorted(session.scalars(select(Draft.kind)))


def typed_in(page: str, name: str) -> str:
    """Return what stands in a field of a page."""
    found = re.search(rf'<input[^>]*name="{name}"[^>]*value="([^"]*)"', page)
    return unescape(found[1]) if found else ""


def test_what_is_refused_comes_back_when_the_form_is_opened_again(
    ruth: FlaskClient, skip: str, session: Session, reference: str
) -> None:
    assert post(ruth, skip, reason=TOO_LONG).status_code == 422

    page = ruth.get(skip).text

    assert BEGAN in page
    assert typed_in(page, "reason") == TOO_LONG
    assert kinds(session) == [f"milestones.skip {reference} ID-04"]


def test_what_is_half_written_comes_back_and_says_since_when(
    app: Tracker, ruth: FlaskClient, skip: str
) -> None:
    assert BEGAN not in ruth.get(skip).text
    assert keep(ruth, skip, reason="Home") == "Kept at 9:00am"
    app.config["CLOCK"].instant += timedelta(minutes=12)
    assert keep(ruth, skip, reason=WORDS) == "Kept at 9:12am"

    page = ruth.get(skip).text

    assert BEGAN in page
    assert typed_in(page, "reason") == WORDS


def test_the_day_is_said_where_it_was_another(
    app: Tracker, ruth: FlaskClient, client_as: ClientAs, skip: str
) -> None:
    keep(ruth, skip, reason=WORDS)
    app.config["CLOCK"].instant += timedelta(days=1)

    assert "You began this on 23 November 2026 at 9:00am." in client_as(RUTH).get(skip).text


def test_a_form_that_is_taken_is_no_draft_any_more(
    ruth: FlaskClient, skip: str, session: Session
) -> None:
    keep(ruth, skip, reason="Home")

    assert post(ruth, skip, reason=WORDS).status_code == 302
    assert kinds(session) == []


def test_throwing_a_draft_away_leads_back_to_the_empty_form(
    ruth: FlaskClient, skip: str, session: Session
) -> None:
    keep(ruth, skip, reason=WORDS)

    answer = post(ruth, skip, f"/drafts/throw-away{skip}")

    assert (answer.status_code, answer.location) == (302, skip)
    assert kinds(session) == []
    assert typed_in(ruth.get(skip).text, "reason") == ""


def test_a_form_emptied_by_its_writer_is_kept_no_longer(
    ruth: FlaskClient, skip: str, session: Session
) -> None:
    keep(ruth, skip, reason=WORDS)
    keep(ruth, skip, reason=" ")

    assert kinds(session) == []


def test_each_colleague_finds_only_what_they_wrote_themselves(
    client_as: ClientAs, ruth: FlaskClient, skip: str
) -> None:
    keep(ruth, skip, reason=WORDS)

    assert WORDS not in client_as(ANNA).get(skip).text


def test_only_the_fields_of_the_form_are_kept(
    ruth: FlaskClient, skip: str, session: Session
) -> None:
    keep(ruth, skip, reason=WORDS, password=PASSWORD, stranger="x", version="open", back="today")

    body = session.scalars(select(Draft)).one().body

    assert dict(body["typed"]) == {"reason": WORDS, "version": "open", "back": "today"}


@pytest.mark.parametrize(
    "path", ["cases/none/stage", "sign-in", "cases/{}", "nothing", "handovers/"]
)
def test_nothing_is_kept_for_what_is_no_form_of_theirs(
    ruth: FlaskClient, reference: str, path: str, session: Session
) -> None:
    for verb in ("keep", "throw-away"):
        answer = post(ruth, NEW_CASE, f"/drafts/{verb}/{path.format(reference)}", why_early=WORDS)
        assert answer.status_code == 404, path

    assert kinds(session) == []


def test_a_case_that_is_not_theirs_is_as_absent_as_none(
    client_as: ClientAs, reference: str, session: Session
) -> None:
    helen = client_as(HELEN)
    token = token_of(helen.get("/handovers").text)
    forms = [f"cases/{one}/milestones/HO-02/skip" for one in (reference, "NHJ-0000-0", "x")]

    answers = [
        helen.post(f"/drafts/keep/{form}", data={"csrf_token": token, "reason": WORDS})
        for form in forms
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.data for answer in answers}) == 1
    assert kinds(session) == []


def test_a_role_that_may_not_send_a_form_keeps_none(
    client_as: ClientAs, reference: str, session: Session
) -> None:
    helen = client_as(HELEN)
    token = token_of(helen.get("/handovers").text)
    words = {"csrf_token": token, "given_name": WORDS}

    assert helen.post("/drafts/keep/cases/new/person", data=words).status_code == 404
    assert kinds(session) == []
    assert reference


def test_showing_a_draft_is_told_and_its_words_stand_in_no_entry(
    ruth: FlaskClient, skip: str, reference: str, session: Session
) -> None:
    keep(ruth, skip, reason=WORDS)
    ruth.get(skip)

    entries = session.scalars(select(AuditEntry).order_by(AuditEntry.seq)).all()

    told = [(one.action, one.object) for one in entries if one.action.startswith("draft")]
    kind = f"milestones.skip {reference} ID-04"
    assert told == [("draft:begun", kind), ("draft:viewed", kind)]
    assert not any(WORDS in str(vars(one)) for one in entries)


def test_what_is_typed_to_open_a_case_is_kept_before_it_is_right(
    ruth: FlaskClient, session: Session
) -> None:
    assert post(ruth, NEW_CASE, given_name="Zephyrine", family_name="").status_code == 422
    assert kinds(session) == ["cases.new_person"]
    assert typed_in(ruth.get(NEW_CASE).text, "given_name") == "Zephyrine"

    post(ruth, NEW_CASE, "/cases/new/throw-away")

    assert kinds(session) == []
    assert typed_in(ruth.get(NEW_CASE).text, "given_name") == ""


# A sign-in whose time is over


def sign_in_at(client: FlaskClient, address: str, email: str) -> str:
    """Sign in on the page at this address, and return where that leads."""
    page = client.get(address).text
    words = {"csrf_token": token_of(page), "email": email, "password": PASSWORD}
    answer = client.post("/sign-in", data=words | {"next": typed_in(page, "next")})
    assert answer.status_code == 302
    return str(answer.location)


def send_too_late(app: Tracker, client: FlaskClient, page: str) -> str:
    """Open a form, let the sign-in's time pass, send the form, and return where that leads."""
    words = {"csrf_token": token_of(client.get(page).text), "version": "open", "reason": WORDS}
    app.config["CLOCK"].instant += timedelta(minutes=31)
    answer = client.post(page, data=words)
    assert answer.status_code == 302
    return str(answer.location)


def test_after_the_password_every_word_is_back_in_the_form(
    app: Tracker, ruth: FlaskClient, skip: str
) -> None:
    address = send_too_late(app, ruth, skip)
    assert address == f"/sign-in?next={skip}"
    assert "You were signed out. What you wrote is kept." in ruth.get(address).text

    assert sign_in_at(ruth, address, RUTH) == skip

    page = ruth.get(skip).text
    assert typed_in(page, "reason") == WORDS
    assert post(ruth, skip, reason=WORDS).status_code == 302


def test_somebody_else_who_signs_in_there_does_not_get_it(
    app: Tracker, ruth: FlaskClient, skip: str
) -> None:
    address = send_too_late(app, ruth, skip)

    assert sign_in_at(ruth, address, ANNA) == skip

    assert WORDS not in ruth.get(skip).text


def test_a_form_that_another_page_shows_leads_back_to_that_page(
    app: Tracker, ruth: FlaskClient, reference: str, session: Session
) -> None:
    token = token_of(ruth.get(f"/cases/{reference}").text)
    app.config["CLOCK"].instant += timedelta(hours=13)

    answer = ruth.post(f"/cases/{reference}/stage", data={"csrf_token": token})

    assert answer.location == f"/sign-in?next=/cases/{reference}"
    page = ruth.get(answer.location).text
    assert "You were signed out." in page
    assert "is kept" not in page
    assert kinds(session) == [], "there was nothing to keep"


def test_nothing_is_kept_of_somebody_who_had_signed_out(
    app: Tracker, ruth: FlaskClient, skip: str, session: Session
) -> None:
    cookie = ruth.get_cookie("sign_in")
    assert cookie is not None
    post(ruth, skip, "/sign-out")
    ruth.set_cookie("sign_in", cookie.value)
    app.config["CLOCK"].instant += timedelta(minutes=31)

    answer = post(ruth, "/sign-in", skip, reason=WORDS)

    assert answer.location == "/sign-in"
    assert kinds(session) == []


def test_a_token_from_before_a_new_sign_in_costs_no_words(
    ruth: FlaskClient, skip: str, session: Session
) -> None:
    old = token_of(ruth.get(skip).text)
    sign_in_at_once(ruth)

    answer = ruth.post(skip, data={"csrf_token": old, "version": "open", "reason": WORDS})

    assert answer.status_code == 400
    assert typed_in(answer.text, "reason") == WORDS
    fresh = {"csrf_token": token_of(answer.text), "version": "open"}
    assert ruth.post(skip, data=fresh | {"reason": WORDS}).status_code == 302
    assert kinds(session) == []


def sign_in_at_once(client: FlaskClient) -> None:
    """Sign in anew in the same browser, as in another window."""
    client.delete_cookie("sign_in")
    sign_in_at(client, "/sign-in", RUTH)


def test_what_another_site_sends_is_never_shown_as_ours(app: Tracker, skip: str) -> None:
    answer = app.test_client().post(skip, data={"reason": WORDS})

    assert answer.status_code == 400
    assert WORDS not in answer.text


# Two at once


def record(work_as: WorkAs, reference: str, who: str = ANNA) -> None:
    """Let somebody else record the milestone."""
    with work_as(who) as work:
        done = Recorded(kind=OutcomeKind.DONE, done_on=work.today, evidence_note="By telephone")
        record_outcome(work, reference, "ID-04", done)


def send_an_older_page(ruth: FlaskClient, skip: str, work_as: WorkAs, reference: str) -> str:
    """Send a form whose milestone somebody else recorded meanwhile, and return the page."""
    words = {"csrf_token": token_of(ruth.get(skip).text), "version": "open", "reason": WORDS}
    record(work_as, reference)
    answer = ruth.post(skip, data=words)
    assert answer.status_code == 409
    return str(answer.text)


def test_the_second_learns_who_was_first_and_sees_both_texts(
    ruth: FlaskClient, skip: str, work_as: WorkAs, reference: str, session: Session
) -> None:
    page = send_an_older_page(ruth, skip, work_as, reference)

    assert re.search(r"Anna \w+ recorded this at 9:00am\. Nothing of yours was sent\.", page)
    assert "By telephone" in page
    assert typed_in(page, "reason") == WORDS
    assert kinds(session) == [f"milestones.skip {reference} ID-04"]


def test_what_was_second_can_be_sent_again_with_the_newer_version(
    ruth: FlaskClient, skip: str, work_as: WorkAs, reference: str, session: Session
) -> None:
    page = send_an_older_page(ruth, skip, work_as, reference)
    with work_as(ANNA) as work:
        put_back(work, reference, "ID-04")
    again = {"csrf_token": token_of(page), "version": "open", "reason": typed_in(page, "reason")}

    assert typed_in(page, "version") == "done 2026-11-23"
    assert ruth.post(skip, data=again).status_code == 302
    assert kinds(session) == []


def test_a_page_that_a_draft_was_begun_on_stays_as_old_as_it_was(
    ruth: FlaskClient, skip: str, work_as: WorkAs, reference: str
) -> None:
    keep(ruth, skip, reason=WORDS, version="open")
    record(work_as, reference)

    assert typed_in(ruth.get(skip).text, "version") == "open"


def test_one_click_on_an_older_page_says_who_was_first(
    ruth: FlaskClient, work_as: WorkAs, reference: str
) -> None:
    token = token_of(ruth.get(f"/cases/{reference}").text)
    record(work_as, reference, RUTH)

    answer = ruth.post(
        f"/cases/{reference}/milestones/ID-04/done", data={"csrf_token": token, "version": "open"}
    )

    assert answer.status_code == 409
    assert "You recorded this at 9:00am." in answer.text
    assert "What you wrote" not in answer.text


def test_putting_back_what_is_back_already_is_refused_as_older(
    ruth: FlaskClient, reference: str
) -> None:
    page = f"/cases/{reference}"

    answer = post(ruth, page, f"{page}/milestones/ID-04/reopen", version="done 2026-11-20")

    assert answer.status_code == 409
    assert "Somebody else changed this a moment ago. Nothing of yours was sent." in answer.text


def test_moving_on_from_an_older_page_says_who_moved_the_case(
    ruth: FlaskClient, reference: str
) -> None:
    page = f"/cases/{reference}"

    answer = post(ruth, page, f"{page}/stage", version="preparing", why_early=WORDS)

    assert answer.status_code == 409
    assert WORDS in answer.text
    assert "moved this on to “" in answer.text
