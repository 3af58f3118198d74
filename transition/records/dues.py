"""What is due, whose move it is, and for which case: the one answer to that question.

Today, the lists, the digest and the reports all ask here, so they cannot disagree. The answer holds
references and codes and never a name. It is put together from plain rows in a tight loop, with one
query for all the keys.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, Select
from sqlalchemy.orm import Session

from transition.catalogue import Catalogue
from transition.records.cases import Case, access_of
from transition.records.due_rows import (
    OpenHandover,
    anchors_of,
    open_handover,
    outcomes_of,
    question,
)
from transition.records.keys import vault_of
from transition.rules.access import CaseAccess
from transition.rules.digests import DueItem, DueKind
from transition.rules.guards import EarlyStart, guard_of
from transition.rules.handovers import UNDECIDED
from transition.rules.milestones import (
    Anchors,
    MilestoneLine,
    Outcome,
    Standing,
    lines_of,
    outstanding,
    satisfied,
    settles,
    standings_of,
    status_of,
)
from transition.rules.pathway import Gate, MilestoneRule, Owner, Pathway, Stage
from transition.rules.people import Actor, Role
from transition.rules.stages import StageEvent
from transition.security.fields import CaseCipher


@dataclass(frozen=True, slots=True)
class CaseDues:
    """Everything that is or will be due in one case."""

    case_uid: bytes
    young_person_uid: bytes
    reference: str
    organisation: str
    service: str
    stage: Stage
    paused: bool
    expedited: bool
    receiver: str | None
    target_on: date | None
    named_worker_uid: bytes
    access: CaseAccess
    handover: OpenHandover | None
    anchors: Anchors
    outcomes: Mapping[str, Outcome]
    pathway: Pathway
    standings: tuple[Standing, ...]

    @property
    def open_standings(self) -> tuple[Standing, ...]:
        """The milestones that are still to be done, in pathway order."""
        return tuple(one for one in self.standings if not settles(one.rule, one.outcome))

    def lines(self, asking: "Asking") -> tuple[MilestoneLine, ...]:
        """Return every milestone that concerns the case, and the sentence about its date."""
        holidays = asking.catalogue.holidays
        return lines_of(self.pathway, self.anchors, self.outcomes, asking.today, holidays)

    def waits_for(self, gate: Gate, today: date) -> tuple[MilestoneRule, ...]:
        """Return the milestones that still stand in the way at *gate*."""
        return outstanding(self.pathway, gate, self.anchors, self.outcomes, today)

    def missing_for(
        self, event: StageEvent, today: date, *, early: EarlyStart | None = None
    ) -> tuple[str, ...]:
        """Return a sentence for each thing that *event* still waits for."""
        unsatisfied = {
            rule.code
            for rule in self.pathway.milestones
            if not satisfied(rule, self.outcomes.get(rule.code), today)
        }
        return guard_of(
            event, outstanding=unsatisfied, born=self.anchors.born, today=today, early=early
        )


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks, on which day, by which catalogue."""

    reader: Actor
    today: date
    catalogue: Catalogue


def dues_for(session: Session, asking: Asking) -> list[CaseDues]:
    """Return what is due in every case that the reader may see and that runs.

    The one gate: a case that has ended or rests is in no list, no count and no letter.
    """
    query = question(asking.reader).where(Case.ending.is_(None), ~Case.paused)
    return _answer(session, query, asking)


def dues_of_case(session: Session, case_uid: bytes, asking: Asking) -> CaseDues | None:
    """Return what is due in one case that the reader may see, whatever its state."""
    query = question(asking.reader).where(Case.uid == case_uid)
    return next(iter(_answer(session, query, asking, every_day=True)), None)


def _answer(
    session: Session, query: Select[Any], asking: Asking, *, every_day: bool = False
) -> list[CaseDues]:
    rows = [
        (row, access)
        for row in session.execute(query.order_by(Case.reference)).all()
        if (access := _access(asking.reader, row)) >= CaseAccess.PACK
    ]
    uids = [row.uid for row, _ in rows]
    ciphers = vault_of(session).ciphers(session, uids)
    # A list needs the days of a few milestones only; opening the others would be its greatest cost.
    codes = None if every_day else asking.catalogue.codes_with_days
    outcomes = outcomes_of(session, uids, ciphers, codes)
    return [
        _case_dues(row, access, ciphers[row.uid], outcomes.get(row.uid, {}), asking)
        for row, access in rows
        if row.uid in ciphers
    ]


def _access(reader: Actor, row: Row[Any]) -> CaseAccess:
    if reader.uid is None:
        return CaseAccess.FULL  # the timetable reads every case; it has no screen
    return access_of(reader, row)


def _case_dues(
    row: Row[Any],
    access: CaseAccess,
    cipher: CaseCipher,
    outcomes: Mapping[str, Outcome],
    asking: Asking,
) -> CaseDues:
    pathway = asking.catalogue.pathways[row.pathway_version]
    anchors = anchors_of(row, cipher)
    holidays = asking.catalogue.holidays
    standings = tuple(standings_of(pathway, anchors, outcomes, asking.today, holidays))
    return CaseDues(
        case_uid=row.uid,
        young_person_uid=row.young_person_uid,
        reference=row.reference,
        organisation=row.organisation,
        service=row.service,
        stage=row.stage,
        paused=row.paused,
        expedited=row.expedited,
        receiver=row.receiver,
        target_on=row.target_transfer_on,
        named_worker_uid=row.named_worker_uid,
        access=access,
        handover=open_handover(row),
        anchors=anchors,
        outcomes=outcomes,
        pathway=pathway,
        standings=standings,
    )


def stands_in_reply(standing: Standing) -> bool:
    """Return whether a milestone is ticked in the reply: the handover's own line stands for it."""
    return standing.rule.gate is Gate.ACCEPT


def next_due_of(dues: CaseDues) -> dict[str, str] | None:
    """Return the earliest thing due in a case, as it is kept sealed with the case."""
    dated = [one for one in dues.open_standings if one.due_on and not stands_in_reply(one)]
    if not dated:
        return None
    first = min(dated, key=lambda one: (one.due_on or date.max, one.rule.code))
    return {"on": str(first.due_on), "code": first.rule.code}


def concerns(dues: CaseDues, actor: Actor) -> bool:
    """Return whether a case is the actor's to look after: a nurse's are those she is named on."""
    if actor.roles == {Role.TRANSITION_NURSE}:
        return dues.named_worker_uid == actor.uid
    return True


def items_of(cases: Iterable[CaseDues], today: date) -> list[DueItem]:
    """Return everything that is or will be due in *cases*: milestones, and handovers that wait."""
    items = []
    for dues in cases:
        # What the accept gate asks is ticked in the reply: the handover's own line stands for it.
        items += [
            _milestone_item(dues, one) for one in dues.open_standings if not stands_in_reply(one)
        ]
        if dues.handover is not None and dues.handover.state in UNDECIDED:
            items.append(_handover_item(dues, dues.handover, today))
    return items


def _milestone_item(dues: CaseDues, standing: Standing) -> DueItem:
    rule = standing.rule
    return DueItem(
        reference=dues.reference,
        kind=DueKind.MILESTONE,
        code=rule.code,
        letter_words=rule.letter_words,
        stage=dues.stage,
        due_on=standing.due_on,
        status=standing.status,
        owner=rule.owner,
        counted_only=rule.tells_age,
        blocks=rule.gate is not Gate.NONE,
    )


def _handover_item(dues: CaseDues, handover: OpenHandover, today: date) -> DueItem:
    return DueItem(
        reference=dues.reference,
        kind=DueKind.HANDOVER,
        code=handover.key,
        letter_words="a handover that waits for an answer",
        stage=dues.stage,
        due_on=handover.reply_by,
        status=status_of(handover.reply_by, None, today),
        owner=Owner.ADULT,
        blocks=True,
    )
