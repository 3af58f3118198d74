"""Keeping what somebody has begun to write, sealed, until it is finished or thrown away."""

from typing import Any

from sqlalchemy import delete, exists

from transition.actions.work import Work
from transition.records.cases import Case
from transition.records.columns import new_uid
from transition.records.drafts import Draft, draft_of
from transition.records.keys import CaseKey, vault_of

OPENING = "open_case"
"""The kind of draft that a case is opened from."""


def write_draft(
    work: Work, kind: str, words: dict[str, Any], *, case_uid: bytes | None = None
) -> Draft:
    """Add *words* to the actor's draft of *kind*, begun if there is none, and return it.

    What is typed about an open case is sealed under its key. Without a case it gets a number and a
    key of its own from the first word; a case that is opened from it goes on under both.
    """
    draft = draft_of(work.session, work.actor_uid, kind)
    if draft is None:
        if case_uid is None:
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
    """Remove a draft whose words have become something or are not wanted any more.

    Its key goes with it, unless it is the key of a case.
    """
    case_uid = draft.case_uid
    work.session.delete(draft)
    work.session.flush()
    of_a_case = exists().where(Case.uid == case_uid)
    work.session.execute(delete(CaseKey).where(CaseKey.case_uid == case_uid, ~of_a_case))
    work.note("draft:ended", about=draft.kind)


def throw_away(work: Work, kind: str) -> None:
    """Remove the actor's draft of *kind*, if there is one."""
    draft = draft_of(work.session, work.actor_uid, kind)
    if draft is not None:
        finish(work, draft)
