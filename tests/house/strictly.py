"""Every page with a name in it that no page writes itself, by templates that miss nothing."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, Final

import pytest
from flask.testing import FlaskClient
from jinja2 import ChainableUndefined, StrictUndefined, Template
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import post
from tests.house.walking import addresses, pages
from transition.app import Tracker
from transition.home import TEMPLATES
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
OURS = sorted(path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.*"))
ON_SCREEN = {name for name in OURS if not name.startswith("mail/")}
AT_ADULTS: Final = {
    "handovers/ask.html",
    "handovers/check.html",
    "handovers/name_worker.html",
    "handovers/reply_each.html",
    "handovers/stub.html",
    "handovers/support.html",
    "upcoming/capacity.html",
    "upcoming/usual_number.html",
}
"""Pages that only an adult hospice is shown."""
AT_LEADS: Final = {
    "cases/reopen.html",
    "parts/account.html",
    "people/index.html",
    "people/invite.html",
    "people/settings.html",
    "people/show.html",
    "second_steps/password.html",
    "trail/export.html",
    "trail/index.html",
    "urgent_access/review.html",
    "urgent_access/reviews.html",
    "workers/leaving.html",
    "workers/move.html",
    "workers/reassign.html",
}
"""Pages that only a lead of the children's hospice or its auditor is shown."""


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


def _written(sealed: Sealed[Any]) -> str | None:
    """Return the name of a field in which anything may be written, and no number or code."""
    is_code = sealed.field.holds is not FieldType.TEXT or sealed.field.bucket
    name = sealed.column.removeprefix("_")
    return None if is_code or name == "nhs_number" else name


def call_everybody_so(session: Session) -> None:
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


def typed() -> dict[str, Any]:
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


def walk(app: Tracker, client: FlaskClient) -> Iterator[tuple[str, str]]:
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


def read_every_page(strict: Strict, app: Tracker, readers: Iterable[FlaskClient]) -> int:
    """Let these readers open every page, and return on how many the name was met."""
    met = 0
    for client in readers:
        for path, page in walk(app, client):
            assert '<b "' not in page, path
            assert f"<b {NAME[3:]}" not in page, path
            assert "&amp;lt;" not in page, f"{path} escapes twice"
            assert "&amp;#" not in page, f"{path} escapes twice"
            met += ESCAPED in page
    assert strict.used
    return met
