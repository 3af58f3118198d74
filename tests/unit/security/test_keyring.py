import os
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transition.security.keyring import (
    NO_OWNER,
    BadToken,
    KeyRing,
    MissingKey,
    Purpose,
    SealingError,
    Tampered,
    aes_of,
    derive,
    kek_id_of,
    new_key,
)

KEK = bytes(range(32))
OTHER_KEK = bytes(range(100, 132))
DEK = bytes(range(0x20, 0x40))
CASE = bytes.fromhex("00112233445566778899aabbccddeeff")
WRAPPED = bytes.fromhex(
    "d1019ebc0e10aebd48fd0001000000000000000000000000dfa9999fa0bb5125df95c44438d3cd0e"
    "5708ac3ac3df7a0f46b923188f21600285b134af9c850e120f1faeef0bd8d09b"
)
RING = KeyRing(KEK)


def unwrap(wrapped: bytes, ring: KeyRing = RING) -> bytes:
    return ring.unwrap(wrapped, purpose="case", owner_uid=CASE)


def test_derived_keys_follow_the_published_vector() -> None:
    # RFC 5869 A.3: SHA-256, no salt, no info.
    known = "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"
    assert derive(b"\x0b" * 22, "", 42).hex() == known


def test_a_key_encryption_key_has_the_known_name_and_wrapping_key() -> None:
    assert kek_id_of(KEK).hex() == RING.active_id.hex() == "9ebc0e10aebd48fd"
    assert derive(KEK, "TF1/kek-wrap").hex() == (
        "f31a36c0f1385fda38af23d28eb8a21e60821023af48c294fbea906777c8957e"
    )


def test_a_wrapped_key_has_the_known_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "urandom", bytes)
    assert RING.wrap(DEK, purpose="case", owner_uid=CASE, version=1) == WRAPPED
    assert unwrap(WRAPPED) == DEK


@given(st.sampled_from(["case", "index", "trail", "system"]), st.integers(1, 0xFFFF), st.binary())
def test_what_was_wrapped_is_unwrapped(purpose: Purpose, version: int, seed: bytes) -> None:
    dek = seed.ljust(32, b"x")[:32]
    wrapped = RING.wrap(dek, purpose=purpose, owner_uid=NO_OWNER, version=version)
    assert len(wrapped) == 72
    assert RING.unwrap(wrapped, purpose=purpose, owner_uid=NO_OWNER, version=version) == dek


def test_every_changed_bit_of_a_wrapped_key_is_refused() -> None:
    for bit in range(72 * 8):
        changed = bytearray(WRAPPED)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(SealingError):
            unwrap(bytes(changed))


def test_every_shortened_or_lengthened_wrapped_key_is_refused() -> None:
    for changed in [*(WRAPPED[:length] for length in range(72)), WRAPPED + b"\0"]:
        with pytest.raises(BadToken):
            unwrap(changed)


def test_what_does_not_start_as_a_wrapped_key_is_told_apart() -> None:
    for changed in (b"\xd2" + WRAPPED[1:], WRAPPED[:1] + b"\2" + WRAPPED[2:]):
        with pytest.raises(BadToken):
            unwrap(changed)


@pytest.mark.parametrize("purpose", ["index", "trail", "system"])
def test_a_key_wrapped_for_one_purpose_serves_no_other(purpose: Purpose) -> None:
    with pytest.raises(Tampered):
        RING.unwrap(WRAPPED, purpose=purpose, owner_uid=CASE)


def test_a_key_wrapped_for_one_case_serves_no_other() -> None:
    with pytest.raises(Tampered):
        RING.unwrap(WRAPPED, purpose="case", owner_uid=NO_OWNER)


def test_a_key_wrapped_as_one_version_serves_as_no_other() -> None:
    with pytest.raises(Tampered, match="another version"):
        RING.unwrap(WRAPPED, purpose="case", owner_uid=CASE, version=2)


def test_a_missing_key_is_named() -> None:
    with pytest.raises(MissingKey, match="9ebc0e10aebd48fd") as refusal:
        unwrap(WRAPPED, KeyRing(OTHER_KEK))
    assert refusal.value.kek_id == RING.active_id


def test_an_old_key_unwraps_but_does_not_wrap() -> None:
    turned = KeyRing(OTHER_KEK, [KEK])
    assert unwrap(WRAPPED, turned) == DEK
    again = turned.wrap(DEK, purpose="case", owner_uid=CASE, version=1)
    assert again[2:10] == kek_id_of(OTHER_KEK)
    with pytest.raises(MissingKey):
        unwrap(again)
    assert turned.ids == {kek_id_of(KEK), kek_id_of(OTHER_KEK)}


@pytest.mark.parametrize(("dek", "version"), [(DEK[:16], 1), (DEK, 0), (DEK, 65536)])
def test_half_a_key_or_an_unwritable_version_is_not_wrapped(dek: bytes, version: int) -> None:
    with pytest.raises(ValueError, match="version from 1 to 65535"):
        RING.wrap(dek, purpose="case", owner_uid=CASE, version=version)


@pytest.mark.parametrize(("purpose", "owner"), [("cases", CASE), ("case", CASE[:15])])
def test_an_unknown_purpose_or_half_an_owner_is_refused(purpose: Purpose, owner: bytes) -> None:
    with pytest.raises(ValueError, match="known purpose"):
        RING.wrap(DEK, purpose=purpose, owner_uid=owner, version=1)


@given(st.binary(max_size=90) | st.binary(max_size=90).map(lambda tail: WRAPPED[:12] + tail))
def test_random_bytes_raise_only_our_errors(junk: bytes) -> None:
    with pytest.raises(SealingError):
        unwrap(junk)


def test_a_short_key_makes_no_cipher() -> None:
    with pytest.raises(ValueError, match="32 bytes, not 16"):
        aes_of(DEK[:16])


@pytest.mark.parametrize(("active", "old"), [(b"a pass phrase", KEK), (KEK, KEK + b"x")])
def test_a_ring_takes_whole_keys_alone(active: bytes, old: bytes) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        KeyRing(active, [old])


def test_new_keys_are_whole_and_differ() -> None:
    keys = {new_key() for _ in range(1000)}
    assert len(keys) == 1000
    assert {len(key) for key in keys} == {32}


def test_a_ring_shows_ids_alone_and_cannot_be_pickled() -> None:
    assert repr(KeyRing(KEK, [OTHER_KEK])) == "<KeyRing active 9ebc0e10aebd48fd of 2>"
    with pytest.raises(TypeError):
        pickle.dumps(RING)
