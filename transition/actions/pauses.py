"""Letting a case rest for a while, and taking it up again."""

from datetime import date

from transition.actions.case_changes import keep_stage_change, renew_next_due, shared_case
from transition.actions.change_notices import people_with_a_part, tell_of_change
from transition.actions.handovers import renew_reply_by
from transition.actions.transfers import void_signatures
from transition.actions.work import Work
from transition.records.cases import Case
from transition.records.handovers import ClockStop, Handover, handovers_of, open_stops_of
from transition.records.histories import Pause, open_pause_of
from transition.records.outbox import cancel_prompts_about
from transition.rules.handovers import UNDECIDED
from transition.rules.pauses import PauseReason, refuse_review_on
from transition.rules.stages import StageEvent, take_event
from transition.rules.transfers import Voided

PAUSED = "pause"
"""Why the clock of a handover stands still."""


def pause_case(
    work: Work, reference: str, reason: PauseReason, *, review_on: date, note: str | None = None
) -> Case:
    """Let a case rest until it is looked at again, and return it.

    Nothing is asked or sent about it meanwhile, the clocks of its handovers stand still, and the
    other side gets the one notice that the case has changed.

    Raises:
        RuleBroken: it cannot rest now or so long, or it is not the actor's to say.
        NotFound: this actor has no such case.
    """
    case = shared_case(work, reference)
    after = take_event(case.state, StageEvent.PAUSE, work.actor)
    refuse_review_on(review_on, work.today)
    end_pause(work, case)  # prompts that are held are held by the pause from now on
    work.session.flush()
    work.keep(
        Pause(
            case_uid=case.uid,
            from_on=work.today,
            review_on=review_on,
            reason_code=reason.value,
            note=note,
        )
    )
    for one in _open_handovers(work, case):
        work.keep(
            ClockStop(case_uid=case.uid, handover_uid=one.uid, cause=PAUSED, from_on=work.today)
        )
    case.paused = after.paused
    void_signatures(work, case, Voided.PAUSED)  # what rests does not switch while nobody looks
    # What the clocks asked for and could not go yet is owed again when they run on.
    cancel_prompts_about(work.session, case.uid, at=work.now)
    _keep_change(work, case, StageEvent.PAUSE, "case:paused")
    return case


def resume_case(work: Work, reference: str) -> Case:
    """Take up a case that rested, and return it.

    What fell due meanwhile is due 20 working days from now, what was late before stays so, and
    the clocks of its handovers run on. The other side gets the one notice.

    Raises:
        RuleBroken: it does not rest, or it is not the actor's to say.
        NotFound: this actor has no such case.
    """
    case = shared_case(work, reference)
    take_event(case.state, StageEvent.RESUME, work.actor)
    for stop in open_stops_of(work.session, case.uid, PAUSED):
        stop.until_on = work.today
    end_pause(work, case)
    _keep_change(work, case, StageEvent.RESUME, "case:resumed")
    return case


def end_pause(work: Work, case: Case) -> Pause | None:
    """End the pause in which a case rests, if it does, and return it."""
    case.paused = False
    pause = open_pause_of(work.session, case.uid)
    if pause is not None:
        pause.until_on = work.today
    return pause


def _keep_change(work: Work, case: Case, event: StageEvent, action: str) -> None:
    keep_stage_change(work, case, event, was=case.stage)
    work.note(action, on=case, changed={"paused": (not case.paused, case.paused)})
    tell_of_change(work, case, people_with_a_part(work, case))
    renew_next_due(work, case)
    for one in _open_handovers(work, case):
        if one.state in UNDECIDED:
            renew_reply_by(work, case, one)


def _open_handovers(work: Work, case: Case) -> list[Handover]:
    return [one for one in handovers_of(work.session, case.uid) if one.state.open]
