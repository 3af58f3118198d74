"""Changing a password, and choosing another by the link of a letter."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import Bag, WorkAs, letters_of, on_both, post_with, staff_of, uid_of
from tests.people import PRIYA, RUTH
from transition.actions.passwords import (
    RESET,
    ask_for_reset,
    change_password,
    queue_resets,
    refuse_change,
    refuse_reset,
    reset_of,
    use_reset,
)
from transition.actions.signing_in import (
    Visit,
    begin_sign_in,
    end_mine,
    end_others,
)
from transition.actions.work import NotFound
from transition.app import Tracker
from transition.records.audit import AuditEntry
from transition.records.resets import PasswordReset, token_of_reset
from transition.records.sign_ins import Ended, SignIn, digest_of_token
from transition.records.staff import StaffMembership
from transition.rules.errors import RuleBroken
from transition.rules.people import THE_COMMAND_LINE, THE_TIMETABLE, MembershipState

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
UNKNOWN = "nobody@naomi.example"


def come_in(work_as: WorkAs, email: str = RUTH) -> bytes:
    """Begin a sign-in and return its number."""
    with work_as(THE_COMMAND_LINE) as work:
        begun = begin_sign_in(work, staff_of(work.session, email), visit=Visit())
        query = select(SignIn.uid).where(SignIn.token_digest == digest_of_token(begun.token))
        return work.session.scalars(query).one()


def ask(work_as: WorkAs, email: str = RUTH, *, hours: float = 0) -> None:
    with work_as(THE_COMMAND_LINE, NOW + timedelta(hours=hours)) as work:
        ask_for_reset(work, email=email, source="192.0.2.1")


def link(work_as: WorkAs) -> str:
    """Return the token of the only link there is."""
    with work_as(THE_COMMAND_LINE) as work:
        reset = work.session.scalars(select(PasswordReset)).one()
        return token_of_reset(work.session, reset.uid)


def ended(session: Session) -> dict[bytes, Ended | None]:
    session.rollback()
    rows = session.scalars(select(SignIn).where(SignIn.ended_at.is_not(None)))
    return {row.uid: row.ended_because for row in rows}


def last(session: Session) -> tuple[str, str, str]:
    session.rollback()
    entry = session.scalars(select(AuditEntry).order_by(AuditEntry.seq.desc()).limit(1)).one()
    return entry.action, entry.object, entry.outcome


@on_both
def test_another_password_ends_every_other_sign_in_and_a_letter_tells(
    work_as: WorkAs, session: Session
) -> None:
    here, elsewhere, hers = come_in(work_as), come_in(work_as), come_in(work_as, PRIYA)
    with work_as(RUTH) as work:
        change_password(work, "a hash", here=here)

    assert staff_of(session, RUTH).password_hash == "a hash"  # noqa: S105 - none
    assert ended(session) == {elsewhere: Ended.PASSWORD}, "neither this one nor anybody else's"
    assert hers not in ended(session)
    assert letters_of(session, "password_changed") == [RUTH]
    assert last(session)[0] == "password:changed"


def test_who_does_not_know_their_own_password_stands_in_the_trail(
    work_as: WorkAs, session: Session
) -> None:
    with work_as(RUTH) as work:
        refuse_change(work)
    ruth = uid_of(session, RUTH).hex()
    assert last(session) == ("password:refused", ruth, "refused")


@on_both
def test_a_colleague_ends_one_of_their_own_or_all_others(work_as: WorkAs, session: Session) -> None:
    here, there, elsewhere = (come_in(work_as) for _ in range(3))
    hers = come_in(work_as, PRIYA)
    with work_as(RUTH) as work:
        end_mine(work, there.hex())
    assert ended(session) == {there: Ended.ENDED_BY_OWNER}
    for uid in (there, hers, bytes(16)):
        with pytest.raises(NotFound), work_as(RUTH) as work:
            end_mine(work, uid.hex())
    with work_as(RUTH) as work:
        assert end_others(work, work.actor_uid, Ended.ENDED_BY_OWNER, but=here) == 1
    assert ended(session).keys() == {there, elsewhere}


@on_both
def test_a_link_works_once_and_ends_every_sign_in(work_as: WorkAs, session: Session) -> None:
    first, second = come_in(work_as), come_in(work_as)
    ask(work_as)
    token = link(work_as)
    with work_as(THE_COMMAND_LINE) as work:
        use_reset(work, token, "a new hash")

    assert staff_of(session, RUTH).password_hash == "a new hash"  # noqa: S105 - none
    assert ended(session) == {first: Ended.PASSWORD, second: Ended.PASSWORD}
    assert letters_of(session, "password_changed") == [RUTH]
    with pytest.raises(RuleBroken, match="does not work any more"), work_as(PRIYA) as work:
        use_reset(work, token, "another hash")
    with work_as(THE_COMMAND_LINE) as work:
        refuse_reset(work, token)
    assert last(session) == ("reset:refused", uid_of(session, RUTH).hex(), "refused")


@pytest.mark.parametrize(("hours", "works"), [(71.9, True), (72, False)])
def test_a_link_works_for_three_days(work_as: WorkAs, hours: float, *, works: bool) -> None:
    ask(work_as)
    token = link(work_as)
    with work_as(THE_COMMAND_LINE, NOW + timedelta(hours=hours)) as work:
        if works:
            assert reset_of(work, token)[1].email == RUTH
        else:
            with pytest.raises(RuleBroken, match="does not work any more"):
                reset_of(work, token)


def test_a_link_of_somebody_who_may_not_sign_in_does_not_work(
    work_as: WorkAs, session: Session
) -> None:
    ask(work_as)
    token, ruth = link(work_as), uid_of(session, RUTH)
    with work_as(PRIYA) as work:
        held = select(StaffMembership).where(StaffMembership.staff_uid == ruth)
        work.session.scalars(held).one().state = MembershipState.SUSPENDED
    with work_as(THE_COMMAND_LINE) as work, pytest.raises(RuleBroken, match="does not work"):
        reset_of(work, token)
    with work_as(THE_TIMETABLE) as work:
        assert queue_resets(work) == 0


@on_both
def test_of_an_address_that_is_not_known_everything_is_kept_but_a_number(
    work_as: WorkAs, session: Session
) -> None:
    ask(work_as, UNKNOWN)
    assert last(session) == ("reset:asked", "unknown", "done")
    token = link(work_as)
    with work_as(THE_TIMETABLE) as work:
        assert queue_resets(work) == 0
    with work_as(THE_COMMAND_LINE) as work:
        with pytest.raises(RuleBroken, match="does not work"):
            reset_of(work, token)
        refuse_reset(work, token)
        refuse_reset(work, "no such token")
    assert letters_of(session, RESET) == []
    assert last(session)[0] == "reset:asked"


@on_both
def test_the_letter_carries_the_link_from_the_configured_address(
    work_as: WorkAs, session: Session, app: Tracker
) -> None:
    ask(work_as)
    for _ in range(2):
        with work_as(THE_TIMETABLE) as work:
            queue_resets(work)
    assert letters_of(session, RESET) == [RUTH], "once"
    bag = Bag()
    assert post_with(app, bag) == 1
    body = bag.letters[0].get_body(("plain",))
    assert body is not None
    assert f"{app.config['POST'].base_url}/reset/{link(work_as)}" in body.get_content()
    kept = session.scalars(select(PasswordReset)).one()
    assert kept.token_digest == digest_of_token(link(work_as))


def test_a_letter_whose_link_was_used_meanwhile_does_not_go(work_as: WorkAs, app: Tracker) -> None:
    ask(work_as)
    with work_as(THE_TIMETABLE) as work:
        queue_resets(work)
        work.session.scalars(select(PasswordReset)).one().used_at = work.now
    assert post_with(app, Bag()) == 0


def test_who_asks_again_and_again_gets_three_letters_until_an_hour_is_over(
    work_as: WorkAs, session: Session
) -> None:
    for _ in range(5):
        ask(work_as)
    assert len(session.scalars(select(PasswordReset)).all()) == 3
    session.rollback()
    ask(work_as, hours=1)
    assert len(session.scalars(select(PasswordReset)).all()) == 4


def test_links_are_forgotten_after_a_month(work_as: WorkAs, session: Session) -> None:
    ask(work_as)
    ask(work_as, hours=31 * 24)
    assert len(session.scalars(select(PasswordReset)).all()) == 1
