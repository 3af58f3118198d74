"""How Alembic speaks to the database; the tracker hands it a connection."""

from alembic import context

from transition.records import everything  # noqa: F401 - every row is known from here
from transition.records.base import Base
from transition.records.rendering import render_item

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    render_item=render_item,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
