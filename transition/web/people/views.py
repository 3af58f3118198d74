"""Settings, who works here, and inviting somebody."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from transition.actions import invitations
from transition.actions.invitations import Newcomer
from transition.records.invitations import Colleague, colleagues_in
from transition.records.second_steps import shown_besides
from transition.rules.access import Permission, may
from transition.rules.errors import RuleBroken
from transition.rules.invitations import (
    ABILITIES,
    grantable,
    needs_agreement,
    waiting_words,
    who_agrees,
)
from transition.rules.people import MembershipState, Role
from transition.rules.second_steps import shown_in_words
from transition.web.filters import at_time
from transition.web.forms import choices
from transition.web.frame import say
from transition.web.guard import MARK, fresh, requires
from transition.web.people.forms import InviteForm
from transition.web.work import catalogue, me, my_work, note_seen, now, reading, today

people = Blueprint("people", __name__)

CARDS: Final = (
    ("People", "Who works here, what they may do, and inviting a colleague", "people.index"),
    ("Hand on young people", "When a colleague leaves or needs fewer", "workers.leaving"),
    ("Absence and cover", "Who is away, and who covers", "absences.index"),
    ("Your hospice", "Its facts, and who does what", "hospices.show"),
    ("Usual number a month", "How many your hospice usually takes on", "upcoming.usual_number"),
    (
        "Opened in an emergency",
        "Records that somebody opened to read, and their review",
        "urgent_access.reviews",
    ),
    ("Who looked", "Who has looked at what here, and what was unusual", "trail.index"),
)
"""What can be set: its words, what it is for, and its view, shown to those who may open it."""


@dataclass(frozen=True)
class Person:
    """A colleague as the list and their page show them."""

    key: str
    name: str
    email: str
    roles: tuple[str, ...]
    abilities: tuple[str, ...]
    state: str
    tone: str
    seen: str
    second_step: str
    invited: bool
    waits: bool


@people.route("/settings")
@requires(Permission.MANAGE_ACCOUNTS)
def settings() -> ResponseReturnValue:
    """Show what the reader may set."""
    views = current_app.view_functions
    cards = [
        (words, about, url_for(endpoint))
        for words, about, endpoint in CARDS
        if may(me().roles, getattr(views[endpoint], MARK))
    ]
    return render_template("people/settings.html", cards=cards)


@people.route("/settings/users")
@requires(Permission.MANAGE_ACCOUNTS)
def index() -> ResponseReturnValue:
    """Show who works in each organisation whose accounts the reader looks after."""
    steps = shown_besides(reading())
    listed = [
        (key, name, [person_of(one, steps) for one in colleagues_in(reading(), key)])
        for key, name in looked_after()
    ]
    return render_template("people/index.html", organisations=listed)


@people.route("/settings/users/invite", methods=["GET", "POST"])
@requires(Permission.MANAGE_ACCOUNTS)
@fresh
def invite() -> ResponseReturnValue:
    """Ask which colleague is to come in, and invite them."""
    form, offers = InviteForm(), dict(looked_after())
    asked = form.organisation.data or request.args.get("organisation", "")
    organisation = asked if asked in offers else next(iter(offers)) if len(offers) == 1 else None
    if organisation is None:
        return render_template("people/invite.html", form=form, offers=offers, organisation=None)
    form.organisation.data = organisation
    form.roles.choices = roles_offered(organisation)
    if form.validate_on_submit():
        newcomer = Newcomer(
            email=form.email.data,
            name=form.name.data,
            organisation=organisation,
            roles=frozenset(map(Role, form.roles.data)),
        )
        try:
            with my_work() as work:
                invitation = invitations.invite(work, newcomer)
        except RuleBroken as refusal:
            note_seen("people:refused", about=f"invite {organisation}", outcome="refused")
            form.refuse(refusal)
        else:
            sent = invitation.sent_at is not None
            asked = [role for role in newcomer.roles if needs_agreement(me(), {role})]
            say(INVITED[sent].format(form.name.data, who_agrees(asked).capitalize()), "done")
            return redirect(url_for("people.index"))
    page = render_template(
        "people/invite.html",
        form=form,
        offers=offers,
        organisation=organisation,
        abilities={role.value: ABILITIES[role] for role in Role},
        domains=catalogue().collaborative.mail_domains_of(organisation),
    )
    return page, 422 if form.errors else 200


INVITED: Final = {
    True: "{} is invited. The letter leaves in a moment, and its link works for 72 hours.",
    False: "{1} is asked to agree. {0} gets the invitation after that.",
}


def looked_after() -> list[tuple[str, str]]:
    """Return the organisations whose accounts the reader looks after, by key and name."""
    collaborative = catalogue().collaborative
    return [
        (key, name)
        for key, name in collaborative.employers.items()
        if grantable(me(), key, collaborative.kind_of(key))
    ]


def roles_offered(organisation: str, *, without: Sequence[Role] = ()) -> list[object]:
    """Return the roles that the reader may give here, for a form."""
    fit = grantable(me(), organisation, catalogue().collaborative.kind_of(organisation))
    return list(choices({one.value: one.label.capitalize() for one in fit if one not in without}))


def colleague_seen(key: str) -> tuple[Colleague, str]:
    """Return a colleague whose account the reader looks after, and where they work."""
    try:
        uid = bytes.fromhex(key)
    except ValueError:
        abort(404)
    found = [
        (one, organisation)
        for organisation, _ in looked_after()
        for one in colleagues_in(reading(), organisation, uid)
    ]
    here = [pair for pair in found if not _has_left(pair[0])] or found
    return here[0] if here else abort(404)


def _has_left(colleague: Colleague) -> bool:
    return all(one.state is MembershipState.LEFT for one in colleague.held)


def person_of(colleague: Colleague, steps: Mapping[bytes, str]) -> Person:
    """Return how a colleague is shown; *steps* are what each shows besides their password."""
    held = [one for one in colleague.held if one.state is not MembershipState.LEFT]
    state, tone = _state_of(colleague)
    return Person(
        key=colleague.staff.uid.hex(),
        name=colleague.staff.name,
        email=colleague.staff.former_email or colleague.staff.email,
        roles=tuple(one.role.label for one in held),
        abilities=tuple(ABILITIES[one.role] for one in held),
        state=state,
        tone=tone,
        seen=at_time(colleague.last_signed_in_at, today())
        if colleague.last_signed_in_at
        else "never",
        second_step=steps.get(colleague.staff.uid, shown_in_words(app=False, passkeys=False)),
        invited=colleague.invitation is not None,
        waits=bool(colleague.requests),
    )


def _state_of(colleague: Colleague) -> tuple[str, str]:
    """Return how somebody stands here in words, and the colour of that."""
    invitation = colleague.invitation
    if colleague.requests:
        asked = waiting_words(colleague.requests[0].asked_at, now())
        whom = who_agrees({one.membership.role for one in colleague.requests}).capitalize()
        return f"{whom} is asked to agree, {asked}", "soon"
    if invitation is not None and invitation.opens_until is not None:
        if now() >= invitation.opens_until:
            return "Invited, and the link has run out", "late"
        return f"Invited, {waiting_words(invitation.invited_at, now())}", "soon"
    states = {one.state for one in colleague.held}
    if MembershipState.ACTIVE in states:
        return "Active", "done"
    if MembershipState.SUSPENDED in states:
        return "Suspended", "late"
    return "Does not work here now", "quiet"
