"""The base of all rows, the session, and how a database is spoken to.

The only module that knows Flask-SQLAlchemy.
"""

from typing import Any, Final

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, Engine, MetaData, event
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column

SQLITE_PRAGMAS: Final = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "busy_timeout=5000",
    "secure_delete=ON",
)
"""An acknowledged save survives a power cut, and a deleted key leaves no trace in the file."""


class Base(DeclarativeBase):
    """The base of every row; constraints get names, because a refusal is found by its name."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Versioned:
    """A row that people edit: its version is checked at every write, so that no edit is lost."""

    version: Mapped[int] = mapped_column()

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805 - a class, by SQLAlchemy's design
        """Tell the mapper which column holds the version."""
        return {"version_id_col": cls.version}


db = SQLAlchemy(metadata=Base.metadata)


LOCK_PATIENCE: Final = "5s"
"""How long a statement waits on PostgreSQL for whoever holds what it needs, as on SQLite."""


def prepare_engine(engine: Engine) -> None:
    """Make *engine* durable and honest about its transactions, and let it wait for nobody long."""
    if engine.dialect.name != "sqlite":

        @event.listens_for(engine, "connect")
        def _patience(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's own type
            connection.execute(f"SET lock_timeout = '{LOCK_PATIENCE}'")
            connection.commit()

        return

    @event.listens_for(engine, "connect")
    def _pragmas(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's own type
        # The driver begins transactions on its own and late; we begin them ourselves, below.
        connection.isolation_level = None
        for pragma in SQLITE_PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writing = connection.get_execution_options().get("writing", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def begin_writing(session: Any) -> None:  # noqa: ANN401 - a Session or the scoped proxy of one
    """End whatever *session* was reading and begin a transaction that may write.

    SQLite takes the one write lock at once: whoever reads first and writes later would otherwise be
    refused in the middle of a piece of work.
    """
    session.rollback()
    session.connection(execution_options={"writing": True})


CONSTRAINT_SENTENCES: Final = {
    ("one_open_case", "young_person_case.young_person_uid"): (
        "This young person already has an open case."
    ),
    ("nhs_number_once", "young_person_case.nhs_number_index"): (
        "Someone with this NHS number is already here."
    ),
    ("one_open_lead_handover", "handover.case_uid"): (
        "This case already has an open handover. Withdraw it first."
    ),
    ("one_outcome_stands", "milestone_outcome.case_uid, milestone_outcome.code"): (
        "Somebody else recorded this milestone a moment ago. Nothing was changed."
    ),
    ("one_signature_a_side", "transfer_signature.handover_uid, transfer_signature.side"): (
        "Somebody else signed for your hospice a moment ago. Nothing was changed."
    ),
    ("pk_usual_number", "usual_number.organisation"): (
        "Somebody else set this number a moment ago. Load the page again to see it."
    ),
    ("uq_staff_email", "staff.email"): (
        "Somebody else has this address by now. Load the page again to see who."
    ),
    ("one_app_each", "authenticator_app.staff_uid, authenticator_app.counts"): (
        "You began this in another window a moment ago. Load the page again."
    ),
    ("uq_work_account_staff_uid", "work_account.staff_uid"): (
        "You linked a work account in another window a moment ago."
    ),
    ("uq_work_account_subject_digest", "work_account.subject_digest"): (
        "This work account was linked a moment ago."
    ),
    ("uq_passkey_number_digest", "passkey.number_digest"): "This passkey is here already.",
    ("one_digest_a_week", "digest.staff_uid, digest.week"): "This digest was already issued.",
}
"""What a person reads when the database refuses: by the constraint's name, and by its columns,
which is what SQLite tells instead."""


def sentence_for(error: IntegrityError) -> str | None:
    """Return the sentence for a constraint that refused, or None where it is a fault of ours."""
    diagnosis = getattr(error.orig, "diag", None)
    name = getattr(diagnosis, "constraint_name", None)
    told = str(error.orig)
    for (constraint, columns), sentence in CONSTRAINT_SENTENCES.items():
        if name == constraint or told == f"UNIQUE constraint failed: {columns}":
            return sentence
    return None
