"""The responsibility ledger: which service leads which function of care, from when to when."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from transition.rules.calendar import add_months
from transition.rules.handovers import Function

AHEAD: Final = 12
"""How far ahead, in months, every needed function must have one lead."""


class Position(StrEnum):
    """What a service is to a function; exactly one leads, any number support."""

    LEAD = "lead"
    SUPPORTING = "supporting"


@dataclass(frozen=True, slots=True)
class LedgerSpan:
    """One service's part in one function, from the start of one day to the start of another.

    `to_on` is the first day on which it no longer holds (the day another begins), None without end.
    """

    function: Function
    service: str
    position: Position
    from_on: date
    to_on: date | None = None


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days of a function on which something is wrong, up to but without `to_on`."""

    function: Function
    from_on: date
    to_on: date


def opening_rows(
    service: str, on: date, needed: Iterable[Function] = Function
) -> tuple[LedgerSpan, ...]:
    """Return the rows with which a case opens: one service leads all that is needed."""
    return tuple(LedgerSpan(function, service, Position.LEAD, on) for function in needed)


def gaps(
    spans: Collection[LedgerSpan], needed: Iterable[Function], today: date
) -> tuple[Stretch, ...]:
    """Return the stretches of the next 12 months in which a needed function has no lead."""
    window = _window(today)
    return tuple(stretch for function in needed for stretch in _gaps_of(function, spans, window))


def overlaps(spans: Collection[LedgerSpan], today: date) -> tuple[Stretch, ...]:
    """Return the stretches of the next 12 months in which a function has more than one lead."""
    window = _window(today)
    return tuple(
        stretch for function in Function for stretch in _overlaps_of(function, spans, window)
    )


def breaches(
    spans: Collection[LedgerSpan], needed: Iterable[Function], today: date
) -> tuple[Stretch, ...]:
    """Return the stretches of the next 12 months in which a function has not one lead exactly."""
    return gaps(spans, needed, today) + overlaps(spans, today)


def switch(
    spans: Iterable[LedgerSpan], functions: Collection[Function], service: str, on: date
) -> tuple[tuple[LedgerSpan, ...], tuple[LedgerSpan, ...]]:
    """Return the rows to close and the rows to add for a service to lead from a day on.

    Whoever leads that day ends on it, and so does the service's own support of what it will
    lead. It leads until the day from which somebody else was to lead; what it leads that day
    already stays as it is.
    """
    standing = [
        span
        for span in spans
        if span.function in functions and _ends_after(span, max(on, span.from_on))
    ]
    now = [span for span in standing if span.from_on <= on]
    kept = {span.function for span in now if _leads(span) and span.service == service}
    passing = [function for function in functions if function not in kept]
    close = tuple(
        span
        for span in now
        if span.function in passing and (_leads(span) or span.service == service)
    )
    return close, tuple(
        LedgerSpan(function, service, Position.LEAD, on, _next_lead(function, standing, on))
        for function in passing
    )


def support(
    spans: Iterable[LedgerSpan],
    functions: Collection[Function],
    service: str,
    on: date,
    today: date,
) -> tuple[tuple[LedgerSpan, ...], tuple[LedgerSpan, ...]]:
    """Return the rows to close today and the rows to add for a service to support just these.

    What it supports already goes on. Who leads stays as it is, and nobody supports what they lead.
    """
    standing = [
        span
        for span in spans
        if span.service == service and _ends_after(span, max(today, span.from_on))
    ]
    kept = {span.function for span in standing}
    close = tuple(span for span in standing if not _leads(span) and span.function not in functions)
    return close, tuple(
        LedgerSpan(function, service, Position.SUPPORTING, on)
        for function in functions
        if function not in kept
    )


def supported_on(spans: Iterable[LedgerSpan], day: date) -> tuple[tuple[Function, str], ...]:
    """Return each function that a service supports on a day, and which, in their order."""
    order = list(Function)
    return tuple(
        sorted(
            {
                (span.function, span.service)
                for span in spans
                if not _leads(span) and span.from_on <= day and _ends_after(span, day)
            },
            key=lambda pair: (order.index(pair[0]), pair[1]),
        )
    )


def switched(
    spans: Collection[LedgerSpan], functions: Collection[Function], service: str, on: date
) -> tuple[LedgerSpan, ...]:
    """Return the ledger as it reads once a service leads these functions from a day on."""
    close, add = switch(spans, functions, service, on)
    return (*(replace(one, to_on=on) if one in close else one for one in spans), *add)


def leads_on(spans: Iterable[LedgerSpan], day: date) -> dict[Function, str]:
    """Return which service leads each function on a day, in the order of the functions."""
    leading = {
        span.function: span.service
        for span in spans
        if _leads(span) and span.from_on <= day and _ends_after(span, day)
    }
    return {function: leading[function] for function in Function if function in leading}


def _leads(span: LedgerSpan) -> bool:
    return span.position is Position.LEAD


def _ends_after(span: LedgerSpan, day: date) -> bool:
    return span.to_on is None or span.to_on > day


def _next_lead(function: Function, spans: Iterable[LedgerSpan], day: date) -> date | None:
    starts = [span.from_on for span in spans if span.function is function and _leads(span)]
    return min((start for start in starts if start > day), default=None)


def _window(today: date) -> tuple[date, date]:
    """Return today and the first day that is no longer looked at."""
    return today, add_months(today, AHEAD) + timedelta(days=1)


def _led(
    function: Function, spans: Iterable[LedgerSpan], window: tuple[date, date]
) -> list[tuple[date, date]]:
    """Return when a function is led within a window, as days from and to, earliest first."""
    start, end = window
    led = [
        (max(span.from_on, start), min(span.to_on or end, end))
        for span in spans
        if span.function is function and _leads(span)
    ]
    return sorted((from_on, to_on) for from_on, to_on in led if from_on < to_on)


def _gaps_of(
    function: Function, spans: Iterable[LedgerSpan], window: tuple[date, date]
) -> Iterable[Stretch]:
    covered_to, end = window
    for from_on, to_on in _led(function, spans, window):
        if from_on > covered_to:
            yield Stretch(function, covered_to, from_on)
        covered_to = max(covered_to, to_on)
    if covered_to < end:
        yield Stretch(function, covered_to, end)


def _overlaps_of(
    function: Function, spans: Iterable[LedgerSpan], window: tuple[date, date]
) -> Iterable[Stretch]:
    covered_to = window[0]
    for from_on, to_on in _led(function, spans, window):
        if from_on < covered_to:
            yield Stretch(function, from_on, min(covered_to, to_on))
        covered_to = max(covered_to, to_on)
