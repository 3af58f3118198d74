"""The transfer: what it waits for, the two signatures, and the switch of who leads what."""

from dataclasses import dataclass
from datetime import date

from transition.actions.absences import tell
from transition.actions.case_changes import (
    NOT_YOURS,
    NewLead,
    keep_stage_change,
    let_lead,
    renew_next_due,
    shared_case,
)
from transition.actions.change_notices import people_with_a_part, tell_of_change
from transition.actions.outside import as_told, who_answers
from transition.actions.readiness import people_across, people_waiting, waits_for_gate
from transition.actions.work import Work
from transition.records.cases import Case, hold_case
from transition.records.conditions import Condition, conditions_of
from transition.records.handovers import Handover, open_lead_handover
from transition.records.ledger import ledger_of
from transition.records.services import facts_of, services_of
from transition.records.staff import Staff
from transition.records.transfers import (
    Moving,
    TransferSignature,
    moving_cases,
    standing_signatures,
)
from transition.rules.errors import RuleBroken
from transition.rules.guards import missing_for_transfer
from transition.rules.handovers import Function, HandoverState, HandoverStep, take_step
from transition.rules.ledger import breaches, switched
from transition.rules.outside import SIGNS_IN, Told, refuse_confirming
from transition.rules.pathway import Gate, MilestoneRule, Stage
from transition.rules.people import SIDES, Actor, Side
from transition.rules.services import still_unknown
from transition.rules.stages import StageEvent, refuse_wrong_role, take_event
from transition.rules.transfers import SIGNERS, Signed, Voided, refuse_signature, signing_role

NO_SIGNATURE = "There is no signature of your hospice to take back. Nothing was changed."
NO_DAY = "Choose one day for the transfer before you sign."
NO_HANDOVER = "There is no transfer to sign."
FIRST_OURS = "Your hospice signs first. Then another lead records that they confirm it."
STARTED = frozenset({HandoverState.ACCEPTED, HandoverState.ACCEPTED_WITH_CONDITIONS})


@dataclass(frozen=True)
class Readiness:
    """What a transfer still waits for, besides the signatures."""

    gates: tuple[MilestoneRule, ...]
    conditions: tuple[Condition, ...]
    """Those that must be met and are not."""
    others: tuple[str, ...]
    """A sentence for anything else."""

    @property
    def sentences(self) -> tuple[str, ...]:
        """A sentence for each thing."""
        return (
            *(f"“{rule.title}” is still open." for rule in self.gates),
            *(f"Condition {one.number} must be met first." for one in self.conditions),
            *self.others,
        )


def readiness_of(work: Work, case: Case, handover: Handover) -> Readiness:
    """Return what the transfer of a case still waits for.

    Source: domain 4.4, the transfer gate.
    """
    services = services_of(work.session, case.uid).values()
    others = list(missing_for_transfer(still_unknown(facts_of(services))))
    on = case.target_transfer_on
    if on is None or case.window_to is not None:
        others.append(NO_DAY)
    else:
        spans = [row.span for row in ledger_of(work.session, case.uid)]
        after = switched(spans, handover.taken, handover.receiver, on)
        broken = dict.fromkeys(one.function.label for one in breaches(after, Function, on))
        others += [f"{label} would not have one lead from then on." for label in broken]
    return Readiness(
        gates=waits_for_gate(work, case, Gate.TRANSFER),
        conditions=tuple(
            one
            for one in conditions_of(work.session, case.uid)
            if one.handover_uid == handover.uid and one.must and one.met_at is None
        ),
        others=tuple(others),
    )


def movable_case(work: Work, reference: str) -> Case:
    """Return a case whose transfer date the actor may move, held until the work is done.

    It is their own, or one that they get to know as the hospice that takes it on.

    Raises:
        RuleBroken: it is another organisation's.
        NotFound: this actor has no such case.
    """
    case = shared_case(work, reference)
    own = case.organisation == work.actor.organisation
    theirs = case.stage is Stage.MOVING and case.receiver == work.actor.organisation
    if not own and not theirs:
        raise RuleBroken(NOT_YOURS)
    return case


def sign_transfer(work: Work, reference: str) -> TransferSignature:
    """Sign the transfer of a case for one's own hospice, and return the signature.

    The other side is told. When both have signed, the lead switches at the start of the transfer
    date; until then either takes its own signature back.

    Raises:
        RuleBroken: something is still open, the day is too near or too far, it was signed for this
            hospice already, or it is not theirs to sign.
        NotFound: this actor has no such case.
    """
    case, handover = _to_sign(work, reference)
    return _sign(work, case, handover, work.actor)


def confirm_transfer(work: Work, reference: str, told: Told) -> TransferSignature:
    """Record that a provider outside confirms the transfer of a case, and return it as signed.

    It is the second signature: a children's lead enters it who was not the first to sign.

    Raises:
        RuleBroken: the receiver signs here, the children's hospice has not signed yet, somebody
            else enters it, or what is told cannot be; and whatever stands in a signature's way.
        NotFound: this actor has no such case.
    """
    case, handover = _to_sign(work, reference)
    if not handover.outside:
        raise RuleBroken(SIGNS_IN)
    by = who_answers(work, handover, told)
    refuse_confirming(work.actor)
    standing = standing_signatures(work.session, case.uid)
    if all(one.side is not Side.CHILDRENS for one in standing):
        raise RuleBroken(FIRST_OURS)
    return _sign(work, case, handover, by, told)


def _sign(
    work: Work, case: Case, handover: Handover, by: Actor, told: Told | None = None
) -> TransferSignature:
    standing = standing_signatures(work.session, case.uid)
    for one in standing:
        if one.organisation == by.organisation:
            work.refuse_settled(one.signed_by_uid, one.signed_at)
    new = Signed(by, _day(work, case, handover))
    refuse_signature(case.state, [one.value for one in standing], new, work.today)
    return _keep_signature(work, case, handover, new, told)


def _day(work: Work, case: Case, handover: Handover) -> date:
    """Return the day from which a transfer would hold, if nothing stands in its way."""
    missing = readiness_of(work, case, handover).sentences
    if missing or case.target_transfer_on is None:
        raise RuleBroken(" ".join(missing))
    return case.target_transfer_on


def _to_sign(work: Work, reference: str) -> tuple[Case, Handover]:
    case = movable_case(work, reference)
    handover = open_lead_handover(work.session, case.uid)
    if handover is None:
        raise RuleBroken(NO_HANDOVER)
    return case, handover


def _keep_signature(
    work: Work, case: Case, handover: Handover, new: Signed, told: Told | None
) -> TransferSignature:
    role = signing_role(new.by)
    signature = work.keep(
        TransferSignature(
            case_uid=case.uid,
            handover_uid=handover.uid,
            side=SIDES[role],
            organisation=new.by.organisation,
            role=role,
            transfer_on=new.transfer_on,
            signed_at=work.now,
            signed_by_uid=work.actor_uid,
            confirmed_by=told.by if told else None,
            confirmed_as=told.role if told else None,
            confirmed_on=told.on if told else None,
            confirmed_how=told.how if told else None,
        )
    )
    work.note(
        "transfer:signed",
        on=case,
        about=handover.key,
        changed={"transfer_on": (None, new.transfer_on)} | as_told(told),
    )
    tell(
        work,
        "transfer_signed",
        to=_told_of(work, case, handover, signature),
        about=f"{case.reference}/{handover.key}",
        on=case,
    )
    renew_next_due(work, case)
    return signature


def _told_of(
    work: Work, case: Case, handover: Handover, signature: TransferSignature
) -> tuple[Staff, ...]:
    """Return who learns of a signature: the other side, and colleagues where one is confirmed."""
    if signature.told is not None:
        return people_waiting(work, case, handover)
    return people_across(work, case, handover)


def take_back_signature(
    work: Work, reference: str, *, confirmation: bool = False
) -> TransferSignature:
    """Take back the signature of one's own hospice, and return it. The other side is told.

    *confirmation* asks for what was recorded of a provider outside; a children's lead does so.

    Raises:
        RuleBroken: there is none, the transfer has taken effect, or it is not theirs to sign.
        NotFound: this actor has no such case.
    """
    case, handover = _to_sign(work, reference)
    refuse_wrong_role(SIGNERS, StageEvent.SIGN_TRANSFER, (work.actor,))
    side = work.actor.side
    if confirmation:
        refuse_confirming(work.actor)
        side = Side.ADULT if handover.outside else None
    own = [one for one in standing_signatures(work.session, case.uid) if one.side is side]
    if not own or case.stage is not Stage.MOVING:
        raise RuleBroken(NO_SIGNATURE)
    _void(work, case, own[0], Voided.TAKEN_BACK)
    tell_of_change(work, case, _told_of(work, case, handover, own[0]))
    renew_next_due(work, case)
    return own[0]


def void_signatures(work: Work, case: Case, why: Voided) -> None:
    """Let the signatures of a case count no more, unless they name the day that still stands."""
    for one in standing_signatures(work.session, case.uid):
        if why is not Voided.MOVED or one.transfer_on != case.target_transfer_on:
            _void(work, case, one, why)


def _void(work: Work, case: Case, signature: TransferSignature, why: Voided) -> None:
    signature.voided, signature.voided_at = why, work.now
    work.note(
        "transfer:unsigned", on=case, changed={"transfer_on": (signature.transfer_on, why.value)}
    )


def work_jointly(work: Work, case: Case) -> None:
    """Let an accepted handover of a case be joint work, now that both hospices have visited."""
    handover = open_lead_handover(work.session, case.uid)
    if handover is not None and handover.state in STARTED:
        was = handover.state
        handover.state = take_step(was, HandoverStep.WORK_JOINTLY, by=work.actor)
        changed = {"state": (was.value, handover.state.value)}
        work.note("handover:joint", on=case, about=handover.key, changed=changed)


def due_transfers(work: Work) -> list[str]:
    """Return the cases that both sides signed and whose transfer date has come, by reference."""
    return [one.case.reference for one in moving_cases(work.session) if _has_come(one, work.today)]


def switch_transfer(work: Work, reference: str) -> bool:
    """Let a signed transfer take effect from its date, and return whether it did.

    The receiver leads what it took on, the case settles in, and the handover is transferred. It
    does nothing where a signature was taken back a moment before. Where something that it waits
    for is open again, the signatures count no more, nothing switches and both sides are told.
    """
    hold_case(work.session, reference)
    due = {one.case.reference: one for one in moving_cases(work.session)}.get(reference)
    if due is None or not _has_come(due, work.today):
        return False
    if readiness_of(work, due.case, due.handover).sentences:
        void_signatures(work, due.case, Voided.OPEN_AGAIN)
        tell_of_change(work, due.case, people_with_a_part(work, due.case))
        renew_next_due(work, due.case)
        return False
    _switch(work, due)
    return True


def _has_come(moving: Moving, today: date) -> bool:
    return not moving.waits and moving.signed[-1].transfer_on <= today


def _switch(work: Work, due: Moving) -> None:
    case, handover, last = due.case, due.handover, due.signed[-1]
    after = take_event(case.state, StageEvent.SIGN_TRANSFER, *(one.by for one in due.signed))
    state = take_step(handover.state, HandoverStep.TRANSFER, by=work.actor)
    was, was_state = case.stage, handover.state
    lead = NewLead(handover.receiver, last.transfer_on, last.by)
    let_lead(work, case, handover.taken, lead)
    case.stage, case.transferred_on, handover.state = after.stage, last.transfer_on, state
    keep_stage_change(work, case, StageEvent.SIGN_TRANSFER, was=was, by=last.by)
    work.note(
        "transfer:switched",
        on=case,
        about=handover.key,
        changed={
            "stage": (was.value, case.stage.value),
            "state": (was_state.value, state.value),
            "transferred_on": (None, last.transfer_on),
        },
    )
    renew_next_due(work, case)
