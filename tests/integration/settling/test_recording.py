"""After the transfer: contacts, what follows a missed one, and check-ins, on both databases."""

from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from tests.builders import WorkAs, accepted_case, on_both
from tests.integration.settling.steps import MONDAY, check_in, contact, transferred_case
from tests.people import HELEN, MINA, PETER, PRIYA, RUTH
from transition.actions.milestones import Recorded, keep_outcome, record_outcome, rule_of
from transition.actions.settling import (
    Talk,
    follow_up_contact,
    record_check_in,
    record_contact,
    record_talk,
    take_back_check_in,
    take_back_contact,
)
from transition.actions.work import NotFound, Work
from transition.app import Tracker
from transition.records.cases import Case
from transition.records.dues import Asking, dues_of_case
from transition.records.handovers import open_lead_handover
from transition.records.milestones import outcomes_of
from transition.rules.digests import DueKind
from transition.rules.errors import RuleBroken
from transition.rules.handovers import HandoverState
from transition.rules.milestones import OutcomeKind
from transition.rules.people import THE_TIMETABLE
from transition.rules.settling import CheckInOutcome, ContactKind, Following
from transition.rules.stages import Ending

pytestmark = on_both

ALL_THREE = Following(joint_call_on=MONDAY, home_visit_offered_on=MONDAY, gp_told_on=MONDAY)


@pytest.fixture
def reference(work_as: WorkAs) -> str:
    """A case that was transferred to Rowans a week ago, with Mina as its adult worker."""
    return transferred_case(work_as)


def case_of(session: Session, reference: str) -> Case:
    session.rollback()
    return session.query(Case).filter_by(reference=reference).one()


def done_on(session: Session, reference: str, code: str) -> date | None:
    """Return when a milestone was done; None where it is on the list."""
    row = outcomes_of(session, case_of(session, reference).uid).get(code)
    return row.done_on if row is not None else None


def waits(app: Tracker, session: Session, reference: str, today: date = MONDAY) -> list[str]:
    """Return what is waited for besides milestones, whose it is, and until when."""
    asking = Asking(THE_TIMETABLE, today, app.config["CATALOGUE"])
    dues = dues_of_case(session, case_of(session, reference).uid, asking, waits=True)
    assert dues is not None
    found = [one for one in dues.waiting if one.kind is DueKind.SETTLING]
    return [f"{one.code} {one.owner.value} {one.due_on}" for one in found]


def miss(work_as: WorkAs, reference: str, times: int = 1) -> None:
    with work_as(MINA) as work:
        for _ in range(times):
            record_contact(work, reference, contact(work))


def test_a_contact_that_took_place_is_the_first_with_its_own_date(
    work_as: WorkAs, session: Session, reference: str
) -> None:
    with work_as(MINA) as work:
        saturday = work.today - timedelta(days=2)
        record_contact(work, reference, contact(work, "attended", happened_on=saturday))

    assert done_on(session, reference, "SE-01") == date(2026, 11, 21)


def test_the_second_contact_leaves_the_date_of_the_first(
    work_as: WorkAs, session: Session, reference: str
) -> None:
    with work_as(HELEN) as work:
        friday = work.today - timedelta(days=3)
        record_contact(work, reference, contact(work, "attended", happened_on=friday))
        record_contact(work, reference, contact(work, "attended"))

    assert done_on(session, reference, "SE-01") == date(2026, 11, 20)


def test_a_missed_contact_is_followed_in_five_working_days(
    app: Tracker, work_as: WorkAs, session: Session, reference: str
) -> None:
    assert waits(app, session, reference) == []
    miss(work_as, reference)

    assert waits(app, session, reference) == ["another_way adult 2026-11-30"]
    assert done_on(session, reference, "SE-01") is None


def test_after_the_second_both_hospices_call_offer_a_visit_and_tell_the_gp(
    app: Tracker, work_as: WorkAs, session: Session, reference: str
) -> None:
    miss(work_as, reference, 2)
    assert waits(app, session, reference) == ["together shared 2026-11-30"]
    with work_as(RUTH) as work:
        follow_up_contact(work, reference, 2, Following(joint_call_on=MONDAY))
    assert waits(app, session, reference) == ["together shared 2026-11-30"]
    with work_as(MINA) as work:
        rest = Following(home_visit_offered_on=MONDAY, gp_told_on=MONDAY)
        assert follow_up_contact(work, reference, 2, rest).joint_call_on == MONDAY

    assert waits(app, session, reference) == ["again adult 2026-11-30"]


def test_after_the_third_both_leads_review_the_plan(
    app: Tracker, work_as: WorkAs, session: Session, reference: str
) -> None:
    miss(work_as, reference, 3)
    assert waits(app, session, reference) == ["plan shared 2026-11-30"]
    plan = Following(plan="A taxi, and Mina at home first.")
    with pytest.raises(RuleBroken, match="The leads of both"), work_as(MINA) as work:
        follow_up_contact(work, reference, 3, plan)
    with work_as(PRIYA) as work:
        assert follow_up_contact(work, reference, 3, plan).planned_on == MONDAY

    assert waits(app, session, reference) == ["again adult 2026-11-30"]


def test_a_plan_is_not_reviewed_before_the_third_missed_contact(
    work_as: WorkAs, reference: str
) -> None:
    miss(work_as, reference, 2)
    with pytest.raises(RuleBroken, match="after a third"), work_as(PRIYA) as work:
        follow_up_contact(work, reference, 2, Following(plan="A taxi."))


def test_what_follows_is_said_of_missed_contacts_only(work_as: WorkAs, reference: str) -> None:
    miss(work_as, reference)
    with work_as(MINA) as work:
        record_contact(work, reference, contact(work, "attended"))
    for number, said, words in (
        (2, ALL_THREE, "took place"),
        (1, Following(), "Say what was done"),
        (1, Following(gp_told_on=date(2026, 11, 24)), "today or in the past"),
        (1, Following(gp_told_on=date(2026, 11, 22)), "on or after"),
    ):
        with pytest.raises(RuleBroken, match=words), work_as(MINA) as work:
            follow_up_contact(work, reference, number, said)
    with pytest.raises(NotFound), work_as(MINA) as work:
        follow_up_contact(work, reference, 3, ALL_THREE)


def test_a_contact_after_missed_ones_ends_what_followed(
    app: Tracker, work_as: WorkAs, session: Session, reference: str
) -> None:
    miss(work_as, reference, 2)
    with work_as(MINA) as work:
        record_contact(work, reference, contact(work, "attended", kind=ContactKind.VIDEO))

    assert waits(app, session, reference) == []


@pytest.mark.parametrize(
    ("days", "words"), [(1, "today or in the past"), (-8, "on or after the day of the transfer")]
)
def test_a_contact_is_on_a_day_since_the_transfer(
    work_as: WorkAs, reference: str, days: int, words: str
) -> None:
    on = MONDAY + timedelta(days=days)
    with pytest.raises(RuleBroken, match=words), work_as(MINA) as work:
        record_contact(work, reference, contact(work, happened_on=on))


def test_only_the_adult_hospice_records_contacts(work_as: WorkAs, reference: str) -> None:
    with pytest.raises(RuleBroken, match="The adult hospice records this"), work_as(RUTH) as work:
        record_contact(work, reference, contact(work))
    with pytest.raises(NotFound), work_as(PETER) as work:
        record_contact(work, reference, contact(work))


def test_before_the_transfer_there_is_nothing_to_record(work_as: WorkAs) -> None:
    reference, _ = accepted_case(work_as)
    with pytest.raises(RuleBroken, match="after the transfer"), work_as(HELEN) as work:
        record_contact(work, reference, contact(work))


def test_who_was_only_asked_records_nothing(work_as: WorkAs, reference: str) -> None:
    with work_as(HELEN) as work:
        handover = open_lead_handover(work.session, work.case(reference).case.uid)
        assert handover is not None
        handover.state = HandoverState.PROPOSED
    with pytest.raises(RuleBroken, match="Only those who share"), work_as(HELEN) as work:
        record_contact(work, reference, contact(work))


def test_a_case_that_ended_takes_no_more(work_as: WorkAs, reference: str) -> None:
    with work_as(HELEN) as work:
        case = work.case(reference).case
        case.ending, case.ended_at = Ending.OTHER_PROVIDER, work.now
    with pytest.raises(RuleBroken, match="has ended"), work_as(HELEN) as work:
        record_contact(work, reference, contact(work))


def test_a_hospice_that_supports_is_not_the_one_that_settles(
    work_as: WorkAs, reference: str
) -> None:
    with work_as(HELEN) as work:
        case = work.case(reference).case
        handover = open_lead_handover(work.session, case.uid)
        assert handover is not None
        handover.leads = False
    with pytest.raises(NotFound), work_as(HELEN) as work:
        record_contact(work, reference, contact(work))


def test_what_was_recorded_today_is_taken_back_with_what_it_completed(
    work_as: WorkAs, session: Session, reference: str
) -> None:
    with work_as(MINA) as work:
        record_contact(work, reference, contact(work, "attended"))
    with work_as(HELEN) as work:
        take_back_contact(work, reference, 1)
    assert done_on(session, reference, "SE-01") is None
    miss(work_as, reference)
    with work_as(MINA) as work:
        take_back_contact(work, reference, 2)
    with pytest.raises(NotFound), work_as(MINA) as work:
        take_back_contact(work, reference, 2)


def test_what_was_taken_back_leaves_the_clock_of_the_first_contact(
    app: Tracker, work_as: WorkAs, session: Session, reference: str
) -> None:
    miss(work_as, reference)
    with work_as(MINA) as work:
        take_back_contact(work, reference, 1)

    assert waits(app, session, reference) == []


def test_taking_back_is_for_its_own_hospice_and_its_own_day(
    app: Tracker, work_as: WorkAs, reference: str
) -> None:
    miss(work_as, reference)
    with pytest.raises(RuleBroken, match="other hospice"), work_as(RUTH) as work:
        take_back_contact(work, reference, 1)
    tomorrow = app.config["CLOCK"].now() + timedelta(days=1)
    with pytest.raises(RuleBroken, match="on the day"), work_as(MINA, tomorrow) as work:
        take_back_contact(work, reference, 1)


def test_a_first_contact_that_another_entry_tells_of_stays(
    work_as: WorkAs, session: Session, reference: str
) -> None:
    with work_as(MINA) as work:
        friday = work.today - timedelta(days=3)
        record_contact(work, reference, contact(work, "attended", happened_on=friday))
        record_contact(work, reference, contact(work, "attended"))
        take_back_contact(work, reference, 2)

    assert done_on(session, reference, "SE-01") == date(2026, 11, 20)


@pytest.mark.parametrize(
    "kind", [OutcomeKind.NOT_APPLICABLE, OutcomeKind.DECLINED_BY_PERSON, OutcomeKind.WAIVED]
)
def test_nobody_is_given_up_within_six_months(
    app: Tracker, work_as: WorkAs, reference: str, kind: OutcomeKind
) -> None:
    given_up = Recorded(kind=kind, reason="Did not engage.")
    last_day = app.config["CLOCK"].now().replace(year=2027, month=5, day=16)
    who = PRIYA if kind is OutcomeKind.WAIVED else MINA

    def give_up(work: Work) -> None:
        code = "SE-01"
        if kind is OutcomeKind.WAIVED:
            case = work.case(reference).case
            keep_outcome(work, case, rule_of(work, case, code), given_up)
        else:
            record_outcome(work, reference, code, given_up)

    with pytest.raises(RuleBroken, match="within six months"), work_as(who, last_day) as work:
        give_up(work)
    with work_as(who, last_day + timedelta(days=1)) as work:
        give_up(work)


def test_the_check_in_at_six_weeks_is_the_childrens_hospices(
    work_as: WorkAs, session: Session, reference: str
) -> None:
    with pytest.raises(RuleBroken, match="children's hospice holds this"), work_as(MINA) as work:
        record_check_in(work, reference, check_in(work))
    with work_as(RUTH) as work:
        record_check_in(work, reference, check_in(work))

    assert done_on(session, reference, "SE-03") == MONDAY


def test_a_check_in_between_completes_nothing(
    work_as: WorkAs, session: Session, reference: str
) -> None:
    with work_as(MINA) as work:
        record_check_in(work, reference, check_in(work, "three_months"))
        take_back_check_in(work, reference, 1)
        record_check_in(work, reference, check_in(work, "three_months"))

    assert not {"SE-03", "SE-04"} & outcomes_of(session, case_of(session, reference).uid).keys()


def test_the_review_is_either_sides_and_asks_what_they_think(
    work_as: WorkAs, session: Session, reference: str
) -> None:
    with pytest.raises(RuleBroken, match="answered when asked"), work_as(HELEN) as work:
        record_check_in(work, reference, check_in(work, "six_months", feedback=None))
    with pytest.raises(RuleBroken, match="confirms it"), work_as(HELEN) as work:
        record_check_in(work, reference, check_in(work, "six_months", confirmed=None))
    with work_as(HELEN) as work:
        record_check_in(work, reference, check_in(work, "six_months"))

    assert done_on(session, reference, "SE-04") == MONDAY


def test_each_check_in_is_held_once(work_as: WorkAs, reference: str) -> None:
    with work_as(RUTH) as work:
        record_check_in(work, reference, check_in(work))
    with pytest.raises(RuleBroken, match="already"), work_as(RUTH) as work:
        record_check_in(work, reference, check_in(work))


def test_a_check_in_is_taken_back_with_what_it_completed(
    work_as: WorkAs, session: Session, reference: str
) -> None:
    with work_as(RUTH) as work:
        record_check_in(work, reference, check_in(work))
    with work_as(RUTH) as work:
        take_back_check_in(work, reference, 1)

    assert done_on(session, reference, "SE-03") is None


def test_not_working_asks_both_leads_to_talk(
    app: Tracker, work_as: WorkAs, session: Session, reference: str
) -> None:
    with work_as(RUTH) as work:
        worse = check_in(work, outcome=CheckInOutcome.NOT_WORKING)
        record_check_in(work, reference, worse)
    assert waits(app, session, reference) == ["talk shared 2026-11-30"]
    with pytest.raises(RuleBroken, match="The leads of both"), work_as(RUTH) as work:
        record_talk(work, reference, 1, Talk(MONDAY, "We go on."))
    with work_as(HELEN) as work:
        record_talk(work, reference, 1, Talk(MONDAY, "We go on."))
    assert waits(app, session, reference) == []
    with pytest.raises(RuleBroken, match="recorded already"), work_as(PRIYA) as work:
        record_talk(work, reference, 1, Talk(MONDAY, "We go on."))


def test_where_all_is_well_there_is_nothing_to_talk_about(work_as: WorkAs, reference: str) -> None:
    with work_as(RUTH) as work:
        record_check_in(work, reference, check_in(work))
    with pytest.raises(RuleBroken, match="nothing to record"), work_as(PRIYA) as work:
        record_talk(work, reference, 1, Talk(MONDAY, "We go on."))
