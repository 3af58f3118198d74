import itertools
import os
import pickle
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transition.security import keyring
from transition.security.fields import (
    BadValue,
    CaseCipher,
    FieldType,
    MissingVersion,
    SealedField,
    is_token,
    padded_length,
    token_version,
)
from transition.security.keyring import BadToken, SealingError, Tampered

DEK = bytes(range(0x20, 0x40))
CASE = bytes.fromhex("00112233445566778899aabbccddeeff")
ROW = bytes.fromhex("f0e0d0c0b0a090807060504030201000")
CIPHER = CaseCipher({1: DEK}, active=1)
FAMILY = SealedField("case.family", FieldType.TEXT)
DOB = SealedField("case.dob", FieldType.DATE)
CONTACTS = SealedField("case.contacts", FieldType.JSON)
TOKEN = CIPHER.seal("O'Neill-Šmíd", FAMILY, CASE, ROW)
START = "e1010001" + "07" * 12
ALL_FIELDS = [SealedField("case.field", holds) for holds in FieldType]

SAMPLES: dict[FieldType, object] = {
    FieldType.TEXT: "1",
    FieldType.DATE: date(2026, 1, 1),
    FieldType.TIMESTAMP: datetime(2026, 1, 1, tzinfo=UTC),
    FieldType.JSON: [1],
    FieldType.INTEGER: 1,
    FieldType.BOOLEAN: True,
    FieldType.BYTES: b"1",
}

instants = st.datetimes(timezones=st.just(UTC))
encodable = st.text(st.characters(exclude_categories=["Cs"]))
plain_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | encodable,
    lambda inner: st.lists(inner) | st.dictionaries(encodable, inner),
    max_leaves=10,
)
values = st.one_of(
    st.tuples(st.just(FieldType.TEXT), encodable),
    st.tuples(st.just(FieldType.DATE), st.dates()),
    st.tuples(st.just(FieldType.TIMESTAMP), instants),
    st.tuples(st.just(FieldType.JSON), plain_json),
    st.tuples(st.just(FieldType.INTEGER), st.integers(-(2**63), 2**63 - 1)),
    st.tuples(st.just(FieldType.BOOLEAN), st.booleans()),
    st.tuples(st.just(FieldType.BYTES), st.binary(max_size=400)),
)


@pytest.mark.parametrize(
    ("field", "value", "rest"),
    [
        (
            FAMILY,
            "O'Neill-Šmíd",
            (
                "37dc2ab260570773b5c76fefa691dd524e1fe7cc6c7dde5db95cebc01fde44c0"
                "710d1f4f43cf6f6ae7576f7d55e34513"
            ),
        ),
        (
            FAMILY,
            "",
            (
                "37130dfc053e6b1f9802cf82653cb9d24e1fe7cc6c7dde5db95cebc01fde44c0"
                "137dce90e36a76ed638b5699ad41a7fa"
            ),
        ),
        (
            DOB,
            date(2008, 2, 29),
            (
                "349306d3a8be6b1f9802cf82653cb9d24e1fe7cc6c7dde5db95cebc01fde44c0"
                "c3fd2e4767c140575d443670fb398d81"
            ),
        ),
        (
            CONTACTS,
            [{"n": "M", "t": None}],
            (
                "32c876de6b1c513dd520e3a0111e83bc3b738bb131fdde5db95cebc01fde44c0"
                "ad8d98f592b606dbe870c6b8b9334611"
            ),
        ),
    ],
)
def test_tokens_have_the_known_bytes(
    field: SealedField, value: object, rest: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "urandom", lambda length: b"\7" * length)
    token = CIPHER.seal(value, field, CASE, ROW)
    assert token.hex() == START + rest
    assert CIPHER.open(token, field, CASE, ROW) == value


@given(values)
def test_what_was_sealed_is_opened_with_its_type(kind_and_value: tuple[FieldType, object]) -> None:
    kind, value = kind_and_value
    field = SealedField("case.anything", kind)
    opened = CIPHER.open(CIPHER.seal(value, field, CASE, ROW), field, CASE, ROW)
    assert opened == value
    assert type(opened) is type(value)


@pytest.mark.parametrize(
    ("holds", "value", "inner"),
    [
        (FieldType.TEXT, "é", "01c3a980"),
        (FieldType.DATE, date(1, 1, 1), "020000000180"),
        (
            FieldType.TIMESTAMP,
            datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC),
            "03fffffffffff0bdc080",
        ),
        (FieldType.JSON, {"b": [1, "é"], "a": None}, b'\4{"a":null,"b":[1,"\xc3\xa9"]}\x80'.hex()),
        (FieldType.INTEGER, -2, "05fffffffffffffffe80"),
        (FieldType.BOOLEAN, True, "060180"),
        (FieldType.BOOLEAN, False, "060080"),
        (FieldType.BYTES, b"\x80\0\0", "0780000080"),
    ],
)
def test_the_bytes_inside_are_frozen(holds: FieldType, value: object, inner: str) -> None:
    assert SealedField("case.x", holds).pad(value).hex().rstrip("0") == inner.rstrip("0")


def test_a_timestamp_comes_back_in_utc() -> None:
    field = SealedField("case.seen_at", FieldType.TIMESTAMP)
    summer = timezone(timedelta(hours=1))
    token = CIPHER.seal(datetime(2026, 7, 1, 0, 30, tzinfo=summer), field, CASE, ROW)
    opened = CIPHER.open(token, field, CASE, ROW)
    assert opened == datetime(2026, 6, 30, 23, 30, tzinfo=UTC)
    assert isinstance(opened, datetime)
    assert opened.tzinfo is UTC


@pytest.mark.parametrize(
    ("holds", "value"),
    [
        (FieldType.TEXT, b"bytes"),
        (FieldType.TEXT, None),
        (FieldType.TEXT, "half a pair \ud83d"),
        (FieldType.DATE, datetime(2026, 1, 1, tzinfo=UTC)),
        (FieldType.DATE, "2026-01-01"),
        (FieldType.TIMESTAMP, date(2026, 1, 1)),
        (FieldType.TIMESTAMP, datetime(2026, 1, 1)),  # noqa: DTZ001 - what is refused
        (FieldType.JSON, {"a": object()}),
        (FieldType.JSON, float("nan")),
        (FieldType.JSON, ["\udfff"]),
        (FieldType.INTEGER, True),
        (FieldType.INTEGER, 1.0),
        (FieldType.INTEGER, 2**63),
        (FieldType.BOOLEAN, 1),
        (FieldType.BYTES, "text"),
    ],
)
def test_a_value_of_another_kind_is_not_sealed(holds: FieldType, value: object) -> None:
    with pytest.raises(BadValue, match=r"^The field case\.x cannot hold this \w+\.$"):
        CIPHER.seal(value, SealedField("case.x", holds), CASE, ROW)


def test_a_refused_value_is_not_in_the_refusal() -> None:
    with pytest.raises(BadValue) as refusal:
        CIPHER.seal("Secretname \ud83d", FAMILY, CASE, ROW)
    assert "Secretname" not in str(refusal.value)
    assert refusal.value.__suppress_context__


def test_a_value_of_one_type_does_not_open_as_another() -> None:
    sealed = [(SAMPLES[field.holds], field) for field in ALL_FIELDS]
    for (value, field), (_, other) in itertools.permutations(sealed, 2):
        token = CIPHER.seal(value, field, CASE, ROW)
        with pytest.raises(BadToken, match="another type"):
            CIPHER.open(token, other, CASE, ROW)


@pytest.mark.parametrize(
    ("holds", "payload"),
    [
        (FieldType.TEXT, b"\xff"),
        (FieldType.DATE, b"\0\0\0"),
        (FieldType.DATE, b"\0\0\0\0"),
        (FieldType.DATE, b"\xff\xff\xff\xff"),
        (FieldType.TIMESTAMP, b"\x7f" + b"\xff" * 7),
        (FieldType.JSON, b"{"),
        (FieldType.JSON, b"[" * 100_000),
        (FieldType.INTEGER, b"\1"),
        (FieldType.BOOLEAN, b"\2"),
        (FieldType.BOOLEAN, b""),
    ],
)
def test_a_damaged_inside_is_a_bad_token(holds: FieldType, payload: bytes) -> None:
    with pytest.raises(BadToken, match="is not whole"):
        SealedField("case.x", holds).unpad(bytes([holds]) + payload + b"\x80\0\0")


@pytest.mark.parametrize("inner", [b"", b"\0" * 32, b"\x80", b"\1", b"\1\0\0", b"\2\x80"])
def test_an_inside_without_type_or_end_is_a_bad_token(inner: bytes) -> None:
    with pytest.raises(BadToken, match="another type"):
        FAMILY.unpad(inner)


@given(st.sampled_from(ALL_FIELDS), st.binary(max_size=80), st.booleans())
def test_a_random_inside_raises_only_our_errors(
    field: SealedField,
    junk: bytes,
    dressed: bool,  # noqa: FBT001 - a case of the table
) -> None:
    inner = bytes([field.holds]) + junk + b"\x80" if dressed else junk
    try:
        value = field.unpad(inner)
    except BadToken:
        return
    assert dressed or junk[:1] == bytes([field.holds])
    assert isinstance(value, (str, date, int, bytes)) or field.holds is FieldType.JSON


def test_every_changed_bit_of_a_token_is_refused() -> None:
    for bit in range(len(TOKEN) * 8):
        changed = bytearray(TOKEN)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(SealingError):
            CIPHER.open(bytes(changed), FAMILY, CASE, ROW)


def test_every_shortened_or_lengthened_token_is_refused() -> None:
    long = CIPHER.seal("x" * 100, FAMILY, CASE, ROW)
    for length in range(len(long)):
        with pytest.raises(SealingError):
            CIPHER.open(long[:length], FAMILY, CASE, ROW)
    with pytest.raises(Tampered):
        CIPHER.open(long + b"\0", FAMILY, CASE, ROW)


def test_a_token_opens_in_its_own_place_alone() -> None:
    places = list(
        itertools.product(
            [FAMILY, SealedField("case.famil", FieldType.TEXT), SealedField("", FieldType.TEXT)],
            [CASE, ROW],
            [CASE, ROW],
        )
    )
    for here, there in itertools.product(places, repeat=2):
        token = CIPHER.seal("x", *here)
        if here == there:
            assert CIPHER.open(token, *there) == "x"
        else:
            with pytest.raises(Tampered):
                CIPHER.open(token, *there)


def test_another_cases_key_does_not_open_a_token() -> None:
    with pytest.raises(Tampered):
        CaseCipher({1: bytes(32)}, active=1).open(TOKEN, FAMILY, CASE, ROW)


def test_a_token_is_opened_by_the_version_that_it_names() -> None:
    turned = CaseCipher({1: DEK, 2: bytes(32)}, active=2)
    newer = turned.seal("x", FAMILY, CASE, ROW)
    assert (token_version(TOKEN), token_version(newer)) == (1, 2)
    assert turned.open(TOKEN, FAMILY, CASE, ROW) == "O'Neill-Šmíd"
    assert turned.open(newer, FAMILY, CASE, ROW) == "x"
    with pytest.raises(MissingVersion):
        CIPHER.open(newer, FAMILY, CASE, ROW)
    with pytest.raises(Tampered):
        turned.open(TOKEN[:2] + b"\0\2" + TOKEN[4:], FAMILY, CASE, ROW)


def test_the_highest_version_is_kept_in_a_token() -> None:
    last = CaseCipher({0xFFFF: DEK}, active=0xFFFF)
    token = last.seal("x", FAMILY, CASE, ROW)
    assert token_version(token) == 0xFFFF
    assert last.open(token, FAMILY, CASE, ROW) == "x"


@pytest.mark.parametrize("keys", [{0: DEK, 1: DEK}, {1: DEK, 65536: DEK}, {2: DEK}, {}])
def test_a_cipher_has_writable_versions_and_the_active_one(keys: dict[int, bytes]) -> None:
    with pytest.raises(ValueError, match="active one is among them"):
        CaseCipher(keys, active=1)


def test_a_cipher_takes_whole_keys_alone() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        CaseCipher({1: DEK[:16]}, active=1)


@pytest.mark.parametrize(("case", "row"), [(CASE[:15], ROW + b"x"), (CASE, ROW[:15])])
def test_a_place_is_named_by_whole_uids(case: bytes, row: bytes) -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        CIPHER.seal("x", FAMILY, case, row)
    with pytest.raises(ValueError, match="16 bytes"):
        CIPHER.open(TOKEN, FAMILY, case, row)


@given(st.binary(max_size=120) | st.binary(max_size=120).map(lambda tail: TOKEN[:4] + tail))
def test_random_bytes_raise_only_our_errors(junk: bytes) -> None:
    with pytest.raises(SealingError):
        CIPHER.open(junk, FAMILY, CASE, ROW)


@pytest.mark.parametrize(
    "value",
    [
        None,
        "O'Neill",
        5,
        b"",
        TOKEN[:63],
        bytearray(TOKEN),
        b"\xe2" + TOKEN[1:],
        b"\xe1\x02" + TOKEN[2:],
        TOKEN[:2] + b"\0\0" + TOKEN[4:],
    ],
    ids=[
        "none",
        "words",
        "number",
        "empty",
        "cut short",
        "not bytes",
        "another mark",
        "another form",
        "version nought",
    ],
)
def test_what_is_not_a_token_is_told_apart(value: bytes) -> None:
    assert is_token(TOKEN)
    assert not is_token(value)
    with pytest.raises(BadToken):
        token_version(value)
    with pytest.raises(BadToken):
        CIPHER.open(value, FAMILY, CASE, ROW)


@pytest.mark.parametrize(
    ("length", "padded"),
    [(1, 32), (31, 32), (32, 32), (33, 64), (255, 256), (256, 256), (257, 272), (300, 304),
     (1000, 1024), (5000, 5120)],
)  # fmt: skip
def test_lengths_are_padded_as_published(length: int, padded: int) -> None:
    assert padded_length(length) == padded


@given(st.integers(1, 2**40), st.integers(0, 2**10))
def test_padding_is_enough_and_never_more_than_an_eighth(length: int, bucket: int) -> None:
    padded = padded_length(length)
    assert padded >= length
    assert padded <= padded_length(length + 1)
    assert padded_length(padded) == padded
    assert padded - length < 32 or (padded - length) * 8 <= length
    assert padded_length(length, bucket) == max(padded, bucket)


def test_a_token_does_not_tell_the_length_of_a_name() -> None:
    lengths = {len(CIPHER.seal("x" * length, FAMILY, CASE, ROW)) for length in range(31)}
    assert lengths == {64}


def test_a_short_vocabulary_has_one_length() -> None:
    field = SealedField("case.answer", FieldType.TEXT, 64)
    tokens = [
        CIPHER.seal(word, field, CASE, ROW) for word in ("no", "not known to this team yet, ask")
    ]
    assert {len(token) for token in tokens} == {32 + 64}
    assert CIPHER.open(tokens[0], field, CASE, ROW) == "no"


def test_nonces_are_distinct_and_equal_values_look_different() -> None:
    tokens = [CIPHER.seal("x", FAMILY, CASE, ROW) for _ in range(20_000)]
    assert len({token[4:16] for token in tokens}) == len(tokens)
    assert len({token[16:] for token in tokens}) == len(tokens)


def test_nothing_shows_a_key_or_a_value() -> None:
    assert repr(CIPHER) == "<CaseCipher active 1 of 1>"
    assert repr(FAMILY) == "<SealedField case.family TEXT>"
    with pytest.raises(TypeError):
        pickle.dumps(CIPHER)


def bound_bytes(label: str, case: bytes, row: bytes) -> bytes:
    bound: list[bytes] = []

    class Recorder:
        def __init__(self, _key: bytes) -> None:
            pass

        def encrypt(self, _nonce: bytes, _inner: bytes, place: bytes) -> bytes:
            bound.append(place)
            return b""

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keyring, "AESGCM", Recorder)
        CaseCipher({1: DEK}, active=1).seal("x", SealedField(label, FieldType.TEXT), case, row)
    return bound[0]


def test_the_place_is_bound_as_published() -> None:
    assert bound_bytes("case.family", CASE, ROW).hex() == (
        "54463176e1010001000b636173652e66616d696c79"
        "00112233445566778899aabbccddeefff0e0d0c0b0a090807060504030201000"
    )


uids = st.sampled_from([CASE, ROW, b"a" * 16, b"aaaaaaaaaaaaaaab"])
places = st.tuples(st.text("a\0\1", max_size=18), uids, uids)


@given(places, places)
def test_two_places_never_share_their_bytes(
    here: tuple[str, bytes, bytes], there: tuple[str, bytes, bytes]
) -> None:
    assert (bound_bytes(*here) == bound_bytes(*there)) == (here == there)
