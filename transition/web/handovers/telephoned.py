"""What a hospice said on the telephone, written down until it says it here itself."""

from flask import abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from transition.actions.telephoned import record_said, take_back_said
from transition.records.cases import SeenCase
from transition.records.handovers import Handover
from transition.rules.access import CaseAccess, Permission
from transition.rules.errors import RuleBroken
from transition.web.frame import say
from transition.web.guard import requires
from transition.web.handovers.checking import found, receiver_of, stands
from transition.web.handovers.forms import SaidForm
from transition.web.handovers.views import handovers
from transition.web.versions import editing
from transition.web.work import my_work, note_seen


@handovers.route("/cases/<reference>/handovers/<key>/told/said", methods=["GET", "POST"])
@requires(Permission.RECORD_TOLD)
def said(reference: str, key: str) -> ResponseReturnValue:
    """Write down what somebody at the receiver said; it counts once they say it here."""
    seen, handover = _found(reference, key)
    form = SaidForm(version=stands(seen, handover).version)
    if not form.validate_on_submit():
        return _page(seen, handover, form)
    try:
        with editing(form, reference, lambda: stands(*_found(reference, key))) as work:
            record_said(work, reference, key, form.told, form.words.data)
    except RuleBroken as refusal:
        form.refuse(refusal)
        return _page(*_found(reference, key), form)
    say(f"Written down. {receiver_of(handover)} still has to say it here.", "done")
    return redirect(url_for("handovers.show", reference=reference, key=key))


@handovers.route("/cases/<reference>/handovers/<key>/told/unsaid", methods=["POST"])
@requires(Permission.RECORD_TOLD)
def unsaid(reference: str, key: str) -> ResponseReturnValue:
    """Strike what was written down of a call."""
    _found(reference, key)
    try:
        with my_work() as work:
            take_back_said(work, reference, key)
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


def _page(seen: SeenCase, handover: Handover, form: SaidForm) -> ResponseReturnValue:
    note_seen("handover:read", case_ref=seen.case.reference, about=handover.key)
    page = render_template(
        "handovers/said.html",
        form=form,
        case=seen.case,
        handover=handover,
        receiver=receiver_of(handover),
    )
    return page, 422 if form.errors else 200
