"""Answering a handover: yes, yes with conditions, or no, to each function that is asked for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from transition.actions.absences import tell
from transition.actions.case_changes import renew_next_due
from transition.actions.handovers import (
    ELIGIBILITY,
    NAMED_WORKER,
    found_handover,
    move_stage,
    receive,
    refuse_answered,
)
from transition.actions.milestones import Recorded, keep_outcome
from transition.actions.outside import REPLY, as_told, earliest_day, keep_told, who_answers
from transition.actions.readiness import people_waiting, waits_for_gate
from transition.actions.supports import renew_support
from transition.actions.unmet_needs import NewNeed, end_needs, keep_need
from transition.actions.work import Work
from transition.records.anchors import anchors_of
from transition.records.cases import Case
from transition.records.conditions import Condition, conditions_of
from transition.records.handovers import FunctionAnswer, Handover
from transition.records.questions import questions_of
from transition.records.staff import held_still, workers_of
from transition.rules.declines import DeclineReason, refuse_incomplete_decline
from transition.rules.errors import RuleBroken
from transition.rules.handovers import (
    Answer,
    Function,
    HandoverState,
    HandoverStep,
    outcome_of,
    take_step,
)
from transition.rules.milestones import OutcomeKind
from transition.rules.outside import Told
from transition.rules.pathway import Gate
from transition.rules.people import Side
from transition.rules.stages import StageEvent
from transition.rules.unmet_needs import ClosedHow
from transition.rules.young_people import age_on

UNNAMED = "Choose the adult named worker, or say by when you will name one."
NOBODY_NAMED = "Choose who at your hospice supports."


@dataclass(frozen=True, kw_only=True)
class NewCondition:
    """What must or should be so before a function moves, who sees to it, and by when."""

    words: str
    owner: Side
    needed_by: date | None
    must: bool


@dataclass(frozen=True, kw_only=True)
class Decline:
    """Why a function cannot be taken on, and what goes with that reason."""

    reason: DeclineReason
    given: str


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What a hospice's lead answers: one answer for each function, and who will be there."""

    answers: Mapping[Function, Answer]
    declines: Mapping[Function, Decline] = field(default_factory=dict)
    conditions: Mapping[Function, NewCondition] = field(default_factory=dict)
    has_read: bool
    eligible: bool
    adult_worker_uid: bytes | None = None
    adult_worker_by: date | None = None
    first_contact_on: date | None = None
    told: Told | None = None
    """Who at a provider outside answers."""
    adult_worker: str | None = None
    """Who will be the adult named worker there, in words."""


def reply_to_handover(work: Work, reference: str, key: str, reply: Reply) -> Handover:
    """Record what a hospice answers to each function and return the handover.

    If any function is accepted the case moves to getting to know each other; otherwise it returns
    to planning and the handover ends. Who supports beside the lead moves nothing: the ledger says
    what they support. Who waited for the answer is told.

    Raises:
        RuleBroken: the pack was not read, something that an answer needs is missing, or it was
            answered already.
        NotFound: this actor has no such handover.
    """
    case, handover = found_handover(work, reference, key)
    by = who_answers(work, handover, reply.told)
    state = take_step(handover.state, _step_of(work, handover, reply), by=by)
    if not reply.has_read:
        raise RuleBroken("Say that you have read the pack.")
    _refuse_unfounded(work, handover, reply)
    declined = state is HandoverState.DECLINED
    if not declined:
        _refuse_unready(work, case, handover, reply)
    event = StageEvent.DECLINE if declined else StageEvent.ACCEPT
    changed = as_told(reply.told) | move_stage(work, case, handover, event, by)
    _keep_answers(work, case, handover, reply)
    was_state = _decide(work, handover, state, reply)
    changed |= {"state": (was_state.value, state.value)}
    word = "declined" if declined else "accepted"
    work.note(f"handover:{word}", on=case, about=handover.key, changed=changed)
    _let_it_be_so(work, case, handover, reply)
    tell(
        work,
        "handover_answered",
        to=people_waiting(work, case, handover),
        about=f"{reference}/{handover.key}",
        on=case,
    )
    renew_next_due(work, case)
    return handover


def _let_it_be_so(work: Work, case: Case, handover: Handover, reply: Reply) -> None:
    """Do what follows from an answer, besides the move of the case."""
    declined = handover.state is HandoverState.DECLINED
    if declined:
        handover.closed_at = work.now
    if not handover.leads:
        renew_support(work, case, handover)
    elif declined:
        case.receiver = None
    else:
        _tick_what_the_reply_says(work, case, named=_is_named(handover, reply))


def _step_of(work: Work, handover: Handover, reply: Reply) -> HandoverStep:
    """Return what the answers amount to."""
    refuse_answered(work, handover)
    if set(reply.answers) != {row.function for row in handover.answers}:
        raise RuleBroken("Answer each function that you are asked to take on.")
    return outcome_of(tuple(reply.answers.values()), leads=handover.leads)


def _refuse_unfounded(work: Work, handover: Handover, reply: Reply) -> None:
    """Refuse a No without what its reason needs, and a condition that nobody could meet."""
    has_asked = bool(questions_of(work.session, handover.uid))
    for function, answer in reply.answers.items():
        if answer is Answer.DECLINE:
            decline = reply.declines.get(function)
            if decline is None:
                raise RuleBroken(f"{function.label}: choose why you cannot take this.")
            refuse_incomplete_decline(decline.reason, decline.given, has_asked=has_asked)
        if answer is Answer.ACCEPT_WITH_CONDITIONS:
            first = earliest_day(work, handover, reply.told)
            _refuse_incomplete_condition(first, function, reply.conditions.get(function))


def _refuse_incomplete_condition(
    earliest: tuple[date, str], function: Function, condition: NewCondition | None
) -> None:
    first, from_then_on = earliest
    if condition is None or not condition.words.strip():
        raise RuleBroken(f"{function.label}: write the condition.")
    if condition.needed_by is None or condition.needed_by < first:
        raise RuleBroken(f"{function.label}: enter by when it is needed, {from_then_on}.")


def _refuse_unready(work: Work, case: Case, handover: Handover, reply: Reply) -> None:
    if not reply.eligible:
        raise RuleBroken("Check eligibility against your own criteria first.")
    if not _is_named(handover, reply) and (reply.adult_worker_by is None or not handover.leads):
        raise RuleBroken(UNNAMED if handover.leads else NOBODY_NAMED)
    _refuse_strange_worker(work, handover, reply.adult_worker_uid)
    if handover.leads:
        _refuse_past_days(earliest_day(work, handover, reply.told), reply)
    others = [rule for rule in waits_for_gate(work, case, Gate.ACCEPT) if rule.code != ELIGIBILITY]
    if others:
        raise RuleBroken(f"Before you can accept: {others[0].title}.")


def _refuse_strange_worker(work: Work, handover: Handover, worker_uid: bytes | None) -> None:
    if worker_uid is None:
        return
    held_still(work.session, worker_uid)
    own = workers_of(work.session, handover.receiver, today=work.today)
    if worker_uid not in {staff.uid for staff in own}:
        raise RuleBroken("Choose the adult named worker from your own hospice.")


def _is_named(handover: Handover, reply: Reply) -> bool:
    """Return whether a reply says who the adult named worker will be."""
    named = reply.adult_worker if handover.outside else reply.adult_worker_uid
    return bool(named)


def _refuse_past_days(earliest: tuple[date, str], reply: Reply) -> None:
    first, from_then_on = earliest
    if reply.adult_worker_by is not None and reply.adult_worker_by < first:
        raise RuleBroken(f"The day by which you name a worker must be {from_then_on}.")
    if reply.first_contact_on is None or reply.first_contact_on < first:
        raise RuleBroken(f"Enter the date of the first contact, {from_then_on}.")


def _keep_answers(work: Work, case: Case, handover: Handover, reply: Reply) -> None:
    number = len(conditions_of(work.session, case.uid))
    for row in handover.answers:
        row.answer = reply.answers[row.function]
        if row.answer is Answer.DECLINE:
            _keep_no(work, case, row, reply.declines[row.function])
            continue
        end_needs(work, case, row.function, ClosedHow.ACCEPTED)
        if row.answer is Answer.ACCEPT_WITH_CONDITIONS:
            number += 1
            _keep_condition(work, row, number, reply.conditions[row.function])


def _keep_condition(work: Work, row: FunctionAnswer, number: int, said: NewCondition) -> None:
    work.keep(
        Condition(
            case_uid=row.case_uid,
            handover_uid=row.handover_uid,
            number=number,
            function=row.function,
            owner=said.owner,
            needed_by=said.needed_by,
            must=said.must,
            words=said.words,
        )
    )


def _keep_no(work: Work, case: Case, row: FunctionAnswer, decline: Decline) -> None:
    """Keep a No with its reason, and open an unmet need where the reason says so."""
    row.reason_code, row.note = decline.reason.value, decline.given
    born = anchors_of(work.session, case.uid).date_of_birth
    age = age_on(born, work.today)[0]
    if decline.reason.counts_as_unmet_need(age=age):
        missing = NewNeed(
            what=row.function,
            reason_code=decline.reason.value,
            opened_on=work.today,
            note=decline.given,
            handover_uid=row.handover_uid,
        )
        keep_need(work, case, missing)


def _decide(work: Work, handover: Handover, state: HandoverState, reply: Reply) -> HandoverState:
    """Write the decision into the handover and return the state it had before."""
    was, handover.state = handover.state, state
    receive(work, handover)
    handover.decided_at, handover.decided_by_uid = work.now, work.actor_uid
    keep_told(handover, REPLY, reply.told, worker=reply.adult_worker)
    if state is not HandoverState.DECLINED:
        handover.adult_worker_uid = reply.adult_worker_uid
    if state is not HandoverState.DECLINED and handover.leads:
        handover.adult_worker_by = reply.adult_worker_by
        handover.first_contact_on = reply.first_contact_on
    return was


def _tick_what_the_reply_says(work: Work, case: Case, *, named: bool) -> None:
    """Record the milestones that the reply itself answers."""
    pathway = work.catalogue.pathways[case.pathway_version]
    answered = {ELIGIBILITY: True, NAMED_WORKER: named}
    for code, done in answered.items():
        rule = pathway.by_code.get(code)
        if rule is not None and done:
            keep_outcome(work, case, rule, Recorded(kind=OutcomeKind.DONE, done_on=work.today))
