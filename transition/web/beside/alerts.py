"""Alerts: a sentence on every page of a case, until somebody ends it."""

from typing import Any

from flask import abort, redirect, url_for
from flask.typing import ResponseReturnValue

from transition.actions import beside as actions
from transition.records.alerts import CaseAlert, alerts_of
from transition.records.cases import SeenCase
from transition.rules.access import Permission
from transition.rules.calendar import add_months
from transition.rules.errors import RuleBroken
from transition.web.beside.views import Entry, Listing, beside, form_page, listing, written_by
from transition.web.filters import day
from transition.web.forms import DateParts, Line, VersionedForm, needed
from transition.web.frame import say
from transition.web.guard import requires
from transition.web.versions import Standing, saved
from transition.web.work import my_running_case, my_work, reading, today

USUAL_MONTHS = 3
"""How far ahead the review of an alert is proposed."""


class AlertForm(VersionedForm):
    """What everybody is to know first, and until when."""

    sent_to = "beside.new_alert"

    words = Line(
        "What must everybody know?",
        needed("Write the alert in one sentence"),
        most=120,
        hint="One sentence, like: Do not telephone the home. It stands on every page",
    )
    review_on = DateParts("Look at it again on", needed("Enter the day on which to look again"))


class ReviewAlertForm(AlertForm):
    """The same, of an alert that stands."""

    sent_to = "beside.review_alert"


@beside.route("/alerts")
@requires(Permission.SEE_CASE)
def alerts(reference: str) -> ResponseReturnValue:
    """Show the alerts that stand on the pages of a case."""
    seen = my_running_case(reference)
    return listing(
        seen,
        Listing(
            heading="Alerts",
            about="alerts",
            empty="No alert stands on these pages.",
            lines=[alert_line(seen, one) for one in alerts_of(reading(), seen.case.uid)],
            add=("Add an alert", url_for("beside.new_alert", reference=reference)),
            hint="Both hospices see these on every page. They are no clinical record.",
        ),
    )


def alert_line(seen: SeenCase, alert: CaseAlert) -> Entry:
    """Return an alert as a line."""
    here: dict[str, Any] = {"reference": seen.case.reference, "number": alert.number}
    late = alert.review_on <= today()
    review = f"Look at it again {'now: since' if late else 'on'} {day(alert.review_on)}"
    return Entry(
        title=alert.words,
        key=f"alert-{alert.number}",
        words=[review],
        by=written_by(alert),
        links=[("Review", url_for("beside.review_alert", **here))],
        posts=[("End", url_for("beside.end_alert", **here), {})],
    )


@beside.route("/alerts/new", methods=["GET", "POST"])
@requires(Permission.WRITE_CASE)
def new_alert(reference: str) -> ResponseReturnValue:
    """Ask for an alert, and put it onto every page."""
    seen = my_running_case(reference)
    form = AlertForm(review_on=add_months(today(), USUAL_MONTHS))
    if form.validate_on_submit() and saved(
        form,
        reference,
        lambda work: actions.set_alert(
            work, reference, form.words.data, review_on=form.review_on.data
        ),
    ):
        say(f"The alert stands on every page ({reference}).", "done")
        return redirect(url_for("beside.alerts", reference=reference))
    return form_page(seen, form, "Add an alert", "Save alert", back=_to_alerts(reference))


@beside.route("/alerts/<int:number>", methods=["GET", "POST"])
@requires(Permission.WRITE_CASE)
def review_alert(reference: str, number: int) -> ResponseReturnValue:
    """Ask whether an alert still holds, and until when."""
    seen = my_running_case(reference)
    alert = _alert(seen, number)
    form = ReviewAlertForm(
        version=str(alert.version),
        words=alert.words,
        review_on=add_months(today(), USUAL_MONTHS),
    )

    def standing() -> Standing:
        now = _alert(seen, number)
        return Standing(version=str(now.version), words=(("Alert", now.words),))

    if form.validate_on_submit() and saved(
        form,
        reference,
        lambda work: actions.review_alert(
            work, reference, number, form.words.data, review_on=form.review_on.data
        ),
        standing,
    ):
        say(f"The alert stands until {day(form.review_on.data)} ({reference}).", "done")
        return redirect(url_for("beside.alerts", reference=reference))
    return form_page(seen, form, "Review an alert", "It still holds", back=_to_alerts(reference))


@beside.route("/alerts/<int:number>/end", methods=["POST"])
@requires(Permission.WRITE_CASE)
def end_alert(reference: str, number: int) -> ResponseReturnValue:
    """Take an alert off every page."""
    _alert(my_running_case(reference), number)
    try:
        with my_work() as work:
            actions.end_alert(work, reference, number)
    except RuleBroken as refusal:
        say(str(refusal), "problem")
    else:
        say(f"The alert has ended ({reference}).", "quiet")
    return redirect(url_for("beside.alerts", reference=reference))


def _alert(seen: SeenCase, number: int) -> CaseAlert:
    standing = alerts_of(reading(), seen.case.uid)
    return next((one for one in standing if one.number == number), None) or abort(404)


def _to_alerts(reference: str) -> tuple[str, str]:
    return "Alerts", url_for("beside.alerts", reference=reference)
