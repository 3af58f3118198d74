"""Every page about absence, cover and leaving: axe finds nothing, at a desk and on a phone."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Final, Literal

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.hands import Pointer
from tests.browser.reading import problems
from tests.browser.running import Installation
from tests.browser.tasks import first_working_day, move_everybody_from, signed_in
from tests.databases import FIXED
from tests.people import PRIYA

COLOURS: Final[tuple[Literal["dark", "light"], ...]] = ("dark", "light")
ANNA, TOM = "Anna Kowalczyk", "Tom Ellery"


class Looking:
    """What axe finds on the pages that are looked at."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def see(self, page: Page, name: str) -> None:
        """Look at a page in both colours."""
        for colours in COLOURS:
            page.emulate_media(color_scheme=colours)
            self.found += [f"{name}, {colours}: {line}" for line in problems(page)]
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            self.found.append(f"{name}: wider than its window")


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """One installation for both widths."""
    with first_working_day(tmp_path_factory.mktemp("places")) as place:
        yield place


@pytest.mark.parametrize(("width", "who"), [(1280, ANNA), (390, "Ruth Adeyemi")])
def test_axe_finds_nothing_on_any_page_about_absence_and_leaving(
    places: Installation, browser: Browser, width: int, who: str
) -> None:
    look, page = Looking(), signed_in(places, browser, PRIYA, width)
    page.goto(f"{places.address}/settings/cover")
    look.see(page, "Absence")
    _go_away(page, who)
    look.see(page, "Somebody is away")
    page.get_by_role("link", name=re.compile("^Change")).first.click()
    look.see(page, "Change an absence")
    for path in ("/cases", "/settings/hospice"):
        page.goto(f"{places.address}{path}")
        look.see(page, path.rpartition("/")[2])
    page.goto(f"{places.address}/today")
    page.get_by_role("link", name=re.compile("^Covering for")).first.click()
    look.see(page, "The list of who is away")
    page.goto(f"{places.address}/settings")
    move_everybody_from(Pointer(page), who, TOM, look.see)
    page.goto(f"{places.address}/settings/leaving")
    page.get_by_role("link", name=TOM).click()
    page.get_by_role("button", name="Suggest an even split").click()
    look.see(page, "An even split")
    assert look.found == []


def _go_away(page: Page, who: str) -> None:
    """Let somebody be away for two weeks, and Priya cover."""
    page.get_by_role("group", name="Who is away?").get_by_label(who).check()
    page.get_by_role("group", name="Who covers?").get_by_label("Priya Raman").check()
    hand = Pointer(page)
    hand.date(page.get_by_role("group", name="First day away"), FIXED.date())
    hand.date(page.get_by_role("group", name="Last day away"), FIXED.date() + timedelta(11))
    page.get_by_role("button", name="Save", exact=True).click()
