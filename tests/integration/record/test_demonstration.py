"""What the invented cases are to show of the record, each by its number."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import ClientAs, WorkAs
from tests.people import ANNA, RUTH
from transition.actions.packs import record_for_receivers
from transition.actions.record import missing_before_proposal
from transition.records.cases import Case
from transition.records.record_sections import listed_in, record_of
from transition.records.young_people import YoungPerson, young_person_of
from transition.rules.record_sections import CAPACITY, CONTACTS, LEGAL_ROLES, SECTIONS

pytestmark = pytest.mark.usefixtures("demonstration")

HIDDEN = ("7 Hidden Row", "ZZ99 7ZZ")
LIMITS = "My parents: nothing of what I say about dying."
AFRAID = "That I die before the transplant."


def case_of(session: Session, given_name: str) -> Case:
    """Return the case of somebody in the demonstration, by first name."""
    for person in session.scalars(select(YoungPerson)):
        if person.given_name == given_name:
            return session.scalars(select(Case).where(Case.young_person_uid == person.uid)).one()
    raise AssertionError(given_name)


def pages_of(client: FlaskClient, reference: str) -> dict[str, str]:
    """Return the words of each page of a case that this browser may open, by its path."""
    paths = ["", "/milestones", "/pause", "/died", "/record/summary", "/contacts", "/contacts/new"]
    paths += [f"/record/{key}" for key in SECTIONS]
    paths += [f"/record/{key}/edit" for key, one in SECTIONS.items() if not one.many]
    found = {path: client.get(f"/cases/{reference}{path}") for path in paths}
    return {path: page.text for path, page in found.items() if page.status_code == 200}


def test_03_c_a_recorded_reason_satisfies_the_nhs_number_gate_with_a_banner_to_trace_it(
    session: Session, client_as: ClientAs, work_as: WorkAs
) -> None:
    reference = case_of(session, "Mateo").reference

    with work_as(RUTH) as work:
        case = work.case(reference).case
        assert not any("NHS" in one.words for one in missing_before_proposal(work, case))
        case.nhs_number_missing_reason = None
        assert any("NHS" in one.words for one in missing_before_proposal(work, case))
        case.nhs_number_missing_reason = "awaiting_trace"
    for path, page in pages_of(client_as(RUTH), reference).items():
        assert "Being traced. Trace it" in page, path


def test_09_c_the_parents_view_is_recorded_separately(
    session: Session, client_as: ClientAs
) -> None:
    case = case_of(session, "Theo")
    (found,) = listed_in(session, case.uid, CAPACITY)

    assert found["parents_view"] != found["capacity_note"]
    page = client_as(RUTH).get(f"/cases/{case.reference}/record/capacity").text
    assert "What the parents think" in page
    assert "Has capacity for this decision" in page


def test_10_a_the_limits_stand_on_every_page_of_the_case_and_never_on_the_familys_print(
    session: Session, client_as: ClientAs
) -> None:
    reference, ruth = case_of(session, "Bronwen").reference, client_as(RUTH)
    pages = pages_of(ruth, reference)

    assert len(pages) > 20
    assert [path for path, page in pages.items() if LIMITS not in page] == []
    family = ruth.get(f"/cases/{reference}/print/family").text
    hers = ruth.get(f"/cases/{reference}/print/young-person").text
    for words in (LIMITS, AFRAID, "Do not tell", "Practical", "What worries me", "Leave out"):
        assert words not in family, words
    assert LIMITS in hers
    assert AFRAID in hers
    assert "Breathing well enough to sing." in family


def test_10_b_her_parents_are_told_practical_things_only(
    session: Session, client_as: ClientAs
) -> None:
    case = case_of(session, "Bronwen")

    assert [one["may_be_told"] for one in listed_in(session, case.uid, CONTACTS)] == [
        "practical",
        "practical",
    ]
    page = client_as(RUTH).get(f"/cases/{case.reference}/contacts").text
    assert page.count("Practical things only") == 2


def test_11_a_there_are_several_capacity_rows_and_no_single_flag(session: Session) -> None:
    found = listed_in(session, case_of(session, "Kofi").uid, CAPACITY)

    assert len({one["decision"] for one in found}) == len(found) == 4
    assert len({one["outcome"] for one in found}) == 3
    assert not any("capacity" in name for name in vars(Case))


def test_11_b_a_legal_role_stands_as_applied_for(session: Session, client_as: ClientAs) -> None:
    case = case_of(session, "Kofi")
    roles = {one["role"]: one["status"] for one in listed_in(session, case.uid, LEGAL_ROLES)}

    assert roles == {"deputy_welfare": "applied", "court_order": "in_force"}
    page = client_as(RUTH).get(f"/cases/{case.reference}/record/legal-roles").text
    assert "Applied for" in page


def test_11_c_what_each_parent_may_be_told_differs(session: Session) -> None:
    people = listed_in(session, case_of(session, "Kofi").uid, CONTACTS)

    told = {one["relationship"]: one["may_be_told"] for one in people}
    assert told == {"Mum": "all", "Dad": "nothing"}


def test_whoever_may_be_told_nothing_is_not_on_the_familys_print(
    session: Session, client_as: ClientAs
) -> None:
    case, ruth = case_of(session, "Kofi"), client_as(RUTH)
    people = {one["relationship"]: one for one in listed_in(session, case.uid, CONTACTS)}
    mum, dad = people["Mum"], people["Dad"]

    family = ruth.get(f"/cases/{case.reference}/print/family").text
    for words in (dad["name"], dad["phone"], "Dad", "Nothing", "left out"):
        assert words not in family.partition("<main")[2], words
    assert mum["phone"] in family
    assert family.partition("<h2>People</h2>")[2].partition("</table>")[0].count("<tr>") == 1
    assert dad["phone"] in ruth.get(f"/cases/{case.reference}/print/young-person").text


def test_12_a_the_confidential_address_is_in_no_print_no_pack_and_on_no_page_of_another(
    session: Session, client_as: ClientAs, work_as: WorkAs
) -> None:
    reference, ruth = case_of(session, "Nia").reference, client_as(RUTH)

    assert HIDDEN[0] in ruth.get(f"/cases/{reference}/record/home").text
    told = [
        ruth.get(f"/cases/{reference}/print/{whose}").text for whose in ("family", "young-person")
    ]
    with work_as(RUTH) as work:
        case = work.case(reference).case
        person = young_person_of(work.session, case.young_person_uid)
        told.append(str(record_for_receivers(person, record_of(work.session, case))))
    assert [words for words in told if any(one in words for one in HIDDEN)] == []
    assert "Foster carer" in told[0]


def test_17_c_the_interpreter_is_carried_over(session: Session, client_as: ClientAs) -> None:
    case = case_of(session, "Zofia")

    with_words: Any = client_as(ANNA).get(f"/cases/{case.reference}/record/identity").text
    assert "Polish" in with_words
    assert "Is an interpreter needed?" in with_words
