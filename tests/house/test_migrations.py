"""Migrations arrive at the database that the rows describe, on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, NullPool, create_engine, delete, inspect, text
from sqlalchemy.exc import DBAPIError

from transition.home import MIGRATIONS
from transition.records import everything  # noqa: F401 - every row is known from here
from transition.records.audit import AuditEntry
from transition.records.base import Base, prepare_engine
from transition.records.migrations import config_for, downgrade, upgrade
from transition.settings import Settings

VERSIONS = "alembic_version"
SCRIPTS = ScriptDirectory.from_config(config_for(""))

pytestmark = pytest.mark.usefixtures("both_databases")


@pytest.fixture
def url(both_databases: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """The address of a database without anything in it."""
    if both_databases == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.sqlite3'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    """An engine for that database, which keeps no connection."""
    engine = create_engine(url, poolclass=NullPool)
    prepare_engine(engine)
    yield engine
    engine.dispose()


def _shape(engine: Engine) -> dict[str, dict[str, Any]]:
    """Return what the database says of each of its tables; it is asked for all of them at once."""
    with engine.connect() as connection:
        asked = inspect(connection)
        said: dict[str, dict[Any, Any]] = {
            "columns": asked.get_multi_columns(),
            "key": asked.get_multi_pk_constraint(),
            "checks": asked.get_multi_check_constraints(),
            "unique": asked.get_multi_unique_constraints(),
            "indexes": asked.get_multi_indexes(),
            "foreign keys": asked.get_multi_foreign_keys(),
        }
    tables = {table for table in said["columns"] if table[1] != VERSIONS}
    return {
        table[1]: _shape_of({kind: found.get(table, []) for kind, found in said.items()})
        for table in tables
    }


def _shape_of(said: dict[str, Any]) -> dict[str, Any]:
    return {
        "columns": {one["name"]: (str(one["type"]), one["nullable"]) for one in said["columns"]},
        "key": sorted(said["key"]["constrained_columns"]),
        "checks": {one["name"]: one["sqltext"] for one in said["checks"]},
        "unique": {one["name"]: one["column_names"] for one in said["unique"]},
        "indexes": {
            one["name"]: (
                one["column_names"],
                bool(one["unique"]),
                sorted((key, str(words)) for key, words in one["dialect_options"].items()),
            )
            for one in said["indexes"]
            if "duplicates_constraint" not in one
        },
        "foreign keys": {
            str(one["name"]): (one["constrained_columns"], one["referred_table"])
            for one in said["foreign keys"]
        },
    }


def test_migrations_lead_to_what_the_rows_describe(url: str, engine: Engine) -> None:
    upgrade(url)

    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_checks_and_partial_indexes_are_the_same_too(url: str, engine: Engine) -> None:
    upgrade(url)
    migrated = _shape(engine)
    downgrade(url, "base")
    with engine.begin() as connection:
        connection.execute(text(f"DROP TABLE {VERSIONS}"))
    Base.metadata.create_all(engine)

    assert migrated == _shape(engine)
    assert len(migrated) == len(Base.metadata.tables)


def test_down_leaves_nothing_and_up_again_works(url: str, engine: Engine) -> None:
    upgrade(url)
    before = _shape(engine)
    downgrade(url, "base")

    assert _shape(engine) == {}
    assert _routines(engine) == []
    upgrade(url)
    assert _shape(engine) == before


def _routines(engine: Engine) -> list[str]:
    """Return what is not a table and yet was made by a migration."""
    query = (
        "SELECT name FROM sqlite_master WHERE type IN ('trigger', 'view')"
        if engine.dialect.name == "sqlite"
        else "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
    )
    with engine.connect() as connection:
        return list(connection.scalars(text(query)))


def test_up_twice_changes_nothing(url: str, engine: Engine) -> None:
    upgrade(url)
    before = _shape(engine)
    upgrade(url)

    assert _shape(engine) == before


def test_each_step_down_is_a_step_up_again(url: str, engine: Engine) -> None:
    upgrade(url)
    shape = _shape(engine)
    for script in SCRIPTS.walk_revisions():
        downgrade(url, str(script.down_revision or "base"))
        below = _shape(engine)
        upgrade(url, script.revision)
        assert _shape(engine) == shape, script.revision
        downgrade(url, str(script.down_revision or "base"))
        shape = below


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET action = 'nothing:happened'",
        "DELETE FROM audit_entry",
    ],
)
def test_the_trail_is_only_ever_added_to(installed: Settings, statement: str) -> None:
    engine = create_engine(installed.database_url, poolclass=NullPool)

    with engine.connect() as connection:
        before = connection.scalar(text("SELECT count(*) FROM audit_entry"))
        with pytest.raises(DBAPIError, match="only ever added to"):
            connection.execute(text(statement))
        connection.rollback()
        assert connection.scalar(text("SELECT count(*) FROM audit_entry")) == before
        assert before


def test_the_trail_cannot_be_emptied_at_once(installed: Settings) -> None:
    engine = create_engine(installed.database_url, poolclass=NullPool)
    at_once = "TRUNCATE audit_entry" if engine.dialect.name == "postgresql" else None

    with engine.connect() as connection, pytest.raises(DBAPIError, match="only ever added to"):
        connection.execute(text(at_once) if at_once else delete(AuditEntry))


def test_nothing_but_the_trail_has_a_trigger(url: str, engine: Engine) -> None:
    upgrade(url)
    query = (
        "SELECT DISTINCT tbl_name FROM sqlite_master WHERE type = 'trigger'"
        if engine.dialect.name == "sqlite"
        else "SELECT DISTINCT event_object_table FROM information_schema.triggers"
    )

    with engine.connect() as connection:
        assert list(connection.scalars(text(query))) == [AuditEntry.__tablename__]


def test_a_missing_check_would_be_found(url: str, engine: Engine) -> None:
    upgrade(url)
    before = _shape(engine)
    with engine.begin() as connection:
        connection.execute(text("DROP INDEX one_open_case"))

    assert _shape(engine) != before


def test_migrations_stand_in_one_line() -> None:
    files = sorted(path.stem for path in (MIGRATIONS / "versions").glob("*.py"))
    in_order = [script.revision for script in reversed(list(SCRIPTS.walk_revisions()))]

    assert len(SCRIPTS.get_heads()) == 1
    assert in_order == [name.split("_")[0] for name in files]
