"""What follows a No besides the next step: telling the family, and both leads talking about it."""

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from transition.actions.declines import (
    agree_after_all,
    dispute,
    record_family_told,
    record_leads_talked,
)
from transition.records.cases import SeenCase
from transition.records.handovers import Handover
from transition.rules.access import CaseAccess, Permission
from transition.rules.errors import RuleBroken
from transition.rules.handovers import HandoverState
from transition.web.frame import say
from transition.web.guard import requires
from transition.web.handovers.checking import found, handover_page, kept, noted
from transition.web.handovers.forms import FamilyToldForm, LeadsTalkedForm
from transition.web.handovers.views import handovers, refuse_over
from transition.web.work import my_work


@handovers.route("/cases/<reference>/handovers/<key>/family-told", methods=["GET", "POST"])
@requires(Permission.PROPOSE_HANDOVER)
def family_told(reference: str, key: str) -> ResponseReturnValue:
    """Ask who told the young person and family of a No, and when."""
    seen, handover = _declined(reference, key)
    form = FamilyToldForm(
        version=noted(seen, handover).version,
        happened_on=handover.family_told_on,
        told_by=handover.family_told_by,
    )
    on, by = form.happened_on.data, form.told_by.data
    if form.validate_on_submit() and kept(
        form,
        reference,
        key,
        lambda work: record_family_told(work, reference, key, on=on, by=by),
        noted,
    ):
        return _written_down(reference, key)
    heading = "Who told the young person and family?"
    return handover_page("after_a_no", *_declined(reference, key), form, heading=heading)


@handovers.route("/cases/<reference>/handovers/<key>/leads-talked", methods=["GET", "POST"])
@requires(Permission.PROPOSE_HANDOVER)
def leads_talked(reference: str, key: str) -> ResponseReturnValue:
    """Ask what both leads agreed about a No."""
    seen, handover = _declined(reference, key)
    refuse_over(seen, handover, "talk")
    form = LeadsTalkedForm(version=noted(seen, handover).version)
    on, words = form.happened_on.data, form.words.data
    if form.validate_on_submit() and kept(
        form,
        reference,
        key,
        lambda work: record_leads_talked(work, reference, key, on=on, words=words),
        noted,
    ):
        return _written_down(reference, key)
    heading = "What did both leads agree?"
    return handover_page("after_a_no", *_declined(reference, key), form, heading=heading)


@handovers.route("/cases/<reference>/handovers/<key>/disputed", methods=["POST"])
@requires(Permission.PROPOSE_HANDOVER)
def disputed(reference: str, key: str) -> ResponseReturnValue:
    """Say that both leads talk about a No, or take that back."""
    _declined(reference, key)
    agrees = request.form.get("agrees") == "yes"
    try:
        with my_work() as work:
            (agree_after_all if agrees else dispute)(work, reference, key)
    except RuleBroken as refusal:
        say(str(refusal), "problem")
    else:
        words = "Noted." if agrees else "Noted. Ring their lead: both leads talk within 10 days."
        say(words, "quiet" if agrees else "done")
    return redirect(url_for("handovers.show", reference=reference, key=key))


def _declined(reference: str, key: str) -> tuple[SeenCase, Handover]:
    """Return a case and a handover that was answered with a No, or answer 404."""
    seen, handover = found(reference, key, at_least=CaseAccess.FULL)
    if handover.state is not HandoverState.DECLINED:
        abort(404)
    return seen, handover


def _written_down(reference: str, key: str) -> ResponseReturnValue:
    say("Written down.", "done")
    return redirect(url_for("handovers.show", reference=reference, key=key))
