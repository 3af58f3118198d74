"""Pages for what goes wrong: each says what happened and what to do."""

from typing import Final, cast

from flask import Flask, current_app, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError
from werkzeug.exceptions import HTTPException, SecurityError

from transition.actions.work import ChangedMeanwhile, NotFound, TrailClosed
from transition.records.audit import AuditEntry
from transition.rules.errors import RuleBroken
from transition.rules.references import is_reference
from transition.web.forms import Form
from transition.web.keeping import bare, kept, sheet_sent
from transition.web.work import me, note_seen, request_id

WORDS: Final = {
    400: ("We could not read that", "Go back, load the page again, and send it once more."),
    403: (
        "You may only read this",
        (
            "You opened this record in an emergency. You may read its emergency page, and the"
            " record where that is shared; nothing else of it opens, and nothing can be changed."
            " Ring whoever leads tonight, and ask them to write it down."
        ),
    ),
    404: (
        "We cannot find that page",
        (
            "If you followed a link from an e-mail, the transition may have ended, or it may no "
            "longer be shared with you."
        ),
    ),
    405: ("That is not how this page works", "Go back and use the button on the page."),
    409: ("Somebody else changed this", "Load the page again to see what it says now."),
    413: ("That was too long to send", "Shorten what you wrote, and send it again."),
    422: ("That could not be done", "Go back and check what you entered."),
    500: (
        "Something went wrong",
        (
            "It is our fault, not yours. Nothing you saved before has been lost. Go back and try "
            "again."
        ),
    ),
    503: ("The tracker cannot save just now", "Wait a minute, go back, and send it again."),
}

OFFERING: Final = frozenset({403, 503})
"""The answers beside which the emergency page of a case still opens."""

KEPT: Final = (
    "What you wrote is kept, and comes back when you open this form again. You can also wait a "
    "minute, and send it again from here."
)
ONLY_HERE: Final = (
    "What you wrote is on this page, and nowhere else yet. Leave the page open, wait a minute, and "
    "send it again from here."
)


TRAIL_CLOSED: Final = (
    "Who looks at what cannot be written down just now, so no record is shown and nothing saved. "
    "Wait a minute, and try again."
)


def show_errors(app: Flask) -> None:
    """Show a page for every error, with words and without details."""
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(CSRFError, _form_too_old)
    app.register_error_handler(NotFound, lambda _: _page(404))
    app.register_error_handler(ChangedMeanwhile, _changed)
    app.register_error_handler(RuleBroken, lambda refusal: _page(422, str(refusal)))
    app.register_error_handler(OperationalError, _no_database)
    app.register_error_handler(ProgrammingError, _not_there)
    app.register_error_handler(TrailClosed, _trail_closed)
    app.register_error_handler(Exception, _fault)


def _http(error: HTTPException) -> ResponseReturnValue:
    if isinstance(error, SecurityError):
        # Asked for under a name that is not ours: without one, no address can be put into a page.
        return "This is not an address of the tracker.\n", 400, {"Content-Type": "text/plain"}
    if error.response is not None or error.code is None or error.code < 400:  # noqa: PLR2004 - below it is no error
        return error
    page, code = _page(error.code)
    return page, code, [header for header in error.get_headers() if header[0] == "Allow"]


def _form_too_old(_error: CSRFError) -> ResponseReturnValue:
    sheet = sheet_sent()
    # Only a page of ours brings the sign-in along; what another site sends is never shown as ours.
    if sheet is not None and current_user.is_authenticated and (form := bare(sheet)).carried:
        return _form_page(400, "This page was open for too long. Send it once more.", form)
    return _page(400, "This page was open for too long. Load it again, and send it once more.")


def _changed(refusal: ChangedMeanwhile) -> ResponseReturnValue:
    """Show what stands now beside what was sent, which goes with the newer version next time."""
    standing, form = g.get("standing"), _form_sent()
    if standing is not None and form is not None:
        reference = (request.view_args or {}).get("reference")
        if reference is not None:
            note_seen("case:viewed", case_ref=reference, about="newer")
        form.version.data = standing.version
    heading, _ = WORDS[409]
    words = {"heading": heading, "words": str(refusal), "standing": standing, "form": form}
    return render_template("errors/changed.html", **words), 409


def _no_database(error: OperationalError) -> ResponseReturnValue:
    """Keep what was sent if that can be done; else the page itself holds it, and nothing more."""
    tell_log(error)
    was_kept = _is_kept()
    if not was_kept:
        g.no_database = True  # nothing is asked of it any more, nor who this is
    g.pop("seen", None)
    words = TRAIL_CLOSED if request.method == "GET" else None
    page, code = _lost_nothing(503, was_kept=was_kept, words=words)
    return page, code, {"Retry-After": "60"}


def _not_there(error: ProgrammingError) -> ResponseReturnValue:
    """Close what cannot read the trail as what cannot write it: one database calls it our fault."""
    about_trail = AuditEntry.__tablename__ in (error.statement or "")
    return _trail_closed(error) if about_trail else _fault(error)


def _trail_closed(error: Exception) -> ResponseReturnValue:
    """Show nobody, do nothing, and lose nothing that was typed."""
    tell_log(error)
    was_kept = _is_kept()
    g.pop("seen", None)
    page, code = _lost_nothing(503, was_kept=was_kept, words=TRAIL_CLOSED)
    return page, code, {"Retry-After": "60"}


def _fault(error: Exception) -> ResponseReturnValue:
    tell_log(error)
    was_kept = _is_kept()
    g.pop("seen", None)  # it was gathered, and is not shown
    return _lost_nothing(500, was_kept=was_kept)


def _is_kept() -> bool:
    sheet = sheet_sent()
    try:
        return sheet is not None and current_user.is_authenticated and kept(sheet, me())
    except (DBAPIError, TrailClosed):
        return False


def _lost_nothing(code: int, *, was_kept: bool, words: str | None = None) -> tuple[str, int]:
    form = _form_sent()
    if form is None or not form.says_something:
        return _page(code, words)
    return _form_page(code, KEPT if was_kept else ONLY_HERE, form)


def _form_sent() -> Form | None:
    """Return the form that this request sent, as its view made it or else without its lists."""
    if "form" in g:
        return cast("Form", g.form)
    sheet = sheet_sent()
    return bare(sheet) if sheet is not None else None


def _form_page(code: int, words: str, form: Form) -> tuple[str, int]:
    number = _number(code)
    return render_template("errors/not_saved.html", words=words, form=form, number=number), code


def _number(code: int) -> str:
    """Return what the log calls this request, where somebody will want to ask about it."""
    return request_id() if code >= 500 else ""  # noqa: PLR2004 - ours from there


def tell_log(error: BaseException | None) -> None:
    """Write where it went wrong, and no value: its text may carry what somebody typed."""
    g.pop("seen_case", None)  # nothing more is asked of the database about it
    places = []
    trace = error.__traceback__ if error else None
    while trace is not None:
        code = trace.tb_frame.f_code
        places.append(f"{code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}")
        trace = trace.tb_next
    where = " ".join(places[-6:])
    current_app.logger.error("%s at %s, request %s", type(error).__name__, where, request_id())


def _page(code: int, words: str | None = None) -> tuple[str, int]:
    heading, otherwise = WORDS.get(code, WORDS[500 if code >= 500 else 400])  # noqa: PLR2004 - ours from there
    page = render_template(
        "errors/page.html",
        heading=heading,
        words=words or otherwise,
        code=code,
        number=_number(code),
        emergency=_emergency_page() if code in OFFERING else "",
    )
    return page, code


def _emergency_page() -> str:
    """Return the address of the page that opens while the trail fails, of the case asked for."""
    reference = (request.view_args or {}).get("reference", "")
    asked_for = request.endpoint == "emergency.show" or not is_reference(reference)
    return "" if asked_for else url_for("emergency.show", reference=reference)
