"""The pages about one young person, looked at once at each width: by axe, and as pictures."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from playwright.sync_api import Page

from tests.browser.hands import Pointer
from tests.browser.reading import Reader, chromium
from tests.browser.running import Installation
from tests.browser.story import See
from tests.browser.tasks import (
    MOVED_TO,
    NEW,
    NHS_NUMBERS,
    first_working_day,
    move_the_target_date,
    open_person,
    record_a_death,
    signed_in,
    start_a_transition,
)
from tests.people import PRIYA, RUTH

SignIn = Callable[[str], Page]
"""Opens a window in which somebody has signed in."""
SIDES: Final = {
    "Milestones": "milestones",
    "Record": "record/summary",
    "Record in their words": "record/what-matters",
    "Record of decisions": "record/capacity",
    "Contacts": "contacts",
    "Services": "services",
}
"""The pages beside the overview: what their pictures are called, and where they are."""


def look_at_a_case(folder: Path, width: int) -> None:
    """Look at every kind of page about one young person at *width*."""
    _look(folder, width, "case-", _as_she_works)


def look_at_its_beginning_and_end(folder: Path, width: int) -> None:
    """Look at the pages on which a case is opened at *width*, and at those of its endings."""
    _look(folder, width, "ends-", _as_it_begins_and_ends)


def _look(
    folder: Path, width: int, of: str, through: Callable[[Installation, SignIn, See], None]
) -> None:
    look = Reader(width, of)
    with first_working_day(folder) as place, chromium() as browser:
        sign_in = partial(signed_in, place, browser, width=width)
        through(place, sign_in, partial(look.see, in_the_dark=True))

    # These are no tests' own lines, so what is wrong is said here.
    assert look.found == [], look.found
    assert look.strange() == set(), look.strange()


def _as_she_works(place: Installation, sign_in: SignIn, see: See) -> None:
    page = sign_in(RUTH)
    open_person(place, page, "Kofi Demo-Kauri")
    see(page, "Case")
    address = page.url
    for name, at in SIDES.items():
        page.goto(f"{address}/{at}")
        see(page, name)
    page.goto(address)
    move_the_target_date(Pointer(page), MOVED_TO, see)
    open_person(place, page, "Arlo Demo-Nutmeg")
    see(page, "Case of a brother")


def _as_it_begins_and_ends(place: Installation, sign_in: SignIn, see: See) -> None:
    page = sign_in(RUTH)
    start_a_transition(Pointer(page), NEW[0], NHS_NUMBERS[0], see)
    open_person(place, page, "Freya Demo-Dogwood")
    record_a_death(Pointer(page), see)
    page = sign_in(PRIYA)
    open_person(place, page, NEW[0])
    page.get_by_role("link", name="End this transition").click()
    page.get_by_role("link", name="This case was entered in error").click()
    page.get_by_label("It was opened to try something out").check()
    see(page, "Entered in error")
    page.get_by_role("button", name="End this transition").click()
    page.wait_for_url("**/closing")
    see(page, "What waits")
    open_person(place, page, NEW[0])
    see(page, "Case whose ending waits")
