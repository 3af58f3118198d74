"""What changes of a case have in common: whose it is, what it waits for, and what is kept of it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from transition.actions.work import Work
from transition.records.cases import Case
from transition.records.dues import dues_of_case, next_due_of
from transition.records.histories import StageChange
from transition.records.ledger import LedgerRow, ledger_of
from transition.rules.access import CaseAccess
from transition.rules.errors import RuleBroken
from transition.rules.guards import EarlyStart
from transition.rules.handovers import Function
from transition.rules.ledger import LedgerSpan, breaches, opening_rows, switch
from transition.rules.pathway import Stage
from transition.rules.people import Actor
from transition.rules.stages import StageEvent

ENDED = "This case has ended. Open it again before you change it."
NOT_YOURS_YET = "Only those who share this case can do this. Ring the nurse who asked you."
NOT_YOURS = "Only the children's hospice whose case it is can do this."


def own_case(work: Work, reference: str) -> Case:
    """Return a case of the actor's own organisation, held until the work is done.

    Raises:
        RuleBroken: it is another organisation's.
        NotFound: this actor has no such case.
    """
    seen = work.case(reference)
    if seen.access is not CaseAccess.FULL:
        raise RuleBroken(NOT_YOURS)
    return seen.case


def own_open_case(work: Work, reference: str) -> Case:
    """Return a case of the actor's own organisation that has not ended, held until all is done.

    Raises:
        RuleBroken: it has ended, or it is another organisation's.
        NotFound: this actor has no such case.
    """
    case = own_case(work, reference)
    if case.ending is not None:
        raise RuleBroken(ENDED)
    return case


def shared_case(work: Work, reference: str) -> Case:
    """Return a case that the actor's organisation shares, held until the work is done.

    Raises:
        RuleBroken: it was only asked about it.
        NotFound: this actor has no such case.
    """
    seen = work.case(reference)
    if seen.access < CaseAccess.SHARED:
        raise RuleBroken(NOT_YOURS_YET)
    return seen.case


def missing_for(
    work: Work, case: Case, event: StageEvent, *, why_early: str = ""
) -> tuple[str, ...]:
    """Return a sentence for each thing that *event* still waits for."""
    dues = dues_of_case(work.session, case.uid, work.asking)
    if dues is None:
        return (NOT_YOURS,)
    return dues.missing_for(event, work.today, early=EarlyStart(work.actor, why_early))


def keep_stage_change(
    work: Work, case: Case, event: StageEvent, *, was: Stage | None, by: Actor | None = None
) -> StageChange:
    """Keep the history row of a change of stage, and return it.

    `by` is who stands behind what the timetable does; otherwise it is the actor's own doing.
    """
    actor = by or work.actor
    return work.keep(
        StageChange(
            case_uid=case.uid,
            event=event.value,
            was=was,
            now=case.stage,
            changed_at=work.now,
            changed_by_uid=actor.uid or work.actor_uid,
            organisation=actor.organisation,
        )
    )


def keep_opening_ledger(work: Work, case: Case, on: date) -> None:
    """Let the service of a case lead every function of care from the day *on*."""
    keep_spans(work, case, opening_rows(case.service, on), work.actor)
    refuse_broken_ledger(work, case, on)


@dataclass(frozen=True, slots=True)
class NewLead:
    """A service that will lead, from the start of which day, and on whose word."""

    service: str
    on: date
    by: Actor


def let_lead(work: Work, case: Case, functions: Collection[Function], lead: NewLead) -> None:
    """Let a service lead these functions of a case in place of whoever led them.

    Raises:
        RuleBroken: a function would then have no lead, or two.
    """
    rows = {row.span: row for row in ledger_of(work.session, case.uid)}
    close, add = switch(rows, functions, lead.service, lead.on)
    for span in close:
        rows[span].to_on = lead.on
    work.session.flush()  # nobody leads twice, not for a moment
    keep_spans(work, case, add, lead.by)
    refuse_broken_ledger(work, case, lead.on)


def keep_spans(work: Work, case: Case, spans: Iterable[LedgerSpan], by: Actor) -> None:
    """Write these spans into the ledger of a case, as *by* set them."""
    for span in spans:
        work.keep(
            LedgerRow(
                case_uid=case.uid,
                function=span.function,
                service=span.service,
                position=span.position,
                from_on=span.from_on,
                to_on=span.to_on,
                set_at=work.now,
                set_by_uid=by.uid,
            )
        )


def refuse_broken_ledger(work: Work, case: Case, on: date) -> None:
    """Do nothing if every function of a case has one lead on each of the next days.

    Source: domain 5.9.

    Raises:
        RuleBroken: one has none, or two.
    """
    spans = [row.span for row in ledger_of(work.session, case.uid)]
    if broken := breaches(spans, Function, on):
        words = f"{broken[0].function.label} would not have one lead from {broken[0].from_on}."
        raise RuleBroken(f"{words} Choose who leads it.")


def renew_next_due(work: Work, case: Case) -> None:
    """Bring the sealed next due date of a case up to what its rows now say."""
    work.session.flush()
    dues = dues_of_case(work.session, case.uid, work.asking)
    if dues is not None:
        case.next_due = next_due_of(dues)
