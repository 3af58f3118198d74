"""The pages of a move, looked at once at each width: by axe, as pictures, and very narrow."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from playwright.sync_api import Page, ViewportSize

from tests.browser.reading import WIDTHS, Reader, chromium
from tests.browser.tasks import first_working_day, open_person, signed_in
from tests.people import ANNA, JO, RUTH

NARROWEST: Final = ViewportSize(width=320, height=640)
"""The narrowest window in which nobody may have to scroll sideways."""
PACK: Final = {
    "Pack": "handovers/rowans-1",
    "Pack to print": "handovers/rowans-1/print",
    "Pack as it would be sent": "handover",
    "Send it again": "handovers/rowans-1/pack",
    "Her copy": "print/young-person",
    "Copy for the family": "print/family",
}
"""The pages of what is handed over: what their pictures are called, and where they are."""
BEFORE: Final = {"Transfer": "confirm-transfer", "Sign": "confirm-transfer/sign"}
"""The pages about somebody whose move is agreed."""
AFTER: Final = {"Settling in": "settling", "Check-in": "settling/check-ins/new"}
"""The pages about somebody who has moved."""


def look_at_a_pack(folder: Path, width: int) -> None:
    """Look at a pack, and at the copies for those at home, at *width*."""
    _look_through(folder, Reader(width, "packs-"), [(RUTH, "Ravi Demo-Ash", PACK)])


def look_at_a_move(folder: Path, width: int) -> None:
    """Look at the pages before a transfer and after one, and at the capacity, at *width*."""
    look = Reader(width, "moves-")
    people = [(RUTH, "Ravi Demo-Ash", BEFORE), (ANNA, "Marnie Demo-Rowan", AFTER), (JO, "", {})]
    _look_through(folder, look, people)


def _look_through(
    folder: Path, look: Reader, people: Sequence[tuple[str, str, Mapping[str, str]]]
) -> None:
    with first_working_day(folder) as place, chromium() as browser:
        for who, name, pages in people:
            page = signed_in(place, browser, who, look.width)
            if name:
                open_person(place, page, name)
                _look(page, look, pages)
            else:  # plans for all hospices, and may open nobody
                page.goto(f"{place.address}/capacity")
                look.see(page, "Capacity")

    # These are no tests' own lines, so what is wrong is said here.
    assert look.found == [], look.found
    assert look.strange() == set(), look.strange()


def _look(page: Page, look: Reader, pages: Mapping[str, str]) -> None:
    case = page.url
    for words, at in pages.items():
        page.goto(f"{case}/{at}")
        look.see(page, words)
        if look.width == min(WIDTHS) and _is_too_wide(page):
            look.found.append(f"{words}: wider than the narrowest window")


def _is_too_wide(page: Page) -> bool:
    size = page.viewport_size
    page.set_viewport_size(NARROWEST)
    wide = bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))
    page.set_viewport_size(size or NARROWEST)
    return wide
