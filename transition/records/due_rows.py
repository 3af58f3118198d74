"""The plain rows that dues are put together from: one query for cases, one for outcomes.

They are opened in a tight loop, without objects, and hold no name.
"""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Row, Select, String, and_, bindparam, case, cast, exists, func, select
from sqlalchemy.orm import Session

from transition.clock import local_day
from transition.records.anchors import CaseAnchors, pauses_from, targets_from
from transition.records.cases import CONCERNING, DENIED, HANDOVER_STATES, NAMED, Case
from transition.records.handovers import Handover
from transition.records.histories import Pause, TargetDateChange
from transition.records.milestones import MilestoneOutcome, OwnMilestone, Snooze
from transition.rules.handovers import AGREED, SETTLED, HandoverState, handover_key
from transition.rules.milestones import Anchors, Outcome
from transition.rules.own_milestones import own_rule
from transition.rules.pathway import Circumstance, MilestoneRule, Stage
from transition.rules.pauses import PauseReason
from transition.rules.people import Actor
from transition.security.fields import CaseCipher


@dataclass(frozen=True, slots=True)
class OpenHandover:
    """The open lead handover of a case, as lists need it."""

    receiver: str
    number: int
    state: HandoverState
    proposed_on: date | None
    reply_by: date | None

    @property
    def key(self) -> str:
        """The part of its address that names it."""
        return handover_key(self.receiver, self.number)


HELD: Final = "/held"
"""Stands after a pause in which prompts are held for a bereaved family, and nothing else rests."""


def _question(*more: Any) -> Select[Any]:  # noqa: ANN401 - column expressions
    pauses = (
        select(
            func.aggregate_strings(
                cast(Pause.from_on, String)
                + "/"
                + func.coalesce(cast(Pause.until_on, String), "")
                + case((Pause.reason_code == PauseReason.FAMILY_BEREAVED.value, HELD), else_=""),
                " ",
            )
        )
        .where(Pause.case_uid == Case.uid)
        .correlate(Case)
        .scalar_subquery()
        .label("pauses")
    )
    targets = (
        select(
            func.aggregate_strings(
                cast(TargetDateChange.changed_at, String)
                + "/"
                + func.coalesce(cast(TargetDateChange.now_on, String), ""),
                "|",
            )
        )
        .where(TargetDateChange.case_uid == Case.uid)
        .correlate(Case)
        .scalar_subquery()
        .label("targets")
    )
    snoozes = (
        select(func.aggregate_strings(Snooze.code + "/" + cast(Snooze.until_on, String), " "))
        .where(Snooze.case_uid == Case.uid, Snooze.ended_at.is_(None))
        .correlate(Case)
        .scalar_subquery()
        .label("snoozes")
    )
    added = select(OwnMilestone.uid).where(OwnMilestone.case_uid == Case.uid)
    has_own = exists(added).label("has_own")
    return (
        select(
            *Case.__table__.c,
            CaseAnchors.__table__.c.date_of_birth,
            CaseAnchors.__table__.c.school_year_offset,
            CaseAnchors.__table__.c.circumstances,
            Handover.receiver.label("asked_of"),
            Handover.number,
            Handover.state,
            Handover.proposed_at,
            Handover.decided_at,
            Handover.reply_by,
            pauses,
            targets,
            snoozes,
            has_own,
            HANDOVER_STATES,
            *more,
        )
        .select_from(Case)
        .join(CaseAnchors, CaseAnchors.uid == Case.uid)
        .outerjoin(
            Handover,
            and_(Handover.case_uid == Case.uid, Handover.leads, Handover.closed_at.is_(None)),
        )
    )


EVERY_CASE: Final = _question(DENIED, NAMED)
"""Every case, with all that dues follow from; the timetable asks it."""

SEEN_CASES: Final = EVERY_CASE.where(CONCERNING)
"""The cases in which the reader's organisation has a part, and what the reader may see of them."""

CASES_OF: Final = _question().where(CONCERNING)
"""The same for whatever anybody of the organisation may see."""


ONE_SEEN: Final = SEEN_CASES.where(Case.uid == bindparam("case"))
ONE_OF_ALL: Final = EVERY_CASE.where(Case.uid == bindparam("case"))


def question_about_one(reader: Actor) -> Select[Any]:
    """Return the query for one case, ``case``, as *reader* may see it."""
    return ONE_SEEN if reader.uid is not None else ONE_OF_ALL


def question(reader: Actor) -> Select[Any]:
    """Return the query for the cases that *reader* may see, which `asked_by` tells of."""
    return SEEN_CASES if reader.uid is not None else EVERY_CASE


def outcomes_of(
    session: Session,
    uids: Sequence[bytes],
    ciphers: Mapping[bytes, CaseCipher],
    codes: Container[str] | None,
) -> dict[bytes, dict[str, Outcome]]:
    """Return the outcomes that stand, by case and milestone.

    The day is opened for the milestones in *codes* only; None stands for all of them.
    """
    found: dict[bytes, dict[str, Outcome]] = {}
    standing = session.connection().execute(STANDING, {"cases": uids})
    for case_uid, uid, code, kind, reason_code, token in standing:
        done_on = None
        wanted = codes is None or code in codes
        if token is not None and wanted and case_uid in ciphers:
            done_on = MilestoneOutcome.done_on.open_token(
                ciphers[case_uid], token, case_uid=case_uid, row_uid=uid
            )
        outcome = Outcome(kind=kind, done_on=done_on, reason_code=reason_code or "")
        found.setdefault(case_uid, {})[code] = outcome
    return found


_OUTCOME: Final = MilestoneOutcome.__table__.c
STANDING: Final = select(
    _OUTCOME.case_uid,
    _OUTCOME.uid,
    _OUTCOME.code,
    _OUTCOME.kind,
    _OUTCOME.reason_code,
    _OUTCOME.done_on,
).where(_OUTCOME.closed_at.is_(None), _OUTCOME.case_uid.in_(bindparam("cases", expanding=True)))
"""The outcomes that stand in some cases. Built once, as all that every change asks for."""


def own_rules_of(
    session: Session, uids: Sequence[bytes], ciphers: Mapping[bytes, CaseCipher]
) -> dict[bytes, tuple[MilestoneRule, ...]]:
    """Return the milestones that cases have added, by case, without their titles."""
    if not uids:
        return {}
    columns = OwnMilestone.__table__.c
    query = (
        select(
            columns.case_uid,
            columns.uid,
            columns.code,
            columns.stage,
            columns.owner,
            columns.due_on,
        )
        .where(columns.case_uid.in_(uids))
        .order_by(columns.code)
    )
    found: dict[bytes, tuple[MilestoneRule, ...]] = {}
    for case_uid, uid, code, stage, owner, token in session.execute(query):
        due_on = None
        if token is not None:
            due_on = OwnMilestone.due_on.open_token(
                ciphers[case_uid], token, case_uid=case_uid, row_uid=uid
            )
        rule = own_rule(code, stage=stage, owner=owner, due_on=due_on)
        found[case_uid] = (*found.get(case_uid, ()), rule)
    return found


def snoozed_in(row: Row[Any]) -> dict[str, date]:
    """Return until when each milestone of a case that is looked at later is."""
    pairs = (word.split("/") for word in (row.snoozes or "").split())
    return {code: date.fromisoformat(until) for code, until in pairs}


def anchors_of(row: Row[Any], cipher: CaseCipher) -> Anchors:
    """Return what the due dates of a case are reckoned from."""

    def opened(field: Any, token: bytes) -> Any:  # noqa: ANN401 - any field and its value
        return field.open_token(cipher, token, case_uid=row.uid, row_uid=row.uid)

    return Anchors(
        born=opened(CaseAnchors.date_of_birth, row.date_of_birth),
        opened_on=row.opened_on,
        entered_on=row.entered_on,
        school_year_offset=opened(CaseAnchors.school_year_offset, row.school_year_offset),
        circumstances=frozenset(
            Circumstance(code) for code in opened(CaseAnchors.circumstances, row.circumstances)
        ),
        target_on=row.target_transfer_on,
        target_set_on=row.target_set_on,
        earlier_targets=targets_from(row.targets),
        transferred_on=row.transferred_on,
        completed=row.stage is Stage.COMPLETED,
        events=_events(row),
        pauses=pauses_from(row.pauses),
        unexpedited_on=row.unexpedited_on,
        reopened_on=row.reopened_on,
    )


def _events(row: Row[Any]) -> dict[str, date]:
    happened = {"proposed": row.proposed_at}
    if row.state in (*AGREED, *SETTLED):
        happened["accepted"] = row.decided_at
    return {name: local_day(at) for name, at in happened.items() if at is not None}


def open_handover(row: Row[Any]) -> OpenHandover | None:
    """Return the open lead handover of a case, or None."""
    if row.asked_of is None:
        return None
    proposed_on = local_day(row.proposed_at) if row.proposed_at else None
    return OpenHandover(row.asked_of, row.number, row.state, proposed_on, row.reply_by)
