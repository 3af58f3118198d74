"""The pieces of a due rule: each names a day of one case, or says that it is not known yet."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Final, Protocol

from transition.rules.calendar import add_months, add_working_days, birthday

SEPTEMBER: Final = 9
COHORT_TO_YEAR_0: Final = 5
"""Year N starts this many years, and N more, after the September that a cohort is born from."""

EVENTS: Final = {"proposed": "the handover was proposed", "accepted": "the handover was accepted"}
NO_TARGET: Final = "no target transfer date is set"


class AnchorDays(Protocol):
    """The days of one case that due rules count from."""

    @property
    def born(self) -> date:
        """The date of birth."""

    @property
    def opened_on(self) -> date:
        """The day the case was opened."""

    @property
    def school_year_offset(self) -> int:
        """The year group taught in, against the cohort's: -1 is one year below."""

    @property
    def transfer_on(self) -> date | None:
        """The actual transfer date once signed, until then the target, if there is one."""

    @property
    def events(self) -> Mapping[str, date]:
        """The days on which handover events happened, by their names in `EVENTS`."""


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time: months, then days, then working days, each of which may be negative."""

    months: int = 0
    days: int = 0
    working_days: int = 0

    def after(self, day: date, holidays: frozenset[date]) -> date:
        """Return the day that lies this span after another, in one step from it."""
        if self.months:
            day = add_months(day, self.months)
        if self.days:
            day += timedelta(self.days)
        if self.working_days:
            day = add_working_days(day, self.working_days, holidays)
        return day

    @property
    def words(self) -> str:
        """The length in words, without its direction."""
        weeks, days = divmod(abs(self.days), 7)
        if days:
            weeks, days = 0, abs(self.days)
        counted = (
            (abs(self.months), "month"),
            (weeks, "week"),
            (days, "day"),
            (abs(self.working_days), "working day"),
        )
        return " and ".join(f"{n} {unit}{'s' * (n != 1)}" for n, unit in counted if n)

    def beside(self, anchor: str, itself: str) -> str:
        """Return in words where this span leads from an anchor; `itself` is for no span at all."""
        if not self.words:
            return itself
        before = min(self.months, self.days, self.working_days) < 0
        return f"{self.words} {'before' if before else 'after'} {anchor}"


@dataclass(frozen=True, slots=True)
class Age:
    """A birthday, and a span from it."""

    years: int
    span: Span

    def on(self, anchors: AnchorDays, holidays: frozenset[date]) -> date:
        """Return the day for one case."""
        return self.span.after(birthday(anchors.born, self.years), holidays)

    @property
    def words(self) -> str:
        """The rule in words."""
        itself = f"the {self.years}{_ordinal_ending(self.years)} birthday"
        return self.span.beside(itself, itself)


@dataclass(frozen=True, slots=True)
class School:
    """The first or last day of a school year."""

    year: int
    end: bool

    def on(self, anchors: AnchorDays, _holidays: frozenset[date]) -> date:
        """Return the day for one case; children who are never in school have a cohort all the same.

        Source: NICE QS140-1 counts from school Year 9; cohorts run from September to August.
        """
        born = anchors.born
        cohort = born.year if born.month >= SEPTEMBER else born.year - 1
        starts = cohort + COHORT_TO_YEAR_0 + self.year - anchors.school_year_offset
        return date(starts + 1, 8, 31) if self.end else date(starts, SEPTEMBER, 1)

    @property
    def words(self) -> str:
        """The rule in words."""
        return f"the end of Year {self.year}" if self.end else f"the start of Year {self.year}"


@dataclass(frozen=True, slots=True)
class Chosen:
    """A day that the team of one case chose for a milestone of its own."""

    day: date | None

    @property
    def missing(self) -> str:
        """What is said while no day was chosen."""
        return "the team has chosen none"

    @property
    def words(self) -> str:
        """How the day came about, in words."""
        return "the day that the team chose"

    def on(self, _anchors: AnchorDays, _holidays: frozenset[date]) -> date | None:
        """Return the day."""
        return self.day


@dataclass(frozen=True, slots=True)
class Opening:
    """A span from the day the case was opened."""

    span: Span

    def on(self, anchors: AnchorDays, holidays: frozenset[date]) -> date:
        """Return the day for one case."""
        return _from_opening(self.span, anchors.opened_on, holidays)

    @property
    def words(self) -> str:
        """The rule in words."""
        return self.span.beside("the case was opened", "the day the case was opened")


@dataclass(frozen=True, slots=True)
class Transfer:
    """A span from the transfer date."""

    span: Span

    def on(self, anchors: AnchorDays, holidays: frozenset[date]) -> date | None:
        """Return the day for one case, or None while there is no transfer date."""
        day = anchors.transfer_on
        return day and self.span.after(day, holidays)

    @property
    def words(self) -> str:
        """The rule in words."""
        return self.span.beside("the transfer date", "the transfer date")

    @property
    def missing(self) -> str:
        """What a case without such a day lacks."""
        return NO_TARGET


@dataclass(frozen=True, slots=True)
class Event:
    """A span from something that happened in the handover."""

    name: str
    span: Span

    def on(self, anchors: AnchorDays, holidays: frozenset[date]) -> date | None:
        """Return the day for one case, or None while it has not happened."""
        day = anchors.events.get(self.name)
        return day and self.span.after(day, holidays)

    @property
    def words(self) -> str:
        """The rule in words."""
        return self.span.beside(EVENTS[self.name], f"the day {EVENTS[self.name]}")

    @property
    def missing(self) -> str:
        """What a case without such a day lacks."""
        return EVENTS[self.name].replace("was", "has not been")


@dataclass(frozen=True, slots=True)
class Later:
    """The later of two days; unknown as long as either is."""

    one: "Node"
    other: "Node"

    def on(self, anchors: AnchorDays, holidays: frozenset[date]) -> date | None:
        """Return the day for one case."""
        one, other = self.one.on(anchors, holidays), self.other.on(anchors, holidays)
        return max(one, other) if one and other else None


@dataclass(frozen=True, slots=True)
class Earlier:
    """The earlier of two days, or the one that is known."""

    one: "Node"
    other: "Node"

    def on(self, anchors: AnchorDays, holidays: frozenset[date]) -> date | None:
        """Return the day for one case."""
        one, other = self.one.on(anchors, holidays), self.other.on(anchors, holidays)
        return min(one, other) if one and other else one or other


Node = Age | Chosen | School | Opening | Transfer | Event | Later | Earlier


@lru_cache(maxsize=4096)
def _from_opening(span: Span, opened_on: date, holidays: frozenset[date]) -> date:
    """Return the day; only days that tell nothing of a birthday are remembered."""
    return span.after(opened_on, holidays)


def _ordinal_ending(number: int) -> str:
    """Return `st`, `nd`, `rd` or `th`."""
    teens = range(11, 14)
    return "th" if number in teens else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
