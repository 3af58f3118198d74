"""What waits for somebody besides milestones: a reply, an answer, a condition, a signature."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final, cast

from sqlalchemy import String, and_, func, or_, select, type_coerce
from sqlalchemy.orm import Session

from transition.clock import local_day
from transition.records.cases import Case
from transition.records.clock_facts import facts_by_handover
from transition.records.conditions import Condition
from transition.records.handovers import Handover
from transition.records.settling_facts import settling_facts
from transition.records.transfers import TransferSignature
from transition.rules.calendar import add_working_days
from transition.rules.digests import OF_A_NO, DueKind
from transition.rules.handover_clocks import HandoverFacts, answer_by, turn_of
from transition.rules.handovers import AGREED, SETTLED, UNDECIDED, HandoverState
from transition.rules.pathway import Owner
from transition.rules.people import Side
from transition.rules.settling_clocks import SettlingClock, Wait, waits_of
from transition.rules.transfers import READY

OWNERS: Final = {Side.CHILDRENS: Owner.CHILDRENS, Side.ADULT: Owner.ADULT}

AFTER_NO, TALK_WITHIN = 5, 10
"""Working days in which the children's hospice says what follows a No and who told the family, and
in which both leads talk where it does not agree. Source: domain 6.3."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing that waits in a case: for which side, since when, and until when."""

    kind: DueKind
    code: str
    """The key of the handover, the number of the condition, or what is waited for after it."""
    receiver: str
    owner: Owner
    since: date
    due_on: date | None
    provider_name: str | None = None
    """What the receiver is called where it is a provider outside."""
    leads: bool = True
    """Whether its receiver leads or is to lead, and does not support beside the lead."""

    def concerns(self, organisation: str, *, own: bool) -> bool:
        """Return whether an organisation may know of it: its own cases', or what it was sent.

        What another receiver was asked, or answered, is nobody's business.
        """
        return own or (self.receiver == organisation and self.kind not in OF_A_NO)


def waiting_in(
    session: Session, case_uids: Collection[bytes], today: date, holidays: frozenset[date]
) -> dict[bytes, tuple[Waiting, ...]]:
    """Return what waits in each of these cases, by the case's number."""
    found: dict[bytes, list[Waiting]] = {}
    for case_uid, waiting in (
        *_in_handovers(session, case_uids, today, holidays),
        *_conditions(session, case_uids),
    ):
        found.setdefault(case_uid, []).append(waiting)
    return {case_uid: tuple(waiting) for case_uid, waiting in found.items()}


SIGNED: Final = (
    select(func.aggregate_strings(type_coerce(TransferSignature.side, String), " "))
    .where(TransferSignature.handover_uid == Handover.uid, TransferSignature.voided_at.is_(None))
    .correlate(Handover)
    .scalar_subquery()
)
"""The sides that have signed the transfer of a handover, as one column of words."""


def _in_handovers(
    session: Session, case_uids: Collection[bytes], today: date, holidays: frozenset[date]
) -> Iterator[tuple[bytes, Waiting]]:
    unfollowed = and_(
        Handover.state == HandoverState.DECLINED,
        or_(
            Handover.after_no.is_(None),
            Handover.family_told_on.is_(None),
            and_(Handover.disputed_on.is_not(None), Handover.talked_on.is_(None)),
        ),
    )
    settling = and_(Handover.state.in_(SETTLED), Handover.leads)
    near = and_(
        Handover.state.in_(AGREED),
        Handover.leads,
        Case.target_transfer_on <= today + timedelta(READY),
    )
    supporting = Handover.state == HandoverState.SUPPORTING
    query = (
        select(Handover, Case.target_transfer_on, SIGNED)
        .join(Case, Case.uid == Handover.case_uid)
        .where(
            Handover.case_uid.in_(case_uids),
            or_(Handover.state.in_(UNDECIDED), unfollowed, settling, near, supporting),
        )
    )
    in_order = query.order_by(Handover.leads.desc(), Handover.proposed_at, Handover.uid)
    rows = session.execute(in_order).all()  # whose move it is for the lead comes first
    undecided = [one for one, _, _ in rows if one.state in UNDECIDED]
    transferred = [one for one, _, _ in rows if one.state in {*SETTLED, HandoverState.SUPPORTING}]
    facts = facts_by_handover(session, undecided) if undecided else {}
    settled = settling_facts(session, transferred) if transferred else {}
    for one, transfer_on, signed in rows:
        found: Iterable[Waiting | None] = _after_no(one, holidays)
        if one.uid in facts:
            found = [_turn(one, facts[one.uid], holidays)]
        elif one.uid in settled:
            waits = waits_of(settled[one.uid], holidays)
            found = [_settling(one, wait) for wait in waits if one.leads or wait.since <= today]
        elif one.state in AGREED:
            found = [_transfer(one, transfer_on, (signed or "").split())]
        for waiting in filter(None, found):
            yield one.case_uid, replace(waiting, leads=one.leads)


def _settling(one: Handover, wait: Wait) -> Waiting:
    kind, code = DueKind.SETTLING, wait.clock.value
    if not one.leads:
        talk = wait.clock is SettlingClock.TALK
        kind, code = DueKind.SUPPORT_TALK if talk else DueKind.SUPPORT, one.key
    return Waiting(
        kind=kind,
        code=code,
        receiver=one.receiver,
        owner=wait.owner,
        since=wait.since,
        due_on=wait.limit_on,
        provider_name=one.provider_name,
    )


def _turn(one: Handover, facts: HandoverFacts, holidays: frozenset[date]) -> Waiting | None:
    turn = turn_of(facts)
    if turn is None:
        return None
    answering = turn.side is Side.CHILDRENS
    return Waiting(
        kind=DueKind.QUESTION if answering else DueKind.HANDOVER,
        code=one.key,
        receiver=one.receiver,
        owner=OWNERS[turn.side],
        since=turn.since,
        due_on=answer_by(facts, holidays) if answering else one.reply_by,
        provider_name=one.provider_name,
    )


def _after_no(one: Handover, holidays: frozenset[date]) -> Iterator[Waiting]:
    """Yield what a No still waits for; of another handover, nothing."""
    if one.state is not HandoverState.DECLINED or one.decided_at is None:
        return
    since = local_day(one.decided_at)
    for kind, begun, days, done in (
        (DueKind.AFTER_NO, since, AFTER_NO, one.after_no),
        (DueKind.FAMILY, since, AFTER_NO, one.family_told_on),
        (DueKind.DISPUTE, one.disputed_on, TALK_WITHIN, one.talked_on),
    ):
        if begun is not None and done is None:
            due_on = add_working_days(begun, days, holidays)
            name = one.provider_name
            yield Waiting(kind, one.key, one.receiver, Owner.CHILDRENS, begun, due_on, name)


def _transfer(one: Handover, on: date, signed: Collection[str]) -> Waiting | None:
    """Return a transfer that is near, and whose signature it waits for; None with both."""
    sides = [side for side in Side if side not in signed]
    if not sides or one.decided_at is None:
        return None
    return Waiting(
        kind=DueKind.TRANSFER,
        code=one.key,
        receiver=one.receiver,
        owner=OWNERS[sides[0]] if len(sides) == 1 else Owner.SHARED,
        since=max(on - timedelta(READY), local_day(one.decided_at)),
        due_on=on,
        provider_name=one.provider_name,
    )


def _conditions(session: Session, case_uids: Collection[bytes]) -> Iterator[tuple[bytes, Waiting]]:
    query = (
        select(Condition.case_uid, Condition.number, Condition.owner, Condition.needed_by)
        .add_columns(Handover)
        .join(Handover, Handover.uid == Condition.handover_uid)
        .where(
            Condition.case_uid.in_(case_uids),
            Condition.met_at.is_(None),
            Handover.closed_at.is_(None),
        )
        .order_by(Condition.number)
    )
    for case_uid, number, owner, needed_by, one in session.execute(query):
        since = local_day(cast("datetime", one.decided_at))  # a condition is part of a decision
        yield (
            case_uid,
            Waiting(
                kind=DueKind.CONDITION,
                code=str(number),
                receiver=one.receiver,
                owner=OWNERS[owner],
                since=since,
                due_on=needed_by,
                provider_name=one.provider_name,
                leads=one.leads,
            ),
        )
