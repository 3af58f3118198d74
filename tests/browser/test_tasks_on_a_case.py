"""Ringing, opening a case, moving a date, proposing: each in its clicks, scripts or none."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.hands import Keyboard, Pointer
from tests.browser.running import Installation
from tests.browser.tasks import (
    MOVED_TO,
    NEW,
    NHS_NUMBERS,
    find_why_the_date_changed,
    first_working_day,
    move_the_target_date,
    open_person,
    propose_a_ready_handover,
    ring_the_first,
    signed_in,
    start_a_transition,
    with_and_without_scripts,
)
from tests.people import ANNA, RUTH

PHONE = 390

READY = NEW[2:]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """One installation for all of these, with two people for whom everything is ready."""
    with first_working_day(tmp_path_factory.mktemp("place"), ready=READY) as place:
        yield place


@with_and_without_scripts
def test_the_person_to_call_first_is_rung_with_two_taps(
    place: Installation, browser: Browser, *, scripts: bool
) -> None:
    hand = Pointer(signed_in(place, browser, RUTH, PHONE, scripts=scripts))

    assert ring_the_first(hand, "Kofi Demo-Kauri") == "tel:07700900442"
    assert (hand.clicks, hand.fields) == (2, 0)


@pytest.mark.parametrize(
    ("scripts", "name", "number"),
    [(True, NEW[0], NHS_NUMBERS[0]), (False, NEW[1], NHS_NUMBERS[1])],
)
def test_a_transition_is_started_with_nine_clicks_and_twelve_answers_at_most(
    place: Installation, browser: Browser, name: str, number: str, *, scripts: bool
) -> None:
    hand = Pointer(signed_in(place, browser, RUTH, scripts=scripts))
    start_a_transition(hand, name, number)

    # Three of the answers are clicks: one of a few.
    assert (hand.clicks, hand.fields + 3) == (8, 12)


@pytest.mark.parametrize(
    ("scripts", "name"), [(True, "Kofi Demo-Kauri"), (False, "Jonah Demo-Gorse")]
)
def test_the_target_date_is_moved_with_three_clicks_and_a_date_after_a_look_at_what_moves(
    place: Installation, browser: Browser, name: str, *, scripts: bool
) -> None:
    hand = Pointer(signed_in(place, browser, RUTH, scripts=scripts))
    open_person(place, hand.page, name)
    move_the_target_date(hand, MOVED_TO)

    assert (hand.clicks, hand.fields) == (3, 1)
    # Undone again, so that the other tasks find the day's work as it was.
    hand.page.get_by_role("button", name="Undo").click()
    expect(hand.page.get_by_text("Undone. The target date of")).to_be_visible()


@pytest.mark.parametrize(("scripts", "name"), [(True, "Sas Demo-Hazel"), (False, "Cal Demo-Elder")])
def test_why_a_date_changed_and_who_did_it_is_found_with_two_clicks(
    place: Installation, browser: Browser, name: str, *, scripts: bool
) -> None:
    """Task 14, the second time with the keyboard."""
    page = signed_in(place, browser, RUTH, scripts=scripts)
    open_person(place, page, name)
    move_the_target_date(Pointer(page), MOVED_TO)
    open_person(place, page, name)
    hand = Pointer(page) if scripts else Keyboard(page)
    told = find_why_the_date_changed(hand)

    for words in (f"now {MOVED_TO.day} {MOVED_TO:%B %Y}", "School or college", "Ruth Adeyemi"):
        assert words in told
    assert isinstance(hand, Keyboard) or (hand.clicks, hand.fields) == (2, 0)


@pytest.mark.parametrize(("scripts", "name"), [(True, READY[0]), (False, READY[1])])
def test_a_ready_handover_is_proposed_with_five_clicks_and_two_fields_at_most(
    place: Installation, browser: Browser, name: str, *, scripts: bool
) -> None:
    hand = Pointer(signed_in(place, browser, ANNA, scripts=scripts))
    open_person(place, hand.page, name)
    propose_a_ready_handover(hand)

    # What they are asked for was announced early, and only the reason is written.
    assert (hand.clicks, hand.fields) == (4, 1)
