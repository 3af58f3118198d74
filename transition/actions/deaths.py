"""Recording that a young person has died, and taking it back when it was a mistake.

One transaction stops everything that would have been sent or asked about them. Outside this
module, its rows and its screen nothing names it: the trail, the log and the letters say that the
case has ended, or that it has changed.
"""

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy.orm import Session

from transition.actions.case_changes import keep_stage_change, renew_next_due
from transition.actions.change_notices import people_with_a_part, tell_of_change
from transition.actions.pauses import end_pause
from transition.actions.work import Work
from transition.records.anchors import anchors_of
from transition.records.cases import Case
from transition.records.deaths import Death, death_of
from transition.records.handovers import Handover, handovers_of
from transition.records.histories import Pause
from transition.records.outbox import cancel_letters_about, letter_of
from transition.records.staff import Staff
from transition.rules.access import CaseAccess
from transition.rules.endings import (
    HELD_FOR,
    Undoing,
    end_case,
    refuse_died_on,
    undoing_of_a_death,
)
from transition.rules.errors import RuleBroken
from transition.rules.handovers import HandoverState, HandoverStep, take_step
from transition.rules.people import Actor
from transition.rules.stages import Ending, StageEvent

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
    after = end_case(case.state, Ending.DIED, by=work.actor)
    handovers = handovers_of(work.session, case.uid)
    if died_on is not None:
        refuse_died_on(died_on, anchors_of(work.session, case.uid).date_of_birth, work.today)
    if not set(told) <= set(who_may_be_told(case, handovers)):
        raise RuleBroken("Choose who has been told from those listed.")
    people = people_with_a_part(work, case)
    cancel_letters_about(work.session, case.uid, at=work.now)
    notices = tell_of_change(work, case, people, held_for=HELD_FOR)
    was, pause = case.ending, end_pause(work, case)
    before = {
        "ending": was.value if was else None,
        "ended_at": case.ended_at.isoformat() if case.ended_at else None,
        "pause": pause.uid.hex() if pause is not None else None,
        "handovers": _close(work, handovers),
        "notices": [letter.uid.hex() for letter in notices],
    }
    case.ending, case.ended_at, case.next_due = after.ending, work.now, None
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
    keep_stage_change(work, case, StageEvent.END, was=case.stage)
    work.note("case:ended", on=case, changed={"ending": (before["ending"], Ending.DIED.value)})
    return case


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
    _put_back(work, case, death)
    keep_stage_change(work, case, StageEvent.REOPEN, was=case.stage)
    now = case.ending.value if case.ending else None
    work.note("case:ending_undone", on=case, changed={"ending": (Ending.DIED.value, now)})
    _tell_whoever_was_told(work, case, death)
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


def _close(work: Work, handovers: Collection[Handover]) -> list[list[str]]:
    """Close the handovers that are open, and return which they were and how each stood."""
    sent = [one for one in handovers if one.state.open and one.proposed_at is not None]
    before = [[one.uid.hex(), one.state.value] for one in sent]
    for one in sent:
        one.state = take_step(one.state, HandoverStep.CLOSE_ON_DEATH, by=work.actor)
        one.closed_at = work.now
    return before


def _put_back(work: Work, case: Case, death: Death) -> None:
    """Let a case, its pause and its handovers stand as they did before."""
    before = death.before
    case.ending = Ending(before["ending"]) if before["ending"] else None
    case.ended_at = datetime.fromisoformat(before["ended_at"]) if before["ended_at"] else None
    if before["pause"]:
        case.paused = True
        work.session.get_one(Pause, bytes.fromhex(before["pause"])).until_on = None
    for uid, state in before["handovers"]:
        handover = work.session.get_one(Handover, bytes.fromhex(uid))
        handover.state, handover.closed_at = HandoverState(state), None


def _tell_whoever_was_told(work: Work, case: Case, death: Death) -> None:
    cancel_letters_about(work.session, case.uid, at=work.now)
    letters = [letter_of(work.session, bytes.fromhex(uid)) for uid in death.before["notices"]]
    tell_of_change(work, case, [one.recipient for one in letters if one.sent_at is not None])
