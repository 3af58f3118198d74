"""The shortened path: why it begins, and what nobody does without even then."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

from transition.rules.milestones import Outcome, OutcomeKind, satisfied
from transition.rules.pathway import Gate, MilestoneRule
from transition.rules.words import Worded

EXPEDITED: Final = "expedited"
"""The code of the reason for which a milestone is waived while the path is shortened."""

MINIMUM_SAFE: Final = frozenset({"ID-03", "ID-05", "PR-08", "PL-03", "HO-01"})
"""Named worker, basis for sharing, advance care plan, services map, summary. Source: domain 3.4."""


class ExpediteReason(Worded):
    """Why the path is shortened."""

    HEALTH_CHANGING = "health_changing_quickly", "Health is changing quickly"
    END_OF_LIFE = "end_of_life_care_expected", "End of life care is expected"


def skipped(
    rules: Iterable[MilestoneRule], outcomes: Mapping[str, Outcome], today: date
) -> tuple[MilestoneRule, ...]:
    """Return the milestones that a proposal no longer waits for while the path is shortened."""
    return tuple(
        rule
        for rule in rules
        if rule.gate is Gate.PROPOSE
        and rule.code not in MINIMUM_SAFE
        and not satisfied(rule, outcomes.get(rule.code), today)
    )


def was_skipped(kind: OutcomeKind, reason_code: str | None) -> bool:
    """Return whether an outcome stands only because the path is shortened."""
    return kind is OutcomeKind.WAIVED and reason_code == EXPEDITED
