"""Signing and coming back on the page of the time after a transfer."""

import pytest

from tests.builders import ClientAs, WorkAs, post
from tests.integration.settling.steps import LATER, reviewed_case, transferred_case
from tests.people import HELEN, MINA, PRIYA, RUTH
from transition.app import Tracker

WHY = "She is frightened of the journey."


@pytest.fixture
def path(app: Tracker, work_as: WorkAs) -> str:
    """The page of a case in which all is done, on a day after its six months."""
    reference = reviewed_case(work_as)
    app.config["CLOCK"].instant = LATER
    return f"/cases/{reference}/settling"


@pytest.fixture
def early(work_as: WorkAs) -> str:
    """The page of a case that was transferred a week ago."""
    return f"/cases/{transferred_case(work_as)}/settling"


def press(client_as: ClientAs, who: str, path: str, button: str) -> str:
    """Press a button of the page and return what the page says afterwards."""
    client = client_as(who)
    assert post(client, "/today", f"{path}/{button}").location == path
    return str(client.get(path).text)


def test_each_hospice_signs_for_itself_and_both_complete_it(client_as: ClientAs, path: str) -> None:
    page = client_as(RUTH).get(path).text
    assert "Everything that the closing waits for is done" in page
    assert f"{path}/signed" in page
    page = press(client_as, RUTH, path, "signed")
    assert "Signed. The other hospice is told" in page
    assert "Naomi House &amp; Jacksplace, signed on 18 May 2027" in page
    assert "Sign for our hospice" not in page
    assert "Complete without the other hospice" not in page
    assert "Sign for our hospice" in client_as(HELEN).get(path).text
    assert "Sign for our hospice" not in client_as(MINA).get(path).text
    page = press(client_as, HELEN, path, "signed")
    assert "Both hospices have signed" in page
    assert "What is written here stays." in page
    assert "Sign for our hospice" not in page


def test_a_signature_is_taken_back_on_the_page(client_as: ClientAs, path: str) -> None:
    press(client_as, RUTH, path, "signed")
    assert "Take back our signature" in client_as(RUTH).get(path).text
    assert "Take back our signature" not in client_as(HELEN).get(path).text
    page = press(client_as, RUTH, path, "signed/taken-back")
    assert "Taken back" in page
    assert "Sign for our hospice" in page


def test_a_lead_alone_is_told_to_wait(client_as: ClientAs, path: str) -> None:
    press(client_as, PRIYA, path, "signed")
    assert "Complete without the other hospice" in client_as(PRIYA).get(path).text
    page = press(client_as, PRIYA, path, "signed/alone")
    assert "The other hospice has 20 working days" in page


def test_a_lead_completes_alone_after_silence(app: Tracker, client_as: ClientAs, path: str) -> None:
    press(client_as, PRIYA, path, "signed")
    app.config["CLOCK"].instant = LATER.replace(month=6, day=17)
    page = press(client_as, PRIYA, path, "signed/alone")
    assert "This transition is completed, signed by one hospice" in page


def test_before_the_six_months_are_over_nothing_is_signed(client_as: ClientAs, early: str) -> None:
    page = client_as(RUTH).get(early).text
    assert "Six months since the transfer on 16 November 2026" in page
    assert "First adult contact took place" in page
    assert "Sign for our hospice" not in page
    assert "is still open" in press(client_as, RUTH, early, "signed")


def test_both_leads_agree_that_they_come_back(client_as: ClientAs, early: str) -> None:
    helen, priya = client_as(HELEN), client_as(PRIYA)
    assert "I alone, because" not in helen.get(f"{early}/return").text
    assert post(helen, f"{early}/return", reason=WHY).location == early
    page = priya.get(early).text
    assert WHY in page
    assert "Agree that they come back" in page
    assert "Both hospices" not in page.split("Next:")[1][:60]
    back = post(priya, f"{early}/return", reason=WHY, how="both")
    assert back.location == early.removesuffix("/settling")
    page = priya.get(back.location).text
    assert "They are back, and the children&#39;s hospice leads from today" in page
    assert "Settling in</a>" not in page
    assert priya.get(early).status_code == 404
    assert helen.get(early).status_code == 404


def test_the_adult_lead_who_agrees_second_goes_to_the_handovers(
    client_as: ClientAs, early: str
) -> None:
    priya, helen = client_as(PRIYA), client_as(HELEN)
    assert post(priya, f"{early}/return", reason=WHY, how="both").location == early
    assert post(helen, f"{early}/return", reason=WHY).location == "/handovers"
    assert helen.get("/handovers").status_code == 200


def test_the_childrens_lead_alone_brings_them_back_at_once(client_as: ClientAs, early: str) -> None:
    priya = client_as(PRIYA)
    answer = post(priya, f"{early}/return", reason=WHY, how="urgent")
    assert answer.location == early.removesuffix("/settling")


def test_asking_for_a_return_is_taken_back(client_as: ClientAs, early: str) -> None:
    helen = client_as(HELEN)
    post(helen, f"{early}/return", reason=WHY)
    page = press(client_as, HELEN, early, "return/taken-back")
    assert "Taken back" in page
    assert WHY not in page


def test_a_return_asks_why_and_who_decides(client_as: ClientAs, early: str) -> None:
    priya = client_as(PRIYA)
    answer = post(priya, f"{early}/return", reason="")
    assert answer.status_code == 422
    assert "Say why they come back" in answer.text
    assert "Say who decides this" in answer.text
    post(priya, f"{early}/return", reason=WHY, how="both")
    again = post(priya, f"{early}/return", reason=WHY, how="both")
    assert again.status_code == 409


def test_only_leads_see_the_way_back(client_as: ClientAs, early: str) -> None:
    for who in (RUTH, MINA):
        assert "They come back" not in client_as(who).get(early).text
        assert client_as(who).get(f"{early}/return").status_code == 404


def test_there_is_no_such_button_of_an_unknown_case(client_as: ClientAs) -> None:
    client = client_as(RUTH)
    assert post(client, "/today", "/cases/NHJ-XXXX-X/settling/signed").status_code == 404
