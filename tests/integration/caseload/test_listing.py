"""The list of young people: filters, order, pages, and what it says when it is empty."""

import re
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.builders import ClientAs, WorkAs, actor_of, engine_of, opened_case, staff_of
from tests.databases import FIXED
from tests.people import ANNA, PETER, PRIYA, RUTH
from transition.actions.demonstration_bulk import Wanted, add_cases
from transition.app import Tracker
from transition.home import CONFIG
from transition.records.case_lists import ListedCase, list_of_cases
from transition.records.dues import Asking
from transition.records.names import names_of
from transition.web.filters import age

if TYPE_CHECKING:
    from collections.abc import Callable

REFERENCE = re.compile(r"NHJ-\w{4}-\w")
TODAY = FIXED.date()


@pytest.fixture
def crowd(app: Tracker) -> dict[str, ListedCase]:
    """A hundred and twenty invented people of Naomi House, by reference."""
    with Session(engine_of(app)) as session:
        wanted = Wanted(120, 3, CONFIG / "demonstration")
        add_cases(session, app.config["CATALOGUE"], wanted, now=FIXED, told=lambda _: None)
        asking = Asking(actor_of(session, PRIYA, TODAY), TODAY, app.config["CATALOGUE"])
        return {one.reference: one for one in list_of_cases(session, asking)}


def everywhere(client: FlaskClient, query: str) -> list[str]:
    """Return the references on all pages of a list, in order."""
    found: list[str] = []
    for number in range(1, 9):
        page = client.get(f"/cases?{query}&page={number}").text
        found += REFERENCE.findall(page.partition("<tbody")[2])[::2]
        last = re.search(r"Page \d of (\d)", page)
        if last is None or int(last[1]) == number:
            return found
    raise AssertionError("The pages do not end.")


def test_every_filter_shows_just_who_is_meant(
    client_as: ClientAs, session: Session, crowd: dict[str, ListedCase]
) -> None:
    priya, ruth = client_as(PRIYA), staff_of(session, RUTH).uid
    asked: dict[str, Callable[[ListedCase], bool]] = {
        "stage=planning": lambda one: one.stage == "planning",
        "stage=planning&stage=moving": lambda one: one.stage in {"planning", "moving"},
        "to=rowans": lambda one: one.receiver == "rowans",
        "to=none&to=oakhaven": lambda one: one.receiver in {None, "oakhaven"},
        f"worker={ruth.hex()}": lambda one: one.named_worker_uid == ruth,
        "age=17": lambda one: age(one.born, TODAY) == 17,
        "age=16&age=19": lambda one: age(one.born, TODAY) not in {17, 18},
        "paused=only": lambda one: one.paused,
        "due=none": lambda one: one.first_due_on is None,
        "stage=moving&age=19": lambda one: one.stage == "moving" and age(one.born, TODAY) > 18,
        "nonsense=1&stage=no&age=x&due=no&to=no&worker=no": lambda _: True,
    }
    for query, meant in asked.items():
        expected = {one.reference for one in crowd.values() if meant(one)}
        shown = everywhere(priya, query)
        assert expected, query
        assert len(shown) == len(set(shown))
        assert set(shown) == expected, query


def test_late_and_this_week_are_told_apart_and_what_is_about_dying_is_never_late(
    app: Tracker, client_as: ClientAs, crowd: dict[str, ListedCase]
) -> None:
    rules = app.config["CATALOGUE"].pathway.by_code

    def quiet(one: ListedCase) -> bool:
        milestone = one.first_due_on == one.next_due_on
        return milestone and bool(one.next_code) and rules[one.next_code or ""].quiet

    due = {
        one.reference: (one.first_due_on - TODAY).days for one in crowd.values() if one.first_due_on
    }
    late = {name for name, days in due.items() if days < 0 and not quiet(crowd[name])}
    week = {name for name, days in due.items() if days < 7} - late
    assert any(quiet(crowd[name]) and due[name] < 0 for name in week)
    priya = client_as(PRIYA)
    assert late
    assert week
    assert set(everywhere(priya, "due=late")) == late
    assert set(everywhere(priya, "due=week")) == week
    page = priya.get("/cases?due=week").text
    assert "app-tone-late" not in page


def test_the_list_stands_in_the_order_that_is_asked(
    app: Tracker, client_as: ClientAs, crowd: dict[str, ListedCase]
) -> None:
    priya = client_as(PRIYA)
    with Session(engine_of(app)) as session:
        reader = actor_of(session, PRIYA, TODAY)
        names = names_of(session, reader, [one.case_uid for one in crowd.values()])
    orders: dict[str, Callable[[ListedCase], Any]] = {
        "": lambda one: one.first_due_on or date.max,
        "sort=due": lambda one: one.first_due_on or date.max,
        "sort=name": lambda one: names[one.case_uid].sorted_as,
        "sort=age": lambda one: one.born,
        "sort=target": lambda one: one.target_on or date.max,
    }
    for query, key in orders.items():
        shown = [key(crowd[reference]) for reference in everywhere(priya, query)]
        assert len(shown) == len(crowd)
        assert shown == sorted(shown), query


def test_fifty_stand_on_a_page_which_stays_light(
    client_as: ClientAs, crowd: dict[str, ListedCase]
) -> None:
    priya = client_as(PRIYA)
    first, last = priya.get("/cases").text, priya.get("/cases?page=999").text
    assert len(set(REFERENCE.findall(first))) == 50
    assert len(first.encode()) <= 40_000
    assert "Page 1 of 3" in first
    assert 'rel="prev"' not in first
    assert "Page 3 of 3" in last
    assert "Page 1 of 3" in priya.get("/cases?page=first").text
    assert len(set(REFERENCE.findall(last))) == len(crowd) - 100
    assert 'rel="next"' not in last


def test_what_is_asked_stands_above_the_list_and_each_can_be_taken_away(
    client_as: ClientAs, crowd: dict[str, ListedCase]
) -> None:
    priya = client_as(PRIYA)
    page = priya.get("/cases?stage=planning&to=none&age=17&sort=name").text
    planned = priya.get("/cases?stage=planning&sort=name").text
    assert f"of {len(crowd)} people" in page
    assert "Age 17" in page
    assert 'href="/cases?stage=planning&amp;age=17&amp;sort=name"' in page
    assert 'aria-sort="ascending"><a href="/cases?stage=planning&amp;sort=name">Name' in planned
    assert '<a href="/cases?stage=planning&amp;sort=age">Age' in planned
    assert '<a href="/cases?stage=planning">Next' in planned


def test_nobody_who_matches_is_said_with_what_to_take_away(
    client_as: ClientAs, work_as: WorkAs
) -> None:
    with work_as(RUTH) as work:
        opened_case(work)
    page = client_as(RUTH).get("/cases?stage=moving&due=none").text
    assert "No one matches" in page
    assert "Remove “Getting to know each other”, “No date”" in page
    assert "1 person" in page


def test_whoever_has_nobody_yet_is_told_what_comes_first(client_as: ClientAs) -> None:
    assert "You have no young people yet." in client_as(ANNA).get("/cases").text
    assert "Nobody is on their way yet." in client_as(PETER).get("/cases").text
