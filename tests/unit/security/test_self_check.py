import hmac

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from transition.security import fields, keyring, self_check
from transition.security.keyring import SealingError


def test_a_sound_machine_passes() -> None:
    self_check()


def test_a_wrong_hmac_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hmac, "digest", lambda *_: bytes(32))
    with pytest.raises(SealingError, match=r"^HMAC gives a wrong answer.*Nothing was changed"):
        self_check()


def test_a_wrong_hkdf_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("transition.security.derive", lambda *_: bytes(42))
    with pytest.raises(SealingError, match=r"^HKDF gives"):
        self_check()


def test_a_wrong_cipher_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("transition.security.aes_of", lambda _: AESGCM(b"\1" * 32))
    with pytest.raises(SealingError, match=r"^AES-GCM gives"):
        self_check()


def test_a_changed_name_of_the_wrapping_key_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyring, "kek_id_of", lambda _: bytes(8))
    with pytest.raises(SealingError, match="9ebc0e10aebd48fd"):
        self_check()


def test_a_changed_form_of_values_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fields.SealedField, "unpad", lambda *_: "O'Neill")
    with pytest.raises(SealingError, match=r"^A sealed field gives"):
        self_check()
