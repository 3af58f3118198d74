"""Keys, sealing of fields, blind index, passwords and the arithmetic of the trail.

This room knows no table and no request: bytes in, bytes out.
"""

import hmac
from typing import Final

from transition.security.fields import CaseCipher, FieldType, SealedField
from transition.security.keyring import KeyRing, SealingError, aes_of, derive

_KEK: Final = bytes(range(32))
_PLACE: Final = (
    SealedField("case.family", FieldType.TEXT),
    bytes.fromhex("00112233445566778899aabbccddeeff"),
    bytes.fromhex("f0e0d0c0b0a090807060504030201000"),
)
_WRAPPED: Final = bytes.fromhex(
    "d1019ebc0e10aebd48fd0001000000000000000000000000dfa9999fa0bb5125df95c44438d3cd0e"
    "5708ac3ac3df7a0f46b923188f21600285b134af9c850e120f1faeef0bd8d09b"
)
_TOKEN: Final = bytes.fromhex(
    "e101000107070707070707070707070737dc2ab260570773b5c76fefa691dd52"
    "4e1fe7cc6c7dde5db95cebc01fde44c0710d1f4f43cf6f6ae7576f7d55e34513"
)


def self_check() -> None:
    """Make sure, before anything is sealed, that this machine computes what it should.

    Raises:
        SealingError: one of the known answers is not given.

    Source: RFC 5869 A.3, RFC 4231 4.3, the GCM specification's test case 14, and our own format.
    """
    gcm = aes_of(bytes(32)).encrypt(bytes(12), bytes(16), None)
    _expect("HKDF", derive(b"\x0b" * 22, "", 42), "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1")
    _expect("HMAC", hmac.digest(b"Jefe", b"what do ya want for nothing?", "sha256"), "5bdcc146bf60")
    _expect("AES-GCM", gcm, "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919")
    dek = KeyRing(_KEK).unwrap(_WRAPPED, purpose="case", owner_uid=_PLACE[1], version=1)
    opened = CaseCipher({1: dek}, active=1).open(_TOKEN, *_PLACE)
    _expect("A sealed field", str(opened).encode(), "O'Neill-Šmíd".encode().hex())


def _expect(what: str, answer: bytes, known: str) -> None:
    if not answer.hex().startswith(known):
        raise SealingError(
            f"{what} gives a wrong answer on this machine. Nothing was changed. "
            "Install the tracker again from its pinned list."
        )
