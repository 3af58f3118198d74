"""Calendars that are hard to count: who is nudged on which day, and nobody else on no other."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Final

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import WorkAs, on_both, planned_case, proposal, ready_case, transferred_case
from tests.integration.simulation.wall_calendar import at
from tests.people import ANNA, GRACE, HELEN, IDRIS, JO, MINA, PRIYA, RUTH, TOM
from transition.actions.absences import record_absence
from transition.actions.handovers import propose_handover
from transition.actions.milestones import put_back
from transition.actions.nudges import send_nudges
from transition.actions.targets import move_target
from transition.actions.transfer_prompts import send_transfer_prompts
from transition.records.outbox import QueuedLetter
from transition.rules.people import THE_TIMETABLE
from transition.rules.targets import Target, TargetReason

Told = tuple[date, str, str]
"""On which day, which nudge, and to whom."""

ROWANS: Final = (HELEN, IDRIS)
ABOVE: Final = (GRACE, TOM)
HEADS: Final = (PRIYA, TOM, HELEN, GRACE)
LEADS: Final = (RUTH, PRIYA, TOM, HELEN, IDRIS)
A_DAY: Final = timedelta(days=1)


def expected(*lines: tuple[str, str, tuple[str, ...]]) -> list[Told]:
    """Return a calendar, a line for each nudge and reader."""
    return sorted((date.fromisoformat(day), rung, one) for day, rung, to in lines for one in to)


def told(session: Session) -> list[Told]:
    """Return the nudges that wait or went."""
    session.rollback()
    query = select(QueuedLetter).where(
        QueuedLetter.prompt_key.is_not(None), QueuedLetter.cancelled_at.is_(None)
    )
    return sorted(
        (at_home(one.queued_at), one.about.split("/", 2)[2], one.recipient.email)
        for one in session.scalars(query)
    )


def at_home(instant: datetime) -> date:
    """Return the day of a nudge; each goes at nine, by the clock on the wall in London."""
    wall = instant.astimezone(at(instant.date(), 9).tzinfo)
    assert (wall.hour, wall.minute) == (9, 0)
    return wall.date()


def moments(first: date, last: date) -> Iterator[datetime]:
    """Yield when the worker looks: each day before nine, at nine and later; often in the night."""
    day = first
    while day <= last:
        changes = {date(2027, 3, 28), date(2027, 10, 31)}
        hours = (0, 1, 2, 3) if day in changes else ()
        yield from (datetime(day.year, day.month, day.day, hour, 30, tzinfo=UTC) for hour in hours)
        yield from (at(day, hour) for hour in (8, 9, 17))
        day += A_DAY


def let_pass(work_as: WorkAs, first: date, last: date) -> None:
    """Let the days pass, with nobody answering."""
    for moment in moments(first, last):
        with work_as(THE_TIMETABLE, moment.astimezone(UTC)) as work:
            send_nudges(work)
            send_transfer_prompts(work)


@dataclass(frozen=True)
class Calendar:
    """A proposal, who is away meanwhile, and what then comes when nobody answers."""

    proposed_at: datetime
    last: date
    nudges: list[Told]
    away: tuple[tuple[str, str, date, date], ...] = field(default=())
    """Who, who stands in, from when and until when."""


CHRISTMAS: Final = (
    # Received by Tuesday 15 December, answered by Tuesday 29 December.
    ("2026-12-16", "acknowledge/reminder", ROWANS),
    ("2026-12-18", "acknowledge/escalation", ABOVE),
    ("2026-12-22", "acknowledge/coordinator", (JO,)),
    ("2026-12-23", "decide/reminder", ROWANS),
    ("2026-12-30", "decide/escalation", ABOVE),
    ("2027-01-06", "decide/coordinator", (JO,)),
    ("2027-01-13", "decide/agenda", HEADS),
)

CALENDARS: Final = {
    "Christmas": Calendar(at(date(2026, 12, 11), 16), date(2027, 1, 29), expected(*CHRISTMAS)),
    # Helen is away while her reminders come, and Tom while it is escalated; nothing stops. On the
    # first working day whoever stands in hears what stands.
    "Christmas with two on leave": Calendar(
        at(date(2026, 12, 11), 16),
        date(2027, 1, 29),
        expected(
            *CHRISTMAS,
            ("2026-12-16", "acknowledge/reminder", (GRACE,)),
            ("2026-12-23", "decide/reminder", (GRACE,)),
            ("2026-12-29", "acknowledge/escalation", (PRIYA,)),
            ("2026-12-30", "decide/escalation", (PRIYA,)),
        ),
        (
            (HELEN, GRACE, date(2026, 12, 14), date(2026, 12, 23)),
            (TOM, PRIYA, date(2026, 12, 28), date(2027, 1, 8)),
        ),
    ),
    "Easter": Calendar(
        at(date(2027, 3, 23), 10),
        date(2027, 5, 7),
        expected(
            # Received by Thursday 25 March, answered by Thursday 8 April.
            ("2027-03-30", "acknowledge/reminder", ROWANS),
            ("2027-04-01", "acknowledge/escalation", ABOVE),
            ("2027-04-05", "acknowledge/coordinator", (JO,)),
            ("2027-04-06", "decide/reminder", ROWANS),
            ("2027-04-09", "decide/escalation", ABOVE),
            ("2027-04-15", "decide/coordinator", (JO,)),
            ("2027-04-22", "decide/agenda", HEADS),
        ),
    ),
    # In the night of Easter Sunday there is no half past one.
    "the beginning of summer time": Calendar(
        datetime(2027, 3, 28, 1, 30, tzinfo=UTC),
        date(2027, 5, 7),
        expected(
            ("2027-04-01", "acknowledge/reminder", ROWANS),
            ("2027-04-05", "acknowledge/escalation", ABOVE),
            ("2027-04-07", "acknowledge/coordinator", (JO,)),
            ("2027-04-08", "decide/reminder", ROWANS),
            ("2027-04-13", "decide/escalation", ABOVE),
            ("2027-04-19", "decide/coordinator", (JO,)),
            ("2027-04-26", "decide/agenda", HEADS),
        ),
    ),
    # Half past eleven in the evening of Thursday 28 October, by summer time.
    "the end of summer time": Calendar(
        datetime(2027, 10, 28, 22, 30, tzinfo=UTC),
        date(2027, 12, 3),
        expected(
            ("2027-11-02", "acknowledge/reminder", ROWANS),
            ("2027-11-04", "acknowledge/escalation", ABOVE),
            ("2027-11-08", "acknowledge/coordinator", (JO,)),
            ("2027-11-09", "decide/reminder", ROWANS),
            ("2027-11-12", "decide/escalation", ABOVE),
            ("2027-11-18", "decide/coordinator", (JO,)),
            ("2027-11-25", "decide/agenda", HEADS),
        ),
    ),
}


@pytest.mark.parametrize("name", CALENDARS)
def test_a_proposal_that_nobody_answers(work_as: WorkAs, session: Session, name: str) -> None:
    calendar = CALENDARS[name]
    for who, cover, first, last in calendar.away:
        with work_as(who) as work:
            record_absence(work, who, cover=cover, from_on=first, until_on=last)
    with work_as(RUTH, calendar.proposed_at.astimezone(UTC)) as work:
        asked = proposal(target_on=date(2028, 6, 1))
        propose_handover(work, planned_case(work).reference, asked)
    let_pass(work_as, at_day(calendar.proposed_at), calendar.last)
    assert told(session) == calendar.nudges


def at_day(instant: datetime) -> date:
    """Return the day of an instant in London."""
    return instant.astimezone(at(instant.date(), 9).tzinfo).date()


@on_both
def test_a_transfer_for_a_friday_after_new_year_that_nobody_signs(
    work_as: WorkAs, session: Session
) -> None:
    reference, _ = ready_case(work_as)
    with work_as(RUTH) as work:
        put_back(work, reference, "MV-05")
        move_target(work, reference, Target(on=date(2027, 1, 8)), TargetReason.OTHER)
    # The holiday for Boxing Day falls into Helen's week off.
    with work_as(HELEN) as work:
        away = {"from_on": date(2026, 12, 28), "until_on": date(2027, 1, 1)}
        record_absence(work, HELEN, cover=GRACE, **away)
    let_pass(work_as, date(2026, 11, 24), date(2027, 1, 22))
    assert told(session) == expected(
        # Five months before has passed, and nobody has met.
        ("2026-11-24", "meeting", (RUTH, HELEN)),
        ("2026-12-11", "ready", (RUTH, HELEN)),
        # 14 days before is Christmas Day.
        ("2026-12-29", "finish", (*LEADS, GRACE)),
        ("2027-01-11", "passed", LEADS),
        ("2027-01-18", "passed", (*LEADS, GRACE)),
    )


def test_a_transfer_for_a_monday_after_easter_that_nobody_signs(
    work_as: WorkAs, session: Session
) -> None:
    start = datetime(2027, 2, 1, 9, tzinfo=UTC)
    reference, _ = ready_case(work_as)
    with work_as(RUTH, start) as work:
        put_back(work, reference, "MV-05")
        move_target(work, reference, Target(on=date(2027, 4, 26)), TargetReason.OTHER)
    let_pass(work_as, date(2027, 2, 2), date(2027, 5, 7))
    assert told(session) == expected(
        ("2027-02-02", "meeting", (RUTH, HELEN)),
        # 28 days before is Easter Monday.
        ("2027-03-30", "ready", (RUTH, HELEN)),
        ("2027-04-12", "finish", LEADS),
        ("2027-04-27", "passed", LEADS),
        ("2027-05-04", "passed", (*LEADS, GRACE)),
    )


@on_both
def test_a_time_after_the_transfer_in_which_nobody_writes_anything_down(
    work_as: WorkAs, session: Session
) -> None:
    transferred_case(work_as)
    with work_as(RUTH) as work:
        away = {"from_on": date(2027, 1, 4), "until_on": date(2027, 1, 15)}
        record_absence(work, RUTH, cover=ANNA, **away)
    let_pass(work_as, date(2026, 12, 1), date(2027, 1, 29))
    assert told(session) == expected(
        # A first contact by Tuesday 15 December.
        ("2026-12-11", "first_contact/reminder", (MINA,)),
        ("2026-12-16", "first_contact/both_told", (RUTH, MINA, HELEN)),
        ("2026-12-22", "first_contact/escalation", (PRIYA, TOM, GRACE)),
        ("2026-12-31", "first_contact/coordinator", (JO,)),
        # A check-in by Tuesday 12 January, while Ruth is away; Anna hears first what stands.
        ("2027-01-04", "first_contact/both_told", (ANNA,)),
        ("2027-01-08", "check_in/reminder", (RUTH, ANNA)),
        ("2027-01-13", "check_in/both_told", (RUTH, ANNA, MINA, HELEN)),
        ("2027-01-19", "check_in/escalation", (PRIYA, TOM, GRACE)),
        ("2027-01-26", "check_in/coordinator", (JO,)),
    )
