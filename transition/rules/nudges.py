"""The nudges of a handover: who is written to when one of its clocks runs low, or out.

Every number is in working days on the stopped clock, and moves with the limit. A limit day belongs
to whoever must act, so what punishes lateness is dated the next working day at the soonest.

| clock       | reminder                     | escalation | coordinator | agenda |
| ----------- | ---------------------------- | ---------- | ----------- | ------ |
| acknowledge | +1                           | +3         | +5          |        |
| decide      | -2, none before day one      | +1         | +5          | +10    |
| answer      | -2, none before day one      | +1         |             |        |

Two working days before the limit of an acknowledgement is day nought or sooner, so that its first
letter comes after it: one with two days to go is reminded of on day 3, escalated on day 5, and with
the coordinator on day 7. An answer that nobody gives goes no higher than the children's leads, but
only until the stop is used up: then the decision's clock runs on, and its own rungs follow.

Source: domain 6.2, rulings 50 to 52.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import islice, takewhile
from typing import Final

from transition.rules.calendar import is_working_day
from transition.rules.handover_clocks import (
    Clock,
    HandoverFacts,
    earliest_of,
    limit_of,
    local,
    running_days,
    stop_used_up_on,
)


class Rung(StrEnum):
    """A step of the ladder: how far up it is told."""

    TOLD = "told"
    REMINDER = "reminder"
    BOTH_TOLD = "both_told"
    STOP_USED_UP = "stop_used_up"
    ESCALATION = "escalation"
    COORDINATOR = "coordinator"
    AGENDA = "agenda"


class Addressee(StrEnum):
    """Whom a nudge goes to; `childrens_leads` are all of them, the coordinator reads references."""

    NAMED_WORKER = "named_worker"
    ADULT_WORKER = "adult_worker"
    CHILDRENS_LEADS = "childrens_leads"
    CHILDRENS_ESCALATION = "childrens_escalation"
    RECEIVER_LEAD = "receiver_lead"
    RECEIVER_DEPUTY = "receiver_deputy"
    RECEIVER_ESCALATION = "receiver_escalation"
    COORDINATOR = "coordinator"


@dataclass(frozen=True, slots=True)
class Nudge:
    """One letter that a clock asks for, and the working day it is due; `about` is a question."""

    clock: Clock
    rung: Rung
    due_on: date
    about: int | None = None


REMINDED_BEFORE: Final = 2
"""Working days before the limit, of a reminder that comes while there is time."""

AFTER: Final[Mapping[Clock, Mapping[Rung, int]]] = {
    Clock.ACKNOWLEDGE: {Rung.REMINDER: 1, Rung.ESCALATION: 3, Rung.COORDINATOR: 5},
    Clock.DECIDE: {Rung.ESCALATION: 1, Rung.COORDINATOR: 5, Rung.AGENDA: 10},
    Clock.ANSWER: {Rung.ESCALATION: 1},
}
"""Working days after the limit."""

_A = Addressee
_RECEIVER: Final = (_A.RECEIVER_LEAD, _A.RECEIVER_DEPUTY)
_SENIORS: Final = (_A.RECEIVER_ESCALATION, _A.CHILDRENS_ESCALATION)

ADDRESSEES: Final[Mapping[tuple[Clock, Rung], tuple[Addressee, ...]]] = {
    (Clock.ACKNOWLEDGE, Rung.REMINDER): _RECEIVER,
    (Clock.ACKNOWLEDGE, Rung.ESCALATION): _SENIORS,
    (Clock.ACKNOWLEDGE, Rung.COORDINATOR): (_A.COORDINATOR,),
    (Clock.DECIDE, Rung.REMINDER): _RECEIVER,
    (Clock.DECIDE, Rung.STOP_USED_UP): (_A.NAMED_WORKER, *_RECEIVER),
    (Clock.DECIDE, Rung.ESCALATION): _SENIORS,
    (Clock.DECIDE, Rung.COORDINATOR): (_A.COORDINATOR,),
    # The heads of care: here the children's leads, there whoever leads and whoever stands above.
    (Clock.DECIDE, Rung.AGENDA): (_A.CHILDRENS_LEADS, _A.RECEIVER_LEAD, _A.RECEIVER_ESCALATION),
    (Clock.ANSWER, Rung.REMINDER): (_A.NAMED_WORKER,),
    (Clock.ANSWER, Rung.ESCALATION): (_A.CHILDRENS_LEADS,),
}
"""Whom each rung tells."""


def addressees(nudge: Nudge) -> tuple[Addressee, ...]:
    """Return whom a nudge goes to."""
    return ADDRESSEES[nudge.clock, nudge.rung]


def nudges_of(facts: HandoverFacts, holidays: frozenset[date]) -> tuple[Nudge, ...]:
    """Return all nudges that would come if nothing more happened, in order of time.

    A clock that has ended keeps those dated up to the day on which it ended.
    """
    nudges = [*_rungs(Clock.ACKNOWLEDGE, None, facts, holidays), *_of_decision(facts, holidays)]
    for each in facts.questions:
        nudges += _rungs(Clock.ANSWER, each.number, facts, holidays)
    kept = (nudge for nudge in nudges if nudge.due_on <= _ended_on(nudge, facts))
    return tuple(sorted(kept, key=lambda nudge: nudge.due_on))


def nudges_due(facts: HandoverFacts, today: date, holidays: frozenset[date]) -> tuple[Nudge, ...]:
    """Return the nudges whose day has come and whose clock still runs, in order of time.

    None on a day that is no working day, nor within a pause: what fell due before waits.
    """
    if not is_working_day(today, holidays) or facts.paused_on(today):
        return ()
    return tuple(
        nudge
        for nudge in nudges_of(facts, holidays)
        if nudge.due_on <= today and not facts.ended_at(nudge.clock, nudge.about)
    )


def _ended_on(nudge: Nudge, facts: HandoverFacts) -> date:
    ended_at = facts.ended_at(nudge.clock, nudge.about)
    return local(ended_at).date() if ended_at else date.max


def _of_decision(facts: HandoverFacts, holidays: frozenset[date]) -> Iterator[Nudge]:
    used_up_on = stop_used_up_on(facts, holidays)
    if used_up_on:
        yield Nudge(Clock.DECIDE, Rung.STOP_USED_UP, used_up_on)
    yield from _rungs(Clock.DECIDE, None, facts, holidays)


def _rungs(
    clock: Clock, about: int | None, facts: HandoverFacts, holidays: frozenset[date]
) -> Iterator[Nudge]:
    """Yield the ladder of one clock, whether it has ended or not."""
    limit = limit_of(clock, facts, holidays, about=about)
    earliest = earliest_of(clock, facts, holidays)
    if limit is None or earliest is None:
        return
    started_on = local(facts.started_at(clock, about)).date()
    until = takewhile(lambda day: day <= limit.on, running_days(clock, facts, started_on, holidays))
    for day in [*until][:-REMINDED_BEFORE][-1:]:
        if day >= earliest:
            yield Nudge(clock, Rung.REMINDER, day, about)
    late = [*islice(running_days(clock, facts, limit.on, holidays), max(AFTER[clock].values()))]
    for rung, days in AFTER[clock].items():
        if days <= len(late):
            yield Nudge(clock, rung, late[days - 1], about)
