"""The screens on which a case ends otherwise than with a death, and is opened again."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.builders import ClientAs, WorkAs, capacity_found, opened_case, post, proposed_handover
from tests.integration.endings.test_closings import ANSWERS, close
from tests.people import ANNA, HELEN, PRIYA, RUTH
from transition.actions.closings import take_back_closing
from transition.actions.deaths import record_death
from transition.app import Tracker
from transition.rules.stages import Ending


def sent(ending: Ending, **words: str) -> dict[str, Any]:
    """Return the usual answers as a form sends them."""
    fields: dict[str, Any] = {}
    for name, answer in ANSWERS[ending].items():
        if isinstance(answer, str):
            fields[name] = answer
        else:
            day = {"day": answer.day, "month": answer.month, "year": answer.year}
            fields |= {f"{name}-{part}": str(number) for part, number in day.items()}
    return fields | words


@pytest.fixture
def reference(work_as: WorkAs) -> str:
    """A case of Ruth's that waits for an answer of Rowans."""
    with work_as(RUTH) as work:
        reference = proposed_handover(work)[0].reference
        capacity_found(work, reference)
        return reference


def end(client: FlaskClient, reference: str, ending: Ending, **words: str) -> str:
    """Fill in the form of an ending, and return the page that follows."""
    page = f"/cases/{reference}/close/{ending}"
    answer = post(client, page, **sent(ending, **words))
    assert answer.location == f"/cases/{reference}/closing", answer.text
    return unescape(client.get(answer.location).text)


def test_it_takes_a_link_a_reason_and_a_page(client_as: ClientAs, reference: str) -> None:
    ruth = client_as(RUTH)
    overview = ruth.get(f"/cases/{reference}").text
    assert f'<a href="/cases/{reference}/close">End this transition</a>' in overview
    asked = ruth.get(f"/cases/{reference}/close").text
    assert "Why is this ending?" in asked
    assert f"/cases/{reference}/close/no_longer_needed" not in asked, "that is for a lead"
    assert f'<a href="/cases/{reference}/died">Sky has died</a>' in asked
    form = ruth.get(f"/cases/{reference}/close/moved_away").text
    assert "The handover to Rowans Hospice ends." in form
    page = end(ruth, reference, Ending.MOVED_AWAY)
    assert f"{reference} has ended. Nothing more will be sent about it." in page
    assert "Check that they arrived safely on 7 December 2026." in page
    assert "Devon" in page
    overview = ruth.get(f"/cases/{reference}").text
    assert "This transition has ended: moved away." in overview
    assert f'href="/cases/{reference}/closing"' in overview


def test_a_lead_is_offered_all_of_them(client_as: ClientAs, reference: str) -> None:
    page = client_as(PRIYA).get(f"/cases/{reference}/close").text
    assert len(re.findall(rf'href="/cases/{reference}/close/\w+"', page)) == len(ANSWERS)


def test_who_leads_today_stands_in_the_form_already(client_as: ClientAs, reference: str) -> None:
    page = client_as(RUTH).get(f"/cases/{reference}/close/declined_by_person").text
    assert "24-hour advice: Jacksplace\n" in page
    assert 'value="2027"' in page


def test_what_is_left_out_is_said_and_what_was_typed_stays(
    client_as: ClientAs, reference: str
) -> None:
    ruth = client_as(RUTH)
    path = f"/cases/{reference}/close/moved_away"
    answer = post(ruth, path, new_area="Devon", service_found="found")
    assert answer.status_code == 422
    assert "Say whether the GP has changed" in answer.text
    assert 'value="Devon"' in answer.text
    answer = post(ruth, path, **sent(Ending.MOVED_AWAY, service_found="found"))
    assert answer.status_code == 422
    assert "Write which service it is" in answer.text
    assert 'value="Devon"' in ruth.get(path).text, "and comes back"


def test_a_second_person_confirms_on_the_page_of_the_case(
    client_as: ClientAs, reference: str
) -> None:
    ruth, priya = client_as(RUTH), client_as(PRIYA)
    page = end(ruth, reference, Ending.DECLINED_BY_PERSON)
    assert "Waiting for a second person" in page
    assert "Confirm this ending" not in page
    path = f"/cases/{reference}/closing"
    assert "Confirm this ending" in priya.get(path).text
    overview, waits = f"/cases/{reference}", "This ends when a second person has confirmed it"
    for client in (ruth, priya):
        page = client.get(overview).text
        assert f"{waits}: young person declined." in page
        assert f'href="{path}"' in page
    answer = post(priya, path, f"{path}/confirm")
    page = unescape(priya.get(answer.location).text)
    assert f"Confirmed. {reference} has ended." in page
    assert "Offer the transition again, once on 23 May 2027." in page
    assert "Priya Raman" in page
    assert waits not in priya.get(overview).text


def test_it_is_undone_on_its_day(client_as: ClientAs, reference: str) -> None:
    ruth = client_as(RUTH)
    assert "You can undo this today." in end(ruth, reference, Ending.MOVED_AWAY)
    path = f"/cases/{reference}/closing"
    answer = post(ruth, path, f"{path}/take-back")
    assert answer.location == f"/cases/{reference}"
    page = ruth.get(answer.location).text
    assert f"Undone. {reference} stands as it did." in page
    assert ruth.get(path).status_code == 404


def test_who_cannot_do_something_is_told_why(
    app: Tracker, client_as: ClientAs, work_as: WorkAs, reference: str
) -> None:
    close(work_as, reference, Ending.MOVED_AWAY)
    anna, path = client_as(ANNA), f"/cases/{reference}/closing"
    for button, says in (
        ("take-back", "Only who recorded this"),
        ("confirm", "no such ending"),
        ("look-again", "no such ending"),
    ):
        answer = post(anna, path, f"{path}/{button}")
        assert says in unescape(anna.get(answer.location).text)
    assert "Ask a children's lead" in unescape(
        anna.get(f"/cases/{reference}/reopen", follow_redirects=True).text
    )
    answer = anna.get(f"/cases/{reference}/close/moved_away", follow_redirects=True)
    assert "This case has ended." in answer.text
    app.config["CLOCK"].instant += timedelta(days=1)
    assert "You can undo this today." not in client_as(RUTH).get(path).text


def test_it_is_finished_when_the_pack_has_arrived_or_a_lead_says_why(
    client_as: ClientAs, reference: str
) -> None:
    ruth, priya = client_as(RUTH), client_as(PRIYA)
    path = f"/cases/{reference}/closing"
    assert "Finish" not in end(ruth, reference, Ending.MOVED_AWAY)
    assert "has not confirmed that the pack arrived" in priya.get(path).text
    answer = post(priya, path, f"{path}/finish")
    assert answer.status_code == 422
    assert "cannot finish before" in answer.text
    answer = post(
        ruth,
        f"{path}/moved_away",
        **sent(
            Ending.MOVED_AWAY,
            **{
                "pack_sent_on-day": "20",
                "pack_sent_on-month": "11",
                "pack_sent_on-year": "2026",
                "receipt_confirmed_on-day": "23",
                "receipt_confirmed_on-month": "11",
                "receipt_confirmed_on-year": "2026",
            },
        ),
    )
    assert answer.location == path
    answer = post(ruth, path, f"{path}/finish")
    page = ruth.get(answer.location).text
    assert "It is finished: nothing more is asked." in page
    assert "Write what is known now" not in page
    assert ruth.get(f"{path}/moved_away").location == path


def test_a_lead_finishes_it_without(client_as: ClientAs, reference: str) -> None:
    priya, path = client_as(PRIYA), f"/cases/{reference}/closing"
    end(priya, reference, Ending.MOVED_AWAY)
    post(priya, path, f"{path}/finish", why="They telephoned.")
    assert "They telephoned." in priya.get(path).text
    answer = post(priya, f"/cases/{reference}/closing", f"{path}/finish", why="\x07")
    assert answer.status_code == 422


def test_while_an_appeal_is_open_access_continues(client_as: ClientAs, reference: str) -> None:
    priya, path = client_as(PRIYA), f"/cases/{reference}/closing"
    page = end(priya, reference, Ending.NO_LONGER_NEEDED)
    assert "continues until 24 April 2027, and beyond it while the appeal is open." in page
    assert 'id="finish"' not in page
    answer = post(priya, f"{path}/no_longer_needed", **sent(Ending.NO_LONGER_NEEDED, appeal=""))
    assert answer.status_code == 422, "an answer left out is never taken as no"
    future = sent(Ending.NO_LONGER_NEEDED) | {"decided_on-year": "2027"}
    answer = post(priya, f"{path}/no_longer_needed", **future)
    assert "must be today or in the past" in answer.text


def test_what_stands_is_looked_at_again(client_as: ClientAs, reference: str) -> None:
    ruth, path = client_as(RUTH), f"/cases/{reference}/closing"
    end(ruth, reference, Ending.OTHER_PROVIDER)
    answer = post(ruth, path, f"{path}/look-again")
    assert "Kept. Look again on 23 November 2027." in ruth.get(answer.location).text


def test_a_lead_opens_a_case_again(client_as: ClientAs, work_as: WorkAs, reference: str) -> None:
    close(work_as, reference, Ending.MOVED_AWAY)
    priya, path = client_as(PRIYA), f"/cases/{reference}/reopen"
    assert "It goes on where it stood" in priya.get(path).text
    assert post(priya, path, stage="planning").status_code == 422
    answer = post(priya, path, stage="planning", why="They came back.")
    page = priya.get(answer.location).text
    assert f"{reference} is open again." in page
    assert "app-stages" in page


def test_somebody_who_came_second_sees_what_was_done_meanwhile(
    client_as: ClientAs, work_as: WorkAs, reference: str
) -> None:
    close(work_as, reference, Ending.MOVED_AWAY)
    priya, path = client_as(PRIYA), f"/cases/{reference}/reopen"
    page = priya.get(path).text
    version = re.search(r'name="version" value="([^"]+)"', page)
    assert version
    with work_as(RUTH) as work:
        take_back_closing(work, reference)
    close(work_as, reference, Ending.OTHER_PROVIDER)
    answer = post(priya, path, stage="planning", why="They came back.", version=version[1])
    assert answer.status_code == 409
    with work_as(RUTH) as work:
        take_back_closing(work, reference)
        taken = opened_case(work, nhs_number="9991000003").reference
    close(work_as, taken, Ending.MOVED_AWAY)
    with work_as(ANNA) as work:
        opened_case(work, nhs_number="9991000003")
    answer = post(priya, f"/cases/{taken}/reopen", stage="identified", why="They came back.")
    assert answer.status_code == 422
    assert "already here" in answer.text


def test_a_case_that_was_entered_in_error_is_nobodys_any_more(
    client_as: ClientAs, work_as: WorkAs, reference: str
) -> None:
    with work_as(RUTH) as work:
        right = opened_case(work).reference
    close(work_as, reference, Ending.ENTERED_IN_ERROR, reason="duplicate", instead_reference=right)
    ruth, helen = client_as(RUTH), client_as(HELEN)
    for page in ("", "/milestones", "/died", "/close"):
        answer = ruth.get(f"/cases/{reference}{page}")
        assert answer.location == f"/cases/{reference}/closing", page
    page = ruth.get(f"/cases/{reference}/closing").text
    assert f'Entered in error: see <a href="/cases/{right}">{right}</a>' in page
    assert "Skyler" not in page
    found = post(ruth, "/today", "/cases/find", words="Skyler")
    assert reference not in found.text
    answer = helen.get(f"/cases/{reference}", follow_redirects=True)
    assert "An earlier handover" in answer.text
    assert "Sky" not in answer.text


@pytest.mark.parametrize("page", ["close/died", "close/nothing", "closing", "reopen"])
def test_what_there_is_not_is_not_found(client_as: ClientAs, reference: str, page: str) -> None:
    assert client_as(RUTH).get(f"/cases/{reference}/{page}").status_code == 404


def test_who_was_here_before_is_opened_again_rather_than_anew(
    client_as: ClientAs, work_as: WorkAs
) -> None:
    with work_as(RUTH) as work:
        reference = opened_case(work, nhs_number="9991000003").reference
    close(work_as, reference, Ending.MOVED_AWAY)
    ruth = client_as(RUTH)
    person = {
        "given_name": "Skyler",
        "family_name": "Demo-Test",
        "date_of_birth-day": "15",
        "date_of_birth-month": "6",
        "date_of_birth-year": "2009",
        "nhs_number": "9991000003",
        "age_is_right": "yes",
    }
    about = {
        "about_me": "My own say.",
        "how_i_communicate": "Speak to me.",
        "allergies": "None known",
        "primary_condition": "SMA",
        "condition_group": "2",
        "first_language": "English",
        "interpreter_needed": "no",
    }
    move = {"service": "jacksplace", "catchment_key": "rowans", "school_year_offset": "0"}
    for step, words in (("person", person), ("about", about), ("move", move)):
        answer = post(ruth, f"/cases/new/{step}", **words)
        assert answer.status_code == 302, answer.text
    page = ruth.get("/cases/new/check").text
    assert f"{reference} has ended: moved away." in page
    assert f'href="/cases/{reference}/closing"' in page
    with work_as(RUTH) as work:
        record_death(work, reference, died_on=None)
    assert reference not in ruth.get("/cases/new/check").text
