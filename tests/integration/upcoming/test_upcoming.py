"""Who moves when, as the screen tells it."""

import re
from collections.abc import Callable
from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import (
    ClientAs,
    WorkAs,
    accepted_case,
    engine_of,
    opened_case,
    planned_case,
    proposed_handover,
    staff_of,
)
from tests.databases import FIXED
from tests.people import ANNA, HELEN, PETER, PRIYA, RUTH
from transition.actions.deaths import record_death
from transition.actions.demonstration_bulk import Wanted, add_cases
from transition.app import Tracker
from transition.home import CONFIG
from transition.records.cases import Case
from transition.rules.pathway import Stage
from transition.web.pages import PAGE

NUMBER = re.compile(r"\b\d+\b")
LINE = re.compile(r'<tr role="row">.*?</tr>', re.DOTALL)


def lines(page: str) -> dict[str, str]:
    """Return the words of each line of the list, by reference."""
    rows = [re.sub(r"<[^>]+>|\s+", " ", row) for row in LINE.findall(page)]
    found = [(re.search(r"NHJ-\w{4}-\w", row), " ".join(row.split())) for row in rows]
    return {match[0]: row for match, row in found if match}


def counts(page: str) -> dict[str, str]:
    """Return what is said of each month, by the month."""
    pairs = re.findall(r"<dt>(.*?)</dt>\s*<dd>(.*?)</dd>", page, re.DOTALL)
    return {plain(month): plain(words) for month, words in pairs}


def plain(markup: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", "", markup).split())


@pytest.fixture
def three(work_as: WorkAs) -> dict[str, str]:
    """A move that is agreed, one that is proposed and one that is possible."""
    agreed, _ = accepted_case(work_as)
    with work_as(RUTH) as work:
        proposed, _ = proposed_handover(work)
        return {
            "Agreed": agreed,
            "Proposed": proposed.reference,
            "Possible": planned_case(work).reference,
        }


def test_each_move_says_how_sure_it_is(three: dict[str, str], client_as: ClientAs) -> None:
    page = client_as(RUTH).get("/upcoming").text
    told = lines(page)
    assert {how: how in told[reference] for how, reference in three.items()} == dict.fromkeys(
        three, True
    )
    [month] = [words for words in counts(page).values() if words != "Nobody"]
    assert month == "1 agreed, 1 proposed, 1 possible"
    assert page.count("app-months__on--agreed") == 1
    assert page.count("app-months__bar") == 2


def test_only_who_may_see_a_case_sees_its_move(three: dict[str, str], client_as: ClientAs) -> None:
    seen = lines(client_as(HELEN).get("/upcoming").text)
    assert seen.keys() == {three["Agreed"], three["Proposed"]}
    assert (
        f"/cases/{three['Proposed']}/handovers/rowans-1" in client_as(HELEN).get("/upcoming").text
    )
    assert "Nobody is on their way to you yet" in client_as(PETER).get("/upcoming").text


def test_a_list_can_be_narrowed(
    three: dict[str, str], client_as: ClientAs, session: Session
) -> None:
    client = client_as(RUTH)
    assert lines(client.get("/upcoming?agreed=only").text).keys() == {three["Agreed"]}
    assert len(lines(client.get("/upcoming?to=rowans").text)) == 2
    assert lines(client.get("/upcoming?to=none").text).keys() == {three["Possible"]}
    assert len(lines(client.get("/upcoming?to=nowhere&worker=00&page=x").text)) == 3
    worker = staff_of(session, RUTH).uid.hex()
    assert len(lines(client.get(f"/upcoming?worker={worker}").text)) == 3
    page = client.get("/upcoming?to=none&agreed=only").text
    assert "No one matches" in page
    assert "Clear all filters" in page


def test_whoever_has_died_or_moved_is_not_upcoming(
    three: dict[str, str], client_as: ClientAs, work_as: WorkAs
) -> None:
    with work_as(RUTH) as work:
        record_death(work, three["Possible"], died_on=None)
        work.case(three["Proposed"]).case.stage = Stage.SETTLING
    assert lines(client_as(RUTH).get("/upcoming").text).keys() == {three["Agreed"]}


@pytest.fixture
def change(work_as: WorkAs) -> Callable[[], None]:
    """Open a case, so that a kept list is built again."""

    def changed() -> None:
        with work_as(RUTH) as work:
            opened_case(work)

    return changed


def test_a_date_that_has_passed_stands_first_and_none_at_all_last(
    three: dict[str, str], client_as: ClientAs, session: Session, change: Callable[[], None]
) -> None:
    change()
    case = session.scalars(select(Case).where(Case.reference == three["Agreed"])).one()
    case.target_transfer_on = date(2026, 1, 1)
    session.commit()
    change()
    page = client_as(RUTH).get("/upcoming").text
    assert page.index('id="in-passed"') < page.index('id="in-20') < page.index('id="in-undated"')
    assert counts(page)["The date has passed"] == "1 agreed"
    assert counts(page)["No date yet"] == "2 possible"


def test_nobody_yet(client_as: ClientAs) -> None:
    page = client_as(ANNA).get("/upcoming").text
    assert "Start a transition, and its target date stands here." in page
    assert "How many each month" not in page


def test_a_long_list_comes_by_pages_and_its_counts_are_of_everybody(
    app: Tracker, client_as: ClientAs
) -> None:
    with Session(engine_of(app)) as session:
        wanted = Wanted(120, 3, CONFIG / "demonstration")
        add_cases(session, app.config["CATALOGUE"], wanted, now=FIXED, told=lambda _: None)
    client = client_as(PRIYA)
    first, second = (client.get(f"/upcoming?page={number}").text for number in (1, 2))
    assert len(lines(first)) == PAGE
    assert lines(second)
    assert not lines(first).keys() & lines(second).keys()
    assert counts(first).keys() == counts(second).keys()
    assert sum(
        int(number) for words in counts(first).values() for number in NUMBER.findall(words)
    ) == everybody(client)
    assert re.findall(r'href="/upcoming\?page=(\d)#in-', first)[-1] == "2"
    last = -(-everybody(client) // PAGE)
    assert lines(client.get("/upcoming?page=99").text) == lines(
        client.get(f"/upcoming?page={last}").text
    )


def everybody(client: FlaskClient) -> int:
    said = re.search(r"(\d+) young people have not moved yet", client.get("/upcoming").text)
    assert said
    return int(said[1])
