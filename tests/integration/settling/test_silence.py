"""After a transfer: who is written to, on which day, and in what words."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.browser.running import text_of
from tests.builders import Bag, WorkAs, on_both, post_with, working
from tests.integration.settling.steps import MONDAY, check_in, contact, transferred_case
from tests.people import GRACE, HELEN, JO, MINA, PRIYA, RUTH, TOM
from transition.actions.deaths import record_death
from transition.actions.nudges import send_nudges, waiting_long
from transition.actions.settling import record_check_in, record_contact, take_back_contact
from transition.app import Tracker
from transition.clock import LONDON
from transition.records.handovers import Handover
from transition.records.outbox import QueuedLetter
from transition.rules.pathway import Stage
from transition.rules.people import THE_TIMETABLE
from transition.rules.settling import CheckInOutcome


@pytest.fixture
def reference(work_as: WorkAs) -> str:
    """A case that was transferred to Rowans a week ago, with Mina as its adult worker."""
    return transferred_case(work_as)


def at(day: date) -> datetime:
    return datetime.combine(day, time(9), LONDON).astimezone(UTC)


def nudge(app: Tracker, first: date, last: date | None = None) -> None:
    """Let the timetable run every day from the first to the last."""
    for count in range(((last or first) - first).days + 1):
        with working(app, THE_TIMETABLE, at(first + timedelta(count))) as work:
            send_nudges(work)


def told(session: Session) -> list[str]:
    """Return the nudges that wait or went: the day, what of, and to whom."""
    session.rollback()
    query = select(QueuedLetter).where(
        QueuedLetter.prompt_key.is_not(None), QueuedLetter.cancelled_at.is_(None)
    )
    rows = session.scalars(query).all()
    return sorted(
        f"{row.queued_at:%m-%d} {'/'.join(row.about.split('/')[2:])} {row.recipient.email}"
        for row in rows
    )


@on_both
def test_silence_after_a_transfer_goes_up_step_by_step(
    app: Tracker, session: Session, reference: str
) -> None:
    nudge(app, MONDAY, date(2026, 12, 16))

    assert told(session) == [
        f"11-26 first_contact/reminder {MINA}",
        *sorted(f"12-01 first_contact/both_told {who}" for who in (RUTH, MINA, HELEN)),
        *sorted(f"12-07 first_contact/escalation {who}" for who in (PRIYA, TOM, GRACE)),
        f"12-14 first_contact/coordinator {JO}",
    ]
    with working(app, THE_TIMETABLE, at(date(2026, 12, 14))) as work:
        assert waiting_long(work) == [(reference, "a first contact")]
    with working(app, THE_TIMETABLE, at(date(2026, 12, 13))) as work:
        assert waiting_long(work) == []


@on_both
def test_a_missed_contact_is_told_to_the_childrens_named_worker(
    app: Tracker, work_as: WorkAs, session: Session, reference: str
) -> None:
    with work_as(MINA) as work:
        record_contact(work, reference, contact(work))
    nudge(app, MONDAY)
    nudge(app, MONDAY)

    assert told(session) == [f"11-23 another_way/told/1 {RUTH}"]


def test_a_third_missed_contact_is_told_to_both_leads(
    app: Tracker, work_as: WorkAs, session: Session, reference: str
) -> None:
    with work_as(MINA) as work:
        for _ in range(3):
            record_contact(work, reference, contact(work))
    nudge(app, MONDAY)

    who = {line.rpartition(" ")[2] for line in told(session)}
    assert {PRIYA, TOM, HELEN} <= who
    assert RUTH not in who


def test_a_check_in_that_is_not_working_is_told_to_both_leads(
    app: Tracker, work_as: WorkAs, session: Session, reference: str
) -> None:
    with work_as(RUTH) as work:
        record_check_in(work, reference, check_in(work, outcome=CheckInOutcome.NOT_WORKING))
    nudge(app, MONDAY)

    assert {line.split()[1] for line in told(session)} == {"talk/told/1"}
    assert {PRIYA, TOM, HELEN} <= {line.rpartition(" ")[2] for line in told(session)}


def sent(app: Tracker, day: date) -> dict[str, str]:
    """Return the letters that go on a day, by their reader."""
    bag = Bag()
    post_with(app, bag, at=at(day))
    return {letter["To"]: text_of(letter) for letter in bag.letters}


def test_a_letter_tells_the_reference_and_what_is_waited_for(
    app: Tracker, work_as: WorkAs, reference: str
) -> None:
    with work_as(MINA) as work:
        record_contact(work, reference, contact(work))
    nudge(app, MONDAY)
    letter = sent(app, MONDAY)[RUTH]
    assert "waits for a contact in another way" in letter
    assert "is due by Monday 30 November 2026" in letter
    assert f"/cases/{reference}/settling" in letter


@pytest.mark.usefixtures("reference")
def test_a_letter_about_a_milestone_tells_no_day(app: Tracker) -> None:
    nudge(app, date(2026, 11, 26))
    letter = sent(app, date(2026, 11, 26))[MINA]
    assert "waits for a first contact" in letter
    assert "due by" not in letter


def test_a_coordinator_is_told_the_reference_only(app: Tracker, reference: str) -> None:
    nudge(app, date(2026, 12, 14))
    letter = sent(app, date(2026, 12, 14))[JO]
    assert reference in letter
    assert "/cases/" not in letter


def test_a_limit_that_passed_is_said_so(app: Tracker, work_as: WorkAs, reference: str) -> None:
    with work_as(MINA) as work:
        record_contact(work, reference, contact(work))
    nudge(app, date(2026, 12, 1))
    assert "was due by Monday 30 November" in sent(app, date(2026, 12, 1))[RUTH]


@pytest.mark.parametrize("how", ["taken back", "died", "completed", "returned"])
def test_a_letter_that_says_nothing_true_any_more_does_not_go(
    app: Tracker, work_as: WorkAs, reference: str, how: str
) -> None:
    with work_as(MINA) as work:
        record_contact(work, reference, contact(work))
    nudge(app, MONDAY)
    with work_as(MINA) as work:
        if how == "died":
            record_death(work, reference, died_on=None)
        elif how == "completed":
            work.case(reference).case.stage = Stage.COMPLETED
        elif how == "returned":
            work.case(reference).case.stage = Stage.PLANNING
        else:
            take_back_contact(work, reference, 1)

    assert "another way" not in str(sent(app, MONDAY))


def test_after_a_death_nobody_is_written_to(
    app: Tracker, work_as: WorkAs, session: Session, reference: str
) -> None:
    with work_as(MINA) as work:
        record_death(work, reference, died_on=None)
    nudge(app, MONDAY, date(2027, 1, 31))

    assert told(session) == []


def test_where_no_adult_worker_is_named_the_lead_is_reminded(
    app: Tracker, work_as: WorkAs, session: Session, reference: str
) -> None:
    with work_as(HELEN) as work:
        case = work.case(reference).case
        for handover in work.session.scalars(select(Handover).where(Handover.case_uid == case.uid)):
            handover.adult_worker_uid = None
    nudge(app, date(2026, 11, 26))

    assert told(session) == [f"11-26 first_contact/reminder {HELEN}"]
