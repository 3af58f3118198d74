"""Handing one young person on, from the page of the case."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectChoice

from transition.actions.named_workers import hand_on
from transition.records.anchors import anchors_of
from transition.records.cases import SeenCase
from transition.records.histories import named_workers_of
from transition.records.staff import named_workers_in, staff_names
from transition.records.young_people import young_person_of
from transition.rules.access import Permission
from transition.rules.errors import RuleBroken
from transition.web.forms import choices
from transition.web.frame import say
from transition.web.guard import requires
from transition.web.versions import Standing, editing
from transition.web.work import (
    me,
    my_case,
    my_running_case,
    note_seen,
    reading,
    today,
)
from transition.web.workers.colleagues import colleagues
from transition.web.workers.forms import ReassignForm

workers = Blueprint("workers", __name__)


@workers.route("/cases/<reference>/reassign", methods=["GET", "POST"])
@requires(Permission.REASSIGN_WORKER)
def reassign(reference: str) -> ResponseReturnValue:
    """Ask who is to be the named worker of one young person, and make it so."""
    seen = my_running_case(reference)
    form = ReassignForm(version=seen.case.named_worker_uid.hex())
    form.to.choices = _offer(without=seen.case.named_worker_uid)
    if not form.validate_on_submit():
        return _page(seen, form)
    try:
        with editing(form, reference, lambda: _standing(my_case(reference))) as work:
            to_uid = bytes.fromhex(form.to.data)
            hand_on(work, [reference], to_uid=to_uid, note=form.note.data)
    except RuleBroken as refusal:
        form.refuse(refusal)
        return _page(seen, form)
    name = staff_names(reading())[to_uid]
    say(f"{name} is the named worker of {reference} from now on.", "done")
    return redirect(url_for("cases.show", reference=reference))


def _page(seen: SeenCase, form: ReassignForm) -> ResponseReturnValue:
    note_seen("case:viewed", case_ref=seen.case.reference, about="reassign")
    page = render_template(
        "workers/reassign.html",
        form=form,
        case=seen.case,
        person=young_person_of(reading(), seen.case.young_person_uid),
        born=anchors_of(reading(), seen.case.uid).date_of_birth,
        spans=named_workers_of(reading(), seen.case.uid),
        staff=staff_names(reading()),
    )
    return page, 422 if form.errors else 200


def _offer(*, without: bytes) -> list[SelectChoice]:
    """Return who may be the named worker, with how much each looks after."""
    fit = {one.uid.hex() for one in named_workers_in(reading(), me().organisation, today=today())}
    fit -= {without.hex()}
    return choices({one.key: one.words for one in colleagues() if one.key in fit})


def _standing(seen: SeenCase) -> Standing:
    """Return who the named worker is, for whoever comes second."""
    names = staff_names(reading())
    return Standing(
        version=seen.case.named_worker_uid.hex(),
        words=(("Named worker", names[seen.case.named_worker_uid]),),
    )
