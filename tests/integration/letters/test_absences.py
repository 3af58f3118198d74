"""Absences: who may enter one, who may cover, and who gets a copy."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import Bag, WorkAs, issue, on_both, opened_case, post_with, staff_of
from tests.people import ANNA, GRACE, HELEN, IDRIS, JO, MINA, PETER, PRIYA, RUTH, TOM, WILMA
from transition.actions.absences import change_absence, end_absence, record_absence, tell
from transition.actions.digests import cases_of, digest_of
from transition.actions.work import NotFound
from transition.app import Tracker
from transition.records.absences import Absence
from transition.records.audit import AuditEntry
from transition.records.outbox import QueuedLetter
from transition.records.staff import StaffMembership
from transition.rules.errors import RuleBroken
from transition.rules.people import MembershipState
from transition.settings import Settings

MONDAY = date(2026, 11, 23)
FRIDAY = date(2026, 11, 27)
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def away(work_as: WorkAs, by: str, who: str, cover: str, *, first: date = MONDAY) -> None:
    with work_as(by) as work:
        record_absence(work, who, cover=cover, from_on=first, until_on=FRIDAY)


@on_both
@pytest.mark.parametrize(("by", "who"), [(RUTH, RUTH), (PRIYA, RUTH), (TOM, RUTH), (JO, None)])
def test_anybody_may_say_it_of_themselves_and_a_lead_of_a_colleague(
    work_as: WorkAs, session: Session, by: str, who: str | None
) -> None:
    if who is None:
        with pytest.raises(RuleBroken, match="Choose somebody else"):
            away(work_as, by, by, by)
        return
    away(work_as, by, who, ANNA)
    row = session.scalars(select(Absence)).one()
    assert (row.from_on, row.until_on) == (MONDAY, FRIDAY)
    assert row.cover_uid == staff_of(session, ANNA).uid
    noted = session.scalars(select(AuditEntry).where(AuditEntry.action == "absence:recorded"))
    assert noted.one().object == row.staff_uid.hex()


@pytest.mark.parametrize(
    ("by", "who", "cover", "why"),
    [
        (ANNA, RUTH, ANNA, "Only a lead may enter when a colleague is away."),
        (MINA, HELEN, IDRIS, "Only a lead may enter when a colleague is away."),
        (HELEN, RUTH, ANNA, "Nobody with this address works in your organisation."),
        (RUTH, RUTH, HELEN, "Nobody with this address works in your organisation."),
        (RUTH, RUTH, "nobody@naomi.example", "Nobody with this address works in your organi"),
        (RUTH, RUTH, RUTH, "Choose somebody else on the same side to cover."),
        (RUTH, RUTH, WILMA, "Choose somebody else on the same side to cover."),
    ],
)
def test_who_may_not_is_told_why(work_as: WorkAs, by: str, who: str, cover: str, why: str) -> None:
    with pytest.raises(RuleBroken, match=why):
        away(work_as, by, who, cover)


@pytest.mark.parametrize(
    ("first", "last"),
    [(date(2026, 11, 20), date(2026, 11, 22)), (date(2026, 11, 30), FRIDAY)],
)
def test_days_that_lie_behind_or_the_wrong_way_round_are_refused(
    work_as: WorkAs, first: date, last: date
) -> None:
    with (
        pytest.raises(RuleBroken, match="The last day away must be today or later"),
        work_as(RUTH) as work,
    ):
        record_absence(work, RUTH, cover=ANNA, from_on=first, until_on=last)


@on_both
def test_an_absence_is_changed_and_ended_by_who_is_away_and_by_their_leads(
    work_as: WorkAs, session: Session
) -> None:
    away(work_as, RUTH, RUTH, ANNA)
    uid = session.scalars(select(Absence)).one().uid
    days: dict[str, Any] = {"cover": PRIYA, "from_on": FRIDAY, "until_on": FRIDAY}
    for who, kind, why in (
        (ANNA, RuleBroken, "Only a lead"),
        (HELEN, NotFound, "no such absence"),
    ):
        with pytest.raises(kind, match=why), work_as(who) as work:
            change_absence(work, uid, **days)
    with work_as(TOM) as work:
        change_absence(work, uid, **days)
    session.rollback()
    row = session.scalars(select(Absence)).one()
    assert (row.from_on, row.cover_uid) == (FRIDAY, staff_of(session, PRIYA).uid)
    with work_as(RUTH) as work:
        assert end_absence(work, uid).cover == PRIYA
    session.rollback()
    assert session.scalars(select(Absence)).all() == []
    with pytest.raises(NotFound), work_as(RUTH) as work:
        end_absence(work, uid)


def test_an_absence_that_is_over_or_of_who_has_left_is_not_changed(
    work_as: WorkAs, session: Session
) -> None:
    away(work_as, RUTH, RUTH, ANNA)
    row = session.scalars(select(Absence)).one()
    with pytest.raises(NotFound), work_as(RUTH, NOW + timedelta(days=5)) as work:
        end_absence(work, row.uid)
    leave(session, RUTH)
    with pytest.raises(NotFound), work_as(PRIYA) as work:
        end_absence(work, row.uid)


def test_nobody_is_away_twice_and_nobody_covers_who_is_away(work_as: WorkAs) -> None:
    away(work_as, RUTH, RUTH, ANNA)
    with pytest.raises(RuleBroken, match="away in that time already"):
        away(work_as, PRIYA, RUTH, PRIYA, first=FRIDAY)
    with pytest.raises(RuleBroken, match="Choose somebody who is here"):
        away(work_as, ANNA, ANNA, RUTH, first=FRIDAY)


@on_both
def test_a_cover_who_does_not_work_there_any_more_is_sent_nothing(
    work_as: WorkAs, session: Session
) -> None:
    """Hazard H20: no prompt targets somebody inactive."""
    away(work_as, HELEN, HELEN, IDRIS)
    leave(session, IDRIS)
    with work_as(PRIYA) as work:
        helen = staff_of(work.session, HELEN)
        letters = tell(work, "case_changed", to=[helen], about="NHJ-7K2M-4")
        assert [one.recipient_uid for one in letters] == [helen.uid]


def leave(session: Session, email: str) -> None:
    uid = staff_of(session, email).uid
    for held in session.scalars(select(StaffMembership).filter_by(staff_uid=uid)):
        held.state = MembershipState.LEFT
    session.commit()


@on_both
def test_a_letter_goes_to_the_cover_too_on_the_days_away_and_to_each_once(
    work_as: WorkAs, session: Session
) -> None:
    away(work_as, HELEN, HELEN, IDRIS)
    away(work_as, PETER, PETER, "deputy@oakhaven.example", first=date(2026, 11, 24))
    told = {}
    for day in (0, 1, 4, 5):
        with work_as(PRIYA, NOW + timedelta(days=day)) as work:
            people = [staff_of(work.session, email) for email in (HELEN, PETER)]
            letters = tell(work, "case_changed", to=[*people, people[0]], about="NHJ-7K2M-4")
            emails = [work.session.get_one(type(people[0]), one.recipient_uid) for one in letters]
            told[day] = sorted(one.email for one in emails)
    oakhaven = "deputy@oakhaven.example"
    assert told == {
        0: sorted([HELEN, IDRIS, PETER]),
        1: sorted([HELEN, IDRIS, PETER, oakhaven]),
        4: sorted([HELEN, IDRIS, PETER, oakhaven]),
        5: sorted([HELEN, PETER]),
    }
    kept = session.scalars(select(QueuedLetter)).all()
    assert len(kept) == sum(map(len, told.values()))


@on_both
def test_the_digest_of_a_cover_holds_the_cases_of_who_is_away_in_one_letter(
    app: Tracker, work_as: WorkAs, demonstration: Settings
) -> None:
    assert demonstration.home.exists()
    own, both = {}, {}
    for email in (RUTH, ANNA):
        with work_as(email) as work:
            own[email] = {dues.reference for dues in cases_of(work, work.actor)}
    away(work_as, PRIYA, RUTH, ANNA)
    for email in (RUTH, ANNA):
        with work_as(email) as work:
            both[email] = {dues.reference for dues in cases_of(work, work.actor)}
            covering = digest_of(work, work.actor).covering
            assert covering == (("Ruth",) if email == ANNA else ())
    assert both == {RUTH: own[RUTH], ANNA: own[RUTH] | own[ANNA]}
    bag = Bag()
    issue(app, at=NOW)
    post_with(app, bag)
    (letter,) = [one for one in bag.letters if one["To"] == ANNA and "digest" in one["Subject"]]
    assert "This includes the cases of Ruth, for whom you cover." in letter.as_string()


def test_a_cover_sees_no_more_than_before(work_as: WorkAs) -> None:
    with work_as(RUTH) as work:
        opened_case(work)
    away(work_as, HELEN, HELEN, MINA)
    away(work_as, HELEN, GRACE, MINA)
    with work_as(MINA) as work:
        assert cases_of(work, work.actor) == []


def test_two_absences_stand_beside_each_other_whichever_was_entered_first(
    work_as: WorkAs, session: Session
) -> None:
    later = FRIDAY + timedelta(days=1), FRIDAY + timedelta(days=7)
    for first, last in (later, (MONDAY, FRIDAY)):
        with work_as(RUTH) as work:
            record_absence(work, RUTH, cover=ANNA, from_on=first, until_on=last)
    kept = session.scalars(select(Absence.from_on).order_by(Absence.from_on)).all()
    assert kept == [MONDAY, later[0]]
