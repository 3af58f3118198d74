"""A case after its transfer, and what is recorded in it."""

from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from tests.builders import WorkAs, ready_case
from tests.databases import FIXED
from tests.people import HELEN, MINA, RUTH
from transition.actions.settling import NewCheckIn, NewContact, record_check_in, record_contact
from transition.actions.transfers import sign_transfer, switch_transfer
from transition.actions.work import Work
from transition.clock import LONDON
from transition.rules.milestones import Confirmed
from transition.rules.people import THE_TIMETABLE, Actor
from transition.rules.settling import (
    CheckInKind,
    CheckInOutcome,
    ContactKind,
    ContactResult,
    Feedback,
)

MONDAY: Final = date(2026, 11, 23)
"""The day on which tests begin."""


def transferred_case(work_as: WorkAs, *, ago: int = 7) -> str:
    """Let a case have been transferred to Rowans some days ago, with Mina as its adult worker."""
    on = MONDAY - timedelta(days=ago)

    def before(who: str | Actor, at: datetime | None = None) -> AbstractContextManager[Work]:
        return work_as(who, at or FIXED - timedelta(days=ago + 1))

    reference, _ = ready_case(before, on=on)
    for who in (RUTH, HELEN):
        with before(who) as work:
            sign_transfer(work, reference)
    with work_as(THE_TIMETABLE, datetime.combine(on, time(), LONDON)) as work:
        assert switch_transfer(work, reference)
    return reference


def contact(work: Work, result: str = "not_brought", **words: Any) -> NewContact:  # noqa: ANN401 - any field of it
    """Return a contact that was missed today, at a clinic."""
    told: dict[str, Any] = {
        "kind": ContactKind.CLINIC,
        "result": ContactResult(result),
        "happened_on": work.today,
        "note": "The minibus did not come.",
    }
    return NewContact(**told | words)


def check_in(work: Work, kind: str = "six_weeks", **words: Any) -> NewCheckIn:  # noqa: ANN401 - any field of it
    """Return a check-in of today at which all was well."""
    told: dict[str, Any] = {
        "kind": CheckInKind(kind),
        "outcome": CheckInOutcome.SETTLED,
        "happened_on": work.today,
        "their_words": "They know my name now.",
    }
    if kind == "six_months":
        told |= {"feedback": Feedback.ANSWERED, "confirmed": Confirmed.YES}
    return NewCheckIn(**told | words)


LATER: Final = datetime(2027, 5, 18, 9, tzinfo=UTC)
"""A Tuesday, two days after the six months since a transfer a week before the fixed day."""


def reviewed_case(work_as: WorkAs) -> str:
    """Let all be done that completing a case waits for; its six months are over from `LATER`."""
    reference = transferred_case(work_as)
    with work_as(MINA) as work:
        record_contact(work, reference, contact(work, "attended"))
    with work_as(RUTH) as work:
        record_check_in(work, reference, check_in(work))
        record_check_in(work, reference, check_in(work, "six_months"))
    return reference
