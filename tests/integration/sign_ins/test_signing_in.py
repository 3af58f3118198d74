"""Signing in and out: a cookie is worth one row, and the row ends."""

from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import WorkAs, on_both, staff_of, uid_of
from tests.people import PASSWORD, PRIYA, RUTH
from transition.actions.signing_in import sign_in, sign_out
from transition.records.audit import AuditEntry
from transition.records.sign_ins import SignIn, digest_of_token, find_sign_in
from transition.records.staff import StaffMembership
from transition.rules.errors import RuleBroken
from transition.rules.people import THE_COMMAND_LINE, MembershipState

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def begin(work_as: WorkAs, email: str = RUTH, password: str = PASSWORD) -> str | None:
    with work_as(THE_COMMAND_LINE) as work:
        return sign_in(work, email=email, password=password)


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
