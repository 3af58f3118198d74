"""Bringing a database to the current schema.

Alembic is loaded when a database is brought there: the processes that serve and work never need it,
and it would be an eighth of their memory.
"""

from typing import TYPE_CHECKING, Literal

from sqlalchemy import create_engine, inspect

from transition.home import MIGRATIONS
from transition.records.base import prepare_engine

if TYPE_CHECKING:
    from alembic.config import Config


def upgrade(database_url: str, revision: str = "head") -> None:
    """Bring the database at *database_url* to the newest schema; harmless when it is there."""
    _migrate(database_url, revision, "upgrade")


def is_new(database_url: str) -> bool:
    """Return whether nothing was ever kept in the database at *database_url*."""
    engine = create_engine(database_url)
    try:
        return not inspect(engine).has_table("database_stamp")
    finally:
        engine.dispose()


def downgrade(database_url: str, revision: str) -> None:
    """Take the database at *database_url* back to *revision*."""
    _migrate(database_url, revision, "downgrade")


def config_for(database_url: str) -> "Config":
    """Return what Alembic needs to know."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = database_url
    return config


def _migrate(database_url: str, revision: str, step: Literal["upgrade", "downgrade"]) -> None:
    from alembic import command

    engine = create_engine(database_url)
    prepare_engine(engine)
    config = config_for(database_url)
    try:
        with engine.connect().execution_options(writing=True) as connection:
            config.attributes["connection"] = connection
            getattr(command, step)(config, revision)
            connection.commit()
    finally:
        engine.dispose()
