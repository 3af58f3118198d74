"""Questions, conditions, unmet needs, absences, deaths; prompts, heartbeats, change numbers."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


LOOKS_SEALED = {
    "sqlite": "{0} IS NULL OR (length({0}) >= 64 AND hex(substr({0}, 1, 1)) = 'E1')",
    "postgresql": "{0} IS NULL OR (length({0}) >= 64 AND get_byte({0}, 0) = 225)",
}
"""Whatever writes to the database, a sealed column takes nothing that is not sealed."""

BYTES = {"sqlite": "BLOB", "postgresql": "BYTEA"}


def sealed(*columns: str) -> list[sa.CheckConstraint]:
    words = LOOKS_SEALED[op.get_bind().dialect.name]
    return [sa.CheckConstraint(words.format(each), name=f"{each}_is_sealed") for each in columns]


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    op.create_table(
        "change_number",
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("organisation", name=op.f("pk_change_number")),
    )
    op.create_table(
        "heartbeat",
        sa.Column("job", sa.String(), nullable=False),
        sa.Column("ran_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fault", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("job", name=op.f("pk_heartbeat")),
    )
    op.create_table(
        "absence",
        sa.Column("uid", sa.LargeBinary(16), nullable=False),
        sa.Column("staff_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("cover_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("staff_uid <> cover_uid", name=op.f("ck_absence_covered_by_another")),
        sa.CheckConstraint("until_on >= from_on", name=op.f("ck_absence_ends_after_it_begins")),
        sa.ForeignKeyConstraint(["cover_uid"], ["staff.uid"], name=op.f("fk_absence_cover_uid")),
        sa.ForeignKeyConstraint(["staff_uid"], ["staff.uid"], name=op.f("fk_absence_staff_uid")),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_absence")),
    )
    op.create_index(op.f("ix_absence_staff_uid"), "absence", ["staff_uid"])

    op.create_table(
        "death",
        sa.Column("case_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("undo_asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undo_asked_by_uid", sa.LargeBinary(16), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by_uid", sa.LargeBinary(16), nullable=True),
        sa.Column("died_on", sa.LargeBinary(), nullable=True),
        sa.Column("told", sa.LargeBinary(), nullable=True),
        sa.Column("before", sa.LargeBinary(), nullable=True),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("uid", sa.LargeBinary(16), nullable=False),
        sa.CheckConstraint(
            "(undo_asked_at IS NULL) = (undo_asked_by_uid IS NULL)",
            name=op.f("ck_death_asking_is_whole"),
        ),
        sa.CheckConstraint(
            "(undone_at IS NULL) = (undone_by_uid IS NULL)", name=op.f("ck_death_undoing_is_whole")
        ),
        sa.ForeignKeyConstraint(
            ["case_uid"], ["young_person_case.uid"], name=op.f("fk_death_case_uid")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_uid"], ["staff.uid"], name=op.f("fk_death_recorded_by_uid")
        ),
        sa.ForeignKeyConstraint(
            ["undo_asked_by_uid"], ["staff.uid"], name=op.f("fk_death_undo_asked_by_uid")
        ),
        sa.ForeignKeyConstraint(
            ["undone_by_uid"], ["staff.uid"], name=op.f("fk_death_undone_by_uid")
        ),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_death")),
        *sealed("died_on", "told", "before", "note"),
    )
    op.create_index(op.f("ix_death_case_uid"), "death", ["case_uid"])
    op.create_index(
        "one_death_stands",
        "death",
        ["case_uid"],
        unique=True,
        sqlite_where=sa.text("undone_at IS NULL"),
        postgresql_where=sa.text("undone_at IS NULL"),
    )

    op.create_table(
        "condition",
        sa.Column("case_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("handover_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("function", sa.String(40), nullable=False),
        sa.Column("owner", sa.String(40), nullable=False),
        sa.Column("needed_by", sa.Date(), nullable=False),
        sa.Column("must", sa.Boolean(), nullable=False),
        sa.Column("met_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("met_by_uid", sa.LargeBinary(16), nullable=True),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("uid", sa.LargeBinary(16), nullable=False),
        sa.CheckConstraint(
            "(met_at IS NULL) = (met_by_uid IS NULL)", name=op.f("ck_condition_meeting_is_whole")
        ),
        sa.ForeignKeyConstraint(
            ["case_uid"], ["young_person_case.uid"], name=op.f("fk_condition_case_uid")
        ),
        sa.ForeignKeyConstraint(
            ["handover_uid"], ["handover.uid"], name=op.f("fk_condition_handover_uid")
        ),
        sa.ForeignKeyConstraint(
            ["met_by_uid"], ["staff.uid"], name=op.f("fk_condition_met_by_uid")
        ),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_condition")),
        sa.UniqueConstraint("case_uid", "number", name="condition_number_once"),
        *sealed("words"),
    )
    op.create_index(op.f("ix_condition_case_uid"), "condition", ["case_uid"])
    op.create_index(op.f("ix_condition_handover_uid"), "condition", ["handover_uid"])

    op.create_table(
        "question",
        sa.Column("case_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("handover_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(40), nullable=False),
        sa.Column("needed_by", sa.Date(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by_uid", sa.LargeBinary(16), nullable=True),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("uid", sa.LargeBinary(16), nullable=False),
        sa.CheckConstraint(
            "(answered_at IS NULL) = (answered_by_uid IS NULL)",
            name=op.f("ck_question_answer_is_whole"),
        ),
        sa.ForeignKeyConstraint(
            ["answered_by_uid"], ["staff.uid"], name=op.f("fk_question_answered_by_uid")
        ),
        sa.ForeignKeyConstraint(
            ["asked_by_uid"], ["staff.uid"], name=op.f("fk_question_asked_by_uid")
        ),
        sa.ForeignKeyConstraint(
            ["case_uid"], ["young_person_case.uid"], name=op.f("fk_question_case_uid")
        ),
        sa.ForeignKeyConstraint(
            ["handover_uid"], ["handover.uid"], name=op.f("fk_question_handover_uid")
        ),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_question")),
        sa.UniqueConstraint("handover_uid", "number", name="question_number_once"),
        *sealed("words", "answer"),
    )
    op.create_index(op.f("ix_question_case_uid"), "question", ["case_uid"])
    op.create_index(op.f("ix_question_handover_uid"), "question", ["handover_uid"])

    op.create_table(
        "unmet_need",
        sa.Column("case_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("handover_uid", sa.LargeBinary(16), nullable=True),
        sa.Column("function", sa.String(40), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("reason_code", sa.String(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("closed_how", sa.String(), nullable=True),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("uid", sa.LargeBinary(16), nullable=False),
        sa.CheckConstraint(
            "(closed_on IS NULL) = (closed_how IS NULL)",
            name=op.f("ck_unmet_need_closing_is_whole"),
        ),
        sa.ForeignKeyConstraint(
            ["case_uid"], ["young_person_case.uid"], name=op.f("fk_unmet_need_case_uid")
        ),
        sa.ForeignKeyConstraint(
            ["handover_uid"], ["handover.uid"], name=op.f("fk_unmet_need_handover_uid")
        ),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_unmet_need")),
        *sealed("note"),
    )
    op.create_index(op.f("ix_unmet_need_case_uid"), "unmet_need", ["case_uid"])

    op.add_column("handover", sa.Column("reply_promised_on", sa.Date()))
    op.add_column("handover", sa.Column("after_no", sa.String(40)))
    op.add_column("handover", sa.Column("after_no_at", sa.DateTime(timezone=True)))
    op.execute(
        f"ALTER TABLE handover ADD COLUMN closing_note {BYTES[dialect]} CONSTRAINT "
        f"ck_handover_closing_note_is_sealed CHECK ({LOOKS_SEALED[dialect].format('closing_note')})"
    )
    op.add_column("queued_letter", sa.Column("prompt_key", sa.LargeBinary(16)))
    op.create_index("prompt_once", "queued_letter", ["prompt_key"], unique=True)


def downgrade() -> None:
    op.drop_index("prompt_once", "queued_letter")
    op.drop_column("queued_letter", "prompt_key")
    for name in ("closing_note", "after_no_at", "after_no", "reply_promised_on"):
        op.drop_column("handover", name)
    op.drop_table("unmet_need")
    op.drop_table("question")
    op.drop_table("condition")
    op.drop_table("death")
    op.drop_table("absence")
    op.drop_table("heartbeat")
    op.drop_table("change_number")
