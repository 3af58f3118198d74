"""The page of the time after a transfer: what it asks, what it shows to whom, and what it keeps."""

from datetime import timedelta

import pytest

from tests.builders import ClientAs, WorkAs, accepted_case, post
from tests.integration.settling.steps import transferred_case
from tests.people import HELEN, IDRIS, MINA, PETER, PRIYA, RUTH
from transition.app import Tracker
from transition.rules.stages import Ending

DAY = {"day": "23", "month": "11", "year": "2026"}
WHY = "The minibus did not come."


@pytest.fixture
def path(work_as: WorkAs) -> str:
    """The page of a case that was transferred to Rowans a week ago, with Mina as its worker."""
    return f"/cases/{transferred_case(work_as)}/settling"


def on(name: str, **parts: str) -> dict[str, str]:
    """Return the three boxes of a date."""
    return {f"{name}-{part}": words for part, words in (DAY | parts).items()}


def contact(**words: str) -> dict[str, str]:
    told = {"kind": "clinic", "result": "not_brought", "note": WHY}
    return told | on("happened_on") | words


def check_in(**words: str) -> dict[str, str]:
    told = {"kind": "six_weeks", "outcome": "settled", "their_words": "They know my name."}
    return told | on("happened_on") | words


def missed(client_as: ClientAs, path: str, times: int) -> None:
    mina = client_as(MINA)
    for _ in range(times):
        assert post(mina, f"{path}/contacts/new", **contact()).location == path


def test_a_missed_contact_is_read_by_both_sides_and_says_whose_move_it_is(
    client_as: ClientAs, path: str
) -> None:
    assert "No contact since the transfer on 16 November 2026" in client_as(RUTH).get(path).text
    missed(client_as, path, 1)
    page = client_as(RUTH).get(path).text
    assert WHY in page
    assert "Was not brought" in page
    assert "Rowans Hospice: a contact in another way by 30 November 2026" in page
    assert "Record a contact" not in page
    again = client_as(MINA).get(f"{path}/contacts/new").text
    assert "Last time: a clinic or a visit to the hospice. Try another way this time." in again


def test_what_needs_somebody_stands_on_their_list_and_leads_to_the_page(
    client_as: ClientAs, path: str
) -> None:
    missed(client_as, path, 1)
    page = client_as(HELEN).get("/today").text
    assert "a contact in another way" in page
    assert path in page
    overview = client_as(RUTH).get(path.removesuffix("/settling")).text
    assert "a contact in another way" in overview
    assert f'href="{path}"' in overview


def test_a_contact_is_undone_where_it_was_recorded(client_as: ClientAs, path: str) -> None:
    missed(client_as, path, 1)
    mina = client_as(MINA)
    answer = post(mina, f"{path}/contacts/new", f"{path}/contacts/1/taken-back")
    assert answer.location == path
    assert "The contact is taken back" in mina.get(path).text
    assert WHY not in mina.get(path).text
    refused = post(mina, f"{path}/contacts/new", f"{path}/contacts/1/taken-back")
    assert refused.status_code == 404


def test_what_cannot_be_taken_back_says_why(client_as: ClientAs, path: str) -> None:
    missed(client_as, path, 1)
    ruth = client_as(RUTH)
    post(ruth, f"{path}/check-ins/new", f"{path}/contacts/1/taken-back")
    assert "This was written by the other hospice" in ruth.get(path).text


def test_what_followed_is_said_after_the_second_missed_contact(
    client_as: ClientAs, path: str
) -> None:
    missed(client_as, path, 1)
    ruth = client_as(RUTH)
    assert "/contacts/1" not in ruth.get(path).text
    assert ruth.get(f"{path}/contacts/1").status_code == 404
    missed(client_as, path, 1)
    assert f"{path}/contacts/2" in ruth.get(path).text
    form = ruth.get(f"{path}/contacts/2").text
    assert "When was the GP told?" in form
    assert "The plan that both leads made" not in form
    answer = post(ruth, f"{path}/contacts/2", **on("gp_told_on"))
    assert answer.location == path
    assert "The GP was told: 23 November 2026" in ruth.get(path).text


def test_the_plan_is_asked_of_leads_after_the_third(client_as: ClientAs, path: str) -> None:
    missed(client_as, path, 3)
    assert "The plan that both leads made" not in client_as(RUTH).get(f"{path}/contacts/3").text
    priya = client_as(PRIYA)
    assert post(priya, f"{path}/contacts/3", plan="A taxi.").location == path
    assert "The plan of 23 November 2026: A taxi." in priya.get(path).text


def test_whoever_follows_up_on_an_older_page_loses_nothing(client_as: ClientAs, path: str) -> None:
    missed(client_as, path, 3)
    assert post(client_as(PRIYA), f"{path}/contacts/3", plan="A taxi.", version="1").location
    late = post(client_as(HELEN), f"{path}/contacts/3", plan="A visit.", version="1")
    assert late.status_code == 409
    assert "A taxi." in late.text
    assert "A visit." in late.text


def test_nothing_said_is_refused_and_keeps_the_page(client_as: ClientAs, path: str) -> None:
    missed(client_as, path, 2)
    answer = post(client_as(RUTH), f"{path}/contacts/2")
    assert answer.status_code == 422
    assert "Say what was done" in answer.text


@pytest.mark.parametrize("name", ["kind", "result", "happened_on"])
def test_what_is_left_out_of_a_contact_is_asked_for(
    client_as: ClientAs, path: str, name: str
) -> None:
    left_out = dict.fromkeys((name, *on(name)), "")
    answer = post(client_as(MINA), f"{path}/contacts/new", **contact() | left_out)
    assert answer.status_code == 422
    assert "There is a problem" in answer.text
    assert WHY in answer.text


def test_a_check_in_holds_their_words_and_is_undone(client_as: ClientAs, path: str) -> None:
    ruth = client_as(RUTH)
    assert post(ruth, f"{path}/check-ins/new", **check_in()).location == path
    page = client_as(HELEN).get(path).text
    assert "They know my name." in page
    assert "Settled" in page
    assert 'value="six_weeks"' not in ruth.get(f"{path}/check-ins/new").text
    post(ruth, f"{path}/check-ins/new", f"{path}/check-ins/1/taken-back")
    assert "They know my name." not in ruth.get(path).text


def test_the_review_asks_what_they_think(client_as: ClientAs, path: str) -> None:
    helen = client_as(HELEN)
    assert 'value="six_weeks"' not in helen.get(f"{path}/check-ins/new").text
    review = check_in(kind="six_months", confirmed="yes")
    refused = post(helen, f"{path}/check-ins/new", **review)
    assert refused.status_code == 422
    assert "answered when asked what they think" in refused.text
    words = {"feedback": "answered", "feedback_words": "I miss the pool."}
    assert post(helen, f"{path}/check-ins/new", **review | words).location == path
    page = helen.get(path).text
    assert "asked, and answered. I miss the pool." in page
    assert "Six-month joint review" not in page


def test_not_working_asks_the_leads_what_they_agreed(client_as: ClientAs, path: str) -> None:
    ruth, priya = client_as(RUTH), client_as(PRIYA)
    post(ruth, f"{path}/check-ins/new", **check_in(outcome="not_working"))
    assert "check-ins/1/talk" not in ruth.get(path).text
    assert "Both hospices: a conversation of both leads" in priya.get(path).text
    talk = f"{path}/check-ins/1/talk"
    assert post(priya, talk, words="").status_code == 422
    answer = post(priya, talk, words="We go on, with a taxi.", **on("happened_on"))
    assert answer.location == path
    page = priya.get(path).text
    assert "Both leads talked on 23 November 2026: We go on, with a taxi." in page
    assert "check-ins/1/talk" not in page


def test_there_is_no_conversation_where_all_is_well(client_as: ClientAs, path: str) -> None:
    post(client_as(RUTH), f"{path}/check-ins/new", **check_in())
    priya = client_as(PRIYA)
    assert priya.get(f"{path}/check-ins/1/talk").status_code == 404
    assert priya.get(f"{path}/check-ins/2/talk").status_code == 404


def test_a_deputy_reads_it_and_another_hospice_does_not(client_as: ClientAs, path: str) -> None:
    assert client_as(IDRIS).get(path).status_code == 200
    assert client_as(PETER).get(path).status_code == 404


def test_before_the_transfer_there_is_no_such_page(client_as: ClientAs, work_as: WorkAs) -> None:
    reference, _ = accepted_case(work_as)
    ruth = client_as(RUTH)
    assert ruth.get(f"/cases/{reference}/settling").status_code == 404
    assert "Settling in</a>" not in ruth.get(f"/cases/{reference}").text


def test_a_case_that_ended_is_read_and_not_written(
    client_as: ClientAs, work_as: WorkAs, path: str
) -> None:
    missed(client_as, path, 2)
    with work_as(RUTH) as work:
        case = work.case(path.split("/")[2]).case
        case.ending, case.ended_at = Ending.OTHER_PROVIDER, work.now
    page = client_as(HELEN).get(path).text
    assert WHY in page
    assert "Record a contact" not in page
    assert "Say what followed" not in page
    assert "a call of both hospices" not in page


def test_every_entry_stands_in_the_history(app: Tracker, client_as: ClientAs, path: str) -> None:
    missed(client_as, path, 1)
    post(client_as(RUTH), f"{path}/check-ins/new", **check_in())
    app.config["CLOCK"].instant += timedelta(days=1)
    page = client_as(HELEN).get(path.replace("settling", "history")).text
    assert "A contact after the transfer was recorded" in page
    assert "A clinic or a visit to the hospice" in page
    assert "A check-in was recorded" in page
