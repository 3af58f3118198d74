"""How many young people an adult hospice usually takes on in a month."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "usual_number",
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("set_by_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "number BETWEEN 1 AND 30", name=op.f("ck_usual_number_number_of_a_month")
        ),
        sa.ForeignKeyConstraint(
            ["set_by_uid"], ["staff.uid"], name=op.f("fk_usual_number_set_by_uid")
        ),
        sa.PrimaryKeyConstraint("organisation", name=op.f("pk_usual_number")),
    )


def downgrade() -> None:
    op.drop_table("usual_number")
