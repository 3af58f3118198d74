"""What my next digest will say: the same words as the letter, on the screen."""

from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue

from transition.actions.letters import digest_letter
from transition.rules.access import Permission
from transition.web.guard import requires
from transition.web.work import me, my_work

digests = Blueprint("digests", __name__)


@digests.route("/me/notifications/preview")
@requires(Permission.PREVIEW_DIGEST)
def preview() -> ResponseReturnValue:
    """Show the subject and the text that a digest would carry now."""
    with my_work() as work:
        work.note("digest:previewed")
        letter = digest_letter(work, current_app.config["POST"], me(), to="")
    return render_template("digests/preview.html", letter=letter)
