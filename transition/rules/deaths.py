"""What may be recorded once somebody has died, beyond the day, and how a death is counted."""

from datetime import date
from typing import Final

from transition.rules.calendar import add_months, birthday
from transition.rules.services import Needed
from transition.rules.words import Worded

ADULT: Final = 18
"""Years of age from which a death is not reviewed as a child's."""

AFTER_TRANSFER: Final = 6
"""Months after a transfer in which a death is counted with it; the last day is one of them."""


class Place(Worded):
    """Where somebody died, as a kind of place."""

    HOME = "home", "At home"
    HOSPICE = "hospice", "In a hospice"
    HOSPITAL = "hospital", "In hospital"
    ELSEWHERE = "elsewhere", "Somewhere else"


class FollowUp(Worded):
    """What a team may do for a bereaved family. None of it is chased. Source: domain 3.3."""

    FAMILY_CALLED = "family_called", "The family has been called"
    SERVICES_TOLD = "services_told", "School and other services have been told"
    MEMORY_ITEMS = "memory_items", "Memory items have been given or offered"
    CARDS = "cards", "The family is on the list for cards, for 13 months"


class DeathCount(Worded):
    """How a death is counted: once, and never as late, failed or incomplete."""

    BEFORE_TRANSFER = "before_transfer", "Died before transfer"
    SOON_AFTER = "soon_after", "Died within 6 months of transfer"
    LATER = "later", "Died later"


def count_of(on: date, transferred_on: date | None) -> DeathCount:
    """Return how a death on a day is counted; where the day is not known, give that of recording.

    Source: domain 3.3, ruling 53.
    """
    if transferred_on is None or on < transferred_on:
        return DeathCount.BEFORE_TRANSFER
    within = on <= add_months(transferred_on, AFTER_TRANSFER)
    return DeathCount.SOON_AFTER if within else DeathCount.LATER


def is_childs(born: date, on: date) -> bool:
    """Return whether a death on a day is a child's, which is told to the child death review."""
    return on < birthday(born, ADULT)


def asks_for_leder(born: date, on: date, learning_disability_team: Needed) -> bool:
    """Return whether it is asked if a review of the death by LeDeR has been considered.

    That is for an adult with a learning disability or autism: whoever is known not to need a
    learning disability team is not asked about. Source: domain 3.2.
    """
    return not is_childs(born, on) and learning_disability_team is not Needed.NO
