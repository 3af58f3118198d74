"""Everything that is kept."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


LOOKS_SEALED = {
    "sqlite": "{0} IS NULL OR (length({0}) >= 64 AND hex(substr({0}, 1, 1)) = 'E1')",
    "postgresql": "{0} IS NULL OR (length({0}) >= 64 AND get_byte({0}, 0) = 225)",
}
"""Whatever writes to the database, a sealed column takes nothing that is not sealed."""

APPEND_ONLY = {
    "sqlite": (
        """CREATE TRIGGER audit_entry_stays_as_it_is BEFORE UPDATE ON audit_entry
           BEGIN SELECT RAISE(ABORT, 'the trail is only ever added to'); END""",
        """CREATE TRIGGER audit_entry_stays BEFORE DELETE ON audit_entry
           BEGIN SELECT RAISE(ABORT, 'the trail is only ever added to'); END""",
    ),
    "postgresql": (
        """CREATE FUNCTION refuse_change_of_trail() RETURNS trigger LANGUAGE plpgsql AS
           $$ BEGIN RAISE EXCEPTION 'the trail is only ever added to'; END $$""",
        """CREATE TRIGGER audit_entry_stays_as_it_is BEFORE UPDATE OR DELETE ON audit_entry
           FOR EACH ROW EXECUTE FUNCTION refuse_change_of_trail()""",
        """CREATE TRIGGER audit_entry_stays BEFORE TRUNCATE ON audit_entry
           FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_trail()""",
    ),
}


def sealed(*columns: str) -> list[sa.CheckConstraint]:
    words = LOOKS_SEALED[op.get_bind().dialect.name]
    return [sa.CheckConstraint(words.format(each), name=f"{each}_is_sealed") for each in columns]


def upgrade() -> None:
    op.create_table(
        "anchors",
        sa.Column("date_of_birth", sa.LargeBinary(), nullable=True),
        sa.Column("school_year_offset", sa.LargeBinary(), nullable=True),
        sa.Column("circumstances", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("uid", sa.LargeBinary(16), nullable=False),
        sa.Column("case_uid", sa.LargeBinary(16), nullable=False),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_anchors")),
        *sealed("date_of_birth", "school_year_offset", "circumstances"),
    )
    with op.batch_alter_table("anchors", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_anchors_case_uid"), ["case_uid"], unique=False)

    op.create_table(
        "audit_entry",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("via", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("object", sa.String(), nullable=False),
        sa.Column("case_ref", sa.String(), nullable=True),
        sa.Column("case_seq", sa.Integer(), nullable=True),
        sa.Column("fields", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("request", sa.String(), nullable=False),
        sa.Column("change_uid", sa.String(), nullable=True),
        sa.Column("change_digest", sa.String(), nullable=True),
        sa.Column("prev", sa.LargeBinary(length=32), nullable=False),
        sa.Column("case_prev", sa.LargeBinary(length=32), nullable=False),
        sa.Column("mac", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_entry")),
    )
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.create_index("one_case_number", ["case_ref", "case_seq"], unique=True)

    op.create_table(
        "audit_head",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.CheckConstraint("number = 1", name=op.f("ck_audit_head_only_one")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "case_key",
        sa.Column("case_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kek_id", sa.LargeBinary(length=8), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(length=72), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(wrapped) = 72", name=op.f("ck_case_key_wrapped_whole")),
        sa.PrimaryKeyConstraint("case_uid", "version", name=op.f("pk_case_key")),
    )
    with op.batch_alter_table("case_key", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_key_kek_id"), ["kek_id"], unique=False)

    op.create_table(
        "change",
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("uid", sa.LargeBinary(16), nullable=False),
        sa.Column("case_uid", sa.LargeBinary(16), nullable=False),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_change")),
        *sealed("body"),
    )
    with op.batch_alter_table("change", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_change_case_uid"), ["case_uid"], unique=False)

    op.create_table(
        "database_stamp",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("stamped_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "mode IN ('demo', 'production')", name=op.f("ck_database_stamp_mode_known")
        ),
        sa.CheckConstraint("number = 1", name=op.f("ck_database_stamp_only_one")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_database_stamp")),
    )
    op.create_table(
        "root_key",
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("kek_id", sa.LargeBinary(length=8), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(length=72), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(wrapped) = 72", name=op.f("ck_root_key_wrapped_whole")),
        sa.PrimaryKeyConstraint("purpose", name=op.f("pk_root_key")),
    )
    op.create_table(
        "staff",
        sa.Column("uid", sa.LargeBinary(16), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_staff")),
        sa.UniqueConstraint("email", name=op.f("uq_staff_email")),
    )
    op.create_table(
        "summary",
        sa.Column("primary_condition", sa.LargeBinary(), nullable=True),
        sa.Column("condition_group", sa.LargeBinary(), nullable=True),
        sa.Column("allergies", sa.LargeBinary(), nullable=True),
        sa.Column("how_i_communicate", sa.LargeBinary(), nullable=True),
        sa.Column("about_me", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("uid", sa.LargeBinary(16), nullable=False),
        sa.Column("case_uid", sa.LargeBinary(16), nullable=False),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_summary")),
        *sealed(
            "primary_condition", "condition_group", "allergies", "how_i_communicate", "about_me"
        ),
    )
    with op.batch_alter_table("summary", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_summary_case_uid"), ["case_uid"], unique=False)

    op.create_table(
        "young_person",
        sa.Column("case_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("given_name", sa.LargeBinary(), nullable=True),
        sa.Column("family_name", sa.LargeBinary(), nullable=True),
        sa.Column("known_as", sa.LargeBinary(), nullable=True),
        sa.Column("pronouns", sa.LargeBinary(), nullable=True),
        sa.Column("nhs_number", sa.LargeBinary(), nullable=True),
        sa.Column("first_language", sa.LargeBinary(), nullable=True),
        sa.Column("interpreter_needed", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("uid", sa.LargeBinary(16), nullable=False),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_young_person")),
        *sealed(
            "given_name",
            "family_name",
            "known_as",
            "pronouns",
            "nhs_number",
            "first_language",
            "interpreter_needed",
        ),
    )
    with op.batch_alter_table("young_person", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_young_person_case_uid"), ["case_uid"], unique=False)

    op.create_table(
        "draft",
        sa.Column("case_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("staff_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("uid", sa.LargeBinary(16), nullable=False),
        sa.ForeignKeyConstraint(["staff_uid"], ["staff.uid"], name=op.f("fk_draft_staff_uid")),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_draft")),
        sa.UniqueConstraint("staff_uid", "kind", name="one_draft_of_a_kind"),
        *sealed("body"),
    )
    with op.batch_alter_table("draft", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_draft_case_uid"), ["case_uid"], unique=False)

    op.create_table(
        "membership",
        sa.Column("uid", sa.LargeBinary(16), nullable=False),
        sa.Column("staff_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("role", sa.String(40), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("duty", sa.String(40), nullable=True),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "until_on IS NULL OR until_on >= from_on",
            name=op.f("ck_membership_ends_after_it_begins"),
        ),
        sa.ForeignKeyConstraint(["staff_uid"], ["staff.uid"], name=op.f("fk_membership_staff_uid")),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_membership")),
        sa.UniqueConstraint("staff_uid", "organisation", "role", name="one_role_once"),
    )
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_membership_staff_uid"), ["staff_uid"], unique=False)
        batch_op.create_index("one_person_a_duty", ["organisation", "duty"], unique=True)

    op.create_table(
        "sign_in",
        sa.Column("uid", sa.LargeBinary(16), nullable=False),
        sa.Column("token_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("staff_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["staff_uid"], ["staff.uid"], name=op.f("fk_sign_in_staff_uid")),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_sign_in")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_sign_in_token_digest")),
    )
    with op.batch_alter_table("sign_in", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_in_staff_uid"), ["staff_uid"], unique=False)

    op.create_table(
        "young_person_case",
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("young_person_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("service", sa.String(), nullable=False),
        sa.Column("catchment_key", sa.String(), nullable=False),
        sa.Column("pathway_version", sa.String(), nullable=False),
        sa.Column("stage", sa.String(40), nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("expedited", sa.Boolean(), nullable=False),
        sa.Column("unexpedited_on", sa.Date(), nullable=True),
        sa.Column("ending", sa.String(40), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("entered_on", sa.Date(), nullable=False),
        sa.Column("target_transfer_on", sa.Date(), nullable=True),
        sa.Column("target_set_on", sa.Date(), nullable=True),
        sa.Column("transferred_on", sa.Date(), nullable=True),
        sa.Column("receiver", sa.String(), nullable=True),
        sa.Column("named_worker_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("sharing_basis", sa.String(40), nullable=False),
        sa.Column("nhs_number_index", sa.LargeBinary(length=16), nullable=True),
        sa.Column("nhs_number_missing_reason", sa.String(), nullable=True),
        sa.Column("next_due", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("uid", sa.LargeBinary(16), nullable=False),
        sa.Column("case_uid", sa.LargeBinary(16), nullable=False),
        sa.CheckConstraint(
            "(ending IS NULL) = (ended_at IS NULL)",
            name=op.f("ck_young_person_case_ending_has_its_day"),
        ),
        sa.CheckConstraint(
            "NOT paused OR ending IS NULL", name=op.f("ck_young_person_case_ended_is_not_paused")
        ),
        sa.CheckConstraint("uid = case_uid", name=op.f("ck_young_person_case_sealed_under_itself")),
        sa.ForeignKeyConstraint(
            ["named_worker_uid"], ["staff.uid"], name=op.f("fk_young_person_case_named_worker_uid")
        ),
        sa.ForeignKeyConstraint(
            ["young_person_uid"],
            ["young_person.uid"],
            name=op.f("fk_young_person_case_young_person_uid"),
        ),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_young_person_case")),
        sa.UniqueConstraint("reference", name=op.f("uq_young_person_case_reference")),
        *sealed("next_due"),
    )
    with op.batch_alter_table("young_person_case", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_young_person_case_case_uid"), ["case_uid"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_young_person_case_named_worker_uid"), ["named_worker_uid"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_young_person_case_organisation"), ["organisation"], unique=False
        )
        batch_op.create_index(
            "nhs_number_once",
            ["nhs_number_index"],
            unique=True,
            sqlite_where=sa.text("ending IS NULL AND stage <> 'completed'"),
            postgresql_where=sa.text("ending IS NULL AND stage <> 'completed'"),
        )
        batch_op.create_index(
            "one_open_case",
            ["young_person_uid"],
            unique=True,
            sqlite_where=sa.text("ending IS NULL AND stage <> 'completed'"),
            postgresql_where=sa.text("ending IS NULL AND stage <> 'completed'"),
        )

    op.create_table(
        "denial",
        sa.Column("uid", sa.LargeBinary(16), nullable=False),
        sa.Column("staff_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("case_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("denied_by_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("denied_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_uid"], ["young_person_case.uid"], name=op.f("fk_denial_case_uid")
        ),
        sa.ForeignKeyConstraint(
            ["denied_by_uid"], ["staff.uid"], name=op.f("fk_denial_denied_by_uid")
        ),
        sa.ForeignKeyConstraint(["staff_uid"], ["staff.uid"], name=op.f("fk_denial_staff_uid")),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_denial")),
        sa.UniqueConstraint("staff_uid", "case_uid", name="denied_once"),
    )
    with op.batch_alter_table("denial", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_denial_case_uid"), ["case_uid"], unique=False)

    op.create_table(
        "episode",
        sa.Column("case_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("began_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("uid", sa.LargeBinary(16), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_uid"], ["young_person_case.uid"], name=op.f("fk_episode_case_uid")
        ),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_episode")),
        sa.UniqueConstraint("case_uid", "number", name="episode_number_once"),
    )
    with op.batch_alter_table("episode", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_episode_case_uid"), ["case_uid"], unique=False)
        batch_op.create_index(
            "one_open_episode",
            ["case_uid"],
            unique=True,
            sqlite_where=sa.text("ended_on IS NULL"),
            postgresql_where=sa.text("ended_on IS NULL"),
        )

    op.create_table(
        "handover",
        sa.Column("case_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("receiver", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("leads", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("urgency", sa.String(40), nullable=False),
        sa.Column("target_on", sa.Date(), nullable=True),
        sa.Column("reply_by", sa.Date(), nullable=True),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("proposed_by_uid", sa.LargeBinary(16), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_by_uid", sa.LargeBinary(16), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_uid", sa.LargeBinary(16), nullable=True),
        sa.Column("adult_worker_uid", sa.LargeBinary(16), nullable=True),
        sa.Column("adult_worker_by", sa.Date(), nullable=True),
        sa.Column("first_contact_on", sa.Date(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pack_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("pack_version", sa.Integer(), nullable=False),
        sa.Column("pack", sa.LargeBinary(), nullable=True),
        sa.Column("why", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("uid", sa.LargeBinary(16), nullable=False),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (decided_by_uid IS NULL)",
            name=op.f("ck_handover_decision_is_whole"),
        ),
        sa.CheckConstraint(
            "(proposed_at IS NULL) = (proposed_by_uid IS NULL)",
            name=op.f("ck_handover_proposal_is_whole"),
        ),
        sa.ForeignKeyConstraint(
            ["acknowledged_by_uid"], ["staff.uid"], name=op.f("fk_handover_acknowledged_by_uid")
        ),
        sa.ForeignKeyConstraint(
            ["adult_worker_uid"], ["staff.uid"], name=op.f("fk_handover_adult_worker_uid")
        ),
        sa.ForeignKeyConstraint(
            ["case_uid"], ["young_person_case.uid"], name=op.f("fk_handover_case_uid")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_uid"], ["staff.uid"], name=op.f("fk_handover_decided_by_uid")
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by_uid"], ["staff.uid"], name=op.f("fk_handover_proposed_by_uid")
        ),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_handover")),
        sa.UniqueConstraint("case_uid", "receiver", "number", name="handover_number_once"),
        *sealed("pack", "why"),
    )
    with op.batch_alter_table("handover", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_handover_case_uid"), ["case_uid"], unique=False)
        batch_op.create_index(batch_op.f("ix_handover_receiver"), ["receiver"], unique=False)
        batch_op.create_index(
            "one_open_lead_handover",
            ["case_uid"],
            unique=True,
            sqlite_where=sa.text("leads AND closed_at IS NULL"),
            postgresql_where=sa.text("leads AND closed_at IS NULL"),
        )

    op.create_table(
        "ledger_row",
        sa.Column("case_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("function", sa.String(40), nullable=False),
        sa.Column("service", sa.String(), nullable=False),
        sa.Column("position", sa.String(40), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("set_by_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("uid", sa.LargeBinary(16), nullable=False),
        sa.CheckConstraint(
            "to_on IS NULL OR to_on >= from_on", name=op.f("ck_ledger_row_ends_after_it_begins")
        ),
        sa.ForeignKeyConstraint(
            ["case_uid"], ["young_person_case.uid"], name=op.f("fk_ledger_row_case_uid")
        ),
        sa.ForeignKeyConstraint(
            ["set_by_uid"], ["staff.uid"], name=op.f("fk_ledger_row_set_by_uid")
        ),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_ledger_row")),
    )
    with op.batch_alter_table("ledger_row", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ledger_row_case_uid"), ["case_uid"], unique=False)
        batch_op.create_index(
            "one_lead_a_function",
            ["case_uid", "function"],
            unique=True,
            sqlite_where=sa.text("position = 'lead' AND to_on IS NULL"),
            postgresql_where=sa.text("position = 'lead' AND to_on IS NULL"),
        )

    op.create_table(
        "milestone_outcome",
        sa.Column("case_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("reason_code", sa.String(), nullable=True),
        sa.Column("confirmed", sa.String(40), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("replaces_uid", sa.LargeBinary(16), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by_uid", sa.LargeBinary(16), nullable=True),
        sa.Column("done_on", sa.LargeBinary(), nullable=True),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("evidence_note", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("uid", sa.LargeBinary(16), nullable=False),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (closed_by_uid IS NULL)",
            name=op.f("ck_milestone_outcome_closing_is_whole"),
        ),
        sa.ForeignKeyConstraint(
            ["case_uid"], ["young_person_case.uid"], name=op.f("fk_milestone_outcome_case_uid")
        ),
        sa.ForeignKeyConstraint(
            ["closed_by_uid"], ["staff.uid"], name=op.f("fk_milestone_outcome_closed_by_uid")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_uid"], ["staff.uid"], name=op.f("fk_milestone_outcome_recorded_by_uid")
        ),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_milestone_outcome")),
        *sealed("done_on", "reason", "evidence_note"),
    )
    with op.batch_alter_table("milestone_outcome", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_milestone_outcome_case_uid"), ["case_uid"], unique=False
        )
        batch_op.create_index(
            "one_outcome_stands",
            ["case_uid", "code"],
            unique=True,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )

    op.create_table(
        "named_worker_span",
        sa.Column("case_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("staff_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("hand_on_note", sa.LargeBinary(), nullable=True),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("uid", sa.LargeBinary(16), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_uid"], ["young_person_case.uid"], name=op.f("fk_named_worker_span_case_uid")
        ),
        sa.ForeignKeyConstraint(
            ["staff_uid"], ["staff.uid"], name=op.f("fk_named_worker_span_staff_uid")
        ),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_named_worker_span")),
        *sealed("hand_on_note"),
    )
    with op.batch_alter_table("named_worker_span", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_named_worker_span_case_uid"), ["case_uid"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_named_worker_span_staff_uid"), ["staff_uid"], unique=False
        )
        batch_op.create_index(
            "one_named_worker",
            ["case_uid"],
            unique=True,
            sqlite_where=sa.text("until_on IS NULL"),
            postgresql_where=sa.text("until_on IS NULL"),
        )

    op.create_table(
        "pause",
        sa.Column("case_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("review_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("reason_code", sa.String(), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("uid", sa.LargeBinary(16), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_uid"], ["young_person_case.uid"], name=op.f("fk_pause_case_uid")
        ),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_pause")),
        *sealed("note"),
    )
    with op.batch_alter_table("pause", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pause_case_uid"), ["case_uid"], unique=False)
        batch_op.create_index(
            "one_open_pause",
            ["case_uid"],
            unique=True,
            sqlite_where=sa.text("until_on IS NULL"),
            postgresql_where=sa.text("until_on IS NULL"),
        )

    op.create_table(
        "queued_letter",
        sa.Column("uid", sa.LargeBinary(16), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("recipient_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("case_uid", sa.LargeBinary(16), nullable=True),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_code", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "sent_at IS NULL OR cancelled_at IS NULL",
            name=op.f("ck_queued_letter_sent_or_cancelled"),
        ),
        sa.ForeignKeyConstraint(
            ["case_uid"], ["young_person_case.uid"], name=op.f("fk_queued_letter_case_uid")
        ),
        sa.ForeignKeyConstraint(
            ["recipient_uid"], ["staff.uid"], name=op.f("fk_queued_letter_recipient_uid")
        ),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_queued_letter")),
        sa.UniqueConstraint("message_id", name=op.f("uq_queued_letter_message_id")),
    )
    with op.batch_alter_table("queued_letter", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_queued_letter_case_uid"), ["case_uid"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_queued_letter_recipient_uid"), ["recipient_uid"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_queued_letter_sent_at"), ["sent_at"], unique=False)

    op.create_table(
        "sharing",
        sa.Column("case_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("basis", sa.String(40), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("detail", sa.LargeBinary(), nullable=True),
        sa.Column("uid", sa.LargeBinary(16), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_uid"], ["young_person_case.uid"], name=op.f("fk_sharing_case_uid")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_uid"], ["staff.uid"], name=op.f("fk_sharing_recorded_by_uid")
        ),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_sharing")),
        *sealed("detail"),
    )
    with op.batch_alter_table("sharing", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sharing_case_uid"), ["case_uid"], unique=False)

    op.create_table(
        "stage_change",
        sa.Column("case_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("was", sa.String(40), nullable=True),
        sa.Column("now", sa.String(40), nullable=False),
        sa.Column("reason_code", sa.String(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("by_telephone", sa.Boolean(), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("uid", sa.LargeBinary(16), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_uid"], ["young_person_case.uid"], name=op.f("fk_stage_change_case_uid")
        ),
        sa.ForeignKeyConstraint(
            ["changed_by_uid"], ["staff.uid"], name=op.f("fk_stage_change_changed_by_uid")
        ),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_stage_change")),
        *sealed("note"),
    )
    with op.batch_alter_table("stage_change", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stage_change_case_uid"), ["case_uid"], unique=False)

    op.create_table(
        "target_date_change",
        sa.Column("case_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("was_on", sa.Date(), nullable=True),
        sa.Column("now_on", sa.Date(), nullable=True),
        sa.Column("window_until_on", sa.Date(), nullable=True),
        sa.Column("reason_code", sa.String(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("uid", sa.LargeBinary(16), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_uid"], ["young_person_case.uid"], name=op.f("fk_target_date_change_case_uid")
        ),
        sa.ForeignKeyConstraint(
            ["changed_by_uid"], ["staff.uid"], name=op.f("fk_target_date_change_changed_by_uid")
        ),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_target_date_change")),
        *sealed("note"),
    )
    with op.batch_alter_table("target_date_change", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_target_date_change_case_uid"), ["case_uid"], unique=False
        )

    op.create_table(
        "clock_stop",
        sa.Column("case_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("handover_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("uid", sa.LargeBinary(16), nullable=False),
        sa.CheckConstraint(
            "until_on IS NULL OR until_on >= from_on",
            name=op.f("ck_clock_stop_ends_after_it_begins"),
        ),
        sa.ForeignKeyConstraint(
            ["case_uid"], ["young_person_case.uid"], name=op.f("fk_clock_stop_case_uid")
        ),
        sa.ForeignKeyConstraint(
            ["handover_uid"], ["handover.uid"], name=op.f("fk_clock_stop_handover_uid")
        ),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_clock_stop")),
    )
    with op.batch_alter_table("clock_stop", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_clock_stop_case_uid"), ["case_uid"], unique=False)
        batch_op.create_index(
            "one_open_clock_stop",
            ["handover_uid"],
            unique=True,
            sqlite_where=sa.text("until_on IS NULL"),
            postgresql_where=sa.text("until_on IS NULL"),
        )

    op.create_table(
        "digest",
        sa.Column("uid", sa.LargeBinary(16), nullable=False),
        sa.Column("staff_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("week", sa.String(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("letter_uid", sa.LargeBinary(16), nullable=True),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["letter_uid"], ["queued_letter.uid"], name=op.f("fk_digest_letter_uid")
        ),
        sa.ForeignKeyConstraint(["staff_uid"], ["staff.uid"], name=op.f("fk_digest_staff_uid")),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_digest")),
        sa.UniqueConstraint("staff_uid", "week", name="one_digest_a_week"),
    )
    op.create_table(
        "function_answer",
        sa.Column("case_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("handover_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("function", sa.String(40), nullable=False),
        sa.Column("answer", sa.String(40), nullable=True),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("reason_code", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("uid", sa.LargeBinary(16), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_uid"], ["young_person_case.uid"], name=op.f("fk_function_answer_case_uid")
        ),
        sa.ForeignKeyConstraint(
            ["handover_uid"], ["handover.uid"], name=op.f("fk_function_answer_handover_uid")
        ),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_function_answer")),
        sa.UniqueConstraint("handover_uid", "function", name="one_answer_a_function"),
        *sealed("note"),
    )
    with op.batch_alter_table("function_answer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_function_answer_case_uid"), ["case_uid"], unique=False)
    for statement in APPEND_ONLY[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    with op.batch_alter_table("function_answer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_function_answer_case_uid"))

    op.drop_table("function_answer")
    op.drop_table("digest")
    with op.batch_alter_table("clock_stop", schema=None) as batch_op:
        batch_op.drop_index(
            "one_open_clock_stop",
            sqlite_where=sa.text("until_on IS NULL"),
            postgresql_where=sa.text("until_on IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_clock_stop_case_uid"))

    op.drop_table("clock_stop")
    with op.batch_alter_table("target_date_change", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_target_date_change_case_uid"))

    op.drop_table("target_date_change")
    with op.batch_alter_table("stage_change", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_stage_change_case_uid"))

    op.drop_table("stage_change")
    with op.batch_alter_table("sharing", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sharing_case_uid"))

    op.drop_table("sharing")
    with op.batch_alter_table("queued_letter", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_queued_letter_sent_at"))
        batch_op.drop_index(batch_op.f("ix_queued_letter_recipient_uid"))
        batch_op.drop_index(batch_op.f("ix_queued_letter_case_uid"))

    op.drop_table("queued_letter")
    with op.batch_alter_table("pause", schema=None) as batch_op:
        batch_op.drop_index(
            "one_open_pause",
            sqlite_where=sa.text("until_on IS NULL"),
            postgresql_where=sa.text("until_on IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_pause_case_uid"))

    op.drop_table("pause")
    with op.batch_alter_table("named_worker_span", schema=None) as batch_op:
        batch_op.drop_index(
            "one_named_worker",
            sqlite_where=sa.text("until_on IS NULL"),
            postgresql_where=sa.text("until_on IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_named_worker_span_staff_uid"))
        batch_op.drop_index(batch_op.f("ix_named_worker_span_case_uid"))

    op.drop_table("named_worker_span")
    with op.batch_alter_table("milestone_outcome", schema=None) as batch_op:
        batch_op.drop_index(
            "one_outcome_stands",
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_milestone_outcome_case_uid"))

    op.drop_table("milestone_outcome")
    with op.batch_alter_table("ledger_row", schema=None) as batch_op:
        batch_op.drop_index(
            "one_lead_a_function",
            sqlite_where=sa.text("position = 'lead' AND to_on IS NULL"),
            postgresql_where=sa.text("position = 'lead' AND to_on IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_ledger_row_case_uid"))

    op.drop_table("ledger_row")
    with op.batch_alter_table("handover", schema=None) as batch_op:
        batch_op.drop_index(
            "one_open_lead_handover",
            sqlite_where=sa.text("leads AND closed_at IS NULL"),
            postgresql_where=sa.text("leads AND closed_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_handover_receiver"))
        batch_op.drop_index(batch_op.f("ix_handover_case_uid"))

    op.drop_table("handover")
    with op.batch_alter_table("episode", schema=None) as batch_op:
        batch_op.drop_index(
            "one_open_episode",
            sqlite_where=sa.text("ended_on IS NULL"),
            postgresql_where=sa.text("ended_on IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_episode_case_uid"))

    op.drop_table("episode")
    with op.batch_alter_table("denial", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_denial_case_uid"))

    op.drop_table("denial")
    with op.batch_alter_table("young_person_case", schema=None) as batch_op:
        batch_op.drop_index(
            "one_open_case",
            sqlite_where=sa.text("ending IS NULL AND stage <> 'completed'"),
            postgresql_where=sa.text("ending IS NULL AND stage <> 'completed'"),
        )
        batch_op.drop_index(
            "nhs_number_once",
            sqlite_where=sa.text("ending IS NULL AND stage <> 'completed'"),
            postgresql_where=sa.text("ending IS NULL AND stage <> 'completed'"),
        )
        batch_op.drop_index(batch_op.f("ix_young_person_case_organisation"))
        batch_op.drop_index(batch_op.f("ix_young_person_case_named_worker_uid"))
        batch_op.drop_index(batch_op.f("ix_young_person_case_case_uid"))

    op.drop_table("young_person_case")
    with op.batch_alter_table("sign_in", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_in_staff_uid"))

    op.drop_table("sign_in")
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.drop_index("one_person_a_duty")
        batch_op.drop_index(batch_op.f("ix_membership_staff_uid"))

    op.drop_table("membership")
    with op.batch_alter_table("draft", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_draft_case_uid"))

    op.drop_table("draft")
    with op.batch_alter_table("young_person", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_young_person_case_uid"))

    op.drop_table("young_person")
    with op.batch_alter_table("summary", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_summary_case_uid"))

    op.drop_table("summary")
    op.drop_table("staff")
    op.drop_table("root_key")
    op.drop_table("database_stamp")
    with op.batch_alter_table("change", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_change_case_uid"))

    op.drop_table("change")
    with op.batch_alter_table("case_key", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_key_kek_id"))

    op.drop_table("case_key")
    op.drop_table("audit_head")
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.drop_index("one_case_number")

    op.drop_table("audit_entry")
    with op.batch_alter_table("anchors", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_anchors_case_uid"))

    op.drop_table("anchors")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_change_of_trail")
