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
    allergies = Sealed.text("clinical_summary.allergies")
    how_i_communicate = Sealed.text("communication.how_i_communicate")
    about_me = Sealed.text("about_me.about_me")


def summary_of(session: Session, case_uid: bytes) -> Summary:
    """Return the summary of a case."""
    return session.scalars(select(Summary).where(Summary.case_uid == case_uid)).one()
