"""Codes of an authenticator app, by the vectors of RFC 6238 (the last six of its eight figures)."""

import base64

import pytest

from transition.security.app_codes import address_of_seed, new_seed, step_of_code

SEED = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("seconds", "code"), [(59, "287082"), (1111111109, "081804"), (20000000000, "353130")]
)
def test_a_code_belongs_to_its_step(seconds: int, code: str) -> None:
    step = seconds // 30
    assert step_of_code(SEED, code, range(step - 1, step + 2)) == step
    assert step_of_code(SEED, code, range(step + 1, step + 4)) is None


@pytest.mark.parametrize("typed", ["", "28708", "\uff12\uff18\uff17\uff10\uff18\uff12", "abcdef"])
def test_what_is_no_code_belongs_to_none(typed: str) -> None:
    assert step_of_code(SEED, typed, range(3)) is None


def test_a_seed_is_fresh_and_of_160_bits() -> None:
    assert len(base64.b32decode(new_seed())) == 20
    assert new_seed() != new_seed()


def test_an_app_reads_whose_it_is_and_the_secret() -> None:
    address = address_of_seed(SEED, "nurse@naomi.example")
    assert address.startswith("otpauth://totp/Transition%20tracker:nurse%40naomi.example?secret=")
    assert SEED in address
