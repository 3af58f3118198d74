"""A provider of work accounts (OpenID Connect): where it asks people, and whom it says it saw.

The code it sends back is redeemed here, and what it gives for it is read and let go: none of its
tokens is kept or told. Nothing is remembered between two questions either, so that its newest keys
count. What speaks to it is loaded only when somebody signs in so.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from authlib.integrations.requests_client import OAuth2Session

ALGORITHMS: Final = ("RS256", "PS256", "ES256")
"""How an answer may be signed: always with a key of the provider's own."""

KINDS_OF_KEY: Final = ("RSA", "EC")

PATIENCE: Final = (3.05, 5.0)
"""Seconds for reaching a provider, and for each of its answers."""

CLOCKS_APART: Final = 60
"""Seconds that its clock may be from ours."""

LONGEST_SUBJECT: Final = 255


class NotReached(Exception):
    """The provider does not answer, or not as the protocol asks."""


class NotShown(Exception):
    """What came back does not show who somebody is."""


@dataclass(frozen=True)
class Client:
    """What the tracker is to one provider."""

    issuer: str
    client_id: str
    secret: str = field(repr=False)
    redirect_uri: str


@dataclass(frozen=True)
class Asked:
    """What one question carries, each at random: its answer is to fit all three."""

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)


@dataclass(frozen=True)
class Shown:
    """Whom the provider saw: its own number for them, how they showed it, and when."""

    issuer: str
    subject: str = field(repr=False)
    ways: frozenset[str]
    at: datetime | None


def address_to_ask(client: Client, asked: Asked, *, again: bool = False) -> str:
    """Return the address at which a browser is asked who it is; *again*, even if just now.

    Raises:
        NotReached: the provider does not say where.
    """
    with _session(client) as session:
        about = _about(session, client)
        more = {"prompt": "login", "max_age": "0"} if again else {}
        address, _ = session.create_authorization_url(
            about["authorization_endpoint"],
            state=asked.state,
            code_verifier=asked.verifier,
            nonce=asked.nonce,
            **more,
        )
    return str(address)


def who_is_shown(client: Client, asked: Asked, code: str, *, now: datetime) -> Shown:
    """Return whom a provider's answer shows, once its code was redeemed and all of it fits.

    Raises:
        NotReached: the provider does not answer.
        NotShown: the code is worth nothing, or what it gave does not hold.
    """
    if not code:
        raise NotShown
    with _session(client) as session:
        about = _about(session, client)
        given = _redeem(session, about["token_endpoint"], code, asked.verifier)
        keys = _read(session, about["jwks_uri"])
    return _proved(client, asked, given, keys, int(now.timestamp()))


def _session(client: Client) -> "OAuth2Session":
    from authlib.integrations.requests_client import OAuth2Session

    return OAuth2Session(
        client.client_id,
        client.secret,
        scope="openid",
        redirect_uri=client.redirect_uri,
        code_challenge_method="S256",
        default_timeout=PATIENCE,
    )


def _about(session: "OAuth2Session", client: Client) -> Mapping[str, Any]:
    """Return what a provider says of itself, if it is the one we mean."""
    about = _read(session, f"{client.issuer.rstrip('/')}/.well-known/openid-configuration")
    places = [about.get(f"{one}_endpoint") for one in ("authorization", "token")]
    places.append(about.get("jwks_uri"))
    safe = urlsplit(client.issuer).scheme
    there = all(isinstance(one, str) and urlsplit(one).scheme == safe for one in places)
    if about.get("issuer") != client.issuer or not there:
        raise NotReached
    return about


def _read(session: "OAuth2Session", address: str) -> Mapping[str, Any]:
    from requests import RequestException

    try:
        answer = session.get(address, withhold_token=True, allow_redirects=False)
        found = answer.json()
    except RequestException as trouble:
        raise NotReached from trouble
    if answer.status_code != HTTPStatus.OK or not isinstance(found, dict):
        raise NotReached
    return found


def _redeem(session: "OAuth2Session", address: str, code: str, verifier: str) -> str:
    """Return what a code is worth: a signed word of the provider's."""
    from authlib.integrations.base_client import OAuthError
    from requests import RequestException

    words = {"grant_type": "authorization_code", "code": code, "code_verifier": verifier}
    try:
        given = session.fetch_token(address, allow_redirects=False, **words)
        word = given["id_token"]
    except OAuthError as refusal:
        raise NotShown from refusal
    except (RequestException, KeyError, TypeError, ValueError) as trouble:
        raise NotReached from trouble
    return str(word)


def _proved(client: Client, asked: Asked, given: str, keys: Mapping[str, Any], now: int) -> Shown:
    """Return whom a provider's word shows, if its signature and all that it claims hold."""
    from authlib.oidc.core import CodeIDToken
    from joserfc import jwt
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet

    must = {"iss": client.issuer, "aud": client.client_id}
    options = {name: {"essential": True, "value": value} for name, value in must.items()}
    params = {"client_id": client.client_id, "nonce": asked.nonce}
    try:
        known = [one for one in keys["keys"] if one["kty"] in KINDS_OF_KEY]
        token = jwt.decode(given, KeySet.import_key_set({"keys": known}), algorithms=ALGORITHMS)
        claims = CodeIDToken(token.claims, token.header, options, params)
        claims.validate(now=now, leeway=CLOCKS_APART)
        return _shown(client.issuer, claims)
    except (JoseError, KeyError, TypeError, ValueError) as refusal:
        raise NotShown from refusal


def _shown(issuer: str, claims: Mapping[str, Any]) -> Shown:
    subject, at = claims["sub"], claims.get("auth_time")
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT:
        raise ValueError("It does not say who.")
    ways = [*claims.get("amr", []), claims.get("acr")]
    return Shown(
        issuer=issuer,
        subject=subject,
        ways=frozenset(one for one in ways if isinstance(one, str)),
        at=datetime.fromtimestamp(at, UTC) if at is not None else None,
    )
