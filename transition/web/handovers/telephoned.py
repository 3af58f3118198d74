"""What a hospice said on the telephone, written down until it says it here itself."""

from flask import abort, redirect, url_for
from flask.typing import ResponseReturnValue

from transition.actions.telephoned import record_said, take_back_said
from transition.actions.work import ChangedMeanwhile
from transition.records.cases import SeenCase
from transition.records.handovers import Handover
from transition.rules.access import CaseAccess, Permission
from transition.rules.errors import RuleBroken
from transition.web.filters import receiver_of
from transition.web.forms import VersionedForm
from transition.web.frame import say
from transition.web.guard import requires
from transition.web.handovers.checking import found, handover_page, kept, noted
from transition.web.handovers.forms import SaidForm
from transition.web.handovers.views import handovers, refuse_over
from transition.web.versions import editing


@handovers.route("/cases/<reference>/handovers/<key>/told/said", methods=["GET", "POST"])
@requires(Permission.RECORD_TOLD)
def said(reference: str, key: str) -> ResponseReturnValue:
    """Write down what somebody at the receiver said; it counts once they say it here."""
    seen, handover = _found(reference, key)
    refuse_over(seen, handover, "said")
    form = SaidForm(version=noted(seen, handover).version)
    if not form.validate_on_submit():
        return handover_page("said", seen, handover, form)
    words = form.words.data
    if not kept(
        form,
        reference,
        key,
        lambda work: record_said(work, reference, key, form.told, words),
        noted,
    ):
        return handover_page("said", *_found(reference, key), form)
    say(f"Written down. {receiver_of(handover)} still has to say it here.", "done")
    return redirect(url_for("handovers.show", reference=reference, key=key))


@handovers.route("/cases/<reference>/handovers/<key>/told/unsaid", methods=["POST"])
@requires(Permission.RECORD_TOLD)
def unsaid(reference: str, key: str) -> ResponseReturnValue:
    """Strike what was written down of a call."""
    _found(reference, key)
    form = VersionedForm()
    try:
        with editing(form, reference, lambda: noted(*_found(reference, key))) as work:
            take_back_said(work, reference, key)
    except ChangedMeanwhile:
        raise
    except RuleBroken as refusal:
        say(str(refusal), "problem")
    else:
        say("Struck: nothing is written down of a call.", "quiet")
    return redirect(url_for("handovers.show", reference=reference, key=key))


def _found(reference: str, key: str) -> tuple[SeenCase, Handover]:
    """Return a case and its handover to a hospice that signs in, or answer 404."""
    seen, handover = found(reference, key, at_least=CaseAccess.FULL)
    if handover.outside:
        abort(404)
    return seen, handover
