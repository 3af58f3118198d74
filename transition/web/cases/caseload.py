"""The list of young people: who is on it, in which order, and finding somebody by name."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from flask import current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from transition.records.absences import covered_by
from transition.records.case_lists import (
    ListedCase,
    list_of_cases,
    seen_by_number,
    seen_by_reference,
)
from transition.records.change_numbers import while_unchanged
from transition.records.names import Found, found_by_name, names_of, providers_of
from transition.records.staff import staff_names
from transition.rules.access import Permission, may
from transition.rules.errors import RuleBroken
from transition.rules.milestones import status_of
from transition.rules.names import asked_words
from transition.rules.nhs_numbers import SEPARATORS, parse_nhs_number
from transition.rules.own_milestones import OWN_TITLE
from transition.rules.pathway import Stage
from transition.rules.references import is_reference, normalise
from transition.rules.words import Worded
from transition.web.cases.forms import FindForm
from transition.web.cases.views import cases
from transition.web.cases.wanted import AgeBand, DueBand, Order, Wanted
from transition.web.filters import age, day, due_tone
from transition.web.guard import requires
from transition.web.offers import offer_of
from transition.web.pages import PAGE, pages
from transition.web.turns import task_of
from transition.web.work import asking, catalogue, me, note_seen, reading, today

DIGITS: Final = 6
"""So many digits and nothing else are meant as an NHS number, though some be missing."""

HEADS: Final = (
    ("Name", Order.NAME),
    ("Age", Order.AGE),
    ("Stage", None),
    ("Moving to", None),
    ("Target date", Order.TARGET),
    ("Next", Order.DUE),
    ("Named worker", None),
)
"""The columns of the list, and the order that each stands for."""

TOO_SHORT: Final = "Enter at least 2 letters of a name, a reference or an NHS number"
NO_SUCH_NUMBER: Final = (
    "No one you can see has that NHS number. If you expected to find them, ask your lead."
)


BESIDE: Final = "Beside the lead"
"""Stands where a hospice that supports would read where somebody moves."""


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One line of the list, in the words that stand there."""

    path: str
    name: str
    reference: str
    age: int
    stage: str
    paused: bool
    expedited: bool
    receiver: str
    target: str
    task: str
    due: str
    tone: str
    worker: str


@cases.route("")
@requires(Permission.LIST_CASES)
def index() -> ResponseReturnValue:
    """Show the young people whose cases the reader may see, as the address asks for them."""
    people = list_of_cases(reading(), asking())
    staff = staff_names(reading())
    wanted = Wanted.of(request.args, offer_of(people, staff))
    rows = _ordered(wanted.rows(people, today(), catalogue().pathways), wanted.order)
    page = min(wanted.page, pages(len(rows)))
    shown = rows[(page - 1) * PAGE : page * PAGE]
    note_seen("cases:listed", about=" ".join(row.reference for row in shown))
    return render_template(
        "cases/index.html",
        rows=_lines(shown, staff),
        wanted=wanted,
        heads=[(head, _sorted_by(wanted, order), _way(wanted, order)) for head, order in HEADS],
        stages=_pairs(Stage),
        ages=_pairs(AgeBand),
        bands=_pairs(DueBand),
        orders=_pairs(Order),
        matching=len(rows),
        everybody=len(people),
        tabs=_covering(people, wanted),
        paused=sum(one.paused for one in people),
        page=page,
        pages=pages(len(rows)),
        may_open=may(me().roles, Permission.OPEN_CASE),
        may_reassign=may(me().roles, Permission.REASSIGN_WORKER),
    )


def _covering(people: Sequence[ListedCase], wanted: Wanted) -> list[tuple[str, str, int, bool]]:
    """Return a tab for everybody, and one for each named worker for whom the reader covers."""
    workers = Counter(one.named_worker_uid for one in people)
    found = [
        (
            f"Covering for {one.staff.name.partition(' ')[0]} until {day(one.until_on)}",
            url_for("cases.index", worker=one.staff_uid.hex()),
            workers[one.staff_uid],
            wanted.worker == one.staff_uid.hex(),
        )
        for one in covered_by(reading(), me().uid or b"", on=today())
        if one.staff_uid in workers
    ]
    everybody = ("Everybody", url_for("cases.index"), len(people), not wanted.codes)
    return [everybody, *found] if found else []


@cases.route("/find", methods=["GET", "POST"])
@requires(Permission.LIST_CASES)
def find() -> ResponseReturnValue:
    """Answer who is meant; nothing of what was typed stands in the address, the title or the log.

    A reference, an NHS number or a name that only one person has leads to that person. What is
    looked for is taken from a form that was posted, and from nothing else.
    """
    form = FindForm()
    if not form.is_submitted():
        return _found(form, Found())
    if not form.validate():
        return _found(form, Found()), 422
    try:
        one, found = _whom(form.words.data or "")
    except RuleBroken as refusal:
        form.refuse(refusal)
        return _found(form, Found()), 422
    if one is not None:
        note_seen("cases:found", case_ref=one.reference)
        return redirect(one.path)
    return _found(form, found)


def _whom(typed: str) -> tuple[ListedCase | None, Found]:
    """Return the one person that was meant, or None and everybody who may have been.

    Raises:
        RuleBroken: too little was typed, or an NHS number that is none or nobody's here.
    """
    digits = SEPARATORS.sub("", typed)
    if digits.isascii() and digits.isdigit() and len(digits) >= DIGITS:
        return _with_number(parse_nhs_number(typed)), Found()
    reference = normalise(typed)
    one = None
    if is_reference(reference):
        one = seen_by_reference(reading(), asking(), reference)
    if one is not None:
        return one, Found()
    if not asked_words(typed):
        raise RuleBroken(TOO_SHORT)
    found = found_by_name(reading(), asking(), typed)
    alone = len(found.exactly) == 1 and not found.nearly and found.exactly[0].ending is None
    return (found.exactly[0] if alone else None), found


def _with_number(number: str) -> ListedCase:
    one = seen_by_number(reading(), asking(), number)
    if one is None:
        raise RuleBroken(NO_SUCH_NUMBER)
    return one


def _found(form: FindForm, found: Found) -> str:
    exactly, nearly = found.exactly[:PAGE], found.nearly[: max(0, PAGE - len(found.exactly))]
    shown = (*exactly, *nearly)
    if form.is_submitted():
        note_seen("cases:searched", about=" ".join(one.reference for one in shown))
    staff = staff_names(reading())
    return render_template(
        "cases/find.html",
        form=form,
        exactly=_lines([one for one in exactly if one.ending is None], staff),
        nearly=_lines([one for one in nearly if one.ending is None], staff),
        ended=list(_told([one for one in shown if one.ending is not None], staff)),
        heads=[(head, "", "") for head, _ in HEADS],
        matching=len(found.exactly) + len(found.nearly),
        most=PAGE,
    )


def _pairs(kind: type[Worded]) -> list[tuple[str, str]]:
    return [(one.value, one.label) for one in kind]


def _sorted_by(wanted: Wanted, order: Order | None) -> str:
    query: dict[str, Any] = dict(wanted.address(order=order))
    return url_for("cases.index", **query) if order else ""


def _way(wanted: Wanted, order: Order | None) -> str:
    """Return which way a column is sorted, as the page tells it; the oldest stand first."""
    if order is not wanted.order:
        return ""
    return "descending" if order is Order.AGE else "ascending"


def _ordered(rows: list[ListedCase], order: Order) -> list[ListedCase]:
    """Return the rows in an order; they come by what is due next, and stay so among equals."""
    if order is Order.NAME:
        names = names_of(reading(), me(), [row.case_uid for row in rows])
        return sorted(rows, key=lambda row: names[row.case_uid].sorted_as)
    if order is Order.AGE:
        return sorted(rows, key=lambda row: row.born)
    if order is Order.TARGET:
        return sorted(rows, key=lambda row: row.target_on or date.max)
    return rows


def _lines(rows: Sequence[ListedCase], staff: Mapping[bytes, str]) -> list[str]:
    """Return the lines of these people, drawn. A line is drawn once for as long as it holds."""
    drawn: dict[tuple[bytes, str], str] = while_unchanged(
        reading(), me().organisation, ("lines", asking()), dict
    )
    keys = [(row.case_uid, staff[row.named_worker_uid]) for row in rows]
    missing = [row for row, key in zip(rows, keys, strict=True) if key not in drawn]
    if missing:
        draw = current_app.jinja_env.get_template("parts/people.html").module.person  # type: ignore[attr-defined]
        for row, line in zip(missing, _told(missing, staff), strict=True):
            drawn[row.case_uid, line.worker] = draw(line)
    return [drawn[key] for key in keys]


def _told(rows: Sequence[ListedCase], staff: Mapping[bytes, str]) -> Iterator[PersonRow]:
    names = names_of(reading(), me(), [row.case_uid for row in rows])
    together = catalogue().collaborative
    hospices = {one.key: one.name for one in together.organisations}
    ours = [row for row in rows if row.organisation == me().organisation]
    outside = [row.case_uid for row in ours if together.is_outside(row.receiver)]
    providers = providers_of(reading(), outside)
    for row in rows:
        receiver = providers.get(row.case_uid) or hospices.get(row.receiver or "", "Not chosen yet")
        rule = catalogue().pathways[row.pathway_version].by_code.get(row.next_code or "")
        on = row.waiting.due_on if row.waiting else row.next_due_on
        otherwise = OWN_TITLE if row.next_code else "" if row.supports else "Nothing with a date"
        title = rule.title if rule else otherwise
        yield PersonRow(
            path=row.path,
            name=names[row.case_uid].shown,
            reference=row.reference,
            age=age(row.born, today()),
            stage=row.stage.label,
            paused=row.paused,
            expedited=row.expedited,
            receiver=BESIDE if row.supports else receiver,
            target=day(row.target_on) if row.target_on else "" if row.supports else "Not yet",
            task=task_of(row.organisation, row.waiting) if row.waiting else title,
            due=day(on) if on else "",
            tone=due_tone(
                status_of(on, None, today()),
                quiet=row.waiting is None and (rule is None or rule.quiet),
            ),
            worker=staff[row.named_worker_uid],
        )
