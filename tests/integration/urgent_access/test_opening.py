"""A record is opened in an emergency by whoever knows exactly whom they mean; all are told."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import (
    Bag,
    WorkAs,
    accepted_case,
    letters_of,
    on_both,
    opened_case,
    post_with,
    staff_of,
    uid_of,
)
from tests.databases import FIXED
from tests.people import (
    GRACE,
    HELEN,
    IDRIS,
    JO,
    LOLA,
    MINA,
    PETER,
    PRIYA,
    ROSA,
    RUTH,
    TOM,
    WILMA,
)
from tests.security.sweep import statements
from transition.actions.deaths import record_death
from transition.actions.identity import change_number
from transition.actions.leaving import end_access
from transition.actions.people import reinstate, suspend
from transition.actions.urgent_access import (
    URGENT_OPENED,
    URGENT_TRIES,
    URGENT_UNREVIEWED,
    Answered,
    Asked,
    ask_for_reviews,
    open_urgently,
    review_urgent,
)
from transition.actions.work import NotFound
from transition.app import Tracker
from transition.records.audit import AuditEntry, Change
from transition.records.cases import find_case
from transition.records.staff import Denial
from transition.records.urgent_access import (
    UrgentAccess,
    find_urgent,
    opened_around,
    opened_by,
    waiting_for_review,
)
from transition.rules.errors import RuleBroken
from transition.rules.people import THE_TIMETABLE
from transition.rules.urgent_access import Purpose, UrgentOutcome

THEIR_THIRD = "escalation@oakhaven.example"
NUMBER, OTHER = "9991000003", "9434765919"
BORN = date(2009, 6, 15)
WHY = "She came to us tonight and cannot speak."
FOUR_HOURS = timedelta(hours=4)
MINUTE = timedelta(minutes=1)


def asked(number: str = NUMBER, born: date = BORN, why: str = WHY) -> Asked:
    return Asked(nhs_number=number, born=born, purpose=Purpose.WITH_US, why=why)


@pytest.fixture
def reference(work_as: WorkAs) -> str:
    """An open case with a number, of which nobody outside Naomi House knows."""
    with work_as(RUTH) as work:
        return opened_case(work, nhs_number=NUMBER, nhs_number_missing_reason=None).reference


@pytest.fixture
def opened(work_as: WorkAs, reference: str) -> str:
    """The same, which Rosa of Oakhaven has opened in an emergency at the fixed instant."""
    with work_as(ROSA) as work:
        assert open_urgently(work, asked()) == Answered(reference, FIXED + FOUR_HOURS)
    return reference


def reads(work_as: WorkAs, who: str, reference: str, at: datetime = FIXED) -> bool:
    with work_as(who, at) as work:
        seen = find_urgent(work.session, reference, reader=work.actor, now=work.now)
        return seen is not None


def row_of(session: Session) -> UrgentAccess:
    session.rollback()
    return session.scalars(select(UrgentAccess)).one()


def actions(session: Session) -> list[str]:
    session.rollback()
    query = select(AuditEntry.action).where(AuditEntry.action.startswith("urgent:"))
    return list(session.scalars(query.order_by(AuditEntry.seq)))


def deny(work_as: WorkAs, reference: str, email: str) -> None:
    with work_as(RUTH) as work:
        whom = staff_of(work.session, email).uid
        case = work.case(reference).case
        by = {"denied_by_uid": work.actor_uid, "denied_at": work.now}
        work.keep(Denial(staff_uid=whom, case_uid=case.uid, **by))


@on_both
def test_exactly_who_opened_it_reads_it_for_four_hours_and_writes_nothing(
    work_as: WorkAs, opened: str
) -> None:
    last = FIXED + FOUR_HOURS - timedelta(seconds=1)
    assert [reads(work_as, ROSA, opened, at) for at in (FIXED, last, FIXED + FOUR_HOURS)] == [
        True,
        True,
        False,
    ]
    assert not any(reads(work_as, who, opened) for who in (PETER, LOLA, HELEN, MINA))
    with work_as(ROSA) as work:
        assert find_case(work.session, opened, reader=work.actor) is None
        with pytest.raises(NotFound):
            work.case(opened)


@on_both
@pytest.mark.usefixtures("opened")
def test_it_is_no_door_to_another_case(work_as: WorkAs) -> None:
    with work_as(RUTH) as work:
        other = opened_case(work, given_name="Wren").reference
    assert not reads(work_as, ROSA, other)


@on_both
def test_what_was_opened_is_kept_with_its_reason_sealed_and_stands_in_the_trail(
    session: Session, opened: str
) -> None:
    row = row_of(session)
    assert (row.purpose, row.why, row.organisation) == (Purpose.WITH_US, WHY, "oakhaven")
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "urgent:opened")).one()
    assert entry.case_ref == opened
    # Nobody was asked yet whether anything may be shared: it says that only one page was opened.
    assert entry.object == f"with_us emergency {row.uid.hex()}"


@on_both
def test_nobody_learns_what_was_not_right_by_the_answer_or_by_the_work(
    app: Tracker, work_as: WorkAs, reference: str
) -> None:
    def many(one: Asked) -> int:
        with statements(app) as told, work_as(ROSA) as work:
            assert open_urgently(work, one) is None
        return len(told)

    unknown, other_day = asked(number=OTHER), asked(born=date(2009, 6, 16))
    many(unknown)
    work_done = {many(unknown), many(other_day)}
    with work_as(RUTH) as work:
        record_death(work, reference, died_on=None)
    assert {many(asked())} == work_done
    assert len(work_done) == 1


@on_both
def test_a_denial_wins_before_and_after_it_was_opened(
    app: Tracker, work_as: WorkAs, session: Session, opened: str
) -> None:
    deny(work_as, opened, ROSA)
    deny(work_as, opened, PETER)
    assert not reads(work_as, ROSA, opened)
    with statements(app) as denied, work_as(PETER) as work:
        assert open_urgently(work, asked()) is None
    with statements(app) as unknown, work_as(PETER) as work:
        assert open_urgently(work, asked(number=OTHER)) is None
    assert len(denied) == len(unknown)
    assert row_of(session).staff_uid == uid_of(session, ROSA)


@on_both
def test_who_sees_the_case_anyway_opens_nothing(work_as: WorkAs, reference: str) -> None:
    with work_as(PRIYA) as work:
        assert open_urgently(work, asked()) == Answered(reference, None)
        assert opened_by(work.session, work.actor_uid, now=work.now) == []


@on_both
def test_opening_it_again_makes_it_no_longer(
    work_as: WorkAs, session: Session, opened: str
) -> None:
    with work_as(ROSA, FIXED + timedelta(hours=3)) as work:
        assert open_urgently(work, asked()) == Answered(opened, FIXED + FOUR_HOURS)
    assert row_of(session).until == FIXED + FOUR_HOURS
    with work_as(ROSA, FIXED + timedelta(hours=5)) as work:
        assert open_urgently(work, asked()) == Answered(opened, FIXED + timedelta(hours=9))


@on_both
def test_it_ends_with_the_case(work_as: WorkAs, opened: str) -> None:
    with work_as(RUTH) as work:
        record_death(work, opened, died_on=None)
    assert not reads(work_as, ROSA, opened)
    with work_as(ROSA) as work:
        assert opened_by(work.session, work.actor_uid, now=work.now) == []


@on_both
def test_without_a_reason_nothing_is_opened(work_as: WorkAs, reference: str) -> None:
    with work_as(ROSA) as work, pytest.raises(RuleBroken, match="at least 20 characters"):
        open_urgently(work, asked(why="Quickly"))
    assert not reads(work_as, ROSA, reference)


@on_both
def test_a_suspension_ends_it_for_good(work_as: WorkAs, session: Session, opened: str) -> None:
    rosa, later = uid_of(session, ROSA), FIXED + timedelta(hours=1)
    with work_as(PETER, later) as work:
        suspend(work, rosa)
        reinstate(work, rosa)
    assert not reads(work_as, ROSA, opened, later)
    assert row_of(session).until == later
    assert actions(session) == ["urgent:opened", "urgent:ended"]


@on_both
@pytest.mark.usefixtures("opened")
def test_leaving_ends_it(work_as: WorkAs, session: Session) -> None:
    rosa = uid_of(session, ROSA)
    with work_as(PETER) as work:
        end_access(work, rosa)
    assert row_of(session).until == FIXED


@on_both
def test_it_is_read_only_where_it_was_opened(work_as: WorkAs, opened: str) -> None:
    with work_as(ROSA) as work:
        for held in staff_of(work.session, ROSA).memberships:
            held.organisation = "rowans"
    assert not reads(work_as, ROSA, opened)
    with work_as(ROSA, FIXED + MINUTE) as work:
        assert open_urgently(work, asked()) == Answered(opened, FIXED + MINUTE + FOUR_HOURS)


@on_both
def test_both_sides_are_told_at_once_and_whoever_may_not_know_is_not(
    session: Session, work_as: WorkAs, reference: str
) -> None:
    deny(work_as, reference, TOM)
    with work_as(ROSA) as work:
        open_urgently(work, asked())
    assert letters_of(session, URGENT_OPENED) == sorted(
        [RUTH, PRIYA, WILMA, PETER, LOLA, THEIR_THIRD]
    )


@on_both
def test_the_receiver_of_a_case_is_told_too(session: Session, work_as: WorkAs) -> None:
    with work_as(MINA) as work:
        mina = work.actor_uid
    reference, _ = accepted_case(work_as, adult_worker_uid=mina)
    with work_as(RUTH) as work:
        change_number(work, reference, NUMBER, None)
    with work_as(ROSA) as work:
        open_urgently(work, asked())
    people = [RUTH, PRIYA, TOM, WILMA, HELEN, IDRIS, MINA, PETER, LOLA, THEIR_THIRD]
    assert letters_of(session, URGENT_OPENED) == sorted(people)
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "urgent:opened")).one()
    assert entry.object.startswith("with_us emergency record ")


def test_the_letter_names_the_case_to_those_who_may_know_of_it_only(
    app: Tracker, opened: str
) -> None:
    bag = Bag()
    post_with(app, bag)
    words = {
        str(one["To"]): one.as_string() for one in bag.letters if "emergency" in one["Subject"]
    }
    assert {to for to, text in words.items() if opened in text} == {RUTH, PRIYA, TOM, WILMA}
    assert {to for to, text in words.items() if opened not in text} == {PETER, LOLA, THEIR_THIRD}
    assert all("Rosa" not in text and NUMBER not in text for text in words.values())
    assert f"/cases/{opened}" in words[RUTH]
    assert all("/urgent/reviews" in words[who] for who in (PRIYA, WILMA, PETER))


@on_both
@pytest.mark.usefixtures("reference")
def test_after_five_wrong_tries_the_leads_are_told_once_and_each_next_one_waits(
    session: Session, work_as: WorkAs
) -> None:
    for minute in range(5):
        with work_as(ROSA, FIXED + minute * MINUTE) as work:
            assert open_urgently(work, asked(number=OTHER)) is None
    assert letters_of(session, URGENT_TRIES) == sorted([PETER, LOLA, THEIR_THIRD])
    with work_as(ROSA, FIXED + 4 * MINUTE) as work, pytest.raises(RuleBroken, match="in 1 second"):
        open_urgently(work, asked())
    with work_as(ROSA, FIXED + 5 * MINUTE) as work:
        assert open_urgently(work, asked(number=OTHER)) is None
    assert letters_of(session, URGENT_TRIES) == sorted([PETER, LOLA, THEIR_THIRD])
    assert actions(session) == ["urgent:refused"] * 6
    # Nobody is kept out for long: who is right in the end gets in.
    with work_as(ROSA, FIXED + 6 * MINUTE) as work:
        assert open_urgently(work, asked()) is not None


def test_the_letter_about_tries_says_who_and_not_whom_they_looked_for(
    app: Tracker, work_as: WorkAs, reference: str
) -> None:
    for _ in range(5):
        with work_as(ROSA) as work:
            open_urgently(work, asked(born=date(2001, 1, 1)))
    bag = Bag()
    post_with(app, bag)
    [text] = {one.as_string() for one in bag.letters if one["To"] == PETER}
    assert "Rosa" in text
    assert reference not in text
    assert NUMBER not in text


@on_both
@pytest.mark.usefixtures("opened")
def test_a_lead_or_an_auditor_of_the_hospice_whose_case_it_is_reviews_it(
    work_as: WorkAs, session: Session
) -> None:
    uid = row_of(session).uid
    for who in (PETER, HELEN):
        with work_as(who) as work, pytest.raises(NotFound):
            review_urgent(work, uid, UrgentOutcome.RIGHT, findings=None)
    with work_as(WILMA) as work:
        assert waiting_for_review(work.session, work.actor) == 1
        review_urgent(work, uid, UrgentOutcome.LEARNT, findings="Tell Oakhaven earlier.")
    with work_as(PRIYA) as work:
        assert waiting_for_review(work.session, work.actor) == 0
        review_urgent(work, uid, UrgentOutcome.RIGHT, findings=None)
    row = row_of(session)
    assert (row.outcome, row.findings) == (UrgentOutcome.RIGHT, None)
    changes = [one.body for one in session.scalars(select(Change)) if "outcome" in one.body]
    assert {"outcome": ["learnt", "right"], "findings": ["Tell Oakhaven earlier.", None]} in changes


@on_both
@pytest.mark.usefixtures("opened")
def test_nobody_reviews_what_they_opened(work_as: WorkAs, session: Session) -> None:
    uid = row_of(session).uid
    with work_as(ROSA) as work:
        for held in staff_of(work.session, ROSA).memberships:
            held.organisation = "naomi"
    with work_as(ROSA) as work, pytest.raises(RuleBroken, match="You opened this yourself"):
        review_urgent(work, uid, UrgentOutcome.RIGHT, findings=None)


@on_both
def test_the_list_shows_what_waits_first_to_both_hospices_and_to_nobody_denied(
    work_as: WorkAs, session: Session, opened: str
) -> None:
    with work_as(WILMA) as work:
        review_urgent(work, row_of(session).uid, UrgentOutcome.RIGHT, findings=None)
    with work_as(HELEN, FIXED + MINUTE) as work:
        open_urgently(work, asked())
    with work_as(PETER, FIXED + 2 * MINUTE) as work:
        open_urgently(work, asked())
    deny(work_as, opened, TOM)

    def listed(who: str) -> list[str]:
        with work_as(who) as work:
            return [one.by.split()[0] for one in opened_around(work.session, work.actor)]

    assert listed(PRIYA) == ["Helen", "Peter", "Rosa"]
    assert listed(PETER) == ["Peter", "Rosa"]
    assert listed(HELEN) == ["Helen"]
    assert listed(TOM) == []


MONDAY_NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)


@on_both
@pytest.mark.usefixtures("opened")
def test_after_two_working_days_somebody_else_is_told_once(
    session: Session, work_as: WorkAs
) -> None:
    def ask(at: datetime) -> int:
        with work_as(THE_TIMETABLE, at) as work:
            return ask_for_reviews(work)

    wednesday, thursday = (MONDAY_NINE + timedelta(days=days) for days in (2, 3))
    assert [ask(wednesday), ask(thursday - timedelta(minutes=1))] == [0, 0]
    assert letters_of(session, URGENT_UNREVIEWED) == []
    assert [ask(thursday), ask(thursday + MINUTE)] == [1, 0]
    told = letters_of(session, URGENT_UNREVIEWED)
    assert JO in told
    assert TOM in told, "the escalation person of the hospice whose case it is"
    assert not {RUTH, PRIYA, WILMA, ROSA, HELEN, GRACE} & set(told)


@on_both
@pytest.mark.usefixtures("opened")
def test_nobody_is_told_on_a_saturday_nor_of_what_was_reviewed(
    session: Session, work_as: WorkAs
) -> None:
    with work_as(THE_TIMETABLE, MONDAY_NINE + timedelta(days=5)) as work:
        assert ask_for_reviews(work) == 0
    with work_as(WILMA) as work:
        review_urgent(work, row_of(session).uid, UrgentOutcome.RIGHT, findings=None)
    with work_as(THE_TIMETABLE, MONDAY_NINE + timedelta(days=7)) as work:
        assert ask_for_reviews(work) == 0


def test_the_letter_that_nobody_reviewed_it_says_the_reference_and_goes_no_more_once_one_has(
    app: Tracker, work_as: WorkAs, session: Session, opened: str
) -> None:
    late = MONDAY_NINE + timedelta(days=3)
    with work_as(THE_TIMETABLE, late) as work:
        ask_for_reviews(work)
    bag = Bag()
    post_with(app, bag, at=late)
    [text] = {one.as_string() for one in bag.letters if one["To"] == JO}
    assert f"Reference {opened}" in text
    assert "You are told the reference only" in text.replace("=\n", "")
    with work_as(THE_TIMETABLE, late) as work:
        row = work.session.scalars(select(UrgentAccess)).one()
        row.escalated_at = None
        work.session.flush()
        ask_for_reviews(work)
    with work_as(WILMA, late) as work:
        review_urgent(work, row_of(session).uid, UrgentOutcome.RIGHT, findings=None)
    bag = Bag()
    assert post_with(app, bag, at=late) == 0
