"""Capacity: how many come to each hospice in each month, for whoever plans for all of them."""

import re

import pytest

from tests.builders import (
    TARGET,
    ClientAs,
    WorkAs,
    accepted_case,
    on_both,
    planned_case,
    proposed_handover,
)
from tests.integration.handovers.outside import proposed_outside
from tests.people import HELEN, JO, PRIYA, RUTH
from transition.actions.deaths import record_death
from transition.records.upcoming import moves_ahead
from transition.rules.pathway import Stage


@on_both
def test_what_was_proposed_or_agreed_is_counted_and_nothing_else(work_as: WorkAs) -> None:
    accepted_case(work_as)
    with work_as(RUTH) as work:
        planned_case(work).receiver = "rowans"  # thought of, and not asked
        proposed_handover(work)
        record_death(work, proposed_handover(work)[0].reference, died_on=work.today)
    with work_as(JO) as work:
        found = moves_ahead(work.session, work.actor)
    assert sorted((to, stage) for to, _, stage in found) == [
        ("rowans", Stage.HANDOVER),
        ("rowans", Stage.MOVING),
    ]
    assert {on for _, on, _ in found} == {TARGET}


def test_the_coordinator_sees_numbers_and_nobody(work_as: WorkAs, client_as: ClientAs) -> None:
    reference, _ = accepted_case(work_as)
    with work_as(RUTH) as work:
        proposed_handover(work)
    proposed_outside(work_as)
    jo = client_as(JO)
    assert 'href="/capacity"' in jo.get("/me/notifications/preview").text
    page = jo.get("/capacity").text
    assert "Moves that lie ahead: fewer than 8. Agreed: fewer than 8." in page
    row = page.partition("June 2027")[2].partition("July 2027")[0]
    assert re.findall(r"fewer than 8|(?<=>)0(?=<)", row) == [
        "fewer than 8",
        *"0000",
        "fewer than 8",
    ]
    assert page.count("fewer than 8") == len(["in all", "agreed", "Rowans", "another provider"])
    assert "Another provider" in page
    for words in ("Demo-Test", "Sky", reference, RUTH):
        assert words not in page.partition("<main")[2]


def test_many_are_rounded_and_few_are_not_told_apart(work_as: WorkAs, client_as: ClientAs) -> None:
    for _ in range(8):
        with work_as(RUTH) as work:
            proposed_handover(work)
    page = client_as(JO).get("/capacity").text
    assert "Moves that lie ahead: about 10. Agreed: 0." in page
    row = page.partition("June 2027")[2].partition("July 2027")[0]
    assert row.count("about 10") == 1


@pytest.mark.parametrize("who", [RUTH, PRIYA, HELEN])
def test_nobody_else_is_offered_it(client_as: ClientAs, who: str) -> None:
    client = client_as(who)
    assert client.get("/capacity").status_code in {403, 404}
    assert 'href="/capacity"' not in client.get("/today").text
