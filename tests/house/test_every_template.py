"""Every template is used, says all it says with what it is given, and escapes whatever is in it."""

import re
from pathlib import Path

import pytest
from jinja2 import Environment, UndefinedError

from tests.builders import ClientAs
from tests.house.strictly import ESCAPED, NAME, ON_SCREEN, OURS, Strict
from tests.people import RUTH
from transition.actions.letter_words import WORDS
from transition.app import Tracker
from transition.home import TEMPLATES
from transition.mail.letters import compose_letter

NOT_PAGES = {"layout", "parts", "mail", "errors"}
"""Folders that belong to no screen: frames, macros, letters, and pages about what went wrong."""

SHARED_PAGES = {
    "cases.change_closing",
    "cases.close_as",
    "beside.entry",
    "beside.list",
    "cases.target_check",
    "handovers.after_a_no",
    "handovers.check",
    "handovers.paper",
    "handovers.stub",
    "settling.entry",
    "work_accounts.going",
}
"""Pages that stand for several views: the check before sending, each ending, paper, a stub, the
way to a provider."""

LONGEST = 100


@pytest.mark.usefixtures("demonstration")
@pytest.mark.parametrize("page", ["/today", "/cases", "/handovers", "/cases/new/check"])
def test_the_name_is_on_the_page(
    strict: Strict, renamed: Tracker, client_as: ClientAs, page: str
) -> None:
    assert strict.environment is renamed.jinja_env
    assert ESCAPED in client_as(RUTH).get(page).text.partition("<main")[2]


def test_a_page_that_is_not_given_what_it_says_would_be_found(app: Tracker, strict: Strict) -> None:
    with app.app_context(), pytest.raises(UndefinedError, match="heading"):
        strict.environment.get_template("errors/page.html").render(flashes=[], demo=False)


def test_a_page_that_does_not_escape_would_be_found(strict: Strict) -> None:
    unescaped = strict.environment.from_string("{{ name | safe }}").render(name=NAME)

    assert '<b "' in unescaped
    assert strict.environment.from_string("{{ name }}").render(name=NAME) == ESCAPED


@pytest.mark.parametrize("name", OURS)
def test_every_template_parses_and_marks_nothing_as_safe(name: str) -> None:
    words = (TEMPLATES / name).read_text("utf-8")

    Environment(autoescape=True).parse(words)
    assert not re.search(r"\|\s*safe\b|autoescape|Markup", words)


def test_every_folder_is_a_screen_and_every_page_a_view(app: Tracker) -> None:
    drawn = {Path(name) for name in ON_SCREEN if name.split("/")[0] not in NOT_PAGES}

    assert drawn
    assert {path.parent.name for path in drawn} <= set(app.blueprints)
    missing = {f"{path.parent.name}.{path.stem}" for path in drawn} - set(app.view_functions)
    missing -= SHARED_PAGES
    assert missing == set(), "a page is named after the view that draws it"


def test_every_letter_has_its_three_parts() -> None:
    folders = {path.name for path in (TEMPLATES / "mail").iterdir() if path.is_dir()}

    assert folders == set(WORDS)
    for folder in folders:
        parts = {path.name for path in (TEMPLATES / "mail" / folder).iterdir()}
        assert parts == {"subject.txt", "body.txt", "body.html"}


def test_a_letter_refuses_words_that_it_was_not_given() -> None:
    with pytest.raises(UndefinedError):
        compose_letter(TEMPLATES, "handover_proposed", {}, to="a@b.example", message_id="<1>")


def test_a_letter_escapes_its_html_and_not_its_text() -> None:
    words = {
        "name": NAME,
        "base_url": "https://tracker.example",
        "reference": "NHJ-7K2M-4",
        "path": "/cases",
        "receiver": NAME,
        "sender": NAME,
        "said": "has accepted",
        "reply_by": "Monday 7 December 2026",
        "reply_day": "7 December",
    }
    for kind in ("handover_proposed", "handover_answered"):
        letter = compose_letter(TEMPLATES, kind, words, to="a@b.example", message_id="<1>")
        assert ESCAPED in letter.html
        assert NAME not in letter.html
        assert NAME in letter.text
        assert ESCAPED not in letter.text


@pytest.mark.parametrize("name", sorted(ON_SCREEN))
def test_no_page_is_long(name: str) -> None:
    lines = (TEMPLATES / name).read_text("utf-8").count("\n")

    assert name.startswith("parts/") or lines <= LONGEST
