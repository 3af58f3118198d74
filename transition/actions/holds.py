"""Holding prompts about the brothers and sisters of somebody who has died.

Dates move as in a pause and nothing counts as late, but nothing else rests: a handover goes on. It
ends only when the nurse says so.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Final

from transition.actions.case_changes import own_case, renew_next_due
from transition.actions.work import Work
from transition.records.cases import Case
from transition.records.dues import dues_of_case, next_due_of
from transition.records.histories import Pause, holds_of, open_pause_of
from transition.records.linked_cases import linked_cases_of
from transition.rules.errors import RuleBroken
from transition.rules.pathway import Stage
from transition.rules.pauses import USUAL_HOLD, PauseReason, refuse_hold_until
from transition.rules.people import THE_TIMETABLE
from transition.rules.stages import Ending

NO_HOLD: Final = "No prompts are held for this case. Nothing was changed."


def hold_for_family(work: Work, case: Case) -> list[str]:
    """Hold the prompts about everybody linked with a case, and return which holds these are.

    Who has ended is left alone. Of a case that is paused already only the mark is kept.
    """
    return [
        _hold(work, other).uid.hex()
        for other in linked_cases_of(work.session, case.uid)
        if other.ending is None and other.stage is not Stage.COMPLETED
    ]


def hold_if_bereaved(work: Work, case: Case, other: Case) -> None:
    """Hold the prompts about a case that is linked with somebody who has died."""
    if other.ending is Ending.DIED and case.ending is None:
        _hold(work, case)


def _hold(work: Work, case: Case) -> Pause:
    rests = open_pause_of(work.session, case.uid) is not None
    hold = work.keep(
        Pause(
            case_uid=case.uid,
            from_on=work.today,
            until_on=work.today if rests else None,
            review_on=work.today + USUAL_HOLD,
            reason_code=PauseReason.FAMILY_BEREAVED.value,
        )
    )
    work.note("case:held", on=case)
    _renew(work, case)
    return hold


def _renew(work: Work, case: Case) -> None:
    """Bring the next due date up to date, though the actor may not see this case."""
    work.session.flush()
    dues = dues_of_case(work.session, case.uid, replace(work.asking, reader=THE_TIMETABLE))
    case.next_due = next_due_of(dues) if dues is not None and case.ending is None else None


def forget_holds(work: Work, uids: Iterable[str]) -> None:
    """Take back holds, as if they had never been, because what they were for was a mistake."""
    for uid in uids:
        hold = work.session.get(Pause, bytes.fromhex(uid))
        if hold is not None:
            _forget(work, hold)


def forget_holds_of(work: Work, case: Case) -> None:
    """Take back the holds of a case that is linked with nobody who has died any more."""
    if any(one.ending is Ending.DIED for one in linked_cases_of(work.session, case.uid)):
        return
    for hold in holds_of(work.session, case.uid):
        _forget(work, hold)


def _forget(work: Work, hold: Pause) -> None:
    case = work.session.get_one(Case, hold.case_uid)
    work.session.delete(hold)
    work.note("case:hold_forgotten", on=case)
    _renew(work, case)


def hold_until(work: Work, reference: str, review_on: date) -> Case:
    """Hold the prompts about a case until another day, and return it.

    Raises:
        RuleBroken: no prompts are held, or not until that day; or it is another organisation's.
        NotFound: this actor has no such case.
    """
    case = own_case(work, reference)
    hold = _open_hold(work, case)
    refuse_hold_until(review_on, work.today)
    was, hold.review_on = hold.review_on, review_on
    work.note("case:held", on=case, changed={"review_on": (was, review_on)})
    return case


def end_hold(work: Work, reference: str) -> Case:
    """Let the prompts about a case go on, and return it.

    What fell due meanwhile is due 20 working days from now.

    Raises:
        RuleBroken: no prompts are held, or it is another organisation's.
        NotFound: this actor has no such case.
    """
    case = own_case(work, reference)
    hold = _open_hold(work, case)
    hold.until_on = work.today
    work.note("case:hold_ended", on=case, changed={"until_on": (None, work.today)})
    renew_next_due(work, case)
    return case


def _open_hold(work: Work, case: Case) -> Pause:
    hold = open_pause_of(work.session, case.uid)
    if hold is None or hold.reason_code != PauseReason.FAMILY_BEREAVED:
        raise RuleBroken(NO_HOLD)
    return hold
