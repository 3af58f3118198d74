from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from transition.rules.tellings import LOOKED, OF_NO_CASE
from transition.rules.trail import (
    MANY,
    VIEWED,
    Known,
    Line,
    Oddity,
    is_out_of_hours,
    oddities_of,
    part_in_words,
)

MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
NOBODY = Known({}, {})
CASE = "NHJ-7K2M-4"


def line(seq: int = 1, *, at: datetime = MONDAY, **words: Any) -> Line:  # noqa: ANN401 - any field of it
    told: dict[str, Any] = {
        "actor": "ruth",
        "organisation": "naomi",
        "action": "case:viewed",
        "object": "overview",
        "case_ref": CASE,
        "outcome": "done",
        "via": "web",
    }
    return Line(seq, at, **(told | words))


def odd(*lines: Line, known: Known = NOBODY) -> dict[int, set[Oddity]]:
    found = oddities_of(lines, known, frozenset({date(2026, 12, 25)}))
    return {seq: set(kinds) for seq, kinds in found.items()}


def test_what_happens_every_day_is_not_out_of_the_ordinary() -> None:
    assert odd(line(), line(2, action="milestone:recorded"), line(3, case_ref=None)) == {}


@pytest.mark.parametrize(
    ("at", "out"),
    [
        (datetime(2026, 11, 23, 7, 59, tzinfo=UTC), True),
        (datetime(2026, 11, 23, 8, 0, tzinfo=UTC), False),
        (datetime(2026, 11, 23, 17, 59, tzinfo=UTC), False),
        (datetime(2026, 11, 23, 18, 0, tzinfo=UTC), True),
        (datetime(2026, 11, 22, 12, 0, tzinfo=UTC), True),
        (datetime(2026, 12, 25, 12, 0, tzinfo=UTC), True),
        (datetime(2026, 7, 1, 7, 0, tzinfo=UTC), False),
        (datetime(2026, 7, 1, 17, 0, tzinfo=UTC), True),
    ],
)
def test_the_hours_are_those_of_a_working_day_in_london(at: datetime, *, out: bool) -> None:
    assert is_out_of_hours(at, frozenset({date(2026, 12, 25)})) is out
    assert (odd(line(at=at)) == {1: {Oddity.OUT_OF_HOURS}}) is out


def test_nobody_is_surprised_at_what_the_tracker_does_at_night_by_itself() -> None:
    night = MONDAY.replace(hour=3)
    assert odd(line(at=night, organisation="", action="letter:sent")) == {}
    signing_in = line(at=night, organisation="", action="sign-in:begun", case_ref=None)
    assert odd(signing_in) == {1: {Oddity.OUT_OF_HOURS}}


@pytest.mark.parametrize(("via", "odd_ones"), [("web", {2}), ("emergency", {3}), ("demo", {3})])
@pytest.mark.parametrize("organisation", ["naomi", ""])
def test_a_clock_that_was_set_back_shows_once_whoever_wrote(
    via: str, odd_ones: set[int], organisation: str
) -> None:
    before = MONDAY - timedelta(minutes=6)
    lines = (
        line(1),
        line(2, at=before, via=via, organisation=organisation),
        line(3, at=before),
        line(4, at=before - timedelta(minutes=5)),
    )
    found = odd(*lines)
    assert {seq for seq, kinds in found.items() if Oddity.SET_BACK in kinds} == odd_ones


@pytest.mark.parametrize(
    "words",
    [
        {"action": "pack:printed"},
        {"action": "trail:exported"},
        {"object": "print/family"},
    ],
)
def test_what_is_printed_or_exported_is_named(words: dict[str, Any]) -> None:
    assert odd(line(**words)) == {1: {Oddity.TAKEN_ALONG}}


def test_what_was_refused_is_named() -> None:
    refused = line(action="case:refused", outcome="refused")
    assert odd(refused) == {1: {Oddity.REFUSED}}


@pytest.mark.parametrize(
    ("known", "kind"),
    [
        (Known({CASE: MONDAY}, {}), Oddity.AFTER_DEATH),
        (Known({}, {(CASE, "naomi"): MONDAY}), Oddity.AFTER_NO),
    ],
)
def test_what_is_opened_after_a_death_or_a_no_is_named(known: Known, kind: Oddity) -> None:
    later = MONDAY + timedelta(minutes=1)
    assert odd(line(), known=known) == {}, "at that very moment it was still to be done"
    assert odd(line(at=later), known=known) == {1: {kind}}
    assert odd(line(at=later, case_ref="NHJ-2222-2"), known=known) == {}
    assert odd(line(at=later, action="trail:read"), known=known) == {}, "that opens nothing"


def test_a_no_concerns_the_hospice_that_said_it() -> None:
    known = Known({}, {(CASE, "rowans"): MONDAY})
    assert odd(line(at=MONDAY + timedelta(minutes=1)), known=known) == {}


def test_more_than_thirty_cases_within_an_hour_are_named_from_the_next_one_on() -> None:
    opened = [
        line(number, at=MONDAY + timedelta(minutes=number), case_ref=f"NHJ-{number:04}-2")
        for number in range(1, MANY + 3)
    ]
    assert odd(*opened) == {MANY + 1: {Oddity.MANY}, MANY + 2: {Oddity.MANY}}
    others = [one._replace(actor=f"colleague {one.seq % 2}") for one in opened]
    assert odd(*others) == {}, "no one person opened so many"
    slowly = [one._replace(at=MONDAY + timedelta(minutes=2 * one.seq)) for one in opened]
    assert odd(*slowly) == {}


def test_the_same_case_again_and_again_is_one_case() -> None:
    assert odd(*(line(number) for number in range(1, 50))) == {}


def test_every_entry_that_only_shows_something_is_known_to_the_telling() -> None:
    assert VIEWED - LOOKED - OF_NO_CASE.keys() == set()


@pytest.mark.parametrize(
    ("about", "words"),
    [
        ("overview", "overview"),
        ("record/health/form", "Health"),
        ("print/young-person", "the print for the young person"),
        ("record/no-such", "record/no-such"),
    ],
)
def test_a_part_of_a_case_is_called_what_people_call_it(about: str, words: str) -> None:
    assert part_in_words(about).startswith(words)
