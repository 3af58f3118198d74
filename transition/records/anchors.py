"""The days and facts from which due dates follow. They lie apart from the names.

What works out a due date, a digest or a report reads these and can never come across a name.
"""

from datetime import date
from typing import cast

from sqlalchemy.orm import Session

from transition.records.base import Versioned
from transition.records.sealing import Sealed, SealedRow


class CaseAnchors(Versioned, SealedRow):
    """What due dates are reckoned from; its number is the case's own."""

    __tablename__ = "anchors"

    date_of_birth: Sealed[date] = cast("Sealed[date]", Sealed.day("young_person.date_of_birth"))
    school_year_offset = Sealed.json("young_person.school_year_offset")
    circumstances: Sealed[list[str]] = Sealed.json("young_person.circumstances")


def anchors_of(session: Session, case_uid: bytes) -> CaseAnchors:
    """Return the anchors of a case."""
    return session.get_one(CaseAnchors, case_uid)


def pauses_from(words: str | None) -> tuple[tuple[date, date | None], ...]:
    """Return the pauses that a query gathered as ``from/to`` words, in order."""
    # A case may be paused twice on one day: words sort where days and a missing one would not.
    spans = (span.split("/") for span in sorted((words or "").split()))
    return tuple((date.fromisoformat(a), date.fromisoformat(b) if b else None) for a, b in spans)
