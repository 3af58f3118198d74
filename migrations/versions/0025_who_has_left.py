"""The address of somebody who has left is kept apart, so that it is free for a new account."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("staff", sa.Column("former_email", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("staff", "former_email")
