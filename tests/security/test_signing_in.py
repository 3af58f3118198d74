"""Who comes in, for how long, where they are sent, and what a sign-in gives away."""

import logging
import re
from datetime import timedelta
from typing import Any

import argon2
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import opened_case, post, staff_of, token_of
from tests.people import HELEN, PASSWORD, RUTH, SAM
from tests.security.sweep import Browser, ClientAs, WorkAs, asks, statements
from transition.app import Tracker
from transition.records.audit import AuditEntry
from transition.records.sign_ins import SignIn, digest_of_token
from transition.rules.people import MembershipState

INSIDE = "/me/notifications/preview"
WRONG = "Email address or password is not right"


def try_in(client: FlaskClient, email: str, password: str = PASSWORD) -> None:
    """Send the form of the sign-in page."""
    post(client, "/sign-in", email=email, password=password)


def cookie_of(client: FlaskClient, name: str = "sign_in") -> str:
    """Return what a cookie of this browser holds."""
    cookie = client.get_cookie(name)
    assert cookie is not None
    return cookie.value


def status_with(app: Tracker, token: str) -> int:
    """Return what a browser gets that holds nothing but this cookie."""
    thief = app.test_client()
    thief.set_cookie("sign_in", token)
    return thief.get(INSIDE).status_code


def test_a_cookie_is_worth_nothing_after_signing_out(app: Tracker, client_as: ClientAs) -> None:
    browser = Browser(client_as(RUTH))
    token = cookie_of(browser.client)
    assert status_with(app, token) == 200

    browser.client.post("/sign-out", data={"csrf_token": browser.token})

    assert status_with(app, token) == 302


def test_signing_out_ends_that_one_sign_in(app: Tracker, client_as: ClientAs) -> None:
    elsewhere = cookie_of(client_as(RUTH))
    browser = Browser(client_as(RUTH))

    browser.client.post("/sign-out", data={"csrf_token": browser.token})

    assert status_with(app, elsewhere) == 200


def test_each_sign_in_draws_a_fresh_token(app: Tracker) -> None:
    client = app.test_client()
    client.set_cookie("sign_in", "planted-before-signing-in")
    form_before = token_of(client.get("/sign-in").text)
    try_in(client, RUTH)
    first = cookie_of(client)
    refused = client.post("/sign-out", data={"csrf_token": form_before})
    assert refused.status_code == 400, "nor does a token of a form outlive the sign-in"
    browser = Browser(client)
    client.post("/sign-out", data={"csrf_token": browser.token})
    try_in(client, RUTH)

    assert len({"planted-before-signing-in", first, cookie_of(client)}) == 3
    assert status_with(app, "planted-before-signing-in") == 302


def test_only_a_digest_of_the_token_is_kept(client_as: ClientAs, session: Session) -> None:
    token = cookie_of(client_as(RUTH))

    kept = session.scalars(select(SignIn.token_digest)).all()

    assert kept == [digest_of_token(token)]


@pytest.mark.parametrize(("minutes", "status"), [(29, 200), (30, 302), (300, 302)])
def test_a_sign_in_ends_after_half_an_hour_without_anything(
    app: Tracker, client_as: ClientAs, minutes: int, status: int
) -> None:
    ruth = client_as(RUTH)
    app.config["CLOCK"].instant += timedelta(minutes=minutes)

    assert ruth.get(INSIDE).status_code == status


def test_a_sign_in_ends_after_twelve_hours_whatever_is_done(
    app: Tracker, client_as: ClientAs
) -> None:
    ruth = client_as(RUTH)

    statuses = []
    for _ in range(49):
        statuses.append(ruth.get(INSIDE).status_code)
        app.config["CLOCK"].instant += timedelta(minutes=15)

    assert statuses == [200] * 48 + [302]


def test_a_page_says_until_when_its_reader_is_signed_in(app: Tracker, client_as: ClientAs) -> None:
    ruth = client_as(RUTH)
    app.config["CLOCK"].instant += timedelta(minutes=10)

    assert "You are signed in until 9:40am." in ruth.get(INSIDE).text


def test_a_wrong_try_says_the_same_of_everybody(app: Tracker) -> None:
    pages = set()
    for email in (SAM, "nobody@naomi.example"):
        answer = post(app.test_client(), "/sign-in", email=email, password="wrong")  # noqa: S106 - a wrong one
        pages.add(without_token(answer.text).replace(email, "EMAIL"))

    assert len(pages) == 1
    assert WRONG in pages.pop()


def without_token(page: str) -> str:
    return re.sub(r'name="csrf_token" value="[^"]+"', "", page)


def test_a_wrong_try_costs_the_same_for_everybody(
    app: Tracker, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashes: list[str] = []
    verify = argon2.PasswordHasher.verify

    def counted(hasher: argon2.PasswordHasher, stored: str, typed: bytes) -> bool:
        hashes.append(stored.rpartition("$")[0].rpartition("$")[0])
        return verify(hasher, stored, typed)

    monkeypatch.setattr(argon2.PasswordHasher, "verify", counted)
    with session.begin():
        staff_of(session, SAM).password_hash = None
        for held in staff_of(session, HELEN).memberships:
            held.state = MembershipState.SUSPENDED

    costs = {email: cost_of_a_try(app, session, email, hashes) for email in (RUTH, SAM, HELEN)}

    assert set(costs.values()) == {cost_of_a_try(app, session, "nobody@x.example", hashes)}
    assert costs[RUTH][0] == 1, "one hash"
    assert costs[RUTH][2] == 1, "one entry in the trail"
    assert len(set(hashes)) == 1, "all with the same settings"


def cost_of_a_try(
    app: Tracker, session: Session, email: str, hashes: list[str]
) -> tuple[int, int, int]:
    """Return how many hashes, statements and entries in the trail a wrong try costs."""
    client = app.test_client()
    words = {"csrf_token": token_of(client.get("/sign-in").text), "email": email}
    session.rollback()
    entries_before = len(session.scalars(select(AuditEntry.seq)).all())
    hashes_before = len(hashes)
    with statements(app) as seen:
        client.post("/sign-in", data=words | {"password": "wrong"})
    session.rollback()
    entries = len(session.scalars(select(AuditEntry.seq)).all()) - entries_before
    return len(hashes) - hashes_before, len(seen), entries


def test_a_suspended_colleague_is_refused_like_a_stranger(app: Tracker, session: Session) -> None:
    with session.begin():
        for held in staff_of(session, HELEN).memberships:
            held.state = MembershipState.SUSPENDED

    answer = post(app.test_client(), "/sign-in", email=HELEN, password=PASSWORD)

    assert (answer.status_code, WRONG in answer.text) == (422, True)


def test_every_try_leaves_its_entry(app: Tracker, session: Session) -> None:
    client = app.test_client()
    try_in(client, RUTH, "wrong")
    try_in(client, "nobody@naomi.example")
    try_in(client, RUTH)
    browser = Browser(client)
    client.post("/sign-out", data={"csrf_token": browser.token})

    ruth = staff_of(session, RUTH).uid.hex()
    query = select(AuditEntry.action, AuditEntry.object, AuditEntry.outcome)
    entries = session.execute(query.where(AuditEntry.action.startswith("sign-in"))).all()
    assert [tuple(row) for row in entries] == [
        ("sign-in:refused", ruth, "refused"),
        ("sign-in:refused", "unknown", "refused"),
        ("sign-in:begun", ruth, "done"),
        ("sign-in:ended", ruth, "done"),
    ]


def test_the_password_is_never_sent_back(app: Tracker) -> None:
    answer = post(app.test_client(), "/sign-in", email=RUTH, password="a wrong one")  # noqa: S106 - a wrong one

    assert answer.status_code == 422
    assert RUTH in answer.text
    assert "a wrong one" not in answer.text


ELSEWHERE = (
    "//evil.example",
    r"/\evil.example",
    r"\\evil.example",
    "https:evil.example",
    "https://evil.example/",
    "http://localhost@evil.example/",
    "/%09/evil.example",
    "/\t/evil.example",
    "\t//evil.example",
    "/\n/evil.example",
    "javascript:alert(1)",
    "/cases\r\nLocation: https://evil.example",
    "/\u2028/evil.example",
    "evil.example",
    "/" + "\\" * 5000,
)


@pytest.mark.parametrize("elsewhere", ELSEWHERE)
def test_nobody_is_sent_elsewhere(app: Tracker, elsewhere: str) -> None:
    """Abuse case 10."""
    by_form = post(app.test_client(), "/sign-in", email=RUTH, password=PASSWORD, next=elsewhere)
    assert (by_form.status_code, by_form.location) == (302, "/")

    client = app.test_client()
    page = client.get("/sign-in", query_string={"next": elsewhere}).text
    words = {"csrf_token": token_of(page), "email": RUTH, "password": PASSWORD}
    typed = re.search(r'name="next" value="([^"]*)"', page)
    assert typed is not None
    by_page = client.post("/sign-in", data=words | {"next": typed[1]})
    assert (by_page.status_code, by_page.location) == (302, "/")


@pytest.mark.parametrize("here", ["/today", "/cases/NHJ-7K2M-4?back=today", "/ok?next=//evil"])
def test_an_address_of_ours_is_gone_back_to(app: Tracker, here: str) -> None:
    answer = post(app.test_client(), "/sign-in", email=RUTH, password=PASSWORD, next=here)

    assert answer.location == here


def test_a_stranger_gets_nothing_but_the_sign_in_page(app: Tracker) -> None:
    objects = {
        "reference": ("NHJ-2222-2",),
        "code": ("PR-11",),
        "key": ("rowans-1",),
        "number": ("1",),
        "section": ("what-matters",),
        "entry": ("no-such",),
        "whose": ("family",),
        "part": ("health",),
        "token": ("no-such",),
        "name": ("x",),
        "form": ("cases/new/person",),
    }
    client = app.test_client()
    token = token_of(client.get("/sign-in").text)
    open_to_all = {"accounts.sign_in", "accounts.forgotten", "accounts.reset"}
    open_to_all |= {"health.show", "mailbox.index", "mailbox.show", "people.accept"}
    open_to_all |= {"work_accounts.back", "work_accounts.begin", "work_accounts.begin_invited"}

    for ask in asks(app, objects):
        words = {"csrf_token": token} if ask.method == "POST" else None
        answer = client.open(ask.path, method=ask.method, data=words)
        if ask.endpoint not in open_to_all:
            assert answer.status_code == 302, ask
            assert answer.location.partition("?")[0] == "/sign-in", ask


@pytest.mark.parametrize(
    "token", ["", "x", "é", "\x00", "a" * 5000, "../../etc", '"', "sign_in=;", "null"]
)
def test_a_cookie_that_nobody_handed_out_is_nothing(app: Tracker, token: str) -> None:
    cookie = f"sign_in={token}".encode().decode("latin-1")

    answer = app.test_client().get("/today", headers={"Cookie": cookie})

    assert (answer.status_code, answer.location) == (302, "/sign-in?next=/today")


@pytest.mark.parametrize("token", [None, "", "x", "OTHER"])
def test_no_form_is_taken_without_its_token(
    app: Tracker, client_as: ClientAs, session: Session, token: str | None
) -> None:
    objects = {
        "reference": ("NHJ-2222-2",),
        "code": ("PR-11",),
        "key": ("rowans-1",),
        "number": ("1",),
        "section": ("what-matters",),
        "entry": ("no-such",),
        "whose": ("family",),
        "part": ("health",),
        "token": ("no-such",),
        "name": ("x",),
        "form": ("cases/new/person",),
    }
    ruth, other = client_as(RUTH), Browser(client_as(HELEN))
    words = {} if token is None else {"csrf_token": token.replace("OTHER", other.token)}
    before = session.scalars(select(AuditEntry.seq)).all()

    for path in [ask.path for ask in asks(app, objects) if ask.method == "POST"] + ["/sign-out"]:
        assert ruth.post(path, data=words).status_code == 400, path

    session.rollback()
    assert session.scalars(select(AuditEntry.seq)).all() == before
    assert ruth.get("/today").status_code == 200


PERSONAL: dict[str, Any] = {
    "given_name": "Quillon",
    "family_name": "Zarabeth",
    "known_as": "Quilly",
    "primary_condition": "Vexillary atrophy",
    "about_me": "Brass kettles.",
    "how_i_communicate": "Tin whistle.",
    "allergies": "Marrowfat",
}


def test_no_personal_word_stands_in_a_title_an_address_a_cookie_or_the_log(
    app: Tracker, client_as: ClientAs, work_as: WorkAs, caplog: pytest.LogCaptureFixture
) -> None:
    with work_as(RUTH) as work:
        reference = opened_case(work, **PERSONAL, nhs_number="9990000018").reference
    planted = (*PERSONAL.values(), "9990000018", "999 000 0018", "June 2009", "2009-06")
    caplog.set_level(logging.DEBUG)
    browser = Browser(client_as(RUTH))
    objects = {
        "reference": (reference,),
        "code": ("ID-04", "ID-07", "PR-11"),
        "key": ("rowans-1",),
        "number": ("1",),
        "section": ("what-matters",),
        "entry": ("no-such",),
        "whose": ("family",),
        "part": ("health",),
        "token": ("no-such",),
        "name": ("x",),
        "form": ("cases/new/person",),
    }

    for ask in asks(app, objects):
        answer = browser.send(ask)
        title = re.search(r"<title>.*</title>", answer.text, re.DOTALL)
        flashed = "".join(re.findall(r'role="status">.*?</div>', answer.text, re.DOTALL))
        with browser.client.session_transaction() as cookie:
            told = f"{answer.headers}{title}{flashed}{cookie}"
        assert [word for word in planted if word in told] == [], ask

    assert reference in caplog.text, "the log was looked at"
    assert [word for word in (*planted, PASSWORD) if word in caplog.text] == []


def test_what_broke_is_logged_without_what_was_typed(
    app: Tracker,
    client_as: ClientAs,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(*_: object) -> str:
        words = "Quillon Zarabeth"
        raise ValueError(words)

    broken.asks_for = "open to all"  # type: ignore[attr-defined] # as the guard marks a view
    ruth = client_as(RUTH)

    with monkeypatch.context() as patch:
        patch.setitem(app.view_functions, "home.today", broken)
        first = ruth.get("/today")
    monkeypatch.setattr("transition.actions.work.append", broken)
    second = ruth.get("/today")

    assert (first.status_code, second.status_code) == (500, 500)
    assert "Zarabeth" not in first.text + second.text + caplog.text
    assert caplog.text.count("ValueError at ") == 2
