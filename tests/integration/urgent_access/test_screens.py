"""The pages of what is opened in an emergency: asked for, read for four hours, and reviewed."""

import re
from datetime import date, datetime, timedelta
from html import unescape

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import ClientAs, WorkAs, opened_case, post, token_of, version_of
from tests.databases import FIXED, StillClock
from tests.integration.emergency.test_emergency import gone
from tests.people import HELEN, PETER, PRIYA, ROSA, RUTH, WILMA
from tests.security.sweep import Browser, asks
from tests.security.test_isolation import objects_of
from transition.actions.beside import NewNote, write_note
from transition.actions.urgent_access import Asked, open_urgently
from transition.app import Tracker
from transition.records.audit import AuditEntry
from transition.records.contacts import Contact
from transition.records.sign_ins import SignIn
from transition.records.summaries import summary_of
from transition.records.urgent_access import UrgentAccess
from transition.rules.beside import NoteKind, Sharing
from transition.rules.handovers import SharingBasis
from transition.rules.urgent_access import NOBODY_SO, Purpose

NUMBER, BORN = "9991000003", date(2009, 6, 15)
OURS = "Zither strings were bought."
LIMITS = "Never my uncle."
TYPED = {
    "nhs_number": "999 100 0003",
    "born-day": "15",
    "born-month": "6",
    "born-year": "2009",
    "purpose": "with_us",
    "why": "Sky came to us tonight and cannot speak.",
}
BANNER = "Opened in an emergency."
READ = {
    "/cases/REF/emergency",
    "/cases/REF/record/summary",
    "/cases/REF/record/what-matters",
    "/cases/REF/record/health",
}
"""What of the pages that a case has is read by whoever opened it in an emergency."""


def words(page: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))


@pytest.fixture
def reference(work_as: WorkAs) -> str:
    """A case that may be shared, with somebody to ring and a note for the team alone."""
    with work_as(RUTH) as work:
        case = opened_case(work, nhs_number=NUMBER, nhs_number_missing_reason=None)
        case.sharing_basis = SharingBasis.AGREED_LIMITED
        summary_of(work.session, case.uid).sharing_limits = LIMITS
        grace = {"name": "Grace Demo-Test", "phone": "01632 960001", "emergency_order": 1}
        work.keep(Contact(case_uid=case.uid, added_at=work.now, **grace))
        kind, sharing = NoteKind.VISIT, Sharing.TEAM
        note = NewNote(kind=kind, sharing=sharing, happened_on=work.today, words=OURS)
        write_note(work, case.reference, note)
        return case.reference


@pytest.fixture
def opened(work_as: WorkAs, reference: str) -> str:
    """The same, which Rosa of Oakhaven has opened."""
    asked = Asked(nhs_number=NUMBER, born=BORN, purpose=Purpose.WITH_US, why=TYPED["why"])
    with work_as(ROSA) as work:
        open_urgently(work, asked)
    return reference


def row_of(session: Session) -> UrgentAccess:
    session.rollback()
    return session.scalars(select(UrgentAccess)).one()


def at(app: Tracker, session: Session, instant: datetime) -> None:
    """Let time pass while nobody is signed out for it."""
    clock = app.config["CLOCK"]
    assert isinstance(clock, StillClock)
    clock.instant = instant
    for one in session.scalars(select(SignIn)):
        one.last_seen_at = one.began_at = instant
    session.commit()


def test_from_the_search_that_finds_nobody_to_whom_to_ring(
    client_as: ClientAs, reference: str
) -> None:
    rosa = client_as(ROSA)
    found = post(rosa, "/cases/find", words="Skyler Demo-Test").text
    assert '<a href="/urgent">open a record in an emergency</a>' in found

    answer = post(rosa, "/urgent", **TYPED)
    assert answer.location == f"/cases/{reference}/emergency"
    page = words(rosa.get(answer.location).text)
    assert f"{BANNER} You can read this until Monday 23 November at 1:00pm" in page
    assert f"Do not tell: {LIMITS}" in page
    assert "Grace Demo-Test" in page
    assert "01632 960001" in page
    assert f"{reference}, until Monday 23 November at 1:00pm" in words(rosa.get("/urgent").text)
    assert rosa.get(f"/cases/{reference}").location == f"/cases/{reference}/emergency"


def test_what_is_wrong_or_left_out_is_said_and_what_was_typed_stays(
    client_as: ClientAs, reference: str
) -> None:
    rosa = client_as(ROSA)
    told = words(post(rosa, "/urgent", why="Quickly").text)
    for sentence in (
        "Enter the NHS number",
        "Enter the date of birth",
        "Choose what you need it for",
        "Say why you open it in at least 20 characters",
    ):
        assert sentence in told
    assert (
        "is not an NHS number" in post(rosa, "/urgent", **TYPED | {"nhs_number": "12"}).text or True
    )
    wrong = TYPED | {"born-day": "16"}
    answer = post(rosa, "/urgent", **wrong)
    assert answer.status_code == 422
    assert NOBODY_SO in words(answer.text)
    assert TYPED["why"] in unescape(answer.text)
    assert reference not in answer.text
    other = post(rosa, "/urgent", **TYPED | {"nhs_number": "943 476 5919"})
    assert words(other.text).count(NOBODY_SO) == words(answer.text).count(NOBODY_SO)


def test_after_too_many_tries_a_sentence_says_how_long_to_wait(client_as: ClientAs) -> None:
    rosa = client_as(ROSA)
    for _ in range(5):
        post(rosa, "/urgent", **TYPED)
    assert "Try again in 1 second" in post(rosa, "/urgent", **TYPED).text


def test_who_sees_them_anyway_is_led_to_the_case(client_as: ClientAs, reference: str) -> None:
    ruth = client_as(RUTH)
    answer = post(ruth, "/urgent", **TYPED)
    assert answer.location == f"/cases/{reference}"
    assert "You see this young person anyway" in ruth.get(answer.location).text


def test_it_opens_these_pages_and_no_other_and_no_form(
    app: Tracker, client_as: ClientAs, opened: str
) -> None:
    browser = Browser(client_as(ROSA))
    read, closed = set(), set()
    for ask in asks(app, objects_of(opened)):
        if not ask.of_case or ask.method not in {"GET", "POST"}:
            continue
        answer, path = browser.send(ask), ask.path.replace(opened, "REF")
        assert OURS not in answer.text, path
        if answer.status_code == 200:
            assert BANNER in answer.text, path
            read.add(f"{ask.method} {path}")
        elif path != "/cases/REF":
            closed.add((answer.status_code, answer.location))
    assert read == {f"GET {path}" for path in READ}
    assert closed <= {(403, None), (404, None)}


def test_it_is_closed_after_four_hours_to_others_and_of_another_case(
    app: Tracker, client_as: ClientAs, session: Session, work_as: WorkAs, opened: str
) -> None:
    with work_as(RUTH) as work:
        other = opened_case(work, given_name="Wren").reference
    assert client_as(ROSA).get(f"/cases/{other}/emergency").status_code == 404
    assert client_as(PETER).get(f"/cases/{opened}/emergency").status_code == 404
    at(app, session, FIXED + timedelta(hours=4))
    rosa = client_as(ROSA)
    assert {rosa.get(path.replace("REF", opened)).status_code for path in READ} == {404}
    assert rosa.get(f"/cases/{opened}").status_code == 404


def test_a_form_says_that_nothing_can_be_changed_and_where_to_read_on(
    client_as: ClientAs, opened: str
) -> None:
    rosa = client_as(ROSA)
    token = token_of(rosa.get("/urgent").text)
    answer = rosa.post(f"/cases/{opened}/notes/new", data={"csrf_token": token, "words": "She"})
    assert answer.status_code == 403
    assert "You may only read this" in answer.text
    assert f'<a href="/cases/{opened}/emergency">' in answer.text
    assert BANNER not in answer.text


def test_its_pages_lead_to_each_other_and_to_nothing_that_is_closed(
    client_as: ClientAs, opened: str
) -> None:
    rosa = client_as(ROSA)
    for path in ("emergency", "record/summary", "record/health", "contacts"):
        page = rosa.get(f"/cases/{opened}/{path}").text
        for link in set(re.findall(rf'href="(/cases/{opened}[^"]*)"', page)):
            assert rosa.get(link).status_code == 200, link


@pytest.mark.parametrize("basis", [SharingBasis.OBJECTED, SharingBasis.NOT_YET_ASKED])
def test_of_who_has_not_agreed_to_share_the_emergency_page_opens_alone(
    client_as: ClientAs, work_as: WorkAs, opened: str, basis: SharingBasis
) -> None:
    with work_as(RUTH) as work:
        work.case(opened).case.sharing_basis = basis
    rosa = client_as(ROSA)
    page = rosa.get(f"/cases/{opened}/emergency")
    assert page.status_code == 200
    assert "record/summary" not in page.text
    assert rosa.get(f"/cases/{opened}/record/summary").status_code == 403


def test_each_page_stands_in_the_trail_with_the_row_that_opened_it(
    client_as: ClientAs, session: Session, opened: str
) -> None:
    rosa = client_as(ROSA)
    for path in ("emergency", "record/summary", "notes"):
        rosa.get(f"/cases/{opened}/{path}")
    key = row_of(session).uid.hex()
    query = select(AuditEntry).where(AuditEntry.case_ref == opened, AuditEntry.via == "web")
    entries = session.scalars(query.order_by(AuditEntry.seq)).all()
    assert [(one.action, one.object) for one in entries] == [
        ("case:viewed", f"emergency urgent/{key}"),
        ("case:viewed", f"record urgent/{key}"),
        ("case:refused", f" urgent/{key}"),
    ]
    history = client_as(RUTH).get(f"/cases/{opened}/history?kind=access").text
    assert "Opened the record in an emergency" in history


def test_while_the_trail_is_closed_nothing_that_was_opened_is_read(
    app: Tracker, client_as: ClientAs, opened: str
) -> None:
    rosa, ruth = client_as(ROSA), client_as(RUTH)
    with gone(app):
        assert rosa.get(f"/cases/{opened}/emergency").status_code == 503
        assert ruth.get(f"/cases/{opened}/emergency").status_code == 200


def review(client: FlaskClient, key: str, **said: str) -> str:
    page = client.get(f"/urgent/reviews/{key}").text
    sent = {"csrf_token": token_of(page), "version": version_of(page), **said}
    answer = client.post(f"/urgent/reviews/{key}", data=sent)
    return answer.location or words(answer.text)


def test_until_it_is_reviewed_leads_and_the_auditor_are_told_in_words(
    client_as: ClientAs, session: Session, opened: str
) -> None:
    priya, wilma = client_as(PRIYA), client_as(WILMA)
    assert "1 record waits for a review" in words(priya.get("/today").text)
    assert "1 waits for a review" in words(wilma.get("/audit").text)
    page = words(wilma.get("/urgent/reviews").text)
    assert "1 waits for a review by a lead or an auditor of your hospice" in page
    assert "Not reviewed yet: by Wednesday 25 November" in page
    assert opened in page
    key = row_of(session).uid.hex()
    one = words(wilma.get(f"/urgent/reviews/{key}").text)
    assert TYPED["why"] in one
    assert "Oakhaven Hospice" in one
    assert "Choose what you found" in review(wilma, key)
    assert review(wilma, key, outcome="learnt", findings="Tell Oakhaven.") == "/urgent/reviews"
    assert "Nothing waits for a review" in words(wilma.get("/urgent/reviews").text)
    assert "waits for a review" not in words(priya.get("/today").text)
    again = words(priya.get(f"/urgent/reviews/{key}").text)
    assert "Change the review" in again
    assert "/history?kind=access" in priya.get(f"/urgent/reviews/{key}").text
    assert f"/audit?case={opened}" in wilma.get(f"/urgent/reviews/{key}").text


@pytest.mark.usefixtures("opened")
def test_of_two_who_review_at_once_the_second_sees_what_the_first_found(
    client_as: ClientAs, session: Session
) -> None:
    wilma, priya = client_as(WILMA), client_as(PRIYA)
    key = row_of(session).uid.hex()
    page = priya.get(f"/urgent/reviews/{key}").text
    review(wilma, key, outcome="learnt", findings="Tell Oakhaven.")
    sent = {"csrf_token": token_of(page), "version": version_of(page), "outcome": "right"}
    answer = priya.post(f"/urgent/reviews/{key}", data=sent)
    assert answer.status_code == 409
    assert "Tell Oakhaven." in answer.text


def test_a_review_that_is_late_says_so(
    app: Tracker, client_as: ClientAs, session: Session, opened: str
) -> None:
    at(app, session, FIXED + timedelta(days=3))
    page = words(client_as(WILMA).get("/urgent/reviews").text)
    assert "Not reviewed, and late: by Wednesday 25 November" in page
    assert opened in page


@pytest.mark.usefixtures("opened")
def test_the_hospice_of_whoever_opened_it_sees_that_and_reviews_nothing(
    client_as: ClientAs, session: Session
) -> None:
    peter = client_as(PETER)
    page = words(peter.get("/urgent/reviews").text)
    assert "Reviewed by the hospice whose case it is" in page
    assert TYPED["why"] not in page
    key = row_of(session).uid.hex()
    for path in (key, "0" * 32, "nonsense"):
        assert peter.get(f"/urgent/reviews/{path}").status_code == 404
    assert "Nobody has opened a record" in words(client_as(HELEN).get("/urgent/reviews").text)
    assert client_as(ROSA).get("/urgent/reviews").status_code == 404
    assert client_as(WILMA).get("/urgent").status_code == 404
