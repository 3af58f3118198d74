"""Naming the adult named worker of a handover that was accepted before anybody was named."""

from transition.actions.case_changes import ENDED, renew_next_due
from transition.actions.change_notices import people_with_a_part, tell_of_change
from transition.actions.handovers import NAMED_WORKER, found_handover
from transition.actions.milestones import Recorded, keep_outcome
from transition.actions.outside import as_told, keep_told, who_answers
from transition.actions.work import Work
from transition.records.handovers import Handover
from transition.records.milestones import outcomes_of
from transition.records.staff import held_still, workers_of
from transition.rules.errors import RuleBroken
from transition.rules.handovers import AGREED, SETTLED, HandoverState
from transition.rules.milestones import OutcomeKind
from transition.rules.outside import Told
from transition.rules.people import Role

WORKER = "worker"
"""What a provider outside told: who their worker is."""

ONLY_LEAD = "A lead of the adult hospice names its worker. Ask yours."
NOT_AGREED = "A worker is named when a handover was accepted, and while it goes on."
FROM_YOURS = "Choose the adult named worker from your own hospice."
THE_SAME = "This worker is named already. Nothing changed."


def name_adult_worker(work: Work, reference: str, key: str, worker_uid: bytes) -> Handover:
    """Name the adult named worker of an accepted handover, or another one, and return it.

    Both named workers are told that something changed.

    Raises:
        RuleBroken: it is not theirs to name, nothing is agreed, or it is no colleague of theirs.
        NotFound: this actor has no such handover.
    """
    handover = _handover_to_name(work, reference, key)
    if Role.ADULT_LEAD not in work.actor.roles:
        raise RuleBroken(ONLY_LEAD)
    held_still(work.session, worker_uid)
    own = workers_of(work.session, handover.receiver, today=work.today)
    if worker_uid not in {one.uid for one in own}:
        raise RuleBroken(FROM_YOURS)
    if worker_uid == handover.adult_worker_uid:
        raise RuleBroken(THE_SAME)
    handover.adult_worker_uid = worker_uid
    _note(work, reference, handover, None)
    return handover


def record_their_worker(work: Work, reference: str, key: str, name: str, told: Told) -> Handover:
    """Record who a provider outside says its named worker is, and return the handover.

    Raises:
        RuleBroken: the receiver signs in, nothing is agreed, or nobody is named.
        NotFound: this actor has no such handover.
    """
    handover = _handover_to_name(work, reference, key)
    who_answers(work, handover, told)
    if not handover.outside:
        raise RuleBroken(ONLY_LEAD)
    if not name.strip():
        raise RuleBroken("Write who their named worker is.")
    keep_told(handover, WORKER, told, worker=name)
    _note(work, reference, handover, told)
    return handover


def _handover_to_name(work: Work, reference: str, key: str) -> Handover:
    case, handover = found_handover(work, reference, key)
    if case.ending is not None:
        raise RuleBroken(ENDED)
    if handover.state not in {*AGREED, *SETTLED, HandoverState.SUPPORTING}:
        raise RuleBroken(NOT_AGREED)
    return handover


def _note(work: Work, reference: str, handover: Handover, told: Told | None) -> None:
    case = work.case(reference).case
    rule = work.catalogue.pathways[case.pathway_version].by_code.get(NAMED_WORKER)
    waits = handover.leads and NAMED_WORKER not in outcomes_of(work.session, case.uid)
    if rule is not None and waits:
        done = Recorded(kind=OutcomeKind.DONE, done_on=work.today)
        keep_outcome(work, case, rule, done)
    work.session.flush()
    work.note("handover:named", on=case, about=handover.key, changed=as_told(told))
    tell_of_change(work, case, people_with_a_part(work, case))
    renew_next_due(work, case)
