"""The trail as auditors and leads read it: their own organisation's part, in codes alone."""

import re
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests.builders import (
    ClientAs,
    WorkAs,
    accepted_case,
    on_both,
    opened_case,
    post,
    proposed_handover,
    uid_of,
)
from tests.databases import FIXED, catalogue
from tests.integration.handovers.steps import STEPS
from tests.people import ANNA, HELEN, IDRIS, JO, PETER, PRIYA, RUTH, SAM, WILMA
from transition.actions.deaths import record_death
from transition.actions.people import name_for
from transition.app import Tracker
from transition.records.audit import AuditEntry, Note
from transition.records.trail import Wanted, entries_wanted, known_to, odd_entries
from transition.rules.people import Duty
from transition.rules.references import new_reference
from transition.rules.trail import Deed, Oddity

TODAY = FIXED.date()
WEDNESDAY = FIXED + timedelta(days=2)
ROWS = re.compile(r'<tr role="row">(.*?)</tr>', re.DOTALL)


def rows(page: str) -> list[str]:
    """Return the words of each line of the table."""
    words = [unescape(re.sub(r"<[^>]+>", " ", row)) for row in ROWS.findall(page)]
    return [re.sub(r"\s+", " ", one) for one in words][1:]


def wanted(organisation: str = "naomi", *, of_cases: bool = True, **words: Any) -> Wanted:  # noqa: ANN401 - any field of it
    return Wanted(organisation=organisation, of_cases=of_cases, **words)


def looks(work_as: WorkAs, who: str, *notes: Note, at: datetime = FIXED) -> None:
    with work_as(who, at) as work:
        work.notes.extend(notes)


def looked(reference: str, about: str = "overview") -> Note:
    return Note("case:viewed", about, case_ref=reference)


def told(entries: Iterable[AuditEntry]) -> list[tuple[str, str]]:
    return [(one.organisation, one.action) for one in entries]


@pytest.fixture
def shared(work_as: WorkAs) -> str:
    """A case of Naomi House that Rowans has accepted, and at which both have looked."""
    reference = accepted_case(work_as)[0]
    looks(work_as, HELEN, looked(reference))
    looks(work_as, RUTH, looked(reference, "milestones"))
    return reference


@on_both
def test_a_lead_reads_what_their_own_people_did_and_an_auditor_of_their_cases_too(
    session: Session, shared: str
) -> None:
    theirs = entries_wanted(session, wanted("rowans", of_cases=False))
    assert {one.organisation for one in theirs} == {"rowans"}
    leads = entries_wanted(session, wanted(of_cases=False))
    assert {one.organisation for one in leads} == {"naomi"}
    auditors = entries_wanted(session, wanted())
    assert {one.organisation for one in auditors} >= {"naomi", "rowans"}
    assert {one.case_ref for one in auditors if one.organisation == "rowans"} == {shared}
    assert [one.seq for one in auditors] == sorted((one.seq for one in auditors), reverse=True)
    assert len(entries_wanted(session, wanted(), most=2)) == 2
    oldest = auditors[-1].seq
    assert entries_wanted(session, wanted(), before=oldest) == []


@pytest.fixture
def varied(work_as: WorkAs, shared: str) -> tuple[str, str]:
    """Something of each kind: in the shared case, and in another that is opened on Wednesday."""
    with work_as(ANNA, WEDNESDAY) as work:
        other = opened_case(work).reference
    looks(work_as, RUTH, Note("cases:listed", f"{other} {shared}"))
    looks(work_as, RUTH, Note("pack:printed", "rowans-1", case_ref=shared))
    looks(work_as, RUTH, Note("case:refused", case_ref=shared, outcome="refused"))
    looks(work_as, WILMA, Note("trail:exported", "check", case_ref=shared))
    return shared, other


@on_both
def test_it_is_narrowed_by_person_by_case_and_by_day(
    session: Session, varied: tuple[str, str]
) -> None:
    ruth = uid_of(session, RUTH).hex()
    assert {one.actor for one in entries_wanted(session, wanted(who=ruth))} == {ruth}
    of_other = entries_wanted(session, wanted(case=varied[1]))
    assert [one.action for one in of_other] == ["cases:listed", "case:opened"]
    day = WEDNESDAY.date()
    since = entries_wanted(session, wanted(first=day, last=day))
    assert [one.action for one in since] == ["case:opened"]
    until = entries_wanted(session, wanted(last=TODAY))
    assert {one.at.date() for one in until} == {TODAY}


@on_both
@pytest.mark.usefixtures("varied")
def test_it_is_narrowed_by_what_was_done_and_each_entry_is_exactly_one_of_that(
    session: Session,
) -> None:
    parts = {deed: entries_wanted(session, wanted(deed=deed)) for deed in Deed}
    did = {deed: {one.action for one in part} for deed, part in parts.items()}
    assert did[Deed.PRINTED] == {"pack:printed"}
    assert did[Deed.REFUSED] == {"case:refused"}
    assert did[Deed.EXPORTED] == {"trail:exported"}
    assert did[Deed.VIEWED] == {"case:viewed", "cases:listed"}
    assert did[Deed.SIGNED_IN] == set()
    assert "handover:accepted" in did[Deed.CHANGED]
    numbers = [one.seq for part in parts.values() for one in part]
    assert sorted(numbers) == sorted(one.seq for one in entries_wanted(session, wanted()))


def test_signing_in_belongs_to_whoever_signs_in(
    app: Tracker, client_as: ClientAs, session: Session
) -> None:
    client_as(RUTH)
    client_as(HELEN)
    stranger = app.test_client()
    post(stranger, "/sign-in", email=RUTH, password="not this one")  # noqa: S106 - a wrong one
    ruth = uid_of(session, RUTH).hex()
    mine = entries_wanted(session, wanted(of_cases=False, who=ruth))
    assert [one.action for one in mine][:2] == ["sign-in:refused", "sign-in:begun"]
    signed_in = entries_wanted(session, wanted(of_cases=False, deed=Deed.SIGNED_IN))
    assert [one.object for one in signed_in] == [ruth]
    page = client_as(PRIYA).get(f"/audit?who={ruth}").text
    assert any("Ruth" in one and "Could not sign in" in one for one in rows(page))
    assert ruth not in "".join(rows(page))


def decline(work_as: WorkAs) -> str:
    """Propose a case to Rowans, which says No; return its reference."""
    with work_as(RUTH) as work:
        case, _ = proposed_handover(work)
        reference = case.reference
    with work_as(HELEN) as work:
        STEPS["decline"](work, reference, "rowans-1")
    return reference


@on_both
def test_a_former_receiver_who_looks_again_is_named_to_both(
    work_as: WorkAs, session: Session
) -> None:
    reference = decline(work_as)
    later = FIXED + timedelta(minutes=5)
    looks(work_as, HELEN, Note("handover:read", "rowans-1", case_ref=reference), at=later)
    for organisation in ("naomi", "rowans"):
        odd = odd_entries(session, wanted(organisation), catalogue().holidays, today=TODAY)
        assert [kinds for kinds in odd.values() if Oddity.AFTER_NO in kinds] == [
            {Oddity.AFTER_NO}
        ], organisation
    elsewhere = odd_entries(session, wanted("oakhaven"), frozenset(), today=TODAY)
    assert elsewhere == {}


@on_both
def test_a_hospice_learns_of_no_death_of_somebody_it_had_declined(
    work_as: WorkAs, session: Session
) -> None:
    reference = decline(work_as)
    with work_as(RUTH, FIXED + timedelta(minutes=1)) as work:
        record_death(work, reference, died_on=None)
    later = FIXED + timedelta(minutes=5)
    for who in (RUTH, HELEN):
        looks(work_as, who, Note("handover:read", "rowans-1", case_ref=reference), at=later)
    assert known_to(session, wanted()).died.keys() == {reference}
    assert known_to(session, wanted("rowans")).died == {}
    kinds = odd_entries(session, wanted("rowans"), frozenset(), today=TODAY).values()
    assert set().union(*kinds) == {Oddity.AFTER_NO}
    ours = odd_entries(session, wanted(), frozenset(), today=TODAY).values()
    assert Oddity.AFTER_DEATH in set().union(*ours)


@on_both
def test_whoever_was_told_of_a_death_is_told_who_looked_after_it(
    work_as: WorkAs, session: Session, shared: str
) -> None:
    with work_as(RUTH, FIXED + timedelta(minutes=1)) as work:
        record_death(work, shared, died_on=None)
    looks(work_as, HELEN, looked(shared), at=FIXED + timedelta(minutes=5))
    odd = odd_entries(session, wanted("rowans"), frozenset(), today=TODAY)
    assert list(odd.values()) == [{Oddity.AFTER_DEATH}]


@on_both
def test_what_is_unusual_is_looked_for_within_a_month(
    work_as: WorkAs, session: Session, shared: str
) -> None:
    sunday = FIXED - timedelta(days=1)
    looks(work_as, RUTH, looked(shared), at=sunday)
    asked = wanted(first=sunday.date() - timedelta(days=90), last=sunday.date())
    found = odd_entries(session, asked, frozenset(), today=TODAY)
    assert list(found.values()) == [{Oddity.OUT_OF_HOURS}]
    much_later = TODAY + timedelta(days=40)
    assert odd_entries(session, wanted(), frozenset(), today=much_later) == {}
    assert odd_entries(session, wanted(deed=Deed.PRINTED), frozenset(), today=TODAY) == {}


# --- the page -----------------------------------------------------------------------------------


@pytest.mark.parametrize("email", [WILMA, PRIYA, HELEN])
def test_auditors_and_leads_open_it_and_nobody_reads_a_personal_word_there(
    client_as: ClientAs, work_as: WorkAs, email: str
) -> None:
    with work_as(RUTH) as work:
        case, _ = proposed_handover(work)
        reference = case.reference
    ruth, helen = client_as(RUTH), client_as(HELEN)
    ruth.get(f"/cases/{reference}")
    ruth.get("/cases")
    helen.get(f"/cases/{reference}/handovers/rowans-1")
    reader = client_as(email)
    for path in ("/audit", "/audit?odd=any", f"/audit?case={reference}"):
        answer = reader.get(path)
        assert answer.status_code == 200
        for word in ("Sky", "Demo-Test", "Spinal", "I want my own say"):
            assert word not in answer.text
    page = reader.get(f"/audit?case={reference}").text
    assert any(reference in one for one in rows(page))
    if email == WILMA:
        assert any("Helen" in one and "Rowans Hospice" in one for one in rows(page))
        assert "/audit" in reader.get("/").location


@pytest.mark.parametrize("email", [RUTH, JO, SAM])
def test_for_everybody_else_there_is_no_such_page(client_as: ClientAs, email: str) -> None:
    assert client_as(email).get("/audit").status_code == 404


def test_that_somebody_looked_at_the_trail_is_in_the_trail(
    client_as: ClientAs, session: Session, shared: str
) -> None:
    wilma = client_as(WILMA)
    wilma.get("/audit")
    wilma.get(f"/audit?case={shared}&what=viewed")
    actor = uid_of(session, WILMA).hex()
    entries = entries_wanted(session, wanted(who=actor))
    assert [(one.action, one.object, one.case_ref) for one in entries[:2]] == [
        ("trail:read", "viewed", shared),
        ("trail:read", "", None),
    ]
    history = client_as(RUTH).get(f"/cases/{shared}/history?kind=access").text
    assert "Looked at what the trail holds of the case" in history
    assert "Wilma" in history or "auditor, Naomi House" in history


def test_what_is_typed_becomes_codes_in_the_address(
    client_as: ClientAs, session: Session, shared: str
) -> None:
    wilma, ruth = client_as(WILMA), uid_of(session, RUTH).hex()
    days = {"first-day": "1", "first-month": "11", "first-year": "2026"}
    answer = post(wilma, "/audit", who=ruth, case=shared.lower(), what="viewed", odd="", **days)
    assert answer.location == f"/audit?who={ruth}&case={shared}&what=viewed&first=2026-11-01"
    page = wilma.get(answer.location).text
    assert all("Ruth" in one for one in rows(page))
    assert "selected>Ruth" in re.sub(r"\s+", " ", page) or "Ruth" in page


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"case": "Quillon Zarabeth"}, "Enter the reference of a case, like NHJ-7K2M-4"),
        (
            {
                "first-day": "2",
                "first-month": "11",
                "first-year": "2026",
                "last-day": "1",
                "last-month": "11",
                "last-year": "2026",
            },
            "The last day must not be before the first",
        ),
        ({"first-day": "31", "first-month": "2", "first-year": "2026"}, "From must be a real date"),
        ({"who": "nobody"}, "Choose one of the answers"),
    ],
)
@pytest.mark.usefixtures("shared")
def test_what_cannot_be_read_is_said_so_and_shows_nothing(
    client_as: ClientAs, words: dict[str, str], sentence: str
) -> None:
    answer = post(client_as(WILMA), "/audit", **{"who": "", "what": "", "odd": ""} | words)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert rows(answer.text) == []


@pytest.mark.usefixtures("shared")
def test_whatever_else_an_address_holds_is_passed_over(client_as: ClientAs) -> None:
    wilma = client_as(WILMA)
    odd = "who=me&case=Quillon&what=all&odd=x&first=31/2/2026&last=9&before=%D9%A3"
    page = wilma.get(f"/audit?{odd}")
    assert page.status_code == 200
    assert "Quillon" not in page.text
    assert len(rows(page.text)) > 5
    assert wilma.get(f"/audit?who={'0' * 32}").status_code == 200


def test_a_long_trail_stands_on_pages_that_do_not_move_while_it_grows(
    client_as: ClientAs, work_as: WorkAs, shared: str
) -> None:
    looks(work_as, RUTH, *(looked(shared, f"ID-{number:02}") for number in range(70)))
    wilma = client_as(WILMA)
    first = wilma.get("/audit?what=viewed").text
    older = re.search(r'href="(/audit\?[^"]*before=[^"]*)"', first)
    assert older is not None
    second = wilma.get(unescape(older[1])).text
    shown = [re.search(r"ID-\d\d", one) for one in rows(first) + rows(second)]
    codes = [found[0] for found in shown if found]
    assert codes == [f"ID-{number:02}" for number in range(69, -1, -1)]
    assert "Newest" in second
    assert "Newest" not in first


def test_what_is_unusual_stands_on_a_page_of_its_own_with_why(
    client_as: ClientAs, work_as: WorkAs, shared: str
) -> None:
    night = FIXED - timedelta(hours=3)
    looks(work_as, RUTH, looked(shared), at=night)
    looks(work_as, RUTH, Note("pack:printed", "rowans-1", case_ref=shared))
    priya = client_as(PRIYA)
    page = priya.get("/audit?odd=any").text
    assert len(rows(page)) == 2
    assert "Exported or printed" in rows(page)[0]
    assert "Outside 8am to 6pm, or not on a working day" in rows(page)[1]
    (only,) = rows(priya.get("/audit?odd=taken_along").text)
    assert "Printed the pack" in only
    assert "Nothing of this kind" in priya.get("/audit?odd=many").text


def test_a_list_is_told_by_its_first_young_people_and_how_many_more(
    client_as: ClientAs, work_as: WorkAs
) -> None:
    references = []
    for number in range(5):
        with work_as(RUTH) as work:
            references.append(opened_case(work, given_name=f"Nr {number}").reference)
    looks(work_as, RUTH, Note("cases:listed", " ".join(references)))
    (row,) = (
        one
        for one in rows(client_as(PRIYA).get("/audit?what=viewed").text)
        if "list of young people" in one
    )
    assert f"{', '.join(references[:3])} and 2 more" in row


def test_who_looked_is_told_with_role_hospice_and_page(client_as: ClientAs, shared: str) -> None:
    client_as(HELEN).get(f"/cases/{shared}")
    priya = client_as(PRIYA)
    page = priya.get(f"/cases/{shared}/history?kind=access").text
    assert "Looked at the case: overview" in page
    assert "Helen Marsh, adult lead, Rowans Hospice, 23 November 2026 at 9:00am" in page
    assert f"/audit?case={shared}" in page
    assert "/audit" not in client_as(RUTH).get(f"/cases/{shared}/history?kind=access").text


def test_letters_and_duties_are_told_in_words_and_names(
    client_as: ClientAs, work_as: WorkAs, session: Session
) -> None:
    idris = uid_of(session, IDRIS)
    with work_as(HELEN) as work:
        name_for(work, idris, Duty.LEAD)
    accepted_case(work_as)
    page = client_as(HELEN).get("/audit").text
    assert "A duty was handed on: lead, Helen Marsh, Idris Vale" in page
    assert "A letter was written: A handover was answered" in page
    assert f"lead {idris.hex()}" not in page


def test_a_reference_asked_for_in_vain_is_told_alike_whether_there_is_such_a_case_or_not(
    client_as: ClientAs, work_as: WorkAs
) -> None:
    with work_as(RUTH) as work:
        real = opened_case(work).reference
    absent, peter = new_reference("NHJ", secrets.randbelow), client_as(PETER)
    assert real not in peter.get("/audit").text
    for reference in (real, absent):
        assert peter.get(f"/cases/{reference}").status_code == 404
    refused = rows(peter.get("/audit?what=refused").text)
    assert [one.replace(real, absent) for one in refused] == [refused[0]] * 2
    pages = [peter.get(f"/audit?case={one}").text for one in (real, absent)]
    assert pages[0].replace(real, absent) == pages[1]
