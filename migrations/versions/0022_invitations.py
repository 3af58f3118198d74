"""Invitations, and roles that a lead must agree to."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

STANDS = sa.text("accepted_at IS NULL AND cancelled_at IS NULL")
OPEN = sa.text("settled_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "invitation",
        sa.Column("uid", sa.LargeBinary(16), nullable=False),
        sa.Column("staff_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("invited_by_uid", sa.LargeBinary(16), nullable=True),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("token_digest", sa.LargeBinary(32), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "accepted_at IS NULL OR cancelled_at IS NULL",
            name=op.f("ck_invitation_taken_or_cancelled"),
        ),
        sa.CheckConstraint(
            "(sent_at IS NULL) = (token_digest IS NULL)", name=op.f("ck_invitation_link_is_whole")
        ),
        sa.ForeignKeyConstraint(["staff_uid"], ["staff.uid"], name=op.f("fk_invitation_staff_uid")),
        sa.ForeignKeyConstraint(
            ["invited_by_uid"], ["staff.uid"], name=op.f("fk_invitation_invited_by_uid")
        ),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_invitation")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_invitation_token_digest")),
    )
    op.create_index(op.f("ix_invitation_staff_uid"), "invitation", ["staff_uid"])
    op.create_index(
        "one_open_invitation",
        "invitation",
        ["staff_uid"],
        unique=True,
        sqlite_where=STANDS,
        postgresql_where=STANDS,
    )
    op.create_table(
        "role_request",
        sa.Column("uid", sa.LargeBinary(16), nullable=False),
        sa.Column("membership_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("asked_by_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_by_uid", sa.LargeBinary(16), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(settled_at IS NULL) = (settled_by_uid IS NULL)",
            name=op.f("ck_role_request_settling_is_whole"),
        ),
        sa.ForeignKeyConstraint(
            ["membership_uid"], ["membership.uid"], name=op.f("fk_role_request_membership_uid")
        ),
        sa.ForeignKeyConstraint(
            ["asked_by_uid"], ["staff.uid"], name=op.f("fk_role_request_asked_by_uid")
        ),
        sa.ForeignKeyConstraint(
            ["settled_by_uid"], ["staff.uid"], name=op.f("fk_role_request_settled_by_uid")
        ),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_role_request")),
    )
    op.create_index(op.f("ix_role_request_membership_uid"), "role_request", ["membership_uid"])
    op.create_index(
        "one_open_request",
        "role_request",
        ["membership_uid"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )


def downgrade() -> None:
    op.drop_table("role_request")
    op.drop_table("invitation")
