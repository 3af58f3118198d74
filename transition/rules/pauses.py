"""Pauses: why a case rests, and when it is looked at again. None is open-ended."""

from datetime import date, timedelta
from typing import Final

from transition.rules.calendar import add_months
from transition.rules.errors import RuleBroken
from transition.rules.words import Worded


class PauseReason(Worded):
    """Why a case is paused."""

    IN_HOSPITAL = "in_hospital", "In hospital"
    FAMILY_ASKED = "family_asked", "The family asked us to wait"
    OTHER = "other", "Another reason"
    FAMILY_BEREAVED = "family_bereaved", "The family is bereaved"
    """Never chosen: prompts about a brother or sister of somebody who has died are held."""


CHOSEN: Final = tuple(one for one in PauseReason if one is not PauseReason.FAMILY_BEREAVED)
"""The reasons that somebody who pauses a case chooses from."""

USUAL_HOLD: Final = timedelta(weeks=8)
"""For how long prompts are held for a bereaved family, unless another day is chosen.

Source: domain 3.3.
"""
USUAL_PAUSE: Final = timedelta(weeks=4)
"""After which a pause is looked at again, unless another day is chosen."""
LONGEST_PAUSE: Final = 3
"""Months until a pause must be looked at again. Source: domain 3.1."""


LONGEST_HOLD: Final = 6
"""Months until it must be asked how a bereaved family is."""


def refuse_hold_until(review_on: date, today: date) -> None:
    """Do nothing if prompts may be held for a bereaved family until a day.

    Raises:
        RuleBroken: the day has come already, or is more than 6 months away.
    """
    if review_on <= today:
        raise RuleBroken("The day to look again must be after today.")
    if review_on > add_months(today, LONGEST_HOLD):
        raise RuleBroken("Look again within 6 months. It can be made longer then.")


def refuse_review_on(review_on: date, today: date) -> None:
    """Do nothing if a pause that begins today may be looked at again on a day.

    Raises:
        RuleBroken: the day has come already, or is more than 3 months away.
    """
    if review_on <= today:
        raise RuleBroken("The day to look again must be after today.")
    if review_on > add_months(today, LONGEST_PAUSE):
        raise RuleBroken("Look again within 3 months. A pause can be made longer then.")
