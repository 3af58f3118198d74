"""A note from the car, and why a date changed: each in its taps, with and without the script."""

from playwright.sync_api import Browser, expect

from tests.browser.hands import Pointer
from tests.browser.running import Installation
from tests.browser.tasks import open_person, signed_in, with_and_without_scripts
from tests.people import RUTH

WORDS = "He wants to keep his Thursday music session."
PHONE = 390


@with_and_without_scripts
def test_a_visit_note_on_a_phone_is_two_taps_and_one_field(
    place: Installation, browser: Browser, *, scripts: bool
) -> None:
    hand = Pointer(signed_in(place, browser, RUTH, PHONE, scripts=scripts))
    open_person(place, hand.page, "Kofi Demo-Kauri")
    hand.use(hand.page.get_by_role("link", name="Add note"))
    hand.write(hand.page.get_by_label("Note", exact=True), WORDS)
    hand.use(hand.page.get_by_role("button", name="Save note"))

    notes = hand.page.get_by_role("region", name="Latest notes")
    expect(notes).to_contain_text(WORDS)
    expect(notes).to_contain_text("Visit")
    assert (hand.clicks, hand.fields) == (2, 1)


@with_and_without_scripts
def test_why_a_date_changed_is_found_by_two_clicks(
    place: Installation, browser: Browser, *, scripts: bool
) -> None:
    hand = Pointer(signed_in(place, browser, RUTH, scripts=scripts))
    open_person(place, hand.page, "Kofi Demo-Kauri")
    tabs = hand.page.get_by_role("navigation", name="Sections of this transition")
    hand.use(tabs.get_by_role("link", name="History"))
    hand.use(hand.page.get_by_role("link", name="Changes", exact=True))

    change = hand.page.get_by_role("listitem").filter(has_text="The target date changed").first
    expect(change).to_contain_text("now ")
    expect(change).to_contain_text("Reason:")
    expect(change).to_contain_text("Ruth")
    assert hand.clicks == 2
