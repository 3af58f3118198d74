"""While the trail fails one page opens; that it did is written elsewhere, and comes in once."""

import errno
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import NoReturn

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from tests.builders import (
    ClientAs,
    WorkAs,
    accepted_case,
    engine_of,
    on_both,
    opened_case,
    proposed_handover,
    token_of,
    uid_of,
)
from tests.databases import FIXED
from tests.people import HELEN, MINA, PETER, PRIYA, RUTH, SAM, WILMA
from transition.actions.deaths import record_death
from transition.actions.emergency import note_opening
from transition.actions.invariants import broken_trail
from transition.actions.work import TrailClosed
from transition.app import Tracker
from transition.jobs.runner import run_due
from transition.records import base
from transition.records.audit import GOOD, AuditEntry, Occasion, verify
from transition.records.emergency import SECOND_TRAILS, Broken, SecondTrail, write_second
from transition.records.record_sections import row_of
from transition.rules.people import Actor, Role

NAMES = ("Sky Demo-Test", "Skyler", "Grace")
CLOSED = "Who looks at what cannot be written down just now"
ONLY = "Only this page opens just now:"
ASIDE = "ALTER TABLE audit_entry RENAME TO elsewhere"
BACK = "ALTER TABLE elsewhere RENAME TO audit_entry"
KEY = b"k" * 32


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody wait long for a lock that this test holds."""
    pragmas = [one for one in base.SQLITE_PRAGMAS if "busy_timeout" not in one]
    monkeypatch.setattr(base, "SQLITE_PRAGMAS", (*pragmas, "busy_timeout=50"))
    monkeypatch.setattr(base, "LOCK_PATIENCE", "50ms")


@pytest.fixture
def reference(work_as: WorkAs) -> str:
    """A case that Rowans has accepted, with somebody to ring."""
    return accepted_case(work_as)[0]


def second_of(app: Tracker) -> SecondTrail:
    return SECOND_TRAILS[engine_of(app)]


def lines_of(app: Tracker) -> list[list[str]]:
    path = second_of(app).path
    return (
        [json.loads(one) for one in path.read_text("utf-8").splitlines()] if path.exists() else []
    )


def run(app: Tracker, *statements: str) -> None:
    with engine_of(app).connect() as connection:
        for words in statements:
            connection.execute(text(words))
        connection.commit()


@contextmanager
def gone(app: Tracker) -> Iterator[None]:
    run(app, ASIDE)
    yield
    run(app, BACK)


@contextmanager
def full(app: Tracker) -> Iterator[None]:
    """Let the disk be full for whoever adds to the trail."""
    if engine_of(app).dialect.name == "sqlite":
        run(
            app,
            "CREATE TRIGGER is_full BEFORE INSERT ON audit_entry "
            "BEGIN SELECT RAISE(FAIL, 'database or disk is full'); END",
        )
        yield
        run(app, "DROP TRIGGER is_full")
        return
    run(
        app,
        "CREATE FUNCTION is_full() RETURNS trigger LANGUAGE plpgsql AS "
        "$$BEGIN RAISE 'could not extend file' USING ERRCODE = 'disk_full'; END$$",
        "CREATE TRIGGER is_full BEFORE INSERT ON audit_entry EXECUTE FUNCTION is_full()",
    )
    yield
    run(app, "DROP TRIGGER is_full ON audit_entry")


@contextmanager
def locked(app: Tracker) -> Iterator[None]:
    """Let somebody else hold the trail, and never let go."""
    words = {
        "sqlite": "UPDATE audit_head SET seq = seq",
        "postgresql": "LOCK TABLE audit_entry IN EXCLUSIVE MODE",
    }
    engine = engine_of(app)
    with engine.connect().execution_options(writing=True) as connection:
        connection.execute(text(words[engine.dialect.name]))
        yield


CLOSES = ("/today", "/cases", "/audit", "/cases/{}", "/cases/{}/notes", "/cases/{}/history")

WAYS = {"gone": gone, "full": full, "locked": locked}


@on_both
@pytest.mark.parametrize("way", WAYS)
def test_while_the_trail_fails_one_page_opens_and_comes_into_the_trail_once(
    app: Tracker, client_as: ClientAs, session: Session, reference: str, way: str
) -> None:
    priya, path = client_as(PRIYA), f"/cases/{reference}/emergency"
    session.rollback()
    with WAYS[way](app):
        for closed in (page.format(reference) for page in CLOSES):
            answer = priya.get(closed)
            assert answer.status_code == 503, closed
            assert not any(name in unescape(answer.text) for name in NAMES), closed
            assert CLOSED in unescape(answer.text), closed
            assert (path in answer.text) == (reference in closed)
        page = priya.get(path)
        assert page.status_code == 200
        assert ONLY in page.text
        assert "Grace" in page.text
        assert len(lines_of(app)) == 1
        assert priya.get(path).status_code == 200
    told = second_of(app).path.read_text("utf-8")
    assert not any(name in told for name in NAMES)

    assert priya.get("/today").status_code == 200
    came = came_in(session)
    priyas = uid_of(session, PRIYA).hex()
    assert [(one.case_ref, one.at, one.actor, one.organisation, one.role) for one in came] == [
        (reference, FIXED, priyas, "naomi", "childrens_lead")
    ] * 2
    assert verify(session).code == GOOD
    session.rollback()
    run_due(app)
    assert ONLY not in priya.get(path).text
    assert (len(came_in(session)), len(lines_of(app))) == (2, 2)


def came_in(session: Session) -> list[AuditEntry]:
    """Return what came into the trail from the second file."""
    session.rollback()
    query = select(AuditEntry).where(AuditEntry.via == "emergency").order_by(AuditEntry.seq)
    return list(session.scalars(query))


@on_both
def test_the_worker_brings_it_in_without_anybody_writing_anything(
    app: Tracker, client_as: ClientAs, session: Session, reference: str
) -> None:
    helen = client_as(HELEN)
    with gone(app):
        assert helen.get(f"/cases/{reference}/emergency").status_code == 200
        with pytest.raises(Exception, match="could not be done"):
            run_due(app)
    run_due(app)
    assert [(one.organisation, one.via) for one in came_in(session)] == [("rowans", "emergency")]


def test_what_was_typed_is_not_lost_while_the_trail_fails(
    app: Tracker, client_as: ClientAs, reference: str
) -> None:
    ruth, path = client_as(RUTH), f"/cases/{reference}/notes/new"
    words = {"kind": "visit", "sharing": "team", "words": "Mum is worried about nights."}
    token = token_of(ruth.get(path).text)
    with gone(app):
        answer = ruth.post(path, data=words | {"csrf_token": token})
        assert answer.status_code == 503
        assert "Mum is worried about nights." in unescape(answer.text)
        assert not any(name in unescape(answer.text) for name in NAMES)
    assert "Mum is worried" not in ruth.get(f"/cases/{reference}/notes").text


@pytest.mark.parametrize("what", ["full", "not there", "broken"])
def test_where_the_second_file_fails_too_the_page_stays_closed(
    app: Tracker,
    client_as: ClientAs,
    reference: str,
    monkeypatch: pytest.MonkeyPatch,
    what: str,
) -> None:
    ruth, second = client_as(RUTH), second_of(app)

    def no_space(_: int) -> NoReturn:
        raise OSError(errno.ENOSPC, "No space left on device")

    if what == "full":
        monkeypatch.setattr(os, "fsync", no_space)
    elif what == "not there":
        second.path = second.path / "below" / "nothing"
    else:
        second.path.write_text('["Quillon"]\n', "utf-8")
    with gone(app):
        answer = ruth.get(f"/cases/{reference}/emergency")
        assert answer.status_code == 503
        assert not any(name in unescape(answer.text) for name in NAMES)
        assert "/emergency" not in answer.text


@pytest.mark.parametrize("email", [PETER, MINA, SAM, WILMA])
def test_whoever_may_not_open_the_case_does_not_open_this_page(
    app: Tracker, client_as: ClientAs, reference: str, email: str
) -> None:
    client, path = client_as(email), f"/cases/{reference}/emergency"
    assert client.get(path).status_code == 404
    with gone(app):
        answer = client.get(path)
        assert answer.status_code in {404, 503}
        assert not any(name in unescape(answer.text) for name in NAMES)
    assert lines_of(app) == []


def test_a_hospice_that_has_not_answered_yet_reads_the_pack_and_not_this_page(
    client_as: ClientAs, work_as: WorkAs
) -> None:
    with work_as(RUTH) as work:
        case, _ = proposed_handover(work)
        path = f"/cases/{case.reference}/emergency"
    assert client_as(HELEN).get(path).status_code == 404
    assert client_as(RUTH).get(path).status_code == 200


# --- the page -----------------------------------------------------------------------------------


def test_it_says_whom_to_ring_who_leads_tonight_and_where_the_originals_are(
    client_as: ClientAs, work_as: WorkAs, session: Session, reference: str
) -> None:
    with work_as(RUTH) as work:
        case = work.case(reference).case
        plan = row_of(work.session, case, "advance_care_plan")
        plan.acp_location = "The blue folder by her bed"
        plan.emergency_plan_location = "On the fridge"
    ruth = client_as(RUTH)
    overview = ruth.get(f"/cases/{reference}").text
    assert f"/cases/{reference}/emergency" in overview
    page = unescape(ruth.get(f"/cases/{reference}/emergency").text)
    for words in (
        "Grace",
        "Jacksplace",
        "Advance care plan",
        "The blue folder by her bed",
        "Emergency plan",
        "On the fridge",
    ):
        assert words in page, words
    assert ONLY not in page
    session.rollback()
    last = session.scalars(select(AuditEntry).order_by(AuditEntry.seq.desc())).first()
    assert last is not None
    assert (last.action, last.object, last.via) == ("case:viewed", "emergency", "web")
    theirs = unescape(client_as(HELEN).get(f"/cases/{reference}/emergency").text)
    assert "The blue folder by her bed" in theirs


def test_it_says_so_where_nothing_is_written_down(client_as: ClientAs, work_as: WorkAs) -> None:
    with work_as(RUTH) as work:
        reference = opened_case(work).reference
    page = client_as(RUTH).get(f"/cases/{reference}/emergency").text
    assert "Nobody is named yet" in page
    assert "Nobody has written down where they are" in page


def test_after_a_death_it_leads_on_to_what_is_left_to_read(
    client_as: ClientAs, work_as: WorkAs, reference: str
) -> None:
    with work_as(RUTH) as work:
        record_death(work, reference, died_on=None)
    answer = client_as(RUTH).get(f"/cases/{reference}/emergency")
    assert answer.location == f"/cases/{reference}/record"


# --- the second file ----------------------------------------------------------------------------


@pytest.fixture
def second(tmp_path: Path) -> SecondTrail:
    return SecondTrail(tmp_path / "emergency.trail")


def occasion(request: str = "one", minutes: int = 0) -> Occasion:
    actor = Actor(b"u" * 16, "Ruth", "naomi", frozenset({Role.TRANSITION_NURSE}))
    return Occasion(actor, FIXED + timedelta(minutes=minutes), "web", request)


def test_each_line_signs_the_one_before_and_nobody_is_named(second: SecondTrail) -> None:
    for number, request in enumerate(("one", "two", "three")):
        second.add(KEY, occasion(request, number), "NHJ-7K2M-4")
    openings, size = second.openings(KEY)
    assert [(one.number, one.request) for one in openings] == [(1, "one"), (2, "two"), (3, "three")]
    assert [one.occasion.at for one in openings] == [
        FIXED + timedelta(minutes=number) for number in range(3)
    ]
    assert size == second.path.stat().st_size
    assert "Ruth" not in second.path.read_text("utf-8")
    assert second.path.stat().st_mode & 0o777 == 0o600


TAMPERED: dict[str, tuple[Callable[[list[str]], list[str]], int]] = {
    "edited": (lambda lines: [lines[0].replace("one", "oen"), *lines[1:]], 1),
    "removed": (lambda lines: [lines[0], lines[2]], 2),
    "swapped": (lambda lines: [lines[1], lines[0], lines[2]], 1),
    "added": (lambda lines: [*lines, lines[2]], 4),
    "no line": (lambda lines: [lines[0], "Quillon", lines[2]], 2),
    "too short": (lambda lines: [lines[0], "[1, 2]", lines[2]], 2),
}


@pytest.mark.parametrize("how", TAMPERED)
def test_a_line_that_was_touched_is_found_and_nothing_is_added_after_it(
    second: SecondTrail, how: str
) -> None:
    for request in ("one", "two", "three"):
        second.add(KEY, occasion(request), "NHJ-7K2M-4")
    tamper, number = TAMPERED[how]
    lines = tamper(second.path.read_text("utf-8").splitlines())
    second.path.write_text("".join(f"{one}\n" for one in lines), "utf-8")
    for do in (
        lambda: second.openings(KEY),
        lambda: second.add(KEY, occasion("four"), "NHJ-7K2M-4"),
    ):
        with pytest.raises(Broken, match=f"^{number}$"):
            do()


def test_half_a_line_of_whoever_died_while_writing_shows_nothing_and_goes(
    second: SecondTrail,
) -> None:
    second.add(KEY, occasion("one"), "NHJ-7K2M-4")
    whole = second.path.read_bytes()
    second.path.write_bytes(whole + whole[:20])
    assert second.openings(KEY)[1] == len(whole)
    second.add(KEY, occasion("two"), "NHJ-7K2M-4")
    assert [one.request for one in second.openings(KEY)[0]] == ["one", "two"]


def test_a_line_that_was_not_written_whole_is_refused(
    second: SecondTrail, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "write", lambda *_: 3)
    with pytest.raises(OSError, match="not written whole"):
        second.add(KEY, occasion(), "NHJ-7K2M-4")


def test_a_line_is_on_the_disk_before_the_page_leaves(
    second: SecondTrail, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = []
    real = os.fsync

    def fsync(descriptor: int) -> None:
        sizes.append(os.fstat(descriptor).st_size)
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    second.add(KEY, occasion(), "NHJ-7K2M-4")
    assert sizes[-1] == second.path.stat().st_size
    assert len(sizes) == 2, "the folder too, which holds its name"


def test_without_a_second_file_nothing_falls_back(work_as: WorkAs, app: Tracker) -> None:
    del SECOND_TRAILS[engine_of(app)]  # as a command that has none
    with work_as(RUTH) as work, pytest.raises(OSError, match="no second file"):
        write_second(work.session, work.occasion, "NHJ-7K2M-4")
    with work_as(RUTH) as work:
        work.note("case:touched")
        assert broken_trail(work) == []


@on_both
def test_a_broken_second_file_stops_nobody_and_is_told_at_night(
    app: Tracker, work_as: WorkAs, reference: str
) -> None:
    second = second_of(app)
    second.path.write_text("Quillon\n", "utf-8")
    with work_as(RUTH) as work:
        work.note("case:touched", on=work.case(reference).case)
    with work_as(RUTH) as work:
        assert broken_trail(work) == ["emergency:1"]
    second.path.unlink()
    second.path.mkdir()
    with work_as(RUTH) as work:
        assert broken_trail(work) == ["emergency:unreadable"]


def test_an_opening_that_the_trail_had_kept_unheard_is_not_told_twice(
    app: Tracker, work_as: WorkAs, session: Session, reference: str
) -> None:
    with work_as(RUTH) as work:
        said, catalogue = work.occasion, work.catalogue
    with Session(engine_of(app)) as other:
        assert note_opening(other, said, catalogue, reference)
        write_second(other, said, reference)
    with work_as(RUTH) as work:
        work.note("case:touched")
    assert came_in(session) == []


def test_an_opening_that_neither_takes_is_refused(
    app: Tracker, work_as: WorkAs, reference: str
) -> None:
    with work_as(RUTH) as work:
        said, catalogue = work.occasion, work.catalogue
    second_of(app).path.write_text("Quillon\n", "utf-8")
    with gone(app), Session(engine_of(app)) as other, pytest.raises(TrailClosed):
        note_opening(other, said, catalogue, reference)
