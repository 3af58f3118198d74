"""What must be there before a handover is proposed or answered: gates, and people to tell."""

from transition.actions.work import NO_SUCH_CASE, NotFound, Work
from transition.records.cases import Case
from transition.records.dues import dues_of_case
from transition.records.handovers import Handover
from transition.records.staff import Staff, duty_holders, holders, or_leads
from transition.rules.errors import RuleBroken
from transition.rules.pathway import Gate, MilestoneRule
from transition.rules.people import CHILDRENS_ROLES, Duty, Side


def waits_for(work: Work, case: Case) -> tuple[MilestoneRule, ...]:
    """Return the milestones that a proposal still waits for."""
    return waits_for_gate(work, case, Gate.PROPOSE)


def waits_for_gate(work: Work, case: Case, gate: Gate) -> tuple[MilestoneRule, ...]:
    """Return the milestones that stand in the way of a case at *gate*.

    Raises:
        NotFound: this actor has no such case.
    """
    dues = dues_of_case(work.session, case.uid, work.asking)
    if dues is None:
        raise NotFound(NO_SUCH_CASE)  # never passed over: what cannot be asked is not satisfied
    return dues.waits_for(gate, work.today)


def people_told(work: Work, receiver: str) -> tuple[Staff, ...]:
    """Return the lead and the deputy of *receiver*, who are told of a proposal.

    At a provider outside the tracker tells nobody.

    Raises:
        RuleBroken: it lacks a lead, a deputy or an escalation person, or takes on nobody.
    """
    organisation = work.catalogue.collaborative.organisation(receiver)
    if not organisation.receives:
        raise RuleBroken(f"{organisation.name} takes on no handovers.")
    if not organisation.signs_in:
        return ()
    duties = duty_holders(work.session, receiver, today=work.today)
    lacking = [duty.label for duty in Duty if duty not in duties]
    if lacking:
        raise RuleBroken(
            f"{organisation.name} has no {' and no '.join(lacking)} in the tracker yet."
            " Ask the collaborative's administrator to invite them."
        )
    return duties[Duty.LEAD], duties[Duty.DEPUTY]


def people_waiting(work: Work, case: Case, handover: Handover) -> tuple[Staff, ...]:
    """Return who waits for an answer, but for the actor: the named worker, and who proposed.

    Where neither works here now, the leads do.
    """
    uids = {case.named_worker_uid, handover.proposed_by_uid}
    held = holders(work.session, case.organisation, today=work.today)
    waiting = [one for one in held if one.role in CHILDRENS_ROLES and one.staff_uid in uids]
    people = or_leads(waiting, held)
    return tuple(one for one in people if one.uid != work.actor.uid)


def people_asked(work: Work, handover: Handover, *more: bytes) -> tuple[Staff, ...]:
    """Return the lead and the deputy of a handover's receiver, and who else of them is concerned.

    A colleague who has left is not among them; where that leaves nobody, its leads are.
    """
    held = holders(work.session, handover.receiver, today=work.today)
    asked = [one for one in held if one.duty in {Duty.LEAD, Duty.DEPUTY} or one.staff_uid in more]
    return or_leads(asked, held)


def people_across(work: Work, case: Case, handover: Handover) -> tuple[Staff, ...]:
    """Return who of the other side learns that a handover was taken back."""
    if work.actor.side is Side.ADULT:
        return people_waiting(work, case, handover)
    workers = [handover.adult_worker_uid] if handover.adult_worker_uid else []
    return people_asked(work, handover, *workers)
