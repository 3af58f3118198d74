"""How long somebody waits after wrong passwords: longer each time, and never for good."""

from datetime import UTC, datetime, timedelta

import pytest

from transition.rules.throttling import TryKind, next_try_at, starts_anew, wait_in_words

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.mark.parametrize("kind", [TryKind.ACCOUNT, TryKind.DEVICE])
def test_after_five_wrong_ones_each_wait_is_longer_up_to_a_quarter_of_an_hour(
    kind: TryKind,
) -> None:
    waits = [
        (next_try_at(kind, count, began_at=AT, last_at=AT) - AT).total_seconds()
        for count in range(20)
    ]

    assert waits == [0] * 5 + [1, 2, 4, 8, 16, 32, 60, 120, 240, 480, 900, 900, 900, 900, 900]


def test_a_source_has_a_hundred_in_each_quarter_of_an_hour() -> None:
    last = AT + timedelta(minutes=3)

    assert next_try_at(TryKind.SOURCE, 99, began_at=AT, last_at=last) == last
    assert next_try_at(TryKind.SOURCE, 100, began_at=AT, last_at=last) == AT + timedelta(minutes=15)


def test_what_all_did_in_an_hour_keeps_nobody_waiting() -> None:
    assert next_try_at(TryKind.HOUR, 5000, began_at=AT, last_at=AT) == AT


@pytest.mark.parametrize(
    ("kind", "minutes", "anew"),
    [
        (TryKind.ACCOUNT, 59, False),
        (TryKind.ACCOUNT, 60, True),
        (TryKind.DEVICE, 60, True),
        (TryKind.SOURCE, 14, False),
        (TryKind.SOURCE, 15, True),
        (TryKind.HOUR, 600, False),
    ],
)
def test_what_is_long_ago_is_forgotten(kind: TryKind, minutes: int, *, anew: bool) -> None:
    now = AT + timedelta(minutes=minutes)

    assert starts_anew(kind, began_at=AT, last_at=AT, now=now) is anew


@pytest.mark.parametrize("kind", TryKind)
def test_a_clock_that_was_set_back_keeps_nobody_waiting(kind: TryKind) -> None:
    for before, anew in ((timedelta(seconds=30), False), (timedelta(days=9), True)):
        assert starts_anew(kind, began_at=AT, last_at=AT, now=AT - before) is anew


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.2, "1 second"),
        (1, "1 second"),
        (7.5, "8 seconds"),
        (59, "59 seconds"),
        (60, "1 minute"),
        (61, "2 minutes"),
        (900, "15 minutes"),
    ],
)
def test_a_wait_is_said_in_words_and_never_too_short(seconds: float, words: str) -> None:
    assert wait_in_words(timedelta(seconds=seconds)) == words
