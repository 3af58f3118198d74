"""A date of birth and an NHS number are read back before they are saved."""

from datetime import date
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import ClientAs, WorkAs, on_both, opened_case, post, token_of
from tests.people import HELEN, PRIYA, RUTH
from transition.actions.identity import change_birth, change_number
from transition.actions.work import NotFound
from transition.records.anchors import anchors_of
from transition.records.cases import Case
from transition.records.dues import dues_of_case
from transition.rules.errors import RuleBroken
from transition.rules.nhs_numbers import MissingReason

SAID = {"date_of_birth-day": "16", "date_of_birth-month": "9", "date_of_birth-year": "2009"}


@pytest.fixture
def reference(work_as: WorkAs) -> str:
    """The case of Sky, who was born on 15 June 2009."""
    with work_as(RUTH) as work:
        return opened_case(work).reference


@pytest.fixture
def ruth(client_as: ClientAs) -> FlaskClient:
    return client_as(RUTH)


def born(session: Session, reference: str) -> date:
    session.rollback()
    case = session.scalars(select(Case).where(Case.reference == reference)).one()
    return anchors_of(session, case.uid).date_of_birth


def hidden_on(page: str) -> dict[str, str]:
    """Return what the form of a check page carries."""
    pieces = page.partition("data-draft")[2].split('<input type="hidden" name="')[1:]
    pairs = (one.partition('" value="') for one in pieces)
    return {name: unescape(rest.partition('"')[0]) for name, _, rest in pairs}


def test_changing_a_birth_date_shows_every_due_date_before_and_after_and_asks_twice(
    session: Session, ruth: FlaskClient, reference: str
) -> None:
    page = f"/cases/{reference}/record/birth"

    first = post(ruth, page, **SAID)

    assert first.status_code == 200
    assert "17 years 2 months old. Is this right?" in first.text
    assert "Due dates before and after" in first.text
    assert born(session, reference) == date(2009, 6, 15), "nothing is saved yet"

    second = ruth.post(page, data=hidden_on(first.text) | {"csrf_token": token_of(first.text)})

    assert second.status_code == 302
    assert born(session, reference) == date(2009, 9, 16)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        (("30", "2", "2009"), "real date"),
        (("1", "1", "2030"), "Date of birth must be in the past"),
        (("1", "1", "2020"), "A case is opened from 10 to 36 years"),
        (("1", "1", "1980"), "A case is opened from 10 to 36 years"),
        (("", "6", "2009"), "must include a day"),
    ],
)
def test_an_impossible_birth_date_is_refused_with_a_sentence(
    session: Session, ruth: FlaskClient, reference: str, typed: tuple[str, ...], sentence: str
) -> None:
    words = dict(zip(SAID, typed, strict=True))

    answer = post(ruth, f"/cases/{reference}/record/birth", **words)

    assert answer.status_code == 422
    assert sentence in answer.text
    assert born(session, reference) == date(2009, 6, 15)


def test_an_unusual_age_is_warned_about(ruth: FlaskClient, reference: str) -> None:
    words = SAID | {"date_of_birth-year": "2015"}

    answer = post(ruth, f"/cases/{reference}/record/birth", **words)

    assert "This age is unusual here" in answer.text


@on_both
def test_the_preview_of_a_birth_date_is_what_saving_then_does(
    work_as: WorkAs, reference: str
) -> None:
    with work_as(RUTH) as work:
        case = work.case(reference).case
        dues = dues_of_case(work.session, case.uid, work.asking)
        assert dues is not None
        moves = dues.reborn(date(2009, 9, 16), work.asking)
        change_birth(work, reference, date(2009, 9, 16))
        after = dues_of_case(work.session, case.uid, work.asking)
        assert after is not None
        now = {line.rule.code: line.due.on for line in after.lines(work.asking)}
        assert moves.moving
        assert {move.rule.code: move.now.on for move in moves.moving}.items() <= now.items()
        assert {line.rule.code: line.due.on for line in moves.staying}.items() <= now.items()


@on_both
def test_a_birth_date_and_a_number_are_changed_by_the_childrens_side_alone(
    work_as: WorkAs, reference: str
) -> None:
    with pytest.raises(NotFound), work_as(HELEN) as work:
        change_birth(work, reference, date(2009, 9, 16))
    with pytest.raises(RuleBroken, match="date of birth already"), work_as(RUTH) as work:
        change_birth(work, reference, date(2009, 6, 15))
    with pytest.raises(RuleBroken, match="say why there is none"), work_as(RUTH) as work:
        change_number(work, reference, None, None)


@on_both
def test_a_number_is_traced_and_then_taken(work_as: WorkAs, reference: str) -> None:
    with work_as(RUTH) as work:
        case = change_number(work, reference, "9991000003", None)
        assert (case.nhs_number_missing_reason, case.nhs_number_index is None) == (None, False)
        other = opened_case(work).reference
        with pytest.raises(RuleBroken, match="already here"):
            change_number(work, other, "9991000003", None)
        change_number(work, reference, "9991000003", MissingReason.OVERSEAS)
        case = change_number(work, reference, None, MissingReason.OVERSEAS)
        assert (case.nhs_number_missing_reason, case.nhs_number_index) == ("overseas", None)
        change_number(work, other, "9991000003", None)


def test_an_nhs_number_is_read_back_before_it_is_saved(ruth: FlaskClient, reference: str) -> None:
    page = f"/cases/{reference}/record/number"
    assert "Being traced. Trace it" in ruth.get(f"/cases/{reference}").text

    # The page shows why there was none, and a browser sends that along.
    typed = {"nhs_number": "999 100 0003", "nhs_number_missing_reason": "awaiting_trace"}
    first = post(ruth, page, **typed)
    assert "<strong>999 100 0003</strong>" in first.text
    words: dict[str, Any] = hidden_on(first.text) | {"csrf_token": token_of(first.text)}
    assert ruth.post(page, data=words).status_code == 302

    assert "Trace it" not in ruth.get(f"/cases/{reference}").text
    assert post(ruth, page, nhs_number="943 476 5919").status_code == 422
    assert post(ruth, page, nhs_number="").status_code == 422


@pytest.mark.parametrize(
    ("page", "typed"), [("birth", SAID), ("number", {"nhs_number": "999 100 0011"})]
)
def test_an_older_page_is_told_so_before_it_reads_back_what_it_could_not_save(
    work_as: WorkAs, ruth: FlaskClient, reference: str, page: str, typed: dict[str, str]
) -> None:
    address = f"/cases/{reference}/record/{page}"
    opened = hidden_on(ruth.get(address).text)["version"]
    with work_as(PRIYA) as work:
        change_birth(work, reference, date(2009, 7, 2))
        change_number(work, reference, "9991000003", None)

    answer = post(ruth, address, **typed, version=opened)

    assert answer.status_code == 409
    assert ("2 July 2009" if page == "birth" else "999 100 0003") in answer.text
