"""The pages of a move, looked at once at each width: by axe, as pictures, and very narrow."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from playwright.sync_api import Page, ViewportSize

from tests.browser.reading import WIDTHS, Reader, chromium
from tests.browser.tasks import first_working_day, open_person, signed_in
from tests.people import ANNA, RUTH

NARROWEST: Final = ViewportSize(width=320, height=640)
"""The narrowest window in which nobody may have to scroll sideways."""
BEFORE: Final = {
    "Pack": "handovers/rowans-1",
    "Pack to print": "handovers/rowans-1/print",
    "Pack as it would be sent": "handover",
    "Send it again": "handovers/rowans-1/pack",
    "Transfer": "confirm-transfer",
    "Sign": "confirm-transfer/sign",
    "Her copy": "print/young-person",
    "Copy for the family": "print/family",
}
"""The pages about somebody whose move is agreed: what their pictures are called, and where."""
AFTER: Final = {
    "Settling in": "settling",
    "Check-in": "settling/check-ins/new",
}
"""The pages about somebody who has moved."""


def look_at_a_move(folder: Path, width: int) -> None:
    """Look at the pages before a transfer and after one at *width*."""
    look = Reader(width, "moves-")
    with first_working_day(folder) as place, chromium() as browser:
        for who, name, pages in (
            (RUTH, "Ravi Demo-Ash", BEFORE),
            (ANNA, "Marnie Demo-Rowan", AFTER),
        ):
            page = signed_in(place, browser, who, width)
            open_person(place, page, name)
            _look(page, look, pages)

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
