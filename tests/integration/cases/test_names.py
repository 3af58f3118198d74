"""A name is what somebody says it is: it is kept and shown as it was typed, wherever it stands."""

import random
import re
from html import unescape
from typing import Final

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.browser.running import text_of
from tests.builders import (
    Bag,
    ClientAs,
    WorkAs,
    opened_case,
    planned_case,
    post,
    post_with,
    proposal,
)
from tests.people import HELEN, RUTH
from tests.security.test_bad_input import FORMS
from transition.actions.handovers import propose_handover
from transition.app import Tracker
from transition.records.young_people import YoungPerson
from transition.rules.names import asked_words

LETTERS: Final = (
    "abcdefghijklmnopqrstuvwxyz",
    "\u00e1\u00e8\u00ee\u00f6\u00fc\u00f1\u00e7\u00f8\u00e5\u0142\u0111\u1eadz\u0303",
    "\u05d0\u05d1\u05d2\u05d3\u05d4\u200f",
    "\u0645\u062d\u0645\u062f\u0639\u0628\u200e\u0627",
    "\u0410\u043d\u043d\u0430\u0457\u4e00\u660e\u30cf\u30ca",
    "<>&\"'{}%\\/;#$",
)
BETWEEN: Final = (" ", "-", "'", "\u2019", "\u02bc", "\u2010", ". ", ", ")


def invented(seed: int, most: int) -> str:
    """Return a name that nobody thought of, one to *most* characters long."""
    dice = random.Random(seed)  # noqa: S311 - it plays, and hides nothing
    alphabet = dice.choice(LETTERS) + dice.choice(LETTERS)
    pieces = [*alphabet] * 2 + [*BETWEEN]
    length = dice.choice((1, 2, 9, most - 1, most))
    name = "".join(dice.choice(pieces) for _ in range(length))[:most]
    return name.strip().strip("\u200e\u200f") or "\u00d3"


THOUGHT_OF: Final[dict[str, tuple[str, str, str]]] = {
    "of one letter": ("\u00d3", "X", ""),
    "with every accent": ("Zoe\u0308-\u00c1nh", "Fern\u00e1ndez \u00d1and\u00fa", "Zo\u00eb"),
    "with apostrophes": ("D\u2019Arcy", "O'Brien-\u02bbOkina", "D'"),
    "from right to left": ("\u05d0\u05d1\u05d2", "\u200f\u0645\u062d\u0645\u062f\u200f", "\u05d0"),
    "in the look of a tag": ("<b>&amp;", "{{ 7 * 7 }}", "%s&lt;"),
    "of 160 characters": ("Wolfeschlegel-" * 5 + "stein-berg", "\u00dc" * 80, "\u00d6" * 40),
}
"""Given name, family name, and what they like to be called."""

NAMES: Final = THOUGHT_OF | {
    f"number {n}": (invented(n, 80), invented(n + 50, 80), invented(n + 90, 40)) for n in range(2)
}


def named(words: tuple[str, str, str]) -> dict[str, str]:
    return dict(zip(("given_name", "family_name", "known_as"), words, strict=True))


def open_by_hand(ruth: FlaskClient, words: tuple[str, str, str]) -> str:
    """Open a case as a nurse does, page by page, and return its reference."""
    for step in ("person", "about", "move"):
        said = dict(FORMS[step].words) | (named(words) if step == "person" else {})
        answer = post(ruth, f"/cases/new/{step}", **said)
        assert answer.status_code == 302, answer.text
    assert words[1] in unescape(ruth.get("/cases/new/check").text)
    return str(post(ruth, "/cases/new/check").location.rpartition("/")[2])


def pages_of(app: Tracker, **told: str) -> list[str]:
    """Return the address of every page about a case, or a handover of it, as a whole."""
    addresses = app.url_map.bind("localhost")
    return [
        addresses.build(rule.endpoint, {name: told[name] for name in rule.arguments})
        for rule in app.url_map.iter_rules()
        if {"reference"} <= rule.arguments <= told.keys() and "GET" in (rule.methods or ())
    ]


def showing(client: FlaskClient, paths: list[str], words: tuple[str, str, str]) -> set[str]:
    """Look at pages, and return those in which the name stands as it was typed."""
    shown, found = f"{words[2] or words[0]} {words[1]}", set()
    for path in paths:
        answer = client.get(path)
        assert answer.status_code < 500, path
        title = re.search(r"<title>(.*?)</title>", answer.text, re.DOTALL)
        assert title is None or shown not in unescape(title[1]), path
        if shown in unescape(answer.text):
            found.add(path)
    return found


@pytest.mark.parametrize("kind", THOUGHT_OF)
def test_a_name_is_kept_shown_and_found_as_it_was_typed(
    kind: str, client_as: ClientAs, session: Session
) -> None:
    ruth, words = client_as(RUTH), THOUGHT_OF[kind]
    reference = open_by_hand(ruth, words)
    person = session.scalars(select(YoungPerson)).one()
    assert (person.given_name, person.family_name, person.known_as or "") == words
    pages = ["/cases", f"/cases/{reference}", f"/cases/{reference}/milestones"]
    assert showing(ruth, pages, words) == set(pages)
    if asked_words(words[1]):
        assert reference in post(ruth, "/cases", "/cases/find", words=words[1]).text


@pytest.mark.parametrize("kind", NAMES)
def test_both_sides_see_a_name_whole_and_no_letter_carries_it(
    kind: str, app: Tracker, work_as: WorkAs, client_as: ClientAs
) -> None:
    words, bag = NAMES[kind], Bag()
    with work_as(RUTH) as work:
        reference = planned_case(work, **named(words)).reference
        propose_handover(work, reference, proposal())
    pages = pages_of(app, reference=reference, key="rowans-1")
    case, pack = f"/cases/{reference}", f"/cases/{reference}/handovers/rowans-1"
    assert showing(client_as(RUTH), pages, words) > {case, pack}
    assert showing(client_as(HELEN), pages, words) > {pack}
    assert post_with(app, bag) == len(bag.letters) > 0
    told = [f"{letter['Subject']} {text_of(letter)}" for letter in bag.letters]
    assert not [word for word in words for one in told if len(word) > 2 and word in one]


@pytest.mark.parametrize("kind", THOUGHT_OF)
def test_a_name_is_changed_to_what_was_typed_everywhere_at_once(
    kind: str, work_as: WorkAs, client_as: ClientAs
) -> None:
    ruth, words = client_as(RUTH), THOUGHT_OF[kind]
    with work_as(RUTH) as work:
        case = f"/cases/{opened_case(work).reference}"
    assert "Sky Demo-Test" in ruth.get("/cases").text
    more = {"first_language": "\u05e2\u05d1\u05e8\u05d9\u05ea", "interpreter_needed": "no"}
    answer = post(ruth, f"{case}/record/identity/edit", **named(words), **more)
    assert answer.status_code == 302, answer.text
    pages = ["/cases", case, f"{case}/milestones", f"{case}/record/identity"]
    prints = [f"{case}/print/family", f"{case}/print/young-person"]
    assert showing(ruth, [*pages, *prints], words) == {*pages, *prints}
    assert "Demo-Test" not in ruth.get("/cases").text


@pytest.mark.parametrize("name", ["given_name", "family_name", "known_as"])
def test_a_name_too_long_for_its_box_is_refused_in_words_and_kept(
    name: str, client_as: ClientAs
) -> None:
    words = dict(FORMS["person"].words) | {name: "\u00d1" * 100}
    answer = post(client_as(RUTH), "/cases/new/person", **words)
    assert answer.status_code == 422
    assert "characters or fewer" in answer.text
    assert "\u00d1" * 100 in unescape(answer.text)


@pytest.mark.parametrize("turning", ["\u202a", "\u202e", "\u2066", "\u2069", "\x00", "\x1b"])
def test_what_would_turn_a_whole_page_round_is_refused(turning: str, client_as: ClientAs) -> None:
    words = dict(FORMS["person"].words) | {"given_name": f"An{turning}na"}
    answer = post(client_as(RUTH), "/cases/new/person", **words)
    assert answer.status_code == 422
    assert "take out the characters that cannot be shown" in answer.text
