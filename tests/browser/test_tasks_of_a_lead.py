"""What the lead of an adult hospice must be able to do quickly, within its clicks and fields."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.hands import Pointer
from tests.browser.running import Installation
from tests.browser.tasks import (
    NEW,
    accept_from_the_letter,
    ask_about_a_section,
    first_working_day,
    letter_about,
    open_letter,
    open_pack,
    signed_in,
    who_comes_in_april,
    with_and_without_scripts,
)
from tests.people import HELEN

ADA, BILAL, CLEO, DARA = NEW


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """One installation for all of these, whose letters have gone out."""
    with first_working_day(tmp_path_factory.mktemp("place"), NEW) as place:
        place.do("run-due")
        yield place


@pytest.mark.parametrize(("scripts", "name"), [(True, ADA), (False, BILAL)])
def test_a_handover_is_accepted_from_the_letter_with_four_clicks_and_two_fields(
    place: Installation, browser: Browser, name: str, *, scripts: bool
) -> None:
    hand = Pointer(signed_in(place, browser, HELEN, scripts=scripts))
    open_pack(place, hand.page, name)
    open_letter(hand.page, letter_about(place, hand.page))
    accept_from_the_letter(hand)

    expect(hand.page.get_by_role("heading", level=1)).to_contain_text(name)
    assert hand.clicks <= 4
    assert hand.fields <= 2


@pytest.mark.parametrize(("scripts", "name"), [(True, CLEO), (False, DARA)])
def test_a_question_about_one_section_is_asked_with_three_clicks_and_one_field(
    place: Installation, browser: Browser, name: str, *, scripts: bool
) -> None:
    hand = Pointer(signed_in(place, browser, HELEN, scripts=scripts))
    open_pack(place, hand.page, name)
    ask_about_a_section(hand)

    assert hand.clicks <= 3
    assert hand.fields <= 1


@with_and_without_scripts
def test_who_comes_in_april_and_how_many_is_one_click_from_today(
    place: Installation, browser: Browser, *, scripts: bool
) -> None:
    hand = Pointer(signed_in(place, browser, HELEN, scripts=scripts))
    how_many, names = who_comes_in_april(hand)

    # Some of them were accepted above, or not: they come all the same.
    assert sum(int(one.split()[0]) for one in how_many.split(", ")) == len(NEW)
    assert sorted(names) == sorted(NEW)
    assert (hand.clicks, hand.fields) == (1, 0)
