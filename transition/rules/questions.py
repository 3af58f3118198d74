"""Questions about a handover: what they are about."""

from transition.rules.words import Worded


class QuestionCategory(Worded):
    """What a question about a handover is about. Source: domain 6.2 step 4."""

    CLINICAL = "clinical", "Health and care"
    EQUIPMENT_TRAINING = "equipment_training", "Equipment and training"
    FUNDING = "funding", "Funding"
    CONSENT_CAPACITY = "consent_capacity", "Consent and decisions"
    FAMILY = "family", "Family and home"
    OTHER = "other", "Something else"
