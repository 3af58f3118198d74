"""The case record on the screen: read, written, confirmed, undone, and kept from other eyes."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.builders import (
    ClientAs,
    WorkAs,
    accepted_case,
    opened_case,
    planned_case,
    post,
    signed_in,
)
from tests.people import HELEN, RUTH
from transition.actions.record import save_entry, save_section
from transition.app import Tracker
from transition.rules.record_sections import CONTACTS, SHARING

MUM: dict[str, Any] = {
    "name": "Grace Demo-Test",
    "relationship": "Mum",
    "role_code": "family",
    "phone": "07700 900442",
    "emergency_order": "1",
    "may_be_told": "practical",
    "has_pr": "yes",
    "is_main_carer": "yes",
    "is_young_carer": "no",
    "bereaved": "not_recorded",
}


@pytest.fixture
def reference(work_as: WorkAs) -> str:
    """A case of Ruth's that has just been opened."""
    with work_as(RUTH) as work:
        return opened_case(work).reference


@pytest.fixture
def ruth(client_as: ClientAs) -> FlaskClient:
    return client_as(RUTH)


def send(client: FlaskClient, page: str, **words: Any) -> Any:  # noqa: ANN401 - an answer
    """Fill in the form of a page with the version that it carries, and follow where it leads."""
    words["version"] = version_on(client, page)
    return post(client, page, **words)


def version_on(client: FlaskClient, page: str) -> str:
    words = client.get(page).text
    _, _, rest = words.partition('name="version" value="')
    return rest.partition('"')[0]


def test_a_section_is_written_and_read_back(ruth: FlaskClient, reference: str) -> None:
    page = f"/cases/{reference}/record/communication"

    answer = send(ruth, f"{page}/edit", how_i_communicate="With my eyes.", aids=["eye_gaze", "bsl"])

    assert answer.status_code == 302
    shown = ruth.get(page).text
    assert "With my eyes." in shown
    assert "Eye-gaze device, British Sign Language" in shown
    assert "Confirmed on 23 November 2026 by Ruth Adeyemi" in shown


def test_a_person_is_added_changed_taken_out_and_brought_back(
    ruth: FlaskClient, reference: str
) -> None:
    page = f"/cases/{reference}/contacts"

    assert post(ruth, f"{page}/new", **MUM).status_code == 302
    shown = ruth.get(page).text
    assert 'href="tel:07700900442"' in shown
    assert "Practical things only" in shown

    assert post(ruth, f"{page}/new", **MUM | {"name": "Ann", "emergency_order": "0"})
    first, second = entries_on(ruth, page)
    assert send(ruth, f"{page}/{first}/edit", **MUM | {"may_be_told": "all"}).status_code == 302
    assert "Everything" in ruth.get(page).text

    version = version_on(ruth, f"{page}/{second}/edit")
    taken = f"/cases/{reference}/record/contacts/{second}/remove"
    assert post(ruth, page, taken, version=version).status_code == 302
    after = ruth.get(page)
    assert entries_on(ruth, page) == [first]
    undo_version = after.text.partition("Undo")[0].rpartition('name="version" value="')[2][:1]
    back = post(ruth, page, f"/cases/{reference}/record/contacts/undo", version=undo_version)
    assert back.status_code == 302
    assert entries_on(ruth, page) == [first, second]


def entries_on(client: FlaskClient, page: str) -> list[str]:
    """Return the entries that a page offers to change, in order."""
    pieces = client.get(page).text.split(f"{page}/")[1:]
    return list(dict.fromkeys(one.partition("/edit")[0] for one in pieces if "/edit" in one[:40]))


def test_whoever_saves_second_sees_both_texts_and_loses_nothing(
    ruth: FlaskClient, reference: str
) -> None:
    page = f"/cases/{reference}/record/communication/edit"
    old = version_on(ruth, page)
    send(ruth, page, how_i_communicate="With my eyes.")

    answer = post(ruth, page, how_i_communicate="With my hands.", version=old)

    assert answer.status_code == 409
    assert "With my eyes." in answer.text
    assert "With my hands." in answer.text
    assert "With my hands." in ruth.get(page).text, "it is kept as a draft"


def test_a_three_way_answer_left_out_is_refused_and_never_taken_as_no(
    ruth: FlaskClient, reference: str
) -> None:
    page = f"/cases/{reference}/contacts/new"
    words = {name: word for name, word in MUM.items() if name != "has_pr"}

    answer = post(ruth, page, **words)

    assert answer.status_code == 422
    assert "Say yes, no or not known yet: Do they hold parental responsibility" in answer.text
    assert "Grace Demo-Test" in answer.text
    assert entries_on(ruth, f"/cases/{reference}/contacts") == []


def test_an_answer_that_is_not_needed_is_put_back_to_not_recorded(
    ruth: FlaskClient, reference: str
) -> None:
    page = f"/cases/{reference}/record/home"
    home = {"address_confidential": "no", "looked_after_status": "care_leaver"}
    send(ruth, f"{page}/edit", **home)
    assert "A care leaver" in ruth.get(page).text
    form = ruth.get(f"{page}/edit").text
    buttons = re.findall(r'name="looked_after_status"[^>]*value="([a-z_0-9]*)"', form)
    assert buttons == ["none", "section_20", "care_order", "care_leaver", ""]
    assert re.findall(r'name="address_confidential"[^>]*value="(\w*)"', form) == [
        "yes",
        "no",
        "not_recorded",
    ], "what must be answered has no empty answer"

    assert send(ruth, f"{page}/edit", **home | {"looked_after_status": ""}).status_code == 302

    assert "A care leaver" not in ruth.get(page).text


def test_a_change_is_undone_once(ruth: FlaskClient, reference: str) -> None:
    page = f"/cases/{reference}/record/communication"
    send(ruth, f"{page}/edit", how_i_communicate="With my eyes.")

    assert send_to(ruth, page, f"{page}/undo").status_code == 302
    assert "Speak to me first." in ruth.get(page).text
    send_to(ruth, page, f"{page}/undo")
    assert "There is nothing to undo" in ruth.get(page).text


def send_to(client: FlaskClient, page: str, path: str) -> Any:  # noqa: ANN401 - an answer
    return post(client, page, path, version=version_on(client, page))


def test_what_is_old_says_so_until_it_is_confirmed(
    app: Tracker, ruth: FlaskClient, reference: str
) -> None:
    page = f"/cases/{reference}/record/communication"
    send(ruth, f"{page}/edit", how_i_communicate="With my eyes.")
    app.config["CLOCK"].instant += timedelta(days=366)
    ruth = signed_in(app, RUTH)
    assert "Not confirmed since 23 November 2026" in ruth.get(page).text

    assert send_to(ruth, page, f"{page}/confirm").status_code == 302

    assert "Confirmed on 24 November 2027 by Ruth Adeyemi" in ruth.get(page).text


def test_the_receiver_reads_what_is_shared_and_writes_nothing(
    client_as: ClientAs, work_as: WorkAs
) -> None:
    reference, _ = accepted_case(work_as)
    helen, ruth = client_as(HELEN), client_as(RUTH)
    post(ruth, f"/cases/{reference}/contacts/new", **MUM | {"own_needs": "declined"})

    shown = helen.get(f"/cases/{reference}/contacts").text

    assert "Grace Demo-Test" in shown
    assert "Carer&#39;s assessment" not in shown
    assert "Take out" not in shown
    assert "Carer&#39;s assessment" in ruth.get(f"/cases/{reference}/contacts").text
    for path in ("contacts/new", "record/health/edit"):
        assert helen.get(f"/cases/{reference}/{path}").status_code == 404


def test_limits_in_the_record_go_into_the_proposal_and_stand_on_the_receivers_pack(
    client_as: ClientAs, work_as: WorkAs
) -> None:
    with work_as(RUTH) as work:
        reference = planned_case(work).reference
        limited = {"sharing_basis": "agreed_limited", "sharing_limits": "Not to my school."}
        save_section(work, reference, SHARING, limited)
        save_entry(work, reference, CONTACTS, MUM | {"emergency_order": 1}, None)
    ruth, page = client_as(RUTH), f"/cases/{reference}/handover/propose"
    shown = ruth.get(page).text
    assert "Not to my school.</textarea>" in shown
    asked: dict[str, Any] = {
        "receiver": "rowans",
        "functions": ["advice_24_7"],
        "urgency": "routine",
    }
    asked |= {"sharing_basis": "agreed_limited"}

    answer = send(ruth, page, **asked, checked="yes")

    assert answer.status_code == 302, answer.text
    pack = client_as(HELEN).get(f"/cases/{reference}/handovers/rowans-1").text
    assert "Do not tell:</strong> Not to my school." in pack
    assert "Mum" in pack.partition('id="section-3"')[2]


@pytest.mark.parametrize(
    ("page", "tab"),
    [
        ("", "Overview"),
        ("/record/summary", "Record"),
        ("/record/health", "Record"),
        ("/contacts", "Contacts"),
        ("/services", "Services"),
    ],
)
def test_each_page_says_where_it_belongs(
    ruth: FlaskClient, reference: str, page: str, tab: str
) -> None:
    words = ruth.get(f"/cases/{reference}{page}").text
    here = re.findall(r'aria-current="page">([\w ]+?)(?: <span|</a>)', words)
    # The main navigation stands there twice: in a line, and in the menu of a phone.
    assert here == ["Young people", "Young people", tab]
