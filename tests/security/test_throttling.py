"""Trying passwords is slowed, and nobody is locked out. Abuse cases 1, 3, 5 and 6."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.builders import post, staff_of, token_of
from tests.people import HELEN, MINA, PASSWORD, RUTH
from tests.security.sweep import statements
from transition.app import Tracker
from transition.records.audit import AuditEntry
from transition.records.sign_in_tries import SignInTry, alarming_hours
from transition.rules.throttling import TryKind
from transition.security import passwords

WRONG = "a wrong one"
UNKNOWN = "nobody@naomi.example"


@pytest.fixture
def hashes(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Count the passwords that are looked at; none takes time."""
    seen: list[bytes] = []
    verify = PasswordHasher.verify

    def counted(hasher: PasswordHasher, stored: str, typed: bytes) -> bool:
        seen.append(typed)
        return verify(hasher, stored, typed) if typed == PASSWORD.encode() else False

    monkeypatch.setattr(PasswordHasher, "verify", counted)
    return seen


class Attacker:
    """Somebody who tries passwords from many addresses, and never reads a page twice."""

    def __init__(self, app: Tracker) -> None:
        self.app, self.clock = app, app.config["CLOCK"]
        self._come_anew()

    def _come_anew(self) -> None:
        self.client = self.app.test_client()
        self.token = token_of(self.client.get("/sign-in").text)

    def tries(self, email: str, *, source: str = "192.0.2.1", password: str = WRONG) -> Any:  # noqa: ANN401 - an answer
        """Send the form of the sign-in page from an address."""
        words = {"csrf_token": self.token, "email": email, "password": password}
        where = {"REMOTE_ADDR": source}
        answer = self.client.post("/sign-in", data=words, environ_base=where)
        if answer.status_code == 302:
            self._come_anew()
        return answer


@pytest.fixture
def attacker(app: Tracker) -> Attacker:
    return Attacker(app)


def trail(session: Session, action: str) -> int:
    session.rollback()
    query = select(func.count()).select_from(AuditEntry).where(AuditEntry.action == action)
    return session.scalar(query) or 0


def test_abuse_case_1_many_wrong_passwords_for_one_account_from_many_addresses(
    attacker: Attacker, hashes: list[bytes], session: Session
) -> None:
    started: datetime = attacker.clock.instant
    waits = []
    for number in range(1000):
        answer = attacker.tries(RUTH, source=f"192.0.2.{number % 50}")
        assert answer.status_code in {422, 429}
        if answer.status_code == 429:
            waits.append(int(answer.headers["Retry-After"]))
        if number % 50 == 49:
            attacker.clock.instant += timedelta(minutes=2)

    assert max(waits) == 900, "they grow to a quarter of an hour, and no further"
    assert len(hashes) < 20
    assert trail(session, "sign-in:refused") == len(hashes)
    attacker.clock.instant = started + timedelta(hours=2)
    assert attacker.tries(RUTH, password=PASSWORD).status_code == 302, "nobody is locked out"


def test_a_thousand_within_an_hour_alarm_whoever_looks_after_accounts(
    attacker: Attacker, hashes: list[bytes], session: Session
) -> None:
    for number in range(999):
        attacker.tries(RUTH, source=f"192.0.2.{number % 50}")
    now = attacker.clock.instant
    assert (trail(session, "sign-in:alarm"), alarming_hours(session, now=now)) == (0, 0)

    attacker.tries(UNKNOWN)

    assert (trail(session, "sign-in:alarm"), alarming_hours(session, now=now)) == (1, 1000)
    assert alarming_hours(session, now=now + timedelta(days=1)) == 0
    assert len(hashes) == 6


def test_abuse_case_3_known_and_unknown_are_told_and_slowed_alike(
    app: Tracker, hashes: list[bytes], session: Session
) -> None:
    costs: dict[str, list[tuple[Any, ...]]] = {}
    for number, email in enumerate((MINA, UNKNOWN)):
        attacker, costs[email] = Attacker(app), []
        for _ in range(8):
            looked, refused = len(hashes), trail(session, "sign-in:refused")
            with statements(app) as seen:
                answer = attacker.tries(email, source=f"192.0.2.{number}")
            words = re.sub(r'name="csrf_token" value="[^"]+"', "", answer.text)
            words = words.replace(email, "EMAIL") + answer.headers.get("Retry-After", "")
            entries = trail(session, "sign-in:refused") - refused
            cost = (answer.status_code, len(hashes) - looked, entries, len(seen), words)
            costs[email].append(cost)

    assert [one[:3] for one in costs[MINA]] == [(422, 1, 1)] * 5 + [(429, 0, 0)] * 3
    assert costs[MINA] == costs[UNKNOWN], "the same to the last word and statement"


@pytest.mark.usefixtures("hashes")
def test_abuse_case_5_an_attacker_cannot_keep_a_nurse_from_her_own_computer(
    app: Tracker, attacker: Attacker
) -> None:
    hers = app.test_client()
    assert post(hers, "/sign-in", email=RUTH, password=PASSWORD).status_code == 302
    hers.delete_cookie("sign_in")
    for number in range(500):
        attacker.tries(RUTH, source="127.0.0.1" if number % 2 else "192.0.2.7")
        attacker.clock.instant += timedelta(seconds=20)

    assert attacker.tries(RUTH, password=PASSWORD).status_code == 429
    assert post(hers, "/sign-in", email=RUTH, password=PASSWORD).status_code == 302


@pytest.mark.usefixtures("hashes")
def test_a_known_browser_has_an_allowance_of_its_own_and_no_more(app: Tracker) -> None:
    hers = app.test_client()
    post(hers, "/sign-in", email=RUTH, password=PASSWORD)
    hers.delete_cookie("sign_in")

    answers = [post(hers, "/sign-in", email=RUTH, password=WRONG) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [422] * 5 + [429]
    assert "Too many wrong passwords were tried. Try again in 1 second." in answers[-1].text
    assert RUTH in answers[-1].text, "what was typed stays, but for the password"

    app.config["CLOCK"].instant += timedelta(seconds=1)
    assert post(hers, "/sign-in", email=RUTH, password=PASSWORD).status_code == 302
    hers.delete_cookie("sign_in")
    assert post(hers, "/sign-in", email=RUTH, password=WRONG).status_code == 422, "it began anew"


@pytest.mark.usefixtures("hashes")
def test_a_browser_that_is_known_for_one_colleague_is_not_for_the_next(
    app: Tracker, attacker: Attacker
) -> None:
    shared = app.test_client()
    post(shared, "/sign-in", email=RUTH, password=PASSWORD)
    shared.delete_cookie("sign_in")
    for _ in range(6):
        attacker.tries(HELEN)

    assert post(shared, "/sign-in", email=HELEN, password=PASSWORD).status_code == 429


@pytest.mark.usefixtures("hashes")
def test_one_source_gets_a_hundred_wrong_ones_in_a_quarter_of_an_hour(attacker: Attacker) -> None:
    for number in range(100):
        assert attacker.tries(f"nobody{number}@naomi.example").status_code == 422
    slowed = attacker.tries(HELEN, password=PASSWORD)

    assert (slowed.status_code, slowed.headers["Retry-After"]) == (429, "900")
    assert "Try again in 15 minutes." in slowed.text
    assert attacker.tries(HELEN, source="192.0.2.9", password=PASSWORD).status_code == 302
    attacker.clock.instant += timedelta(minutes=15)
    assert attacker.tries(HELEN, password=PASSWORD).status_code == 302


@pytest.mark.usefixtures("hashes")
def test_right_passwords_are_not_counted(attacker: Attacker, session: Session) -> None:
    for _ in range(3):
        assert attacker.tries(RUTH, password=PASSWORD).status_code == 302

    assert set(session.scalars(select(SignInTry.count))) == {0}


def test_where_a_try_came_from_is_kept_as_a_keyed_digest_alone(
    attacker: Attacker, session: Session
) -> None:
    attacker.tries(RUTH, source="192.0.2.77")
    attacker.tries(RUTH, source="192.0.2.78")

    rows = session.scalars(select(SignInTry)).all()
    assert sorted(row.kind for row in rows) == sorted(
        [*TryKind][:1] + [TryKind.SOURCE] * 2 + [TryKind.HOUR]
    )
    assert all(len(row.key) == 16 and b"192" not in row.key for row in rows)


def test_counts_are_kept_for_a_day(attacker: Attacker, session: Session) -> None:
    attacker.tries(RUTH)
    attacker.clock.instant += timedelta(days=1, seconds=1)
    attacker.tries(UNKNOWN)

    assert {row.began_at for row in session.scalars(select(SignInTry))} == {attacker.clock.instant}


def test_where_too_many_wait_for_their_turn_the_page_says_so_and_counts_nothing(
    attacker: Attacker, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> bool:
        raise passwords.TooMany

    monkeypatch.setattr("transition.actions.signing_in.check_password", full)
    answer = attacker.tries(RUTH, password=PASSWORD)

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "Many people are signing in at this moment" in answer.text
    assert RUTH in answer.text
    assert PASSWORD not in answer.text.partition("<form")[2].partition("</form>")[0]
    assert set(session.scalars(select(SignInTry.count))) == {0}


@pytest.mark.parametrize(
    ("email", "status"),
    [
        (RUTH.upper(), 302),
        (f"  {RUTH}  ", 302),
        (f"{RUTH}.", 422),
        (RUTH.replace("@", "＠"), 422),  # noqa: RUF001 - a wide @ is the point
        (f"{RUTH}\0", 422),
        ("a" * 10_000, 422),
        ("ｎurse@naomi.example", 422),  # noqa: RUF001 - a wide n is the point
    ],
    ids=["capitals", "spaces", "a dot", "wide at", "NUL", "long", "wide n"],
)
def test_abuse_case_6_odd_addresses(attacker: Attacker, email: str, status: int) -> None:
    assert attacker.tries(email, password=PASSWORD).status_code == status


def test_abuse_case_6_an_address_given_twice_is_one_address(app: Tracker) -> None:
    client = app.test_client()
    words = {"csrf_token": token_of(client.get("/sign-in").text), "password": PASSWORD}

    answer = client.post("/sign-in", data=words | {"email": [UNKNOWN, RUTH]})

    assert answer.status_code == 422


def test_the_cookie_of_a_known_browser_says_nothing_and_opens_nothing(
    app: Tracker, session: Session
) -> None:
    hers = app.test_client()
    handed_out = post(hers, "/sign-in", email=RUTH, password=PASSWORD).headers.getlist("Set-Cookie")
    (device,) = [cookie for cookie in handed_out if cookie.startswith("device=")]

    assert {"HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=15552000"} <= set(device.split("; "))
    token = device.partition("=")[2].partition(";")[0]
    assert re.fullmatch(r"[\w-]{43}", token)
    assert staff_of(session, RUTH).uid.hex() not in token
    thief = app.test_client()
    for name in ("device", "sign_in"):
        thief.set_cookie(name, token)
    assert thief.get("/today").status_code == 302


@pytest.mark.parametrize("planted", ["", "x", "a" * 4000, "../etc", "p" * 43])
def test_a_browser_that_was_given_no_token_of_ours_gets_one(app: Tracker, planted: str) -> None:
    client = app.test_client()
    token = token_of(client.get("/sign-in").text)
    client.set_cookie("device", planted)

    client.post("/sign-in", data={"csrf_token": token, "email": RUTH, "password": PASSWORD})

    cookie = client.get_cookie("device")
    assert cookie is not None
    assert re.fullmatch(r"[\w-]{43}", cookie.value)
    assert cookie.value != planted
