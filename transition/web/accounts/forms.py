"""The forms for signing in, and for choosing another password."""

from wtforms import EmailField, HiddenField, PasswordField, ValidationError

from transition.records.staff import Staff
from transition.rules.errors import RuleBroken
from transition.rules.passwords import HINT, SHORTEST, refuse_password
from transition.web.forms import Form, needed, printable, shown, within
from transition.web.work import catalogue


class SignInForm(Form):
    """Who it is, and the password."""

    email = EmailField(
        "Email address",
        [needed("Enter your email address"), printable, within(254)],
        filters=[shown],
    )
    password = PasswordField("Password", [needed("Enter your password"), within(1024)])
    next = HiddenField()


class ForgottenForm(Form):
    """Who cannot sign in."""

    email = EmailField(
        "Email address",
        [needed("Enter your email address"), printable, within(254)],
        filters=[shown],
    )


class NewPasswordForm(Form):
    """Another password. The link of the letter stands for who it is."""

    new_password = PasswordField(
        "New password",
        [needed("Enter a new password"), within(1024)],
        description=f"At least {SHORTEST} characters. {HINT} Your browser may keep it for you.",
    )
    whose: Staff | None = None
    """Whose it will be: their name makes none."""

    def validate_new_password(self, field: PasswordField) -> None:
        """Refuse what others would guess, or what is too short or too long."""
        about = (self.whose.name, self.whose.email) if self.whose else ()
        try:
            refuse_password(field.data or "", listed=catalogue().guessable, about=about)
        except RuleBroken as refusal:
            raise ValidationError(str(refusal)) from refusal


class PasswordForm(NewPasswordForm):
    """The password there is, and another."""

    password = PasswordField(
        "Current password", [needed("Enter your current password"), within(1024)]
    )
