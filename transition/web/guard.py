"""Who may open which page. A view that names no permission stops the start."""

from collections.abc import Callable
from typing import Final, TypeVar

from flask import Flask, abort, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from transition.rules.access import Permission, may

View = TypeVar("View", bound=Callable[..., ResponseReturnValue])

MARK: Final = "asks_for"
OPEN_TO_ALL: Final = "open to all"


class Unguarded(Exception):
    """A view names no permission; nothing starts before it does."""


def requires(permission: Permission) -> Callable[[View], View]:
    """Let only those open this page who hold *permission*."""

    def mark(view: View) -> View:
        setattr(view, MARK, permission)
        return view

    return mark


def open_to_all(view: View) -> View:
    """Let everybody open this page, signed in or not."""
    setattr(view, MARK, OPEN_TO_ALL)
    return view


def guard(app: Flask) -> None:
    """Ask before every page whether its reader may open it.

    Raises:
        Unguarded: a view names no permission.
    """
    setattr(app.view_functions["static"], MARK, OPEN_TO_ALL)
    for endpoint, view in app.view_functions.items():
        if not hasattr(view, MARK):
            raise Unguarded(f"The view {endpoint} names no permission.")
    app.before_request(_check)


def _check() -> ResponseReturnValue | None:
    if request.endpoint is None:
        return None  # no such address: the page that says so is for all
    asked = getattr(current_app.view_functions[request.endpoint], MARK)
    if asked == OPEN_TO_ALL:
        return None
    if not current_user.is_authenticated:
        back = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for("accounts.sign_in", next=back))
    if not may(current_user.actor.roles, asked):
        # The same page as for what does not exist: nobody learns from the difference.
        abort(404)
    return None
