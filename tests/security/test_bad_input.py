"""Whatever is typed, the answer is a page that says what is wrong and keeps what was typed."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.builders import opened_case, planned_case, proposed_handover, record_done, token_of
from tests.people import HELEN, PASSWORD, PRIYA, RUTH
from tests.security.sweep import Browser, ClientAs, WorkAs, asks
from transition.actions.cases import move_on
from transition.actions.work import Work
from transition.app import Tracker
from transition.records.audit import AuditEntry
from transition.records.cases import Case

Words = Mapping[str, Any]


def day(name: str, words: str) -> dict[str, str]:
    """Return the three boxes of a date, from `day month year` parted by slashes."""
    parts = words.split("/")
    return {
        f"{name}-{part}": typed for part, typed in zip(("day", "month", "year"), parts, strict=True)
    }


@dataclass(frozen=True)
class Sent:
    """A form that can be sent as it is: who sends it, from where, with what."""

    by: str
    page: str
    words: Words
    kept: tuple[str, ...] = ()
    path: str = ""


FORMS = {
    "sign-in": Sent("", "/sign-in", {"email": RUTH, "password": PASSWORD}, ("email",)),
    "person": Sent(
        RUTH,
        "/cases/new/person",
        {
            "given_name": "Zoë-Ánh",
            "family_name": "O\u2019Brien Ñandú",
            "known_as": "Zo",
            "pronouns": "she/her",
            "nhs_number_missing_reason": "awaiting_trace",
        }
        | day("date_of_birth", "9/7/2009"),
        ("given_name", "family_name", "known_as", "pronouns"),
    ),
    "about": Sent(
        RUTH,
        "/cases/new/about",
        {
            "about_me": "Ask me first.",
            "how_i_communicate": "With my eyes.",
            "allergies": "Penicillin & nuts",
            "primary_condition": "Rett syndrome",
            "condition_group": "3",
            "first_language": "Welsh",
            "interpreter_needed": "no",
        },
        ("about_me", "how_i_communicate", "allergies", "primary_condition", "first_language"),
    ),
    "move": Sent(
        RUTH,
        "/cases/new/move",
        {
            "service": "jacksplace",
            "catchment_key": "rowans",
            "school_year_offset": "0",
            "circumstances": ["has_ehcp"],
        },
    ),
    "stage": Sent(
        PRIYA,
        "/cases/REF",
        {"why_early": "She asked for it."},
        ("why_early",),
        path="/cases/REF/stage",
    ),
    "done": Sent(
        RUTH,
        "/cases/REF/milestones/ID-02/done",
        {"confirmed": "yes", "evidence_note": "Her mother was there."}
        | day("done_on", "20/11/2026"),
        ("evidence_note",),
    ),
    "done at once": Sent(
        RUTH,
        "/cases/REF/milestones/ID-04/done",
        {"evidence_note": "In the diary."} | day("done_on", "20/11/2026"),
        ("evidence_note",),
    ),
    "skip": Sent(RUTH, "/cases/REF/milestones/ID-04/skip", {"reason": "She has one."}, ("reason",)),
    "propose": Sent(
        RUTH,
        "/cases/REF/handover/propose",
        {
            "receiver": "rowans",
            "functions": ["advice_24_7"],
            "urgency": "routine",
            "sharing_basis": "agreed",
            "sharing_limits": "Not my school.",
            "why": "It is near.",
            "checked": "yes",
        }
        | day("target_transfer_on", "1/6/2027"),
        ("sharing_limits", "why"),
    ),
    "support": Sent(
        RUTH,
        "/cases/REF/handover/support",
        {
            "receiver": "oakhaven",
            "functions": ["advice_24_7"],
            "urgency": "routine",
            "sharing_basis": "agreed",
            "sharing_limits": "Not my school.",
            "why": "It is near.",
            "checked": "yes",
        }
        | day("target_transfer_on", "1/6/2027"),
        ("sharing_limits", "why"),
    ),
    "reply": Sent(
        HELEN,
        "/cases/REF/handovers/rowans-1",
        {"has_read": "y", "adult_worker": "later", "checked": "yes"}
        | day("adult_worker_by", "7/12/2026")
        | day("first_contact_on", "11/1/2027"),
        path="/cases/REF/handovers/rowans-1/reply",
    ),
    "ask": Sent(
        HELEN,
        "/cases/REF/handovers/rowans-1/questions/new",
        {"category": "clinical", "question": "Who trains our staff?", "checked": "yes"},
        ("question",),
    ),
    "withdraw": Sent(
        RUTH, "/cases/REF/handovers/rowans-1/withdraw", {"why": "The family moves."}, ("why",)
    ),
    "usual number": Sent(HELEN, "/upcoming/usual-number", {"number": "3"}, ("number",)),
}
"""Every form there is, filled in so that it is taken."""


@dataclass(frozen=True)
class Desk:
    """Somebody before an open form."""

    client: FlaskClient
    form: Sent
    reference: str

    def send(self, changes: Words | None = None, *, drop: tuple[str, ...] = ()) -> TestResponse:
        """Send the form with some words changed or left out."""
        page, path = (
            one.replace("REF", self.reference) for one in (self.form.page, self.form.path)
        )
        words = {**self.form.words, **(changes or {})}
        sent = {name: typed for name, typed in words.items() if name not in drop}
        token = token_of(self.client.get(page).text)
        return self.client.post(path or page, data=sent | {"csrf_token": token})


def young_case(work: Work) -> Case:
    """Bring somebody of 14 so far that only their age stands in the way of planning."""
    case = opened_case(work, date_of_birth=date(2012, 1, 15))
    record_done(work, case, {"ID-02", "ID-03", "ID-05", "PR-02", "PR-03", "PR-10"})
    return move_on(work, case.reference)


BEFORE: dict[str, Callable[[Work], Case]] = {
    "stage": young_case,
    "propose": planned_case,
    **dict.fromkeys(
        ("reply", "ask", "withdraw", "support"), lambda work: proposed_handover(work)[0]
    ),
}
"""What is done before a form can be sent; for the others a case is opened."""


@pytest.fixture
def desk(
    app: Tracker, client_as: ClientAs, work_as: WorkAs, request: pytest.FixtureRequest
) -> Desk:
    """Somebody before the form that the test names, with what it needs done before."""
    name = request.getfixturevalue("name")
    with work_as(RUTH) as work:
        reference = BEFORE.get(name, opened_case)(work).reference
    form = FORMS[name]
    client = client_as(form.by) if form.by else app.test_client()
    for earlier in {"about": ["person"], "move": ["person", "about"]}.get(name, []):
        assert Desk(client, FORMS[earlier], "").send().status_code == 302
    return Desk(client, form, reference)


def refusals(answer: TestResponse) -> list[str]:
    """Return the sentences of a page's error summary."""
    summary = re.search(r'error-summary__list">(.*?)</ul>', answer.text, re.DOTALL)
    items = re.findall(r"<li>(.*?)</li>", summary[1], re.DOTALL) if summary else []
    return [unescape(re.sub(r"<[^>]+>", "", item)).strip() for item in items]


def typed_on(page: str, name: str) -> str:
    """Return what stands in a box of a page."""
    box = re.search(rf'<(input|textarea)[^>]*\bname="{re.escape(name)}"[^>]*>', page, re.DOTALL)
    assert box is not None, name
    if box[1] == "textarea":
        return unescape(page[box.end() : page.index("</textarea>", box.end())]).strip("\n")
    value = re.search(r'\bvalue="([^"]*)"', box[0], re.DOTALL)
    return unescape(value[1]) if value else ""


@pytest.mark.parametrize("name", FORMS)
def test_a_form_that_is_filled_in_is_taken(desk: Desk, name: str) -> None:
    answer = desk.send()

    assert answer.status_code == 302, (name, refusals(answer))


@pytest.mark.parametrize("name", ["about"])
def test_the_age_in_words_asks_whether_the_birth_date_is_right(desk: Desk, name: str) -> None:
    page = desk.client.get(f"/cases/new/{name}").text

    assert "17 years 4 months old. Is this right?" in page
    assert "the other way round it would be 17 years 2 months" in page
    desk.send()
    Desk(desk.client, FORMS["move"], "").send()
    assert "17 years 4 months old. Is this right?" in desk.client.get("/cases/new/check").text


A_DAY = "must be a real date, like 27 3 2009"
SWAPPED = "Are day and month the wrong way round?"
UNSEEN = "take out the characters that cannot be shown"
NOT_OFFERED = "Choose one of the answers"

REFUSED: dict[str, list[tuple[Words, str]]] = {
    "sign-in": [
        ({"email": ""}, "Enter your email address"),
        ({"password": ""}, "Enter your password"),
        ({"email": f"{RUTH}\0"}, f"Email address: {UNSEEN}"),
        ({"email": "a" * 255}, "Email address must be 254 characters or fewer"),
        ({"email": "nurse\uff20naomi.example"}, "Email address or password is not right"),
        ({"email": f"{RUTH}."}, "Email address or password is not right"),
        ({"password": "a" * 1025}, "Password must be 1024 characters or fewer"),
        ({"password": "demonstration\0only"}, "Email address or password is not right"),
    ],
    "person": [
        ({"given_name": ""}, "Enter their first name"),
        ({"given_name": "   "}, "Enter their first name"),
        ({"given_name": "\u200b\u200f"}, "Enter their first name"),
        ({"given_name": "A" * 100}, "First name must be 80 characters or fewer"),
        ({"given_name": "e" + "\u0301" * 5000}, "First name must be 80 characters or fewer"),
        ({"family_name": "O\u2019Brien\0"}, f"Last name: {UNSEEN}"),
        ({"family_name": "\u202eneirB\u2019O"}, f"Last name: {UNSEEN}"),
        ({"family_name": "\u2066Brien"}, f"Last name: {UNSEEN}"),
        ({"family_name": "Brien\x1b[2J"}, f"Last name: {UNSEEN}"),
        ({"given_name": "Zoë\r\nBcc: evil@evil.example"}, "First name must be one line"),
        ({"given_name": "Zoë\u2028Bcc"}, "First name must be one line"),
        (day("date_of_birth", "30/2/2009"), f"Date of birth {A_DAY}"),
        (day("date_of_birth", "29/2/2009"), f"Date of birth {A_DAY}"),
        (day("date_of_birth", "7/27/2009"), f"Date of birth {A_DAY}. {SWAPPED}"),
        (day("date_of_birth", "2009/7/9"), f"Date of birth {A_DAY}"),
        (day("date_of_birth", "٣/7/2009"), f"Date of birth {A_DAY}"),
        (day("date_of_birth", "\uff19/7/2009"), f"Date of birth {A_DAY}"),
        (day("date_of_birth", "+9/7/2009"), f"Date of birth {A_DAY}"),
        (day("date_of_birth", "9/July/2009"), f"Date of birth {A_DAY}"),
        (day("date_of_birth", f"{'9' * 5000}/7/2009"), f"Date of birth {A_DAY}"),
        (day("date_of_birth", "9/7/2\x000"), f"Date of birth {A_DAY}"),
        (day("date_of_birth", "//"), "Enter their date of birth"),
        (day("date_of_birth", "9//2009"), "Date of birth must include a month"),
        (day("date_of_birth", "//2009"), "Date of birth must include a day and a month"),
        (day("date_of_birth", "9/7/09"), "Date of birth: enter the year in full, like 2009"),
        (day("date_of_birth", "1/1/0001"), "Date of birth: enter the year in full, like 2009"),
        (day("date_of_birth", "31/12/9999"), "Date of birth: enter the year in full, like 2009"),
        (day("date_of_birth", "24/11/2026"), "Date of birth must be in the past"),
        (
            day("date_of_birth", "9/7/2019"),
            (
                "This person would be 7 years 4 months old. "
                "A case is opened from 10 to 36 years. Check the date of birth"
            ),
        ),
        (
            day("date_of_birth", "9/7/2014"),
            "This person would be 12 years 4 months old. Say that this is right",
        ),
        ({"nhs_number": "999 000 001"}, "An NHS number has 10 digits. This has 9"),
        (
            {"nhs_number": "٩٩٩٠٠٠٠٠١٨"},
            "An NHS number has only digits. Take out the other characters",
        ),
        (
            {"nhs_number": "9434765919"},
            "This is a demonstration. Use a test number, which starts with 999",
        ),
        ({"nhs_number": "9" * 5000}, "An NHS number has 10 digits. This has 5000"),
        (
            {"nhs_number_missing_reason": ""},
            "Enter the NHS number, or say why there is none",
        ),
        ({"nhs_number_missing_reason": "lost"}, NOT_OFFERED),
    ],
    "about": [
        ({"about_me": ""}, "Write what matters to them, in their words if you can"),
        ({"about_me": "a" * 1501}, "What matters to them must be 1500 characters or fewer"),
        ({"how_i_communicate": "\0"}, "Write how they communicate"),
        ({"allergies": "Nuts\x07"}, f"Allergies: {UNSEEN}"),
        ({"primary_condition": "One\nTwo"}, "Condition must be one line"),
        ({"condition_group": "5"}, NOT_OFFERED),
        ({"condition_group": "1e0"}, NOT_OFFERED),
        ({"interpreter_needed": ""}, "Say whether an interpreter is needed"),
        ({"interpreter_needed": "True"}, NOT_OFFERED),
    ],
    "move": [
        ({"service": ""}, "Choose the service"),
        ({"service": "rowans"}, NOT_OFFERED),
        ({"catchment_key": ""}, "Choose the area"),
        ({"catchment_key": "../rowans"}, NOT_OFFERED),
        ({"school_year_offset": "99"}, NOT_OFFERED),
        ({"circumstances": ["has_ehcp", "transferred"]}, NOT_OFFERED),
    ],
    "stage": [
        (
            {"why_early": ""},
            (
                "The young person is not yet 15 years and 6 months old."
                " A children's lead may decide to plan early, and says why."
            ),
        ),
        ({"why_early": "a" * 501}, "The answer must be 500 characters or fewer"),
        ({"why_early": "\u202eabc"}, f"The answer: {UNSEEN}"),
    ],
    "done": [
        (day("done_on", "30/2/2026"), f"The date {A_DAY}"),
        (day("done_on", "11/20/2026"), f"The date {A_DAY}. {SWAPPED}"),
        (day("done_on", "//"), "Enter the date on which this was done"),
        (day("done_on", "24/11/2026"), "The date must be today or in the past"),
        (
            day("done_on", "14/6/2019"),
            "ID-02 cannot have been done before the young person was 10.",
        ),
        ({"confirmed": ""}, "Say whether the young person or family confirms it"),
        ({"confirmed": "maybe"}, NOT_OFFERED),
        (
            {"evidence_note": "a" * 501},
            "Who was there, or where it is written down must be 500 characters or fewer",
        ),
    ],
    "done at once": [
        (day("done_on", "30/2/2026"), f"The date {A_DAY}"),
        (day("done_on", "/11/2026"), "The date must include a day"),
        (day("done_on", "24/11/2026"), "The date must be today or in the past"),
        ({"evidence_note": "\0 and"}, f"Who was there, or where it is written down: {UNSEEN}"),
    ],
    "skip": [
        ({"reason": ""}, "Say why this is not needed"),
        ({"reason": "a" * 201}, "The answer must be 200 characters or fewer"),
        ({"reason": "One\nTwo"}, "The answer must be one line"),
    ],
    "support": [
        ({"receiver": ""}, "Choose the hospice"),
        ({"receiver": "rowans"}, NOT_OFFERED),
        ({"receiver": "external"}, "Write which provider you ask"),
        ({"functions": []}, "Choose what you ask them to support"),
        (day("target_transfer_on", "30/2/2027"), f"The date {A_DAY}"),
        (day("target_transfer_on", "22/11/2026"), "The day must be today or later"),
        ({"sharing_basis": "agreed", "urgency": "yesterday"}, NOT_OFFERED),
    ],
    "propose": [
        ({"receiver": ""}, "Choose the hospice"),
        ({"receiver": "naomi"}, NOT_OFFERED),
        ({"receiver": "external"}, "Write which provider you ask"),
        ({"functions": []}, "Choose what you ask them to take on"),
        ({"functions": ["advice_24_7", "everything"]}, NOT_OFFERED),
        (day("target_transfer_on", "30/2/2027"), f"Target transfer date {A_DAY}"),
        (
            day("target_transfer_on", "22/11/2026"),
            "The target transfer date must be today or later",
        ),
        (
            day("target_transfer_on", "31/12/9999"),
            "Target transfer date: enter the year in full, like 2009",
        ),
        ({"urgency": "yesterday"}, NOT_OFFERED),
        (
            {"sharing_basis": "objected"},
            "Nothing can be sent before there is a basis for sharing it",
        ),
        (
            {"sharing_basis": "not_yet_asked"},
            "Nothing can be sent before there is a basis for sharing it",
        ),
        ({"sharing_basis": ""}, "Say on what basis this may be shared"),
        ({"why": "a" * 501}, "The answer must be 500 characters or fewer"),
    ],
    "reply": [
        ({"adult_worker": ""}, "Choose the adult named worker, or say by when you will name one"),
        ({"adult_worker": "00" * 16}, NOT_OFFERED),
        ({"adult_worker": "zz"}, NOT_OFFERED),
        (day("adult_worker_by", "//"), "Enter the day by which you will name somebody"),
        (day("adult_worker_by", "22/11/2026"), "The date must be today or later"),
        (day("first_contact_on", "30/2/2027"), f"Date of the first contact {A_DAY}"),
        (day("first_contact_on", "22/11/2026"), "The date must be today or later"),
        (day("first_contact_on", "//"), "Enter the date of the first contact"),
    ],
    "ask": [
        ({"category": "none"}, NOT_OFFERED),
        ({"question": ""}, "Write your question"),
        ({"question": "x" * 2001}, "Your question must be 2000 characters or fewer"),
        ({"question": "a\0b"}, "Your question: take out the characters that cannot be shown"),
        (day("needed_by", "22/11/2026"), "The date must be today or later"),
    ],
    "withdraw": [
        ({"why": "x" * 501}, "The answer must be 500 characters or fewer"),
    ],
}
"""What each form refuses, and in which words."""


@pytest.mark.parametrize("name", REFUSED)
def test_bad_words_are_refused_with_a_sentence_and_kept(
    desk: Desk, session: Session, name: str
) -> None:
    before = entries_of_acts(session)

    for changes, words in REFUSED[name]:
        answer = desk.send(changes)

        assert answer.status_code == 422, changes
        assert words in refusals(answer), changes
        typed = {**desk.form.words, **changes}
        for field in desk.form.kept:
            assert typed_on(answer.text, field) == typed[field].strip(), changes
    assert entries_of_acts(session) == before, "and nothing was done"


def entries_of_acts(session: Session) -> int:
    """Return how many things were done, looking and signing in apart."""
    session.rollback()
    acts = ~AuditEntry.action.in_(
        [
            "case:viewed",
            "draft:begun",
            "draft:ended",
            "draft:viewed",
            "form:altered",
            "handover:read",
            "sign-in:refused",
        ]
    )
    return session.scalar(select(func.count()).select_from(AuditEntry).where(acts)) or 0


@pytest.mark.parametrize(
    ("name", "left_out"),
    [
        ("person", "given_name"),
        ("about", "interpreter_needed"),
        ("move", "service"),
        ("propose", "sharing_basis"),
        ("propose", "functions"),
        ("reply", "has_read"),
        ("reply", "adult_worker"),
        ("done", "confirmed"),
        ("skip", "reason"),
    ],
)
def test_an_answer_that_is_not_sent_is_not_taken_for_a_no(
    desk: Desk, session: Session, name: str, left_out: str
) -> None:
    """Abuse case 22."""
    before = entries_of_acts(session)

    answer = desk.send(drop=(left_out,))

    assert (answer.status_code, entries_of_acts(session)) == (422, before), name
    assert refusals(answer)


@pytest.mark.parametrize("name", ["reply"])
def test_a_reply_to_an_older_page_is_refused_as_changed_meanwhile(desk: Desk, name: str) -> None:
    answer = desk.send({"version": "0"})

    assert answer.status_code == 409, name
    assert "Somebody else changed this" in answer.text


NAMES = (
    "X",
    "A" * 80,
    "Zoë-Ánh",
    "D\u2019Arcy O'Neill",
    "Ng",
    "Łucja Żółć",
    "محمد",
    "דוד\u200f",
    "王小明",
    "José\u0301 Ñandú",
    "क्\u200dष",
    '<b>&"quot;',
    "{{7*7}}",
    "'; DROP TABLE staff; --",
    "=cmd|' /C calc'!A0",
    "Null",
)


@pytest.mark.parametrize("name", ["person"])
def test_names_are_shown_as_they_were_typed(desk: Desk, name: str) -> None:
    for typed in NAMES:
        desk.send({"given_name": typed, "family_name": typed, "known_as": ""})
        for later in ("about", "move"):
            assert Desk(desk.client, FORMS[later], "").send().status_code == 302, name
        opened = desk.client.post("/cases/new/check", data={"csrf_token": token(desk.client)})
        assert opened.status_code == 302, typed

        page = desk.client.get(opened.location).text

        assert f"{typed} {typed}" in unescape(page)
        assert "<b>&" not in page
    for typed in NAMES:
        assert f"{typed} {typed}" in unescape(desk.client.get("/cases").text)


def token(client: FlaskClient) -> str:
    return token_of(client.get("/cases").text)


ODD_WORDS = (
    "%00",
    "NHJ-7K2M-4%00",
    "%ED%A0%80",
    "%FF%FE",
    "%C0%AE%C0%AE",
    "1180591620717411303424",
    "-1",
    "0",
    "A" * 5000,
    "NHJ-%D9%A37K2-4",
    "%E2%80%AE4-M2K7-JHN",
    "nhj-7k2m-4",
    "NHJ-7K2M-4%0D%0AX: y",
    "..%2f..%2fetc%2fpasswd",
    "%252e%252e",
    "' OR 1=1 --",
    "{{7*7}}",
    "*",
    "None",
)


def test_odd_words_in_an_address_are_a_page_that_is_not_there(
    app: Tracker, client_as: ClientAs, work_as: WorkAs
) -> None:
    with work_as(RUTH) as work:
        good = {"reference": proposed_handover(work)[0].reference, "code": "PR-11"}
    good |= {
        "key": "rowans-1",
        "name": "letter",
        "form": "cases/new/person",
        "number": "1",
        "section": "what-matters",
        "entry": "none",
        "part": "health",
        "token": "none",
        "whose": "family",
    }
    browser = Browser(client_as(RUTH))

    for part in good:
        mark = "777" if part == "number" else "ODD"
        objects = {name: (mark if name == part else word,) for name, word in good.items()}
        # Whoever is signed in learns that from the page of an invitation, whatever its link says.
        odd_ones = [one for one in asks(app, objects) if mark in one.path]
        for ask in [one for one in odd_ones if one.endpoint != "people.accept"]:
            for odd in ODD_WORDS:
                answer = browser.send(ask._replace(path=ask.path.replace(mark, odd)))
                assert answer.status_code in {404, 405}, (ask, odd)


KEYS = (
    "rowans-0", "rowans-01", "rowans-2", "rowans--1", "rowans-", "-1", "rowans-1.0", "Rowans-1",
    "rowans-99999999999999999999", "rowans-9999", "rowans-%D9%A1", "oakhaven-1", "rowans_1",
)  # fmt: skip


def test_a_handover_has_one_name_only(client_as: ClientAs, work_as: WorkAs) -> None:
    with work_as(RUTH) as work:
        reference = proposed_handover(work)[0].reference
    ruth = client_as(RUTH)

    found = {key: ruth.get(f"/cases/{reference}/handovers/{key}").status_code for key in KEYS}

    assert found == dict.fromkeys(KEYS, 404)
    assert ruth.get(f"/cases/{reference}/handovers/rowans-1").status_code == 200


QUESTIONS = (
    "?sort=name;drop", "?limit=-1", "?page=99999999999", "?fields=*", "?x=%00", "?%FF=%ED%A0%80",
    "?a=1&a=2", "?" + "a=&" * 5000, "?back=//evil.example", "?back=today&back=x",
    "?sort=dob", "?page=-1&sort=", "?list=x&page=0", "?kind=%00", "?before=99999999999999999999",
    "?first=30-2-2026&case=x&odd=y", "?stage=x&worker=x&receiver=x",
)  # fmt: skip

TELLS_OF_ITSELF = ("/audit", "history")
"""The pages on which it stands that they were looked at."""


def test_odd_questions_behind_an_address_change_nothing(
    client_as: ClientAs, work_as: WorkAs
) -> None:
    """Abuse case 20: on every page that lists something, in its own order and no longer."""
    with work_as(RUTH) as work:
        of_case = f"/cases/{opened_case(work).reference}"
    priya = client_as(PRIYA)
    lists = ("/today", "/cases", "/handovers", "/upcoming", "/audit", of_case, f"{of_case}/history")

    for path in lists:
        usual = None if path.endswith(TELLS_OF_ITSELF) else said_on(priya.get(path))
        for question in QUESTIONS:
            answer = priya.get(path + question)
            assert answer.status_code == 200, (path, question)
            assert usual in {None, said_on(answer)}, (path, question)


def said_on(answer: TestResponse) -> str:
    """Return what a page says, but for its token and for the address that it has itself."""
    return re.sub(r'(value|href|action)="[^"]*"', "", answer.text)


BODIES = (
    (b"\xff\xfe\x00", "application/x-www-form-urlencoded"),
    (b"given_name=%ED%A0%80&family_name=%FF%00", "application/x-www-form-urlencoded"),
    ("given_name=Zo\xeb".encode("utf-16"), "application/x-www-form-urlencoded; charset=utf-16"),
    (b"given_name=a" + b"&a=" * 100_000, "application/x-www-form-urlencoded"),
    (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
    (b"no boundary", "multipart/form-data"),
    (b'{"given_name": 1}', "application/json"),
    (b"<a/>", "text/xml"),
    (b"given_name=x", ""),
    (b"", "application/x-www-form-urlencoded"),
)


def test_bodies_that_are_no_form_are_refused(client_as: ClientAs, session: Session) -> None:
    browser = Browser(client_as(RUTH))
    before = entries_of_acts(session)
    headers = {"X-CSRFToken": browser.token}

    for body, kind in BODIES:
        for with_token in ({}, headers):
            answer = browser.client.post(
                "/cases/new/person", data=body, content_type=kind, headers=with_token
            )
            assert answer.status_code in {400, 413, 415, 422}, (body[:40], kind, with_token)

    assert entries_of_acts(session) == before


@pytest.mark.parametrize("name", ["person"])
def test_what_a_form_does_not_ask_is_not_taken(desk: Desk, session: Session, name: str) -> None:
    extra = {"organisation": "rowans", "stage": "completed", "uid": "0" * 32, "case_uid": "0" * 32}
    steps = [desk, *(Desk(desk.client, FORMS[later], "") for later in ("about", "move"))]
    for step in steps:
        assert step.send(extra).status_code == 302, name
    opened = desk.client.post("/cases/new/check", data=extra | {"csrf_token": token(desk.client)})

    case = session.scalars(
        select(Case).where(Case.reference == opened.location.rpartition("/")[2])
    ).one()

    assert (case.organisation, case.stage, case.uid == bytes(16)) == ("naomi", "identified", False)


@pytest.mark.parametrize("name", ["propose"])
def test_of_words_sent_twice_the_first_counts(desk: Desk, name: str) -> None:
    answer = desk.send({"receiver": ["rowans", "oakhaven"], "urgency": ["nonsense", "routine"]})

    assert (answer.status_code, refusals(answer)) == (422, [NOT_OFFERED]), name


def test_an_nhs_number_that_is_here_is_refused_beside_its_box(
    client_as: ClientAs, work_as: WorkAs
) -> None:
    with work_as(RUTH) as work:
        opened_case(work, nhs_number="9990000018", nhs_number_missing_reason=None)

    answer = Desk(client_as(RUTH), FORMS["person"], "").send({"nhs_number": "999 000 0018"})

    assert answer.status_code == 422
    assert refusals(answer) == ["Someone with this NHS number is already here."]
    assert typed_on(answer.text, "nhs_number") == "999 000 0018"
