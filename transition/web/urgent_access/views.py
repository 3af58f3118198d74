"""Opening a record in an emergency; and for leads and auditors, what was opened, to be reviewed."""

from typing import Any

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from transition.actions.urgent_access import Answered, Asked, open_urgently, review_urgent
from transition.clock import weekday_and_time
from transition.records.audit import IS_UID
from transition.records.cases import Case
from transition.records.staff import staff_names
from transition.records.urgent_access import (
    Opened,
    UrgentAccess,
    opened_around,
    opened_by,
    urgent_access_of,
)
from transition.rules.access import Permission, may
from transition.rules.errors import RuleBroken
from transition.rules.tellings import TellingKind
from transition.rules.urgent_access import (
    NOBODY_SO,
    Purpose,
    UrgentOutcome,
    is_unreviewed_late,
    review_by,
)
from transition.web.frame import say
from transition.web.guard import requires
from transition.web.urgent_access.forms import ReviewForm, UrgentForm
from transition.web.versions import Standing, saved
from transition.web.work import catalogue, me, my_work, note_seen, now, reading, today

urgent_access = Blueprint("urgent_access", __name__, url_prefix="/urgent")


@urgent_access.route("", methods=["GET", "POST"])
@requires(Permission.OPEN_URGENTLY)
def ask() -> ResponseReturnValue:
    """Ask who is meant and why, and open the record of exactly that one for four hours."""
    form = UrgentForm()
    if form.validate_on_submit():
        try:
            answered = _answered(form)
        except RuleBroken as refusal:
            form.refuse(refusal)
        else:
            if answered is not None:
                return _opened(answered)
            form.refuse(NOBODY_SO)
    page = render_template(
        "urgent_access/ask.html",
        form=form,
        running=[
            (reference, weekday_and_time(row.until))
            for row, reference in opened_by(reading(), me().uid or b"", now=now())
        ],
    )
    return page, 422 if form.errors else 200


def _answered(form: UrgentForm) -> Answered | None:
    asked = Asked(
        nhs_number=form.nhs_number.number or "",
        born=form.born.data,
        purpose=Purpose(form.purpose.data),
        why=form.why.data or "",
    )
    with my_work() as work:
        return open_urgently(work, asked)


def _opened(answered: Answered) -> ResponseReturnValue:
    if answered.until is None:
        say("You see this young person anyway, so nothing had to be opened.", "quiet")
        return redirect(url_for("cases.show", reference=answered.reference))
    return redirect(url_for("emergency.show", reference=answered.reference))


@urgent_access.route("/reviews")
@requires(Permission.REVIEW_URGENT)
def reviews() -> ResponseReturnValue:
    """Show what was opened in an emergency here or by people of here: what waits comes first."""
    listed = opened_around(reading(), me())
    note_seen("urgent:listed", about=" ".join(one.reference for one in listed))
    return render_template(
        "urgent_access/reviews.html",
        rows=[(one, *_said(one)) for one in listed],
        waiting=sum(one.ours and one.reviewed_at is None for one in listed),
        organisations=catalogue().collaborative.employers,
    )


def _said(one: Opened) -> tuple[str, str]:
    """Return how far the review of one opening is, in words, and their tone."""
    if one.outcome is not None:
        return one.outcome.label, ""
    holidays = catalogue().holidays
    by = review_by(one.opened_at, holidays)
    late = is_unreviewed_late(one.opened_at, today(), holidays)
    words = "Not reviewed, and late" if late else "Not reviewed yet"
    return f"{words}: by {by:%A} {by.day} {by:%B}", "late"


@urgent_access.route("/reviews/<key>", methods=["GET", "POST"])
@requires(Permission.REVIEW_URGENT)
def review(key: str) -> ResponseReturnValue:
    """Show who opened a record in an emergency and why, and ask whether that was right."""
    row, case = _found(key)
    form = ReviewForm(version=str(row.version), outcome=row.outcome, findings=row.findings)
    if form.validate_on_submit():
        uid, outcome = row.uid, UrgentOutcome(form.outcome.data)
        findings = form.findings.data or None
        done = saved(
            form,
            None,
            lambda work: review_urgent(work, uid, outcome, findings=findings),
            lambda: _standing(key),
        )
        if done is not None:
            say(f"Reviewed: {outcome.label}.", "done")
            return redirect(url_for("urgent_access.reviews"))
        row, case = _found(key)
    note_seen("case:viewed", case_ref=case.reference, about="review")
    page = render_template("urgent_access/review.html", form=form, **_facts(row, case))
    return page, 422 if form.errors else 200


def _facts(row: UrgentAccess, case: Case) -> dict[str, Any]:
    names = staff_names(reading())
    return {
        "case": case,
        "row": row,
        "by": names[row.staff_uid],
        "organisation": catalogue().collaborative.employers[row.organisation],
        "at": weekday_and_time(row.opened_at),
        "until": weekday_and_time(row.until),
        "looked": _looked(case),
        "reviewed_by": names[row.reviewed_by_uid] if row.reviewed_by_uid else "",
    }


def _looked(case: Case) -> str:
    """Return where the reader sees what was looked at: the trail, or the case's own history."""
    if may(me().roles, Permission.EXPORT_TRAIL):
        return url_for("trail.index", case=case.reference)
    return url_for("beside.history", reference=case.reference, kind=TellingKind.LOOKS.value)


def _found(key: str) -> tuple[UrgentAccess, Case]:
    uid = bytes.fromhex(key) if IS_UID.fullmatch(key) else b""
    return urgent_access_of(reading(), uid, reader=me()) or abort(404)


def _standing(key: str) -> Standing:
    """Return how a review stands, for whoever comes second."""
    row, _ = _found(key)
    words = [("What was found", row.outcome.label if row.outcome else "Nothing yet")]
    if row.findings:
        words.append(("Note", row.findings))
    return Standing(
        version=str(row.version),
        words=tuple(words),
        by_uid=row.reviewed_by_uid,
        at=row.reviewed_at,
        did="reviewed this",
    )
