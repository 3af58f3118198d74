"""The forms from which a case is opened, a step at a time."""

from datetime import date
from typing import Final

from wtforms import SelectField, SelectMultipleField
from wtforms.validators import Optional

from transition.rules.errors import RuleBroken
from transition.rules.nhs_numbers import MissingReason, refuse_wrong_range
from transition.rules.organisations import Collaborative, Organisation
from transition.rules.pathway import Circumstance
from transition.rules.record_sections import GROUPS
from transition.rules.young_people import age_in_words, refuse_birth, unusual_age
from transition.web.forms import (
    NOT_OFFERED,
    DateParts,
    Form,
    Line,
    Lines,
    NhsNumber,
    OneOf,
    VersionedForm,
    choices,
    needed,
)

YES_NO: Final = {"yes", "no"}
TAUGHT: Final = {
    "0": "With others of the same age",
    "-1": "One year below others of the same age",
    "-2": "Two years below others of the same age",
    "1": "One year above others of the same age",
    "never": "Never at school",
}
CAN_WAIT: Final = "You can leave it empty until a handover is proposed"
"""Source: domain 5.3; the record asks again."""
ASKED: Final = tuple(
    one for one in Circumstance if one.asked and one is not Circumstance.CHILDRENS_HOUSE
)


class FindForm(Form):
    """Whom somebody looks for. It stands in the head of every page and is never kept."""

    words = Line(
        "Name, reference or NHS number",
        needed("Enter a name, a reference or an NHS number"),
        id="find",
    )


class PersonForm(Form):
    """Who it is."""

    sent_to = "cases.new_person"

    given_name = Line("First name", needed("Enter their first name"))
    family_name = Line("Last name", needed("Enter their last name"))
    known_as = Line("What they like to be called", most=40, hint="Leave empty if it is the same")
    pronouns = Line("Pronouns", most=30, hint="For example, she/her")
    date_of_birth = DateParts(
        "Date of birth", needed("Enter their date of birth"), hint="For example, 9 7 2009"
    )
    nhs_number = NhsNumber(
        "NHS number", description="10 digits. Leave it empty if you do not have it"
    )
    nhs_number_missing_reason = OneOf(
        "If there is no NHS number, why?", [Optional()], choices=choices(MissingReason)
    )
    age_is_right = OneOf("Is this age right?", [Optional()], choices=choices({"yes": "Yes"}))

    def check(self, today: date, *, demo: bool) -> bool:
        """Return whether a case can be opened for them; the reasons stand beside the fields."""
        whole: bool = self.validate()
        return whole & self._birth_is_right(today) & self._number_is_right(demo=demo)

    def _birth_is_right(self, today: date) -> bool:
        if self.date_of_birth.errors or self.date_of_birth.data is None:
            return False
        try:
            refuse_birth(self.date_of_birth.data, today)
        except RuleBroken as refusal:
            self.date_of_birth.errors = [str(refusal)]
            return False
        if unusual_age(self.date_of_birth.data, today) and self.age_is_right.data != "yes":
            words = age_in_words(self.date_of_birth.data, today)
            self.age_is_right.errors = [f"This person would be {words} old. Say that this is right"]
            return False
        return True

    def _number_is_right(self, *, demo: bool) -> bool:
        if self.nhs_number.errors:
            return False
        if self.nhs_number.number is None:
            if not self.nhs_number_missing_reason.data:
                self.nhs_number_missing_reason.errors = [
                    "Enter the NHS number, or say why there is none"
                ]
            return bool(self.nhs_number_missing_reason.data)
        try:
            refuse_wrong_range(self.nhs_number.number, demo=demo)
        except RuleBroken as refusal:
            self.nhs_number.errors = [str(refusal)]
            return False
        return True


DIFFERENT: Final = "different"
"""The answer that it is nobody who is here already."""


class SameForm(Form):
    """Whether somebody who is here already is meant."""

    sent_to = "cases.new_same"

    which = OneOf("Is it one of them?", [needed("Say whether it is one of them")])


class AboutForm(Form):
    """What must be known about them from the first day."""

    sent_to = "cases.new_about"

    about_me = Lines(
        "What matters to them",
        needed("Write what matters to them, in their words if you can"),
        hint="Their own words if you can. This stands first, everywhere",
        most=1500,
    )
    how_i_communicate = Lines("How they communicate", needed("Write how they communicate"))
    allergies = Lines(
        "Allergies",
        needed("Write their allergies, or “none known”"),
        hint="“None known” is an answer; empty is not",
    )
    primary_condition = Line("Condition", hint=CAN_WAIT, most=120)
    condition_group = OneOf(
        "Condition group", [Optional()], choices=choices(GROUPS), description=CAN_WAIT
    )
    first_language = Line("First language", needed("Enter their first language"))
    interpreter_needed = OneOf(
        "Is an interpreter needed?",
        [needed("Say whether an interpreter is needed")],
        choices=choices({"yes": "Yes", "no": "No", "not_recorded": "Not known yet"}),
    )


class MoveForm(Form):
    """Where they are looked after, and what decides which milestones concern them."""

    sent_to = "cases.new_move"

    service = OneOf("Who looks after them now?", [needed("Choose the service")])
    catchment_key = SelectField(
        "Which adult hospice covers where they live?",
        [needed("Choose the area")],
        invalid_choice_message=NOT_OFFERED,
    )
    school_year_offset = OneOf(
        "Which year are they taught in?",
        [needed("Choose the year they are taught in")],
        choices=choices(TAUGHT),
    )
    circumstances = SelectMultipleField(
        "What is true of them?",
        choices=choices({one.value: one.label.rstrip("?") for one in ASKED}),
        description="Tick all that apply. It decides which milestones concern them",
        invalid_choice_message=NOT_OFFERED,
    )

    def __init__(
        self, organisation: Organisation, collaborative: Collaborative, **more: object
    ) -> None:
        super().__init__(**more)
        self.service.choices = choices({one.code: one.name for one in organisation.services})
        areas = {
            key: f"{collaborative.organisation(key).name}: {words}"
            for key, words in collaborative.areas.items()
        }
        self.catchment_key.choices = choices({"": "Choose an area"} | areas)


class MoveOnForm(VersionedForm):
    """Moving a case on; a lead may say why it is early."""

    sent_to, stands_on = "cases.move_on", "cases.show"

    why_early = Lines("Why is planning to begin early?")
