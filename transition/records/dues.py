"""What is due, whose move it is, and for which case: the one answer to that question.

Today, the lists, the digest and the reports all ask here, so they cannot disagree. The answer holds
references and codes and never a name. It is put together from plain rows in a tight loop, with one
query for all the keys.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

from sqlalchemy import Row, Select
from sqlalchemy.orm import Session

from transition.catalogue import Catalogue
from transition.records.cases import Case, access_of, asked_by, only_supports
from transition.records.change_numbers import while_unchanged
from transition.records.due_rows import (
    CASES_OF,
    HELD,
    OpenHandover,
    anchors_of,
    open_handover,
    outcomes_of,
    own_rules_of,
    question,
    question_about_one,
    snoozed_in,
)
from transition.records.keys import vault_of
from transition.records.reviews import Review, reviews_due
from transition.records.sights import Sight, shown_to, sights_of
from transition.records.waiting import Waiting, waiting_in
from transition.rules.access import CaseAccess
from transition.rules.digests import DueItem, DueKind, is_gentle
from transition.rules.guards import TOO_YOUNG, EarlyStart, guard_of
from transition.rules.milestones import (
    Anchors,
    MilestoneLine,
    Outcome,
    Standing,
    Status,
    lines_of,
    outstanding,
    satisfied,
    settles,
    standings_of,
    status_of,
)
from transition.rules.own_milestones import is_put_off, pathway_of, standing_titled, titled
from transition.rules.pathway import Gate, MilestoneRule, Owner, Pathway, Stage
from transition.rules.people import Actor, Role
from transition.rules.stages import StageEvent
from transition.rules.targets import Moves, moves_between, retargeted
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
    bereaved: bool
    """Whether a brother or sister has died."""
    held: bool
    """Whether its prompts are held for that: no milestone is asked for, what waits goes on."""
    receiver: str | None
    outside: bool
    """Whether that is a provider who does not sign in: the children's hospice does it all."""
    target_on: date | None
    named_worker_uid: bytes
    access: CaseAccess
    handover: OpenHandover | None
    anchors: Anchors
    outcomes: Mapping[str, Outcome]
    pathway: Pathway
    standings: tuple[Standing, ...]
    snoozed: Mapping[str, date] = field(default_factory=dict)
    """Until when a milestone is not asked about, by its code; its due date stays."""
    waiting: tuple[Waiting, ...] = ()
    supports: bool = False
    """Whether the reader's organisation supports beside the lead, or is asked to: of the way of the
    case it knows no more than its pack says."""
    review: Review | None = None
    """What is to be looked at again, in the answer about that only."""

    @property
    def open_standings(self) -> tuple[Standing, ...]:
        """The milestones that are still to be done, in pathway order."""
        return tuple(one for one in self.standings if not settles(one.rule, one.outcome))

    def titled(self, titles: Mapping[str, str]) -> "CaseDues":
        """Return the same with the titles of the case's own milestones, by their codes.

        What the children's hospice added for itself is not told to another.
        """
        if self.access is not CaseAccess.FULL:
            own = {rule.code for rule in self.pathway.milestones if rule.owner is Owner.CHILDRENS}
            titles = {code: title for code, title in titles.items() if code not in own}
        rules = tuple(titled(rule, titles) for rule in self.pathway.milestones)
        return replace(
            self,
            pathway=Pathway(self.pathway.version, rules),
            standings=tuple(standing_titled(one, titles) for one in self.standings),
        )

    @property
    def has_own(self) -> bool:
        """Whether the case added milestones of its own: they stand last."""
        return self.pathway.milestones[-1].own

    def lines(self, asking: "Asking") -> tuple[MilestoneLine, ...]:
        """Return every milestone that concerns the case, and the sentence about its date."""
        holidays = asking.catalogue.holidays
        return lines_of(self.pathway, self.anchors, self.outcomes, asking.today, holidays)

    def retargeted(self, target_on: date, asking: "Asking") -> Moves:
        """Return which due dates move if the target date is set today, and which stay."""
        after = replace(self, anchors=retargeted(self.anchors, target_on, asking.today))
        return moves_between(self.lines(asking), after.lines(asking))

    def on_newest(self, asking: "Asking") -> tuple[MilestoneLine, ...]:
        """Return the lines that the case would have besides, if it followed the newest pathway."""
        newest = replace(self, pathway=asking.catalogue.pathway)
        known = {one.rule.code for one in self.standings}
        return tuple(line for line in newest.lines(asking) if line.rule.code not in known)

    def slipped(self, asking: "Asking") -> Moves:
        """Return which due dates the last pause moved, and which not."""
        anchors = replace(self.anchors, pauses=self.anchors.pauses[:-1])
        unpaused = replace(self, anchors=anchors)
        return moves_between(unpaused.lines(asking), self.lines(asking))

    def reborn(self, born: date, asking: "Asking") -> Moves:
        """Return which due dates move if the date of birth is put right, which stay or come."""
        after = replace(self, anchors=replace(self.anchors, born=born)).lines(asking)
        return moves_between(self.lines(asking), after)

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
        missing = guard_of(
            event, outstanding=unsatisfied, born=self.anchors.born, today=today, early=early
        )
        # Whose health changes quickly does not wait to be old enough.
        return tuple(one for one in missing if not (self.expedited and one == TOO_YOUNG))


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks, on which day, by which catalogue."""

    reader: Actor
    today: date
    catalogue: Catalogue


Known = dict[bytes, tuple[int, CaseDues]]
"""What was reckoned of each case, with the hash of the rows that it was reckoned from."""

WHATEVER_CHANGED: Final = 0
"""Stands for the number of what is not bound to one: each case in it is held against its rows."""


def dues_for(session: Session, asking: Asking) -> list[CaseDues]:
    """Return what is due in every case that the reader may see and that runs.

    The one gate: a case that has ended or rests is in no list, no count and no letter. What is
    due to an organisation is reckoned once, and again when one of its cases has changed.
    """
    reader = asking.reader
    if reader.uid is None:
        return _answer(session, _running(question(reader)), asking)
    seen = while_unchanged(
        session, reader.organisation, ("dues seen", asking), lambda: _seen(session, asking)
    )
    return list(seen)


def _running(query: Select[Any]) -> Select[Any]:
    return query.where(Case.ending.is_(None), ~Case.paused).order_by(Case.reference)


RUNNING: Final = _running(CASES_OF)


def _seen(session: Session, asking: Asking) -> tuple[CaseDues, ...]:
    organisation = asking.reader.organisation
    key = ("dues", organisation, asking.today, asking.catalogue)
    lines = while_unchanged(
        session, organisation, key, lambda: _dues_of(session, organisation, asking)
    )
    return shown_to(asking.reader, lines)


def _dues_of(
    session: Session, organisation: str, asking: Asking
) -> tuple[tuple[Sight, CaseDues], ...]:
    rows = session.execute(RUNNING, {"organisation": organisation}).all()
    sights = sights_of(session, organisation, rows)
    unseen = [(row, CaseAccess.NOTHING) for row in rows]
    kept, key = vault_of(session).kept, ("known", organisation, asking.today, asking.catalogue)
    known: Known = kept.find(key, WHATEVER_CHANGED) or {}
    built = _built(session, unseen, asking, known=known)
    kept.keep(key, WHATEVER_CHANGED, known)
    return tuple((sights[dues.case_uid], dues) for dues in built)


def reviews_for(session: Session, asking: Asking) -> list[CaseDues]:
    """Return the reader's own cases in which something is to be looked at again by now.

    That is a pause, a family's bereavement, an ending, or one that waits for a second person; it
    is all there is to say of a case that rests or has ended. The hospice whose case it is does it.
    """
    reviews = reviews_due(session, asking.reader, asking.today)
    if not reviews:
        return []
    in_order = question(asking.reader).where(Case.uid.in_(reviews)).order_by(Case.reference)
    nothing: dict[str, Any] = {"standings": (), "waiting": (), "handover": None, "target_on": None}
    return [
        replace(dues, **nothing, review=reviews[dues.case_uid])
        for dues in _answer(session, in_order, asking)
        if dues.access is CaseAccess.FULL
    ]


def dues_of_case(
    session: Session, case_uid: bytes, asking: Asking, *, waits: bool = False
) -> CaseDues | None:
    """Return what is due in one case that the reader may see, whatever its state.

    What waits besides milestones is asked for only where *waits* says so.
    """
    query = question_about_one(asking.reader)
    found = next(iter(_answer(session, query, asking, case_uid=case_uid)), None)
    if found is None or not waits:
        return found
    waiting = waiting_in(session, [case_uid], asking.today, asking.catalogue.holidays).get(
        case_uid, ()
    )
    return replace(found, waiting=_concerning(waiting, found.organisation, asking.reader))


def _answer(
    session: Session, query: Select[Any], asking: Asking, *, case_uid: bytes | None = None
) -> list[CaseDues]:
    asked = asked_by(asking.reader) | {"case": case_uid}
    rows = [
        (row, access)
        for row in session.execute(query, asked).all()
        if (access := _access(asking.reader, row)) >= CaseAccess.PACK
    ]
    return _built(session, rows, asking, every_day=case_uid is not None)


def _built(
    session: Session,
    rows: Sequence[tuple[Row[Any], CaseAccess]],
    asking: Asking,
    *,
    every_day: bool = False,
    known: Known | None = None,
) -> list[CaseDues]:
    known = {} if known is None else known
    uids = [row.uid for row, _ in rows]
    ciphers = vault_of(session).ciphers(session, uids)
    # Of one case, what waits is asked for apart, where somebody wants to know.
    waiting = (
        {}
        if every_day
        else waiting_in(session, list(ciphers), asking.today, asking.catalogue.holidays)
    )
    # A list needs the days of a few milestones only; opening the others would be its greatest cost.
    codes = None if every_day else asking.catalogue.codes_with_days
    outcomes = outcomes_of(session, uids, ciphers, codes)
    own = own_rules_of(session, [row.uid for row, _ in rows if row.has_own], ciphers)
    built = []
    for row, access in rows:
        if row.uid in ciphers:
            found, added = outcomes.get(row.uid, {}), own.get(row.uid, ())
            says = hash((tuple(row), frozenset(found.items()), added))
            if row.uid not in known or known[row.uid][0] != says:
                known[row.uid] = says, _case_dues(row, ciphers[row.uid], (found, added), asking)
            waits = _concerning(waiting.get(row.uid, ()), row.organisation, asking.reader)
            dues = replace(known[row.uid][1], access=access, waiting=waits)
            reader = asking.reader
            supports = reader.uid is not None and only_supports(row, reader.organisation)
            built.append(replace(dues, **OF_THE_LEAD, supports=True) if supports else dues)
    return built


OF_THE_LEAD: Final[Mapping[str, Any]] = {
    "receiver": None,
    "outside": False,
    "handover": None,
    "target_on": None,
    "outcomes": {},
    "standings": (),
    "snoozed": {},
}
"""What whoever supports is not told of a case: where it moves, when, and what is done for that."""


def _concerning(
    waiting: Iterable[Waiting], organisation: str, reader: Actor
) -> tuple[Waiting, ...]:
    """Return what of that the reader's organisation may know of; the timetable knows it all."""
    own = reader.uid is None or reader.organisation == organisation
    return tuple(one for one in waiting if one.concerns(reader.organisation, own=own))


WAITING_WORDS: Final[Mapping[DueKind, str]] = {
    DueKind.HANDOVER: "a handover that waits for a reply",
    DueKind.QUESTION: "an answer to a question",
    DueKind.CONDITION: "a condition of a handover",
    DueKind.AFTER_NO: "a reply that needs your next step",
    DueKind.FAMILY: "a conversation to write down",
    DueKind.DISPUTE: "a conversation of both leads",
    DueKind.SETTLING: "a check-in",
    DueKind.SUPPORT: "a check-in about support",
    DueKind.SUPPORT_TALK: "a conversation of both leads",
    DueKind.TRANSFER: "a transfer to sign",
}
"""What a letter calls what waits. Source: domain 7.2."""


def _access(reader: Actor, row: Row[Any]) -> CaseAccess:
    if reader.uid is None:
        return CaseAccess.FULL  # the timetable reads every case; it has no screen
    return access_of(reader, row)


def _case_dues(
    row: Row[Any],
    cipher: CaseCipher,
    rows: tuple[Mapping[str, Outcome], tuple[MilestoneRule, ...]],
    asking: Asking,
) -> CaseDues:
    """Return what is due in a case; how much of it the reader may see is for the caller to say."""
    outcomes, own = rows
    pathway = pathway_of(asking.catalogue.pathways, row.pathway_version, own, outcomes)
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
        bereaved=HELD in (row.pauses or ""),
        held=f"/{HELD}" in (row.pauses or ""),
        receiver=row.receiver,
        outside=asking.catalogue.collaborative.is_outside(row.receiver),
        target_on=row.target_transfer_on,
        named_worker_uid=row.named_worker_uid,
        access=CaseAccess.NOTHING,
        handover=open_handover(row),
        anchors=anchors,
        outcomes=outcomes,
        pathway=pathway,
        standings=standings,
        snoozed=snoozed_in(row),
    )


def stands_in_reply(standing: Standing) -> bool:
    """Return whether a milestone is ticked in the reply: the handover's own line stands for it."""
    return standing.rule.gate is Gate.ACCEPT


def next_due_of(dues: CaseDues) -> dict[str, str] | None:
    """Return the earliest thing due in a case, as it is kept sealed with the case."""
    return None if dues.held else earliest(dues.open_standings)


def earliest(open_ones: Iterable[Standing]) -> dict[str, str] | None:
    """Return the earliest of milestones that are still to be done, as it is kept sealed."""
    dated = [one for one in open_ones if one.due_on and not stands_in_reply(one)]
    if not dated:
        return None
    first = min(dated, key=lambda one: (one.due_on or date.max, one.rule.code))
    return {"on": str(first.due_on), "code": first.rule.code}


def concerns(dues: CaseDues, actor: Actor) -> bool:
    """Return whether a case is the actor's to look after: a nurse's are those she is named on."""
    if actor.roles == {Role.TRANSITION_NURSE}:
        return dues.named_worker_uid == actor.uid
    return True


def items_of(cases: Iterable[CaseDues], today: date, *, leads: bool = False) -> list[DueItem]:
    """Return everything that is or will be due in *cases*, for somebody who *leads* or not.

    That is milestones, handovers that wait, and of a case that rests its pause to look at again.
    """
    items = []
    for dues in cases:
        # What the accept gate asks is ticked in the reply: the handover's own line stands for it.
        items += [
            _milestone_item(dues, one)
            for one in (() if dues.held else dues.open_standings)
            if not stands_in_reply(one)
            and not is_put_off(dues.snoozed.get(one.rule.code), one.status, today, leads=leads)
        ]
        items += [_waiting_item(dues, one, today) for one in dues.waiting]
        if dues.review is not None:
            items.append(_review_item(dues, dues.review, today))
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
        owner=_whose(rule.owner, outside=dues.outside),
        counted_only=rule.tells_age,
        blocks=rule.gate is not Gate.NONE,
    )


REVIEW_WORDS: Final[Mapping[DueKind, str]] = {
    DueKind.REVIEW: "a pause to look at again",
    DueKind.HOLD: "a case to look at again",
    DueKind.CLOSING: "an ended case to look at again",
    DueKind.CONFIRM: "an ending that waits for a second person",
}
"""What a letter calls what is to be looked at again."""


def _review_item(dues: CaseDues, review: Review, today: date) -> DueItem:
    item = DueItem(
        reference=dues.reference,
        kind=review.kind,
        code=review.code,
        letter_words=REVIEW_WORDS[review.kind],
        stage=dues.stage,
        due_on=review.on,
        status=status_of(review.on, None, today),
        owner=Owner.CHILDRENS,
    )
    return replace(item, status=Status.DUE) if is_gentle(item) else item


def _waiting_item(dues: CaseDues, waiting: Waiting, today: date) -> DueItem:
    return DueItem(
        reference=dues.reference,
        kind=waiting.kind,
        code=waiting.code,
        letter_words=WAITING_WORDS[waiting.kind],
        stage=dues.stage,
        due_on=waiting.due_on,
        status=status_of(waiting.due_on, None, today),
        owner=_whose(waiting.owner, outside=waiting.provider_name is not None),
        blocks=True,
    )


def _whose(owner: Owner, *, outside: bool) -> Owner:
    """Return whose something is to do: what a provider outside does, the nurse sees to."""
    return Owner.CHILDRENS if outside and owner is Owner.ADULT else owner
