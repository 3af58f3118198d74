"""Saying that two young people are brothers or sisters, and that they are not."""

from transition.actions.case_changes import own_case
from transition.actions.holds import forget_holds_of, hold_if_bereaved
from transition.actions.work import Work
from transition.records.cases import Case
from transition.records.linked_cases import LinkedCase, link_between
from transition.rules.errors import RuleBroken

LINKED_ALREADY = "These two are linked already."
NOT_LINKED = "These two are not linked."
ITSELF = "Choose another case: this is the same one."


def link_cases(work: Work, reference: str, other: str) -> tuple[Case, Case]:
    """Link two cases of the actor's own organisation, both ways, and return them.

    Raises:
        RuleBroken: they are one and the same, are linked already, or belong to somebody else.
        NotFound: this actor has no such case.
    """
    first, second = _two(work, reference, other)
    if link_between(work.session, first.uid, second.uid):
        raise RuleBroken(LINKED_ALREADY)
    for one, another in ((first, second), (second, first)):
        work.keep(
            LinkedCase(
                case_uid=one.uid,
                other_uid=another.uid,
                set_at=work.now,
                set_by_uid=work.actor_uid,
            )
        )
        work.note("case:linked", on=one, changed={"linked_cases": (None, another.reference)})
        hold_if_bereaved(work, one, another)
    return first, second


def unlink_cases(work: Work, reference: str, other: str) -> tuple[Case, Case]:
    """Take back that two cases are linked, both ways, and return them.

    Raises:
        RuleBroken: they are not linked, or belong to somebody else.
        NotFound: this actor has no such case.
    """
    first, second = _two(work, reference, other)
    rows = link_between(work.session, first.uid, second.uid)
    if not rows:
        raise RuleBroken(NOT_LINKED)
    for row in rows:
        work.session.delete(row)
    work.session.flush()
    for one, another in ((first, second), (second, first)):
        work.note("case:unlinked", on=one, changed={"linked_cases": (another.reference, None)})
        forget_holds_of(work, one)
    return first, second


def _two(work: Work, reference: str, other: str) -> tuple[Case, Case]:
    if reference == other:
        raise RuleBroken(ITSELF)
    return own_case(work, reference), own_case(work, other)
