"""Two ways to work at a page, each of which counts what it costs: a pointer, and the keyboard."""

from dataclasses import dataclass
from datetime import date
from typing import Final, Protocol

from playwright.sync_api import Locator, Page

MOST_STOPS: Final = 150
"""More than any page has; who still tabs then has been caught somewhere."""
LOOKS: Final = 25
"""How often the focus is looked for before it counts as hidden."""
WHERE_THE_FOCUS_IS: Final = """
() => {
  const it = document.activeElement;
  if (it === document.body) return "nowhere";
  const labels = [...(it.labels ?? [])];
  const look = () => [it, ...labels].map((one) => [null, "::before"].map((part) => {
    const style = getComputedStyle(one, part);
    const drawn = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
    const outline = drawn && style.outlineColor !== "rgba(0, 0, 0, 0)" ? style.outline : "";
    return [outline, style.boxShadow, style.backgroundColor, style.borderColor].join();
  })).join();
  const focused = look();
  it.blur();
  const plain = look();
  it.focus({ preventScroll: true });
  if (focused === plain) return "looks as if it were not focused";
  const box = it.getClientRects()[0];
  const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  const shown = [it, ...labels].some((one) => one.contains(top));
  return shown ? "seen" : `covered by ${top ? top.outerHTML.slice(0, 80) : "the window's edge"}`;
}
"""
"""Tells whether the focus can be seen: it changes how its place looks, and nothing covers it."""


class Hand(Protocol):
    """Somebody who works at a page."""

    page: Page

    def use(self, what: Locator) -> None:
        """Follow a link or press a button."""

    def tick(self, box: Locator) -> None:
        """Tick a box."""

    def write(self, field: Locator, words: str) -> None:
        """Fill in a field."""

    def choose(self, field: Locator, words: str) -> None:
        """Choose from a list."""

    def date(self, group: Locator, day: date) -> None:
        """Fill in the three boxes of a date, which count as one field."""

    def skip(self, words: str) -> None:
        """Take the short way that is there for who cannot point."""


@dataclass
class Pointer:
    """Works with a mouse or a finger: counts clicks, and the fields that are filled in."""

    page: Page
    clicks: int = 0
    fields: int = 0

    def use(self, what: Locator) -> None:
        """Click."""
        self.clicks += 1
        what.click()

    def tick(self, box: Locator) -> None:
        """Tick a box, which is a click."""
        self.clicks += 1
        box.check()

    def write(self, field: Locator, words: str) -> None:
        """Fill in a field."""
        self.fields += 1
        field.fill(words)

    def choose(self, field: Locator, words: str) -> None:
        """Choose from a list, which is a field."""
        self.fields += 1
        field.select_option(label=words)

    def date(self, group: Locator, day: date) -> None:
        """Fill in a date, which is a field."""
        self.fields += 1
        for label, number in _parts(day):
            group.get_by_label(label, exact=True).fill(number)

    def skip(self, _words: str) -> None:
        """Point at once; there is nothing to skip."""


@dataclass
class Keyboard:
    """Works with the keyboard alone: counts keys, and sees the focus at every stop."""

    page: Page
    keys: int = 0

    def press(self, key: str) -> None:
        """Press one key."""
        self.keys += 1
        self.page.keyboard.press(key)

    def use(self, what: Locator) -> None:
        """Go there and press Enter."""
        self._go_to(what)
        self.press("Enter")

    def tick(self, box: Locator) -> None:
        """Go there and press the space bar."""
        self._go_to(box)
        self.press("Space")

    def write(self, field: Locator, words: str) -> None:
        """Go there and type."""
        self._go_to(field)
        self.page.keyboard.type(words)

    def choose(self, field: Locator, words: str) -> None:
        """Go there and type what is wanted, as lists understand it."""
        self._go_to(field)
        self.page.keyboard.type(words)

    def date(self, group: Locator, day: date) -> None:
        """Type the three numbers."""
        for label, number in _parts(day):
            self.write(group.get_by_label(label, exact=True), number)

    def skip(self, words: str) -> None:
        """Use the link at the top of a page that leads past all else."""
        self.use(self.page.get_by_role("link", name=words))

    def walk(self) -> int:
        """Go through a whole page, from its beginning until the focus leaves it; return the stops.

        Raises:
            AssertionError: the focus was caught, or could not be seen somewhere.
        """
        for stops in range(MOST_STOPS):
            self.press("Tab")
            if self._look() == "nowhere":
                return stops
        raise AssertionError(f"The focus never leaves {self.page.url}.")

    def _go_to(self, what: Locator) -> None:
        what.wait_for()
        for _ in range(MOST_STOPS):
            if what.evaluate("it => it === document.activeElement"):
                return
            self.press("Tab")
            self._look()
        raise AssertionError(f"Tab does not lead to {what} on {self.page.url}.")

    def _look(self) -> str:
        found = ""
        # A busy window may scroll to the focus a moment after it has moved.
        for _ in range(LOOKS):
            found = str(self.page.evaluate(WHERE_THE_FOCUS_IS))
            if found in {"seen", "nowhere"}:
                return found
        where = self.page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
        raise AssertionError(f"{found}: {where}")


def _parts(day: date) -> list[tuple[str, str]]:
    return [("Day", str(day.day)), ("Month", str(day.month)), ("Year", str(day.year))]
