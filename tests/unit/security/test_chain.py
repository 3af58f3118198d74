import hmac
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transition.security.chain import NO_ENTRY, canonical, digest_of, entry_mac, short_form

KEY = bytes(range(0x60, 0x80))
ROW: list[str | int | None] = ["2026-11-21T18:00:00Z", 7, None, "case:open"]
ENTRY = canonical(ROW)
FIRST = "9c844286fcba29918c890f9fbeab010eedd3ed5c0547df4d1f0043b7b2c60d99"
texts = st.text(st.characters(exclude_categories=["Cs"]))
rows = st.lists(st.none() | st.integers() | texts)


def test_an_entry_is_written_in_one_way() -> None:
    assert canonical([1, None, 'é"\n', "😀"]) == '["TF1/trail",1,null,"é\\"\\n","😀"]'.encode()
    assert canonical([]) == b'["TF1/trail"]'


@given(rows, rows)
def test_two_different_rows_never_share_their_bytes(
    one: list[str | int | None], other: list[str | int | None]
) -> None:
    assert (canonical(one) == canonical(other)) == (one == other)


@pytest.mark.parametrize(
    ("one", "other"),
    [([1], ["1"]), ([None], ["null"]), (["a", "b"], ['a","b']), ([""], []), ([0], [None])],
)
def test_rows_that_look_alike_differ(
    one: list[str | int | None], other: list[str | int | None]
) -> None:
    assert canonical(one) != canonical(other)


@pytest.mark.parametrize("field", [True, 1.0, b"x", ["x"]])
def test_other_kinds_of_fields_are_refused(field: str) -> None:
    with pytest.raises(TypeError, match="texts, whole numbers and empty fields"):
        canonical(["x", field])


def test_half_a_surrogate_pair_is_refused() -> None:
    # Escaped, these two halves would read as the whole character.
    with pytest.raises(ValueError, match="surrogates not allowed"):
        canonical(["\ud83d\ude00"])


def test_the_signature_of_an_entry_is_frozen() -> None:
    parts = b"TF1/trail/entry\0" + b"\1" * 32 + b"\2" * 32 + ENTRY
    expected = hmac.digest(KEY, parts, "sha256")
    assert entry_mac(KEY, b"\1" * 32, b"\2" * 32, ENTRY) == expected
    assert entry_mac(KEY, NO_ENTRY, NO_ENTRY, ENTRY).hex() == FIRST


def test_whatever_changes_in_an_entry_changes_its_signature() -> None:
    one = b"\1" * 32
    signatures = {
        entry_mac(KEY, NO_ENTRY, NO_ENTRY, ENTRY),
        entry_mac(KEY, one, NO_ENTRY, ENTRY),
        entry_mac(KEY, NO_ENTRY, one, ENTRY),
        entry_mac(KEY, NO_ENTRY, NO_ENTRY, ENTRY + b" "),
        entry_mac(bytes(32), NO_ENTRY, NO_ENTRY, ENTRY),
    }
    assert len(signatures) == 5


def test_bytes_cannot_pass_from_one_part_to_the_next() -> None:
    for prev, case_prev in ((NO_ENTRY[1:], NO_ENTRY + b"\0"), (NO_ENTRY, b""), (b"", NO_ENTRY)):
        with pytest.raises(ValueError, match="earlier entry has 32 bytes"):
            entry_mac(KEY, prev, case_prev, ENTRY)


def test_digests_of_each_kind_and_signatures_never_match() -> None:
    data = NO_ENTRY + NO_ENTRY + ENTRY
    kinds: tuple[Literal["change", "prompt"], ...] = ("change", "prompt")
    digests = {digest_of(KEY, data, kind) for kind in kinds}
    assert len({*digests, entry_mac(KEY, NO_ENTRY, NO_ENTRY, ENTRY)}) == 3
    assert digest_of(KEY, data) == digest_of(KEY, data, "change")
    assert digest_of(KEY, data) == hmac.digest(KEY, b"TF1/trail/change\0" + data, "sha256")


@pytest.mark.parametrize("key", [b"", KEY[:16], KEY + b"\0"])
def test_a_key_that_is_not_whole_signs_nothing(key: bytes) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        digest_of(key, b"x")


def test_the_short_form_can_be_read_out() -> None:
    assert short_form(bytes.fromhex("7f3a91c20d5e6b44") + bytes(24)) == "7F3A 91C2 0D5E 6B44"
