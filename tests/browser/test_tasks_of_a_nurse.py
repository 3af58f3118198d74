"""What a nurse must be able to do quickly: each task within its clicks, fields and keys."""

import pytest
from playwright.sync_api import Browser, ViewportSize, expect

from tests.browser.hands import Keyboard, Pointer
from tests.browser.running import Installation
from tests.browser.tasks import (
    complete_a_milestone,
    late_rows,
    open_person,
    signed_in,
    undo_it,
    with_and_without_scripts,
)
from tests.people import RUTH


@with_and_without_scripts
def test_what_is_late_is_seen_at_once(
    place: Installation, browser: Browser, *, scripts: bool
) -> None:
    page = signed_in(place, browser, RUTH, scripts=scripts)
    page.set_viewport_size(ViewportSize(width=1280, height=720))
    rows = late_rows(page).all()

    assert len(rows) == 5
    for row in rows:
        expect(row).to_be_in_viewport(ratio=1)
    expect(page.get_by_text("5 of them late")).to_be_in_viewport(ratio=1)
    assert page.evaluate("scrollY") == 0


@with_and_without_scripts
def test_a_milestone_is_done_with_one_click_and_undone_with_another(
    place: Installation, browser: Browser, *, scripts: bool
) -> None:
    hand = Pointer(signed_in(place, browser, RUTH, scripts=scripts))
    words = complete_a_milestone(hand)
    assert (hand.clicks, hand.fields) == (1, 0)

    undo_it(hand, words)
    assert (hand.clicks, hand.fields) == (2, 0)


@with_and_without_scripts
@pytest.mark.parametrize("start", ["/today", "/cases", "/handovers", "/me/notifications/preview"])
def test_a_named_person_is_opened_from_anywhere_by_one_click(
    place: Installation, browser: Browser, start: str, *, scripts: bool
) -> None:
    hand = Pointer(signed_in(place, browser, RUTH, scripts=scripts))
    hand.page.goto(f"{place.address}{start}")
    finder = hand.page.get_by_role("search")
    hand.write(finder.get_by_role("searchbox"), "Kofi Demo-Kauri")
    hand.use(finder.get_by_role("button", name="Find"))

    expect(hand.page.get_by_role("heading", level=1)).to_contain_text("Kofi Demo-Kauri")
    assert (hand.clicks, hand.fields) == (1, 1)


def test_a_named_person_is_opened_by_two_keys_and_three_letters(
    place: Installation, browser: Browser
) -> None:
    hand = Keyboard(signed_in(place, browser, RUTH))
    open_person(place, hand.page, "Jonah Demo-Gorse")
    hand.press("Control+k")
    hand.page.keyboard.type("Kof")
    hand.press("Enter")

    expect(hand.page.get_by_role("heading", level=1)).to_contain_text("Kofi Demo-Kauri")
    assert hand.keys == 2
