"""How many a hospice usually takes on in a month: set by its leads, drawn for them, and counted."""

import re

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import (
    TARGET,
    ClientAs,
    WorkAs,
    accepted_case,
    on_both,
    planned_case,
    post,
    proposed_handover,
    uid_of,
)
from tests.people import HELEN, IDRIS, JO, MINA, PETER, PRIYA, RUTH
from transition.actions.usual_numbers import set_usual_number
from transition.records.audit import AuditEntry
from transition.records.usual_numbers import usual_number_of, usual_numbers

PAGE = "/upcoming/usual-number"
TYPED = re.compile(r'<input[^>]*name="number"[^>]*>')


def noted(session: Session) -> list[tuple[str, str | None, str]]:
    """Return what the trail holds of usual numbers: about whom, of which case, which fields."""
    query = select(AuditEntry).filter_by(action="capacity:set").order_by(AuditEntry.seq)
    return [(one.object, one.case_ref, one.fields) for one in session.scalars(query)]


@on_both
def test_a_number_is_of_one_hospice_and_is_set_changed_and_cleared(
    work_as: WorkAs, session: Session
) -> None:
    for who, number in ((HELEN, 3), (IDRIS, 2), (PETER, 5), (PETER, None)):
        with work_as(who) as work:
            set_usual_number(work, number)
    assert usual_numbers(session) == {"rowans": 2}
    row = usual_number_of(session, "rowans")
    assert row is not None
    assert row.set_by_uid == uid_of(session, IDRIS)
    assert noted(session) == [
        (organisation, None, "number")
        for organisation in ("rowans", "rowans", "oakhaven", "oakhaven")
    ]


@on_both
def test_the_same_again_changes_nothing(work_as: WorkAs, session: Session) -> None:
    for who, number in ((PETER, None), (HELEN, 3), (IDRIS, 3)):
        with work_as(who) as work:
            set_usual_number(work, number)
    assert usual_number_of(session, "oakhaven") is None
    row = usual_number_of(session, "rowans")
    assert row is not None
    assert row.set_by_uid == uid_of(session, HELEN)
    assert len(noted(session)) == 1


def test_a_lead_sets_the_number_from_upcoming_and_clears_it_again(client_as: ClientAs) -> None:
    helen = client_as(HELEN)
    assert f'href="{PAGE}"' in helen.get("/upcoming").text
    answer = post(helen, PAGE, number=" 4 ", version="none")
    assert answer.location == "/upcoming"
    assert "Your usual number is 4 a month." in helen.get("/upcoming").text
    page = helen.get(PAGE).text
    assert 'value="4"' in TYPED.findall(page)[0]
    post(helen, PAGE, number="", version="1")
    assert "You have no usual number now." in helen.get("/upcoming").text
    assert 'value="4"' not in helen.get(PAGE).text


@pytest.mark.parametrize("typed", ["0", "31", "-1", "2.5", "two", "٣", "9" * 60])
def test_what_is_no_such_number_is_asked_for_again_and_stays(
    client_as: ClientAs, session: Session, typed: str
) -> None:
    answer = post(client_as(HELEN), PAGE, number=typed, version="none")
    assert answer.status_code == 422
    assert "Enter a whole number from 1 to 30, or leave it empty" in answer.text
    assert f'value="{typed}"' in answer.text
    assert usual_numbers(session) == {}


def test_an_older_page_is_refused_with_what_stands_now(
    client_as: ClientAs, session: Session
) -> None:
    helen, idris = client_as(HELEN), client_as(IDRIS)
    post(helen, PAGE, number="4", version="none")
    for version in ("none", "0"):
        late = post(idris, PAGE, number="2", version=version)
        assert late.status_code == 409
        assert "Helen Marsh changed this" in late.text
    post(helen, PAGE, number="", version="1")
    late = post(idris, PAGE, number="2", version="1")
    assert late.status_code == 409
    assert usual_numbers(session) == {}


def test_an_older_page_that_says_no_number_is_refused_too(client_as: ClientAs) -> None:
    late = post(client_as(HELEN), PAGE, number="2", version="7")
    assert late.status_code == 409
    assert "Somebody else changed this a moment ago" in late.text


@pytest.mark.parametrize("who", [RUTH, PRIYA, MINA, JO])
def test_nobody_else_sets_or_is_offered_it(client_as: ClientAs, who: str) -> None:
    client = client_as(who)
    assert client.get(PAGE).status_code in {403, 404}
    assert PAGE not in client.get("/upcoming").text


@pytest.fixture
def two_in_a_month(work_as: WorkAs) -> None:
    """One move to Rowans that is agreed and one that is proposed, both in one month."""
    accepted_case(work_as)
    with work_as(RUTH) as work:
        proposed_handover(work)
        planned_case(work)


def above(page: str) -> list[str]:
    """Return the months that are above the usual number, each with how many."""
    lines = re.findall(r"<dt>(.*?)</dt>\s*<dd>(.*?)</dd>", page, re.DOTALL)
    plain = [[" ".join(re.sub(r"<[^>]+>", " ", each).split()) for each in line] for line in lines]
    return [f"{month}: {words}" for month, words in plain if "usual number" in words]


@pytest.mark.usefixtures("two_in_a_month")
@pytest.mark.parametrize(
    ("number", "said"), [(1, ["1 agreed, 1 proposed 1 above your usual number"]), (2, []), (9, [])]
)
def test_a_line_is_drawn_and_the_months_above_it_say_so(
    work_as: WorkAs, client_as: ClientAs, number: int, said: list[str]
) -> None:
    helen = client_as(HELEN)
    before = helen.get("/upcoming").text
    assert "app-months__usual" not in before
    assert above(before) == []
    with work_as(HELEN) as work:
        set_usual_number(work, number)
    page = helen.get("/upcoming").text
    assert page.count('class="app-months__usual"') == 1
    assert f"usually {number} a month</text>" in page
    assert above(page) == [f"{TARGET:%B %Y}: {words}" for words in said]


@pytest.mark.usefixtures("two_in_a_month")
def test_the_line_stands_at_its_height(work_as: WorkAs, client_as: ClientAs) -> None:
    for number, height in ((1, "48.0"), (2, "12.0"), (4, "12.0")):
        with work_as(HELEN) as work:
            set_usual_number(work, number)
        assert f'd="M200 {height}H920"' in client_as(HELEN).get("/upcoming").text


@pytest.mark.usefixtures("two_in_a_month")
def test_some_of_them_are_not_measured_by_what_is_usual_for_all(
    work_as: WorkAs, client_as: ClientAs
) -> None:
    with work_as(HELEN) as work:
        set_usual_number(work, 1)
    page = client_as(HELEN).get("/upcoming?to=rowans").text
    assert above(page) == []
    assert "app-months__usual" not in page
    assert f'href="{PAGE}"' in page


@pytest.mark.usefixtures("two_in_a_month")
def test_the_number_of_one_hospice_is_no_measure_for_anybody_else(
    work_as: WorkAs, client_as: ClientAs
) -> None:
    with work_as(HELEN) as work:
        set_usual_number(work, 1)
    for who in (RUTH, MINA, PETER):
        page = client_as(who).get("/upcoming").text
        assert "your usual number" not in page
        assert "app-months__usual" not in page


@pytest.mark.usefixtures("two_in_a_month")
def test_the_coordinator_reads_the_number_in_the_column_of_its_hospice(
    work_as: WorkAs, client_as: ClientAs
) -> None:
    jo = client_as(JO)
    assert "usually" not in jo.get("/capacity").text
    with work_as(HELEN) as work:
        set_usual_number(work, 3)
    page = jo.get("/capacity").text
    cells = re.findall(
        r'<span class="app-table__label"[^>]*>(.*?)</span>(.*?)</td>', page, re.DOTALL
    )
    said = [(hospice.strip(), words) for hospice, words in cells]
    assert [hospice for hospice, words in said if "usually" in words] == ["Rowans Hospice"]
    assert "usually 3" in page
