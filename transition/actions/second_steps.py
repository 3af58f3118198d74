"""The second step of signing in: asked after the password, and again before what matters.

Each try is kept with its entry in the trail, whether it was right or not; so what refuses returns
None, and only what cannot be asked at all is a `RuleBroken`.
"""

import secrets
from datetime import timedelta

from sqlalchemy import delete

from transition.actions.signing_in import takes_password
from transition.actions.work import Work
from transition.records.audit import Note
from transition.records.second_steps import (
    AuthenticatorApp,
    Passkey,
    RecoveryCode,
    app_of,
    digest_of_code,
    second_steps_of,
    unused_code,
)
from transition.records.sign_in_tries import SignInTry, held_try
from transition.records.sign_ins import SignIn, digest_of_token, held_sign_in, new_token
from transition.records.staff import Staff
from transition.rules.errors import RuleBroken
from transition.rules.second_steps import (
    CODES,
    SEEDS_LAST,
    TRIES,
    Way,
    new_recovery_code,
    read_recovery_code,
    steps_around,
)
from transition.rules.throttling import TryKind, wait_in_words
from transition.security.app_codes import new_seed, step_of_code
from transition.security.passwords import check_password

CHANGED = "sign_in_changed"
"""The letter that tells somebody that how they sign in has changed."""

TAKEN_AWAY = "reset"
"""What a letter is about where colleagues took a lost second step away."""

OVER = "Your sign-in is over. Sign in again."
LAST_ONE = "This is your only second step. Add another one before you remove it."
NONE_YET = "Add an app or a passkey first. The codes are for when you have lost it."


def use_app(work: Work, token: str, typed: str) -> str | None:
    """Take a code of the actor's app and return the token of what is a whole sign-in now.

    None where it is not right, or was taken before. Whoever has the password could try all codes:
    as with passwords, wrong ones cost time, whatever sign-in they come with.

    Raises:
        RuleBroken: after too many wrong ones, no code is looked at yet.
    """
    row, wrong = its_row(work, token), _wrong_codes(work)
    wait = wrong.opens_at(work.now) - work.now
    if wait > timedelta():
        raise RuleBroken(f"Too many wrong codes were tried. Try again in {wait_in_words(wait)}.")
    app = app_of(work.session, work.actor_uid, counts=True)
    step = _step(work, app, typed)
    if app is None or step is None or step <= (app.last_step or 0):
        wrong.add(work.now)
        return refuse(work, row, Way.APP, replayed=step is not None)
    wrong.count = 0
    app.last_step, app.last_used_at = step, work.now
    return take(work, row, Way.APP)


def use_recovery_code(work: Work, token: str, typed: str) -> str | None:
    """Take a recovery code, once, and return the token of what is a whole sign-in now."""
    row = its_row(work, token)
    code = unused_code(work.session, work.actor_uid, read_recovery_code(typed))
    if code is None:
        return refuse(work, row, Way.RECOVERY)
    code.used_at = work.now
    tell(work, "code_used")
    return take(work, row, Way.RECOVERY)


def use_password(work: Work, token: str, typed: str) -> str | None:
    """Take the password again from somebody who has no second step, and return the new token."""
    row = its_row(work, token)
    none = not row.half and second_steps_of(work.session, work.actor_uid).number == 0
    staff = work.session.get_one(Staff, work.actor_uid)
    counts = none and takes_password(work, staff)
    if not (check_password(staff.password_hash, typed) and counts):
        return refuse(work, row, Way.PASSWORD)
    return take(work, row, Way.PASSWORD)


def begin_app(work: Work, token: str) -> str:
    """Return the secret of an app that the actor is adding; it counts from its first code on.

    The same one is shown again for an hour.
    """
    may_add(work, token)
    app = app_of(work.session, work.actor_uid, counts=False)
    if app is not None and work.now - app.made_at < SEEDS_LAST:
        return app.seed
    if app is not None:
        work.session.delete(app)
        work.session.flush()
    seed = new_seed()
    work.keep(AuthenticatorApp(staff_uid=work.actor_uid, seed=seed, counts=False, made_at=work.now))
    return seed


def add_app(work: Work, token: str, typed: str) -> str | None:
    """Let the app that was begun count, if this is its first code; return the new token.

    It takes the place of the one before.
    """
    row = may_add(work, token)
    app = app_of(work.session, work.actor_uid, counts=False)
    step = _step(work, app, typed)
    if app is None or step is None:
        return refuse(work, row, Way.APP)
    before = app_of(work.session, work.actor_uid, counts=True)
    if before is not None:
        work.session.delete(before)
        work.session.flush()
    app.counts, app.last_step, app.last_used_at = True, step, work.now
    tell(work, "app_added")
    return take(work, row, Way.APP)


def remove_app(work: Work) -> None:
    """Forget the actor's app.

    Raises:
        RuleBroken: there is none, or nothing else is left.
    """
    app = app_of(work.session, work.actor_uid, counts=True)
    if app is None:
        raise RuleBroken("You have no authenticator app here.")
    refuse_the_last(work)
    work.session.delete(app)
    tell(work, "app_removed")


def new_codes(work: Work) -> list[str]:
    """Return ten new recovery codes of the actor, in their one written form; the old are void.

    Raises:
        RuleBroken: there is nothing yet that could be lost.
    """
    if second_steps_of(work.session, work.actor_uid).number == 0:
        raise RuleBroken(NONE_YET)
    tell(work, "codes_made")
    return _draw_codes(work)


def first_codes(work: Work) -> list[str]:
    """Return ten recovery codes for somebody who has none left, else nothing.

    They come with a second step that was just added, and the letter that tells of it.
    """
    if second_steps_of(work.session, work.actor_uid).codes_left:
        return []
    work.note("second-step:codes_made", about=work.actor_uid.hex())
    return _draw_codes(work)


def forget_everything(work: Work, staff_uid: bytes) -> None:
    """Forget all that somebody showed besides their password."""
    for kind in (AuthenticatorApp, Passkey, RecoveryCode):
        work.session.execute(delete(kind).where(kind.staff_uid == staff_uid))


def its_row(work: Work, token: str) -> SignIn:
    """Return the actor's sign-in that *token* belongs to, held until the work is done.

    Raises:
        RuleBroken: it ended, or another answer made it whole a moment ago.
    """
    row = held_sign_in(work.session, token)
    if row is None or row.staff_uid != work.actor_uid:
        raise RuleBroken(OVER)
    return row


def may_add(work: Work, token: str) -> SignIn:
    """Return the actor's sign-in, with which they may add a second step.

    With half of one only the first can be added: else the password alone would be enough.

    Raises:
        RuleBroken: it is half of one, and there is a second step already.
    """
    row = its_row(work, token)
    if row.half and second_steps_of(work.session, work.actor_uid).number:
        raise RuleBroken("Show your second step first.")
    return row


def refuse_the_last(work: Work) -> None:
    """Do nothing where the actor keeps a second step without the one that goes.

    Raises:
        RuleBroken: it is the only one.
    """
    if second_steps_of(work.session, work.actor_uid).number == 1:
        raise RuleBroken(LAST_ONE)


def take(work: Work, row: SignIn, way: Way) -> str:
    """Make a sign-in whole and fresh, under a new token, which is returned."""
    token, dead = new_token(), _as_it_was(row, work)
    if row.half:
        row.half, row.began_at = False, work.now
        work.note("sign-in:begun", about=work.actor_uid.hex())
    row.token_digest = digest_of_token(token)
    row.fresh_at = row.last_seen_at = work.now
    row.tries, row.challenge = 0, None
    work.session.flush()
    work.keep(dead)
    work.note("second-step:taken", about=way)
    return token


def refuse(work: Work, row: SignIn, way: Way, *, replayed: bool = False) -> str | None:
    """Count a wrong try, for which there is no new token; the fifth ends the sign-in."""
    row.tries += 1
    action = "second-step:replayed" if replayed else "second-step:refused"
    work.notes.append(Note(action, way, outcome="refused"))
    if row.tries >= TRIES:
        row.ended_at = work.now
        work.note("sign-in:ended", about=work.actor_uid.hex())
    return None


def tell(work: Work, what: str, to: Staff | None = None) -> None:
    """Put a change of how somebody signs in into the trail, and into a letter to them."""
    staff = to or work.session.get_one(Staff, work.actor_uid)
    work.note(f"second-step:{what}", about=staff.uid.hex())
    work.post(CHANGED, to=staff, about=what if what == TAKEN_AWAY else "")


def _as_it_was(row: SignIn, work: Work) -> SignIn:
    """Return a row for the token that a sign-in had: it ended, and whoever brings it is known."""
    return SignIn(
        token_digest=row.token_digest,
        staff_uid=row.staff_uid,
        began_at=row.began_at,
        last_seen_at=row.last_seen_at,
        fresh_at=row.fresh_at,
        half=row.half,
        ended_at=work.now,
    )


def _draw_codes(work: Work) -> list[str]:
    work.session.execute(delete(RecoveryCode).where(RecoveryCode.staff_uid == work.actor_uid))
    codes = [new_recovery_code(secrets.randbelow) for _ in range(CODES)]
    for code in codes:
        digest = digest_of_code(work.session, code)
        work.keep(RecoveryCode(staff_uid=work.actor_uid, code_digest=digest, made_at=work.now))
    return codes


def _wrong_codes(work: Work) -> SignInTry:
    return held_try(work.session, TryKind.CODE, work.actor_uid.hex(), now=work.now)


def _step(work: Work, app: AuthenticatorApp | None, typed: str) -> int | None:
    if app is None:
        return None
    return step_of_code(app.seed, typed, steps_around(work.now))
