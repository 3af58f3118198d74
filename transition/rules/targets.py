"""The target transfer date: what it may be, why it moves, and which due dates move with it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from transition.rules.calendar import add_months, birthday
from transition.rules.due_days import Anchors, Due
from transition.rules.errors import RuleBroken
from transition.rules.milestones import MilestoneLine, settles
from transition.rules.pathway import MilestoneRule, Stage
from transition.rules.words import Worded


class TargetReason(Worded):
    """Why a target date is what it is. Source: domain 4.1."""

    YOUNG_PERSON_CHOICE = "young_person_choice", "The young person's choice"
    FAMILY_CHOICE = "family_choice", "The family's choice"
    UNSTABLE_HEALTH = "unstable_health", "Health is not stable"
    ADULT_CAPACITY = "adult_capacity", "Room at the adult hospice"
    FUNDING_NOT_AGREED = "funding_not_agreed", "Funding is not agreed"
    SCHOOL_TIMING = "school_timing", "School or college"
    STAFFING = "staffing", "Staffing"
    OTHER = "other", "Another reason"
    AGREED = "agreed", "First date agreed"
    PROPOSED = "proposed", "Set with the proposal of a handover"
    UNDONE = "undone", "Undone"
    RETURNED = "returned", "The young person came back"

    @property
    def asked(self) -> bool:
        """Whether somebody who moves the date may give it; the others are worked out."""
        return self not in WORKED_OUT


WORKED_OUT: Final = frozenset(
    {TargetReason.AGREED, TargetReason.PROPOSED, TargetReason.UNDONE, TargetReason.RETURNED}
)

LOWEST_AGE: Final = 16
"""Nobody moves to an adult hospice before this birthday."""
LONGEST_WINDOW: Final = 12
"""Months that a window for the move may be long."""
LATE_WAVE: Final = 30
"""Years of age from which somebody leaves the young adults' house at its upper age."""
UNDO_FOR: Final = timedelta(minutes=10)
"""How long whoever moved a target date may take that back."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """A target date, or the first and the last day of a window for it."""

    on: date
    window_to: date | None = None


def refuse_target(target: Target, born: date, today: date) -> None:
    """Do nothing if a target date can be aimed at.

    Raises:
        RuleBroken: it has passed, lies before the sixteenth birthday, or its window is impossible.
    """
    if target.on < today:
        raise RuleBroken("The target transfer date must be today or later.")
    if target.on < birthday(born, LOWEST_AGE):
        said = f"{target.on.day} {target.on:%B %Y}"
        raise RuleBroken(f"{said} is before the 16th birthday. Check the year.")
    if target.window_to is None:
        return
    if target.window_to <= target.on:
        raise RuleBroken("The last day of the window must be after its first day.")
    if target.window_to > add_months(target.on, LONGEST_WINDOW):
        raise RuleBroken("A window can be 12 months long at most. Choose a nearer last day.")


def refuse_no_target(target_on: date | None, stage: Stage) -> None:
    """Do nothing if a case at a stage may have this target date, or none.

    Raises:
        RuleBroken: there would be none, and a handover is on its way: both sides are asked for what
            comes next by this date, so without it nobody would ever be.
    """
    if target_on is None and stage.number >= Stage.HANDOVER.number:
        raise RuleBroken("A handover needs this date. Choose another day instead.")


def suggested_target(born: date, today: date) -> date | None:
    """Return the first day of the month by which a leaver at the upper age has moved, if they are.

    The exact day, 34 years and 6 months, would tell the birthday wherever the target date stands.
    """
    if today < birthday(born, LATE_WAVE):
        return None
    by = add_months(birthday(born, 34), 6).replace(day=1)
    return by if by >= today else None


def retargeted(anchors: Anchors, target_on: date | None, today: date) -> Anchors:
    """Return what due dates follow from when the target date is set today."""
    if target_on == anchors.target_on:
        return anchors
    earlier = anchors.earlier_targets
    if anchors.target_set_on is not None:
        earlier = (*earlier, (anchors.target_set_on, anchors.target_on))
    return replace(anchors, target_on=target_on, target_set_on=today, earlier_targets=earlier)


@dataclass(frozen=True, slots=True)
class Move:
    """A milestone whose due date would be another, before and after."""

    rule: MilestoneRule
    was: Due
    now: Due


@dataclass(frozen=True, slots=True)
class Moves:
    """What a change does to the milestones that are still to be done."""

    moving: tuple[Move, ...]
    staying: tuple[MilestoneLine, ...]
    coming: tuple[MilestoneLine, ...] = ()
    """What concerns the case only afterwards."""
    going: tuple[MilestoneLine, ...] = ()
    """What concerns it no longer."""


def moves_between(before: Iterable[MilestoneLine], after: Iterable[MilestoneLine]) -> Moves:
    """Return which due dates differ between two reckonings of one case, in pathway order."""
    was = _open(before)
    then = {line.rule.code: line for line in after}
    pairs = [(line, then[code]) for code, line in was.items() if code in then]
    return Moves(
        moving=tuple(
            Move(one.rule, one.due, now.due) for one, now in pairs if one.due.on != now.due.on
        ),
        staying=tuple(one for one, now in pairs if one.due.on == now.due.on),
        coming=tuple(line for code, line in _open(then.values()).items() if code not in was),
        going=tuple(line for code, line in was.items() if code not in then),
    )


def _open(lines: Iterable[MilestoneLine]) -> dict[str, MilestoneLine]:
    return {line.rule.code: line for line in lines if not settles(line.rule, line.outcome)}
