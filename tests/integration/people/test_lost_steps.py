"""The page of a colleague who lost their second step: one sees them, another takes it away."""

from sqlalchemy.orm import Session

from tests.builders import ClientAs, WorkAs, post, staff_of
from tests.integration.people.steps import letters, told
from tests.integration.people.test_screens import page_of, words_of
from tests.people import HELEN, PRIYA, RUTH, SAM, WILMA
from tests.second_steps import PHONE, give_everything
from transition.app import Tracker
from transition.records.second_steps import second_steps_of

PANEL = "If they lost their second step"


def test_a_lead_says_that_they_saw_them_and_how(
    client_as: ClientAs, work_as: WorkAs, session: Session
) -> None:
    priya, sam, page = client_as(PRIYA), client_as(SAM), page_of(session, RUTH)
    assert PANEL not in priya.get(page).text, "there is nothing yet that could be lost"
    with work_as(RUTH) as work:
        give_everything(work)
    assert "Authenticator app and passkey" in words_of(priya.get("/settings/users").text)
    asked = words_of(priya.get(page).text)
    assert "Second step: authenticator app and passkey." in asked
    assert "I saw them in person" in asked
    assert PHONE not in asked, "what they call their device is theirs"
    waits = words_of(sam.get(page).text)
    assert "A lead of their hospice must see them first" in waits
    assert "I saw them" not in waits

    post(priya, page, f"{page}/seen", how="by letter")
    assert told(session, "second-step:seen") == []
    answer = post(priya, page, f"{page}/seen", how="video")

    assert (answer.status_code, answer.location) == (302, page)
    seen = words_of(priya.get(page).text)
    assert "It is recorded that you saw Ruth Adeyemi by video call." in seen
    assert "Priya Raman saw Ruth Adeyemi by video call at 9:00am. That counts for 7 days." in seen
    assert "An administrator who has not seen them takes the second step away." in seen
    ruth = staff_of(session, RUTH).uid
    assert told(session, "second-step:seen") == [("second-step:seen", f"{ruth.hex()} video")]
    trail = words_of(client_as(WILMA).get("/audit").text)
    assert "Saw a colleague who had lost their second step: Ruth Adeyemi, by video call" in trail


def test_an_administrator_takes_it_away_and_a_letter_tells(
    app: Tracker, client_as: ClientAs, work_as: WorkAs, session: Session
) -> None:
    priya, sam, page = client_as(PRIYA), client_as(SAM), page_of(session, RUTH)
    ruth = staff_of(session, RUTH).uid
    with work_as(RUTH) as work:
        give_everything(work)
    post(priya, page, f"{page}/seen", how="in_person")
    refused = post(priya, page, f"{page}/reset")
    session.rollback()
    assert second_steps_of(session, ruth).number == 2
    assert "An administrator who has not seen them does this." in priya.get(refused.location).text
    assert post(sam, page, f"{page}/reset").location == page

    session.rollback()
    assert second_steps_of(session, ruth).number == 0
    assert "Ruth Adeyemi is signed out everywhere" in words_of(sam.get(page).text)
    told_her = "".join(words for to, words in letters(app) if to == RUTH)
    assert "You told a colleague that you lost your second step." in told_her


def test_nobody_does_it_for_themselves_or_for_another_hospice(
    client_as: ClientAs, work_as: WorkAs, session: Session
) -> None:
    helen, own, other = client_as(HELEN), page_of(session, HELEN), page_of(session, PRIYA)
    for email in (PRIYA, HELEN):
        with work_as(email) as work:
            give_everything(work)
    assert PANEL not in helen.get(own).text
    post(helen, own, f"{own}/seen", how="in_person")
    assert "Only another lead of the same hospice" in helen.get(own).text
    assert post(helen, own, f"{other}/seen", how="in_person").status_code == 404
    assert post(helen, own, f"{other}/reset").status_code == 404
    assert told(session, "second-step:seen") == []
