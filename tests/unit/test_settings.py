import tomllib
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from transition.home import CONFIG, ROOT
from transition.settings import (
    SECRETS,
    Settings,
    SettingsError,
    read_client_secrets,
    read_settings,
    refuse_demonstration,
    refuse_production,
)

LIVE = {
    "TRANSITION_MODE": "production",
    "TRANSITION_HOME": "/srv/tracker",
    "TRANSITION_KEYRING": "/etc/tracker/keyring",
    "TRANSITION_BASE_URL": "https://tracker.example",
}


def test_without_any_variable_it_is_a_laptop() -> None:
    settings = read_settings({})

    assert settings.mode is None
    assert settings.home == ROOT / "instance"
    assert settings.database_url == f"sqlite:///{ROOT}/instance/tracker.sqlite3"
    assert settings.database_file == ROOT / "instance" / "tracker.sqlite3"
    assert settings.keyring == ROOT / "instance" / "keyring"
    assert settings.mailbox == ROOT / "instance" / "mailbox"
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert settings.address == "http://localhost:8000"
    assert settings.smtp_tls == "starttls"
    assert settings.now is None
    assert not settings.debug


def test_the_defaults_document_every_setting_but_the_secret_ones() -> None:
    documented = tomllib.loads((CONFIG / "settings" / "default.toml").read_text("utf-8"))
    known = {field.name for field in fields(Settings)}

    assert documented.keys() | SECRETS == known - {"clock", "debug"}
    assert not documented.keys() & SECRETS


def test_the_environment_has_the_last_word() -> None:
    settings = read_settings(
        {
            "TRANSITION_PORT": "8123",
            "TRANSITION_HOST": "::1",
            "TRANSITION_COLLABORATIVE": "north_east_essex",
            "TRANSITION_BASE_URL": "https://tracker.example/",
            "TRANSITION_SMTP_HOST": "mail.example",
            "TRANSITION_SMTP_PORT": "465",
            "TRANSITION_SMTP_USER": "tracker",
            "TRANSITION_SMTP_PASSWORD": "a secret",
            "TRANSITION_SMTP_TLS": "tls",
        }
    )

    assert (settings.host, settings.port) == ("::1", 8123)
    assert settings.collaborative == "north_east_essex"
    assert settings.address == "https://tracker.example"
    assert (settings.smtp_host, settings.smtp_port) == ("mail.example", 465)
    assert (settings.smtp_user, settings.smtp_password) == ("tracker", "a secret")
    assert settings.smtp_tls == "tls"


def test_no_proxy_is_believed_unless_their_number_is_set() -> None:
    assert read_settings({}).proxies == 0
    assert read_settings({"TRANSITION_PROXIES": "2"}).proxies == 2
    for words in ("-1", "10", "one", "²"):
        with pytest.raises(SettingsError, match="TRANSITION_PROXIES must be a number from 0 to 9"):
            read_settings({"TRANSITION_PROXIES": words})


def test_an_empty_variable_counts_as_none() -> None:
    assert read_settings({"TRANSITION_PORT": ""}).port == 8000


def test_the_mode_chooses_the_file_laid_over_the_defaults() -> None:
    assert read_settings({"TRANSITION_MODE": "demo"}).home == ROOT / "instance"
    assert read_settings({"TRANSITION_MODE": "production"}).home == Path("/var/lib/transition")
    assert read_settings({}, layer="test").smtp_tls == "none"


def test_a_relative_path_counts_from_the_repository() -> None:
    settings = read_settings(
        {
            "TRANSITION_HOME": "elsewhere",
            "TRANSITION_KEYRING": "keys/ring",
            "TRANSITION_DATABASE_URL": "sqlite:///data/here.sqlite3",
        }
    )

    assert settings.home == ROOT / "elsewhere"
    assert settings.keyring == ROOT / "keys" / "ring"
    assert settings.database_file == ROOT / "data" / "here.sqlite3"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_postgresql_is_spoken_to_through_one_driver(scheme: str) -> None:
    settings = read_settings({"TRANSITION_DATABASE_URL": f"{scheme}://tracker:pw@db/tracker"})

    assert settings.database_url == "postgresql+psycopg://tracker:pw@db/tracker"
    assert settings.database_file is None


def test_a_set_clock_starts_at_the_instant_asked_for() -> None:
    settings = read_settings({"TRANSITION_NOW": "2026-11-23T07:30:00+00:00"})
    asked = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)

    assert settings.now == asked
    assert asked <= settings.clock.now() < asked + timedelta(minutes=1)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TRANSITION_MODE", "live"),
        ("TRANSITION_PORT", "0"),
        ("TRANSITION_PORT", "65536"),
        ("TRANSITION_PORT", "٣"),
        ("TRANSITION_SMTP_PORT", "smtp"),
        ("TRANSITION_SMTP_TLS", "yes"),
        ("TRANSITION_COLLABORATIVE", "../hampshire"),
        ("TRANSITION_BASE_URL", "tracker.example"),
        ("TRANSITION_BASE_URL", "https://"),
        ("TRANSITION_BASE_URL", "http://[tracker"),
        ("TRANSITION_NOW", "2026-11-23"),
        ("TRANSITION_NOW", "tomorrow"),
        ("TRANSITION_DATABASE_URL", "mysql://tracker@db/tracker"),
        ("TRANSITION_DATABASE_URL", "sqlite://"),
        ("TRANSITION_DATABASE_URL", "sqlite:///:memory:"),
        ("TRANSITION_DATABASE_URL", "postgresql"),
        ("TRANSITION_PROT", "8000"),
    ],
)
def test_a_bad_value_is_refused_naming_the_variable(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        read_settings({name: value})


def test_a_refused_address_of_a_database_is_not_repeated_for_its_password() -> None:
    with pytest.raises(SettingsError) as refusal:
        read_settings({"TRANSITION_DATABASE_URL": "mysql://tracker:hunter2@db/tracker"})

    assert "hunter2" not in str(refusal.value)


def test_secrets_are_not_shown_when_settings_are_printed() -> None:
    settings = read_settings(
        {
            "TRANSITION_SMTP_PASSWORD": "hunter2",
            "TRANSITION_DATABASE_URL": "postgresql://tracker:hunter2@db/tracker",
        }
    )

    assert "hunter2" not in repr(settings)


def test_a_strange_or_missing_or_broken_file_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "settings"
    folder.mkdir()
    default = (CONFIG / "settings" / "default.toml").read_text("utf-8")
    (folder / "default.toml").write_text(default, "utf-8")
    (folder / "odd.toml").write_text("prot = 1\n", "utf-8")
    (folder / "broken.toml").write_text("port =\n", "utf-8")
    monkeypatch.setattr("transition.settings.CONFIG", tmp_path)

    for layer, sentence in {
        "odd": "odd.toml: prot is not a setting",
        "broken": "broken.toml cannot be read",
        "missing": "missing.toml cannot be read",
    }.items():
        with pytest.raises(SettingsError, match=sentence):
            read_settings({}, layer=layer)


def test_production_starts_when_keys_lie_apart_and_the_address_is_known() -> None:
    refuse_production(read_settings(LIVE))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"TRANSITION_KEYRING": ""}, "TRANSITION_KEYRING"),
        ({"TRANSITION_KEYRING": "/srv/tracker/keys/keyring"}, "TRANSITION_KEYRING"),
        ({"TRANSITION_KEYRING": "/etc/../srv/tracker/keyring"}, "TRANSITION_KEYRING"),
        ({"TRANSITION_DATABASE_URL": "sqlite:////etc/tracker/db.sqlite3"}, "TRANSITION_KEYRING"),
        ({"TRANSITION_CLIENT_SECRETS": "/srv/tracker/secrets"}, "TRANSITION_CLIENT_SECRETS"),
        ({"TRANSITION_BASE_URL": ""}, "Set TRANSITION_BASE_URL"),
        ({"TRANSITION_BASE_URL": "http://tracker.example"}, "must begin with https"),
        ({"TRANSITION_NOW": "2026-11-23T07:30:00Z"}, "TRANSITION_NOW"),
        ({"FLASK_DEBUG": "1"}, "FLASK_DEBUG"),
    ],
)
def test_production_is_refused_when_it_would_not_protect_anybody(
    change: dict[str, str], sentence: str
) -> None:
    with pytest.raises(SettingsError, match=sentence):
        refuse_production(read_settings({**LIVE, **change}))


def test_a_link_to_the_folder_of_the_data_does_not_hide_the_keys(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "safe").symlink_to(tmp_path / "data")
    beside = {
        **LIVE,
        "TRANSITION_HOME": str(tmp_path / "data"),
        "TRANSITION_KEYRING": str(tmp_path / "safe" / "keyring"),
    }

    with pytest.raises(SettingsError, match="TRANSITION_KEYRING"):
        refuse_production(read_settings(beside))


def test_production_may_be_tried_on_this_machine_without_https() -> None:
    refuse_production(read_settings({**LIVE, "TRANSITION_BASE_URL": "http://localhost:8000"}))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_a_demonstration_listens_on_this_machine(host: str) -> None:
    refuse_demonstration(read_settings({"TRANSITION_HOST": host}))


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.7", "tracker.example", "::"])  # noqa: S104 - what is refused
def test_a_demonstration_that_others_could_reach_is_refused(host: str) -> None:
    with pytest.raises(SettingsError, match="TRANSITION_HOST"):
        refuse_demonstration(read_settings({"TRANSITION_HOST": host}))


def test_each_provider_of_work_accounts_has_its_secret_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "naomi").write_text("hunter2\n", "utf-8")
    settings = read_settings({"TRANSITION_CLIENT_SECRETS": str(tmp_path)})

    assert read_client_secrets(settings, ["naomi"]) == {"naomi": "hunter2"}
    assert read_client_secrets(read_settings({}), []) == {}


def test_a_provider_of_work_accounts_that_is_half_set_up_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "rowans").write_text(" \n", "utf-8")
    (tmp_path / "oakhaven").write_bytes(b"\xff")
    settings = read_settings({"TRANSITION_CLIENT_SECRETS": str(tmp_path)})

    for key, sentence in {
        "naomi": "its file naomi cannot be read",
        "rowans": "its file rowans is empty",
        "oakhaven": "its file oakhaven cannot be read",
    }.items():
        with pytest.raises(SettingsError, match=sentence):
            read_client_secrets(settings, [key])
    with pytest.raises(SettingsError, match="Set TRANSITION_CLIENT_SECRETS"):
        read_client_secrets(read_settings({}), ["naomi"])
