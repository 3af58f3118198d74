"""The pages about one's own account, and those of somebody who cannot sign in, at each width."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.reading import Reader, window
from tests.builders import WorkAs, opened_case
from tests.people import ANNA, PASSWORD, ROSA, RUTH, WILMA
from transition.actions.passwords import ask_for_reset, queue_resets
from transition.actions.signing_in import Visit, begin_sign_in
from transition.records.resets import PasswordReset, token_of_reset
from transition.records.staff import find_staff
from transition.rules.devices import DeviceKind
from transition.rules.handovers import SharingBasis
from transition.rules.people import THE_TIMETABLE


def link_of(work_as: WorkAs) -> str:
    """Let Anna be unable to sign in, and return the address of her link."""
    with work_as(THE_TIMETABLE) as work:
        ask_for_reset(work, email=ANNA, source="")
        queue_resets(work)
        reset = work.session.query(PasswordReset).one()
        return f"/reset/{token_of_reset(work.session, reset.uid)}"


def sign_in_elsewhere(work_as: WorkAs) -> None:
    """Let Ruth be signed in with a telephone too."""
    with work_as(THE_TIMETABLE) as work:
        ruth = find_staff(work.session, RUTH)
        assert ruth is not None
        begin_sign_in(work, ruth, visit=Visit(device=DeviceKind.IPHONE))


@pytest.mark.parametrize("width", [1280, 390])
def test_every_page_of_an_account_reads_well(
    browser: Browser, address: str, work_as: WorkAs, width: int
) -> None:
    look, page = Reader(width, "account-"), window(browser, width, scripts=True)
    sign_in_elsewhere(work_as)
    _cannot_sign_in(page, address, look, link_of(work_as))
    page.goto(f"{address}/sign-in?next=/me")
    page.get_by_label("Email address").fill(RUTH)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    look.see(page, "Account", in_the_dark=True)
    page.get_by_role("link", name="Where you are signed in").click()
    look.see(page, "Sign-ins", in_the_dark=True)
    page.goto(f"{address}/me/letters")
    page.get_by_role("button", name="Send it to me now").click()
    expect(page.get_by_role("row").filter(has_text="Your weekly digest")).to_be_visible()
    look.see(page, "Letters", in_the_dark=True)
    page.goto(f"{address}/me/password")
    page.get_by_label("Current password", exact=True).fill(PASSWORD)
    page.get_by_label("New password", exact=True).fill("naomihouse2026!!")
    page.get_by_role("button", name="Change password").click()
    look.see(page, "Password refused", in_the_dark=True)
    page.context.close()

    assert look.found == [], look.found


def _cannot_sign_in(page: Page, address: str, look: Reader, link: str) -> None:
    """Look at every page of somebody who cannot sign in."""
    page.goto(f"{address}/sign-in")
    page.get_by_role("link", name="I cannot sign in").click()
    look.see(page, "Forgotten", in_the_dark=True)
    page.get_by_label("Email address").fill(ANNA)
    page.get_by_role("button", name="Send me a letter").click()
    look.see(page, "A letter is on its way", in_the_dark=True)
    page.goto(address + link)
    look.see(page, "Another password", in_the_dark=True)
    page.goto(address + "/reset/none")
    look.see(page, "Link gone", in_the_dark=True)


def test_a_record_is_opened_in_an_emergency_on_a_phone(
    browser: Browser, address: str, work_as: WorkAs
) -> None:
    with work_as(RUTH) as work:
        case = opened_case(work, nhs_number="9991000003", nhs_number_missing_reason=None)
        case.sharing_basis = SharingBasis.AGREED
    look, page = Reader(390, "urgent-"), window(browser, 390, scripts=True)
    _sign_in(page, address, ROSA)
    page.goto(f"{address}/today")
    page.get_by_role("link", name="Open a record in an emergency").click()
    page.get_by_label("NHS number", exact=True).fill("999 100 0003")
    for part, words in (("Day", "15"), ("Month", "6"), ("Year", "2009")):
        page.get_by_label(part, exact=True).fill(words)
    page.get_by_label("They are with us now").check()
    page.get_by_label("What has happened?").fill("Too short")
    page.get_by_role("button", name="Open for four hours").click()
    look.see(page, "Asking", in_the_dark=True)
    page.get_by_label("What has happened?").fill("Sky came to us tonight and cannot speak.")
    page.get_by_role("button", name="Open for four hours").click()
    expect(page.get_by_text("Opened in an emergency.")).to_be_visible()
    look.see(page, "Emergency page", in_the_dark=True)
    page.get_by_role("link", name="Record", exact=True).click()
    expect(page.get_by_text("Opened in an emergency.")).to_be_visible()
    look.see(page, "Record", in_the_dark=True)
    page.goto(page.url.replace("record/summary", "notes"))
    look.see(page, "Closed", in_the_dark=True)
    page.context.close()
    _review(window(browser, 390), address, look)

    assert look.found == [], look.found


def _sign_in(page: Page, address: str, who: str) -> None:
    page.goto(f"{address}/sign-in")
    page.get_by_label("Email address").fill(who)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url(lambda url: "sign-in" not in url)


def _review(page: Page, address: str, look: Reader) -> None:
    """Let the auditor review what was opened."""
    _sign_in(page, address, WILMA)
    page.goto(f"{address}/urgent/reviews")
    look.see(page, "Reviews", in_the_dark=True)
    page.get_by_role("link", name="NHJ-").click()
    look.see(page, "Review", in_the_dark=True)
    page.get_by_label("It was right to open it").check()
    page.get_by_role("button", name="Save the review").click()
    expect(page.get_by_text("Nothing waits for a review.")).to_be_visible()
    page.context.close()
