"""Sending a browser to the provider of a work account, and taking it back from there."""

from typing import Final

from flask import abort, current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from transition.actions.work_accounts import ask, come_back, refuse_work_account
from transition.records.work_accounts import Ask
from transition.rules.errors import RuleBroken
from transition.rules.work_accounts import ASK_LASTS, Purpose
from transition.security.issuers import (
    Client,
    NotReached,
    NotShown,
    Shown,
    address_to_ask,
    who_is_shown,
)
from transition.web.frame import say
from transition.web.session import cookie_name, set_cookie, visit
from transition.web.work import catalogue, my_work, now

COOKIE: Final = "work_account"

NOT_FINISHED: Final = (
    "That sign-in was not finished: it took longer than ten minutes, or it was begun in another "
    "window. Begin again."
)
NOT_SHOWN: Final = "Your work account did not show who you are. Begin again."
NOT_REACHED: Final = (
    "The sign-in of your work account does not answer. Try again in a few minutes, or use another "
    "way to sign in if you have one."
)


def client_of(key: str) -> Client:
    """Return what the tracker is to an organisation's provider, or answer that there is none."""
    its = catalogue().collaborative.providers.get(key)
    if its is None:
        abort(404)
    base = current_app.config["POST"].base_url
    return Client(
        issuer=its.issuer,
        client_id=its.client_id,
        secret=current_app.config["CLIENT_SECRETS"][key],
        redirect_uri=base + url_for("work_accounts.back", key=key),
    )


def returned(purpose: Purpose, back: str) -> ResponseReturnValue:
    """Go back to where somebody was before they were sent away in vain."""
    return redirect(
        {
            Purpose.SIGN_IN: url_for("accounts.sign_in", next=back or None),
            Purpose.AGAIN: url_for("second_steps.password", next=back or None),
            Purpose.LINK: url_for("work_accounts.show"),
            Purpose.INVITATION: url_for("people.accept", key=back or "-"),
        }[purpose]
    )


def sent_away(key: str, purpose: Purpose, back: str = "") -> ResponseReturnValue:
    """Send a browser to a provider by a page that leads there.

    No redirect: browsers take a form that is led elsewhere as one that is sent elsewhere.
    """
    client = client_of(key)
    try:
        with my_work() as work:
            token, asked = ask(work, key, purpose, visit=visit(), back=back)
        address = address_to_ask(client, asked, again=purpose is Purpose.AGAIN)
    except (RuleBroken, NotReached) as refusal:
        say(str(refusal) or NOT_REACHED, "problem")
        return returned(purpose, back)
    name = catalogue().collaborative.employers[key]
    page = render_template("work_accounts/going.html", address=address, name=name)
    answer = make_response(page)
    answer.headers["Refresh"] = f"0; url={address}"
    set_cookie(answer, COOKIE, token, max_age=ASK_LASTS)
    return answer


def taken_back(key: str) -> Ask | None:
    """Return for what the browser was sent away that comes back now, once."""
    token = request.cookies.get(cookie_name(COOKIE), "")
    with my_work() as work:
        return come_back(work, key, token=token, state=request.args.get("state", ""))


def shown_by(client: Client, found: Ask) -> Shown | None:
    """Return whom the provider saw; None after a sentence that says why not."""
    code = request.args.get("code", "")
    try:
        return who_is_shown(client, found.asked, code, now=now())
    except NotReached:
        say(NOT_REACHED, "problem")
    except NotShown:
        say(NOT_SHOWN, "problem")
    with my_work() as work:
        refuse_work_account(work)
    return None
