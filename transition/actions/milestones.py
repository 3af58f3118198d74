"""Recording what became of a milestone, and putting it back on the list."""

from dataclasses import dataclass
from datetime import date

from transition.actions.case_changes import renew_next_due
from transition.actions.work import NotFound, Work
from transition.records.anchors import anchors_of
from transition.records.cases import Case, SeenCase
from transition.records.milestones import MilestoneOutcome, outcome_of, own_milestone
from transition.rules.access import Permission, may, may_work
from transition.rules.errors import RuleBroken
from transition.rules.expediting import EXPEDITED
from transition.rules.milestones import Confirmed, OutcomeKind, refuse_done, settles
from transition.rules.own_milestones import pathway_of
from transition.rules.pathway import MilestoneRule
from transition.rules.settling import refuse_giving_up

NO_SUCH_MILESTONE = "There is no such milestone on this case."
NOT_YOURS_TO_DO = "This step belongs to the other hospice. You can see it, and they record it."
ALREADY_RECORDED = "This was recorded already. Nothing changed."
TOLD_BY_ENTRY = "Record the contact or the check-in after the transfer: this is done with it."
NOTHING_TO_UNDO = "This is on the list already. Nothing changed."


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """What somebody says became of a milestone."""

    kind: OutcomeKind
    done_on: date | None = None
    confirmed: Confirmed | None = None
    reason: str | None = None
    evidence_note: str | None = None


def record_outcome(work: Work, reference: str, code: str, recorded: Recorded) -> MilestoneOutcome:
    """Record what became of a milestone and return its row.

    Raises:
        RuleBroken: it is not theirs to record, was recorded already, or something is missing.
        NotFound: there is no such case or milestone for this actor.
    """
    seen = work.case(reference)
    rule = rule_of(work, seen.case, code)
    refuse_other_side(work, seen, rule)
    if rule.told_by_entry and recorded.kind is OutcomeKind.DONE:
        raise RuleBroken(TOLD_BY_ENTRY)
    return keep_outcome(work, seen.case, rule, recorded)


def keep_outcome(
    work: Work, case: Case, rule: MilestoneRule, recorded: Recorded
) -> MilestoneOutcome:
    """Keep the outcome of a milestone of a case that the actor has already been given."""
    _refuse_incomplete(work, case, rule, recorded)
    before = outcome_of(work.session, case.uid, rule.code)
    if before is not None and settles(rule, before.value):
        raise RuleBroken(ALREADY_RECORDED)
    row = MilestoneOutcome(
        case_uid=case.uid,
        code=rule.code,
        kind=recorded.kind,
        confirmed=recorded.confirmed,
        done_on=recorded.done_on,
        reason=recorded.reason,
        evidence_note=recorded.evidence_note,
    )
    _keep(work, case, row, before)
    renew_next_due(work, case)
    return row


def waive_for_now(work: Work, case: Case, rule: MilestoneRule) -> None:
    """Waive a milestone for as long as the path of a case is shortened; nobody needs to ask."""
    before = outcome_of(work.session, case.uid, rule.code)
    row = MilestoneOutcome(
        case_uid=case.uid, code=rule.code, kind=OutcomeKind.WAIVED, reason_code=EXPEDITED
    )
    _keep(work, case, row, before)


def _keep(work: Work, case: Case, row: MilestoneOutcome, before: MilestoneOutcome | None) -> None:
    """Keep an outcome of a milestone; the one before, if there is one, stands no longer."""
    if before is not None:
        _close(work, before)
        row.replaces_uid = before.uid
    row.recorded_at, row.recorded_by_uid = work.now, work.actor_uid
    work.keep(row)
    changed = {"outcome": (before.kind.value if before else None, row.kind.value)}
    work.note("milestone:recorded", on=case, about=row.code, changed=changed)


def put_back(work: Work, reference: str, code: str) -> None:
    """Put a milestone back on the list; one that was done yearly stands as it did the year before.

    Raises:
        RuleBroken: it is not theirs to undo, or it is on the list already.
        NotFound: there is no such case or milestone for this actor.
    """
    seen = work.case(reference)
    rule = rule_of(work, seen.case, code)
    refuse_other_side(work, seen, rule)
    row = outcome_of(work.session, seen.case.uid, code)
    if row is None:
        raise RuleBroken(NOTHING_TO_UNDO)
    reopen_outcome(work, seen.case, row)
    renew_next_due(work, seen.case)


def reopen_outcome(work: Work, case: Case, row: MilestoneOutcome) -> None:
    """Let an outcome stand no longer, and the one before it again, if there was one."""
    close_outcome(work, case, row)
    if row.replaces_uid is not None:
        earlier = work.session.get_one(MilestoneOutcome, row.replaces_uid)
        earlier.closed_at = earlier.closed_by_uid = None


def close_outcome(work: Work, case: Case, row: MilestoneOutcome) -> None:
    """Let an outcome stand no longer: its milestone is on the list again."""
    _close(work, row)
    changed = {"outcome": (row.kind.value, None)}
    work.note("milestone:reopened", on=case, about=row.code, changed=changed)


def _close(work: Work, row: MilestoneOutcome) -> None:
    row.closed_at = work.now
    row.closed_by_uid = work.actor_uid
    work.session.flush()


def rule_of(work: Work, case: Case, code: str) -> MilestoneRule:
    """Return the row of a case's pathway that has this code, its own ones included.

    Raises:
        NotFound: it has none.
    """
    pathways = work.catalogue.pathways
    rule = pathways[case.pathway_version].by_code.get(code)
    if rule is None:
        added = own_milestone(work.session, case.uid, code)
        rule = added.rule if added is not None else None
    if rule is None and outcome_of(work.session, case.uid, code) is not None:
        rule = pathway_of(pathways, case.pathway_version, (), {code}).by_code.get(code)
    if rule is None:
        raise NotFound(NO_SUCH_MILESTONE)
    return rule


def refuse_other_side(work: Work, seen: SeenCase, rule: MilestoneRule) -> None:
    """Do nothing if a milestone is the actor's to work on.

    Raises:
        RuleBroken: it is the other hospice's, or the case has ended.
    """
    if seen.case.ending is not None:
        raise RuleBroken("This case has ended. Open it again before you change it.")
    case = seen.case
    outside = work.catalogue.collaborative.is_outside(case.receiver)
    if not may_work(work.actor, rule.owner, seen.access, case.stage, outside=outside):
        raise RuleBroken(NOT_YOURS_TO_DO)


def _refuse_incomplete(work: Work, case: Case, rule: MilestoneRule, recorded: Recorded) -> None:
    if recorded.kind is OutcomeKind.DONE:
        if recorded.done_on is None:
            raise RuleBroken("Enter the date on which this was done.")
        born = anchors_of(work.session, case.uid).date_of_birth
        refuse_done(rule, recorded.done_on, born, work.today)
        if rule.confirmed and recorded.confirmed is None:
            raise RuleBroken("Say whether the young person or family confirms it.")
        return
    if not (recorded.reason or "").strip():
        raise RuleBroken("Say why this is not needed.")
    if recorded.kind is OutcomeKind.WAIVED and not may(work.actor.roles, Permission.WAIVE_GATE):
        raise RuleBroken("Only a children's lead may waive a step.")
    refuse_giving_up(rule.code, recorded.kind, case.transferred_on, work.today)
