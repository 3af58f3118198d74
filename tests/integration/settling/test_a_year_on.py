"""A year after a transfer: the adult hospice is asked how it is, once more, and then no more."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.browser.running import text_of
from tests.builders import Bag, ClientAs, WorkAs, post, post_with, working
from tests.integration.demonstration.test_expected_of_pathways import case_of, dues_in
from transition.actions.deaths import record_death
from transition.actions.milestones import Recorded, record_outcome
from transition.actions.nudges import send_nudges
from transition.app import Tracker
from transition.clock import LONDON
from transition.records.outbox import QueuedLetter
from transition.rules.milestones import NOT_KNOWN, OutcomeKind
from transition.rules.people import THE_TIMETABLE

pytestmark = pytest.mark.usefixtures("demonstration")

BEA = "worker@mountbatten-h.example"
"""The adult worker of the invented case that was transferred on 17 November 2025."""

LOADED = date(2026, 11, 23)
AGAIN = date(2026, 12, 17)
OVER = date(2027, 1, 17)


def at(day: date, hour: int = 9) -> datetime:
    return datetime.combine(day, time(hour), LONDON).astimezone(UTC)


def let_pass(app: Tracker, days: Iterator[date]) -> None:
    for day in days:
        with working(app, THE_TIMETABLE, at(day)) as work:
            send_nudges(work)


def days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(count) for count in range((last - first).days + 1))


def asked(session: Session) -> list[tuple[date, str, str]]:
    """Return who was asked about her a year on: the day, the rung and the reader."""
    about = case_of(session, "Trixie").reference
    letters = session.scalars(select(QueuedLetter).order_by(QueuedLetter.queued_at)).all()
    return [
        (one.queued_at.date(), one.about.rpartition("/")[2], one.recipient.email)
        for one in letters
        if one.about.startswith(about) and "/a_year_on/" in one.about
    ]


@pytest.mark.usefixtures("both_databases")
def test_20_b_the_adult_worker_is_asked_and_once_more_after_a_month_and_nobody_after_that(
    app: Tracker, session: Session
) -> None:
    let_pass(app, days(LOADED, LOADED + timedelta(4)))
    assert asked(session) == [(LOADED, "told", BEA)]
    let_pass(app, days(AGAIN - timedelta(2), AGAIN + timedelta(1)))
    assert asked(session) == [(LOADED, "told", BEA), (AGAIN, "reminder", BEA)]
    let_pass(app, days(OVER, OVER + timedelta(4)))
    assert len(asked(session)) == 2


def test_who_was_away_for_long_is_asked_once_and_nobody_once_it_is_not_known(
    app: Tracker, session: Session
) -> None:
    let_pass(app, days(OVER + timedelta(1), OVER + timedelta(3)))
    assert asked(session) == []
    let_pass(app, days(AGAIN + timedelta(5), AGAIN + timedelta(5)))
    assert [rung for _, rung, _ in asked(session)].count("reminder") == 1


@pytest.mark.parametrize("how", ["answered", "died"])
def test_nobody_is_asked_of_what_was_answered_or_of_somebody_who_has_died(
    app: Tracker, session: Session, work_as: WorkAs, how: str
) -> None:
    reference = case_of(session, "Trixie").reference
    with work_as(BEA) as work:
        if how == "died":
            record_death(work, reference, died_on=None)
        else:
            yes = Recorded(kind=OutcomeKind.DONE, done_on=work.today)
            record_outcome(work, reference, "SE-05", yes)
    let_pass(app, days(AGAIN, AGAIN + timedelta(1)))
    assert asked(session) == []


def test_the_letter_tells_neither_what_is_asked_nor_when_the_transfer_was(
    app: Tracker, session: Session
) -> None:
    reference = case_of(session, "Trixie").reference
    let_pass(app, days(LOADED, LOADED))
    bag = Bag()
    post_with(app, bag, at=at(LOADED, 10))
    (letter,) = (one for one in bag.letters if one["To"] == BEA and "waits for" in text_of(one))
    words = text_of(letter)
    assert "waits for a check-in" in words
    assert f"/cases/{reference}/settling" in words
    for said in ("November", "2025", "year", "touch", "due by"):
        assert said not in words, said


def test_nobody_answered_so_it_is_not_known_and_can_still_be_answered(
    app: Tracker, session: Session, client_as: ClientAs
) -> None:
    reference = case_of(session, "Trixie").reference
    (standing,) = dues_in(app, session, "Trixie").open_standings
    assert standing.rule.code == "SE-05"
    assert not dues_in(app, session, "Trixie", OVER).open_standings
    last = dues_in(app, session, "Trixie", OVER).standings[-1]
    assert last.outcome == NOT_KNOWN

    app.config["CLOCK"].instant = at(OVER)
    bea, page = client_as(BEA), f"/cases/{reference}/milestones"
    assert "Not known" in bea.get(page).text
    done = f"{page}/SE-05/done"
    assert done in bea.get(page).text
    ticked = {"done_on-day": "10", "done_on-month": "1", "done_on-year": "2027", "version": "open"}
    assert post(bea, page, done, **ticked).status_code == 302
    assert "Not known" not in bea.get(page).text
