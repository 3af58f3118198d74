"""The page of one colleague, and what can be changed about their account."""

from collections.abc import Callable
from hashlib import sha256
from typing import Final

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from transition.actions import invitations
from transition.actions import people as changes
from transition.actions.left_behind import left_behind
from transition.actions.left_behind import take_over as take_over_draft
from transition.actions.second_step_resets import Lost, lost_by, record_seen, reset_second_step
from transition.actions.work import ChangedMeanwhile, NotFound, Work
from transition.records.invitations import Colleague
from transition.records.second_steps import shown_besides
from transition.rules.access import Permission
from transition.rules.errors import RuleBroken
from transition.rules.invitations import ABILITIES, needs_agreement, who_agrees
from transition.rules.people import LEADS, Duty, MembershipState, Role
from transition.rules.second_steps import SeenHow
from transition.web.filters import at_time
from transition.web.forms import VersionedForm, choices
from transition.web.frame import say
from transition.web.guard import fresh, requires
from transition.web.keeping import page_of_draft
from transition.web.people.forms import DutyForm, RolesForm, TakeOverForm
from transition.web.people.views import colleague_seen, people, person_of, roles_offered
from transition.web.versions import Standing, saved
from transition.web.work import catalogue, looking, me, my_work, note_seen, reading, today

AGREED: Final = {
    True: "You agreed to what {} may do.",
    False: "You did not agree. {} does not get this role.",
}
ANSWERS: Final = {"yes": True, "no": False}


@people.route("/settings/users/<key>")
@requires(Permission.MANAGE_ACCOUNTS)
def show(key: str) -> ResponseReturnValue:
    """Show a colleague: how they stand, what they may do, and what can be changed."""
    return _page(key)


@people.route("/settings/users/<key>/roles", methods=["POST"])
@requires(Permission.MANAGE_ACCOUNTS)
@fresh
def add_roles(key: str) -> ResponseReturnValue:
    """Give a colleague more roles, or ask whoever must agree to them."""
    colleague, organisation = colleague_seen(key)
    form = RolesForm()
    form.roles.choices = roles_offered(organisation)
    if not form.validate_on_submit():
        return _page(key, form)
    roles = [*map(Role, form.roles.data)]
    if not _saved(form, key, lambda work: changes.add_roles(work, _uid(key), roles)):
        return _page(key, form)
    name, asked = colleague.staff.name, [role for role in roles if needs_agreement(me(), {role})]
    whom = who_agrees(asked).capitalize()
    say(f"{whom} is asked to agree for {name}." if asked else f"{name} may do more now.", "done")
    return redirect(url_for("people.show", key=key))


@people.route("/settings/users/<key>/duty", methods=["POST"])
@requires(Permission.MANAGE_ACCOUNTS)
def name_for(key: str) -> ResponseReturnValue:
    """Let a colleague be the lead, the deputy or the escalation person."""
    colleague, _ = colleague_seen(key)
    form = DutyForm()
    if not form.validate_on_submit():
        return _page(key, form)
    duty = Duty(form.duty.data)
    if not _saved(form, key, lambda work: changes.name_for(work, _uid(key), duty)):
        return _page(key, form)
    say(f"{colleague.staff.name} is the {duty.label} now.", "done")
    return redirect(url_for("people.show", key=key))


@people.route("/settings/users/<key>/roles/end", methods=["POST"])
@requires(Permission.MANAGE_ACCOUNTS)
@fresh
def end_role(key: str) -> ResponseReturnValue:
    """End one of a colleague's roles."""
    colleague_seen(key)
    role = next((one for one in Role if one.value == request.form.get("role")), None)
    if role is None:
        return redirect(url_for("people.show", key=key))
    words = f"{{}} is no {role.label} here now."
    return _done(key, lambda work: changes.end_role(work, _uid(key), role), words)


@people.route("/settings/users/<key>/again", methods=["POST"])
@requires(Permission.MANAGE_ACCOUNTS)
def send_again(key: str) -> ResponseReturnValue:
    """Send an invitation again, with a new link."""
    words = "{} is asked for again. An older link opens nothing now."
    return _done(key, lambda work: invitations.send_again(work, _uid(key)), words)


@people.route("/settings/users/<key>/cancel", methods=["POST"])
@requires(Permission.MANAGE_ACCOUNTS)
def cancel(key: str) -> ResponseReturnValue:
    """Take an invitation back."""
    words = "The invitation of {} is cancelled. Its link opens nothing now."
    return _done(key, lambda work: invitations.cancel(work, _uid(key)), words)


@people.route("/settings/users/<key>/agree", methods=["POST"])
@requires(Permission.MANAGE_ACCOUNTS)
@fresh
def agree(key: str) -> ResponseReturnValue:
    """Agree to the roles that were asked for a colleague, or say no."""
    asked = set(request.form.getlist("roles"))
    roles = [role for role in Role if role.value in asked]
    answer = request.form.get("agreed")
    if answer not in ANSWERS:
        colleague_seen(key)
        say("Say whether you agree. Nothing was changed.", "problem")
        return redirect(url_for("people.show", key=key))
    agreed = ANSWERS[answer]
    return _done(
        key,
        lambda work: invitations.settle(work, _uid(key), roles, agreed=agreed),
        AGREED[agreed],
    )


@people.route("/settings/users/<key>/suspend", methods=["POST"])
@requires(Permission.MANAGE_ACCOUNTS)
@fresh
def suspend(key: str) -> ResponseReturnValue:
    """Let a colleague do nothing here any more, at once."""
    words = "{} is suspended and signed out everywhere."
    return _done(key, lambda work: changes.suspend(work, _uid(key)), words)


@people.route("/settings/users/<key>/reinstate", methods=["POST"])
@requires(Permission.MANAGE_ACCOUNTS)
@fresh
def reinstate(key: str) -> ResponseReturnValue:
    """Let a colleague who was suspended work again."""
    words = "{} may work here again."
    return _done(key, lambda work: changes.reinstate(work, _uid(key)), words)


@people.route("/settings/users/<key>/take-over", methods=["POST"])
@requires(Permission.MANAGE_ACCOUNTS)
@fresh
def take_over(key: str) -> ResponseReturnValue:
    """Take over something that a suspended colleague had begun to write."""
    colleague, _ = colleague_seen(key)
    form = _take_over_form(colleague)
    if not form.validate_on_submit():
        return _page(key, form)
    chosen, why = bytes.fromhex(form.draft.data), form.why.data
    draft = saved(form, None, lambda work: take_over_draft(work, _uid(key), chosen, why=why))
    if draft is None:
        return _page(key, form)
    say("It is yours now. Look at it, and save it or throw it away.", "done")
    return redirect(page_of_draft(draft.kind))


@people.route("/settings/users/<key>/seen", methods=["POST"])
@requires(Permission.MANAGE_ACCOUNTS)
@fresh
def seen(key: str) -> ResponseReturnValue:
    """Record that the reader saw a colleague who lost their second step, and how."""
    colleague_seen(key)
    how = next((one for one in SeenHow if one.value == request.form.get("how")), None)
    if how is None:
        return redirect(url_for("people.show", key=key))
    words = f"It is recorded that you saw {{}} {how.label}."
    return _done(key, lambda work: record_seen(work, _uid(key), how), words)


@people.route("/settings/users/<key>/reset", methods=["POST"])
@requires(Permission.MANAGE_ACCOUNTS)
@fresh
def reset(key: str) -> ResponseReturnValue:
    """Take away the second step that a colleague lost, so that they set up another."""
    words = "{} is signed out everywhere, and sets up a second step after their password."
    return _done(key, lambda work: reset_second_step(work, _uid(key)), words)


def _uid(key: str) -> bytes:
    return bytes.fromhex(key)


def _done(key: str, do: Callable[[Work], object], words: str) -> ResponseReturnValue:
    """Do one thing about a colleague and say so, or say why not."""
    name = colleague_seen(key)[0].staff.name
    try:
        with my_work() as work:
            do(work)
    except (NotFound, ChangedMeanwhile):
        raise
    except RuleBroken as refusal:
        note_seen("people:refused", about=key, outcome="refused")
        say(str(refusal), "problem")
    else:
        say(words.format(name), "done")
    return redirect(url_for("people.show", key=key))


def _saved(form: VersionedForm, key: str, do: Callable[[Work], object]) -> bool:
    """Do what a form asks for; return whether it was done, or stands above the form refused."""
    done = saved(form, None, lambda work: (do(work),), lambda: _standing(colleague_seen(key)[0]))
    if done is None:
        note_seen("people:refused", about=key, outcome="refused")
    return done is not None


def _standing(colleague: Colleague) -> Standing:
    """Return what somebody may do now, for whoever comes second."""
    held = [(one.uid, one.version) for one in colleague.held]
    words = "; ".join(
        f"{one.role.label}{f' ({one.duty.label})' if one.duty else ''}"
        for one in colleague.held
        if one.state is not MembershipState.LEFT
    )
    version = sha256(repr(sorted(held)).encode()).hexdigest()[:16]
    return Standing(version=version, words=(("What they may do", words or "Nothing"),))


def _lost(colleague: Colleague) -> Lost | None:
    """Return how far it is with a second step that a colleague lost; None for who has none here."""
    uid = colleague.staff.uid
    active = colleague.in_state(MembershipState.ACTIVE)
    return lost_by(looking(), uid) if active and uid in shown_besides(reading()) else None


def _take_over_form(colleague: Colleague) -> TakeOverForm:
    """Return the form with which the reader takes over what a colleague had begun."""
    form = TakeOverForm(version="")
    form.draft.choices = choices(
        {
            draft.uid.hex(): f"{reference}, last written {at_time(draft.written_at, today())}"
            for draft, reference in left_behind(looking(), colleague)
        }
    )
    return form


def _page(key: str, form: VersionedForm | None = None) -> ResponseReturnValue:
    colleague, organisation = colleague_seen(key)
    taking = form if isinstance(form, TakeOverForm) else _take_over_form(colleague)
    held = [one for one in colleague.held if one.state is not MembershipState.LEFT]
    offered = roles_offered(organisation, without=[one.role for one in held])
    version = _standing(colleague).version
    roles = form if isinstance(form, RolesForm) else RolesForm(version=version)
    roles.roles.choices = roles.roles.choices or offered
    duty = form if isinstance(form, DutyForm) else DutyForm(version=version)
    leads = any(one.role in LEADS and one.state is MembershipState.ACTIVE for one in held)
    page = render_template(
        "people/show.html",
        person=person_of(colleague, shown_besides(reading())),
        lost=_lost(colleague),
        hows=SeenHow,
        organisation=catalogue().collaborative.employers[organisation],
        held=[(one, ABILITIES[one.role], one.uid in colleague.waiting) for one in held],
        requests=colleague.requests,
        mine=[one.membership.role for one in changes.to_settle(me(), colleague)],
        who_agrees=who_agrees,
        me_too=colleague.staff.uid == me().uid,
        form=form or roles,
        taking=taking if taking.draft.choices else None,
        roles_form=roles if offered and held else None,
        duty_form=duty if leads else None,
        abilities={role.value: ABILITIES[role] for role in Role},
        states=MembershipState,
    )
    return page, 422 if form is not None and form.errors else 200
