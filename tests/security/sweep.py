"""Asking for every page in every way, and counting what that costs."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from html import unescape
from itertools import product
from typing import NamedTuple

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.test import TestResponse

from tests.builders import token_of
from transition.actions.work import Work
from transition.records.base import db

ClientAs = Callable[[str], FlaskClient]
WorkAs = Callable[..., AbstractContextManager[Work]]

SIGN_OUT = "accounts.sign_out"
TAKES_BACK = "handovers.withdraw"
"""Asked for last: afterwards there is nothing left to ask for."""
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"}


class Ask(NamedTuple):
    """One way to ask for one page."""

    method: str
    endpoint: str
    path: str
    of_case: bool

    @property
    def name(self) -> str:
        """What it is called in a test."""
        return f"{self.method} {self.endpoint}"


def asks(app: Flask, objects: Mapping[str, Sequence[str]], *, known: bool = True) -> Iterator[Ask]:
    """Yield every way to ask for every page, each parameter filled from *objects*.

    A parameter that *objects* does not name stops the test: somebody added a page. With *known*
    false, yield the methods that a page does not know.
    """
    addresses = app.url_map.bind("localhost")
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.endpoint == TAKES_BACK):
        if rule.endpoint in {"static", SIGN_OUT}:
            continue
        names = sorted(rule.arguments)
        for values in product(*(objects[name] for name in names)):
            filled = dict(zip(names, values, strict=True))
            methods = (rule.methods or set()) if known else METHODS - (rule.methods or set())
            for method in sorted(methods):
                path = addresses.build(rule.endpoint, filled, method=None)
                yield Ask(method, rule.endpoint, path, "reference" in names)


class Browser:
    """A browser in which somebody has signed in, with the token that every form carries."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.token = token_of(client.get("/me/notifications/preview").text)

    def send(self, ask: Ask) -> TestResponse:
        """Ask; what is posted carries the token and nothing else."""
        words = {"csrf_token": self.token} if ask.method not in {"GET", "HEAD"} else None
        return self.client.open(ask.path, method=ask.method, data=words)


def told(answer: TestResponse) -> str:
    """Return everything that an answer tells: its headers and its words."""
    return f"{answer.headers}{unescape(answer.text)}"


@contextmanager
def statements(app: Flask) -> Iterator[list[str]]:
    """Collect the statements that run on the database."""
    seen: list[str] = []

    def note(*told: object) -> None:
        seen.append(str(told[2]))

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)
