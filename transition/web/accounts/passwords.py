"""Changing a password, and choosing another by the link of a letter."""

from flask import abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from transition.actions import passwords, signing_in
from transition.actions.passwords import reset_of
from transition.records.staff import Staff
from transition.rules.access import Permission
from transition.rules.errors import RuleBroken
from transition.security.passwords import TooMany, hash_password
from transition.web.accounts.forms import ForgottenForm, NewPasswordForm, PasswordForm
from transition.web.accounts.trying import BUSY, look_at
from transition.web.accounts.views import accounts
from transition.web.frame import say
from transition.web.guard import fresh, open_to_all, requires
from transition.web.session import visit
from transition.web.work import looking, me, my_work, reading

NOT_YOURS = "This is not your current password"
THE_SAME = "This is your current password. Choose another one"


@accounts.route("/me/password", methods=["GET", "POST"])
@requires(Permission.OWN_ACCOUNT)
@fresh
def password() -> ResponseReturnValue:
    """Ask for the password there is and for another, and take that on."""
    form = PasswordForm()
    form.whose = reading().get_one(Staff, me().uid)
    if not signing_in.takes_password(looking(), form.whose):
        abort(404)
    if form.validate_on_submit():
        try:
            _change(form, form.whose.email)
        except RuleBroken as refusal:
            form.refuse(refusal)
        else:
            say(
                "Your password is changed. Wherever else you were signed in, you are not now.",
                "done",
            )
            return redirect(url_for("accounts.me"))
    return render_template("accounts/password.html", form=form), 422 if form.errors else 200


def _change(form: PasswordForm, email: str) -> None:
    """Take on another password.

    Raises:
        RuleBroken: the current one is another, or is the same, or none can be looked at now.
    """
    new = _hashed(form)
    tried, right = look_at(email, form.password.data)
    with my_work() as work:
        if right and form.new_password.data != form.password.data:
            signing_in.take_back(work, tried, wholly=True)
            passwords.change_password(work, new, here=current_user.sign_in_uid)
        else:
            passwords.refuse_change(work)
    if not right:
        raise RuleBroken(NOT_YOURS)
    if form.new_password.data == form.password.data:
        raise RuleBroken(THE_SAME)


def _hashed(form: NewPasswordForm) -> str:
    """Return the hash of a new password.

    Raises:
        RuleBroken: too many wait for theirs.
    """
    try:
        return hash_password(form.new_password.data)
    except TooMany as refusal:
        raise RuleBroken(BUSY) from refusal


@accounts.route("/reset", methods=["GET", "POST"])
@open_to_all
def forgotten() -> ResponseReturnValue:
    """Ask who cannot sign in, and say the same whether they are known or not."""
    form = ForgottenForm()
    asked = form.validate_on_submit()
    if asked:
        with my_work() as work:
            passwords.ask_for_reset(work, email=form.email.data, source=visit().source)
    page = render_template("accounts/forgotten.html", form=form, asked=asked)
    return page, 422 if form.errors else 200


@accounts.route("/reset/<token>", methods=["GET", "POST"])
@open_to_all
def reset(token: str) -> ResponseReturnValue:
    """Let whoever holds a link choose another password; it signs nobody in."""
    form = NewPasswordForm()
    try:
        _, form.whose = reset_of(looking(), token)
    except RuleBroken as refusal:
        return _gone(token, str(refusal))
    if form.validate_on_submit():
        try:
            new = _hashed(form)
            with my_work() as work:
                passwords.use_reset(work, token, new)
        except RuleBroken as refusal:
            form.refuse(refusal)
        else:
            say("Your password is changed. Sign in with the new one.", "done")
            return redirect(url_for("accounts.sign_in"))
    return render_template("accounts/reset.html", form=form, gone=""), 422 if form.errors else 200


def _gone(token: str, words: str) -> ResponseReturnValue:
    """Show the one page for every link that does not work."""
    with my_work() as work:
        passwords.refuse_reset(work, token)
    form = NewPasswordForm(formdata=None)
    return render_template("accounts/reset.html", form=form, gone=words), 404
