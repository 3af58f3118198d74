"""Sixty weeks with a moody mail server: everybody hears what they should, once, and of no death."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from typing import Final

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import engine_of
from tests.databases import FIXED, ReadyMade
from tests.integration.simulation.oracle import AT, Leave, Oracle, Tale, day_of
from tests.integration.simulation.plays import Company, Deed
from tests.integration.simulation.wall_calendar import LONDON, at, counts, digest_day, iso_week
from tests.integration.simulation.world import Taken, World, world_of
from tests.people import ANNA, GRACE, HELEN, IDRIS, JO, LOLA, PRIYA, RUTH, SAM, TOM
from transition.actions.absences import record_absence
from transition.app import create_app
from transition.jobs import runner
from transition.jobs.timetable import TIMETABLE
from transition.records.audit import GOOD, verify
from transition.records.digests import Digest
from transition.records.heartbeats import beats_of
from transition.records.outbox import QueuedLetter
from transition.records.staff import Staff
from transition.rules.heartbeats import JobName

FIRST: Final = date(2026, 11, 23)
WEEKS: Final = 60
SUNDAY: Final = 7
STAFF: Final = {RUTH, ANNA, PRIYA, TOM, JO, SAM} | {
    one for who in AT.values() for one in who.values()
}
NOTICE: Final = "A case shared with you has changed"
NUDGES: Final = {"handover_reminder", "handover_escalated"}

ON_LEAVE: Final = (
    Leave(HELEN, GRACE, date(2027, 2, 8), date(2027, 2, 26)),
    Leave(RUTH, ANNA, date(2027, 3, 22), date(2027, 4, 2)),
)
LATE_NO: Final = ("decline", 24, 24)
DIED: Final = at(date(2026, 12, 10), 10, 30)
"""While the mail server is down, so that much waits to be sent."""
MISTAKEN: Final = at(date(2027, 2, 3), 10, 30)
"""Taken back ten minutes later."""

DOWN: Final = (
    (at(date(2026, 12, 8), 8), DIED + timedelta(minutes=5)),
    (at(date(2027, 4, 18), 8), at(date(2027, 4, 22), 10)),
)
"""When the mail server is away; the second time over a Monday and 48 hours more."""
OFF: Final = (
    (at(date(2027, 1, 18), 0), at(date(2027, 1, 20), 8)),
    (at(date(2027, 6, 15), 0), at(date(2027, 6, 18), 0)),
    (at(date(2027, 9, 6), 0), at(date(2027, 9, 7), 10)),
)
"""When the worker is off: over a Monday, for three days, and for a day."""
FOLDED: Final = {"2027-W03", "2027-W16"}
LATE: Final = {"2026-W48": FIXED, "2027-W36": at(date(2027, 9, 7), 11)}
"""Digests that are issued when the worker comes, and not on the hour."""

RESTS: Final = (
    ("oakhaven", date(2027, 4, 14), date(2027, 4, 20), date(2027, 4, 23)),
    ("rowans", date(2027, 5, 11), date(2027, 5, 14), date(2027, 5, 19)),
)
"""Proposed to whom, when, and paused from when until when: the first while a nudge waits for the
mail server, the second an hour after one was sent."""

EXTRA: Final = (
    *(DIED + timedelta(minutes=minutes) for minutes in (6, 14, 16)),
    *(MISTAKEN + timedelta(minutes=minutes) for minutes in (5, 12, 26)),
    *(datetime(2027, 3, 28, hour, 30, tzinfo=UTC) for hour in (0, 1, 2)),  # an hour is missing
    *(datetime(2027, 10, 31, hour, 30, tzinfo=UTC) for hour in (0, 1, 2)),  # and one comes twice
)
SET_BACK: Final = date(2027, 7, 12)
"""On this Monday the clock is set back an hour, after the digests and again after the nudges."""


def moments() -> Iterator[datetime]:
    """Yield when the worker looks at the clock, in the order in which it does."""
    usual = [when for number in range(WEEKS * 7) for when in day_at_work(number)]
    off = [when for when in usual if any(first <= when < last for first, last in OFF)]
    for when in sorted({*usual, *EXTRA} - {*off}, key=lambda one: one.astimezone(UTC)):
        if when.astimezone(UTC) >= FIXED:
            yield when
        if when in {at(SET_BACK, 7, 30), at(SET_BACK, 9)}:
            yield from (when - timedelta(minutes=minutes) for minutes in (40, 1, 0))


def day_at_work(number: int) -> Iterator[datetime]:
    """Yield when it looks at the clock on a day without accidents; one Sunday is like another."""
    day = FIRST + timedelta(days=number)
    if not counts(day):
        yield from [at(day, 12)] if day.isoweekday() < SUNDAY else []
        return
    if day == digest_day(day - timedelta(days=day.weekday())):
        yield at(day, 7, 29)
        yield at(day, 7, 30)
    yield from (at(day, hour) for hour in (9, 11, 14, 17))


@dataclass(frozen=True)
class Chronicle:
    """What is left when the sixty weeks are over."""

    taken: Sequence[Taken]
    forgotten: Counter[str]
    moods: Counter[str]
    outbox: Sequence[QueuedLetter]
    digests: Sequence[tuple[str, Digest]]
    oracle: Oracle
    dead: Tale
    undone: Tale
    waiting_at_death: Sequence[QueuedLetter]
    session: Session

    @property
    def nudges(self) -> list[QueuedLetter]:
        """The nudges that were meant to go; those that another overtook were not."""
        return [
            row
            for row in self.outbox
            if row.kind in NUDGES and not (row.cancelled_at == row.queued_at and not row.tries)
        ]

    def taken_at(self, row: QueuedLetter) -> list[datetime]:
        """Return the times at which the server took a letter."""
        return [one.at for one in self.taken if one.number == row.message_id]


@pytest.fixture(scope="module")
def chronicle(
    ready_made: ReadyMade, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Chronicle]:
    """Let the sixty weeks pass."""
    home = tmp_path_factory.mktemp("weeks") / "home"
    with ready_made.copy("installed", home, server=None) as settings:
        app = create_app(settings)
        with world_of(app, settings, down=DOWN) as world, pytest.MonkeyPatch.context() as patch:
            # The trail is proved once, at the end: sixty weeks of nights would take as long again.
            by_day = tuple(job for job in TIMETABLE if job.name is not JobName.TRAIL)
            patch.setattr(runner, "TIMETABLE", by_day)
            yield from _pass(world)
        engine_of(app).dispose()


def _pass(world: World) -> Iterator[Chronicle]:
    oracle = Oracle(ON_LEAVE)
    company = Company(world, oracle)
    waiting: list[QueuedLetter] = []
    dead, first = company.proposed("rowans", "routine", date(2026, 11, 30), ())
    undone, second = company.proposed("rowans", "routine", date(2027, 1, 25), (LATE_NO,))
    deeds = [
        *company.deeds(FIRST),
        *(deed for rest in RESTS for deed in _rests(company, *rest)),
        *first,
        company.step("ask", dead, DIED - timedelta(minutes=50)),
        Deed(DIED, lambda _: waiting.extend(world.waiting(dead.reference))),
        company.step("record_death", dead, DIED),
        *second,
        company.step("record_death", undone, MISTAKEN),
        company.step("undo_death", undone, MISTAKEN + timedelta(minutes=10)),
        *(_goes_away(world, leave) for leave in ON_LEAVE),
    ]
    play(world, oracle, sorted(deeds, key=lambda deed: deed.when))
    with Session(engine_of(world.app)) as session:
        query = select(Staff.email, Digest).join(Digest, Digest.staff_uid == Staff.uid)
        yield Chronicle(
            taken=world.server.letters,
            forgotten=world.server.forgotten,
            moods=world.server.moods,
            outbox=world.rows(),
            digests=[(email, digest) for email, digest in session.execute(query)],
            oracle=oracle,
            dead=dead,
            undone=undone,
            waiting_at_death=waiting,
            session=session,
        )


def _rests(company: Company, to: str, on: date, first: date, last: date) -> list[Deed]:
    tale, course = company.proposed(to, "routine", on, (LATE_NO,))
    whiles = {"pause": at(first, 10), "resume": at(last, 10)}
    return [*course, *(company.step(name, tale, when) for name, when in whiles.items())]


def _goes_away(world: World, leave: Leave) -> Deed:
    def say(when: datetime) -> None:
        days = {"from_on": leave.first, "until_on": leave.last}
        world.do(
            leave.who, when, lambda work: record_absence(work, leave.who, cover=leave.cover, **days)
        )

    return Deed(at(leave.first - timedelta(days=3), 12), say)


def play(world: World, oracle: Oracle, deeds: list[Deed]) -> None:
    """Let people and the worker do what they do, each at its time."""
    for now in moments():
        while deeds and deeds[0].when <= now:
            deed = deeds.pop(0)
            world.clock.instant = deed.when.astimezone(UTC)
            deed.do(deed.when)
        if not _is_idle(world, now):
            oracle.look(now)
            world.tick(now)


def _is_idle(world: World, now: datetime) -> bool:
    """Return whether nothing can be owed: past nine, but on Monday, and with no letter waiting."""
    late = now.astimezone(LONDON).time() in {time(11), time(14), time(17)}
    return late and now.weekday() > 0 and not world.has_letters()


# --- what must be so --------------------------------------------------------------------------


def test_each_colleague_has_one_row_a_week(chronicle: Chronicle) -> None:
    weeks = [iso_week(FIRST + timedelta(weeks=number)) for number in range(WEEKS)]
    assert len(set(weeks)) == WEEKS
    rows = Counter((email, digest.week) for email, digest in chronicle.digests)
    assert rows == Counter((email, week) for email in STAFF for week in weeks)


def test_only_what_came_too_late_was_folded(chronicle: Chronicle) -> None:
    folded = {
        (email, digest.week) for email, digest in chronicle.digests if digest.state == "folded"
    }
    assert folded == {(email, week) for email in STAFF for week in FOLDED}


def test_digests_are_issued_on_monday_at_half_past_seven_or_after_the_holiday(
    chronicle: Chronicle,
) -> None:
    for email, digest in chronicle.digests:
        if digest.week not in FOLDED:
            day = digest_day(date.fromisoformat(f"{digest.week}-1"))
            due = LATE.get(digest.week, at(day, 7, 30))
            assert digest.issued_at == due, (email, digest.week)


def test_no_more_than_one_digest_a_week_reaches_anybody(chronicle: Chronicle) -> None:
    digests = [one for one in chronicle.taken if one.subject.startswith("Transition digest")]
    numbers = {(one.reader, iso_week(day_of(one.at)), one.number) for one in digests}
    reached = Counter((reader, week) for reader, week, _ in numbers)
    assert set(reached.values()) == {1}
    issued = {
        (email, digest.week) for email, digest in chronicle.digests if digest.state == "issued"
    }
    assert set(reached) == {(email, week) for email, week in issued if email != LOLA}
    assert {email for email, _ in reached} == STAFF - {LOLA}, "whose address is refused"


def test_the_digest_after_a_folded_week_says_so(chronicle: Chronicle) -> None:
    said = {
        iso_week(day_of(one.at))
        for one in chronicle.taken
        if one.subject.startswith("Transition digest") and "did not come" in one.words
    }
    assert said == {"2027-W04", "2027-W17"}


def test_each_nudge_is_told_once_on_its_day_to_whom_it_concerns(chronicle: Chronicle) -> None:
    queued = Counter((row.queued_at, row.about, row.recipient.email) for row in chronicle.nudges)
    said = Counter((at.astimezone(UTC), nudge, to) for at, nudge, to in chronicle.oracle.said)
    assert (queued - said, said - queued) == (Counter(), Counter())


def test_every_rung_of_every_clock_was_climbed(chronicle: Chronicle) -> None:
    climbed = Counter("/".join(nudge.split("/")[2:4]) for _, nudge, _ in chronicle.oracle.said)
    assert set(climbed) == {
        *(f"acknowledge/{rung}" for rung in ("reminder", "escalation", "coordinator")),
        *(f"decide/{rung}" for rung in ("reminder", "escalation", "coordinator", "agenda")),
        *("decide/stop_used_up", "answer/reminder", "answer/escalation"),
    }
    assert min(climbed.values()) > 2, climbed
    assert len(chronicle.oracle.tales) >= 30


def test_whoever_covers_is_copied_while_the_other_is_away_and_not_after(
    chronicle: Chronicle,
) -> None:
    # Grace is an escalation person: a reminder is only ever Helen's, for whom she covers.
    copied = [
        day_of(row.queued_at)
        for row in chronicle.nudges
        if row.recipient.email == GRACE and "/reminder" in row.about
    ]
    assert copied
    assert all(ON_LEAVE[0].first <= day <= ON_LEAVE[0].last for day in copied)


def test_what_was_meant_to_go_went_once_unless_it_had_lost_its_point(chronicle: Chronicle) -> None:
    for row in chronicle.nudges:
        times, lost = len(chronicle.taken_at(row)), chronicle.forgotten[row.message_id]
        if row.sent_at:
            assert 1 <= times <= 1 + lost, row.about
        elif row.failed_code:
            assert (row.recipient.email, times) == (LOLA, 0)
        else:
            assert row.cancelled_at, "nothing waits for ever"
            assert times <= lost
            assert had_lost_its_point(chronicle, row), row.about


def had_lost_its_point(chronicle: Chronicle, row: QueuedLetter) -> bool:
    """Return whether there was nothing to ask for, or not now, when a nudge was cancelled."""
    reference, key, nudge = row.about.split("/", 2)
    tale, at = chronicle.oracle.tales[f"{reference}/{key}"], row.cancelled_at
    assert at is not None
    ended_at = tale.ended_at(nudge)
    mistaken = tale is chronicle.undone and at == MISTAKEN
    return mistaken or tale.rested_on(day_of(at)) or (ended_at is not None and ended_at <= at)


ORDER: Final = ("reminder", "escalation", "coordinator", "agenda")


def test_the_rungs_of_a_clock_reach_each_reader_in_order(chronicle: Chronicle) -> None:
    found = []
    for row in chronicle.nudges:
        times = chronicle.taken_at(row)
        reference, key, clock, rung, *number = row.about.split("/")
        if row.sent_at and rung in ORDER:
            line = "/".join([reference, key, clock, *number])
            found.append((line, row.recipient.email, min(times), ORDER.index(rung)))
    for _, of_reader in groupby(sorted(found), key=lambda one: one[:2]):
        rungs = [one[3] for one in of_reader]
        assert rungs == sorted(set(rungs))


def test_no_letter_is_taken_twice_but_where_the_server_forgot_to_say_so(
    chronicle: Chronicle,
) -> None:
    times = Counter(one.number for one in chronicle.taken)
    twice = {number: count for number, count in times.items() if count > 1}
    assert twice
    assert all(count <= 1 + chronicle.forgotten[number] for number, count in twice.items())
    known = {row.message_id for row in chronicle.outbox}
    assert set(times) <= known


def test_the_server_was_as_moody_as_it_was_meant_to_be(chronicle: Chronicle) -> None:
    ways = ("CONNECT drop", "CONNECT 421 too busy", "RCPT 450 not now", "RCPT 550 nobody here")
    assert all(chronicle.moods[way] >= 10 for way in (*ways, "TEXT drop", "TEXT 451 come back"))
    assert chronicle.forgotten.total() >= 10


def test_only_what_is_refused_for_good_fails(chronicle: Chronicle) -> None:
    failed = {(row.recipient.email, row.failed_code) for row in chronicle.outbox if row.failed_code}
    assert failed == {(LOLA, "550")}
    hers = [row for row in chronicle.outbox if row.recipient.email == LOLA]
    assert all(row.failed_code or row.cancelled_at for row in hers)


def test_nobody_who_has_left_hears_anything(chronicle: Chronicle) -> None:
    assert {one.reader for one in chronicle.taken} == STAFF - {LOLA}


def test_after_a_death_nothing_leaves_but_one_notice_each_after_its_hold(
    chronicle: Chronicle,
) -> None:
    tale = chronicle.dead
    assert {row.kind for row in chronicle.waiting_at_death} >= {
        "handover_question",
        "handover_reminder",
        "handover_escalated",
    }
    about = [one for one in chronicle.taken if tale.reference in one.references]
    assert len([one for one in about if one.at < DIED]) > 4
    after = [one for one in about if one.at >= DIED]
    assert {one.subject for one in after} == {NOTICE}
    numbers = {one.number: one.reader for one in after}
    assert sorted(numbers.values()) == sorted([tale.nurse, HELEN, IDRIS])
    assert min(one.at for one in after) >= DIED + timedelta(minutes=15)
    assert max(one.at for one in chronicle.taken) > DIED + timedelta(days=60)
    queued = [row.queued_at for row in chronicle.outbox if row.about.startswith(tale.reference)]
    assert max(queued) <= DIED


def test_of_a_death_that_was_taken_back_nobody_ever_hears(chronicle: Chronicle) -> None:
    tale = chronicle.undone
    about = [
        one for one in chronicle.taken if tale.reference in one.references and one.at >= MISTAKEN
    ]
    assert tale.over_at is not None
    until = [one for one in about if one.at < tale.over_at]
    assert NOTICE not in {one.subject for one in until}
    assert len(until) > 10, "it went on"
    notices = [
        row
        for row in chronicle.outbox
        if row.kind == "case_changed" and row.about == tale.reference and row.queued_at == MISTAKEN
    ]
    assert {row.recipient.email for row in notices} == {tale.nurse, HELEN, IDRIS}
    assert {row.sent_at for row in notices} == {None}


def test_the_trail_holds_and_every_function_has_one_lead(chronicle: Chronicle) -> None:
    verdict = verify(chronicle.session)
    assert verdict.code == GOOD
    assert verdict.entries > 3000
    assert beats_of(chronicle.session)[JobName.LEDGER].fault is None
