"""The story: a nurse opens a case and proposes a handover, and the hospice's lead accepts it.

It is told by typing and clicking; nobody in it knows how many gates there are.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Final

from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.reading import window
from tests.browser.running import PATIENCE, Installation, text_of
from tests.people import HELEN, PASSWORD, RUTH

See = Callable[[Page, str], None]

ABOUT: Final = {
    "What matters to them": "Thelonious at breakfast, and nobody talks over my head.",
    "How they communicate": "Blinks upwards for yes. Wait for the Tobiidevice.",
    "Allergies": "Penicillamine, and kiwifruit",
    "Condition": "Merosindeficiency",
    "First language": "Kernewek",
}
PERSON: Final = {
    "First name": "Zephyrine",
    "Last name": "Quillfeather",
    "What they like to be called": "Zeffirelli",
    "Pronouns": "thon/thons",
}
NHS_NUMBER: Final = "999 731 4069"
BORN: Final = {"Day": "14", "Month": "3", "Year": "2009"}
NOTE: Final = "Grandmother Bartholomea took part"
LIMITS: Final = "Nothing about Cuthbertson to the schoolteacher"
WHY: Final = "Wymeringlane lies around the corner"
RECORD: Final = {
    "How I say yes and no": "Blinks upwards, or shuts both eyes.",
    "How I show pain": "Hums on one note.",
    "Where the list of medicines is": "With the practice at Wymeringlane",
    "GP practice": "Wymeringlane Surgery",
    "Name": "Bartholomea Quillfeather",
    "Who they are to the young person": "Grandmother",
}
LISTED: Final = {"Day": "20", "Month": "11", "Year": "2026"}
"""The date on the list of medicines."""
NOT_NEEDED: Final = "Homeschooled by Bartholomea"

WORDS: Final = (
    *("Zephyrine", "Quillfeather", "Zeffirelli", "thon/thons", "999 731 4069", "9997314069"),
    *("2009-03-14", "14 March 2009", "Thelonious", "Tobiidevice", "Penicillamine", "kiwifruit"),
    *("Merosindeficiency", "Kernewek", "Bartholomea", "Cuthbertson", "schoolteacher"),
    *("Wymeringlane", "Homeschooled"),
)
"""What was typed about the young person, in pieces that are found wherever a line breaks."""


def unseen(_page: Page, _name: str) -> None:
    """Look at nothing: for a story that is told for what it leaves behind."""


@dataclass
class Story:
    """One telling of the story, in one installation, at one width."""

    place: Installation
    browser: Browser
    width: int = 1280
    see: See = unseen
    patience: float = PATIENCE
    seen: set[str] = field(default_factory=set)

    def tell(self) -> str:
        """Tell it all, up to the letter that says it was accepted; return the case's reference."""
        ruth = window(self.browser, self.width)
        self.sign_in(ruth, RUTH)
        reference = self.open_case(ruth)
        self.do_what_the_gates_ask(ruth)
        self.propose(ruth)
        asked = self.place.letters.to(HELEN, "needs your reply", reference, patience=self.patience)
        helen = window(self.browser, self.width)
        helen.goto(self.address_in(asked))
        self.sign_in_here(helen, HELEN)
        self.read_and_accept(helen)
        told = self.place.letters.to(RUTH, "has been answered", reference, patience=self.patience)
        ruth.goto(self.address_in(told))
        self.look_around(ruth)
        return reference

    def sign_in(self, page: Page, email: str) -> None:
        """Sign in, and arrive at Today."""
        page.goto(self.place.address)
        self.see(page, "Sign in")
        self.sign_in_here(page, email)
        self.see(page, "Today")

    def sign_in_here(self, page: Page, email: str) -> None:
        """Sign in on the page that asks for it."""
        page.get_by_label("Email address").fill(email)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        press(page, "Continue")

    def open_case(self, page: Page) -> str:
        """Type what is asked, a step at a time; return the reference of the case."""
        page.get_by_role("link", name="Start a transition").click()
        self.see(page, "Person")
        press(page, "Continue")
        expect(page.get_by_role("alert")).to_contain_text("Enter their first name")
        self.see(page, "Person with mistakes")
        fill(page, PERSON | {"NHS number": NHS_NUMBER})
        fill(page.get_by_role("group", name="Date of birth"), BORN)
        press(page, "Continue")
        self.see(page, "About")
        fill(page, ABOUT)
        choose(page, "Condition group", re.compile("Group 3"))
        choose(page, "Is an interpreter needed?", "No")
        press(page, "Continue")
        self.see(page, "Move")
        choose(page, "Who looks after them now?", "Jacksplace")
        area = page.get_by_label("Which adult hospice covers where they live?")
        area.select_option(label=area.locator("option", has_text="Rowans").inner_text())
        choose(page, "Which year are they taught in?", "With others of the same age")
        page.get_by_role("checkbox", name=re.compile("equipment")).check()
        press(page, "Continue")
        self.see(page, "Check")
        press(page, "Start transition")
        expect(page.get_by_role("main").get_by_role("status")).to_contain_text("is open")
        self.see(page, "Overview of a new case")
        return page.url.rpartition("/")[2]

    def do_what_the_gates_ask(self, page: Page) -> None:
        """Work through the first two stages, as far as each next one asks."""
        self.leave_out_one(page)
        while (panel := region(page, "Moving on")).count():
            while panel.get_by_role("listitem").count():
                self.do_next(page, region(page, here(page)))
            was = here(page)
            panel.get_by_role("button", name=re.compile("^Move on")).click()
            expect(page.locator("[aria-current=step] b")).not_to_have_text(was)
            come(page)
        self.see(page, "Overview at planning")
        page.get_by_role("link", name="Propose handover").click()
        expect(page).to_have_url(re.compile("/propose"))
        come(page)
        self.see(page, "What is missing before a proposal")
        while (waiting := region(page, re.compile("before you can propose"))).count():
            if (unwritten := waiting.get_by_role("link", name=re.compile("^Write"))).count():
                self.write_in_the_record(page, unwritten.first)
            else:
                self.do_next(page, waiting)

    def write_in_the_record(self, page: Page, link: Locator) -> None:
        """Answer whatever a section asks before a proposal, and come back to it."""
        propose = page.url
        link.click()
        expect(page).to_have_url(re.compile("/(edit|new|number)$"))
        come(page)
        main = page.get_by_role("main")
        for label, words in RECORD.items():
            for asked in main.get_by_label(label, exact=True).all():
                asked.fill(words)
        for group in main.get_by_role("group").filter(has=page.get_by_role("radio")).all():
            wanted = group.get_by_label("Call first", exact=True)
            (wanted if wanted.count() else group.get_by_role("radio").first).check()
        for dated in main.get_by_role("group", name="That list is dated").all():
            fill(dated, LISTED)
        press(page, re.compile("^Save|^Add"))
        expect(page.get_by_role("main").get_by_role("status")).to_contain_text(
            re.compile("Saved|Added")
        )
        page.goto(propose)

    def leave_out_one(self, page: Page) -> None:
        """Say of the first milestone that it is not needed, and think better of it."""
        page.get_by_role("link", name=re.compile("^Not needed")).first.click()
        self.see(page, "Not needed")
        fill(page, {"Why is this not needed?": NOT_NEEDED})
        press(page, "Mark as not needed")
        press(page, re.compile("^Undo"))
        expect(page.get_by_role("main").get_by_role("status")).to_contain_text("Back on the list")

    def do_next(self, page: Page, listed: Locator) -> None:
        """Record the first milestone of a list as done: at once, or in the short form."""
        rows = listed.get_by_role("listitem").filter(has_not_text="last done")
        button = rows.get_by_role("button", name=re.compile("^Done"))
        link = rows.get_by_role("link", name=re.compile("^Record"))
        first = button.or_(link).first
        asks, words = first.evaluate("it => it.tagName") == "A", first.inner_text()
        first.click()
        if asks:
            # What is asked is counted below, and counting waits for nothing.
            expect(page.get_by_role("button", name="Mark as done")).to_be_visible()
            come(page)
            self.see_once(page, "Record a milestone")
            if (asked := page.get_by_role("group", name=re.compile("confirm"))).count():
                asked.get_by_label("Yes").check()
            fill(page, {"Who was there, or where it is written down": NOTE})
            press(page, "Mark as done")
        # The line of the one before says "Done" too, for as long as the page is being renewed.
        said = f"Done: “{words.partition(': ')[2]}”"
        expect(page.get_by_role("main").get_by_role("status")).to_contain_text(said)
        come(page)

    def propose(self, page: Page) -> None:
        """Fill in the proposal and send it."""
        self.see(page, "Propose")
        choose(page, "Which hospice do you ask?", "Rowans Hospice")
        for function in ("24-hour advice", "Short breaks"):
            page.get_by_role("checkbox", name=function).check()
        fill(
            page.get_by_role("group", name="Target transfer date"),
            {"Day": "1", "Month": "4", "Year": "2027"},
        )
        choose(page, "On what basis may this be shared?", "Agreed, with limits")
        fill(page, {"Limits: what must not be told, and to whom": LIMITS, "Why this hospice?": WHY})
        press(page, "Check this handover")
        self.see(page, "Check what is sent")
        press(page, "Send to Rowans Hospice")
        expect(page.get_by_role("main").get_by_role("status")).to_contain_text(
            "Sent to Rowans Hospice"
        )
        self.see(page, "Overview after the proposal")

    def read_and_accept(self, page: Page) -> None:
        """Read the pack that the letter led to, and accept; somebody will be named later."""
        for words in (ABOUT["What matters to them"], LIMITS, WHY, NHS_NUMBER):
            expect(page.get_by_role("main")).to_contain_text(words)
        self.see(page, "Pack to reply to")
        go_to(page, "Today")
        self.see(page, "Today of the adult lead")
        go_to(page, "Handovers")
        self.see(page, "Handovers of the adult lead")
        page.get_by_role("link", name="Review").click()
        page.get_by_label("I have read this pack and checked it").check()
        worker = page.get_by_label("Who will be the adult named worker?")
        worker.select_option(label="We will name somebody")
        fill(
            page.get_by_role("group", name="By when will you name one?"),
            {"Day": "4", "Month": "12", "Year": "2026"},
        )
        fill(
            page.get_by_role("group", name="Date of the first contact"),
            {"Day": "7", "Month": "12", "Year": "2026"},
        )
        press(page, "Accept all that is asked")
        self.see(page, "Check the answer")
        press(page, re.compile("^Send this answer"))
        expect(page.get_by_role("main").get_by_role("status")).to_contain_text("Accepted")
        self.see(page, "Pack accepted")

    def look_around(self, page: Page) -> None:
        """Look at what else there is, as the nurse who has been answered."""
        expect(page.get_by_role("main")).to_contain_text("First contact")
        for place in ("Young people", "Handovers"):
            go_to(page, place)
            self.see(page, place)
        go_to(page, "Young people")
        page.get_by_role("link", name="Zeffirelli").click()
        page.get_by_role("link", name=re.compile("^Milestones")).click()
        self.see(page, "Milestones")
        page.goto(f"{self.place.address}/cases/none")
        self.see(page, "Not found")

    def see_once(self, page: Page, name: str) -> None:
        """See a page that comes up again and again for the first time only."""
        if name not in self.seen:
            self.seen.add(name)
            self.see(page, name)

    def address_in(self, letter: EmailMessage) -> str:
        """Return the address to which a letter about a handover leads."""
        found = re.search(rf"{re.escape(self.place.address)}\S+", text_of(letter))
        assert found, "the letter leads nowhere"
        return found[0]


def come(page: Page) -> None:
    """Wait until the whole page is there: what is counted before may still be on its way."""
    page.wait_for_load_state()


def press(page: Page, name: str | re.Pattern[str]) -> None:
    """Press the button of this name."""
    page.get_by_role("button", name=name).click()


def fill(place: Page | Locator, words: Mapping[str, str]) -> None:
    """Type words into the fields with these labels."""
    for label, typed in words.items():
        place.get_by_label(label, exact=True).fill(typed)


def choose(page: Page, question: str, answer: str | re.Pattern[str]) -> None:
    """Choose one of the answers to a question."""
    page.get_by_role("group", name=question).get_by_role("radio", name=answer, exact=True).check()


def region(page: Page, name: str | re.Pattern[str]) -> Locator:
    """Return the box with this heading."""
    return page.get_by_role("region", name=name)


def here(page: Page) -> str:
    """Return the name of the stage at which the case stands."""
    return page.locator("[aria-current=step] b").inner_text()


def go_to(page: Page, place: str) -> None:
    """Go to a place of the main navigation, through the menu where that is folded away."""
    menu = page.get_by_text("Menu", exact=True)
    if menu.is_visible():
        menu.click()
    page.get_by_role("navigation", name="Main").get_by_role("link", name=place).click()
