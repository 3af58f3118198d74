"""The trail: only ever added to, and whatever was done to it behind our back is found."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from tests.builders import WorkAs, engine_of, on_both, opened_case, record_done
from tests.databases import FIXED, opened, settings_in
from tests.people import RUTH
from transition.actions.installing import check_database, install
from transition.actions.work import Work
from transition.app import Tracker
from transition.records import audit
from transition.records.audit import (
    BROKEN,
    GOOD,
    TRUNCATED,
    AuditEntry,
    Change,
    Note,
    append,
    head_of,
    is_guarded,
    trail_of,
    verify,
)
from transition.records.keys import CaseKey, vault_of
from transition.records.migrations import upgrade
from transition.records.trail import Wanted, odd_entries
from transition.rules.errors import RuleBroken
from transition.rules.trail import Oddity
from transition.security.chain import NO_ENTRY, entry_mac
from transition.security.keyring import MissingKey
from transition.settings import Settings

COLUMNS = [column.name for column in AuditEntry.__table__.columns]

ANOTHER = "SELECT body FROM change WHERE uid <> :uid LIMIT 1"

Behind = Callable[..., None]
"""Runs statements behind the tracker's back."""


@pytest.fixture
def reference(work_as: WorkAs) -> str:
    with work_as(RUTH) as work:
        return opened_case(work).reference


@pytest.fixture
def told(work_as: WorkAs, reference: str, session: Session) -> int:
    """How many entries there are after some work on two cases."""
    with work_as(RUTH) as work:
        opened_case(work)
        record_done(work, work.case(reference).case, {"ID-02", "ID-03"})
    number, _ = head_of(session)
    session.rollback()
    return number


@pytest.fixture
def behind(app: Tracker, session: Session) -> Behind:
    def run(*statements: str, **values: object) -> None:
        session.rollback()  # whoever still reads would be waited for
        with engine_of(app).connect() as connection:
            for words in (*unguarded(connection), *statements):
                connection.execute(text(words), values)
            connection.commit()

    return run


def unguarded(connection: Connection) -> list[str]:
    on = "" if connection.dialect.name == "sqlite" else " ON audit_entry"
    return [
        f"DROP TRIGGER IF EXISTS {name}{on}"
        for name in ("audit_entry_stays_as_it_is", "audit_entry_stays")
    ]


@on_both
def test_each_entry_has_the_next_number_overall_and_in_its_case(
    told: int, reference: str, session: Session
) -> None:
    entries = session.scalars(select(AuditEntry).order_by(AuditEntry.seq)).all()
    assert [entry.seq for entry in entries] == list(range(1, told + 1))
    assert [entry.case_seq for entry in trail_of(session, reference)] == [1, 2, 3]
    assert all(entry.prev == before.mac for before, entry in pairwise(entries))
    assert {entry.via for entry in entries} == {"cli", "demo", "test"}


@on_both
def test_an_untouched_trail_is_good(told: int, session: Session) -> None:
    verdict = verify(session)
    assert (verdict.code, verdict.entries, verdict.bad) == (GOOD, told, None)
    assert (told, verdict.head) == head_of(session)


def test_a_trail_longer_than_one_batch_is_verified_whole(
    demonstration: Settings, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert demonstration.home.exists()
    monkeypatch.setattr(audit, "BATCH", 7)
    verdict = verify(session)
    assert verdict.code == GOOD
    assert verdict.entries > 500


CHANGES = (
    "UPDATE audit_entry SET action = 'nothing'",
    "DELETE FROM audit_entry",
    "DELETE FROM audit_entry WHERE seq = 2",
    "UPDATE audit_entry SET seq = seq + 1000 WHERE seq = 2",
)


@on_both
@pytest.mark.usefixtures("told")
def test_the_database_refuses_to_change_the_trail(app: Tracker, session: Session) -> None:
    with engine_of(app).connect() as connection:
        for words in CHANGES:
            with pytest.raises(DBAPIError, match="only ever added to"):
                connection.execute(text(words))
            connection.rollback()
    assert verify(session).code == GOOD


@on_both
@pytest.mark.usefixtures("told")
def test_a_guard_that_was_taken_away_is_found_before_anything_is_changed(
    session: Session, behind: Behind
) -> None:
    assert is_guarded(session)
    behind()
    assert verify(session).code == GOOD
    assert not is_guarded(session)


@pytest.mark.usefixtures("both_databases")
def test_the_trail_is_not_emptied_at_a_stroke(app: Tracker) -> None:
    words = "TRUNCATE audit_entry"
    with engine_of(app).connect() as connection:
        if connection.dialect.name == "sqlite":
            words = "DELETE FROM audit_entry"
        with pytest.raises(DBAPIError, match="only ever added to"):
            connection.execute(text(words))


OTHERWISE: dict[str, object] = {
    "seq": 1000,
    "at": datetime(2026, 11, 22, 9, tzinfo=UTC),
    "case_seq": 77,
    "prev": bytes(32),
    "case_prev": b"\x01" * 32,
    "mac": bytes(32),
}


@on_both
def test_an_edit_of_any_column_is_found_at_its_entry(
    told: int, session: Session, behind: Behind, app: Tracker
) -> None:
    behind()
    entries = AuditEntry.metadata.tables["audit_entry"]
    target = told - 1
    for column in entries.c:
        edit = update(entries).where(entries.c.seq == target)
        with engine_of(app).connect() as connection:
            connection.execute(edit.values({column: OTHERWISE.get(column.name, "other")}))
            with Session(bind=connection) as looking:
                verdict = verify(looking)
        assert (verdict.code, verdict.bad) == (BROKEN, target), column.name
    assert verify(session).code == GOOD


@on_both
@pytest.mark.parametrize("gone", [1, 3])
@pytest.mark.usefixtures("told")
def test_a_missing_entry_is_found(session: Session, behind: Behind, gone: int) -> None:
    behind("DELETE FROM audit_entry WHERE seq = :seq", seq=gone)
    verdict = verify(session)
    assert (verdict.code, verdict.bad) == (BROKEN, gone)


@on_both
def test_entries_that_changed_places_are_found(told: int, session: Session, behind: Behind) -> None:
    behind(
        "UPDATE audit_entry SET seq = 1000 WHERE seq = :one",
        "UPDATE audit_entry SET seq = :one WHERE seq = :two",
        "UPDATE audit_entry SET seq = :two WHERE seq = 1000",
        one=told - 1,
        two=told,
    )
    assert (verify(session).code, verify(session).bad) == (BROKEN, told - 1)


@on_both
def test_an_entry_that_was_put_in_is_found(told: int, session: Session, behind: Behind) -> None:
    columns = ", ".join(COLUMNS[1:])
    numbers = columns.replace("case_seq", "case_seq + 100")
    behind(
        f"INSERT INTO audit_entry (seq, {columns}) SELECT {told + 1}, {numbers} "  # noqa: S608 - our own numbers
        f"FROM audit_entry WHERE seq = {told}",
    )
    assert (verify(session).code, verify(session).bad) == (BROKEN, told + 1)


@on_both
@pytest.mark.parametrize("cut", [1, 2])
def test_entries_that_were_cut_off_at_the_end_are_found(
    told: int, session: Session, behind: Behind, cut: int
) -> None:
    behind("DELETE FROM audit_entry WHERE seq > :seq", seq=told - cut)
    verdict = verify(session)
    assert (verdict.code, verdict.entries) == (TRUNCATED, told - cut)


@pytest.mark.usefixtures("told")
def test_a_trail_that_is_gone_altogether_is_found(session: Session, behind: Behind) -> None:
    behind("DELETE FROM audit_entry")
    assert (verify(session).code, head_of(session)) == (TRUNCATED, (0, bytes(32)))


@on_both
def test_an_anchor_that_was_sent_out_finds_a_cut_that_was_covered_up(
    told: int, session: Session, behind: Behind
) -> None:
    number, mac = head_of(session)
    assert verify(session, anchor=(number, mac[:8])).code == GOOD
    behind(
        "DELETE FROM audit_entry WHERE seq = :seq",
        "UPDATE audit_head SET seq = :before",
        seq=told,
        before=told - 1,
    )
    assert verify(session).code == GOOD  # nothing here can tell any more
    assert verify(session, anchor=(number, mac[:8])).code == TRUNCATED


def test_an_anchor_finds_a_trail_that_was_written_anew(told: int, session: Session) -> None:
    verdict = verify(session, anchor=(told - 1, bytes(8)))
    assert (verdict.code, verdict.bad) == (BROKEN, told - 1)


@on_both
def test_a_count_that_was_changed_is_found(told: int, session: Session, behind: Behind) -> None:
    behind("UPDATE audit_head SET seq = seq + 3")
    assert (verify(session).code, verify(session).bad) == (TRUNCATED, None)
    behind("UPDATE audit_head SET seq = seq - 6")
    assert (verify(session).code, verify(session).bad) == (BROKEN, told - 2)


@on_both
def test_an_entry_of_another_install_is_found(
    told: int, session: Session, app: Tracker, behind: Behind, tmp_path: Path
) -> None:
    """What another install wrote, as it stands there and then fitted to the end of our chain."""
    with opened(make_installed(tmp_path / "another")) as other:
        theirs = other.scalars(select(AuditEntry).where(AuditEntry.seq == 1)).one()
        their_key = vault_of(other).root(other, "trail")
    row = {name: getattr(theirs, name) for name in COLUMNS} | {"seq": told + 1}
    _, end = head_of(session)
    mac = entry_mac(their_key, end, NO_ENTRY, AuditEntry(**row).canonical())
    behind("UPDATE audit_head SET seq = seq + 1")
    for replayed in (row, row | {"prev": end, "mac": mac}):
        behind(f"DELETE FROM audit_entry WHERE seq = {told + 1}")  # noqa: S608 - our own number
        with engine_of(app).begin() as connection:
            connection.execute(insert(AuditEntry), replayed)
        assert (verify(session).code, verify(session).bad) == (BROKEN, told + 1)


def make_installed(home: Path) -> Settings:
    """Return the settings of a database with keys of its own, made now."""
    home.mkdir()
    settings = settings_in(home)
    upgrade(settings.database_url)
    with opened(settings) as session:
        install(session, mode="demo", now=FIXED)
    return settings


KEY_OF_A_CHANGE = {
    "sqlite": "CAST(substr(body, 1, 2) || X'0007' || substr(body, 5) AS BLOB)",
    "postgresql": "overlay(body PLACING decode('0007', 'hex') FROM 3 FOR 2)",
}
KEY_OF_THE_TRAIL = {
    "sqlite": "CAST(substr(wrapped, 1, 2) || X'0102030405060708' || substr(wrapped, 11) AS BLOB)",
    "postgresql": "overlay(wrapped PLACING decode('0102030405060708', 'hex') FROM 3 FOR 8)",
}


@on_both
def test_another_key_named_in_a_change_is_found_at_its_entry(
    told: int, session: Session, behind: Behind, app: Tracker
) -> None:
    body = KEY_OF_A_CHANGE[engine_of(app).dialect.name]
    behind(f"UPDATE change SET body = {body} WHERE uid = :uid", uid=last_change(session))  # noqa: S608 - our own words
    assert (verify(session).code, verify(session).bad) == (BROKEN, told)


@on_both
@pytest.mark.usefixtures("told")
def test_where_another_key_of_the_trail_is_named_nothing_starts_and_nothing_holds(
    session: Session, behind: Behind, app: Tracker
) -> None:
    wrapped = KEY_OF_THE_TRAIL[engine_of(app).dialect.name]
    behind(f"UPDATE root_key SET wrapped = {wrapped} WHERE purpose = 'trail'")  # noqa: S608 - our own words
    app.extensions["vault"].forget()
    with pytest.raises(MissingKey):
        verify(session)
    with pytest.raises(RuleBroken, match="does not open with its key"):
        check_database(session)


@on_both
def test_a_clock_that_was_set_back_is_flagged_and_the_trail_holds(
    told: int, session: Session, work_as: WorkAs
) -> None:
    """Not so what began a moment before the last entry, and what was opened in an emergency."""
    minutes = {"session": 10, "a moment": 6, "set back": -50, "and on": -40, "on time": 20}
    for after in minutes.values():
        with work_as(RUTH, FIXED + timedelta(minutes=after)) as work:
            work.note("case:touched")
    with work_as(RUTH, FIXED) as work:
        said = replace(work.occasion, via="emergency")
        append(work.session, [Note("case:viewed", "emergency")], said)
    with work_as(RUTH, FIXED + timedelta(minutes=21)) as work:
        work.note("case:touched")
    verdict = verify(session)
    assert (verdict.code, verdict.entries, verdict.set_back) == (GOOD, told + 7, (told + 3,))
    asked = Wanted(organisation="naomi", of_cases=True)
    odd = odd_entries(session, asked, frozenset(), today=FIXED.date())
    assert [seq for seq in odd if Oddity.SET_BACK in odd[seq]] == [told + 3]


def last_change(session: Session) -> bytes:
    entry = session.scalars(
        select(AuditEntry).where(AuditEntry.change_uid.is_not(None)).order_by(AuditEntry.seq.desc())
    ).first()
    assert entry is not None
    uid = bytes.fromhex(entry.change_uid or "")
    session.rollback()
    return uid


@on_both
@pytest.mark.usefixtures("told")
@pytest.mark.parametrize(
    "words",
    [
        "DELETE FROM change WHERE uid = :uid",
        f"UPDATE change SET body = ({ANOTHER}) WHERE uid = :uid",  # noqa: S608 - our own words
    ],
)
def test_a_change_that_is_gone_or_was_exchanged_is_found(
    session: Session, behind: Behind, words: str
) -> None:
    behind(words, uid=last_change(session))
    assert verify(session).code == BROKEN


def test_a_change_that_was_sealed_anew_with_other_words_is_found(
    told: int, session: Session, work_as: WorkAs
) -> None:
    uid = last_change(session)
    with work_as(RUTH) as work:
        work.session.get_one(Change, uid).body = {"outcome": [None, "waived"]}
    assert (verify(session).code, verify(session).bad) == (BROKEN, told)


@on_both
def test_the_trail_of_a_case_whose_key_is_gone_still_holds(
    told: int, session: Session, work_as: WorkAs, app: Tracker
) -> None:
    with work_as(RUTH) as work:
        for key in work.session.scalars(select(CaseKey)):
            work.session.delete(key)
    app.extensions["vault"].forget()
    verdict = verify(session)
    assert (verdict.code, verdict.entries) == (GOOD, told)


def change_and_refuse(work: Work, reference: str) -> None:
    record_done(work, work.case(reference).case, {"ID-02"})
    work.note("case:touched", about="nothing")
    raise RuleBroken("I changed my mind.")


@on_both
def test_what_was_refused_leaves_neither_rows_nor_entries(
    work_as: WorkAs, session: Session, reference: str
) -> None:
    before = head_of(session)
    session.rollback()
    with pytest.raises(RuleBroken, match="changed my mind"), work_as(RUTH) as work:
        change_and_refuse(work, reference)
    assert head_of(session) == before
    assert len(trail_of(session, reference)) == 1
