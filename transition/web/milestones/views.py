"""Milestones of a case: done with one click or a short form, not needed, and put back."""

from collections.abc import Mapping
from typing import Final

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from transition.actions.milestones import Recorded, put_back, record_outcome, rule_of
from transition.actions.work import ChangedMeanwhile, NotFound
from transition.records.anchors import anchors_of
from transition.records.cases import SeenCase
from transition.records.milestones import outcome_of
from transition.records.services import facts_of, services_of
from transition.records.young_people import young_person_of
from transition.rules.access import Permission, may
from transition.rules.errors import RuleBroken
from transition.rules.milestones import Confirmed, OutcomeKind, Status
from transition.rules.own_milestones import OWN_TITLE
from transition.rules.pathway import MilestoneRule
from transition.rules.services import still_unknown
from transition.web.filters import day, outcome_version
from transition.web.forms import code_of
from transition.web.frame import say
from transition.web.guard import requires
from transition.web.milestones.forms import DoneForm, ReopenForm, SkipForm
from transition.web.versions import Standing, editing
from transition.web.work import (
    looking,
    may_work_on,
    me,
    my_case,
    my_running_case,
    note_seen,
    reading,
    today,
)

milestones = Blueprint("milestones", __name__, url_prefix="/cases/<reference>/milestones")

RECORDED: Final[Mapping[OutcomeKind, str]] = {
    OutcomeKind.DONE: "Done",
    OutcomeKind.NOT_APPLICABLE: "Marked as not needed. It will not be chased",
    OutcomeKind.DECLINED_BY_PERSON: "Recorded as not wanted. It will not be chased",
    OutcomeKind.WAIVED: "We go on without it. It will not be chased",
}

SERVICES_MAP: Final = "PL-03"
"""The milestone by which every service has its adult counterpart or its gap."""

TODAY: Final = "today"
"""Where a button on Today sends its reader back to; whose list it was may follow a colon."""
BACK: Final = {
    "milestones": "cases.milestones",
    "propose": "handovers.propose",
    "transfer": "transfers.show",
}
"""Where one on another page about the case does, if not to the overview."""


@milestones.route("/<code>/done", methods=["GET", "POST"])
@requires(Permission.WORK_MILESTONE)
def done(reference: str, code: str) -> ResponseReturnValue:
    """Record that a milestone was done: at once, or after the short form where it is delicate."""
    seen, rule = found(reference, code)
    if rule.told_by_entry and seen.case.transferred_on is not None:
        return redirect(url_for("settling.index", reference=reference))
    form = DoneForm(done_on=today(), **_asked(seen, rule))
    # One click sends no date; who opened the form and sent one meant it, whatever it says.
    filled_in = any(name.startswith("done_on-") for name in request.form)
    if form.is_submitted() and not filled_in and rule.one_click:
        return _record(seen, rule, Recorded(kind=OutcomeKind.DONE, done_on=today()), form)
    if not filled_in or not form.check(today(), confirm=rule.confirmed):
        return _page("milestones/done.html", form, seen, rule)
    recorded = Recorded(
        kind=OutcomeKind.DONE,
        done_on=form.done_on.data,
        confirmed=code_of(Confirmed, form.confirmed.data),
        evidence_note=form.evidence_note.data or None,
    )
    return _record(seen, rule, recorded, form)


@milestones.route("/<code>/skip", methods=["GET", "POST"])
@requires(Permission.WORK_MILESTONE)
def skip(reference: str, code: str) -> ResponseReturnValue:
    """Record that a milestone is not needed, and why."""
    seen, rule = found(reference, code)
    form = SkipForm(kind=request.args.get("kind"), **_asked(seen, rule))
    form.offer(waiving=may(me().roles, Permission.WAIVE_GATE))
    if not form.validate_on_submit():
        return _page("milestones/skip.html", form, seen, rule)
    recorded = Recorded(kind=OutcomeKind(form.kind.data), reason=form.reason.data)
    return _record(seen, rule, recorded, form)


@milestones.route("/<code>/reopen", methods=["POST"])
@requires(Permission.WORK_MILESTONE)
def reopen(reference: str, code: str) -> ResponseReturnValue:
    """Put a milestone back on the list."""
    seen, rule = found(reference, code)
    form = ReopenForm(**_asked(seen, rule))
    try:
        with editing(form, reference, lambda: _standing(seen, rule)) as work:
            put_back(work, seen.case.reference, code)
    except ChangedMeanwhile:
        raise
    except RuleBroken as refusal:
        say(str(refusal), "problem")
    else:
        say(f"Back on the list: “{called(rule)}” ({reference}).", "quiet")
    return redirect(back_to(reference, form.back.data))


def found(reference: str, code: str) -> tuple[SeenCase, MilestoneRule]:
    """Return a case and one of its milestones that the reader may work on, or answer 404."""
    seen = my_running_case(reference)
    try:
        rule = rule_of(looking(), seen.case, code)
    except NotFound:
        abort(404)
    if not may_work_on(seen, rule.owner):
        abort(404)
    return seen, rule


def _asked(seen: SeenCase, rule: MilestoneRule) -> dict[str, str | None]:
    shown = {"back": request.args.get("back")}
    if request.method == "GET":
        shown["version"] = _standing(seen, rule).version
    return shown


def _standing(seen: SeenCase, rule: MilestoneRule) -> Standing:
    row = outcome_of(reading(), seen.case.uid, rule.code)
    if row is None:
        return Standing(version=outcome_version(None), words=((rule.title, "Still to do"),))
    done_on = f", {day(row.done_on)}" if row.done_on else ""
    notes = [("Written beside it", words) for words in (row.reason, row.evidence_note) if words]
    return Standing(
        version=outcome_version(row.value),
        words=((rule.title, f"{Status(row.kind.value).label.capitalize()}{done_on}"), *notes),
        by_uid=row.recorded_by_uid,
        at=row.recorded_at,
        did="recorded this",
    )


def called(rule: MilestoneRule) -> str:
    """Return what the next page calls a milestone. A cookie carries it: no words of a team do."""
    return OWN_TITLE if rule.own else rule.title


def _record(
    seen: SeenCase, rule: MilestoneRule, recorded: Recorded, form: DoneForm | SkipForm
) -> ResponseReturnValue:
    reference = seen.case.reference
    try:
        with editing(form, reference, lambda: _standing(seen, rule)) as work:
            record_outcome(work, reference, rule.code, recorded)
    except RuleBroken as refusal:
        form.refuse(refusal)
        template = "done" if recorded.kind is OutcomeKind.DONE else "skip"
        return _page(f"milestones/{template}.html", form, my_case(reference), rule)
    undo = {
        "action": url_for("milestones.reopen", reference=reference, code=rule.code),
        "label": called(rule),
        "fields": {"back": form.back.data or "", "version": outcome_version(recorded)},
    }
    say(f"{RECORDED[recorded.kind]}: “{called(rule)}” ({reference}).", "done", undo=undo)
    return redirect(back_to(reference, form.back.data))


def back_to(reference: str, back: str | None) -> str:
    """Return the address to which whatever was done leads back."""
    where, _, whose = (back or "").partition(":")
    if where == TODAY:
        return url_for("home.today", who=whose or None)
    return url_for(BACK.get(back or "", "cases.show"), reference=reference)


def _unknown_services(seen: SeenCase, rule: MilestoneRule) -> int:
    """Return of how many services nobody has said anything, where a milestone is about them."""
    if rule.code != SERVICES_MAP:
        return 0
    return still_unknown(facts_of(services_of(reading(), seen.case.uid).values()))


def _page(
    template: str, form: DoneForm | SkipForm, seen: SeenCase, rule: MilestoneRule
) -> ResponseReturnValue:
    note_seen("case:viewed", case_ref=seen.case.reference, about=rule.code)
    page = render_template(
        template,
        form=form,
        case=seen.case,
        rule=rule,
        outcome=outcome_of(reading(), seen.case.uid, rule.code),
        unknown_services=_unknown_services(seen, rule),
        person=young_person_of(reading(), seen.case.young_person_uid),
        born=anchors_of(reading(), seen.case.uid).date_of_birth,
    )
    return page, 422 if form.errors else 200
