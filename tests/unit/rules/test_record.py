"""The rules of the case record: what is wrong with an answer, and who reads it."""

from datetime import date

import pytest

from transition.rules.record import (
    Kind,
    Section,
    Value,
    answers_shown,
    first_to_call,
    is_old,
    kept_from_family,
    kept_from_receivers,
    lacks_authority,
    problem_of,
    problems_of,
    review_from,
    review_who_may_be_told,
    words_of,
)
from transition.rules.record_sections import (
    CONTACTS,
    HEALTH,
    HOME,
    IDENTITY,
    LABELS,
    NEEDS,
    PROTECTION,
    SECTIONS,
    SHARING,
    WHAT_MATTERS,
    missing_at_proposal,
)

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("section", "name", "value", "sentence"),
    [
        (IDENTITY, "given_name", None, "Enter their first name"),
        (IDENTITY, "given_name", "x" * 81, "First name must be 80 characters or fewer"),
        (IDENTITY, "given_name", "x" * 80, None),
        (IDENTITY, "known_as", None, None),
        (HOME, "postcode", "ZZ99 9ZZ", None),
        (HOME, "postcode", "so23 8ud", None),
        (HOME, "postcode", "Winchester", "Postcode must be a real one, like ZZ99 9ZZ"),
        (HOME, "phone", "07700 900123", None),
        (HOME, "phone", "ring mum", "Telephone must be a telephone number, like 07700 900123"),
        (HOME, "email", "sky", "E-mail must be an address, like name@example.org"),
        (HOME, "address_confidential", "perhaps", "one of the answers"),
        (HEALTH, "stability_on", date(2026, 11, 23), None),
        (HEALTH, "stability_on", date(2026, 11, 24), "must be today or in the past"),
        (HEALTH, "condition_group", 4, None),
        (HEALTH, "condition_group", 5, "one of the answers"),
        (HEALTH, "recent_admissions", 0, None),
        (HEALTH, "recent_admissions", -1, "must be a number from 0 to 999"),
        (HEALTH, "recent_admissions", 1000, "must be a number from 0 to 999"),
        (WHAT_MATTERS, "not_to_tell", ["good_day", "bad_day"], None),
        (WHAT_MATTERS, "not_to_tell", ["good_day", "nonsense"], "one of the answers"),
    ],
)
def test_an_answer_is_right_or_is_refused_with_a_sentence(
    section: Section, name: str, value: Value, sentence: str | None
) -> None:
    found = problem_of(section.field(name), value, TODAY)

    assert (found is None) if sentence is None else (found is not None and sentence in found)


def test_every_three_way_answer_is_refused_when_left_out() -> None:
    three_ways = [
        one
        for section in SECTIONS.values()
        for one in section.fields
        if "not_recorded" in one.choices
    ]

    assert len(three_ways) >= 7
    assert [one.name for one in three_ways if not problem_of(one, None, TODAY)] == []


def test_limits_are_asked_for_where_sharing_was_agreed_with_limits() -> None:
    limited = {"sharing_basis": "agreed_limited"}

    assert problems_of(SHARING, limited, TODAY) == {
        "sharing_limits": "Write what must not be told, and to whom"
    }
    assert problems_of(SHARING, limited | {"sharing_limits": "Not to school"}, TODAY) == {}
    assert problems_of(SHARING, {"sharing_basis": "agreed"}, TODAY) == {}


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("condition_group", 2, "Group 2: long treatment may prolong life"),
        ("recent_admissions", 0, "0"),
        ("stability_on", date(2026, 2, 1), "1 February 2026"),
        ("stability", "changing", "Changing"),
        ("allergies", "None known", "None known"),
        ("allergies", None, ""),
    ],
)
def test_an_answer_is_said_in_words(name: str, value: Value, words: str) -> None:
    assert words_of(HEALTH.field(name), value) == words


def test_several_answers_are_said_in_words() -> None:
    said = words_of(CONTACTS.field("do_not"), ["voicemail", "letter_home"])

    assert said == "Leave a voice message, Write to the home"


def test_a_section_is_old_the_day_after_its_review_time() -> None:
    assert review_from(HOME, date(2026, 5, 23)) == date(2026, 11, 24)
    assert not is_old(HOME, date(2026, 5, 23), TODAY)
    assert is_old(HOME, date(2026, 5, 22), TODAY)
    assert not is_old(HOME, None, TODAY)
    assert review_from(IDENTITY, date(2000, 1, 1)) is None


@pytest.mark.parametrize(
    ("born", "confirmed_on", "asks"),
    [
        (date(2008, 11, 24), None, False),
        (date(2008, 11, 23), None, True),
        (date(2008, 11, 23), date(2026, 11, 22), True),
        (date(2008, 11, 23), date(2026, 11, 23), False),
    ],
)
def test_at_18_who_may_be_told_is_asked_again_until_it_is_confirmed(
    born: date, confirmed_on: date | None, *, asks: bool
) -> None:
    assert review_who_may_be_told(born, confirmed_on, TODAY) is asks


def test_what_is_kept_from_receivers_holds_the_address_only_where_it_is_confidential() -> None:
    assert kept_from_receivers(HOME, confidential=False) == {"address_confidential"}
    assert {"address", "postcode"} < kept_from_receivers(HOME, confidential=True)
    assert "address" in kept_from_receivers(CONTACTS, confidential=True)


def test_what_is_not_to_be_told_is_kept_from_the_family_with_the_list_of_it() -> None:
    values = {"good_day": "Singing", "bad_day": "Pain", "not_to_tell": ["bad_day"]}

    hidden = kept_from_family(WHAT_MATTERS, values)

    assert hidden == {"bad_day", "not_to_tell"}
    assert answers_shown(WHAT_MATTERS, values, without=hidden) == [("A good day", "Singing")]


def test_no_section_about_limits_capacity_or_safeguarding_is_on_the_familys_print() -> None:
    printed = {key for key, section in SECTIONS.items() if section.family}

    assert printed.isdisjoint(
        {"sharing", "capacity", "best-interests", "legal-roles", "care-plan", PROTECTION.key}
    )
    assert "may_be_told" in kept_from_family(CONTACTS, {})


def test_the_people_to_call_stand_in_their_order() -> None:
    people: list[dict[str, Value]] = [
        {"name": "Cy", "emergency_order": 2},
        {"name": "Al", "emergency_order": 0},
        {"name": "Bo", "emergency_order": 1},
        {"name": "Di"},
        {"name": "Ab", "emergency_order": 2},
    ]

    assert [one["name"] for one in first_to_call(people)] == ["Bo", "Ab", "Cy"]


def test_what_the_record_lacks_before_a_proposal_is_named_by_its_place() -> None:
    today = date(2026, 11, 23)
    nothing = missing_at_proposal({}, [], today, numbered=False)

    assert ("gp", "GP practice: nothing is written yet") in nothing
    assert ("contacts", "People: nobody is named to call in an emergency") in nothing
    assert ("number", "NHS number: enter it, or say why there is none") in nothing
    assert len({one.where for one in nothing}) == len(nothing) == 9
    asked = [one for each in SECTIONS.values() for one in each.fields if one.proposal]
    whole: dict[str, Value] = {one.name: "said" for one in asked} | {"medicines_on": today}
    people = [{"emergency_order": 1}]
    assert missing_at_proposal(whole, people, today, numbered=True) == ()
    lacking = whole | {"stability": None, "allergies": "", "needs_sleep": None}
    assert missing_at_proposal(lacking, people, today, numbered=True) == (
        ("health", "Health in short: Allergies, How health is now"),
        ("needs", "Care needs: Sleep"),
    )


@pytest.mark.parametrize(
    ("dated", "held_up"),
    [(date(2026, 11, 9), False), (date(2026, 11, 8), True), (None, True)],
)
def test_the_list_of_medicines_that_a_pack_points_to_is_at_most_14_days_old(
    dated: date | None, *, held_up: bool
) -> None:
    asked = [one for each in SECTIONS.values() for one in each.fields if one.proposal]
    whole: dict[str, Value] = {one.name: "said" for one in asked} | {"medicines_on": dated}
    found = missing_at_proposal(whole, [{"emergency_order": 1}], date(2026, 11, 23), numbered=True)
    assert [one.where for one in found] == ["health"] * held_up
    assert all("within the last 14 days" in one.words for one in found)


def test_every_question_has_a_label_and_every_choice_its_words() -> None:
    for section in SECTIONS.values():
        assert [one.name for one in section.fields] == list({one.name: 0 for one in section.fields})
        for one in section.fields:
            assert LABELS[one.name]
            assert all(one.choices.values())
            assert bool(one.choices) or one.kind not in {Kind.CHOICE, Kind.CHOICES}
    assert NEEDS.noun == NEEDS.fields[0].noun


@pytest.mark.parametrize(
    ("role", "stands", "today", "lacks"),
    [
        ("deputy_welfare", "applied", date(2026, 1, 14), True),
        ("deputy_welfare", "applied", date(2026, 1, 13), False),
        ("lpa_property", "discussed", date(2030, 5, 1), True),
        ("deputy_welfare", "in_force", date(2026, 12, 1), False),
        ("court_order", "applied", date(2026, 12, 1), False),
        ("deputy_welfare", "none", date(2026, 12, 1), False),
    ],
)
def test_who_is_to_decide_for_an_adult_is_asked_for_from_a_year_before_18(
    role: str, stands: str, today: date, *, lacks: bool
) -> None:
    roles = [("advocate", "in_force"), (role, stands)]
    assert lacks_authority(roles, date(2009, 1, 14), today) is lacks
