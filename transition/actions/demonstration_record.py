"""What stands in the records of the invented cases, written by the same actions that people use."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final

from transition.actions.demonstration_cases import Told, new_case
from transition.actions.record import save_entry, save_section
from transition.actions.work import Work
from transition.rules.record import Section, Value
from transition.rules.record_sections import (
    CAPACITY,
    CARE_PLAN,
    COMMUNICATION,
    CONTACTS,
    DOMAINS,
    EQUIPMENT,
    GP,
    HEALTH,
    HOME,
    LEGAL_ROLES,
    NEEDS,
    SHARING,
    TECHNICAL_CARE,
    WHAT_MATTERS,
)

Fact = tuple[Section, Mapping[str, Value]]
"""A section and what is written in it; in a list that is one entry."""

MUM: Final[dict[str, Value]] = {
    "relationship": "Mum",
    "role_code": "family",
    "phone": "07700 900442",
    "emergency_order": 1,
    "may_be_told": "all",
    "has_pr": "yes",
    "is_main_carer": "yes",
    "best_time": "After 10am",
    "is_young_carer": "no",
    "bereaved": "no",
}
DAD: Final[dict[str, Value]] = MUM | {
    "relationship": "Dad",
    "phone": "07700 900443",
    "emergency_order": 2,
    "is_main_carer": "no",
    "best_time": "Evenings",
}
LIVES: Final[dict[str, Value]] = {
    "address_confidential": "no",
    "address": "1 Demo Street, Demoton",
    "postcode": "ZZ99 9ZZ",
    "phone": "07700 900318",
}
LIMITS: Final = "My parents: nothing of what I say about dying. My school: nothing at all."
AFRAID: Final = "That I die before the transplant. I do not want to talk about it at home."


def facts_of(told: Told) -> Iterator[Fact]:
    """Yield what is written in the record of an invented case."""
    _, _, family_name = told.words["name"].partition(" ")
    own = OWN.get(told.words["k"], {})
    yield HOME, LIVES | own.get("home", {})
    yield GP, {"gp_practice_name": "Demo Surgery, Demoton", "gp_ods": "J99999"}
    said = new_case(told)
    yield (
        COMMUNICATION,
        {
            "how_i_communicate": said.how_i_communicate,
            "how_i_say_yes_no": "I nod, or look away.",
            "how_i_show_pain": "I go quiet, and my hands close.",
        },
    )
    yield (
        HEALTH,
        {
            "primary_condition": said.primary_condition,
            "condition_group": said.condition_group,
            "allergies": said.allergies,
            "stability": "stable",
            "medicines_source": "At the GP practice",
            "medicines_on": told.today,
        },
    )
    yield NEEDS, dict.fromkeys((f"needs_{one}" for one in DOMAINS), "some")
    yield EQUIPMENT, dict.fromkeys((f"uses_{one}" for one in TECHNICAL_CARE), "not_used")
    yield CARE_PLAN, {"acp_status": "in_place", "acp_location": "In the blue folder at home"}
    for person in own.get("people", [MUM]):
        given_name = "Alex" if person["relationship"] == "Dad" else "Sam"
        yield CONTACTS, {"name": f"{given_name} {family_name}"} | person
    yield from own.get("more", [])


def _capacity(decision: str, outcome: str, **more: Value) -> Fact:
    said = {"decision": decision, "outcome": outcome, "assessor": "Dr Demo Okoye"}
    return CAPACITY, said | more


OWN: Final[Mapping[str, Mapping[str, Any]]] = {
    "demo-09": {
        "people": [MUM, DAD],
        "more": [
            _capacity(
                "move",
                "has",
                assessed_on=date(2026, 10, 5),
                parents_view="They want a hospice for adults now, and are told that he decides.",
                capacity_note="Theo does not want any hospice for adults yet.",
            )
        ],
    },
    "demo-10": {
        "people": [
            MUM | {"may_be_told": "practical"},
            DAD | {"may_be_told": "practical"},
        ],
        "more": [
            (
                SHARING,
                {
                    "sharing_basis": "agreed_limited",
                    "sharing_limits": LIMITS,
                    "involve_parents": "some_things",
                },
            ),
            (
                WHAT_MATTERS,
                {
                    "about_me": "I want my own say. Ask me, not over my head.",
                    "good_day": "Breathing well enough to sing.",
                    "worries_about_moving": AFRAID,
                    "written_by": "young_person",
                    "not_to_tell": ["worries_about_moving"],
                },
            ),
        ],
    },
    "demo-11": {
        "people": [
            MUM,
            DAD | {"may_be_told": "nothing", "emergency_order": 0},
        ],
        "more": [
            _capacity("move", "lacks", assessed_on=date(2026, 9, 14)),
            _capacity("treatment_plan", "lacks", assessed_on=date(2026, 9, 14)),
            _capacity("finances", "not_assessed"),
            _capacity("sharing", "fluctuates", assessed_on=date(2026, 9, 14)),
            (
                LEGAL_ROLES,
                {
                    "role": "deputy_welfare",
                    "held_by": "His mum",
                    "status": "applied",
                    "document_seen": "no",
                },
            ),
            (
                LEGAL_ROLES,
                {
                    "role": "court_order",
                    "status": "in_force",
                    "document_seen": "yes",
                    "role_note": "Limits his dad's contact. See the order itself.",
                },
            ),
        ],
    },
    "demo-12": {
        "home": {
            "address_confidential": "yes",
            "address": "7 Hidden Row, Elsewhere",
            "postcode": "ZZ99 7ZZ",
            "looked_after_status": "care_order",
            "responsible_authority": "Demo County Council",
        },
        "people": [
            MUM
            | {
                "relationship": "Foster carer",
                "role_code": "carer",
                "has_pr": "no",
                "address": "7 Hidden Row, Elsewhere",
            }
        ],
    },
}
"""What is particular to single cases; everybody else has a home, a practice and a mum."""


def write_record(work: Work, told: Told) -> None:
    """Write the record of an invented case."""
    for section, values in facts_of(told):
        # A day that has not come yet where the cases are loaded earlier is said to be that day.
        said = {name: _come(value, work.today) for name, value in values.items()}
        if section.many:
            save_entry(work, told.reference, section, said, None)
        else:
            save_section(work, told.reference, section, said)


def _come(value: Value, today: date) -> Value:
    return min(value, today) if isinstance(value, date) else value
