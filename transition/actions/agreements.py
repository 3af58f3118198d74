"""What both hospices agree on after a transfer: completing a transition, or coming back."""

from dataclasses import dataclass
from typing import Final

from transition.actions.case_changes import ENDED, NOT_YOURS_YET, keep_stage_change, renew_next_due
from transition.actions.change_notices import people_with_a_part, tell_of_change
from transition.actions.outside import as_told, who_answers
from transition.actions.readiness import waits_for_gate
from transition.actions.returns import bring_back
from transition.actions.work import NotFound, Work
from transition.clock import local_day
from transition.records.agreements import Agreement, agreements_of
from transition.records.cases import Case
from transition.records.clock_facts import pauses_by_case
from transition.records.handovers import Handover, open_lead_handover
from transition.records.histories import Episode, episodes_of
from transition.records.outbox import cancel_prompts_about
from transition.rules.access import CaseAccess
from transition.rules.errors import RuleBroken
from transition.rules.handovers import HandoverState, HandoverStep, take_step
from transition.rules.outside import SIGNS_IN, Told, refuse_confirming
from transition.rules.pathway import Gate, Stage
from transition.rules.people import SIDES, Actor
from transition.rules.settling import (
    Agreed,
    missing_for_completing,
    refuse_completing_alone,
    refuse_not_settling,
    role_of,
)
from transition.rules.stages import StageEvent, take_event

NO_SUCH_AGREEMENT: Final = "Your hospice has not agreed to this. Nothing was changed."
NO_REASON: Final = "Say why they come back."
FIRST_OURS: Final = "Your hospice signs first. Then another lead records that they agree."


@dataclass(frozen=True, kw_only=True)
class Word:
    """What is agreed to, by whom, and why or, of a provider outside, as whom it told."""

    what: Agreed
    by: Actor
    reason: str | None = None
    told: Told | None = None


def missing_for_agreeing(work: Work, case: Case) -> tuple[str, ...]:
    """Return a sentence for each thing that completing a case still waits for.

    Source: domain 4.4, the closing gate.
    """
    gates = waits_for_gate(work, case, Gate.CLOSE)
    return missing_for_completing(case.transferred_on, [one.title for one in gates], work.today)


def complete(work: Work, reference: str) -> bool:
    """Sign for one's own hospice that a transition is completed; return whether both have now.

    Raises:
        RuleBroken: something is still open, it was signed already, or it is not theirs to sign.
        NotFound: this actor has no such case.
    """
    case, handover = _after_transfer(work, reference)
    return _sign(work, case, handover, Word(what=Agreed.COMPLETED, by=work.actor))


def confirm_completed(work: Work, reference: str, told: Told) -> Case:
    """Record that a provider outside agrees, which completes a transition, and return the case.

    It is the second signature: a children's lead enters it who was not the first. Source: ruling 6.

    Raises:
        RuleBroken: the receiver signs here, the children's hospice has not signed yet, somebody
            else enters it, what is told cannot be, or something is still open.
        NotFound: this actor has no such case.
    """
    case, handover = _after_transfer(work, reference)
    if not handover.outside:
        raise RuleBroken(SIGNS_IN)
    by = who_answers(work, handover, told)
    refuse_confirming(work.actor)
    if _own(work, handover, Agreed.COMPLETED) is None:
        raise RuleBroken(FIRST_OURS)
    _sign(work, case, handover, Word(what=Agreed.COMPLETED, by=by, told=told))
    return case


def _sign(work: Work, case: Case, handover: Handover, word: Word) -> bool:
    """Keep the word that a transition is completed; return whether it was the second."""
    if missing := missing_for_agreeing(work, case):
        raise RuleBroken(" ".join(missing))
    first = _agree(work, case, handover, word)
    if handover.state is HandoverState.TRANSFERRED:
        handover.state = take_step(handover.state, HandoverStep.FOLLOW_UP, by=work.actor)
    if first is not None:
        after = take_event(case.state, StageEvent.COMPLETE, first.by, word.by)
        _complete(work, case, handover, StageEvent.COMPLETE, after.stage)
    return first is not None


def complete_alone(work: Work, reference: str) -> Case:
    """Complete a transition without the other side, which stayed silent, and return the case.

    Raises:
        RuleBroken: the children's hospice has not signed, or the other side has time yet, or
            something is open, or it is not theirs to do.
        NotFound: this actor has no such case.
    """
    case, handover = _after_transfer(work, reference)
    after = take_event(case.state, StageEvent.COMPLETE_ALONE, work.actor)
    if missing := missing_for_agreeing(work, case):
        raise RuleBroken(" ".join(missing))
    own = _own(work, handover, Agreed.COMPLETED)
    signed_on = local_day(own.agreed_at) if own is not None else None
    pauses = tuple(pauses_by_case(work.session, {case.uid})[case.uid])
    refuse_completing_alone(signed_on, pauses, work.today, work.catalogue.holidays)
    _complete(work, case, handover, StageEvent.COMPLETE_ALONE, after.stage)
    return case


def come_back(work: Work, reference: str, *, reason: str) -> bool:
    """Agree for one's own hospice that somebody comes back; return whether both have now.

    Raises:
        RuleBroken: it was agreed already, no reason is given, or it is not theirs to agree.
        NotFound: this actor has no such case.
    """
    case, handover = _after_transfer(work, reference)
    _refuse_no_reason(reason)
    word = Word(what=Agreed.RETURNS, by=work.actor, reason=reason)
    first = _agree(work, case, handover, word)
    if first is not None:
        after = take_event(case.state, StageEvent.COME_BACK, first.by, work.actor)
        _return(work, case, handover, (StageEvent.COME_BACK, after.stage), reason)
    return first is not None


def come_back_urgently(work: Work, reference: str, *, reason: str) -> Case:
    """Let somebody come back at once, by the children's lead alone, and return the case.

    Raises:
        RuleBroken: no reason is given, or it is not theirs to do.
        NotFound: this actor has no such case.
    """
    case, handover = _after_transfer(work, reference)
    _refuse_no_reason(reason)
    after = take_event(case.state, StageEvent.COME_BACK_URGENTLY, work.actor)
    _return(work, case, handover, (StageEvent.COME_BACK_URGENTLY, after.stage), reason)
    return case


def take_back_agreement(work: Work, reference: str, what: Agreed) -> Agreement:
    """Take back the word of one's own hospice while the other's is waited for, and return it.

    Raises:
        RuleBroken: there is none, it has taken effect, or it is not theirs to agree.
        NotFound: this actor has no such case.
    """
    case, handover = _after_transfer(work, reference)
    role_of(what, work.actor)
    own = _own(work, handover, what)
    if own is None:
        raise RuleBroken(NO_SUCH_AGREEMENT)
    own.withdrawn_at, own.withdrawn_by_uid = work.now, work.actor_uid
    work.note(
        "settling:unsigned", on=case, about=handover.key, changed={"what": (what.value, None)}
    )
    cancel_prompts_about(work.session, case.uid, at=work.now)
    return own


def _after_transfer(work: Work, reference: str) -> tuple[Case, Handover]:
    seen = work.case(reference)
    case = seen.case
    if seen.access < CaseAccess.SHARED:
        raise RuleBroken(NOT_YOURS_YET)
    if case.ending is not None:
        raise RuleBroken(ENDED)
    refuse_not_settling(case.stage)
    handover = open_lead_handover(work.session, case.uid)
    if handover is None or work.actor.organisation not in {case.organisation, handover.receiver}:
        raise NotFound(NO_SUCH_AGREEMENT)
    return case, handover


def _own(work: Work, handover: Handover, what: Agreed) -> Agreement | None:
    standing = agreements_of(work.session, handover.uid)
    own = (one for one in standing if one.what is what and one.side is work.actor.side)
    return next(own, None)


def _agree(work: Work, case: Case, handover: Handover, word: Word) -> Agreement | None:
    """Keep the word of one hospice, and return the other's, if it stands."""
    role = role_of(word.what, word.by)
    standing = [one for one in agreements_of(work.session, handover.uid) if one.what is word.what]
    for one in standing:
        if one.side is SIDES[role]:
            work.refuse_settled(one.agreed_by_uid, one.agreed_at)
    work.keep(
        Agreement(
            case_uid=case.uid,
            handover_uid=handover.uid,
            what=word.what,
            side=SIDES[role],
            organisation=word.by.organisation,
            role=role,
            agreed_at=work.now,
            agreed_by_uid=work.actor_uid,
            reason=word.reason,
            told=word.told.kept() if word.told is not None else None,
        )
    )
    changed = {"what": (None, word.what.value), **as_told(word.told)}
    work.note("settling:signed", on=case, about=handover.key, changed=changed)
    return next(iter(standing), None)


def _complete(work: Work, case: Case, handover: Handover, event: StageEvent, stage: Stage) -> None:
    told = people_with_a_part(work, case)
    was, was_state = case.stage, handover.state
    case.stage = stage
    handover.state = take_step(was_state, HandoverStep.CLOSE, by=work.actor)
    handover.closed_at = work.now
    episodes_of(work.session, case.uid)[-1].ended_on = work.today
    keep_stage_change(work, case, event, was=was)
    changed = {
        "stage": (was.value, stage.value),
        "state": (was_state.value, handover.state.value),
    }
    work.note("case:completed", on=case, about=handover.key, changed=changed)
    cancel_prompts_about(work.session, case.uid, at=work.now)
    tell_of_change(work, case, told)
    renew_next_due(work, case)


def _return(
    work: Work, case: Case, handover: Handover, change: tuple[StageEvent, Stage], reason: str
) -> None:
    """Let a case return to planning as a new attempt, led by its own hospice from today."""
    event, stage = change
    told = people_with_a_part(work, case)
    was, was_state = case.stage, handover.state
    handover.state = take_step(was_state, HandoverStep.WITHDRAW, by=work.actor)
    handover.closed_at = work.now
    case.stage, case.reopened_on = stage, work.today
    bring_back(work, case)
    _begin_anew(work, case)
    keep_stage_change(work, case, event, was=was).note = reason
    changed = {
        "stage": (was.value, stage.value),
        "state": (was_state.value, handover.state.value),
    }
    work.note("case:returned", on=case, about=handover.key, changed=changed)
    cancel_prompts_about(work.session, case.uid, at=work.now)
    tell_of_change(work, case, told)
    renew_next_due(work, case)


def _begin_anew(work: Work, case: Case) -> None:
    """End the episode of a case, and begin the next."""
    last = episodes_of(work.session, case.uid)[-1]
    last.ended_on = work.today
    work.session.flush()
    work.keep(Episode(case_uid=case.uid, number=last.number + 1, began_on=work.today))


def _refuse_no_reason(reason: str) -> None:
    if not reason.strip():
        raise RuleBroken(NO_REASON)
