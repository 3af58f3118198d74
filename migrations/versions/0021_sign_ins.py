"""How sign-ins are throttled, with which devices they began, and why they ended."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sign_in_try",
        sa.Column("key", sa.LargeBinary(16), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sign_in_try")),
    )
    op.create_index("tries_by_kind", "sign_in_try", ["kind", "began_at"])
    op.create_table(
        "known_device",
        sa.Column("uid", sa.LargeBinary(16), nullable=False),
        sa.Column("token_digest", sa.LargeBinary(32), nullable=False),
        sa.Column("staff_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("signed_in_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_uid"], ["staff.uid"], name=op.f("fk_known_device_staff_uid")
        ),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_known_device")),
        sa.UniqueConstraint("token_digest", "staff_uid", name="known_once"),
    )
    op.create_index(op.f("ix_known_device_staff_uid"), "known_device", ["staff_uid"])
    op.add_column("sign_in", sa.Column("ended_because", sa.String(40), nullable=True))
    op.add_column("sign_in", sa.Column("device", sa.String(40), nullable=True))


def downgrade() -> None:
    op.drop_column("sign_in", "device")
    op.drop_column("sign_in", "ended_because")
    op.drop_table("known_device")
    op.drop_table("sign_in_try")
