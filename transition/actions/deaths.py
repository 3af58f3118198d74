"""Recording that a young person has died, and taking it back when it was a mistake.

One transaction stops everything that would have been sent or asked about them. Outside this
module, its rows and its screen nothing names it: the trail, the log and the letters say that the
case has ended, or that it has changed.
"""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from transition.actions.case_changes import own_case, renew_next_due
from transition.actions.endings import let_stand_again, stop_everything, tell_whoever_was_told
from transition.actions.holds import forget_holds, hold_for_family
from transition.actions.work import Work
from transition.records.anchors import anchors_of
from transition.records.cases import Case
from transition.records.deaths import Death, death_of
from transition.records.handovers import Handover, handovers_of
from transition.records.staff import Staff
from transition.rules.access import CaseAccess
from transition.rules.endings import HELD_FOR, Undoing, end_case, refuse_died_on, undoing_of_a_death
from transition.rules.errors import RuleBroken
from transition.rules.handovers import HandoverStep
from transition.rules.people import Actor
from transition.rules.stages import Ending

NOT_SHARED = "This case is not shared with you any more. Ring the children's hospice and tell them."
NOTHING_TO_UNDO = "This has been undone already. Nothing was changed."

GP = "gp"
"""Who may have been told, besides the organisations that have a part."""


def who_may_be_told(case: Case, handovers: Collection[Handover]) -> tuple[str, ...]:
    """Return the codes of those who may have been told: the organisations with a part, the GP."""
    receivers = [one.receiver for one in handovers if one.state.identity_shared]
    return tuple(dict.fromkeys((case.organisation, *receivers, GP)))


def record_death(
    work: Work,
    reference: str,
    *,
    died_on: date | None,
    told: Collection[str] = (),
    note: str | None = None,
) -> Case:
    """Record that the young person of a case has died, and return the case.

    Whatever waits to be sent about them is cancelled, their open handovers end, and a pause ends.
    The others with a part get the one notice that the case has changed, once it has been held for
    15 minutes. What is needed to take all of it back is kept, sealed.

    Raises:
        RuleBroken: it cannot be so, was recorded already, or the case is not shared with the actor.
        NotFound: this actor has no such case.
    """
    case = _shared_case(work, reference)
    end_case(case.state, Ending.DIED, by=work.actor)
    handovers = handovers_of(work.session, case.uid)
    if died_on is not None:
        refuse_died_on(died_on, anchors_of(work.session, case.uid).date_of_birth, work.today)
    if not set(told) <= set(who_may_be_told(case, handovers)):
        raise RuleBroken("Choose who has been told from those listed.")
    before = stop_everything(
        work, case, Ending.DIED, HandoverStep.CLOSE_ON_DEATH, held_for=HELD_FOR
    )
    before["holds"] = hold_for_family(work, case)
    work.keep(
        Death(
            case_uid=case.uid,
            recorded_at=work.now,
            recorded_by_uid=work.actor_uid,
            died_on=died_on,
            told=sorted(told),
            note=note,
            before=before,
        )
    )
    return case


def keep_what_is_known(work: Work, reference: str, known: Mapping[str, Any]) -> Death:
    """Keep what became known after somebody has died, and return the record. Nothing is needed.

    The trail tells only that something about the ending was changed.

    Raises:
        RuleBroken: no death is recorded, or it is another organisation's case.
        NotFound: this actor has no such case.
    """
    case = own_case(work, reference)
    death = death_of(work.session, case.uid)
    if death is None:
        raise RuleBroken(NOTHING_TO_UNDO)
    was = {name: getattr(death, name) for name in known}
    for name, now in known.items():
        setattr(death, name, now)
    work.note("ending:changed", on=case, changed={"ending": (was, dict(known))})
    return death


def undo_death(work: Work, reference: str) -> Undoing:
    """Take back that somebody has died, or keep that a first lead asks for it; return which.

    Everything stands again as it did. What was cancelled stays so, but for what the clocks still
    owe. Whoever has had the notice gets another; from whom it is still held, it never goes.

    Raises:
        RuleBroken: there is nothing to undo, or it is not theirs to undo so long afterwards.
        NotFound: this actor has no such case.
    """
    case = _shared_case(work, reference)
    death = death_of(work.session, case.uid)
    if death is None:
        raise RuleBroken(NOTHING_TO_UNDO)
    elapsed = work.now - death.recorded_at
    asker = asked_to_undo_by(work.session, death, work.today)
    word = undoing_of_a_death(death.recorded_by_uid, elapsed, work.actor, asker)
    if word is Undoing.ASKED:
        death.undo_asked_at, death.undo_asked_by_uid = work.now, work.actor_uid
        work.note("case:undoing_asked", on=case)
        return word
    death.undone_at, death.undone_by_uid = work.now, work.actor_uid
    let_stand_again(work, case, death.before)
    forget_holds(work, death.before.get("holds", ()))
    tell_whoever_was_told(work, case, death.before["notices"])
    renew_next_due(work, case)
    return word


def asked_to_undo_by(session: Session, death: Death, today: date) -> Actor | None:
    """Return who has asked that the record of a death be undone, as what they are today."""
    if death.undo_asked_by_uid is None:
        return None
    return session.get_one(Staff, death.undo_asked_by_uid).actor(today)


def _shared_case(work: Work, reference: str) -> Case:
    seen = work.case(reference)
    if seen.access < CaseAccess.PACK:
        raise RuleBroken(NOT_SHARED)
    return seen.case
