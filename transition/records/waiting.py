"""What waits for somebody besides milestones: a reply, an answer, a condition, what follows."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from transition.clock import local_day
from transition.records.clock_facts import facts_by_handover
from transition.records.conditions import Condition
from transition.records.handovers import Handover
from transition.rules.calendar import add_working_days
from transition.rules.digests import DueKind
from transition.rules.handover_clocks import Clock, HandoverFacts, limit_of, turn_of
from transition.rules.handovers import UNDECIDED, HandoverState, handover_key
from transition.rules.pathway import Owner
from transition.rules.people import Side

OWNERS: Final = {Side.CHILDRENS: Owner.CHILDRENS, Side.ADULT: Owner.ADULT}

AFTER_NO: Final = 5
"""Working days in which the children's hospice says what follows a No. Source: domain 6.3."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing that waits in a case: for which side, since when, and until when."""

    kind: DueKind
    code: str
    """The key of the handover, or the number of the condition."""
    receiver: str
    owner: Owner
    since: date
    due_on: date | None

    def concerns(self, organisation: str, *, own: bool) -> bool:
        """Return whether an organisation may know of it: its own cases', or what it was sent.

        What another receiver was asked, or answered, is nobody's business.
        """
        return own or (self.receiver == organisation and self.kind is not DueKind.AFTER_NO)


def waiting_in(
    session: Session, case_uids: Collection[bytes], holidays: frozenset[date]
) -> dict[bytes, tuple[Waiting, ...]]:
    """Return what waits in each of these cases, by the case's number."""
    found: dict[bytes, list[Waiting]] = {}
    for case_uid, waiting in (
        *_undecided(session, case_uids, holidays),
        *_conditions(session, case_uids),
        *_after_no(session, case_uids, holidays),
    ):
        found.setdefault(case_uid, []).append(waiting)
    return {case_uid: tuple(waiting) for case_uid, waiting in found.items()}


def _undecided(
    session: Session, case_uids: Collection[bytes], holidays: frozenset[date]
) -> Iterator[tuple[bytes, Waiting]]:
    query = select(Handover).where(Handover.case_uid.in_(case_uids), Handover.state.in_(UNDECIDED))
    handovers = session.scalars(query.order_by(Handover.proposed_at, Handover.uid)).all()
    facts = facts_by_handover(session, handovers)
    for one in handovers:
        turn = turn_of(facts[one.uid])
        if turn is None:
            continue
        answering = turn.side is Side.CHILDRENS
        yield (
            one.case_uid,
            Waiting(
                kind=DueKind.QUESTION if answering else DueKind.HANDOVER,
                code=one.key,
                receiver=one.receiver,
                owner=OWNERS[turn.side],
                since=turn.since,
                due_on=_answer_by(facts[one.uid], holidays) if answering else one.reply_by,
            ),
        )


def _answer_by(facts: HandoverFacts, holidays: frozenset[date]) -> date | None:
    """Return the day by which the first open question is to be answered."""
    limits = [
        limit_of(Clock.ANSWER, facts, holidays, about=asked.number)
        for asked in facts.questions
        if asked.answered_at is None
    ]
    return min((limit.on for limit in limits if limit is not None), default=None)


def _conditions(session: Session, case_uids: Collection[bytes]) -> Iterator[tuple[bytes, Waiting]]:
    query = (
        select(Condition.case_uid, Condition.number, Condition.owner, Condition.needed_by)
        .add_columns(Handover.decided_at, Handover.receiver)
        .join(Handover, Handover.uid == Condition.handover_uid)
        .where(
            Condition.case_uid.in_(case_uids),
            Condition.met_at.is_(None),
            Handover.closed_at.is_(None),
        )
        .order_by(Condition.number)
    )
    for case_uid, number, owner, needed_by, decided_at, receiver in session.execute(query):
        since = local_day(cast("datetime", decided_at))  # a condition is part of a decision
        yield (
            case_uid,
            Waiting(DueKind.CONDITION, str(number), receiver, OWNERS[owner], since, needed_by),
        )


def _after_no(
    session: Session, case_uids: Collection[bytes], holidays: frozenset[date]
) -> Iterator[tuple[bytes, Waiting]]:
    query = select(
        Handover.case_uid, Handover.receiver, Handover.number, Handover.decided_at
    ).where(
        Handover.case_uid.in_(case_uids),
        Handover.state == HandoverState.DECLINED,
        Handover.after_no.is_(None),
        Handover.decided_at.is_not(None),
    )
    for case_uid, receiver, number, decided_at in session.execute(query):
        since = local_day(cast("datetime", decided_at))
        due_on = add_working_days(since, AFTER_NO, holidays)
        key = handover_key(receiver, number)
        yield case_uid, Waiting(DueKind.AFTER_NO, key, receiver, Owner.CHILDRENS, since, due_on)
