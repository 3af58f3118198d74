"""One's own second steps: what there is, adding, removing, and new recovery codes."""

from flask import abort, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from transition.actions.passkeys import add_passkey, ask_for_new, remove_passkey
from transition.actions.second_steps import add_app, begin_app, first_codes, new_codes, remove_app
from transition.actions.signing_in import Begun
from transition.records.staff import email_of
from transition.rules.access import Permission
from transition.rules.errors import RuleBroken
from transition.rules.people import OVER_OTHERS
from transition.rules.second_steps import in_groups
from transition.security.app_codes import address_of_seed
from transition.web.forms import Form
from transition.web.frame import say
from transition.web.guard import after_password, fresh, requires
from transition.web.second_steps.drawing import drawn
from transition.web.second_steps.forms import CodeForm, NewPasskeyForm, PlainForm
from transition.web.second_steps.going_on import (
    another_way,
    back,
    begun,
    given,
    is_over,
    own_steps,
    who,
)
from transition.web.second_steps.views import second_steps
from transition.web.session import passkeys_here
from transition.web.work import my_work, work_as

APP = "app"
NOT_THE_CODE = "That code is not right. Wait for the next one in your app, and enter it"
NOT_MADE = "The passkey could not be added. Try once more"


@second_steps.route("/me/second-step")
@requires(Permission.OWN_SECOND_STEP)
def index() -> ResponseReturnValue:
    """Show what its reader can show besides the password."""
    return render_template("second_steps/index.html", own=own_steps(), place=passkeys_here())


@second_steps.route("/me/second-step/app", methods=["GET", "POST"])
@after_password
@fresh
def app() -> ResponseReturnValue:
    """Add an app: its secret as a picture and in words, and its first code."""
    here, own, form = who(), own_steps(), CodeForm()
    if not here.is_authenticated and own.number:
        return another_way(own)
    if not form.validate_on_submit():
        return _app_page(form)
    with work_as(here.actor) as work:
        new = begun(work, add_app(work, here.token, form.code.data))
        codes = first_codes(work) if new else []
    if new is None:
        form.refuse(NOT_THE_CODE)
        return is_over() or _app_page(form)
    return _added(new, codes)


@second_steps.route("/me/second-step/passkeys/new", methods=["GET", "POST"])
@after_password
@fresh
def new_passkey() -> ResponseReturnValue:
    """Add a passkey, which needs a script."""
    here, own, form, place = who(), own_steps(), NewPasskeyForm(), passkeys_here()
    if not here.is_authenticated and own.number:
        return another_way(own)
    if place is None or not form.validate_on_submit():
        return _passkey_page(form)
    with work_as(here.actor) as work:
        words = {"answer": form.answer.data, "name": form.name.data}
        new = begun(work, add_passkey(work, here.token, place, **words))
        codes = first_codes(work) if new else []
    if new is None:
        form.refuse(NOT_MADE)
        return is_over() or _passkey_page(form)
    return _added(new, codes)


@second_steps.route("/me/second-step/codes", methods=["GET", "POST"])
@requires(Permission.OWN_SECOND_STEP)
@fresh
def codes() -> ResponseReturnValue:
    """Ask whether new recovery codes are wanted, and show them once."""
    own, form = own_steps(), PlainForm()
    if not own.number:
        return redirect(url_for("second_steps.index"))
    if not form.validate_on_submit():
        return render_template("second_steps/codes.html", own=own, codes=[], back=None)
    with my_work() as work:
        made = new_codes(work)
    return _codes_page(made)


@second_steps.route("/me/second-step/<entry>/remove", methods=["GET", "POST"])
@requires(Permission.OWN_SECOND_STEP)
@fresh
def remove(entry: str) -> ResponseReturnValue:
    """Ask whether an app or a passkey is to go, and remove it."""
    own, form = own_steps(), PlainForm()
    names = {one.uid.hex(): one.name for one in own.passkeys}
    if own.app is not None:
        names[APP] = "Authenticator app"
    if entry not in names:
        abort(404)
    if form.validate_on_submit():
        try:
            with my_work() as work:
                remove_app(work) if entry == APP else remove_passkey(work, bytes.fromhex(entry))
        except RuleBroken as refusal:
            form.refuse(refusal)
        else:
            say(f"{names[entry]} was removed.", "done")
            return redirect(url_for("second_steps.index"))
    words = {"form": form, "name": names[entry], "own": own}
    return render_template("second_steps/remove.html", **words), 422 if form.errors else 200


def _app_page(form: Form) -> ResponseReturnValue:
    here = who()
    with work_as(here.actor) as work:
        seed = begin_app(work, here.token)
        address = address_of_seed(seed, email_of(work.session, work.actor_uid))
    words = {"form": form, "seed": in_groups(seed), "address": address, "drawn": drawn(address)}
    words |= {"back": back(), "whole": here.is_authenticated, "place": passkeys_here()}
    return render_template("second_steps/app.html", **words), 422 if form.errors else 200


def _passkey_page(form: Form) -> ResponseReturnValue:
    here, place, options = who(), passkeys_here(), ""
    if place is not None:
        with work_as(here.actor) as work:
            options = ask_for_new(work, here.token, place)
    words = {"form": form, "options": options, "passkeys_work": place is not None, "back": back()}
    words["whole"] = here.is_authenticated
    words["needed"] = not OVER_OTHERS.isdisjoint(here.actor.roles) and not own_steps().passkeys
    return render_template("second_steps/new_passkey.html", **words), 422 if form.errors else 200


def _added(new: Begun, codes: list[str]) -> ResponseReturnValue:
    if codes:
        return given(new, make_response(_codes_page(codes)))
    answer = given(new, make_response(redirect(back() or url_for("second_steps.index"))))
    say("Your second step was added.", "done")
    return answer


def _codes_page(made: list[str]) -> str:
    grouped = [in_groups(code, "-") for code in made]
    words = {"own": own_steps(), "codes": grouped, "back": back()}
    return render_template("second_steps/codes.html", **words)
