"""Milestones that one case adds, and those that are looked at again later."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
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
        "own_milestone",
        sa.Column("case_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("stage", sa.String(40), nullable=False),
        sa.Column("owner", sa.String(40), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("title", sa.LargeBinary(), nullable=True),
        sa.Column("due_on", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("uid", sa.LargeBinary(16), nullable=False),
        sa.ForeignKeyConstraint(
            ["added_by_uid"], ["staff.uid"], name=op.f("fk_own_milestone_added_by_uid")
        ),
        sa.ForeignKeyConstraint(
            ["case_uid"], ["young_person_case.uid"], name=op.f("fk_own_milestone_case_uid")
        ),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_own_milestone")),
        sa.UniqueConstraint("case_uid", "code", name="own_code_once"),
        *sealed("title", "due_on"),
    )
    op.create_index(op.f("ix_own_milestone_case_uid"), "own_milestone", ["case_uid"])

    op.create_table(
        "snooze",
        sa.Column("case_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("set_by_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("uid", sa.LargeBinary(16), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_uid"], ["young_person_case.uid"], name=op.f("fk_snooze_case_uid")
        ),
        sa.ForeignKeyConstraint(["set_by_uid"], ["staff.uid"], name=op.f("fk_snooze_set_by_uid")),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_snooze")),
        *sealed("reason"),
    )
    op.create_index(op.f("ix_snooze_case_uid"), "snooze", ["case_uid"])
    op.create_index(
        "one_open_snooze",
        "snooze",
        ["case_uid", "code"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("snooze")
    op.drop_table("own_milestone")
