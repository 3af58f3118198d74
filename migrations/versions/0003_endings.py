"""How cases end, and open again; brothers and sisters; what is known after a death."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


LOOKS_SEALED = {
    "sqlite": "{0} IS NULL OR (length({0}) >= 64 AND hex(substr({0}, 1, 1)) = 'E1')",
    "postgresql": "{0} IS NULL OR (length({0}) >= 64 AND get_byte({0}, 0) = 225)",
}
"""Whatever writes to the database, a sealed column takes nothing that is not sealed."""

BYTES = {"sqlite": "BLOB", "postgresql": "BYTEA"}

OF_A_CLOSING = (
    "reason",
    "decided_on",
    "capacity_basis",
    "information_given",
    "who_remains_responsible",
    "offer_again_on",
    "new_area",
    "service_found",
    "receiving_service",
    "gp_changed",
    "pack_sent_on",
    "receipt_confirmed_on",
    "family_called_on",
    "appeal",
    "signposting",
    "provider",
    "provider_contact",
    "provider_responsibilities",
    "instead_reference",
    "note",
    "finished_because",
    "before",
)
OF_A_DEATH = (
    "place",
    "told_by",
    "child_death_review",
    "child_death_review_by",
    "leder_considered",
    "bereavement_contact",
    "equipment_collection",
    "checklist",
)


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    words = LOOKS_SEALED[dialect]
    op.create_table(
        "closing",
        sa.Column("case_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("ending", sa.String(40), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_by_uid", sa.LargeBinary(16), nullable=True),
        sa.Column("look_again_on", sa.Date(), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_by_uid", sa.LargeBinary(16), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_by_uid", sa.LargeBinary(16), nullable=True),
        *(sa.Column(name, sa.LargeBinary(), nullable=True) for name in OF_A_CLOSING),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("uid", sa.LargeBinary(16), nullable=False),
        *(
            sa.CheckConstraint(
                f"({what}_at IS NULL) = ({what}_by_uid IS NULL)",
                name=op.f(f"ck_closing_{name}_is_whole"),
            )
            for what, name in (
                ("confirmed", "confirming"),
                ("finished", "finishing"),
                ("lifted", "lifting"),
            )
        ),
        sa.ForeignKeyConstraint(
            ["case_uid"], ["young_person_case.uid"], name=op.f("fk_closing_case_uid")
        ),
        *(
            sa.ForeignKeyConstraint([name], ["staff.uid"], name=op.f(f"fk_closing_{name}"))
            for name in ("recorded_by_uid", "confirmed_by_uid", "finished_by_uid", "lifted_by_uid")
        ),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_closing")),
        *(
            sa.CheckConstraint(words.format(name), name=f"{name}_is_sealed")
            for name in OF_A_CLOSING
        ),
    )
    op.create_index(op.f("ix_closing_case_uid"), "closing", ["case_uid"])
    op.create_index(
        "one_closing_stands",
        "closing",
        ["case_uid"],
        unique=True,
        sqlite_where=sa.text("lifted_at IS NULL"),
        postgresql_where=sa.text("lifted_at IS NULL"),
    )

    op.create_table(
        "linked_case",
        sa.Column("case_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("other_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("set_by_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("uid", sa.LargeBinary(16), nullable=False),
        sa.CheckConstraint(
            "case_uid <> other_uid", name=op.f("ck_linked_case_linked_with_another")
        ),
        sa.ForeignKeyConstraint(
            ["case_uid"], ["young_person_case.uid"], name=op.f("fk_linked_case_case_uid")
        ),
        sa.ForeignKeyConstraint(
            ["other_uid"], ["young_person_case.uid"], name=op.f("fk_linked_case_other_uid")
        ),
        sa.ForeignKeyConstraint(
            ["set_by_uid"], ["staff.uid"], name=op.f("fk_linked_case_set_by_uid")
        ),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_linked_case")),
        sa.UniqueConstraint("case_uid", "other_uid", name="linked_once"),
    )
    op.create_index(op.f("ix_linked_case_case_uid"), "linked_case", ["case_uid"])

    op.add_column("young_person_case", sa.Column("reopened_on", sa.Date()))
    for name in OF_A_DEATH:
        op.execute(
            f"ALTER TABLE death ADD COLUMN {name} {BYTES[dialect]} CONSTRAINT "
            f"ck_death_{name}_is_sealed CHECK ({words.format(name)})"
        )


def downgrade() -> None:
    for name in reversed(OF_A_DEATH):
        op.drop_column("death", name)
    op.drop_column("young_person_case", "reopened_on")
    op.drop_table("linked_case")
    op.drop_table("closing")
