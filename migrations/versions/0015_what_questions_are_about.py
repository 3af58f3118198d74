"""Which section of a pack a question is about, and the version that an answer points to."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("question", sa.Column("section", sa.String(40), nullable=True))
    op.add_column("question", sa.Column("see_version", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("question", "see_version")
    op.drop_column("question", "section")
