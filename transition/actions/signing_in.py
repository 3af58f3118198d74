"""Signing in and out. Every try leaves its entry in the trail; a cookie stands for a row."""

from sqlalchemy import select

from transition.actions.work import Work
from transition.records.audit import Note
from transition.records.sign_ins import SignIn, digest_of_token, new_token
from transition.records.staff import find_staff
from transition.rules.errors import RuleBroken
from transition.security.passwords import check_password, hash_password, needs_rehash

NOT_RIGHT = "Email address or password is not right"


def sign_in(work: Work, *, email: str, password: str) -> str | None:
    """Begin a sign-in and return the token for its cookie, or None where the words are not right.

    The same work is done whether or not the address is known.
    """
    staff = find_staff(work.session, email)
    right = check_password(staff.password_hash if staff else None, password)
    if staff is None or not right or staff.actor(work.today) is None:
        about = staff.uid.hex() if staff else "unknown"
        work.notes.append(Note("sign-in:refused", about, outcome="refused"))
        return None
    if needs_rehash(staff.password_hash or ""):
        staff.password_hash = hash_password(password)
    token = new_token()
    work.keep(
        SignIn(
            token_digest=digest_of_token(token),
            staff_uid=staff.uid,
            began_at=work.now,
            last_seen_at=work.now,
        )
    )
    work.notes.append(Note("sign-in:begun", staff.uid.hex()))
    return token


def sign_out(work: Work, *, token: str) -> None:
    """End the sign-in that *token* belongs to. Its cookie is worth nothing afterwards."""
    query = select(SignIn).where(
        SignIn.token_digest == digest_of_token(token), SignIn.ended_at.is_(None)
    )
    found = work.session.scalar(query)
    if found is None:
        raise RuleBroken("You are signed out already.")
    found.ended_at = work.now
    work.note("sign-in:ended", about=work.actor_uid.hex())
