"""Reads a page as its readers do: with axe, in light and in dark, and as a picture."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from tests.browser.running import PATIENCE
from tests.builders import need
from transition.home import ROOT

CHROMIUM: Final = Path("/usr/bin/chromium")
FLAGS: Final = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
)
PICTURES: Final = ROOT / "tests" / "browser" / "pictures"
WIDTHS: Final = {1280: 800, 390: 844}
"""A desk and a telephone: the width of the window, and its height."""
ALWAYS_THE_SAME: Final = """
() => {
  const references = new Map();
  const same = (one) => {
    if (!references.has(one)) references.set(one, String.fromCharCode(65 + references.size));
    return `NHJ-7K2${references.get(one)}-4`;
  };
  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (words.nextNode()) {
    const was = words.currentNode.data;
    const still = was
      .replace(/NHJ-[A-Z0-9]{4}-[A-Z0-9]/g, same)
      .replace(/(until|before|ran at|\\d{4} at) \\d{1,2}:\\d\\d[ap]m/g, "$1 10:00am")
      .replace(/localhost:\\d+/g, "localhost:8000")
      .replace(/Record no\\. [\\w: ]+/g, "Record no. 1:0000 0000 0000 0000");
    if (still !== was) words.currentNode.data = still;
  }
}
"""
"""Puts the same references and minute for whatever they are: a picture changes with its screen."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run the browser that the system has."""
    need("Chromium (the package chromium)", present=CHROMIUM.exists())
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()


def window(browser: Browser, width: int, *, scripts: bool = True) -> Page:
    """Open a window that remembers nothing of others."""
    size = ViewportSize(width=width, height=WIDTHS[width])
    expect.set_options(timeout=PATIENCE * 1000)
    context = browser.new_context(
        viewport=size, locale="en-GB", reduced_motion="reduce", java_script_enabled=scripts
    )
    context.set_default_timeout(PATIENCE * 1000)
    return context.new_page()


class Reader:
    """Looks at each page once by its name, and remembers what axe found."""

    def __init__(self, width: int, of: str = "") -> None:
        self.width = width
        self.of = of
        """What the names of its pictures begin with, where a story does not begin with a number."""
        self.names: list[str] = []
        self.found: list[str] = []

    def see(self, page: Page, name: str, *, in_the_dark: bool = False) -> None:
        """Read a page; what is wrong with it stands in `found` afterwards.

        Its picture is taken in the light, and in the dark too where that is wanted.
        """
        page.wait_for_load_state()
        page.evaluate(ALWAYS_THE_SAME)
        for colours in ("dark", "light"):
            page.emulate_media(color_scheme=colours)
            self.found += [f"{name}, {colours}: {line}" for line in problems(page)]
            if colours == "light" or in_the_dark:
                self._take(page, name if colours == "light" else f"{name} in the dark")
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            self.found.append(f"{name}: wider than its window")

    def _take(self, page: Page, name: str) -> None:
        """Take a picture, in as tall a window as the page: nothing that sticks hides anything."""
        self.names.append(name)
        height = page.evaluate("document.documentElement.scrollHeight")
        page.set_viewport_size(ViewportSize(width=self.width, height=height))
        page.screenshot(path=self.picture(name))
        page.set_viewport_size(ViewportSize(width=self.width, height=WIDTHS[self.width]))

    def picture(self, name: str) -> Path:
        """Return where the picture of a page lies."""
        number = self.names.index(name) + 1
        words = re.sub("[^a-z]+", "-", name.lower())
        return PICTURES / f"{self.of}{number:02}-{words}-{self.width}.png"

    def strange(self) -> set[str]:
        """Return the pictures that lie there and were not taken, or the other way round."""
        lie = {file.name for file in PICTURES.glob(f"{self.of}[0-9][0-9]-*-{self.width}.png")}
        return lie ^ {self.picture(name).name for name in self.names}


def problems(page: Page) -> list[str]:
    """Return what axe finds wrong with a page: the rule, and the first place."""
    found = Axe().run(page).response["violations"]
    return [f"{one['id']} at {one['nodes'][0]['target']}" for one in found]
