"""Every template is used, says all it says with what it is given, and escapes whatever is in it."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from jinja2 import ChainableUndefined, Environment, StrictUndefined, Template, UndefinedError
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import ClientAs, WorkAs, engine_of, post
from tests.house.walking import addresses, pages, put_letter
from tests.integration.settling.steps import check_in, contact, transferred_case
from tests.people import HELEN, JO, PETER, PRIYA, RUTH
from transition.actions import drafts
from transition.actions.letter_words import WORDS
from transition.actions.settling import record_check_in, record_contact
from transition.app import Tracker
from transition.home import TEMPLATES
from transition.mail.letters import compose_letter
from transition.records.anchors import anchors_of
from transition.records.case_lists import list_of_cases
from transition.records.handovers import Handover
from transition.records.milestones import MilestoneOutcome
from transition.records.sealing import Sealed
from transition.records.staff import Staff
from transition.records.summaries import Summary
from transition.records.young_people import YoungPerson
from transition.security.fields import FieldType

NAME = "<b \"'>&"
"""What somebody is called, everywhere. No page writes a bold word like that itself."""

ESCAPED = "&lt;b &#34;&#39;&gt;&amp;"
NOT_PAGES = {"layout", "parts", "mail", "errors"}
"""Folders that belong to no screen: frames, macros, letters, and pages about what went wrong."""

SHARED_PAGES = {
    "cases.change_closing",
    "cases.close_as",
    "beside.entry",
    "beside.list",
    "cases.target_check",
    "handovers.check",
    "handovers.paper",
    "handovers.stub",
    "settling.entry",
}
"""Pages that stand for several views: the check before sending, each ending, paper, a stub."""

LONGEST = 100
OURS = sorted(path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.*"))
ON_SCREEN = {name for name in OURS if not name.startswith("mail/")}


class Strict:
    """Lets our templates refuse what they were not given; those of the package expect not to."""

    def __init__(self, app: Tracker, patch: pytest.MonkeyPatch) -> None:
        lax = app.jinja_env
        assert lax.undefined is ChainableUndefined
        self.environment = lax.overlay(undefined=StrictUndefined)
        self.used: set[str] = set()
        ours = self.environment.get_template

        def get_template(name: Any, *more: Any, **named: Any) -> Template:  # noqa: ANN401 - Jinja's own signature
            if str(name).startswith("nhsuk/"):
                return lax.get_template(name, *more, **named)
            self.used.add(str(name))
            return ours(name, *more, **named)

        patch.setattr(self.environment, "get_template", get_template)
        patch.setitem(app.__dict__, "jinja_env", self.environment)


@pytest.fixture
def strict(app: Tracker, monkeypatch: pytest.MonkeyPatch) -> Strict:
    """The application's templates, which refuse whatever they were not given."""
    return Strict(app, monkeypatch)


def _written(sealed: Sealed[Any]) -> str | None:
    """Return the name of a field in which anything may be written, and no number or code."""
    is_code = sealed.field.holds is not FieldType.TEXT or sealed.field.bucket
    name = sealed.column.removeprefix("_")
    return None if is_code or name == "nhs_number" else name


def _call_everybody_so(session: Session) -> None:
    """Write the name wherever somebody can write something."""
    for row in (*session.scalars(select(YoungPerson)), *session.scalars(select(Summary))):
        for name in filter(None, map(_written, row.sealed_fields())):
            setattr(row, name, NAME)
    for outcome in session.scalars(select(MilestoneOutcome)):
        outcome.reason = outcome.evidence_note = NAME
    for handover in session.scalars(select(Handover)):
        handover.why = NAME
        handover.pack = _renamed(handover.pack)
    for colleague in session.scalars(select(Staff)):
        colleague.name = NAME
    session.commit()


def _renamed(pack: dict[str, Any]) -> dict[str, Any]:
    words = "called shown_name full_name pronouns first_language about_me how_i_communicate"
    written = f"{words} allergies primary_condition sharing_limits why".split()
    sections = [
        part
        | {
            "blocks": [
                [title and NAME, heads, [[NAME] * len(row) for row in rows]]
                for title, heads, rows in part["blocks"]
            ],
            "sources": [[NAME, NAME, on] for _, _, on in part["sources"]],
        }
        for part in pack["sections"]
    ]
    return pack | dict.fromkeys(written, NAME) | {"sections": sections, "missing": [NAME]}


def _typed() -> dict[str, Any]:
    """Return what somebody typed so far to open a case."""
    return {
        "person": {
            "given_name": NAME,
            "family_name": NAME,
            "known_as": NAME,
            "pronouns": NAME,
            "date_of_birth": date(2009, 6, 15).isoformat(),
            "nhs_number": None,
            "nhs_number_missing_reason": "awaiting_trace",
            "age_is_right": None,
        },
        "about": {
            "about_me": NAME,
            "how_i_communicate": NAME,
            "allergies": NAME,
            "primary_condition": NAME,
            "condition_group": "2",
            "first_language": NAME,
            "interpreter_needed": "no",
        },
        "move": {
            "service": "jacksplace",
            "catchment_key": "rowans",
            "school_year_offset": "0",
            "circumstances": [],
        },
    }


@pytest.fixture
def renamed(app: Tracker, work_as: WorkAs) -> Tracker:
    """The demonstration and somebody who settles in; everybody is called that."""
    reference = transferred_case(work_as)
    with work_as(HELEN) as work:
        record_contact(work, reference, contact(work, note=NAME))
    with work_as(RUTH) as work:
        record_check_in(work, reference, check_in(work, their_words=NAME))
    with Session(engine_of(app)) as session:
        _call_everybody_so(session)
    with work_as(RUTH) as work:
        born = anchors_of(work.session, list_of_cases(work.session, work.asking)[0].case_uid)
        typed = _typed()
        typed["person"]["date_of_birth"] = born.date_of_birth.isoformat()
        drafts.write_draft(work, drafts.OPENING, typed)
    put_letter(app, NAME)
    return app


def _walk(app: Tracker, client: FlaskClient) -> Iterator[tuple[str, str]]:
    """Yield every page, as it opens and as it comes back when it was sent empty."""
    yield from pages(app, client)
    for _, path in addresses(app, "POST"):
        opened = client.get(path)
        if opened.status_code == 200 and 'name="csrf_token"' in opened.text:
            answer = post(client, path, given_name="", **{"done_on-day": "", "about_me": NAME})
            if answer.mimetype == "text/html" and answer.status_code != 302:
                yield path, answer.text
    yield from _sent_in_vain(app, client)
    yield from _answered_at_once(app, client)


def _sent_in_vain(app: Tracker, client: FlaskClient) -> Iterator[tuple[str, str]]:
    """Yield what comes back to a page that was older, and to one with an older token."""
    for rule, path in addresses(app, "POST"):
        if rule.endpoint == "milestones.skip" and client.get(path).status_code == 200:
            yield path, post(client, path, reason=NAME, version="older").text
            yield path, client.post(path, data={"reason": NAME, "csrf_token": "older"}).text
            return


def _answered_at_once(app: Tracker, client: FlaskClient) -> Iterator[tuple[str, str]]:
    """Yield what has no page of its own: what was found, and the check before sending."""
    if "cases/find" in client.get("/today").text:
        yield "/cases/find", post(client, "/today", "/cases/find", words=NAME[3:6]).text
    for rule, path in addresses(app, "GET"):
        if rule.endpoint == "handovers.ask" and client.get(path).status_code == 200:
            yield path, post(client, path, category="clinical", question=NAME).text
        if rule.endpoint == "handovers.print_pack" and client.get(path).status_code == 200:
            yield path, post(client, path, reason="meeting").text


@pytest.mark.usefixtures("demonstration")
def test_every_page_says_what_it_was_given_and_escapes_it(
    strict: Strict, renamed: Tracker, client_as: ClientAs
) -> None:
    met = 0
    # Who may end a case comes last: what is sent empty does so here and there.
    readers = [client_as(email) for email in (HELEN, PETER, JO, RUTH, PRIYA)]
    for client in (*readers, renamed.test_client()):
        for path, page in _walk(renamed, client):
            assert '<b "' not in page, path
            assert f"<b {NAME[3:]}" not in page, path
            assert "&amp;lt;" not in page, f"{path} escapes twice"
            assert "&amp;#" not in page, f"{path} escapes twice"
            met += ESCAPED in page

    assert met > 100, "the name is on almost every page"
    assert ON_SCREEN - strict.used == set()


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
