"""A provider of work accounts on this machine, which really signs, and lies where it is told to."""

import base64
import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import requests
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import RSAKey
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.test import TestResponse
from werkzeug.wrappers import Request, Response

from tests.builders import post
from transition.app import Tracker
from transition.rules.organisations import Collaborative, WorkAccounts

CLIENT, SECRET = "transition-tracker", "told to nobody"
KEY: Final = RSAKey.generate_key(2048, {"kid": "of-today", "use": "sig"})
LIFE: Final = 300


class Quiet(WSGIRequestHandler):
    """Says nothing of what it is asked."""

    def log(self, *_: object) -> None:
        """Say nothing."""


@dataclass
class Issuer:
    """A provider. Whoever comes is `subject`; what it claims and how it answers can be changed."""

    app: Tracker
    subject: str = "ruth-248289761001"
    says: dict[str, Any] = field(default_factory=dict)
    """Claims said otherwise; None leaves one out."""
    about: dict[str, Any] = field(default_factory=dict)
    """What it says of itself, said otherwise."""
    sign: Callable[[dict[str, Any]], str] | None = None
    """How it signs, where not with its own key."""
    broken: dict[str, Response] = field(default_factory=dict)
    """What it answers at an address, whatever it is asked."""
    hang: threading.Event | None = None
    """Until when it does not answer at all."""
    address: str = ""
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)

    def __call__(self, environ: Any, start: Any) -> Any:  # noqa: ANN401 - as WSGI has it
        """Answer one request."""
        request = Request(environ)
        if self.hang is not None:
            self.hang.wait()
        pages: dict[str, Callable[[Request], Response]] = {
            "/.well-known/openid-configuration": self._about,
            "/authorize": self._authorize,
            "/token": self._token,
            "/keys": lambda _: _json({"keys": [KEY.as_dict(private=False)]}),
        }
        answer = self.broken.get(request.path) or pages[request.path](request)
        return answer(environ, start)

    def _about(self, _: Request) -> Response:
        about = {
            "issuer": self.address,
            "authorization_endpoint": f"{self.address}/authorize",
            "token_endpoint": f"{self.address}/token",
            "jwks_uri": f"{self.address}/keys",
        }
        return _json(about | self.about)

    def _authorize(self, request: Request) -> Response:
        """Send a browser back with a code, as after a sign-in at the provider."""
        asked = dict(request.args)
        self.asked.append(asked)
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT
        assert asked["scope"] == "openid"
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{len(self.asked)}"
        self.codes[code] = asked
        words = urlencode({"code": code, "state": asked["state"]})
        return Response("", HTTPStatus.FOUND, {"Location": f"{asked['redirect_uri']}?{words}"})

    def _token(self, request: Request) -> Response:
        """Redeem a code, once, for whoever knows its verifier and our secret."""
        sent = request.form
        asked = self.codes.pop(sent["code"], None)
        known = request.authorization is not None and request.authorization.password == SECRET
        if asked is None or not known or asked["redirect_uri"] != sent["redirect_uri"]:
            return _json({"error": "invalid_grant"}, HTTPStatus.BAD_REQUEST)
        digest = hashlib.sha256(sent["code_verifier"].encode()).digest()
        if base64.urlsafe_b64encode(digest).decode().rstrip("=") != asked["code_challenge"]:
            return _json({"error": "invalid_grant"}, HTTPStatus.BAD_REQUEST)
        now = int(self.app.config["CLOCK"].now().timestamp())
        claims: dict[str, Any] = {
            "iss": self.address,
            "sub": self.subject,
            "aud": CLIENT,
            "iat": now,
            "exp": now + LIFE,
            "auth_time": now,
            "nonce": asked["nonce"],
            "email": "nurse@naomi.example",
        }
        claims = {key: each for key, each in (claims | self.says).items() if each is not None}
        word = self.sign(claims) if self.sign else signed(claims)
        return _json({"access_token": "a-token", "token_type": "Bearer", "id_token": word})


def sent(client: FlaskClient, page: str, path: str, **words: str) -> str:
    """Begin on a page, and return the address at the provider to which its browser is led."""
    answer = post(client, page, path, **words)
    assert answer.status_code == HTTPStatus.OK, answer.location
    return str(answer.headers["Refresh"]).removeprefix("0; url=")


def seen(address: str) -> str:
    """Sign in at the provider, and return the path to which it sends the browser back."""
    answer = requests.get(address, allow_redirects=False, timeout=10)
    back = urlsplit(answer.headers["Location"])
    assert back.netloc == "localhost:8000"
    return f"{back.path}?{back.query}"


def shown(client: FlaskClient, page: str, path: str, **words: str) -> TestResponse:
    """Go there and back, and return what the tracker answers then."""
    return client.get(seen(sent(client, page, path, **words)))


def signed(claims: dict[str, Any], key: Any = KEY, alg: str = "RS256") -> str:  # noqa: ANN401 - a key of any kind
    """Return claims, signed."""
    return jwt.encode({"alg": alg, "kid": KEY.kid}, claims, key, algorithms=[alg])


def unsigned(claims: dict[str, Any]) -> str:
    """Return claims that nobody signed."""
    return f"{written({'alg': 'none'})}.{written(claims)}."


def written(words: dict[str, Any]) -> str:
    """Return words as they stand in a signed answer."""
    return base64.urlsafe_b64encode(json.dumps(words).encode()).decode().rstrip("=")


def _json(words: object, status: int = HTTPStatus.OK) -> Response:
    return Response(json.dumps(words), status, mimetype="application/json")


@contextmanager
def issuer_for(app: Tracker, *organisations: str, **words: Any) -> Iterator[Issuer]:  # noqa: ANN401 - of the file
    """Yield a provider that runs, with which the staff of these organisations sign in."""
    issuer = Issuer(app)
    server = make_server("127.0.0.1", 0, issuer, threaded=True, request_handler=Quiet)
    issuer.address = f"http://127.0.0.1:{server.port}"
    accounts = {"issuer": issuer.address, "client_id": CLIENT, "second_factor": ("mfa",)}
    configure(app, organisations, WorkAccounts(**accounts | words))
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    try:
        yield issuer
    finally:
        server.shutdown()
        serving.join()
        server.server_close()


def configure(app: Tracker, organisations: tuple[str, ...], accounts: WorkAccounts) -> None:
    """Let the staff of these organisations sign in with a provider."""
    catalogue = app.config["CATALOGUE"]
    known: Collaborative = catalogue.collaborative
    known = replace(
        known,
        work_accounts=accounts if "collaborative" in organisations else None,
        organisations=tuple(
            replace(one, work_accounts=accounts if one.key in organisations else None)
            for one in known.organisations
        ),
    )
    app.config["CATALOGUE"] = replace(catalogue, collaborative=known)
    app.config["CLIENT_SECRETS"] = dict.fromkeys(organisations, SECRET)
