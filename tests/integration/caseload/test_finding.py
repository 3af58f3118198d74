"""Finding somebody by part of a name, by reference, by NHS number: whoever one may see."""

import logging
import re
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.builders import (
    TOKEN,
    ClientAs,
    WorkAs,
    actor_of,
    engine_of,
    on_both,
    opened_case,
    proposed_handover,
    staff_of,
    token_of,
)
from tests.databases import FIXED
from tests.people import ANNA, HELEN, JO, PETER, RUTH
from tests.security.sweep import statements
from transition.actions.demonstration_bulk import Wanted, add_cases
from transition.app import Tracker
from transition.home import CONFIG
from transition.records.audit import AuditEntry
from transition.records.case_lists import everybody_seen
from transition.records.dues import Asking
from transition.records.names import found_by_name, names_of
from transition.records.staff import Denial
from transition.rules.names import folded, search_text
from transition.rules.stages import Ending

NUMBER, OTHER = "9991000003", "9991000011"
PEOPLE = (
    ("Siobh\u00e1n", "O\u2019Rourke", None),
    ("Jos\u00e9", "Garc\u00eda-L\u00f3pez", "Pepe"),
    ("Mara", "Okafor", None),
    ("Thomas", "Smithers", "Tommo"),
)


@pytest.fixture
def people(work_as: WorkAs) -> dict[str, str]:
    """Four people of Naomi House, by first name, with their references."""
    with work_as(RUTH) as work:
        return {
            given: opened_case(
                work, given_name=given, family_name=family, known_as=known_as
            ).reference
            for given, family, known_as in PEOPLE
        }


def look(client: Any, words: str) -> TestResponse:  # noqa: ANN401 - a browser
    token = token_of(client.get("/me/notifications/preview").text)
    answer: TestResponse = client.post("/cases/find", data={"csrf_token": token, "words": words})
    return answer


@pytest.mark.parametrize(
    ("words", "who"),
    [
        ("rav", None),
        ("mar", "Mara"),
        ("OKA", "Mara"),
        ("kafo", "Mara"),
        ("okafor mara", "Mara"),
        ("siobhan", "Siobh\u00e1n"),
        ("orourke", "Siobh\u00e1n"),
        ("O'Rourke", "Siobh\u00e1n"),
        ("garcia lopez", "Jos\u00e9"),
        ("GarciaLopez", "Jos\u00e9"),
        ("pepe", "Jos\u00e9"),
        ("jose", "Jos\u00e9"),
        ("mm", "Thomas"),
    ],
)
def test_a_part_of_a_name_that_one_person_has_leads_to_them(
    client_as: ClientAs, people: dict[str, str], words: str, who: str | None
) -> None:
    answer = look(client_as(RUTH), words)
    if who is None:
        assert answer.status_code == 200
        assert f"No one you can see matches “{words}”" in answer.text
    else:
        assert answer.location == f"/cases/{people[who]}"


@pytest.mark.parametrize("words", ["Okafr", "Okaffor", "Oakfor", "smitters", "Garzia"])
def test_one_slip_still_finds_them_under_its_own_heading(
    client_as: ClientAs, people: dict[str, str], words: str
) -> None:
    answer = look(client_as(RUTH), words)
    assert answer.status_code == 200
    assert "A name like this" in answer.text
    found = [reference for reference in people.values() if reference in answer.text]
    assert len(found) == 1


def test_several_who_match_are_listed_by_name(client_as: ClientAs, people: dict[str, str]) -> None:
    page = look(client_as(RUTH), "or").text
    assert [one for one in people if people[one] in page] == ["Siobh\u00e1n", "Mara"]
    assert page.index("Mara Okafor") < page.index("O\u2019Rourke")
    assert "Thomas" not in page


@pytest.mark.parametrize("words", ["x", "-", "'", " . "])
def test_too_little_is_refused_with_what_to_do(
    client_as: ClientAs, people: dict[str, str], words: str
) -> None:
    answer = look(client_as(RUTH), words)
    assert answer.status_code == 422
    assert "Enter at least 2 letters of a name, a reference or an NHS number" in answer.text
    assert not [one for one in people.values() if one in answer.text]
    assert look(client_as(RUTH), "").status_code == 422


def test_a_reference_leads_to_its_case_however_it_is_typed(
    client_as: ClientAs, people: dict[str, str]
) -> None:
    for typed in (people["Mara"], people["Mara"].lower().replace("-", " ")):
        assert look(client_as(RUTH), typed).location == f"/cases/{people['Mara']}"


@on_both
def test_what_one_may_not_see_is_found_by_nothing(
    app: Tracker, client_as: ClientAs, work_as: WorkAs
) -> None:
    """Abuse case 17: by the exact NHS number neither, and for the lead whom it is meant for."""
    with work_as(RUTH) as work:
        case = opened_case(work, given_name="Quillon", nhs_number=NUMBER)
        denial = {"staff_uid": staff_of(work.session, ANNA).uid, "case_uid": case.uid}
        work.keep(Denial(**denial, denied_by_uid=work.actor_uid, denied_at=work.now))
        reference = case.reference
    for email in (ANNA, HELEN, PETER):
        client = client_as(email)
        for hidden, absent in (
            ("Quillon", "Quelaag"),
            (reference, "NHJ-2222-2"),
            (NUMBER, OTHER),
        ):
            look(client, absent)  # so that what is kept is kept for both
            with statements(app) as first:
                forbidden = look(client, hidden)
            with statements(app) as second:
                nothing = look(client, absent)
            assert forbidden.status_code == nothing.status_code
            assert "Quillon" not in forbidden.text.replace("“Quillon”", "")
            assert len(first) == len(second), hidden
            pages = [TOKEN.sub("", one.text) for one in (forbidden, nothing)]
            assert pages[0].replace(hidden, absent) == pages[1]
    assert look(client_as(RUTH), NUMBER).location == f"/cases/{reference}"


def test_an_nhs_number_that_nobody_has_here_is_told_in_one_sentence(
    client_as: ClientAs, people: dict[str, str]
) -> None:
    assert people
    ruth = client_as(RUTH)
    assert "No one you can see has that NHS number." in look(ruth, OTHER).text
    assert "This has 9" in look(ruth, OTHER[:9]).text
    assert "a digit is mistyped" in look(ruth, "999 100 0004").text


def test_an_nhs_number_is_found_with_spaces(client_as: ClientAs, work_as: WorkAs) -> None:
    with work_as(RUTH) as work:
        reference = opened_case(work, nhs_number=NUMBER).reference
    assert look(client_as(RUTH), " 999 100 0003 ").location == f"/cases/{reference}"


def test_a_receiver_finds_the_pack_and_nobody_finds_what_was_not_proposed(
    client_as: ClientAs, work_as: WorkAs
) -> None:
    with work_as(RUTH) as work:
        reference = proposed_handover(work)[0].reference
    assert look(client_as(HELEN), "sky").location == f"/cases/{reference}/handovers/rowans-1"
    assert "No one you can see" in look(client_as(PETER), "sky").text
    assert look(client_as(JO), "sky").status_code == 404


def test_somebody_who_has_ended_is_found_and_stands_apart(
    client_as: ClientAs, work_as: WorkAs, people: dict[str, str]
) -> None:
    with work_as(RUTH) as work:
        case = work.case(people["Mara"]).case
        case.ending, case.ended_at = Ending.MOVED_AWAY, work.now
    ruth = client_as(RUTH)
    page = look(ruth, "mara").text
    assert re.search(r"<h2[^>]*>Ended</h2>", page)
    assert people["Mara"] in page
    assert "Getting" not in page
    assert people["Mara"] not in ruth.get("/cases").text
    assert "3 people" in ruth.get("/cases").text
    assert look(ruth, people["Mara"]).location == f"/cases/{people['Mara']}"


def test_what_is_typed_stands_in_no_address_title_log_or_trail(
    client_as: ClientAs,
    people: dict[str, str],
    session: Session,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    ruth = client_as(RUTH)
    for words in ("kafo", "zanzibar", NUMBER, "Okafr"):
        answer = look(ruth, words)
        title = re.findall(r"<title>(.*?)</title>", answer.text, re.DOTALL)
        told = f"{answer.headers} {title} {caplog.text}"
        trail = " ".join(f"{one.object} {one.case_ref}" for one in _trail(session))
        for secret in (words, "Mara", "Okafor"):
            assert secret not in told
            assert secret not in trail
    empty = ruth.get("/cases/find?words=kafo").text
    assert "Type part of a name" in empty
    assert people["Mara"] not in empty
    actions = [one.action for one in _trail(session)]
    assert actions.count("cases:found") == 1
    assert actions.count("cases:searched") == 3
    assert people["Mara"] in next(
        one.object for one in _trail(session) if one.action == "cases:searched" and one.object
    )


def _trail(session: Session) -> list[AuditEntry]:
    session.rollback()
    return list(session.scalars(select(AuditEntry).order_by(AuditEntry.seq)))


@pytest.fixture
def crowd(app: Tracker) -> Tracker:
    """Sixty invented people."""
    with Session(engine_of(app)) as session:
        wanted = Wanted(60, 5, CONFIG / "demonstration")
        add_cases(session, app.config["CATALOGUE"], wanted, now=FIXED, told=lambda _: None)
    return app


def _slips(word: str) -> set[str]:
    """Return one slip of each kind."""
    middle = len(word) // 2
    return {
        word[:middle] + word[middle + 1 :],
        word[:middle] + "q" + word[middle:],
        word[:middle] + "q" + word[middle + 1 :],
        word[: middle - 1] + word[middle] + word[middle - 1] + word[middle + 1 :],
    }


def test_everybody_is_found_by_every_part_of_their_name_and_by_a_slip(crowd: Tracker) -> None:
    with Session(engine_of(crowd)) as session:
        reader = actor_of(session, RUTH, FIXED.date())
        asking = Asking(reader, FIXED.date(), crowd.config["CATALOGUE"])
        everybody = everybody_seen(session, asking)
        names = names_of(session, reader, [one.case_uid for one in everybody])
        assert len(names) == 60
        for one in everybody:
            full = names[one.case_uid].full
            assert one in found_by_name(session, asking, full.upper()).exactly
            for part in _parts(full):
                assert one in found_by_name(session, asking, part).exactly, part
            for slip in _slips_of(full):
                found = found_by_name(session, asking, slip)
                assert one in (*found.exactly, *found.nearly), slip


def _parts(full: str) -> list[str]:
    """Return every three letters of a name that stand together."""
    words = folded(full).replace("-", "").split()
    return [word[start : start + 3] for word in words for start in range(len(word) - 2)]


def _slips_of(full: str) -> set[str]:
    words = {word for word in search_text([full]).split() if len(word) > 4}
    return set().union(*map(_slips, words))


def test_nobody_is_found_whom_the_reader_may_not_see(crowd: Tracker) -> None:
    with Session(engine_of(crowd)) as session:
        for email in (HELEN, PETER):
            asking = Asking(
                actor_of(session, email, FIXED.date()), FIXED.date(), crowd.config["CATALOGUE"]
            )
            seen = {one.reference for one in everybody_seen(session, asking)}
            assert 0 < len(seen) < 30
            found = found_by_name(session, asking, "demo")
            assert {one.reference for one in found.exactly} == seen


@pytest.mark.usefixtures("crowd")
def test_the_first_fifty_are_shown_and_the_others_counted(client_as: ClientAs) -> None:
    page = look(client_as(RUTH), "demo").text
    assert "60 people" in page
    assert "The first 50 of 60 are shown" in page
    assert len(set(re.findall(r"NHJ-\w{4}-\w", page))) == 50
    assert len(page.encode()) <= 40_000
