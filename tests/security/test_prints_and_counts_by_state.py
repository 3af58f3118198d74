"""What a hospice without a part counts and prints in each state of a handover: nothing."""

import re
import shutil
import subprocess
from html import unescape
from typing import Final

from werkzeug.test import TestResponse

from tests.builders import need, signed_in
from tests.people import HELEN, IDRIS, PETER
from tests.security.states import (
    ASKED_ANEW,
    OAKHAVENS_WORDS,
    THIRD,
    Place,
    planted_in,
)
from tests.security.sweep import Browser, told
from transition.app import Tracker

COUNTED: Final = ("/cases", "/handovers", "/today", "/upcoming", "/me/notifications/preview")
"""The pages that count and list."""


def counted(app: Tracker, who: str, *without: str) -> dict[str, str]:
    """Return what the lists and counts of somebody say."""
    browser = signed_in(app, who)
    browser.get("/me")  # the first page says once when they were here last
    pages = {path: browser.get(path).text for path in COUNTED if path not in without}
    return {path: CHANCE.sub("", page) for path, page in pages.items()}


CHANCE: Final = re.compile(
    r'name="csrf_token" value="[^"]*"|Record no\. \S+|( ?\b[0-9A-F]{4}\b){3,}'
)
"""What differs from one asking to the next: tokens, and the head of the trail."""


def test_who_has_no_part_counts_as_if_there_were_nobody(place: Place) -> None:
    assert counted(place.app, THIRD) == counted(place.empty, THIRD)
    if place.state not in ASKED_ANEW:
        # What Oakhaven said itself stays in its inbox, and in nothing that is counted.
        former = [counted(app, PETER, "/handovers") for app in (place.app, place.empty)]
        assert former[0] == former[1]


PRINTED: Final = {
    *("proposed", "expedited", "asked", "accepted", "paused", "conditions met", "ready"),
    *(
        "signed by both",
        "transferred",
        "complete here",
        "closed",
        "ended",
        "supported",
        "supported no more",
    ),
}
"""The states in which the receiver prints the pack."""


def printed(place: Place, who: str, key: str, way: str) -> TestResponse:
    browser = Browser(signed_in(place.app, who))
    words = {"csrf_token": browser.token, "reason": "meeting", "way": way}
    return browser.client.post(f"/cases/{place.reference}/handovers/{key}/print", data=words)


def test_the_print_and_the_pdf_say_what_the_pack_says_and_nothing_since(place: Place) -> None:
    """Abuse case 18: on paper, too."""
    need("Poppler", present=bool(shutil.which("pdftotext")))
    for who, key in ((PETER, "oakhaven-1"), (PETER, "rowans-1"), (THIRD, "rowans-1")):
        if place.state not in ASKED_ANEW or (who, key) != (PETER, "oakhaven-1"):
            answer = printed(place, who, key, "page")
            assert answer.status_code in {404, 409}
            assert not planted_in(told(answer)) - OAKHAVENS_WORDS
    page = printed(place, HELEN, "rowans-1", "page")
    if place.state not in PRINTED:
        assert planted_in(told(page)) <= {"person", "asked"}
        return
    assert planted_in(unescape(page.text)) == {"person"}
    paper = printed(place, HELEN, "rowans-1", "pdf")
    assert paper.mimetype == "application/pdf"
    read = ["pdftotext", "-", "-"]
    text = subprocess.run(read, input=paper.data, capture_output=True, check=True).stdout.decode()
    assert planted_in(re.sub(r"\s+", " ", text)) == {"person"}


def test_a_stub_names_who_could_not_take_it_and_of_another_end_nobody(place: Place) -> None:
    if place.state in {"declined", "returned"}:
        page = signed_in(place.app, IDRIS).get(f"/cases/{place.reference}/handovers/rowans-1").text
        assert ("Helen" in page) is (place.state == "declined")
