"""The story as it is told once at each width, from the first page to Monday's digest."""

from pathlib import Path

from tests.browser.reading import Reader, chromium
from tests.browser.running import MONDAY, Installation, installation, text_of
from tests.browser.story import Story
from tests.people import HELEN, PETER, RUTH


def _line_about(place: Installation, email: str, reference: str) -> list[str]:
    """Return where a case stands in somebody's digest: the heading, and the line."""
    text = text_of(place.letters.to(email, "Transition digest", "Week of 23 November 2026"))
    heading = ""
    found = []
    for line in text.splitlines():
        heading = line if line.isupper() or line.partition(" (")[0].isupper() else heading
        if reference in line:
            found.append(f"{heading.partition(' (')[0]}: {line.strip()}")
    return found


def tell_the_whole_story(folder: Path, width: int) -> None:
    """Tell the story at *width*, look at every page of it, and read Monday's digests."""
    look = Reader(width)
    with installation(folder) as place, place.running(), chromium() as browser:
        place.do("run-due")  # Today says when prompts last ran, and the worker may be slow to begin
        reference = Story(place, browser, width, look.see).tell()
        place.do("run-due", "--now", MONDAY)

        # Three visits and letters before the move are both sides'; it is for Rowans alone to
        # name somebody, which holds up the transfer too.
        stage = f"DUE IN THE NEXT 4 WEEKS: {reference}  Getting to know each other"
        steps = {email: _line_about(place, email, reference) for email in (RUTH, HELEN, PETER)}
        assert steps == {
            RUTH: [f"{stage}, 3 steps, 1 of them holds up the next stage"],
            HELEN: [f"{stage}, 3 steps, 2 of them hold up the next stage"],
            PETER: [],
        }

    # These are no tests' own lines, so what is wrong is said here.
    assert look.found == [], look.found
    assert look.strange() == set(), look.strange()
