"""A window for the move, and what a change of the target date takes back to."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("young_person_case", sa.Column("window_to", sa.Date(), nullable=True))
    op.add_column("target_date_change", sa.Column("was_set_on", sa.Date(), nullable=True))
    op.add_column("target_date_change", sa.Column("was_window_to", sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column("target_date_change", "was_window_to")
    op.drop_column("target_date_change", "was_set_on")
    op.drop_column("young_person_case", "window_to")
