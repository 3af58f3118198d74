"""Recording a death: three clicks and a date, and then silence."""

import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Final

from playwright.sync_api import Page

from tests.browser.hands import Pointer
from tests.browser.reading import chromium
from tests.browser.running import Installation, text_of
from tests.browser.tasks import first_working_day, open_person, record_a_death, signed_in
from tests.builders import Bag, engine_of
from tests.databases import FIXED, settings_in
from tests.people import RUTH
from transition.app import create_app
from transition.jobs.runner import run_due

NOTICE: Final = "A case shared with you has changed"
SHARED_WITH: Final = {
    ("Freya Demo-Dogwood", True): "mountbatten-h",
    ("Cal Demo-Elder", False): "stmichaels",
}
"""Who has a handover that waits and is recorded with or without scripts; who shares the case."""
AFTER_THE_HOLD: Final = timedelta(minutes=45)


def test_a_death_is_recorded_with_three_clicks_and_a_date_and_then_there_is_silence(
    tmp_path: Path,
) -> None:
    shared = {}
    with first_working_day(tmp_path) as place, chromium() as browser:
        for (name, scripts), hospice in SHARED_WITH.items():
            hand = Pointer(signed_in(place, browser, RUTH, scripts=scripts))
            open_person(place, hand.page, name)
            shared[_reference_on(hand.page)] = hospice
            record_a_death(hand)
            assert hand.clicks <= 3
            assert hand.fields == 1
        page = signed_in(place, browser, RUTH)
        open_person(place, page, "Sas Demo-Hazel")
        alive = _reference_on(page)
        letters = _letters_of_sixty_days(place, tmp_path / "later")

    assert len([words for _, _, words in letters if alive in words]) > 60
    for reference, hospice in shared.items():
        assert sorted(one[:2] for one in letters if reference in one[2]) == [
            (f"{role}@{hospice}.example", NOTICE) for role in ("deputy", "lead")
        ]


def _reference_on(page: Page) -> str:
    return page.url.rpartition("/")[2]


def _letters_of_sixty_days(place: Installation, home: Path) -> list[tuple[str, str, str]]:
    """Return what would leave in sixty days from now: to whom, the subject, and the words."""
    shutil.copytree(place.home, home, ignore=shutil.ignore_patterns("tracker.sqlite3*"))
    files = [folder / "tracker.sqlite3" for folder in (place.home, home)]
    with closing(sqlite3.connect(files[0])) as one, closing(sqlite3.connect(files[1])) as other:
        one.backup(other)
    app, bag = create_app(settings_in(home)), Bag()
    app.config["POST"] = replace(app.config["POST"], postman=bag)
    for day in range(60):
        app.config["CLOCK"].instant = FIXED + AFTER_THE_HOLD + timedelta(days=day)
        run_due(app)
    engine_of(app).dispose()
    return [(one["To"], one["Subject"], text_of(one)) for one in bag.letters]
