"""How our column types are written in a migration: as what the database keeps."""

from typing import Any, Literal

from alembic.autogenerate.api import AutogenContext

from transition.records.columns import Coded, SealedBytes, Uid, UtcDateTime

WRITTEN: dict[type[Any], str] = {
    SealedBytes: "sa.LargeBinary()",
    Uid: "sa.LargeBinary(16)",
    Coded: "sa.String(40)",
    UtcDateTime: "sa.DateTime(timezone=True)",
}


def render_item(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:  # noqa: ANN401 - any type
    """Return how *item* is written, or False for Alembic's own way."""
    return WRITTEN.get(type(item), False) if kind == "type" else False
