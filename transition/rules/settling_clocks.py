"""The clocks after a transfer: what is waited for, until when, and who is told of silence.

Every number is in working days, pauses left out. Somebody is told when something was recorded that
needs them, and reminded while there is time; the limit day belongs to whoever must act, so both
sides are told on the next working day, those above them five after the limit, and the coordinator,
by reference, ten after. Nothing here ends by silence: each clock runs until somebody records what
it waits for, or the case ends, rests or returns. One question does: a year after the transfer the
adult hospice is asked how it is, and asked once more, and then the answer is not known.

Whoever supports beside the lead has no transfer. How the support goes is asked two weeks after it
begins and six months after each answer, for as long as it lasts.

Source: domain 6.2 steps 11 to 13, 6.5, rulings 49 to 53.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import islice, takewhile
from typing import Final

from transition.rules.calendar import add_months, add_working_days, is_working_day
from transition.rules.handover_clocks import Pauses, unpaused_days, within
from transition.rules.milestones import ANSWERED_WITHIN
from transition.rules.nudges import REMINDED_BEFORE, Addressee, Rung
from transition.rules.pathway import Owner
from transition.rules.people import Side
from transition.rules.settling import (
    AT_SIX_MONTHS,
    AT_SIX_WEEKS,
    CALL_TOGETHER,
    FIRST_CONTACT,
    STILL_THERE,
    Agreed,
    Attempt,
    alone_from,
    missed_in_a_row,
)
from transition.rules.words import Worded


class SettlingClock(Worded):
    """What is waited for; the label completes "We wait for ..." and is fit for a letter."""

    FIRST_CONTACT = "first_contact", "a first contact"
    ANOTHER_WAY = "another_way", "a contact in another way"
    TOGETHER = "together", "a call of both hospices together"
    PLAN = "plan", "a review of the plan by both leads"
    AGAIN = "again", "another contact"
    CHECK_IN = "check_in", "a check-in"
    TALK = "talk", "a conversation of both leads"
    REVIEW = "review", "a review"
    SIGN = "sign", "two signatures"
    SECOND = "second", "the second signature"
    COME_BACK = "come_back", "an answer about a return"
    SUPPORT = "support", "a check-in about support"
    A_YEAR_ON = "a_year_on", "a check-in"


FOLLOWED_WITHIN: Final = 5
"""Working days in which a missed contact, or a check-in that is not working, is followed up."""

A_YEAR, ASKED_AGAIN = 12, 13
"""Months after the transfer in which the adult hospice is asked how it is, and asked again.
Source: domain 4.3, below its table."""

SUPPORT_BEGUN: Final = timedelta(weeks=2)
"""After the day on which support begins, it is asked whether it does; as a first contact is."""
SUPPORT_AGAIN: Final = 6
"""Months after each check-in about support in which the next is held."""
SUPPORT_AHEAD: Final = timedelta(weeks=4)
"""Before its limit, from when on a check-in about support is shown as what comes next."""
RESUMED_WITHIN: Final = 20
"""Working days after a pause in which that is done which fell due within it. Source: ruling 49."""

CLOSED_WITHIN: Final = 7
"""Months after the transfer in which both hospices sign that it is completed."""

MILESTONES: Final[Mapping[SettlingClock, tuple[str, Owner]]] = {
    SettlingClock.FIRST_CONTACT: (FIRST_CONTACT, Owner.ADULT),
    SettlingClock.CHECK_IN: (AT_SIX_WEEKS, Owner.CHILDRENS),
    SettlingClock.REVIEW: (AT_SIX_MONTHS, Owner.SHARED),
}
"""The clocks of milestones: a list shows the milestone itself, and its day is the clock's limit."""


def tells_the_transfer(clock: SettlingClock) -> bool:
    """Return whether the limit of a clock would tell the day of the transfer."""
    return clock in {
        *MILESTONES,
        SettlingClock.SIGN,
        SettlingClock.A_YEAR_ON,
        SettlingClock.SUPPORT,
    }


@dataclass(frozen=True, slots=True)
class Word:
    """What one hospice has agreed to and the other not yet, since when, and its number.

    The number tells a word from one that was taken back: what is said again is told again.
    """

    what: Agreed
    side: Side
    since: date
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlingFacts:
    """What the clocks after a transfer are reckoned from.

    `open_codes` are the milestones that still block the closing; `due` holds their days, where
    they were asked for. `unsettled` are the check-ins, by number, that said it is not working and
    that no leads have talked about, with their days.
    """

    transferred_on: date
    attempts: tuple[Attempt, ...] = ()
    open_codes: frozenset[str] = frozenset()
    due: Mapping[str, date] = field(default_factory=dict)
    unsettled: tuple[tuple[int, date], ...] = ()
    agreed: tuple[Word, ...] = ()
    pauses: Pauses = ()
    completed: bool = False
    """Whether both have signed that it is completed: one question is asked after that."""
    checked_on: tuple[date, ...] | None = None
    """Of who supports, the days on which it was asked how that goes; None of who leads. Its
    `transferred_on` is the day from which it supports."""


@dataclass(frozen=True, slots=True)
class Wait:
    """One thing that is waited for: whose it is, since when and until when."""

    clock: SettlingClock
    owner: Owner
    since: date
    limit_on: date | None
    about: int | None = None


@dataclass(frozen=True, slots=True)
class SettlingNudge:
    """One letter that a clock asks for, and its working day; `about` is what it is numbered by."""

    clock: SettlingClock
    rung: Rung
    due_on: date
    about: int | None = None


def waits_of(facts: SettlingFacts, holidays: frozenset[date]) -> tuple[Wait, ...]:
    """Return all that is waited for after a transfer; of milestones, those whose day is known."""
    if facts.checked_on is not None:
        return (*_of_support(facts, facts.checked_on, holidays), *_of_talks(facts, holidays))
    if facts.completed:
        return tuple(_of_the_year(facts))
    return (
        *_of_milestones(facts),
        *_of_contacts(facts, holidays),
        *_of_talks(facts, holidays),
        *_of_agreements(facts, holidays),
        *_of_signing(facts),
    )


def _of_support(
    facts: SettlingFacts, checked_on: tuple[date, ...], holidays: frozenset[date]
) -> Iterator[Wait]:
    """Yield the next check-in about support; while its day lies in a pause it has no limit."""
    limit: date | None = facts.transferred_on + SUPPORT_BEGUN
    if checked_on:
        limit = add_months(max(checked_on), SUPPORT_AGAIN)
    for from_on, until_on in sorted(facts.pauses, key=lambda pause: pause[0]):
        if limit is not None and from_on <= limit <= (until_on or limit):
            limit = until_on and add_working_days(until_on, RESUMED_WITHIN, holidays)
    since = max((facts.transferred_on, *checked_on))
    if limit is not None:
        since = max(since, limit - SUPPORT_AHEAD)
    yield Wait(SettlingClock.SUPPORT, Owner.SHARED, since, limit, len(checked_on) + 1)


def _of_milestones(facts: SettlingFacts) -> Iterator[Wait]:
    for clock, (code, owner) in MILESTONES.items():
        if clock is SettlingClock.FIRST_CONTACT and missed_in_a_row(facts.attempts):
            continue  # what follows a missed contact has clocks of its own
        if code in facts.open_codes and code in facts.due:
            yield Wait(clock, owner, facts.transferred_on, facts.due[code])


def _of_contacts(facts: SettlingFacts, holidays: frozenset[date]) -> Iterator[Wait]:
    missed = missed_in_a_row(facts.attempts)
    if not missed or FIRST_CONTACT not in facts.open_codes:
        return
    last = facts.attempts[-1]
    clock, since = _after_missed(last, missed)
    owner = Owner.ADULT if clock in ADULTS_OWN else Owner.SHARED
    yield Wait(clock, owner, since, _limit(facts, since, holidays), last.number)


def _after_missed(last: Attempt, missed: int) -> tuple[SettlingClock, date]:
    """Return what follows the last of so many missed contacts, and since when it is waited for."""
    if missed < CALL_TOGETHER:
        return SettlingClock.ANOTHER_WAY, last.tried_on
    if missed > CALL_TOGETHER:
        if last.planned_on is None:
            return SettlingClock.PLAN, last.tried_on
        return SettlingClock.AGAIN, last.planned_on
    together = (last.joint_call_on, last.home_visit_offered_on, last.gp_told_on)
    days = [day for day in together if day is not None]
    if len(days) < len(together):
        return SettlingClock.TOGETHER, last.tried_on
    return SettlingClock.AGAIN, max(days)


def _of_talks(facts: SettlingFacts, holidays: frozenset[date]) -> Iterator[Wait]:
    for number, since in facts.unsettled:
        limit = _limit(facts, since, holidays)
        yield Wait(SettlingClock.TALK, Owner.SHARED, since, limit, number)


def _of_agreements(facts: SettlingFacts, holidays: frozenset[date]) -> Iterator[Wait]:
    for word in facts.agreed:
        clock, limit = SettlingClock.COME_BACK, _limit(facts, word.since, holidays)
        if word.what is Agreed.COMPLETED:
            clock, limit = SettlingClock.SECOND, alone_from(word.since, facts.pauses, holidays)
        yield Wait(clock, Owner(word.side.other.value), word.since, limit, word.number)


def _of_signing(facts: SettlingFacts) -> Iterator[Wait]:
    signed = any(word.what is Agreed.COMPLETED for word in facts.agreed)
    if facts.open_codes or signed:
        return
    since = add_months(facts.transferred_on, 6) + timedelta(days=1)
    limit = add_months(facts.transferred_on, CLOSED_WITHIN)
    yield Wait(SettlingClock.SIGN, Owner.SHARED, since, limit)


def _of_the_year(facts: SettlingFacts) -> Iterator[Wait]:
    """Yield the question a year after the transfer, until somebody has answered it."""
    if STILL_THERE in facts.open_codes:
        asked_on = add_months(facts.transferred_on, A_YEAR)
        yield Wait(SettlingClock.A_YEAR_ON, Owner.ADULT, asked_on, None)


def _limit(facts: SettlingFacts, since: date, holidays: frozenset[date]) -> date | None:
    days = unpaused_days(facts.pauses, since, holidays)
    return next(islice(days, FOLLOWED_WITHIN - 1, None), None)


_C, _A = SettlingClock, Addressee
ADULTS_OWN: Final = frozenset({_C.FIRST_CONTACT, _C.ANOTHER_WAY, _C.AGAIN})
_LEADS: Final = (_A.CHILDRENS_LEADS, _A.RECEIVER_LEAD, _A.RECEIVER_DEPUTY)
_BOTH: Final = (_A.NAMED_WORKER, _A.ADULT_WORKER, _A.RECEIVER_LEAD)

ACTS: Final[Mapping[SettlingClock, tuple[Addressee, ...]]] = {
    _C.FIRST_CONTACT: (_A.ADULT_WORKER,),
    _C.ANOTHER_WAY: (_A.ADULT_WORKER,),
    _C.TOGETHER: (_A.NAMED_WORKER, _A.ADULT_WORKER),
    _C.PLAN: _LEADS,
    _C.AGAIN: (_A.ADULT_WORKER,),
    _C.CHECK_IN: (_A.NAMED_WORKER,),
    _C.TALK: _LEADS,
    _C.REVIEW: (_A.NAMED_WORKER, _A.ADULT_WORKER),
    _C.SIGN: (_A.NAMED_WORKER, _A.RECEIVER_LEAD),
    _C.SECOND: (_A.NAMED_WORKER, _A.RECEIVER_LEAD, _A.RECEIVER_DEPUTY),
    _C.COME_BACK: _LEADS,
    _C.A_YEAR_ON: (_A.ADULT_WORKER,),
    _C.SUPPORT: (_A.NAMED_WORKER, _A.ADULT_WORKER),
}
"""Who is reminded of what is theirs to do."""

TOLD: Final[Mapping[SettlingClock, tuple[Addressee, ...]]] = {
    _C.ANOTHER_WAY: (_A.NAMED_WORKER,),
    _C.TOGETHER: _BOTH,
    _C.PLAN: _LEADS,
    _C.TALK: _LEADS,
    _C.SECOND: (_A.NAMED_WORKER, _A.RECEIVER_LEAD, _A.RECEIVER_DEPUTY),
    _C.COME_BACK: _LEADS,
    _C.A_YEAR_ON: (_A.ADULT_WORKER,),
}
"""Who is told at once that something was recorded that needs them."""

AFTER: Final[Mapping[Rung, int]] = {Rung.BOTH_TOLD: 1, Rung.ESCALATION: 5, Rung.COORDINATOR: 10}
"""Working days after the limit."""

ABOVE: Final[Mapping[Rung, tuple[Addressee, ...]]] = {
    Rung.BOTH_TOLD: _BOTH,
    Rung.ESCALATION: (_A.CHILDRENS_LEADS, _A.RECEIVER_ESCALATION, _A.CHILDRENS_ESCALATION),
    Rung.COORDINATOR: (_A.COORDINATOR,),
}
"""Whom the rungs after a limit tell, whatever is waited for."""


def settling_addressees(nudge: SettlingNudge) -> tuple[Addressee, ...]:
    """Return whom a nudge after a transfer goes to."""
    if nudge.rung is Rung.TOLD:
        return TOLD[nudge.clock]
    return ACTS[nudge.clock] if nudge.rung is Rung.REMINDER else ABOVE[nudge.rung]


def settling_nudges_of(
    facts: SettlingFacts, holidays: frozenset[date]
) -> tuple[SettlingNudge, ...]:
    """Return all nudges that would come if nothing more happened, in order of time."""
    nudges = [
        nudge for wait in waits_of(facts, holidays) for nudge in _rungs(wait, facts, holidays)
    ]
    return tuple(sorted(nudges, key=lambda nudge: nudge.due_on))


def settling_nudges_due(
    facts: SettlingFacts, today: date, holidays: frozenset[date]
) -> tuple[SettlingNudge, ...]:
    """Return the nudges whose day has come, in order of time; none but on a working day."""
    if not is_working_day(today, holidays) or within(facts.pauses, today):
        return ()
    if facts.completed and today >= add_months(facts.transferred_on, A_YEAR + ANSWERED_WITHIN):
        return ()  # not known by now, so nobody is asked
    return tuple(one for one in settling_nudges_of(facts, holidays) if one.due_on <= today)


def _rungs(wait: Wait, facts: SettlingFacts, holidays: frozenset[date]) -> Iterator[SettlingNudge]:
    if wait.clock in TOLD:
        yield SettlingNudge(wait.clock, Rung.TOLD, wait.since, wait.about)
    if wait.limit_on is None:
        yield from _asked_again(wait, facts)
        return
    limit_on = wait.limit_on
    until = takewhile(lambda day: day < limit_on, unpaused_days(facts.pauses, wait.since, holidays))
    for day in [*until][-REMINDED_BEFORE:][: 1 - REMINDED_BEFORE]:
        yield SettlingNudge(wait.clock, Rung.REMINDER, day, wait.about)
    late = [*islice(unpaused_days(facts.pauses, limit_on, holidays), max(AFTER.values()))]
    for rung, days in AFTER.items():
        if days <= len(late):
            yield SettlingNudge(wait.clock, rung, late[days - 1], wait.about)


def _asked_again(wait: Wait, facts: SettlingFacts) -> Iterator[SettlingNudge]:
    """Yield that the question a year on is asked once more; what else has no limit is paused."""
    if wait.clock is SettlingClock.A_YEAR_ON:
        again = add_months(facts.transferred_on, ASKED_AGAIN)
        yield SettlingNudge(wait.clock, Rung.REMINDER, again)
