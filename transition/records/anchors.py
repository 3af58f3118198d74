"""The days and facts from which due dates follow. They lie apart from the names.

What works out a due date, a digest or a report reads these and can never come across a name.
"""

from datetime import UTC, date, datetime
from typing import cast

from sqlalchemy.orm import Session

from transition.clock import local_day
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


def targets_from(words: str | None) -> tuple[tuple[date, date | None], ...]:
    """Return the targets before the present one that a query gathered as ``instant/day`` words."""
    if not words or "|" not in words:
        return ()
    changes = sorted(change.split("/") for change in words.split("|"))
    return tuple(
        (local_day(_instant(at)), date.fromisoformat(on) if on else None) for at, on in changes[:-1]
    )


def _instant(words: str) -> datetime:
    """Return an instant as a database writes it; SQLite leaves out that it is in UTC."""
    at = datetime.fromisoformat(words)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def pauses_from(words: str | None) -> tuple[tuple[date, date | None], ...]:
    """Return the pauses that a query gathered as ``from/to`` words, in order."""
    # A case may be paused twice on one day: words sort where days and a missing one would not.
    spans = (span.split("/") for span in sorted((words or "").split()))
    return tuple(
        (date.fromisoformat(first), date.fromisoformat(last) if last else None)
        for first, last, *_ in spans
    )
