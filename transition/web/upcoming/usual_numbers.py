"""The form on which an adult lead says how many their hospice usually takes on in a month."""

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import Field, ValidationError

from transition.actions.usual_numbers import set_usual_number
from transition.records.usual_numbers import usual_number_of
from transition.rules.access import Permission
from transition.rules.errors import RuleBroken
from transition.rules.upcoming import parse_usual_number
from transition.web.forms import Form, Line, VersionedForm
from transition.web.frame import say
from transition.web.guard import requires
from transition.web.upcoming.views import upcoming
from transition.web.versions import Standing, editing
from transition.web.work import me, reading


def _a_number(_form: Form, field: Field) -> None:
    try:
        parse_usual_number(field.data or "")
    except RuleBroken as refusal:
        raise ValidationError(str(refusal)) from refusal


class UsualNumberForm(VersionedForm):
    """How many a hospice usually takes on in a month."""

    sent_to = "upcoming.usual_number"

    number = Line(
        "How many young people does your hospice usually take on in a month?",
        _a_number,
        hint="A whole number from 1 to 30. Leave it empty to have no number.",
    )


@upcoming.route("/upcoming/usual-number", methods=["GET", "POST"])
@requires(Permission.PLAN_CAPACITY)
def usual_number() -> ResponseReturnValue:
    """Ask how many the reader's hospice usually takes on in a month, and keep it."""
    row = usual_number_of(reading(), me().organisation)
    number = row.number if row else None
    form = UsualNumberForm(version=_standing().version, number=str(number or ""))
    if form.validate_on_submit():
        number = parse_usual_number(form.number.data or "")
        try:
            with editing(form, None, _standing) as work:
                set_usual_number(work, number)
        except RuleBroken as refusal:
            form.refuse(refusal)
        else:
            say(
                f"Your usual number is {number} a month."
                if number
                else "You have no usual number now.",
                "done",
            )
            return redirect(url_for("upcoming.index"))
    return render_template("upcoming/usual_number.html", form=form), 422 if form.errors else 200


def _standing() -> Standing:
    """Return what the reader's hospice says now."""
    row = usual_number_of(reading(), me().organisation)
    if row is None:
        return Standing(version="none", words=(("Usual number a month", "None"),))
    return Standing(
        version=str(row.version),
        words=(("Usual number a month", str(row.number or "None")),),
        by_uid=row.set_by_uid,
        at=row.set_at,
    )
