from datetime import UTC, date, datetime, timedelta

import pytest

from transition.clock import Clock, instant_from, local_day, now

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def test_the_time_is_told_in_utc() -> None:
    assert now().utcoffset() == timedelta()


def test_a_clock_that_nobody_set_shows_the_real_time() -> None:
    before, shown, after = now(), Clock.reading(None).now(), now()

    assert before <= shown <= after


def test_a_clock_set_to_an_instant_shows_it_and_runs_on() -> None:
    clock = Clock.reading(NOON)
    first = clock.now()
    second = clock.now()

    assert NOON <= first < NOON + timedelta(minutes=1)
    assert second > first
    assert clock.today() == date(2026, 11, 23)


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2026, 6, 30, 22, 59, tzinfo=UTC), date(2026, 6, 30)),
        (datetime(2026, 6, 30, 23, 0, tzinfo=UTC), date(2026, 7, 1)),
        (datetime(2026, 12, 31, 23, 59, tzinfo=UTC), date(2026, 12, 31)),
    ],
)
def test_a_day_begins_at_midnight_in_london_summer_and_winter(instant: datetime, day: date) -> None:
    assert local_day(instant) == day


def test_an_instant_without_an_offset_has_no_day() -> None:
    with pytest.raises(ValueError, match="offset"):
        local_day(datetime(2026, 11, 23, 12))  # noqa: DTZ001 - that is what is refused


@pytest.mark.parametrize(
    "text", ["2026-11-23T12:00:00Z", "2026-11-23T13:00+01:00", "2026-11-23 12:00:00.000+00:00"]
)
def test_an_instant_is_read_from_iso_8601_with_any_offset(text: str) -> None:
    assert instant_from(text) == NOON
    assert instant_from(text).utcoffset() == timedelta()


@pytest.mark.parametrize("text", ["2026-11-23", "2026-11-23T12:00:00"])
def test_an_instant_without_its_offset_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="lacks its offset"):
        instant_from(text)


@pytest.mark.parametrize("text", ["", "Monday", "2026-02-30T12:00Z", "0001-01-01T00:00+05:00"])
def test_what_is_no_instant_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not an instant\. Write it like 2026-"):
        instant_from(text)
