"""The two signatures under a transfer."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


LOOKS_SEALED = {
    "sqlite": "{0} IS NULL OR (length({0}) >= 64 AND hex(substr({0}, 1, 1)) = 'E1')",
    "postgresql": "{0} IS NULL OR (length({0}) >= 64 AND get_byte({0}, 0) = 225)",
}
"""Whatever writes to the database, a sealed column takes nothing that is not sealed."""


def sealed(*columns: str) -> list[sa.CheckConstraint]:
    words = LOOKS_SEALED[op.get_bind().dialect.name]
    return [sa.CheckConstraint(words.format(each), name=f"{each}_is_sealed") for each in columns]


def upgrade() -> None:
    op.create_table(
        "transfer_signature",
        sa.Column("case_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("handover_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("side", sa.String(40), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("role", sa.String(40), nullable=False),
        sa.Column("transfer_on", sa.Date(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_by_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("voided", sa.String(40), nullable=True),
        sa.Column("confirmed_on", sa.Date(), nullable=True),
        sa.Column("confirmed_how", sa.String(40), nullable=True),
        sa.Column("confirmed_by", sa.LargeBinary(), nullable=True),
        sa.Column("confirmed_as", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("uid", sa.LargeBinary(16), nullable=False),
        sa.CheckConstraint("(voided_at IS NULL) = (voided IS NULL)", name="voided_with_reason"),
        sa.CheckConstraint(
            "(confirmed_on IS NULL) = (confirmed_how IS NULL)", name="confirmation_is_whole"
        ),
        sa.ForeignKeyConstraint(
            ["case_uid"], ["young_person_case.uid"], name=op.f("fk_transfer_signature_case_uid")
        ),
        sa.ForeignKeyConstraint(
            ["handover_uid"], ["handover.uid"], name=op.f("fk_transfer_signature_handover_uid")
        ),
        sa.ForeignKeyConstraint(
            ["signed_by_uid"], ["staff.uid"], name=op.f("fk_transfer_signature_signed_by_uid")
        ),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_transfer_signature")),
        *sealed("confirmed_by", "confirmed_as"),
    )
    op.create_index(op.f("ix_transfer_signature_case_uid"), "transfer_signature", ["case_uid"])
    op.create_index(
        op.f("ix_transfer_signature_handover_uid"), "transfer_signature", ["handover_uid"]
    )
    op.create_index(
        "one_signature_a_side",
        "transfer_signature",
        ["handover_uid", "side"],
        unique=True,
        sqlite_where=sa.text("voided_at IS NULL"),
        postgresql_where=sa.text("voided_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("transfer_signature")
