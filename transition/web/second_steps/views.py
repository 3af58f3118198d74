"""Showing a second time who one is: after the password, and again before what matters."""

from typing import Final

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from transition.actions.passkeys import ask_for_passkey, use_passkey
from transition.actions.second_steps import use_app, use_password, use_recovery_code
from transition.actions.signing_in import has_password
from transition.records.second_steps import SecondSteps
from transition.records.staff import Staff
from transition.records.work_accounts import work_account_of
from transition.rules.errors import RuleBroken
from transition.web.forms import Form
from transition.web.guard import after_password
from transition.web.second_steps.forms import AgainForm, CodeForm, PasskeyForm, RecoveryForm
from transition.web.second_steps.going_on import (
    another_way,
    back,
    begun,
    go_on,
    is_over,
    own_steps,
    who,
)
from transition.web.session import passkeys_here
from transition.web.work import looking, me, reading, work_as

second_steps = Blueprint("second_steps", __name__)

NOT_RIGHT: Final = {
    "code": "That code is not right, or was used before. Wait for the next one, and enter it",
    "recovery": "That is none of your recovery codes, or it was used before",
    "passkey": "That did not work. Try once more, or use another way",
    "password": "The password is not right",
}


@second_steps.route("/sign-in/code", methods=["GET", "POST"])
@after_password
def code() -> ResponseReturnValue:
    """Ask for the code of an app; who has none goes to where they are asked instead."""
    own, form, here = own_steps(), CodeForm(), who()
    if own.app is None:
        return another_way(own)
    if not form.validate_on_submit():
        return _page("code", form, own)
    try:
        with work_as(here.actor) as work:
            new = begun(work, use_app(work, here.token, form.code.data))
    except RuleBroken as refusal:
        form.refuse(refusal)
        return is_over() or _page("code", form, own)
    return go_on(new) if new else _refused("code", form, own)


@second_steps.route("/sign-in/recovery", methods=["GET", "POST"])
@after_password
def recovery() -> ResponseReturnValue:
    """Ask for a recovery code."""
    own, form, here = own_steps(), RecoveryForm(), who()
    if not own.codes_left:
        return another_way(own)
    if not form.validate_on_submit():
        return _page("recovery", form, own)
    with work_as(here.actor) as work:
        new = begun(work, use_recovery_code(work, here.token, form.code.data))
    return go_on(new) if new else _refused("recovery", form, own)


@second_steps.route("/sign-in/passkey", methods=["GET", "POST"])
@after_password
def passkey() -> ResponseReturnValue:
    """Ask for a passkey. What it signs is drawn anew each time the page is shown."""
    own, form, here, place = own_steps(), PasskeyForm(), who(), passkeys_here()
    if not own.passkeys:
        return another_way(own)
    if place is None or not form.validate_on_submit():
        return _page("passkey", form, own)
    with work_as(here.actor) as work:
        new = begun(work, use_passkey(work, here.token, place, form.answer.data))
    return go_on(new) if new else _refused("passkey", form, own)


@second_steps.route("/sign-in/again", methods=["GET", "POST"])
@after_password
def password() -> ResponseReturnValue:
    """Ask for the password again: of somebody in a demonstration who has no second step."""
    own, form, here = own_steps(), AgainForm(), who()
    if own.number or not here.is_authenticated:
        return another_way(own)
    if not form.validate_on_submit():
        return _page("password", form, own)
    with work_as(here.actor) as work:
        new = begun(work, use_password(work, here.token, form.password.data))
    return go_on(new) if new else _refused("password", form, own)


def _refused(page: str, form: Form, own: SecondSteps) -> ResponseReturnValue:
    form.refuse(NOT_RIGHT[page])
    return is_over() or _page(page, form, own)


def _page(page: str, form: Form, own: SecondSteps) -> ResponseReturnValue:
    here, place, options = who(), passkeys_here(), ""
    if page == "passkey" and place is not None:
        with work_as(here.actor) as work:
            options = ask_for_passkey(work, here.token, place)
    words = {"form": form, "own": own, "back": back(), "again": here.is_authenticated}
    words |= {"options": options, "passkeys_work": place is not None}
    if page == "password":
        words |= _without_a_step()
    return render_template(f"second_steps/{page}.html", **words), 422 if form.errors else 200


def _without_a_step() -> dict[str, object]:
    """Return what somebody without a second step can show again: password, or work account."""
    colleague = reading().get_one(Staff, me().uid)
    linked = work_account_of(reading(), colleague.uid) is not None
    key = me().organisation if linked else ""
    return {"key": key, "knows_one": has_password(looking(), colleague)}
