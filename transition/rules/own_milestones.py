"""What one case adds to its pathway: milestones of its own, and what older versions left."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Final

from transition.rules.calendar import add_months
from transition.rules.due_rules import on_chosen_day
from transition.rules.errors import RuleBroken
from transition.rules.milestones import Standing
from transition.rules.pathway import MilestoneRule, Owner, Pathway, Stage

OWN_TITLE: Final = "A milestone of our own"
"""What is said of one where its own title, which is somebody's words, must not stand."""
MOST: Final = 99
"""Milestones of its own that a case can have."""
LONGEST_SNOOZE: Final = 3
"""Months until a milestone must be looked at again; a pause has as many."""


def own_code(number: int) -> str:
    """Return the code of a case's own milestone by its number.

    Raises:
        RuleBroken: there are as many as a code can count.
    """
    if number > MOST:
        raise RuleBroken("This case has 99 milestones of its own. Change one of them instead.")
    return f"X-{number:02}"


def own_rule(
    code: str, *, stage: Stage, owner: Owner, due_on: date | None, title: str = OWN_TITLE
) -> MilestoneRule:
    """Return the row that a case's own milestone is beside those of its pathway."""
    return MilestoneRule(
        code=code,
        stage=stage,
        title=title,
        owner=owner,
        due=on_chosen_day(due_on),
        source="Added for this young person",
        letter_words="a planning step",
        own=True,
    )


def pathway_of(
    pathways: Mapping[str, Pathway],
    version: str,
    own: Iterable[MilestoneRule],
    recorded: Collection[str],
) -> Pathway:
    """Return the pathway of one case: its version's rows, its own, and what older versions left.

    A row that a newer version left out stays where something was recorded of it.
    """
    base, own = pathways[version], tuple(own)
    known = base.by_code.keys() | {rule.code for rule in own}
    left = tuple(
        pathway.by_code[code]
        for code in sorted(set(recorded) - known)
        for pathway in _newest_with(pathways, code)
    )
    return Pathway(version, (*base.milestones, *left, *own)) if left or own else base


def _newest_with(pathways: Mapping[str, Pathway], code: str) -> list[Pathway]:
    return [pathways[key] for key in sorted(pathways) if code in pathways[key].by_code][-1:]


def titled(rule: MilestoneRule, titles: Mapping[str, str]) -> MilestoneRule:
    """Return a row with its own title, where it has one."""
    return replace(rule, title=titles[rule.code]) if rule.code in titles else rule


def standing_titled(standing: Standing, titles: Mapping[str, str]) -> Standing:
    """Return how a row stands, with its own title."""
    return standing._replace(rule=titled(standing.rule, titles))


def refuse_snooze(until_on: date, today: date) -> None:
    """Do nothing if a milestone may be looked at again on a day.

    Raises:
        RuleBroken: the day has come already, or is more than 3 months away.
    """
    if until_on <= today:
        raise RuleBroken("The day to look again must be after today.")
    if until_on > add_months(today, LONGEST_SNOOZE):
        raise RuleBroken("Look again within 3 months. It can be put off longer then.")
