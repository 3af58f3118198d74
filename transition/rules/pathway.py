"""The pathway: seven stages, and in each the milestones that a case works through."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Final

from transition.rules.due_rules import DueRule
from transition.rules.words import Worded

TELLS_AGE: Final = frozenset({"age", "school"})
"""Anchors from which a birthday could be read: such rows are only ever counted in letters."""

LETTER_WORDS: Final = frozenset(
    {
        "a planning step",
        "an answer to a question",
        "a meeting",
        "a review",
        "a handover step",
        "a joint visit",
        "a check-in",
    }
)
"""All that a letter may say about a milestone."""


class Stage(Worded):
    """Where a case stands on its way; overlays and endings are kept apart from it."""

    IDENTIFIED = "identified", "Identified"
    PREPARING = "preparing", "Preparing for adulthood"
    PLANNING = "planning", "Planning the move"
    HANDOVER = "handover", "Handover"
    MOVING = "moving", "Getting to know each other"
    SETTLING = "settling", "Settling in"
    COMPLETED = "completed", "Completed"

    @property
    def number(self) -> int:
        """Its place on the way, 1 to 7."""
        return list(Stage).index(self) + 1


class Owner(Worded):
    """Whose move a milestone is."""

    CHILDRENS = "childrens", "Children's hospice"
    ADULT = "adult", "Adult hospice"
    SHARED = "shared", "Either hospice"


class Gate(StrEnum):
    """The step that a milestone must be satisfied before."""

    NONE = "none"
    PROPOSE = "propose"
    ACCEPT = "accept"
    TRANSFER = "transfer"
    CLOSE = "close"


class Circumstance(Worded):
    """What must be true of a young person for a milestone to concern them.

    The label is the question a nurse is asked. The last two are never asked: they follow from
    what has been recorded.
    """

    CONTINUING_CARE = "continuing_care_or_complex", "Has continuing care, or complex needs?"
    EHCP = "has_ehcp", "Has an education, health and care plan?"
    ADULT_CARE_NEEDS = "likely_adult_care_needs", "Likely to need care and support as an adult?"
    SOCIAL_CARE = "social_care_needs", "Has support from social care?"
    SHORT_BREAKS = "uses_short_breaks", "Uses short breaks?"
    EQUIPMENT = "equipment_or_technical_care", "Uses equipment or has technical care?"
    CHILDRENS_HOUSE = "under_naomi_house", "Looked after by the children's house?"
    CHC_REFERRAL_DONE = "chc_referral_done", "Referred for adult continuing healthcare?"
    TRANSFERRED = "transferred", "Transfer signed?"

    @property
    def asked(self) -> bool:
        """Whether a nurse answers it; the others are worked out."""
        return self not in {Circumstance.CHC_REFERRAL_DONE, Circumstance.TRANSFERRED}


@dataclass(frozen=True, kw_only=True)
class MilestoneRule:
    """One row of the pathway file."""

    code: str
    stage: Stage
    title: str
    owner: Owner
    due: DueRule
    source: str
    letter_words: str
    gate: Gate = Gate.NONE
    condition: Circumstance | None = None
    """Whom it concerns; None is everybody."""
    confirmed: bool = False
    """Whether it asks what the young person or family say about it."""
    quiet: bool = False
    """About dying or capacity: neutral colours, no one-click tick."""
    opened_before_18: bool = False
    """Whether it concerns only people whose case was opened before they were 18."""
    own: bool = False
    """Whether it was added to one case by its team, and stands in no pathway file."""
    max_age_months: int | None = None
    """How old a done date may be, in months, to answer the gate; None is any age."""

    @property
    def told_by_entry(self) -> bool:
        """Whether it is done by what is recorded of it after a transfer: a contact, a check-in."""
        return self.gate is Gate.CLOSE

    @property
    def one_click(self) -> bool:
        """Whether saying that it was done needs no more than that."""
        return not (self.confirmed or self.quiet or self.told_by_entry)

    @property
    def tells_age(self) -> bool:
        """Whether a birthday could be read from its due date; what a team chose might be one."""
        return self.own or not TELLS_AGE.isdisjoint(self.due.anchors_used)


@dataclass(frozen=True)
class Pathway:
    """One version of the catalogue of milestones, in order."""

    version: str
    milestones: tuple[MilestoneRule, ...]

    @cached_property
    def by_code(self) -> Mapping[str, MilestoneRule]:
        """The milestones by their codes, in pathway order."""
        return {rule.code: rule for rule in self.milestones}

    def milestone(self, code: str) -> MilestoneRule:
        """Return the milestone of this code.

        Raises:
            KeyError: this version has none; a code from an address is looked up in `by_code`.
        """
        return self.by_code[code]

    def in_stage(self, stage: Stage) -> tuple[MilestoneRule, ...]:
        """Return the milestones of one stage, in order."""
        return tuple(rule for rule in self.milestones if rule.stage is stage)

    def gated(self, gate: Gate) -> tuple[MilestoneRule, ...]:
        """Return the milestones that one step waits for, in order."""
        return tuple(rule for rule in self.milestones if rule.gate is gate)
