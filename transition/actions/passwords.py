"""Changing a password, and choosing another where it is forgotten.

Neither touches the second step: a letter alone never lets anybody in.
"""

from transition.actions.signing_in import PASSWORD_CHANGED, end_others, takes_password
from transition.actions.work import Work
from transition.records.audit import Note
from transition.records.resets import PasswordReset, find_reset, forget_old_resets, waiting_resets
from transition.records.sign_in_tries import held_tries, keys_of
from transition.records.sign_ins import Ended
from transition.records.staff import Staff, find_staff
from transition.rules.errors import RuleBroken
from transition.rules.throttling import TryKind

RESET = "password_reset"
"""The kind of letter that carries the link with which another password is chosen."""

GONE = (
    "This link does not work any more. A link works once, for 72 hours, and only for somebody who "
    "may sign in. Ask for a new one."
)


def change_password(work: Work, password_hash: str, *, here: bytes | None) -> None:
    """Give the actor another password; of their sign-ins only the one *here* lasts."""
    staff = work.session.get_one(Staff, work.actor_uid)
    _take_on(work, staff, password_hash, here=here)
    work.notes.append(Note("password:changed", staff.uid.hex()))


def refuse_change(work: Work) -> None:
    """Tell the trail that somebody who is signed in did not know their own password."""
    work.notes.append(Note("password:refused", work.actor_uid.hex(), outcome="refused"))


def _take_on(work: Work, staff: Staff, password_hash: str, *, here: bytes | None = None) -> None:
    staff.password_hash = password_hash
    end_others(work, staff.uid, Ended.PASSWORD, but=here)
    work.post(PASSWORD_CHANGED, to=staff, about="")


def ask_for_reset(work: Work, *, email: str, source: str) -> None:
    """Write down that somebody cannot sign in; whether they are known shows in nothing.

    The letter is queued by the timetable. Who asks again and again gets no more of them.
    """
    staff = find_staff(work.session, email)
    keys = keys_of(work.session, {TryKind.RESET: email.strip().lower(), TryKind.SOURCE: source})
    tries = held_tries(work.session, keys, now=work.now).values()
    if all(one.opens_at(work.now) <= work.now for one in tries):
        forget_old_resets(work.session, now=work.now)
        for one in tries:
            one.add(work.now)
        work.keep(PasswordReset.drawn(work.session, staff.uid if staff else None, at=work.now))
        work.notes.append(Note("reset:asked", staff.uid.hex() if staff else "unknown"))


def queue_resets(work: Work) -> int:
    """Queue the letters of whoever asked for another password, and return how many that were."""
    queued = 0
    for reset in waiting_resets(work.session):
        reset.answered_at = work.now
        staff = work.session.get(Staff, reset.staff_uid) if reset.staff_uid else None
        if staff is not None and _may_choose(work, staff):
            work.post(RESET, to=staff, about=reset.uid.hex())
            queued += 1
    return queued


def reset_of(work: Work, token: str) -> tuple[PasswordReset, Staff]:
    """Return what a link stands for, held until the work is done, and whose it is.

    Raises:
        RuleBroken: it does not work, or not any more; the sentence is the same for all.
    """
    reset = find_reset(work.session, token)
    staff = work.session.get(Staff, reset.staff_uid) if reset and reset.staff_uid else None
    if reset is None or staff is None:
        raise RuleBroken(GONE)
    if not reset.works(work.now) or not _may_choose(work, staff):
        raise RuleBroken(GONE)
    return reset, staff


def _may_choose(work: Work, staff: Staff) -> bool:
    return staff.actor(work.today) is not None and takes_password(work, staff)


def refuse_reset(work: Work, token: str) -> None:
    """Tell the trail that a link was used again, too late, or by somebody who may not sign in."""
    reset = find_reset(work.session, token)
    if reset is not None and reset.staff_uid is not None:
        work.notes.append(Note("reset:refused", reset.staff_uid.hex(), outcome="refused"))


def use_reset(work: Work, token: str, password_hash: str) -> None:
    """Give whoever holds a link another password, once; all their sign-ins end.

    Raises:
        RuleBroken: the link does not work, or not any more.
    """
    reset, staff = reset_of(work, token)
    reset.used_at = work.now
    _take_on(work, staff, password_hash)
    work.notes.append(Note("reset:used", staff.uid.hex()))
