"""Who is signed in, by way of Flask-Login, which serves ``current_user`` and no more."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, cast

from flask import Flask, Request, Response, current_app, g, request
from flask_login import AnonymousUserMixin, LoginManager, current_user

from transition.actions.signing_in import Begun, Visit
from transition.clock import local_day
from transition.records.base import db
from transition.records.known_devices import KNOWN_FOR
from transition.records.sign_ins import (
    NOTICED,
    find_sign_in,
    find_unended,
    lasts_until,
    whose_ended,
)
from transition.rules.devices import device_of
from transition.rules.people import Actor
from transition.rules.second_steps import FRESH_FOR
from transition.web.work import note_seen

COOKIE: Final = "sign_in"
DEVICE: Final = "device"
"""The cookie by which a browser is known in which somebody has signed in. It opens nothing."""

HERE: Final = re.compile(r"/(?![/\\])[A-Za-z0-9/_?=&.-]*")
"""An address on this site, in the characters that ours are made of."""

DRAWN: Final = re.compile(r"[\w-]{43}", re.ASCII)
"""A token as we draw them."""


@dataclass(frozen=True)
class Visitor:
    """Somebody who is signed in, or half so: then they are nobody to every page but a few."""

    actor: Actor
    token: str
    until: datetime
    sign_in_uid: bytes
    fresh_until: datetime
    is_authenticated: bool
    is_active: bool = True
    is_anonymous: bool = False

    def get_id(self) -> str:
        """Return nothing of use: nobody is remembered by Flask-Login."""
        return ""


def way_back(asked: str | None) -> str:
    """Return the address that was asked for before signing in, if it is one of ours, else none."""
    return asked if asked and HERE.fullmatch(asked) else ""


def tells_of_devices() -> bool:
    """Return whether a letter tells of new devices: the people of a demonstration share theirs."""
    return not current_app.config["DEMO"]


def cookie_name(name: str = COOKIE) -> str:
    """Return a cookie's name; in production one that a browser keeps to this host and to TLS."""
    return f"__Host-{name}" if current_app.config["SESSION_COOKIE_SECURE"] else name


def hand_out(response: Response, begun: Begun) -> Response:
    """Give the visitor the cookie of their sign-in, and the one that tells this browser again.

    The first ends with the browser, the second stays; half of a sign-in leaves it as it is.
    """
    _set(response, COOKIE, begun.token)
    if begun.device_token:
        _set(response, DEVICE, begun.device_token, max_age=KNOWN_FOR)
    return response


def _set(response: Response, name: str, token: str, *, max_age: timedelta | None = None) -> None:
    response.set_cookie(
        cookie_name(name),
        token,
        max_age=max_age,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
        path="/",
    )


def visit() -> Visit:
    """Return what this browser brings along to a sign-in."""
    token = request.cookies.get(cookie_name(DEVICE), "")
    return Visit(
        source=request.remote_addr or "",
        device_token=token if DRAWN.fullmatch(token) else "",
        device=device_of(request.user_agent.string),
    )


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


def visitor() -> Visitor | None:
    """Return who has shown their password, be it half of a sign-in; None for a stranger."""
    return cast("Visitor", current_user) if hasattr(current_user, "token") else None


def lapsed_actor() -> Actor | None:
    """Return whose sign-in this browser had until its time was over."""
    token = _token(request)
    if token is None:
        return None
    found = find_unended(db.session(), token)
    today = local_day(current_app.config["CLOCK"].now())
    return found.actor(today) if found is not None and not found.half else None


def _token(asked: Request) -> str | None:
    token = asked.cookies.get(cookie_name())
    return token if token and token.isascii() else None


def _tell_of_dead(staff_uid: bytes | None) -> None:
    """Leave an entry where a cookie is shown whose sign-in was ended, or that grants nothing."""
    if staff_uid is not None:
        note_seen("sign-in:dead", about=staff_uid.hex(), outcome="refused")


def _visitor(asked: Request) -> Any:  # noqa: ANN401 - Flask-Login's own
    token = None if "no_database" in g else _token(asked)
    if token is None:
        return None
    now = current_app.config["CLOCK"].now()
    found = find_sign_in(db.session(), token, now=now)
    actor = found.actor(local_day(now)) if found is not None else None
    if found is None or actor is None:
        _tell_of_dead(found.staff_uid if found else whose_ended(db.session(), token))
        return None
    if now - found.last_seen_at >= NOTICED:
        g.seen_now = found.uid
    until = found.until if found.half else lasts_until(found.began_at, now)
    return Visitor(
        actor, token, until, found.uid, found.fresh_at + FRESH_FOR, is_authenticated=not found.half
    )
