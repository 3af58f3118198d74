"""Changing the named worker of one case or of many, with a note from hand to hand."""

from collections.abc import Collection

from transition.actions.case_changes import ENDED, own_case
from transition.actions.work import Work
from transition.records.cases import Case
from transition.records.closings import looked_after
from transition.records.histories import NamedWorkerSpan, named_workers_of
from transition.records.staff import Staff, held_still, is_denied, staff_names
from transition.rules.errors import RuleBroken
from transition.rules.hand_ons import refuse_hand_on

REASSIGNED = "case_reassigned"
"""The kind of the letter to the new named worker."""


def hand_on(work: Work, references: Collection[str], *, to_uid: bytes, note: str) -> list[Case]:
    """Make a colleague the named worker of some cases, all or none, and return those.

    They get one letter, however many cases it is. A case that is theirs already stays as it is.
    An ended one goes along for as long as it is to be looked at again; no letter tells of it.

    Raises:
        RuleBroken: it is not the actor's to say, the colleague cannot be it or must not see one of
            the cases, the note says too little, one is over, or all are theirs already.
        NotFound: this actor has no such case.
    """
    held_still(work.session, to_uid)
    staff = work.session.get(Staff, to_uid)
    refuse_hand_on(work.actor, staff.actor(work.today) if staff is not None else None, note)
    cases = [own_case(work, reference) for reference in dict.fromkeys(references)]
    if {case.uid for case in cases if case.ending is not None} - looked_after(work.session):
        raise RuleBroken(ENDED)
    moving = [case for case in cases if case.named_worker_uid != to_uid]
    if staff is None or not moving:
        raise RuleBroken("There is nobody to hand on. Choose at least one young person.")
    for case in moving:
        _hand_on(work, case, staff, note)
    only = moving[0] if len(moving) == 1 else None
    about = only.reference if only is not None else work.today.isoformat()
    if to_uid != work.actor.uid:
        work.post(REASSIGNED, to=staff, about=about, on=only)
    return moving


def _hand_on(work: Work, case: Case, to: Staff, note: str) -> None:
    if is_denied(work.session, to.uid, case.uid):
        raise RuleBroken(f"{to.name} must not see {case.reference}. Choose somebody else for it.")
    for span in named_workers_of(work.session, case.uid):
        if span.until_on is None:
            span.until_on = work.today
    work.session.flush()
    was, case.named_worker_uid = case.named_worker_uid, to.uid
    work.keep(
        NamedWorkerSpan(
            case_uid=case.uid, staff_uid=to.uid, from_on=work.today, hand_on_note=note.strip()
        )
    )
    names = staff_names(work.session)
    changed = {"named_worker": (names[was], names[to.uid])}
    work.note("worker:reassigned", on=case, changed=changed)
