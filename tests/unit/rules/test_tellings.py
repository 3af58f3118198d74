"""How a history is told: in words for every entry, and to whom."""

from datetime import UTC, datetime, timedelta

import pytest

from transition.rules.tellings import LOOKED, TELLINGS, Reader, TellingKind, is_told, telling_of

THEN = datetime(2026, 11, 23, 9, tzinfo=UTC)
NAOMI, ROWANS = Reader("naomi", owns=True), Reader("rowans", owns=False, since=THEN)


def test_an_entry_of_an_older_tracker_is_told_without_its_code() -> None:
    assert telling_of("case:opened").words == "The transition was started"
    assert telling_of("section:taken_out") == (
        TellingKind.CHANGES,
        "Something else was changed",
        False,
    )


def test_looks_are_what_the_list_says() -> None:
    others = {"pack:read", "pack:unread", "pack:printed", "trail:read", "trail:exported"}
    others |= {"form:altered", "urgent:opened", "urgent:ended"}
    assert {"case:viewed", "cases:found", "handover:read", "case:refused"} | others == LOOKED
    assert all(TELLINGS[name].kind is TellingKind.LOOKS for name in LOOKED)


@pytest.mark.parametrize(
    ("reader", "action", "organisation", "told"),
    [
        (NAOMI, "sharing:recorded", "naomi", True),
        (NAOMI, "visit:planned", "rowans", True),
        (NAOMI, "case:viewed", "rowans", True),
        (NAOMI, "letter:sent", "", True),
        (NAOMI, "letter:queued", "rowans", False),
        (NAOMI, "milestone:snoozed", "rowans", False),
        (ROWANS, "milestone:snoozed", "rowans", True),
        (ROWANS, "target:set", "naomi", True),
        (ROWANS, "sharing:recorded", "naomi", False),
        (ROWANS, "case:viewed", "naomi", False),
        (ROWANS, "letter:sent", "", False),
        (ROWANS, "record:saved", "naomi", False),
    ],
)
def test_each_hospice_is_told_of_its_own_and_of_what_both_share(
    reader: Reader, action: str, organisation: str, *, told: bool
) -> None:
    assert is_told(reader, action, organisation, THEN) is told


@pytest.mark.parametrize("since", [THEN + timedelta(seconds=1), None])
def test_nothing_is_told_of_the_time_before_a_hospice_was_asked(since: datetime | None) -> None:
    late = Reader("rowans", owns=False, since=since)
    assert not is_told(late, "target:set", "naomi", THEN)
