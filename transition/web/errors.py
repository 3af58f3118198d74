"""Pages for what goes wrong: each says what happened and what to do."""

from typing import Final

from flask import Flask, current_app, g, render_template
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, SecurityError

from transition.actions.work import ChangedMeanwhile, NotFound
from transition.rules.errors import RuleBroken

WORDS: Final = {
    400: ("We could not read that", "Go back, load the page again, and send it once more."),
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


def show_errors(app: Flask) -> None:
    """Show a page for every error, with words and without details."""
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(CSRFError, _form_too_old)
    app.register_error_handler(NotFound, lambda _: _page(404))
    app.register_error_handler(ChangedMeanwhile, lambda refusal: _page(409, str(refusal)))
    app.register_error_handler(RuleBroken, lambda refusal: _page(422, str(refusal)))
    app.register_error_handler(OperationalError, _no_database)
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
    return _page(400, "This page was open for too long. Load it again, and send it once more.")


def _no_database(error: OperationalError) -> ResponseReturnValue:
    tell_log(error)
    page, code = _page(503)
    return page, code, {"Retry-After": "60"}


def _fault(error: Exception) -> ResponseReturnValue:
    tell_log(error)
    return _page(500)


def tell_log(error: BaseException | None) -> None:
    """Write where it went wrong, and no value: its text may carry what somebody typed."""
    places = []
    trace = error.__traceback__ if error else None
    while trace is not None:
        code = trace.tb_frame.f_code
        places.append(f"{code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}")
        trace = trace.tb_next
    where = " ".join(places[-6:])
    current_app.logger.error(
        "%s at %s, request %s", type(error).__name__, where, g.get("request_id")
    )


def _page(code: int, words: str | None = None) -> tuple[str, int]:
    heading, otherwise = WORDS.get(code, WORDS[500 if code >= 500 else 400])  # noqa: PLR2004 - ours from there
    page = render_template("errors/page.html", heading=heading, words=words or otherwise, code=code)
    return page, code
