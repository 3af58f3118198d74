"""Proposing a handover, and answering it."""

from dataclasses import dataclass
from datetime import date

from transition.actions.absences import tell
from transition.actions.case_changes import keep_stage_change, own_case, renew_next_due
from transition.actions.cases import record_sharing, set_target
from transition.actions.milestones import close_outcome
from transition.actions.outside import RECEIPT, as_told, keep_told, who_answers
from transition.actions.packs import frozen_pack
from transition.actions.readiness import people_across, people_told, people_waiting, waits_for
from transition.actions.record import missing_before_proposal
from transition.actions.supports import renew_support
from transition.actions.work import NotFound, Work
from transition.records.cases import Case
from transition.records.clock_facts import facts_of
from transition.records.handovers import (
    FunctionAnswer,
    Handover,
    find_handover,
    handovers_of,
)
from transition.records.milestones import outcomes_of
from transition.records.record_sections import Record, record_of
from transition.rules.access import CaseAccess
from transition.rules.errors import RuleBroken
from transition.rules.handover_clocks import Clock, limit_of
from transition.rules.handovers import (
    AGREED,
    AfterNo,
    Function,
    HandoverState,
    HandoverStep,
    parse_handover_key,
    refuse_uncalled,
    reply_due,
    take_step,
)
from transition.rules.outside import Told
from transition.rules.pack_contents import Asked
from transition.rules.people import Actor
from transition.rules.stages import (
    StageEvent,
    refuse_asking_support,
    refuse_resting,
    take_event,
)

NO_SUCH_HANDOVER = "There is no such handover."
ELIGIBILITY = "HO-02"
NAMED_WORKER = "HO-03"


@dataclass(frozen=True, kw_only=True)
class Proposal(Asked):
    """What a nurse asks of a receiver: by now it is chosen, and so is the day."""

    receiver: str
    functions: tuple[Function, ...]
    target_on: date
    call: str | None = None
    """Whom the children's hospice rang, and when; an expedited handover needs it."""


NO_PROVIDER = "Write which provider outside you ask."
TOO_EARLY = "The target transfer date must be today or later."
TOO_EARLY_TO_SUPPORT = "The day from which they support must be today or later."
OPEN_ALREADY = "This case already has an open handover. Withdraw it first."
ASKED_ALREADY = "This hospice has an open handover of this case already."


def propose_handover(work: Work, reference: str, proposal: Proposal) -> Handover:
    """Propose a handover of a case and return it. The receiver's lead and deputy are told.

    The pack is frozen as it stands now, sealed, and its keyed digest is kept beside it. A provider
    outside is told nothing: the pack is printed for them. Who is asked to support beside the lead
    moves neither the case nor its target date.

    Raises:
        RuleBroken: a gate is not satisfied, nothing may be shared, or nobody could receive it.
        NotFound: this actor has no such case.
    """
    case = own_case(work, reference)
    record = record_of(work.session, case)
    _refuse_now(work, case, proposal, record)
    told = people_told(work, proposal.receiver)
    record_sharing(work, case, proposal.sharing_basis, limits=proposal.sharing_limits)
    if proposal.leads:
        window_to = case.window_to if proposal.target_on == case.target_transfer_on else None
        set_target(work, case, proposal.target_on, reason_code="proposed", window_to=window_to)
    _settle_earlier_no(work, case, proposal)
    handover = work.keep(_handover(work, case, proposal, record))
    for function in proposal.functions:
        work.keep(FunctionAnswer(case_uid=case.uid, handover_uid=handover.uid, function=function))
    changed = move_stage(work, case, handover, StageEvent.PROPOSE)
    if handover.leads:
        case.receiver = proposal.receiver
    work.note("handover:proposed", on=case, about=handover.key, changed=changed)
    tell(work, "handover_proposed", to=told, about=f"{reference}/{handover.key}", on=case)
    renew_next_due(work, case)
    return handover


def move_stage(
    work: Work, case: Case, handover: Handover, event: StageEvent, by: Actor | None = None
) -> dict[str, tuple[str, str]]:
    """Let an event of a handover move its case, and return what changed; support moves nothing.

    Raises:
        RuleBroken: it is not possible now, or not theirs to cause.
    """
    if not handover.leads:
        refuse_resting(case.state)
        return {}
    was, case.stage = case.stage, take_event(case.state, event, by or work.actor).stage
    keep_stage_change(work, case, event, was=was, by=by)
    return {"stage": (was.value, case.stage.value)}


def _refuse_now(work: Work, case: Case, proposal: Proposal, record: Record) -> None:
    if proposal.leads:
        take_event(case.state, StageEvent.PROPOSE, work.actor)
    else:
        refuse_asking_support(case.state)
    refuse_uncalled(proposal.urgency, proposal.call)
    _refuse_unready(work, case, proposal, record)
    outside = work.catalogue.collaborative.is_outside(proposal.receiver)
    if outside and not (proposal.provider or "").strip():
        raise RuleBroken(NO_PROVIDER)
    _refuse_second(work, case, proposal)


def _refuse_second(work: Work, case: Case, proposal: Proposal) -> None:
    """Refuse a second open lead, and a second open handover to the same receiver."""
    open_ones = [one for one in handovers_of(work.session, case.uid) if one.closed_at is None]
    if proposal.leads and any(one.leads for one in open_ones):
        raise RuleBroken(OPEN_ALREADY)
    if proposal.receiver in {one.receiver for one in open_ones}:
        raise RuleBroken(ASKED_ALREADY)


def _refuse_unready(work: Work, case: Case, proposal: Proposal, record: Record) -> None:
    if not proposal.sharing_basis.allows_sharing:
        raise RuleBroken("Nothing can be sent before there is a basis for sharing it.")
    if not proposal.functions:
        raise RuleBroken("Choose what you ask the hospice to take on.")
    if proposal.target_on < work.today:
        raise RuleBroken(TOO_EARLY if proposal.leads else TOO_EARLY_TO_SUPPORT)
    waiting = [f"“{rule.title}”" for rule in waits_for(work, case)]
    waiting += [one.words for one in missing_before_proposal(work, case, record)]
    if waiting:
        raise RuleBroken(f"Before you can propose: {'; '.join(waiting)}.")


def _handover(work: Work, case: Case, proposal: Proposal, record: Record) -> Handover:
    earlier = [
        one for one in handovers_of(work.session, case.uid) if one.receiver == proposal.receiver
    ]
    pack, pack_hash = frozen_pack(work, case, proposal, record=record)
    outside = work.catalogue.collaborative.is_outside(proposal.receiver)
    return Handover(
        case_uid=case.uid,
        receiver=proposal.receiver,
        leads=proposal.leads,
        number=len(earlier) + 1,
        state=take_step(HandoverState.DRAFT, HandoverStep.PROPOSE, by=work.actor),
        urgency=proposal.urgency,
        target_on=proposal.target_on,
        reply_by=reply_due(work.today, proposal.urgency, work.catalogue.holidays),
        proposed_at=work.now,
        proposed_by_uid=work.actor_uid,
        pack=pack,
        pack_hash=pack_hash,
        why=proposal.why,
        provider={"name": proposal.provider, "told": {}} if outside else None,
        call=proposal.call,
    )


def _settle_earlier_no(work: Work, case: Case, proposal: Proposal) -> None:
    """Let a new proposal be what follows after an earlier No, unless that was said already."""
    for earlier in handovers_of(work.session, case.uid):
        unsaid = earlier.state is HandoverState.DECLINED and earlier.after_no is None
        if unsaid and earlier.leads is proposal.leads:
            again = earlier.receiver == proposal.receiver
            earlier.after_no = AfterNo.ASK_AGAIN if again else AfterNo.ASK_ANOTHER
            earlier.after_no_at = work.now


def acknowledge_handover(
    work: Work,
    reference: str,
    key: str,
    *,
    answer_by: date | None = None,
    told: Told | None = None,
) -> Handover:
    """Record that a handover has arrived and return it. Who waits for an answer is told.

    *answer_by* is a promise; it moves no clock. *told* is who at a provider outside said so.

    Raises:
        RuleBroken: this was said already, it was decided, the promise lies in the past, or it is
            not theirs to say.
        NotFound: this actor has no such handover.
    """
    case, handover = found_handover(work, reference, key)
    refuse_answered(work, handover)
    work.refuse_settled(handover.acknowledged_by_uid, handover.acknowledged_at)
    by = who_answers(work, handover, told)
    was, state = handover.state, take_step(handover.state, HandoverStep.ACKNOWLEDGE, by=by)
    if answer_by is not None and answer_by < work.today:
        raise RuleBroken("The day by which you will answer must be today or later.")
    handover.state, handover.reply_promised_on = state, answer_by
    receive(work, handover)
    keep_told(handover, RECEIPT, told)
    work.note(
        "handover:received",
        on=case,
        about=handover.key,
        changed={"state": (was.value, state.value)} | as_told(told),
    )
    tell(
        work,
        "handover_received",
        to=people_waiting(work, case, handover),
        about=f"{reference}/{handover.key}",
        on=case,
    )
    return handover


def withdraw_handover(work: Work, reference: str, key: str, *, why: str | None = None) -> Handover:
    """Take a handover back and return it; the case returns to planning. The other side is told.

    Who supported does so no more from today, and the case goes on as it was.

    Raises:
        RuleBroken: it is over, or not theirs to withdraw.
        NotFound: this actor has no such handover.
    """
    case, handover = found_handover(work, reference, key)
    agreed = handover.state in AGREED
    state = take_step(handover.state, HandoverStep.WITHDRAW, by=work.actor)
    changed = move_stage(work, case, handover, StageEvent.WITHDRAW)
    told = people_across(work, case, handover)
    was_state, handover.state, handover.closed_at = handover.state, state, work.now
    handover.closing_note = why
    if agreed:
        _take_back_what_the_reply_said(work, case)
    if handover.leads:
        case.receiver = None
    renew_support(work, case, handover)
    changed["state"] = (was_state.value, state.value)
    work.note("handover:withdrawn", on=case, about=handover.key, changed=changed)
    tell(work, "case_changed", to=told, about=reference, on=case)
    renew_next_due(work, case)
    return handover


def _take_back_what_the_reply_said(work: Work, case: Case) -> None:
    """Open the milestones again that an acceptance had answered: the next receiver answers anew."""
    standing = outcomes_of(work.session, case.uid)
    for code in (ELIGIBILITY, NAMED_WORKER):
        if code in standing:
            close_outcome(work, case, standing[code])


def own_handover(work: Work, reference: str, key: str) -> tuple[Case, Handover]:
    """Return a case of the actor's hospice and one of its handovers, held until the work is done.

    Raises:
        RuleBroken: it is another hospice's case.
        NotFound: there is none such for this actor.
    """
    own_case(work, reference)
    return found_handover(work, reference, key)


def found_handover(work: Work, reference: str, key: str) -> tuple[Case, Handover]:
    """Return a case and one of its handovers, if this actor may read its pack.

    Raises:
        ChangedMeanwhile: a colleague's No has left them a stub; who said it is part of that.
        NotFound: there is none such for this actor.
    """
    seen = work.case(reference)
    receiver, number = parse_handover_key(key) or ("", 0)
    handover = find_handover(work.session, seen.case.uid, receiver=receiver, number=number)
    own = seen.access is CaseAccess.FULL or receiver == work.actor.organisation
    if handover is None or not own:
        raise NotFound(NO_SUCH_HANDOVER)
    if seen.access < CaseAccess.PACK:
        refuse_answered(work, handover)
        raise NotFound(NO_SUCH_HANDOVER)
    return seen.case, handover


def receive(work: Work, handover: Handover) -> None:
    """Keep who received a handover first, and when: asking and deciding say it too."""
    if handover.acknowledged_at is None:
        handover.acknowledged_at, handover.acknowledged_by_uid = work.now, work.actor_uid


def refuse_answered(work: Work, handover: Handover) -> None:
    """Do nothing if a handover has not been decided.

    Raises:
        ChangedMeanwhile: it has; the sentence says by whom and when.
    """
    work.refuse_settled(handover.decided_by_uid, handover.decided_at)


def renew_reply_by(work: Work, case: Case, handover: Handover) -> None:
    """Bring the day of the decision up to the questions that were asked and answered."""
    work.session.flush()
    facts = facts_of(work.session, handover)
    limit = limit_of(Clock.DECIDE, facts, work.catalogue.holidays)
    handover.reply_by = limit.on if limit is not None else None
    renew_next_due(work, case)
