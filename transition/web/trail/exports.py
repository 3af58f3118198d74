"""Taking a copy of the trail along, with what proves it."""

from typing import Any, Final

from flask import Response, render_template, url_for
from flask.typing import ResponseReturnValue

from transition.actions.trail import copy_wanted, key_of_copy
from transition.home import PACKAGE
from transition.records.trail import is_of
from transition.rules.access import Permission
from transition.rules.trail import ExportReason
from transition.web.guard import fresh, requires
from transition.web.trail.forms import ExportForm
from transition.web.trail.views import asked, trail
from transition.web.work import my_work, note_seen, reading

VERIFIER: Final = PACKAGE / "security" / "verify_export.py"


@trail.route("/export", methods=["GET", "POST"])
@requires(Permission.EXPORT_TRAIL)
@fresh
def export() -> ResponseReturnValue:
    """Ask why, and give a copy of what the address asks for: of an own case, its whole trail."""
    question = asked()
    wanted, form = question.wanted, ExportForm()
    whole = bool(wanted.case) and is_of(reading(), wanted.case, wanted.organisation)
    about = wanted.case if whole else wanted.organisation
    if form.validate_on_submit():
        with my_work() as work:
            lines = copy_wanted(work, wanted, ExportReason(form.reason.data))
        return _as_file("\n".join([*lines, ""]), f"trail-{about}.jsonl")
    note_seen("trail:read", case_ref=wanted.case or None, about="key")
    page = render_template(
        "trail/export.html",
        form=form,
        case=wanted.case if whole else "",
        key=key_of_copy(reading(), about).hex(),
        codes=question.codes,
        back_to=_address(question.codes),
        here=_address(question.codes, "trail.export"),
    )
    return page, 422 if form.errors else 200


def _address(codes: dict[str, Any], endpoint: str = "trail.index") -> str:
    return url_for(endpoint, **codes)


def _as_file(words: str, name: str) -> Response:
    answer = Response(words, mimetype="text/plain")
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


@trail.route("/verifier")
@requires(Permission.EXPORT_TRAIL)
def verifier() -> ResponseReturnValue:
    """Give the program that proves a copy; it needs nothing but Python."""
    return _as_file(VERIFIER.read_text("utf-8"), VERIFIER.name)
