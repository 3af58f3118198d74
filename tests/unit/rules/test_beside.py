"""What is written beside a record: until when it is changed, and what it may not say."""

from datetime import UTC, date, datetime, timedelta

import pytest

from transition.rules.beside import (
    may_edit_note,
    refuse_after_today,
    refuse_alert,
    refuse_alert_review,
    refuse_link,
    refuse_visit_on,
    refuse_whereabouts,
)
from transition.rules.errors import RuleBroken

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
TODAY = date(2026, 11, 23)
RUTH, ANNA = b"r" * 16, b"a" * 16


@pytest.mark.parametrize(
    ("who", "age", "may"),
    [
        (RUTH, timedelta(), True),
        (RUTH, timedelta(hours=23, minutes=59), True),
        (RUTH, timedelta(days=1), False),
        (ANNA, timedelta(), False),
        (None, timedelta(), False),
    ],
)
def test_a_note_is_changed_by_its_writer_alone_and_for_a_day(
    who: bytes | None, age: timedelta, *, may: bool
) -> None:
    assert may_edit_note(RUTH, NOW - age, who, NOW) is may


def test_nothing_has_happened_tomorrow() -> None:
    refuse_after_today(TODAY, TODAY)
    with pytest.raises(RuleBroken, match=r"^The date must be today or in the past\."):
        refuse_after_today(date(2026, 11, 24), TODAY)


@pytest.mark.parametrize("on", [date(2026, 11, 22), date(2028, 11, 24)])
def test_a_visit_is_planned_for_today_or_later_within_two_years(on: date) -> None:
    refuse_visit_on(TODAY, TODAY)
    refuse_visit_on(date(2028, 11, 23), TODAY)
    with pytest.raises(RuleBroken, match=r"^A visit is planned for today or later"):
        refuse_visit_on(on, TODAY)


@pytest.mark.parametrize("on", [TODAY, date(2027, 11, 24)])
def test_an_alert_is_looked_at_again_within_a_year(on: date) -> None:
    refuse_alert_review(date(2026, 11, 24), TODAY)
    refuse_alert(date(2027, 11, 23), TODAY, standing=2)
    with pytest.raises(RuleBroken, match=r"^Look at an alert again after today"):
        refuse_alert_review(on, TODAY)


def test_a_fourth_alert_is_one_too_many() -> None:
    with pytest.raises(RuleBroken, match=r"^3 alerts stand already\."):
        refuse_alert(date(2026, 12, 1), TODAY, standing=3)


@pytest.mark.parametrize(
    "link",
    [
        "http://records.example/plan",
        "javascript:alert(1)",
        "https://",
        "https://name:word@records.example/",
        "https://records.example:99999/",
        "https://records.example:8080/",
        "https://records.example/a plan",
        "//records.example",
        "records.example",
        "https://[records.example",
    ],
)
def test_only_a_plain_secure_address_is_a_link(link: str) -> None:
    with pytest.raises(RuleBroken, match=r"^Enter a link that begins with https://"):
        refuse_link(link)


@pytest.mark.parametrize(
    "link", ["https://records.example/plan?id=1", "https://records.example:443/"]
)
def test_a_secure_address_is_taken(link: str) -> None:
    refuse_link(link)


def test_a_document_is_somewhere() -> None:
    refuse_whereabouts(None, "Held by the GP")
    refuse_whereabouts("https://records.example/plan", None)
    with pytest.raises(RuleBroken, match=r"^Enter a link, or say where"):
        refuse_whereabouts("", None)
    with pytest.raises(RuleBroken, match=r"^Enter a link that begins"):
        refuse_whereabouts("ftp://records.example", "Held by the GP")
