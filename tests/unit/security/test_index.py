from hypothesis import given
from hypothesis import strategies as st

from transition.security.index import BlindIndex

ROOT = bytes(range(0x40, 0x60))


def test_an_nhs_number_is_found_under_the_known_entry() -> None:
    entry = BlindIndex(ROOT, "case.nhs").of("9434765919")
    assert entry.hex() == "26df3e57a3afccd7ee51040dd992c085"


@given(st.from_regex(r"[0-9]{10}", fullmatch=True), st.from_regex(r"[0-9]{10}", fullmatch=True))
def test_entries_are_equal_when_the_texts_are(one: str, other: str) -> None:
    index = BlindIndex(ROOT, "case.nhs_number")
    assert (index.of(one) == index.of(other)) == (one == other)
    assert len(index.of(one)) == 16


def test_entries_of_two_labels_or_two_roots_cannot_be_matched() -> None:
    entries = {
        BlindIndex(root, label).of("9434765919")
        for root in (ROOT, bytes(32))
        for label in ("case.nhs_number", "case.nhs_number/2")
    }
    assert len(entries) == 4


def test_an_index_does_not_show_its_key() -> None:
    index = BlindIndex(ROOT, "case.nhs_number")
    assert repr(index).startswith("<transition.security.index.BlindIndex object")
