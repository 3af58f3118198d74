"""Opening a record in an emergency: how long, how much, why, and how it is looked at afterwards."""

from datetime import UTC, date, datetime, timedelta

import pytest

from transition.rules.access import CaseFacts, UrgentGrant, reads_urgently
from transition.rules.errors import RuleBroken
from transition.rules.handovers import SharingBasis
from transition.rules.people import CLINICAL_ROLES, Actor, Role
from transition.rules.trail import Known, Line, Oddity, about_urgently, oddities_of, part_in_words
from transition.rules.urgent_access import (
    LASTS,
    Part,
    is_often,
    is_unreviewed_late,
    parts_shown,
    refuse_review,
    refuse_why,
    review_by,
)

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
A_DAY = timedelta(days=1)
GRANT = UrgentGrant(bytes(range(16)), "oakhaven", AT, AT + LASTS)
CASE = CaseFacts("naomi")


def acting(role: Role = Role.ADULT_WORKER, organisation: str = "oakhaven") -> Actor:
    return Actor(b"1", "Rosa", organisation, frozenset({role}))


def test_it_is_read_from_the_minute_it_is_opened_for_four_hours_and_not_a_moment_longer() -> None:
    four_hours = AT + timedelta(hours=4)
    moments = (AT - timedelta(seconds=1), AT, four_hours - timedelta(seconds=1), four_hours)

    reads = [reads_urgently(acting(), CASE, GRANT, now=now) for now in moments]

    assert reads == [False, True, True, False]


@pytest.mark.parametrize("role", Role)
def test_only_whoever_cares_for_people_reads_it_and_only_where_they_opened_it(role: Role) -> None:
    assert reads_urgently(acting(role), CASE, GRANT, now=AT) is (role in CLINICAL_ROLES)
    assert not reads_urgently(acting(role, "rowans"), CASE, GRANT, now=AT)


def test_a_denial_wins_over_it() -> None:
    denied = CaseFacts("naomi", denied=True)
    assert not reads_urgently(acting(), denied, GRANT, now=AT)


@pytest.mark.parametrize("basis", SharingBasis)
def test_without_an_agreement_to_share_it_shows_whom_to_ring_and_no_more(
    basis: SharingBasis,
) -> None:
    silent = {SharingBasis.OBJECTED, SharingBasis.NOT_YET_ASKED}
    shown = {Part.EMERGENCY} if basis in silent else {Part.EMERGENCY, Part.RECORD}
    assert parts_shown(basis) == shown


@pytest.mark.parametrize("why", ["", "x" * 19, " She  is   here now. ", "\n".join("abcdefghi")])
def test_less_than_twenty_characters_say_too_little(why: str) -> None:
    with pytest.raises(RuleBroken, match="at least 20 characters"):
        refuse_why(why)


def test_twenty_characters_are_enough() -> None:
    refuse_why("She came in at night")


def test_a_review_is_in_time_on_the_second_working_day_and_late_on_the_next() -> None:
    friday = datetime(2026, 12, 18, 23, 30, tzinfo=UTC)
    holidays = frozenset({date(2026, 12, 21)})

    assert review_by(friday, holidays) == date(2026, 12, 23)
    assert not is_unreviewed_late(friday, date(2026, 12, 23), holidays)
    assert is_unreviewed_late(friday, date(2026, 12, 24), holidays)


def test_its_day_is_the_day_in_london() -> None:
    just_after_midnight = datetime(2026, 7, 6, 23, 30, tzinfo=UTC)
    assert review_by(just_after_midnight, frozenset()) == date(2026, 7, 9)


def test_nobody_reviews_what_they_opened_themselves() -> None:
    refuse_review(own=False)
    with pytest.raises(RuleBroken, match="Somebody else must review it"):
        refuse_review(own=True)


def test_the_third_within_thirty_days_is_out_of_the_ordinary() -> None:
    assert not is_often([AT - 29 * A_DAY, AT], AT)
    assert is_often([AT - 29 * A_DAY, AT - A_DAY, AT], AT)
    assert not is_often([AT - 30 * A_DAY, AT - A_DAY, AT], AT)


def test_the_trail_shows_each_and_flags_the_third_of_one_person() -> None:
    told = ("oakhaven", "urgent:opened", "", "R", "done", "web")
    lines = [
        Line(seq, AT + seq * timedelta(minutes=1), who, *told) for seq, who in enumerate("abaa")
    ]

    found = oddities_of(lines, Known({}, {}), frozenset())

    assert [found[seq] for seq in range(3)] == [frozenset({Oddity.URGENT})] * 3
    assert found[3] == {Oddity.URGENT, Oddity.OFTEN}


def test_what_was_read_by_it_says_so_and_by_which_row() -> None:
    about = about_urgently("record/contacts", GRANT)
    assert about == f"record/contacts urgent/{GRANT.uid.hex()}"
    assert part_in_words(about) == "People, opened in an emergency (number 00010203)"
