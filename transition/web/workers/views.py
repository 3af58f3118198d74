"""Handing young people on: one from the page of the case, or all of a colleague who leaves."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from transition.actions.named_workers import hand_on
from transition.records.anchors import anchors_of
from transition.records.case_lists import ListedCase, cases_with_a_worker
from transition.records.cases import SeenCase
from transition.records.histories import named_workers_of
from transition.records.names import names_of
from transition.records.staff import named_workers_in, staff_names
from transition.records.young_people import young_person_of
from transition.rules.access import Permission
from transition.rules.errors import RuleBroken
from transition.web.forms import choices
from transition.web.frame import say
from transition.web.guard import requires
from transition.web.versions import Standing, editing
from transition.web.work import (
    asking,
    me,
    my_case,
    my_running_case,
    my_work,
    note_seen,
    reading,
    today,
)
from transition.web.workers.forms import MoveForm, ReassignForm

workers = Blueprint("workers", __name__)

WEEK: Final = 7
"""Days that "due this week" looks ahead."""


@dataclass(frozen=True)
class Colleague:
    """Somebody who is or may be a named worker, and how much they look after."""

    key: str
    name: str
    active: bool
    open_cases: int
    due_this_week: int
    ended: int
    """Young people whose transition has ended, and who are to be looked at again."""

    @property
    def people(self) -> int:
        """How many young people they look after."""
        return self.open_cases + self.ended

    @property
    def words(self) -> str:
        """Their name and how much they look after."""
        return f"{self.name}: {self.open_cases} open, {self.due_this_week} due this week"


@workers.route("/cases/<reference>/reassign", methods=["GET", "POST"])
@requires(Permission.REASSIGN_WORKER)
def reassign(reference: str) -> ResponseReturnValue:
    """Ask who is to be the named worker of one young person, and make it so."""
    seen = my_running_case(reference)
    form = ReassignForm(version=seen.case.named_worker_uid.hex())
    form.to.choices = _offer(_colleagues(), without=seen.case.named_worker_uid.hex())
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


@workers.route("/settings/leaving")
@requires(Permission.REASSIGN_WORKER)
def leaving() -> ResponseReturnValue:
    """Show everybody who looks after somebody, those first who do not work here any more."""
    return render_template("workers/leaving.html", colleagues=_colleagues())


@workers.route("/settings/leaving/<key>", methods=["GET", "POST"])
@requires(Permission.REASSIGN_WORKER)
def move(key: str) -> ResponseReturnValue:
    """Ask who takes on everybody whom a colleague looks after, show what that does, and do it."""
    colleagues = _colleagues()
    leaver = next((one for one in colleagues if one.key == key), None) or abort(404)
    people = [
        one for one in cases_with_a_worker(reading(), asking()) if one.named_worker_uid.hex() == key
    ]
    names = names_of(reading(), me(), [one.case_uid for one in people])
    form = MoveForm(people=[one.reference for one in people])
    form.to.choices = _offer(colleagues, without=key)
    shown = {one.reference: _line(one, names[one.case_uid].shown) for one in people}
    form.people.choices = choices(dict(sorted(shown.items(), key=lambda pair: pair[1])))
    checking = form.validate_on_submit()
    if checking and request.form.get("checked") == "yes":
        try:
            with my_work() as work:
                to_uid = bytes.fromhex(form.to.data)
                moved = hand_on(work, form.people.data, to_uid=to_uid, note=form.note.data)
        except RuleBroken as refusal:
            form.refuse(refusal)
            checking = False
        else:
            say(f"{_people(len(moved))} handed on to {staff_names(reading())[to_uid]}.", "done")
            return redirect(url_for("workers.leaving"))
    note_seen("cases:listed", about=" ".join(sorted(one.reference for one in people)))
    page = render_template(
        "workers/move.html",
        form=form,
        leaver=leaver,
        checking=checking,
        taker=next((one for one in colleagues if one.key == form.to.data), None),
        number=len(form.people.data or ()),
        people_said=_people,
    )
    return page, 422 if form.errors else 200


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


def _line(case: ListedCase, name: str) -> str:
    ended = f": {case.ending.label}, to be looked at again" if case.ending is not None else ""
    return f"{name}, {case.reference}{ended}"


def _people(number: int) -> str:
    return "1 young person" if number == 1 else f"{number} young people"


def _colleagues() -> list[Colleague]:
    """Return who is or may be a named worker here, those who left first, then by name."""
    own, names = cases_with_a_worker(reading(), asking()), staff_names(reading())
    active = {one.uid for one in named_workers_in(reading(), me().organisation, today=today())}
    held = Counter(one.named_worker_uid for one in own if one.ending is None)
    ended = Counter(one.named_worker_uid for one in own if one.ending is not None)
    due = Counter(
        one.named_worker_uid
        for one in own
        if one.ending is None
        and one.first_due_on is not None
        and (one.first_due_on - today()).days < WEEK
    )
    found = [
        Colleague(uid.hex(), names[uid], uid in active, held[uid], due[uid], ended[uid])
        for uid in active | set(held) | set(ended)
    ]
    return sorted(found, key=lambda one: (one.active, one.name))


def _offer(colleagues: Sequence[Colleague], *, without: str) -> list[object]:
    fit = {one.key: one.words for one in colleagues if one.active and one.key != without}
    return list(choices(fit))


def _standing(seen: SeenCase) -> Standing:
    """Return who the named worker is, for whoever comes second."""
    names = staff_names(reading())
    return Standing(
        version=seen.case.named_worker_uid.hex(),
        words=(("Named worker", names[seen.case.named_worker_uid]),),
    )
