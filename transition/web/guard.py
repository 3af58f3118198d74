"""Who may open which page. A view that names no permission stops the start."""

from collections.abc import Callable
from typing import Final, NoReturn, TypeVar

from flask import Flask, abort, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from transition.rules.access import Permission, may
from transition.web.session import visitor
from transition.web.work import note_seen

View = TypeVar("View", bound=Callable[..., ResponseReturnValue])

MARK: Final = "asks_for"
OPEN_TO_ALL: Final = "open to all"
AFTER_PASSWORD: Final = "after the password"  # noqa: S105 - a mark, and none
FRESH: Final = "asks again"

LOOKS: Final = frozenset({"GET", "HEAD"})
"""The ways of asking that change nothing."""

OURS: Final = ("same-origin", "none")
"""What a browser says of a form on a page of ours; "none" is its user's own doing."""


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


def after_password(view: View) -> View:
    """Let everybody open this page who has shown their password: half of a sign-in is enough."""
    setattr(view, MARK, AFTER_PASSWORD)
    return view


def fresh(view: View) -> View:
    """Ask once more who it is, if that is more than five minutes ago, before this page opens.

    For what nobody must do at a screen that somebody left: changing how one signs in, ending the
    sign-ins of others, taking data out, approving. It stands beside `requires`, in any order; what
    a form carried comes back as its draft, so a form with words should be one that is kept.
    """
    setattr(view, FRESH, True)
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


def _refuse_other_sites() -> None:
    """Refuse what a browser says another site sends, whatever token comes along."""
    sent_by = request.headers.get("Sec-Fetch-Site", OURS[0])
    if request.method not in LOOKS and sent_by not in OURS:
        abort(400)


def _check() -> ResponseReturnValue | None:
    _refuse_other_sites()
    if request.endpoint is None:
        return None  # no such address: the page that says so is for all
    asked = getattr(current_app.view_functions[request.endpoint], MARK)
    if asked == OPEN_TO_ALL:
        return None
    here = visitor()
    if here is not None and asked == AFTER_PASSWORD:
        return None
    if here is None or not here.is_authenticated:
        back = request.full_path.rstrip("?") if request.method == "GET" else None
        page = "accounts.sign_in" if here is None else "second_steps.code"
        return redirect(url_for(page, next=back))
    if not may(current_user.actor.roles, asked):
        _refuse()
    return None


def _refuse() -> NoReturn:
    """Answer with the same page as for what does not exist; that somebody tried to act is told."""
    if request.method not in LOOKS:
        note_seen("page:refused", about=request.endpoint or "", outcome="refused")
    abort(404)
