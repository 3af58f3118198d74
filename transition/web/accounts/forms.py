"""The form for signing in."""

from wtforms import EmailField, HiddenField, PasswordField

from transition.web.forms import Form, needed, printable, shown, within


class SignInForm(Form):
    """Who it is, and the password."""

    email = EmailField(
        "Email address",
        [needed("Enter your email address"), printable, within(254)],
        filters=[shown],
    )
    password = PasswordField("Password", [needed("Enter your password"), within(1024)])
    next = HiddenField()
