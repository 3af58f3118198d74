"""A passkey made of software: it answers as a browser would, and can be told to lie."""

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any, Final

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from transition.records.second_steps import written

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40
COORDINATE: Final = 32
"""Bytes of each half of a public key."""


@dataclass
class Authenticator:
    """One passkey. What it says of itself may be changed before it answers."""

    host: str = "localhost"
    origin: str = "http://localhost:8000"
    flags: int = PRESENT | VERIFIED
    count: int = 0
    number: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def make(self, options: str) -> str:
        """Answer what asks for a new passkey."""
        told = self._told("webauthn.create", options)
        point = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: _coordinate(point.x), -3: _coordinate(point.y)}
        said = bytes(16) + len(self.number).to_bytes(2, "big") + self.number + cbor2.dumps(cose)
        data = self._data(self.flags | ATTESTED) + said
        statement = {"fmt": "none", "attStmt": {}, "authData": data}
        return self._answer({"attestationObject": cbor2.dumps(statement), "clientDataJSON": told})

    def use(self, options: str) -> str:
        """Answer what asks for this passkey."""
        self.count += 1
        told = self._told("webauthn.get", options)
        data = self._data(self.flags)
        signed = self.key.sign(data + hashlib.sha256(told).digest(), ec.ECDSA(SHA256()))
        words = {"authenticatorData": data, "clientDataJSON": told, "signature": signed}
        return self._answer(words)

    def _told(self, kind: str, options: str) -> bytes:
        challenge = json.loads(options)["challenge"]
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _data(self, flags: int) -> bytes:
        host = hashlib.sha256(self.host.encode()).digest()
        return host + bytes([flags]) + self.count.to_bytes(4, "big")

    def _answer(self, words: dict[str, Any]) -> str:
        number = written(self.number)
        response = {name: written(value) for name, value in words.items()}
        answer = {"id": number, "rawId": number, "type": "public-key", "response": response}
        return json.dumps(answer)


def _coordinate(number: int) -> bytes:
    return number.to_bytes(COORDINATE, "big")
