"""The database cannot be written, or not even asked: nobody loses what they typed."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, select, text
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.builders import ClientAs, WorkAs, engine_of, on_both, opened_case, token_of
from tests.databases import DURABLE, Server, opened
from tests.people import RUTH
from transition.app import Tracker
from transition.records import base
from transition.records.drafts import Draft
from transition.records.milestones import MilestoneOutcome
from transition.settings import Settings
from transition.web import errors

WORDS = "Homeschooled by Bartholomea"
KEPT = "What you wrote is kept"
ONLY_HERE = "What you wrote is on this page, and nowhere else yet."
CODES = tuple(f"{stage}-{n:02}" for stage in ("ID", "PR") for n in range(1, 10))
NAMES = ("Skyler", "Demo-Test", "Ruth")

HOLDS_THE_LOCK = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def reference(work_as: WorkAs) -> str:
    """A case of Ruth's."""
    with work_as(RUTH) as work:
        return opened_case(work).reference


@pytest.fixture
def ruth(app: Tracker, client_as: ClientAs, reference: str) -> FlaskClient:
    """Ruth's browser; of her case, only the reference is known."""
    assert reference
    if engine_of(app).dialect.name == "sqlite":
        every_connection(app, "busy_timeout = 50")  # seconds are for people, not for tests
    return client_as(RUTH)


def every_connection(app: Tracker, pragma: str) -> None:
    """Let each new connection of the application begin with a setting."""
    engine = engine_of(app)
    event.listen(engine, "connect", lambda made, _: made.execute(f"PRAGMA {pragma}"))
    engine.dispose()


@contextmanager
def locked(settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    """Let another process hold the one lock for writing."""
    path = settings.database_url.partition("///")[2]
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDS_THE_LOCK, path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        yield holder
        holder.kill()


def words_for(client: FlaskClient, page: str) -> dict[str, str]:
    """Open the form of a page and fill it in."""
    return {"csrf_token": token_of(client.get(page).text), "version": "open", "reason": WORDS}


def typed_in(answer: TestResponse) -> str:
    """Return what stands in the form of an answer."""
    found = re.search(r'<input[^>]*name="reason"[^>]*value="([^"]*)"', answer.text)
    return unescape(found[1]) if found else ""


def send_again(client: FlaskClient, path: str, answer: TestResponse) -> TestResponse:
    """Press the button of the page that says it was not saved."""
    assert f'action="{path}"' in answer.text
    words = {"csrf_token": token_of(answer.text), "version": "open", "reason": typed_in(answer)}
    return client.post(path, data=words)


def count(session: Session, kind: type[Draft | MilestoneOutcome]) -> int:
    session.rollback()
    return len(session.scalars(select(kind)).all())


def assert_only_here(answer: TestResponse) -> None:
    """The page says that it is not saved, holds what was sent, and was made from that alone."""
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "60"
    assert "<h1>Not saved</h1>" in answer.text
    assert ONLY_HERE in answer.text
    assert typed_in(answer) == WORDS
    assert [name for name in NAMES if name in answer.text] == []


def test_while_another_process_holds_the_lock_the_page_holds_the_words(
    installed: Settings, ruth: FlaskClient, reference: str, session: Session
) -> None:
    path = f"/cases/{reference}/milestones/ID-04/skip"
    words = words_for(ruth, path)

    with locked(installed):
        answer = ruth.post(path, data=words)
        assert_only_here(answer)
        assert ruth.get(path).status_code == 503, "what nobody can trace is shown to nobody"

    assert count(session, MilestoneOutcome) == count(session, Draft) == 0
    assert send_again(ruth, path, answer).status_code == 302
    assert count(session, MilestoneOutcome) == 1


def test_a_lock_that_ends_meanwhile_leaves_a_draft(
    installed: Settings,
    ruth: FlaskClient,
    reference: str,
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = f"/cases/{reference}/milestones/ID-04/skip"
    words = words_for(ruth, path)

    with locked(installed) as holder:

        def let_go(_error: object) -> None:
            holder.kill()
            holder.wait()

        monkeypatch.setattr(errors, "tell_log", let_go)
        answer = ruth.post(path, data=words)

    assert answer.status_code == 503
    assert KEPT in answer.text
    assert count(session, Draft) == 1
    assert typed_in(ruth.get(path)) == WORDS


def test_a_full_disk_costs_no_words(
    app: Tracker, ruth: FlaskClient, reference: str, session: Session
) -> None:
    paths = [f"/cases/{reference}/milestones/{code}/skip" for code in CODES]
    words = words_for(ruth, paths[0])
    pages = session.scalar(text("PRAGMA page_count"))
    every_connection(app, f"max_page_count = {pages}")

    answers = {path: until_full(ruth, path, words) for path in paths}

    kept = [path for path, answer in answers.items() if KEPT in answer.text]
    here = [path for path, answer in answers.items() if ONLY_HERE in answer.text]
    assert count(session, Draft) == len(kept) > 0, "a draft is small, for a while"
    assert here, "at last not even a draft has room"
    assert_only_here(answers[here[-1]])
    every_connection(app, "max_page_count = 1000000")
    before = count(session, MilestoneOutcome)
    assert send_again(ruth, here[-1], answers[here[-1]]).status_code == 302
    assert count(session, MilestoneOutcome) == before + 1


def until_full(client: FlaskClient, path: str, words: dict[str, str]) -> TestResponse:
    """Say that a milestone is not needed, and put it back, until the disk is full."""
    for _ in range(100):
        answer = client.post(path, data=words)
        if answer.status_code != 302:
            return answer
        client.post(path.replace("skip", "reopen"), data=words | {"version": "not_applicable"})
    pytest.fail("the disk does not fill up")


on_the_server = pytest.mark.parametrize("both_databases", ["postgresql"])
"""Marks a test that runs on PostgreSQL alone."""


@on_the_server
@on_both
def test_a_server_that_is_gone_is_asked_nothing_and_the_page_holds_the_words(
    installed: Settings, server: Server, ruth: FlaskClient, reference: str
) -> None:
    path = f"/cases/{reference}/milestones/ID-04/skip"
    words = words_for(ruth, path)

    with server.unreachable(installed.database_url):
        answer = ruth.post(path, data=words)
        assert_only_here(answer)
        assert ruth.get(path).status_code == 503
        wrong = words | {"email": RUTH, "password": "wrong"}
        assert ruth.post("/sign-in", data=wrong).status_code == 503

    assert send_again(ruth, path, answer).status_code == 302


@on_the_server
@on_both
def test_a_restart_between_two_pages_is_not_noticed(
    installed: Settings, server: Server, ruth: FlaskClient, reference: str
) -> None:
    path = f"/cases/{reference}/milestones/ID-04/skip"
    words = words_for(ruth, path)

    server.throw_out(installed.database_url)

    assert ruth.post(path, data=words).status_code == 302


@on_the_server
@on_both
def test_a_restart_in_the_middle_of_saving_saves_nothing_and_keeps_the_words(
    installed: Settings, server: Server, ruth: FlaskClient, reference: str, session: Session
) -> None:
    path = f"/cases/{reference}/milestones/ID-04/skip"
    words = words_for(ruth, path)
    session.close()

    def restart(*told: object) -> None:
        if str(told[2]).startswith("INSERT INTO milestone_outcome"):
            server.throw_out(installed.database_url)

    event.listen(session.get_bind(), "before_cursor_execute", restart)
    answer = ruth.post(path, data=words)
    event.remove(session.get_bind(), "before_cursor_execute", restart)

    assert answer.status_code == 503
    assert KEPT in answer.text
    assert (count(session, MilestoneOutcome), count(session, Draft)) == (0, 1)
    assert send_again(ruth, path, answer).status_code == 302
    assert (count(session, MilestoneOutcome), count(session, Draft)) == (1, 0)


def test_a_fault_of_ours_keeps_the_words_too(
    ruth: FlaskClient, reference: str, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/cases/{reference}/milestones/ID-04/skip"
    words = words_for(ruth, path)
    with monkeypatch.context() as patch:
        patch.delattr("transition.actions.milestones.keep_outcome")
        answer = ruth.post(path, data=words)

    assert answer.status_code == 500
    assert KEPT in answer.text
    assert count(session, Draft) == 1


def test_a_choice_whose_list_cannot_be_asked_for_goes_along(
    installed: Settings, ruth: FlaskClient, reference: str
) -> None:
    path = f"/cases/{reference}/handover/propose"
    words = {"csrf_token": token_of(ruth.get("/today").text), "receiver": "rowans", "why": WORDS}
    day = {"target_transfer_on-day": "1", "target_transfer_on-month": "4"}

    with locked(installed):
        answer = ruth.post(path, data=words | day | {"functions": ["advice_24_7", "short_breaks"]})

    assert answer.status_code == 503
    for field in ("rowans", "advice_24_7", "short_breaks"):
        assert re.search(rf'value="{field}" checked', answer.text), field
    assert WORDS in answer.text
    assert 'name="target_transfer_on-month"' in answer.text


def test_outside_of_tests_what_is_saved_survives_a_power_cut_and_what_is_erased_is_gone(
    installed: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base, "SQLITE_PRAGMAS", DURABLE)
    with opened(installed) as session:
        asked = ("journal_mode", "synchronous", "secure_delete", "foreign_keys")
        assert [session.scalar(text(f"PRAGMA {one}")) for one in asked] == ["wal", 2, 1, 1]
