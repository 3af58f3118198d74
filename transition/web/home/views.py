"""Today: what is late, what is due this week, and what somebody else must do first."""

from dataclasses import dataclass
from datetime import date

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from transition.records.dues import CaseDues, concerns, dues_for, items_of
from transition.records.names import Name, names_of
from transition.rules.access import Permission, may
from transition.rules.calendar import add_months
from transition.rules.digests import DueItem, DueKind
from transition.rules.pathway import MilestoneRule, Owner
from transition.rules.people import Side
from transition.web.filters import age, due_tone, due_words
from transition.web.guard import requires
from transition.web.work import asking, catalogue, me, note_seen, reading, today

home = Blueprint("home", __name__)

LATE, THIS_WEEK, WAITING, LATER = "late", "this_week", "waiting", "later"
WEEK = 7
"""Days that "this week" looks ahead."""
COMING_UP = 5
"""How much of what comes later is shown."""


@dataclass(frozen=True)
class WorkRow:
    """One line of Today."""

    item: DueItem
    dues: CaseDues
    name: Name
    rule: MilestoneRule | None
    age: int
    due_words: str
    tone: str

    @property
    def one_click(self) -> bool:
        """Whether it is done with one click; what must be confirmed or is delicate asks first."""
        return self.rule is not None and not (self.rule.confirmed or self.rule.quiet)


@home.route("/")
@requires(Permission.PREVIEW_DIGEST)
def index() -> ResponseReturnValue:
    """Go where this colleague's day begins."""
    if may(me().roles, Permission.SEE_TODAY):
        return redirect(url_for("home.today"))
    return redirect(url_for("digests.preview"))


@home.route("/today", endpoint="today")
@requires(Permission.SEE_TODAY)
def show_today() -> ResponseReturnValue:
    """Show what needs the reader, soonest first."""
    cases = [dues for dues in dues_for(reading(), asking()) if concerns(dues, me())]
    panels = _panels(cases)
    references = sorted({row.dues.reference for rows in panels.values() for row in rows})
    note_seen("today:viewed", about=" ".join(references))
    return render_template(
        "home/today.html",
        panels=panels,
        cases=cases,
        next_row=next(iter(panels[LATER]), None),
        moves=_moves(cases),
        organisations=catalogue().collaborative,
        side=me().side,
    )


def _panels(cases: list[CaseDues]) -> dict[str, list[WorkRow]]:
    by_reference = {dues.reference: dues for dues in cases}
    day, side = today(), me().side
    sorted_items = sorted(
        items_of(cases, day), key=lambda item: (item.due_on or date.max, item.reference)
    )
    placed = [
        (panel_of(item, day, side, quiet=_is_quiet(item, by_reference)), item)
        for item in sorted_items
    ]
    coming = [(panel, item) for panel, item in placed if panel == LATER][:COMING_UP]
    shown = [(panel, item) for panel, item in placed if panel and panel != LATER] + coming
    names = names_of(reading(), {by_reference[item.reference].case_uid for _, item in shown})
    panels: dict[str, list[WorkRow]] = {LATE: [], THIS_WEEK: [], WAITING: [], LATER: []}
    for panel, item in shown:
        dues = by_reference[item.reference]
        panels[panel].append(_row(item, dues, names[dues.case_uid]))
    return panels


def _is_quiet(item: DueItem, by_reference: dict[str, CaseDues]) -> bool:
    """Return whether something is about dying or capacity. A letter is never told; this page is."""
    rule = by_reference[item.reference].pathway.by_code.get(item.code)
    return rule is not None and rule.quiet


def panel_of(item: DueItem, day: date, side: Side | None, *, quiet: bool = False) -> str | None:
    """Return in which panel something stands on a day for a side, or None for none of them.

    What is about dying or capacity never stands among what is late, which is red.
    """
    if item.due_on is None:
        return None
    days = (item.due_on - day).days
    theirs = item.owner.value not in {Owner.SHARED.value, side}
    if theirs:
        return WAITING if item.kind is DueKind.HANDOVER or days < 0 else None
    if days < 0:
        return THIS_WEEK if quiet else LATE
    return THIS_WEEK if days < WEEK or item.kind is DueKind.HANDOVER else LATER


def _row(item: DueItem, dues: CaseDues, name: Name) -> WorkRow:
    rule = dues.pathway.by_code.get(item.code)
    return WorkRow(
        item=item,
        dues=dues,
        name=name,
        rule=rule,
        age=age(dues.anchors.born, today()),
        due_words=due_words(item.due_on, today()),
        tone=due_tone(item.status, quiet=rule is not None and rule.quiet),
    )


@dataclass(frozen=True)
class Month:
    """How many moves fall into a month: agreed with the other side, or only aimed at."""

    first: date
    agreed: int
    aimed: int


def _moves(cases: list[CaseDues]) -> list[Month]:
    """Return the moves of the next six months, by month."""
    first = today().replace(day=1)
    months = []
    for ahead in range(1, 7):
        begin, end = add_months(first, ahead), add_months(first, ahead + 1)
        due = [dues for dues in cases if dues.target_on and begin <= dues.target_on < end]
        agreed = sum("accepted" in dues.anchors.events for dues in due)
        months.append(Month(begin, agreed, len(due) - agreed))
    return months
