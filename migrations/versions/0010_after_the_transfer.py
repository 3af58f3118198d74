"""What is recorded after a transfer: first contacts and check-ins."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


LOOKS_SEALED = {
    "sqlite": "{0} IS NULL OR (length({0}) >= 64 AND hex(substr({0}, 1, 1)) = 'E1')",
    "postgresql": "{0} IS NULL OR (length({0}) >= 64 AND get_byte({0}, 0) = 225)",
}
"""Whatever writes to the database, a sealed column takes nothing that is not sealed."""

UID, INSTANT, CODE = sa.LargeBinary(16), sa.DateTime(timezone=True), sa.String(40)
TABLES = ("first_contact", "check_in")


def beside(table: str, sealed: tuple[str, ...], *own: sa.Column | sa.Constraint) -> None:
    words = LOOKS_SEALED[op.get_bind().dialect.name]
    op.create_table(
        table,
        sa.Column("case_uid", UID, nullable=False),
        sa.Column("handover_uid", UID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("shared_with", sa.String(), nullable=True),
        sa.Column("written_at", INSTANT, nullable=False),
        sa.Column("written_by_uid", UID, nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("taken_back_at", INSTANT, nullable=True),
        *own,
        *(sa.Column(name, sa.LargeBinary(), nullable=True) for name in sealed),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("uid", UID, nullable=False),
        sa.ForeignKeyConstraint(
            ["case_uid"], ["young_person_case.uid"], name=op.f(f"fk_{table}_case_uid")
        ),
        sa.ForeignKeyConstraint(
            ["handover_uid"], ["handover.uid"], name=op.f(f"fk_{table}_handover_uid")
        ),
        sa.ForeignKeyConstraint(
            ["written_by_uid"], ["staff.uid"], name=op.f(f"fk_{table}_written_by_uid")
        ),
        sa.PrimaryKeyConstraint("uid", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("case_uid", "number", name=f"{table}_number_once"),
        *(sa.CheckConstraint(words.format(name), name=f"{name}_is_sealed") for name in sealed),
    )
    op.create_index(op.f(f"ix_{table}_case_uid"), table, ["case_uid"])
    op.create_index(op.f(f"ix_{table}_handover_uid"), table, ["handover_uid"])


def upgrade() -> None:
    beside(
        "first_contact",
        ("note", "plan"),
        sa.Column("kind", CODE, nullable=False),
        sa.Column("result", CODE, nullable=False),
        sa.Column("joint_call_on", sa.Date(), nullable=True),
        sa.Column("home_visit_offered_on", sa.Date(), nullable=True),
        sa.Column("gp_told_on", sa.Date(), nullable=True),
        sa.Column("planned_on", sa.Date(), nullable=True),
    )
    beside(
        "check_in",
        ("their_words", "note", "feedback_words", "talked"),
        sa.Column("kind", CODE, nullable=False),
        sa.Column("outcome", CODE, nullable=False),
        sa.Column("feedback", CODE, nullable=True),
        sa.Column("talked_on", sa.Date(), nullable=True),
        sa.Column("talked_by_uid", UID, nullable=True),
        sa.ForeignKeyConstraint(
            ["talked_by_uid"], ["staff.uid"], name=op.f("fk_check_in_talked_by_uid")
        ),
        sa.CheckConstraint(
            "(talked_on IS NULL) = (talked_by_uid IS NULL)", name=op.f("ck_check_in_talk_is_whole")
        ),
    )


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
