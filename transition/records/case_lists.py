"""The list of young people, a line each; what is due next comes from the case's sealed copy."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from transition.records.anchors import CaseAnchors
from transition.records.cases import Case, access_of
from transition.records.due_rows import question
from transition.records.dues import Asking
from transition.records.keys import vault_of
from transition.rules.access import CaseAccess
from transition.rules.handovers import handover_key
from transition.rules.pathway import Stage
from transition.security.fields import CaseCipher


@dataclass(frozen=True, slots=True)
class ListedCase:
    """One line of the list of young people."""

    case_uid: bytes
    reference: str
    stage: Stage
    paused: bool
    receiver: str | None
    target_on: date | None
    named_worker_uid: bytes
    access: CaseAccess
    born: date
    pathway_version: str
    next_due_on: date | None
    next_code: str | None
    handover_key: str | None
    """The open lead handover, by its key; until it is accepted there is only its pack to open."""


def list_of_cases(session: Session, asking: Asking) -> list[ListedCase]:
    """Return the cases that the reader may see, but for ended ones; no milestone is opened."""
    query = question(asking.reader).where(Case.ending.is_(None))
    rows = [
        (row, access)
        for row in session.execute(query).all()
        if (access := access_of(asking.reader, row)) >= CaseAccess.PACK
    ]
    ciphers = vault_of(session).ciphers(session, [row.uid for row, _ in rows])
    return [_listed(row, access, ciphers[row.uid]) for row, access in rows if row.uid in ciphers]


def _listed(row: Row[Any], access: CaseAccess, cipher: CaseCipher) -> ListedCase:
    due = {}
    if row.next_due is not None:
        due = Case.next_due.open_token(cipher, row.next_due, case_uid=row.uid, row_uid=row.uid)
    born = CaseAnchors.date_of_birth.open_token(
        cipher, row.date_of_birth, case_uid=row.uid, row_uid=row.uid
    )
    return ListedCase(
        case_uid=row.uid,
        reference=row.reference,
        stage=row.stage,
        paused=row.paused,
        receiver=row.receiver,
        target_on=row.target_transfer_on,
        named_worker_uid=row.named_worker_uid,
        access=access,
        born=born,
        pathway_version=row.pathway_version,
        next_due_on=date.fromisoformat(due["on"]) if due else None,
        next_code=due["code"] if due else None,
        handover_key=handover_key(row.asked_of, row.number) if row.asked_of else None,
    )
