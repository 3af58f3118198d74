"""How many statements a page costs: few, and as many for sixty cases as for twenty."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, event

from tests.builders import (
    ClientAs,
    WorkAs,
    engine_of,
    on_both,
    opened_case,
    planned_case,
    proposal,
    token_of,
)
from tests.people import RUTH
from transition.actions.handovers import propose_handover
from transition.app import Tracker
from transition.settings import Settings

PAGES = [("/cases", 9), ("/today", 10), ("/handovers", 9), ("/upcoming", 9)]
"""Each list, and how many statements it may cost: one of the first two asks who is covered for."""

COUNTED = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    """Gather what is asked of the database, but for beginnings and ends of transactions."""
    seen: list[str] = []

    def note(*arguments: Any) -> None:  # noqa: ANN401 - SQLAlchemy's own
        words = arguments[2].lstrip().upper()
        if words.startswith(COUNTED):
            seen.append(words)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


@pytest.fixture
def sixty(demonstration: Settings, work_as: WorkAs) -> Callable[[], None]:
    """Open forty cases more."""
    assert demonstration.home.exists()

    def open_more() -> None:
        with work_as(RUTH) as work:
            for _ in range(40):
                opened_case(work)

    return open_more


@pytest.fixture
def reference(demonstration: Settings, work_as: WorkAs) -> str:
    """A case of Ruth's that is being prepared, with nothing recorded of ID-04."""
    assert demonstration.home.exists()
    with work_as(RUTH) as work:
        return opened_case(work).reference


def cost(app: Tracker, client: FlaskClient, page: str) -> int:
    client.get(page)
    app.config["CLOCK"].instant += timedelta(minutes=2)  # so that it is kept when she was here
    with statements(engine_of(app)) as seen:
        answer = client.get(page)
    assert answer.status_code == 200, answer.text
    return len(seen)


@pytest.mark.usefixtures("both_databases")
@pytest.mark.parametrize(("page", "most"), PAGES)
def test_a_list_costs_few_statements_and_as_many_for_sixty_cases_as_for_twenty(
    app: Tracker, client_as: ClientAs, sixty: Callable[[], None], page: str, most: int
) -> None:
    client = client_as(RUTH)
    before = cost(app, client, page)
    assert before <= most
    sixty()
    assert cost(app, client, page) == before


@pytest.mark.usefixtures("both_databases")
def test_the_page_of_a_case_costs_twenty_two(
    app: Tracker, client_as: ClientAs, sixty: Callable[[], None], reference: str
) -> None:
    client = client_as(RUTH)
    before = cost(app, client, f"/cases/{reference}")
    assert before <= 22
    sixty()
    assert cost(app, client, f"/cases/{reference}") == before


@pytest.mark.usefixtures("both_databases")
def test_a_milestone_is_done_in_fifteen(
    app: Tracker, client_as: ClientAs, sixty: Callable[[], None], reference: str
) -> None:
    client = client_as(RUTH)
    page, path = f"/cases/{reference}", f"/cases/{reference}/milestones"
    before = counted_post(app, client, page, f"{path}/ID-04/done")
    assert before <= 15
    sixty()
    assert counted_post(app, client, page, f"{path}/ID-08/done") == before


@on_both
def test_a_handover_is_proposed_in_fifty_eight_and_reads_each_part_of_the_record_once(
    app: Tracker, work_as: WorkAs
) -> None:
    with work_as(RUTH) as work:
        reference = planned_case(work).reference
    with statements(engine_of(app)) as seen, work_as(RUTH) as work:
        propose_handover(work, reference, proposal())
    assert len(seen) <= 58
    for noun in ("contact", "capacity_record", "care_needs", "advance_care_plan", "legal_role"):
        assert sum(f"FROM {noun.upper()}" in words for words in seen) == 1, noun


def counted_post(app: Tracker, client: FlaskClient, page: str, path: str) -> int:
    token = token_of(client.get(page).text)
    app.config["CLOCK"].instant += timedelta(minutes=2)
    with statements(engine_of(app)) as seen:
        answer = client.post(path, data={"csrf_token": token})
    assert answer.status_code == 302, answer.text
    return len(seen)


def test_a_list_fetches_all_its_keys_at_once(
    app: Tracker, client_as: ClientAs, sixty: Callable[[], None]
) -> None:
    sixty()
    client = client_as(RUTH)
    app.extensions["vault"].forget()
    with statements(engine_of(app)) as seen:
        assert client.get("/cases").status_code == 200
    assert sum("FROM CASE_KEY" in words for words in seen) == 1
