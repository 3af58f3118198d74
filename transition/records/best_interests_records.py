"""Decisions made in somebody's best interests, with what the parents think beside them."""

from transition.records.entries import Entry
from transition.records.sealing import Sealed


class BestInterestsRecord(Entry):
    """One decision."""

    __tablename__ = "best_interests_record"

    decision = Sealed.text("best_interests_record.decision", bucket=32)
    decided_on = Sealed.day("best_interests_record.decided_on")
    who_took_part = Sealed.text("best_interests_record.who_took_part")
    parents_view = Sealed.text("best_interests_record.parents_view")
    best_interests_outcome = Sealed.text("best_interests_record.best_interests_outcome")
