"""Early notices to adult hospices."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


LOOKS_SEALED = {
    "sqlite": "{0} IS NULL OR (length({0}) >= 64 AND hex(substr({0}, 1, 1)) = 'E1')",
    "postgresql": "{0} IS NULL OR (length({0}) >= 64 AND get_byte({0}, 0) = 225)",
}
"""Whatever writes to the database, a sealed column takes nothing that is not sealed."""


def upgrade() -> None:
    looks_sealed = LOOKS_SEALED[op.get_bind().dialect.name]
    op.create_table(
        "early_notice",
        sa.Column("case_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("receiver", sa.String(), nullable=False),
        sa.Column("quarter_on", sa.Date(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_by_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_by_uid", sa.LargeBinary(16), nullable=True),
        sa.Column("taken_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("functions", sa.LargeBinary(), nullable=True),
        sa.Column("complex_care", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("uid", sa.LargeBinary(16), nullable=False),
        sa.CheckConstraint(
            "(seen_at IS NULL) = (seen_by_uid IS NULL)",
            name=op.f("ck_early_notice_seeing_is_whole"),
        ),
        *(
            sa.CheckConstraint(looks_sealed.format(each), name=f"{each}_is_sealed")
            for each in ("functions", "complex_care")
        ),
        sa.ForeignKeyConstraint(
            ["case_uid"], ["young_person_case.uid"], name=op.f("fk_early_notice_case_uid")
        ),
        sa.ForeignKeyConstraint(
            ["sent_by_uid"], ["staff.uid"], name=op.f("fk_early_notice_sent_by_uid")
        ),
        sa.ForeignKeyConstraint(
            ["seen_by_uid"], ["staff.uid"], name=op.f("fk_early_notice_seen_by_uid")
        ),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_early_notice")),
    )
    op.create_index(op.f("ix_early_notice_case_uid"), "early_notice", ["case_uid"])
    op.create_index(op.f("ix_early_notice_receiver"), "early_notice", ["receiver"])
    op.create_index(
        "one_notice_stands",
        "early_notice",
        ["case_uid", "receiver"],
        unique=True,
        sqlite_where=sa.text("taken_back_at IS NULL"),
        postgresql_where=sa.text("taken_back_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("early_notice")
