"""What both hospices agree on after a transfer: that it is completed, or that somebody returns."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


LOOKS_SEALED = {
    "sqlite": "{0} IS NULL OR (length({0}) >= 64 AND hex(substr({0}, 1, 1)) = 'E1')",
    "postgresql": "{0} IS NULL OR (length({0}) >= 64 AND get_byte({0}, 0) = 225)",
}
"""Whatever writes to the database, a sealed column takes nothing that is not sealed."""

UID, INSTANT, CODE = sa.LargeBinary(16), sa.DateTime(timezone=True), sa.String(40)


def upgrade() -> None:
    op.create_table(
        "agreement",
        sa.Column("case_uid", UID, nullable=False),
        sa.Column("handover_uid", UID, nullable=False),
        sa.Column("what", CODE, nullable=False),
        sa.Column("side", CODE, nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("role", CODE, nullable=False),
        sa.Column("agreed_at", INSTANT, nullable=False),
        sa.Column("agreed_by_uid", UID, nullable=False),
        sa.Column("withdrawn_at", INSTANT, nullable=True),
        sa.Column("withdrawn_by_uid", UID, nullable=True),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("uid", UID, nullable=False),
        sa.CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_by_uid IS NULL)",
            name=op.f("ck_agreement_withdrawing_is_whole"),
        ),
        sa.CheckConstraint(
            LOOKS_SEALED[op.get_bind().dialect.name].format("reason"), name="reason_is_sealed"
        ),
        sa.ForeignKeyConstraint(
            ["case_uid"], ["young_person_case.uid"], name=op.f("fk_agreement_case_uid")
        ),
        sa.ForeignKeyConstraint(
            ["handover_uid"], ["handover.uid"], name=op.f("fk_agreement_handover_uid")
        ),
        sa.ForeignKeyConstraint(
            ["agreed_by_uid"], ["staff.uid"], name=op.f("fk_agreement_agreed_by_uid")
        ),
        sa.ForeignKeyConstraint(
            ["withdrawn_by_uid"], ["staff.uid"], name=op.f("fk_agreement_withdrawn_by_uid")
        ),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_agreement")),
    )
    op.create_index(op.f("ix_agreement_case_uid"), "agreement", ["case_uid"])
    op.create_index(op.f("ix_agreement_handover_uid"), "agreement", ["handover_uid"])
    standing = sa.text("withdrawn_at IS NULL")
    op.create_index(
        "one_word_a_side",
        "agreement",
        ["handover_uid", "what", "side"],
        unique=True,
        sqlite_where=standing,
        postgresql_where=standing,
    )


def downgrade() -> None:
    op.drop_table("agreement")
