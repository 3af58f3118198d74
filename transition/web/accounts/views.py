"""Signing in and out."""

from collections.abc import Mapping

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
from transition.rules.errors import RuleBroken
from transition.web.accounts.forms import SignInForm
from transition.web.accounts.trying import NotNow, look_at
from transition.web.guard import open_to_all
from transition.web.session import (
    lapsed,
    let_in,
    take_back,
    tells_of_devices,
    visit,
    visitor,
    why_signed_out,
)
from transition.web.work import my_work, providers, work_as

accounts = Blueprint("accounts", __name__)


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
    except NotNow as refusal:
        form.refuse(refusal)
        return _page(form, refusal.status, refusal.headers)
    except RuleBroken as refusal:
        form.refuse(refusal)
        return _page(form)
    return let_in(begun, form.next.data)


def _sign_in(form: SignInForm) -> Begun:
    """Begin a sign-in.

    Raises:
        NotNow: the password is not looked at now.
        RuleBroken: address or password is not right.
    """
    tried, right = look_at(form.email.data, form.password.data)
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
    was = lapsed()
    why = why_signed_out(was) if was is not None and request.method == "GET" else ""
    page = render_template("accounts/sign_in.html", form=form, why=why, providers=providers())
    response = make_response(page, status, dict(headers or {}))
    # What lapsed stays: another tab may still send what was written in it.
    return take_back(response) if was is not None and was.given_up else response
