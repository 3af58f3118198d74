"""What may be recorded once somebody has died: nothing is needed, and nobody is reminded."""

import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.builders import ClientAs, WorkAs, opened_case, post
from tests.people import HELEN, RUTH
from transition.actions.deaths import keep_what_is_known, record_death, undo_death
from transition.actions.services import record_needed
from transition.records.audit import trail_of
from transition.rules.deaths import DeathCount, asks_for_leder, count_of, is_childs
from transition.rules.errors import RuleBroken
from transition.rules.services import Needed, ServiceKey

KNOWN: dict[str, Any] = {
    "place": "hospice",
    "told_by": "Her aunt",
    "child_death_review": "yes",
    "child_death_review_by": "The hospital",
    "bereavement_contact": "Sister Okafor",
    "equipment_collection": "The community team",
    "checklist": ["family_called", "cards"],
}


def died(work_as: WorkAs, **words: Any) -> str:  # noqa: ANN401 - of the case
    with work_as(RUTH) as work:
        reference = opened_case(work, **words).reference
        record_death(work, reference, died_on=date(2026, 11, 12))
    return reference


def test_a_childs_record_shows_that_the_child_death_review_is_open(
    work_as: WorkAs, client_as: ClientAs
) -> None:
    reference, ruth = died(work_as), client_as(RUTH)
    page = ruth.get(f"/cases/{reference}/record").text
    assert re.search(r"<dt>Child death review told</dt>\s*<dd>Not recorded yet", page)
    assert "app-tone-late" not in page
    path = f"/cases/{reference}/died/known"
    assert "LeDeR" not in ruth.get(path).text
    answer = post(ruth, path, **KNOWN)
    assert answer.location == f"/cases/{reference}/record"
    page = ruth.get(answer.location).text
    for words in ("In a hospice", "Yes, by The hospital", "Sister Okafor", "Her aunt"):
        assert words in page
    assert "The family has been called; The family is on the list for cards" in page
    assert "In a hospice" not in _told_again(ruth, path, KNOWN | {"place": ""})


def _told_again(ruth: FlaskClient, path: str, words: dict[str, Any]) -> str:
    """Return the page of the record after something else was told."""
    version = re.findall(r'name="version" value="(\d+)"', ruth.get(path).text)[0]
    page: str = ruth.get(post(ruth, path, **words, version=version).location).text
    return page


def test_of_an_adult_another_review_is_asked(work_as: WorkAs, client_as: ClientAs) -> None:
    reference = died(work_as, date_of_birth=date(2008, 6, 15))
    ruth, path = client_as(RUTH), f"/cases/{reference}/died/known"
    assert "Nothing needs to be recorded here." in ruth.get(f"/cases/{reference}/record").text
    form = ruth.get(path).text
    assert "LeDeR" in form
    assert "child death review" not in form
    post(ruth, path, leder_considered="not_recorded")
    page = ruth.get(f"/cases/{reference}/record").text
    assert re.search(r"<dt>LeDeR considered</dt>\s*<dd>Not known yet", page)


def test_of_an_adult_without_a_learning_disability_neither_review_is_asked(
    work_as: WorkAs, client_as: ClientAs
) -> None:
    with work_as(RUTH) as work:
        reference = opened_case(work, date_of_birth=date(2008, 6, 15)).reference
        record_needed(work, reference, {ServiceKey.LEARNING_DISABILITY_TEAM: Needed.NO})
        record_death(work, reference, died_on=date(2026, 11, 12))
    ruth, path = client_as(RUTH), f"/cases/{reference}/died/known"
    form = ruth.get(path).text
    assert "LeDeR" not in form
    assert "child death review" not in form
    assert post(ruth, path, told_by="Her aunt").status_code == 302


@pytest.mark.parametrize(
    ("born", "team", "asked"),
    [
        (date(2008, 11, 12), Needed.YES, True),
        (date(2008, 11, 12), Needed.UNKNOWN, True),
        (date(2008, 11, 12), Needed.NO, False),
        (date(2008, 11, 13), Needed.YES, False),
    ],
)
def test_leder_is_for_adults_who_may_have_a_learning_disability(
    born: date, team: Needed, *, asked: bool
) -> None:
    assert asks_for_leder(born, date(2026, 11, 12), team) is asked


def test_it_is_changed_by_one_at_a_time_and_by_the_hospice_whose_case_it_is(
    work_as: WorkAs, client_as: ClientAs
) -> None:
    reference, ruth = died(work_as), client_as(RUTH)
    path = f"/cases/{reference}/died/known"
    assert post(ruth, path, place="at sea").status_code == 422
    assert post(ruth, path, version="99", place="home").status_code == 409
    assert client_as(HELEN).get(path).status_code == 404
    with work_as(RUTH) as work:
        undo_death(work, reference)
    assert ruth.get(path).status_code == 404


def test_the_trail_tells_that_something_changed_and_not_what(
    work_as: WorkAs, session: Session
) -> None:
    reference = died(work_as)
    with work_as(RUTH) as work:
        assert keep_what_is_known(work, reference, KNOWN).told_by == "Her aunt"
    last = trail_of(session, reference)[-1]
    assert (last.action, last.fields) == ("ending:changed", "ending")
    with work_as(RUTH) as work:
        undo_death(work, reference)
    with pytest.raises(RuleBroken, match="undone already"), work_as(RUTH) as work:
        keep_what_is_known(work, reference, KNOWN)


@pytest.mark.parametrize(
    ("on", "transferred_on", "count"),
    [
        (date(2026, 5, 4), None, DeathCount.BEFORE_TRANSFER),
        (date(2026, 5, 4), date(2026, 5, 5), DeathCount.BEFORE_TRANSFER),
        (date(2026, 5, 4), date(2026, 5, 4), DeathCount.SOON_AFTER),
        (date(2026, 11, 4), date(2026, 5, 4), DeathCount.SOON_AFTER),
        (date(2026, 11, 5), date(2026, 5, 4), DeathCount.LATER),
        (date(2027, 2, 28), date(2026, 8, 31), DeathCount.SOON_AFTER),
    ],
)
def test_a_death_is_counted_once(on: date, transferred_on: date | None, count: DeathCount) -> None:
    assert count_of(on, transferred_on) is count


def test_a_childs_death_is_one_before_the_eighteenth_birthday() -> None:
    born = datetime(2008, 11, 12, tzinfo=UTC).date()
    assert is_childs(born, date(2026, 11, 11))
    assert not is_childs(born, date(2026, 11, 12))
