"""The services map, and unmet needs of a service, by number."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


LOOKS_SEALED = {
    "sqlite": "{0} IS NULL OR (length({0}) >= 64 AND hex(substr({0}, 1, 1)) = 'E1')",
    "postgresql": "{0} IS NULL OR (length({0}) >= 64 AND get_byte({0}, 0) = 225)",
}
"""Whatever writes to the database, a sealed column takes nothing that is not sealed."""

KEPT = ("uid", "case_uid", "handover_uid", "function", "area", "reason_code", "opened_on")
KEPT += ("closed_on", "closed_how", "note", "version")
"""The columns of an unmet need that were there before."""


def sealed(*columns: str) -> list[sa.CheckConstraint]:
    words = LOOKS_SEALED[op.get_bind().dialect.name]
    return [sa.CheckConstraint(words.format(each), name=f"{each}_is_sealed") for each in columns]


def needs(*more: sa.Column[Any] | sa.Constraint, function_needed: bool) -> sa.Table:
    """Make the table of unmet needs, with what is *more* in it."""
    table = op.create_table(
        "unmet_need",
        sa.Column("case_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("handover_uid", sa.LargeBinary(16), nullable=True),
        sa.Column("function", sa.String(40), nullable=not function_needed),
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
        *more,
    )
    op.create_index(op.f("ix_unmet_need_case_uid"), "unmet_need", ["case_uid"])
    return table


def taken_out() -> list[dict[str, Any]]:
    """Take all unmet needs out and drop their table: a column that may be empty is made anew."""
    days = {"opened_on", "closed_on"}
    columns = [sa.column(name, sa.Date() if name in days else None) for name in KEPT]
    query = sa.select(*columns).select_from(sa.table("unmet_need", *columns))
    rows = op.get_bind().execute(query.order_by(sa.column("opened_on"))).mappings().all()
    op.drop_table("unmet_need")
    return [dict(row) for row in rows]


def put_back(table: sa.Table, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        op.bulk_insert(table, list(rows))


def upgrade() -> None:
    op.create_table(
        "mapped_service",
        sa.Column("case_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("service_key", sa.String(40), nullable=False),
        sa.Column("needed", sa.String(40), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("referred_on", sa.Date(), nullable=True),
        sa.Column("expected_start", sa.Date(), nullable=True),
        sa.Column("escalate_on", sa.Date(), nullable=True),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("set_by_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("childrens_provider", sa.LargeBinary(), nullable=True),
        sa.Column("childrens_contact", sa.LargeBinary(), nullable=True),
        sa.Column("adult_counterpart", sa.LargeBinary(), nullable=True),
        sa.Column("adult_contact", sa.LargeBinary(), nullable=True),
        sa.Column("gap_note", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("uid", sa.LargeBinary(16), nullable=False),
        sa.CheckConstraint(
            "status <> 'disputed' OR escalate_on IS NOT NULL",
            name=op.f("ck_mapped_service_dispute_has_day"),
        ),
        sa.ForeignKeyConstraint(
            ["case_uid"], ["young_person_case.uid"], name=op.f("fk_mapped_service_case_uid")
        ),
        sa.ForeignKeyConstraint(
            ["set_by_uid"], ["staff.uid"], name=op.f("fk_mapped_service_set_by_uid")
        ),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_mapped_service")),
        sa.UniqueConstraint("case_uid", "service_key", name="service_once"),
        *sealed(
            "childrens_provider",
            "childrens_contact",
            "adult_counterpart",
            "adult_contact",
            "gap_note",
        ),
    )
    op.create_index(op.f("ix_mapped_service_case_uid"), "mapped_service", ["case_uid"])

    rows = taken_out()
    table = needs(
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("service_key", sa.String(40), nullable=True),
        sa.Column("closing_note", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "(function IS NULL) <> (service_key IS NULL)", name=op.f("ck_unmet_need_says_what")
        ),
        sa.UniqueConstraint("case_uid", "number", name="need_number_once"),
        *sealed("closing_note"),
        function_needed=False,
    )
    counted: dict[bytes, int] = {}
    for row in rows:
        row["number"] = counted[row["case_uid"]] = counted.get(row["case_uid"], 0) + 1
    put_back(table, rows)


def downgrade() -> None:
    rows = taken_out()
    put_back(needs(function_needed=True), [row for row in rows if row["function"]])
    op.drop_table("mapped_service")
