"""Today of somebody who looks after many: a page of each list, and the count of all of it."""

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.builders import ClientAs, engine_of
from tests.databases import FIXED
from tests.people import PRIYA
from transition.actions.demonstration_bulk import Wanted, add_cases
from transition.app import Tracker
from transition.home import CONFIG
from transition.web.pages import PAGE

HOW_MANY = 160
LINE = re.compile(r'class="app-queue__task" href="([^"]+)">([^<]+)<')


@pytest.fixture
def crowd(app: Tracker) -> None:
    """So many invented people that somebody's lists are longer than a page."""
    with Session(engine_of(app)) as session:
        wanted = Wanted(HOW_MANY, 3, CONFIG / Path("demonstration"))
        add_cases(session, app.config["CATALOGUE"], wanted, now=FIXED, told=lambda _: None)


def panel(page: str, key: str) -> str:
    """Return one list of Today."""
    return page.partition(f'id="{key}"')[2].partition("</section>")[0]


def counted(page: str, key: str) -> int:
    """Return the number beside the heading of a list."""
    found = re.search(r'class="app-count">(\d+)', panel(page, key))
    return int(found[1]) if found else 0


def rows(page: str, key: str) -> list[tuple[str, str]]:
    """Return the lines of a list as they stand there: where each leads, and what is to do."""
    return LINE.findall(panel(page, key))


def pages_of(client: FlaskClient, key: str) -> list[str]:
    """Return all pages of Today that show a list, in order."""
    pages = [client.get("/today").text]
    while following := re.search(
        rf'href="(/today\?list={key}&amp;page=\d+)#{key}"\s+rel="next"', pages[-1]
    ):
        pages.append(client.get(following[1].replace("&amp;", "&")).text)
    return pages


@pytest.mark.usefixtures("crowd")
def test_a_long_list_is_shown_a_page_at_a_time_and_its_pages_make_up_its_count(
    client_as: ClientAs,
) -> None:
    priya = client_as(PRIYA)

    pages = pages_of(priya, "late")

    count = counted(pages[0], "late")
    assert count > PAGE
    assert {counted(page, "late") for page in pages} == {count}
    shown = [rows(page, "late") for page in pages]
    assert [len(one) for one in shown[:-1]] == [PAGE] * (len(pages) - 1)
    assert sum(map(len, shown)) == count


@pytest.mark.usefixtures("crowd")
def test_turning_the_pages_of_one_list_leaves_the_others_where_they_are(
    client_as: ClientAs,
) -> None:
    priya = client_as(PRIYA)
    first = priya.get("/today").text

    second = priya.get("/today?list=late&page=2").text

    assert rows(second, "late") != rows(first, "late")
    assert rows(second, "this_week") == rows(first, "this_week") != []


@pytest.mark.usefixtures("crowd")
@pytest.mark.parametrize("asked", ["list=late&page=0", "list=late&page=x", "list=none&page=2"])
def test_a_page_that_makes_no_sense_is_the_first(client_as: ClientAs, asked: str) -> None:
    priya = client_as(PRIYA)

    page = priya.get(f"/today?{asked}").text

    assert rows(page, "late") == rows(priya.get("/today").text, "late")


@pytest.mark.usefixtures("crowd")
def test_a_page_beyond_the_end_is_the_last(client_as: ClientAs) -> None:
    priya = client_as(PRIYA)

    page = priya.get("/today?list=late&page=99").text

    assert rows(page, "late") == rows(pages_of(priya, "late")[-1], "late")
