"""A number for each organisation that moves with every change of a case it has a part in.

What was reckoned from an organisation's cases holds for as long as the number stands still.
"""

from collections.abc import Callable, Hashable, Iterable
from typing import Any, Final, TypeVar, cast

from sqlalchemy import Connection, bindparam, event, select, text
from sqlalchemy.orm import (
    Mapped,
    Mapper,
    Session,
    SessionTransaction,
    mapped_column,
    object_session,
)

from transition.records.base import Base
from transition.records.drafts import Draft
from transition.records.keys import vault_of
from transition.records.sealing import SealedRow, SystemRow
from transition.records.staff import Denial

T = TypeVar("T")

CHANGED: Final = "cases changed in this transaction"
NUMBERS: Final = "change numbers read in this transaction"


class ChangeNumber(Base):
    """How many pieces of work have changed cases of one organisation."""

    __tablename__ = "change_number"

    organisation: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int]


MOVE: Final = text(
    "INSERT INTO change_number (organisation, number) "
    "SELECT organisation, 1 FROM ("
    "SELECT organisation FROM young_person_case WHERE uid IN :cases "
    "UNION SELECT receiver FROM handover WHERE case_uid IN :cases AND proposed_at IS NOT NULL"
    ") AS having_a_part WHERE true ORDER BY organisation "
    "ON CONFLICT (organisation) DO UPDATE SET number = change_number.number + 1"
).bindparams(bindparam("cases", expanding=True))
"""In the order of the organisations, so that two who move the same numbers never cross."""


NUMBER: Final = select(ChangeNumber.__table__.c.number).where(
    ChangeNumber.__table__.c.organisation == bindparam("organisation")
)
"""Built once: every list asks it."""


def mark_changed(session: Session, case_uids: Iterable[bytes]) -> None:
    """Remember that this transaction changes these cases."""
    session.info.setdefault(CHANGED, set()).update(case_uids)


def move_numbers(session: Session) -> None:
    """Move the number of every organisation that has a part in a case changed since the start."""
    changed = session.info.get(CHANGED)
    if changed:
        session.execute(MOVE, {"cases": sorted(changed)})


def while_unchanged(
    session: Session, organisation: str, key: Hashable, build: Callable[[], T]
) -> T:
    """Return what *build* makes of an organisation's cases; it is kept until one of them changes.

    The number is read before anything is built, so what is kept is never older than its number.
    A transaction that has changed something itself is answered from the database alone.
    """
    session.flush()
    if CHANGED in session.info:
        return build()
    kept, number = vault_of(session).kept, _number_of(session, organisation)
    found = cast("T | None", kept.find(key, number))
    if found is None:
        found = build()
        kept.keep(key, number, found)
    return found


def _number_of(session: Session, organisation: str) -> int:
    """Return an organisation's number; it is asked for once a transaction."""
    read: dict[str, int] = session.info.setdefault(NUMBERS, {})
    if organisation not in read:
        found = session.connection().execute(NUMBER, {"organisation": organisation})
        read[organisation] = found.scalar() or 0
    return read[organisation]


@event.listens_for(SealedRow, "after_insert", propagate=True)
@event.listens_for(SealedRow, "after_update", propagate=True)
@event.listens_for(SealedRow, "after_delete", propagate=True)
@event.listens_for(Denial, "after_insert")
@event.listens_for(Denial, "after_update")
@event.listens_for(Denial, "after_delete")
def _mark(_mapper: Mapper[Any], _connection: Connection, row: SealedRow | Denial) -> None:
    """Whatever is kept about a case counts as a change of it, but for what is half-written."""
    if not isinstance(row, Draft | SystemRow):
        mark_changed(cast("Session", object_session(row)), (row.case_uid,))


@event.listens_for(Session, "after_transaction_end")
def _begin_anew(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop(CHANGED, None)
        session.info.pop(NUMBERS, None)
