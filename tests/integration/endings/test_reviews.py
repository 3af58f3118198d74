"""What is to be looked at again about a case that has ended: a line of Today and of the digest."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tests.builders import Bag, ClientAs, WorkAs, capacity_found, issue, opened_case, post_with
from tests.integration.endings.test_closings import ANSWERS, close
from tests.people import ANNA, HELEN, PRIYA, RUTH, TOM
from transition.actions.closings import close_case, finish_closing, look_at_closing, reopen_case
from transition.actions.deaths import record_death
from transition.actions.linked_cases import link_cases
from transition.app import Tracker
from transition.rules.pathway import Stage
from transition.rules.stages import Ending

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)

LOOKS: dict[Ending, tuple[date, str]] = {
    Ending.DECLINED_BY_PERSON: (date(2027, 5, 23), "Offer the transition again, once"),
    Ending.MOVED_AWAY: (date(2026, 12, 7), "Check that they arrived safely"),
    Ending.NO_LONGER_NEEDED: (date(2027, 4, 24), "The notice ends"),
    Ending.OTHER_PROVIDER: (date(2027, 11, 23), "Check once a year"),
}
"""When somebody looks at each ending again, and what Today says."""


@pytest.fixture
def reference(work_as: WorkAs) -> str:
    with work_as(RUTH) as work:
        reference = opened_case(work, opened_on=date(2026, 11, 22)).reference
        capacity_found(work, reference)
        return reference


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 9, tzinfo=UTC)


def today(app: Tracker, client_as: ClientAs, who: str, day: date) -> str:
    app.config["CLOCK"].instant = at(day)
    return str(client_as(who).get("/today").text)


def digest_lines(app: Tracker, day: date, reference: str, who: str = RUTH) -> list[str]:
    """Return what the digest that is issued on a day tells somebody about a case."""
    bag = Bag()
    app.config["CLOCK"].instant = at(day)
    issue(app, at=at(day))
    post_with(app, bag, at=at(day))
    texts = [
        str(one.get_body(("plain",)).get_content())  # type: ignore[union-attr]
        for one in bag.letters
        if one["To"] == who
    ]
    lines = [line for text in texts for line in text.splitlines() if reference in line]
    return [line for line in lines if line.startswith("  ")]


def mondays(first: date, last: date) -> list[date]:
    day = first + timedelta(days=(-first.weekday()) % 7)
    found = []
    while day <= last:
        found.append(day)
        day += timedelta(days=7)
    return found


@pytest.mark.parametrize("ending", LOOKS)
def test_it_stands_on_today_from_its_day_on_and_not_before(
    app: Tracker, work_as: WorkAs, client_as: ClientAs, reference: str, ending: Ending
) -> None:
    close(work_as, reference, ending)
    day, words = LOOKS[ending]
    assert reference not in today(app, client_as, RUTH, day - timedelta(days=1))
    page = today(app, client_as, RUTH, day)
    assert words in page
    assert f'href="/cases/{reference}/closing"' in page
    assert reference not in today(app, client_as, ANNA, day), "she looks after others"
    assert reference in today(app, client_as, PRIYA, day)


@pytest.mark.parametrize(
    ("ending", "digests"),
    [(Ending.DECLINED_BY_PERSON, 1), (Ending.OTHER_PROVIDER, 1), (Ending.MOVED_AWAY, 3)],
)
def test_a_gentle_look_is_told_once_and_a_safe_arrival_until_somebody_has_looked(
    app: Tracker, work_as: WorkAs, reference: str, ending: Ending, digests: int
) -> None:
    close(work_as, reference, ending)
    day = LOOKS[ending][0]
    told = [
        line
        for monday in mondays(day - timedelta(days=20), day + timedelta(days=20))
        for line in digest_lines(app, monday, reference)
    ]
    assert len(told) == digests, told
    assert all("an ended case to look at again" in line for line in told)
    if digests == 1:
        assert "late" not in told[0]


def test_nothing_is_asked_once_it_was_looked_at_finished_or_opened_again(
    app: Tracker, work_as: WorkAs, client_as: ClientAs, reference: str
) -> None:
    day = LOOKS[Ending.OTHER_PROVIDER][0]
    close(work_as, reference, Ending.OTHER_PROVIDER)
    with work_as(RUTH, at(day)) as work:
        look_at_closing(work, reference)
    assert reference not in today(app, client_as, RUTH, day)
    with work_as(PRIYA, at(day)) as work:
        reopen_case(work, reference, Stage.IDENTIFIED, why="They came back.")
    close(work_as, reference, Ending.MOVED_AWAY, at=at(day))
    with work_as(PRIYA, at(day)) as work:
        finish_closing(work, reference, why="I rang.")
    assert reference not in today(app, client_as, RUTH, day + timedelta(days=30))


@pytest.mark.parametrize("ending", LOOKS)
def test_a_death_ends_it(
    app: Tracker, work_as: WorkAs, client_as: ClientAs, reference: str, ending: Ending
) -> None:
    close(work_as, reference, ending)
    with work_as(RUTH) as work:
        record_death(work, reference, died_on=None)
    day = LOOKS[ending][0] + timedelta(days=1)
    assert reference not in today(app, client_as, RUTH, day)
    assert digest_lines(app, mondays(day, day + timedelta(days=7))[0], reference) == []


def record(work_as: WorkAs, reference: str, ending: Ending, who: str) -> None:
    words: dict[str, Any] = ANSWERS[ending]
    with work_as(who) as work:
        close_case(work, reference, ending, words)


def test_what_waits_for_a_second_person_stands_on_the_page_of_who_can_be_that(
    app: Tracker, work_as: WorkAs, client_as: ClientAs, reference: str
) -> None:
    record(work_as, reference, Ending.DECLINED_BY_PERSON, RUTH)
    words = "Confirm that this ends: young person declined"
    for who, there in ((PRIYA, True), (TOM, True), (RUTH, False), (HELEN, False)):
        assert (words in today(app, client_as, who, date(2026, 12, 14))) is there, who
    lines = digest_lines(app, date(2026, 11, 30), reference, PRIYA)
    assert any("an ending that waits for a second person" in line for line in lines), lines
    assert not any("late" in line for line in lines)


def test_a_lead_who_recorded_it_is_not_asked_to_confirm_it(
    app: Tracker, work_as: WorkAs, client_as: ClientAs, reference: str
) -> None:
    record(work_as, reference, Ending.ENTERED_IN_ERROR, PRIYA)
    words = "Confirm that this ends: entered in error"
    for who, there in ((PRIYA, False), (TOM, True), (RUTH, True)):
        assert (words in today(app, client_as, who, date(2026, 11, 24))) is there, who


def test_prompts_that_are_held_are_looked_at_again_on_their_day(
    app: Tracker, work_as: WorkAs, client_as: ClientAs, reference: str
) -> None:
    with work_as(RUTH) as work:
        sister = opened_case(work).reference
        link_cases(work, reference, sister)
        record_death(work, reference, died_on=None)
    assert sister not in today(app, client_as, RUTH, date(2027, 1, 17))
    page = today(app, client_as, RUTH, date(2027, 1, 18))
    assert "Ask how the family is, and whether prompts can go on" in page
    (line,) = digest_lines(app, date(2027, 1, 18), sister)
    assert "a case to look at again" in line
    assert digest_lines(app, date(2027, 1, 25), reference) == []
