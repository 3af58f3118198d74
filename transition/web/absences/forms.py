"""The forms on which somebody says when they are away, and who covers."""

from transition.web.forms import DateParts, OneOf, VersionedForm, needed


class ChangeForm(VersionedForm):
    """Who covers, and from when to when."""

    sent_to = "absences.change"

    cover = OneOf("Who covers?", [needed("Choose who covers")])
    from_on = DateParts("First day away", needed("Enter the first day away"))
    until_on = DateParts("Last day away", needed("Enter the last day away"))


class AbsenceForm(ChangeForm):
    """The same, and who is away: oneself, or for a lead any colleague."""

    sent_to = "absences.index"

    who = OneOf("Who is away?", [needed("Choose who is away")])
