"""Proposing a handover: what it still waits for, what is asked, the check, and sending it."""

from datetime import date
from itertools import chain
from typing import Any

from flask import abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from transition.actions.handovers import Proposal, propose_handover
from transition.actions.readiness import people_told
from transition.actions.record import missing_before_proposal
from transition.records.cases import SeenCase
from transition.records.dues import CaseDues, dues_of_case
from transition.records.early_notices import notices_of
from transition.records.handovers import handovers_of
from transition.records.young_people import young_person_of
from transition.rules.access import CaseAccess, Permission, may
from transition.rules.errors import RuleBroken
from transition.rules.handovers import Function, SharingBasis, Urgency
from transition.rules.pathway import Gate, Stage
from transition.rules.record_sections import NUMBER, SECTIONS
from transition.rules.stages import ASKS_SUPPORT
from transition.web.filters import receiver_of
from transition.web.frame import say
from transition.web.guard import requires
from transition.web.handovers.checking import check_page
from transition.web.handovers.forms import ProposeForm, SupportForm
from transition.web.handovers.views import handovers
from transition.web.versions import Standing, editing
from transition.web.work import (
    asking,
    catalogue,
    looking,
    me,
    my_case,
    my_running_case,
    note_seen,
    reading,
    summary_seen,
    today,
)


@handovers.route("/cases/<reference>/handover/propose", methods=["GET", "POST"])
@requires(Permission.PROPOSE_HANDOVER)
def propose(reference: str) -> ResponseReturnValue:
    """Show what a proposal still waits for; if nothing, ask what is proposed, and send it."""
    seen = my_running_case(reference, at_least=CaseAccess.FULL)
    form = ProposeForm(
        {one.key: one.name for one in catalogue().collaborative.receivers},
        _outside(),
        receiver=seen.case.catchment_key,
        functions=_announced(seen),
        target_transfer_on=seen.case.target_transfer_on,
        **_known(seen),
    )
    return _ask(seen, form)


@handovers.route("/cases/<reference>/handover/support", methods=["GET", "POST"])
@requires(Permission.PROPOSE_HANDOVER)
def support(reference: str) -> ResponseReturnValue:
    """Ask a hospice to support beside the one that leads or was asked to, and send it."""
    seen = my_running_case(reference, at_least=CaseAccess.FULL)
    asked = {
        one.receiver for one in handovers_of(reading(), seen.case.uid) if one.closed_at is None
    }
    offered = [one for one in catalogue().collaborative.receivers if one.key not in asked]
    form = SupportForm(
        {one.key: one.name for one in offered},
        _outside(),
        target_transfer_on=max(seen.case.target_transfer_on or today(), today()),
        **_known(seen),
    )
    return _ask(seen, form)


def _known(seen: SeenCase) -> dict[str, Any]:
    """Return what a proposal begins with: on what basis is shared, and how the case stands."""
    basis = seen.case.sharing_basis
    return {
        "sharing_basis": basis.value if basis.allows_sharing else None,
        "sharing_limits": summary_seen(seen).sharing_limits,
        "version": _stands(seen).version,
    }


def _ask(seen: SeenCase, form: ProposeForm) -> ResponseReturnValue:
    """Show the form, or what will be sent, or send it."""
    reference = seen.case.reference
    if not form.is_submitted() or not form.check(today()) or form.to_change:
        return _page(seen, form)
    try:
        if form.to_check:
            return _check(seen, form)
        with editing(form, reference, lambda: _stands(seen)) as work:
            handover = propose_handover(work, reference, _proposal(form))
            receiver, outside = receiver_of(handover), handover.outside
            reply_by, key = handover.reply_by, handover.key
    except RuleBroken as refusal:
        form.refuse(refusal)
        return _page(my_case(reference, at_least=CaseAccess.FULL), form)
    if outside:
        say(f"Recorded. Print the pack for {receiver}, and record here what they say.", "done")
        return redirect(url_for("handovers.show", reference=reference, key=key))
    say(f"Sent to {receiver}. They have until {_said(reply_by)} to reply.", "done")
    return redirect(url_for("cases.show", reference=reference))


def _stands(seen: SeenCase) -> Standing:
    """Return how a case stands that a handover is proposed for: at which stage, and with whom."""
    collaborative = catalogue().collaborative
    receiver = seen.case.receiver
    with_whom = collaborative.organisation(receiver).name if receiver else "Not chosen yet"
    return Standing(
        version=f"{seen.case.stage.value}.{receiver or ''}",
        words=(("Stage", seen.case.stage.label), ("Moving to", with_whom)),
        did="moved this case",
    )


def _check(seen: SeenCase, form: ProposeForm) -> ResponseReturnValue:
    receiver = catalogue().collaborative.organisation(form.receiver.data)
    told = people_told(looking(), receiver.key)
    outside = receiver.key in form.outside
    send = f"Propose it to {form.provider.data}" if outside else f"Send to {receiver.name}"
    heading = "Check what you send"
    return check_page(form, seen.case, heading=heading, told=told, send=send)


def _page(seen: SeenCase, form: ProposeForm) -> ResponseReturnValue:
    dues = dues_of_case(reading(), seen.case.uid, asking())
    if dues is None:
        abort(404)
    note_seen("case:viewed", case_ref=seen.case.reference, about="readiness")
    page = render_template(
        "handovers/propose.html",
        form=form,
        case=seen.case,
        person=young_person_of(reading(), seen.case.young_person_uid),
        gates=_gates(dues),
        unwritten=[
            (one.words, _written_at(seen.case.reference, one.where))
            for one in missing_before_proposal(looking(), seen.case)
        ],
        dues=dues,
        may_waive=may(me().roles, Permission.WAIVE_GATE),
        open_now=seen.case.stage in ((Stage.PLANNING,) if form.leads else ASKS_SUPPORT),
    )
    return page, 422 if form.errors else 200


def _written_at(reference: str, where: str) -> str:
    """Return the address of the form in which something missing is written."""
    if where == NUMBER:
        return url_for("record.number", reference=reference)
    endpoint = "record.add" if SECTIONS[where].many else "record.edit"
    return url_for(endpoint, reference=reference, section=where)


def _gates(dues: CaseDues) -> list[tuple[Any, bool]]:
    """Return the milestones that a proposal asks for, and whether each is satisfied."""
    waiting = dues.waits_for(Gate.PROPOSE, today())
    lines = dues.lines(asking())
    return [(line, line.rule not in waiting) for line in lines if line.rule.gate is Gate.PROPOSE]


def _announced(seen: SeenCase) -> list[str]:
    """Return what the early notice to the hospice of the area said would likely be asked for."""
    notices = notices_of(reading(), seen.case.uid)
    said = [one.functions for one in notices if one.receiver == seen.case.catchment_key]
    return list(chain.from_iterable(said))


def _outside() -> list[str]:
    receivers = catalogue().collaborative.receivers
    return [one.key for one in receivers if not one.signs_in]


def _proposal(form: ProposeForm) -> Proposal:
    return Proposal(
        receiver=form.receiver.data,
        provider=form.provider.data if form.receiver.data in form.outside else None,
        functions=tuple(Function(code) for code in form.functions.data),
        target_on=form.target_transfer_on.data,
        urgency=Urgency(form.urgency.data),
        sharing_basis=SharingBasis(form.sharing_basis.data),
        sharing_limits=form.sharing_limits.data or None,
        why=form.why.data or None,
        call=form.call.data or None,
        leads=form.leads,
    )


def _said(day: date | None) -> str:
    return f"{day:%A} {day.day} {day:%B}" if day else ""
