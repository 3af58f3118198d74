"""Moving from one service of an organisation to another, which closes nothing."""

from typing import Final

from transition.actions.case_changes import NewLead, let_lead, own_case, renew_next_due
from transition.actions.milestones import Recorded, keep_outcome
from transition.actions.work import Work
from transition.records.cases import Case
from transition.records.dues import dues_of_case
from transition.records.ledger import ledger_of
from transition.rules.errors import RuleBroken
from transition.rules.ledger import Position
from transition.rules.milestones import OutcomeKind
from transition.rules.stages import refuse_ended

PLANNED: Final = "PR-12"
"""The milestone of such a move."""
NOT_OURS: Final = "Choose another service of your own hospice."


def move_house(work: Work, reference: str, service: str) -> Case:
    """Let another service of the same organisation look after somebody, and return the case.

    What the service led until now the other leads from today on; what others lead stays theirs.
    It is no handover: stage, worker and everything recorded stay as they are.

    Raises:
        RuleBroken: it is no other service of this organisation, or the case has ended.
        NotFound: this actor has no such case.
    """
    case = own_case(work, reference)
    refuse_ended(case.state)
    ours = work.catalogue.collaborative.organisation(case.organisation).services
    names = {one.code: one.name for one in ours}
    if service == case.service or service not in names:
        raise RuleBroken(NOT_OURS)
    _pass_functions_on(work, case, service)
    was, case.service = case.service, service
    work.note("service:moved", on=case, changed={"service": (names[was], names[service])})
    dues = dues_of_case(work.session, case.uid, work.asking)
    for one in dues.open_standings if dues is not None else ():
        if one.rule.code == PLANNED:
            done = Recorded(kind=OutcomeKind.DONE, done_on=work.today)
            keep_outcome(work, case, one.rule, done)
    renew_next_due(work, case)
    return case


def _pass_functions_on(work: Work, case: Case, service: str) -> None:
    led = [
        row.function
        for row in ledger_of(work.session, case.uid)
        if row.service == case.service
        and row.position is Position.LEAD
        and (row.to_on is None or row.to_on > work.today)
    ]
    let_lead(work, case, led, NewLead(service, work.today, work.actor))
