"""Records that were opened in an emergency."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
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
        "urgent_access",
        sa.Column("case_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("staff_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(40), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(40), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reviewed_by_uid", sa.LargeBinary(16), nullable=True),
        sa.Column("escalated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("why", sa.LargeBinary(), nullable=True),
        sa.Column("findings", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("uid", sa.LargeBinary(16), nullable=False),
        sa.CheckConstraint(
            "until >= opened_at", name=op.f("ck_urgent_access_ends_after_it_begins")
        ),
        sa.CheckConstraint(
            "(reviewed_at IS NULL) = (outcome IS NULL)"
            " AND (reviewed_at IS NULL) = (reviewed_by_uid IS NULL)",
            name=op.f("ck_urgent_access_review_is_whole"),
        ),
        *(
            sa.CheckConstraint(looks_sealed.format(each), name=f"{each}_is_sealed")
            for each in ("why", "findings")
        ),
        sa.ForeignKeyConstraint(
            ["case_uid"], ["young_person_case.uid"], name=op.f("fk_urgent_access_case_uid")
        ),
        *(
            sa.ForeignKeyConstraint([each], ["staff.uid"], name=op.f(f"fk_urgent_access_{each}"))
            for each in ("staff_uid", "reviewed_by_uid")
        ),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_urgent_access")),
    )
    for each in ("case_uid", "staff_uid"):
        op.create_index(op.f(f"ix_urgent_access_{each}"), "urgent_access", [each])


def downgrade() -> None:
    op.drop_table("urgent_access")
