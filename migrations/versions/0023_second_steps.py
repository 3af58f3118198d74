"""What somebody shows besides their password, and half of a sign-in until they have shown it."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


LOOKS_SEALED = {
    "sqlite": "{0} IS NULL OR (length({0}) >= 64 AND hex(substr({0}, 1, 1)) = 'E1')",
    "postgresql": "{0} IS NULL OR (length({0}) >= 64 AND get_byte({0}, 0) = 225)",
}
"""Whatever writes to the database, a sealed column takes nothing that is not sealed."""

INSTANT = sa.DateTime(timezone=True)
SEALED = ("name", "number", "public_key")
OF_SIGN_INS = ("half", "fresh_at", "tries", "challenge")


def upgrade() -> None:
    looks_sealed = LOOKS_SEALED[op.get_bind().dialect.name]
    # Whoever is signed in just now stays so, and is asked again before anything that matters.
    op.add_column(
        "sign_in", sa.Column("half", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column(
        "sign_in",
        sa.Column("fresh_at", INSTANT, nullable=False, server_default="1970-01-01 00:00:00"),
    )
    op.add_column("sign_in", sa.Column("tries", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("sign_in", sa.Column("challenge", sa.LargeBinary(32)))
    op.create_table(
        "authenticator_app",
        sa.Column("uid", sa.LargeBinary(16), nullable=False),
        sa.Column("staff_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("seed", sa.LargeBinary()),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("last_step", sa.Integer()),
        sa.Column("last_used_at", INSTANT),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            looks_sealed.format("seed"), name=op.f("ck_authenticator_app_seed_is_sealed")
        ),
        sa.CheckConstraint(
            "NOT counts OR last_step IS NOT NULL",
            name=op.f("ck_authenticator_app_counts_from_its_first_code"),
        ),
        sa.ForeignKeyConstraint(
            ["staff_uid"], ["staff.uid"], name=op.f("fk_authenticator_app_staff_uid")
        ),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_authenticator_app")),
        sa.UniqueConstraint("staff_uid", "counts", name="one_app_each"),
    )
    op.create_table(
        "passkey",
        sa.Column("uid", sa.LargeBinary(16), nullable=False),
        sa.Column("staff_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("number_digest", sa.LargeBinary(16), nullable=False),
        *(sa.Column(name, sa.LargeBinary()) for name in SEALED),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("last_used_at", INSTANT),
        sa.Column("version", sa.Integer(), nullable=False),
        *(
            sa.CheckConstraint(looks_sealed.format(name), name=op.f(f"ck_passkey_{name}_is_sealed"))
            for name in SEALED
        ),
        sa.ForeignKeyConstraint(["staff_uid"], ["staff.uid"], name=op.f("fk_passkey_staff_uid")),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_passkey")),
        sa.UniqueConstraint("number_digest", name=op.f("uq_passkey_number_digest")),
    )
    op.create_index(op.f("ix_passkey_staff_uid"), "passkey", ["staff_uid"])
    op.create_table(
        "recovery_code",
        sa.Column("uid", sa.LargeBinary(16), nullable=False),
        sa.Column("staff_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("code_digest", sa.LargeBinary(16), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("used_at", INSTANT),
        sa.ForeignKeyConstraint(
            ["staff_uid"], ["staff.uid"], name=op.f("fk_recovery_code_staff_uid")
        ),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_recovery_code")),
        sa.UniqueConstraint("staff_uid", "code_digest", name="one_code_once"),
    )
    op.create_table(
        "seen_in_person",
        sa.Column("uid", sa.LargeBinary(16), nullable=False),
        sa.Column("staff_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("seen_by_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.Column("reset_by_uid", sa.LargeBinary(16)),
        sa.Column("reset_at", INSTANT),
        *(
            sa.ForeignKeyConstraint([name], ["staff.uid"], name=op.f(f"fk_seen_in_person_{name}"))
            for name in ("staff_uid", "seen_by_uid", "reset_by_uid")
        ),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_seen_in_person")),
    )
    op.create_index(op.f("ix_seen_in_person_staff_uid"), "seen_in_person", ["staff_uid"])


def downgrade() -> None:
    for table in ("seen_in_person", "recovery_code", "passkey", "authenticator_app"):
        op.drop_table(table)
    for column in OF_SIGN_INS:
        op.drop_column("sign_in", column)
