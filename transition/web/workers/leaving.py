"""A colleague who leaves: what they hold, who takes it on, and the end of their access."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from transition.actions.leaving import end_access, give_back, hand_over, holdings, staff_here
from transition.records.absences import absences_of
from transition.records.case_lists import ListedCase, everybody_seen
from transition.records.holdings import goes_along
from transition.records.names import names_of
from transition.records.staff import Staff, StaffMembership, holders
from transition.rules.access import Permission, may
from transition.rules.errors import RuleBroken
from transition.rules.leaving import Held, HeldKind, even_split, held_words
from transition.rules.people import LEADS, Duty, MembershipState, Role
from transition.web.filters import day
from transition.web.forms import choices
from transition.web.frame import say
from transition.web.guard import fresh, requires
from transition.web.versions import Standing, editing
from transition.web.work import asking, looking, me, my_work, note_seen, reading, today
from transition.web.workers.colleagues import Colleague, colleagues, people_said
from transition.web.workers.forms import NOTE_MISSING, MoveForm
from transition.web.workers.views import workers

NOBODY_CHOSEN: Final = "Choose a colleague, above or beside at least one thing"
PEOPLE: Final = frozenset({HeldKind.CASE, HeldKind.ADULT_WORKER})
"""What is held about a young person."""


@dataclass(frozen=True)
class Row:
    """One thing that somebody holds, in words, and who may take it on."""

    key: str
    kind: HeldKind
    words: str
    path: str = ""
    offer: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Change:
    """How much somebody looks after now, and afterwards."""

    name: str
    now: int
    after: int


@workers.route("/settings/leaving")
@requires(Permission.MANAGE_ACCOUNTS)
def leaving() -> ResponseReturnValue:
    """Show everybody who works here and what they hold, those first who do not work here now."""
    found = colleagues()
    return render_template(
        "workers/leaving.html",
        colleagues=[one for one in found if not one.gone],
        gone=[one for one in found if one.gone],
        counts_days=may(me().roles, Permission.REASSIGN_WORKER),
    )


@workers.route("/settings/leaving/<key>", methods=["GET", "POST"])
@requires(Permission.MANAGE_ACCOUNTS)
def move(key: str) -> ResponseReturnValue:
    """Ask who takes on what a colleague holds, show what that does, and do it."""
    staff, held = _leaver(key)
    rows = _rows(staff, held)
    known = {one.key: one for one in colleagues()}
    form = MoveForm(version=_version(held))
    form.to.choices = choices({one.key: one.words for one in _who_may_take(known, rows)})
    form.owners.choices = [("", ""), *((value, "") for row in rows for value in _values(row))]
    owners: dict[str, str] = {}
    if request.form.get("split"):
        form.owners.data = _split(rows, known)
    elif form.validate_on_submit():
        owners = _owners(form, rows)
        _refuse_unsaid(form, rows, owners)
        if not form.errors and request.form.get("checked") == "yes" and _moved(form, key, owners):
            return redirect(url_for("workers.move", key=key))
    references = [one.about for one in held if one.kind in PEOPLE]
    note_seen("cases:listed", about=" ".join(references))
    page = render_template(
        "workers/move.html",
        form=form,
        staff=staff,
        key=key,
        rows=rows,
        hidden_rows=len(held) - len(rows),
        holds=held_words(held),
        asks_note=any(row.kind is HeldKind.CASE for row in rows),
        along=goes_along(reading(), staff.uid, references, side=me().side),
        checking=bool(owners) and not form.errors,
        button=_button(rows, owners),
        changes=_changes(staff, rows, owners, known),
        others=[(row, known[owners[row.key]].name) for row in rows if _is_other(row, owners)],
        ended=[one.role for one in _here(staff) if one.state is MembershipState.LEFT],
        active=[one.role for one in _here(staff) if one.state is not MembershipState.LEFT],
        is_me=staff.uid == me().uid,
    )
    return page, 422 if form.errors else 200


@workers.route("/settings/leaving/<key>/end", methods=["POST"])
@requires(Permission.MANAGE_ACCOUNTS)
@fresh
def end(key: str) -> ResponseReturnValue:
    """End the access of a colleague who holds nothing any more."""
    staff, _ = _leaver(key)
    name = staff.name
    try:
        with my_work() as work:
            roles = end_access(work, staff.uid)
    except RuleBroken as refusal:
        say(str(refusal), "problem")
    else:
        undo = {
            "action": url_for("workers.back", key=key),
            "label": name,
            "fields": {"roles": " ".join(roles)},
        }
        say(f"{name} has no access any more. Their name stays in every history.", "done", undo=undo)
    return redirect(url_for("workers.move", key=key))


@workers.route("/settings/leaving/<key>/back", methods=["POST"])
@requires(Permission.MANAGE_ACCOUNTS)
@fresh
def back(key: str) -> ResponseReturnValue:
    """Give somebody who has left their access back."""
    staff, _ = _leaver(key)
    name, asked = staff.name, request.form.get("roles", "").split()
    try:
        with my_work() as work:
            give_back(work, staff.uid, [role for role in Role if role in asked])
    except RuleBroken as refusal:
        say(str(refusal), "problem")
    else:
        say(f"{name} has access again. What they held stays with whoever has it now.", "quiet")
    return redirect(url_for("workers.move", key=key))


def _leaver(key: str) -> tuple[Staff, tuple[Held, ...]]:
    """Return a colleague and all that they hold, or answer that there is no such page."""
    try:
        staff, _ = staff_here(looking(), bytes.fromhex(key))
        return staff, holdings(looking(), staff.uid)
    except (ValueError, RuleBroken):
        abort(404)


def _here(staff: Staff) -> list[StaffMembership]:
    """Return what a colleague is or was in the hospice that they may leave."""
    _, organisation = staff_here(looking(), staff.uid)
    return [one for one in staff.memberships if one.organisation == organisation]


def _version(held: Sequence[Held]) -> str:
    return sha256(" ".join(one.key for one in held).encode()).hexdigest()[:16]


def _rows(staff: Staff, held: Sequence[Held]) -> list[Row]:
    """Return what the reader may hand on, in words; a case that they may not see is none of it."""
    if not me().roles & LEADS:
        return []
    seen = {one.reference: one for one in everybody_seen(reading(), asking())}
    names = names_of(reading(), me(), [one.case_uid for one in seen.values()])
    offers = _offers(staff)
    away = {one.uid.hex(): one for one in absences_of(reading(), _uids(offers), since=today())}
    rows = []
    for one in held:
        offer = offers[one.kind]
        if one.kind in PEOPLE and one.about in seen:
            case = seen[one.about]
            words = _line(case, names[case.case_uid].shown)
            rows.append(Row(one.key, one.kind, words, case.path, offer))
        elif one.kind is HeldKind.DUTY:
            rows.append(Row(one.key, one.kind, f"Is the {Duty(one.about).label}", "", offer))
        elif one.about in away:
            absence = away[one.about]
            days = f"{day(absence.from_on)} to {day(absence.until_on)}"
            others = {k: name for k, name in offer.items() if k != absence.staff_uid.hex()}
            words = f"Covers for {absence.staff.name}, {days}"
            rows.append(Row(one.key, one.kind, words, "", others))
    return sorted(rows, key=lambda row: (list(HeldKind).index(row.kind), row.words))


def _line(case: ListedCase, name: str) -> str:
    ended = f": {case.ending.label}, to be looked at again" if case.ending is not None else ""
    return f"{name}, {case.reference}{ended}"


def _offers(staff: Staff) -> dict[HeldKind, dict[str, str]]:
    """Return who may take on each kind of thing, by their key, in order of names."""
    held = holders(reading(), me().organisation, today=today())
    others = sorted(
        (one for one in held if one.staff_uid != staff.uid), key=lambda one: one.staff.name
    )
    caring = {one.staff_uid.hex(): one.staff.name for one in others if one.role.side is me().side}
    leads = {
        one.staff_uid.hex(): one.staff.name
        for one in others
        if one.role in LEADS and one.duty is None
    }
    return {**dict.fromkeys(HeldKind, caring), HeldKind.DUTY: leads}


def _uids(offers: Mapping[HeldKind, Mapping[str, str]]) -> list[bytes]:
    return [bytes.fromhex(key) for key in offers[HeldKind.COVER]]


def _who_may_take(known: Mapping[str, Colleague], rows: Sequence[Row]) -> list[Colleague]:
    """Return the colleagues who may take on anything, by name."""
    fit = {key for row in rows for key in row.offer}
    return [one for one in known.values() if one.key in fit]


def _values(row: Row) -> list[str]:
    return [f"{row.key}>{key}" for key in ("", *row.offer)]


def _split(rows: Sequence[Row], known: Mapping[str, Colleague]) -> list[str]:
    """Return who might take on whom, evenly; nothing is saved by it."""
    people = [row for row in rows if row.kind in PEOPLE]
    loads = {key: known[key].people for row in people[:1] for key in row.offer}
    return [f"{key}>{to}" for key, to in even_split([row.key for row in people], loads).items()]


def _owners(form: MoveForm, rows: Sequence[Row]) -> dict[str, str]:
    """Return the new owner of each thing that is to move; what nobody may take on stays."""
    chosen = {row.key: form.chosen.get(row.key, form.to.data) for row in rows}
    return {key: to for key, to in chosen.items() if to}


def _refuse_unsaid(form: MoveForm, rows: Sequence[Row], owners: Mapping[str, str]) -> None:
    if not owners:
        form.to.errors = [NOBODY_CHOSEN]
    cases = {row.key for row in rows if row.kind is HeldKind.CASE}
    if cases & owners.keys() and not form.note.data:
        form.note.errors = [NOTE_MISSING]


def _moved(form: MoveForm, key: str, owners: Mapping[str, str]) -> bool:
    """Hand everything on and say so; return whether it was done."""
    uids = {held: bytes.fromhex(to) for held, to in owners.items()}
    names = {one.key: one.name for one in colleagues()}
    try:
        with editing(form, None, lambda: _standing(key)) as work:
            hand_over(work, bytes.fromhex(key), uids, note=form.note.data or "")
    except RuleBroken as refusal:
        form.refuse(refusal)
        return False
    people = sum(not held.startswith((HeldKind.DUTY, HeldKind.COVER)) for held in owners)
    takers = " and ".join(sorted({names[to] for to in owners.values()}))
    say(f"{_said(people, len(owners) - people)} handed on to {takers}.", "done")
    return True


def _standing(key: str) -> Standing:
    staff, held = _leaver(key)
    words = held_words(held) or "nothing"
    return Standing(version=_version(held), words=((f"{staff.name} has", words),))


def _said(people: int, others: int) -> str:
    """Return how much moves, in words."""
    things = "1 other thing" if others == 1 else f"{others} other things"
    if not others:
        return people_said(people)
    return f"{people_said(people)} and {things}" if people else things.replace("other ", "")


def _button(rows: Sequence[Row], owners: Mapping[str, str]) -> str:
    people = sum(row.kind in PEOPLE for row in rows if row.key in owners)
    return f"Move {_said(people, len(owners) - people)}"


def _is_other(row: Row, owners: Mapping[str, str]) -> bool:
    return row.kind not in PEOPLE and row.key in owners


def _changes(
    staff: Staff, rows: Sequence[Row], owners: Mapping[str, str], known: Mapping[str, Colleague]
) -> list[Change]:
    """Return how many young people each looks after before and after: the leaver first."""
    moving = [owners[row.key] for row in rows if row.kind in PEOPLE and row.key in owners]
    people = known[staff.uid.hex()].people if staff.uid.hex() in known else 0
    takers = [known[key] for key in dict.fromkeys(moving)]
    return [
        Change(staff.name, people, people - len(moving)),
        *(Change(one.name, one.people, one.people + moving.count(one.key)) for one in takers),
    ]
