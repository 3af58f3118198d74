"""What somebody chose of their letters."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "chosen_of_letters",
        sa.Column("staff_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("choice", sa.String(40), nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_uid"], ["staff.uid"], name=op.f("fk_chosen_of_letters_staff_uid")
        ),
        sa.PrimaryKeyConstraint("staff_uid", "choice", name=op.f("pk_chosen_of_letters")),
    )


def downgrade() -> None:
    op.drop_table("chosen_of_letters")
