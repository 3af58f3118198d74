"""What the clocks of handovers are reckoned from, read in two queries however many there are."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from transition.records.cases import Case
from transition.records.handovers import Handover
from transition.records.histories import Pause
from transition.records.questions import Question
from transition.rules.handover_clocks import Asked, HandoverFacts
from transition.rules.handovers import UNDECIDED
from transition.rules.pauses import PauseReason


def facts_of(session: Session, handover: Handover) -> HandoverFacts:
    """Return what the clocks of one handover are reckoned from."""
    return facts_by_handover(session, [handover])[handover.uid]


def facts_by_handover(
    session: Session, handovers: Collection[Handover]
) -> dict[bytes, HandoverFacts]:
    """Return what the clocks of handovers are reckoned from, by the handover's number.

    A handover that was never proposed has no clocks and is left out.
    """
    asked = _asked(session, [one.uid for one in handovers])
    pauses = pauses_by_case(session, {one.case_uid for one in handovers})
    return {
        one.uid: HandoverFacts(
            proposed_at=one.proposed_at,
            urgency=one.urgency,
            acknowledged_at=one.acknowledged_at,
            decided_at=one.decided_at,
            closed_at=one.closed_at,
            questions=tuple(asked[one.uid]),
            pauses=tuple(pauses[one.case_uid]),
        )
        for one in handovers
        if one.proposed_at is not None
    }


@dataclass(frozen=True, slots=True)
class Running:
    """A handover that waits for a decision, its case, and what its clocks are reckoned from."""

    case: Case
    handover: Handover
    facts: HandoverFacts


def running_clocks(session: Session) -> list[Running]:
    """Return the handovers that wait for a decision, in cases that run."""
    query = (
        select(Case, Handover)
        .join(Handover, Handover.case_uid == Case.uid)
        .where(Handover.state.in_(UNDECIDED), Case.ending.is_(None), ~Case.paused)
        .order_by(Case.reference, Handover.number)
    )
    rows = session.execute(query).all()
    facts = facts_by_handover(session, [handover for _, handover in rows])
    return [Running(case, handover, facts[handover.uid]) for case, handover in rows]


def _asked(session: Session, uids: Collection[bytes]) -> defaultdict[bytes, list[Asked]]:
    query = (
        select(Question.handover_uid, Question.number, Question.asked_at, Question.answered_at)
        .where(Question.handover_uid.in_(uids))
        .order_by(Question.number)
    )
    found = defaultdict(list)
    for handover_uid, number, asked_at, answered_at in session.execute(query):
        found[handover_uid].append(Asked(number=number, asked_at=asked_at, answered_at=answered_at))
    return found


def pauses_by_case(
    session: Session, uids: Collection[bytes]
) -> defaultdict[bytes, list[tuple[date, date | None]]]:
    """Return the first and last day of each pause for which clocks stop, by the case's number."""
    # The clocks run on while prompts are held for a bereaved family.
    query = select(Pause.case_uid, Pause.from_on, Pause.until_on).where(
        Pause.case_uid.in_(uids), Pause.reason_code != PauseReason.FAMILY_BEREAVED.value
    )
    found = defaultdict(list)
    for case_uid, from_on, until_on in session.execute(query.order_by(Pause.from_on)):
        found[case_uid].append((from_on, until_on))
    return found
