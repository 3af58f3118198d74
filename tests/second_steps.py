"""Second steps of invented people: an app whose secret a test knows, a passkey, recovery codes."""

import re
import secrets
from datetime import timedelta

import pyotp
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.builders import post, token_of
from tests.people import PASSWORD
from transition.actions.second_steps import new_codes
from transition.actions.work import Work
from transition.app import Tracker
from transition.records.second_steps import (
    AuthenticatorApp,
    Passkey,
    digest_of_number,
    written,
)
from transition.rules.second_steps import STEP_SECONDS
from transition.security.app_codes import new_seed

SEED = re.compile(r'class="app-secret">([^<]+)<')
CODE = re.compile(r"<li>([0-9A-Z]{4}(?:-[0-9A-Z]{4}){3})</li>")
PHONE = "phone of Ruth"


def code_of(app: Tracker, seed: str, *, steps: int = 0) -> str:
    """Return what an app with this secret shows now, or some steps of its clock away."""
    at = app.config["CLOCK"].now() + timedelta(seconds=STEP_SECONDS * steps)
    return pyotp.TOTP(seed).at(at)


def later(app: Tracker, **much: float) -> None:
    """Let some time go by."""
    app.config["CLOCK"].instant += timedelta(**much)


def give_app(work: Work) -> str:
    """Give the actor an app, whose first code was taken long ago; return its secret."""
    seed = new_seed()
    work.keep(
        AuthenticatorApp(
            staff_uid=work.actor_uid,
            seed=seed,
            counts=True,
            made_at=work.now,
            last_step=1,
            last_used_at=work.now,
        )
    )
    return seed


def give_passkey(work: Work, name: str = PHONE) -> bytes:
    """Give the actor a passkey that nobody holds; return the number of its row."""
    number = written(secrets.token_bytes(16))
    row = work.keep(
        Passkey(
            staff_uid=work.actor_uid,
            number_digest=digest_of_number(work.session, number),
            name=name,
            number=number,
            public_key=written(secrets.token_bytes(77)),
            count=0,
            made_at=work.now,
        )
    )
    return row.uid


def give_everything(work: Work) -> None:
    """Give the actor an app, a passkey and recovery codes."""
    give_app(work)
    give_passkey(work)
    new_codes(work)


def half_in(app: Tracker, email: str) -> FlaskClient:
    """Return a browser in which somebody has shown their password, and no more."""
    client = app.test_client()
    words = {"csrf_token": token_of(client.get("/sign-in").text), "password": PASSWORD}
    client.post("/sign-in", data=words | {"email": email})
    answer = client.get("/today")
    assert answer.status_code == 302, answer.text
    assert answer.location == "/sign-in/code?next=/today"
    return client


def add_app(app: Tracker, client: FlaskClient) -> tuple[str, TestResponse]:
    """Add an app on its page; return its secret and the answer to its first code."""
    found = SEED.search(client.get("/me/second-step/app").text)
    assert found is not None
    seed = found[1].replace(" ", "")
    return seed, post(client, "/me/second-step/app", code=code_of(app, seed))
