"""A colleague leaves: everybody whom she looks after moves, and then her access ends."""

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.hands import Pointer
from tests.browser.running import Installation
from tests.browser.tasks import move_everybody_from, signed_in
from tests.people import PRIYA

RUTH, ANNA = "Ruth Adeyemi", "Anna Kowalczyk"


@pytest.mark.parametrize(("scripts", "leaver", "taker"), [(True, RUTH, ANNA), (False, ANNA, RUTH)])
def test_everybody_of_a_leaver_moves_with_four_clicks_one_choice_and_a_note(
    place: Installation, browser: Browser, leaver: str, taker: str, *, scripts: bool
) -> None:
    """Task 13, with everybody of one nurse, and then with everybody of both."""
    hand = Pointer(signed_in(place, browser, PRIYA, scripts=scripts))
    hand.page.goto(f"{place.address}/settings")
    move_everybody_from(hand, leaver, taker)

    assert hand.clicks <= 4 + 1, "the choice is a click, too"
    assert hand.fields == 1, "nobody is handed on without a note"
    page = hand.page
    page.get_by_role("button", name=re.compile("^End access")).click()
    expect(page.get_by_role("status").first).to_contain_text("has no access any more")
    page.get_by_role("button", name=re.compile("^Undo")).click()
    expect(page.get_by_role("status").first).to_contain_text("has access again")
