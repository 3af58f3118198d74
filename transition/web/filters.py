"""Days, ages, statuses and receivers as people say them."""

from datetime import date, datetime
from typing import Final, Protocol

from flask import Flask

from transition.actions.milestones import Recorded
from transition.clock import day_and_time, local_day, time_of_day
from transition.rules.calendar import birthday, day_in_words
from transition.rules.milestones import MilestoneLine, Outcome, OutcomeKind, Status, settles
from transition.rules.nhs_numbers import show_nhs_number
from transition.web.work import catalogue

WEEK: Final = 7
"""Days within which the weekday is named."""


class Addressed(Protocol):
    """A handover, or what waits in one: it says whom it was sent to."""

    @property
    def receiver(self) -> str:
        """The key of the hospice that is asked."""

    @property
    def provider_name(self) -> str | None:
        """What the provider outside is called that stands behind that key, if one does."""


def receiver_of(sent: Addressed) -> str:
    """Return the name of the hospice that is asked, or of the provider outside."""
    return sent.provider_name or catalogue().collaborative.organisation(sent.receiver).name


def day(value: date | None) -> str:
    """Return ``9 July 2009``, or ``Not known``."""
    return day_in_words(value) if value else "Not known"


def weekday(value: date) -> str:
    """Return ``Monday 23 November 2026``."""
    return f"{value:%A} {day(value)}"


def at_time(value: datetime, today: date) -> str:
    """Return ``at 3:40pm``, with the day before it where that is not today."""
    return f"at {time_of_day(value)}" if local_day(value) == today else f"on {day_and_time(value)}"


def age(born: date, today: date) -> int:
    """Return an age in whole years."""
    years = today.year - born.year
    return years if birthday(born, years) <= today else years - 1


def due_words(due_on: date | None, today: date) -> str:
    """Return when something is due, as people say it; the date itself stands beside it."""
    if due_on is None:
        return "No date yet"
    days = (due_on - today).days
    if days < 0:
        return "1 day late" if days == -1 else f"{-days} days late"
    if days <= 1:
        return ("Today", "Tomorrow")[days]
    return f"{due_on:%A}" if days < WEEK else f"In {days} days"


def due_tone(status: Status, *, quiet: bool) -> str:
    """Return the colour of a due date; what is about dying or capacity has none."""
    if quiet:
        return ""
    if status.late:
        return "late"
    return "soon" if status in {Status.DUE, Status.DUE_SOON} else ""


def sign(line: MilestoneLine) -> str:
    """Return which sign stands beside a milestone."""
    if settles(line.rule, line.outcome):
        done = line.outcome is not None and line.outcome.kind is OutcomeKind.DONE
        return "done" if done else "not_needed"
    if line.status is Status.UNSCHEDULED:
        return "later"
    if line.rule.quiet or line.status is Status.UPCOMING:
        return "todo"
    return "late" if line.status.late else "soon"


def outcome_version(outcome: Outcome | Recorded | None) -> str:
    """Return what tells one outcome of a milestone from another, for the page that shows it."""
    if outcome is None or (isinstance(outcome, Outcome) and not outcome.recorded):
        return "open"
    return f"{outcome.kind} {outcome.done_on or ''}".strip()


def due_said(line: MilestoneLine, today: date) -> str:
    """Return what stands at the end of a milestone's row: its day, lateness or outcome."""
    if settles(line.rule, line.outcome) and line.outcome is not None:
        done_on = line.outcome.done_on
        if not (done_on or line.outcome.recorded):
            return "Not known"
        return day(done_on) if done_on else line.status.label.capitalize()
    if line.due.on is None:
        return "No date yet"
    if line.status.late and not line.rule.quiet:
        return due_words(line.due.on, today)
    return day(line.due.on)


def due_colour(line: MilestoneLine) -> str:
    """Return the colour of what ``due_said`` says."""
    if settles(line.rule, line.outcome):
        return "done" if sign(line) == "done" else "quiet"
    return due_tone(line.status, quiet=line.rule.quiet)


def add_filters(app: Flask) -> None:
    """Let templates say days and times."""
    days = (age, at_time, day, weekday, time_of_day)
    for name in (*days, sign, due_said, due_colour, outcome_version, receiver_of, show_nhs_number):
        app.add_template_filter(name)
    app.add_template_filter(day_and_time, "moment")
