"""What the one small script adds, and that nothing is lost without it."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Dialog, Locator, Page, expect

from tests.browser.reading import problems, window
from tests.builders import WorkAs, opened_case
from tests.people import ANNA, PASSWORD, RUTH
from transition.actions.milestones import Recorded, record_outcome
from transition.app import Tracker
from transition.home import ROOT
from transition.rules.milestones import OutcomeKind

WORDS = "Homeschooled by Bartholomea"
WHY = "Why is this not needed?"
SCRIPT = ROOT / "transition" / "web" / "static" / "tracker.js"


@pytest.fixture
def reference(work_as: WorkAs) -> str:
    """A case of Ruth's."""
    with work_as(RUTH) as work:
        return opened_case(work).reference


Opens = Callable[..., Page]


@pytest.fixture
def ruth(browser: Browser, address: str) -> Iterator[Opens]:
    """Open a page in a window in which Ruth has signed in, with or without scripts."""
    pages: list[Page] = []

    def opens(path: str, *, scripts: bool = True, width: int = 1280) -> Page:
        page = window(browser, width, scripts=scripts)
        pages.append(page)
        if scripts:
            page.clock.install()
        page.goto(f"{address}/sign-in?next={path}")
        sign_in(page, RUTH)
        page.wait_for_url(f"**{path}")
        return page

    yield opens
    for page in pages:
        page.context.close()


def sign_in(page: Page, email: str) -> None:
    """Fill in the page that asks who it is."""
    page.get_by_label("Email address").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()


def told(page: Page) -> Locator:
    """Return the line in which the script says what it did."""
    return page.locator(".app-status")


def skip_of(reference: str) -> str:
    """Return the form that asks why a milestone is not needed."""
    return f"/cases/{reference}/milestones/ID-04/skip"


@pytest.mark.parametrize("scripts", [True, False])
def test_words_survive_a_sign_in_that_is_over(
    app: Tracker, ruth: Opens, reference: str, *, scripts: bool
) -> None:
    page = ruth(skip_of(reference), scripts=scripts)
    page.get_by_label(WHY).fill(WORDS)
    app.config["CLOCK"].instant += timedelta(minutes=31)
    page.get_by_role("button", name="Mark as not needed").click()

    expect(page.get_by_text("You were signed out. What you wrote is kept.")).to_be_visible()
    assert not scripts or problems(page) == []
    sign_in(page, RUTH)

    expect(page.get_by_text("What you wrote is below.")).to_be_visible()
    expect(page.get_by_label(WHY)).to_have_value(WORDS)
    assert not scripts or problems(page) == []
    page.get_by_role("button", name="Mark as not needed").click()
    expect(page.get_by_text("Marked as not needed.").first).to_be_visible()


def test_half_written_words_are_kept_every_fifteen_seconds(ruth: Opens, reference: str) -> None:
    page = ruth(skip_of(reference))
    page.get_by_label(WHY).fill(WORDS)
    page.clock.fast_forward(16_000)

    expect(told(page)).to_have_text("Kept at 9:00am")
    assert problems(page) == []
    page.reload()
    expect(page.get_by_label(WHY)).to_have_value(WORDS)


def test_what_cannot_be_kept_is_said(ruth: Opens, reference: str) -> None:
    page = ruth(skip_of(reference))
    page.route("**/drafts/**", lambda route: route.abort())
    page.get_by_label(WHY).fill(WORDS)
    page.clock.fast_forward(16_000)

    expect(told(page)).to_have_text("Not kept yet. It is tried again.")


def test_a_page_with_unsaved_words_asks_before_it_goes(ruth: Opens, reference: str) -> None:
    page = ruth(skip_of(reference))
    asked: list[str] = []

    def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", leave)
    page.get_by_role("link", name="Overview").click()
    page.wait_for_url(f"**/{reference}")
    assert asked == [], "nothing was typed"

    page.go_back()
    page.get_by_label(WHY).fill(WORDS)
    page.get_by_role("link", name="Overview").click()
    page.wait_for_url(f"**/{reference}")
    assert asked == ["beforeunload"]


def test_control_and_k_lead_to_the_finder(ruth: Opens, reference: str) -> None:
    page = ruth(f"/cases/{reference}")
    page.keyboard.press("Control+k")

    expect(page.locator("#find")).to_be_focused()


def test_what_is_done_is_ticked_off_in_place_and_undone(ruth: Opens, reference: str) -> None:
    page = ruth(f"/cases/{reference}")
    page.evaluate("document.title = 'still here'")
    done = page.get_by_role("button", name=re.compile("^Done"))
    names = done.all_inner_texts()
    done.first.focus()
    page.keyboard.press("Enter")

    expect(done).to_have_count(len(names) - 1)
    expect(done.first).to_be_focused()
    assert page.title() == "still here"
    expect(told(page)).to_contain_text("Done: “")
    page.get_by_role("button", name=re.compile("^Undo")).click()
    expect(done).to_have_count(len(names))


def test_a_double_click_is_one_done(ruth: Opens, reference: str) -> None:
    page = ruth(f"/cases/{reference}")
    done = page.get_by_role("button", name=re.compile("^Done"))
    many = done.count()
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    done.first.dblclick()

    expect(told(page)).to_contain_text("Done: “")
    expect(done).to_have_count(many - 1)
    assert sent.count("POST") == 1


def test_the_second_half_of_a_double_click_does_nothing_to_the_row_that_came_up(
    ruth: Opens, reference: str
) -> None:
    page = ruth(f"/cases/{reference}")
    done = page.get_by_role("button", name=re.compile("^Done"))
    many = done.count()
    done.first.click()
    expect(done).to_have_count(many - 1)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    done.first.dispatch_event("click", {"detail": 2})
    page.get_by_role("button", name=re.compile("^Undo")).click()

    expect(done).to_have_count(many)
    assert sent.count("POST") == 1


@pytest.mark.parametrize("scripts", [True, False])
def test_what_is_done_on_the_page_of_milestones_leads_back_to_it(
    ruth: Opens, reference: str, *, scripts: bool
) -> None:
    page = ruth(f"/cases/{reference}/milestones", scripts=scripts)
    done = page.get_by_role("button", name=re.compile("^Done"))
    many = done.count()
    done.first.click()

    expect(done).to_have_count(many - 1)
    page.get_by_role("button", name=re.compile("^Undo")).click()
    expect(done).to_have_count(many)
    page.wait_for_url(f"**/cases/{reference}/milestones")


def test_a_done_that_was_done_already_is_answered_by_the_page_that_says_so(
    ruth: Opens, reference: str, work_as: WorkAs
) -> None:
    page = ruth(f"/cases/{reference}")
    record(work_as, reference)
    row = page.get_by_role("listitem").filter(has_text=TITLE)
    row.get_by_role("button", name=re.compile("^Done")).click()

    expect(page.get_by_text(re.compile(r"Anna .* recorded this at 9:00am\."))).to_be_visible()


TITLE = "Cover for the named worker recorded"


def record(work_as: WorkAs, reference: str) -> None:
    """Let somebody else record the milestone."""
    with work_as(ANNA) as work:
        done = Recorded(kind=OutcomeKind.DONE, done_on=work.today, evidence_note="By telephone")
        record_outcome(work, reference, "ID-04", done)


@pytest.mark.parametrize(("scripts", "width"), [(True, 1280), (True, 390), (False, 1280)])
def test_who_comes_second_sees_both_texts(
    ruth: Opens, reference: str, work_as: WorkAs, *, scripts: bool, width: int
) -> None:
    page = ruth(skip_of(reference), scripts=scripts, width=width)
    page.get_by_label(WHY).fill(WORDS)
    record(work_as, reference)
    page.get_by_role("button", name="Mark as not needed").click()

    expect(page.get_by_text(re.compile(r"Anna .* recorded this at 9:00am\."))).to_be_visible()
    expect(page.get_by_text("By telephone")).to_be_visible()
    expect(page.get_by_label(WHY)).to_have_value(WORDS)
    for colours in ("dark", "light") if scripts else ():
        page.emulate_media(color_scheme=colours)
        assert problems(page) == []


def test_nobody_is_signed_out_unawares(ruth: Opens, reference: str) -> None:
    page = ruth(f"/cases/{reference}")
    page.clock.fast_forward("28:01")
    dialog = page.get_by_role("dialog", name="You will be signed out in 2 minutes")
    expect(dialog).to_be_visible()
    assert problems(page) == []

    dialog.get_by_role("button", name="Stay signed in").click()
    expect(dialog).to_be_hidden()


def test_paper_holds_the_case_and_nothing_to_click(ruth: Opens, reference: str) -> None:
    page = ruth(f"/cases/{reference}", width=390)
    page.emulate_media(media="print")

    for words in ("15 June 2009", "Skyler Demo-Test", reference, "I want my own say.", TITLE):
        expect(page.get_by_role("main").get_by_text(words).first).to_be_visible()
    expect(page.locator(".app-stages")).to_be_visible()
    for what in ("form", "button", "nav", "a.app-btn", "footer"):
        assert page.locator(f"{what}:visible").count() == 0, what


def test_the_script_is_small() -> None:
    assert SCRIPT.stat().st_size < 6_000
