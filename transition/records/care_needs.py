"""What care is needed, and which technical care the receiver is trained for."""

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from transition.records.base import Versioned
from transition.records.sealing import Sealed, SealedRow


class CareNeeds(Versioned, SealedRow):
    """The care needs of one young person: a level and words for each, as domain 5.3 has them."""

    __tablename__ = "care_needs"
    __table_args__ = (UniqueConstraint("case_uid", name="care_needs_once"),)

    case_uid: Mapped[bytes] = mapped_column(ForeignKey("young_person_case.uid"), index=True)

    needs_breathing = Sealed.text("clinical_summary.needs_breathing", bucket=32)
    needs_breathing_words = Sealed.text("clinical_summary.needs_breathing_words")
    needs_airway = Sealed.text("clinical_summary.needs_airway", bucket=32)
    needs_airway_words = Sealed.text("clinical_summary.needs_airway_words")
    needs_feeding = Sealed.text("clinical_summary.needs_feeding", bucket=32)
    needs_feeding_words = Sealed.text("clinical_summary.needs_feeding_words")
    needs_seizures = Sealed.text("clinical_summary.needs_seizures", bucket=32)
    needs_seizures_words = Sealed.text("clinical_summary.needs_seizures_words")
    needs_pain = Sealed.text("clinical_summary.needs_pain", bucket=32)
    needs_pain_words = Sealed.text("clinical_summary.needs_pain_words")
    needs_mobility = Sealed.text("clinical_summary.needs_mobility", bucket=32)
    needs_mobility_words = Sealed.text("clinical_summary.needs_mobility_words")
    needs_skin = Sealed.text("clinical_summary.needs_skin", bucket=32)
    needs_skin_words = Sealed.text("clinical_summary.needs_skin_words")
    needs_continence = Sealed.text("clinical_summary.needs_continence", bucket=32)
    needs_continence_words = Sealed.text("clinical_summary.needs_continence_words")
    needs_sleep = Sealed.text("clinical_summary.needs_sleep", bucket=32)
    needs_sleep_words = Sealed.text("clinical_summary.needs_sleep_words")
    needs_behaviour = Sealed.text("clinical_summary.needs_behaviour", bucket=32)
    needs_behaviour_words = Sealed.text("clinical_summary.needs_behaviour_words")
    needs_mental_health = Sealed.text("clinical_summary.needs_mental_health", bucket=32)
    needs_mental_health_words = Sealed.text("clinical_summary.needs_mental_health_words")
    needs_sensory = Sealed.text("clinical_summary.needs_sensory", bucket=32)
    needs_sensory_words = Sealed.text("clinical_summary.needs_sensory_words")
    needs_medicines = Sealed.text("clinical_summary.needs_medicines", bucket=32)
    needs_medicines_words = Sealed.text("clinical_summary.needs_medicines_words")
    uses_tracheostomy = Sealed.text("clinical_summary.uses_tracheostomy", bucket=32)
    uses_invasive_ventilation = Sealed.text("clinical_summary.uses_invasive_ventilation", bucket=32)
    uses_mask_ventilation = Sealed.text("clinical_summary.uses_mask_ventilation", bucket=32)
    uses_cough_assist = Sealed.text("clinical_summary.uses_cough_assist", bucket=32)
    uses_suction = Sealed.text("clinical_summary.uses_suction", bucket=32)
    uses_oxygen = Sealed.text("clinical_summary.uses_oxygen", bucket=32)
    uses_gastrostomy = Sealed.text("clinical_summary.uses_gastrostomy", bucket=32)
    uses_parenteral_nutrition = Sealed.text("clinical_summary.uses_parenteral_nutrition", bucket=32)
    uses_central_line = Sealed.text("clinical_summary.uses_central_line", bucket=32)
    uses_baclofen_pump = Sealed.text("clinical_summary.uses_baclofen_pump", bucket=32)
    uses_vns = Sealed.text("clinical_summary.uses_vns", bucket=32)
    uses_dialysis = Sealed.text("clinical_summary.uses_dialysis", bucket=32)
    uses_other = Sealed.text("clinical_summary.uses_other")
