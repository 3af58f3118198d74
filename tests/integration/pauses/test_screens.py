"""The screens with which a transition is paused and taken up again."""

import re
from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import ClientAs, WorkAs, accepted_case, opened_case, post, proposed_handover
from tests.house.walking import FormReader
from tests.people import HELEN, RUTH
from transition.actions.pauses import pause_case
from transition.records.cases import Case
from transition.records.change_numbers import mark_changed, move_numbers
from transition.records.histories import Pause
from transition.rules.pauses import PauseReason
from transition.rules.stages import Ending

FRAME = {"/sign-out", "/cases/find"}
UNTIL = {"review_on-day": "4", "review_on-month": "1", "review_on-year": "2027"}


@pytest.fixture
def reference(work_as: WorkAs) -> str:
    with work_as(RUTH) as work:
        return opened_case(work).reference


def pause(client: FlaskClient, reference: str, **words: str) -> str:
    answer = post(client, f"/cases/{reference}/pause", reason="in_hospital", **UNTIL | words)
    assert answer.location == f"/cases/{reference}", answer.text
    return client.get(answer.location).text


def test_a_transition_is_paused_from_its_page(
    client_as: ClientAs, reference: str, session: Session
) -> None:
    ruth = client_as(RUTH)
    assert (
        f'href="/cases/{reference}/pause">Pause this transition'
        in ruth.get(f"/cases/{reference}").text
    )
    form = ruth.get(f"/cases/{reference}/pause").text
    boxes = re.findall(r'name="review_on-(\w+)" type="text" value="(\d+)"', form)
    assert dict(boxes) == {"day": "21", "month": "12", "year": "2026"}, "in four weeks"
    page = pause(ruth, reference, note="A long stay.")
    assert f"{reference} is paused until 4 January 2027." in page
    assert "Paused until 4 January 2027: in hospital." in page
    row = session.scalars(select(Pause)).one()
    assert (row.review_on, row.note) == (date(2027, 1, 4), "A long stay.")


def test_while_it_rests_there_is_nothing_to_do_but_to_resume(
    client_as: ClientAs, reference: str
) -> None:
    page = pause(client_as(RUTH), reference)
    actions = [form.action for form in FormReader(page).forms if form.action not in FRAME]
    assert actions == [f"/cases/{reference}/resume"]
    assert "Next:" not in page
    assert "Pause this transition" not in page
    assert "Record a death" in page


def test_it_goes_on_with_one_click(client_as: ClientAs, reference: str, session: Session) -> None:
    ruth = client_as(RUTH)
    pause(ruth, reference)
    answer = post(ruth, f"/cases/{reference}", f"/cases/{reference}/resume")
    page = ruth.get(answer.location).text
    assert f"{reference} goes on." in page
    assert "Paused" not in page.partition("<main")[2].replace("Pause this", "")
    assert not session.scalars(select(Case)).one().paused


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"reason": ""}, "Say why you are pausing"),
        (dict.fromkeys(UNTIL, ""), "Enter the day on which to look again"),
        ({"review_on-year": "2026"}, "The day to look again must be after today."),
        ({"review_on-year": "2028"}, "Look again within 3 months."),
    ],
)
def test_what_is_missing_is_said_and_everything_is_kept(
    client_as: ClientAs, reference: str, session: Session, words: dict[str, str], sentence: str
) -> None:
    told = {"reason": "other", "note": "Typed."} | UNTIL | words
    answer = post(client_as(RUTH), f"/cases/{reference}/pause", **told)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "Typed." in answer.text
    assert not session.scalars(select(Case)).one().paused


def test_what_does_not_rest_cannot_go_on(client_as: ClientAs, reference: str) -> None:
    ruth = client_as(RUTH)
    answer = post(ruth, f"/cases/{reference}/pause", f"/cases/{reference}/resume")
    assert "Nothing has changed" in ruth.get(answer.location).text


def test_an_adult_lead_pauses_what_is_shared(client_as: ClientAs, work_as: WorkAs) -> None:
    reference, _ = accepted_case(work_as)
    page = pause(client_as(HELEN), reference)
    assert "Paused until 4 January 2027: in hospital." in page
    assert f"/cases/{reference}/resume" in page
    assert "Paused until" in client_as(RUTH).get(f"/cases/{reference}").text


def test_who_only_reads_the_pack_sees_that_it_rests(client_as: ClientAs, work_as: WorkAs) -> None:
    with work_as(RUTH) as work:
        reference = proposed_handover(work)[0].reference
        pause_case(work, reference, PauseReason.OTHER, review_on=date(2026, 12, 21))
    helen = client_as(HELEN)
    assert helen.get(f"/cases/{reference}/pause").status_code == 404
    pack = helen.get(f"/cases/{reference}/handovers/rowans-1").text
    assert "<p>Paused.</p>" in pack
    assert "Not known to reply" not in pack


def test_what_has_ended_is_not_paused(client_as: ClientAs, work_as: WorkAs, reference: str) -> None:
    with work_as(RUTH) as work:
        case = work.case(reference).case
        case.ending, case.ended_at = Ending.MOVED_AWAY, work.now
    page = client_as(RUTH).get(f"/cases/{reference}").text
    assert "Pause this transition" not in page
    assert "Record a death" in page


def test_a_look_at_the_pause_stands_on_today_on_its_day(
    client_as: ClientAs, reference: str, session: Session
) -> None:
    ruth = client_as(RUTH)
    pause(ruth, reference)
    assert reference not in ruth.get("/today").text
    resting = session.scalars(select(Pause)).one()
    resting.review_on = date(2026, 11, 23)
    mark_changed(session, (resting.case_uid,))
    move_numbers(session)
    session.commit()
    page = ruth.get("/today").text
    assert "Look at this pause again" in page
    assert page.count(reference) > 0
