"""What is put on paper by a browser: how many sides it takes."""

from playwright.sync_api import Browser

from tests.browser.running import Installation
from tests.browser.tasks import open_person, signed_in
from tests.people import RUTH


def test_the_familys_copy_is_one_side_of_paper(place: Installation, browser: Browser) -> None:
    page = signed_in(place, browser, RUTH)
    open_person(place, page, "Ravi Demo-Ash")
    page.goto(f"{page.url}/print/family")

    assert sides(page.pdf(prefer_css_page_size=True)) == 1


def sides(document: bytes) -> int:
    """Return how many pages a document has that the browser made."""
    return document.count(b"/Type /Page\n")
