from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transition.rules.digests import (
    CaseLine,
    DigestLine,
    DueItem,
    DueKind,
    Moves,
    compose_digest,
    due_at,
    folded_at,
    monday_of,
    newest_week,
    week_of,
    weeks_between,
    weeks_owed,
)
from transition.rules.milestones import Status
from transition.rules.pathway import Owner, Stage
from transition.rules.people import Side

HOLIDAYS = frozenset(
    map(
        date.fromisoformat,
        ["2026-12-25", "2026-12-28", "2027-01-01", "2027-03-26", "2027-03-29", "2027-05-03"],
    )
)
TODAY = date(2026, 11, 23)
LONG_AGO = datetime(2026, 1, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "week"),
    [
        (date(2026, 11, 23), "2026-W48"),
        (date(2026, 11, 29), "2026-W48"),
        (date(2027, 1, 3), "2026-W53"),
        (date(2027, 1, 4), "2027-W01"),
        (date(2024, 12, 30), "2025-W01"),
    ],
)
def test_a_week_goes_from_monday_to_sunday(day: date, week: str) -> None:
    assert week_of(day) == week


@given(st.dates(date(2020, 1, 1), date(2060, 1, 1)))
def test_a_weeks_monday_is_in_it(day: date) -> None:
    monday = monday_of(week_of(day))
    assert (monday.weekday(), 0 <= (day - monday).days < 7) == (0, True)


@pytest.mark.parametrize(
    ("week", "due"),
    [
        ("2026-W48", datetime(2026, 11, 23, 7, 30, tzinfo=UTC)),
        ("2026-W27", datetime(2026, 6, 29, 6, 30, tzinfo=UTC)),
        ("2026-W53", datetime(2026, 12, 29, 7, 30, tzinfo=UTC)),
        ("2027-W13", datetime(2027, 3, 30, 6, 30, tzinfo=UTC)),
        ("2027-W18", datetime(2027, 5, 4, 6, 30, tzinfo=UTC)),
        # The Mondays before and after each clock change.
        ("2026-W43", datetime(2026, 10, 19, 6, 30, tzinfo=UTC)),
        ("2026-W44", datetime(2026, 10, 26, 7, 30, tzinfo=UTC)),
        ("2027-W12", datetime(2027, 3, 22, 7, 30, tzinfo=UTC)),
    ],
)
def test_a_digest_is_due_on_monday_or_the_next_working_day(week: str, due: datetime) -> None:
    assert due_at(week, HOLIDAYS) == due
    assert due_at(week, HOLIDAYS).tzinfo is UTC


@pytest.mark.parametrize(
    ("now", "week", "folded"),
    [
        ("2026-11-23T07:29:59+00:00", "2026-W47", True),
        ("2026-11-23T07:30:00+00:00", "2026-W48", False),
        ("2026-11-25T07:29:59+00:00", "2026-W48", False),
        ("2026-11-25T07:30:00+00:00", "2026-W48", True),
        ("2026-11-29T23:59:59+00:00", "2026-W48", True),
        # Boxing Day's substitute: nothing new before Tuesday, and Thursday is 48 hours later.
        ("2026-12-28T07:30:00+00:00", "2026-W52", True),
        ("2026-12-29T07:30:00+00:00", "2026-W53", False),
        ("2026-12-31T07:30:00+00:00", "2026-W53", True),
        # The clocks go forward on 28 March and back on 31 October: local 07:30 on both Mondays.
        ("2027-03-28T01:30:00+00:00", "2027-W12", True),
        ("2027-03-30T06:29:59+00:00", "2027-W12", True),
        ("2027-03-30T06:30:00+00:00", "2027-W13", False),
        ("2027-11-01T06:30:00+00:00", "2027-W43", True),
        ("2027-11-01T07:30:00+00:00", "2027-W44", False),
        # Sunday 23:30 in London is Monday in Kiribati, and Monday 00:30 in summer Sunday in UTC.
        ("2026-11-23T13:30:00+14:00", "2026-W47", True),
        ("2026-06-28T23:30:00+00:00", "2026-W26", True),
    ],
)
def test_at_each_instant_one_weeks_digest_is_owed(now: str, week: str, *, folded: bool) -> None:
    instant = datetime.fromisoformat(now)
    (answer,) = weeks_owed(week_of(monday_of(week) - timedelta(1)), LONG_AGO, instant, HOLIDAYS)
    assert newest_week(instant, HOLIDAYS) == week
    assert (answer.week, answer.folded) == (week, folded)


@given(st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - bounds are without a zone there
def test_what_is_owed_is_due_and_the_next_is_not(now: datetime) -> None:
    week = newest_week(now, HOLIDAYS)
    following = week_of(monday_of(week) + timedelta(days=7))
    assert due_at(week, HOLIDAYS) <= now < due_at(following, HOLIDAYS)
    assert folded_at(week, HOLIDAYS) - due_at(week, HOLIDAYS) == timedelta(hours=48)


def owed_to(last: str | None, joined: datetime, now: datetime) -> list[tuple[str, bool]]:
    return [(each.week, each.folded) for each in weeks_owed(last, joined, now, HOLIDAYS)]


def test_weeks_in_which_nothing_ran_are_folded_before_the_one_that_is_sent() -> None:
    now = datetime(2026, 11, 23, 8, tzinfo=UTC)
    assert owed_to("2026-W45", LONG_AGO, now) == [
        ("2026-W46", True),
        ("2026-W47", True),
        ("2026-W48", False),
    ]


def test_nothing_is_owed_twice_nor_after_the_clock_was_set_back() -> None:
    now = datetime(2026, 11, 23, 8, tzinfo=UTC)
    assert owed_to("2026-W48", LONG_AGO, now) == []
    assert owed_to("2026-W50", LONG_AGO, now) == []
    assert owed_to("2027-W01", LONG_AGO, now) == []


@pytest.mark.parametrize(
    ("joined", "weeks"),
    [
        ("2026-11-10T12:00:00+00:00", ["2026-W46", "2026-W47", "2026-W48"]),
        # Wednesday, after its digest of Monday is folded.
        ("2026-11-11T07:30:00+00:00", ["2026-W47", "2026-W48"]),
        ("2026-11-23T07:45:00+00:00", ["2026-W48"]),
        ("2026-11-24T09:00:00+00:00", ["2026-W48"]),
    ],
)
def test_who_joined_has_no_row_for_the_weeks_before(joined: str, weeks: list[str]) -> None:
    now = datetime(2026, 11, 24, 9, tzinfo=UTC)
    owed = owed_to(None, datetime.fromisoformat(joined), now)
    assert [week for week, _ in owed] == weeks


def test_who_joins_when_the_weeks_digest_is_folded_waits_for_the_next() -> None:
    joined = datetime(2026, 11, 26, 9, tzinfo=UTC)
    assert owed_to(None, joined, joined) == []
    (owed,) = owed_to(None, joined, datetime(2026, 11, 30, 8, tzinfo=UTC))
    assert owed == ("2026-W49", False)


def test_weeks_missed_altogether_lie_between() -> None:
    assert weeks_between("2026-W51", "2027-W02") == ("2026-W52", "2026-W53", "2027-W01")
    assert len(weeks_between("2026-W01", "2026-W52")) == 50
    assert weeks_between("2026-W51", "2026-W52") == weeks_between("2026-W51", "2026-W51") == ()


VISIT = DueItem(
    reference="NHJ-7K2M-4",
    kind=DueKind.MILESTONE,
    code="MV-02",
    letter_words="a joint visit",
    stage=Stage.MOVING,
    due_on=TODAY,
    status=Status.DUE,
    owner=Owner.SHARED,
)
REPLY = DueItem(
    reference="NHJ-4TXH-2",
    kind=DueKind.HANDOVER,
    code="rowans-1",
    letter_words="a handover",
    stage=Stage.HANDOVER,
    due_on=date(2026, 12, 4),
    status=Status.UPCOMING,
    owner=Owner.ADULT,
)
VISIT_LINE = DigestLine("NHJ-7K2M-4", "a joint visit", "due today", "/cases/NHJ-7K2M-4")
REPLY_LINE = DigestLine(
    "NHJ-4TXH-2", "a handover", "due by Friday 4 December", "/cases/NHJ-4TXH-2/handovers/rowans-1"
)


def test_with_nothing_due_all_is_clear() -> None:
    content = compose_digest([], today=TODAY, side=Side.CHILDRENS, moves=[TODAY])
    assert content.all_clear
    assert content.moves == Moves(next_3_months=1)


def test_what_is_due_needs_its_owner_now() -> None:
    content = compose_digest([VISIT], today=TODAY, side=Side.ADULT)
    assert content.needs_you == (VISIT_LINE,)
    assert (content.now, content.late, content.soon) == (1, 0, 0)
    assert not content.all_clear


def test_a_handover_needs_the_receiver_from_its_first_day_and_the_other_side_waits() -> None:
    adult = compose_digest([REPLY], today=TODAY, side=Side.ADULT)
    nurse = compose_digest([REPLY], today=TODAY, side=Side.CHILDRENS)
    assert (adult.needs_you, adult.waiting) == ((REPLY_LINE,), ())
    assert (nurse.needs_you, nurse.waiting) == ((), (REPLY_LINE,))
    assert (nurse.now, nurse.all_clear) == (0, False)


def test_who_is_on_neither_side_is_told_of_no_case() -> None:
    content = compose_digest([VISIT, REPLY], today=TODAY, side=None)
    assert (content.needs_you, content.waiting, content.coming) == ((), (), ())
    assert content.all_clear


NEEDS = {Status.DUE, Status.OVERDUE, Status.LONG_OVERDUE}


@pytest.mark.parametrize("status", Status)
def test_each_status_has_its_place(status: Status) -> None:
    item = replace(VISIT, status=status, owner=Owner.CHILDRENS)
    mine = compose_digest([item], today=TODAY, side=Side.CHILDRENS)
    theirs = compose_digest([item], today=TODAY, side=Side.ADULT)
    late = status in NEEDS - {Status.DUE}
    assert (mine.now, mine.late, mine.soon) == (
        status in NEEDS,
        late,
        status is Status.DUE_SOON,
    )
    assert (len(mine.needs_you), len(mine.coming), len(mine.waiting)) == (mine.now, mine.soon, 0)
    assert (theirs.now, theirs.soon, len(theirs.waiting)) == (0, 0, status in NEEDS)
    assert {line.due_words for line in mine.needs_you} <= {"late" if late else "due today"}


def test_a_late_handover_says_by_when_it_was_due() -> None:
    late = replace(REPLY, status=Status.OVERDUE, due_on=date(2026, 11, 20))
    content = compose_digest([late], today=TODAY, side=Side.ADULT)
    assert content.needs_you[0].due_words == "was due by Friday 20 November"
    assert content.late == 1


def test_a_milestones_line_holds_no_date() -> None:
    items = [replace(VISIT, status=status) for status in NEEDS]
    content = compose_digest(items, today=TODAY, side=Side.ADULT)
    assert {line.due_words for line in content.needs_you} == {"due today", "late"}


def test_what_falls_due_soon_is_counted_for_each_case() -> None:
    soon = replace(VISIT, status=Status.DUE_SOON, due_on=date(2026, 12, 9))
    sooner = replace(soon, reference="NHJ-W3CE-6", stage=Stage.PLANNING, due_on=date(2026, 12, 1))
    content = compose_digest(
        [soon, replace(soon, code="MV-03", blocks=True), sooner], today=TODAY, side=Side.CHILDRENS
    )
    assert content.coming == (
        CaseLine("NHJ-W3CE-6", "Planning the move", 1, 0, "/cases/NHJ-W3CE-6"),
        CaseLine("NHJ-7K2M-4", "Getting to know each other", 2, 1, "/cases/NHJ-7K2M-4"),
    )
    assert (content.soon, content.now) == (3, 0)


@pytest.mark.parametrize("status", sorted([*NEEDS, Status.DUE_SOON]))
@pytest.mark.parametrize("side", Side)
def test_what_tells_an_age_is_counted_and_stands_in_no_line(side: Side, status: Status) -> None:
    item = replace(VISIT, status=status, owner=Owner.CHILDRENS, counted_only=True, blocks=True)
    content = compose_digest([item], today=TODAY, side=side)
    assert (content.needs_you, content.coming, content.waiting) == ((), (), ())
    assert content.now + content.soon == (side is Side.CHILDRENS)


def test_a_case_with_one_hidden_milestone_counts_the_others_only() -> None:
    soon = replace(VISIT, status=Status.DUE_SOON)
    content = compose_digest(
        [soon, replace(soon, counted_only=True, blocks=True)], today=TODAY, side=Side.ADULT
    )
    assert [(line.milestones, line.blocking) for line in content.coming] == [(1, 0)]
    assert content.soon == 2


def test_the_oldest_stands_first_and_what_has_no_date_last() -> None:
    dates = [None, date(2026, 11, 20), date(2026, 11, 10)]
    items = [replace(REPLY, reference=f"NHJ-{n}", due_on=day) for n, day in enumerate(dates)]
    content = compose_digest(items, today=TODAY, side=Side.ADULT)
    assert [line.reference for line in content.needs_you] == ["NHJ-2", "NHJ-1", "NHJ-0"]
    assert content.needs_you[-1].due_words == "due today"


def test_moves_are_counted_by_how_far_they_lie_ahead() -> None:
    days = ["2026-01-01", "2027-02-23", "2027-02-24", "2027-05-23", "2027-05-24", "2027-11-23"]
    targets = [None, *map(date.fromisoformat, days), date(2027, 11, 24)]
    content = compose_digest([], today=TODAY, side=Side.ADULT, moves=targets)
    assert content.moves == Moves(2, 2, 2, 1, 1)


def test_what_a_digest_is_made_of_has_no_field_for_a_personal_word() -> None:
    assert {field.name for field in fields(DueItem)} == {
        "reference",
        "kind",
        "code",
        "letter_words",
        "stage",
        "due_on",
        "status",
        "owner",
        "counted_only",
        "blocks",
    }
