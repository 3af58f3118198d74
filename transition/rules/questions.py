"""Questions about a handover: what they are about."""

from datetime import datetime

from transition.rules.words import Worded


class QuestionCategory(Worded):
    """What a question about a handover is about. Source: domain 6.2 step 4."""

    CLINICAL = "clinical", "Health and care"
    EQUIPMENT_TRAINING = "equipment_training", "Equipment and training"
    FUNDING = "funding", "Funding"
    CONSENT_CAPACITY = "consent_capacity", "Consent and decisions"
    FAMILY = "family", "Family and home"
    OTHER = "other", "Something else"


def is_new(
    at: datetime | None, by: bytes | None, *, to: bytes | None, last_opened: datetime | None
) -> bool:
    """Return whether what somebody wrote is new to somebody else, by when they last looked."""
    return at is not None and by != to and (last_opened is None or at > last_opened)
