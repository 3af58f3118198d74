"""What colleagues write beside the record: notes, joint visits, documents and alerts."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


LOOKS_SEALED = {
    "sqlite": "{0} IS NULL OR (length({0}) >= 64 AND hex(substr({0}, 1, 1)) = 'E1')",
    "postgresql": "{0} IS NULL OR (length({0}) >= 64 AND get_byte({0}, 0) = 225)",
}
"""Whatever writes to the database, a sealed column takes nothing that is not sealed."""

UID, INSTANT, CODE = sa.LargeBinary(16), sa.DateTime(timezone=True), sa.String(40)
TABLES = ("case_alert", "case_document", "joint_visit", "case_note")


def beside(table: str, noun: str, sealed: tuple[str, ...], *own: sa.Column | sa.Constraint) -> None:
    words = LOOKS_SEALED[op.get_bind().dialect.name]
    op.create_table(
        table,
        sa.Column("case_uid", UID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("shared_with", sa.String(), nullable=True),
        sa.Column("written_at", INSTANT, nullable=False),
        sa.Column("written_by_uid", UID, nullable=False),
        *own,
        *(sa.Column(name, sa.LargeBinary(), nullable=True) for name in sealed),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("uid", UID, nullable=False),
        sa.ForeignKeyConstraint(
            ["case_uid"], ["young_person_case.uid"], name=op.f(f"fk_{table}_case_uid")
        ),
        sa.ForeignKeyConstraint(
            ["written_by_uid"], ["staff.uid"], name=op.f(f"fk_{table}_written_by_uid")
        ),
        sa.PrimaryKeyConstraint("uid", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("case_uid", "number", name=f"{noun}_number_once"),
        *(sa.CheckConstraint(words.format(name), name=f"{name}_is_sealed") for name in sealed),
    )
    op.create_index(op.f(f"ix_{table}_case_uid"), table, ["case_uid"])


def upgrade() -> None:
    beside(
        "case_note",
        "note",
        ("words",),
        sa.Column("kind", CODE, nullable=False),
        sa.Column("sharing", CODE, nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("corrects_uid", UID, nullable=True),
        sa.ForeignKeyConstraint(
            ["corrects_uid"], ["case_note.uid"], name=op.f("fk_case_note_corrects_uid")
        ),
    )
    beside(
        "joint_visit",
        "visit",
        ("at_time", "who_goes", "purpose", "outcome"),
        sa.Column("state", CODE, nullable=False),
        sa.Column("place", CODE, nullable=False),
        sa.Column("visit_on", sa.Date(), nullable=False),
    )
    beside(
        "case_document",
        "document",
        ("title", "link", "place", "dated", "confirmed_by"),
        sa.Column("kind", CODE, nullable=False),
        sa.Column("sharing", CODE, nullable=False),
        sa.Column("removed_at", INSTANT, nullable=True),
    )
    beside(
        "case_alert",
        "alert",
        ("words",),
        sa.Column("review_on", sa.Date(), nullable=False),
        sa.Column("reviewed_at", INSTANT, nullable=False),
        sa.Column("reviewed_by_uid", UID, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["reviewed_by_uid"], ["staff.uid"], name=op.f("fk_case_alert_reviewed_by_uid")
        ),
    )


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
