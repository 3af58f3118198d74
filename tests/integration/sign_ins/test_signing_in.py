"""Signing in and out: a cookie is worth one row, and the row ends."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import Bag, WorkAs, letters_of, on_both, post_with, staff_of, uid_of
from tests.people import PASSWORD, PRIYA, RUTH
from transition.actions.signing_in import (
    Begun,
    Visit,
    begin_sign_in,
    refuse_sign_in,
    sign_in,
    sign_out,
    take_back,
    try_to_sign_in,
)
from transition.app import Tracker
from transition.records.audit import AuditEntry
from transition.records.known_devices import KnownDevice
from transition.records.sign_in_tries import SignInTry
from transition.records.sign_ins import Ended, SignIn, digest_of_token, find_sign_in
from transition.records.staff import StaffMembership
from transition.rules.devices import DeviceKind
from transition.rules.errors import RuleBroken
from transition.rules.people import THE_COMMAND_LINE, MembershipState
from transition.rules.throttling import TryKind

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def begin(work_as: WorkAs, email: str = RUTH, password: str = PASSWORD) -> str | None:
    with work_as(THE_COMMAND_LINE) as work:
        tried = try_to_sign_in(work, email=email, visit=Visit())
    right = tried.is_right(password)
    with work_as(THE_COMMAND_LINE) as work:
        if not right:
            refuse_sign_in(work, tried)
            return None
        begun = sign_in(work, tried, password=password, visit=Visit())
        return begun.token if begun else None


def last_entry(session: Session) -> AuditEntry:
    session.rollback()
    query = select(AuditEntry).order_by(AuditEntry.seq.desc()).limit(1)
    return session.scalars(query).one()


@on_both
def test_the_right_words_begin_a_sign_in_of_which_only_a_digest_is_kept(
    work_as: WorkAs, session: Session
) -> None:
    token = begin(work_as)
    assert token is not None
    row = session.scalars(select(SignIn)).one()
    assert row.token_digest == digest_of_token(token)
    assert token.encode() not in row.token_digest
    found = find_sign_in(session, token, now=NOW)
    assert found is not None
    assert found.staff_uid == staff_of(session, RUTH).uid
    entry = last_entry(session)
    assert (entry.action, entry.object) == ("sign-in:begun", staff_of(session, RUTH).uid.hex())


def test_an_address_is_the_same_in_capitals(work_as: WorkAs) -> None:
    assert begin(work_as, f" {RUTH.upper()} ") is not None


@pytest.mark.parametrize(
    ("email", "password"), [(RUTH, "guess"), ("nobody@naomi.example", PASSWORD), (RUTH, "")]
)
def test_wrong_words_begin_nothing_and_leave_their_entry(
    work_as: WorkAs, session: Session, email: str, password: str
) -> None:
    assert begin(work_as, email, password) is None
    assert session.scalars(select(SignIn)).all() == []
    entry = last_entry(session)
    assert (entry.action, entry.outcome) == ("sign-in:refused", "refused")
    known = {RUTH: staff_of(session, RUTH).uid.hex()}
    assert entry.object == known.get(email, "unknown")


def test_who_has_left_does_not_sign_in(work_as: WorkAs, session: Session) -> None:
    ruth = uid_of(session, RUTH)
    with work_as(PRIYA) as work:
        held = select(StaffMembership).where(StaffMembership.staff_uid == ruth)
        work.session.scalars(held).one().state = MembershipState.LEFT
    assert begin(work_as) is None


def test_a_colleague_without_a_password_does_not_sign_in(work_as: WorkAs) -> None:
    with work_as(PRIYA) as work:
        staff_of(work.session, RUTH).password_hash = None
    assert begin(work_as) is None


def test_a_password_hashed_more_weakly_is_hashed_anew(work_as: WorkAs, session: Session) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    with work_as(PRIYA) as work:
        staff_of(work.session, RUTH).password_hash = weak
    assert begin(work_as) is not None
    kept = staff_of(session, RUTH).password_hash
    assert kept is not None
    assert kept != weak
    session.rollback()
    assert begin(work_as) is not None
    assert staff_of(session, RUTH).password_hash == kept


def test_a_sign_in_lasts_half_an_hour_of_rest_and_one_shift(
    work_as: WorkAs, session: Session
) -> None:
    token = begin(work_as) or ""
    almost = NOW + timedelta(minutes=30, seconds=-1)
    assert find_sign_in(session, token, now=almost) is not None
    assert find_sign_in(session, token, now=NOW + timedelta(minutes=30)) is None
    session.rollback()
    with work_as(PRIYA) as work:
        work.session.scalars(select(SignIn)).one().last_seen_at = NOW + timedelta(hours=11.9)
    assert find_sign_in(session, token, now=NOW + timedelta(hours=12, seconds=-1)) is not None
    assert find_sign_in(session, token, now=NOW + timedelta(hours=12)) is None
    assert find_sign_in(session, "another", now=NOW) is None


@on_both
def test_after_signing_out_the_token_is_worth_nothing(work_as: WorkAs, session: Session) -> None:
    token = begin(work_as) or ""
    other = begin(work_as) or ""
    with work_as(RUTH) as work:
        sign_out(work, token=token)
    assert find_sign_in(session, token, now=NOW) is None
    assert find_sign_in(session, other, now=NOW) is not None
    assert last_entry(session).action == "sign-in:ended"
    with pytest.raises(RuleBroken, match="signed out already"), work_as(RUTH) as work:
        sign_out(work, token=token)


HERS = Visit(source="192.0.2.1", device=DeviceKind.WINDOWS)


def come_in(
    work_as: WorkAs, visit: Visit = HERS, *, minutes: int = 0, notice: bool = False
) -> Begun:
    with work_as(THE_COMMAND_LINE, NOW + timedelta(minutes=minutes)) as work:
        ruth = staff_of(work.session, RUTH)
        return begin_sign_in(work, ruth, visit=visit, notice=notice)


@on_both
def test_wrong_tries_are_counted_and_the_right_one_forgives_them(
    work_as: WorkAs, session: Session
) -> None:
    assert [begin(work_as, password="guess") for _ in range(3)] == [None] * 3  # noqa: S106 - wrong
    counts = {row.kind: row.count for row in session.scalars(select(SignInTry))}
    assert counts == {TryKind.ACCOUNT: 3, TryKind.SOURCE: 3, TryKind.HOUR: 3}
    session.rollback()
    assert begin(work_as) is not None
    counts = {row.kind: row.count for row in session.scalars(select(SignInTry))}
    assert counts == {TryKind.ACCOUNT: 0, TryKind.SOURCE: 3, TryKind.HOUR: 3}


@on_both
def test_what_a_browser_held_before_is_over_or_told(work_as: WorkAs) -> None:
    """Abuse case 8: what was put there lives no longer; what has lapsed or ended stays as it is."""
    held = {name: begin(work_as) or "" for name in ("running", "ended", "lapsed")}
    with work_as(RUTH) as work:
        sign_out(work, token=held["ended"])
    at = {"running": NOW, "ended": NOW, "lapsed": NOW + timedelta(hours=1), "never was": NOW}
    entries = {}
    for name, instant in at.items():
        visit = Visit(token=held.get(name, name))
        with work_as(THE_COMMAND_LINE, instant) as work:
            begin_sign_in(work, staff_of(work.session, PRIYA), visit=visit)
            entries[name] = [(one.action, one.outcome) for one in work.notes][:-1]
    assert entries == {
        "running": [("sign-in:ended", "done")],
        "ended": [],
        "lapsed": [],
        "never was": [("sign-in:planted", "refused")],
    }


@on_both
def test_a_sixth_sign_in_ends_the_oldest(work_as: WorkAs, session: Session) -> None:
    tokens = [come_in(work_as, minutes=minutes).token for minutes in range(6)]
    now = NOW + timedelta(minutes=6)
    lasting = [find_sign_in(session, token, now=now) is not None for token in tokens]
    assert lasting == [False] + [True] * 5
    ended = session.scalars(select(SignIn).where(SignIn.ended_at.is_not(None))).one()
    assert ended.ended_because is Ended.ELSEWHERE
    assert [row.device for row in session.scalars(select(SignIn))] == [DeviceKind.WINDOWS] * 6


def test_sign_ins_that_have_lapsed_make_room_by_themselves(
    work_as: WorkAs, session: Session
) -> None:
    for hours in range(6):
        come_in(work_as, minutes=60 * hours)
    assert session.scalars(select(SignIn).where(SignIn.ended_at.is_not(None))).all() == []


def test_a_sign_in_says_when_the_one_before_it_was(work_as: WorkAs) -> None:
    assert come_in(work_as).last_at is None
    assert come_in(work_as, minutes=20).last_at == NOW


@on_both
def test_a_letter_tells_of_a_browser_that_was_not_known(work_as: WorkAs, session: Session) -> None:
    first = come_in(work_as, notice=True)
    assert letters_of(session, "new_device") == [], "there is none before the first"
    again = come_in(work_as, replace(HERS, device_token=first.device_token), notice=True)
    assert again.device_token == first.device_token
    assert letters_of(session, "new_device") == []
    assert come_in(work_as, notice=True).device_token != first.device_token
    assert letters_of(session, "new_device") == [RUTH]
    come_in(work_as)
    assert letters_of(session, "new_device") == [RUTH], "nobody asked for a notice"


def test_a_browser_is_known_for_half_a_year(work_as: WorkAs, session: Session) -> None:
    first = come_in(work_as)
    come_in(work_as, minutes=181 * 24 * 60)
    kept = session.scalars(select(KnownDevice)).one()
    assert kept.token_digest != digest_of_token(first.device_token)


def test_on_a_shared_computer_each_is_known_apart(work_as: WorkAs, session: Session) -> None:
    first = come_in(work_as)
    with work_as(THE_COMMAND_LINE) as work:
        shared = replace(HERS, device_token=first.device_token)
        anna = begin_sign_in(work, staff_of(work.session, PRIYA), visit=shared)
    assert anna.device_token == first.device_token
    assert len(session.scalars(select(KnownDevice)).all()) == 2


def test_a_try_that_was_not_looked_at_is_taken_back(work_as: WorkAs, session: Session) -> None:
    begin(work_as, password="guess")  # noqa: S106 - wrong
    with work_as(THE_COMMAND_LINE) as work:
        tried = try_to_sign_in(work, email=RUTH, visit=Visit())
    with work_as(THE_COMMAND_LINE) as work:
        take_back(work, tried)
    assert set(session.scalars(select(SignInTry.count))) == {1}


def test_what_a_letter_says_of_a_device_is_its_kind_and_the_time(
    work_as: WorkAs, app: Tracker
) -> None:
    come_in(work_as)
    come_in(work_as, notice=True)
    bag = Bag()
    assert post_with(app, bag) == 1
    body = bag.letters[0].get_body(("plain",))
    assert body is not None
    words = " ".join(body.get_content().split())
    assert "On Monday 23 November at 9:00am somebody signed in as you" in words
    assert "had not used here before: a Windows computer." in words
