"""Making a database ready once, and refusing one whose keys or purpose do not fit."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import create_engine, func, select, text
from sqlalchemy.orm import Session

from tests.builders import WorkAs, engine_of, on_both, opened_case
from tests.databases import FIXED, opened, settings_in
from tests.people import RUTH
from transition.actions.installing import check_database, install, refuse_other_mode
from transition.app import Tracker, create_app, prepare
from transition.records.audit import AuditEntry
from transition.records.keys import ROOTS, CaseKey, Erased, RootKey, Vault, vault_of
from transition.records.migrations import upgrade
from transition.records.stamp import mode_of
from transition.rules.errors import RuleBroken
from transition.security.keyring import KeyFileError, create_key_file, load_key_file
from transition.settings import Settings, SettingsError

DAY = FIXED.date()


def bytes_of(settings: Settings) -> dict[str, bytes]:
    """Return every file of an installation but for what opening a database leaves beside it."""
    return {
        path.name: path.read_bytes()
        for path in settings.home.rglob("*")
        if path.is_file() and path.suffix not in {".sqlite3-wal", ".sqlite3-shm"}
        if path.name != ".preparing"
    }


def refusal_of(start: Callable[[Settings], object], settings: Settings) -> str:
    """Return with what a start is refused, having changed no byte."""
    before = bytes_of(settings)
    with pytest.raises((RuleBroken, KeyFileError, SettingsError)) as refusal:
        start(settings)
    assert bytes_of(settings) == before
    return str(refusal.value)


@pytest.fixture(params=[create_app, prepare], ids=["create_app", "prepare"])
def start(request: pytest.FixtureRequest) -> Callable[[Settings], object]:
    chosen: Callable[[Settings], object] = request.param
    return chosen


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Session]:
    settings = settings_in(tmp_path)
    upgrade(settings.database_url)
    with opened(settings) as session:
        yield session


def test_a_new_database_is_stamped_once_and_has_its_keys(empty: Session) -> None:
    assert mode_of(empty) is None
    assert install(empty, mode="demo", now=FIXED)
    assert mode_of(empty) == "demo"
    assert set(empty.scalars(select(RootKey.purpose))) == set(ROOTS)
    assert [(one.action, one.object) for one in empty.scalars(select(AuditEntry))] == [
        ("database:stamped", "demo")
    ]
    check_database(empty)


def test_installing_again_changes_nothing(empty: Session) -> None:
    install(empty, mode="demo", now=FIXED)
    assert not install(empty, mode="production", now=FIXED)
    assert mode_of(empty) == "demo"
    assert len(empty.scalars(select(AuditEntry)).all()) == 1
    assert empty.scalar(select(func.count()).select_from(RootKey)) == len(ROOTS)


def test_a_database_that_is_not_ready_says_what_to_run() -> None:
    with pytest.raises(RuleBroken, match=r"not ready\. Run: python3"):
        refuse_other_mode(None, None)


@pytest.mark.parametrize("asked", [None, "demo"])
def test_a_database_of_the_mode_that_was_asked_for_is_taken(asked: str | None) -> None:
    refuse_other_mode(asked, "demo")


@pytest.mark.parametrize(("asked", "stamped"), [("production", "demo"), ("demo", "production")])
def test_a_database_of_the_other_mode_is_refused(asked: str, stamped: str) -> None:
    with pytest.raises(RuleBroken) as refusal:
        refuse_other_mode(asked, stamped)
    assert f"stamped “{stamped}”, and “{asked}” was asked for" in str(refusal.value)


def test_a_demonstration_is_not_served_as_production(
    demonstration: Settings, start: Callable[[Settings], object]
) -> None:
    words = refusal_of(start, replace(demonstration, mode="production"))
    assert "stamped “demo”, and “production” was asked for" in words


def test_a_production_database_does_not_start_before_it_has_accounts(tmp_path: Path) -> None:
    home, keys = tmp_path / "home", tmp_path / "keys"
    home.mkdir()
    keys.mkdir()
    settings = replace(
        settings_in(home), mode="production", keyring=keys / "keyring", base_url="https://t.example"
    )
    create_key_file(settings.keyring, DAY)
    assert "accounts cannot be made yet" in refusal_before_stamp(settings)
    with opened(settings) as session:
        assert mode_of(session) == "production"
    assert "accounts cannot be made yet" in refusal_of(create_app, settings)
    assert "“production”, and “demo”" in refusal_of(create_app, replace(settings, mode="demo"))


def refusal_before_stamp(settings: Settings) -> str:
    with pytest.raises(RuleBroken) as refusal:
        prepare(settings)
    return str(refusal.value)


def test_a_demonstration_is_not_shown_to_other_machines(
    demonstration: Settings, start: Callable[[Settings], object]
) -> None:
    words = refusal_of(start, replace(demonstration, host="0.0.0.0"))  # noqa: S104 - refused
    assert "listens on this machine alone" in words


def test_another_key_is_refused_with_the_names_of_both(
    demonstration: Settings, start: Callable[[Settings], object]
) -> None:
    (needed,) = load_key_file(demonstration.keyring).ids
    demonstration.keyring.unlink()
    (held,) = create_key_file(demonstration.keyring, DAY).ids
    words = refusal_of(start, demonstration)
    assert f"sealed with key {needed.hex()}; the key file holds {held.hex()}" in words


def test_a_missing_key_file_is_refused_and_never_made_anew(
    demonstration: Settings, start: Callable[[Settings], object]
) -> None:
    demonstration.keyring.unlink()
    assert refusal_of(start, demonstration)
    assert not demonstration.keyring.exists()


@pytest.mark.parametrize("damage", [b"", b"\x00" * 40, b"nonsense\n"])
def test_a_damaged_key_file_is_refused(
    demonstration: Settings, start: Callable[[Settings], object], damage: bytes
) -> None:
    demonstration.keyring.write_bytes(damage)
    assert refusal_of(start, demonstration)


def test_a_key_file_without_a_database_beside_it_makes_a_new_demonstration(
    installed: Settings, tmp_path: Path
) -> None:
    home = tmp_path / "new"
    home.mkdir()
    shutil.copy(installed.keyring, home / "keyring")
    ring = load_key_file(home / "keyring")
    app = prepare(settings_in(home), demonstration=False)
    engine_of(app).dispose()
    assert load_key_file(home / "keyring").ids == ring.ids


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", "utf-8")
    with pytest.raises((SettingsError, NotADirectoryError)):
        prepare(settings_in(tmp_path / "file" / "home"))


def rewritten(settings: Settings, words: str) -> Settings:
    """Change rows behind the tracker's back."""
    engine = create_engine(settings.database_url)
    with engine.begin() as connection:
        connection.execute(text(words))
    engine.dispose()
    return settings


@on_both
@pytest.mark.parametrize(
    "words",
    [
        # a sealed value from another row
        "UPDATE young_person SET given_name = (SELECT family_name FROM young_person LIMIT 1)",
        # a root key that belongs to another purpose
        "UPDATE root_key SET wrapped = (SELECT wrapped FROM root_key WHERE purpose = 'index')",
        # a case key that belongs to another case
        "UPDATE case_key SET wrapped = (SELECT wrapped FROM root_key WHERE purpose = 'index')",
    ],
)
def test_what_does_not_open_is_found_at_the_start(demonstration: Settings, words: str) -> None:
    rewritten(demonstration, words)
    with pytest.raises(RuleBroken, match=r"does not open with its key\. Nothing"):
        create_app(demonstration)


@on_both
def test_a_database_opens_with_its_key(demonstration: Settings, app: Tracker) -> None:
    assert demonstration.mode is None
    assert app.config["DEMO"] is True


def test_a_case_whose_key_is_gone_is_unreadable_and_missing_from_lists(
    app: Tracker, work_as: WorkAs, session: Session
) -> None:
    with work_as(RUTH) as work:
        gone = opened_case(work).uid
        kept = opened_case(work).uid
    with work_as(RUTH) as work:
        work.session.delete(work.session.get_one(CaseKey, (gone, 1)))
    vault: Vault = app.extensions["vault"]
    vault.forget()
    assert set(vault.ciphers(session, [gone, kept])) == {kept}
    with pytest.raises(Erased, match="has been erased"):
        vault_of(session).cipher(session, gone)
