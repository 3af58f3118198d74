"""The screens of the services map."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import ClientAs, WorkAs, accepted_case, opened_case, post
from tests.people import ANNA, HELEN, RUTH
from transition.records.services import MappedService
from transition.rules.services import Needed, ServiceKey

ALL = dict.fromkeys([key.value for key in ServiceKey], "no")
BEGUN = {"status": "not_started"}
"""What the page shows chosen before anything is written down."""
DISPUTED = {
    "needed": "yes",
    "status": "disputed",
    "childrens_provider": "Children's continuing care",
    "escalate_on-day": "7",
    "escalate_on-month": "12",
    "escalate_on-year": "2026",
}


@pytest.fixture
def reference(work_as: WorkAs) -> str:
    with work_as(RUTH) as work:
        return opened_case(work).reference


def saved(client: FlaskClient, reference: str, page: str, **words: str) -> str:
    answer = post(client, f"/cases/{reference}/services/{page}", **words)
    assert answer.location == f"/cases/{reference}/services", answer.text
    return client.get(answer.location).text


def test_a_new_case_says_that_nothing_is_known_yet(client_as: ClientAs, reference: str) -> None:
    ruth = client_as(RUTH)
    assert f'href="/cases/{reference}/services"' in ruth.get(f"/cases/{reference}").text
    page = ruth.get(f"/cases/{reference}/services").text
    assert "37 services are still unknown" in page
    assert "needed services" not in page


def test_all_answers_are_given_on_one_page(client_as: ClientAs, reference: str) -> None:
    page = saved(client_as(RUTH), reference, "all", **ALL | {"dental": "yes", "gp": "unknown"})
    assert "36 answers saved." in page
    assert "1 service is still unknown" in page
    assert "0 of 1 needed services" in page


def test_an_answer_that_is_left_out_is_not_a_no(
    client_as: ClientAs, reference: str, session: Session
) -> None:
    left_out = {key: word for key, word in ALL.items() if key != "dental"}
    answer = post(client_as(RUTH), f"/cases/{reference}/services/all", **left_out)
    assert answer.status_code == 422
    assert "Say whether Dentist is needed" in answer.text
    assert session.scalars(select(MappedService)).all() == []


def test_a_disputed_funding_shows_when_it_is_taken_further(
    client_as: ClientAs, reference: str
) -> None:
    page = saved(client_as(RUTH), reference, "continuing_care_funding", **DISPUTED)
    assert "Continuing care funding: saved." in page
    assert "Disputed" in page
    assert "The leads take it further on 7 December 2026" in page


def test_what_is_missing_is_said_and_everything_is_kept(
    client_as: ClientAs, reference: str
) -> None:
    ruth = client_as(RUTH)
    path = f"/cases/{reference}/services/dental"
    answer = post(ruth, path, adult_contact="Ring after four.")
    assert answer.status_code == 422
    assert "Say whether it is needed" in answer.text
    assert "Ring after four." in ruth.get(path).text, "kept as a draft"
    refused = post(ruth, path, needed="yes", status="running")
    assert "Name who has taken it on for adult life." in refused.text


def test_whoever_comes_second_sees_both(
    client_as: ClientAs, reference: str, session: Session
) -> None:
    ruth, anna = client_as(RUTH), client_as(ANNA)
    saved(ruth, reference, "dental", needed="yes", **BEGUN, adult_counterpart="The clinic")
    late = post(anna, f"/cases/{reference}/services/dental", needed="no", **BEGUN, version="new")
    assert late.status_code == 409
    assert "The clinic" in late.text
    later = post(anna, f"/cases/{reference}/services/all", **ALL, version="0-0")
    assert later.status_code == 409
    assert "Dentist" in later.text
    session.rollback()
    assert [row.needed for row in session.scalars(select(MappedService))] == [Needed.YES]


def test_a_form_that_was_opened_before_anything_else_was_saved_is_taken(
    client_as: ClientAs, reference: str
) -> None:
    ruth = client_as(RUTH)
    saved(ruth, reference, "dental", needed="yes", **BEGUN, version="new")
    page = saved(ruth, reference, "dental", needed="no", **BEGUN, version="1")
    assert "Not needed" in page


def test_there_is_no_other_service(client_as: ClientAs, reference: str) -> None:
    assert client_as(RUTH).get(f"/cases/{reference}/services/hairdresser").status_code == 404


def test_the_receiver_reads_the_map_and_does_not_change_it(
    client_as: ClientAs, work_as: WorkAs
) -> None:
    reference, _ = accepted_case(work_as)
    saved(
        client_as(RUTH), reference, "dental", needed="yes", **BEGUN, childrens_provider="The clinic"
    )
    helen = client_as(HELEN)
    page = helen.get(f"/cases/{reference}/services").text
    assert "The clinic" in page
    assert "Say which are needed" not in page
    assert helen.get(f"/cases/{reference}/services/dental").status_code == 404
    assert helen.get(f"/cases/{reference}/services/all").status_code == 404


def test_the_milestone_about_the_map_says_how_many_are_unknown(
    client_as: ClientAs, reference: str
) -> None:
    ruth = client_as(RUTH)
    path = f"/cases/{reference}/milestones"
    assert "37 services are still unknown" in ruth.get(f"{path}/PL-03/done").text
    assert "still unknown" not in ruth.get(f"{path}/PL-02/done").text
    saved(ruth, reference, "all", **ALL)
    assert "still unknown" not in ruth.get(f"{path}/PL-03/done").text
