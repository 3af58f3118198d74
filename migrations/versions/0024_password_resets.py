"""Links with which somebody who cannot sign in chooses another password."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "password_reset",
        sa.Column("uid", sa.LargeBinary(16), nullable=False),
        sa.Column("token_digest", sa.LargeBinary(32), nullable=False),
        sa.Column("staff_uid", sa.LargeBinary(16), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["staff_uid"], ["staff.uid"], name=op.f("fk_password_reset_staff_uid")
        ),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_password_reset")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_password_reset_token_digest")),
    )
    op.create_index(op.f("ix_password_reset_staff_uid"), "password_reset", ["staff_uid"])
    op.create_index(op.f("ix_password_reset_asked_at"), "password_reset", ["asked_at"])


def downgrade() -> None:
    op.drop_table("password_reset")
