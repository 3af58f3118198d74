"""The weekly digest: issued once to everybody, and folded when it would come too late."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import (
    Bag,
    ClientAs,
    WorkAs,
    issue,
    on_both,
    post_with,
    proposed_handover,
    uid_of,
)
from tests.people import ANNA, HELEN, JO, PRIYA, RUTH, WILMA
from transition.actions.digests import cases_of, digest_of
from transition.actions.letters import preview_digest
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


@on_both
def test_weeks_that_were_missed_keep_a_row_and_the_next_letter_says_so(
    app: Tracker, session: Session, work_as: WorkAs
) -> None:
    assert issue(app, at=MONDAY) == 27
    post_with(app, Bag(), at=MONDAY)
    late = MONDAY + timedelta(weeks=3)
    assert issue(app, at=late - timedelta(minutes=1)) == 0
    assert {row.week for row in digests(session)} == {"2026-W48", "2026-W49", "2026-W50"}
    assert issue(app, at=late) == 27
    states = {(row.week, row.state) for row in digests(session)}
    assert states == {
        ("2026-W48", DigestState.ISSUED),
        ("2026-W49", DigestState.FOLDED),
        ("2026-W50", DigestState.FOLDED),
        ("2026-W51", DigestState.ISSUED),
    }
    bag = Bag()
    post_with(app, bag, at=late)
    text = next(one for one in bag.letters if one["To"] == RUTH).as_string()
    assert len(bag.letters) == 27
    assert "2 earlier digests did not come." in text
    with work_as(RUTH, late + timedelta(days=1)) as work:
        assert digest_of(work, work.actor).missed == 0
        assert digest_of(work, work.actor, week="2026-W51").missed == 2


def test_nobody_has_a_row_for_a_week_before_they_came(app: Tracker, session: Session) -> None:
    assert issue(app, at=MONDAY - timedelta(minutes=1)) == 0
    assert digests(session) == []
    assert issue(app, at=MONDAY + timedelta(weeks=1, minutes=-1)) == 0
    assert {(row.week, row.state) for row in digests(session)} == {("2026-W48", DigestState.FOLDED)}


def test_a_clock_that_was_set_back_issues_nothing_again(app: Tracker, session: Session) -> None:
    assert issue(app, at=MONDAY + timedelta(weeks=1)) == 27
    for hours in (-1, -24 * 7, -24 * 30):
        assert issue(app, at=MONDAY + timedelta(weeks=1, hours=hours)) == 0
    assert len(digests(session)) == 2 * 27


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


def test_a_coordinator_is_told_what_waits_too_long_by_reference_and_nothing_else(
    app: Tracker, work_as: WorkAs, session: Session
) -> None:
    with work_as(RUTH) as work:
        reference = proposed_handover(work)[0].reference
    later = MONDAY + timedelta(weeks=2)
    with work_as(JO, later - timedelta(weeks=1)) as work:
        assert digest_of(work, work.actor).all_clear
    with work_as(JO, later) as work:
        content = digest_of(work, work.actor)
    assert [(line.reference, line.words, line.path) for line in content.escalated] == [
        (reference, "waits for a confirmation that it arrived", "")
    ]
    assert (content.now, content.soon, content.waiting) == (0, 0, ())
    letter = preview_digest(session, app.config["CATALOGUE"], app.config["POST"], JO, at=later)
    assert letter.subject == "Transition digest: 1 handover waits too long"
    assert reference in letter.text
    assert f"/cases/{reference}" not in letter.text + letter.html
    assert "UPCOMING MOVES" not in letter.text


def test_an_auditor_is_told_that_all_is_clear(
    app: Tracker, demonstration: Settings, session: Session
) -> None:
    assert demonstration.home.exists()
    letter = preview_digest(session, app.config["CATALOGUE"], app.config["POST"], WILMA, at=MONDAY)
    assert letter.subject == "Transition digest: all clear this week"
    assert "NHJ-" not in letter.text


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
