"""Opening a case: what a nurse says of somebody becomes a case that lacks nothing."""

import secrets
from datetime import date

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.builders import WorkAs, actor_of, new_case, on_both, opened_case, staff_of, uid_of
from tests.people import ANNA, HELEN, RUTH
from transition.actions.cases import refuse_taken_number
from transition.records.anchors import anchors_of
from transition.records.audit import trail_of
from transition.records.cases import Case
from transition.records.histories import Episode, NamedWorkerSpan, StageChange
from transition.records.keys import CaseKey
from transition.records.ledger import ledger_of
from transition.records.summaries import summary_of
from transition.records.young_people import YoungPerson, young_person_of
from transition.rules.errors import RuleBroken
from transition.rules.handovers import Function, SharingBasis
from transition.rules.ledger import Position, gaps, overlaps
from transition.rules.pathway import Circumstance, Stage
from transition.rules.people import THE_COMMAND_LINE
from transition.rules.references import ALPHABET, BODY
from transition.rules.stages import Ending
from transition.security.fields import is_token

NUMBER = "9991000003"
TODAY = date(2026, 11, 23)


def only_case(session: Session) -> Case:
    session.rollback()
    return session.scalars(select(Case)).one()


@on_both
def test_a_case_stands_at_its_first_stage_and_its_opener_is_the_named_worker(
    work_as: WorkAs, session: Session
) -> None:
    with work_as(RUTH) as work:
        opened_case(work, opened_on=TODAY)
    case = only_case(session)
    ruth = staff_of(session, RUTH)
    assert (case.stage, case.organisation) == (Stage.IDENTIFIED, "naomi")
    assert case.named_worker_uid == ruth.uid
    assert (case.opened_on, case.entered_on) == (TODAY, TODAY)
    assert case.pathway_version == "2026-1"
    assert case.sharing_basis is SharingBasis.NOT_YET_ASKED
    assert case.reference.startswith("NHJ-")
    span = session.scalars(select(NamedWorkerSpan)).one()
    assert (span.staff_uid, span.from_on, span.until_on) == (ruth.uid, TODAY, None)
    episode = session.scalars(select(Episode)).one()
    assert (episode.number, episode.began_on, episode.ended_on) == (1, TODAY, None)
    change = session.scalars(select(StageChange)).one()
    assert (change.event, change.was, change.now) == ("open", None, Stage.IDENTIFIED)


def test_somebody_else_can_be_the_named_worker(work_as: WorkAs, session: Session) -> None:
    anna = uid_of(session, ANNA)
    with work_as(RUTH) as work:
        opened_case(work, named_worker_uid=anna)
    assert only_case(session).named_worker_uid == anna


def test_what_was_said_can_be_read_again(work_as: WorkAs, session: Session) -> None:
    with work_as(RUTH) as work:
        opened_case(
            work,
            nhs_number=NUMBER,
            nhs_number_missing_reason=None,
            circumstances=frozenset({Circumstance.EHCP, Circumstance.EQUIPMENT}),
            school_year_offset=-1,
        )
    case = only_case(session)
    person = young_person_of(session, case.young_person_uid)
    assert (person.called, person.full_name) == ("Sky", "Skyler Demo-Test")
    assert person.shown_name == "Sky Demo-Test"
    assert person.nhs_number == NUMBER
    assert summary_of(session, case.uid).about_me == "I want my own say."
    anchors = anchors_of(session, case.uid)
    assert anchors.date_of_birth == date(2009, 6, 15)
    assert anchors.school_year_offset == -1
    assert set(anchors.circumstances) == {Circumstance.EHCP, Circumstance.EQUIPMENT}


def test_somebody_without_a_short_name_is_called_by_the_given_one(
    work_as: WorkAs, session: Session
) -> None:
    with work_as(RUTH) as work:
        opened_case(work, known_as=None)
    assert session.scalars(select(YoungPerson)).one().called == "Skyler"


@on_both
def test_every_function_of_care_has_one_lead_from_the_opening_day_on(
    work_as: WorkAs, session: Session
) -> None:
    with work_as(RUTH) as work:
        opened_case(work, opened_on=TODAY)
    rows = ledger_of(session, only_case(session).uid)
    assert [row.function for row in rows] == list(Function)
    assert {(row.service, row.position, row.from_on, row.to_on) for row in rows} == {
        ("jacksplace", Position.LEAD, TODAY, None)
    }
    spans = [row.span for row in rows]
    assert gaps(spans, Function, TODAY) == overlaps(spans, TODAY) == ()


def test_what_is_due_first_is_kept_with_the_case_and_sealed(
    work_as: WorkAs, session: Session
) -> None:
    with work_as(RUTH) as work:
        opened_case(work, opened_on=TODAY)
    case = only_case(session)
    assert case.next_due == {"on": "2026-12-21", "code": "ID-01"}
    token = session.scalar(select(Case.__table__.c.next_due))
    assert is_token(token)
    assert b"ID-01" not in token


@on_both
def test_a_number_that_an_open_case_has_is_refused_and_nothing_is_kept(
    work_as: WorkAs, session: Session
) -> None:
    with work_as(RUTH) as work:
        opened_case(work, nhs_number=NUMBER)
    with pytest.raises(RuleBroken) as refusal, work_as(ANNA) as work:
        opened_case(work, nhs_number=NUMBER)
    assert str(refusal.value) == "Someone with this NHS number is already here."
    session.rollback()
    assert session.scalar(select(func.count()).select_from(Case)) == 1
    assert session.scalar(select(func.count()).select_from(CaseKey)) == 1


@on_both
def test_the_number_of_a_case_that_ended_can_be_used_again(
    work_as: WorkAs, session: Session
) -> None:
    with work_as(RUTH) as work:
        ended = opened_case(work, nhs_number=NUMBER)
        ended.ending, ended.ended_at = Ending.MOVED_AWAY, work.now
    with work_as(RUTH) as work:
        refuse_taken_number(work, NUMBER)
        opened_case(work, nhs_number=NUMBER)
    assert session.scalar(select(func.count()).select_from(Case)) == 2


def test_two_cases_without_a_number_do_not_meet(work_as: WorkAs, session: Session) -> None:
    with work_as(RUTH) as work:
        opened_case(work)
        opened_case(work)
    assert session.scalar(select(func.count()).select_from(Case)) == 2


def test_an_impossible_age_is_refused(work_as: WorkAs) -> None:
    with pytest.raises(RuleBroken, match="10 to 36"), work_as(RUTH) as work:
        opened_case(work, date_of_birth=date(2020, 1, 1))


def test_an_adult_hospice_opens_no_case(work_as: WorkAs) -> None:
    with pytest.raises(RuleBroken, match="It is not yours to open a case"), work_as(HELEN) as work:
        opened_case(work)


def test_only_a_person_opens_a_case(work_as: WorkAs, session: Session) -> None:
    assert actor_of(session, RUTH, TODAY).uid is not None
    with pytest.raises(RuleBroken, match="signed in"), work_as(THE_COMMAND_LINE) as work:
        assert work.actor_uid


def test_opening_leaves_one_entry_in_the_trail_of_the_case(
    work_as: WorkAs, session: Session
) -> None:
    with work_as(RUTH) as work:
        opened_case(work)
    (entry,) = trail_of(session, only_case(session).reference)
    ruth = staff_of(session, RUTH)
    assert (entry.action, entry.actor, entry.case_seq) == ("case:opened", ruth.uid.hex(), 1)
    assert (entry.organisation, entry.role) == ("naomi", "transition_nurse")


@on_both
def test_a_new_case_says_who_it_is_about_nowhere_in_the_clear(
    work_as: WorkAs, session: Session
) -> None:
    with work_as(RUTH) as work:
        opened_case(work, nhs_number=NUMBER)
    kept = session.connection()
    for table in Case.metadata.sorted_tables:
        rows = repr(kept.execute(select(table)).all())
        for word in ("Sky", "Demo-Test", NUMBER, "2009", "muscular", "own say"):
            assert word not in rows, (table.name, word)
    assert new_case().known_as == "Sky"


@on_both
def test_a_reference_that_was_drawn_before_is_drawn_again(
    work_as: WorkAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    with work_as(RUTH) as work:
        first = opened_case(work).reference
    draw, again = secrets.randbelow, [ALPHABET.index(one) for one in first.split("-")[1]]
    assert len(again) == BODY
    monkeypatch.setattr(secrets, "randbelow", lambda below: again.pop(0) if again else draw(below))
    with work_as(RUTH) as work:
        assert opened_case(work).reference != first
    assert again == []
