"""What is to be looked at again though nothing is due: a rest, an ending, what waits for a word."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from transition.clock import local_day
from transition.records.cases import Case
from transition.records.closings import Closing
from transition.records.histories import Pause
from transition.rules.closings import may_confirm
from transition.rules.digests import DueKind
from transition.rules.pauses import PauseReason
from transition.rules.people import Actor


@dataclass(frozen=True, slots=True)
class Review:
    """Something to look at again, and since when."""

    kind: DueKind
    code: str
    """How the case ended, or empty."""
    on: date


def reviews_due(session: Session, reader: Actor, on: date) -> dict[bytes, Review]:
    """Return what is to be looked at again on a day or was before, by the case's number.

    What waits for a second person is there for those who can be that person.
    """
    return dict([*_rests(session, on), *_endings(session, reader, on)])


def _rests(session: Session, on: date) -> Iterator[tuple[bytes, Review]]:
    query = select(Pause.case_uid, Pause.reason_code, Pause.review_on).where(
        Pause.until_on.is_(None), Pause.review_on <= on
    )
    for case_uid, reason, review_on in session.execute(query):
        held = reason == PauseReason.FAMILY_BEREAVED
        yield case_uid, Review(DueKind.HOLD if held else DueKind.REVIEW, "", review_on)


def _endings(session: Session, reader: Actor, on: date) -> Iterator[tuple[bytes, Review]]:
    stands = Closing.lifted_at.is_(None), Closing.finished_at.is_(None)
    query = (
        select(
            Closing.case_uid,
            Closing.ending,
            Closing.recorded_at,
            Closing.recorded_by_uid,
            Closing.look_again_on,
            Case.ending.label("now"),
        )
        .join(Case, Case.uid == Closing.case_uid)
        .where(*stands, or_(Case.ending.is_(None), Case.ending == Closing.ending))
        .where(or_(Case.ending.is_(None), Closing.look_again_on <= on))
    )
    for row in session.execute(query):
        if row.now is not None:
            yield row.case_uid, Review(DueKind.CLOSING, row.ending.value, row.look_again_on)
        elif may_confirm(row.ending, row.recorded_by_uid, reader):
            since = local_day(row.recorded_at)
            yield row.case_uid, Review(DueKind.CONFIRM, row.ending.value, since)
