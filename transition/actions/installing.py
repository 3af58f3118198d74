"""Making a database ready, once, and checking at each start that its keys belong to it."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from transition.records.audit import AuditHead, Note, Occasion, append
from transition.records.base import begin_writing
from transition.records.keys import kek_ids_in_use, vault_of
from transition.records.sealing import SealedRow
from transition.records.stamp import DatabaseStamp, mode_of
from transition.rules.errors import RuleBroken
from transition.rules.people import THE_COMMAND_LINE
from transition.security.keyring import SealingError


def install(session: Session, *, mode: str, now: datetime) -> bool:
    """Stamp a new database and draw the keys that belong to no case; return whether it was new."""
    begin_writing(session)
    if mode_of(session) is not None:
        session.rollback()
        return False
    session.add_all([DatabaseStamp(mode=mode, stamped_at=now), AuditHead(seq=0)])
    vault_of(session).new_roots(session, now=now)
    session.flush()
    append(session, [Note("database:stamped", mode)], Occasion(THE_COMMAND_LINE, now, "cli"))
    session.commit()
    return True


def refuse_other_mode(asked: str | None, stamped: str | None) -> None:
    """Do nothing if a database is of the mode that was asked for.

    Raises:
        RuleBroken: it is for real people where a demonstration was asked for, or the reverse.
    """
    if stamped is None:
        raise RuleBroken("The database is not ready. Run: python3 -m transition migrate")
    if asked is not None and asked != stamped:
        raise RuleBroken(
            f"This database is stamped “{stamped}”, and “{asked}” was asked for. Nothing was "
            "changed. Set TRANSITION_MODE to what the database is, or use another database."
        )


def check_database(session: Session) -> None:
    """Do nothing if every key that this database needs is here and opens what it sealed.

    Raises:
        RuleBroken: a key is missing or wrong; the sentence says which one is needed.
    """
    vault = vault_of(session)
    missing = sorted(kek_ids_in_use(session) - vault.ring.ids)
    if missing:
        held = ", ".join(sorted(kek_id.hex() for kek_id in vault.ring.ids))
        raise RuleBroken(
            f"This database was sealed with key {missing[0].hex()}; the key file holds {held}. "
            "Nothing was changed. Put back the matching key file."
        )
    try:
        vault.root(session, "trail")
        for kind in _kinds():
            _open_one(session, kind)
    except SealingError as damage:
        raise RuleBroken(
            f"Something in this database does not open with its key. Nothing was changed. {damage}"
        ) from damage


def _kinds() -> list[type[SealedRow]]:
    return [
        mapper.class_
        for mapper in SealedRow.registry.mappers
        if issubclass(mapper.class_, SealedRow)
    ]


def _open_one(session: Session, kind: type[Any]) -> None:
    """Open every field of one row of *kind*."""
    row = session.scalars(select(kind).limit(1)).one_or_none()
    if row is not None:
        for field in kind.sealed_fields():
            field.__get__(row, kind)
