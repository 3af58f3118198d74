"""Recording that a young person has died, what is read of the case afterwards, and undoing it."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from flask import abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, SelectMultipleField

from transition.actions.deaths import (
    GP,
    asked_to_undo_by,
    record_death,
    undo_death,
    who_may_be_told,
)
from transition.clock import day_and_time, time_of_day
from transition.records.anchors import anchors_of
from transition.records.cases import SeenCase
from transition.records.deaths import Death, death_of
from transition.records.dues import dues_of_case
from transition.records.handovers import Handover, handovers_of
from transition.records.staff import staff_names
from transition.records.summaries import summary_of
from transition.records.young_people import young_person_of
from transition.rules.access import CaseAccess, Permission
from transition.rules.endings import (
    HELD_FOR,
    ONE_LEAD_FOR,
    Undoing,
    refuse_died_on,
    undoing_of_a_death,
)
from transition.rules.errors import RuleBroken
from transition.rules.stages import Ending
from transition.web.cases.views import cases, groups_of
from transition.web.forms import NOT_OFFERED, DateParts, Form, Lines, choices
from transition.web.frame import say
from transition.web.guard import requires
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
    return _page(seen, form, born)


def _page(seen: SeenCase, form: EndingForm, born: date) -> ResponseReturnValue:
    note_seen("case:viewed", case_ref=seen.case.reference, about="ending")
    page = render_template(
        "cases/ending.html",
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
