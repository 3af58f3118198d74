"""Opening a case, moving it from stage to stage, and recording on what basis it is shared."""

import secrets
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from transition.actions.case_changes import (
    keep_opening_ledger,
    keep_stage_change,
    missing_for,
    own_case,
    renew_next_due,
)
from transition.actions.work import Work
from transition.clock import local_day
from transition.records.anchors import CaseAnchors
from transition.records.cases import NHS_NUMBERS, Case, open_case_with_number
from transition.records.histories import (
    Episode,
    NamedWorkerSpan,
    Sharing,
    TargetDateChange,
    stage_changes_of,
)
from transition.records.keys import vault_of
from transition.records.staff import Staff, held_still
from transition.records.summaries import Summary, summary_of
from transition.records.young_people import YoungPerson
from transition.rules.errors import RuleBroken
from transition.rules.handovers import SharingBasis
from transition.rules.pathway import Circumstance, Stage
from transition.rules.references import new_reference
from transition.rules.stages import StageEvent, refuse_ended, take_event
from transition.rules.young_people import refuse_birth

NOT_TO_UNDO = (
    "Whoever moved a case on can undo it, on the same day and before anything else happens to it."
)
ALREADY_HERE = "Someone with this NHS number is already here."
WORKS_HERE_NO_MORE = "Choose a named worker who works here now."


@dataclass(frozen=True, kw_only=True)
class NewCase:
    """What a nurse says when a case is opened."""

    given_name: str
    family_name: str
    known_as: str | None
    pronouns: str | None
    date_of_birth: date
    nhs_number: str | None
    nhs_number_missing_reason: str | None
    first_language: str
    interpreter_needed: str
    primary_condition: str | None
    condition_group: int | None
    allergies: str
    how_i_communicate: str
    about_me: str
    service: str
    catchment_key: str
    circumstances: frozenset[Circumstance] = frozenset()
    school_year_offset: int = 0


def refuse_taken_number(work: Work, nhs_number: str) -> None:
    """Do nothing if no open case has this NHS number.

    Raises:
        RuleBroken: one has. The sentence tells nothing of whose it is.
    """
    index = vault_of(work.session).index(work.session, NHS_NUMBERS).of(nhs_number)
    if open_case_with_number(work.session, index) is not None:
        raise RuleBroken(ALREADY_HERE)


def _new_reference(work: Work) -> str:
    """Return a reference that no case has or had."""
    prefix = work.catalogue.collaborative.reference_prefix
    reference = new_reference(prefix, secrets.randbelow)
    while work.session.scalar(select(Case.uid).where(Case.reference == reference)) is not None:
        reference = new_reference(prefix, secrets.randbelow)
    return reference


def open_case(
    work: Work,
    new: NewCase,
    *,
    case_uid: bytes,
    opened_on: date | None = None,
    named_worker_uid: bytes | None = None,
) -> Case:
    """Open a case under the key that was drawn for *case_uid*, and return it.

    Every function of care is led by the opening service from this day on, so that nothing needed
    is ever without a lead.

    Raises:
        RuleBroken: the age is impossible, or an open case has the same NHS number.
    """
    opened_on = opened_on or work.today
    refuse_birth(new.date_of_birth, opened_on)
    if new.nhs_number:
        refuse_taken_number(work, new.nhs_number)
    state = take_event(None, StageEvent.OPEN, work.actor)
    worker_uid = named_worker_uid or work.actor_uid
    held_still(work.session, worker_uid)
    if work.session.get_one(Staff, worker_uid).actor(work.today) is None:
        raise RuleBroken(WORKS_HERE_NO_MORE)
    person = work.keep(_young_person(new, case_uid))
    index = vault_of(work.session).index(work.session, NHS_NUMBERS)
    case = work.keep(
        Case(
            uid=case_uid,
            case_uid=case_uid,
            reference=_new_reference(work),
            young_person_uid=person.uid,
            organisation=work.actor.organisation,
            service=new.service,
            catchment_key=new.catchment_key,
            pathway_version=work.catalogue.pathway.version,
            stage=state.stage,
            opened_on=opened_on,
            entered_on=opened_on,
            named_worker_uid=worker_uid,
            sharing_basis=SharingBasis.NOT_YET_ASKED,
            nhs_number_index=index.of(new.nhs_number) if new.nhs_number else None,
            nhs_number_missing_reason=new.nhs_number_missing_reason,
        )
    )
    _keep_what_hangs_on_it(work, case, new)
    work.keep(NamedWorkerSpan(case_uid=case.uid, staff_uid=worker_uid, from_on=opened_on))
    keep_stage_change(work, case, StageEvent.OPEN, was=None)
    work.note("case:opened", on=case)
    renew_next_due(work, case)
    return case


def _young_person(new: NewCase, case_uid: bytes) -> YoungPerson:
    return YoungPerson(
        case_uid=case_uid,
        given_name=new.given_name,
        family_name=new.family_name,
        known_as=new.known_as,
        pronouns=new.pronouns,
        nhs_number=new.nhs_number,
        first_language=new.first_language,
        interpreter_needed=new.interpreter_needed,
    )


def _keep_what_hangs_on_it(work: Work, case: Case, new: NewCase) -> None:
    """Keep anchors, summary, first episode and the opening ledger of a case."""
    work.keep(
        CaseAnchors(
            uid=case.uid,
            case_uid=case.uid,
            date_of_birth=new.date_of_birth,
            school_year_offset=new.school_year_offset,
            circumstances=sorted(new.circumstances),
        )
    )
    work.keep(
        Summary(
            case_uid=case.uid,
            primary_condition=new.primary_condition,
            condition_group=new.condition_group,
            allergies=new.allergies,
            how_i_communicate=new.how_i_communicate,
            about_me=new.about_me,
        )
    )
    work.keep(Episode(case_uid=case.uid, number=1, began_on=case.opened_on))
    keep_opening_ledger(work, case, case.opened_on)


def move_on(work: Work, reference: str, *, why_early: str = "") -> Case:
    """Move a case from its first stage to the second, or from there to planning, and return it.

    Raises:
        RuleBroken: something is still missing; the sentence says what.
        NotFound: this actor has no such case.
    """
    case = own_case(work, reference)
    event = {Stage.IDENTIFIED: StageEvent.PREPARE, Stage.PREPARING: StageEvent.PLAN}.get(case.stage)
    if event is None:
        raise RuleBroken("This case moves on by its handover, not by itself.")
    after = take_event(case.state, event, work.actor)
    missing = missing_for(work, case, event, why_early=why_early)
    if missing:
        raise RuleBroken(" ".join(missing))
    was = case.stage
    case.stage = after.stage
    keep_stage_change(work, case, event, was=was)
    work.note("stage:moved", on=case, changed={"stage": (was.value, case.stage.value)})
    renew_next_due(work, case)
    return case


def undo_move_on(work: Work, reference: str) -> Case:
    """Take a case back to the stage that it was moved on from, and return it.

    Raises:
        RuleBroken: somebody else moved it on, or not today, or more has happened since.
        NotFound: this actor has no such case.
    """
    case = own_case(work, reference)
    refuse_ended(case.state)
    last = stage_changes_of(work.session, case.uid)[-1]
    today = local_day(last.changed_at) == work.today
    mine = today and last.changed_by_uid == work.actor_uid
    if last.was is None or last.event not in {StageEvent.PREPARE, StageEvent.PLAN} or not mine:
        raise RuleBroken(NOT_TO_UNDO)
    was = case.stage
    case.stage = last.was
    keep_stage_change(work, case, StageEvent.UNDO, was=was)
    work.note("stage:undone", on=case, changed={"stage": (was.value, case.stage.value)})
    renew_next_due(work, case)
    return case


def record_sharing(work: Work, case: Case, basis: SharingBasis, *, limits: str | None) -> None:
    """Record on what basis a case is shared, and what must not be told to whom."""
    summary = summary_of(work.session, case.uid)
    changed = {
        "sharing_basis": (case.sharing_basis.value, basis.value),
        "sharing_limits": (summary.sharing_limits, limits),
    }
    case.sharing_basis, summary.sharing_limits = basis, limits
    keep_sharing(work, case, limits)
    work.note("sharing:recorded", on=case, changed=changed)


def keep_sharing(work: Work, case: Case, limits: str | None) -> None:
    """Keep the history row of how a case is shared from now on."""
    work.keep(
        Sharing(
            case_uid=case.uid,
            basis=case.sharing_basis,
            detail=limits,
            recorded_at=work.now,
            recorded_by_uid=work.actor_uid,
        )
    )


def set_target(
    work: Work,
    case: Case,
    target_on: date | None,
    *,
    reason_code: str,
    window_to: date | None = None,
) -> TargetDateChange | None:
    """Set or move the target transfer date and return what is kept of it; None is no change."""
    was = case.target_transfer_on
    if (was, case.window_to) == (target_on, window_to):
        return None
    change = work.keep(
        TargetDateChange(
            case_uid=case.uid,
            was_on=was,
            now_on=target_on,
            window_until_on=window_to,
            was_set_on=case.target_set_on,
            was_window_to=case.window_to,
            reason_code=reason_code,
            changed_at=work.now,
            changed_by_uid=work.actor_uid,
        )
    )
    changed = {"target_transfer_on": (was, target_on), "window_to": (case.window_to, window_to)}
    if target_on != was:
        case.target_set_on = work.today  # another end of the window moves no due date
    case.target_transfer_on, case.window_to = target_on, window_to
    differing = {name: pair for name, pair in changed.items() if pair[0] != pair[1]}
    work.note("target:set", on=case, changed=differing)
    return change
