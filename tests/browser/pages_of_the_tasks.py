"""The pages that the tasks meet, looked at once at each width: by axe, and for their pictures."""

from collections.abc import Callable, Sequence
from pathlib import Path

from playwright.sync_api import Browser

from tests.browser.hands import Pointer
from tests.browser.reading import Reader, chromium
from tests.browser.running import Installation
from tests.browser.tasks import (
    NEW,
    accept_from_the_letter,
    ask_about_a_section,
    complete_a_milestone,
    first_working_day,
    letter_about,
    open_letter,
    open_pack,
    open_person,
    propose_a_ready_handover,
    record_a_death,
    signed_in,
)
from tests.people import HELEN, RUTH


def look_as_a_nurse(folder: Path, width: int) -> None:
    """Go through the tasks of a nurse at *width* and look at every page of them."""
    _look(folder, width, "tasks-", _look_as_a_nurse, ready=NEW[:1])


def look_as_a_lead(folder: Path, width: int) -> None:
    """Go through the tasks of an adult lead at *width* and look at every page of them."""
    _look(folder, width, "replies-", _look_as_a_lead, new=NEW[:2])


def _look(
    folder: Path,
    width: int,
    of: str,
    through: Callable[[Installation, Browser, Reader], None],
    **people: Sequence[str],
) -> None:
    look = Reader(width, of)
    with first_working_day(folder, **people) as place, chromium() as browser:
        place.do("run-due")
        through(place, browser, look)

    # These are no tests' own lines, so what is wrong is said here.
    assert look.found == [], look.found
    assert look.strange() == set(), look.strange()


def _look_as_a_nurse(place: Installation, browser: Browser, look: Reader) -> None:
    page = signed_in(place, browser, RUTH, look.width)
    look.see(page, "Today", in_the_dark=True)
    complete_a_milestone(Pointer(page), look.see)
    page.goto(f"{place.address}/cases")
    look.see(page, "List")
    page.get_by_role("searchbox").fill("Nutmeg")
    page.get_by_role("searchbox").press("Enter")
    page.wait_for_url("**/cases/find")
    look.see(page, "Found")
    open_person(place, page, "Kofi Demo-Kauri")
    look.see(page, "Case", in_the_dark=True)
    open_person(place, page, "Freya Demo-Dogwood")
    record_a_death(Pointer(page), look.see)
    open_person(place, page, NEW[0])
    propose_a_ready_handover(Pointer(page), look.see)
    page.goto(f"{place.address}/me/notifications/preview")
    look.see(page, "My digest")
    open_letter(page, place.letters.to(RUTH, "Transition digest", "Week of 23 November 2026"))
    look.see(page, "Digest")


def _look_as_a_lead(place: Installation, browser: Browser, look: Reader) -> None:
    page = signed_in(place, browser, HELEN, look.width)
    page.goto(f"{place.address}/upcoming")
    look.see(page, "Who moves when")
    open_pack(place, page, NEW[0])
    open_letter(page, letter_about(place, page))
    look.see(page, "Letter")
    accept_from_the_letter(Pointer(page), look.see)
    open_pack(place, page, NEW[1])
    ask_about_a_section(Pointer(page), look.see)
