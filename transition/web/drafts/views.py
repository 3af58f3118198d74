"""Drafts: a page's script keeps what is half written, and whoever wrote it throws it away."""

from flask import Blueprint, redirect
from flask.typing import ResponseReturnValue

from transition.actions.drafts import throw_away as throw_draft_away
from transition.rules.access import Permission
from transition.web.filters import at_time
from transition.web.frame import say
from transition.web.guard import requires
from transition.web.keeping import case_of, sheet_at, write
from transition.web.work import me, my_work, now, today

drafts = Blueprint("drafts", __name__, url_prefix="/drafts")


@drafts.route("/keep/<path:form>", methods=["POST"])
@requires(Permission.KEEP_DRAFT)
def keep(form: str) -> ResponseReturnValue:
    """Keep what stands in the form that is sent to this address, and say when."""
    write(sheet_at(form), me())
    return f"Kept {at_time(now(), today())}", {"Content-Type": "text/plain; charset=utf-8"}


@drafts.route("/throw-away/<path:form>", methods=["POST"])
@requires(Permission.KEEP_DRAFT)
def throw_away(form: str) -> ResponseReturnValue:
    """Throw away what its reader has begun to write in the form that is sent to this address."""
    sheet = sheet_at(form)
    case_of(sheet, me())
    with my_work() as work:
        throw_draft_away(work, sheet.kind)
    say("What you had written was thrown away.", "quiet")
    return redirect(sheet.page)
