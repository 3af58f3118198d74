"""Keeping what somebody typed into a form, sealed, whatever becomes of the form."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, cast

from flask import Flask, Response, abort, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException

from transition.actions.drafts import throw_away, write_draft
from transition.actions.work import NO_SUCH_CASE, NotFound, TrailClosed, work_of
from transition.records.cases import find_case
from transition.records.drafts import draft_of
from transition.rules.access import CaseAccess, may
from transition.rules.errors import RuleBroken
from transition.rules.people import Actor
from transition.web.forms import Form, address_of, choices, forms_below
from transition.web.frame import say
from transition.web.guard import MARK
from transition.web.session import lapsed_writer
from transition.web.work import catalogue, in_order, kind_of, me, occasion, reading

REFUSED: Final = frozenset({409, 422})
"""The answers with which a form comes back: what it carried is a draft from then on."""


@dataclass(frozen=True)
class Sheet:
    """A form that people write in, at one address."""

    form: type[Form]
    args: Mapping[str, str]

    @cached_property
    def kind(self) -> str:
        """What kind of draft is kept of it."""
        return kind_of(self.form.sent_to, self.args)

    @property
    def page(self) -> str:
        """The address of the page that shows it."""
        return address_of(self.form.stands_on or self.form.sent_to, self.args)


def sheet_sent() -> Sheet | None:
    """Return the form that this request sends, if it is one that people write in."""
    if request.method != "POST" or request.endpoint is None:
        return None
    return _sheet(request.endpoint, request.view_args or {})


def sheet_at(path: str) -> Sheet:
    """Return the form that is sent to *path*, or answer that there is no such page."""
    addresses = current_app.url_map.bind("")
    try:
        endpoint, args = addresses.match(f"/{path}", method="POST")
    except HTTPException:
        abort(404)
    return _sheet(endpoint, args) or abort(404)


def _sheet(endpoint: str, args: Mapping[str, str]) -> Sheet | None:
    form = current_app.extensions["sheets"].get(endpoint)
    return Sheet(form.of(args), args) if form is not None else None


def page_of_draft(kind: str) -> str:
    """Return the address of the page that shows the form of which a draft of this kind is kept."""
    endpoint, *words = kind.split(" ")
    rule = next(current_app.url_map.iter_rules(endpoint))
    args = dict(zip(in_order(rule.arguments), words, strict=True))
    form = current_app.extensions["sheets"][endpoint]
    return Sheet(form.of(args), args).page


def bare(sheet: Sheet) -> Form:
    """Return a form with what this request carries, asking nothing of the database."""
    alone = type(sheet.form.__name__, (sheet.form,), {"__init__": Form.__init__})
    form = cast("Form", alone())
    for field in form.carried:
        if hasattr(field, "choices") and not field.choices:
            chosen = request.form.getlist(field.name)
            field.choices = choices(dict.fromkeys(chosen, "What you chose"))
    return form


def write(sheet: Sheet, actor: Actor) -> None:
    """Keep what this request carries for *sheet* as a draft of *actor*; nothing keeps nothing.

    Raises:
        NotFound: it is no form of theirs.
    """
    form, case_uid = bare(sheet), case_of(sheet, actor)
    with work_of(reading(), replace(occasion(), actor=actor), catalogue()) as work:
        if not form.says_something:
            throw_away(work, sheet.kind)
            return
        begun = draft_of(work.session, work.actor_uid, sheet.kind)
        began = begun.body["began"] if begun is not None else work.now.isoformat()
        body = {"began": began, "typed": form.typed}
        write_draft(work, sheet.kind, body, case_uid=case_uid)


def case_of(sheet: Sheet, actor: Actor) -> bytes | None:
    """Return the case that a form is about, if it is about one.

    Raises:
        NotFound: it is no form of theirs.
    """
    if not may(actor.roles, getattr(current_app.view_functions[sheet.form.sent_to], MARK)):
        raise NotFound(NO_SUCH_CASE)
    if "reference" not in sheet.args:
        return None
    seen = find_case(reading(), sheet.args["reference"], reader=actor)
    if seen is None or seen.access < CaseAccess.PACK:
        raise NotFound(NO_SUCH_CASE)
    return seen.case.uid


def kept(sheet: Sheet, actor: Actor) -> bool:
    """Return whether what this request carries lies in the database now, whatever went wrong."""
    try:
        reading().rollback()
        write(sheet, actor)
    except (DBAPIError, RuleBroken, TrailClosed):
        return False
    return True


def keep_what_is_typed(app: Flask) -> None:
    """Keep what comes with a form that is refused, or that comes after its sign-in was over."""
    forms = forms_below(Form)
    # A form that is made of a table says where it is sent to in the class that it is made from.
    app.extensions["sheets"] = {
        form.sent_to: form for form in forms if form.sent_to and "sent_to" in vars(form)
    }

    @app.before_request
    def _lapsed() -> ResponseReturnValue | None:
        sheet = sheet_sent()
        actor = lapsed_writer() if sheet is not None and not current_user.is_authenticated else None
        if sheet is None or actor is None:
            return None
        was_kept = kept(sheet, actor) and bare(sheet).says_something
        say("You were signed out." + (" What you wrote is kept." if was_kept else ""), "quiet")
        return redirect(url_for("accounts.sign_in", next=sheet.page))

    @app.after_request
    def _refused(response: Response) -> Response:
        sheet = sheet_sent()
        if sheet is not None and (response.status_code in REFUSED or "unsent" in g):
            kept(sheet, me())
        return response
