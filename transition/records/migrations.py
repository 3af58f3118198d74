"""Bringing a database to the current schema."""

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, inspect

from transition.home import MIGRATIONS
from transition.records.base import prepare_engine


def upgrade(database_url: str) -> None:
    """Bring the database at *database_url* to the newest schema; harmless when it is there."""
    _migrate(database_url, "head", command.upgrade)


def is_new(database_url: str) -> bool:
    """Return whether nothing was ever kept in the database at *database_url*."""
    engine = create_engine(database_url)
    try:
        return not inspect(engine).has_table("database_stamp")
    finally:
        engine.dispose()


def downgrade(database_url: str, revision: str) -> None:
    """Take the database at *database_url* back to *revision*."""
    _migrate(database_url, revision, command.downgrade)


def config_for(database_url: str) -> Config:
    """Return what Alembic needs to know."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = database_url
    return config


def _migrate(database_url: str, revision: str, step: object) -> None:
    engine = create_engine(database_url)
    prepare_engine(engine)
    config = config_for(database_url)
    try:
        with engine.connect().execution_options(writing=True) as connection:
            config.attributes["connection"] = connection
            step(config, revision)  # type: ignore[operator]
            connection.commit()
    finally:
        engine.dispose()
