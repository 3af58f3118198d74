"""Who is signed in, by way of Flask-Login, which serves ``current_user`` and no more."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from flask import Flask, Request, Response, current_app, g, request
from flask_login import AnonymousUserMixin, LoginManager

from transition.clock import local_day
from transition.records.base import db
from transition.records.sign_ins import NOTICED, find_sign_in, find_unended, lasts_until
from transition.rules.people import Actor

COOKIE: Final = "sign_in"


@dataclass(frozen=True)
class Visitor:
    """Somebody who is signed in."""

    actor: Actor
    token: str
    until: datetime
    sign_in_uid: bytes
    is_authenticated: bool = True
    is_active: bool = True
    is_anonymous: bool = False

    def get_id(self) -> str:
        """Return nothing of use: nobody is remembered by Flask-Login."""
        return ""


def cookie_name() -> str:
    """Return the cookie's name; in production one that a browser keeps to this host and to TLS."""
    return f"__Host-{COOKIE}" if current_app.config["SESSION_COOKIE_SECURE"] else COOKIE


def hand_out(response: Response, token: str) -> Response:
    """Give the visitor the cookie of their sign-in. It ends with the browser."""
    response.set_cookie(
        cookie_name(),
        token,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
        path="/",
    )
    return response


def take_back(response: Response) -> Response:
    """Take the cookie of a sign-in back."""
    response.delete_cookie(cookie_name(), path="/", httponly=True, samesite="Lax")
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


def watch_sign_ins(app: Flask) -> None:
    """Let ``current_user`` be whoever the cookie of a sign-in belongs to."""
    manager = LoginManager(app)
    manager.session_protection = None
    manager.anonymous_user = AnonymousUserMixin
    manager.request_loader(_visitor)


def lapsed_actor() -> Actor | None:
    """Return whose sign-in this browser had until its time was over."""
    token = _token(request)
    if token is None:
        return None
    found = find_unended(db.session(), token)
    today = local_day(current_app.config["CLOCK"].now())
    return found.actor(today) if found is not None else None


def _token(asked: Request) -> str | None:
    token = asked.cookies.get(cookie_name())
    return token if token and token.isascii() else None


def _visitor(asked: Request) -> Any:  # noqa: ANN401 - Flask-Login's own
    token = None if "no_database" in g else _token(asked)
    if token is None:
        return None
    now = current_app.config["CLOCK"].now()
    found = find_sign_in(db.session(), token, now=now)
    actor = found.actor(local_day(now)) if found is not None else None
    if found is None or actor is None:
        return None
    if now - found.last_seen_at >= NOTICED:
        g.seen_now = found.uid
    return Visitor(actor, token, lasts_until(found.began_at, now), found.uid)
