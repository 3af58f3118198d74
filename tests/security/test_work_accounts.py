"""What comes back from the provider of a work account, and is not what it should be."""

import base64
import hmac
import logging
import threading
from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest
from flask.testing import FlaskClient
from joserfc.jwk import RSAKey
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from tests.builders import ClientAs, WorkAs, post, staff_of, token_of
from tests.integration.people.steps import NORA, invited, link_of, told
from tests.issuer import (
    KEY,
    SECRET,
    Issuer,
    issuer_for,
    seen,
    sent,
    shown,
    signed,
    unsigned,
    written,
)
from tests.people import ANNA, HELEN, JO, PASSWORD, PRIYA, RUTH, SAM
from tests.second_steps import later
from transition.actions.passwords import queue_resets
from transition.actions.people import suspend
from transition.app import Tracker
from transition.records.resets import PasswordReset
from transition.records.sign_ins import SignIn
from transition.records.staff import StaffMembership
from transition.records.work_accounts import WorkAccountAsk
from transition.rules.people import THE_TIMETABLE, MembershipState
from transition.security import issuers

BEGIN: Final = "/sign-in/work-account/naomi"
BACK: Final = f"{BEGIN}/back"
MINE: Final = "/me/work-account"
SIGN_IN: Final = "/sign-in"
NOT_FINISHED, NOT_SHOWN = "was not finished", "did not show who you are"
NOT_HERE, NOT_REACHED = "signs nobody in here", "does not answer"
ANOTHER_KEY: Final = RSAKey.generate_key(2048, {"kid": "of-today"})


@pytest.fixture
def issuer(app: Tracker) -> Iterator[Issuer]:
    """The provider of Naomi House, with which nobody has linked anything."""
    with issuer_for(app, "naomi") as running:
        yield running


@pytest.fixture
def linked(issuer: Issuer, client_as: ClientAs) -> Issuer:
    """The same, with Ruth's work account."""
    assert shown(client_as(RUTH), MINE, MINE).location == MINE
    return issuer


def refused(client: FlaskClient, path: str, words: str) -> None:
    """See that a browser that comes back is sent to the beginning with a sentence, and not in."""
    answer = client.get(path)
    assert (answer.status_code, answer.location) == (302, SIGN_IN)
    page = client.get(SIGN_IN)
    assert words in page.text
    assert 'name="password"' in page.text, "there is still another way"
    assert client.get("/today").location.startswith(SIGN_IN)


def refused_there(client: FlaskClient, words: str) -> None:
    """See that somebody who goes there and comes back is not let in."""
    refused(client, seen(sent(client, SIGN_IN, BEGIN)), words)


def begun(session: Session) -> int:
    session.rollback()
    return len(session.scalars(select(SignIn)).all())


def tampered(word: Callable[[dict[str, Any]], str]) -> Callable[[dict[str, Any]], str]:
    """Return a way to sign after which somebody else is put into what was signed."""

    def sign(claims: dict[str, Any]) -> str:
        head, _, signature = word(claims | {"sub": "anybody"}).split(".")
        return f"{head}.{written(claims)}.{signature}"

    return sign


def by_secret(secret: bytes) -> Callable[[dict[str, Any]], str]:
    """Return a way to sign with a secret, as if both sides knew one."""

    def sign(claims: dict[str, Any]) -> str:
        words = ".".join(map(written, ({"alg": "HS256", "kid": "of-today"}, claims)))
        signature = hmac.digest(secret, words.encode(), "sha256")
        return f"{words}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"

    return sign


SIGNED_SO: Final[dict[str, Callable[[dict[str, Any]], str]]] = {
    "by nobody": unsigned,
    "with another key": lambda claims: signed(claims, ANOTHER_KEY),
    "with its public key as a secret": by_secret(KEY.as_pem(private=False)),
    "with our own secret": by_secret(SECRET.encode()),
    "in a way that is not ours": lambda claims: signed(claims, KEY, "RS512"),
    "and changed": tampered(signed),
    "not at all": lambda _: "a.b.c",
    "of no claims": lambda _: "",
}

CLAIMED: Final[dict[str, dict[str, Any]]] = {
    "another issuer": {"iss": "https://elsewhere.example"},
    "no issuer": {"iss": None},
    "another audience": {"aud": "another-client"},
    "no audience": {"aud": None},
    "a second audience": {"aud": ["transition-tracker", "another-client"]},
    "another party": {"azp": "another-client"},
    "another nonce": {"nonce": "planted"},
    "no nonce": {"nonce": None},
    "no end": {"exp": None},
    "no beginning": {"iat": None},
    "nobody": {"sub": None},
    "an empty somebody": {"sub": ""},
    "a number": {"sub": 248289761001},
    "a long somebody": {"sub": "r" * 256},
    "ways that are none": {"amr": "mfa"},
    "a time that is none": {"auth_time": "now"},
}


def test_an_answer_that_does_not_hold_lets_nobody_in(
    app: Tracker, linked: Issuer, session: Session
) -> None:
    were = begun(session)
    now = int(app.config["CLOCK"].now().timestamp())
    late = {"exp": now - 61, "iat": now - 400}
    early = {"iat": now + 120, "nbf": now + 120}
    for says in (*CLAIMED.values(), late, early):
        linked.says = says
        refused_there(app.test_client(), NOT_SHOWN)
    linked.says = {}
    for sign in SIGNED_SO.values():
        linked.sign = sign
        refused_there(app.test_client(), NOT_SHOWN)
    linked.sign = None
    tries = len(CLAIMED) + 2 + len(SIGNED_SO)
    assert begun(session) == were
    assert told(session, "work-account:refused") == [("work-account:refused", "unknown")] * tries

    client = app.test_client()
    assert shown(client, SIGN_IN, BEGIN).location == "/"
    assert client.get("/today").status_code == 200, "a good one does"


@pytest.mark.usefixtures("linked")
def test_what_comes_back_to_another_browser_late_twice_or_changed_lets_nobody_in(
    app: Tracker, session: Session
) -> None:
    were, here = begun(session), app.test_client()
    path = seen(sent(here, SIGN_IN, BEGIN))
    refused(app.test_client(), path, NOT_FINISHED)
    refused(here, path.replace("state=", "state=x"), NOT_FINISHED)
    refused(here, BACK, NOT_FINISHED)
    refused(here, f"{BACK}?state=\u00e9&code=1", NOT_FINISHED)
    here.set_cookie("work_account", "made-up")
    refused(here, path, NOT_FINISHED)

    late = app.test_client()
    path = seen(sent(late, SIGN_IN, BEGIN))
    later(app, minutes=10)
    refused(late, path, NOT_FINISHED)

    twice = app.test_client()
    path = seen(sent(twice, SIGN_IN, BEGIN))
    assert twice.get(path).location == "/"
    assert post(twice, "/me", "/sign-out").status_code == 302
    refused(twice, path, NOT_FINISHED)
    assert begun(session) == were + 1

    code = app.test_client()
    used = path.partition("code=")[2].partition("&")[0]
    fresh = seen(sent(code, SIGN_IN, BEGIN))
    refused(code, fresh.replace(fresh.partition("code=")[2].partition("&")[0], used), NOT_SHOWN)
    refused(code, fresh, NOT_FINISHED)


def test_two_providers_are_never_mixed_up(app: Tracker) -> None:
    with issuer_for(app, "naomi", "rowans"):
        here = app.test_client()
        path = seen(sent(here, SIGN_IN, BEGIN))
        refused(here, path.replace("naomi", "rowans"), NOT_FINISHED)


def test_a_refusal_at_the_provider_is_one_here(app: Tracker, linked: Issuer) -> None:
    here = app.test_client()
    path = seen(sent(here, SIGN_IN, BEGIN))
    refused(here, path.replace("code=", "error=access_denied&x="), NOT_SHOWN)
    assert linked.codes, "nothing was redeemed"


def test_an_equal_address_lets_nobody_in(app: Tracker, linked: Issuer, session: Session) -> None:
    were = begun(session)
    linked.says = {"email": RUTH, "email_verified": True, "preferred_username": RUTH}
    linked.subject = "another-number"
    refused_there(app.test_client(), NOT_HERE)
    assert begun(session) == were


def test_who_is_suspended_or_has_left_reads_the_same_as_who_is_not_known(
    app: Tracker, linked: Issuer, work_as: WorkAs, session: Session
) -> None:
    with work_as(PRIYA) as work:
        ruth = staff_of(work.session, RUTH).uid
        suspend(work, ruth)
    pages = []
    for state in (MembershipState.SUSPENDED, MembershipState.LEFT):
        session.rollback()
        mine = StaffMembership.staff_uid == ruth
        session.execute(update(StaffMembership).where(mine).values(state=state))
        session.commit()
        client = app.test_client()
        assert client.get(seen(sent(client, SIGN_IN, BEGIN))).location == SIGN_IN
        pages.append(client.get(SIGN_IN).text.partition("<main")[2].partition("<form")[0])
        assert told(session, "work-account")[-1] == ("work-account:refused", ruth.hex())
    linked.subject = "nobody-here"
    client = app.test_client()
    assert client.get(seen(sent(client, SIGN_IN, BEGIN))).location == SIGN_IN
    pages.append(client.get(SIGN_IN).text.partition("<main")[2].partition("<form")[0])
    assert pages[0] == pages[1] == pages[2]
    assert NOT_HERE in pages[0]


def test_a_provider_speaks_for_its_own_people_alone(
    app: Tracker, client_as: ClientAs, session: Session
) -> None:
    with issuer_for(app, "naomi", "rowans"):
        assert shown(client_as(RUTH), MINE, MINE).location == MINE
        here = app.test_client()
        other = "/sign-in/work-account/rowans"
        refused(here, seen(sent(here, SIGN_IN, other)), NOT_HERE)
    assert told(session, "work-account")[-1][0] == "work-account:refused"


@pytest.mark.usefixtures("issuer")
def test_a_link_belongs_to_whoever_began_it(client_as: ClientAs) -> None:
    ruth = client_as(RUTH)
    path = seen(sent(ruth, MINE, MINE))
    post(ruth, "/me", "/sign-out")
    post(ruth, SIGN_IN, email=ANNA, password=PASSWORD)
    answer = ruth.get(path)
    assert (answer.status_code, answer.location) == (302, SIGN_IN)
    assert "Link my work account" in ruth.get(MINE).text


def test_a_provider_that_is_down_or_slow_or_odd_gets_a_sentence_and_the_password_still_works(
    app: Tracker, linked: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    about, token, keys = "/.well-known/openid-configuration", "/token", "/keys"
    odd = [Response("<html>"), Response("[]"), Response("{}"), Response("{}", 503), gone()]
    client = app.test_client()
    for answer in odd:
        linked.broken = {about: answer}
        begin_in_vain(client)
    linked.broken = {}
    for lie in ({"issuer": "https://x.example"}, {"token_endpoint": "ftp://x"}, {"jwks_uri": 1}):
        linked.about = lie
        begin_in_vain(client)
    linked.about = {}
    for place, answers in {token: [*odd[:2], *odd[3:]], keys: odd[:2] + odd[3:]}.items():
        for answer in answers:
            path = seen(sent(client, SIGN_IN, BEGIN))
            linked.broken = {place: answer}
            answered = client.get(path)
            assert (answered.status_code, answered.location) == (302, SIGN_IN), place
            assert NOT_REACHED in client.get(SIGN_IN).text, place
            linked.broken = {}
    path = seen(sent(client, SIGN_IN, BEGIN))
    linked.broken = {keys: Response('{"keys": [{"kty": "oct", "k": "AAAA"}]}')}
    refused(client, path, NOT_SHOWN)

    linked.broken, linked.hang = {}, threading.Event()
    monkeypatch.setattr(issuers, "PATIENCE", (0.2, 0.2))
    begin_in_vain(client)
    linked.hang.set()
    assert post(client, SIGN_IN, email=RUTH, password=PASSWORD).location == "/"


def gone() -> Response:
    """Return an answer that leads elsewhere."""
    return Response("{}", 302, {"Location": "http://127.0.0.1:9/"})


def begin_in_vain(client: FlaskClient) -> None:
    """Begin, and read that the provider does not answer."""
    answer = post(client, SIGN_IN, BEGIN, next="/cases")
    assert (answer.status_code, answer.location) == (302, f"{SIGN_IN}?next=/cases")
    page = client.get(answer.location).text
    assert NOT_REACHED in page
    assert 'name="password"' in page


def test_a_provider_that_is_not_there_gets_the_sentence_too(app: Tracker) -> None:
    with issuer_for(app, "naomi"):
        pass
    begin_in_vain(app.test_client())


@pytest.mark.usefixtures("linked")
@pytest.mark.parametrize("elsewhere", ["https://evil.example", "//evil.example", "/\\evil"])
def test_nobody_is_sent_elsewhere_afterwards(app: Tracker, elsewhere: str) -> None:
    assert shown(app.test_client(), SIGN_IN, BEGIN, next=elsewhere).location == "/"


@pytest.mark.usefixtures("linked")
def test_the_cookie_on_the_way_says_nothing_and_is_out_of_reach(
    app: Tracker, session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    here = app.test_client()
    answer = post(here, SIGN_IN, BEGIN)
    (cookie,) = answer.headers.getlist("Set-Cookie")
    name, _, rest = cookie.partition("=")
    assert name == "work_account"
    parts = rest.split("; ")
    assert {"HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=600"} <= set(parts)
    address = answer.headers["Refresh"].removeprefix("0; url=")
    (row,) = session.scalars(select(WorkAccountAsk))
    known = (parts[0], "a-token", SECRET)
    assert row.token_digest != parts[0].encode()
    assert parts[0] not in address
    assert here.get(seen(address)).location == "/"
    ours = [one.getMessage() for one in caplog.records if one.name.startswith("transition")]
    assert not [word for word in known for line in ours if word in line]

    app.config["SESSION_COOKIE_SECURE"] = True
    safe, there = app.test_client(), {"base_url": "https://localhost"}
    words = {"csrf_token": token_of(safe.get(SIGN_IN, **there).text)}
    (cookie,) = safe.post(BEGIN, data=words, **there).headers.getlist("Set-Cookie")
    assert cookie.startswith("__Host-work_account=")
    assert "Secure" in cookie


def test_a_hundred_that_come_back_from_nowhere_wait_and_everybody_else_does_not(
    app: Tracker, linked: Issuer
) -> None:
    here = app.test_client()
    for _ in range(100):
        sent_on = post(here, SIGN_IN, BEGIN)
        assert sent_on.status_code == 200
    assert post(here, SIGN_IN, BEGIN).location == SIGN_IN
    assert "Too many have tried to sign in. Try again in 15 minutes." in here.get(SIGN_IN).text
    assert linked.asked
    later(app, minutes=15)
    assert post(here, SIGN_IN, BEGIN).status_code == 200


def test_where_passwords_are_switched_off_none_lets_anybody_in_but_the_one_named_administrator(
    app: Tracker,
) -> None:
    with issuer_for(app, "naomi", "collaborative", passwords=False, break_glass=SAM):
        for email, goes in {RUTH: False, HELEN: True, SAM: True, JO: False}.items():
            answer = post(app.test_client(), SIGN_IN, email=email, password=PASSWORD)
            assert (answer.status_code == 302) is goes, email
            assert ("Email address or password is not right" in answer.text) is not goes


def test_where_passwords_are_switched_off_none_is_chosen_or_shown_again(
    app: Tracker, work_as: WorkAs, client_as: ClientAs, session: Session
) -> None:
    ruth = client_as(RUTH)
    with issuer_for(app, "naomi", passwords=False):
        assert "Change your password" not in ruth.get("/me").text
        assert ruth.get("/me/password").status_code == 404
        post(app.test_client(), "/reset", email=RUTH)
        with work_as(THE_TIMETABLE) as work:
            assert queue_resets(work) == 0
        (reset,) = session.scalars(select(PasswordReset))
        assert reset.answered_at is not None

        assert shown(ruth, MINE, MINE).location == MINE
        answer = post(ruth, MINE)
        assert answer.status_code == 422
        assert "wants everybody to sign in with their work account" in answer.text
        later(app, minutes=6)
        assert ruth.get(f"/sign-in/again?next={MINE}").status_code == 200
        again = post(ruth, "/sign-in/again", password=PASSWORD)
        assert "The password is not right" in again.text

        invited(work_as)
        path = f"/invitations/{link_of(session)}"
        page = app.test_client().get(path).text
        assert 'name="password"' not in page
        taken = post(app.test_client(), path, password="violet gravel kettle moon")  # noqa: S106 - of nobody
        assert taken.status_code == 422
    assert staff_of(session, NORA).password_hash is None


def test_where_nothing_is_set_up_there_is_no_such_page(client_as: ClientAs) -> None:
    ruth = client_as(RUTH)
    assert ruth.get(MINE).status_code == 404
    assert ruth.get(BACK).status_code == 404
    assert post(ruth, "/me", BEGIN).status_code == 404
    assert "work account" not in ruth.get("/me").text
