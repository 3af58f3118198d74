"""Joint visits of both hospices to a young person."""

from datetime import date

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from transition.records.beside import BesideRow
from transition.records.columns import Coded
from transition.records.sealing import Sealed
from transition.rules.beside import VisitPlace, VisitState


class JointVisit(BesideRow):
    """One joint visit: when, in what kind of place, who goes, and what became of it."""

    __tablename__ = "joint_visit"
    __table_args__ = (UniqueConstraint("case_uid", "number", name="visit_number_once"),)

    state: Mapped[VisitState] = mapped_column(Coded(VisitState))
    place: Mapped[VisitPlace] = mapped_column(Coded(VisitPlace))
    visit_on: Mapped[date]

    at_time = Sealed.text("visit.at_time")
    who_goes = Sealed.text("visit.who_goes")
    purpose = Sealed.text("visit.purpose")
    outcome = Sealed.text("visit.outcome")
