"""The short forms about a milestone."""

from datetime import date
from typing import Final

from wtforms import HiddenField
from wtforms.validators import Optional

from transition.actions.own_milestones import NewMilestone
from transition.rules.milestones import Confirmed, OutcomeKind
from transition.rules.pathway import Owner, Stage
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


OFFERED: Final = {
    OutcomeKind.NOT_APPLICABLE.value: "It is not needed",
    OutcomeKind.DECLINED_BY_PERSON.value: "The young person or family do not want it",
    OutcomeKind.WAIVED.value: "We go on without it",
}


class SkipForm(VersionedForm):
    """Why it is not needed: it does not apply, it was declined, or a lead goes on without it."""

    sent_to = "milestones.skip"

    kind = OneOf("What is it?", [Optional()], choices=choices(OFFERED))
    reason = Line("Why is this not needed?", needed("Say why this is not needed"), most=200)
    back = HiddenField()

    def offer(self, *, waiving: bool) -> None:
        """Offer to go on without it to those who may decide that."""
        if not waiving:
            self.kind.choices = self.kind.choices[:-1]
        if self.kind.data in (None, "", "None"):
            self.kind.data = OutcomeKind.NOT_APPLICABLE.value


class LaterForm(VersionedForm):
    """When to look at it again, and why not now."""

    sent_to = "milestones.later"

    until_on = DateParts("Look again on", needed("Enter the day on which to look again"))
    reason = Line("Why later?", needed("Say why you look at this later"), most=200)
    back = HiddenField()


class OwnForm(VersionedForm):
    """A milestone that one case adds."""

    sent_to = "milestones.add"

    title = Line("What is to be done?", needed("Write what is to be done"), most=120)
    stage = OneOf("At which stage?", [needed("Choose the stage")], choices=choices(Stage))
    owner = OneOf("Who does this?", [needed("Choose who does this")], choices=choices(Owner))
    due_on = DateParts("Due", hint="Leave it empty if it has no date yet")

    @property
    def new(self) -> NewMilestone:
        """What is said of it."""
        return NewMilestone(
            title=self.title.data or "",
            stage=Stage(self.stage.data),
            owner=Owner(self.owner.data),
            due_on=self.due_on.data,
        )


class ChangeForm(OwnForm):
    """The same, of one that was added before."""

    sent_to = "milestones.change"


class ReopenForm(VersionedForm):
    """Putting it back on the list."""

    sent_to, stands_on = "milestones.reopen", "cases.show"
    back = HiddenField()
