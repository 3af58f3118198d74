"""Two people at one computer, in one browser: what one has typed the next never sees."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.reading import problems, window
from tests.builders import WorkAs, opened_case
from tests.people import ANNA, PASSWORD, RUTH
from transition.app import Tracker

WORDS = "Homeschooled by Bartholomea"
WHY = "Why is this not needed?"


@pytest.fixture
def ward(browser: Browser) -> Iterator[Page]:
    """A window at the computer that everybody uses."""
    page = window(browser, 1280, scripts=True)
    yield page
    page.context.close()


@pytest.fixture
def form(address: str, work_as: WorkAs) -> str:
    """A form that both of them may open."""
    with work_as(RUTH) as work:
        reference = opened_case(work).reference
    return f"{address}/cases/{reference}/milestones/ID-04/skip"


def sign_in(page: Page, email: str) -> None:
    page.get_by_label("Email address").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()


def nothing_is_seen(page: Page) -> None:
    """Check that no word of the other's stands on a page, in a field of it or in the browser."""
    assert WORDS not in page.content()
    assert WORDS not in page.evaluate(
        "() => [...document.querySelectorAll('input,textarea')].map(one => one.value).join()"
        " + JSON.stringify({...localStorage, ...sessionStorage})"
    )


def signs_out(_app: Tracker, page: Page) -> None:
    page.get_by_label(WHY).blur()
    expect(page.locator(".app-status")).to_contain_text("Kept at")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in")


def walks_away(app: Tracker, page: Page) -> None:
    app.config["CLOCK"].instant += timedelta(minutes=31)
    page.get_by_role("button", name="Mark as not needed").click()
    expect(page.get_by_text("What you wrote is kept.")).to_be_visible()


LEAVES = {"signs out": signs_out, "walks away": walks_away}


@pytest.mark.parametrize("way", LEAVES)
def test_what_one_has_typed_the_next_never_sees(
    app: Tracker, ward: Page, form: str, way: str
) -> None:
    ward.goto(form)
    sign_in(ward, RUTH)
    ward.get_by_label(WHY).fill(WORDS)
    LEAVES[way](app, ward)

    ward.go_back()
    expect(ward.get_by_role("heading", name="Sign in")).to_be_visible()
    nothing_is_seen(ward)
    ward.goto(form)
    sign_in(ward, ANNA)
    expect(ward.get_by_label(WHY)).to_have_value("")
    nothing_is_seen(ward)
    for _ in range(3):
        ward.go_back()
        nothing_is_seen(ward)
    assert problems(ward) == []

    app.config["CLOCK"].instant += timedelta(minutes=31)
    ward.goto(form)
    sign_in(ward, RUTH)
    expect(ward.get_by_label(WHY)).to_have_value(WORDS)
