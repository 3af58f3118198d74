"""Adding many invented cases at once, for a demonstration of the size of a region.

They are written as plain rows, hundreds a second; every field is sealed as ever, and keys, numbers
of rows and nonces are drawn at random, whatever the seed.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, Final, cast

from sqlalchemy import Table, insert, select
from sqlalchemy.orm import Session

from transition.actions.demonstration_invented import Invented, Inventor, Names, Worker
from transition.actions.handovers import Proposal
from transition.actions.packs import advice_lines, pack_of, proof_of, who_it_is
from transition.actions.work import Work, work_of
from transition.catalogue import Catalogue
from transition.clock import LONDON, local_day
from transition.records.anchors import CaseAnchors
from transition.records.audit import Note, Occasion
from transition.records.cases import NHS_NUMBERS, Case
from transition.records.change_numbers import mark_changed
from transition.records.columns import new_uid
from transition.records.dues import earliest
from transition.records.handovers import FunctionAnswer, Handover
from transition.records.histories import (
    Episode,
    NamedWorkerSpan,
    Pause,
    Sharing,
    StageChange,
    TargetDateChange,
)
from transition.records.keys import vault_of
from transition.records.ledger import LedgerRow
from transition.records.milestones import MilestoneOutcome
from transition.records.sealing import SealedRow
from transition.records.staff import everybody
from transition.records.stamp import mode_of
from transition.records.summaries import Summary
from transition.records.young_people import YoungPerson
from transition.rules.errors import RuleBroken
from transition.rules.handovers import Answer, Function, SharingBasis, Urgency, reply_due
from transition.rules.ledger import opening_rows
from transition.rules.milestones import Confirmed, Outcome, Standing, settles, standings_of
from transition.rules.pack_contents import PackFacts
from transition.rules.packs import PackSource
from transition.rules.pathway import MilestoneRule, Owner, Stage
from transition.rules.pauses import USUAL_PAUSE, PauseReason
from transition.rules.people import THE_COMMAND_LINE, Role
from transition.rules.stages import StageEvent
from transition.rules.young_people import age_on
from transition.security.index import BlindIndex

BATCH: Final = 200
"""How many cases are kept in one transaction."""

ASKED: Final = (Function.ADVICE_24_7, Function.SYMPTOM_MANAGEMENT, Function.END_OF_LIFE_CARE)
EVENTS: Final = (
    StageEvent.OPEN,
    StageEvent.PREPARE,
    StageEvent.PLAN,
    StageEvent.PROPOSE,
    StageEvent.ACCEPT,
)
"""What led to each stage that there are steps for."""

Told = Callable[[int], None]
"""Is told how many cases there are by now."""

Plain = tuple[type[SealedRow], dict[str, Any]]
"""A kind of row, and the values of a new one."""

KINDS: Final[tuple[type[SealedRow], ...]] = (
    *(YoungPerson, Case, CaseAnchors, Summary, Episode, NamedWorkerSpan, LedgerRow, StageChange),
    *(TargetDateChange, Sharing, Pause, MilestoneOutcome, Handover, FunctionAnswer),
)
"""In an order in which each finds what it points to."""


@dataclass(frozen=True)
class Wanted:
    """How many cases are asked for, from which seed, and where the names lie."""

    count: int
    seed: int
    folder: Path


def add_cases(
    session: Session, catalogue: Catalogue, wanted: Wanted, *, now: datetime, told: Told
) -> None:
    """Add invented cases to whatever is there, and tell *told* after each batch.

    Raises:
        RuleBroken: the database is not a demonstration, or nobody is there to be named on a case.
    """
    if mode_of(session) != "demo":
        raise RuleBroken("This database is for real people. Nothing was added.")
    today = local_day(now)
    workers = _workers(session, Role.TRANSITION_NURSE, today)
    receivers = _workers(session, Role.ADULT_LEAD, today)
    if not workers or not receivers:
        raise RuleBroken("Nobody is here to be named on a case. Load the demonstration first.")
    names = Names.read(wanted.folder)
    prefix = catalogue.collaborative.reference_prefix
    inventor = Inventor(names, prefix, seed=wanted.seed, today=today)
    fresh = Fresh.of(session, inventor)
    for first in range(0, wanted.count, BATCH):
        count = min(BATCH, wanted.count - first)
        with work_of(session, Occasion(THE_COMMAND_LINE, now, "demo"), catalogue) as work:
            batch = Batch(work, inventor)
            for _ in range(count):
                batch.add(inventor.case(workers, receivers, **fresh.drawn()))
            batch.write()
            if first + count == wanted.count:
                work.note("demonstration:cases", about=f"{wanted.count} cases, seed {wanted.seed}")
        told(first + count)


def _workers(session: Session, role: Role, today: date) -> list[Worker]:
    """Return everybody who holds *role*, by address."""
    found = [
        Worker(held.organisation, staff.uid)
        for staff in everybody(session)
        for held in staff.memberships
        if held.role is role and held.value.grants_on(today)
    ]
    session.rollback()
    return found


@dataclass(frozen=True)
class Fresh:
    """References and NHS numbers that nobody has yet."""

    inventor: Inventor
    index: BlindIndex
    references: set[str]
    numbers: set[bytes]

    @classmethod
    def of(cls, session: Session, inventor: Inventor) -> "Fresh":
        """Return what is not taken in a database."""
        index = vault_of(session).index(session, NHS_NUMBERS)
        rows = session.execute(select(Case.reference, Case.nhs_number_index)).all()
        session.rollback()
        return cls(inventor, index, {row[0] for row in rows}, {row[1] or b"" for row in rows})

    def drawn(self) -> dict[str, str]:
        """Return a reference and a number, which are taken from now on."""
        reference, number = self.inventor.reference(), self.inventor.nhs_number()
        while reference in self.references:
            reference = self.inventor.reference()
        while self.index.of(number) in self.numbers:
            number = self.inventor.nhs_number()
        self.references.add(reference)
        self.numbers.add(self.index.of(number))
        return {"reference": reference, "nhs_number": number}


class Batch:
    """The rows of some cases, gathered by kind and written together."""

    def __init__(self, work: Work, inventor: Inventor) -> None:
        self._work = work
        self._inventor = inventor
        self._vault = vault_of(work.session)
        self._index = self._vault.index(work.session, NHS_NUMBERS)
        self._rows: dict[type[SealedRow], list[dict[str, Any]]] = {}
        self._uids: list[bytes] = []

    def add(self, case: Invented) -> None:
        """Gather the rows of one case."""
        uid = new_uid()
        self._vault.new_case_key(self._work.session, uid, now=self._work.now)
        self._work.notes.append(Note("case:opened", case_ref=case.reference))
        self._uids.append(uid)
        for kind, values in self._told(uid, case):
            self._gather(kind, uid, values)

    def write(self) -> None:
        """Write what was gathered."""
        session = self._work.session
        session.flush()
        for kind in KINDS:
            if rows := self._rows.get(kind):
                session.execute(insert(cast("Table", kind.__table__)), rows)
        mark_changed(session, self._uids)

    def _gather(self, kind: type[SealedRow], case_uid: bytes, values: dict[str, Any]) -> None:
        cipher = self._vault.cipher(self._work.session, case_uid)
        row = kind.as_plain(cipher, **{"case_uid": case_uid} | values)
        self._rows.setdefault(kind, []).append(row)

    def _told(self, uid: bytes, case: Invented) -> Iterator[Plain]:
        """Yield all that is kept of a case."""
        standings = self._standings(case)
        person_uid = new_uid()
        yield YoungPerson, _person(case) | {"uid": person_uid}
        yield Case, self._case(case, standings) | {"uid": uid, "young_person_uid": person_uid}
        yield CaseAnchors, _anchors(case) | {"uid": uid}
        yield Summary, _summary(case)
        yield from _history(case, self._work.now)
        yield from self._ledger(case)
        for one in standings:
            if one.outcome is not None:
                yield MilestoneOutcome, self._outcome(case, one.rule, one.outcome)
        if case.proposed_on is not None:
            yield from self._handover(uid, case, standings)

    def _standings(self, case: Invented) -> list[Standing]:
        """Return how its milestones stand, now that some of them are done."""
        catalogue = self._work.catalogue
        outcomes = self._inventor.outcomes(case, catalogue.pathway, catalogue.holidays)
        pathway, holidays = catalogue.pathway, catalogue.holidays
        return list(standings_of(pathway, case.anchors, outcomes, case.today, holidays))

    def _case(self, case: Invented, standings: list[Standing]) -> dict[str, Any]:
        agreed = case.stage.number > 1
        open_ones = (one for one in standings if not settles(one.rule, one.outcome))
        return {
            "reference": case.reference,
            "organisation": case.worker.organisation,
            "service": self._service(case),
            "catchment_key": case.receiver.organisation,
            "pathway_version": self._work.catalogue.pathway.version,
            "stage": case.stage,
            "paused": case.paused_on is not None,
            "ending": case.ending,
            "ended_at": self._work.now if case.ending else None,
            "opened_on": case.opened_on,
            "entered_on": case.opened_on,
            "target_transfer_on": case.target_on,
            "receiver": case.receiver.organisation if case.proposed_on else None,
            "named_worker_uid": case.worker.uid,
            "sharing_basis": SharingBasis.AGREED if agreed else SharingBasis.NOT_YET_ASKED,
            "nhs_number_index": self._index.of(case.nhs_number),
            "next_due": None if case.ending else earliest(open_ones),
        }

    def _service(self, case: Invented) -> str:
        """Return the service for somebody of this age; the one for older people comes last."""
        collaborative = self._work.catalogue.collaborative
        services = collaborative.organisation(case.worker.organisation).services
        years, _ = age_on(case.born, case.today)
        return [one.code for one in services if (one.lowest_age or 0) <= years][-1]

    def _ledger(self, case: Invented) -> Iterator[Plain]:
        for span in opening_rows(self._service(case), case.opened_on):
            yield (
                LedgerRow,
                {
                    "function": span.function,
                    "service": span.service,
                    "position": span.position,
                    "from_on": span.from_on,
                    "set_at": self._work.now,
                    "set_by_uid": case.worker.uid,
                },
            )

    def _outcome(self, case: Invented, rule: MilestoneRule, outcome: Outcome) -> dict[str, Any]:
        theirs = rule.owner is Owner.ADULT and case.answered_on is not None
        return {
            "code": rule.code,
            "kind": outcome.kind,
            "confirmed": Confirmed.YES if rule.confirmed else None,
            "recorded_at": _at(outcome.done_on or case.today, self._work.now),
            "recorded_by_uid": case.receiver.uid if theirs else case.worker.uid,
            "done_on": outcome.done_on,
        }

    def _handover(self, uid: bytes, case: Invented, standings: list[Standing]) -> Iterator[Plain]:
        """Yield the handover, its pack as a real one would be, and what is answered."""
        work, state, proposed_on = self._work, case.handover_state, case.proposed_on or case.today
        handover_uid, answered_on = new_uid(), case.answered_on
        answered_at = _at(answered_on, work.now) if answered_on else None
        proposal = Proposal(
            receiver=case.receiver.organisation,
            functions=ASKED,
            target_on=case.target_on or case.today,
            urgency=Urgency.ROUTINE,
            sharing_basis=SharingBasis.AGREED,
            sharing_limits=None,
            why="It is the nearest to home.",
        )
        collaborative = work.catalogue.collaborative
        sender = collaborative.organisation(case.worker.organisation).name
        leader = collaborative.service(self._service(case)).name
        person = YoungPerson(case_uid=uid, **_person(case))
        line_now, line_then = advice_lines(
            work, case.worker.organisation, {Function.ADVICE_24_7: self._service(case)}, proposal
        )
        facts = PackFacts(
            called=case.known_as or case.given_name,
            sender=sender,
            receiver=collaborative.organisation(proposal.receiver).name,
            who=who_it_is(person, case.born),
            values=_summary(case),
            leaders=[(function, leader) for function in Function],
            line_now=line_now,
            line_then=line_then,
            standings=standings,
            written=PackSource("This handover", sender, proposed_on),
        )
        pack = pack_of(work, person, case.born, facts, proposal)
        yield (
            Handover,
            {
                "uid": handover_uid,
                "receiver": proposal.receiver,
                "number": 1,
                "state": state,
                "urgency": proposal.urgency,
                "target_on": case.target_on,
                "reply_by": reply_due(proposed_on, proposal.urgency, work.catalogue.holidays),
                "proposed_at": _at(proposed_on, work.now),
                "proposed_by_uid": case.worker.uid,
                "acknowledged_at": answered_at,
                "acknowledged_by_uid": case.receiver.uid if answered_at else None,
                "decided_at": answered_at,
                "decided_by_uid": case.receiver.uid if answered_at else None,
                "adult_worker_uid": case.receiver.uid if answered_at else None,
                "closed_at": work.now if case.ending else None,
                "pack": pack,
                "pack_hash": proof_of(work, pack),
                "why": proposal.why,
            },
        )
        for function in ASKED:
            answer = Answer.ACCEPT if answered_at else None
            yield (
                FunctionAnswer,
                {"handover_uid": handover_uid, "function": function, "answer": answer},
            )


def _person(case: Invented) -> dict[str, Any]:
    return {
        "given_name": case.given_name,
        "family_name": case.family_name,
        "known_as": case.known_as,
        "nhs_number": case.nhs_number,
        "first_language": "English",
        "interpreter_needed": "no",
    }


def _anchors(case: Invented) -> dict[str, Any]:
    return {
        "date_of_birth": case.born,
        "school_year_offset": case.anchors.school_year_offset,
        "circumstances": sorted(case.anchors.circumstances),
    }


def _summary(case: Invented) -> dict[str, Any]:
    name, group = case.condition
    return {
        "primary_condition": name,
        "condition_group": group,
        "allergies": "None known",
        "how_i_communicate": f"Speak to {case.given_name} first, and allow time for a reply.",
        "about_me": "I want my own say. Ask me, not over my head.",
    }


def _history(case: Invented, now: datetime) -> Iterator[Plain]:
    """Yield what measures are reckoned from."""
    worker = case.worker
    yield Episode, {"number": 1, "began_on": case.opened_on}
    yield NamedWorkerSpan, {"staff_uid": worker.uid, "from_on": case.opened_on}
    yield from _stages(case, now)
    if case.target_on is not None:
        change = {"now_on": case.target_on, "reason_code": "agreed"}
        yield TargetDateChange, change | {"changed_at": now, "changed_by_uid": worker.uid}
    if case.stage.number > 1:
        recorded = {"recorded_at": now, "recorded_by_uid": worker.uid}
        yield Sharing, {"basis": SharingBasis.AGREED} | recorded
    if case.paused_on is not None:
        review_on = case.today + USUAL_PAUSE
        reason = {"review_on": review_on, "reason_code": PauseReason.FAMILY_ASKED.value}
        yield Pause, {"from_on": case.paused_on} | reason


def _stages(case: Invented, now: datetime) -> Iterator[Plain]:
    was = None
    for (stage, on), event in zip(case.reached, EVENTS, strict=False):
        by = case.receiver if event is StageEvent.ACCEPT else case.worker
        yield StageChange, _stage_change(by, _at(on, now), event, was) | {"now": stage}
        was = stage
    if case.ending is not None:
        change = _stage_change(case.worker, now, StageEvent.END, case.stage)
        yield StageChange, change | {"now": case.stage}


def _stage_change(by: Worker, at: datetime, event: StageEvent, was: Stage | None) -> dict[str, Any]:
    return {
        "event": event.value,
        "was": was,
        "changed_at": at,
        "changed_by_uid": by.uid,
        "organisation": by.organisation,
    }


def _at(day: date, now: datetime) -> datetime:
    """Return the morning of a day, never after now."""
    return min(datetime.combine(day, time(9), LONDON), now)
