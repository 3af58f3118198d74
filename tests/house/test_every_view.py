"""No page without a permission, no form without its token, and a short list for strangers."""

import pytest
from flask import Flask

from tests.builders import ClientAs
from tests.house.walking import FormReader, addresses, pages, put_letter
from tests.people import HELEN, RUTH
from transition.app import Tracker
from transition.rules.access import Permission
from transition.web.guard import (
    AFTER_PASSWORD,
    MARK,
    OPEN_TO_ALL,
    Unguarded,
    guard,
    open_to_all,
    requires,
)

FOR_STRANGERS = {
    "accounts.forgotten",
    "accounts.reset",
    "accounts.sign_in",
    "accounts.sign_out",
    "health.show",
    "mailbox.index",
    "mailbox.show",
    "people.accept",
    "static",
    "work_accounts.back",
    "work_accounts.begin",
    "work_accounts.begin_invited",
}
"""What may be opened without signing in; the mailbox is there in a demonstration only."""

OPENS_NOTHING = {"accounts.reset", "people.accept", "work_accounts.back"}
"""Of these, what a stranger finds only with a link that was sent to them."""

ONLY_POSTED = {"accounts.sign_out", "work_accounts.begin", "work_accounts.begin_invited"}

AFTER_THE_PASSWORD = {
    "second_steps.app",
    "second_steps.code",
    "second_steps.new_passkey",
    "second_steps.passkey",
    "second_steps.password",
    "second_steps.recovery",
}
"""What half of a sign-in opens, and nothing else."""


def test_every_view_names_its_permission_or_is_for_strangers(app: Tracker) -> None:
    asked = {endpoint: getattr(view, MARK) for endpoint, view in app.view_functions.items()}

    assert {endpoint for endpoint, mark in asked.items() if mark == OPEN_TO_ALL} == FOR_STRANGERS
    half = {endpoint for endpoint, mark in asked.items() if mark == AFTER_PASSWORD}
    assert half == AFTER_THE_PASSWORD
    guarded = asked.keys() - FOR_STRANGERS - half
    assert len(guarded) >= 20
    assert [endpoint for endpoint in guarded if not isinstance(asked[endpoint], Permission)] == []


def _bare() -> Flask:
    app = Flask("transition")
    app.add_url_rule("/open", "open", open_to_all(lambda: "open"))
    app.add_url_rule("/asked", "asked", requires(Permission.SEE_CASE)(lambda: "asked"))
    return app


def test_a_view_that_names_no_permission_stops_the_start() -> None:
    app = _bare()
    app.add_url_rule("/forgotten", "forgotten", lambda: "for all")

    with pytest.raises(Unguarded, match="The view forgotten names no permission"):
        guard(app)


def test_with_every_permission_named_the_start_goes_on() -> None:
    guard(_bare())


@pytest.mark.usefixtures("demonstration")
def test_strangers_are_sent_to_sign_in(
    app: Tracker,
) -> None:
    put_letter(app, "Hello")
    stranger = app.test_client()
    opened = set()
    for rule, path in addresses(app, "GET"):
        answer = stranger.get(path)
        if rule.endpoint in FOR_STRANGERS:
            assert answer.status_code == (404 if rule.endpoint in OPENS_NOTHING else 200), path
            opened.add(rule.endpoint)
        else:
            assert answer.status_code == 302, path
            assert answer.location.startswith("/sign-in"), path
        answer.close()

    assert opened == FOR_STRANGERS - ONLY_POSTED


@pytest.mark.usefixtures("demonstration")
def test_strangers_learn_nothing_from_where_they_are_sent(
    app: Tracker,
) -> None:
    stranger = app.test_client()
    real = next(path for rule, path in addresses(app, "GET") if rule.endpoint == "cases.show")
    made_up = "/cases/NHJ-0000-0"

    answers = [stranger.get(path) for path in (real, made_up)]
    assert answers[0].text.replace(real[1:], "") == answers[1].text.replace(made_up[1:], "")
    assert [answer.status_code for answer in answers] == [302, 302]


@pytest.mark.parametrize("token", [None, "", "made up"], ids=["no token", "empty", "made up"])
@pytest.mark.usefixtures("demonstration")
def test_whatever_is_posted_without_its_token_is_refused(
    app: Tracker, client_as: ClientAs, token: str | None
) -> None:
    words = {} if token is None else {"csrf_token": token}
    ruth, stranger, tried = client_as(RUTH), app.test_client(), set()
    for rule, path in addresses(app, "POST"):
        if rule.endpoint in tried:
            continue
        tried.add(rule.endpoint)
        for client in (ruth, stranger):
            answer = client.post(path, data=words)
            assert answer.status_code == 400, f"{path}: {answer.status}"

    assert len(tried) >= 12
    assert ruth.get("/today").status_code == 200, "she was not even signed out"


@pytest.mark.parametrize("email", [RUTH, HELEN])
@pytest.mark.usefixtures("demonstration")
def test_every_form_that_posts_carries_a_token(
    app: Tracker, client_as: ClientAs, email: str
) -> None:
    forms = [
        (path, form)
        for path, page in pages(app, client_as(email))
        for form in FormReader(page).forms
    ]

    assert len({form.action for _, form in forms}) > 5
    assert [(path, form.action) for path, form in forms if "csrf_token" not in form.fields] == []


def test_a_form_without_a_token_would_be_found() -> None:
    (form,) = FormReader('<form method="post" action="/x"><input name="words"></form>').forms

    assert (form.action, form.fields) == ("/x", ["words"])
