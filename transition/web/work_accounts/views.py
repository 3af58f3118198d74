"""Signing in with a work account, and linking one."""

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from transition.actions.invitations import opened_by
from transition.actions.signing_in import Begun
from transition.actions.work import Work
from transition.actions.work_accounts import (
    link,
    show_again,
    sign_in_with,
    take_invitation,
    unlink,
)
from transition.records.work_accounts import Ask, work_account_of
from transition.rules.access import Permission
from transition.rules.errors import RuleBroken
from transition.rules.work_accounts import Purpose
from transition.security.issuers import Shown
from transition.web.frame import say
from transition.web.guard import fresh, open_to_all, requires
from transition.web.session import (
    hand_out,
    let_in,
    tells_of_devices,
    visit,
    visitor,
    way_back,
)
from transition.web.work import catalogue, looking, me, my_work, reading
from transition.web.work_accounts.asking import (
    NOT_FINISHED,
    client_of,
    returned,
    sent_away,
    shown_by,
    taken_back,
)

work_accounts = Blueprint("work_accounts", __name__)

NOT_HERE = (
    "This work account signs nobody in here. Use another way to sign in, or ask whoever looks "
    "after accounts in your hospice."
)
NOT_YOURS = "That was not your work account, or it was not shown anew with a second factor."
NOT_LINKED = "This work account cannot be linked. Ask whoever looks after accounts in your hospice."
OPENS_NOTHING = "This work account cannot be used for this invitation."


@work_accounts.route("/sign-in/work-account/<key>", methods=["POST"])
@open_to_all
def begin(key: str) -> ResponseReturnValue:
    """Send somebody to show their work account: to sign in, or again if they are signed in."""
    purpose = Purpose.AGAIN if current_user.is_authenticated else Purpose.SIGN_IN
    return sent_away(key, purpose, way_back(request.form.get("next")))


@work_accounts.route("/invitations/<key>/work-account", methods=["POST"])
@open_to_all
def begin_invited(key: str) -> ResponseReturnValue:
    """Send somebody who was invited to show the work account with which they accept."""
    invitation = opened_by(looking(), key)
    if invitation is None:
        abort(404)
    return sent_away(invitation.organisation, Purpose.INVITATION, key)


@work_accounts.route("/sign-in/work-account/<key>/back")
@open_to_all
def back(key: str) -> ResponseReturnValue:
    """Take somebody back from the provider of their work account."""
    client = client_of(key)
    found = taken_back(key)
    if found is None:
        say(NOT_FINISHED, "problem")
        return returned(Purpose.SIGN_IN, "")
    shown = shown_by(client, found)
    return returned(found.purpose, found.back) if shown is None else _settled(key, found, shown)


def _settled(key: str, found: Ask, shown: Shown) -> ResponseReturnValue:
    """Do what a work account was shown for."""
    if found.purpose is Purpose.LINK:
        return _linked(key, shown)
    refusal = {
        Purpose.SIGN_IN: NOT_HERE,
        Purpose.AGAIN: NOT_YOURS,
        Purpose.INVITATION: OPENS_NOTHING,
    }[found.purpose]
    try:
        with my_work() as work:
            begun = _begun(work, key, found, shown)
    except RuleBroken:
        begun = None
    if begun is None:
        say(refusal, "problem")
        return returned(found.purpose, found.back)
    if found.purpose is Purpose.AGAIN:
        return hand_out(make_response(redirect(found.back or url_for("home.index"))), begun)
    return let_in(begun, found.back)


def _begun(work: Work, key: str, found: Ask, shown: Shown) -> Begun | None:
    if found.purpose is Purpose.INVITATION:
        return take_invitation(work, key, shown, found.back, visit=visit())
    here = visitor()
    if found.purpose is Purpose.AGAIN and here is not None:
        token = show_again(work, key, shown, here.token, found)
        return Begun(token, "", None) if token else None
    return sign_in_with(work, key, shown, visit=visit(), notice=tells_of_devices())


def _linked(key: str, shown: Shown) -> ResponseReturnValue:
    try:
        with my_work() as work:
            done = link(work, key, shown)
    except RuleBroken:
        done = False
    say("Your work account is linked." if done else NOT_LINKED, "done" if done else "problem")
    return redirect(url_for("work_accounts.show"))


@work_accounts.route("/me/work-account", methods=["GET", "POST"])
@requires(Permission.OWN_SECOND_STEP)
@fresh
def show() -> ResponseReturnValue:
    """Show with which work account the reader signs in; link one, or forget it."""
    key, problem = me().organisation, ""
    if key not in catalogue().collaborative.providers:
        abort(404)
    mine = work_account_of(reading(), me().uid or b"")
    if request.method == "POST" and mine is None:
        return sent_away(key, Purpose.LINK)
    if request.method == "POST":
        try:
            with my_work() as work:
                unlink(work)
        except RuleBroken as refusal:
            problem = str(refusal)
        else:
            say("Your work account is linked no longer.", "done")
            return redirect(url_for("accounts.me"))
    name = catalogue().collaborative.employers[key]
    page = render_template("work_accounts/show.html", mine=mine, name=name, problem=problem)
    return page, 422 if problem else 200
