"""Asking once more who it is before what matters, without losing what somebody wrote."""

from typing import Final

from flask import Flask, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from transition.web.frame import say
from transition.web.guard import FRESH
from transition.web.keeping import kept, sheet_sent
from transition.web.session import visitor
from transition.web.work import me, now

NOT_YET: Final = "Nothing was done yet. Show who you are, and then choose it once more."


def ask_again(app: Flask) -> None:
    """Send whoever showed long ago who they are to the second step, before a `fresh` page opens."""
    app.before_request(_check)


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
