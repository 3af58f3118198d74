"""Making a database ready once, and refusing one whose keys or purpose do not fit."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, func, select, text
from sqlalchemy.orm import Session

from tests.builders import WorkAs, engine_of, on_both, opened_case, token_of
from tests.databases import FIXED, opened, settings_in
from tests.integration.people.steps import CHOSEN
from tests.people import RUTH
from transition import commands
from transition.actions.installing import check_database, install, refuse_other_mode
from transition.app import Tracker, create_app, prepare
from transition.records.audit import AuditEntry
from transition.records.keys import ROOTS, CaseKey, Erased, RootKey, Vault, vault_of
from transition.records.migrations import upgrade
from transition.records.staff import Staff
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


@pytest.fixture
def real(tmp_path: Path) -> Settings:
    """Settings with which a database for real people may be made."""
    keyring = tmp_path / "keys" / "keyring"
    return replace(
        settings_in(tmp_path / "home"),
        mode="production",
        keyring=keyring,
        base_url="https://tracker.example",
    )


def test_production_starts_with_keys_of_its_own_and_nobody_in_it(real: Settings) -> None:
    app = prepare(real)
    assert app.config["DEMO"] is False
    assert real.keyring.stat().st_mode & 0o077 == 0, "nobody else reads the keys"
    with opened(real) as session:
        assert mode_of(session) == "production"
        assert session.scalars(select(Staff)).all() == []
    engine_of(app).dispose()
    for mode in ("production", None):
        again = create_app(replace(real, mode=mode))
        assert again.config["SESSION_COOKIE_SECURE"] is True
        engine_of(again).dispose()


UNFIT: list[tuple[dict[str, Any], str]] = [
    ({"now": FIXED}, "TRANSITION_NOW is for demonstrations"),
    ({"debug": True}, "FLASK_DEBUG shows secrets"),
    ({"base_url": ""}, "Set TRANSITION_BASE_URL"),
    ({"base_url": "http://tracker.example"}, "must begin with https://"),
]
"""With what a database for real people does not start, besides keys in the wrong place."""


@pytest.mark.parametrize(("change", "sentence"), UNFIT)
def test_production_does_not_start_unprotected(
    real: Settings, start: Callable[[Settings], object], change: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(SettingsError, match=sentence):
        prepare(replace(real, **change))
    assert not real.keyring.exists(), "nothing was made before it was refused"
    engine_of(prepare(real)).dispose()
    for mode in ("production", None):
        changed = replace(real, mode=mode, **change)
        assert sentence in refusal_of(start, changed)


def test_production_does_not_start_with_its_keys_beside_the_data(
    real: Settings, start: Callable[[Settings], object]
) -> None:
    with pytest.raises(SettingsError, match="TRANSITION_KEYRING must lie outside"):
        prepare(replace(real, keyring=real.home / "keys" / "keyring"))
    engine_of(prepare(real)).dispose()
    beside = real.home / "keyring"
    shutil.copy(real.keyring, beside)
    assert "TRANSITION_KEYRING" in refusal_of(start, replace(real, keyring=beside))


def test_a_database_for_real_people_is_no_demonstration(real: Settings) -> None:
    engine_of(prepare(real)).dispose()
    assert "“production”, and “demo”" in refusal_of(create_app, replace(real, mode="demo"))


def test_production_never_makes_keys_for_data_that_is_there(real: Settings) -> None:
    engine_of(prepare(real)).dispose()
    real.keyring.unlink()
    assert "is missing. Nothing was changed" in refusal_of(prepare, real)


@pytest.mark.parametrize(
    "words",
    [["demo"], ["demo", "--cases", "3"], ["run-due", "--now", "2026-11-23T07:30:00+00:00"]],
)
def test_commands_of_a_demonstration_refuse_real_people(
    real: Settings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
) -> None:
    engine_of(prepare(real)).dispose()
    monkeypatch.setattr(commands, "read_settings", lambda _: replace(real, mode=None))
    assert commands.main(words) == 1
    said = capsys.readouterr().err
    assert "for real people" in said or "TRANSITION_NOW is for demonstrations" in said
    with opened(real) as session:
        assert session.scalars(select(Staff)).all() == []


def test_the_first_administrator_comes_in_by_command_and_then_sets_up_a_second_step(
    real: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(commands, "read_settings", lambda _: real)
    who = ["--email", "ada@collaborative.example", "--name", "Ada Byron"]
    what = ["--organisation", "collaborative", "--role", "admin"]
    assert commands.main(["invite", *who, *what]) == 0
    said = capsys.readouterr()
    assert str(real.keyring) in said.err, "whoever keeps the server is told where its keys are"
    path = said.out.strip().removeprefix("https://tracker.example")
    app = create_app(real)
    client, here = app.test_client(), {"base_url": "https://localhost"}
    words = {"csrf_token": token_of(client.get(path, **here).text), "password": CHOSEN}
    assert client.post(path, data=words, **here).status_code == 302
    inside = client.get("/settings/users", **here)
    assert inside.status_code == 302
    assert inside.location.partition("?")[0] == "/sign-in/code", "half of a sign-in opens nothing"
    sets_up = client.get(inside.location, **here).location
    assert sets_up.startswith("/me/second-step/app"), "there is none yet, so it is set up"
    assert client.get(sets_up, **here).status_code == 200
    engine_of(app).dispose()


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
