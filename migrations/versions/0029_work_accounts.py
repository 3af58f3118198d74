"""With which work account somebody signs in, and who was sent to a provider just now."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

LOOKS_SEALED = {
    "sqlite": "back IS NULL OR (length(back) >= 64 AND hex(substr(back, 1, 1)) = 'E1')",
    "postgresql": "back IS NULL OR (length(back) >= 64 AND get_byte(back, 0) = 225)",
}
"""Whatever writes to the database, a sealed column takes nothing that is not sealed."""


def upgrade() -> None:
    op.create_table(
        "work_account",
        sa.Column("uid", sa.LargeBinary(16), nullable=False),
        sa.Column("staff_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("subject_digest", sa.LargeBinary(16), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["staff_uid"], ["staff.uid"], name=op.f("fk_work_account_staff_uid")
        ),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_work_account")),
        sa.UniqueConstraint("staff_uid", name=op.f("uq_work_account_staff_uid")),
        sa.UniqueConstraint("subject_digest", name=op.f("uq_work_account_subject_digest")),
    )
    op.create_table(
        "work_account_ask",
        sa.Column("uid", sa.LargeBinary(16), nullable=False),
        sa.Column("token_digest", sa.LargeBinary(32), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(40), nullable=False),
        sa.Column("staff_uid", sa.LargeBinary(16), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("back", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            LOOKS_SEALED[op.get_bind().dialect.name],
            name=op.f("ck_work_account_ask_back_is_sealed"),
        ),
        sa.ForeignKeyConstraint(
            ["staff_uid"], ["staff.uid"], name=op.f("fk_work_account_ask_staff_uid")
        ),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_work_account_ask")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_work_account_ask_token_digest")),
    )
    op.create_index(op.f("ix_work_account_ask_asked_at"), "work_account_ask", ["asked_at"])


def downgrade() -> None:
    op.drop_table("work_account_ask")
    op.drop_table("work_account")
