"""Signing in and out."""

import re
from typing import Final

from flask import Blueprint, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from transition.actions import signing_in
from transition.web.accounts.forms import SignInForm
from transition.web.guard import open_to_all
from transition.web.session import hand_out, take_back
from transition.web.work import my_work

accounts = Blueprint("accounts", __name__)

HERE: Final = re.compile(r"/(?![/\\])[A-Za-z0-9/_?=&.-]*")
"""An address on this site, in the characters that ours are made of."""


@accounts.route("/sign-in", methods=["GET", "POST"])
@open_to_all
def sign_in() -> ResponseReturnValue:
    """Ask who it is, and begin a sign-in with a fresh token."""
    if request.method == "GET" and current_user.is_authenticated:
        return redirect(url_for("home.index"))
    form = SignInForm(next=request.args.get("next", ""))
    if not form.validate_on_submit():
        return _page(form)
    with my_work() as work:
        token = signing_in.sign_in(work, email=form.email.data, password=form.password.data)
    if token is None:
        form.refuse(signing_in.NOT_RIGHT)
        return _page(form)
    session.clear()
    return hand_out(make_response(redirect(_back(form.next.data))), token)


@accounts.route("/sign-out", methods=["POST"])
@open_to_all
def sign_out() -> ResponseReturnValue:
    """End the sign-in, so that its cookie is worth nothing any more."""
    if current_user.is_authenticated:
        with my_work() as work:
            signing_in.sign_out(work, token=current_user.token)
    session.clear()
    return take_back(make_response(redirect(url_for("accounts.sign_in"))))


def _page(form: SignInForm) -> ResponseReturnValue:
    status = 422 if form.errors else 200
    return render_template("accounts/sign_in.html", form=form), status


def _back(asked: str | None) -> str:
    return asked if asked and HERE.fullmatch(asked) else url_for("home.index")
