"""What the clocks after a transfer, and of support, are reckoned from, in a few queries for all."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from transition.clock import local_day
from transition.records.agreements import Agreement
from transition.records.cases import Case
from transition.records.clock_facts import pauses_by_case
from transition.records.handovers import Handover
from transition.records.milestones import MilestoneOutcome
from transition.records.settling import AnyEntry, CheckIn, FirstContact, entries_of
from transition.rules.handovers import SETTLED, HandoverState
from transition.rules.pathway import Stage
from transition.rules.settling import (
    AT_SIX_MONTHS,
    AT_SIX_WEEKS,
    FIRST_CONTACT,
    STILL_THERE,
    CheckInOutcome,
)
from transition.rules.settling_clocks import SettlingFacts, Word

BLOCKING = frozenset({FIRST_CONTACT, AT_SIX_WEEKS, AT_SIX_MONTHS})
"""The milestones that block the closing."""
A_YEAR_ON = frozenset({STILL_THERE})
"""What is asked once it is closed."""


def settling_facts(session: Session, handovers: Collection[Handover]) -> dict[bytes, SettlingFacts]:
    """Return what the clocks of handovers after their transfer are reckoned from, by their number.

    The days of milestones are not among them: they follow from the anchors of a case. Of one that
    supports beside the lead they follow from the day on which that begins.
    """
    cases = {one.case_uid for one in handovers}
    transferred = select(Case.uid, Case.transferred_on, Case.stage).where(Case.uid.in_(cases))
    found = session.execute(transferred).all()
    transfers = {uid: day for uid, day, _ in found}
    begun = {
        one.uid: transfers[one.case_uid] if one.leads else one.supports_from for one in handovers
    }
    completed = {uid for uid, _, stage in found if stage is Stage.COMPLETED}
    done, pauses = _settled(session, cases), pauses_by_case(session, cases)
    contacts = _standing(session, FirstContact, handovers)
    check_ins = _standing(session, CheckIn, handovers)
    agreed = _agreed(session, handovers)
    return {
        one.uid: SettlingFacts(
            transferred_on=day,
            attempts=tuple(contact.attempt for contact in contacts[one.uid]),
            open_codes=(A_YEAR_ON if one.case_uid in completed else BLOCKING) - done[one.case_uid],
            unsettled=tuple(
                (each.number, each.happened_on)
                for each in check_ins[one.uid]
                if each.outcome is CheckInOutcome.NOT_WORKING and each.talked_on is None
            ),
            agreed=tuple(agreed[one.uid]),
            pauses=tuple(pauses[one.case_uid]),
            completed=one.case_uid in completed,
            checked_on=None
            if one.leads
            else tuple(each.happened_on for each in check_ins[one.uid]),
        )
        for one in handovers
        if (day := begun[one.uid]) is not None
    }


def _settled(session: Session, case_uids: Collection[bytes]) -> defaultdict[bytes, set[str]]:
    query = select(MilestoneOutcome.case_uid, MilestoneOutcome.code).where(
        MilestoneOutcome.case_uid.in_(case_uids),
        MilestoneOutcome.code.in_(BLOCKING | A_YEAR_ON),
        MilestoneOutcome.closed_at.is_(None),
    )
    found: defaultdict[bytes, set[str]] = defaultdict(set)
    for case_uid, code in session.execute(query):
        found[case_uid].add(code)
    return found


def _standing(
    session: Session, kind: type[AnyEntry], handovers: Collection[Handover]
) -> defaultdict[bytes, list[AnyEntry]]:
    found: defaultdict[bytes, list[AnyEntry]] = defaultdict(list)
    for row in entries_of(session, kind, [one.uid for one in handovers]):
        found[row.handover_uid].append(row)
    return found


def _agreed(session: Session, handovers: Collection[Handover]) -> defaultdict[bytes, list[Word]]:
    """Return the words that stand, each with its number among all that were given."""
    query = select(Agreement).where(Agreement.handover_uid.in_([one.uid for one in handovers]))
    given: defaultdict[bytes, int] = defaultdict(int)
    found: defaultdict[bytes, list[Word]] = defaultdict(list)
    for one in session.scalars(query.order_by(Agreement.agreed_at, Agreement.uid)):
        given[one.handover_uid] += 1
        if one.withdrawn_at is None:
            word = Word(one.what, one.side, local_day(one.agreed_at), given[one.handover_uid])
            found[one.handover_uid].append(word)
    return found


@dataclass(frozen=True, slots=True)
class Settling:
    """A case, its handover after a transfer or beside one, and what its clocks follow from."""

    case: Case
    handover: Handover
    facts: SettlingFacts


def settling_cases(session: Session) -> list[Settling]:
    """Return the cases that run after their transfer, each with the handover that led there.

    And, with each that supports beside the lead, the cases that run in which somebody does.
    """
    after = and_(
        Handover.state.in_((*SETTLED, HandoverState.CLOSED)),
        Handover.leads,
        Case.stage.in_((Stage.SETTLING, Stage.COMPLETED)),
    )
    query = (
        select(Case, Handover)
        .join(Handover, Handover.case_uid == Case.uid)
        .where(
            or_(after, Handover.state == HandoverState.SUPPORTING),
            Case.ending.is_(None),
            ~Case.paused,
        )
        .order_by(Case.reference, Handover.proposed_at)
    )
    # Who came back and was transferred again has an earlier one, which is over.
    last = {
        (case, None if handover.leads else handover): handover
        for case, handover in session.execute(query)
    }
    facts = settling_facts(session, last.values()) if last else {}
    return [
        Settling(case, one, facts[one.uid]) for (case, _), one in last.items() if one.uid in facts
    ]
