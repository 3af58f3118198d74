"""Keeping what somebody has begun to write, sealed, until it is finished or thrown away."""

from typing import Any

from sqlalchemy import delete

from transition.actions.work import Work
from transition.records.columns import new_uid
from transition.records.drafts import Draft, draft_of
from transition.records.keys import CaseKey, vault_of

OPENING = "open_case"
"""The kind of draft that a case is opened from."""


def write_draft(work: Work, kind: str, words: dict[str, Any]) -> Draft:
    """Add *words* to the actor's draft of *kind*, begun if there is none, and return it.

    A case that is not open yet gets its number and its key here: what is typed about somebody is
    sealed under them from the first word.
    """
    draft = draft_of(work.session, work.actor_uid, kind)
    if draft is None:
        case_uid = new_uid()
        vault_of(work.session).new_case_key(work.session, case_uid, now=work.now)
        draft = Draft(
            case_uid=case_uid, staff_uid=work.actor_uid, kind=kind, written_at=work.now, body={}
        )
        work.keep(draft)
        work.note("draft:begun", about=kind)
    draft.body = draft.body | words
    draft.written_at = work.now
    return draft


def finish(work: Work, draft: Draft) -> None:
    """Remove a draft whose words have become something; its key goes on with the case."""
    work.session.delete(draft)
    work.note("draft:ended", about=draft.kind)


def throw_away(work: Work, kind: str) -> None:
    """Throw the actor's draft of *kind* away, with the key that it was sealed under."""
    draft = draft_of(work.session, work.actor_uid, kind)
    if draft is not None:
        finish(work, draft)
        work.session.execute(delete(CaseKey).where(CaseKey.case_uid == draft.case_uid))
