"""Coming back after a transfer: the children's service leads again, and the next move is new."""

from transition.actions.case_changes import NewLead, let_lead
from transition.actions.cases import set_target
from transition.actions.milestones import close_outcome
from transition.actions.work import Work
from transition.records.cases import Case
from transition.records.ledger import ledger_of
from transition.records.milestones import outcomes_of
from transition.rules.ledger import leads_on
from transition.rules.settling import AGAIN_AFTER_RETURN, STAGES_AFTER_RETURN
from transition.rules.targets import TargetReason


def bring_back(work: Work, case: Case) -> None:
    """Let a case that was transferred be its own service's again, from today.

    It leads every function; the transfer and its date stand in the history only, and what the next
    move asks for is open again.
    """
    case.transferred_on, case.receiver = None, None
    set_target(work, case, None, reason_code=TargetReason.RETURNED.value)
    leading = leads_on([row.span for row in ledger_of(work.session, case.uid)], work.today)
    away = [function for function, service in leading.items() if service != case.service]
    let_lead(work, case, away, NewLead(case.service, work.today, work.actor))
    rules = work.catalogue.pathways[case.pathway_version].milestones
    again = AGAIN_AFTER_RETURN | {one.code for one in rules if one.stage in STAGES_AFTER_RETURN}
    for code, row in outcomes_of(work.session, case.uid).items():
        if code in again:
            close_outcome(work, case, row)
