"""What the trail is narrowed by. It is posted: what somebody types stands in no address."""

from wtforms import Field, SelectField, ValidationError

from transition.rules.references import is_reference, normalise
from transition.rules.trail import Deed, ExportReason, Oddity
from transition.web.forms import NOT_OFFERED, DateParts, Form, Line, OneOf, choices, needed

ANY = "any"
"""Stands for whatever is out of the ordinary."""


def _a_reference(_form: Form, field: Field) -> None:
    if field.data:
        field.data = normalise(field.data)
        if not is_reference(field.data):
            raise ValidationError("Enter the reference of a case, like NHJ-7K2M-4")


class FilterForm(Form):
    """Who, which case, what, and when."""

    who = SelectField("Who", choices=[], invalid_choice_message=NOT_OFFERED)
    case = Line("Reference of the case", _a_reference, most=20)
    what = SelectField(
        "What",
        choices=choices({"": "Anything", **{one.value: one.label for one in Deed}}),
        invalid_choice_message=NOT_OFFERED,
    )
    odd = SelectField(
        "Out of the ordinary",
        choices=choices(
            {
                "": "Everything",
                ANY: "All that is unusual",
                **{one.value: one.label for one in Oddity},
            }
        ),
        invalid_choice_message=NOT_OFFERED,
    )
    first = DateParts("From")
    last = DateParts("To")

    def validate(self, extra_validators: object = None) -> bool:
        """Refuse days of which the last is before the first."""
        right: bool = super().validate(extra_validators)
        if right and self.first.data and self.last.data and self.last.data < self.first.data:
            self.last.errors = ["The last day must not be before the first"]
            return False
        return right


class ExportForm(Form):
    """Why a copy is taken along. It is a choice: no word about anybody stands in the trail."""

    reason = OneOf(
        "Why do you need this copy?", [needed("Choose why")], choices=choices(ExportReason)
    )
