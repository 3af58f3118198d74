"""Early notices: sent by nurses about one case, and seen by adult leads as counts."""

from datetime import date

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from transition.actions.early_notices import NewNotice, see_notices, send_notice, take_notice_back
from transition.actions.work import NotFound
from transition.records.anchors import anchors_of
from transition.records.early_notices import notices_of
from transition.records.staff import staff_names
from transition.records.young_people import young_person_of
from transition.rules.access import CaseAccess, Permission
from transition.rules.early_notices import BEFORE, quarter_in_words
from transition.rules.errors import RuleBroken
from transition.rules.handovers import Function
from transition.rules.organisations import OrganisationKind
from transition.web.early_notices.forms import YES, NoticeForm
from transition.web.frame import say
from transition.web.guard import requires
from transition.web.work import (
    catalogue,
    my_case,
    my_running_case,
    my_work,
    note_seen,
    reading,
    today,
)

early_notices = Blueprint("early_notices", __name__)


@early_notices.route("/cases/<reference>/early-notice", methods=["GET", "POST"])
@requires(Permission.PROPOSE_HANDOVER)
def show(reference: str) -> ResponseReturnValue:
    """Show who was told of a case without a name, and tell another hospice."""
    seen = my_running_case(reference, at_least=CaseAccess.FULL)
    receivers = {
        one.key: one.name
        for one in catalogue().collaborative.receivers
        if one.kind is OrganisationKind.ADULT
    }
    form = NoticeForm(receivers, today(), receiver=seen.case.catchment_key)
    if form.validate_on_submit():
        try:
            with my_work() as work:
                send_notice(work, reference, _said(form))
        except RuleBroken as refusal:
            form.refuse(refusal)
        else:
            say(f"{receivers[form.receiver.data]} can see that somebody is coming.", "done")
            return redirect(url_for("early_notices.show", reference=reference))
    note_seen("case:viewed", case_ref=reference, about="early notices")
    page = render_template(
        "early_notices/show.html",
        form=form,
        case=seen.case,
        person=young_person_of(reading(), seen.case.young_person_uid),
        born=anchors_of(reading(), seen.case.uid).date_of_birth,
        notices=notices_of(reading(), seen.case.uid),
        organisations=catalogue().collaborative,
        staff=staff_names(reading()),
        in_words=quarter_in_words,
        in_time=seen.case.stage in BEFORE,
    )
    return page, 422 if form.errors else 200


@early_notices.route("/cases/<reference>/early-notice/<key>/take-back", methods=["POST"])
@requires(Permission.PROPOSE_HANDOVER)
def take_back(reference: str, key: str) -> ResponseReturnValue:
    """Take a notice back."""
    my_case(reference, at_least=CaseAccess.FULL)
    try:
        with my_work() as work:
            take_notice_back(work, reference, key)
    except NotFound:
        raise  # a refused thing comes back to its page, what is not there has none
    except RuleBroken as refusal:
        say(str(refusal), "problem")
    else:
        say("Taken back: nobody is expected there any more.", "done")
    return redirect(url_for("early_notices.show", reference=reference))


@early_notices.route("/upcoming/notices", methods=["POST"])
@requires(Permission.DECIDE_HANDOVER)
def see() -> ResponseReturnValue:
    """Note that the early notices to the reader's hospice were seen."""
    with my_work() as work:
        new = see_notices(work)
    thanks = "Thank you: the nurses who told you can see that you have seen this."
    say(thanks if new else "There was nothing new.", "done")
    return redirect(url_for("upcoming.index"))


def _said(form: NoticeForm) -> NewNotice:
    return NewNotice(
        receiver=form.receiver.data,
        quarter=date.fromisoformat(form.quarter.data),
        functions=tuple(Function(code) for code in form.functions.data),
        complex_care=form.complex_care.data == YES,
    )
