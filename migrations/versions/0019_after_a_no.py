"""Who told the family of a No, and what both leads agreed about it."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


LOOKS_SEALED = {
    "sqlite": "{0} IS NULL OR (length({0}) >= 64 AND hex(substr({0}, 1, 1)) = 'E1')",
    "postgresql": "{0} IS NULL OR (length({0}) >= 64 AND get_byte({0}, 0) = 225)",
}
"""Whatever writes to the database, a sealed column takes nothing that is not sealed."""

BYTES = {"sqlite": "BLOB", "postgresql": "BYTEA"}

DAYS = ("family_told_on", "disputed_on", "talked_on")
SEALED = ("family_told_by", "talked")


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    for name in DAYS:
        op.add_column("handover", sa.Column(name, sa.Date(), nullable=True))
    for name in SEALED:
        check = LOOKS_SEALED[dialect].format(name)
        op.execute(
            f"ALTER TABLE handover ADD COLUMN {name} {BYTES[dialect]} CONSTRAINT "
            f"ck_handover_{name}_is_sealed CHECK ({check})"
        )


def downgrade() -> None:
    for name in (*SEALED, *DAYS):
        op.drop_column("handover", name)
