"""Shortening the path of a young person whose health changes quickly, and returning from it."""

from transition.actions.case_changes import keep_stage_change, renew_next_due, shared_case
from transition.actions.change_notices import people_with_a_part, tell_of_change
from transition.actions.handovers import renew_reply_by
from transition.actions.milestones import reopen_outcome, waive_for_now
from transition.actions.work import Work
from transition.records.cases import Case
from transition.records.dues import dues_of_case
from transition.records.handovers import handovers_of
from transition.records.milestones import outcomes_of
from transition.rules.expediting import ExpediteReason, skipped, was_skipped
from transition.rules.handovers import UNDECIDED, Urgency
from transition.rules.stages import StageEvent, take_event


def expedite_case(
    work: Work, reference: str, reason: ExpediteReason, *, note: str | None = None
) -> Case:
    """Shorten the path of a case and return it.

    A proposal waits for the minimum safe set only; what is skipped is waived until the ordinary
    path is taken up again. A handover that waits for a decision becomes an urgent one. Everybody
    with a part gets the one notice; the telephone comes first.

    Raises:
        RuleBroken: it is short already, or it is not the actor's to say.
        NotFound: this actor has no such case.
    """
    case = shared_case(work, reference)
    after = take_event(case.state, StageEvent.EXPEDITE, work.actor)
    told = people_with_a_part(work, case)
    dues = dues_of_case(work.session, case.uid, work.asking)
    standings = dues.standings if dues is not None else ()
    outcomes = {one.rule.code: one.outcome for one in standings if one.outcome is not None}
    for rule in skipped([one.rule for one in standings], outcomes, work.today):
        waive_for_now(work, case, rule)
    case.expedited = after.expedited
    for one in handovers_of(work.session, case.uid):
        if one.state in UNDECIDED and one.urgency is not Urgency.EXPEDITED:
            one.urgency = Urgency.EXPEDITED
            renew_reply_by(work, case, one)
    change = keep_stage_change(work, case, StageEvent.EXPEDITE, was=case.stage)
    change.reason_code, change.note = reason.value, note
    work.note("case:expedited", on=case, changed={"expedited": (False, True)})
    tell_of_change(work, case, told)
    renew_next_due(work, case)
    return case


def steady_case(work: Work, reference: str) -> Case:
    """Return a case to the ordinary path, and return it.

    What was skipped is on the list again, due no sooner than 20 working days from now.

    Raises:
        RuleBroken: its path is not short, or it is not the actor's to say.
        NotFound: this actor has no such case.
    """
    case = shared_case(work, reference)
    after = take_event(case.state, StageEvent.STEADY, work.actor)
    told = people_with_a_part(work, case)
    put_skipped_back(work, case)
    case.expedited, case.unexpedited_on = after.expedited, work.today
    keep_stage_change(work, case, StageEvent.STEADY, was=case.stage)
    work.note("case:steadied", on=case, changed={"expedited": (True, False)})
    tell_of_change(work, case, told)
    renew_next_due(work, case)
    return case


def put_skipped_back(work: Work, case: Case) -> None:
    """Put back on the list what was waived only because the path of a case was short."""
    for row in outcomes_of(work.session, case.uid).values():
        if was_skipped(row.kind, row.reason_code):
            reopen_outcome(work, case, row)
