"""Whose work Today shows: the reader's own, or that of a colleague for whom they cover."""

from dataclasses import dataclass, replace
from datetime import date
from heapq import nsmallest
from typing import Final

from flask import url_for

from transition.records.absences import covered_by
from transition.records.change_numbers import while_unchanged
from transition.records.dues import CaseDues, concerns, dues_for, items_of, reviews_for
from transition.rules.digests import AT_ONCE, CLOCKED, DueItem, is_gentle
from transition.rules.pathway import Owner
from transition.rules.people import LEADS, Actor, Side
from transition.web.filters import day as day_said
from transition.web.titles import with_titles
from transition.web.work import asking, me, reading, today

ANSWER, LATE, THIS_WEEK, WAITING, LATER = "answer", "late", "this_week", "waiting", "later"
NEEDED: Final = (ANSWER, LATE, THIS_WEEK)
"""The lists of what needs somebody now."""
WEEK = 7
"""Days that "this week" looks ahead."""
COMING_UP = 5
"""How much of what comes later is shown."""
HEADINGS: Final = {
    ANSWER: "Needs your answer",
    LATE: "Late",
    THIS_WEEK: "This week",
    WAITING: "Waiting for someone else",
}
"""What each list is called."""


Line = tuple[DueItem, CaseDues]
"""Something due, and in which case."""
Placed = dict[str, list[Line]]
"""What stands in each list."""
Tab = tuple[str, str, int, bool]
"""Its words, its address, how many things need somebody now, and whether it is shown."""


@dataclass(frozen=True)
class Desk:
    """The work of one person that is due: the reader's own has no key and names nobody."""

    key: str
    whose: str
    until: str
    cases: list[CaseDues]
    placed: Placed

    @property
    def many(self) -> int:
        """How many things need somebody now."""
        return sum(len(self.placed[panel]) for panel in NEEDED)


def desks(asked: str) -> tuple[Desk | None, list[Tab]]:
    """Return the desk that is *asked* for, and a tab for each; None where it is no desk (now).

    A reader who covers for nobody has one desk, and needs no tabs.
    """
    found = [_own(), *_covered()]
    shown = next((one for one in found if one.key == asked), None)
    tabs = [
        (
            f"Covering for {one.whose} until {one.until}" if one.key else "Mine",
            url_for("home.today", who=one.key or None),
            one.many,
            one is shown,
        )
        for one in found
    ]
    return shown, tabs if len(found) > 1 else []


def _own() -> Desk:
    running = dues_for(reading(), asking())
    mine = [dues for dues in running + reviews_for(reading(), asking()) if concerns(dues, me())]
    cases = with_titles(mine)
    return Desk("", "", "", cases, _placed(cases, me()))


def _covered() -> list[Desk]:
    """Return the desks of those for whom the reader covers today.

    There lies what concerns them and what the reader may see, too: who covers sees no more.
    """
    found = []
    for one in covered_by(reading(), me().uid or b"", on=today()):
        actor = one.staff.actor(today())
        if actor is not None:
            cases = with_titles(_of(actor))
            key, first = f"cover:{one.staff_uid.hex()}", one.staff.name.partition(" ")[0]
            placed = _placed(cases, actor)
            found.append(Desk(key, first, day_said(one.until_on), cases, placed))
    return found


def _of(away: Actor) -> list[CaseDues]:
    theirs = replace(asking(), reader=away)
    concerning = {
        dues.case_uid
        for dues in dues_for(reading(), theirs) + reviews_for(reading(), theirs)
        if concerns(dues, away)
    }
    seen = dues_for(reading(), asking()) + reviews_for(reading(), asking())
    return [dues for dues in seen if dues.case_uid in concerning]


def _placed(cases: list[CaseDues], whose: Actor) -> Placed:
    """Return what stands in each list; it is sorted out anew when one of the cases has changed."""
    organisation = me().organisation
    key = ("today", asking(), whose)
    return while_unchanged(reading(), organisation, key, lambda: _sorted_out(cases, whose))


def _sorted_out(cases: list[CaseDues], whose: Actor) -> Placed:
    placed: Placed = {panel: [] for panel in (*HEADINGS, LATER)}
    leads = bool(whose.roles & LEADS)
    for dues in cases:
        for item in items_of([dues], today(), leads=leads):
            panel = panel_of(item, today(), me().side, quiet=_is_quiet(item, dues))
            if panel is not None:
                placed[panel].append((item, dues))
        # Most of what there is comes later, and hardly any of that is shown.
        placed[LATER] = nsmallest(COMING_UP, placed[LATER], key=due_on)
    return placed


def due_on(line: Line) -> date:
    """Return when something is due; what has no day comes last."""
    return line[0].due_on or date.max


def _is_quiet(item: DueItem, dues: CaseDues) -> bool:
    """Return whether something is about dying or capacity, or is never late.

    A letter is never told; this page is.
    """
    rule = dues.pathway.by_code.get(item.code)
    return is_gentle(item) or (rule is not None and rule.quiet)


def panel_of(item: DueItem, day: date, side: Side | None, *, quiet: bool = False) -> str | None:
    """Return in which panel something stands on a day for a side, or None for none of them.

    What is about dying or capacity never stands among what is late, which is red.
    """
    if item.due_on is None:
        return None
    days = (item.due_on - day).days
    theirs = item.owner.value not in {Owner.SHARED.value, side}
    if theirs:
        return WAITING if item.kind in AT_ONCE or days < 0 else None
    if item.kind in CLOCKED:
        return ANSWER
    if days < 0:
        return THIS_WEEK if quiet else LATE
    return THIS_WEEK if days < WEEK or item.kind in AT_ONCE else LATER
