"""What a passkey answers holds for one place, one question and one key, and for nothing else."""

import json
import secrets
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.authenticator import PRESENT, Authenticator
from transition.records.second_steps import written
from transition.security.passkeys import (
    Made,
    NotHeld,
    Place,
    ask_to_make,
    ask_to_use,
    count_after,
    number_in,
    read_made,
)

HERE = Place("localhost", "http://localhost:8000")
ASKED = b"a" * 32
WHO = b"uid", "nurse@naomi.example", "Ruth"


def made(key: Authenticator) -> Made:
    return read_made(HERE, ASKED, key.make(ask_to_make(HERE, ASKED, who=WHO, known=())))


def used(key: Authenticator, known: Made, *, asked: bytes = ASKED) -> int:
    options = ask_to_use(HERE, asked, known=[known.number])
    return count_after(HERE, ASKED, key.use(options), known)


def test_a_passkey_is_made_and_used_and_counts() -> None:
    key = Authenticator()
    known = made(key)
    assert (known.number, known.count) == (key.number, 0)
    assert used(key, known) == 1
    assert used(key, replace(known, count=1)) == 2


def test_a_browser_is_asked_for_a_finger_a_face_or_the_devices_own_code() -> None:
    asked = json.loads(ask_to_make(HERE, ASKED, who=WHO, known=[b"one"]))
    assert asked["authenticatorSelection"]["userVerification"] == "required"
    assert asked["excludeCredentials"][0]["id"] == written(b"one")
    asked = json.loads(ask_to_use(HERE, ASKED, known=[b"one"]))
    assert (asked["userVerification"], asked["rpId"]) == ("required", "localhost")
    assert [one["id"] for one in asked["allowCredentials"]] == [written(b"one")]


LIES: list[Callable[[Authenticator], Authenticator]] = [
    lambda key: replace(key, host="evil.example"),
    lambda key: replace(key, origin="http://localhost.evil.example:8000"),
    lambda key: replace(key, flags=PRESENT),
    lambda key: replace(key, flags=0),
]


@pytest.mark.parametrize("lie", LIES, ids=["host", "origin", "not verified", "not present"])
def test_an_answer_for_another_place_or_by_nobody_does_not_hold(
    lie: Callable[[Authenticator], Authenticator],
) -> None:
    key = Authenticator()
    known = made(key)
    with pytest.raises(NotHeld):
        used(lie(key), known)
    with pytest.raises(NotHeld):
        made(lie(Authenticator()))


def test_an_answer_to_another_question_does_not_hold() -> None:
    key = Authenticator()
    known = made(key)
    with pytest.raises(NotHeld):
        used(key, known, asked=secrets.token_bytes(32))


def test_an_answer_signed_by_another_key_does_not_hold() -> None:
    known = made(Authenticator())
    with pytest.raises(NotHeld):
        used(Authenticator(number=known.number), known)


def test_a_passkey_that_counts_backwards_was_copied() -> None:
    key = Authenticator()
    known = replace(made(key), count=1)
    with pytest.raises(NotHeld):
        used(key, known)


@pytest.mark.parametrize("answer", ["", "[]", "{}", '{"id": 3}', '{"id": "é"}', "nonsense"])
def test_what_is_no_answer_does_not_hold(answer: str) -> None:
    known = made(Authenticator())
    with pytest.raises(NotHeld):
        count_after(HERE, ASKED, answer, known)
    with pytest.raises(NotHeld):
        read_made(HERE, ASKED, answer)
    assert number_in(answer) in {"", "3", "é"}
