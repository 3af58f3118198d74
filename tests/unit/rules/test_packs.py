"""The handover pack: its sections, what changed in one, and what it lacks."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from transition.rules.handovers import Function, SharingBasis, Urgency
from transition.rules.milestones import Outcome, OutcomeKind, Standing, Status
from transition.rules.own_milestones import own_rule
from transition.rules.pack_contents import AdviceLine, Asked, PackFacts, ServiceTold, contents_of
from transition.rules.packs import (
    ASKED_ABOUT,
    PackBlock,
    PackChange,
    PackGaps,
    PackPart,
    PackSection,
    PackSource,
    changes_between,
    in_three_lines,
    missing_in,
    parts_of,
    valid_until,
)
from transition.rules.pathway import MilestoneRule, Owner, Stage
from transition.rules.services import Needed, ServiceFacts, ServiceKey, ServiceStatus

TODAY = date(2026, 11, 23)
ASKED = Asked(
    receiver="rowans",
    functions=(Function.ADVICE_24_7,),
    target_on=date(2027, 6, 1),
    urgency=Urgency.ROUTINE,
    sharing_basis=SharingBasis.AGREED_LIMITED,
    sharing_limits="Not to my school.",
    why="It is near.",
)
FACTS = PackFacts(
    called="Sky",
    sender="Naomi House & Jacksplace",
    receiver="Rowans Hospice",
    leaders=[(Function.ADVICE_24_7, "Jacksplace"), (Function.SHORT_BREAKS, "Jacksplace")],
    line_now=AdviceLine("Jacksplace", "01632 960000"),
    line_then=AdviceLine("Rowans Hospice"),
    written=PackSource("This handover", "Ruth", TODAY),
)


def blocks_in(facts: PackFacts, section: PackSection, asked: Asked = ASKED) -> dict[str, PackBlock]:
    """Return what stands in one section, by the headings."""
    part = contents_of(facts, asked)[section.number - 1]
    assert part.section is section
    return {one.title: one for one in part.blocks}


def rows_in(facts: PackFacts, section: PackSection, title: str) -> list[tuple[str, ...]]:
    """Return the rows below one heading of a section."""
    return [tuple(row) for row in blocks_in(facts, section)[title].rows]


def test_a_pack_has_twelve_sections_in_the_order_in_which_they_are_read() -> None:
    assert [part.section for part in contents_of(FACTS, ASKED)] == list(PackSection)
    assert [section.number for section in PackSection] == list(range(1, 13))
    assert PackSection.FRONT not in ASKED_ABOUT


def test_the_front_says_what_must_be_done_fast_and_whom_to_ring() -> None:
    used = {"uses_suction": "trained", "uses_oxygen": "not_used", "allergies": "Latex"}
    facts = replace(FACTS, values=used | {"how_i_communicate": "By eye", "involve_parents": "not"})

    assert rows_in(facts, PackSection.FRONT, "Act fast") == [
        ("Allergies", "Latex"),
        ("Technical care", "Suction"),
        ("Emergency plan", "Not written yet"),
    ]
    assert rows_in(facts, PackSection.FRONT, "24-hour advice") == [
        ("Now", "Jacksplace: 01632 960000"),
        ("From 1 June 2027, if agreed", "Rowans Hospice: Number not entered yet"),
    ]
    assert rows_in(facts, PackSection.FRONT, "Who leads what today") == [
        ("Jacksplace", "24-hour advice, Short breaks")
    ]
    assert rows_in(facts, PackSection.FRONT, "Sharing") == [
        ("On what basis", "Agreed, with limits"),
        ("What must not be told, and to whom", "Not to my school."),
        ("How much parents are involved", "Not"),
    ]
    assert rows_in(facts, PackSection.EQUIPMENT, "What is used, and who is trained") == [
        ("Suction", "Used: the receiver is trained")
    ]


def test_before_it_is_proposed_nothing_is_said_of_a_receiver() -> None:
    draft = replace(ASKED, functions=(), target_on=None, why=None)
    facts = replace(FACTS, line_then=None)

    assert len(blocks_in(facts, PackSection.FRONT, draft)["24-hour advice"].rows) == 1
    (told,) = blocks_in(facts, PackSection.ASKED, draft).values()
    assert {one[0]: one[1] for one in told.rows} == {
        "We ask Rowans Hospice to take on": "Chosen when it is proposed",
        "What stays as it is": "24-hour advice, Short breaks",
        "From": "No date yet",
        "How soon an answer is needed": "Routine",
        "Why this hospice": "Not written yet",
    }
    lines = blocks_in(FACTS, PackSection.FRONT, replace(ASKED, target_on=None))["24-hour advice"]
    assert lines.rows[1][0] == "From the target date, if agreed"


def test_each_service_stands_once_where_it_belongs() -> None:
    def told(key: ServiceKey, needed: Needed = Needed.YES, **more: object) -> ServiceTold:
        return ServiceTold(ServiceFacts(key=key, needed=needed, **more), "Solent", "01632 960001")  # type: ignore[arg-type]

    referred = told(
        ServiceKey.PHYSIOTHERAPY,
        status=ServiceStatus.REFERRED,
        referred_on=date(2026, 10, 1),
        expected_start=date(2027, 1, 4),
        adult_counterpart="Adult physio",
    )
    disputed = told(
        ServiceKey.SOCIAL_CARE, status=ServiceStatus.DISPUTED, escalate_on=date(2026, 12, 1)
    )
    services = [
        referred,
        disputed,
        told(ServiceKey.WHEELCHAIR, Needed.UNKNOWN),
        told(ServiceKey.DENTAL, Needed.NO),
        told(ServiceKey.FAMILY_BEREAVEMENT_SUPPORT),
    ]
    facts = replace(FACTS, services=services, services_source=PackSource("Services", "Ruth", TODAY))

    assert rows_in(facts, PackSection.SERVICES, "") == [
        (
            "Physiotherapy",
            "Solent, 01632 960001",
            "Adult physio",
            "Referred. Asked for on 1 October 2026. Expected on 4 January 2027",
        )
    ]
    assert rows_in(facts, PackSection.FUNDING, "")[0][::3] == (
        "Social care",
        "Disputed: nobody agrees to pay. The leads take it further on 1 December 2026",
    )
    assert rows_in(facts, PackSection.EQUIPMENT, "")[0][:1] == ("Wheelchair",)
    assert rows_in(facts, PackSection.FAMILY, "")[0][0] == "Support for the family"
    assert contents_of(facts, ASKED)[5].sources == [PackSource("Services", "Ruth", TODAY)]


def test_the_family_section_says_who_supports_them_and_who_carries_much() -> None:
    people = [{"name": "Ali", "is_young_carer": "yes"}, {"name": "Jo", "bereaved": "yes"}]
    leaders = [(Function.BEREAVEMENT_SUPPORT, "Naomi House")]
    facts = replace(FACTS, people=people, leaders=leaders)

    assert rows_in(facts, PackSection.FAMILY, "In the family") == [
        ("Young carers", "Ali"),
        ("Have been bereaved", "Jo"),
    ]
    assert rows_in(facts, PackSection.FAMILY, "Who supports the family today") == [
        ("Bereavement support", "Naomi House")
    ]


def standing(rule: MilestoneRule, code: str, kind: OutcomeKind | None) -> Standing:
    """Return how a milestone stands that ended so."""
    outcome = Outcome(kind=kind, done_on=TODAY) if kind else None
    return Standing(replace(rule, code=code, title=code), None, Status.UPCOMING, outcome)


def test_milestones_say_what_became_of_them_and_a_waiver_says_why() -> None:
    own = own_rule("EX-01", stage=Stage.PLANNING, owner=Owner.CHILDRENS, due_on=None)
    rule = replace(own, own=False)
    facts = replace(
        FACTS,
        standings=[
            standing(rule, "A", None),
            standing(rule, "B", OutcomeKind.WAIVED),
            standing(rule, "C", OutcomeKind.WAIVED),
            standing(rule, "D", OutcomeKind.DONE),
            standing(rule, "E", OutcomeKind.NOT_APPLICABLE),
            standing(rule, "F", OutcomeKind.DECLINED_BY_PERSON),
            standing(own, "G", None),
        ],
        waived={"B": "No time for it"},
    )

    shown = {title: one.rows for title, one in blocks_in(facts, PackSection.MILESTONES).items()}
    assert shown == {
        "Still to do": [("A",)],
        "Gone on without": [("B", "No time for it"), ("C", "Waived by a lead")],
        "Done": [("D",)],
        "Not needed": [("E",), ("F",)],
    }


def test_what_stands_in_a_section_without_anybody_who_confirmed_it_must_be_checked() -> None:
    record = {"health": [("Health in short", [("Condition", "x")])], "gp": []}
    known = {"gp": PackSource("GP practice", "Ruth", TODAY)}
    parts = contents_of(replace(FACTS, record=record, sources=known), ASKED)

    assert parts[2].sources == [known["gp"]]
    assert parts[3].sources == [PackSource("Health in short", "", None)]
    assert [part.section for part in parts if part.old(TODAY)] == [PackSection.HEALTH]


@pytest.mark.parametrize(("days", "old"), [(0, False), (90, False), (91, True)])
def test_a_part_must_be_checked_after_90_days(days: int, old: bool) -> None:  # noqa: FBT001 - a table
    assert PackSource("GP", "Ruth", TODAY - timedelta(days=days)).old(TODAY) is old


def test_a_section_opens_as_it_was_kept_but_for_what_is_hidden() -> None:
    part = PackPart(
        PackSection.PEOPLE,
        [
            PackBlock("Home", [["Address", "1 Road"]], []),
            PackBlock("Mum", [["Address", "1 Road"], ["Telephone", "01632 960000"]], []),
            PackBlock("", [["Address", "a service"]], ["Service"]),
        ],
        [PackSource("Home", "Ruth", TODAY), PackSource("GP practice", "", None)],
    )
    pack = {"sections": [part.kept()]}

    assert parts_of(pack) == [part]
    (shown,) = parts_of(pack, without=["Address"])
    assert [(one.title, len(one.rows)) for one in shown.blocks] == [("Mum", 1), ("", 1)]
    assert parts_of({}) == []


def test_what_changed_is_told_row_by_row_with_what_was_and_what_is_now() -> None:
    def part(*blocks: PackBlock) -> PackPart:
        return PackPart(PackSection.HEALTH, blocks)

    was = part(
        PackBlock("Health", [("Allergies", "None"), ("Condition", "x")]),
        PackBlock("", [("Physio", "Solent", "")], ("Service", "Now", "Then")),
        PackBlock("Done", [("One",), ("Two",)]),
        PackBlock("Same", [("Name", "Jo"), ("Name", "Al")]),
    )
    now = part(
        PackBlock("Health", [("Allergies", "Latex"), ("Condition", "x")]),
        PackBlock("", [("Physio", "Solent", "Adult team")], ("Service", "Now", "Then")),
        PackBlock("Done", [("Two",), ("Three",)]),
        PackBlock("Same", [("Name", "Jo"), ("Name", "Al")]),
    )

    assert changes_between([was], [now]) == {
        PackSection.HEALTH: [
            PackChange("Health: Allergies", "None", "Latex"),
            PackChange("Physio", "Solent", "Solent; Adult team"),
            PackChange("Done", "One", ""),
            PackChange("Done", "", "Three"),
        ]
    }
    assert changes_between([was], [was]) == {}
    assert changes_between([], [was])[PackSection.HEALTH][0] == PackChange(
        "Health: Allergies", "", "None"
    )


def test_at_a_glance_words_end_after_a_word() -> None:
    assert in_three_lines("Ask me.") == "Ask me."
    assert in_three_lines("word " * 100) == f"{'word ' * 54}word …"


def test_a_printed_pack_is_good_for_30_days() -> None:
    assert valid_until(TODAY) == date(2026, 12, 23)


def test_what_a_pack_lacks_is_said_in_sentences() -> None:
    known = [ServiceFacts(key=one, needed=Needed.NO) for one in ServiceKey]
    whole = PackGaps(
        services=known,
        emergency_plan_location="With the GP",
        medicines_on=TODAY - timedelta(days=14),
        decided_about=["move"],
        may_decide=True,
    )
    assert missing_in(whole, TODAY) == ()
    assert missing_in(replace(whole, may_decide=False, decided_about=[]), TODAY) == ()

    gap = [ServiceFacts(key=ServiceKey.DENTAL, needed=Needed.YES)]
    old = TODAY - timedelta(days=15)
    poor = PackGaps(
        services=gap, medicines_on=old, may_decide=True, without_line=["Rowans Hospice"]
    )
    assert missing_in(poor, TODAY) == (
        "Advance care plan: where the emergency plan is, is not written yet.",
        "Health in short: the list of medicines is not dated within 14 days.",
        "Capacity: nothing is recorded for the decision to move.",
        "Services: nobody has said of 36 whether they are needed.",
        "Services: 1 needed with neither an adult service nor a word on the gap.",
        "24-hour number of Rowans Hospice: not entered yet.",
    )
    assert "medicines" in missing_in(replace(poor, medicines_on=None), TODAY)[1]
