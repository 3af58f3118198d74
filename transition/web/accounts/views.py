"""Signing in and out."""

from collections.abc import Mapping
from datetime import timedelta
from math import ceil
from typing import Final

from flask import (
    Blueprint,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_login import current_user

from transition.actions import signing_in
from transition.actions.signing_in import Begun
from transition.clock import weekday_and_time
from transition.rules.errors import RuleBroken
from transition.rules.throttling import wait_in_words
from transition.security.passwords import TooMany
from transition.web.accounts.forms import SignInForm
from transition.web.frame import say
from transition.web.guard import open_to_all
from transition.web.session import hand_out, take_back, tells_of_devices, visit, visitor, way_back
from transition.web.work import my_work, now, work_as

accounts = Blueprint("accounts", __name__)

BUSY: Final = (
    "Many people are signing in at this moment. Wait a few seconds, enter your password again and "
    "press Continue."
)


@accounts.route("/sign-in", methods=["GET", "POST"])
@open_to_all
def sign_in() -> ResponseReturnValue:
    """Ask who it is, and begin a sign-in with a fresh token."""
    if request.method == "GET" and current_user.is_authenticated:
        return redirect(url_for("home.index"))
    form = SignInForm(next=request.args.get("next", ""))
    if not form.validate_on_submit():
        return _page(form)
    try:
        begun = _sign_in(form)
    except RuleBroken as refusal:
        form.refuse(refusal)
        return _page(form)
    except _NotNow as refusal:
        form.refuse(str(refusal))
        return _page(form, refusal.status, {"Retry-After": str(refusal.seconds)})
    session.clear()
    if begun.last_at is not None:
        say(f"You last signed in on {weekday_and_time(begun.last_at)}.", "quiet")
    return hand_out(
        make_response(redirect(way_back(form.next.data) or url_for("home.index"))), begun
    )


class _NotNow(Exception):
    """A password is not looked at now; the text says when it will be."""

    def __init__(self, words: str, status: int, seconds: int) -> None:
        super().__init__(words)
        self.status, self.seconds = status, seconds


def _sign_in(form: SignInForm) -> Begun:
    """Begin a sign-in.

    Raises:
        RuleBroken: address or password is not right.
        _NotNow: too many were wrong before, or too many people sign in at once.
    """
    with my_work() as work:
        tried = signing_in.try_to_sign_in(work, email=form.email.data, visit=visit())
    wait = tried.opens_at - now()
    if wait > timedelta():
        words = f"Too many wrong passwords were tried. Try again in {wait_in_words(wait)}."
        raise _NotNow(words, 429, ceil(wait.total_seconds()))
    try:
        right = tried.is_right(form.password.data)
    except TooMany as refusal:
        with my_work() as work:
            signing_in.take_back(work, tried)
        raise _NotNow(BUSY, 503, 5) from refusal
    with my_work() as work:
        begun = None
        if right:
            begun = signing_in.sign_in(
                work, tried, password=form.password.data, visit=visit(), notice=tells_of_devices()
            )
        else:
            signing_in.refuse_sign_in(work, tried)
    if begun is None:
        raise RuleBroken(signing_in.NOT_RIGHT)
    return begun


@accounts.route("/sign-out", methods=["POST"])
@open_to_all
def sign_out() -> ResponseReturnValue:
    """End the sign-in, so that its cookie is worth nothing any more."""
    here = visitor()
    if here is not None:
        with work_as(here.actor) as work:
            signing_in.sign_out(work, token=here.token)
    session.clear()
    return take_back(make_response(redirect(url_for("accounts.sign_in"))))


def _page(
    form: SignInForm, status: int | None = None, headers: Mapping[str, str] | None = None
) -> ResponseReturnValue:
    status = status or (422 if form.errors else 200)
    return render_template("accounts/sign_in.html", form=form), status, dict(headers or {})
