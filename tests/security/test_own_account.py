"""One's own sign-ins and password, and links that work once. Abuse cases 7 to 14, but for 10."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import Bag, ClientAs, WorkAs, letters_of, opened_case, post, post_with, staff_of
from tests.people import ANNA, HELEN, JO, PASSWORD, RUTH, SAM, WILMA
from tests.security.sweep import statements
from transition.actions.passwords import queue_resets
from transition.actions.people import suspend
from transition.app import Tracker
from transition.records.audit import AuditEntry
from transition.records.drafts import Draft
from transition.records.resets import PasswordReset, token_of_reset
from transition.records.sign_in_tries import SignInTry
from transition.records.sign_ins import SignIn
from transition.rules.people import THE_TIMETABLE, MembershipState
from transition.security import passwords

NEW = "purple kettle violin"
UNKNOWN = "nobody@naomi.example"


def trail(session: Session, prefix: str) -> list[tuple[str, str]]:
    session.rollback()
    query = select(AuditEntry.action, AuditEntry.outcome).order_by(AuditEntry.seq)
    return [(row[0], row[1]) for row in session.execute(query) if row[0].startswith(prefix)]


def cookie_of(client: FlaskClient) -> str:
    cookie = client.get_cookie("sign_in")
    assert cookie is not None
    return cookie.value


def with_cookie(app: Tracker, token: str) -> FlaskClient:
    thief = app.test_client()
    thief.set_cookie("sign_in", token)
    return thief


def change(client: FlaskClient, password: str = PASSWORD, new: str = NEW) -> Any:  # noqa: ANN401 - an answer
    return post(client, "/me/password", password=password, new_password=new)


@pytest.mark.parametrize("email", [RUTH, HELEN, JO, SAM, WILMA])
def test_everybody_has_an_account_to_look_at(client_as: ClientAs, email: str) -> None:
    client = client_as(email)
    for path in ("/me", "/me/sign-ins", "/me/password"):
        assert client.get(path).status_code == 200
    page = client.get("/me").text
    assert email in page
    assert "Where you are signed in (1)" in page


def test_one_sees_where_one_is_signed_in_and_ends_what_one_does_not_know(
    app: Tracker, client_as: ClientAs, session: Session
) -> None:
    lost = app.test_client(use_cookies=True)
    lost.environ_base["HTTP_USER_AGENT"] = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1)"
    post(lost, "/sign-in", email=RUTH, password=PASSWORD)
    here = client_as(RUTH)

    page = here.get("/me/sign-ins").text
    assert page.count("This one") == 1
    assert "An iPhone" in page
    (end,) = re.findall(r"/me/sign-ins/[0-9a-f]{32}/end", page)
    answer = post(here, "/me/sign-ins", end)

    assert (answer.status_code, answer.location) == (302, "/me/sign-ins")
    assert "That sign-in is ended." in here.get("/me/sign-ins").text
    assert lost.get("/today").status_code == 302
    assert "because you ended this sign-in on another device" in lost.get("/sign-in").text
    assert post(here, "/me/sign-ins", end).status_code == 404, "it is over already"
    assert [row.ended_at is None for row in session.scalars(select(SignIn))].count(True) == 1


def test_a_sign_in_of_somebody_else_is_not_there_to_be_ended(
    client_as: ClientAs, session: Session
) -> None:
    hers = client_as(HELEN)
    other = session.scalars(select(SignIn.uid)).one().hex()
    ruth = client_as(RUTH)

    assert post(ruth, "/me/sign-ins", f"/me/sign-ins/{other}/end").status_code == 404
    assert hers.get("/today").status_code == 200


def test_all_others_end_at_once(client_as: ClientAs) -> None:
    others, here = [client_as(RUTH), client_as(RUTH)], client_as(RUTH)

    post(here, "/me/sign-ins", "/me/sign-ins/end-others")
    assert "You are signed in nowhere else now." in here.get("/me/sign-ins").text
    post(here, "/me/sign-ins", "/me/sign-ins/end-others")
    assert "You were signed in nowhere else." in here.get("/me/sign-ins").text

    assert [one.get("/today").status_code for one in others] == [302, 302]


def test_a_sixth_sign_in_tells_the_first_why_it_ended(app: Tracker, client_as: ClientAs) -> None:
    first = client_as(RUTH)
    app.config["CLOCK"].instant += timedelta(minutes=1)
    for _ in range(5):
        client_as(RUTH)

    assert first.get("/today").status_code == 302
    assert "because you signed in on another device" in first.get("/sign-in").text


@pytest.mark.parametrize(
    ("hours", "why"),
    [(0.5, "had not used the tracker for 30 minutes"), (12, "had been signed in for 12 hours")],
)
def test_the_page_after_a_sign_in_has_lapsed_says_why(
    app: Tracker, client_as: ClientAs, hours: float, why: str
) -> None:
    ruth = client_as(RUTH)
    app.config["CLOCK"].instant += timedelta(hours=hours)

    assert f"We signed you out because you {why}." in ruth.get("/sign-in").text


def test_a_stranger_is_told_of_no_reason(app: Tracker) -> None:
    assert "signed you out" not in app.test_client().get("/sign-in").text


def test_the_first_page_says_when_the_last_sign_in_was(app: Tracker, client_as: ClientAs) -> None:
    assert "You last signed in" not in client_as(RUTH).get("/today").text
    app.config["CLOCK"].instant += timedelta(hours=7, minutes=42)
    ruth = client_as(RUTH)

    assert "You last signed in on Monday 23 November at 9:00am." in ruth.get("/today").text
    assert "You last signed in" not in ruth.get("/today").text


def test_another_password_is_taken_on_and_ends_all_other_sign_ins(
    app: Tracker, client_as: ClientAs, session: Session
) -> None:
    elsewhere, here = client_as(RUTH), client_as(RUTH)

    answer = change(here)

    assert (answer.status_code, answer.location) == (302, "/me")
    assert "Your password is changed." in here.get("/me").text
    assert elsewhere.get("/today").status_code == 302
    assert "because your password was changed" in elsewhere.get("/sign-in").text
    anew = app.test_client()
    assert post(anew, "/sign-in", email=RUTH, password=PASSWORD).status_code == 422
    assert post(anew, "/sign-in", email=RUTH, password=NEW).status_code == 302
    assert letters_of(session, "password_changed") == [RUTH]


@pytest.mark.parametrize(
    ("password", "new", "said"),
    [
        ("a wrong one", NEW, "This is not your current password"),
        (PASSWORD, "too short", "at least 15 characters"),
        (PASSWORD, "naomihouse2026!!", "Names of yours, of hospices and of places"),
        (PASSWORD, "", "Enter a new password"),
        ("", NEW, "Enter your current password"),
    ],
)
def test_a_password_that_cannot_be_changed_is_refused_with_what_to_do(
    client_as: ClientAs, session: Session, password: str, new: str, said: str
) -> None:
    ruth = client_as(RUTH)
    before = staff_of(session, RUTH).password_hash

    answer = change(ruth, password, new)

    assert answer.status_code == 422
    assert said in answer.text
    assert not new or new not in answer.text, "it is never sent back"
    session.rollback()
    assert staff_of(session, RUTH).password_hash == before


def test_a_form_of_which_the_new_password_is_missing_is_refused_like_an_empty_one(
    client_as: ClientAs,
) -> None:
    answer = post(client_as(RUTH), "/me/password", password=PASSWORD)

    assert answer.status_code == 422
    assert "Enter a new password" in answer.text


def test_the_password_there_is_cannot_be_chosen_again(app: Tracker, client_as: ClientAs) -> None:
    ruth = client_as(RUTH)
    change(ruth)

    answer = change(ruth, NEW, NEW)

    assert "This is your current password. Choose another one" in answer.text
    assert app.test_client().get("/sign-in").status_code == 200


def test_at_a_screen_that_somebody_left_passwords_are_not_tried_for_long(
    client_as: ClientAs, session: Session
) -> None:
    ruth = client_as(RUTH)
    for _ in range(5):
        assert "This is not your current password" in change(ruth, "a wrong one").text

    assert "Too many wrong passwords were tried. Try again in" in change(ruth).text
    assert trail(session, "password:") == [("password:refused", "refused")] * 5


def test_where_too_many_wait_a_new_password_waits_too(
    client_as: ClientAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> str:
        raise passwords.TooMany

    monkeypatch.setattr("transition.web.accounts.passwords.hash_password", full)
    assert "Many people are signing in at this moment" in change(client_as(RUTH)).text


def asked(app: Tracker, email: str = RUTH, **headers: str) -> Any:  # noqa: ANN401 - an answer
    client = app.test_client()
    words = {"csrf_token": _token(client.get("/reset").text), "email": email}
    return client.post("/reset", data=words, headers=headers)


def _token(page: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found
    return found[1]


def link_of(work_as: WorkAs) -> str:
    """Return the address of the only link there is."""
    with work_as(THE_TIMETABLE) as work:
        queue_resets(work)
        reset = work.session.scalars(select(PasswordReset)).one()
        return f"/reset/{token_of_reset(work.session, reset.uid)}"


def test_whoever_cannot_sign_in_chooses_another_password_by_a_letter(
    app: Tracker, client_as: ClientAs, work_as: WorkAs
) -> None:
    signed_in = client_as(RUTH)
    assert "I cannot sign in" in app.test_client().get("/sign-in").text
    asked(app)
    client, link = app.test_client(), link_of(work_as)

    assert post(client, link, new_password="too short").status_code == 422  # noqa: S106 - of a test
    answer = post(client, link, new_password=NEW)

    assert (answer.status_code, answer.location) == (302, "/sign-in")
    assert client.get_cookie("sign_in") is None, "a letter alone lets nobody in"
    assert "Sign in with the new one." in client.get("/sign-in").text
    assert post(client, "/sign-in", email=RUTH, password=NEW).status_code == 302
    assert signed_in.get("/today").status_code == 302


def test_who_asks_for_a_link_is_told_the_same_whether_known_or_not(
    app: Tracker, session: Session
) -> None:
    told, costs = set(), set()
    for email in (HELEN, UNKNOWN):
        client = app.test_client()
        words = {"csrf_token": _token(client.get("/reset").text), "email": email}
        entries = len(trail(session, ""))
        with statements(app) as seen:
            answer = client.post("/reset", data=words)
        told.add((answer.status_code, answer.text.replace(email, "EMAIL")))
        costs.add((len(seen), len(trail(session, "")) - entries))

    assert len(told) == len(costs) == 1
    assert "a letter with a link is on its way" in told.pop()[1]
    assert len(session.scalars(select(PasswordReset)).all()) == 2
    assert session.scalars(select(SignInTry)).first() is not None


@pytest.mark.parametrize("email", ["", "x" * 300, "a\0b"])
def test_an_address_that_is_none_is_refused(app: Tracker, email: str) -> None:
    assert asked(app, email).status_code == 422


def test_abuse_case_12_a_forged_host_puts_nothing_into_the_letter(
    app: Tracker, work_as: WorkAs
) -> None:
    assert asked(app, Host="evil.example").status_code == 400
    assert asked(app, **{"X-Forwarded-Host": "evil.example"}).status_code == 200
    link, bag = link_of(work_as), Bag()
    post_with(app, bag)

    (letter,) = bag.letters
    assert "evil" not in letter.as_string()
    assert f"{app.config['POST'].base_url}{link}" in letter.get_body(("plain",)).get_content()  # type: ignore[union-attr] # it has one


def test_abuse_case_13_a_link_that_does_not_work_is_one_page_for_all(
    app: Tracker, work_as: WorkAs, session: Session
) -> None:
    asked(app)
    link, client = link_of(work_as), app.test_client()
    altered = link[:-1] + ("A" if link[-1] != "A" else "B")
    pages = {client.get(altered).text, client.get("/reset/x").text}
    with session.begin():
        for held in staff_of(session, RUTH).memberships:
            held.state = MembershipState.SUSPENDED
    pages.add(client.get(link).text)
    with session.begin():
        for held in staff_of(session, RUTH).memberships:
            held.state = MembershipState.ACTIVE
    form = _token(client.get(link).text)
    app.config["CLOCK"].instant += timedelta(hours=72)
    pages.add(client.get(link).text)
    app.config["CLOCK"].instant -= timedelta(hours=72)
    assert post(client, link, new_password=NEW).status_code == 302
    client.get("/sign-in")
    pages |= {client.get(link).text}
    used = client.post(link, data={"csrf_token": form, "new_password": "another long password"})
    pages.add(used.text)

    assert len(pages) == 1
    assert "This link does not work any more." in pages.pop()
    assert (used.status_code, client.get("/reset/x").status_code) == (404, 404)
    refused = [("reset:refused", "refused")]
    assert [one for one in trail(session, "reset:") if one[0] == "reset:refused"] == refused * 4


def test_a_link_stands_in_no_log_and_in_no_entry(
    app: Tracker, work_as: WorkAs, session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    asked(app)
    link, client = link_of(work_as), app.test_client()
    client.get(link)
    post(client, link, new_password=NEW)

    token = link.rpartition("/")[2]
    assert token not in caplog.text
    told = [str(vars(one)) for one in session.scalars(select(AuditEntry))]
    assert not any(token in one or RUTH in one for one in told)


def test_abuse_case_7_a_cookie_replayed_after_signing_out_is_refused_and_told(
    app: Tracker, client_as: ClientAs, session: Session
) -> None:
    ruth = client_as(RUTH)
    token = cookie_of(ruth)
    post(ruth, "/today", "/sign-out")
    thief = with_cookie(app, token)

    answer = thief.get("/today")

    assert (answer.status_code, answer.location) == (302, "/sign-in?next=/today")
    assert trail(session, "sign-in:dead") == [("sign-in:dead", "refused")]
    assert thief.get("/sign-in").headers.getlist("Set-Cookie")
    assert thief.get_cookie("sign_in") is None, "the page takes it back"


def test_abuse_case_8_a_cookie_set_before_signing_in_is_dead(
    app: Tracker, client_as: ClientAs, session: Session
) -> None:
    attackers = cookie_of(client_as(ANNA))
    victim = with_cookie(app, attackers)
    token = _token(victim.get("/today").text)
    victim.post("/sign-out", data={"csrf_token": token})
    post(victim, "/sign-in", email=RUTH, password=PASSWORD)

    assert cookie_of(victim) != attackers
    assert with_cookie(app, attackers).get("/today").status_code == 302
    assert trail(session, "sign-in:dead") == [("sign-in:dead", "refused")]


def test_abuse_case_8_signing_in_over_a_cookie_ends_it_and_one_that_never_was_is_told(
    app: Tracker, client_as: ClientAs, session: Session
) -> None:
    words = {"email": RUTH, "password": PASSWORD}
    attackers = cookie_of(client_as(ANNA))
    for planted, told in ((attackers, "sign-in:ended"), ("never handed out", "sign-in:planted")):
        victim = with_cookie(app, planted)
        token = _token(victim.get("/today", follow_redirects=True).text)
        before = trail(session, "sign-in:")
        assert victim.post("/sign-in", data=words | {"csrf_token": token}).status_code == 302
        assert cookie_of(victim) != planted
        assert victim.get("/today").status_code == 200
        assert with_cookie(app, planted).get("/today").status_code == 302
        assert told in [name for name, _ in trail(session, "sign-in:")[len(before) :]]
    refused = [name for name, outcome in trail(session, "sign-in:") if outcome == "refused"]
    assert refused == ["sign-in:dead", "sign-in:planted"]


def test_abuse_case_9_who_is_suspended_in_mid_page_is_refused_and_loses_no_word(
    client_as: ClientAs, work_as: WorkAs, session: Session
) -> None:
    with work_as(RUTH) as work:
        reference = opened_case(work).reference
    ruth = client_as(RUTH)
    page = f"/cases/{reference}/notes/new"
    token = _token(ruth.get(page).text)
    with work_as(SAM) as work:
        suspend(work, staff_of(work.session, RUTH).uid)

    answer = ruth.post(page, data={"csrf_token": token, "words": "She likes the sea."})

    assert answer.location.startswith("/sign-in")
    session.rollback()
    draft = session.scalars(select(Draft)).one()
    assert draft.staff_uid == staff_of(session, RUTH).uid
    assert trail(session, "sign-in:dead") == [("sign-in:dead", "refused")]
    assert "She likes the sea." not in client_as(ANNA).get(page).text
    assert ruth.get(page).status_code == 302


def test_abuse_case_14_what_stands_in_a_letter_opens_nothing(
    app: Tracker, client_as: ClientAs, work_as: WorkAs
) -> None:
    with work_as(RUTH) as work:
        reference = opened_case(work).reference
    for path in (f"/cases/{reference}", "/me/notifications/preview", "/today"):
        answer = app.test_client().get(path)
        assert answer.location.startswith("/sign-in"), path
        assert not any("sign_in" in one for one in answer.headers.getlist("Set-Cookie")), path
    assert with_cookie(app, reference).get("/today").status_code == 302
    assert app.test_client().get(f"/reset/{reference}").status_code == 404
    assert client_as(RUTH).get(f"/cases/{reference}").status_code == 200


@pytest.mark.parametrize("path", ["/sign-in", "/sign-out", "/me/password", "/reset"])
@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_abuse_case_11_nothing_is_taken_that_another_site_sends(
    client_as: ClientAs, session: Session, path: str, site: str
) -> None:
    ruth = client_as(RUTH)
    token = _token(ruth.get("/me/password").text)
    before = len(trail(session, ""))

    answer = ruth.post(path, data={"csrf_token": token}, headers={"Sec-Fetch-Site": site})

    assert answer.status_code == 400
    assert len(trail(session, "")) == before
    assert ruth.get("/today").status_code == 200


def test_whoever_looks_after_accounts_is_told_of_an_hour_of_wrong_passwords(
    app: Tracker, client_as: ClientAs, session: Session
) -> None:
    sam, ruth = client_as(SAM), client_as(RUTH)
    assert "Somebody may be trying passwords" not in sam.get("/me").text
    post(app.test_client(), "/sign-in", email=UNKNOWN, password="wrong")  # noqa: S106 - a wrong one
    with session.begin():
        for row in session.scalars(select(SignInTry)):
            row.count = 1200

    assert "Somebody may be trying passwords: 1200 were wrong" in sam.get("/me").text
    assert "Somebody may be trying passwords" not in ruth.get("/me").text
