"""What is recorded of services, and what the register of unmet needs makes of it."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import WorkAs, on_both, opened_case
from tests.people import HELEN, RUTH
from transition.actions.services import SaidOfService, record_needed, record_service
from transition.actions.work import NotFound
from transition.records.audit import Change
from transition.records.services import MappedService, services_of
from transition.records.unmet_needs import UnmetNeed
from transition.rules.errors import RuleBroken
from transition.rules.services import Needed, ServiceKey, ServiceStatus
from transition.rules.stages import Ending

BREAKS, DENTAL = ServiceKey.SHORT_BREAKS, ServiceKey.DENTAL
NONE = SaidOfService(
    needed=Needed.YES, status=ServiceStatus.NO_EQUIVALENT, gap_note="Nights at home, with nurses."
)
RUNNING = SaidOfService(
    needed=Needed.YES,
    status=ServiceStatus.RUNNING,
    childrens_provider="The children's clinic",
    adult_counterpart="The adult clinic",
)


@pytest.fixture
def reference(work_as: WorkAs) -> str:
    with work_as(RUTH) as work:
        return opened_case(work).reference


def needs(session: Session) -> list[tuple[ServiceKey | None, str, str | None]]:
    session.rollback()
    rows = session.scalars(select(UnmetNeed).order_by(UnmetNeed.number))
    return [(row.service_key, row.reason_code, row.closed_how) for row in rows]


@on_both
def test_a_service_is_recorded_and_changed(
    work_as: WorkAs, reference: str, session: Session
) -> None:
    with work_as(RUTH) as work:
        record_service(work, reference, DENTAL, RUNNING)
    with work_as(RUTH) as work:
        row = record_service(work, reference, DENTAL, SaidOfService(needed=Needed.YES))
        assert row.version == 2
    session.rollback()
    (row,) = session.scalars(select(MappedService))
    assert (row.status, row.adult_counterpart) == (ServiceStatus.NOT_STARTED, None)
    changes = [change.body for change in session.scalars(select(Change))]
    was_and_now = [one["adult_counterpart"] for one in changes if "adult_counterpart" in one]
    assert [None, "The adult clinic"] in was_and_now
    assert ["The adult clinic", None] in was_and_now


@on_both
def test_no_adult_service_opens_one_unmet_need_until_one_is_found(
    work_as: WorkAs, reference: str, session: Session
) -> None:
    for _ in range(2):
        with work_as(RUTH) as work:
            record_service(work, reference, BREAKS, NONE)
    assert needs(session) == [(BREAKS, "no_equivalent", None)]
    with work_as(RUTH) as work:
        record_service(work, reference, BREAKS, RUNNING)
    assert needs(session) == [(BREAKS, "no_equivalent", "found")]


@on_both
def test_what_is_not_needed_any_more_is_no_unmet_need(
    work_as: WorkAs, reference: str, session: Session
) -> None:
    with work_as(RUTH) as work:
        record_service(work, reference, BREAKS, NONE)
    with work_as(RUTH) as work:
        assert record_needed(work, reference, {BREAKS: Needed.NO, DENTAL: Needed.UNKNOWN}) == 1
    assert needs(session) == [(BREAKS, "no_equivalent", "not_needed")]
    (row,) = session.scalars(select(MappedService))
    assert row.status is ServiceStatus.NOT_NEEDED
    assert row.gap_note == NONE.gap_note, "nothing written is lost"


@on_both
def test_all_answers_are_saved_at_once(work_as: WorkAs, reference: str) -> None:
    with work_as(RUTH) as work:
        case = work.case(reference).case
        assert record_needed(work, reference, dict.fromkeys(ServiceKey, Needed.YES)) == 37
        assert record_needed(work, reference, dict.fromkeys(ServiceKey, Needed.YES)) == 0
        rows = services_of(work.session, case.uid)
        assert list(rows) == list(ServiceKey)
        assert {row.status for row in rows.values()} == {ServiceStatus.NOT_STARTED}


def test_what_is_not_whole_is_refused(work_as: WorkAs, reference: str, session: Session) -> None:
    disputed = SaidOfService(needed=Needed.YES, status=ServiceStatus.DISPUTED)
    with pytest.raises(RuleBroken, match="Enter the day on which"), work_as(RUTH) as work:
        record_service(work, reference, ServiceKey.CONTINUING_CARE_FUNDING, disputed)
    assert session.scalars(select(MappedService)).all() == []


def test_an_ended_case_keeps_its_map(work_as: WorkAs, reference: str) -> None:
    with work_as(RUTH) as work:
        case = work.case(reference).case
        case.ending, case.ended_at = Ending.MOVED_AWAY, work.now
    with pytest.raises(RuleBroken, match="has ended"), work_as(RUTH) as work:
        record_service(work, reference, DENTAL, RUNNING)


def test_nobody_else_finds_the_map(work_as: WorkAs, reference: str) -> None:
    with pytest.raises(NotFound), work_as(HELEN) as work:
        record_needed(work, reference, {DENTAL: Needed.NO})


def test_a_referral_keeps_its_days(work_as: WorkAs, reference: str) -> None:
    days: dict[str, Any] = {"referred_on": date(2026, 11, 2), "expected_start": date(2027, 6, 1)}
    referred = SaidOfService(needed=Needed.YES, status=ServiceStatus.REFERRED, **days)
    with work_as(RUTH) as work:
        row = record_service(work, reference, DENTAL, referred)
        assert (row.referred_on, row.expected_start) == tuple(days.values())
