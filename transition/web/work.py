"""The only door from a view to the database."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import cast

from flask import Flask, Response, abort, current_app, g
from flask_login import current_user
from sqlalchemy import update
from sqlalchemy.orm import Session

from transition.actions.work import Work, work_of
from transition.catalogue import Catalogue
from transition.clock import local_day
from transition.records.audit import Note, Occasion
from transition.records.base import db
from transition.records.cases import SeenCase, find_case
from transition.records.dues import Asking
from transition.records.sign_ins import SignIn
from transition.rules.access import CaseAccess
from transition.rules.people import Actor
from transition.rules.references import is_reference

NOBODY = Actor(None, "nobody", "", frozenset())
"""Who acts before anybody is signed in."""

NO_REFERENCE = "-"
"""Asked for in place of words that are no reference, so that the same work is done."""


def me() -> Actor:
    """Return who is signed in."""
    return cast("Actor", current_user.actor) if current_user.is_authenticated else NOBODY


def now() -> datetime:
    """Return the instant of this request; it stays the same to its end."""
    if "now" not in g:
        g.now = current_app.config["CLOCK"].now()
    return cast("datetime", g.now)


def today() -> date:
    """Return the day of this request, in London."""
    return local_day(now())


def catalogue() -> Catalogue:
    """Return the pathways, organisations and holidays in force."""
    return cast("Catalogue", current_app.config["CATALOGUE"])


def asking() -> Asking:
    """Return who asks what is due, and when."""
    return Asking(me(), today(), catalogue())


def reading() -> Session:
    """Return the session to read with."""
    return db.session()


def occasion() -> Occasion:
    """Return who does something now, through the web."""
    if "request_id" not in g:
        g.request_id = secrets.token_hex(8)
    return Occasion(me(), now(), "web", g.request_id)


@contextmanager
def my_work() -> Iterator[Work]:
    """Do a piece of work of whoever is signed in: one transaction, with its trail.

    The log gets a line for each entry of the trail: a code, a reference and the request, no more.
    """
    with work_of(db.session(), occasion(), catalogue()) as work:
        yield work
    for note in work.notes:
        current_app.logger.info(
            "%s %s %s, request %s", note.action, note.case_ref or "-", note.outcome, g.request_id
        )


def my_case(reference: str, *, at_least: CaseAccess = CaseAccess.SHARED) -> SeenCase:
    """Return the case called *reference* for reading, or answer that there is no such page.

    The same statements run whether a case is absent or not for this reader.
    """
    known = reference if is_reference(reference) else NO_REFERENCE
    found = find_case(reading(), known, reader=me())
    if found is None or found.access < at_least:
        note_seen(
            "case:refused", case_ref=known if known != NO_REFERENCE else None, outcome="refused"
        )
        abort(404)
    return found


def note_seen(
    action: str, *, case_ref: str | None = None, about: str = "", outcome: str = "done"
) -> None:
    """Put into the trail, just before the answer leaves, that something was shown or refused."""
    g.setdefault("seen", []).append(Note(action, about, case_ref=case_ref, outcome=outcome))


def write_what_was_seen(app: Flask) -> None:
    """Write what a page showed into the trail as the last thing before it leaves.

    If that fails the page does not leave: what nobody can trace is shown to nobody.
    """

    @app.after_request
    def _write(response: Response) -> Response:
        notes, seen_now = g.pop("seen", []), g.pop("seen_now", None)
        if notes or seen_now:
            with my_work() as work:
                work.notes.extend(notes)
                if seen_now is not None:
                    work.session.execute(
                        update(SignIn).where(SignIn.uid == seen_now).values(last_seen_at=now())
                    )
        return response
