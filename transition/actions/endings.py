"""What every ending of a case does, a death or another, and how it is taken back exactly."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from transition.actions.case_changes import keep_stage_change
from transition.actions.change_notices import AT_ONCE, people_with_a_part, tell_of_change
from transition.actions.pauses import end_pause
from transition.actions.supports import end_support, let_support_go_on
from transition.actions.work import Work
from transition.records.cases import Case
from transition.records.handovers import Handover, handovers_of
from transition.records.histories import Pause
from transition.records.outbox import cancel_letters_about, letter_of
from transition.rules.handovers import HandoverState, HandoverStep, take_step
from transition.rules.pauses import PauseReason
from transition.rules.stages import Ending, StageEvent


def stop_everything(
    work: Work, case: Case, ending: Ending, step: HandoverStep, *, held_for: timedelta = AT_ONCE
) -> dict[str, Any]:
    """End a case: return what is needed to let it stand again exactly as it did.

    Whatever waits to be sent about it is cancelled, its open handovers end by *step*, and a pause
    ends. The others with a part get the one notice that the case has changed.
    """
    people = people_with_a_part(work, case)
    cancel_letters_about(work.session, case.uid, at=work.now)
    notices = tell_of_change(work, case, people, held_for=held_for)
    was, pause = case.ending, end_pause(work, case)
    before = {
        "ending": was.value if was else None,
        "ended_at": case.ended_at.isoformat() if case.ended_at else None,
        "pause": pause.uid.hex() if pause is not None else None,
        "handovers": _close(work, handovers_of(work.session, case.uid), step),
        "support": end_support(work, case),
        "notices": [letter.uid.hex() for letter in notices],
    }
    case.ending, case.ended_at, case.next_due = ending, work.now, None
    keep_stage_change(work, case, StageEvent.END, was=case.stage)
    work.note("case:ended", on=case, changed={"ending": (before["ending"], ending.value)})
    return before


def _close(work: Work, handovers: Collection[Handover], step: HandoverStep) -> list[list[str]]:
    """Close the handovers that are open, and return which they were and how each stood."""
    sent = [one for one in handovers if one.state.open and one.proposed_at is not None]
    before = [[one.uid.hex(), one.state.value] for one in sent]
    for one in sent:
        one.state = take_step(one.state, step, by=work.actor)
        one.closed_at = work.now
    return before


def let_stand_again(work: Work, case: Case, before: Mapping[str, Any]) -> None:
    """Let a case, its pause and its handovers stand as they did before it ended."""
    was = case.ending.value if case.ending else None
    case.ending = Ending(before["ending"]) if before["ending"] else None
    case.ended_at = datetime.fromisoformat(before["ended_at"]) if before["ended_at"] else None
    if before["pause"]:
        _rest_again(case, work.session.get(Pause, bytes.fromhex(before["pause"])))
    for uid, state in before["handovers"]:
        handover = work.session.get_one(Handover, bytes.fromhex(uid))
        handover.state, handover.closed_at = HandoverState(state), None
    let_support_go_on(work, before.get("support", []))  # what ended before there was any has none
    keep_stage_change(work, case, StageEvent.REOPEN, was=case.stage)
    work.note("case:ending_undone", on=case, changed={"ending": (was, before["ending"])})


def _rest_again(case: Case, pause: Pause | None) -> None:
    """Let a case rest in a pause again; a hold that was for a mistake is there no more."""
    if pause is not None:
        pause.until_on = None
        case.paused = pause.reason_code != PauseReason.FAMILY_BEREAVED


def tell_whoever_was_told(work: Work, case: Case, notices: Iterable[str]) -> None:
    """Cancel what still waits about a case, and tell again whoever has had the notice."""
    cancel_letters_about(work.session, case.uid, at=work.now)
    letters = [letter_of(work.session, bytes.fromhex(uid)) for uid in notices]
    tell_of_change(work, case, [one.recipient for one in letters if one.sent_at is not None])
