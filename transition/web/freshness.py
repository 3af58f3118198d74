"""Asking once more who it is before what matters, without losing what somebody wrote."""

from flask import Flask, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue

from transition.web.guard import FRESH
from transition.web.keeping import kept, sheet_sent
from transition.web.session import visitor
from transition.web.work import me, now


def ask_again(app: Flask) -> None:
    """Send whoever showed long ago who they are to the second step, before a `fresh` page opens."""
    app.before_request(_check)


def _check() -> ResponseReturnValue | None:
    here, rule = visitor(), request.url_rule
    if here is None or not here.is_authenticated or rule is None or now() < here.fresh_until:
        return None
    if not hasattr(current_app.view_functions[rule.endpoint], FRESH):
        return None
    back: str | None = request.full_path.rstrip("?")
    sheet = sheet_sent()
    if sheet is not None:
        kept(sheet, me())
        back = sheet.page
    return redirect(url_for("second_steps.code", next=back))
