"""Signing in twice over, as somebody would: on a phone, with an app and with a passkey."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from email.message import EmailMessage

import pytest
from playwright.sync_api import Browser, CDPSession, Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from tests.browser.reading import problems, window
from tests.browser.running import text_of
from tests.browser.tasks import open_letter
from tests.builders import Bag, WorkAs, post_with
from tests.integration.people.steps import CHOSEN, NORA, invited
from tests.issuer import issuer_for
from tests.people import PASSWORD, RUTH
from tests.second_steps import code_of, give_everything, later
from transition.app import Tracker
from transition.records.stamp import DatabaseStamp

PHONE, DESK = 390, 1280


@pytest.fixture
def address(app: Tracker) -> Iterator[str]:
    """Where the application answers; its passkeys belong there."""
    server = make_server("localhost", 0, app, threaded=True)
    place = f"http://localhost:{server.port}"
    app.config["POST"] = replace(app.config["POST"], base_url=place)
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    yield place
    server.shutdown()
    serving.join()
    server.server_close()


def look(page: Page) -> None:
    """See that axe finds nothing, in the light and in the dark, and that the page fits."""
    page.wait_for_load_state()
    for colours in ("dark", "light"):
        page.emulate_media(color_scheme=colours)
        assert problems(page) == [], colours
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")


def show_password(page: Page, address: str) -> None:
    """Sign in as Ruth as far as the password goes."""
    page.goto(f"{address}/sign-in")
    page.get_by_label("Email address").fill(RUTH)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()


def secret_on(page: Page) -> str:
    """Return the secret that a page shows to type by hand."""
    return page.locator(".app-secret").inner_text().replace(" ", "")


def enter_code(page: Page, code: str) -> None:
    """Enter a code of an app."""
    page.get_by_label("Code from your app").fill(code)
    page.get_by_role("button", name="Continue").click()


def device(page: Page, *, verified: bool = True) -> CDPSession:
    """Give this window a device that keeps passkeys and asks for a finger."""
    tools = page.context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    able = {"hasResidentKey": True, "hasUserVerification": True, "isUserVerified": verified}
    options = {"protocol": "ctap2", "transport": "internal", "automaticPresenceSimulation": True}
    tools.send("WebAuthn.addVirtualAuthenticator", {"options": options | able})
    return tools


def really(session: Session) -> None:
    """Ask everybody for a second step."""
    with session.begin():
        session.scalars(select(DatabaseStamp)).one().mode = "production"


@pytest.mark.parametrize("scripts", [True, False])
def test_with_an_app_from_the_first_password_to_today_on_a_phone(
    app: Tracker, browser: Browser, address: str, session: Session, *, scripts: bool
) -> None:
    really(session)
    page = window(browser, PHONE, scripts=scripts)
    show_password(page, address)
    expect(page.get_by_role("heading", level=1)).to_have_text("Add an authenticator app")
    if scripts:
        look(page)
    seed = secret_on(page)
    enter_code(page, "000000")
    expect(page.get_by_role("alert")).to_contain_text("That code is not right")
    assert secret_on(page) == seed
    enter_code(page, code_of(app, seed))
    expect(page.locator(".app-codes li")).to_have_count(10)
    if scripts:
        look(page)
    page.get_by_role("link", name="I have kept them").click()
    page.wait_for_url("**/today")

    later(app, seconds=60)
    page = window(browser, PHONE, scripts=scripts)
    show_password(page, address)
    if scripts:
        look(page)
    enter_code(page, code_of(app, seed))
    page.wait_for_url("**/today")


def test_with_a_passkey_on_a_phone(browser: Browser, address: str, session: Session) -> None:
    really(session)
    page = window(browser, PHONE)
    device(page)
    show_password(page, address)
    page.get_by_role("link", name="Use a passkey instead").click()
    look(page)
    page.get_by_role("button", name="Add this device").click()
    expect(page.get_by_role("alert")).to_contain_text("Give the device a name")
    page.get_by_label("What do you call this device?").fill("My phone")
    page.get_by_role("button", name="Add this device").click()
    page.get_by_role("link", name="I have kept them").click()
    page.wait_for_url("**/today")

    page.goto(f"{address}/me/second-step")
    expect(page.get_by_role("row", name="My phone")).to_contain_text("Not yet")
    page.get_by_text("Menu").click()
    page.get_by_role("button", name="Sign out").last.click()
    show_password(page, address)
    expect(page.get_by_role("heading", level=1)).to_have_text("Use your passkey")
    look(page)
    page.get_by_role("button", name="Use my passkey").click()
    page.wait_for_url("**/today")


@pytest.fixture
def letter(app: Tracker, address: str, session: Session, work_as: WorkAs) -> EmailMessage:
    """The letter that invites a nurse, where everybody is asked for a second step."""
    really(session)
    invited(work_as)
    bag = Bag()
    post_with(app, bag)
    (letter,) = bag.letters
    assert letter["To"] == NORA
    assert address in text_of(letter)
    return letter


def welcome(page: Page, letter: EmailMessage, *, looks: bool) -> None:
    """Go from the letter of an invitation to a password, as its reader would."""
    open_letter(page, letter)
    page.get_by_role("link", name="Choose a password, and you are in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Welcome, Nora Bell")
    if looks:
        look(page)
    field = page.get_by_label("Password", exact=True)
    field.fill("too short")
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("alert")).to_contain_text("15 characters")
    if looks:
        look(page)
    field.fill(CHOSEN)
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Add an authenticator app")


@pytest.mark.parametrize(("with_passkey", "scripts"), [(False, True), (False, False), (True, True)])
def test_a_newcomer_gets_from_the_letter_to_today_on_a_phone(
    app: Tracker, browser: Browser, letter: EmailMessage, *, with_passkey: bool, scripts: bool
) -> None:
    page = window(browser, PHONE, scripts=scripts)
    if with_passkey:
        device(page)
    welcome(page, letter, looks=scripts)
    if with_passkey:
        page.get_by_role("link", name="Use a passkey instead").click()
        page.get_by_label("What do you call this device?").fill("My phone")
        page.get_by_role("button", name="Add this device").click()
    else:
        enter_code(page, code_of(app, secret_on(page)))
    expect(page.locator(".app-codes li")).to_have_count(10)
    page.get_by_role("link", name="I have kept them").click()
    page.wait_for_url("**/today")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    if scripts:
        look(page)


def test_with_a_work_account_on_a_phone(
    app: Tracker, browser: Browser, address: str, session: Session
) -> None:
    with issuer_for(app, "naomi") as issuer:
        page = window(browser, PHONE)
        show_password(page, address)
        page.wait_for_url("**/today")
        look_at(page, address, "/me/work-account")
        page.get_by_role("button", name="Link my work account").click()
        expect(page.get_by_role("main")).to_contain_text("Your work account is linked.")
        look(page)

        really(session)
        issuer.says = {"amr": ["mfa"]}
        page = window(browser, PHONE, scripts=False)
        page.goto(f"{address}/sign-in?next=/cases")
        page.get_by_role("button", name="Naomi House & Jacksplace").click()
        page.wait_for_url("**/cases")
        page = window(browser, PHONE)
        look_at(page, address, "/sign-in")


def test_a_device_that_does_not_ask_for_its_owner_is_not_added(
    browser: Browser, address: str
) -> None:
    page = window(browser, DESK)
    device(page, verified=False)
    show_password(page, address)
    page.wait_for_url("**/today")
    page.goto(f"{address}/me/second-step/passkeys/new")
    page.get_by_label("What do you call this device?").fill("My phone")
    page.get_by_role("button", name="Add this device").click()
    expect(page.locator(".app-status")).to_have_text(
        "That did not work. Try once more, or use another way."
    )


def test_without_scripts_a_passkey_page_says_so_and_offers_the_code(
    browser: Browser, address: str, work_as: WorkAs
) -> None:
    with work_as(RUTH) as work:
        give_everything(work)
    page = window(browser, PHONE, scripts=False)
    show_password(page, address)
    page.get_by_role("link", name="Use a passkey").click()
    expect(page.get_by_role("main")).to_contain_text("They need JavaScript, and it is off here")
    expect(page.get_by_role("button", name="Use my passkey")).to_be_hidden()
    page.get_by_role("link", name="Use the code from your app").click()
    expect(page.get_by_label("Code from your app")).to_be_visible()


def test_an_address_in_figures_says_that_passkeys_do_not_work_there(
    app: Tracker, browser: Browser, address: str
) -> None:
    app.config["POST"] = replace(app.config["POST"], base_url="http://127.0.0.1:8000")
    page = window(browser, DESK)
    show_password(page, address)
    page.wait_for_url("**/today")
    for path in ("/me/second-step", "/me/second-step/passkeys/new"):
        page.goto(f"{address}{path}")
        expect(page.get_by_role("main")).to_contain_text("Passkeys do not work here")
    look(page)


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_axe_finds_nothing_on_the_pages_of_ones_own_second_step(
    browser: Browser, address: str, work_as: WorkAs, width: int
) -> None:
    page = window(browser, width)
    show_password(page, address)
    page.wait_for_url("**/today")
    look_at(page, address, "/me/second-step")
    look_at(page, address, "/sign-in/again")
    with work_as(RUTH) as work:
        give_everything(work)
    look_at(page, address, "/me/second-step")
    look_at(page, address, "/me/second-step/codes")
    look_at(page, address, "/me/second-step/app/remove")
    look_at(page, address, "/me/second-step/app")
    for way in ("code", "recovery", "passkey"):
        look_at(page, address, f"/sign-in/{way}")


def look_at(page: Page, address: str, path: str) -> None:
    """Open a page and look at it."""
    page.goto(f"{address}{path}")
    look(page)
