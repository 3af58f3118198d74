"""Who is signed in, by way of Flask-Login, which serves ``current_user`` and no more."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, cast
from urllib.parse import urlsplit

from flask import (
    Flask,
    Request,
    Response,
    current_app,
    g,
    make_response,
    redirect,
    request,
    session,
    url_for,
)
from flask_login import AnonymousUserMixin, LoginManager, current_user

from transition.actions.signing_in import Begun, Visit
from transition.clock import local_day, weekday_and_time
from transition.records.base import db
from transition.records.known_devices import KNOWN_FOR
from transition.records.sign_ins import (
    ABSOLUTE,
    NOTICED,
    Ended,
    SignedIn,
    find_any_sign_in,
    find_sign_in,
    lasts_until,
)
from transition.rules.devices import device_of
from transition.rules.people import Actor
from transition.rules.second_steps import FRESH_FOR
from transition.security.passkeys import Place
from transition.settings import is_figures
from transition.web.frame import say
from transition.web.work import note_seen, today

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


def passkeys_here() -> Place | None:
    """Return where passkeys belong to; None where the tracker's address is in figures."""
    origin = current_app.config["POST"].base_url
    host = urlsplit(origin).hostname or ""
    return None if is_figures(host) else Place(host, origin)


def tells_of_devices() -> bool:
    """Return whether a letter tells of new devices: the people of a demonstration share theirs."""
    return not current_app.config["DEMO"]


LONG: Final = "We signed you out because you had been signed in for 12 hours."
WHY_IDLE: Final = "We signed you out because you had not used the tracker for 30 minutes."
HALF: Final = "Sign in again: the second step took too long."
WHY: Final = {
    Ended.SIGNED_OUT: "You signed out.",
    Ended.ELSEWHERE: "We signed you out because you signed in on another device.",
    Ended.ENDED_BY_OWNER: "We signed you out because you ended this sign-in on another device.",
    Ended.PASSWORD: "We signed you out because your password was changed.",
    Ended.ACCESS: "We signed you out because your access was changed.",
}
"""What the sign-in page says to a browser that comes back."""


def cookie_name(name: str = COOKIE) -> str:
    """Return a cookie's name; in production one that a browser keeps to this host and to TLS."""
    return f"__Host-{name}" if current_app.config["SESSION_COOKIE_SECURE"] else name


def hand_out(response: Response, begun: Begun) -> Response:
    """Give the visitor the cookie of their sign-in, and the one that tells this browser again.

    The first ends with the browser, the second stays; half of a sign-in leaves it as it is.
    """
    set_cookie(response, COOKIE, begun.token)
    if begun.device_token:
        set_cookie(response, DEVICE, begun.device_token, max_age=KNOWN_FOR)
    return response


def let_in(begun: Begun, back: str) -> Response:
    """Send somebody whose sign-in has begun on to where they wanted, with its cookies."""
    return begin(make_response(redirect(way_back(back) or url_for("home.index"))), begun)


def begin(response: Response, begun: Begun) -> Response:
    """Give a visitor the cookies of a sign-in that has begun; what forms carried before is void."""
    session.clear()
    if begun.last_at is not None:
        say(f"You last signed in on {weekday_and_time(begun.last_at)}.", "quiet")
    return hand_out(response, begun)


def set_cookie(
    response: Response, name: str, token: str, *, max_age: timedelta | None = None
) -> None:
    """Give a browser a cookie that no script and no other site reads."""
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
        token=_token(request) or "",
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


def lapsed() -> SignedIn | None:
    """Return the sign-in that this browser had until it lapsed or was ended."""
    token = None if "no_database" in g else _token(request)
    found = find_any_sign_in(db.session(), token) if token is not None else None
    now = current_app.config["CLOCK"].now()
    lasts = found is not None and found.ended_because is None and now < found.until
    return None if lasts and found and found.actor(today()) else found


def lapsed_writer() -> Actor | None:
    """Return who wrote what this browser sends, if it comes after their time was over.

    What comes with a cookie that its owner has given up is nobody's.
    """
    found = lapsed()
    if found is None or found.given_up or found.half:
        return None
    return found.writer(local_day(current_app.config["CLOCK"].now()))


def why_signed_out(found: SignedIn) -> str:
    """Return why a sign-in is over, in a sentence."""
    if found.ended_because is not None:
        return WHY[found.ended_because]
    if found.half:
        return HALF
    now = current_app.config["CLOCK"].now()
    if now < found.until:
        return WHY[Ended.ACCESS]
    return LONG if now >= found.began_at + ABSOLUTE else WHY_IDLE


def _token(asked: Request) -> str | None:
    token = asked.cookies.get(cookie_name())
    return token if token and token.isascii() else None


def _tell_of_dead(found: SignedIn | None) -> None:
    """Leave an entry where a cookie is shown whose sign-in was ended, or that grants nothing."""
    if found is not None and (found.ended_because or found.actor(today()) is None):
        note_seen("sign-in:dead", about=found.staff_uid.hex(), outcome="refused")


def _visitor(asked: Request) -> Any:  # noqa: ANN401 - Flask-Login's own
    token = None if "no_database" in g else _token(asked)
    if token is None:
        return None
    now = current_app.config["CLOCK"].now()
    found = find_sign_in(db.session(), token, now=now)
    actor = found.actor(local_day(now)) if found is not None else None
    if found is None or actor is None:
        _tell_of_dead(find_any_sign_in(db.session(), token))
        return None
    if now - found.last_seen_at >= NOTICED:
        g.seen_now = found.uid
    until = found.until if found.half else lasts_until(found.began_at, now)
    return Visitor(
        actor, token, until, found.uid, found.fresh_at + FRESH_FOR, is_authenticated=not found.half
    )
