"""The second step of signing in: how long each part of it lasts, and what counts as a code."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from transition.rules.people import LEADS, Actor, Role
from transition.rules.words import Worded

HALF_LASTS: Final = timedelta(minutes=10)
"""How long the right password waits for the second step."""

FRESH_FOR: Final = timedelta(minutes=5)
"""How long nobody is asked again who they are."""

TRIES: Final = 5
"""How many wrong second steps end a sign-in; whoever it was begins again with the password."""

SEEDS_LAST: Final = timedelta(hours=1)
"""How long a picture that was drawn for an app waits for its first code."""

SEEN_COUNTS: Final = timedelta(days=7)
"""How long it counts that somebody who lost their second step was seen in person."""

STEP_SECONDS: Final = 30
AROUND: Final = 1
"""An app's clock may be one step before ours or after it."""

CODES: Final = 10
"""How many recovery codes somebody has at once."""

SYMBOLS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Thirty-two, so that each says five bits; what looks like one of them is read as it."""
LENGTH: Final = 16
"""Symbols of a recovery code: 80 bits."""
GROUP: Final = 4

LOOKS_LIKE: Final = str.maketrans({"O": "0", "I": "1", "L": "1", "-": "", " ": ""})


class Way(Worded):
    """A way to show a second time who one is."""

    APP = "app", "authenticator app"
    PASSKEY = "passkey", "passkey"
    RECOVERY = "recovery", "recovery code"
    PASSWORD = "password", "password"
    WORK_ACCOUNT = "work_account", "work account"


class SeenHow(Worded):
    """How somebody who lost their second step was seen, so that nobody else speaks for them."""

    IN_PERSON = "in_person", "in person"
    VIDEO = "video", "by video call"


def shown_in_words(*, app: bool, passkeys: bool) -> str:
    """Return what somebody shows besides their password."""
    ways = [Way.APP.label] * app + [Way.PASSKEY.label] * passkeys
    return " and ".join(ways).capitalize() or "None yet"


def steps_around(at: datetime) -> range:
    """Return the steps of an app's clock whose codes are taken at an instant."""
    step = int(at.timestamp()) // STEP_SECONDS
    return range(step - AROUND, step + AROUND + 1)


def new_recovery_code(draw: Callable[[int], int]) -> str:
    """Return a recovery code in its one written form; `draw(n)` gives a random number below n."""
    return "".join(SYMBOLS[draw(len(SYMBOLS))] for _ in range(LENGTH))


def read_recovery_code(typed: str) -> str:
    """Return what was typed in the one form in which a recovery code is written."""
    return typed.upper().translate(LOOKS_LIKE)


def in_groups(code: str, between: str = " ") -> str:
    """Return a long code in groups of four, as it is shown and copied by hand."""
    return between.join(code[at : at + GROUP] for at in range(0, len(code), GROUP))


def may_see_in_person(actor: Actor, other: Actor, *, has_lead: bool) -> bool:
    """Return whether *actor* may record that they saw *other*, who lost their second step.

    It is a lead of the same hospice; where there is no lead, an administrator.
    """
    if actor.uid == other.uid:
        return False
    if not has_lead:
        return Role.ADMIN in actor.roles
    return actor.organisation == other.organisation and not LEADS.isdisjoint(actor.roles)


def may_reset(actor: Actor, other_uid: bytes, seen_by_uid: bytes) -> bool:
    """Return whether *actor* may take away the second step of somebody whom a colleague saw."""
    return Role.ADMIN in actor.roles and actor.uid not in {other_uid, seen_by_uid}
