"""The form of an early notice."""

from datetime import date
from typing import Final

from wtforms import SelectField, SelectMultipleField

from transition.rules.early_notices import quarter_in_words, quarters_ahead
from transition.rules.handovers import Function
from transition.web.forms import NOT_OFFERED, Form, OneOf, choices, needed

YES: Final = "yes"
YES_NO: Final = {YES: "Yes", "no": "No"}


class NoticeForm(Form):
    """Who is told what of somebody who is not named."""

    sent_to, stands_on = "early_notices.show", "early_notices.show"

    receiver = OneOf("Which hospice do you tell?", [needed("Choose the hospice")])
    quarter = SelectField(
        "When might they move?",
        [needed("Choose the quarter in which they might move")],
        invalid_choice_message=NOT_OFFERED,
    )
    functions = SelectMultipleField(
        "What are they likely to be asked for?",
        [needed("Choose at least one thing that they are likely to be asked for")],
        choices=choices(Function),
        invalid_choice_message=NOT_OFFERED,
    )
    complex_care = OneOf(
        "Is complex technical care needed?",
        [needed("Say whether complex technical care is needed")],
        choices=choices(YES_NO),
    )

    def __init__(self, receivers: dict[str, str], today: date, **more: object) -> None:
        super().__init__(**more)
        self.receiver.choices = choices(receivers)
        quarters = {day.isoformat(): quarter_in_words(day) for day in quarters_ahead(today)}
        self.quarter.choices = choices({"": "Choose a quarter"} | quarters)
