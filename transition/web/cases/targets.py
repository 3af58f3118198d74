"""The target transfer date: asked, previewed every time, saved, and undone."""

from datetime import date
from operator import itemgetter
from typing import Final

from flask import abort, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField
from wtforms.validators import Optional

from transition.actions.targets import move_target, undo_target
from transition.records.anchors import anchors_of
from transition.records.cases import SeenCase
from transition.records.histories import target_changes_of
from transition.records.transfers import standing_signatures
from transition.records.young_people import young_person_of
from transition.rules.access import CaseAccess, Permission
from transition.rules.calendar import is_working_day
from transition.rules.errors import RuleBroken
from transition.rules.pathway import Stage
from transition.rules.targets import Moves, Target, TargetReason, refuse_target, suggested_target
from transition.web.cases.views import cases, dues_of
from transition.web.filters import day, weekday
from transition.web.forms import DateParts, Lines, OneOf, VersionedForm, choices, needed
from transition.web.frame import say
from transition.web.guard import requires
from transition.web.versions import Standing, editing, preview_version, refuse_older, stage_standing
from transition.web.work import (
    asking,
    catalogue,
    me,
    my_case,
    my_running_case,
    my_work,
    note_seen,
    reading,
    today,
)

REASONS: Final = tuple(one for one in TargetReason if one.asked or one is TargetReason.AGREED)
"""What somebody may say; the others are worked out."""
COUNTS_NO_MORE: Final = "What was signed for the old date counts no more: both hospices sign again."


class TargetForm(VersionedForm):
    """The day aimed at; why it moves is said where it is seen what moves with it."""

    sent_to = "cases.target_date"

    target_transfer_on = DateParts(
        "Target transfer date",
        needed("Enter the target transfer date"),
        hint="Or the first day of a window",
    )
    window_to = DateParts(
        "Last day of the window", hint="Leave it empty if you aim at a single day"
    )
    note = Lines("Note", hint="If it helps")
    reason_code = OneOf("Why?", [Optional()], choices=choices(REASONS))
    seen_moves = HiddenField()

    @property
    def target(self) -> Target:
        """What is aimed at."""
        return Target(on=self.target_transfer_on.data, window_to=self.window_to.data)

    def check(self, born: date, today: date) -> bool:
        """Return whether this can be aimed at; the reason stands beside the field."""
        if not self.validate():
            return False
        try:
            refuse_target(self.target, born, today)
        except RuleBroken as refusal:
            field = self.window_to if "window" in str(refusal) else self.target_transfer_on
            field.errors = [str(refusal).rstrip(".")]
            return False
        return True


@cases.route("/<reference>/plan/target-date", methods=["GET", "POST"])
@requires(Permission.MOVE_DATE)
def target_date(reference: str) -> ResponseReturnValue:
    """Ask for the target date, show what moves with it, and save it when a reason is given."""
    seen = _movable(my_running_case(reference))
    born = anchors_of(reading(), seen.case.uid).date_of_birth
    suggested = suggested_target(born, today())
    form = TargetForm(
        target_transfer_on=seen.case.target_transfer_on or suggested,
        window_to=seen.case.window_to,
        version=_stands(seen).version,
    )
    if not form.is_submitted() or not form.check(born, today()):
        return _page(seen, form, suggested)
    refuse_older(form, _stands(seen))
    moves = dues_of(seen).retargeted(form.target.on, asking())
    if not form.reason_code.data or form.seen_moves.data != preview_version(moves):
        return _preview(seen, form, moves)
    return _save(seen, form, suggested)


def _save(seen: SeenCase, form: TargetForm, suggested: date | None) -> ResponseReturnValue:
    reference, reason = seen.case.reference, TargetReason(form.reason_code.data)
    signed = _signed(seen)
    try:
        with editing(form, reference, lambda: _stands(my_case(reference))) as work:
            move_target(work, reference, form.target, reason, note=form.note.data or None)
    except RuleBroken as refusal:
        form.refuse(refusal)
        return _page(my_case(reference), form, suggested)
    undo = {
        "action": url_for("cases.undo_target_date", reference=reference),
        "label": "the target date",
        "fields": {},
    }
    again = f" {COUNTS_NO_MORE}" if _signed(seen) < signed else ""
    say(f"Saved. {reference} now aims at {_said(form.target)}.{again}", "done", undo=undo)
    return redirect(url_for("cases.show", reference=reference))


@cases.route("/<reference>/plan/target-date/undo", methods=["POST"])
@requires(Permission.MOVE_DATE)
def undo_target_date(reference: str) -> ResponseReturnValue:
    """Put the target date back to what it was a moment ago."""
    _movable(my_case(reference))
    try:
        with my_work() as work:
            undo_target(work, reference)
    except RuleBroken as refusal:
        say(str(refusal), "problem")
    else:
        say(f"Undone. The target date of {reference} is what it was.", "quiet")
    return redirect(url_for("cases.show", reference=reference))


def _movable(seen: SeenCase) -> SeenCase:
    """Return a case whose date the reader may move, or answer that there is no such page."""
    theirs = seen.case.stage is Stage.MOVING and seen.case.receiver == me().organisation
    return seen if theirs or seen.access is CaseAccess.FULL else abort(404)


def _signed(seen: SeenCase) -> int:
    """Return how many signatures count, which name the day that is to move."""
    return len(standing_signatures(reading(), seen.case.uid))


def _stands(seen: SeenCase) -> Standing:
    """Return how a date stands: what it is, what it means at this stage, and who has signed it."""
    case = seen.case
    signed = standing_signatures(reading(), case.uid)
    moved = stage_standing(seen)
    changes = [
        (one.changed_at, one.changed_by_uid, "moved this date")
        for one in target_changes_of(reading(), case.uid)[-1:]
    ]
    changes += [
        (one.signed_at, one.signed_by_uid, "signed the transfer on this date") for one in signed
    ]
    at, by_uid, did = max([*changes, (moved.at, moved.by_uid, moved.did)], key=itemgetter(0))
    told = (("Signatures", f"{len(signed)} of 2"),) if signed else ()
    return Standing(
        version=f"{case.target_transfer_on}.{case.window_to}.{case.target_set_on}."
        f"{case.stage.value}.{len(signed)}",
        words=(("Target transfer date", day(case.target_transfer_on)), *moved.words, *told),
        by_uid=by_uid,
        at=at,
        did=did,
    )


def _said(target: Target) -> str:
    until = f" to {day(target.window_to)}" if target.window_to else ""
    return f"{day(target.on)}{until}"


def _page(seen: SeenCase, form: TargetForm, suggested: date | None) -> ResponseReturnValue:
    note_seen("case:viewed", case_ref=seen.case.reference, about="target date")
    page = render_template(
        "cases/target_date.html", form=form, suggested=suggested, **_person(seen)
    )
    return page, 422 if form.errors else 200


def _preview(seen: SeenCase, form: TargetForm, moves: Moves) -> ResponseReturnValue:
    g.unsent = True  # it stays in the form until it is saved
    note_seen("case:viewed", case_ref=seen.case.reference, about="target date")
    first = seen.case.target_transfer_on is None
    reasons = [one for one in TargetReason if one.asked]
    return render_template(
        "cases/target_check.html",
        form=form,
        moves=moves,
        digest=preview_version(moves),
        rebuilt=bool(form.reason_code.data),
        said=_said(form.target),
        day_off=_day_off(form.target.on),
        signed=form.target.on != seen.case.target_transfer_on and _signed(seen),
        reasons=[TargetReason.AGREED] if first else reasons,
        **_person(seen),
    )


def _day_off(on: date) -> str:
    return "" if is_working_day(on, catalogue().holidays) else weekday(on)


def _person(seen: SeenCase) -> dict[str, object]:
    return {
        "case": seen.case,
        "person": young_person_of(reading(), seen.case.young_person_uid),
        "born": anchors_of(reading(), seen.case.uid).date_of_birth,
    }
