"""Signing in and out. Every try leaves its entry in the trail; a cookie stands for a row.

A try is three things: it is counted, the password is looked at, and the sign-in begins or not. The
slow part stands between two transactions, so that nobody who saves something waits for it.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import select, update

from transition.actions.work import NO_SUCH_CASE, NotFound, Work
from transition.records.audit import Note
from transition.records.keys import NOBODY
from transition.records.known_devices import (
    KnownDevice,
    forget_old_devices,
    has_known_device,
    is_handed_out,
    known_device,
)
from transition.records.second_steps import needs_second_step
from transition.records.sign_in_tries import (
    SignInTry,
    forget_old_tries,
    held_tries,
    hour_of,
    keys_of,
)
from transition.records.sign_ins import (
    Ended,
    SignIn,
    digest_of_token,
    find_any_sign_in,
    held_sign_in,
    last_sign_in,
    new_token,
    running_sign_ins,
)
from transition.records.staff import Staff, find_staff
from transition.rules.devices import DeviceKind
from transition.rules.errors import RuleBroken
from transition.rules.throttling import ALARMING, TryKind
from transition.rules.work_accounts import password_counts
from transition.security.passwords import check_password, hash_password, needs_rehash

NOT_RIGHT = "Email address or password is not right"

AT_ONCE: Final = 5
"""How many sign-ins one colleague can have; the oldest ends for the next."""

NEW_DEVICE: Final = "new_device"
PASSWORD_CHANGED: Final = "password_changed"  # noqa: S105 - a kind of letter
"""The letters that tell somebody of what was done in their name."""


@dataclass(frozen=True)
class Visit:
    """What a browser brings along: where it comes from, and what it was given before."""

    source: str = ""
    device_token: str = ""
    device: DeviceKind = DeviceKind.OTHER
    token: str = field(default="", repr=False)
    """What it holds already as the cookie of a sign-in, whoever put it there."""


@dataclass(frozen=True)
class Tried:
    """A try that was counted, before its password is looked at."""

    staff_uid: bytes | None
    password_hash: str | None = field(repr=False)
    keys: dict[TryKind, bytes]
    opens_at: datetime
    """From when on a password is looked at; later than now where too many were wrong."""

    def is_right(self, password: str) -> bool:
        """Return whether this is the password, at the same cost for people not known."""
        return check_password(self.password_hash, password)


@dataclass(frozen=True)
class Begun:
    """A sign-in that has begun: the tokens of its cookies, and when the one before it began.

    Half of one has no token for the browser, which is not known by it.
    """

    token: str
    device_token: str
    last_at: datetime | None


def try_to_sign_in(work: Work, *, email: str, visit: Visit) -> Tried:
    """Count a try, as a wrong one until it is known to be right, and return it.

    The same work is done whether or not the address is known. A browser that this colleague has
    signed in with is counted apart from all others.
    """
    staff = find_staff(work.session, email)
    uid = staff.uid if staff else NOBODY
    digest = digest_of_token(visit.device_token)
    known = known_device(work.session, digest, uid, now=work.now)
    words = {TryKind.HOUR: hour_of(work.now)}
    if known:
        words[TryKind.DEVICE] = known.uid.hex()
    else:
        words[TryKind.ACCOUNT] = email.strip().lower()
        words[TryKind.SOURCE] = visit.source
    keys = keys_of(work.session, words)
    tries = held_tries(work.session, keys, now=work.now)
    opens_at = max(one.opens_at(work.now) for one in tries.values())
    _count(work, tries, slowed=opens_at > work.now)
    return Tried(
        staff_uid=staff.uid if staff else None,
        password_hash=staff.password_hash if staff else None,
        keys=keys,
        opens_at=opens_at,
    )


def _count(work: Work, tries: dict[TryKind, SignInTry], *, slowed: bool) -> None:
    """Count a try; one that comes too soon makes nobody wait longer, but the hour knows of it."""
    for kind, one in tries.items():
        if kind is TryKind.HOUR or not slowed:
            one.add(work.now)
    if tries[TryKind.HOUR].count == ALARMING:
        work.notes.append(Note("sign-in:alarm", str(ALARMING), outcome="refused"))


def refuse_sign_in(work: Work, tried: Tried) -> None:
    """Tell the trail of a password that was wrong."""
    about = tried.staff_uid.hex() if tried.staff_uid else "unknown"
    forget_old_tries(work.session, now=work.now)
    work.notes.append(Note("sign-in:refused", about, outcome="refused"))


def sign_in(
    work: Work, tried: Tried, *, password: str, visit: Visit, notice: bool = False
) -> Begun | None:
    """Begin a sign-in whose password was right; return None for who holds no role any more."""
    staff = work.session.get(Staff, tried.staff_uid)
    if staff is None or staff.actor(work.today) is None or not takes_password(work, staff):
        refuse_sign_in(work, tried)
        return None
    if needs_rehash(staff.password_hash or ""):
        staff.password_hash = hash_password(password)
    take_back(work, tried, wholly=True)
    return begin_sign_in(work, staff, visit=visit, notice=notice)


def takes_password(work: Work, staff: Staff) -> bool:
    """Return whether a password of ours lets somebody in, or their work account alone."""
    held, providers = staff.memberships, work.catalogue.collaborative.providers
    return password_counts(staff.email, [one.value for one in held], providers)


def has_password(work: Work, staff: Staff) -> bool:
    """Return whether somebody has a password that lets them in."""
    return staff.password_hash is not None and takes_password(work, staff)


def take_back(work: Work, tried: Tried, *, wholly: bool = False) -> None:
    """Take back that a try was counted as a wrong one; *wholly*, the account's earlier ones too."""
    for kind, one in held_tries(work.session, tried.keys, now=work.now).items():
        theirs = wholly and kind in {TryKind.ACCOUNT, TryKind.DEVICE}
        one.count = 0 if theirs else max(one.count - 1, 0)


def begin_sign_in(
    work: Work, staff: Staff, *, visit: Visit, notice: bool = False, twice: bool = False
) -> Begun:
    """Begin a sign-in of somebody who has shown who they are, in a browser that is known then.

    With *notice*, a letter tells of one in a browser that was not known. Of whoever has a second
    step, or must have one, it is half of a sign-in, for which nothing makes room yet; unless they
    have shown who they are *twice* over already.
    """
    if visit.token:
        _drop(work, staff, visit.token)
    half = not twice and needs_second_step(work.session, staff.uid)
    token = new_token()
    work.keep(
        SignIn(
            token_digest=digest_of_token(token),
            staff_uid=staff.uid,
            device=visit.device,
            began_at=work.now,
            last_seen_at=work.now,
            fresh_at=work.now,
            half=half,
        )
    )
    work.notes.append(Note("sign-in:half" if half else "sign-in:begun", staff.uid.hex()))
    return Begun(token, "", None) if half else come_in(work, token, visit=visit, notice=notice)


def _drop(work: Work, staff: Staff, token: str) -> None:
    """End the sign-in that a browser held before; one that never was is told."""
    known = find_any_sign_in(work.session, token)
    if known is None:
        work.notes.append(Note("sign-in:planted", staff.uid.hex(), outcome="refused"))
    elif work.now < known.until and (held := held_sign_in(work.session, token)) is not None:
        end_sign_in(work, held, Ended.SIGNED_OUT)


def come_in(work: Work, token: str, *, visit: Visit, notice: bool = False) -> Begun:
    """Let a sign-in that is whole now take its place: the oldest of too many ends for it."""
    its = SignIn.token_digest == digest_of_token(token)
    one = work.session.scalars(select(SignIn).where(its)).one()
    running = running_sign_ins(work.session, one.staff_uid, now=work.now)
    others = [each for each in running if each is not one]
    for oldest in others[: max(len(others) + 1 - AT_ONCE, 0)]:
        end_sign_in(work, oldest, Ended.ELSEWHERE)
    last = last_sign_in(work.session, one.staff_uid, but=one.uid)
    staff = work.session.get_one(Staff, one.staff_uid)
    return Begun(token, _know_device(work, staff, visit, notice=notice), last)


def _know_device(work: Work, staff: Staff, visit: Visit, *, notice: bool) -> str:
    """Remember that a colleague signed in with this browser, and return the token it keeps.

    A token that was handed out to nobody is not taken on: somebody may have planted it.
    """
    forget_old_devices(work.session, now=work.now)
    device = known_device(
        work.session, digest_of_token(visit.device_token), staff.uid, now=work.now
    )
    if device is not None:
        device.signed_in_at = work.now
        return visit.device_token
    if notice and has_known_device(work.session, staff.uid):
        work.post(NEW_DEVICE, to=staff, about=visit.device.value)
    ours = is_handed_out(work.session, digest_of_token(visit.device_token))
    token = visit.device_token if ours else new_token()
    digest = digest_of_token(token)
    work.keep(KnownDevice(token_digest=digest, staff_uid=staff.uid, signed_in_at=work.now))
    return token


def sign_out(work: Work, *, token: str) -> None:
    """End the sign-in that *token* belongs to. Its cookie is worth nothing afterwards."""
    found = held_sign_in(work.session, token)
    if found is None:
        raise RuleBroken("You are signed out already.")
    end_sign_in(work, found, Ended.SIGNED_OUT)


def end_mine(work: Work, uid: str) -> None:
    """End one of the actor's own sign-ins.

    Raises:
        NotFound: it is none of theirs, or is over already.
    """
    for one in running_sign_ins(work.session, work.actor_uid, now=work.now):
        if one.uid.hex() == uid:
            return end_sign_in(work, one, Ended.ENDED_BY_OWNER)
    raise NotFound(NO_SUCH_CASE)


def end_others(work: Work, staff_uid: bytes, why: Ended, *, but: bytes | None = None) -> int:
    """End all sign-ins of a colleague but this one, and return how many that were.

    Half ones, which wait for a second step, end with them; they are not counted.
    """
    running = running_sign_ins(work.session, staff_uid, now=work.now)
    others = [one for one in running if one.uid != but]
    for one in others:
        end_sign_in(work, one, why)
    halves = SignIn.staff_uid == staff_uid, SignIn.half, SignIn.ended_at.is_(None)
    ended = {"ended_at": work.now, "ended_because": why}
    work.session.execute(update(SignIn).where(*halves).values(ended))
    return len(others)


def end_sign_in(work: Work, one: SignIn, why: Ended) -> None:
    """End one sign-in, for a reason that the browser is told when it comes back."""
    one.ended_at, one.ended_because = work.now, why
    work.notes.append(Note("sign-in:ended", one.staff_uid.hex()))
