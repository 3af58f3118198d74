"""The forms of the register of unmet needs."""

from wtforms import SelectField

from transition.rules.handovers import Function
from transition.rules.services import ServiceKey
from transition.rules.unmet_needs import ClosedHow, NeedReason
from transition.web.forms import (
    NOT_OFFERED,
    DateParts,
    Form,
    Lines,
    OneOf,
    VersionedForm,
    choices,
    needed,
)

FUNCTION = "function:"
"""Stands before a function of care where functions and services are chosen from one list."""

WHATS = {"": "Choose what is missing"}
WHATS |= {FUNCTION + one.value: one.label for one in Function}
WHATS |= {one.value: one.label for one in ServiceKey}


class NeedForm(Form):
    """Something that is missing, recorded by hand."""

    sent_to, stands_on = "needs.new", "needs.new"

    what = SelectField(
        "What is missing?",
        [needed("Choose what is missing")],
        choices=choices(WHATS),
        invalid_choice_message=NOT_OFFERED,
    )
    reason = OneOf("Why?", [needed("Say why it is missing")], choices=choices(NeedReason))
    opened_on = DateParts("Since when", needed("Enter the day since which it is missing"))
    note = Lines("In your words", needed("Write what is missing"))

    @property
    def meant(self) -> Function | ServiceKey:
        """What was chosen: a function of care, or a service."""
        code: str = self.what.data
        if code.startswith(FUNCTION):
            return Function(code.removeprefix(FUNCTION))
        return ServiceKey(code)


class CloseForm(VersionedForm):
    """How an unmet need ended."""

    sent_to = "needs.close"

    how = OneOf("How did it end?", [needed("Say how it ended")], choices=choices(ClosedHow))
    note = Lines("Note", hint="If it helps")
