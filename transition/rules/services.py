"""The services map: who gives each service now, who will as an adult, and how far that has come."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from transition.rules.errors import RuleBroken
from transition.rules.words import Worded


class ServiceKey(Worded):
    """One service that a young person may have. Source: domain 5.9."""

    GP = "gp", "GP"
    COMMUNITY_PAEDIATRICS = "community_paediatrics", "Community paediatrics"
    CHILDRENS_COMMUNITY_NURSING = "childrens_community_nursing", "Children's community nursing"
    HOSPITAL_LEAD_CONSULTANT = "hospital_lead_consultant", "Lead consultant at the hospital"
    NEUROLOGY_EPILEPSY = "neurology_epilepsy", "Neurology and epilepsy"
    RESPIRATORY_VENTILATION = "respiratory_ventilation", "Breathing and ventilation"
    CARDIOLOGY = "cardiology", "Heart"
    GASTRO_NUTRITION = "gastro_nutrition", "Gastroenterology and nutrition"
    DIETETICS = "dietetics", "Dietitian"
    ORTHOPAEDICS_SPINE = "orthopaedics_spine", "Bones and spine"
    ENDOCRINE_BONE = "endocrine_bone", "Hormones and bone health"
    PALLIATIVE_MEDICINE = "palliative_medicine", "Palliative medicine"
    PAIN = "pain", "Pain"
    MENTAL_HEALTH = "mental_health", "Mental health"
    LEARNING_DISABILITY_TEAM = "learning_disability_team", "Learning disability team"
    PHYSIOTHERAPY = "physiotherapy", "Physiotherapy"
    OCCUPATIONAL_THERAPY = "occupational_therapy", "Occupational therapy"
    SPEECH_SWALLOWING = "speech_swallowing", "Speech and swallowing"
    WHEELCHAIR = "wheelchair", "Wheelchair"
    EQUIPMENT_CONSUMABLES = "equipment_consumables", "Equipment and consumables"
    CONTINENCE = "continence", "Continence"
    DENTAL = "dental", "Dentist"
    EYE_CARE = "eye_care", "Eye care"
    HEARING = "hearing", "Hearing"
    PHARMACY_PRESCRIBING = "pharmacy_prescribing", "Pharmacy and prescribing"
    SOCIAL_CARE = "social_care", "Social care"
    SHORT_BREAKS = "short_breaks", "Short breaks"
    PERSONAL_ASSISTANTS_PHB = "personal_assistants_phb", "Personal assistants and health budget"
    CONTINUING_CARE_FUNDING = "continuing_care_funding", "Continuing care funding"
    EDUCATION_EHCP = "education_ehcp", "Education and EHCP"
    HOUSING_ADAPTATIONS = "housing_adaptations", "Housing and adaptations"
    TRANSPORT = "transport", "Transport"
    BENEFITS = "benefits", "Benefits"
    ADVOCACY = "advocacy", "Advocacy"
    YOUTH_SOCIAL = "youth_social", "Friends and free time"
    SPIRITUAL = "spiritual", "Spiritual care"
    FAMILY_BEREAVEMENT_SUPPORT = "family_bereavement_support", "Support for the family"


class Needed(Worded):
    """Whether a service is needed; not known is an answer, and no answer at all is none."""

    YES = "yes", "Yes"
    NO = "no", "No"
    UNKNOWN = "unknown", "Not known yet"


class ServiceStatus(Worded):
    """How far the move of one service to its adult counterpart has come."""

    NOT_STARTED = "not_started", "Not started"
    REFERRED = "referred", "Referred"
    ACCEPTED = "accepted", "Accepted"
    FIRST_SEEN = "first_seen", "Seen for the first time"
    RUNNING = "running", "Running"
    NO_EQUIVALENT = "no_equivalent", "There is no adult service"
    DECLINED = "declined", "Declined"
    DISPUTED = "disputed", "Disputed: nobody agrees to pay"
    NOT_NEEDED = "not_needed", "Not needed"


OFFERED: Final = tuple(one for one in ServiceStatus if one is not ServiceStatus.NOT_NEEDED)
"""What is chosen of a service that is needed."""

FUNDED: Final = frozenset({ServiceKey.CONTINUING_CARE_FUNDING, ServiceKey.SOCIAL_CARE})
"""The services about money, which two payers may dispute."""

TAKEN_ON: Final = frozenset(
    {ServiceStatus.ACCEPTED, ServiceStatus.FIRST_SEEN, ServiceStatus.RUNNING}
)
AS_GAP: Final = frozenset({ServiceStatus.NO_EQUIVALENT, ServiceStatus.DECLINED})


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceFacts:
    """What is recorded of one service of a case, but for telephone numbers and the like."""

    key: ServiceKey
    needed: Needed = Needed.UNKNOWN
    status: ServiceStatus = ServiceStatus.NOT_STARTED
    adult_counterpart: str | None = None
    gap_note: str | None = None
    referred_on: date | None = None
    expected_start: date | None = None
    escalate_on: date | None = None

    @property
    def settled(self) -> bool:
        """Whether a counterpart is named or the gap is told, where it is needed at all."""
        if self.needed is Needed.YES:
            return bool(self.adult_counterpart or self.gap_note)
        return self.needed is Needed.NO


def status_for(needed: Needed, status: ServiceStatus | None) -> ServiceStatus:
    """Return the status that goes with an answer: only what is needed has one of its own."""
    if needed is Needed.NO:
        return ServiceStatus.NOT_NEEDED
    if needed is Needed.UNKNOWN or status in {None, ServiceStatus.NOT_NEEDED}:
        return ServiceStatus.NOT_STARTED
    return status or ServiceStatus.NOT_STARTED


def refuse_service(facts: ServiceFacts, today: date) -> None:
    """Do nothing if what is recorded of a service is whole.

    Raises:
        RuleBroken: something that goes with its status is missing, or a day cannot be.
    """
    missing = MISSING.get(facts.status)
    if missing is not None and not getattr(facts, missing[0]):
        raise RuleBroken(missing[1])
    if facts.status in TAKEN_ON and not facts.adult_counterpart:
        raise RuleBroken("Name who has taken it on for adult life.")
    if facts.status in AS_GAP and not facts.gap_note:
        raise RuleBroken("Write what they will have instead, or what is still missing.")
    if facts.status is ServiceStatus.DISPUTED and facts.key not in FUNDED:
        raise RuleBroken("Only funding can be disputed. Choose another status.")
    if facts.referred_on is not None and facts.referred_on > today:
        raise RuleBroken("The day of the referral must be today or in the past.")


MISSING: Final[Mapping[ServiceStatus, tuple[str, str]]] = {
    ServiceStatus.REFERRED: ("referred_on", "Enter the day of the referral."),
    ServiceStatus.DISPUTED: (
        "escalate_on",
        "Enter the day on which the leads take it further if nobody agrees.",
    ),
}
"""What must stand beside a status, and the sentence where it is missing."""


def still_unknown(recorded: Collection[ServiceFacts]) -> int:
    """Return of how many services nobody has said whether they are needed."""
    known = {one.key for one in recorded if one.needed is not Needed.UNKNOWN}
    return len(ServiceKey) - len(known)


def unsettled(recorded: Collection[ServiceFacts]) -> int:
    """Return how many needed services have neither a counterpart nor their gap told."""
    return sum(one.needed is Needed.YES and not one.settled for one in recorded)
