"""What the other side must know at a glance: condition, communication, what matters, allergies.

A short summary that points to the real record; it is not the record.
"""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from transition.records.base import Versioned
from transition.records.sealing import Sealed, SealedRow


class Summary(Versioned, SealedRow):
    """The few lines that stand first on the case page and in the pack."""

    __tablename__ = "summary"

    primary_condition = Sealed.text("clinical_summary.primary_condition")
    condition_group: Sealed[Any] = Sealed.json("clinical_summary.condition_group")
    other_conditions = Sealed.text("clinical_summary.other_conditions")
    allergies = Sealed.text("clinical_summary.allergies")
    stability = Sealed.text("clinical_summary.stability", bucket=32)
    stability_on = Sealed.day("clinical_summary.stability_on")
    stability_by = Sealed.text("clinical_summary.stability_by")
    medicines_source = Sealed.text("clinical_summary.medicines_source")
    medicines_on = Sealed.day("clinical_summary.medicines_on")
    recent_admissions: Sealed[int | None] = Sealed.json("clinical_summary.recent_admissions")
    last_admission_on = Sealed.day("clinical_summary.last_admission_on")
    how_i_communicate = Sealed.text("communication.how_i_communicate")
    how_i_say_yes_no = Sealed.text("communication.how_i_say_yes_no")
    how_i_show_pain = Sealed.text("communication.how_i_show_pain")
    best_time_and_place = Sealed.text("communication.best_time_and_place")
    aids: Sealed[list[str] | None] = Sealed.json("communication.aids")
    format_needed: Sealed[list[str] | None] = Sealed.json("communication.format_needed")
    reasonable_adjustments = Sealed.text("communication.reasonable_adjustments")
    about_me = Sealed.text("about_me.about_me")
    good_day = Sealed.text("about_me.good_day")
    bad_day = Sealed.text("about_me.bad_day")
    people_who_matter = Sealed.text("about_me.people_who_matter")
    things_i_love = Sealed.text("about_me.things_i_love")
    please_dont = Sealed.text("about_me.please_dont")
    goals_next_year = Sealed.text("about_me.goals_next_year")
    worries_about_moving = Sealed.text("about_me.worries_about_moving")
    written_by = Sealed.text("about_me.written_by", bucket=32)
    written_on = Sealed.day("about_me.written_on")
    not_to_tell: Sealed[list[str] | None] = Sealed.json("about_me.not_to_tell")
    sharing_limits = Sealed.text("consent.sharing_limits")
    involve_parents = Sealed.text("consent.involve_parents", bucket=32)
    safeguarding_marker = Sealed.text("consent.safeguarding_marker", bucket=32)
    restrictions = Sealed.text("consent.restrictions", bucket=32)


def summary_of(session: Session, case_uid: bytes) -> Summary:
    """Return the summary of a case."""
    return session.scalars(select(Summary).where(Summary.case_uid == case_uid)).one()
