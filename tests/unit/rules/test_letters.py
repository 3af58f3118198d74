"""What a letter is called before its reader, what may wait, and until when."""

from datetime import UTC, date, datetime

import pytest

from transition.actions.letter_words import WORDS
from transition.rules.digests import next_due_at
from transition.rules.letters import LEFT_TO_MONDAY, MAY_WAIT, NAMES, LetterChoice, goes_at

CHRISTMAS = frozenset({date(2026, 12, 25), date(2026, 12, 28)})


def test_every_kind_of_letter_has_a_name() -> None:
    assert NAMES.keys() == WORDS.keys()


def test_what_must_be_acted_on_at_once_never_waits() -> None:
    left = {one.value for offered in LEFT_TO_MONDAY.values() for one in offered}
    assert left == set(LetterChoice) - {LetterChoice.HOURS}
    assert left <= MAY_WAIT
    assert "handover_proposed" not in left
    at_once = {"case_changed", "handover_escalated", "handover_reminder", "transfer_prompt"}
    at_once |= {"weekly_digest", "new_device", "sign_in_changed"}
    assert NAMES.keys() - at_once >= MAY_WAIT


@pytest.mark.parametrize(
    ("now", "goes"),
    [
        ("2026-11-23T08:00", "2026-11-23T08:00"),
        ("2026-11-23T17:59", "2026-11-23T17:59"),
        ("2026-11-23T07:59", "2026-11-23T08:00"),
        ("2026-11-23T18:00", "2026-11-24T08:00"),
        ("2026-11-27T18:00", "2026-11-30T08:00"),
        ("2026-11-28T12:00", "2026-11-30T08:00"),
        ("2026-11-29T06:00", "2026-11-30T08:00"),
        ("2026-12-24T20:00", "2026-12-29T08:00"),
        # At one in the morning the clocks go back, so that eight o'clock is eight o'clock.
        ("2026-10-23T18:30", "2026-10-26T08:00"),
        ("2026-07-06T06:59", "2026-07-06T07:00"),
        ("2026-07-06T17:00", "2026-07-07T07:00"),
    ],
)
def test_what_may_wait_goes_in_working_hours(now: str, goes: str) -> None:
    instant, expected = (datetime.fromisoformat(words).replace(tzinfo=UTC) for words in (now, goes))
    assert goes_at(instant, CHRISTMAS) == expected


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-22T15:00", "2026-11-23T07:30"),
        ("2026-11-23T07:29", "2026-11-23T07:30"),
        ("2026-11-23T07:30", "2026-11-30T07:30"),
        ("2026-12-27T12:00", "2026-12-29T07:30"),
    ],
)
def test_the_next_digest_comes_on_the_next_first_working_day(now: str, expected: str) -> None:
    instant, day = (datetime.fromisoformat(words).replace(tzinfo=UTC) for words in (now, expected))
    assert next_due_at(instant, CHRISTMAS) == day
