from pathlib import Path

import pytest

from tests.browser.reading import chromium
from tests.browser.running import NothingCame, installation
from tests.browser.story import Story
from tests.people import HELEN

TWO_TICKS = 12
"""Seconds in which a worker would have looked at the outbox twice."""
LATER = "2026-11-20T16:00:00+00:00"


def test_the_story_comes_to_a_halt(tmp_path: Path) -> None:
    with installation(tmp_path) as place, chromium() as browser, place.running("serve"):
        with pytest.raises(NothingCame, match=f"to {HELEN}"):
            Story(place, browser, patience=TWO_TICKS).tell()
        assert place.letters.raw == []

        # All that was lacking is the worker: the letter waited in the outbox. Each part that is
        # started by itself sets its own clock, and no letter goes before it was written.
        place.settings["TRANSITION_NOW"] = LATER
        with place.running("worker", serves=False):
            place.letters.to(HELEN, "needs your reply", "Reference NHJ-")
