"""Who at a provider outside agreed that a transition is completed."""

from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


LOOKS_SEALED = {
    "sqlite": "{0} IS NULL OR (length({0}) >= 64 AND hex(substr({0}, 1, 1)) = 'E1')",
    "postgresql": "{0} IS NULL OR (length({0}) >= 64 AND get_byte({0}, 0) = 225)",
}
"""Whatever writes to the database, a sealed column takes nothing that is not sealed."""

BYTES = {"sqlite": "BLOB", "postgresql": "BYTEA"}


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    check = LOOKS_SEALED[dialect].format("told")
    op.execute(
        f"ALTER TABLE agreement ADD COLUMN told {BYTES[dialect]} CONSTRAINT "
        f"ck_agreement_told_is_sealed CHECK ({check})"
    )


def downgrade() -> None:
    op.drop_column("agreement", "told")
