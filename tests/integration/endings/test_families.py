"""Brothers and sisters: linked both ways, and left in peace when one of them has died."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import ClientAs, WorkAs, on_both, opened_case, post, proposed_handover
from tests.people import ANNA, HELEN, PRIYA, RUTH
from transition.actions.deaths import record_death, undo_death
from transition.actions.holds import end_hold, hold_until
from transition.actions.linked_cases import link_cases, unlink_cases
from transition.actions.pauses import pause_case, resume_case
from transition.actions.work import NotFound
from transition.records.audit import trail_of
from transition.records.cases import Case
from transition.records.clock_facts import facts_of
from transition.records.dues import CaseDues, dues_of_case, items_of
from transition.records.handovers import handovers_of
from transition.records.histories import Pause
from transition.records.linked_cases import linked_cases_of
from transition.rules.calendar import add_working_days
from transition.rules.digests import DueKind
from transition.rules.errors import RuleBroken
from transition.rules.pauses import PauseReason

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
TODAY = date(2026, 11, 23)
REVIEW = date(2027, 1, 18)


@pytest.fixture
def esme(work_as: WorkAs) -> str:
    """A case of Ruth's that Rowans has been asked about."""
    with work_as(RUTH) as work:
        return proposed_handover(work)[0].reference


@pytest.fixture
def arlo(work_as: WorkAs, esme: str) -> str:
    """Her brother's."""
    with work_as(RUTH) as work:
        reference = opened_case(work, given_name="Arlo", known_as="Arlo").reference
        link_cases(work, esme, reference)
    return reference


def case_of(session: Session, reference: str) -> Case:
    session.rollback()
    return session.scalars(select(Case).where(Case.reference == reference)).one()


def linked(session: Session, reference: str) -> list[str]:
    return [one.reference for one in linked_cases_of(session, case_of(session, reference).uid)]


def dues(work_as: WorkAs, reference: str, at: datetime = NOW) -> CaseDues:
    with work_as(RUTH, at) as work:
        found = dues_of_case(work.session, work.case(reference).case.uid, work.asking, waits=True)
    assert found is not None
    return found


def die(work_as: WorkAs, reference: str, who: str = RUTH) -> None:
    with work_as(who) as work:
        record_death(work, reference, died_on=None)


# --- links ------------------------------------------------------------------------------------


@on_both
def test_a_link_stands_both_ways_and_goes_both_ways(
    work_as: WorkAs, esme: str, arlo: str, session: Session
) -> None:
    assert (linked(session, esme), linked(session, arlo)) == ([arlo], [esme])
    with pytest.raises(RuleBroken, match="linked already"), work_as(ANNA) as work:
        link_cases(work, arlo, esme)
    with work_as(ANNA) as work:
        unlink_cases(work, arlo, esme)
    assert (linked(session, esme), linked(session, arlo)) == ([], [])
    with pytest.raises(RuleBroken, match="not linked"), work_as(ANNA) as work:
        unlink_cases(work, arlo, esme)
    assert [one.action for one in trail_of(session, arlo)][-2:] == ["case:linked", "case:unlinked"]


def test_nobody_is_their_own_sister_or_another_hospices(
    work_as: WorkAs, esme: str, arlo: str
) -> None:
    with pytest.raises(RuleBroken, match="the same one"), work_as(RUTH) as work:
        link_cases(work, esme, esme)
    with pytest.raises(RuleBroken, match="Only the children's"), work_as(HELEN) as work:
        link_cases(work, esme, arlo)
    with pytest.raises(NotFound), work_as(RUTH) as work:
        link_cases(work, esme, "NHJ-0000-0")


# --- prompts that are held --------------------------------------------------------------------


@on_both
@pytest.mark.parametrize("who", [RUTH, HELEN])
def test_prompts_about_a_brother_are_held_and_undoing_it_leaves_no_trace(
    work_as: WorkAs, esme: str, arlo: str, session: Session, who: str
) -> None:
    before = case_of(session, arlo).next_due
    assert before is not None
    die(work_as, esme, who)
    case = case_of(session, arlo)
    (hold,) = session.scalars(select(Pause))
    assert (hold.case_uid, hold.until_on) == (case.uid, None)
    assert (hold.from_on, hold.review_on) == (TODAY, REVIEW)
    assert (case.paused, case.next_due) == (False, None)
    found = dues(work_as, arlo)
    assert (found.bereaved, found.held) == (True, True)
    assert items_of([found], TODAY) == []
    with work_as(who) as work:
        undo_death(work, esme)
    assert case_of(session, arlo).next_due == before
    assert session.scalars(select(Pause)).all() == []
    assert (dues(work_as, arlo).bereaved, dues(work_as, arlo).held) == (False, False)


def test_what_fell_due_meanwhile_is_due_twenty_working_days_after_it_ends(
    work_as: WorkAs, esme: str, arlo: str
) -> None:
    usual = {one.rule.code: one.due_on for one in dues(work_as, arlo).open_standings}
    die(work_as, esme)
    ends = datetime(2027, 3, 1, 9, tzinfo=UTC)
    with work_as(RUTH, ends) as work:
        end_hold(work, arlo)
        fresh = add_working_days(ends.date(), 20, work.catalogue.holidays)
    after = dues(work_as, arlo, ends)
    moved = {
        one.rule.code: one.due_on
        for one in after.open_standings
        if one.due_on != usual[one.rule.code]
    }
    assert moved
    assert set(moved.values()) == {fresh}
    assert all(TODAY <= (usual[code] or TODAY) <= ends.date() for code in moved)
    assert (after.bereaved, after.held) == (True, False)
    with pytest.raises(RuleBroken, match="No prompts are held"), work_as(RUTH, ends) as work:
        end_hold(work, arlo)


def test_it_ends_only_when_somebody_says_so(work_as: WorkAs, esme: str, arlo: str) -> None:
    die(work_as, esme)
    long_after = NOW + timedelta(days=200)
    found = dues(work_as, arlo, long_after)
    assert found.held
    assert items_of([found], long_after.date()) == []


def test_a_handover_of_theirs_goes_on_and_its_clocks_run(
    work_as: WorkAs, esme: str, arlo: str, session: Session
) -> None:
    die(work_as, arlo)
    found = dues(work_as, esme)
    assert found.held
    assert [one.kind for one in items_of([found], TODAY)] == [DueKind.HANDOVER]
    (handover,) = handovers_of(session, case_of(session, esme).uid)
    assert facts_of(session, handover).pauses == ()


def test_it_can_be_held_longer_within_reason(
    work_as: WorkAs, esme: str, arlo: str, session: Session
) -> None:
    die(work_as, esme)
    with work_as(RUTH) as work:
        hold_until(work, arlo, date(2027, 5, 23))
    assert session.scalars(select(Pause.review_on)).one() == date(2027, 5, 23)
    for day, says in ((TODAY, "after today"), (date(2027, 5, 24), "within 6 months")):
        with pytest.raises(RuleBroken, match=says), work_as(RUTH) as work:
            hold_until(work, arlo, day)
    with pytest.raises(RuleBroken, match="No prompts are held"), work_as(RUTH) as work:
        hold_until(work, esme, REVIEW)


@on_both
def test_a_pause_takes_its_place_and_a_case_that_is_paused_is_marked_only(
    work_as: WorkAs, esme: str, arlo: str, session: Session
) -> None:
    with work_as(RUTH) as work:
        third = opened_case(work).reference
        pause_case(work, third, PauseReason.OTHER, review_on=REVIEW)
        link_cases(work, esme, third)
    die(work_as, esme)
    assert case_of(session, third).paused
    found = dues(work_as, third)
    assert (found.bereaved, found.held) == (True, False)
    with work_as(RUTH) as work:
        resume_case(work, third)
    with work_as(RUTH) as work:
        pause_case(work, arlo, PauseReason.OTHER, review_on=REVIEW)
    found = dues(work_as, arlo)
    assert (found.bereaved, found.held, found.paused) == (True, False, True)


def test_who_has_ended_is_left_alone_and_a_brothers_death_brings_his_hold_back(
    work_as: WorkAs, esme: str, arlo: str, session: Session
) -> None:
    die(work_as, esme)
    die(work_as, arlo)
    assert [one.until_on for one in session.scalars(select(Pause))] == [TODAY]
    with work_as(PRIYA) as work:
        undo_death(work, arlo)
    assert dues(work_as, arlo).held
    assert not case_of(session, arlo).paused
    die(work_as, arlo)
    with work_as(PRIYA) as work:
        undo_death(work, esme)
    with work_as(PRIYA) as work:
        undo_death(work, arlo)
    assert not dues(work_as, arlo).held


def test_a_link_that_is_made_afterwards_holds_and_one_that_was_wrong_does_not(
    work_as: WorkAs, esme: str, session: Session
) -> None:
    die(work_as, esme)
    with work_as(RUTH) as work:
        other = opened_case(work).reference
        link_cases(work, esme, other)
    assert dues(work_as, other).held
    with work_as(RUTH) as work:
        unlink_cases(work, esme, other)
    assert session.scalars(select(Pause)).all() == []
    assert case_of(session, other).next_due is not None


def test_one_of_two_links_that_goes_leaves_the_mark(work_as: WorkAs, esme: str, arlo: str) -> None:
    with work_as(RUTH) as work:
        third = opened_case(work).reference
        link_cases(work, arlo, third)
    die(work_as, esme)
    with work_as(RUTH) as work:
        unlink_cases(work, arlo, third)
    assert dues(work_as, arlo).bereaved


# --- on the screen ----------------------------------------------------------------------------


def test_the_nurse_sees_it_changes_the_day_and_ends_it(
    work_as: WorkAs, client_as: ClientAs, esme: str, arlo: str
) -> None:
    ruth = client_as(RUTH)
    assert ruth.get(f"/cases/{arlo}/hold").status_code == 404
    die(work_as, esme)
    page = ruth.get(f"/cases/{arlo}").text
    assert "Family bereaved. Prompts are held until 18 January 2027." in page
    path = f"/cases/{arlo}/hold"
    assert "The family of Arlo is bereaved." in ruth.get(path).text
    day = {"review_on-day": "1", "review_on-month": "2", "review_on-year": "2026"}
    assert "must be after today" in post(ruth, path, **day).text
    answer = post(ruth, path, **day | {"review_on-year": "2027"})
    assert "Prompts are held until 1 February 2027." in ruth.get(answer.location).text
    stale = post(ruth, path, **day | {"review_on-year": "2027"}, version="2027-01-18")
    assert stale.status_code == 409
    answer = post(ruth, path, f"{path}/end")
    page = ruth.get(answer.location).text
    assert "Prompts go on." in page
    assert "Family bereaved." in page
    assert "Prompts are held" not in page
    answer = post(ruth, f"/cases/{arlo}", f"{path}/end")
    assert "No prompts are held" in ruth.get(answer.location).text


def test_a_form_that_comes_after_it_was_undone_is_refused(
    work_as: WorkAs, client_as: ClientAs, esme: str, arlo: str
) -> None:
    die(work_as, esme)
    ruth, path = client_as(RUTH), f"/cases/{arlo}/hold"
    ruth.get(path)
    with work_as(RUTH) as work:
        undo_death(work, esme)
    assert post(ruth, f"/cases/{arlo}", path, version="2027-01-18").status_code == 404


def test_the_hospice_that_shares_a_brothers_case_reads_nothing_of_it(
    work_as: WorkAs, client_as: ClientAs, esme: str, arlo: str
) -> None:
    die(work_as, arlo)
    page = client_as(HELEN).get(f"/cases/{esme}/handovers/rowans-1").text
    assert "bereaved" not in page


def test_undoing_a_death_goes_well_though_the_link_was_taken_away_meanwhile(
    work_as: WorkAs, esme: str, arlo: str, session: Session
) -> None:
    die(work_as, esme)
    assert session.scalars(select(Pause)).all() != []
    with work_as(RUTH) as work:
        unlink_cases(work, arlo, esme)
    with work_as(RUTH) as work:
        undo_death(work, esme)
    session.rollback()
    assert session.scalars(select(Pause)).all() == []
    assert case_of(session, esme).ending is None
