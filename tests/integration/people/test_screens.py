"""The pages of people: invited by a form, let in by a link, and shown in words."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import ClientAs, WorkAs, post, staff_of, token_of, version_of
from tests.integration.people.steps import (
    CHOSEN,
    NORA,
    also_admin,
    invited,
    letters,
    link_of,
    states,
    told,
)
from tests.people import HELEN, JO, MINA, PETER, PRIYA, RUTH, SAM, TOM, WILMA
from transition.actions.people import suspend
from transition.app import Tracker
from transition.records.audit import AuditEntry
from transition.records.invitations import Invitation
from transition.records.sign_ins import SignIn
from transition.rules.people import MembershipState, Role

NURSE: dict[str, Any] = {"name": "Nora Bell", "email": NORA, "roles": ["transition_nurse"]}
PEOPLE = "/settings/users"
OPENS_NOTHING = "This link does not open an invitation"


def page_of(session: Session, email: str) -> str:
    """Return the address of somebody's page."""
    session.rollback()
    return f"{PEOPLE}/{staff_of(session, email).uid.hex()}"


def words_of(page: str) -> str:
    """Return what a page says, without what only a browser reads."""
    main = page.partition("<main")[2].partition("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


def test_a_lead_finds_people_in_the_settings_and_invites_one(
    app: Tracker, client_as: ClientAs, session: Session
) -> None:
    priya = client_as(PRIYA)
    assert 'href="/settings"' in priya.get("/today").text
    settings = priya.get("/settings").text
    for page in (PEOPLE, "/settings/leaving", "/settings/cover", "/audit"):
        assert f'href="{page}"' in settings, page
    assert f'href="{PEOPLE}/invite"' in priya.get(PEOPLE).text
    page = words_of(priya.get(f"{PEOPLE}/invite").text)
    assert "To Naomi House & Jacksplace." in page
    assert "Plan the move of young people, and propose handovers" in page
    assert "auditor" not in page.lower(), "that is not hers to give"

    answer = post(priya, f"{PEOPLE}/invite", organisation="naomi", **NURSE)

    assert (answer.status_code, answer.location) == (302, PEOPLE)
    listed = words_of(priya.get(PEOPLE).text)
    assert "Nora Bell is invited. The letter leaves in a moment" in listed
    assert "Invited, since today" in listed
    assert letters(app)[0][0] == NORA
    assert states(session) == {Role.TRANSITION_NURSE: MembershipState.INVITED}


def test_an_administrator_chooses_the_hospice_first(client_as: ClientAs) -> None:
    sam = client_as(SAM)
    page = sam.get(f"{PEOPLE}/invite").text
    assert f'href="{PEOPLE}/invite?organisation=rowans"' in page
    assert 'name="email"' not in page
    form = words_of(sam.get(f"{PEOPLE}/invite?organisation=rowans").text)
    assert "It ends in @rowans.example" in form
    assert "Adult lead" in form
    assert "nurse" not in form

    words = {"name": "Noor", "email": "noor@rowans.example", "roles": ["adult_lead"]}
    post(
        sam,
        f"{PEOPLE}/invite?organisation=rowans",
        f"{PEOPLE}/invite",
        organisation="rowans",
        **words,
    )

    listed = words_of(sam.get(PEOPLE).text)
    assert "Noor gets the invitation after that." in listed
    assert "A lead of the hospice is asked to agree, since today" in listed


def test_each_lead_sees_their_own_people_and_an_administrator_all(
    client_as: ClientAs, session: Session
) -> None:
    helen, sam = (
        words_of(client_as(HELEN).get(PEOPLE).text),
        words_of(client_as(SAM).get(PEOPLE).text),
    )
    assert "Rowans Hospice" in helen
    assert "naomi" not in helen.lower()
    for name in ("Naomi House & Jacksplace", "Rowans Hospice", "Hampshire & Isle of Wight"):
        assert name in sam
    for reader, other in ((HELEN, PETER), (PRIYA, HELEN), (TOM, SAM)):
        assert client_as(reader).get(page_of(session, other)).status_code == 404
    assert client_as(SAM).get(page_of(session, PETER)).status_code == 200


@pytest.mark.parametrize("email", [RUTH, MINA])
def test_whoever_looks_after_no_accounts_has_no_such_pages(
    client_as: ClientAs, session: Session, email: str
) -> None:
    client = client_as(email)
    assert 'href="/settings"' not in client.get("/today").text
    for page in ("/settings", PEOPLE, f"{PEOPLE}/invite", page_of(session, PRIYA)):
        assert client.get(page).status_code == 404


BAD: list[tuple[dict[str, Any], str]] = [
    (
        {"email": "nora@elsewhere.example"},
        "Enter a work email address that ends in @naomi.example.",
    ),
    ({"email": ""}, "Enter their work email address"),
    ({"name": ""}, "Enter their name"),
    ({"name": "Nora\nBell"}, "Name must be one line"),
    ({"roles": []}, "Choose at least one role"),
    ({"roles": ["admin"]}, "Choose one of the answers"),
]


@pytest.mark.parametrize(("words", "sentence"), BAD)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(
    client_as: ClientAs, session: Session, words: dict[str, Any], sentence: str
) -> None:
    priya = client_as(PRIYA)
    answer = post(priya, f"{PEOPLE}/invite", organisation="naomi", **NURSE | words)

    assert answer.status_code == 422
    assert sentence in words_of(answer.text)
    kept = NURSE | words
    for name in ("name", "email"):
        assert "\n" in str(kept[name]) or f'value="{kept[name]}"' in answer.text or not kept[name]
    assert session.scalars(select(Invitation)).all() == []


def test_what_is_refused_stands_in_the_trail(client_as: ClientAs, session: Session) -> None:
    """Abuse case 25: an administrator who invites himself as a nurse."""
    sam = client_as(SAM)
    words = NURSE | {"email": SAM, "name": "Sam Okoro", "organisation": "naomi"}
    page = f"{PEOPLE}/invite?organisation=naomi"
    assert post(sam, page, f"{PEOPLE}/invite", **words).status_code == 422
    refused = session.scalars(select(AuditEntry).where(AuditEntry.action == "people:refused")).one()
    assert (refused.outcome, refused.actor) == ("refused", staff_of(session, SAM).uid.hex())


def test_abuse_case_25_nobody_decides_about_themselves(
    client_as: ClientAs, session: Session
) -> None:
    """Each for whom it is a page is refused there; for an auditor there is none. All are told."""
    for email, wanted in {SAM: "coordinator", PRIYA: "transition_nurse", WILMA: "auditor"}.items():
        page = page_of(session, email)
        ways: dict[str, dict[str, Any]] = {
            "roles": {"roles": [wanted]},
            "roles/end": {"role": wanted},
            "agree": {"roles": [wanted], "agreed": "yes"},
            "suspend": {},
            "reinstate": {},
        }
        before = states(session, email)
        client = client_as(email)
        for way, words in ways.items():
            told_before = len(told(session, "people:refused", "page:refused"))
            answer = post(client, "/me/password", f"{page}/{way}", **words)
            assert answer.status_code in ({404} if email == WILMA else {302, 409, 422}), way
            assert len(told(session, "people:refused", "page:refused")) == told_before + 1, way
        assert states(session, email) == before


def test_an_answer_to_a_request_that_says_neither_yes_nor_no_is_none(
    client_as: ClientAs, work_as: WorkAs, session: Session
) -> None:
    """Abuse case 22: a button that did not come along is not taken for a No."""
    uid = invited(work_as, SAM)
    page = f"{PEOPLE}/{uid.hex()}"
    priya, before = client_as(PRIYA), states(session, NORA)

    answer = post(priya, page, f"{page}/agree", roles=["transition_nurse"])

    assert answer.location == page
    assert "Say whether you agree. Nothing was changed." in words_of(priya.get(page).text)
    assert states(session, NORA) == before


def open_link(app: Tracker, token: str) -> tuple[FlaskClient, str]:
    """Open a link in a browser of its own, and return the browser and the page."""
    client = app.test_client()
    return client, client.get(f"/invitations/{token}").text


def test_the_link_says_who_invites_to_what_and_lets_in(
    app: Tracker, client_as: ClientAs, work_as: WorkAs, session: Session
) -> None:
    invited(work_as)
    token = link_of(session)
    client, page = open_link(app, token)
    said = words_of(page)
    assert "Welcome, Nora Bell" in said
    assert "Priya Raman invites you to the transition tracker for Naomi House" in said
    assert "Plan the move of young people, and propose handovers" in said
    assert "This link works once, until 26 November 2026 at 9:00am." in said

    answer = post(client, f"/invitations/{token}", password=CHOSEN)

    assert (answer.status_code, answer.location) == (302, "/")
    assert client.get("/today").status_code == 200
    assert states(session) == {Role.TRANSITION_NURSE: MembershipState.ACTIVE}
    assert "Active" in words_of(client_as(PRIYA).get(PEOPLE).text)
    assert post(app.test_client(), "/sign-in", email=NORA, password=CHOSEN).status_code == 302


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("", "Choose a password"),
        ("short", "The password must have at least 15 characters."),
        ("Naomi House 2026!!", "too easy to guess"),
        ("x" * 2000, "Password must be 1024 characters or fewer"),
    ],
)
def test_a_password_that_cannot_be_is_refused_and_never_sent_back(
    app: Tracker, work_as: WorkAs, session: Session, password: str, sentence: str
) -> None:
    """Abuse case 2."""
    invited(work_as)
    token = link_of(session)
    client, _ = open_link(app, token)

    answer = post(client, f"/invitations/{token}", password=password)

    assert answer.status_code == 422
    assert sentence in words_of(answer.text)
    assert not password or password not in answer.text
    assert client.get("/today").status_code == 302, "nobody is in yet"
    assert post(client, f"/invitations/{token}", password=CHOSEN).status_code == 302


def spoilt(how: str, app: Tracker, client_as: ClientAs, session: Session, work_as: WorkAs) -> str:
    """Invite somebody, spoil the link, and return its token."""
    email = f"{how}@naomi.example"
    invited(work_as, email=email, name=how)
    token, page = link_of(session, email), page_of(session, email)
    if how == "used":
        post(open_link(app, token)[0], f"/invitations/{token}", password=CHOSEN)
    elif how in {"cancel", "again"}:
        post(client_as(PRIYA), page, f"{page}/{how}")
    elif how == "suspended":
        with work_as(PRIYA) as work:
            staff_of(work.session, email).memberships[0].state = MembershipState.SUSPENDED
    elif how == "late":
        app.config["CLOCK"].instant += timedelta(hours=72)
    return token[:-3] + "AAA" if how == "changed" else token


def test_every_link_that_opens_nothing_has_the_same_page(
    app: Tracker, client_as: ClientAs, work_as: WorkAs, session: Session
) -> None:
    """Abuse case 13."""
    ways = ("used", "cancel", "again", "changed", "suspended", "late")
    pages = {open_link(app, spoilt(how, app, client_as, session, work_as))[1] for how in ways}
    pages.add(open_link(app, "A" * 43)[1])

    (page,) = pages
    assert OPENS_NOTHING in words_of(page)
    assert "Ask the colleague who invited you, or a lead of your hospice" in words_of(page)
    assert len(told(session, "invitation:refused")) == len(ways) + 1


def test_a_link_that_opens_nothing_takes_no_password(app: Tracker, session: Session) -> None:
    client, _ = open_link(app, "A" * 43)
    token = token_of(client.get("/sign-in").text)
    words = {"csrf_token": token, "password": CHOSEN}

    answer = client.post(f"/invitations/{'A' * 43}", data=words)

    assert (answer.status_code, OPENS_NOTHING in answer.text) == (404, True)
    assert session.scalars(select(SignIn)).all() == []


def test_no_token_gets_into_the_trail_or_the_log(
    app: Tracker, work_as: WorkAs, session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    invited(work_as)
    token = link_of(session)
    client, _ = open_link(app, token)
    post(client, f"/invitations/{token}", password=CHOSEN)
    open_link(app, token)

    session.rollback()
    trail = [str(vars(one)) for one in session.scalars(select(AuditEntry))]
    assert token not in caplog.text + "".join(trail)
    assert "invitation:taken" in "".join(trail)
    assert CHOSEN not in caplog.text


def test_whoever_is_signed_in_already_is_asked_to_sign_out_first(
    client_as: ClientAs, work_as: WorkAs, session: Session
) -> None:
    invited(work_as)
    ruth, token = client_as(RUTH), link_of(session)

    page = ruth.get(f"/invitations/{token}").text

    assert "You are signed in as Ruth Adeyemi." in words_of(page)
    assert "Nora" not in page
    post(ruth, f"/invitations/{token}", password=CHOSEN)
    assert states(session) == {Role.TRANSITION_NURSE: MembershipState.INVITED}


def test_a_lead_agrees_on_the_page_to_which_the_letter_leads(
    app: Tracker, client_as: ClientAs, work_as: WorkAs, session: Session
) -> None:
    words = {"email": "noor@rowans.example", "organisation": "rowans"}
    invited(work_as, SAM, **words, roles=frozenset({Role.ADULT_LEAD}))
    page = page_of(session, "noor@rowans.example")
    helen = client_as(HELEN)
    assert "Sam Okoro asks that Nora Bell may work here as:" in words_of(helen.get(page).text)
    seen_by_sam = words_of(client_as(SAM).get(page).text)
    assert "A lead of the hospice must agree within 7 days." in seen_by_sam
    assert "I agree" not in seen_by_sam

    post(helen, page, f"{page}/agree", roles=["adult_lead"], agreed="yes")

    assert "You agreed to what Nora Bell may do." in words_of(helen.get(page).text)
    assert "noor@rowans.example" in [to for to, _ in letters(app)]


def test_another_administrator_agrees_to_an_auditor_on_their_page(
    client_as: ClientAs, work_as: WorkAs, session: Session
) -> None:
    also_admin(work_as)
    sam, jo, page = client_as(SAM), client_as(JO), page_of(session, RUTH)
    post(sam, page, f"{page}/roles", roles=["auditor"], version=version_of(sam.get(page).text))
    asked = words_of(sam.get(page).text)
    assert "Another administrator is asked to agree for Ruth Adeyemi." in asked
    assert "Another administrator must agree within 7 days." in asked
    assert "I agree" not in asked, "whoever asked does not agree too"
    assert "I agree" in words_of(jo.get(page).text)
    assert page.replace("users", "leaving") in jo.get(page).text, "from here their access ends"

    post(jo, page, f"{page}/agree", roles=["auditor"], agreed="yes")

    assert states(session, RUTH)[Role.AUDITOR] is MembershipState.ACTIVE


def test_a_lead_who_does_not_agree_says_so(
    client_as: ClientAs, work_as: WorkAs, session: Session
) -> None:
    words = {"email": "noor@rowans.example", "organisation": "rowans"}
    invited(work_as, SAM, **words, roles=frozenset({Role.ADULT_LEAD}))
    page, helen = page_of(session, "noor@rowans.example"), client_as(HELEN)

    post(helen, page, f"{page}/agree", roles=["adult_lead"], agreed="no")

    assert "You did not agree. Nora Bell does not get this role." in words_of(helen.get(page).text)
    assert states(session, "noor@rowans.example") == {Role.ADULT_LEAD: MembershipState.LEFT}


def test_sent_again_and_cancelled_from_the_list(
    app: Tracker, client_as: ClientAs, work_as: WorkAs, session: Session
) -> None:
    invited(work_as)
    app.config["CLOCK"].instant += timedelta(days=3, hours=1)
    priya, page = client_as(PRIYA), page_of(session, NORA)
    assert "Invited, and the link has run out" in words_of(priya.get(PEOPLE).text)

    post(priya, PEOPLE, f"{page}/again")
    said = words_of(priya.get(PEOPLE).text)
    assert "An older link opens nothing now." in said
    assert "Invited, waiting 3 days" in said
    post(priya, PEOPLE, f"{page}/cancel")

    assert "The invitation of Nora Bell is cancelled." in words_of(priya.get(PEOPLE).text)


def test_somebody_suspended_in_mid_page_is_refused_and_it_stands_in_the_trail(
    client_as: ClientAs, work_as: WorkAs, session: Session
) -> None:
    ruth = client_as(RUTH)
    token = token_of(ruth.get("/cases/new/person").text)
    with work_as(PRIYA) as work:
        suspend(work, staff_of(work.session, RUTH).uid)

    answer = ruth.post("/cases/new/person", data={"csrf_token": token, "given_name": "Quillon"})

    assert answer.status_code == 302
    assert answer.location.startswith("/sign-in")
    uid = staff_of(session, RUTH).uid.hex()
    assert told(session, "sign-in:dead") == [("sign-in:dead", uid)]
