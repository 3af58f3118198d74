"""The page of the time after a transfer, and what is recorded on it."""

from collections.abc import Callable, Sequence

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from transition.actions import agreements
from transition.actions import settling as actions
from transition.actions.settling import NewCheckIn, NewContact, Talk
from transition.actions.work import NotFound, Work
from transition.records.agreements import Agreement, agreements_of
from transition.records.anchors import anchors_of
from transition.records.cases import SeenCase
from transition.records.dues import dues_of_case
from transition.records.handovers import Handover, handovers_of
from transition.records.settling import AnyEntry, CheckIn, FirstContact, entries_of
from transition.records.staff import staff_names
from transition.records.young_people import young_person_of
from transition.rules.access import Permission, may
from transition.rules.digests import DueKind
from transition.rules.endings import may_reopen
from transition.rules.errors import RuleBroken
from transition.rules.handovers import SETTLED, HandoverState
from transition.rules.milestones import Confirmed
from transition.rules.pathway import Gate, Stage
from transition.rules.people import LEADS, Role, Side
from transition.rules.settling import (
    AFTER_TRANSFER,
    CALL_TOGETHER,
    PLAN_ANEW,
    SIGNERS,
    Agreed,
    CheckInKind,
    CheckInOutcome,
    ContactKind,
    ContactResult,
    Feedback,
    Following,
    missed_in_a_row,
    six_months_passed,
)
from transition.web.filters import day, receiver_of
from transition.web.forms import VersionedForm, code_of
from transition.web.frame import say
from transition.web.guard import requires
from transition.web.settling.forms import (
    CheckInForm,
    ConfirmedForm,
    ContactForm,
    FollowingForm,
    ReturnForm,
    TalkForm,
)
from transition.web.turns import turn_words
from transition.web.versions import Standing, saved
from transition.web.work import (
    asking,
    catalogue,
    may_work_on,
    me,
    my_case,
    my_running_case,
    my_work,
    note_seen,
    reading,
    today,
)

settling = Blueprint("settling", __name__, url_prefix="/cases/<reference>/settling")

CONFIRMING = "It stands for their signature, and the transition is completed. It is shown as told."
RETURNS = (
    "The children's hospice leads everything again from that day, and a new attempt begins."
    " The other hospice no longer sees the case."
)
"""What a return does."""

AFTERWARDS = (*SETTLED, HandoverState.CLOSED)
"""The states of a handover whose case has been transferred and has not come back."""


@settling.route("")
@requires(Permission.SEE_CASE)
def index(reference: str) -> ResponseReturnValue:
    """Show what happened since the transfer, what is waited for, and who does it."""
    seen, handover = _found(reference)
    case = seen.case
    dues = dues_of_case(reading(), case.uid, asking(), waits=True)
    contacts = _entries(FirstContact, handover)
    runs = _runs(seen)
    note_seen("case:viewed", case_ref=reference, about="settling")
    return render_template(
        "settling/index.html",
        handover=handover,
        contacts=contacts,
        follows={one.number: _asks_following(contacts, one) for one in contacts},
        check_ins=_entries(CheckIn, handover),
        waits=[
            turn_words(case.organisation, one)
            for one in (dues.waiting if dues and runs else ())
            if one.kind is DueKind.SETTLING
        ],
        gates=dues.waits_for(Gate.CLOSE, today()) if dues else (),
        staff=staff_names(reading()),
        organisations=catalogue().collaborative,
        may_contact=runs and (handover.outside or me().side is Side.ADULT),
        may_check_in=runs and bool(_offered(seen, handover)),
        may_record=runs,
        agreed=agreements_of(reading(), handover.uid) if case.stage is Stage.SETTLING else [],
        own_side=me().side,
        may_sign=runs and bool(me().roles & SIGNERS),
        may_confirm=_may_confirm(seen, handover),
        may_complete_alone=runs and Role.CHILDRENS_LEAD in me().roles,
        completed=case.stage is Stage.COMPLETED,
        confirmation=_confirmation(handover) if case.stage is Stage.COMPLETED else None,
        may_reopen=may_reopen(case.state, me()),
        over=bool(case.transferred_on and six_months_passed(case.transferred_on, today())),
        may_talk=runs and bool(me().roles & LEADS),
        **_of(seen),
    )


@settling.route("/contacts/new", methods=["GET", "POST"])
@requires(Permission.WORK_MILESTONE)
def new_contact(reference: str) -> ResponseReturnValue:
    """Ask how and when contact was made, and record it."""
    seen, handover = _found(reference)
    form = ContactForm()
    if form.validate_on_submit():
        new = NewContact(
            kind=ContactKind(form.kind.data),
            result=ContactResult(form.result.data),
            happened_on=form.happened_on.data,
            note=form.note.data or None,
        )
        kept = saved(
            form, reference, lambda work: actions.record_contact(work, reference, new).number
        )
        if kept is not None:
            undo = url_for("settling.take_back_contact", reference=reference, number=kept)
            return _done(reference, f"The contact on {day(new.happened_on)} is recorded", undo)
    hint = ""
    contacts = [one.attempt for one in _entries(FirstContact, handover)]
    if missed_in_a_row(contacts):
        last = _entries(FirstContact, handover)[-1]
        hint = f"Last time: {last.kind.label.lower()}. Try another way this time."
    return _form_page(seen, form, "Record a contact", hint)


@settling.route("/contacts/<int:number>/taken-back", methods=["POST"])
@requires(Permission.WORK_MILESTONE)
def take_back_contact(reference: str, number: int) -> ResponseReturnValue:
    """Take back a contact that was recorded by mistake."""
    return _taken_back(
        reference, lambda work: actions.take_back_contact(work, reference, number), "The contact"
    )


@settling.route("/contacts/<int:number>", methods=["GET", "POST"])
@requires(Permission.WORK_MILESTONE)
def follow_up(reference: str, number: int) -> ResponseReturnValue:
    """Ask what both hospices did after a missed contact, and record it."""
    seen, handover = _found(reference)
    contacts = _entries(FirstContact, handover)
    contact = _one(contacts, number)
    missed = _missed_by(contacts, contact)
    if missed < CALL_TOGETHER:
        abort(404)
    form = FollowingForm(
        plans=missed >= PLAN_ANEW and bool(me().roles & LEADS),
        version=str(contact.version),
        joint_call_on=contact.joint_call_on,
        home_visit_offered_on=contact.home_visit_offered_on,
        gp_told_on=contact.gp_told_on,
        plan=contact.plan,
    )
    if form.validate_on_submit():
        said = Following(
            joint_call_on=form.joint_call_on.data,
            home_visit_offered_on=form.home_visit_offered_on.data,
            gp_told_on=form.gp_told_on.data,
            plan=form.plan.data or None if "plan" in form else None,
        )
        if saved(
            form,
            reference,
            lambda work: actions.follow_up_contact(work, reference, number, said),
            lambda: _stands(reference, number),
        ):
            return _done(reference, "What followed the missed contact is recorded")
    return _form_page(seen, form, f"After the missed contact on {day(contact.happened_on)}")


@settling.route("/check-ins/new", methods=["GET", "POST"])
@requires(Permission.WORK_MILESTONE)
def new_check_in(reference: str) -> ResponseReturnValue:
    """Ask how it is going, and record the check-in."""
    seen, handover = _found(reference)
    form = CheckInForm(_offered(seen, handover))
    if form.validate_on_submit():
        new = NewCheckIn(
            kind=CheckInKind(form.kind.data),
            outcome=CheckInOutcome(form.outcome.data),
            happened_on=form.happened_on.data,
            their_words=form.their_words.data or None,
            note=form.note.data or None,
            confirmed=code_of(Confirmed, form.confirmed.data),
            feedback=code_of(Feedback, form.feedback.data),
            feedback_words=form.feedback_words.data or None,
        )
        kept = saved(
            form, reference, lambda work: actions.record_check_in(work, reference, new).number
        )
        if kept is not None:
            undo = url_for("settling.take_back_check_in", reference=reference, number=kept)
            return _done(reference, f"The check-in on {day(new.happened_on)} is recorded", undo)
    return _form_page(seen, form, "Record a check-in")


@settling.route("/check-ins/<int:number>/taken-back", methods=["POST"])
@requires(Permission.WORK_MILESTONE)
def take_back_check_in(reference: str, number: int) -> ResponseReturnValue:
    """Take back a check-in that was recorded by mistake."""
    return _taken_back(
        reference, lambda work: actions.take_back_check_in(work, reference, number), "The check-in"
    )


@settling.route("/check-ins/<int:number>/talk", methods=["GET", "POST"])
@requires(Permission.WORK_MILESTONE)
def talk(reference: str, number: int) -> ResponseReturnValue:
    """Ask what the leads agreed after a check-in said that it is not working, and record it."""
    seen, handover = _found(reference)
    row = _one(_entries(CheckIn, handover), number)
    if row.outcome is not CheckInOutcome.NOT_WORKING:
        abort(404)
    form = TalkForm()
    if form.validate_on_submit() and saved(
        form,
        reference,
        lambda work: actions.record_talk(
            work, reference, number, Talk(form.happened_on.data, form.words.data)
        ),
    ):
        return _done(reference, "The conversation is recorded")
    return _form_page(seen, form, "What both leads agreed")


@settling.route("/signed", methods=["POST"])
@requires(Permission.WORK_MILESTONE)
def sign(reference: str) -> ResponseReturnValue:
    """Sign for the reader's hospice that the transition is completed."""
    _, handover = _found(reference)
    waits = "Signed. The other hospice is told"
    if handover.outside:
        waits = "Signed. Ring them: they do not sign in here"
    return _agreed(
        reference,
        lambda work: (
            "Both hospices have signed. This transition is completed"
            if agreements.complete(work, reference)
            else waits
        ),
    )


@settling.route("/signed/alone", methods=["POST"])
@requires(Permission.WORK_MILESTONE)
def complete_alone(reference: str) -> ResponseReturnValue:
    """Complete the transition without the other hospice, which stayed silent."""

    def complete(work: Work) -> str:
        agreements.complete_alone(work, reference)
        return "This transition is completed, signed by one hospice"

    return _agreed(reference, complete)


@settling.route("/signed/confirmed", methods=["GET", "POST"])
@requires(Permission.RECORD_TOLD)
def confirmed(reference: str) -> ResponseReturnValue:
    """Record that a provider outside agrees: it stands for their signature."""
    seen, handover = _found(reference)
    if not _may_confirm(seen, handover):
        abort(404)
    form = ConfirmedForm()
    if form.validate_on_submit() and saved(
        form, reference, lambda work: agreements.confirm_completed(work, reference, form.told)
    ):
        return _done(reference, "Both hospices have agreed. This transition is completed")
    name = receiver_of(handover)
    return _form_page(seen, form, f"{name} agrees that this is completed", CONFIRMING)


def _confirmation(handover: Handover) -> Agreement | None:
    """Return by which word of a provider outside a transition was completed, if it was so."""
    return next((one for one in agreements_of(reading(), handover.uid) if one.as_told), None)


def _may_confirm(seen: SeenCase, handover: Handover) -> bool:
    """Return whether the reader may record that a provider outside agrees: not who signed first."""
    ours = [
        one.agreed_by_uid
        for one in agreements_of(reading(), handover.uid)
        if one.what is Agreed.COMPLETED and one.side is Side.CHILDRENS
    ]
    waits = handover.outside and _runs(seen) and Role.CHILDRENS_LEAD in me().roles
    return waits and bool(ours) and me().uid not in ours


@settling.route("/signed/taken-back", methods=["POST"])
@requires(Permission.WORK_MILESTONE)
def take_back_signature(reference: str) -> ResponseReturnValue:
    """Take back the signature of the reader's hospice."""
    return _agreed(reference, lambda work: _unsigned(work, reference, Agreed.COMPLETED))


@settling.route("/return/taken-back", methods=["POST"])
@requires(Permission.WORK_MILESTONE)
def take_back_return(reference: str) -> ResponseReturnValue:
    """Take back that the reader's hospice asked for a return."""
    return _agreed(reference, lambda work: _unsigned(work, reference, Agreed.RETURNS))


@settling.route("/return", methods=["GET", "POST"])
@requires(Permission.WORK_MILESTONE)
def come_back(reference: str) -> ResponseReturnValue:
    """Ask why somebody comes back, and agree to it."""
    seen, _ = _found(reference)
    if not (_runs(seen) and me().roles & LEADS):
        abort(404)
    form = ReturnForm(alone=Role.CHILDRENS_LEAD in me().roles)
    if form.validate_on_submit():
        back = saved(form, reference, lambda work: _sent_back(form, work, reference))
        if back is not None:
            return _answered(reference, back=back)
    return _form_page(seen, form, "They come back to the children's hospice", RETURNS)


def _sent_back(form: ReturnForm, work: Work, reference: str) -> bool:
    """Do what the form asks for, and return whether it has taken effect."""
    if "how" in form and form.how.data == "urgent":
        agreements.come_back_urgently(work, reference, reason=form.reason.data)
        return True
    return agreements.come_back(work, reference, reason=form.reason.data)


def _answered(reference: str, *, back: bool) -> ResponseReturnValue:
    if not back:
        return _done(reference, "Your hospice agrees that they come back. The other is told")
    say(f"They are back, and the children's hospice leads from today ({reference}).", "quiet")
    if me().side is Side.ADULT:
        return redirect(url_for("handovers.index"))
    return redirect(url_for("cases.show", reference=reference))


def _agreed(reference: str, do: Callable[[Work], str]) -> ResponseReturnValue:
    my_case(reference)
    try:
        with my_work() as work:
            words = do(work)
    except NotFound:
        raise
    except RuleBroken as refusal:
        say(str(refusal), "problem")
    else:
        say(f"{words} ({reference}).", "quiet")
    return redirect(url_for("settling.index", reference=reference))


def _unsigned(work: Work, reference: str, what: Agreed) -> str:
    agreements.take_back_agreement(work, reference, what)
    return "Taken back"


def _found(reference: str) -> tuple[SeenCase, Handover]:
    """Return a case and the handover by which it was transferred, or that there is no such page.

    It is a page of the two hospices: one that supports has none of its own here.
    """
    seen = my_running_case(reference)
    last = [
        one
        for one in handovers_of(reading(), seen.case.uid)
        if one.leads and one.state in AFTERWARDS
        if me().organisation in {seen.case.organisation, one.receiver}
    ]
    if not last or seen.case.stage.number < Stage.SETTLING.number:
        abort(404)
    return seen, last[-1]


def _runs(seen: SeenCase) -> bool:
    settles = seen.case.stage is Stage.SETTLING and seen.case.ending is None
    return settles and may(me().roles, Permission.WORK_MILESTONE)


def _entries(kind: type[AnyEntry], handover: Handover) -> Sequence[AnyEntry]:
    return entries_of(reading(), kind, [handover.uid])


def _one(rows: Sequence[AnyEntry], number: int) -> AnyEntry:
    return next((one for one in rows if one.number == number), None) or abort(404)


def _missed_by(contacts: Sequence[FirstContact], contact: FirstContact) -> int:
    """Return how many contacts were missed one after the other, up to this one."""
    so_far = contacts[: contacts.index(contact) + 1]
    return missed_in_a_row([one.attempt for one in so_far])


def _asks_following(contacts: Sequence[FirstContact], contact: FirstContact) -> bool:
    return _missed_by(contacts, contact) >= CALL_TOGETHER


def _offered(seen: SeenCase, handover: Handover) -> list[CheckInKind]:
    """Return the check-ins that the reader may record and that were not held yet."""
    held = {one.kind for one in _entries(CheckIn, handover)}
    return [kind for kind in AFTER_TRANSFER if kind not in held and may_work_on(seen, kind.owner)]


def _stands(reference: str, number: int) -> Standing:
    _, handover = _found(reference)
    row = _one(_entries(FirstContact, handover), number)
    said = (
        ("Both hospices called together", row.joint_call_on),
        ("A home visit was offered", row.home_visit_offered_on),
        ("The GP was told", row.gp_told_on),
    )
    words = [(label, day(on)) for label, on in said if on]
    return Standing(version=str(row.version), words=(*words, ("The plan", row.plan or "None yet")))


def _taken_back(reference: str, do: Callable[[Work], object], what: str) -> ResponseReturnValue:
    _found(reference)
    try:
        with my_work() as work:
            do(work)
    except NotFound:
        raise
    except RuleBroken as refusal:
        say(str(refusal), "problem")
    else:
        say(f"{what} is taken back ({reference}).", "quiet")
    return redirect(url_for("settling.index", reference=reference))


def _done(reference: str, words: str, undo: str = "") -> ResponseReturnValue:
    taking_back = {"action": undo, "label": words} if undo else None
    say(f"{words} ({reference}).", "done", undo=taking_back)
    return redirect(url_for("settling.index", reference=reference))


def _form_page(
    seen: SeenCase, form: VersionedForm, heading: str, hint: str = ""
) -> ResponseReturnValue:
    if form.errors:
        seen = my_case(seen.case.reference)
    note_seen("case:viewed", case_ref=seen.case.reference, about="settling")
    page = render_template(
        "settling/entry.html", form=form, heading=heading, hint=hint, **_of(seen)
    )
    return page, 422 if form.errors else 200


def _of(seen: SeenCase) -> dict[str, object]:
    return {
        "case": seen.case,
        "person": young_person_of(reading(), seen.case.young_person_uid),
        "born": anchors_of(reading(), seen.case.uid).date_of_birth,
    }
