"""What changed is told as a form asks it: its label, and the words of a code."""

import pytest

from transition.rules.changes import CODES, Moved, moved_in


@pytest.mark.parametrize(
    ("section", "name", "was", "now", "told"),
    [
        ("legal-roles", "role", None, "deputy_welfare", ("Role", "nothing", "Deputy for health")),
        ("legal-roles", "role_until", "2027-05-04", None, ("Until", "4 May 2027", "nothing")),
        ("contacts", "has_pr", "no", "yes", ("Do they hold parental responsibility?", "No", "Yes")),
        ("contacts", "emergency_order", 0, 1, ("In an emergency", "Not somebody", "Call first")),
        ("contacts", "phone", None, "01962 760060", ("Telephone", "nothing", "01962 760060")),
        ("home", "postcode", "", "ZZ99 9ZZ", ("Postcode", "nothing", "ZZ99 9ZZ")),
        ("care-plan", "shared_with", [], ["gp", "school"], ("Who has", "nothing", "GP, School")),
        ("", "date_of_birth", "2009-05-04", "2009-04-05", ("Date of", "4 May 2009", "5 April")),
        ("", "nhs_number", None, "9991000003", ("NHS number", "nothing", "999 100 0003")),
        ("", "status", "declined", "disputed", ("Status", "Declined", "Disputed: nobody agrees")),
        (
            "",
            "expected_start",
            None,
            "2027-02-01",
            ("Expected start", "nothing", "1 February 2027"),
        ),
        ("", "words", "Ring.", "2026-13-45", ("Words", "Ring.", "2026-13-45")),
        (
            "",
            "reason",
            "improved",
            "criteria",
            ("Reason", "Their condition", "They no longer meet"),
        ),
        ("", "gp_changed", "not_recorded", "no", ("Has the GP changed?", "Not known yet", "No")),
        ("", "linked_cases", None, "NHJ-7K2M-4", ("Linked with", "nothing", "NHJ-7K2M-4")),
    ],
)
def test_a_change_is_told_in_words(
    section: str, name: str, was: object, now: object, told: tuple[str, str, str]
) -> None:
    (moved,) = moved_in(section, {name: (was, now)})
    for said, expected in zip(moved, told, strict=True):
        assert said.startswith(expected)


@pytest.mark.parametrize("name", ["present", "paused", "expedited"])
def test_what_the_title_says_is_not_said_again(name: str) -> None:
    assert list(moved_in("contacts" if name == "present" else "", {name: (False, True)})) == []


def test_what_is_known_of_a_death_is_told_a_field_at_a_time() -> None:
    was = {"place": None, "checklist": None, "told_by": "Mum"}
    now = {"place": "home", "checklist": ["family_called", "cards"], "told_by": "Mum"}
    assert list(moved_in("", {"ending": (was, now)})) == [
        Moved("Place", "nothing", "At home"),
        Moved(
            "Checklist",
            "nothing",
            "The family has been called, The family is on the list for cards, for 13 months",
        ),
    ]


def test_no_code_of_one_field_means_two_things() -> None:
    for name, kinds in CODES.items():
        labels: dict[str, str] = {}
        for one in (one for kind in kinds for one in kind):
            assert labels.setdefault(one.value, one.label) == one.label, (name, one)
