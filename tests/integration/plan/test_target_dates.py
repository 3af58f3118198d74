"""The target transfer date: what moves with it is shown before, and is what saving then does."""

import re
from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import (
    TARGET,
    ClientAs,
    WorkAs,
    accepted_case,
    letters_of,
    on_both,
    opened_case,
    planned_case,
    post,
    proposal,
    proposed_handover,
    record_done,
    reply,
    whole_record,
)
from tests.people import ANNA, HELEN, PRIYA, RUTH
from transition.actions.cases import move_on
from transition.actions.expediting import expedite_case
from transition.actions.handovers import found_handover, propose_handover
from transition.actions.replies import reply_to_handover
from transition.actions.targets import SAME, move_target, undo_target
from transition.app import Tracker
from transition.records.audit import Change, trail_of
from transition.records.cases import Case
from transition.records.dues import CaseDues, dues_of_case
from transition.records.histories import target_changes_of
from transition.rules.due_days import Due
from transition.rules.errors import RuleBroken
from transition.rules.expediting import ExpediteReason
from transition.rules.milestones import settles
from transition.rules.pathway import Stage
from transition.rules.targets import Target, TargetReason

LATER = Target(on=date(2027, 9, 1))
SOON = Target(on=date(2026, 12, 7))
DAYS = {
    "target_transfer_on-day": "1",
    "target_transfer_on-month": "9",
    "target_transfer_on-year": "2027",
}
WHY = TargetReason.YOUNG_PERSON_CHOICE


@pytest.fixture
def reference(work_as: WorkAs) -> str:
    """A case of Ruth's in planning, aimed at 1 June 2027."""
    with work_as(RUTH) as work:
        return planned_case(work).reference


def the_case(session: Session) -> Case:
    session.rollback()
    return session.scalars(select(Case)).one()


def dues_in(work_as: WorkAs, reference: str) -> tuple[CaseDues, dict[str, Due]]:
    with work_as(RUTH) as work:
        dues = dues_of_case(work.session, work.case(reference).case.uid, work.asking)
        assert dues is not None
        return dues, {line.rule.code: line.due for line in dues.lines(work.asking)}


@on_both
@pytest.mark.parametrize("target", [LATER, SOON, Target(on=date(2027, 6, 1), window_to=TARGET)])
def test_the_preview_equals_what_saving_then_does(
    app: Tracker, work_as: WorkAs, reference: str, target: Target
) -> None:
    app.config["CLOCK"].instant += timedelta(days=1)
    before, dues = dues_in(work_as, reference)
    with work_as(RUTH) as work:
        moves = before.retargeted(target.on, work.asking)
    foretold = {move.rule.code: move.now for move in moves.moving} | {
        line.rule.code: line.due for line in moves.staying
    }
    with work_as(RUTH) as work:
        window_to = target.on + timedelta(days=30) if target.window_to else None
        move_target(work, reference, Target(on=target.on, window_to=window_to), WHY)
    after, saved = dues_in(work_as, reference)
    open_ones = {one.rule.code for one in after.standings if not settles(one.rule, one.outcome)}
    assert foretold == {code: due for code, due in saved.items() if code in open_ones}
    settled = saved.keys() - open_ones
    assert {code: saved[code] for code in settled} == {code: dues[code] for code in settled}


@on_both
def test_a_moved_date_keeps_what_it_was_why_and_who_and_tells_whom_it_concerns(
    work_as: WorkAs, session: Session
) -> None:
    reference, _ = accepted_case(work_as)
    with work_as(ANNA) as work:
        move_target(work, reference, LATER, WHY, note="After the exams.")
    case = the_case(session)
    assert (case.target_transfer_on, case.target_set_on) == (LATER.on, date(2026, 11, 23))
    change = target_changes_of(session, case.uid)[-1]
    assert (change.was_on, change.now_on, change.note) == (TARGET, LATER.on, "After the exams.")
    assert change.reason_code == "young_person_choice"
    entry = next(one for one in trail_of(session, reference) if one.action == "target:set")
    kept = [
        session.get_one(Change, bytes.fromhex(one.change_uid or "")).body
        for one in trail_of(session, reference)
        if one.action == "target:set"
    ]
    assert kept[-1] == {"target_transfer_on": [str(TARGET), str(LATER.on)]}
    assert entry.fields == "target_transfer_on"
    told = letters_of(session, "case_changed")
    assert RUTH in told
    assert HELEN in told
    assert ANNA not in told


@on_both
def test_undoing_returns_every_due_date_to_what_it_was(
    app: Tracker, work_as: WorkAs, reference: str
) -> None:
    app.config["CLOCK"].instant += timedelta(days=1)
    with work_as(RUTH) as work:
        record_done(work, work.case(reference).case, {"MV-03"})
    _, before = dues_in(work_as, reference)
    with work_as(RUTH) as work:
        move_target(work, reference, SOON, WHY)
    assert dues_in(work_as, reference)[1] != before
    with work_as(RUTH) as work:
        undo_target(work, reference)
    assert dues_in(work_as, reference)[1] == before


@on_both
def test_a_first_date_undone_leaves_none(work_as: WorkAs, session: Session) -> None:
    with work_as(RUTH) as work:
        reference = opened_case(work).reference
        move_target(work, reference, LATER, TargetReason.AGREED)
    with work_as(RUTH) as work:
        undo_target(work, reference)
    case = the_case(session)
    assert (case.target_transfer_on, case.target_set_on, case.window_to) == (None, None, None)
    assert [one.now_on for one in target_changes_of(session, case.uid)] == [LATER.on, None]


@on_both
def test_a_date_that_a_handover_waits_for_is_not_undone_to_none(work_as: WorkAs) -> None:
    with work_as(RUTH) as work:
        case = opened_case(work)
        record_done(work, case, {"ID-02", "ID-03", "ID-05", "PR-02", "PR-03", "PR-10"})
        expedite_case(work, case.reference, ExpediteReason.HEALTH_CHANGING)
        for _ in range(2):
            move_on(work, case.reference)
        record_done(work, case, {"PR-08", "PL-03", "HO-01"})
        whole_record(work, case)
        assert case.target_transfer_on is None
        propose_handover(work, reference := case.reference, proposal())
    with pytest.raises(RuleBroken, match="A handover needs this date"), work_as(RUTH) as work:
        undo_target(work, reference)


def test_only_who_moved_it_undoes_it_once_and_for_ten_minutes(
    work_as: WorkAs, reference: str, app: Tracker
) -> None:
    with work_as(RUTH) as work:
        move_target(work, reference, LATER, WHY)
    with work_as(ANNA) as work, pytest.raises(RuleBroken, match="whoever moved the date"):
        undo_target(work, reference)
    at = app.config["CLOCK"].now() + timedelta(minutes=11)
    with work_as(RUTH, at=at) as work, pytest.raises(RuleBroken, match="10 minutes"):
        undo_target(work, reference)
    with work_as(RUTH) as work:
        undo_target(work, reference)
    with work_as(RUTH) as work, pytest.raises(RuleBroken, match="10 minutes"):
        undo_target(work, reference)


def test_a_date_that_was_never_set_is_not_undone(work_as: WorkAs) -> None:
    with work_as(RUTH) as work:
        reference = opened_case(work).reference
    with work_as(RUTH) as work, pytest.raises(RuleBroken, match="whoever moved the date"):
        undo_target(work, reference)


def test_the_same_date_again_and_one_that_is_signed_change_nothing(
    work_as: WorkAs, reference: str
) -> None:
    with work_as(RUTH) as work, pytest.raises(RuleBroken, match=SAME):
        move_target(work, reference, Target(on=TARGET), WHY)
    with work_as(RUTH) as work:
        work.case(reference).case.transferred_on = date(2026, 11, 20)
    with work_as(RUTH) as work, pytest.raises(RuleBroken, match="has been signed"):
        move_target(work, reference, LATER, WHY)


def test_the_other_hospice_moves_it_once_it_has_accepted(work_as: WorkAs) -> None:
    with work_as(RUTH) as work:
        case, handover = proposed_handover(work)
        reference, key = case.reference, handover.key
    with work_as(HELEN) as work, pytest.raises(RuleBroken, match="Only those who share"):
        move_target(work, reference, LATER, WHY)
    with work_as(HELEN) as work:
        _, handover = found_handover(work, reference, key)
        reply_to_handover(work, reference, key, reply(handover))
    with work_as(HELEN) as work:
        assert move_target(work, reference, LATER, WHY).target_transfer_on == LATER.on
    with work_as(HELEN) as work:
        work.case(reference).case.stage = Stage.COMPLETED
    with work_as(HELEN) as work, pytest.raises(RuleBroken, match="Only the children's hospice"):
        move_target(work, reference, LATER, WHY)


def preview(client: FlaskClient, reference: str, **words: str) -> str:
    page = post(client, f"/cases/{reference}/plan/target-date", **DAYS | words)
    assert page.status_code == 200, page.text
    return str(page.text)


def save(client: FlaskClient, reference: str, page: str, **words: str) -> str:
    seen = re.findall(r'name="(version|seen_moves)" value="([^"]*)"', page)
    told = dict(seen) | DAYS | {"reason_code": WHY.value} | words
    answer = post(client, f"/cases/{reference}/plan/target-date", **told)
    return str(client.get(answer.location).text if answer.location else answer.text)


def test_nothing_is_saved_before_the_preview_was_seen_and_a_reason_given(
    client_as: ClientAs, reference: str, session: Session
) -> None:
    ruth = client_as(RUTH)
    overview = ruth.get(f"/cases/{reference}").text
    assert f'href="/cases/{reference}/plan/target-date"' in overview
    page = preview(ruth, reference, note="After the exams.")
    assert "Moving from 1 June 2027 to 1 September 2027 changes" in page
    assert the_case(session).target_transfer_on == TARGET
    unseen = post(ruth, f"/cases/{reference}/plan/target-date", **DAYS, reason_code=WHY.value)
    assert "Check what moves" in unseen.text
    assert the_case(session).target_transfer_on == TARGET
    shown = save(ruth, reference, page, note="After the exams.")
    assert f"Saved. {reference} now aims at 1 September 2027." in shown
    case = the_case(session)
    assert case.target_transfer_on == LATER.on
    assert target_changes_of(session, case.uid)[-1].note == "After the exams."
    answer = post(ruth, f"/cases/{reference}", f"/cases/{reference}/plan/target-date/undo")
    assert "Undone." in ruth.get(answer.location).text
    assert the_case(session).target_transfer_on == TARGET
    answer = post(ruth, f"/cases/{reference}", f"/cases/{reference}/plan/target-date/undo")
    assert "This can be undone by whoever" in ruth.get(answer.location).text


def test_the_preview_names_what_moves_what_stays_and_when_the_floor_decided(
    client_as: ClientAs, reference: str
) -> None:
    days = {"target_transfer_on-day": "15", "target_transfer_on-month": "1"}
    page = preview(client_as(RUTH), reference, **days)
    assert "20 working days after the target date was set" in page
    assert "Equipment, consumables" not in page, "it does not concern her"
    assert re.search(r"\d+ that stay", page)
    assert "is not a working day" not in page
    days = {"target_transfer_on-day": "16"}
    assert "Saturday 16 January 2027 is not a working day." in preview(
        client_as(RUTH), reference, **days, **{"target_transfer_on-month": "1"}
    )


def test_a_milestone_that_changed_meanwhile_builds_the_preview_anew(
    client_as: ClientAs, reference: str, work_as: WorkAs, session: Session
) -> None:
    ruth = client_as(RUTH)
    page = preview(ruth, reference)
    with work_as(ANNA) as work:
        record_done(work, work.case(reference).case, {"PL-08"})
    again = save(ruth, reference, page)
    assert "A milestone has changed meanwhile." in again
    assert the_case(session).target_transfer_on == TARGET


def test_an_older_page_does_not_overwrite_a_newer_date(
    client_as: ClientAs, reference: str, work_as: WorkAs, session: Session
) -> None:
    ruth = client_as(RUTH)
    page = preview(ruth, reference)
    version = re.findall(r'name="version" value="([^"]*)"', page)[0]
    with work_as(ANNA) as work:
        move_target(work, reference, Target(on=date(2027, 8, 1)), WHY)
    page = preview(ruth, reference)
    answer = save(ruth, reference, page, version=version)
    assert "Anna" in answer
    assert "1 August 2027" in answer
    assert the_case(session).target_transfer_on == date(2027, 8, 1)


def test_an_older_page_is_told_so_before_it_previews_what_it_could_not_save(
    client_as: ClientAs, reference: str, work_as: WorkAs
) -> None:
    ruth = client_as(RUTH)
    page = f"/cases/{reference}/plan/target-date"
    (version,) = re.findall(r'name="version" value="([^"]*)"', ruth.get(page).text)
    with work_as(ANNA) as work:
        move_target(work, reference, Target(on=date(2027, 8, 1)), WHY)
    for reason in ({}, {"reason_code": WHY.value}):
        answer = post(ruth, page, **DAYS | reason, version=version)
        assert answer.status_code == 409
        assert "1 August 2027" in answer.text


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (dict.fromkeys(DAYS, ""), "Enter the target transfer date"),
        ({"target_transfer_on-year": "2025"}, "must be today or later"),
        (
            {"window_to-day": "1", "window_to-month": "8", "window_to-year": "2027"},
            "after its first day",
        ),
    ],
)
def test_what_cannot_be_aimed_at_is_said_beside_its_field(
    client_as: ClientAs, reference: str, words: dict[str, str], sentence: str
) -> None:
    answer = post(
        client_as(RUTH), f"/cases/{reference}/plan/target-date", **DAYS | words, note="Typed."
    )
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "Typed." in answer.text


def test_a_rule_that_refuses_leaves_the_form_as_it_was(client_as: ClientAs, reference: str) -> None:
    ruth = client_as(RUTH)
    june = {"target_transfer_on-month": "6"}
    page = preview(ruth, reference, **june)
    assert SAME in save(ruth, reference, page, **june)


def test_a_first_date_is_set_with_one_button(client_as: ClientAs, work_as: WorkAs) -> None:
    with work_as(RUTH) as work:
        reference = opened_case(work).reference
    ruth = client_as(RUTH)
    page = preview(ruth, reference)
    assert "Set this date" in page
    assert "Staffing" not in page
    assert "now aims at 1 September 2027" in save(ruth, reference, page, reason_code="agreed")


def test_a_window_is_said_wherever_the_date_is(client_as: ClientAs, reference: str) -> None:
    ruth = client_as(RUTH)
    window = {"window_to-day": "1", "window_to-month": "10", "window_to-year": "2027"}
    page = preview(ruth, reference, **window)
    shown = save(ruth, reference, page, **window)
    assert "now aims at 1 September 2027 to 1 October 2027" in shown
    assert "or until 1 October 2027" in ruth.get(f"/cases/{reference}/plan/target-date").text


def test_people_who_leave_at_the_upper_age_are_offered_their_month(
    client_as: ClientAs, work_as: WorkAs
) -> None:
    with work_as(RUTH) as work:
        reference = opened_case(work, date_of_birth=date(1993, 6, 15)).reference
    page = client_as(RUTH).get(f"/cases/{reference}/plan/target-date").text
    assert "Aim to have moved by 1 December 2027." in page


def test_adult_staff_find_the_page_while_they_get_to_know_each_other(
    client_as: ClientAs, work_as: WorkAs
) -> None:
    reference, _ = accepted_case(work_as)
    page = f"/cases/{reference}/plan/target-date"
    assert [client_as(email).get(page).status_code for email in (HELEN, PRIYA)] == [200, 200]
    with work_as(RUTH) as work:
        work.case(reference).case.stage = Stage.SETTLING
    assert client_as(HELEN).get(page).status_code == 404
