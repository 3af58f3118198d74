"""The only door from a view to the database."""

import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from typing import cast

from flask import Flask, Response, abort, current_app, g, redirect, request, url_for
from flask_login import current_user
from sqlalchemy import update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from transition.actions.drafts import throw_away
from transition.actions.work import TrailClosed, Work, work_of
from transition.catalogue import Catalogue
from transition.clock import local_day
from transition.records.audit import Note, Occasion
from transition.records.base import db
from transition.records.cases import SeenCase, find_case
from transition.records.dues import Asking
from transition.records.sign_ins import SignIn
from transition.records.summaries import Summary, summary_of
from transition.records.urgent_access import find_urgent
from transition.rules.access import CaseAccess, UrgentGrant, may_work
from transition.rules.pathway import Owner
from transition.rules.people import Actor
from transition.rules.references import is_reference
from transition.rules.stages import Ending
from transition.rules.trail import about_urgently
from transition.rules.urgent_access import Part, parts_shown

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


def providers() -> dict[str, str]:
    """Return whose staff sign in with a work account: the key and the name of each."""
    known = catalogue().collaborative
    return {key: known.employers[key] for key in known.providers}


def asking() -> Asking:
    """Return who asks what is due, and when."""
    return Asking(me(), today(), catalogue())


def reading() -> Session:
    """Return the session to read with."""
    return db.session()


def request_id() -> str:
    """Return what this request is called in the trail, the log and on a page that went wrong."""
    if "request_id" not in g:
        g.request_id = secrets.token_hex(8)
    return cast("str", g.request_id)


def occasion() -> Occasion:
    """Return who does something now, through the web."""
    return Occasion(me(), now(), "web", request_id())


def looking() -> Work:
    """Return a piece of work that only looks."""
    return Work(reading(), occasion(), catalogue())


@contextmanager
def my_work() -> Iterator[Work]:
    """Do a piece of work of whoever is signed in: one transaction, with its trail.

    The draft of the form that asked for it ends with it.
    """
    with _logged_work() as work:
        yield work
        if "form" in g:
            throw_away(work, kind_of(g.form.sent_to, request.view_args or {}))


@contextmanager
def work_as(actor: Actor) -> Iterator[Work]:
    """Do a piece of work of somebody who has shown their password and no more yet."""
    with _logged_work(actor) as work:
        yield work


@contextmanager
def _logged_work(actor: Actor | None = None) -> Iterator[Work]:
    """Put a line into the log for each entry of the trail: code, reference, request, no more."""
    whose = replace(occasion(), actor=actor) if actor is not None else occasion()
    with work_of(db.session(), whose, catalogue()) as work:
        yield work
    for note in work.notes:
        current_app.logger.info(
            "%s %s %s, request %s", note.action, note.case_ref or "-", note.outcome, g.request_id
        )


def kind_of(endpoint: str, args: Mapping[str, str]) -> str:
    """Return what kind of draft is kept of a form: where it is sent to, and about which case."""
    return " ".join([endpoint, *(str(args[name]) for name in in_order(args))])


def in_order(names: Iterable[str]) -> list[str]:
    """Return the names of what an address holds, as the words of a draft's kind follow them."""
    return sorted(names, key=_reference_first)


def _reference_first(name: str) -> tuple[bool, str]:
    return name != "reference", name


def my_case(
    reference: str,
    *,
    at_least: CaseAccess = CaseAccess.SHARED,
    sealed: bool = False,
    urgently: Part | None = None,
) -> SeenCase:
    """Return the case called *reference* for reading, or answer that there is no such page.

    The same statements run whether a case is absent or not for this reader. Of one that was
    entered in error there is only the page that says so, which asks for it *sealed*. A page that
    is shown of what somebody opened in an emergency says which part of it that is: *urgently*.
    """
    known = reference if is_reference(reference) else NO_REFERENCE
    found = find_case(reading(), known, reader=me())
    if found is None or found.access < at_least:
        opened = find_urgent(reading(), known, reader=me(), now=now())
        if opened is not None:
            return _urgently(opened, urgently)
        note_seen(
            "case:refused", case_ref=known if known != NO_REFERENCE else None, outcome="refused"
        )
        abort(404)
    closed = found.case.ending is Ending.ENTERED_IN_ERROR and found.access is CaseAccess.FULL
    if closed and not sealed:
        page = url_for("cases.closing", reference=reference)
        abort(redirect(page) if request.method == "GET" else 404)
    g.seen_case = found
    return found


def _urgently(opened: SeenCase, part: Part | None) -> SeenCase:
    """Return a case that is open in an emergency, if this page is a part of what is shown so."""
    if part not in parts_shown(opened.case.sharing_basis):
        grant = cast("UrgentGrant", opened.urgent)
        about = about_urgently("", grant)
        note_seen("case:refused", case_ref=opened.case.reference, about=about, outcome="refused")
        abort(403)
    g.seen_case = opened
    return opened


def summary_seen(seen: SeenCase) -> Summary:
    """Return the summary of a case, which a page and what stands on every page share."""
    if "summary" not in g:
        g.summary = summary_of(reading(), seen.case.uid)
    return cast("Summary", g.summary)


def my_running_case(
    reference: str, *, at_least: CaseAccess = CaseAccess.SHARED, urgently: Part | None = None
) -> SeenCase:
    """Return a case as `my_case` does, or go to what is left to read of somebody who has died.

    What was typed before it was recorded still reaches the rule that refuses it, and is not lost.
    """
    seen = my_case(reference, at_least=at_least, urgently=urgently)
    if seen.case.ending is Ending.DIED and request.method == "GET":
        abort(redirect(url_for("cases.record", reference=reference)))
    return seen


def may_work_on(seen: SeenCase, owner: Owner) -> bool:
    """Return whether the reader may record what is this owner's to do in a case."""
    outside = catalogue().collaborative.is_outside(seen.case.receiver)
    return may_work(me(), owner, seen.access, seen.case.stage, outside=outside)


def note_seen(
    action: str, *, case_ref: str | None = None, about: str = "", outcome: str = "done"
) -> None:
    """Put into the trail, just before the answer leaves, that something was shown or refused.

    Of a case that is open in an emergency it names the row by which it is.
    """
    seen: SeenCase | None = g.get("seen_case")
    if seen is not None and seen.urgent is not None and seen.case.reference == case_ref:
        about = about_urgently(about, seen.urgent)
    g.setdefault("seen", []).append(Note(action, about, case_ref=case_ref, outcome=outcome))


def write_what_was_seen(app: Flask) -> None:
    """Write what a page showed into the trail as the last thing before it leaves.

    If that fails the page does not leave: what nobody can trace is shown to nobody.
    """

    @app.after_request
    def _write(response: Response) -> Response:
        notes, seen_now = g.pop("seen", []), g.pop("seen_now", None)
        try:
            if notes or seen_now:
                _write_down(notes, seen_now)
        except (DBAPIError, TrailClosed) as fault:
            # That somebody was here is no reason to take back what was saved; the next page tells.
            return app.make_response(app.handle_user_exception(fault)) if notes else response
        return response


def _write_down(notes: list[Note], seen_now: bytes | None) -> None:
    with _logged_work() as work:
        work.notes.extend(notes)
        if seen_now is not None:
            work.session.execute(
                update(SignIn).where(SignIn.uid == seen_now).values(last_seen_at=now())
            )
