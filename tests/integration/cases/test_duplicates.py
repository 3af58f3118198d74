"""The panel of those who may be here already, before a case is opened."""

from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.builders import ClientAs, WorkAs, opened_case, post
from tests.people import ANNA, RUTH
from transition.app import Tracker
from transition.records.cases import Case
from transition.records.staff import Denial, find_staff

PERSON = {
    "given_name": "Skylar",
    "family_name": "Demo Test",
    "nhs_number": "9991000003",
    "date_of_birth-day": "15",
    "date_of_birth-month": "6",
    "date_of_birth-year": "2009",
}
ABOUT = {
    "about_me": "Ask me first.",
    "how_i_communicate": "With my eyes.",
    "allergies": "None known",
    "primary_condition": "Rett syndrome",
    "condition_group": "3",
    "first_language": "Welsh",
    "interpreter_needed": "no",
}
MOVE = {"service": "jacksplace", "catchment_key": "rowans", "school_year_offset": "0"}
PANEL = "/cases/new/check-duplicates"


@pytest.fixture
def reference(work_as: WorkAs) -> str:
    """The case of Skyler Demo-Test, born on 15 June 2009."""
    with work_as(RUTH) as work:
        return opened_case(work).reference


def typed(client: FlaskClient, **words: str) -> str:
    answer = post(client, "/cases/new/person", **PERSON | words)
    assert answer.status_code == 302, answer.text
    return str(answer.location)


def test_a_similar_person_is_shown_with_what_differs(client_as: ClientAs, reference: str) -> None:
    ruth = client_as(RUTH)
    assert typed(ruth) == PANEL
    page = ruth.get(PANEL).text
    assert reference in page
    assert page.count(">different<") == 4, "both names, what they are called, and the number"
    left_out = post(ruth, PANEL)
    assert left_out.status_code == 422
    assert "Say whether it is one of them" in left_out.text


def test_the_same_person_leads_to_their_case(client_as: ClientAs, reference: str) -> None:
    ruth = client_as(RUTH)
    typed(ruth)
    answer = post(ruth, PANEL, which=reference)
    assert answer.location == f"/cases/{reference}"
    assert "What you had begun is kept" in ruth.get(answer.location).text


def test_a_different_person_is_opened_after_all(
    client_as: ClientAs, reference: str, session: Session
) -> None:
    ruth = client_as(RUTH)
    typed(ruth)
    assert post(ruth, PANEL, which="different").location == "/cases/new/about"
    assert ruth.get(PANEL).location == "/cases/new/about", "asked once"
    post(ruth, "/cases/new/about", **ABOUT)
    post(ruth, "/cases/new/move", **MOVE)
    answer = post(ruth, "/cases/new/check")
    assert answer.location != f"/cases/{reference}"
    assert session.scalar(select(func.count()).select_from(Case)) == 2


def test_nobody_passes_the_panel_by(client_as: ClientAs, reference: str, session: Session) -> None:
    ruth = client_as(RUTH)
    assert reference
    typed(ruth)
    post(ruth, "/cases/new/about", **ABOUT)
    post(ruth, "/cases/new/move", **MOVE)
    assert post(ruth, "/cases/new/check").location == PANEL
    assert session.scalar(select(func.count()).select_from(Case)) == 1


@pytest.mark.usefixtures("reference")
@pytest.mark.parametrize(
    "words", [{"given_name": "Robin"}, {"family_name": "Brown"}, {"date_of_birth-year": "2011"}]
)
def test_a_twin_or_a_stranger_is_no_reason_to_ask(
    client_as: ClientAs, words: dict[str, str]
) -> None:
    assert typed(client_as(RUTH), **words) == "/cases/new/about"


def test_without_anybody_to_compare_the_panel_leads_on(client_as: ClientAs) -> None:
    ruth = client_as(RUTH)
    assert ruth.get(PANEL).location == "/cases/new/person"


def test_who_must_not_see_the_case_is_not_shown_it(
    client_as: ClientAs, work_as: WorkAs, reference: str
) -> None:
    with work_as(RUTH) as work:
        anna = find_staff(work.session, ANNA)
        assert anna is not None
        by = {"denied_by_uid": work.actor_uid, "denied_at": work.now}
        work.keep(Denial(staff_uid=anna.uid, case_uid=work.case(reference).case.uid, **by))
    assert typed(client_as(ANNA)) == "/cases/new/about"


def test_a_taken_number_leads_to_the_case_only_where_it_is_ones_own(
    app: Tracker, client_as: ClientAs, work_as: WorkAs
) -> None:
    with work_as(RUTH) as work:
        case = opened_case(
            work,
            nhs_number=PERSON["nhs_number"],
            nhs_number_missing_reason=None,
            date_of_birth=date(2010, 1, 2),
        )
        reference, uid = case.reference, case.uid
    own = post(client_as(RUTH), "/cases/new/person", **PERSON)
    assert own.status_code == 422
    assert "Someone with this NHS number is already here." in own.text
    assert f"Open {reference}" in own.text
    with work_as(RUTH) as work:
        case = work.case(reference).case
        assert case.uid == uid
        case.organisation = "elsewhere"
    app.extensions["vault"].forget()
    other = post(client_as(ANNA), "/cases/new/person", **PERSON)
    assert "Someone with this NHS number is already here." in other.text
    assert reference not in other.text
