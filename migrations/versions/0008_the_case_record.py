"""The case record: more of each young person, the people around them, needs, capacity, plans."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


LOOKS_SEALED = {
    "sqlite": "{0} IS NULL OR (length({0}) >= 64 AND hex(substr({0}, 1, 1)) = 'E1')",
    "postgresql": "{0} IS NULL OR (length({0}) >= 64 AND get_byte({0}, 0) = 225)",
}
"""Whatever writes to the database, a sealed column takes nothing that is not sealed."""

BYTES = {"sqlite": "BLOB", "postgresql": "BYTEA"}

ADDED = {
    "young_person": (
        "sex_recorded gender_identity ethnic_group religion_or_belief hospice_number "
        "address_confidential address postcode phone email looked_after_status "
        "responsible_authority gp_practice_name gp_ods"
    ),
    "summary": (
        "other_conditions stability stability_on stability_by medicines_source "
        "medicines_on recent_admissions last_admission_on how_i_say_yes_no "
        "how_i_show_pain best_time_and_place aids format_needed reasonable_adjustments "
        "good_day bad_day people_who_matter things_i_love please_dont goals_next_year "
        "worries_about_moving written_by written_on not_to_tell sharing_limits "
        "involve_parents safeguarding_marker restrictions"
    ),
}
"""The sealed columns that tables gain, by table."""

ONCE = {
    "care_needs": (
        "needs_breathing needs_breathing_words needs_airway needs_airway_words "
        "needs_feeding needs_feeding_words needs_seizures needs_seizures_words needs_pain "
        "needs_pain_words needs_mobility needs_mobility_words needs_skin needs_skin_words "
        "needs_continence needs_continence_words needs_sleep needs_sleep_words "
        "needs_behaviour needs_behaviour_words needs_mental_health "
        "needs_mental_health_words needs_sensory needs_sensory_words needs_medicines "
        "needs_medicines_words uses_tracheostomy uses_invasive_ventilation "
        "uses_mask_ventilation uses_cough_assist uses_suction uses_oxygen "
        "uses_gastrostomy uses_parenteral_nutrition uses_central_line uses_baclofen_pump "
        "uses_vns uses_dialysis uses_other"
    ),
    "advance_care_plan": (
        "acp_status acp_form acp_date acp_review_due acp_location resus_decision_recorded "
        "emergency_plan_location preferred_place_of_care preferred_place_of_death "
        "shared_with adult_form_done_on"
    ),
}
"""New tables with one row for a case."""

LISTS = {
    "contact": (
        "name relationship role_code organisation phone other_phone email address "
        "emergency_order may_be_told has_pr is_main_carer preferred_contact best_time "
        "do_not interpreter own_needs is_young_carer bereaved"
    ),
    "capacity_record": ("decision outcome assessed_on assessor review_on capacity_note"),
    "best_interests_record": (
        "decision decided_on who_took_part parents_view best_interests_outcome"
    ),
    "legal_role": ("role held_by status role_from role_until document_seen role_note"),
}
"""New tables with many rows for a case."""


def of_case(table: str, names: str) -> list[sa.schema.SchemaItem]:
    """Return what every table of a case has, and its sealed columns."""
    words = LOOKS_SEALED[op.get_bind().dialect.name]
    return [
        sa.Column("case_uid", sa.LargeBinary(16), nullable=False),
        *(sa.Column(each, sa.LargeBinary(), nullable=True) for each in names.split()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("uid", sa.LargeBinary(16), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_uid"], ["young_person_case.uid"], name=op.f(f"fk_{table}_case_uid")
        ),
        sa.PrimaryKeyConstraint("uid", name=op.f(f"pk_{table}")),
        *(
            sa.CheckConstraint(words.format(each), name=f"{each}_is_sealed")
            for each in names.split()
        ),
    ]


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    for table, names in ADDED.items():
        for name in names.split():
            check = LOOKS_SEALED[dialect].format(name)
            op.execute(
                f"ALTER TABLE {table} ADD COLUMN {name} {BYTES[dialect]} CONSTRAINT "
                f"ck_{table}_{name}_is_sealed CHECK ({check})"
            )
    for table, names in ONCE.items():
        once = sa.UniqueConstraint("case_uid", name=f"{table}_once")
        op.create_table(table, *of_case(table, names), once)
    for table, names in LISTS.items():
        op.create_table(
            table,
            *of_case(table, names),
            sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
            sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        )
    op.create_table(
        "record_section",
        *of_case("record_section", ""),
        sa.Column("section", sa.String(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("change_uid", sa.LargeBinary(16), nullable=True),
        sa.Column("entry_uid", sa.LargeBinary(16), nullable=True),
        sa.ForeignKeyConstraint(
            ["changed_by_uid"], ["staff.uid"], name=op.f("fk_record_section_changed_by_uid")
        ),
        sa.ForeignKeyConstraint(
            ["confirmed_by_uid"], ["staff.uid"], name=op.f("fk_record_section_confirmed_by_uid")
        ),
        sa.UniqueConstraint("case_uid", "section", name="section_once"),
    )
    for table in (*ONCE, *LISTS, "record_section"):
        op.create_index(op.f(f"ix_{table}_case_uid"), table, ["case_uid"])


def downgrade() -> None:
    for table in ("record_section", *LISTS, *ONCE):
        op.drop_table(table)
    for table, names in ADDED.items():
        for name in names.split():
            op.drop_column(table, name)
