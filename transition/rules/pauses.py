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


USUAL_PAUSE: Final = timedelta(weeks=4)
"""After which a pause is looked at again, unless another day is chosen."""
LONGEST_PAUSE: Final = 3
"""Months until a pause must be looked at again. Source: domain 3.1."""


def refuse_review_on(review_on: date, today: date) -> None:
    """Do nothing if a pause that begins today may be looked at again on a day.

    Raises:
        RuleBroken: the day has come already, or is more than 3 months away.
    """
    if review_on <= today:
        raise RuleBroken("The day to look again must be after today.")
    if review_on > add_months(today, LONGEST_PAUSE):
        raise RuleBroken("Look again within 3 months. A pause can be made longer then.")
