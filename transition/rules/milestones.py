"""The milestones of one case: which concern it, how each stands, what a gate still waits for."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, NamedTuple

from transition.rules.calendar import add_months, birthday
from transition.rules.due_days import (
    ENTERED,
    OPENED,
    Anchors,
    Due,
    Outcome,
    OutcomeKind,
    due_of,
    due_on,
    settles,
)
from transition.rules.errors import RuleBroken
from transition.rules.pathway import Circumstance, Gate, MilestoneRule, Pathway, Stage
from transition.rules.words import Worded

__all__ = [
    "Anchors",
    "Confirmed",
    "Due",
    "MilestoneLine",
    "Outcome",
    "OutcomeKind",
    "Standing",
    "Status",
    "applies",
    "catching_up",
    "due_of",
    "due_on",
    "lines_of",
    "outstanding",
    "refuse_done",
    "satisfied",
    "settles",
    "standings_of",
    "status_of",
]

SOON: Final = 28
"""Days before its due date from which a milestone is due soon, and after it until which it is
late but not yet long late."""

ADULT: Final = 18
"""Years."""

EARLIEST_DONE: Final = 10
"""Years of age before which nothing of a transition can have been done."""

ANSWERED_WITHIN: Final = 2
"""Months in which the question a year after the transfer is answered; it is asked again after one.
Source: domain 4.3, below its table."""

NOT_KNOWN: Final = Outcome(kind=OutcomeKind.NOT_APPLICABLE, reason_code="not_known", recorded=False)
"""What stands for an answer that nobody gave in time."""

CHC_REFERRAL: Final = "PR-14"
"""The milestone whose being done makes a decision on adult continuing healthcare expected."""


class Status(Worded):
    """How a milestone stands today, with the words a screen says for it."""

    UNSCHEDULED = "unscheduled", "waiting for a date"
    UPCOMING = "upcoming", "coming up"
    DUE_SOON = "due_soon", "due soon"
    DUE = "due", "due today"
    OVERDUE = "overdue", "late"
    LONG_OVERDUE = "long_overdue", "more than 4 weeks late"
    DONE = "done", "done"
    NOT_APPLICABLE = "not_applicable", "not needed"
    DECLINED_BY_PERSON = "declined_by_person", "young person declined"
    WAIVED = "waived", "waived by a lead"

    @property
    def late(self) -> bool:
        """Whether its day has passed."""
        return self in {Status.OVERDUE, Status.LONG_OVERDUE}


class Confirmed(Worded):
    """What the young person or family say about a milestone that staff call done."""

    YES = "yes", "Yes"
    NO = "no", "No"
    NOT_ASKED = "not_asked", "Not asked"


class Standing(NamedTuple):
    """One milestone of one case without its explanation: what lists are made of."""

    rule: MilestoneRule
    due_on: date | None
    status: Status
    outcome: Outcome | None


@dataclass(frozen=True, slots=True)
class MilestoneLine:
    """One milestone of one case as its page shows it."""

    rule: MilestoneRule
    due: Due
    status: Status
    outcome: Outcome | None


def status_of(due_on: date | None, outcome: Outcome | None, today: date) -> Status:
    """Return how a milestone stands; of a repeating one that is done, give no outcome."""
    if outcome:
        return Status(outcome.kind.value)
    if due_on is None:
        return Status.UNSCHEDULED
    return _status_at((due_on - today).days)


def _status_at(days_left: int) -> Status:
    if days_left > 0:
        return Status.DUE_SOON if days_left <= SOON else Status.UPCOMING
    if days_left == 0:
        return Status.DUE
    return Status.OVERDUE if days_left >= -SOON else Status.LONG_OVERDUE


def applies(rule: MilestoneRule, anchors: Anchors, outcomes: Mapping[str, Outcome]) -> bool:
    """Return whether a milestone concerns this young person at all.

    Somebody opened on their 18th birthday is opened at 18.
    """
    if rule.opened_before_18 and anchors.opened_on >= birthday(anchors.born, ADULT):
        return False
    if rule.condition is Circumstance.CHC_REFERRAL_DONE:
        referral = outcomes.get(CHC_REFERRAL)
        return referral is not None and referral.kind is OutcomeKind.DONE
    if rule.condition is Circumstance.TRANSFERRED:
        return anchors.transferred_on is not None
    return rule.condition is None or rule.condition in anchors.circumstances


def standings_of(
    pathway: Pathway,
    anchors: Anchors,
    outcomes: Mapping[str, Outcome],
    today: date,
    holidays: frozenset[date],
) -> Iterator[Standing]:
    """Yield how each milestone that concerns a case stands, in pathway order."""
    for rule in pathway.milestones:
        if applies(rule, anchors, outcomes):
            outcome = outcomes.get(rule.code)
            day = due_on(rule, anchors, outcome, holidays)
            outcome = _as_it_ended(rule, anchors, outcome, day, today)
            status = status_of(day, outcome if settles(rule, outcome) else None, today)
            yield Standing(rule, day, status, outcome)


def _as_it_ended(
    rule: MilestoneRule, anchors: Anchors, outcome: Outcome | None, day: date | None, today: date
) -> Outcome | None:
    """Return an outcome, or what stands for one where nobody is asked for it any more.

    Source: domain 3 (prompts end with `completed`) and ruling 48.
    """
    over = anchors.completed
    if rule.stage is Stage.COMPLETED:
        over = day is not None and today >= add_months(day, ANSWERED_WITHIN)
    if not over or settles(rule, outcome):
        return outcome
    return replace(outcome, recorded=False) if outcome else NOT_KNOWN


def lines_of(
    pathway: Pathway,
    anchors: Anchors,
    outcomes: Mapping[str, Outcome],
    today: date,
    holidays: frozenset[date],
) -> tuple[MilestoneLine, ...]:
    """Return the milestones that concern a case, explained, in pathway order.

    A repeating row that has been done shows its next occurrence beside the outcome that stands.
    """
    return tuple(
        MilestoneLine(rule, due_of(rule, anchors, outcome, holidays), status, outcome)
        for rule, _, status, outcome in standings_of(pathway, anchors, outcomes, today, holidays)
    )


def satisfied(rule: MilestoneRule, outcome: Outcome | None, today: date) -> bool:
    """Return whether a milestone's outcome answers its gate.

    All four outcomes do; only where the pathway limits its age must a done date be recent.

    Source: NICE QS140-3, a review at least every 12 months.
    """
    if outcome is None or outcome.kind is not OutcomeKind.DONE or rule.max_age_months is None:
        return outcome is not None
    return outcome.done_on is not None and today <= add_months(outcome.done_on, rule.max_age_months)


def outstanding(
    pathway: Pathway,
    gate: Gate,
    anchors: Anchors,
    outcomes: Mapping[str, Outcome],
    today: date,
) -> tuple[MilestoneRule, ...]:
    """Return the milestones that a step still waits for, in pathway order."""
    return tuple(
        rule
        for rule in pathway.gated(gate)
        if applies(rule, anchors, outcomes) and not satisfied(rule, outcomes.get(rule.code), today)
    )


def catching_up(lines: Iterable[MilestoneLine]) -> tuple[MilestoneLine, ...]:
    """Return what a late opening left to catch up on: what the first gate waits for stands first.

    Source: domain 4.1, late entrants.
    """
    gates = [gate for gate in Gate if gate is not Gate.NONE]
    late = [
        line
        for line in lines
        if line.outcome is None and line.due.sentence.startswith((OPENED, ENTERED))
    ]
    return tuple(sorted(late, key=lambda one: (*gates, Gate.NONE).index(one.rule.gate)))


def refuse_done(rule: MilestoneRule, done_on: date, born: date, today: date) -> None:
    """Refuse a date on which a milestone cannot have been done.

    Raises:
        RuleBroken: it lies in the future, or before the young person was 10.
    """
    if done_on > today:
        raise RuleBroken(f"{rule.code} cannot have been done on a day that has not come yet.")
    if done_on < birthday(born, EARLIEST_DONE):
        raise RuleBroken(f"{rule.code} cannot have been done before the young person was 10.")
