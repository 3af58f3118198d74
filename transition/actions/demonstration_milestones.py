"""What was done of the milestones of an invented case by the days that the file tells of."""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Final

from transition.actions.demonstration_cases import Told
from transition.actions.milestones import Recorded, keep_outcome
from transition.actions.work import Work
from transition.records.dues import dues_of_case
from transition.rules.milestones import Confirmed, OutcomeKind
from transition.rules.pathway import Gate, MilestoneRule, Owner

LEFT_OPEN: Final = 10
"""What fell due in so many days before loading is left open, so that there are late things."""

EXTRA: Final = {"demo-01": ("MV-01",), "demo-06": ("MV-01", "MV-02"), "demo-08": ("MV-01",)}
"""Milestones done before they were due."""

NOT_YET: Final = {"demo-13": ("PR-04", "PL-01")}
"""Milestones for which there was no time: the shortened path goes on without them."""

OURS: Final = frozenset({Owner.CHILDRENS, Owner.SHARED})
THEIRS: Final = frozenset({Owner.ADULT})


def satisfy(
    work: Work, told: Told, codes: Collection[str], *, done_on: date, again: tuple[str, ...] = ()
) -> None:
    """Record these milestones as done, unless they do not concern the case or are done already."""
    case = work.case(told.reference).case
    dues = dues_of_case(work.session, case.uid, work.asking)
    for one in dues.standings if dues else ():
        if one.rule.code in codes and (one.outcome is None or one.rule.code in again):
            keep_outcome(work, case, one.rule, _done(done_on))


def satisfy_gate(work: Work, told: Told, gate: Gate, owners: Collection[Owner]) -> None:
    """Record as done what *gate* waits for and is these owners', as it was the day before."""
    pathway = work.catalogue.pathways[work.case(told.reference).case.pathway_version]
    codes = [rule.code for rule in pathway.gated(gate) if rule.owner in owners]
    satisfy(work, told, codes, done_on=work.today - timedelta(days=1))


def catch_up(work: Work, told: Told, owners: Collection[Owner]) -> None:
    """Record what was due by now, but for the last days, so that there are late things."""
    case = work.case(told.reference).case
    while due := _fallen_due(work, told, case.uid, owners):
        for one, due_on in due:
            done_on = max(due_on - timedelta(days=3), told.opened_on)
            keep_outcome(work, case, one, _done(done_on))
    if Owner.CHILDRENS in owners:
        satisfy(work, told, EXTRA.get(told.words["k"], ()), done_on=work.today)


def _done(done_on: date) -> Recorded:
    return Recorded(kind=OutcomeKind.DONE, done_on=done_on, confirmed=Confirmed.YES)


def _fallen_due(
    work: Work, told: Told, case_uid: bytes, owners: Collection[Owner]
) -> list[tuple[MilestoneRule, date]]:
    until = min(told.today - timedelta(days=LEFT_OPEN), work.today)
    dues = dues_of_case(work.session, case_uid, work.asking)
    return [
        (one.rule, one.due_on)
        for one in (dues.open_standings if dues is not None else ())
        if one.rule.owner in owners
        and one.rule.code not in NOT_YET.get(told.words["k"], ())
        and one.due_on is not None
        and one.due_on < until
    ]
