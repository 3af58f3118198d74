"""Behind proxies: so many as are set are believed about where a request comes from, and no more."""

from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import engine_of, token_of
from tests.people import HELEN
from transition.app import create_app
from transition.records.sign_in_tries import SignInTry
from transition.rules.throttling import TryKind
from transition.settings import Settings

SENT = ("6.6.6.6, 192.0.2.1", "7.7.7.7, 192.0.2.1", "192.0.2.2")
"""What comes from two places, of which one says each time that it were another."""


@pytest.mark.parametrize(("proxies", "sources"), [(0, 1), (1, 2), (2, 3)])
def test_a_source_is_what_the_own_proxies_say(
    installed: Settings, proxies: int, sources: int
) -> None:
    app = create_app(replace(installed, proxies=proxies))
    client = app.test_client()
    words = {"csrf_token": token_of(client.get("/sign-in").text), "email": HELEN, "password": "-"}
    for sent in SENT:
        client.post("/sign-in", data=words, headers={"X-Forwarded-For": sent})
    with Session(engine_of(app)) as session:
        found = session.scalars(select(SignInTry).where(SignInTry.kind == TryKind.SOURCE)).all()
    assert len(found) == sources
    engine_of(app).dispose()


def test_abuse_case_12_a_proxy_is_believed_about_no_address(installed: Settings) -> None:
    app = create_app(replace(installed, proxies=1))
    client = app.test_client()
    forged = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "gopher"}
    assert client.get("/sign-in", headers=forged).status_code == 200
    assert client.get("/sign-in", headers={"Host": "evil.example"}).status_code == 400
    engine_of(app).dispose()
