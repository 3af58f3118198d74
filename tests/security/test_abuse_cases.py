"""What people try with addresses, fields and faults. Abuse cases 16, 19, 21, 22 and 40.

The others stand beside what they try. tests/house/test_every_abuse_case.py holds that each has its
test, which carries its number.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import before_render_template
from jinja2 import Template
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.builders import TARGET, engine_of, opened_case
from tests.people import HELEN, PRIYA, RUTH
from tests.security.drawn import Drawn, forms_of
from tests.security.sweep import Browser, ClientAs, WorkAs, asks
from tests.security.test_isolation import CANARIES, bring_to, objects_of, planted_in
from tests.trials import EVERY_ROW
from transition.actions.beside import NewNote, write_note
from transition.actions.handovers import withdraw_handover
from transition.actions.own_milestones import NewMilestone, add_milestone
from transition.app import Tracker
from transition.records.audit import AuditEntry
from transition.records.base import db
from transition.records.cases import Case
from transition.records.contacts import Contact
from transition.records.entries import entries_of
from transition.rules.beside import NoteKind, Sharing
from transition.rules.pathway import Owner

OF_ONE_CASE = {"key", "number", "entry"}
"""What an address may name that belongs to one case alone."""

EXTRAS = {
    "organisation_id": "rowans",
    "state": "accepted",
    "owner_id": "0" * 32,
    "created_at": "1999-01-01",
    "id": "1",
    "Zarabeth": "Quillon",
}
"""What a form of ours never asks, one in words that say who it is."""
FEW = 4
"""How many questions of one form are left out, one after another."""
READ = {200, 302, 409, 422}
"""The answers to a form that was read."""


def altered(session: Session) -> list[AuditEntry]:
    """Return the entries that tell of a form with more than its own fields."""
    session.rollback()
    query = select(AuditEntry).where(AuditEntry.action == "form:altered")
    return list(session.scalars(query.order_by(AuditEntry.seq)))


def drawn(app: Tracker, browser: Browser, reference: str) -> Iterator[Drawn]:
    """Yield every form of every page about a case, once for each address that it is sent to."""
    for ask in asks(app, objects_of(reference)):
        if ask.method == "GET":
            yield from forms_of(ask.path, browser.send(ask).text)


def send(browser: Browser, form: Drawn, **extras: str) -> TestResponse:
    """Send a form as it is drawn, with these fields besides."""
    return browser.client.post(form.path, data=form.sends | extras | {"csrf_token": browser.token})


def test_abuse_case_21_what_no_form_asks_is_not_taken_and_is_told_without_its_words(
    app: Tracker, client_as: ClientAs, work_as: WorkAs, session: Session
) -> None:
    """Every form of every page: as it is drawn nothing is told, with more it is told once."""
    reference = bring_to("accepted", work_as)
    browser = Browser(client_as(PRIYA))
    read = 0
    for form in drawn(app, browser, reference):
        send(browser, form)
        assert len(altered(session)) == read, f"{form.path} sends what it asks for"
        read += send(browser, form, **EXTRAS).status_code in READ
        assert len(altered(session)) == read, form.path

    found = altered(session)
    assert len(found) > 80
    assert {one.outcome for one in found} == {"refused"}
    assert {reference, None} == {one.case_ref for one in found}
    said = str([vars(one) for one in found])
    planted = (*("Zarabeth", "Quillon", "organisation_id", "owner_id"), EXTRAS["created_at"])
    assert not [one for one in planted if one in said]
    case = session.scalars(select(Case).where(Case.reference == reference)).one()
    assert case.organisation == "naomi"


def test_abuse_case_22_what_a_page_shows_chosen_and_does_not_send_is_refused(
    app: Tracker, client_as: ClientAs, work_as: WorkAs, session: Session
) -> None:
    """Each question of every form that has an answer already, left out alone."""
    reference = bring_to("accepted", work_as)
    browser = Browser(client_as(PRIYA))
    tried = set()
    for form in drawn(app, browser, reference):
        for name in sorted(form.chosen)[:FEW]:
            before = kept(session)
            left = {one: words for one, words in form.sends.items() if one != name}
            answer = browser.client.post(form.path, data=left | {"csrf_token": browser.token})
            assert answer.status_code in {404, 409, 422}, (form.path, name)
            assert kept(session) == before, (form.path, name)
            tried |= {(form.path, name)} if answer.status_code == 422 else set()
    assert (f"/cases/{reference}/record/health/edit", "condition_group") in tried
    assert len(tried) > 15


def kept(session: Session) -> int:
    """Return how many entries tell of more than looking, and of what was begun to write."""
    session.rollback()
    looks = AuditEntry.action.in_(["case:viewed", "handover:read", "case:refused"])
    begun = AuditEntry.action.startswith("draft:")
    query = select(func.count()).select_from(AuditEntry).where(~looks, ~begun)
    return session.scalar(query) or 0


def children(work_as: WorkAs, reference: str) -> dict[str, tuple[str, ...]]:
    """Give a case one of each thing that an address names within it; return their names."""
    with work_as(PRIYA) as work:
        case = work.case(reference).case
        note = NewNote(
            kind=NoteKind.VISIT, sharing=Sharing.BOTH, happened_on=work.today, words="The sackbut."
        )
        write_note(work, reference, note)
        new = NewMilestone(title="Bassoon", stage=case.stage, owner=Owner.CHILDRENS, due_on=TARGET)
        code = add_milestone(work, reference, new).code
        contact = entries_of(work.session, case.uid, Contact)[0].uid.hex()
    return objects_of(reference, (code,)) | {"entry": (contact,), "section": ("contacts",)}


def test_abuse_case_16_what_belongs_to_another_case_is_not_there_in_ones_own(
    app: Tracker, client_as: ClientAs, work_as: WorkAs
) -> None:
    reference = bring_to("asked", work_as)
    with work_as(RUTH) as work:
        own = opened_case(work).reference
    theirs = children(work_as, reference)
    browser = Browser(client_as(PRIYA))
    rules = {rule.endpoint: rule.arguments for rule in app.url_map.iter_rules()}
    there = set()
    for ask in asks(app, theirs):
        within = rules[ask.endpoint] & OF_ONE_CASE or theirs["code"][0] in ask.path
        if not ask.of_case or not within:
            continue
        elsewhere = browser.send(ask._replace(path=ask.path.replace(reference, own)))
        assert elsewhere.status_code == 404, ask
        if ask.method == "GET" and browser.send(ask).status_code == 200:
            there.add(ask.endpoint)
    assert there >= {
        *("handovers.show", "handovers.answer", "record.change", "milestones.done"),
        *("beside.edit_note", "milestones.change"),
    }, "under its own case each of these opens"


def test_abuse_case_19_no_answer_is_old_where_access_is_lost(
    app: Tracker, client_as: ClientAs, work_as: WorkAs
) -> None:
    """With whatever a browser kept of a page, going back to it included."""
    reference = bring_to("accepted", work_as)
    browser = Browser(client_as(HELEN))
    shown = []
    for ask in asks(app, objects_of(reference)):
        if ask.method == "GET" and planted_in(answer := browser.send(ask)):
            assert {"ETag", "Last-Modified"}.isdisjoint(answer.headers.keys()), ask
            assert answer.headers["Cache-Control"] == "no-store", ask
            shown.append(ask)
    assert len(shown) > 20
    with work_as(PRIYA) as work:
        withdraw_handover(work, reference, "rowans-1")
    for ask in shown:
        for kept in (
            {"If-None-Match": "*"},
            {"If-Modified-Since": "Fri, 31 Dec 2100 23:59:59 GMT"},
        ):
            answer = browser.client.get(ask.path, headers=kept)
            assert answer.status_code in {200, 302, 404}, ask
            assert answer.headers["Cache-Control"] == "no-store", ask
            assert not set(planted_in(answer)) & set(CANARIES.values()), ask


def rows(app: Tracker) -> list[tuple[Any, ...]]:
    """Return how many rows there are of each kind, and the sum of their versions."""
    with engine_of(app).connect() as connection:
        return [tuple(row) for row in connection.execute(EVERY_ROW)]


class Fault:
    """Breaks the next page that is drawn, or the next commit, in words that say who it is."""

    def __init__(self) -> None:
        self.armed = False

    def draw(self, _app: Tracker, template: Template, **_: object) -> None:
        """Break before a page is drawn, with all that it was to show."""
        if not str(template.name).startswith("errors/"):
            self.break_once()

    def break_once(self, *_: object) -> None:
        """Break where that was asked for."""
        if self.armed:
            self.armed = False
            raise RuntimeError(" ".join(CANARIES.values()))


@pytest.fixture
def fault(app: Tracker) -> Iterator[Fault]:
    """What breaks, where it is armed, whatever a view does."""
    broken = Fault()
    event.listen(db.session, "before_commit", broken.break_once)
    with before_render_template.connected_to(broken.draw, app):
        yield broken
    event.remove(db.session, "before_commit", broken.break_once)


ASKS_NUMBER = re.compile('give this number: <span class="app-number">([0-9a-f]{16})</span>')


def test_abuse_case_40_whatever_breaks_tells_nobody_and_keeps_nothing(
    app: Tracker,
    client_as: ClientAs,
    work_as: WorkAs,
    fault: Fault,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Every page in every way, broken once while it holds the case."""
    reference = bring_to("accepted", work_as)
    browser = Browser(client_as(PRIYA))
    broken = set()
    for ask in (one for one in asks(app, objects_of(reference)) if one.method != "HEAD"):
        before, fault.armed = rows(app), True
        caplog.clear()
        answer = browser.send(ask)
        if fault.armed:  # a page that is not there, or leads on to another
            fault.armed = False
            continue
        broken.add(ask.name)
        assert answer.status_code == 500, ask
        number = ASKS_NUMBER.search(answer.text)
        assert number is not None, ask
        assert re.search(f"RuntimeError at .*, request {number[1]}$", caplog.text, re.MULTILINE), (
            ask
        )
        assert not planted_in(answer), ask
        assert not [word for word in CANARIES.values() if word in caplog.text], ask
        assert rows(app) == before, ask
    views = {one.partition(" ")[2] for one in broken}
    assert len(views) > 80
    assert {"POST cases.move_on", "POST milestones.done", "GET cases.index"} <= broken
