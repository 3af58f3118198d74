"""The tasks that must be quick, each told once: whoever does it, with whatever hand."""

import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from email.message import EmailMessage
from pathlib import Path
from random import Random
from typing import Final

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.hands import Hand
from tests.browser.reading import window
from tests.browser.running import Installation, installation
from tests.browser.story import See, unseen
from tests.builders import ASKED, engine_of, planned_case, proposal, working
from tests.databases import FIXED, make, settings_in
from tests.people import ANNA, HELEN, PASSWORD
from transition.actions.cases import set_target
from transition.actions.early_notices import NewNotice, send_notice
from transition.actions.handovers import propose_handover
from transition.actions.work import Work
from transition.app import create_app
from transition.rules.handovers import SharingBasis

NEW: Final = ("Ada Demo-Alder", "Bilal Demo-Beech", "Cleo Demo-Cherry", "Dara Demo-Damson")
"""People whom nobody has answered about yet, besides the twenty of the demonstration."""
NHS_NUMBERS: Final = ("9997315006", "9997315014")
"""Of the range that no real person has."""
QUESTION: Final = "Who orders the suction catheters?"
KNOWN: Final = {
    "What matters to them": "I want my own say. Ask me, not over my head.",
    "How they communicate": "Speak to me first, and wait for my answer.",
    "Allergies": "None known",
    "First language": "English",
}
"""What must be known of somebody from the first day."""
HANDED_ON: Final = "The notes of each say where we stand. Ring the families first."
WHY: Final = "It is the nearest to home, and she liked their garden."
IN_APRIL: Final = date(2027, 4, 6)
"""When those whom the tasks propose aim to move."""
MOVED_TO: Final = date(2027, 9, 6)
"""A Monday on which Kofi might move instead."""

with_and_without_scripts: Final = pytest.mark.parametrize("scripts", [True, False])


@contextmanager
def first_working_day(
    folder: Path, new: Sequence[str] = (), *, ready: Sequence[str] = ()
) -> Iterator[Installation]:
    """Serve the demonstration on its Monday morning.

    With *new* people who have just been proposed to Rowans, and people who are *ready* to be.
    """
    with installation(folder) as place, pytest.MonkeyPatch.context() as patch:
        # The same references each time: they stand in pictures, and lists are sorted by them.
        draw = Random(1).randrange  # noqa: S311 - no key or secret is drawn by it
        patch.setattr(secrets, "randbelow", draw)
        make(place.home, cases=True)
        app = create_app(settings_in(place.home))
        for name in (*new, *ready):
            with working(app, ANNA) as work:
                _ready_case(work, name, proposed=name in new)
        engine_of(app).dispose()
        patch.undo()
        place.settings["TRANSITION_NOW"] = FIXED.isoformat()
        with place.running("serve"):
            yield place


def _ready_case(work: Work, name: str, *, proposed: bool) -> None:
    """Bring somebody to where a handover is proposed, and perhaps propose it."""
    given_name, _, family_name = name.partition(" ")
    case = planned_case(work, given_name=given_name, known_as=given_name, family_name=family_name)
    told = NewNotice(
        receiver="rowans", quarter=IN_APRIL.replace(day=1), functions=ASKED, complex_care=True
    )
    send_notice(work, case.reference, told)
    set_target(work, case, IN_APRIL, reason_code="agreed")
    if proposed:
        propose_handover(work, case.reference, proposal(target_on=IN_APRIL))


def signed_in(
    place: Installation, browser: Browser, email: str, width: int = 1280, *, scripts: bool = True
) -> Page:
    """Open a window in which somebody has signed in and sees Today, or their digest."""
    page = window(browser, width, scripts=scripts)
    page.goto(f"{place.address}/sign-in")
    page.get_by_label("Email address").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url(re.compile("/today$|/preview$"))
    return page


def open_person(place: Installation, page: Page, name: str) -> None:
    """Open the page of somebody, to begin a task there."""
    page.goto(f"{place.address}/cases")
    page.get_by_role("link", name=name).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)


def open_pack(place: Installation, page: Page, name: str) -> None:
    """Open the handover about somebody that waits for a reply."""
    page.goto(f"{place.address}/handovers")
    row = page.get_by_role("listitem").filter(has_text=name)
    row.get_by_role("link", name=re.compile("^Review")).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)


def letter_about(place: Installation, page: Page) -> EmailMessage:
    """Return the letter that asked Helen for a reply to the handover that is open."""
    reference = page.url.rpartition("/cases/")[2].partition("/")[0]
    return place.letters.to(HELEN, "needs your reply", reference)


def open_letter(page: Page, letter: EmailMessage) -> None:
    """Show a letter as a mail program does, which shows it in HTML."""
    body = letter.get_body(("html",))
    assert body is not None, "a letter has an HTML part"
    page.goto("about:blank")  # not a page of the tracker, which lets nobody write into it
    page.set_content(body.get_content())


def late_rows(page: Page) -> Locator:
    """Return what Today says is late."""
    return page.get_by_role("region", name="Late", exact=True).get_by_role("listitem")


def complete_a_milestone(hand: Hand, see: See = unseen) -> str:
    """Task 2: from Today; return the words of the button that was pressed."""
    buttons = hand.page.get_by_role("button", name=re.compile("^Mark done"))
    words = buttons.first.inner_text()
    hand.use(buttons.first)
    expect(hand.page.get_by_role("status").filter(has_text="Done:").first).to_be_visible()
    expect(hand.page.get_by_role("button", name=words, exact=True)).to_have_count(0)
    see(hand.page, "Today with something done")
    return words


def undo_it(hand: Hand, words: str) -> None:
    """Task 2, the way back."""
    hand.use(hand.page.get_by_role("button", name=re.compile("^Undo")))
    expect(hand.page.get_by_role("button", name=words, exact=True)).to_have_count(1)


def propose_a_ready_handover(hand: Hand, see: See = unseen) -> None:
    """Task 8: from the page of a young person whose record is whole."""
    page = hand.page
    hand.use(page.get_by_role("link", name="Propose handover"))
    see(page, "Propose a handover")
    asked = page.get_by_role("group", name="What do you ask them to take on?")
    # What the early notice announced is ticked already.
    expect(asked.get_by_role("checkbox", checked=True)).to_have_count(len(ASKED))
    basis = page.get_by_role("group", name="On what basis may this be shared?")
    hand.tick(basis.get_by_label(SharingBasis.AGREED.label, exact=True))
    hand.write(page.get_by_label("Why this hospice?"), WHY)
    hand.use(page.get_by_role("button", name="Check this handover"))
    expect(page.get_by_role("main")).to_contain_text(WHY)
    see(page, "Check what you send")
    hand.use(page.get_by_role("button", name="Send to Rowans Hospice"))
    expect(
        page.get_by_role("status").filter(has_text="Sent to Rowans Hospice").first
    ).to_be_visible()
    see(page, "Proposed")


def accept_from_the_letter(hand: Hand, see: See = unseen) -> None:
    """Task 9: from the letter that asks for it, already signed in."""
    page = hand.page
    hand.use(page.get_by_role("link", name="Read it and reply"))
    page.wait_for_url("**/handovers/rowans-1")
    see(page, "Review")
    hand.skip("Skip to your reply")
    hand.tick(page.get_by_label("I have read this pack and checked it"))
    hand.choose(page.get_by_label("Who will be the adult named worker?"), "Mina Ford")
    hand.date(page.get_by_role("group", name="Date of the first contact"), date(2026, 12, 7))
    hand.use(page.get_by_role("button", name="Accept all that is asked"))
    expect(page.get_by_role("heading", name="Check your answer")).to_be_visible()
    see(page, "Check your answer")
    hand.use(page.get_by_role("button", name=re.compile("^Send this answer")))
    expect(page.get_by_role("region", name="The reply")).to_contain_text("Accepted")
    see(page, "Accepted")


def ask_about_a_section(hand: Hand, see: See = unseen) -> None:
    """Task 10: from the page on which a handover is reviewed."""
    page = hand.page
    hand.use(page.get_by_role("link", name=re.compile(r"^Ask about this\s*: Who is who$")))
    see(page, "Ask about one section")
    hand.write(page.get_by_label("Your question"), QUESTION)
    hand.use(page.get_by_role("button", name="Check your question"))
    expect(page.get_by_role("main")).to_contain_text(QUESTION)
    see(page, "Check your question")
    hand.use(page.get_by_role("button", name=re.compile("^Send this question")))
    expect(page.get_by_role("region", name="Questions")).to_contain_text(QUESTION)
    see(page, "Asked")


def who_comes_in_april(hand: Hand) -> tuple[str, list[str]]:
    """Task 11: from Today; return how many come in April as it is said there, and their names."""
    page = hand.page
    hand.use(page.get_by_role("link", name="Upcoming", exact=True).first)
    page.wait_for_url("**/upcoming")
    counts = page.get_by_role("region", name="How many each month")
    said = counts.locator("dl > div").filter(has_text="April 2027").get_by_role("definition")
    rows = page.get_by_role("row").filter(has_text=f"{IN_APRIL.day} April 2027")
    return said.inner_text(), [row.get_by_role("link").inner_text() for row in rows.all()]


def record_a_death(hand: Hand, see: See = unseen) -> None:
    """Task 12: from the page of a young person."""
    page = hand.page
    hand.use(page.get_by_role("link", name="Record a death"))
    see(page, "Record a death")
    hand.date(page.get_by_role("group", name="Date of death"), date(2026, 11, 22))
    hand.use(page.get_by_role("button", name="Save"))
    expect(page.get_by_role("region", name="This transition has ended")).to_be_visible()
    see(page, "Died")


def ring_the_first(hand: Hand, name: str) -> str:
    """Task 4: from Today, about somebody who is on it; return the number that was rung."""
    page = hand.page
    hand.use(page.get_by_role("link", name=name, exact=True).first)
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)
    # Who stands there beside the young person is rung first, as their record says.
    number = page.get_by_role("region", name="First people to call").locator("dd a").nth(1)
    hand.use(number)
    return str(number.get_attribute("href"))


def start_a_transition(hand: Hand, name: str, nhs_number: str, see: See = unseen) -> None:
    """Task 6: from Today, answering no more than must be answered."""
    page = hand.page
    given_name, _, family_name = name.partition(" ")
    known = {"First name": given_name, "Last name": family_name, "NHS number": nhs_number}
    hand.use(page.get_by_role("link", name="Start a transition"))
    see(page, "New person")
    _write(hand, known)
    hand.date(page.get_by_role("group", name="Date of birth"), date(2009, 3, 14))
    _go_on(hand, "What must everybody know?")
    see(page, "What to know")
    _write(hand, KNOWN)
    _answer(hand, "Is an interpreter needed?", "No")
    _go_on(hand, "Where are they, and what is true of them?")
    see(page, "Where they are")
    _answer(hand, "Who looks after them now?", "Jacksplace")
    area = page.get_by_label("Which adult hospice covers where they live?")
    hand.choose(area, area.locator("option", has_text="Rowans").inner_text())
    _answer(hand, "Which year are they taught in?", "With others of the same age")
    _go_on(hand, "Check, and start this transition")
    see(page, "Check the new person")
    hand.use(page.get_by_role("button", name="Start transition"))
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)
    see(page, "New case")


def move_the_target_date(hand: Hand, day: date, see: See = unseen) -> None:
    """Task 7: from the page of a young person; what moves is seen before anything is saved."""
    page = hand.page
    hand.use(page.get_by_role("link", name=re.compile(r"^Change\s*: target date$")))
    see(page, "Target date")
    hand.date(page.get_by_role("group", name="Target transfer date"), day)
    hand.use(page.get_by_role("button", name="See what moves"))
    expect(page.get_by_role("table", name="Due dates before and after")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("Nothing is saved yet.")
    see(page, "What moves")
    hand.use(page.get_by_role("button", name="School or college"))
    expect(page.get_by_role("region", name="Moving to")).to_contain_text(f"{day.day} {day:%B %Y}")


def find_why_the_date_changed(hand: Hand, see: See = unseen) -> str:
    """Task 14: from the page of a young person; return what is told of the newest change."""
    page = hand.page
    hand.use(page.get_by_role("link", name="History", exact=True))
    hand.use(page.get_by_role("link", name="Changes", exact=True))
    page.wait_for_url("**/history?kind=changes")
    see(page, "History")
    changes = page.get_by_role("listitem").filter(has_text="The target date changed")
    return changes.first.inner_text()


def move_everybody_from(hand: Hand, leaver: str, taker: str, see: See = unseen) -> None:
    """Task 13: from the settings; how much everybody has is seen before."""
    page = hand.page
    hand.use(page.get_by_role("link", name="Hand on young people"))
    see(page, "Who works here")
    hand.use(page.get_by_role("link", name=leaver))
    see(page, "What somebody holds")
    asked = page.get_by_role("group", name="Who takes this on?")
    hand.tick(asked.get_by_label(taker))
    hand.write(page.get_by_label("What must the next named worker know first?"), HANDED_ON)
    hand.use(page.get_by_role("button", name="Check"))
    expect(page.get_by_role("main")).to_contain_text("young people now, and 0 afterwards")
    see(page, "Who has how many afterwards")
    hand.use(page.get_by_role("button", name=re.compile("^Move [0-9]+ young people")))
    expect(page.get_by_role("status").filter(has_text="handed on").first).to_be_visible()
    see(page, "Nothing left to hand on")


def _go_on(hand: Hand, heading: str) -> None:
    hand.use(hand.page.get_by_role("button", name="Continue"))
    expect(hand.page.get_by_role("heading", name=heading)).to_be_visible()


def _write(hand: Hand, words: Mapping[str, str]) -> None:
    for label, answer in words.items():
        hand.write(hand.page.get_by_label(label, exact=True), answer)


def _answer(hand: Hand, question: str, answer: str) -> None:
    hand.tick(hand.page.get_by_role("group", name=question).get_by_label(answer, exact=True))
