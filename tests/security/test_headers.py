"""What every answer tells a browser, and whom the tracker answers at all."""

import pytest
from flask.testing import FlaskClient

from tests.builders import opened_case, token_of
from tests.people import PASSWORD, RUTH
from tests.security.sweep import Browser, ClientAs, WorkAs, asks
from transition.app import BODY_LIMIT, Tracker

ALWAYS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
KEPT_NOWHERE = {"Cache-Control": "no-store", "Vary": "Cookie"}
ABOUT_THE_ANSWER = {"Content-Type", "Content-Length", "Location", "Set-Cookie", "Allow"}


def test_every_page_sends_these_headers_and_no_others(
    app: Tracker, client_as: ClientAs, work_as: WorkAs
) -> None:
    with work_as(RUTH) as work:
        reference = opened_case(work).reference
    objects = {
        "reference": (reference, "NHJ-2222-2"),
        "code": ("PR-11",),
        "key": ("rowans-1",),
        "name": ("letter",),
        "form": ("cases/new/person",),
        "number": ("1",),
        "section": ("what-matters",),
        "entry": ("no-such",),
        "whose": ("family",),
        "part": ("health",),
        "token": ("no-such",),
    }
    browser = Browser(client_as(RUTH))

    for known in (True, False):
        for ask in asks(app, objects, known=known):
            headers = browser.send(ask).headers
            sent = {name: value for name, value in headers if name not in ABOUT_THE_ANSWER}
            assert sent == ALWAYS | KEPT_NOWHERE, ask


def test_a_style_sheet_may_be_kept_for_an_hour(app: Tracker) -> None:
    with app.test_client().get("/static/tracker.css") as answer:
        headers = dict(answer.headers)

    assert ALWAYS.items() <= headers.items()
    assert headers["Cache-Control"] == "public, max-age=3600"


@pytest.mark.parametrize("path", ["/nothing-here", "/static/nothing.css", "/cases/", "/%00"])
def test_an_address_without_a_page_sends_them_too(app: Tracker, path: str) -> None:
    answer = app.test_client().get(path)

    assert answer.status_code == 404
    assert ALWAYS.items() <= dict(answer.headers).items()


def test_a_page_that_broke_sends_them_too(
    app: Tracker, client_as: ClientAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    ruth = client_as(RUTH)
    monkeypatch.setitem(app.view_functions, "home.today", broken)

    answer = ruth.get("/today")

    assert answer.status_code == 500
    assert (ALWAYS | KEPT_NOWHERE).items() <= dict(answer.headers).items()


def broken() -> str:
    raise ZeroDivisionError


broken.asks_for = "open to all"  # type: ignore[attr-defined] # as the guard marks a view


def sign_in(client: FlaskClient) -> list[str]:
    """Sign Ruth in and return the cookies that are handed out."""
    token = token_of(client.get("/sign-in").text)
    words = {"csrf_token": token, "email": RUTH, "password": PASSWORD}
    return client.post("/sign-in", data=words).headers.getlist("Set-Cookie")


def test_cookies_are_out_of_reach_of_scripts_and_of_other_sites(app: Tracker) -> None:
    handed_out = sign_in(app.test_client())

    given = [cookie for cookie in handed_out if "Expires" not in cookie]
    assert [cookie.partition("=")[0] for cookie in given] == ["sign_in"]
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(given[0].split("; "))
    assert "Domain" not in given[0], "it is for this host alone"
    assert "Max-Age" not in given[0], "it ends with the browser"


def test_the_cookie_of_forms_is_out_of_reach_too(app: Tracker) -> None:
    (cookie,) = app.test_client().get("/sign-in").headers.getlist("Set-Cookie")

    assert cookie.startswith("form=")
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))


def test_over_tls_cookies_are_bound_to_the_host_and_the_browser_stays_with_tls(
    app: Tracker,
) -> None:
    app.config["SESSION_COOKIE_SECURE"] = True
    client = app.test_client()
    page = client.get("/sign-in", base_url="https://localhost")
    words = {"csrf_token": token_of(page.text), "email": RUTH, "password": PASSWORD}

    answer = client.post("/sign-in", data=words, base_url="https://localhost")

    (given,) = [cookie for cookie in answer.headers.getlist("Set-Cookie") if "sign_in" in cookie]
    assert given.startswith("__Host-sign_in=")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(given.split("; "))
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


def test_signing_out_tells_the_browser_to_forget_what_it_showed(client_as: ClientAs) -> None:
    browser = Browser(client_as(RUTH))

    answer = browser.client.post("/sign-out", data={"csrf_token": browser.token})

    assert answer.headers["Clear-Site-Data"] == '"cache"'
    assert "sign_in=;" in " ".join(answer.headers.getlist("Set-Cookie"))


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "localhost@evil", "["])
@pytest.mark.parametrize("path", ["/sign-in", "/today", "/health", "/static/tracker.css", "/no"])
def test_a_name_that_is_not_ours_gets_no_page(app: Tracker, host: str, path: str) -> None:
    answer = app.test_client().get(path, headers={"Host": host})

    assert answer.status_code == 400
    assert answer.text == "This is not an address of the tracker.\n"
    assert "evil" not in str(answer.headers)
    assert ALWAYS.items() <= dict(answer.headers).items()


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "localhost:8000"])
def test_our_own_names_get_one(app: Tracker, host: str) -> None:
    answer = app.test_client().get("/sign-in", headers={"Host": host})

    assert answer.status_code == 200


def test_forwarded_names_are_not_believed(app: Tracker) -> None:
    forged = {"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}

    answer = app.test_client().get("/today", headers=forged)

    assert answer.location == "/sign-in?next=/today"


@pytest.mark.parametrize("path", ["/sign-in", "/today", "/cases", "/health", "/no"])
def test_trace_is_refused_and_sends_nothing_back(app: Tracker, path: str) -> None:
    answer = app.test_client().open(path, method="TRACE", headers={"X-Mine": "an echo"})

    assert answer.status_code in {404, 405}
    assert "an echo" not in answer.text


def test_a_body_over_the_limit_is_refused_before_it_is_read(
    app: Tracker, client_as: ClientAs
) -> None:
    ruth = client_as(RUTH)
    pages = {"code": ("PR-11",), "key": ("rowans-1",), "name": ("x",), "reference": ("x",)}
    pages |= {"form": ("x",), "number": ("1",)}
    pages |= {"section": ("what-matters",), "entry": ("x",), "whose": ("family",)}
    pages |= {"part": ("health",), "token": ("no-such",)}

    for ask in asks(app, pages):
        if ask.method == "POST":
            answer = ruth.post(ask.path, data={"csrf_token": "x", "words": "a" * BODY_LIMIT})
            assert answer.status_code == 413, ask
            assert "That was too long to send" in answer.text


def test_a_body_just_within_the_limit_is_read(client_as: ClientAs) -> None:
    browser = Browser(client_as(RUTH))
    words = {"csrf_token": browser.token, "given_name": "a" * (BODY_LIMIT - 1000)}

    answer = browser.client.post("/cases/new/person", data=words)

    assert answer.status_code == 422
    assert "First name must be 80 characters or fewer" in answer.text
