"""My absence, and for a lead any colleague's: who covers, from when to when, and back early."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from transition.actions.absences import (
    Away,
    absence_to_change,
    change_absence,
    end_absence,
    record_absence,
)
from transition.records.absences import Absence, absences_of
from transition.records.staff import Staff, holders
from transition.rules.access import Permission
from transition.rules.errors import RuleBroken
from transition.rules.people import LEADS
from transition.web.absences.forms import AbsenceForm, ChangeForm
from transition.web.filters import day
from transition.web.forms import PARTS, choices
from transition.web.frame import say
from transition.web.guard import requires
from transition.web.versions import Standing, editing
from transition.web.work import looking, me, my_work, reading, today

absences = Blueprint("absences", __name__, url_prefix="/settings/cover")


@absences.route("", methods=["GET", "POST"])
@requires(Permission.PLAN_ABSENCE)
def index() -> ResponseReturnValue:
    """Show who is away or will be, ask who else is, and keep that."""
    people, leads = _colleagues(), bool(me().roles & LEADS)
    own = me().uid or b""
    form = AbsenceForm(who=own.hex())
    form.who.choices = _offer(people) if leads else choices({own.hex(): me().name})
    form.cover.choices = _offer(people)
    if form.validate_on_submit():
        away = _away(people, form.who.data, form)
        try:
            with my_work() as work:
                row = record_absence(
                    work, away.email, cover=away.cover, from_on=away.from_on, until_on=away.until_on
                )
                key, words = row.uid.hex(), _words(row)
        except RuleBroken as refusal:
            form.refuse(refusal)
        else:
            undo = {"action": url_for("absences.end", key=key), "label": words}
            say(f"{words}. Letters and digests go to both.", "done", undo=undo)
            return redirect(url_for("absences.index"))
    page = render_template(
        "absences/index.html", form=form, rows=_listed(people, leads=leads), leads=leads
    )
    return page, 422 if form.errors else 200


@absences.route("/<key>", methods=["GET", "POST"])
@requires(Permission.PLAN_ABSENCE)
def change(key: str) -> ResponseReturnValue:
    """Ask who covers, and from when to when, for an absence that is kept already."""
    row, people = _absence(key), _colleagues()
    form = ChangeForm(
        version=str(row.version),
        cover=row.cover_uid.hex(),
        from_on=row.from_on,
        until_on=row.until_on,
    )
    form.cover.choices = _offer(people, without=row.staff_uid)
    if form.validate_on_submit():
        was, away = _fields(row), _away(people, row.staff_uid.hex(), form)
        try:
            with editing(form, None, lambda: _standing(_absence(key))) as work:
                row = change_absence(
                    work, row.uid, cover=away.cover, from_on=away.from_on, until_on=away.until_on
                )
                words = _words(row)
        except RuleBroken as refusal:
            form.refuse(refusal)
        else:
            undo = {"action": url_for("absences.change", key=key), "label": words, "fields": was}
            say(f"{words}.", "done", undo=undo)
            return redirect(url_for("absences.index"))
    page = render_template("absences/change.html", form=form, name=row.staff.name)
    return page, 422 if form.errors else 200


@absences.route("/<key>/end", methods=["POST"])
@requires(Permission.PLAN_ABSENCE)
def end(key: str) -> ResponseReturnValue:
    """Say that somebody is here again, or will not be away at all."""
    row = _absence(key)
    name, who = row.staff.name, row.staff_uid.hex()
    # What is undone begins anew today: the days before it have passed.
    fields = {"who": who, **_fields(row), **_parts("from_on", max(row.from_on, today()))}
    try:
        with my_work() as work:
            end_absence(work, row.uid)
    except RuleBroken as refusal:
        say(str(refusal), "problem")
    else:
        undo = {"action": url_for("absences.index"), "label": name, "fields": fields}
        say(f"{name} is here, and nobody covers for them now.", "quiet", undo=undo)
    return redirect(url_for("absences.index"))


def _colleagues() -> dict[str, Staff]:
    """Return who works on the reader's side of their hospice, by their key, in order of names."""
    held = holders(reading(), me().organisation, today=today())
    found = {one.staff_uid.hex(): one.staff for one in held if one.role.side is me().side}
    return dict(sorted(found.items(), key=lambda pair: pair[1].name))


def _offer(people: Mapping[str, Staff], *, without: bytes = b"") -> list[Any]:
    return list(choices({key: one.name for key, one in people.items() if one.uid != without}))


def _away(people: Mapping[str, Staff], who: str, form: ChangeForm) -> Away:
    return Away(
        email=people[who].email,
        cover=people[form.cover.data].email,
        from_on=form.from_on.data,
        until_on=form.until_on.data,
    )


def _listed(people: Mapping[str, Staff], *, leads: bool) -> list[tuple[Absence, bool, str]]:
    """Return who is away or will be, whether the reader may change that, and what is amiss."""
    rows = absences_of(reading(), [one.uid for one in people.values()], since=today())
    away = {one.staff_uid for one in rows if one.from_on <= today()}
    found = []
    for one in rows:
        begun = one.from_on <= today()
        amiss = "is away too" if begun and one.cover_uid in away else ""
        if one.cover_uid.hex() not in people:
            amiss = "does not work here now"
        found.append((one, leads or one.staff_uid == me().uid, amiss))
    return found


def _absence(key: str) -> Absence:
    """Return an absence that the reader may change, or answer that there is no such page."""
    try:
        return absence_to_change(looking(), bytes.fromhex(key))
    except (ValueError, RuleBroken):
        abort(404)


def _standing(row: Absence) -> Standing:
    return Standing(version=str(row.version), words=(("Away", _words(row)),))


def _words(row: Absence) -> str:
    away = f"{row.staff.name} is away from {day(row.from_on)} to {day(row.until_on)}"
    return f"{away}, and {row.cover.name} covers"


def _fields(row: Absence) -> dict[str, str]:
    """Return what a form would carry to make an absence what it is now."""
    days = _parts("from_on", row.from_on) | _parts("until_on", row.until_on)
    return {"cover": row.cover_uid.hex(), **days}


def _parts(name: str, on: date) -> dict[str, str]:
    return {f"{name}-{part}": str(getattr(on, part)) for part in PARTS}
