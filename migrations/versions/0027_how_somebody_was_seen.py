"""Whoever lost their second step was seen in person or by video; which of them is kept."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "seen_in_person",
        sa.Column("how", sa.String(40), nullable=False, server_default="in_person"),
    )


def downgrade() -> None:
    op.drop_column("seen_in_person", "how")
