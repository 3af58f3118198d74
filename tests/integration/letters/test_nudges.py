"""Nudges of the three clocks: each once, in order, to the right people."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.browser.running import text_of
from tests.builders import Bag, WorkAs, on_both, post_with, proposed_handover, uid_of, working
from tests.people import ANNA, GRACE, HELEN, IDRIS, JO, MINA, PRIYA, RUTH, TOM
from transition.actions.absences import record_absence
from transition.actions.handovers import acknowledge_handover, withdraw_handover
from transition.actions.nudges import send_nudges
from transition.actions.pauses import pause_case, resume_case
from transition.actions.questions import NewAnswer, NewQuestion, answer_question, ask_question
from transition.app import Tracker
from transition.clock import LONDON
from transition.mail.postman import NotCarried
from transition.records.audit import AuditEntry
from transition.records.cases import Case
from transition.records.outbox import QueuedLetter
from transition.records.staff import StaffMembership
from transition.rules.pauses import PauseReason
from transition.rules.people import THE_TIMETABLE, Duty, MembershipState
from transition.rules.questions import QuestionCategory
from transition.rules.stages import Ending

MONDAY = date(2026, 11, 23)
Told = tuple[date, str, str]


@pytest.fixture
def reference(work_as: WorkAs) -> str:
    """A case that was proposed to Rowans on a Monday, routinely."""
    with work_as(RUTH) as work:
        return proposed_handover(work)[0].reference


def at(day: date, hour: int = 9, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), LONDON).astimezone(UTC)


def nudge(app: Tracker, moment: datetime) -> int:
    with working(app, THE_TIMETABLE, moment) as work:
        return send_nudges(work)


def days(first: date, last: date) -> Iterator[date]:
    for count in range((last - first).days + 1):
        yield first + timedelta(count)


def nudge_daily(app: Tracker, first: date, last: date) -> None:
    for day in days(first, last):
        nudge(app, at(day))


def told(session: Session) -> list[Told]:
    """Return the nudges that wait or went: the day, which, and to whom."""
    session.rollback()
    query = select(QueuedLetter).where(
        QueuedLetter.prompt_key.is_not(None), QueuedLetter.cancelled_at.is_(None)
    )
    letters = session.scalars(query.order_by(QueuedLetter.queued_at))
    return sorted(
        (one.queued_at.date(), one.about.split("/", 2)[2], one.recipient.email) for one in letters
    )


LADDER = sorted(
    [
        (date(2026, 11, 26), "acknowledge/reminder", HELEN),
        (date(2026, 11, 26), "acknowledge/reminder", IDRIS),
        (date(2026, 11, 30), "acknowledge/escalation", GRACE),
        (date(2026, 11, 30), "acknowledge/escalation", TOM),
        (date(2026, 12, 2), "acknowledge/coordinator", JO),
        (date(2026, 12, 3), "decide/reminder", HELEN),
        (date(2026, 12, 3), "decide/reminder", IDRIS),
        (date(2026, 12, 8), "decide/escalation", GRACE),
        (date(2026, 12, 8), "decide/escalation", TOM),
        (date(2026, 12, 14), "decide/coordinator", JO),
        (date(2026, 12, 21), "decide/agenda", GRACE),
        (date(2026, 12, 21), "decide/agenda", HELEN),
        (date(2026, 12, 21), "decide/agenda", PRIYA),
        (date(2026, 12, 21), "decide/agenda", TOM),
    ]
)
"""What silence leads to, from a routine proposal on Monday 23 November 2026."""


@on_both
@pytest.mark.usefixtures("reference")
def test_silence_climbs_the_ladder_each_rung_once(app: Tracker, session: Session) -> None:
    nudge_daily(app, MONDAY, date(2027, 1, 15))
    assert told(session) == LADDER


@pytest.mark.usefixtures("reference")
def test_however_often_it_is_asked_nobody_hears_twice(app: Tracker, session: Session) -> None:
    for hour in range(24):
        nudge(app, at(date(2026, 11, 26), hour))
    assert [day for day, _, _ in told(session)] == [date(2026, 11, 26)] * 2


@pytest.mark.usefixtures("reference")
def test_nobody_is_nudged_before_nine_or_on_a_day_off(app: Tracker) -> None:
    assert nudge(app, at(date(2026, 11, 26), 8, 59)) == 0
    saturday = date(2026, 11, 28)
    assert nudge(app, at(saturday, 12)) == 0
    assert nudge(app, at(date(2026, 12, 25), 12)) == 0
    assert nudge(app, at(date(2026, 11, 26), 9)) == 2


@on_both
@pytest.mark.usefixtures("reference")
def test_after_days_without_a_worker_each_hears_the_highest_rung_of_a_clock_alone(
    app: Tracker, session: Session
) -> None:
    tuesday = date(2026, 12, 22)
    nudge(app, at(tuesday))
    assert told(session) == sorted(
        [
            *((tuesday, "acknowledge/reminder", email) for email in (HELEN, IDRIS)),
            *((tuesday, "acknowledge/escalation", email) for email in (GRACE, TOM)),
            (tuesday, "acknowledge/coordinator", JO),
            (tuesday, "decide/reminder", IDRIS),
            *((tuesday, "decide/agenda", email) for email in (GRACE, HELEN, PRIYA, TOM)),
            (tuesday, "decide/coordinator", JO),
        ]
    )
    nudge_daily(app, tuesday, date(2027, 1, 15))
    assert {day for day, _, _ in told(session)} == {tuesday}
    overtaken = select(QueuedLetter.about).where(QueuedLetter.cancelled_at.is_not(None))
    assert {about.split("/", 2)[2] for about in session.scalars(overtaken)} == {
        "decide/reminder",
        "decide/escalation",
    }
    noted = session.scalars(select(AuditEntry).where(AuditEntry.action == "letter:cancelled"))
    assert len(noted.all()) == 3


def test_what_was_received_in_time_is_not_asked_for(
    app: Tracker, reference: str, work_as: WorkAs, session: Session
) -> None:
    with work_as(HELEN, at(date(2026, 11, 25), 16)) as work:
        acknowledge_handover(work, reference, "rowans-1")
    nudge_daily(app, MONDAY, date(2026, 12, 3))
    assert [which for _, which, _ in told(session)] == ["decide/reminder"] * 2


def test_of_what_was_withdrawn_nothing_more_is_said(
    app: Tracker, reference: str, work_as: WorkAs, session: Session
) -> None:
    nudge_daily(app, MONDAY, date(2026, 11, 26))
    with work_as(RUTH, at(date(2026, 11, 27))) as work:
        withdraw_handover(work, reference, "rowans-1")
    nudge_daily(app, date(2026, 11, 27), date(2027, 1, 15))
    assert {day for day, _, _ in told(session)} == {date(2026, 11, 26)}


@pytest.mark.parametrize("overlay", ["ended", "paused"])
def test_a_case_that_ended_or_rests_is_silent(
    app: Tracker, reference: str, work_as: WorkAs, session: Session, overlay: str
) -> None:
    with work_as(RUTH) as work:
        case = work.case(reference).case
        if overlay == "paused":
            case.paused = True
        else:
            case.ending, case.ended_at = Ending.MOVED_AWAY, work.now
    nudge_daily(app, MONDAY, date(2027, 1, 15))
    assert told(session) == []


@on_both
def test_a_question_that_nobody_answers_is_the_childrens_hospices_to_hear_of(
    app: Tracker, reference: str, work_as: WorkAs, session: Session
) -> None:
    asked = NewQuestion(category=QuestionCategory.FUNDING, words="Who pays for the hoist?")
    with work_as(HELEN, at(date(2026, 11, 24))) as work:
        ask_question(work, reference, "rowans-1", asked)
    nudge_daily(app, MONDAY, date(2026, 12, 4))
    assert told(session) == [
        (date(2026, 11, 27), "answer/reminder/1", RUTH),
        (date(2026, 12, 2), "answer/escalation/1", TOM),
        (date(2026, 12, 2), "answer/escalation/1", PRIYA),
    ]
    with work_as(RUTH, at(date(2026, 12, 4), 10)) as work:
        answer_question(work, reference, "rowans-1", 1, NewAnswer(words="We do."))
    # Eight days were stopped: the reminder of the decision moves from 3 December by as many.
    nudge_daily(app, date(2026, 12, 5), date(2026, 12, 15))
    assert told(session)[3:] == [
        (date(2026, 12, 15), "decide/reminder", IDRIS),
        (date(2026, 12, 15), "decide/reminder", HELEN),
    ]


def test_once_the_stop_is_used_up_both_sides_are_told(
    app: Tracker, reference: str, work_as: WorkAs, session: Session
) -> None:
    asked = NewQuestion(category=QuestionCategory.OTHER, words="What does Sky like?")
    with work_as(HELEN, at(MONDAY, 10)) as work:
        ask_question(work, reference, "rowans-1", asked)
    nudge_daily(app, MONDAY, date(2026, 12, 15))
    assert [(day, email) for day, which, email in told(session) if "stop_used_up" in which] == [
        (date(2026, 12, 15), email) for email in sorted([HELEN, IDRIS, RUTH])
    ]


@on_both
def test_an_empty_place_is_filled_by_that_sides_leads(
    app: Tracker, reference: str, work_as: WorkAs, session: Session
) -> None:
    assert reference
    ruth = uid_of(session, RUTH)
    with work_as(TOM) as work:
        for held in work.session.scalars(select(StaffMembership)):
            if held.duty is Duty.ESCALATION:
                held.duty = None
            if held.staff_uid == ruth:
                held.state = MembershipState.LEFT
    nudge_daily(app, MONDAY, date(2026, 11, 30))
    escalated = {email for _, which, email in told(session) if which == "acknowledge/escalation"}
    assert escalated == {HELEN, IDRIS, GRACE, PRIYA, TOM}
    with work_as(HELEN, at(date(2026, 12, 1))) as work:
        asked = NewQuestion(category=QuestionCategory.OTHER, words="And?")
        ask_question(work, reference, "rowans-1", asked)
    nudge_daily(app, date(2026, 12, 1), date(2026, 12, 4))
    reminded = {email for _, which, email in told(session) if which == "answer/reminder/1"}
    assert reminded == {PRIYA, TOM}


@on_both
@pytest.mark.usefixtures("reference")
def test_whoever_covers_gets_a_copy_and_nothing_stops(
    app: Tracker, work_as: WorkAs, session: Session
) -> None:
    with work_as(HELEN) as work:
        record_absence(
            work, HELEN, cover=GRACE, from_on=date(2026, 11, 24), until_on=date(2026, 11, 26)
        )
    nudge_daily(app, MONDAY, date(2026, 12, 3))
    reminders = [one for one in told(session) if one[1].endswith("reminder")]
    assert reminders == sorted(
        [
            *((date(2026, 11, 26), "acknowledge/reminder", who) for who in (HELEN, IDRIS, GRACE)),
            *((date(2026, 12, 3), "decide/reminder", who) for who in (HELEN, IDRIS)),
        ]
    )


@on_both
@pytest.mark.usefixtures("reference")
def test_whoever_comes_to_cover_hears_nothing_below_what_they_have_had(
    app: Tracker, work_as: WorkAs, session: Session
) -> None:
    nudge_daily(app, MONDAY, date(2026, 11, 30))
    tuesday = date(2026, 12, 1)
    with work_as(HELEN, at(tuesday, 8)) as work:
        record_absence(work, HELEN, cover=GRACE, from_on=tuesday, until_on=tuesday)
        record_absence(work, IDRIS, cover=MINA, from_on=tuesday, until_on=tuesday)
    nudge_daily(app, tuesday, tuesday)
    late = [one for one in told(session) if one[0] == tuesday]
    assert late == [(tuesday, "acknowledge/reminder", MINA)], "Grace had the escalation"


@on_both
def test_what_was_told_in_the_morning_is_not_told_again_after_a_pause_from_that_day(
    app: Tracker, reference: str, work_as: WorkAs, session: Session
) -> None:
    thursday = date(2026, 11, 26)
    nudge(app, at(thursday))
    post_with(app, Bag(), at=at(thursday))
    rest(work_as, reference, at(thursday, 10), at(thursday, 11))
    nudge_daily(app, thursday, date(2026, 12, 1))
    assert told(session) == [
        *((thursday, "acknowledge/reminder", email) for email in sorted([HELEN, IDRIS])),
        *((date(2026, 12, 1), "acknowledge/escalation", email) for email in sorted([GRACE, TOM])),
    ]


@on_both
def test_what_could_not_go_before_a_pause_goes_after_it(
    app: Tracker, reference: str, work_as: WorkAs, session: Session
) -> None:
    thursday, monday = date(2026, 11, 26), date(2026, 11, 30)
    nudge(app, at(thursday))
    post_with(app, Bag(NotCarried("451", for_good=False)), at=at(thursday))
    rest(work_as, reference, at(date(2026, 11, 27), 10), at(date(2026, 11, 27), 11))
    nudge_daily(app, date(2026, 11, 27), monday)
    assert told(session) == [(monday, "acknowledge/reminder", who) for who in (IDRIS, HELEN)]


def rest(work_as: WorkAs, reference: str, first: datetime, last: datetime) -> None:
    with work_as(RUTH, first) as work:
        review_on = work.today + timedelta(days=30)
        pause_case(work, reference, PauseReason.OTHER, review_on=review_on)
    with work_as(RUTH, last) as work:
        resume_case(work, reference)


def text_to(bag: Bag, email: str) -> str:
    (letter,) = [one for one in bag.letters if one["To"] == email]
    return f"{letter['Subject']}\n{text_of(letter)}"


def carried(app: Tracker, day: date) -> Bag:
    bag = Bag()
    nudge(app, at(day))
    post_with(app, bag, at=at(day))
    return bag


def test_a_nudge_tells_what_is_waited_for_and_by_when(app: Tracker, reference: str) -> None:
    post_with(app, Bag())
    reminder = text_to(carried(app, date(2026, 11, 26)), HELEN)
    assert "A reminder about a handover" in reminder
    assert (
        f"A handover waits for a confirmation that it arrived. Reference {reference}." in reminder
    )
    assert "A confirmation that it arrived was due by Wednesday 25 November 2026." in reminder
    assert f"/cases/{reference}/handovers/rowans-1" in reminder
    assert "Please see to it." in text_to(carried(app, date(2026, 11, 30)), TOM)
    for_jo = text_to(carried(app, date(2026, 12, 2)), JO)
    assert f"Reference {reference}." in for_jo
    assert "You are told the reference only." in for_jo
    assert f"/cases/{reference}" not in for_jo
    before = text_to(carried(app, date(2026, 12, 3)), IDRIS)
    assert "A reply is due by Monday 7 December 2026." in before
    carried(app, date(2026, 12, 14))
    assert "heads of care of both hospices" in text_to(carried(app, date(2026, 12, 21)), PRIYA)


def test_the_end_of_the_stop_is_told_in_words(
    app: Tracker, reference: str, work_as: WorkAs
) -> None:
    with work_as(HELEN, at(MONDAY, 10)) as work:
        asked = NewQuestion(category=QuestionCategory.OTHER, words="What does Sky like?")
        ask_question(work, reference, "rowans-1", asked)
    for day in days(MONDAY, date(2026, 12, 14)):
        carried(app, day)
    letter = text_to(carried(app, date(2026, 12, 15)), RUTH)
    assert "for as long as they may" in letter
    assert "A reply is due by Wednesday 30 December 2026." in letter


@pytest.mark.parametrize("what", ["received", "denied", "ended", "paused"])
def test_a_nudge_that_has_lost_its_point_before_it_goes_does_not_go(
    app: Tracker, reference: str, work_as: WorkAs, session: Session, what: str
) -> None:
    post_with(app, Bag())
    thursday = date(2026, 11, 26)
    nudge(app, at(thursday))
    with work_as(HELEN, at(thursday, 10)) as work:
        if what == "received":
            acknowledge_handover(work, reference, "rowans-1")
    with work_as(RUTH, at(thursday, 10)) as work:
        case = work.session.scalars(select(Case)).one()
        case.paused = what == "paused"
        if what == "ended":
            case.ending, case.ended_at = Ending.MOVED_AWAY, work.now
        if what == "denied":
            for held in work.session.scalars(select(StaffMembership)):
                if held.organisation == "rowans":
                    held.state = MembershipState.SUSPENDED
    bag = Bag()
    post_with(app, bag, at=at(thursday, 11))
    reminders = [one["Subject"] for one in bag.letters if "reminder" in one["Subject"]]
    assert reminders == []
    session.rollback()
    waiting = select(QueuedLetter).where(
        QueuedLetter.kind == "handover_reminder", QueuedLetter.cancelled_at.is_(None)
    )
    assert session.scalars(waiting).all() == []


@pytest.mark.usefixtures("reference")
def test_an_adult_worker_who_may_not_read_it_is_told_nothing(app: Tracker, work_as: WorkAs) -> None:
    post_with(app, Bag())
    with work_as(HELEN) as work:
        record_absence(
            work, IDRIS, cover=MINA, from_on=date(2026, 11, 26), until_on=date(2026, 11, 26)
        )
    assert sorted(carried(app, date(2026, 11, 26)).readers) == sorted([HELEN, IDRIS])


def test_a_nurse_who_covers_is_told_too(app: Tracker, reference: str, work_as: WorkAs) -> None:
    with work_as(RUTH) as work:
        record_absence(work, RUTH, cover=ANNA, from_on=MONDAY, until_on=date(2026, 11, 30))
    with work_as(HELEN, at(date(2026, 11, 24))) as work:
        asked = NewQuestion(category=QuestionCategory.OTHER, words="What does Sky like?")
        ask_question(work, reference, "rowans-1", asked)
    post_with(app, Bag(), at=at(date(2026, 11, 24)))
    assert sorted(carried(app, date(2026, 11, 27)).readers) == sorted([RUTH, ANNA])
