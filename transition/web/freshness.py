"""Asking once more who it is before what matters, and for a passkey of those who need one."""

from typing import Final

from flask import Flask, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from transition.records.second_steps import has_passkey
from transition.rules.access import Permission
from transition.rules.people import OVER_OTHERS
from transition.web.frame import say
from transition.web.guard import AFTER_PASSWORD, FRESH, MARK, OPEN_TO_ALL
from transition.web.keeping import kept, sheet_sent
from transition.web.session import passkeys_here, visitor
from transition.web.work import me, now, reading

WITHOUT: Final = frozenset({OPEN_TO_ALL, AFTER_PASSWORD, Permission.OWN_SECOND_STEP})
"""What asks for these opens without a passkey too: signing out, and how one signs in."""
NOT_YET: Final = "Nothing was done yet. Show who you are, and then choose it once more."


def ask_again(app: Flask) -> None:
    """Send whoever showed long ago who they are to the second step, before a `fresh` page opens."""
    app.before_request(_lead_to_passkey)
    app.before_request(_check)


def _lead_to_passkey() -> ResponseReturnValue | None:
    """Let whoever has a say over others add a passkey before anything else.

    A demonstration asks nobody, and where the address is in figures no passkey would work.
    """
    here = visitor()
    if here is None or not here.is_authenticated or current_app.config["DEMO"]:
        return None
    if OVER_OTHERS.isdisjoint(here.actor.roles) or request.endpoint is None:
        return None
    mark = getattr(current_app.view_functions[request.endpoint], MARK)
    if mark in WITHOUT or passkeys_here() is None or has_passkey(reading(), here.actor.uid):
        return None
    back = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("second_steps.new_passkey", next=back))


def _check() -> ResponseReturnValue | None:
    here, rule = visitor(), request.url_rule
    if here is None or not here.is_authenticated or rule is None or now() < here.fresh_until:
        return None
    if not hasattr(current_app.view_functions[rule.endpoint], FRESH):
        return None
    sheet = sheet_sent()
    if sheet is not None:
        kept(sheet, me())
    elif request.method == "POST":
        say(NOT_YET, "quiet")
    page = _page_at(sheet.page if sheet is not None else request.path)
    back = request.full_path.rstrip("?") if page == request.path else page
    return redirect(url_for("second_steps.code", next=back or None))


def _page_at(path: str) -> str:
    """Return the address of the page on which somebody was who sent something to *path*.

    What only takes a button stands below the page that has the button.
    """
    addresses = current_app.url_map.bind("")
    while path:
        try:
            addresses.match(path, method="GET")
        except HTTPException:
            path = path.rpartition("/")[0]
        else:
            break
    return path
