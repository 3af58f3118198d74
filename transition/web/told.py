"""What somebody said who does not sign in: the fields that every such form has."""

from transition.rules.outside import Told, ToldHow
from transition.web.forms import DateParts, Line, OneOf, VersionedForm, choices, needed


class ToldForm(VersionedForm):
    """Who at a provider outside said something, as what, when and how."""

    told_by = Line("Who there told you?", needed("Write who there told you"))
    told_as = Line("What is their role?", needed("Write what their role is"))
    told_on = DateParts("When did they tell you?", needed("Enter when they told you"))
    told_how = OneOf(
        "How did they tell you?",
        [needed("Choose how they told you")],
        choices=choices(ToldHow),
    )

    @property
    def told(self) -> Told:
        """What was entered."""
        return Told(
            by=self.told_by.data,
            role=self.told_as.data,
            on=self.told_on.data,
            how=ToldHow(self.told_how.data),
        )
