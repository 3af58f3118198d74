"""Four tasks with the keyboard alone: its focus is seen at every stop, and caught by nothing."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.hands import Keyboard
from tests.browser.running import Installation
from tests.browser.tasks import (
    NEW,
    accept_from_the_letter,
    complete_a_milestone,
    first_working_day,
    letter_about,
    open_letter,
    open_pack,
    open_person,
    propose_a_ready_handover,
    record_a_death,
    signed_in,
    undo_it,
    with_and_without_scripts,
)
from tests.people import ANNA, HELEN, RUTH

ADA, BILAL, CLEO, DARA = NEW
ELIF = "Elif Demo-Elm"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """One installation for all of these, whose letters have gone out."""
    with first_working_day(tmp_path_factory.mktemp("place"), NEW[:3], ready=(DARA, ELIF)) as place:
        place.do("run-due")
        yield place


@with_and_without_scripts
def test_a_milestone_is_done_and_undone_by_keyboard(
    place: Installation, browser: Browser, *, scripts: bool
) -> None:
    hand = Keyboard(signed_in(place, browser, RUTH, scripts=scripts))
    undo_it(hand, complete_a_milestone(hand))

    expect(hand.page.get_by_role("main").get_by_role("status")).to_contain_text("Back on the list")


@pytest.mark.parametrize(("scripts", "name"), [(True, DARA), (False, ELIF)])
def test_a_handover_is_proposed_by_keyboard(
    place: Installation, browser: Browser, name: str, *, scripts: bool
) -> None:
    hand = Keyboard(signed_in(place, browser, ANNA, scripts=scripts))
    open_person(place, hand.page, name)
    propose_a_ready_handover(hand)

    expect(hand.page.get_by_role("heading", level=1)).to_contain_text(name)


@pytest.mark.parametrize(("scripts", "name"), [(True, ADA), (False, BILAL)])
def test_a_handover_is_accepted_by_keyboard(
    place: Installation, browser: Browser, name: str, *, scripts: bool
) -> None:
    hand = Keyboard(signed_in(place, browser, HELEN, scripts=scripts))
    open_pack(place, hand.page, name)
    open_letter(hand.page, letter_about(place, hand.page))
    accept_from_the_letter(hand)

    expect(hand.page.get_by_role("heading", level=1)).to_contain_text(name)


@pytest.mark.parametrize(
    ("scripts", "name"), [(True, "Freya Demo-Dogwood"), (False, "Cal Demo-Elder")]
)
def test_a_death_is_recorded_by_keyboard(
    place: Installation, browser: Browser, name: str, *, scripts: bool
) -> None:
    hand = Keyboard(signed_in(place, browser, RUTH, scripts=scripts))
    open_person(place, hand.page, name)
    record_a_death(hand)

    expect(hand.page.get_by_role("heading", level=1)).to_contain_text(name)


@with_and_without_scripts
def test_the_focus_goes_through_every_page_and_comes_out_again(
    place: Installation, browser: Browser, *, scripts: bool
) -> None:
    ruth = Keyboard(signed_in(place, browser, RUTH, scripts=scripts))
    assert ruth.walk() > 20
    open_person(place, ruth.page, "Sas Demo-Hazel")
    ruth.page.get_by_role("link", name="Record a death").click()
    ruth.page.wait_for_url("**/died")
    assert ruth.walk() > 10

    helen = Keyboard(signed_in(place, browser, HELEN, scripts=scripts))
    open_pack(place, helen.page, CLEO)
    assert helen.walk() > 20
