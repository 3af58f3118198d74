"""Capacity, one decision at a time: there is no answer for all of them."""

from transition.records.entries import Entry
from transition.records.sealing import Sealed


class CapacityRecord(Entry):
    """What was found about one decision."""

    __tablename__ = "capacity_record"

    decision = Sealed.text("capacity_record.decision", bucket=32)
    outcome = Sealed.text("capacity_record.outcome", bucket=32)
    assessed_on = Sealed.day("capacity_record.assessed_on")
    assessor = Sealed.text("capacity_record.assessor")
    review_on = Sealed.day("capacity_record.review_on")
    parents_view = Sealed.text("capacity_record.parents_view")
    capacity_note = Sealed.text("capacity_record.capacity_note")
