"""What a team adds to one case: milestones of its own, and looking at one again later."""

from dataclasses import dataclass
from datetime import date

from transition.actions.case_changes import renew_next_due
from transition.actions.milestones import NO_SUCH_MILESTONE, refuse_other_side, rule_of
from transition.actions.work import NotFound, Work
from transition.records.cases import SeenCase
from transition.records.milestones import (
    OwnMilestone,
    Snooze,
    own_milestone,
    own_milestones_of,
    snoozes_of,
)
from transition.rules.errors import RuleBroken
from transition.rules.own_milestones import own_code, refuse_snooze
from transition.rules.pathway import Owner, Stage

NOT_SNOOZED = "This milestone is on the list already. Nothing changed."


@dataclass(frozen=True, kw_only=True)
class NewMilestone:
    """What somebody says of a milestone that a case adds."""

    title: str
    stage: Stage
    owner: Owner
    due_on: date | None = None


def add_milestone(work: Work, reference: str, new: NewMilestone) -> OwnMilestone:
    """Add a milestone to one case and return it. No gate waits for it.

    Raises:
        RuleBroken: it would be the other hospice's, or the case has ended.
        NotFound: this actor has no such case.
    """
    seen = work.case(reference)
    code = own_code(len(own_milestones_of(work.session, seen.case.uid)) + 1)
    row = OwnMilestone(
        case_uid=seen.case.uid,
        code=code,
        stage=new.stage,
        owner=new.owner,
        added_at=work.now,
        added_by_uid=work.actor_uid,
        title=new.title,
        due_on=new.due_on,
    )
    _refuse_other_side(work, seen, row)
    work.keep(row)
    work.note("milestone:added", on=seen.case, about=code, changed={"title": (None, new.title)})
    renew_next_due(work, seen.case)
    return row


def change_milestone(work: Work, reference: str, code: str, new: NewMilestone) -> OwnMilestone:
    """Say a milestone that a case added otherwise, and return it.

    Raises:
        RuleBroken: it is the other hospice's, or would become so, or the case has ended.
        NotFound: there is no such case, or none of its own milestones, for this actor.
    """
    seen = work.case(reference)
    row = own_milestone(work.session, seen.case.uid, code)
    if row is None:
        raise NotFound(NO_SUCH_MILESTONE)
    _refuse_other_side(work, seen, row)
    changed = {
        name: (getattr(row, name), getattr(new, name))
        for name in ("title", "stage", "owner", "due_on")
        if getattr(row, name) != getattr(new, name)
    }
    row.title, row.stage, row.owner, row.due_on = new.title, new.stage, new.owner, new.due_on
    _refuse_other_side(work, seen, row)
    work.note("milestone:changed", on=seen.case, about=code, changed=changed)
    renew_next_due(work, seen.case)
    return row


def _refuse_other_side(work: Work, seen: SeenCase, row: OwnMilestone) -> None:
    refuse_other_side(work, seen, row.rule)


def snooze_milestone(
    work: Work, reference: str, code: str, until_on: date, *, reason: str
) -> Snooze:
    """Look at a milestone again on a later day: until then its people are not asked about it.

    Leads go on to see it once it is more than four weeks late. Its due date stays what it is, and
    so does every gate that waits for it.

    Raises:
        RuleBroken: the day is not ahead or too far, no reason is given, or it is not theirs.
        NotFound: there is no such case or milestone for this actor.
    """
    seen = work.case(reference)
    rule = rule_of(work, seen.case, code)
    refuse_other_side(work, seen, rule)
    target_on = seen.case.target_transfer_on
    refuse_snooze(until_on, work.today, gate=rule.gate, target_on=target_on)
    if not reason.strip():
        raise RuleBroken("Say why you look at this later.")
    before = snoozes_of(work.session, seen.case.uid).get(code)
    if before is not None:
        before.ended_at = work.now
        work.session.flush()
    row = work.keep(
        Snooze(
            case_uid=seen.case.uid,
            code=code,
            until_on=until_on,
            set_at=work.now,
            set_by_uid=work.actor_uid,
            reason=reason,
        )
    )
    was = before.until_on if before is not None else None
    work.note("milestone:snoozed", on=seen.case, about=code, changed={"until_on": (was, until_on)})
    return row


def wake_milestone(work: Work, reference: str, code: str) -> None:
    """Let a milestone be asked about again at once.

    Raises:
        RuleBroken: it is asked about already, or it is not theirs.
        NotFound: there is no such case or milestone for this actor.
    """
    seen = work.case(reference)
    refuse_other_side(work, seen, rule_of(work, seen.case, code))
    row = snoozes_of(work.session, seen.case.uid).get(code)
    if row is None:
        raise RuleBroken(NOT_SNOOZED)
    row.ended_at = work.now
    work.note(
        "milestone:woken", on=seen.case, about=code, changed={"until_on": (row.until_on, None)}
    )
