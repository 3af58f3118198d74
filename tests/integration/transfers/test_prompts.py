"""What both sides are asked on the way to a transfer: each once, by day and person."""

from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.browser.running import text_of
from tests.builders import (
    SIGNED_FOR,
    Bag,
    WorkAs,
    accepted_case,
    on_both,
    post_with,
    ready_case,
    signed_case,
    transferred_case,
    uid_of,
)
from tests.people import GRACE, HELEN, IDRIS, MINA, PRIYA, RUTH, TOM
from transition.actions.beside import NewVisit, VisitReport, plan_visit, record_visit
from transition.actions.milestones import put_back
from transition.actions.targets import move_target
from transition.actions.transfer_prompts import send_transfer_prompts
from transition.actions.transfers import sign_transfer
from transition.app import Tracker
from transition.clock import LONDON
from transition.records.handovers import Handover
from transition.records.outbox import QueuedLetter
from transition.rules.beside import VisitOutcome, VisitPlace
from transition.rules.handovers import HandoverState
from transition.rules.people import THE_TIMETABLE
from transition.rules.targets import Target, TargetReason

Told = tuple[date, str, str]
CHILDRENS_LEADS = (PRIYA, TOM)


def at(day: date, hour: int = 9) -> datetime:
    return datetime.combine(day, time(hour), LONDON).astimezone(UTC)


def ask(work_as: WorkAs, day: date, hour: int = 9) -> int:
    with work_as(THE_TIMETABLE, at(day, hour)) as work:
        return send_transfer_prompts(work)


def told(session: Session) -> list[Told]:
    """Return what was asked: the day, which, and whom."""
    session.rollback()
    query = select(QueuedLetter).where(QueuedLetter.kind == "transfer_prompt")
    return sorted(
        (one.queued_at.date(), one.about.rpartition("/")[2], one.recipient.email)
        for one in session.scalars(query)
    )


@on_both
def test_silence_leads_from_getting_ready_to_the_leads_of_both_sides(
    work_as: WorkAs, session: Session
) -> None:
    reference, _ = ready_case(work_as)
    with work_as(RUTH) as work:
        put_back(work, reference, "MV-05")
        move_target(work, reference, Target(on=date(2027, 1, 13)), TargetReason.OTHER)
    for days in range(70):
        ask(work_as, date(2026, 11, 23) + timedelta(days))

    leads = {RUTH, PRIYA, TOM, HELEN, IDRIS}
    assert told(session) == sorted(
        [
            *((date(2026, 11, 23), "meeting", one) for one in (RUTH, HELEN)),
            *((date(2026, 12, 16), "ready", one) for one in (RUTH, HELEN)),
            *((date(2026, 12, 30), "finish", one) for one in leads),
            *((date(2027, 1, 14), "passed", one) for one in leads),
            *((date(2027, 1, 21), "passed", one) for one in {*leads, GRACE}),
            *((date(2027, 1, 28), "passed", one) for one in {*leads, GRACE}),
        ]
    )


@on_both
def test_nobody_is_asked_twice_nor_before_nine_nor_on_a_day_off(
    work_as: WorkAs, session: Session
) -> None:
    ready_case(work_as)
    assert ask(work_as, date(2026, 11, 23), hour=8) == 0
    assert ask(work_as, date(2026, 11, 22)) == 0
    assert ask(work_as, date(2026, 11, 23)) == 2
    assert ask(work_as, date(2026, 11, 23), hour=17) == 0
    assert {rung for _, rung, _ in told(session)} == {"ready"}


@on_both
def test_a_date_that_moves_asks_anew(work_as: WorkAs, session: Session) -> None:
    reference, _ = ready_case(work_as)
    ask(work_as, date(2026, 11, 23))
    with work_as(HELEN) as work:
        move_target(work, reference, Target(on=SIGNED_FOR + timedelta(3)), TargetReason.OTHER)
    ask(work_as, date(2026, 11, 24))
    assert [day for day, _, _ in told(session)] == [date(2026, 11, 23)] * 2 + [
        date(2026, 11, 24)
    ] * 2


@on_both
def test_what_is_signed_by_both_asks_nothing(work_as: WorkAs) -> None:
    signed_case(work_as)
    assert ask(work_as, date(2026, 11, 23)) == 0
    assert ask(work_as, SIGNED_FOR) == 0


@on_both
def test_what_is_far_away_asks_nothing_until_nobody_has_met(
    work_as: WorkAs, session: Session
) -> None:
    mina = uid_of(session, MINA)
    reference, _ = accepted_case(work_as, adult_worker_uid=mina)
    assert ask(work_as, date(2026, 12, 31)) == 0
    with work_as(RUTH) as work:
        plan_visit(work, reference, NewVisit(place=VisitPlace.HOME, visit_on=date(2026, 11, 23)))
    assert ask(work_as, date(2027, 1, 4)) == 0
    with work_as(HELEN) as work:
        record_visit(work, reference, 1, VisitReport(outcome=VisitOutcome.CANCELLED))
    assert ask(work_as, date(2027, 1, 4)) == 2
    assert {rung for _, rung, _ in told(session)} == {"meeting"}


@on_both
def test_the_first_joint_visit_begins_the_work_together(work_as: WorkAs, session: Session) -> None:
    reference, _ = accepted_case(work_as)
    for number in (1, 2):
        with work_as(RUTH) as work:
            visit = NewVisit(place=VisitPlace.HOME, visit_on=date(2026, 11, 23))
            plan_visit(work, reference, visit)
        with work_as(HELEN) as work:
            record_visit(work, reference, number, VisitReport(outcome=VisitOutcome.HELD))
        session.rollback()
        assert session.scalars(select(Handover.state)).one() is HandoverState.JOINT_WORKING


def letters(app: Tracker, moment: datetime) -> dict[str, str]:
    bag = Bag()
    post_with(app, bag, at=moment)
    return {letter["To"]: text_of(letter) for letter in bag.letters}


def test_the_letters_say_the_month_and_where_to_look(app: Tracker, work_as: WorkAs) -> None:
    reference, _ = ready_case(work_as)
    with work_as(RUTH) as work:
        put_back(work, reference, "MV-05")
    letters(app, at(date(2026, 11, 23)))
    ask(work_as, date(2026, 11, 23))
    said = letters(app, at(date(2026, 11, 23), 10))
    assert set(said) == {RUTH, HELEN, IDRIS, *CHILDRENS_LEADS}
    assert "something is still open" in said[HELEN]
    assert "December 2026" in said[HELEN]
    assert f"/cases/{reference}/confirm-transfer" in said[HELEN]


def test_a_letter_that_is_not_true_any_more_does_not_go(app: Tracker, work_as: WorkAs) -> None:
    reference, _ = ready_case(work_as)
    letters(app, at(date(2026, 11, 23)))
    ask(work_as, date(2026, 11, 23))
    for who in (RUTH, HELEN):
        with work_as(who) as work:
            sign_transfer(work, reference)
    said = letters(app, at(date(2026, 11, 23), 10))
    assert "Both hospices have signed" in said[RUTH]
    assert "get ready" not in " ".join(said.values()).lower()
    assert all("has signed a transfer" in words for words in said.values())


def test_after_the_switch_no_signature_is_told_any_more(app: Tracker, work_as: WorkAs) -> None:
    transferred_case(work_as)
    said = letters(app, at(SIGNED_FOR))
    assert said
    assert "signed" not in " ".join(said.values())
