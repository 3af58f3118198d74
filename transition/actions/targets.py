"""Moving the target transfer date, and taking that back at once."""

from transition.actions.case_changes import renew_next_due
from transition.actions.cases import set_target
from transition.actions.change_notices import people_with_a_part, tell_of_change
from transition.actions.transfers import movable_case, void_signatures
from transition.actions.work import Work
from transition.records.anchors import anchors_of
from transition.records.cases import Case
from transition.records.histories import target_changes_of
from transition.rules.errors import RuleBroken
from transition.rules.pathway import Stage
from transition.rules.stages import refuse_ended
from transition.rules.targets import UNDO_FOR, Target, TargetReason, refuse_no_target, refuse_target
from transition.rules.transfers import Voided

SIGNED = "The transfer has been signed. Its date does not move any more."
SAME = "This is the target date already. Nothing changed."
NOT_TO_UNDO = "This can be undone by whoever moved the date, for 10 minutes. Change it again."


def move_target(
    work: Work, reference: str, target: Target, reason: TargetReason, *, note: str | None = None
) -> Case:
    """Set or move the target date of a case and return it; who shares it gets the one notice.

    Either side moves it while they get to know each other. What was signed counts no more.

    Raises:
        RuleBroken: the day cannot be aimed at, nothing would change, or it is not theirs to say.
        NotFound: this actor has no such case.
    """
    case = _open_case(work, reference)
    refuse_target(target, anchors_of(work.session, case.uid).date_of_birth, work.today)
    told = people_with_a_part(work, case)
    change = set_target(work, case, target.on, reason_code=reason.value, window_to=target.window_to)
    if change is None:
        raise RuleBroken(SAME)
    change.note = note
    void_signatures(work, case, Voided.MOVED)
    tell_of_change(work, case, told)
    renew_next_due(work, case)
    return case


def undo_target(work: Work, reference: str) -> Case:
    """Put the target date back to what it was before this actor moved it, and return the case.

    Raises:
        RuleBroken: somebody else moved it last, it was undone already, too long ago, or a handover
            needs the date.
        NotFound: this actor has no such case.
    """
    case = _open_case(work, reference)
    changes = target_changes_of(work.session, case.uid)
    last = changes[-1] if changes else None
    if last is None or last.changed_by_uid != work.actor_uid:
        raise RuleBroken(NOT_TO_UNDO)
    if last.reason_code == TargetReason.UNDONE or work.now - last.changed_at > UNDO_FOR:
        raise RuleBroken(NOT_TO_UNDO)
    refuse_no_target(last.was_on, case.stage)
    told = people_with_a_part(work, case)
    set_target(
        work, case, last.was_on, reason_code=TargetReason.UNDONE, window_to=last.was_window_to
    )
    case.target_set_on = last.was_set_on
    void_signatures(work, case, Voided.MOVED)
    tell_of_change(work, case, told)
    renew_next_due(work, case)
    return case


def _open_case(work: Work, reference: str) -> Case:
    case = movable_case(work, reference)
    refuse_ended(case.state)
    if case.transferred_on is not None or case.stage in {Stage.SETTLING, Stage.COMPLETED}:
        raise RuleBroken(SIGNED)
    return case
