"""What the invented cases are there to show of handovers and what follows, each by its id."""

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import ClientAs, WorkAs, proposal, uid_of
from tests.databases import FIXED, catalogue
from tests.integration.demonstration.test_expected_of_pathways import case_of, dues_in
from tests.people import ANNA, HELEN, RUTH, TOM
from tests.sentences import AVOIDED
from transition.actions.agreements import complete
from transition.actions.handovers import propose_handover
from transition.actions.milestones import Recorded, record_outcome
from transition.app import Tracker
from transition.records.audit import AuditEntry
from transition.records.clock_facts import facts_of
from transition.records.handovers import handovers_of
from transition.records.ledger import ledger_of
from transition.records.milestones import outcomes_of
from transition.records.settling import FirstContact, entries_of
from transition.records.unmet_needs import unmet_needs_of
from transition.rules.calendar import ONE_DAY, is_working_day
from transition.rules.declines import DeclineReason
from transition.rules.errors import RuleBroken
from transition.rules.handover_clocks import STOPPED_AT_MOST, Clock, limit_of, local, turn_of
from transition.rules.handovers import Answer, Function
from transition.rules.ledger import breaches, leads_on, switched
from transition.rules.milestones import Confirmed, OutcomeKind
from transition.rules.people import Side
from transition.rules.settling import ContactResult

pytestmark = pytest.mark.usefixtures("demonstration")


def words_of(page: str) -> str:
    """Return what a page says, without its markup."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def working_days(after: date, until: date, holidays: frozenset[date]) -> list[date]:
    """Return the working days after a day, up to and including another."""
    days = (after + ONE_DAY * number for number in range(1, (until - after).days + 1))
    return [day for day in days if is_working_day(day, holidays)]


def test_01_a_he_has_met_them_and_says_so_himself(app: Tracker, session: Session) -> None:
    met = outcomes_of(session, case_of(session, "Ravi").uid)["MV-01"]
    assert (met.kind, met.confirmed) == (OutcomeKind.DONE, Confirmed.YES)
    standing = {one.rule.code: one for one in dues_in(app, session, "Ravi").standings}
    assert standing["MV-01"].outcome is not None


def test_05_a_the_clock_of_the_decision_is_stopped_and_that_of_the_answer_runs(
    session: Session,
) -> None:
    (handover,) = handovers_of(session, case_of(session, "Cal").uid)
    facts, holidays = facts_of(session, handover), catalogue().holidays
    (asked,) = facts.questions
    turn = turn_of(facts)
    assert turn is not None
    assert turn.side is Side.CHILDRENS
    assert (facts.ended_at(Clock.DECIDE), facts.ended_at(Clock.ANSWER, asked.number)) == (
        None,
        None,
    )
    answer = limit_of(Clock.ANSWER, facts, holidays, about=asked.number)
    assert answer is not None
    assert answer.on == FIXED.date() + timedelta(days=1)
    # Each day on which the question stays open moves the decision by a day, and no more than that.
    stopped, unasked = (
        limit_of(Clock.DECIDE, one, holidays) for one in (facts, replace(facts, questions=()))
    )
    assert stopped is not None
    assert unasked is not None
    assert len(working_days(unasked.on, stopped.on, holidays)) == STOPPED_AT_MOST


def test_07_a_an_unmet_need_stands_open_for_each_function_that_was_declined(
    session: Session,
) -> None:
    needs = unmet_needs_of(session, case_of(session, "Jonah").uid)
    assert {one.function for one in needs} == {
        Function.ADVICE_24_7,
        Function.SYMPTOM_MANAGEMENT,
        Function.END_OF_LIFE_CARE,
    }
    assert {(one.area, one.reason_code, one.closed_on) for one in needs} == {
        ("oakhaven", "D03", None)
    }


def test_07_b_a_function_can_be_asked_for_by_itself(
    client_as: ClientAs, work_as: WorkAs, session: Session
) -> None:
    case = case_of(session, "Jonah")
    page = client_as(RUTH).get(f"/cases/{case.reference}/handover/propose").text
    for function in Function:
        assert re.search(rf'type="checkbox"[^>]* value="{function}"', page), function
    again = proposal(receiver="oakhaven", functions=(Function.ADVICE_24_7,))
    with work_as(RUTH) as work:
        propose_handover(work, case.reference, again)
    session.rollback()
    second = handovers_of(session, case.uid)[-1]
    assert (second.key, [row.function for row in second.answers]) == (
        "oakhaven-2",
        [Function.ADVICE_24_7],
    )


def test_07_c_the_history_lists_the_decline_with_its_code_and_what_was_offered_instead(
    client_as: ClientAs, session: Session
) -> None:
    reference = case_of(session, "Jonah").reference
    page = words_of(client_as(RUTH).get(f"/cases/{reference}/history").text)
    assert "The handover was declined" in page
    assert f"D03: {DeclineReason.D03.label}" in page
    assert "24-hour advice may be possible." in page
    assert not AVOIDED.search(page)


def test_08_a_two_services_lead_different_functions_from_the_same_day_without_a_gap(
    client_as: ClientAs, session: Session
) -> None:
    case = case_of(session, "Sas")
    (handover,) = handovers_of(session, case.uid)
    on = case.target_transfer_on
    assert on is not None
    spans = [row.span for row in ledger_of(session, case.uid)]
    after = switched(spans, handover.taken, handover.receiver, on)
    assert breaches(after, Function, on) == ()
    leading = leads_on(after, on)
    theirs = {function for function, who in leading.items() if who == "mountbatten_iow"}
    assert theirs == {
        Function.ADVICE_24_7,
        Function.SYMPTOM_MANAGEMENT,
        Function.END_OF_LIFE_CARE,
    }
    assert {leading[one] for one in set(Function) - theirs} == {"jacksplace"}
    assert leads_on(after, on - timedelta(days=1)) == dict.fromkeys(Function, "jacksplace")
    page = words_of(client_as(RUTH).get(f"/cases/{case.reference}/confirm-transfer").text)
    assert f"Short breaks Today Jacksplace From {on.day} {on:%B %Y} Jacksplace" in page


def test_08_b_short_breaks_on_the_island_are_an_unmet_need(session: Session) -> None:
    (need,) = unmet_needs_of(session, case_of(session, "Sas").uid)
    assert (need.function, need.area) == (Function.SHORT_BREAKS, "mountbatten_iow")
    assert (need.reason_code, need.closed_on) == ("D06", None)
    (handover,) = handovers_of(session, case_of(session, "Sas").uid)
    assert {row.function for row in handover.answers if row.answer is Answer.DECLINE} == {
        Function.SHORT_BREAKS
    }


def test_16_a_rowans_sees_nothing_of_him_since_the_withdrawal_and_the_trail_tells_what_it_saw(
    client_as: ClientAs, session: Session
) -> None:
    case = case_of(session, "Hamish")
    helen, there = client_as(HELEN), f"/cases/{case.reference}"
    assert helen.get(f"{there}/handovers/rowans-1/pack").status_code == 404
    assert helen.get(f"{there}/record").status_code == 404
    stub = helen.get(f"{there}/handovers/rowans-1")
    assert stub.status_code == 200
    assert "Withdrawn" in stub.text
    for word in ("Hamish", "Demo-", "muscular", "mountbatten", "Mountbatten"):
        assert word not in stub.text.replace("Mountbatten Hampshire", ""), word
    session.rollback()
    by_helen = select(AuditEntry.action, AuditEntry.object).where(
        AuditEntry.case_ref == case.reference, AuditEntry.actor == uid_of(session, HELEN).hex()
    )
    told = {tuple(row) for row in session.execute(by_helen)}
    assert {("handover:received", "rowans-1"), ("pack:read", "rowans-1 version 1 front")} <= told


def test_16_b_the_clocks_of_the_second_handover_begin_with_it(session: Session) -> None:
    first, second = handovers_of(session, case_of(session, "Hamish").uid)
    holidays = catalogue().holidays
    assert (first.state.value, second.state.value) == ("withdrawn", "proposed")
    facts = facts_of(session, second)
    assert facts_of(session, first).ended_at(Clock.DECIDE) is not None
    for clock, days in ((Clock.ACKNOWLEDGE, 2), (Clock.DECIDE, 10)):
        limit = limit_of(clock, facts, holidays)
        assert limit is not None
        proposed = local(facts.proposed_at).date()
        assert len(working_days(proposed, limit.on, holidays)) == days


def test_19_a_a_contact_was_missed_and_the_next_took_place(session: Session) -> None:
    case = case_of(session, "Marnie")
    (handover,) = handovers_of(session, case.uid)
    missed, came = entries_of(session, FirstContact, [handover.uid])
    assert (missed.result, came.result) == (ContactResult.NOT_BROUGHT, ContactResult.ATTENDED)
    assert missed.happened_on < came.happened_on
    assert missed.kind is not came.kind


@pytest.mark.parametrize("kind", [one for one in OutcomeKind if one is not OutcomeKind.DONE])
def test_19_c_nobody_closes_her_as_not_engaging(
    work_as: WorkAs, session: Session, kind: OutcomeKind
) -> None:
    """Whatever is said of her first contact instead, and though completing is asked for."""
    reference = case_of(session, "Marnie").reference
    with (
        work_as("worker@stmichaels.example") as work,
        pytest.raises(RuleBroken, match=r"Nobody is closed as not engaging|Only a children's lead"),
    ):
        record_outcome(work, reference, "SE-01", Recorded(kind=kind, reason="Did not come."))
    for who in (ANNA, TOM):
        with work_as(who) as work, pytest.raises(RuleBroken, match="six months after the transfer"):
            complete(work, reference)


def test_19_d_the_first_contact_is_done_after_its_day_and_nothing_on_the_page_blames_her(
    app: Tracker, client_as: ClientAs, session: Session
) -> None:
    case = case_of(session, "Marnie")
    (first,) = [
        one for one in dues_in(app, session, "Marnie").standings if one.rule.code == "SE-01"
    ]
    assert first.outcome is not None
    assert first.outcome.kind is OutcomeKind.DONE
    assert first.outcome.done_on is not None
    assert first.due_on is not None
    assert first.outcome.done_on > first.due_on
    for page in ("", "/settling", "/milestones"):
        assert not AVOIDED.search(
            words_of(client_as(ANNA).get(f"/cases/{case.reference}{page}").text)
        )


@pytest.mark.parametrize("code", ["SE-03", "SE-04"])
def test_what_a_check_in_completes_is_recorded_as_a_check_in(
    client_as: ClientAs, work_as: WorkAs, session: Session, code: str
) -> None:
    reference = case_of(session, "Marnie").reference
    anna, page = client_as(ANNA), f"/cases/{reference}/milestones/{code}/done"
    assert page in anna.get(f"/cases/{reference}/milestones").text
    assert anna.get(page).location == f"/cases/{reference}/settling"
    assert anna.get("/today").text.count(f'action="{page}"') == 0
    said = Recorded(kind=OutcomeKind.DONE, done_on=FIXED.date(), confirmed=Confirmed.YES)
    with work_as(ANNA) as work, pytest.raises(RuleBroken, match="Record the contact or the check"):
        record_outcome(work, reference, code, said)
