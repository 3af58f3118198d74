"""A case after its transfer, and what is recorded in it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from tests.builders import WorkAs, accepted_case, staff_of
from tests.people import HELEN, MINA, RUTH
from transition.actions.settling import (
    NewCheckIn,
    NewContact,
    record_check_in,
    record_contact,
)
from transition.actions.work import Work
from transition.records.handovers import open_lead_handover
from transition.records.ledger import LedgerRow, ledger_of
from transition.rules.handovers import HandoverState
from transition.rules.ledger import switch
from transition.rules.milestones import Confirmed
from transition.rules.pathway import Stage
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
    reference, _ = accepted_case(work_as)
    with work_as(HELEN) as work:
        mina = staff_of(work.session, MINA).uid
        case = work.case(reference).case
        handover = open_lead_handover(work.session, case.uid)
        assert handover is not None
        on = work.today - timedelta(days=ago)
        handover.state, handover.adult_worker_uid = HandoverState.TRANSFERRED, mina
        handover.adult_worker_by = None
        case.stage, case.transferred_on = Stage.SETTLING, on
        rows = {row.span: row for row in ledger_of(work.session, case.uid)}
        taken = [row.function for row in handover.answers]
        close, add = switch(list(rows), taken, "rowans", on)
        for span in close:
            rows[span].to_on = on
        work.session.flush()
        for span in add:
            values = {"function": span.function, "service": span.service}
            places = {"position": span.position, "from_on": span.from_on, "to_on": span.to_on}
            set_by = {"set_at": work.now, "set_by_uid": work.actor_uid}
            work.keep(LedgerRow(case_uid=case.uid, **values, **places, **set_by))
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
