"""The short forms about a milestone."""

from datetime import date

from wtforms import HiddenField
from wtforms.validators import Optional

from transition.rules.milestones import Confirmed
from transition.web.forms import DateParts, Form, Line, Lines, OneOf, choices, needed


class DoneForm(Form):
    """When it was done, and what the young person or family say about it."""

    done_on = DateParts("When was this done?", needed("Enter the date on which this was done"))
    confirmed = OneOf(
        "Does the young person or family confirm it?", [Optional()], choices=choices(Confirmed)
    )
    evidence_note = Lines("Who was there, or where it is written down", hint="If it helps")
    back = HiddenField()

    def check(self, today: date, *, confirm: bool) -> bool:
        """Return whether the answers are whole; the reasons stand beside the fields."""
        whole: bool = self.validate()
        if self.done_on.data and self.done_on.data > today:
            self.done_on.errors = ["The date must be today or in the past"]
            whole = False
        if confirm and not self.confirmed.data:
            self.confirmed.errors = ["Say whether the young person or family confirms it"]
            whole = False
        return whole


class SkipForm(Form):
    """Why it is not needed."""

    reason = Line("Why is this not needed?", needed("Say why this is not needed"), most=200)
    back = HiddenField()
