"""Heartbeats: a nightly job runs once a night, and silence is told after a quarter of an hour."""

from datetime import UTC, datetime, timedelta

import pytest

from transition.rules.heartbeats import Beat, JobName, is_news, is_silent, nightly_owed

NIGHT = datetime(2026, 11, 24, 2, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def owed(
    now: datetime, *, ran_at: datetime | None = None, failed_at: datetime | None = None
) -> bool:
    return nightly_owed(Beat(ran_at, failed_at), now)


def test_four_jobs_are_done_at_night_and_the_others_at_every_tick() -> None:
    nightly = [job.value for job in JobName if job.nightly]
    assert nightly == ["ledger", "lost", "numbers", "trail"]


def test_a_nightly_job_is_owed_from_two_in_the_morning_until_it_ran() -> None:
    before = NIGHT - timedelta(days=1) + SECOND
    assert owed(NIGHT)
    assert not owed(NIGHT - SECOND, ran_at=before)
    assert owed(NIGHT, ran_at=before)
    assert not owed(NIGHT + timedelta(hours=23), ran_at=NIGHT)


def test_after_nights_without_a_worker_it_is_owed_once() -> None:
    now = NIGHT + timedelta(hours=7)
    assert owed(now, ran_at=NIGHT - timedelta(days=4))
    assert not owed(now + SECOND, ran_at=now)


def test_one_that_failed_is_left_alone_for_an_hour() -> None:
    ran_at = NIGHT - timedelta(days=1)
    assert not owed(NIGHT + timedelta(minutes=59), ran_at=ran_at, failed_at=NIGHT)
    assert owed(NIGHT + timedelta(minutes=60), ran_at=ran_at, failed_at=NIGHT)


def test_one_that_ran_by_a_clock_ahead_of_its_time_is_owed_again() -> None:
    ahead = NIGHT + timedelta(days=300)
    assert owed(NIGHT + SECOND, ran_at=ahead, failed_at=ahead)


@pytest.mark.parametrize(
    ("night", "day_before"),
    [
        # 28 March 2027 has no 01:30, 25 October 2026 has two.
        (datetime(2027, 3, 28, 1, tzinfo=UTC), datetime(2027, 3, 27, 2, tzinfo=UTC)),
        (datetime(2026, 10, 25, 2, tzinfo=UTC), datetime(2026, 10, 24, 1, tzinfo=UTC)),
    ],
)
def test_the_nights_of_the_clock_changes_have_one_two_oclock(
    night: datetime, day_before: datetime
) -> None:
    assert not owed(night - SECOND, ran_at=day_before)
    assert owed(night, ran_at=day_before)
    assert not owed(night + timedelta(hours=12), ran_at=night)


def test_that_a_job_ran_is_written_down_every_minute_and_whenever_its_fault_changes() -> None:
    calm = Beat(NIGHT)
    assert is_news(Beat(), None, NIGHT)
    assert not is_news(calm, None, NIGHT + timedelta(seconds=59))
    assert is_news(calm, None, NIGHT + timedelta(seconds=60))
    assert is_news(calm, "OSError", NIGHT + SECOND)
    assert is_news(Beat(NIGHT, NIGHT, "OSError"), None, NIGHT + SECOND)
    assert is_news(calm, None, NIGHT - SECOND), "the clock was set back"


def test_a_quarter_of_an_hour_of_silence_is_told() -> None:
    assert is_silent(None, NIGHT)
    assert not is_silent(NIGHT, NIGHT + timedelta(minutes=15) - SECOND)
    assert is_silent(NIGHT, NIGHT + timedelta(minutes=15))
