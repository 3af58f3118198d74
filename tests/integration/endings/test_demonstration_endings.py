"""What the invented cases that have ended stand for."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import Bag, ClientAs, WorkAs, capacity_found, issue, opened_case, post_with
from tests.databases import FIXED
from tests.people import ANNA, HELEN, IDRIS, PRIYA, RUTH
from transition.actions.closings import close_case
from transition.app import Tracker
from transition.records.capacity_records import CapacityRecord
from transition.records.cases import Case
from transition.records.closings import Closing, closing_of
from transition.records.entries import entries_of
from transition.records.histories import open_pause_of
from transition.records.outbox import QueuedLetter
from transition.records.young_people import YoungPerson
from transition.rules.calendar import add_months
from transition.rules.closings import SAFE_ARRIVAL, refuse_finishing
from transition.rules.errors import RuleBroken
from transition.rules.people import Actor, Role
from transition.rules.stages import Ending

pytestmark = pytest.mark.usefixtures("demonstration")

TODAY = FIXED.date()
LEAD = Actor(b"l" * 16, "naomi", "", frozenset({Role.CHILDRENS_LEAD}))


def case_called(session: Session, name: str) -> Case:
    session.rollback()
    people = {one.uid: one.full_name for one in session.scalars(select(YoungPerson))}
    return next(
        case for case in session.scalars(select(Case)) if people[case.young_person_uid] == name
    )


def closing(session: Session, name: str) -> Closing:
    found = closing_of(session, case_called(session, name).uid)
    assert found is not None
    return found


ESME, ARLO = "Esme Demo-Nutmeg", "Arlo Demo-Nutmeg"
ZOFIA, DEXTER = "Zofia Demo-Pine", "Dexter Demo-Quince"


def test_14_a_what_had_been_queued_about_her_is_cancelled(session: Session) -> None:
    case = case_called(session, ESME)
    about = select(QueuedLetter).where(QueuedLetter.case_uid == case.uid)
    letters = session.scalars(about).all()
    assert letters
    assert not [one for one in letters if one.sent_at is None and one.cancelled_at is None]


def test_14_b_she_stands_in_no_digest_and_counts_as_late_nowhere(
    app: Tracker, session: Session, client_as: ClientAs
) -> None:
    reference = case_called(session, ESME).reference
    bag = Bag()
    issue(app, at=FIXED)
    post_with(app, bag, at=FIXED)
    assert {ANNA, HELEN, PRIYA} <= set(bag.readers)
    assert not [letter for letter in bag.letters if reference in letter.as_string()]
    for email in (ANNA, PRIYA, HELEN):
        assert reference not in client_as(email).get("/today").text


def test_14_c_the_child_death_review_is_a_line_of_her_record(
    session: Session, client_as: ClientAs
) -> None:
    reference = case_called(session, ESME).reference
    page = client_as(ANNA).get(f"/cases/{reference}/record").text
    assert "Child death review told" in page
    assert "Not recorded yet" in page


def test_14_d_the_receiver_got_the_ordinary_notice_after_its_hold_and_nothing_else(
    session: Session,
) -> None:
    case = case_called(session, ESME)
    assert case.ended_at is not None
    queued = select(QueuedLetter).where(
        QueuedLetter.case_uid == case.uid, QueuedLetter.queued_at >= case.ended_at
    )
    letters = session.scalars(queued).all()
    held = [one.not_before - one.queued_at for one in letters]
    assert {one.recipient.email for one in letters} >= {HELEN, IDRIS}
    assert {one.kind for one in letters} == {"case_changed"}
    assert {hold.total_seconds() for hold in held} == {15 * 60}


def test_14_e_her_brother_is_marked(session: Session) -> None:
    hold = open_pause_of(session, case_called(session, ARLO).uid)
    assert hold is not None
    assert hold.reason_code == "family_bereaved"


def test_15_a_his_page_says_that_the_family_is_bereaved(
    session: Session, client_as: ClientAs
) -> None:
    reference = case_called(session, ARLO).reference
    page = client_as(ANNA).get(f"/cases/{reference}").text
    assert "Family bereaved. Prompts are held until 7 January 2027." in page


def test_17_a_the_safe_arrival_check_is_open(session: Session) -> None:
    found = closing(session, ZOFIA)
    case = case_called(session, ZOFIA)
    assert case.ending is Ending.MOVED_AWAY
    assert case.ended_at is not None
    assert found.look_again_on == case.ended_at.date() + SAFE_ARRIVAL > TODAY
    assert found.finished_at is None


def test_09_a_no_decision_to_decline_stands_without_a_capacity_record_for_it(
    work_as: WorkAs, session: Session
) -> None:
    theo = closing(session, "Theo Demo-Ivy")
    records = entries_of(session, theo.case_uid, CapacityRecord)
    assert [(one.decision, one.outcome) for one in records] == [("move", "has")]
    answers = dict(theo.answers)
    with work_as(RUTH) as work:
        another = opened_case(work).reference
    wanted = "First record under Capacity that the young person has capacity"
    for found in (("lacks", "move"), ("has", "finances"), ("has", "move")):
        with pytest.raises(RuleBroken, match=wanted), work_as(RUTH) as work:
            close_case(work, another, Ending.DECLINED_BY_PERSON, answers)
        with work_as(RUTH) as work:
            capacity_found(work, another, *found)
    with work_as(RUTH) as work:
        assert close_case(work, another, Ending.DECLINED_BY_PERSON, answers).pending


def test_a_best_interests_decision_asks_that_capacity_is_lacking(
    work_as: WorkAs, session: Session
) -> None:
    answers = {**closing(session, "Theo Demo-Ivy").answers, "reason": "best_interests"}
    with work_as(RUTH) as work:
        another = opened_case(work).reference
        capacity_found(work, another, "has")
    with pytest.raises(RuleBroken, match="lacks capacity"), work_as(RUTH) as work:
        close_case(work, another, Ending.DECLINED_BY_PERSON, answers)
    with work_as(RUTH) as work:
        capacity_found(work, another, "lacks")
        assert close_case(work, another, Ending.DECLINED_BY_PERSON, answers).pending


def test_17_b_it_cannot_finish_before_receipt_is_confirmed_unless_a_lead_says_why(
    session: Session,
) -> None:
    found = closing(session, ZOFIA)
    with pytest.raises(RuleBroken, match="has confirmed that the pack arrived"):
        refuse_finishing(found.ending, found.answers, today=TODAY, by=LEAD)
    refuse_finishing(found.ending, found.answers, today=TODAY, by=LEAD, why="They telephoned.")
    arrived = {**found.answers, "receipt_confirmed_on": TODAY}
    refuse_finishing(found.ending, arrived, today=TODAY, by=LEAD)


def test_18_a_the_notice_ends_six_months_after_the_decision(session: Session) -> None:
    found = closing(session, DEXTER)
    assert found.decided_on is not None
    assert found.look_again_on == add_months(found.decided_on, 6)
    assert (TODAY - found.decided_on).days == 30


def test_18_b_while_the_appeal_is_open_it_stands_and_is_shown_and_cannot_finish(
    session: Session, client_as: ClientAs, work_as: WorkAs
) -> None:
    found, reference = closing(session, DEXTER), case_called(session, DEXTER).reference
    assert found.appeal == "open"
    assert found.look_again_on is not None
    with pytest.raises(RuleBroken, match="An appeal is open"):
        refuse_finishing(
            found.ending, found.answers, today=add_months(found.look_again_on, 12), by=LEAD
        )
    page = client_as(PRIYA).get(f"/cases/{reference}/closing").text
    assert "beyond it while the appeal is open" in page
    with work_as(RUTH) as work:
        assert work.case(reference).case.ending is Ending.NO_LONGER_NEEDED
