"""What one case adds to its pathway: milestones of its own, and what older versions left."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from transition.rules.due_rules import on_chosen_day
from transition.rules.errors import RuleBroken
from transition.rules.milestones import Standing, Status
from transition.rules.pathway import Gate, MilestoneRule, Owner, Pathway, Stage

OWN_TITLE: Final = "A milestone of our own"
"""What is said of one where its own title, which is somebody's words, must not stand."""
MOST: Final = 99
"""Milestones of its own that a case can have."""
LONGEST_SNOOZE: Final = timedelta(weeks=8)
"""Until when a milestone must be looked at again. Source: domain 7.4."""
BEFORE_TRANSFER: Final = timedelta(days=28)
"""How long before a transfer nothing is put off that it waits for."""


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


def refuse_snooze(
    until_on: date, today: date, *, gate: Gate = Gate.NONE, target_on: date | None = None
) -> None:
    """Do nothing if a milestone may be looked at again on a day.

    Raises:
        RuleBroken: the day has come already, is more than 8 weeks away, or lies in the last days
            before a transfer that waits for the milestone.
    """
    if until_on <= today:
        raise RuleBroken("The day to look again must be after today.")
    if until_on > today + LONGEST_SNOOZE:
        raise RuleBroken("Look again within 8 weeks. It can be put off longer then.")
    waited_for_on = target_on if gate is Gate.TRANSFER else None
    if waited_for_on is not None and until_on > waited_for_on - BEFORE_TRANSFER:
        raise RuleBroken("The transfer waits for this. It is not put off in the 28 days before it.")


def is_put_off(until_on: date | None, status: Status, today: date, *, leads: bool) -> bool:
    """Return whether a milestone that is looked at later is asked about nowhere today.

    Whoever leads goes on to see what is more than four weeks late. Source: domain 4.2 and 7.4.
    """
    later = until_on is not None and today < until_on
    return later and not (leads and status is Status.LONG_OVERDUE)
