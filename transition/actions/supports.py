"""Support beside whoever leads: what a hospice that said yes to it does in the ledger of a case."""

from datetime import date

from transition.actions.case_changes import keep_spans
from transition.actions.work import Work
from transition.records.cases import Case
from transition.records.conditions import conditions_of
from transition.records.handovers import Handover
from transition.records.ledger import LedgerRow, ledger_of
from transition.rules.handovers import Function, HandoverState
from transition.rules.ledger import Position, support


def renew_support(work: Work, case: Case, handover: Handover) -> None:
    """Let the ledger say what the receiver of a handover supports now; of a lead, nothing changes.

    It supports what it took on from the day that was asked for, and while a condition that must be
    met is not, not yet.
    """
    if handover.leads:
        return
    rows = {row.span: row for row in ledger_of(work.session, case.uid)}
    on = max(work.today, handover.target_on or work.today)
    close, add = support(rows, _supported(work, handover), handover.receiver, on, work.today)
    for span in close:
        rows[span].to_on = _last(work, rows[span])
    keep_spans(work, case, add, work.actor)


def _supported(work: Work, handover: Handover) -> list[Function]:
    if handover.state is not HandoverState.SUPPORTING:
        return []
    waits = {
        one.function
        for one in conditions_of(work.session, handover.case_uid)
        if one.handover_uid == handover.uid and one.must and one.met_at is None
    }
    return [function for function in handover.taken if function not in waits]


def end_support(work: Work, case: Case) -> list[str]:
    """End all support in a case that ends, and return which rows of its ledger that were."""
    ended = [
        row
        for row in ledger_of(work.session, case.uid)
        if row.position is Position.SUPPORTING and row.to_on is None
    ]
    for row in ended:
        row.to_on = _last(work, row)
    return [row.uid.hex() for row in ended]


def let_support_go_on(work: Work, ended: list[str]) -> None:
    """Let the rows that ended with a case stand again as they did."""
    for uid in ended:
        work.session.get_one(LedgerRow, bytes.fromhex(uid)).to_on = None


def _last(work: Work, row: LedgerRow) -> date:
    """Return the day on which support holds no more; what had not begun never does."""
    return max(work.today, row.from_on)
