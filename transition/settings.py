"""How the tracker runs here: read once, at the start, from config/settings and the environment."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Final, Literal, cast
from urllib.parse import urlsplit

from transition.clock import Clock, instant_from
from transition.home import CONFIG, PACKAGE, base_of_relative_paths

Mode = Literal["demo", "production"]
SmtpTls = Literal["starttls", "tls", "none"]

PREFIX: Final = "TRANSITION_"
SECRETS: Final = {"smtp_password"}
"""Settings that the environment alone may hold."""
LAST_PORT: Final = 65_535
MOST_PROXIES: Final = 9
DRIVERS: Final = {
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}


class SettingsError(Exception):
    """A setting with which the tracker cannot run; its text is a sentence naming the variable."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How the tracker runs here. config/settings/default.toml says what each one means."""

    mode: Mode | None
    """What was asked for; None leaves it to the database."""
    home: Path
    database_url: str = field(repr=False)
    keyring: Path
    collaborative: str
    host: str
    port: int
    base_url: str
    """Without a slash at its end; empty when none was set."""
    proxies: int
    """How many proxies stand in front, whose word on where a request comes from is taken."""
    smtp_host: str
    smtp_port: int
    smtp_user: str
    smtp_password: str = field(repr=False)
    smtp_tls: SmtpTls
    client_secrets: Path | None
    """The folder with what the providers of work accounts know the tracker by."""
    now: datetime | None
    clock: Clock
    debug: bool

    @property
    def address(self) -> str:
        """The address under which people reach the tracker."""
        return self.base_url or f"http://localhost:{self.port}"

    @property
    def mailbox(self) -> Path:
        """The folder that takes the letters of a demonstration."""
        return self.home / "mailbox"

    @property
    def database_file(self) -> Path | None:
        """The SQLite file; None when the database is a server."""
        scheme, _, path = self.database_url.partition(":///")
        return Path(path) if scheme == "sqlite" else None


def read_settings(environ: Mapping[str, str], *, layer: str | None = None) -> Settings:
    """Return the settings from the files, then *environ*, which has the last word.

    The file *layer* is laid over `default`; without one, the mode decides: `production`, else
    `development`.

    Raises:
        SettingsError: a value is bad, or a variable is not a setting.
    """
    words = _file("default", known=None)
    asked = _environment(environ, known=words.keys() | SECRETS)
    mode = _mode({**words, **asked})
    over = layer or ("production" if mode == "production" else "development")
    words = {**words, **_file(over, known=words.keys()), **asked}

    home = _path(words["home"])
    instant = _instant(words["now"])
    return Settings(
        mode=mode,
        home=home,
        database_url=_database_url(words["database_url"], home=home),
        keyring=_path(words["keyring"]) if words["keyring"] else home / "keyring",
        collaborative=_collaborative(words["collaborative"]),
        host=words["host"],
        port=_port("port", words),
        base_url=_base_url(words["base_url"]),
        proxies=_proxies(words["proxies"]),
        smtp_host=words["smtp_host"],
        smtp_port=_port("smtp_port", words),
        smtp_user=words["smtp_user"],
        smtp_password=words.get("smtp_password", ""),
        smtp_tls=_smtp_tls(words["smtp_tls"]),
        client_secrets=_path(words["client_secrets"]) if words["client_secrets"] else None,
        now=instant,
        clock=Clock.reading(instant),
        debug=environ.get("FLASK_DEBUG", "").lower() not in {"", "0", "false", "no"},
    )


def refuse_production(settings: Settings) -> None:
    """Refuse to look after real people with settings that would not protect them.

    Raises:
        SettingsError: the first reason found.
    """
    if settings.now is not None:
        raise SettingsError("TRANSITION_NOW is for demonstrations; production runs on real time.")
    if settings.debug:
        raise SettingsError("FLASK_DEBUG shows secrets to visitors; unset it for production.")
    _refuse_keys_beside_data(settings)
    if not settings.base_url:
        raise SettingsError("Set TRANSITION_BASE_URL to the address people use, with https://.")
    here = urlsplit(settings.base_url)
    if here.scheme != "https" and not is_loopback(here.hostname or ""):
        raise SettingsError("TRANSITION_BASE_URL must begin with https:// in production.")


def refuse_demonstration(settings: Settings) -> None:
    """Refuse to show a demonstration, whose password is known to all, to other machines.

    Raises:
        SettingsError: it would listen beyond this machine.
    """
    if not is_loopback(settings.host):
        raise SettingsError(
            "A demonstration listens on this machine alone: set TRANSITION_HOST to 127.0.0.1."
        )


def read_client_secrets(settings: Settings, organisations: Iterable[str]) -> dict[str, str]:
    """Return by organisation what the provider of its work accounts knows the tracker by.

    Raises:
        SettingsError: there is none for one of them.
    """
    return {key: _client_secret(settings.client_secrets, key) for key in organisations}


def _client_secret(folder: Path | None, key: str) -> str:
    if folder is None:
        raise SettingsError(
            f"Set TRANSITION_CLIENT_SECRETS: the work accounts of {key} need their client secret."
        )
    try:
        secret = (folder / key).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as trouble:
        raise SettingsError(
            f"TRANSITION_CLIENT_SECRETS: its file {key} cannot be read. Put the client secret of "
            "these work accounts there."
        ) from trouble
    if not secret:
        raise SettingsError(f"TRANSITION_CLIENT_SECRETS: its file {key} is empty.")
    return secret


def is_loopback(host: str) -> bool:
    """Return whether *host* can be reached from this machine only."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def is_figures(host: str) -> bool:
    """Return whether *host* is an address in figures, and no name."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _refuse_keys_beside_data(settings: Settings) -> None:
    """A copy of the data that also holds the keys protects nobody; backups copy folders whole."""
    folders = [settings.home]
    if settings.database_file is not None:
        folders.append(settings.database_file.parent)
    secret = {"TRANSITION_KEYRING": settings.keyring}
    if settings.client_secrets is not None:
        secret["TRANSITION_CLIENT_SECRETS"] = settings.client_secrets
    for name, path in secret.items():
        if any(path.resolve().is_relative_to(folder.resolve()) for folder in folders):
            raise SettingsError(
                f"{name} must lie outside the folders of the database and of backups."
            )


def _file(name: str, *, known: AbstractSet[str] | None) -> dict[str, str]:
    file = CONFIG / "settings" / f"{name}.toml"
    try:
        read = tomllib.loads(file.read_text("utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as trouble:
        raise SettingsError(f"config/settings/{name}.toml cannot be read: {trouble}.") from trouble
    strange = sorted(read.keys() - known) if known is not None else []
    if strange:
        raise SettingsError(f"config/settings/{name}.toml: {strange[0]} is not a setting.")
    return {key: str(value) for key, value in read.items()}


def _environment(environ: Mapping[str, str], *, known: AbstractSet[str]) -> dict[str, str]:
    """An empty variable counts as none; a misspelt one must not pass unnoticed."""
    asked = {
        name.removeprefix(PREFIX).lower(): value
        for name, value in environ.items()
        if name.startswith(PREFIX) and value
    }
    for strange in sorted(asked.keys() - known):
        raise SettingsError(
            f"{PREFIX}{strange.upper()} is not a setting; config/settings/default.toml lists them."
        )
    return asked


def _mode(words: Mapping[str, str]) -> Mode | None:
    if words["mode"] not in {"", "demo", "production"}:
        raise SettingsError("TRANSITION_MODE must be demo or production.")
    return cast("Mode", words["mode"]) if words["mode"] else None


def _path(text: str) -> Path:
    return base_of_relative_paths(PACKAGE) / Path(text).expanduser()


def _database_url(text: str, *, home: Path) -> str:
    scheme, separator, rest = (text or f"sqlite:///{home / 'tracker.sqlite3'}").partition("://")
    if scheme == "sqlite" and rest.startswith("/") and rest not in {"/", "/:memory:"}:
        return f"sqlite:///{_path(rest[1:])}"
    if scheme in DRIVERS and separator:
        return f"{DRIVERS[scheme]}://{rest}"
    # The value itself is not repeated: it may hold a password.
    raise SettingsError("TRANSITION_DATABASE_URL must begin with sqlite:///FILE or postgresql://.")


def _collaborative(text: str) -> str:
    if not re.fullmatch(r"[a-z0-9_-]+", text):
        raise SettingsError("TRANSITION_COLLABORATIVE must name a file of config/collaboratives.")
    return text


def _port(name: str, words: Mapping[str, str]) -> int:
    text = words[name]
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= LAST_PORT):
        raise SettingsError(f"{PREFIX}{name.upper()} must be a number from 1 to {LAST_PORT}.")
    return int(text)


def _proxies(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= MOST_PROXIES):
        raise SettingsError(f"TRANSITION_PROXIES must be a number from 0 to {MOST_PROXIES}.")
    return int(text)


def _base_url(text: str) -> str:
    try:
        parts = urlsplit(text)
        good = parts.scheme in {"http", "https"} and parts.hostname and not parts.query
    except ValueError:
        good = False
    if text and not good:
        raise SettingsError("TRANSITION_BASE_URL must be an address like https://tracker.example.")
    return text.rstrip("/")


def _smtp_tls(text: str) -> SmtpTls:
    if text not in {"starttls", "tls", "none"}:
        raise SettingsError("TRANSITION_SMTP_TLS must be starttls, tls or none.")
    return cast("SmtpTls", text)


def _instant(text: str) -> datetime | None:
    try:
        return instant_from(text) if text else None
    except ValueError as trouble:
        raise SettingsError(f"TRANSITION_NOW: {trouble}") from trouble
