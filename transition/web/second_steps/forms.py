"""The forms of the second step. None is ever kept as a draft."""

import re
from typing import Final

from wtforms import Field, HiddenField, PasswordField, StringField, ValidationError

from transition.web.forms import Form, Line, needed, printable, shown, within

SIX_FIGURES: Final = re.compile("[0-9]{6}")


def _without_spaces(typed: str | None) -> str | None:
    return "".join(typed.split()) if typed else typed


def _six_figures(_form: Form, field: Field) -> None:
    if not SIX_FIGURES.fullmatch(field.data or ""):
        raise ValidationError("The code has 6 figures, like 123 456")


class CodeForm(Form):
    """The code that an app shows now."""

    code = StringField(
        "Code from your app", [needed("Enter the code"), _six_figures], filters=[_without_spaces]
    )


class RecoveryForm(Form):
    """A recovery code."""

    code = StringField(
        "Recovery code",
        [needed("Enter one of your recovery codes"), printable, within(40)],
        filters=[shown],
    )


class AgainForm(Form):
    """The password, once more."""

    password = PasswordField("Password", [needed("Enter your password"), within(1024)])


class PasskeyForm(Form):
    """What a browser answers for a passkey."""

    answer = HiddenField(
        validators=[needed("Your browser did not answer. Try once more"), within(20_000)]
    )


class NewPasskeyForm(PasskeyForm):
    """A new passkey, and what its owner calls it."""

    name = Line(
        "What do you call this device?",
        needed("Give the device a name, so that you know it in the list"),
        most=40,
        hint="For example: my phone, or the laptop at work.",
    )


class PlainForm(Form):
    """A button and no field."""
