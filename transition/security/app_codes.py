"""The codes of an authenticator app: a secret that both know, and what follows from the time."""

import hmac
from collections.abc import Iterable

import pyotp

_ISSUER = "Transition tracker"


def new_seed() -> str:
    """Return a fresh secret for an app: 160 random bits, in letters and figures."""
    return pyotp.random_base32()


def address_of_seed(seed: str, name: str) -> str:
    """Return what an app reads from the picture: the secret, and whose it is."""
    return pyotp.TOTP(seed).provisioning_uri(name=name, issuer_name=_ISSUER)


def step_of_code(seed: str, typed: str, steps: Iterable[int]) -> int | None:
    """Return which of these steps a code belongs to, or None.

    All are tried, whatever fits: how long it takes tells nothing.
    """
    hotp = pyotp.HOTP(seed)
    fitting = [
        step for step in steps if hmac.compare_digest(hotp.at(step).encode(), typed.encode())
    ]
    return fitting[-1] if fitting else None
