"""Versions of packs that newer ones replaced, and who has read which section."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


LOOKS_SEALED = {
    "sqlite": "{0} IS NULL OR (length({0}) >= 64 AND hex(substr({0}, 1, 1)) = 'E1')",
    "postgresql": "{0} IS NULL OR (length({0}) >= 64 AND get_byte({0}, 0) = 225)",
}
"""Whatever writes to the database, a sealed column takes nothing that is not sealed."""


def upgrade() -> None:
    sealed = LOOKS_SEALED[op.get_bind().dialect.name]
    op.create_table(
        "earlier_pack",
        sa.Column("case_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("handover_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("pack_hash", sa.LargeBinary(32), nullable=True),
        sa.Column("pack", sa.LargeBinary(), nullable=True),
        sa.Column("uid", sa.LargeBinary(16), nullable=False),
        sa.CheckConstraint(sealed.format("pack"), name=op.f("ck_earlier_pack_pack_is_sealed")),
        sa.ForeignKeyConstraint(
            ["case_uid"], ["young_person_case.uid"], name=op.f("fk_earlier_pack_case_uid")
        ),
        sa.ForeignKeyConstraint(
            ["handover_uid"], ["handover.uid"], name=op.f("fk_earlier_pack_handover_uid")
        ),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_earlier_pack")),
        sa.UniqueConstraint("handover_uid", "number", name="pack_version_once"),
    )
    op.create_index(op.f("ix_earlier_pack_case_uid"), "earlier_pack", ["case_uid"])
    op.create_table(
        "pack_reading",
        sa.Column("case_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("handover_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("section", sa.String(40), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_by_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("uid", sa.LargeBinary(16), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_uid"], ["young_person_case.uid"], name=op.f("fk_pack_reading_case_uid")
        ),
        sa.ForeignKeyConstraint(
            ["handover_uid"], ["handover.uid"], name=op.f("fk_pack_reading_handover_uid")
        ),
        sa.ForeignKeyConstraint(
            ["read_by_uid"], ["staff.uid"], name=op.f("fk_pack_reading_read_by_uid")
        ),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_pack_reading")),
        sa.UniqueConstraint(
            "handover_uid", "number", "section", "read_by_uid", name="read_once_by_each"
        ),
    )
    op.create_index(op.f("ix_pack_reading_case_uid"), "pack_reading", ["case_uid"])


def downgrade() -> None:
    op.drop_table("pack_reading")
    op.drop_table("earlier_pack")
