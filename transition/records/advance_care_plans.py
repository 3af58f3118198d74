"""Where the advance care plan is, and how it stands. The plan itself is never kept here."""

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from transition.records.base import Versioned
from transition.records.sealing import Sealed, SealedRow


class AdvanceCarePlan(Versioned, SealedRow):
    """What points to the original document."""

    __tablename__ = "advance_care_plan"
    __table_args__ = (UniqueConstraint("case_uid", name="advance_care_plan_once"),)

    case_uid: Mapped[bytes] = mapped_column(ForeignKey("young_person_case.uid"), index=True)

    acp_status = Sealed.text("advance_care_plan.acp_status", bucket=32)
    acp_form = Sealed.text("advance_care_plan.acp_form", bucket=32)
    acp_date = Sealed.day("advance_care_plan.acp_date")
    acp_review_due = Sealed.day("advance_care_plan.acp_review_due")
    acp_location = Sealed.text("advance_care_plan.acp_location")
    resus_decision_recorded = Sealed.text("advance_care_plan.resus_decision_recorded", bucket=32)
    emergency_plan_location = Sealed.text("advance_care_plan.emergency_plan_location")
    preferred_place_of_care = Sealed.text("advance_care_plan.preferred_place_of_care", bucket=32)
    preferred_place_of_death = Sealed.text("advance_care_plan.preferred_place_of_death", bucket=32)
    shared_with: Sealed[list[str] | None] = Sealed.json("advance_care_plan.shared_with")
    adult_form_done_on = Sealed.day("advance_care_plan.adult_form_done_on")
