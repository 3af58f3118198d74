"""Putting right a date of birth or an NHS number: both are read back before they are saved."""

from typing import Any

from flask import current_app, g, redirect, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField
from wtforms.validators import Optional

from transition.actions.identity import change_birth, change_number
from transition.records.anchors import anchors_of
from transition.records.cases import SeenCase
from transition.records.dues import dues_of_case
from transition.records.young_people import young_person_of
from transition.rules.access import CaseAccess, Permission
from transition.rules.errors import RuleBroken
from transition.rules.nhs_numbers import MissingReason, refuse_wrong_range, show_nhs_number
from transition.rules.targets import Moves
from transition.rules.young_people import question_about_birth, refuse_birth, unusual_age
from transition.web.filters import day
from transition.web.forms import (
    DateParts,
    NhsNumber,
    OneOf,
    VersionedForm,
    choices,
    code_of,
    needed,
)
from transition.web.frame import say
from transition.web.guard import requires
from transition.web.record.views import page_of, record
from transition.web.versions import Standing, editing, preview_version, refuse_older
from transition.web.work import asking, my_case, my_running_case, reading, today


class BirthForm(VersionedForm):
    """A date of birth, and what moves with it as its reader saw it."""

    sent_to = "record.birth"

    date_of_birth = DateParts("Date of birth", needed("Enter their date of birth"))
    seen_moves = HiddenField()

    def check(self) -> bool:
        """Return whether somebody can be born then; the reason stands beside the field."""
        if not self.validate():
            return False
        try:
            refuse_birth(self.date_of_birth.data, today())
        except RuleBroken as refusal:
            self.date_of_birth.errors = [str(refusal)]
            return False
        return True


class NumberForm(VersionedForm):
    """An NHS number, or why there is none."""

    sent_to = "record.number"

    nhs_number = NhsNumber("NHS number", description="10 digits")
    nhs_number_missing_reason = OneOf(
        "If there is none, why?", [Optional()], choices=choices(MissingReason)
    )
    checked = HiddenField()

    def check(self) -> bool:
        """Return whether the answer can be taken; the reason stands beside the field."""
        if not self.validate():
            return False
        if self.nhs_number.number is None:
            if not self.nhs_number_missing_reason.data:
                words = "Enter the NHS number, or say why there is none"
                self.nhs_number_missing_reason.errors = [words]
            return bool(self.nhs_number_missing_reason.data)
        try:
            refuse_wrong_range(self.nhs_number.number, demo=current_app.config["DEMO"])
        except RuleBroken as refusal:
            self.nhs_number.errors = [str(refusal)]
            return False
        return True

    @property
    def said(self) -> str:
        """What would be recorded, as it is read out."""
        if self.nhs_number.number is not None:
            return show_nhs_number(self.nhs_number.number)
        return f"None: {MissingReason(self.nhs_number_missing_reason.data).label}"


@record.route("/<reference>/record/birth", methods=["GET", "POST"])
@requires(Permission.WRITE_RECORD)
def birth(reference: str) -> ResponseReturnValue:
    """Ask for the date of birth, show every due date before and after, and save when seen."""
    seen = my_running_case(reference, at_least=CaseAccess.FULL)
    standing = _birth_stands(seen)
    form = BirthForm(
        date_of_birth=anchors_of(reading(), seen.case.uid).date_of_birth, version=standing.version
    )
    if not form.is_submitted() or not form.check():
        return _page("record/birth.html", seen, form, moves=None)
    refuse_older(form, standing)
    moves = _moves(seen, form)
    if form.seen_moves.data != preview_version(moves):
        g.unsent = True  # it stays in the form until it is saved
        question = question_about_birth(form.date_of_birth.data, today())
        unusual = unusual_age(form.date_of_birth.data, today())
        more = {"question": question, "unusual": unusual, "digest": preview_version(moves)}
        return _page("record/birth.html", seen, form, moves=moves, **more)
    try:
        with editing(form, reference, lambda: _birth_stands(my_case(reference))) as work:
            change_birth(work, reference, form.date_of_birth.data)
    except RuleBroken as refusal:
        form.refuse(refusal)
        return _page("record/birth.html", seen, form, moves=None)
    say(f"Saved. {len(moves.moving)} due dates of {reference} moved.", "done")
    return redirect(url_for("record.section", reference=reference, section="identity"))


@record.route("/<reference>/record/number", methods=["GET", "POST"])
@requires(Permission.WRITE_RECORD)
def number(reference: str) -> ResponseReturnValue:
    """Ask for the NHS number or why there is none, read it back, and save it when it is right."""
    seen = my_running_case(reference, at_least=CaseAccess.FULL)
    person = young_person_of(reading(), seen.case.young_person_uid)
    standing = _number_stands(seen)
    form = NumberForm(
        nhs_number=person.nhs_number,
        nhs_number_missing_reason=seen.case.nhs_number_missing_reason,
        version=standing.version,
    )
    if not form.is_submitted() or not form.check():
        return _page("record/number.html", seen, form, said="")
    refuse_older(form, standing)
    if form.checked.data != "yes":
        g.unsent = True  # it stays in the form until it is saved
        return _page("record/number.html", seen, form, said=form.said)
    try:
        with editing(form, reference, lambda: _number_stands(my_case(reference))) as work:
            reason = code_of(MissingReason, form.nhs_number_missing_reason.data)
            change_number(work, reference, form.nhs_number.number, reason)
    except RuleBroken as refusal:
        form.refuse(refusal)
        return _page("record/number.html", seen, form, said="")
    say(f"Saved: the NHS number of {reference}.", "done")
    return redirect(url_for("record.section", reference=reference, section="identity"))


def _page(template: str, seen: SeenCase, form: VersionedForm, **more: Any) -> ResponseReturnValue:  # noqa: ANN401 - what a template shows
    page = page_of(template, seen, about=template.removesuffix(".html"), form=form, **more)
    return page, 422 if form.errors else 200


def _birth_stands(seen: SeenCase) -> Standing:
    anchors = anchors_of(reading(), seen.case.uid)
    words = (("Date of birth", day(anchors.date_of_birth)),)
    return Standing(version=str(anchors.version), words=words)


def _number_stands(seen: SeenCase) -> Standing:
    person = young_person_of(reading(), seen.case.young_person_uid)
    number = show_nhs_number(person.nhs_number) if person.nhs_number else "None"
    words = (("NHS number", number),)
    return Standing(version=str(person.version), words=words)


def _moves(seen: SeenCase, form: BirthForm) -> Moves:
    dues = dues_of_case(reading(), seen.case.uid, asking())
    if dues is None:
        raise RuleBroken("This case has no due dates.")
    return dues.reborn(form.date_of_birth.data, asking())
