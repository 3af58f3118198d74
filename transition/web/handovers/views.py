"""Handovers: proposing one, the inbox, and the pack with its reply."""

from datetime import date
from typing import Any

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from transition.actions.handovers import (
    Proposal,
    Reply,
    accept_handover,
    propose_handover,
)
from transition.actions.work import CHANGED_MEANWHILE, ChangedMeanwhile
from transition.records.cases import SeenCase
from transition.records.dues import CaseDues, dues_for, dues_of_case
from transition.records.handovers import Handover, find_handover, handovers_seen_by
from transition.records.names import names_of
from transition.records.staff import staff_names, workers_of
from transition.records.young_people import young_person_of
from transition.rules.access import CaseAccess, Permission, may
from transition.rules.errors import RuleBroken
from transition.rules.handovers import (
    UNDECIDED,
    Answer,
    Function,
    SharingBasis,
    Urgency,
    parse_handover_key,
)
from transition.rules.organisations import OrganisationKind
from transition.rules.pathway import Gate, Stage
from transition.web.filters import age
from transition.web.frame import say
from transition.web.guard import requires
from transition.web.handovers.forms import LATER, ProposeForm, ReplyForm
from transition.web.work import asking, catalogue, me, my_case, my_work, note_seen, reading, today

handovers = Blueprint("handovers", __name__)


@handovers.route("/handovers")
@requires(Permission.LIST_HANDOVERS)
def index() -> ResponseReturnValue:
    """Show the handovers that wait for an answer, then the answered ones."""
    cases = {dues.case_uid: dues for dues in dues_for(reading(), asking())}
    rows = handovers_seen_by(reading(), me().organisation, list(cases))
    names = names_of(reading(), {row.case_uid for row in rows})
    note_seen("handovers:listed", about=" ".join(cases[row.case_uid].reference for row in rows))
    return render_template(
        "handovers/index.html",
        waiting=[row for row in rows if row.state in UNDECIDED],
        answered=[row for row in rows if row.state not in UNDECIDED],
        cases=cases,
        names=names,
        ages={uid: age(cases[uid].anchors.born, today()) for uid in names},
        organisations=catalogue().collaborative,
        side=me().side,
    )


@handovers.route("/cases/<reference>/handover/propose", methods=["GET", "POST"])
@requires(Permission.PROPOSE_HANDOVER)
def propose(reference: str) -> ResponseReturnValue:
    """Show what a proposal still waits for; if nothing, ask what is proposed, and send it."""
    seen = my_case(reference, at_least=CaseAccess.FULL)
    form = ProposeForm(
        _receivers(),
        receiver=seen.case.catchment_key,
        target_transfer_on=seen.case.target_transfer_on,
    )
    if form.is_submitted() and form.check(today()):
        try:
            with my_work() as work:
                handover = propose_handover(work, reference, _proposal(form))
                receiver = catalogue().collaborative.organisation(handover.receiver).name
                reply_by = handover.reply_by
        except RuleBroken as refusal:
            form.refuse(refusal)
            seen = my_case(reference, at_least=CaseAccess.FULL)
        else:
            words = f"Sent to {receiver}. They have until {_said(reply_by)} to reply."
            say(words, "done")
            return redirect(url_for("cases.show", reference=reference))
    return _propose_page(seen, form)


def _propose_page(seen: SeenCase, form: ProposeForm) -> ResponseReturnValue:
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
        dues=dues,
        in_planning=seen.case.stage is Stage.PLANNING,
    )
    return page, 422 if form.errors else 200


def _gates(dues: CaseDues) -> list[tuple[Any, bool]]:
    """Return the milestones that a proposal asks for, and whether each is satisfied."""
    waiting = dues.waits_for(Gate.PROPOSE, today())
    lines = dues.lines(asking())
    return [(line, line.rule not in waiting) for line in lines if line.rule.gate is Gate.PROPOSE]


def _receivers() -> dict[str, str]:
    receivers = catalogue().collaborative.receivers
    return {one.key: one.name for one in receivers if one.kind is OrganisationKind.ADULT}


def _proposal(form: ProposeForm) -> Proposal:
    return Proposal(
        receiver=form.receiver.data,
        functions=tuple(Function(code) for code in form.functions.data),
        target_on=form.target_transfer_on.data,
        urgency=Urgency(form.urgency.data),
        sharing_basis=SharingBasis(form.sharing_basis.data),
        sharing_limits=form.sharing_limits.data or None,
        why=form.why.data or None,
    )


@handovers.route("/cases/<reference>/handovers/<key>")
@requires(Permission.READ_HANDOVER)
def show(reference: str, key: str) -> ResponseReturnValue:
    """Show the pack as it was sent, with the reply beside it."""
    seen, handover = _found(reference, key)
    return _pack_page(seen, handover, _reply_form(handover))


@handovers.route("/cases/<reference>/handovers/<key>/reply", methods=["POST"])
@requires(Permission.DECIDE_HANDOVER)
def reply(reference: str, key: str) -> ResponseReturnValue:
    """Send the answer of the receiving hospice."""
    seen, handover = _found(reference, key)
    form = _reply_form(handover)
    if not form.check(today()):
        return _pack_page(seen, handover, form)
    try:
        _refuse_older_page(form, handover)
        with my_work() as work:
            accept_handover(work, reference, key, _reply(form, handover))
    except ChangedMeanwhile:
        raise
    except RuleBroken as refusal:
        form.refuse(refusal)
        seen, handover = _found(reference, key)
        return _pack_page(seen, handover, form)
    say(f"Accepted. {_sender_of(seen)} has been told.", "done")
    return redirect(url_for("handovers.show", reference=reference, key=key))


def _refuse_older_page(form: ReplyForm, handover: Handover) -> None:
    if form.version.data and form.version.data != str(handover.version):
        raise ChangedMeanwhile(CHANGED_MEANWHILE)


def _found(reference: str, key: str) -> tuple[SeenCase, Handover]:
    seen = my_case(reference, at_least=CaseAccess.PACK)
    receiver, number = parse_handover_key(key) or ("", 0)
    handover = find_handover(reading(), seen.case.uid, receiver=receiver, number=number)
    own = seen.access is CaseAccess.FULL or receiver == me().organisation
    if handover is None or not own:
        abort(404)
    return seen, handover


def _reply_form(handover: Handover) -> ReplyForm:
    workers = workers_of(reading(), handover.receiver, today=today())
    return ReplyForm(
        {staff.uid.hex(): staff.name for staff in workers}, version=str(handover.version)
    )


def _reply(form: ReplyForm, handover: Handover) -> Reply:
    later = form.adult_worker.data == LATER
    return Reply(
        answers={row.function: Answer.ACCEPT for row in handover.answers},
        has_read=form.has_read.data,
        eligible=form.eligible.data,
        adult_worker_uid=None if later else bytes.fromhex(form.adult_worker.data),
        adult_worker_by=form.adult_worker_by.data if later else None,
        first_contact_on=form.first_contact_on.data,
    )


def _pack_page(seen: SeenCase, handover: Handover, form: ReplyForm) -> ResponseReturnValue:
    note_seen("handover:read", case_ref=seen.case.reference, about=handover.key)
    pack = handover.pack
    undecided = handover.state in UNDECIDED
    page = render_template(
        "handovers/show.html",
        form=form,
        case=seen.case,
        handover=handover,
        pack=pack,
        born=date.fromisoformat(pack["date_of_birth"]),
        target_on=date.fromisoformat(pack["target_on"]),
        age=age(date.fromisoformat(pack["date_of_birth"]), today()),
        functions=Function,
        sharing=SharingBasis(pack["sharing_basis"]),
        organisations=catalogue().collaborative,
        staff=staff_names(reading()),
        may_reply=undecided and may(me().roles, Permission.DECIDE_HANDOVER),
        sender=_sender_of(seen),
    )
    return page, 422 if form.errors else 200


def _sender_of(seen: SeenCase) -> str:
    return catalogue().collaborative.organisation(seen.case.organisation).name


def _said(day: date | None) -> str:
    return f"{day:%A} {day.day} {day:%B}" if day else ""
