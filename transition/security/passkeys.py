"""Passkeys: what a browser is asked, and whether what it answers holds (WebAuthn, level 2)."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

_NAME = "Transition tracker"


class NotHeld(Exception):
    """What a browser answered does not hold. The reason is nobody's business."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where passkeys are made and used: the host they belong to, and the whole address."""

    host: str
    origin: str


@dataclass(frozen=True, slots=True)
class Made:
    """A new passkey: its number, its public key, and how often it was used, as far as it tells."""

    number: bytes
    public_key: bytes
    count: int


def ask_to_make(
    place: Place, challenge: bytes, *, who: tuple[bytes, str, str], known: Collection[bytes]
) -> str:
    """Return what a browser needs to make a passkey for *who*: number, address and name."""
    uid, email, name = who
    options = generate_registration_options(
        rp_id=place.host,
        rp_name=_NAME,
        user_id=uid,
        user_name=email,
        user_display_name=name,
        challenge=challenge,
        exclude_credentials=_named(known),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
    )
    return str(options_to_json(options))


def ask_to_use(place: Place, challenge: bytes, *, known: Collection[bytes]) -> str:
    """Return what a browser needs to use one of the passkeys that are known."""
    options = generate_authentication_options(
        rp_id=place.host,
        challenge=challenge,
        allow_credentials=_named(known),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return str(options_to_json(options))


def read_made(place: Place, challenge: bytes, answer: str) -> Made:
    """Return the passkey that a browser made.

    Raises:
        NotHeld: the answer does not hold for this place and challenge.
    """
    try:
        made = verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=place.host,
            expected_origin=place.origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError) as refusal:
        raise NotHeld from refusal
    return Made(made.credential_id, made.credential_public_key, made.sign_count)


def number_in(answer: str) -> str:
    """Return which passkey an answer says it is from, as browsers write it; empty where none."""
    try:
        said: Any = json.loads(answer)
    except ValueError:
        return ""
    return str(said.get("id", "")) if isinstance(said, dict) else ""


def count_after(place: Place, challenge: bytes, answer: str, known: Made) -> int:
    """Return how often a passkey says it was used, after an answer that holds.

    Raises:
        NotHeld: the answer does not hold, or the passkey counted backwards, as a copy of it would.
    """
    try:
        used = verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=place.host,
            expected_origin=place.origin,
            credential_public_key=known.public_key,
            credential_current_sign_count=known.count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError) as refusal:
        raise NotHeld from refusal
    return used.new_sign_count


def _named(known: Collection[bytes]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=number) for number in known]
