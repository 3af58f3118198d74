import os
from threading import BoundedSemaphore, Event, Semaphore, Thread

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.low_level import Type

from transition.security import passwords
from transition.security.passwords import check_password, hash_password, needs_rehash

TYPED = "three random words"
STORED = hash_password(TYPED)


def test_the_right_password_is_accepted_and_others_are_not() -> None:
    assert check_password(STORED, TYPED)
    assert not check_password(STORED, "three random Words")
    assert not check_password(STORED, "")


def test_a_hash_is_argon2id_with_the_ruled_cost_and_its_own_salt() -> None:
    settings = extract_parameters(STORED)
    assert (settings.type, settings.memory_cost) == (Type.ID, 19456)
    assert (settings.time_cost, settings.parallelism) == (2, 1)
    assert hash_password(TYPED) != STORED


def test_nobody_has_a_password_and_the_work_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    verified: list[str | bytes] = []
    true_verify = PasswordHasher.verify

    def verify(self: PasswordHasher, stored: str | bytes, password: str | bytes) -> bool:
        verified.append(stored)
        return true_verify(self, stored, password)

    monkeypatch.setattr(PasswordHasher, "verify", verify)
    for password in (TYPED, "", "\0" * 32):
        assert not check_password(None, password)
    assert len(verified) == 3
    assert extract_parameters(str(verified[0])) == extract_parameters(STORED)


@pytest.mark.parametrize(
    "damaged",
    ["", "nonsense", STORED[:-3], STORED.replace("argon2id", "x")],
    ids=["empty", "nonsense", "cut short", "of another kind"],
)
def test_a_damaged_hash_lets_nobody_in(damaged: str) -> None:
    assert not check_password(damaged, TYPED)


def test_an_accent_typed_in_two_ways_is_the_same_password() -> None:
    composed, decomposed = "caf\u00e9 au lait noir", "cafe\u0301 au lait noir"
    assert check_password(hash_password(composed), decomposed)
    assert check_password(hash_password(decomposed), composed)
    assert not check_password(hash_password(composed), "cafe au lait noir")


def test_any_text_can_be_a_password() -> None:
    assert check_password(hash_password("half a pair \ud83d \0 end"), "half a pair \ud83d \0 end")


def test_a_hash_with_other_settings_is_to_be_made_again() -> None:
    assert not needs_rehash(STORED)
    assert needs_rehash(PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash("x"))


def test_no_more_hashes_run_at_once_than_there_are_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    entered, go_on = Semaphore(0), Event()

    def slow(_self: PasswordHasher, _stored: str, _password: bytes) -> bool:
        entered.release()
        return go_on.wait(30)

    def slow_hash(_self: PasswordHasher, _password: bytes) -> str:
        return str(slow(_self, "", b""))

    monkeypatch.setattr(PasswordHasher, "verify", slow)
    monkeypatch.setattr(PasswordHasher, "hash", slow_hash)
    cores = os.cpu_count() or 1
    calls = [
        (check_password, (STORED, "x")) if n else (hash_password, ("x",)) for n in range(cores)
    ]
    threads = [Thread(target=call, args=args) for call, args in calls]
    for thread in threads:
        thread.start()
    assert all(entered.acquire(timeout=30) for _ in threads)
    at_once: BoundedSemaphore = vars(passwords)["_AT_ONCE"]
    full = not at_once.acquire(blocking=False)
    go_on.set()
    for thread in threads:
        thread.join(30)
    assert full
    assert at_once.acquire(blocking=False)
    at_once.release()


def test_whoever_would_wait_too_long_for_a_turn_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_IN_LINE", BoundedSemaphore(1))
    with passwords._IN_LINE:  # noqa: SLF001 - somebody waits
        with pytest.raises(passwords.TooMany):
            check_password(STORED, TYPED)
        with pytest.raises(passwords.TooMany):
            hash_password(TYPED)
    assert check_password(STORED, TYPED), "the line has moved on"
