"""What follows a No: what the children's hospice does, who told the family, whether leads talk.

Source: domain 6.3.
"""

from datetime import date
from typing import Final

from transition.actions.absences import tell
from transition.actions.change_notices import CASE_CHANGED
from transition.actions.handovers import own_handover
from transition.actions.readiness import people_across
from transition.actions.work import Work
from transition.clock import local_day
from transition.records.cases import Case
from transition.records.handovers import Handover
from transition.rules.errors import RuleBroken
from transition.rules.handovers import AfterNo, HandoverState
from transition.rules.people import Role

NOT_A_NO: Final = "This handover was not answered with a No."
NOBODY: Final = "Write who told them."
NOTHING: Final = "Write what both leads agreed."
BEFORE_THE_NO: Final = "The date must be on or after the day of the answer."
AHEAD: Final = "The date must be today or in the past."
AGREED: Final = "Nobody has said that your hospice does not agree. Say so first."
TALKED: Final = "Both leads have talked about this. What they agreed stays."
LEAD_RECORDS: Final = "Only a children's lead may record what both leads agreed."


def decide_after_no(work: Work, reference: str, key: str, after_no: AfterNo) -> Handover:
    """Record what follows after a receiver could not take it, and return the handover.

    Raises:
        RuleBroken: it was not answered with a No.
        NotFound: this actor has no such handover.
    """
    case, handover = _declined(work, reference, key)
    was = handover.after_no.value if handover.after_no else None
    handover.after_no, handover.after_no_at = after_no, work.now
    changed = {"after_no": (was, after_no.value)}
    work.note("handover:followed", on=case, about=handover.key, changed=changed)
    return handover


def record_family_told(work: Work, reference: str, key: str, *, on: date, by: str) -> Handover:
    """Record who told the young person and family of a No, and when; return the handover.

    Raises:
        RuleBroken: it was not answered with a No, nobody is named, or the day cannot be.
        NotFound: this actor has no such handover.
    """
    case, handover = _declined(work, reference, key)
    if not by.strip():
        raise RuleBroken(NOBODY)
    _refuse_day(work, handover, on)
    changed = {"told_on": (handover.family_told_on, on)}
    handover.family_told_on, handover.family_told_by = on, by.strip()
    work.note("handover:family", on=case, about=handover.key, changed=changed)
    return handover


def dispute(work: Work, reference: str, key: str) -> Handover:
    """Say that the children's hospice does not agree with a No, and return the handover.

    Both leads talk then; the other side is told that something changed.

    Raises:
        RuleBroken: it was not answered with a No, or both leads have talked already.
        NotFound: this actor has no such handover.
    """
    case, handover = _declined(work, reference, key)
    if handover.talked_on is not None:
        raise RuleBroken(TALKED)
    if handover.disputed_on is None:
        handover.disputed_on = work.today
        changed = {"disputed_on": (None, work.today)}
        work.note("handover:disputed", on=case, about=handover.key, changed=changed)
        tell(work, CASE_CHANGED, to=people_across(work, case, handover), about=reference, on=case)
    return handover


def agree_after_all(work: Work, reference: str, key: str) -> Handover:
    """Take back that the children's hospice does not agree, and return the handover.

    Raises:
        RuleBroken: nobody said so, or both leads have talked already.
        NotFound: this actor has no such handover.
    """
    case, handover = _disputed(work, reference, key)
    if handover.talked_on is not None:
        raise RuleBroken(TALKED)
    changed = {"disputed_on": (handover.disputed_on, None)}
    handover.disputed_on = None
    work.note("handover:disputed", on=case, about=handover.key, changed=changed)
    return handover


def record_leads_talked(work: Work, reference: str, key: str, *, on: date, words: str) -> Handover:
    """Record what both leads agreed about a No, and return the handover.

    Raises:
        RuleBroken: nobody disagreed, they have talked already, nothing is said, the day cannot be,
            or it is not theirs.
        NotFound: this actor has no such handover.
    """
    case, handover = _disputed(work, reference, key)
    if Role.CHILDRENS_LEAD not in work.actor.roles:
        raise RuleBroken(LEAD_RECORDS)
    if handover.talked_on is not None:
        raise RuleBroken(TALKED)
    if not words.strip():
        raise RuleBroken(NOTHING)
    _refuse_day(work, handover, on)
    changed = {"talked_on": (None, on)}
    handover.talked_on, handover.talked = on, words.strip()
    work.note("handover:talked", on=case, about=handover.key, changed=changed)
    return handover


def _declined(work: Work, reference: str, key: str) -> tuple[Case, Handover]:
    case, handover = own_handover(work, reference, key)
    if handover.state is not HandoverState.DECLINED:
        raise RuleBroken(NOT_A_NO)
    return case, handover


def _disputed(work: Work, reference: str, key: str) -> tuple[Case, Handover]:
    case, handover = _declined(work, reference, key)
    if handover.disputed_on is None:
        raise RuleBroken(AGREED)
    return case, handover


def _refuse_day(work: Work, handover: Handover, on: date) -> None:
    if on > work.today:
        raise RuleBroken(AHEAD)
    if handover.decided_at is not None and on < local_day(handover.decided_at):
        raise RuleBroken(BEFORE_THE_NO)
