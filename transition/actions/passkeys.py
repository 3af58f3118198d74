"""Passkeys: adding one, showing one, and removing one.

What a passkey is to sign is kept with the sign-in that asked for it, and is asked once.
"""

import secrets

from sqlalchemy import select

from transition.actions.second_steps import its_row, may_add, refuse, refuse_the_last, take, tell
from transition.actions.work import NO_SUCH_CASE, NotFound, Work
from transition.records.second_steps import (
    Passkey,
    digest_of_number,
    passkey_called,
    second_steps_of,
    written,
)
from transition.records.sign_ins import SignIn
from transition.records.staff import Staff
from transition.rules.second_steps import Way
from transition.security.passkeys import (
    NotHeld,
    Place,
    ask_to_make,
    ask_to_use,
    count_after,
    number_in,
    read_made,
)

CHALLENGE_BYTES = 32


def ask_for_new(work: Work, token: str, place: Place) -> str:
    """Return what the actor's browser needs to make a passkey."""
    challenge = _challenge(may_add(work, token))
    staff = work.session.get_one(Staff, work.actor_uid)
    who = staff.uid, staff.email, staff.name
    return ask_to_make(place, challenge, who=who, known=_known(work))


def add_passkey(work: Work, token: str, place: Place, *, answer: str, name: str) -> str | None:
    """Keep the passkey that the actor's browser made, and return the new token of the sign-in.

    None where the answer does not hold.
    """
    row = may_add(work, token)
    challenge, row.challenge = row.challenge, None
    try:
        made = read_made(place, challenge or b"", answer)
    except NotHeld:
        return refuse(work, row, Way.PASSKEY)
    number = written(made.number)
    work.keep(
        Passkey(
            staff_uid=work.actor_uid,
            number_digest=digest_of_number(work.session, number),
            name=name,
            number=number,
            public_key=written(made.public_key),
            count=made.count,
            made_at=work.now,
        )
    )
    tell(work, "passkey_added")
    return take(work, row, Way.PASSKEY)


def ask_for_passkey(work: Work, token: str, place: Place) -> str:
    """Return what the actor's browser needs to use a passkey of theirs."""
    return ask_to_use(place, _challenge(its_row(work, token)), known=_known(work))


def use_passkey(work: Work, token: str, place: Place, answer: str) -> str | None:
    """Take an answer of a passkey of the actor's and return the token of a whole sign-in.

    None where it does not hold.
    """
    row = its_row(work, token)
    challenge, row.challenge = row.challenge, None
    passkey = passkey_called(work.session, work.actor_uid, number_in(answer))
    if passkey is None:
        return refuse(work, row, Way.PASSKEY)
    try:
        count = count_after(place, challenge or b"", answer, passkey.made)
    except NotHeld:
        return refuse(work, row, Way.PASSKEY)
    passkey.count, passkey.last_used_at = count, work.now
    return take(work, row, Way.PASSKEY)


def remove_passkey(work: Work, uid: bytes) -> None:
    """Forget a passkey of the actor's.

    Raises:
        NotFound: they have none of that number.
        RuleBroken: nothing else is left.
    """
    mine = Passkey.uid == uid, Passkey.staff_uid == work.actor_uid
    passkey = work.session.scalar(select(Passkey).where(*mine).with_for_update())
    if passkey is None:
        raise NotFound(NO_SUCH_CASE)
    refuse_the_last(work)
    work.session.delete(passkey)
    tell(work, "passkey_removed")


def _challenge(row: SignIn) -> bytes:
    row.challenge = secrets.token_bytes(CHALLENGE_BYTES)
    return row.challenge


def _known(work: Work) -> list[bytes]:
    return [one.made.number for one in second_steps_of(work.session, work.actor_uid).passkeys]
