"""The short forms about a milestone."""

from datetime import date

from wtforms import HiddenField
from wtforms.validators import Optional

from transition.rules.milestones import Confirmed
from transition.web.forms import DateParts, Line, Lines, OneOf, VersionedForm, choices, needed


class DoneForm(VersionedForm):
    """When it was done, and what the young person or family say about it."""

    sent_to = "milestones.done"

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


class SkipForm(VersionedForm):
    """Why it is not needed."""

    sent_to = "milestones.skip"

    reason = Line("Why is this not needed?", needed("Say why this is not needed"), most=200)
    back = HiddenField()


class ReopenForm(VersionedForm):
    """Putting it back on the list."""

    sent_to, stands_on = "milestones.reopen", "cases.show"
    back = HiddenField()
