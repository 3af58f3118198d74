"""The three clocks of a handover: until it is acknowledged, decided, and a question is answered.

Day nought is the local day of the event, whatever the hour; the next day that counts is day one.
Working hours are those from 09:00 to 17:00. A pause stops every clock on both its days and all
between. A question stops the decision on the days after asking up to and including answering.
Nothing else stops a clock: neither absence nor a promised day is among the facts.

Source: domain 6.2, rulings 49 to 52.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, takewhile
from typing import Final

from transition.rules.calendar import LONDON, ONE_DAY, is_working_day
from transition.rules.handovers import REPLY_DAYS, Urgency
from transition.rules.people import Side
from transition.rules.words import Worded


class Clock(Worded):
    """What is waited for; the label completes "We wait for ..." and is fit for a letter."""

    ACKNOWLEDGE = "acknowledge", "a confirmation that it arrived"
    DECIDE = "decide", "a reply"
    ANSWER = "answer", "an answer to a question"


FOUR_HOURS: Final = timedelta(hours=4)
ALLOWED: Final[Mapping[tuple[Clock, Urgency], int | timedelta]] = {
    (Clock.ACKNOWLEDGE, Urgency.ROUTINE): 2,
    (Clock.ACKNOWLEDGE, Urgency.SOON): 1,
    (Clock.ACKNOWLEDGE, Urgency.EXPEDITED): FOUR_HOURS,
    **{(Clock.DECIDE, urgency): days for urgency, days in REPLY_DAYS.items()},
    (Clock.ANSWER, Urgency.ROUTINE): 5,
    (Clock.ANSWER, Urgency.SOON): 5,
    (Clock.ANSWER, Urgency.EXPEDITED): FOUR_HOURS,
}
"""Working days, or working hours, that each clock allows."""

STOPPED_AT_MOST: Final = 15
"""Working days for which questions stop the decision, in all of one handover."""

OPENS: Final = time(9)
CLOSES: Final = time(17)


Pauses = tuple[tuple[date, date | None], ...]
"""First and last day of each pause of a case; None is not resumed yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One question: its number, when it was asked, and when it was answered."""

    number: int
    asked_at: datetime
    answered_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverFacts:
    """What the clocks of one handover are reckoned from; instants carry their offset.

    `raised_at` is when the urgency became what it is, if it was raised since the proposal.
    `closed_at` is when it ended without a decision: withdrawn, or its case ended.
    `pauses` are the first and last day of each pause of the case; None is not resumed yet.
    """

    proposed_at: datetime
    urgency: Urgency
    raised_at: datetime | None = None
    acknowledged_at: datetime | None = None
    decided_at: datetime | None = None
    closed_at: datetime | None = None
    questions: tuple[Asked, ...] = ()
    pauses: Pauses = ()

    def started_at(self, clock: Clock, about: int | None = None) -> datetime:
        """Return when a clock was started; `about` is the question of an answer's clock.

        Raises:
            KeyError: there is no such question.
        """
        if clock is Clock.ANSWER:
            return {each.number: each.asked_at for each in self.questions}[about or 0]
        return self.proposed_at

    def ended_at(self, clock: Clock, about: int | None = None) -> datetime | None:
        """Return when what a clock waits for came, or nothing was left to wait for."""
        ends = [self.decided_at, self.closed_at]
        if clock is Clock.ACKNOWLEDGE:
            # Asking says that it has arrived, as deciding does.
            ends += [self.acknowledged_at, *(each.asked_at for each in self.questions)]
        if clock is Clock.ANSWER:
            ends += [each.answered_at for each in self.questions if each.number == about]
        return min((end for end in ends if end), default=None)

    def paused_on(self, day: date) -> bool:
        """Return whether a day lies within a pause."""
        return within(self.pauses, day)


@dataclass(frozen=True, slots=True)
class Limit:
    """The last day on which something is in time and, where hours count, the instant (UTC)."""

    on: date
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """Whose move it is, and since which day."""

    side: Side
    since: date


def turn_of(facts: HandoverFacts) -> Turn | None:
    """Return whose turn it is before a decision; None once there is nothing to wait for.

    It is the receiver's, but for the time in which any of their questions is open. The move has
    passed when the first of questions that follow each other without a break was asked, or the
    last was answered.
    """
    if facts.ended_at(Clock.DECIDE):
        return None
    asked = sorted(facts.questions, key=lambda each: each.asked_at, reverse=True)
    since = min((each.asked_at for each in asked if each.answered_at is None), default=None)
    if since is None:
        passed = (each.answered_at for each in asked if each.answered_at)
        return Turn(Side.ADULT, local(max([facts.proposed_at, *passed])).date())
    for each in asked:
        if each.answered_at and each.asked_at < since <= each.answered_at:
            since = each.asked_at
    return Turn(Side.CHILDRENS, local(since).date())


def limit_of(
    clock: Clock, facts: HandoverFacts, holidays: frozenset[date], *, about: int | None = None
) -> Limit | None:
    """Return the limit of a clock as things stand; None while a pause without end keeps it off.

    A question that is still open counts as open from now on, so its stop is reckoned in full.
    Raised urgency is reckoned from the start of the clock, but nothing is due before one working
    day from the change: where that decides, a limit in hours becomes the end of that day.

    Raises:
        KeyError: `about` is no question of this handover.
    """
    limit = _own_limit(clock, facts, facts.started_at(clock, about), holidays)
    earliest = earliest_of(clock, facts, holidays)
    if limit is None or earliest is None or limit.on >= earliest:
        return limit if earliest else None
    return Limit(earliest, _utc(earliest, CLOSES) if limit.at else None)


def answer_by(facts: HandoverFacts, holidays: frozenset[date]) -> date | None:
    """Return the day by which the first open question is to be answered; None without one."""
    limits = [
        limit_of(Clock.ANSWER, facts, holidays, about=asked.number)
        for asked in facts.questions
        if asked.answered_at is None
    ]
    return min((limit.on for limit in limits if limit), default=None)


def earliest_of(clock: Clock, facts: HandoverFacts, holidays: frozenset[date]) -> date | None:
    """Return the day before which raised urgency makes nothing due; None if no day comes."""
    if facts.raised_at is None:
        return date.min
    return next(running_days(clock, facts, local(facts.raised_at).date(), holidays), None)


def running_days(
    clock: Clock, facts: HandoverFacts, after: date, holidays: frozenset[date]
) -> Iterator[date]:
    """Yield the working days after a day on which a clock runs, until a pause without end."""
    decides = clock is Clock.DECIDE
    stopped = frozenset(islice(_days_asked(facts, holidays), STOPPED_AT_MOST)) if decides else ()
    return (day for day in _days(facts, after, holidays) if day not in stopped)


def stop_used_up_on(facts: HandoverFacts, holidays: frozenset[date]) -> date | None:
    """Return the first day on which the decision's clock runs although a question is open.

    A pause takes nothing from the days that questions may stop.
    """
    return next(islice(_days_asked(facts, holidays), STOPPED_AT_MOST, None), None)


def local(instant: datetime) -> datetime:
    """Return an instant as the wall clock in London shows it."""
    return instant.astimezone(LONDON)


def _own_limit(
    clock: Clock, facts: HandoverFacts, started_at: datetime, holidays: frozenset[date]
) -> Limit | None:
    """Return the limit by the urgency that holds now, whenever it came to hold."""
    allowed = ALLOWED[clock, facts.urgency]
    started_on = local(started_at).date()
    if isinstance(allowed, timedelta):
        days = _days(facts, started_on - ONE_DAY, holidays)
        return _after_hours(allowed, started_at.astimezone(UTC), days)
    days = running_days(clock, facts, started_on, holidays)
    on = next(islice(days, allowed - 1, None), None)
    return Limit(on) if on else None


def _after_hours(left: timedelta, since: datetime, days: Iterator[date]) -> Limit | None:
    """Return the limit that lies some working hours after an instant."""
    for day in days:
        opens = max(_utc(day, OPENS), since)
        closes = max(_utc(day, CLOSES), opens)
        if opens + left <= closes:
            return Limit(day, opens + left)
        left -= closes - opens
    return None


def _days(facts: HandoverFacts, after: date, holidays: frozenset[date]) -> Iterator[date]:
    return unpaused_days(facts.pauses, after, holidays)


def unpaused_days(pauses: Pauses, after: date, holidays: frozenset[date]) -> Iterator[date]:
    """Yield the working days after a day that lie in no pause, until a pause without end."""
    end = min((first for first, last in pauses if last is None), default=date.max)
    day = after + ONE_DAY
    while day < end:
        if is_working_day(day, holidays) and not within(pauses, day):
            yield day
        day += ONE_DAY


def within(pauses: Pauses, day: date) -> bool:
    """Return whether a day lies within a pause; both its days belong to it."""
    return any(first <= day <= (last or date.max) for first, last in pauses)


def _days_asked(facts: HandoverFacts, holidays: frozenset[date]) -> Iterator[date]:
    """Yield, each once, the days that would count were no question open on them."""
    open_on = [
        (local(each.asked_at).date(), local(each.answered_at).date() if each.answered_at else None)
        for each in facts.questions
    ]
    last = max((until or date.max for _, until in open_on), default=date.min)
    days = _days(facts, local(facts.proposed_at).date(), holidays)
    return (
        day
        for day in takewhile(lambda day: day <= last, days)
        if any(asked < day <= (until or date.max) for asked, until in open_on)
    )


def _utc(day: date, at: time) -> datetime:
    return datetime.combine(day, at, LONDON).astimezone(UTC)
