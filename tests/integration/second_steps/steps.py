"""Signing in by two steps, and what is left of it afterwards."""

import pyotp
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import WorkAs
from tests.databases import FIXED
from tests.people import PASSWORD, RUTH
from transition.actions.signing_in import Visit, sign_in, try_to_sign_in
from transition.records.audit import AuditEntry
from transition.records.outbox import QueuedLetter
from transition.records.sign_ins import find_sign_in
from transition.rules.people import THE_COMMAND_LINE
from transition.rules.second_steps import STEP_SECONDS


def begin(work_as: WorkAs, email: str = RUTH) -> str:
    """Show the password and return the token of the sign-in, be it half of one."""
    with work_as(THE_COMMAND_LINE) as work:
        tried = try_to_sign_in(work, email=email, visit=Visit())
        begun = sign_in(work, tried, password=PASSWORD, visit=Visit())
    assert begun is not None
    return begun.token


def code_at(seed: str, steps: int = 0) -> str:
    """Return what an app shows at the fixed instant, or some steps away."""
    at = int(FIXED.timestamp()) // STEP_SECONDS + steps
    return pyotp.HOTP(seed).at(at)


def told(session: Session) -> list[tuple[str, str]]:
    """Return what the trail says of sign-ins and second steps: the action and how it went."""
    session.rollback()
    rows = session.scalars(select(AuditEntry).order_by(AuditEntry.seq)).all()
    ours = ("sign-in:", "second-step:")
    return [(row.action, row.outcome) for row in rows if row.action.startswith(ours)]


def letters(session: Session) -> list[str]:
    """Return the addresses to which a letter about a changed sign-in waits to go."""
    session.rollback()
    queued = session.scalars(select(QueuedLetter).where(QueuedLetter.kind == "sign_in_changed"))
    return [one.recipient.email for one in queued]


def is_half(session: Session, token: str) -> bool | None:
    """Return whether a token belongs to half a sign-in, or None where it belongs to none."""
    session.rollback()
    found = find_sign_in(session, token, now=FIXED)
    return found.half if found is not None else None
