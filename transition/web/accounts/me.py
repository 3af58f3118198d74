"""What a colleague can see and settle about themselves: who they are here, and their sign-ins."""

from dataclasses import dataclass
from datetime import datetime

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from transition.actions import signing_in
from transition.actions.signing_in import has_password
from transition.records.sign_in_tries import alarming_hours
from transition.records.sign_ins import Ended, running_sign_ins
from transition.records.staff import Staff
from transition.rules.access import Permission, may
from transition.rules.devices import DeviceKind
from transition.web.accounts.views import accounts
from transition.web.frame import say
from transition.web.guard import fresh, requires
from transition.web.work import looking, me, my_work, now, providers, reading


@dataclass(frozen=True)
class ShownSignIn:
    """One sign-in, as its owner knows it again."""

    key: str
    device: str
    began_at: datetime
    seen_at: datetime
    here: bool


@accounts.route("/me", endpoint="me")
@requires(Permission.OWN_ACCOUNT)
def show_me() -> ResponseReturnValue:
    """Show who the reader is here, and what they can settle themselves."""
    colleague = reading().get_one(Staff, me().uid)
    looks_after = may(me().roles, Permission.MANAGE_ACCOUNTS)
    return render_template(
        "accounts/me.html",
        email=colleague.email,
        sign_ins=len(_mine()),
        provider=me().organisation in providers(),
        password=has_password(looking(), colleague),
        wrong=alarming_hours(reading(), now=now()) if looks_after else 0,
    )


@accounts.route("/me/sign-ins")
@requires(Permission.OWN_ACCOUNT)
def sign_ins() -> ResponseReturnValue:
    """Show where the reader is signed in."""
    return render_template("accounts/sign_ins.html", sign_ins=_mine())


@accounts.route("/me/sign-ins/<entry>/end", methods=["POST"])
@requires(Permission.OWN_ACCOUNT)
@fresh
def end_sign_in(entry: str) -> ResponseReturnValue:
    """End one sign-in of the reader's, wherever that is."""
    with my_work() as work:
        signing_in.end_mine(work, entry)
    say("That sign-in is ended.", "done")
    return redirect(url_for("accounts.sign_ins"))


@accounts.route("/me/sign-ins/end-others", methods=["POST"])
@requires(Permission.OWN_ACCOUNT)
@fresh
def end_others() -> ResponseReturnValue:
    """End every sign-in of the reader's but this one."""
    with my_work() as work:
        here = current_user.sign_in_uid
        ended = signing_in.end_others(work, work.actor_uid, Ended.ENDED_BY_OWNER, but=here)
    say(
        "You are signed in nowhere else now." if ended else "You were signed in nowhere else.",
        "done",
    )
    return redirect(url_for("accounts.sign_ins"))


def _mine() -> list[ShownSignIn]:
    """Return the reader's sign-ins that last, this one first."""
    running = running_sign_ins(reading(), me().uid or b"", now=now())
    shown = [
        ShownSignIn(
            key=one.uid.hex(),
            device=(one.device or DeviceKind.OTHER).label,
            began_at=one.began_at,
            seen_at=one.last_seen_at,
            here=one.uid == current_user.sign_in_uid,
        )
        for one in running
    ]
    return sorted(shown, key=lambda one: (not one.here, one.began_at))
