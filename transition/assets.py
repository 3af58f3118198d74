"""The look: prepares the design system's style sheet and script for a charity to serve."""

import re
from pathlib import Path
from typing import Final

VERSION: Final = "10.4.2"
FONT_FACES: Final = 2
"""How many web fonts the style sheet asks for. They are licensed to NHS organisations alone."""
CREDIT: Final = f"/*! nhsuk-frontend {VERSION}, Copyright (c) NHS England, MIT licence */\n"


class AssetsChanged(Exception):
    """The package no longer holds what this step expects; its text is a sentence."""


def write_assets(package: Path, folder: Path) -> None:
    """Write `nhsuk.css` and `nhsuk.js`, made from the unpacked *package*, into *folder*.

    Raises:
        AssetsChanged: a file is missing or holds something else than was checked by eye.
    """
    folder.mkdir(parents=True, exist_ok=True)
    css = _text_of(package, f"nhsuk-frontend-{VERSION}.min.css")
    script = _text_of(package, f"nhsuk-frontend-{VERSION}.min.js")
    (folder / "nhsuk.css").write_text(style_sheet(css), "utf-8")
    (folder / "nhsuk.js").write_text(module(script), "utf-8")


def style_sheet(css: str) -> str:
    """Return *css* without fonts and addresses, in the cascade layer `nhsuk`.

    In a layer it gives way to the tracker's own rules, however specific it is itself.
    """
    _expect(f'--nhsuk-frontend-version:"{VERSION}"' in css, f"its style sheet is not {VERSION}")
    css, found = re.subn(r"@font-face\s*\{[^}]*\}", "", css)
    _expect(found == FONT_FACES, f"its style sheet has {found} web fonts")
    css = re.sub(r'@charset "[^"]*";', "", css)  # counts only at the very start of a file
    css = re.sub(r"/\*# sourceMappingURL=[^*]*\*/", "", css)
    _expect_no_address(css)
    return f"{CREDIT}@layer nhsuk {{\n{css.strip()}\n}}\n"


def module(script: str) -> str:
    """Return *script* without its source map."""
    _expect(f'version="{VERSION}"' in script, f"its script is not {VERSION}")
    script = re.sub(r"//# sourceMappingURL=\S*", "", script)
    _expect_no_address(script)
    return f"{CREDIT}{script.strip()}\n"


def _text_of(package: Path, name: str) -> str:
    found = list(package.rglob(name))
    _expect(len(found) == 1, f"it holds {len(found)} files called {name}")
    return found[0].read_text("utf-8")


def _expect_no_address(text: str) -> None:
    _expect("https://" not in text, "it loads something from elsewhere")


def _expect(held: bool, otherwise: str) -> None:  # noqa: FBT001 - reads like an assertion
    if not held:
        raise AssetsChanged(f"The design system's package has changed: {otherwise}.")
