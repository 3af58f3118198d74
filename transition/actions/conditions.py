"""Saying that a condition of an acceptance is met, and taking that back."""

from transition.actions.case_changes import renew_next_due
from transition.actions.supports import renew_support
from transition.actions.work import NotFound, Work
from transition.records.cases import Case
from transition.records.conditions import Condition, conditions_of
from transition.records.handovers import Handover
from transition.rules.access import CaseAccess
from transition.rules.errors import RuleBroken
from transition.rules.people import Side

NO_SUCH_CONDITION = "There is no such condition."


def meet_condition(work: Work, reference: str, number: int) -> Condition:
    """Record that a condition is met and return it.

    Raises:
        RuleBroken: it is the other side's, or was met already.
        NotFound: this actor has no such condition.
    """
    case, condition = _found(work, reference, number)
    work.refuse_settled(condition.met_by_uid, condition.met_at)
    condition.met_at, condition.met_by_uid = work.now, work.actor_uid
    _note(work, case, condition, was="open", now="met")
    return condition


def reopen_condition(work: Work, reference: str, number: int) -> Condition:
    """Record that a condition is not met after all and return it.

    Raises:
        RuleBroken: it is the other side's, or stands open already.
        NotFound: this actor has no such condition.
    """
    case, condition = _found(work, reference, number)
    if condition.met_at is None:
        raise RuleBroken("This is on the list already. Nothing changed.")
    condition.met_at = condition.met_by_uid = None
    _note(work, case, condition, was="met", now="open")
    return condition


def _found(work: Work, reference: str, number: int) -> tuple[Case, Condition]:
    seen = work.case(reference)
    found = [one for one in conditions_of(work.session, seen.case.uid) if one.number == number]
    if seen.access < CaseAccess.PACK or not found:
        raise NotFound(NO_SUCH_CONDITION)
    handover = work.session.get_one(Handover, found[0].handover_uid)
    if seen.access is not CaseAccess.FULL and handover.receiver != work.actor.organisation:
        raise NotFound(NO_SUCH_CONDITION)
    if seen.case.ending is not None:
        raise RuleBroken("This case has ended. Open it again before you change it.")
    if found[0].owner is not (work.actor.side or Side.CHILDRENS) and not handover.outside:
        raise RuleBroken("This belongs to the other hospice. You can see it, and they record it.")
    return seen.case, found[0]


def _note(work: Work, case: Case, condition: Condition, *, was: str, now: str) -> None:
    work.note(
        "condition:recorded",
        on=case,
        about=f"condition {condition.number}",
        changed={"condition": (was, now)},
    )
    work.session.flush()
    renew_support(work, case, work.session.get_one(Handover, condition.handover_uid))
    renew_next_due(work, case)
