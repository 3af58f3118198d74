"""Who shows a second time who they are, where passkeys work, and where they go on to."""

from typing import cast

from flask import Response, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from transition.actions.signing_in import Begun, come_in
from transition.actions.work import Work
from transition.records.second_steps import SecondSteps, second_steps_of
from transition.records.sign_ins import find_sign_in
from transition.web.frame import say
from transition.web.session import (
    Visitor,
    begin,
    hand_out,
    tells_of_devices,
    visit,
    visitor,
    way_back,
)
from transition.web.work import now, reading


def who() -> Visitor:
    """Return who has shown their password; the guard lets nobody else here."""
    return cast("Visitor", visitor())


def own_steps() -> SecondSteps:
    """Return what they can show besides it."""
    return second_steps_of(reading(), cast("bytes", who().actor.uid))


def another_way(own: SecondSteps) -> ResponseReturnValue:
    """Go to a second step that they have: the app, a passkey, the first to set up, the password."""
    if own.app is not None:
        page = "code"
    elif own.passkeys:
        page = "passkey"
    else:
        page = "password" if who().is_authenticated else "app"
    return redirect(url_for(f"second_steps.{page}", next=back()))


def back() -> str | None:
    """Return where they wanted to go before they were asked."""
    return way_back(request.args.get("next")) or None


def begun(work: Work, token: str | None) -> Begun | None:
    """Return what a browser is given for a sign-in's new token; one that was half takes its place.

    None where what was shown was not right.
    """
    if token is None or who().is_authenticated:
        return Begun(token, "", None) if token else None
    return come_in(work, token, visit=visit(), notice=tells_of_devices())


def go_on(new: Begun) -> ResponseReturnValue:
    """Go on to where they wanted, signed in wholly and just now."""
    return given(new, make_response(redirect(back() or url_for("home.index"))))


def given(new: Begun, answer: Response) -> Response:
    """Give *answer* the new token; what forms carried before the second step is void."""
    return hand_out(answer, new) if who().is_authenticated else begin(answer, new)


def is_over() -> ResponseReturnValue | None:
    """Return the way to the beginning if one wrong try too many has ended the sign-in."""
    if find_sign_in(reading(), who().token, now=now()) is not None:
        return None
    say("That was one wrong try too many. Sign in again.", "problem")
    return redirect(url_for("accounts.sign_in", next=back()))
