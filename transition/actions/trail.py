"""Taking a copy of the trail along: whose it is, why, and how its holder can prove it.

The key of a copy is made of the trail's for one case, or one organisation, alone: its holder proves
that copy with it, and can neither open another nor sign an entry of the trail.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from sqlalchemy.orm import Session

from transition.actions.work import NotFound, Work
from transition.records.audit import AuditEntry, Note, first_broken, trail_of
from transition.records.keys import vault_of
from transition.records.trail import Wanted, entries_wanted, is_of
from transition.rules.trail import ExportReason
from transition.security.keyring import derive
from transition.security.verify_export import seal_of

FORM: Final = "TF1/export"
MOST: Final = 20_000
"""How many entries a copy holds that is not the whole trail of one case."""
NOTHING: Final = "The trail holds nothing of this case."
COLUMNS: Final = [column.name for column in AuditEntry.__table__.columns]


def key_of_copy(session: Session, about: str) -> bytes:
    """Return the key that proves copies of the trail of one case, or of one organisation."""
    return derive(vault_of(session).root(session, "trail"), f"{FORM}/{about}")


def copy_wanted(work: Work, wanted: Wanted, reason: ExportReason) -> list[str]:
    """Return the lines of a copy of what is asked for: of a case of the reader's, its whole trail.

    Raises:
        NotFound: there is nothing to copy.
    """
    if wanted.case and is_of(work.session, wanted.case, wanted.organisation):
        return copy_of_case(work, wanted.case, reason.value)
    entries = entries_wanted(work.session, wanted, most=MOST)[::-1]
    if not entries:
        raise NotFound(NOTHING)
    # Before it is written down itself, so that the same question twice has the same answer.
    lines = list(_lines(work.session, entries, wanted.organisation, case=None))
    work.notes.append(Note("trail:exported", f"{reason.value} {len(entries)}"))
    return lines


def copy_of_case(work: Work, reference: str, reason: str) -> list[str]:
    """Return the lines of a copy of the whole trail of a case, oldest entry first.

    Raises:
        NotFound: there is nothing to copy.
    """
    entries = trail_of(work.session, reference)
    if not entries:
        raise NotFound(NOTHING)
    lines = list(_lines(work.session, entries, reference, case=reference))
    work.notes.append(Note("trail:exported", reason, case_ref=reference))
    return lines


def _lines(
    session: Session, entries: Sequence[AuditEntry], about: str, *, case: str | None
) -> Iterator[str]:
    """Yield what a copy says, a line each, sealed with the line before."""
    key, before = key_of_copy(session, about), ""
    for said in _said(session, entries, case):
        before = seal_of(key, before, said)
        yield json.dumps(said | {"seal": before}, sort_keys=True)


def _said(
    session: Session, entries: Sequence[AuditEntry], case: str | None
) -> Iterable[dict[str, Any]]:
    head = {"form": FORM, "case": case, "entries": len(entries)}
    broken = first_broken(session, case) if case is not None else None
    yield head | {"broken_at": broken}
    for one in entries:
        yield {name: _plain(getattr(one, name)) for name in COLUMNS}


def _plain(value: Any) -> Any:  # noqa: ANN401 - any column's value
    """Return a value as it stands in a line."""
    if isinstance(value, bytes):
        return value.hex()
    return value.isoformat(timespec="microseconds") if hasattr(value, "isoformat") else value
