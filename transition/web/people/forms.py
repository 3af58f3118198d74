"""The forms with which colleagues are invited, given a role, and come in."""

from wtforms import EmailField, HiddenField, PasswordField, SelectMultipleField

from transition.rules.people import Duty
from transition.web.forms import (
    NOT_OFFERED,
    Form,
    Line,
    Lines,
    OneOf,
    VersionedForm,
    choices,
    needed,
    printable,
    shown,
    within,
)


class InviteForm(Form):
    """Who is to be invited to one organisation, and to be what."""

    sent_to = "people.invite"

    organisation = HiddenField()
    name = Line("Name", needed("Enter their name"), hint="As colleagues know them")
    email = EmailField(
        "Work email address",
        [needed("Enter their work email address"), printable, within(254)],
        filters=[shown],
    )
    roles = SelectMultipleField(
        "What may they do?",
        [needed("Choose at least one role")],
        invalid_choice_message=NOT_OFFERED,
    )


class RolesForm(VersionedForm):
    """What somebody may do besides what they do already."""

    sent_to = "people.add_roles"
    stands_on = "people.show"

    roles = SelectMultipleField(
        "What else may they do?",
        [needed("Choose at least one role")],
        invalid_choice_message=NOT_OFFERED,
    )


class DutyForm(VersionedForm):
    """What a lead is to handovers."""

    sent_to = "people.name_for"
    stands_on = "people.show"

    duty = OneOf(
        "What are they in a handover?",
        [needed("Choose a duty")],
        choices=choices({one.value: one.label.capitalize() for one in Duty}),
        description="Each is one person. Whoever has it now takes what this colleague is now.",
    )


class TakeOverForm(VersionedForm):
    """Which of the things that a suspended colleague had begun somebody takes over, and why."""

    sent_to = "people.take_over"
    stands_on = "people.show"

    draft = OneOf(
        "What do you take over?",
        [needed("Choose what you take over")],
    )
    why = Lines("Why?", needed("Say why you take it over"), hint="It is kept in the trail.")


class AcceptForm(Form):
    """The password of somebody new. It is kept nowhere while it is typed."""

    password = PasswordField("Password", [needed("Choose a password"), within(1024)])
