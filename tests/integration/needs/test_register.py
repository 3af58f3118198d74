"""The register of unmet needs: by hand, closed with how, and put back."""

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import ClientAs, WorkAs, on_both, opened_case, post
from tests.people import ANNA, HELEN, RUTH
from transition.actions.unmet_needs import NewNeed, close_need, record_need, reopen_need
from transition.actions.work import NotFound
from transition.records.unmet_needs import UnmetNeed
from transition.rules.errors import RuleBroken
from transition.rules.handovers import Function
from transition.rules.services import ServiceKey
from transition.rules.unmet_needs import ClosedHow

DAY = date(2026, 11, 2)
NIGHTS = NewNeed(
    what=Function.SHORT_BREAKS, reason_code="not_funded", opened_on=DAY, note="Nights away."
)
BREAKS = NewNeed(
    what=ServiceKey.SHORT_BREAKS, reason_code="too_far", opened_on=DAY, note="Days away."
)
BY_HAND = {
    "what": "short_breaks",
    "reason": "too_far",
    "note": "Days away.",
    "opened_on-day": "2",
    "opened_on-month": "11",
    "opened_on-year": "2026",
}


@pytest.fixture
def reference(work_as: WorkAs) -> str:
    with work_as(RUTH) as work:
        return opened_case(work).reference


def needs(session: Session) -> list[tuple[int, str, str, str]]:
    session.rollback()
    rows = session.scalars(select(UnmetNeed).order_by(UnmetNeed.number))
    return [(row.number, row.what, row.why, row.ended) for row in rows]


@on_both
def test_a_need_is_recorded_closed_with_how_and_put_back(
    work_as: WorkAs, reference: str, session: Session
) -> None:
    with work_as(RUTH) as work:
        record_need(work, reference, NIGHTS)
        record_need(work, reference, BREAKS)
    with work_as(RUTH) as work:
        close_need(work, reference, 1, ClosedHow.FUNDED, note="From May.")
    assert needs(session) == [
        (1, "Short breaks", "Nobody pays for it", "Funding was agreed"),
        (2, "Short breaks", "It is too far away", ""),
    ]
    with work_as(RUTH) as work:
        assert reopen_need(work, reference, 1).closed_on is None


def test_the_same_need_stands_open_once(work_as: WorkAs, reference: str) -> None:
    with work_as(RUTH) as work:
        record_need(work, reference, NIGHTS)
    with pytest.raises(RuleBroken, match="already"), work_as(RUTH) as work:
        record_need(work, reference, NIGHTS)
    with pytest.raises(RuleBroken, match="already"), work_as(RUTH) as work:
        reopen_need(work, reference, 1)
    with work_as(RUTH) as work:
        close_need(work, reference, 1, ClosedHow.WRONG)
        record_need(work, reference, NIGHTS)
    with pytest.raises(RuleBroken, match="already"), work_as(RUTH) as work:
        reopen_need(work, reference, 1)
    with pytest.raises(RuleBroken, match="closed already"), work_as(RUTH) as work:
        close_need(work, reference, 1, ClosedHow.FOUND)


def test_there_is_no_such_need(work_as: WorkAs, reference: str) -> None:
    with pytest.raises(NotFound), work_as(RUTH) as work:
        close_need(work, reference, 7, ClosedHow.FOUND)


def test_a_nurse_records_closes_and_undoes_on_the_page(
    client_as: ClientAs, reference: str, session: Session
) -> None:
    ruth = client_as(RUTH)
    answer = post(ruth, f"/cases/{reference}/needs/new", **BY_HAND)
    page = ruth.get(answer.location).text
    assert "Days away." in page
    assert "It is too far away" in page
    empty = post(ruth, f"/cases/{reference}/needs/1")
    assert empty.status_code == 422
    assert "Say how it ended" in empty.text
    answer = post(ruth, f"/cases/{reference}/needs/1", how="found", note="Nearer.")
    page = ruth.get(answer.location).text
    assert "Another service was found" in page
    assert "Undo" in page
    post(ruth, f"/cases/{reference}/needs", f"/cases/{reference}/needs/1/reopen")
    assert needs(session) == [(1, "Short breaks", "It is too far away", "")]


def test_whoever_comes_second_is_told(client_as: ClientAs, reference: str) -> None:
    ruth, anna = client_as(RUTH), client_as(ANNA)
    post(ruth, f"/cases/{reference}/needs/new", **BY_HAND)
    post(ruth, f"/cases/{reference}/needs/1", how="found")
    answer = post(anna, f"/cases/{reference}/needs/1", how="funded", version="1", note="Mine.")
    assert answer.status_code == 409
    assert "Mine." in answer.text
    again = post(anna, f"/cases/{reference}/needs/1", how="funded")
    assert "This was closed already" in again.text


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"what": ""}, "Choose what is missing"),
        ({"what": "nothing"}, "Choose one of the answers"),
        ({"reason": ""}, "Say why it is missing"),
        ({"note": "No"}, "Write what is missing"),
        ({"opened_on-year": "2027"}, "The day must be today or in the past"),
    ],
)
def test_what_is_missing_is_said_and_everything_is_kept(
    client_as: ClientAs, reference: str, words: dict[str, str], sentence: str
) -> None:
    answer = post(client_as(RUTH), f"/cases/{reference}/needs/new", **BY_HAND | words)
    assert answer.status_code == 422
    assert sentence in answer.text


def test_the_register_lists_the_needs_of_the_hospices_own_people(
    client_as: ClientAs, work_as: WorkAs, reference: str
) -> None:
    ruth = client_as(RUTH)
    assert "Nothing is missing" in ruth.get("/needs").text
    post(ruth, f"/cases/{reference}/needs/new", **BY_HAND | {"what": "function:advice_24_7"})
    with work_as(RUTH) as work:
        record_need(work, reference, BREAKS)
        close_need(work, reference, 2, ClosedHow.FOUND)
    page = ruth.get("/needs").text
    assert reference in page
    assert "Another service was found" in page
    assert client_as(HELEN).get("/needs").status_code == 404
