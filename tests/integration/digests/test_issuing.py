"""The weekly digest: issued once to everybody, and folded when it would come too late."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import ClientAs, WorkAs, issue, on_both, uid_of
from tests.people import ANNA, HELEN, JO, PRIYA, RUTH
from transition.actions.digests import cases_of, digest_of
from transition.app import Tracker
from transition.records.digests import Digest, DigestState
from transition.records.outbox import QueuedLetter
from transition.records.staff import StaffMembership, everybody
from transition.rules.people import MembershipState
from transition.settings import Settings

MONDAY = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)


def digests(session: Session) -> list[Digest]:
    session.rollback()
    return list(session.scalars(select(Digest)))


@on_both
def test_everybody_is_sent_one_digest_a_week_however_often_it_is_asked(
    app: Tracker, session: Session
) -> None:
    staff = len(everybody(session))
    assert staff == 27
    assert issue(app, at=MONDAY) == staff
    assert issue(app, at=MONDAY + timedelta(minutes=5)) == 0
    rows = digests(session)
    assert {(row.week, row.state) for row in rows} == {("2026-W48", DigestState.ISSUED)}
    assert len({row.staff_uid for row in rows}) == staff
    assert len({row.letter_uid for row in rows} - {None}) == staff
    letters = session.scalars(select(QueuedLetter)).all()
    assert {(one.kind, one.about) for one in letters} == {("weekly_digest", "2026-W48")}
    assert issue(app, at=MONDAY + timedelta(weeks=1)) == staff


def test_before_its_time_the_week_before_is_owed_and_folded(app: Tracker, session: Session) -> None:
    assert issue(app, at=MONDAY - timedelta(minutes=1)) == 0
    assert {(row.week, row.state) for row in digests(session)} == {("2026-W47", DigestState.FOLDED)}


def test_up_to_48_hours_late_it_is_still_sent(app: Tracker) -> None:
    assert issue(app, at=MONDAY + timedelta(hours=48, seconds=-1)) == 27


def test_from_48_hours_on_it_is_folded_and_no_letter_goes(app: Tracker, session: Session) -> None:
    assert issue(app, at=MONDAY + timedelta(hours=48)) == 0
    rows = digests(session)
    assert {(row.state, row.letter_uid) for row in rows} == {(DigestState.FOLDED, None)}
    assert len(rows) == 27
    assert session.scalars(select(QueuedLetter)).all() == []


def test_who_comes_during_the_week_is_sent_what_is_still_owed(
    app: Tracker, session: Session, work_as: WorkAs
) -> None:
    ruth = uid_of(session, RUTH)
    held = select(StaffMembership).where(StaffMembership.staff_uid == ruth)
    with work_as(PRIYA) as work:
        work.session.scalars(held).one().state = MembershipState.INVITED
    assert issue(app, at=MONDAY) == 26
    with work_as(PRIYA) as work:
        work.session.scalars(held).one().state = MembershipState.ACTIVE
    assert issue(app, at=MONDAY + timedelta(hours=20)) == 1


def test_who_holds_no_role_today_is_sent_nothing(
    app: Tracker, session: Session, work_as: WorkAs
) -> None:
    ruth = uid_of(session, RUTH)
    with work_as(PRIYA) as work:
        held = select(StaffMembership).where(StaffMembership.staff_uid == ruth)
        work.session.scalars(held).one().until_on = datetime(2026, 11, 22, tzinfo=UTC).date()
    assert issue(app, at=MONDAY) == 26


@on_both
def test_a_nurse_is_told_of_the_cases_on_which_she_is_named(
    demonstration: Settings, work_as: WorkAs
) -> None:
    assert demonstration.home.exists()
    told = {}
    for email in (RUTH, ANNA, PRIYA, HELEN, JO):
        with work_as(email) as work:
            told[email] = {dues.reference for dues in cases_of(work, work.actor)}
    assert told[RUTH].isdisjoint(told[ANNA])
    assert told[RUTH] | told[ANNA] == told[PRIYA]
    assert told[HELEN] < told[PRIYA]
    assert told[JO] == set()


def test_a_coordinator_is_told_of_no_case(demonstration: Settings, work_as: WorkAs) -> None:
    assert demonstration.home.exists()
    with work_as(JO) as work:
        assert digest_of(work, work.actor).all_clear


def test_the_digest_counts_what_stands_on_the_page(
    demonstration: Settings, work_as: WorkAs, client_as: ClientAs
) -> None:
    assert demonstration.home.exists()
    with work_as(RUTH) as work:
        content = digest_of(work, work.actor)
    assert content.now >= len(content.needs_you)
    assert content.now > 0
    page = client_as(RUTH).get("/me/notifications/preview").text
    assert f"NEEDS YOU NOW ({content.now}" in page
    for line in content.needs_you:
        assert line.reference in page
