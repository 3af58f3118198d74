from datetime import UTC, datetime, timedelta

import pytest

from transition.rules.questions import is_new

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
LATER = NOON + timedelta(minutes=1)
ME, YOU = b"me", b"you"


@pytest.mark.parametrize(
    ("at", "by", "last_opened", "new"),
    [
        (NOON, YOU, None, True),
        (LATER, YOU, NOON, True),
        (NOON, YOU, NOON, False),
        (NOON, YOU, LATER, False),
        (NOON, ME, None, False),
        (None, None, None, False),
    ],
)
def test_what_somebody_else_wrote_is_new_until_one_looks(
    at: datetime | None, by: bytes | None, last_opened: datetime | None, *, new: bool
) -> None:
    assert is_new(at, by, to=ME, last_opened=last_opened) is new
