"""The transfer of a case: how ready it is, signing it, and taking a signature back."""

from collections.abc import Sequence
from typing import Final

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from transition.actions.readiness import people_across
from transition.actions.transfers import (
    Readiness,
    confirm_transfer,
    readiness_of,
    sign_transfer,
    take_back_signature,
)
from transition.records.cases import SeenCase
from transition.records.conditions import conditions_of
from transition.records.dues import CaseDues, dues_of_case
from transition.records.handovers import Handover, handovers_of
from transition.records.ledger import ledger_of
from transition.records.staff import staff_names
from transition.records.transfers import TransferSignature, signatures_of
from transition.records.young_people import young_person_of
from transition.rules.access import CaseAccess, Permission, may
from transition.rules.errors import RuleBroken
from transition.rules.handovers import AGREED, SETTLED, HandoverState
from transition.rules.ledger import leads_on, switched
from transition.rules.milestones import MilestoneLine
from transition.rules.pathway import Stage
from transition.rules.people import Role, Side
from transition.rules.transfers import both_signed, is_near, may_confirm
from transition.web.filters import day, receiver_of
from transition.web.frame import say
from transition.web.guard import requires
from transition.web.titles import with_titles
from transition.web.transfers.forms import ConfirmedForm, SignForm
from transition.web.versions import Standing, editing
from transition.web.work import (
    asking,
    catalogue,
    looking,
    may_work_on,
    me,
    my_running_case,
    my_work,
    note_seen,
    reading,
    today,
)

transfers = Blueprint("transfers", __name__, url_prefix="/cases/<reference>/confirm-transfer")

TAKEN: Final = frozenset({*AGREED, *SETTLED, HandoverState.CLOSED})
"""The states of a handover that leads, or led, to a transfer."""


@transfers.route("")
@requires(Permission.SEE_CASE)
def show(reference: str) -> ResponseReturnValue:
    """Show what a transfer waits for, who does what from its date, and who has signed."""
    seen, handover = _found(reference)
    dues = _dues(seen)
    signatures = signatures_of(reading(), handover.uid)
    standing = [one for one in signatures if one.voided_at is None]
    waits = readiness_of(looking(), seen.case, handover)
    note_seen("case:viewed", case_ref=seen.case.reference, about="transfer")
    may_sign = _may_sign(seen)
    return render_template(
        "transfers/show.html",
        case=seen.case,
        handover=handover,
        person=young_person_of(reading(), seen.case.young_person_uid),
        born=dues.anchors.born,
        status=_status(seen, handover, standing, waits),
        moves=seen.case.stage is Stage.MOVING,
        gates=[line for line in dues.lines(asking()) if line.rule in waits.gates],
        workable=_workable(seen, dues.lines(asking())),
        may_waive=may(me().roles, Permission.WAIVE_GATE) and seen.access is CaseAccess.FULL,
        waits=waits,
        conditions=[
            one
            for one in conditions_of(reading(), seen.case.uid)
            if one.handover_uid == handover.uid
        ],
        leads=_leads(seen, handover),
        signatures={one.side: one for one in standing},
        earlier=[one for one in signatures if one.voided_at is not None],
        hospices={
            Side.CHILDRENS: _name(seen.case.organisation),
            Side.ADULT: receiver_of(handover),
        },
        staff=staff_names(reading()),
        side=me().side,
        may_sign=may_sign,
        leads_outside=may_sign and handover.outside and Role.CHILDRENS_LEAD in me().roles,
        confirms=may_confirm([one.value for one in standing], me()) and not waits.sentences,
        at_rest=seen.case.paused or seen.case.ending is not None,
    )


def _found(reference: str) -> tuple[SeenCase, Handover]:
    """Return a case that moves or has moved and the handover by which it does, or answer 404."""
    seen = my_running_case(reference)
    taken = [
        one
        for one in handovers_of(reading(), seen.case.uid)
        if one.leads and one.state in TAKEN
        if seen.access is CaseAccess.FULL or one.receiver == me().organisation
    ]
    if not taken:
        abort(404)
    return seen, taken[-1]


def _dues(seen: SeenCase) -> CaseDues:
    dues = dues_of_case(reading(), seen.case.uid, asking())
    return with_titles([dues])[0] if dues is not None else abort(404)


def _name(organisation: str) -> str:
    return catalogue().collaborative.organisation(organisation).name


def _status(
    seen: SeenCase, handover: Handover, standing: Sequence[TransferSignature], waits: Readiness
) -> str:
    """Return in a sentence or two how a transfer stands."""
    on = seen.case.target_transfer_on
    sender, receiver = _name(seen.case.organisation), receiver_of(handover)
    if seen.case.transferred_on is not None:
        return f"{receiver} leads what it took on since {day(seen.case.transferred_on)}."
    if on is None:
        return "No date is set yet. Nothing changes before there is one."
    if both_signed([one.value for one in standing]):
        return f"Both hospices have signed. From {day(on)} {receiver} leads what it takes on."
    if on < today():
        return (
            f"The date, {day(on)}, has passed without both signatures: {sender} still leads"
            " everything. Move the date, then sign."
        )
    days = (on - today()).days
    ahead = "today" if days == 0 else "tomorrow" if days == 1 else f"in {days} days"
    asked = " Finish what is open, or move the date." if is_near(on, today()) else ""
    planned = f"Planned for {day(on)}, {ahead}. Until both have signed, nothing changes."
    return planned + (asked if waits.sentences else "")


def _workable(seen: SeenCase, lines: Sequence[MilestoneLine]) -> set[str]:
    """Return the milestones whose outcome the reader may record."""
    case = seen.case
    if case.paused or case.ending is not None:
        return set()
    rules = (line.rule for line in lines)
    return {rule.code for rule in rules if may_work_on(seen, rule.owner)}


def _leads(seen: SeenCase, handover: Handover) -> list[tuple[str, str, str]]:
    """Return each function with who leads it today, and who from the transfer date on."""
    collaborative = catalogue().collaborative
    spans = [row.span for row in ledger_of(reading(), seen.case.uid)]
    on = seen.case.transferred_on or seen.case.target_transfer_on or today()
    now = leads_on(spans, today())
    after = leads_on(switched(spans, handover.taken, handover.receiver, on), max(on, today()))
    return [
        (one.label, collaborative.service(now[one]).name, collaborative.service(after[one]).name)
        for one in now
    ]


def _may_sign(seen: SeenCase) -> bool:
    """Return whether the reader may sign, or take back what was signed, as things stand."""
    case = seen.case
    runs = case.ending is None and not case.paused
    return runs and case.stage is Stage.MOVING and may(me().roles, Permission.SIGN_TRANSFER)


def _stands(reference: str) -> Standing:
    """Return how a transfer stands: its date, what is open, and who has signed."""
    seen, handover = _found(reference)
    case, signatures = seen.case, signatures_of(reading(), handover.uid)
    standing = [one for one in signatures if one.voided_at is None]
    waits = readiness_of(looking(), case, handover)
    last = max(signatures, key=lambda one: one.signed_at, default=None)
    return Standing(
        version=f"{case.target_transfer_on}.{len(signatures)}.{len(standing)}.{len(waits.sentences)}",
        words=(
            ("Transfer date", day(case.target_transfer_on)),
            ("Signed by", ", ".join(_name(one.organisation) for one in standing) or "Nobody"),
            ("Still open", " ".join(waits.sentences) or "Nothing"),
        ),
        by_uid=last.signed_by_uid if last is not None else None,
        at=last.signed_at if last is not None else None,
        did="signed this",
    )


@transfers.route("/sign", methods=["GET", "POST"])
@requires(Permission.SIGN_TRANSFER)
def sign(reference: str) -> ResponseReturnValue:
    """Show what a signature means and who is told, and sign."""
    seen, handover = _found(reference)
    form = SignForm(version=_stands(reference).version)
    if not form.is_submitted() or not form.validate():
        return _sign_page(seen, handover, form)
    try:
        with editing(form, reference, lambda: _stands(reference)) as work:
            sign_transfer(work, reference)
    except RuleBroken as refusal:
        form.refuse(refusal)
        return _sign_page(*_found(reference), form)
    told = _told(seen, handover, "is told.")
    say(f"Signed for {_name(me().organisation)}. {told}", "done")
    return redirect(url_for("transfers.show", reference=reference))


def _other(seen: SeenCase, handover: Handover) -> str:
    own = seen.access is CaseAccess.FULL
    return receiver_of(handover) if own else _name(seen.case.organisation)


def _told(seen: SeenCase, handover: Handover, words: str) -> str:
    """Return that the other side is told, or of a provider outside that somebody rings them."""
    other = _other(seen, handover)
    return f"Ring {other}: they do not sign in here." if handover.outside else f"{other} {words}"


def _sign_page(
    seen: SeenCase,
    handover: Handover,
    form: SignForm | ConfirmedForm,
    template: str = "transfers/sign.html",
) -> ResponseReturnValue:
    note_seen("case:viewed", case_ref=seen.case.reference, about="sign transfer")
    page = render_template(
        template,
        form=form,
        case=seen.case,
        person=young_person_of(reading(), seen.case.young_person_uid),
        born=_dues(seen).anchors.born,
        own=_name(me().organisation),
        other=_other(seen, handover),
        receiver=receiver_of(handover),
        leads=_leads(seen, handover),
        told=[staff.name for staff in people_across(looking(), seen.case, handover)],
    )
    return page, 422 if form.errors else 200


@transfers.route("/confirmed", methods=["GET", "POST"])
@requires(Permission.RECORD_TOLD)
def confirmed(reference: str) -> ResponseReturnValue:
    """Record that a provider outside confirms the transfer: it stands for their signature."""
    seen, handover = _found(reference)
    if not handover.outside:
        abort(404)
    form = ConfirmedForm(version=_stands(reference).version)
    if not form.validate_on_submit():
        return _sign_page(seen, handover, form, "transfers/confirmed.html")
    try:
        with editing(form, reference, lambda: _stands(reference)) as work:
            confirm_transfer(work, reference, form.told)
    except RuleBroken as refusal:
        form.refuse(refusal)
        return _sign_page(*_found(reference), form, "transfers/confirmed.html")
    say(f"Recorded: {receiver_of(handover)} confirms the transfer.", "done")
    return redirect(url_for("transfers.show", reference=reference))


@transfers.route("/take-back", methods=["POST"])
@requires(Permission.SIGN_TRANSFER)
def take_back(reference: str) -> ResponseReturnValue:
    """Take back the signature of one's own hospice, or what was confirmed from outside."""
    seen, handover = _found(reference)
    try:
        with my_work() as work:
            confirmation = request.form.get("confirmation") == "yes"
            take_back_signature(work, reference, confirmation=confirmation)
    except RuleBroken as refusal:
        say(str(refusal), "problem")
    else:
        say(f"Taken back. {_told(seen, handover, 'is told that something changed.')}", "quiet")
    return redirect(url_for("transfers.show", reference=reference))
