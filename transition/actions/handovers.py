"""Proposing a handover, and answering it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from transition.actions.case_changes import keep_stage_change, own_case, renew_next_due
from transition.actions.cases import record_sharing, set_target
from transition.actions.milestones import Recorded, keep_outcome
from transition.actions.packs import pack_of
from transition.actions.readiness import people_told, people_waiting, waits_for, waits_for_gate
from transition.actions.work import NotFound, Work
from transition.records.cases import Case
from transition.records.handovers import (
    FunctionAnswer,
    Handover,
    find_handover,
    handovers_of,
    open_lead_handover,
)
from transition.records.keys import vault_of
from transition.records.staff import workers_of
from transition.rules.access import CaseAccess
from transition.rules.errors import RuleBroken
from transition.rules.handovers import (
    Answer,
    Function,
    HandoverState,
    HandoverStep,
    SharingBasis,
    Urgency,
    outcome_of,
    parse_handover_key,
    reply_due,
    take_step,
)
from transition.rules.milestones import OutcomeKind
from transition.rules.pathway import Gate
from transition.rules.stages import StageEvent, take_event
from transition.security.chain import digest_of

NO_SUCH_HANDOVER = "There is no such handover."
ELIGIBILITY = "HO-02"
NAMED_WORKER = "HO-03"


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """What a nurse asks of a receiver."""

    receiver: str
    functions: tuple[Function, ...]
    target_on: date
    urgency: Urgency
    sharing_basis: SharingBasis
    sharing_limits: str | None
    why: str | None = None


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What a hospice's lead answers: one answer for each function, and who will be there."""

    answers: Mapping[Function, Answer]
    has_read: bool
    eligible: bool
    adult_worker_uid: bytes | None = None
    adult_worker_by: date | None = None
    first_contact_on: date | None = None


def propose_handover(work: Work, reference: str, proposal: Proposal) -> Handover:
    """Propose a handover of a case and return it. The receiver's lead and deputy are told.

    The pack is frozen as it stands now, sealed, and its keyed digest is kept beside it.

    Raises:
        RuleBroken: a gate is not satisfied, nothing may be shared, or nobody could receive it.
        NotFound: this actor has no such case.
    """
    case = own_case(work, reference)
    after = take_event(case.state, StageEvent.PROPOSE, work.actor)
    _refuse_unready(work, case, proposal)
    if open_lead_handover(work.session, case.uid) is not None:
        raise RuleBroken("This case already has an open handover. Withdraw it first.")
    told = people_told(work, proposal.receiver)
    record_sharing(work, case, proposal.sharing_basis, limits=proposal.sharing_limits)
    set_target(work, case, proposal.target_on, reason_code="proposed")
    handover = work.keep(_handover(work, case, proposal))
    for function in proposal.functions:
        work.keep(FunctionAnswer(case_uid=case.uid, handover_uid=handover.uid, function=function))
    was, case.stage, case.receiver = case.stage, after.stage, proposal.receiver
    keep_stage_change(work, case, StageEvent.PROPOSE, was=was)
    work.note(
        "handover:proposed",
        on=case,
        about=handover.key,
        changed={"stage": (was.value, case.stage.value)},
    )
    for staff in told:
        work.post("handover_proposed", to=staff, about=f"{reference}/{handover.key}", on=case)
    renew_next_due(work, case)
    return handover


def _refuse_unready(work: Work, case: Case, proposal: Proposal) -> None:
    if not proposal.sharing_basis.allows_sharing:
        raise RuleBroken("Nothing can be sent before there is a basis for sharing it.")
    if not proposal.functions:
        raise RuleBroken("Choose what you ask the hospice to take on.")
    if proposal.target_on < work.today:
        raise RuleBroken("The target transfer date must be today or later.")
    waiting = waits_for(work, case)
    if waiting:
        titles = ", ".join(f"“{rule.title}”" for rule in waiting)
        raise RuleBroken(f"Before you can propose: {titles}.")


def _handover(work: Work, case: Case, proposal: Proposal) -> Handover:
    earlier = [
        one for one in handovers_of(work.session, case.uid) if one.receiver == proposal.receiver
    ]
    pack = pack_of(work, case, proposal)
    canonical = json.dumps(pack, sort_keys=True, ensure_ascii=False).encode()
    key = vault_of(work.session).root(work.session, "trail")
    return Handover(
        case_uid=case.uid,
        receiver=proposal.receiver,
        number=len(earlier) + 1,
        state=take_step(HandoverState.DRAFT, HandoverStep.PROPOSE, by=work.actor),
        urgency=proposal.urgency,
        target_on=proposal.target_on,
        reply_by=reply_due(work.today, proposal.urgency, work.catalogue.holidays),
        proposed_at=work.now,
        proposed_by_uid=work.actor_uid,
        pack=pack,
        pack_hash=digest_of(key, canonical),
        why=proposal.why,
    )


def accept_handover(work: Work, reference: str, key: str, reply: Reply) -> Handover:
    """Record what a hospice answers to each function and return the handover.

    The case moves to getting to know each other; both sides' named people are told.

    Raises:
        RuleBroken: the pack was not read, eligibility was not checked, nobody was named, or it
            was answered already.
        NotFound: this actor has no such handover.
    """
    case, handover = found_handover(work, reference, key)
    state = take_step(handover.state, _step_of(handover, reply), by=work.actor)
    _refuse_unread(work, case, reply)
    after = take_event(case.state, StageEvent.ACCEPT, work.actor)
    for row in handover.answers:
        row.answer = reply.answers[row.function]
    was_state, handover.state = handover.state, state
    handover.acknowledged_at = handover.acknowledged_at or work.now
    handover.acknowledged_by_uid = handover.acknowledged_by_uid or work.actor_uid
    handover.decided_at, handover.decided_by_uid = work.now, work.actor_uid
    handover.adult_worker_uid = reply.adult_worker_uid
    handover.adult_worker_by = reply.adult_worker_by
    handover.first_contact_on = reply.first_contact_on
    was, case.stage = case.stage, after.stage
    keep_stage_change(work, case, StageEvent.ACCEPT, was=was)
    work.note(
        "handover:accepted",
        on=case,
        about=handover.key,
        changed={
            "state": (was_state.value, state.value),
            "stage": (was.value, case.stage.value),
        },
    )
    _tick_what_the_reply_says(work, case, reply)
    for staff in people_waiting(work, case, handover):
        work.post("handover_answered", to=staff, about=f"{reference}/{handover.key}", on=case)
    renew_next_due(work, case)
    return handover


def found_handover(work: Work, reference: str, key: str) -> tuple[Case, Handover]:
    """Return a case and one of its handovers, if this actor may read its pack.

    Raises:
        NotFound: there is none such for this actor.
    """
    seen = work.case(reference)
    parsed = parse_handover_key(key)
    if parsed is None or seen.access < CaseAccess.PACK:
        raise NotFound(NO_SUCH_HANDOVER)
    receiver, number = parsed
    handover = find_handover(work.session, seen.case.uid, receiver=receiver, number=number)
    own = seen.access is CaseAccess.FULL or receiver == work.actor.organisation
    if handover is None or not own:
        raise NotFound(NO_SUCH_HANDOVER)
    return seen.case, handover


def _step_of(handover: Handover, reply: Reply) -> HandoverStep:
    """Return what a Yes amounts to; a No has its reasons, and no form yet."""
    if handover.decided_at is not None:
        raise RuleBroken("A colleague has answered this already. Nothing was changed.")
    if set(reply.answers) != {row.function for row in handover.answers}:
        raise RuleBroken("Answer each function that you are asked to take on.")
    step = outcome_of(tuple(reply.answers.values()))
    if step is HandoverStep.DECLINE:
        raise RuleBroken("A No cannot be recorded here yet. Ring the nurse who asked.")
    return step


def _refuse_unread(work: Work, case: Case, reply: Reply) -> None:
    if not reply.has_read:
        raise RuleBroken("Say that you have read the pack.")
    if not reply.eligible:
        raise RuleBroken("Check eligibility against your own criteria first.")
    if reply.adult_worker_uid is None and reply.adult_worker_by is None:
        raise RuleBroken("Choose the adult named worker, or say by when you will name one.")
    own = workers_of(work.session, work.actor.organisation, today=work.today)
    if reply.adult_worker_uid not in {None, *(staff.uid for staff in own)}:
        raise RuleBroken("Choose the adult named worker from your own hospice.")
    _refuse_past_days(work, reply)
    others = [rule for rule in waits_for_gate(work, case, Gate.ACCEPT) if rule.code != ELIGIBILITY]
    if others:
        raise RuleBroken(f"Before you can accept: {others[0].title}.")


def _refuse_past_days(work: Work, reply: Reply) -> None:
    if reply.adult_worker_by is not None and reply.adult_worker_by < work.today:
        raise RuleBroken("The day by which you name a worker must be today or later.")
    if reply.first_contact_on is None or reply.first_contact_on < work.today:
        raise RuleBroken("Enter the date of the first contact, today or later.")


def _tick_what_the_reply_says(work: Work, case: Case, reply: Reply) -> None:
    """Record the milestones that the reply itself answers."""
    pathway = work.catalogue.pathways[case.pathway_version]
    answered = {ELIGIBILITY: True, NAMED_WORKER: reply.adult_worker_uid is not None}
    for code, done in answered.items():
        rule = pathway.by_code.get(code)
        if rule is not None and done:
            keep_outcome(work, case, rule, Recorded(kind=OutcomeKind.DONE, done_on=work.today))
