"""The one notice that a case has changed: the same message and words whatever the change was."""

from collections.abc import Iterable
from datetime import timedelta

from transition.actions.absences import tell
from transition.actions.work import Work
from transition.records.cases import Case, runs_anew
from transition.records.handovers import Handover, handovers_of
from transition.records.outbox import QueuedLetter
from transition.records.staff import Staff, holders, or_leads, workers_of
from transition.rules.access import WORKERS_SEE, CaseAccess, shown_to
from transition.rules.people import CHILDRENS_ROLES, Duty, Role

CASE_CHANGED = "case_changed"
"""The kind of the notice."""

AT_ONCE = timedelta()


def people_with_a_part(work: Work, case: Case) -> tuple[Staff, ...]:
    """Return whom a change of a case concerns now, but for the one who makes it.

    They are the lead and the deputy of each other hospice that may see whom it is about, and the
    named workers of both sides, those of the actor's own organisation included: a colleague who
    does not know may ring the family too.
    """
    handovers = handovers_of(work.session, case.uid)
    states = [(one.receiver, one.state) for one in handovers]
    people = list(_named_worker(work, case))
    anew = runs_anew(case.ending, case.transferred_on)
    for receiver in dict.fromkeys(key for key, _ in states):
        if shown_to(receiver, states, anew=anew) >= CaseAccess.PACK:
            people += _at_receiver(work, receiver, handovers)
    return tuple({one.uid: one for one in people if one.uid != work.actor.uid}.values())


def _named_worker(work: Work, case: Case) -> Iterable[Staff]:
    """Return the named worker of a case, or where they have left, the leads of its hospice."""
    held = holders(work.session, case.organisation, today=work.today)
    caring = [one for one in held if one.role in CHILDRENS_ROLES]
    named = [one.staff for one in caring if one.staff_uid == case.named_worker_uid]
    return named or [one.staff for one in caring if one.role is Role.CHILDRENS_LEAD]


def _at_receiver(work: Work, receiver: str, handovers: Iterable[Handover]) -> list[Staff]:
    """Return the lead, deputy and named worker of a receiver; its own actor tells the first two."""
    own = [one for one in handovers if one.receiver == receiver and one.state in WORKERS_SEE]
    named = {one.adult_worker_uid for one in own}
    workers = workers_of(work.session, receiver, today=work.today)
    told = [one for one in workers if one.uid in named]
    if receiver != work.actor.organisation:
        held = holders(work.session, receiver, today=work.today)
        told += or_leads([one for one in held if one.duty in {Duty.LEAD, Duty.DEPUTY}], held)
    return told


def tell_of_change(
    work: Work, case: Case, people: Iterable[Staff], *, held_for: timedelta = AT_ONCE
) -> list[QueuedLetter]:
    """Queue the notice for these people and who covers for them, and return the letters.

    They may be held a while. The people are found before the change is made, because it may end
    what they can see.
    """
    letters = tell(work, CASE_CHANGED, to=people, about=case.reference, on=case)
    for letter in letters:
        letter.not_before += held_for
    return letters
