"""Today: what is late, what is due this week, and what somebody else must do first."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from transition.clock import day_and_time, time_of_day
from transition.records.dues import CaseDues
from transition.records.heartbeats import last_ran_at
from transition.records.names import Name, names_of, providers_of
from transition.records.urgent_access import waiting_for_review
from transition.rules.access import Permission, may
from transition.rules.calendar import add_months
from transition.rules.digests import DueItem
from transition.rules.heartbeats import is_silent
from transition.rules.pathway import MilestoneRule
from transition.web.filters import age, due_tone, due_words
from transition.web.guard import requires
from transition.web.home.alarms import handed_on, proof
from transition.web.home.desks import ANSWER, HEADINGS, LATE, LATER, Line, Placed, desks, due_on
from transition.web.pages import PAGE, page_asked, pages
from transition.web.turns import task_in
from transition.web.work import catalogue, me, note_seen, now, reading, today

home = Blueprint("home", __name__)

TELL = "Letters and digests do not go out. Please tell the collaborative's administrator."


@dataclass(frozen=True)
class WorkRow:
    """One line of Today."""

    item: DueItem
    dues: CaseDues
    name: Name
    rule: MilestoneRule | None
    age: int
    task: str
    due_words: str
    tone: str

    @property
    def one_click(self) -> bool:
        """Whether it is done with one click; what must be confirmed or is delicate asks first."""
        return self.rule is not None and self.rule.one_click


@home.route("/")
@requires(Permission.PREVIEW_DIGEST)
def index() -> ResponseReturnValue:
    """Go where this colleague's day begins."""
    if may(me().roles, Permission.SEE_TODAY):
        return redirect(url_for("home.today"))
    if may(me().roles, Permission.READ_TRAIL):
        return redirect(url_for("trail.index"))
    return redirect(url_for("digests.preview"))


@dataclass(frozen=True)
class Listed:
    """One of the lists of Today: how many things stand in it, and those of the page shown."""

    many: int
    rows: tuple[WorkRow, ...]
    page: int = 1

    @property
    def pages(self) -> int:
        """How many pages there are of it."""
        return pages(self.many)


@home.route("/today", endpoint="today")
@requires(Permission.SEE_TODAY)
def show_today() -> ResponseReturnValue:
    """Show what needs the reader, soonest first; of a long list a page at a time."""
    desk, tabs = desks(request.args.get("who", ""))
    if desk is None:
        return redirect(url_for("home.today"))
    cases, placed = desk.cases, desk.placed
    names = _named(placed)
    lists = {panel: _listed(panel, lines, names) for panel, lines in placed.items()}
    handed = () if desk.key else handed_on()
    references = {row.dues.reference for one in lists.values() for row in one.rows}
    references |= {one.reference for one in handed}
    shown = [row.dues for one in lists.values() for row in one.rows if row.dues.outside]
    ours = {dues.case_uid for dues in shown if dues.organisation == me().organisation}
    note_seen("today:viewed", about=" ".join(sorted(references)))
    return render_template(
        "home/today.html",
        lists=lists,
        headings=HEADINGS,
        late=_late(placed),
        tabs=tabs,
        desk=desk,
        cases=cases,
        next_row=next(iter(lists[LATER].rows), None),
        moves=_moves(cases),
        organisations=catalogue().collaborative,
        providers=providers_of(reading(), ours),
        side=me().side,
        handed=handed,
        reviews=_reviews(),
        proof=proof() if may(me().roles, Permission.REASSIGN_WORKER) else None,
        prompts=prompts_said(last_ran_at(reading()), now()),
    )


def _reviews() -> int:
    """Return how much of what was opened in an emergency the reader's hospice has yet to review."""
    mine = may(me().roles, Permission.REVIEW_URGENT)
    return waiting_for_review(reading(), me()) if mine else 0


def prompts_said(ran_at: datetime | None, at: datetime) -> str:
    """Return when prompts last ran, or that they do not run any more and what to do."""
    if ran_at is None:
        return f"Prompts have not run yet. {TELL}"
    if is_silent(ran_at, at):
        return f"Prompts have not run since {day_and_time(ran_at)}. {TELL}"
    return f"Prompts last ran at {time_of_day(ran_at)}."


def _named(placed: Placed) -> dict[bytes, Name]:
    lines = (line for lines in placed.values() for line in lines)
    return names_of(reading(), me(), {dues.case_uid for _, dues in lines})


def _listed(panel: str, lines: list[Line], names: Mapping[bytes, Name]) -> Listed:
    def order(line: Line) -> tuple[date, Any]:
        return due_on(line), names[line[1].case_uid].sorted_as

    asked = page_asked(request.args.get("page", "")) if request.args.get("list") == panel else 1
    page = min(asked, pages(len(lines)))
    shown = sorted(lines, key=order)[(page - 1) * PAGE : page * PAGE]
    rows = tuple(_row(item, dues, names[dues.case_uid]) for item, dues in shown)
    return Listed(len(lines), rows, page)


def _late(placed: Placed) -> int:
    """Return how many of the things that need the reader are late, delicate ones left out."""
    answers = sum(item.status.late for item, _ in placed[ANSWER])
    return len(placed[LATE]) + answers


def _row(item: DueItem, dues: CaseDues, name: Name) -> WorkRow:
    rule = dues.pathway.by_code.get(item.code)
    return WorkRow(
        item=item,
        dues=dues,
        name=name,
        rule=rule,
        age=age(dues.anchors.born, today()),
        task=rule.title if rule is not None else task_in(dues, item),
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
