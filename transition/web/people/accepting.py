"""The page to which the link of an invitation leads, for somebody who has no account yet."""

from typing import Final

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user

from transition.actions.invitations import accept as accepted
from transition.actions.invitations import chosen, offered, opened_by
from transition.actions.signing_in import begin_sign_in, takes_password
from transition.clock import day_and_time
from transition.records.invitations import Invitation
from transition.rules.errors import RuleBroken
from transition.rules.invitations import ABILITIES
from transition.security.passwords import TooMany
from transition.web.guard import open_to_all
from transition.web.people.forms import AcceptForm
from transition.web.people.views import people
from transition.web.session import let_in, visit
from transition.web.work import catalogue, looking, my_work, note_seen, providers

BUSY: Final = "Many people sign in at this moment. Wait a few seconds, and press Start again."


@people.route("/invitations/<key>", methods=["GET", "POST"])
@open_to_all
def accept(key: str) -> ResponseReturnValue:
    """Say who invites whom to what, and let them in with a password of their choice.

    Whatever is wrong with a link, its page is the same.
    """
    form = AcceptForm()
    if current_user.is_authenticated:
        return render_template("people/accept.html", form=form, invitation=None)
    invitation = opened_by(looking(), key)
    if invitation is None:
        return _opens_nothing(form)
    password_hash = _chosen(form, invitation)
    if password_hash is None:
        return _page(form, invitation, key)
    with my_work() as work:
        staff = accepted(work, key, password_hash)
        begun = begin_sign_in(work, staff, visit=visit()) if staff is not None else None
    if begun is None:
        return _opens_nothing(form)
    return let_in(begun, "")


def _chosen(form: AcceptForm, invitation: Invitation) -> str | None:
    """Return the hash of the password that was chosen, or None where it cannot be."""
    if not form.validate_on_submit():
        return None
    try:
        return chosen(looking(), invitation, form.password.data)
    except (RuleBroken, TooMany) as refusal:
        form.password.errors = [str(refusal) if isinstance(refusal, RuleBroken) else BUSY]
        return None


def _opens_nothing(form: AcceptForm) -> ResponseReturnValue:
    note_seen("invitation:refused", outcome="refused")
    return render_template("people/accept.html", form=form, invitation=None), 404


def _page(form: AcceptForm, invitation: Invitation, key: str) -> ResponseReturnValue:
    by, until = invitation.invited_by, invitation.opens_until
    page = render_template(
        "people/accept.html",
        form=form,
        invitation=invitation,
        by=by.name if by is not None else "",
        organisation=catalogue().collaborative.employers[invitation.organisation],
        roles=[
            (one.role.label, ABILITIES[one.role]) for one in offered(looking().session, invitation)
        ],
        until=day_and_time(until) if until else "",
        provider=providers().get(invitation.organisation, ""),
        takes_password=takes_password(looking(), invitation.staff),
        key=key,
    )
    return page, 422 if form.errors else 200
