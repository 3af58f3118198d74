"""Bringing a case up to the newest version of the pathway."""

from transition.actions.case_changes import own_case, renew_next_due
from transition.actions.work import Work
from transition.records.cases import Case
from transition.rules.access import Permission, may
from transition.rules.errors import RuleBroken
from transition.rules.stages import refuse_ended


def bring_up_to_date(work: Work, reference: str) -> Case:
    """Let a case follow the newest version of the pathway, and return it.

    Nothing that was recorded is lost: a row that the new version has no longer stays where
    something was recorded of it.

    Raises:
        RuleBroken: it follows the newest already, has ended, or the actor is no children's lead.
        NotFound: this actor has no such case.
    """
    case = own_case(work, reference)
    refuse_ended(case.state)
    if not may(work.actor.roles, Permission.WAIVE_GATE):
        raise RuleBroken("Only a children's lead may bring a case up to date.")
    was, newest = case.pathway_version, work.catalogue.pathway.version
    if was == newest:
        raise RuleBroken("This case follows the newest pathway already. Nothing changed.")
    case.pathway_version = newest
    work.note("pathway:renewed", on=case, changed={"pathway_version": (was, newest)})
    renew_next_due(work, case)
    return case
