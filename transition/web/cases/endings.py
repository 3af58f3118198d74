"""Recording that a young person has died, what is read of the case afterwards, and undoing it."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from flask import abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, SelectMultipleField
from wtforms.validators import Optional

from transition.actions.deaths import (
    GP,
    asked_to_undo_by,
    keep_what_is_known,
    record_death,
    undo_death,
    who_may_be_told,
)
from transition.clock import day_and_time, local_day, time_of_day
from transition.records.anchors import anchors_of
from transition.records.cases import SeenCase
from transition.records.deaths import Death, death_of
from transition.records.dues import dues_of_case
from transition.records.handovers import Handover, handovers_of
from transition.records.services import services_of
from transition.records.staff import staff_names
from transition.records.summaries import summary_of
from transition.records.young_people import young_person_of
from transition.rules.access import CaseAccess, Permission
from transition.rules.closings import LONGEST_LINE, ThreeWay
from transition.rules.deaths import FollowUp, Place, asks_for_leder, is_childs
from transition.rules.endings import (
    HELD_FOR,
    ONE_LEAD_FOR,
    Undoing,
    refuse_died_on,
    undoing_of_a_death,
)
from transition.rules.errors import RuleBroken
from transition.rules.services import Needed, ServiceKey
from transition.rules.stages import Ending
from transition.web.cases.views import cases, groups_of
from transition.web.forms import (
    NOT_OFFERED,
    NOT_RECORDED,
    DateParts,
    Form,
    Line,
    Lines,
    OneOf,
    VersionedForm,
    choices,
)
from transition.web.frame import say
from transition.web.guard import requires
from transition.web.versions import Standing, editing
from transition.web.work import (
    asking,
    catalogue,
    me,
    my_case,
    my_work,
    note_seen,
    now,
    reading,
    today,
)

NOT_YET: Final = "Not recorded yet"
BUTTONS: Final[Mapping[Undoing, str]] = {Undoing.DONE: "Undo", Undoing.ASKED: "Ask to undo"}


class EndingForm(Form):
    """On which day, and who has been told. One of the first two is all that is asked for."""

    sent_to = "cases.ending"

    died_on = DateParts("Date of death")
    not_known = BooleanField("Not known yet")
    told = SelectMultipleField(
        "Who has been told?",
        description="If you know. None is needed",
        invalid_choice_message=NOT_OFFERED,
    )
    note = Lines("Note", hint="If it helps. No cause is needed")

    def __init__(self, told: Mapping[str, str]) -> None:
        super().__init__()
        self.told.choices = choices(told)

    def check(self, born: date, on: date) -> bool:
        """Return whether the answers are whole; the reasons stand beside the fields."""
        whole: bool = self.validate()
        if self.died_on.data is None:
            if not (self.died_on.errors or self.not_known.data):
                self.died_on.errors = ["Enter the date, or tick that it is not known yet"]
            return whole and not self.died_on.errors
        try:
            refuse_died_on(self.died_on.data, born, on)
        except RuleBroken as refusal:
            self.died_on.errors = [str(refusal)]
            return False
        return whole


@cases.route("/<reference>/died", methods=["GET", "POST"])
@requires(Permission.RECORD_DEATH)
def ending(reference: str) -> ResponseReturnValue:
    """Ask when the young person died, and record it with one save."""
    seen = my_case(reference, at_least=CaseAccess.PACK)
    if seen.case.ending is Ending.DIED:
        return redirect(url_for("cases.record", reference=reference))
    handovers = handovers_of(reading(), seen.case.uid)
    form = EndingForm(_who_may_be_told(seen, handovers))
    born = anchors_of(reading(), seen.case.uid).date_of_birth
    if form.is_submitted() and form.check(born, today()):
        try:
            with my_work() as work:
                record_death(
                    work,
                    reference,
                    died_on=form.died_on.data,
                    told=form.told.data,
                    note=form.note.data or None,
                )
        except RuleBroken as refusal:
            form.refuse(refusal)
            seen = my_case(reference, at_least=CaseAccess.PACK)
        else:
            say(f"Saved. Nothing more will be sent about {reference}.", "quiet")
            return redirect(url_for("cases.record", reference=reference))
    return _page(seen, form, born, "ending")


def _page(seen: SeenCase, form: Form, born: date, name: str) -> ResponseReturnValue:
    note_seen("case:viewed", case_ref=seen.case.reference, about="ending")
    page = render_template(
        f"cases/{name}.html",
        form=form,
        case=seen.case,
        person=young_person_of(reading(), seen.case.young_person_uid),
        born=born,
    )
    return page, 422 if form.errors else 200


def _who_may_be_told(seen: SeenCase, handovers: list[Handover]) -> dict[str, str]:
    """Return who may have been told; an adult hospice learns of no other one."""
    own = seen.access is CaseAccess.FULL
    codes = who_may_be_told(
        seen.case, [one for one in handovers if own or one.receiver == me().organisation]
    )
    return {code: _name_of(code) for code in codes}


def _name_of(code: str) -> str:
    return "GP" if code == GP else catalogue().collaborative.organisation(code).name


class KnownForm(VersionedForm):
    """What is known afterwards. None of it is needed, and none of it is chased."""

    sent_to = "cases.known_since"

    place = OneOf("Where was it?", [Optional()], choices=choices(Place) + choices(NOT_RECORDED))
    told_by = Line("Who told the hospice?", most=LONGEST_LINE)
    child_death_review = OneOf(
        "Has the child death review been told?",
        [Optional()],
        choices=choices(ThreeWay) + choices(NOT_RECORDED),
    )
    child_death_review_by = Line("By whom has it been told?", most=LONGEST_LINE)
    leder_considered = OneOf(
        "Has a learning disability review (LeDeR) been considered?",
        [Optional()],
        choices=choices(ThreeWay) + choices(NOT_RECORDED),
        description="For adults who had a learning disability or were autistic",
    )
    bereavement_contact = Line("Who is the family's contact for bereavement?", most=LONGEST_LINE)
    equipment_collection = Line("Who collects the equipment?", most=LONGEST_LINE)
    checklist = SelectMultipleField(
        "What has been done?", choices=choices(FollowUp), invalid_choice_message=NOT_OFFERED
    )

    def leave_out(self, *, childs: bool, leder: bool) -> None:
        """Leave out what is asked about children, or about adults with a learning disability."""
        if not childs:
            del self.child_death_review, self.child_death_review_by
        if not leder:
            del self.leder_considered


def _death_standing(reference: str) -> Standing:
    """Return which version of the record stands, for the form that adds to it."""
    death = death_of(reading(), my_case(reference, at_least=CaseAccess.FULL).case.uid)
    if death is None:
        return Standing(version="none", words=(("This record", "It was undone"),))
    return Standing(version=str(death.version), words=(("This record", "It was changed"),))


@cases.route("/<reference>/died/known", methods=["GET", "POST"])
@requires(Permission.CLOSE_CASE)
def known_since(reference: str) -> ResponseReturnValue:
    """Ask what has become known since, and what the team has done for the family."""
    seen = my_case(reference, at_least=CaseAccess.FULL)
    death, born = death_of(reading(), seen.case.uid), _born(seen)
    if death is None:
        abort(404)
    known = {name: getattr(death, name) for name in KNOWN}
    form = KnownForm(version=str(death.version), **known)
    team = services_of(reading(), seen.case.uid).get(ServiceKey.LEARNING_DISABILITY_TEAM)
    on, needed = _day_of(death), team.needed if team is not None else Needed.UNKNOWN
    form.leave_out(childs=is_childs(born, on), leder=asks_for_leder(born, on, needed))
    if form.is_submitted() and form.validate():
        told = {name: form[name].data or None for name in KNOWN if name in form}
        try:
            with editing(form, reference, lambda: _death_standing(reference)) as work:
                keep_what_is_known(work, reference, told)
        except RuleBroken as refusal:
            form.refuse(refusal)
            seen = my_case(reference, at_least=CaseAccess.FULL)
        else:
            say("Saved.", "quiet")
            return redirect(url_for("cases.record", reference=reference))
    return _page(seen, form, born, "known_since")


KNOWN: Final = (
    "place",
    "told_by",
    "child_death_review",
    "child_death_review_by",
    "leder_considered",
    "bereavement_contact",
    "equipment_collection",
    "checklist",
)
"""What the form asks, by name."""


def _born(seen: SeenCase) -> date:
    return anchors_of(reading(), seen.case.uid).date_of_birth


def _day_of(death: Death) -> date:
    """Return the day of a death, or where it is not known that on which it was recorded."""
    return death.died_on or local_day(death.recorded_at)


def _known(death: Death, born: date) -> list[tuple[str, str]]:
    """Return what is known, in words, and whether the child death review has been told."""
    told = ThreeWay(death.child_death_review).label if death.child_death_review else NOT_YET
    by = f", by {death.child_death_review_by}" if death.child_death_review_by else ""
    considered = ThreeWay(death.leder_considered).label if death.leder_considered else ""
    review = ("Child death review told", f"{told}{by}") if is_childs(born, _day_of(death)) else None
    said = [
        ("Where", Place(death.place).label if death.place else ""),
        ("Told the hospice", death.told_by),
        review or ("LeDeR considered", considered),
        ("Contact for bereavement", death.bereavement_contact),
        ("Collects the equipment", death.equipment_collection),
        ("Done", "; ".join(FollowUp(code).label for code in death.checklist or ())),
    ]
    return [(label, words) for label, words in said if words]


@cases.route("/<reference>/record")
@requires(Permission.SEE_CASE)
def record(reference: str) -> ResponseReturnValue:
    """Show what is left to read of the case of somebody who has died."""
    seen = my_case(reference, at_least=CaseAccess.PACK)
    case, own = seen.case, seen.access is CaseAccess.FULL
    death = death_of(reading(), case.uid)
    dues = dues_of_case(reading(), case.uid, asking())
    if death is None and seen.access >= CaseAccess.SHARED:
        return redirect(url_for("record.summary", reference=reference))
    if death is None or dues is None:
        abort(404)
    note_seen("case:viewed", case_ref=reference, about="record")
    return render_template(
        "cases/record.html",
        case=case,
        death=death,
        person=young_person_of(reading(), case.young_person_uid),
        summary=summary_of(reading(), case.uid),
        born=dues.anchors.born,
        groups=groups_of(dues) if own else [],
        handovers=[
            one
            for one in handovers_of(reading(), case.uid)
            if own or one.receiver == me().organisation
        ],
        own=own,
        known=_known(death, dues.anchors.born) if own else [],
        told=[_name_of(code) for code in death.told],
        may_read_note=own or death.recorded_by_uid == me().uid,
        staff=staff_names(reading()),
        organisations=catalogue().collaborative,
        undoing=_undoing(death),
    )


def _undoing(death: Death) -> dict[str, str]:
    """Return what stands about undoing it: words, and what the reader's button says, if any."""
    asker = asked_to_undo_by(reading(), death, today())
    asked = f"{asker.name} has asked to undo this." if asker is not None else ""
    elapsed = now() - death.recorded_at
    try:
        word = undoing_of_a_death(death.recorded_by_uid, elapsed, me(), asker)
    except RuleBroken:
        return {"words": asked, "button": ""}
    return {"words": asked or _undoing_words(death, word), "button": BUTTONS[word]}


def _undoing_words(death: Death, word: Undoing) -> str:
    if word is Undoing.ASKED:
        return "Two leads undo this together. When you ask, the other leads see it here."
    until = death.recorded_at + HELD_FOR
    if now() < until:
        return f"Nobody is told before {time_of_day(until)}. Undo it before then, and nobody is."
    lead_until = day_and_time(death.recorded_at + ONE_LEAD_FOR)
    return f"One lead can undo this until {lead_until}. Whoever was told is told again."


@cases.route("/<reference>/died/undo", methods=["POST"])
@requires(Permission.RECORD_DEATH)
def undo_ending(reference: str) -> ResponseReturnValue:
    """Undo the record of a death, or ask that a second lead does."""
    my_case(reference, at_least=CaseAccess.PACK)
    try:
        with my_work() as work:
            word = undo_death(work, reference)
    except RuleBroken as refusal:
        say(str(refusal), "problem")
    else:
        done = f"Undone. {reference} stands as it did."
        say(
            done if word is Undoing.DONE else "Kept. It is undone when a second lead says so.",
            "quiet",
        )
    return redirect(url_for("cases.show", reference=reference))
