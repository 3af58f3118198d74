"""The screens about somebody who has died: one save, what is left to read, and the way back."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.builders import (
    ClientAs,
    WorkAs,
    accepted_case,
    opened_case,
    post,
    proposed_handover,
    staff_of,
)
from tests.house.walking import FormReader
from tests.integration.endings.test_closings import close
from tests.people import ANNA, HELEN, MINA, PETER, PRIYA, RUTH, TOM
from transition.actions.handovers import withdraw_handover
from transition.actions.pauses import pause_case
from transition.records.cases import Case
from transition.records.deaths import Death
from transition.records.handovers import handovers_of
from transition.rules.pauses import PauseReason
from transition.rules.stages import Ending

DIED = {"died_on-day": "12", "died_on-month": "11", "died_on-year": "2026"}
FRAME = {"/sign-out", "/cases/find"}
FORMS = (
    "milestones",
    "milestones/ID-04/done",
    "milestones/ID-04/skip",
    "handover/propose",
    "pause",
    "died",
)


@pytest.fixture
def proposed(work_as: WorkAs) -> str:
    with work_as(RUTH) as work:
        return proposed_handover(work)[0].reference


def record(client: FlaskClient, reference: str, **words: Any) -> str:  # noqa: ANN401 - its fields
    """Save the form, and return the page that follows."""
    answer = post(client, f"/cases/{reference}/died", **{**DIED, **words})
    assert answer.location == f"/cases/{reference}/record", answer.text
    return client.get(answer.location).text


def later(session: Session, by: timedelta) -> None:
    """Let the record of the death have been made so long ago."""
    death = session.scalars(select(Death)).one()
    session.execute(update(Death).values(recorded_at=death.recorded_at - by))
    session.commit()


def bar_of(page: str) -> str:
    found = re.search(r'<div class="app-id">.*?</dl>', page, re.DOTALL)
    assert found, page
    return found[0]


def posts_of(page: str) -> list[str]:
    """Return where the forms of a page lead, but for those of the frame."""
    return [one.action for one in FormReader(page).forms if one.action not in FRAME]


def test_it_takes_a_link_a_date_and_a_save(client_as: ClientAs, proposed: str) -> None:
    ruth = client_as(RUTH)
    overview = ruth.get(f"/cases/{proposed}").text
    assert re.search(rf'<a href="/cases/{proposed}/died">Record a death</a>', overview)
    form = ruth.get(f"/cases/{proposed}/died").text
    assert "Record that Sky has died" in form
    assert "We are sorry." in form
    assert f"<title>Ending: {proposed}" in form
    assert "app-btn--dark" in form
    assert "app-btn--primary" not in form
    assert "app-btn--warning" not in form
    page = record(ruth, proposed)
    assert f"Saved. Nothing more will be sent about {proposed}." in page


def test_what_is_left_is_read_in_plain_words(client_as: ClientAs, proposed: str) -> None:
    page = record(client_as(RUTH), proposed, note="His mother rang.", told=["naomi", "gp"])
    bar = bar_of(page)
    assert "12 November 2026 (17 years)" in bar
    assert re.search(r"<dt>Born</dt>\s*<dd>15 June 2009</dd>", bar), "and no age at today"
    assert "Sky died on 12 November 2026." in page
    assert "Record of planning" in page
    assert "Coordinated transition plan written; copy to young person and GP: done on 23" in page
    assert "Second joint visit" not in page, "what was not done is not held up to anybody"
    assert "GP, Naomi House &amp; Jacksplace" in page
    assert "His mother rang." in page
    main = page.partition("<main")[2]
    for word in ("app-stages", "app-milestones", "late", "%", "overdue", "Next:", "turns 18"):
        assert word not in main, word
    assert posts_of(page) == [f"/cases/{proposed}/died/undo"]


def test_a_date_that_nobody_knows_yet_is_said_to_be_so(client_as: ClientAs, proposed: str) -> None:
    nothing = dict.fromkeys(DIED, "")
    page = record(client_as(RUTH), proposed, **nothing, not_known="y")
    assert "Date not known yet" in bar_of(page)
    assert "Sky died. The date is not known yet." in page


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (dict.fromkeys(DIED, ""), "Enter the date, or tick that it is not known yet"),
        (DIED | {"died_on-year": "2027"}, "The date must be today or in the past."),
        (DIED | {"died_on-year": "2009", "died_on-month": "5"}, "before the date of birth"),
        (DIED | {"died_on-day": ""}, "Date of death must include a day"),
        (DIED | {"told": "oakhaven"}, "Choose one of the answers"),
    ],
)
def test_what_cannot_be_is_said_beside_the_form_with_everything_kept(
    client_as: ClientAs, proposed: str, session: Session, words: dict[str, str], sentence: str
) -> None:
    answer = post(client_as(RUTH), f"/cases/{proposed}/died", **words, note="Typed.")
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "Typed." in answer.text
    assert session.scalars(select(Case)).one().ending is None


def test_who_comes_second_is_told_and_sent_to_what_is_left(
    client_as: ClientAs, proposed: str
) -> None:
    ruth, anna = client_as(RUTH), client_as(ANNA)
    token = re.search(r'csrf_token"[^>]*value="([^"]+)', anna.get(f"/cases/{proposed}/died").text)
    assert token
    record(ruth, proposed)
    answer = anna.post(f"/cases/{proposed}/died", data=DIED | {"csrf_token": token[1]})
    assert answer.location == f"/cases/{proposed}/record"


def test_on_a_case_entered_in_error_nothing_is_recorded_any_more(
    client_as: ClientAs, work_as: WorkAs, proposed: str
) -> None:
    ruth = client_as(RUTH)
    close(work_as, proposed, Ending.ENTERED_IN_ERROR)
    answer = ruth.get(f"/cases/{proposed}/died")
    assert answer.location == f"/cases/{proposed}/closing"
    assert "/died" not in ruth.get(answer.location).text
    assert post(ruth, "/today", f"/cases/{proposed}/died", **DIED).status_code == 404


def test_every_form_is_gone_and_leads_to_what_is_left(client_as: ClientAs, proposed: str) -> None:
    ruth = client_as(RUTH)
    record(ruth, proposed)
    for path in ("", *(f"/{form}" for form in FORMS)):
        answer = ruth.get(f"/cases/{proposed}{path}")
        assert answer.location == f"/cases/{proposed}/record", path
    pack = ruth.get(f"/cases/{proposed}/handovers/rowans-1").text
    assert posts_of(pack) == []
    assert "years)" not in bar_of(pack)
    assert "This transition has ended." in pack
    assert "to reply" not in pack


def test_what_was_typed_before_it_was_recorded_is_refused_and_not_lost(
    client_as: ClientAs, proposed: str
) -> None:
    ruth, anna = client_as(RUTH), client_as(ANNA)
    path = f"/cases/{proposed}/milestones/ID-04/skip"
    token = re.search(r'csrf_token"[^>]*value="([^"]+)', anna.get(path).text)
    assert token
    record(ruth, proposed)
    answer = anna.post(path, data={"reason": "They asked.", "csrf_token": token[1]})
    assert "This case has ended." in answer.text
    assert "They asked." in answer.text
    assert "years)" not in bar_of(answer.text)


@pytest.mark.parametrize("email", [RUTH, PRIYA, HELEN])
def test_lists_today_inbox_and_digest_show_nothing_of_them(
    client_as: ClientAs, proposed: str, email: str
) -> None:
    reader = client_as(email)
    lists = ("/today", "/cases", "/handovers", "/me/notifications/preview")
    before = [path for path in lists if proposed in reader.get(path).text]
    assert before
    record(client_as(RUTH), proposed)
    for path in lists:
        page = reader.get(path).text
        assert proposed not in page, path
        assert "Sky" not in page, path


def test_no_cookie_carries_a_name_or_what_happened(client_as: ClientAs, proposed: str) -> None:
    ruth = client_as(RUTH)
    answer = post(ruth, f"/cases/{proposed}/died", **DIED)
    kept = ruth.get_cookie("form")
    assert kept is not None
    decoded = ruth.application.session_interface.get_signing_serializer(  # type: ignore[attr-defined]
        ruth.application
    ).loads(kept.value)
    assert "Nothing more will be sent" in str(decoded)
    assert not re.search("Sky|Demo|die|dea", str(decoded), re.IGNORECASE)
    assert answer.status_code == 302


# --- the other side ---------------------------------------------------------------------------


def test_a_receiver_records_it_from_the_pack_and_reads_what_is_left(
    client_as: ClientAs, proposed: str
) -> None:
    helen = client_as(HELEN)
    pack = helen.get(f"/cases/{proposed}/handovers/rowans-1").text
    assert f'href="/cases/{proposed}/died"' in pack
    page = record(helen, proposed, note="The ward rang.")
    assert "12 November 2026 (17 years)" in bar_of(page)
    assert "The ward rang." in page
    assert "Record of planning" not in page, "that is the children's hospice's own"
    assert f"/cases/{proposed}/handovers/rowans-1" in page
    assert posts_of(page) == [f"/cases/{proposed}/died/undo"]


def test_a_note_is_for_its_writer_and_the_hospice_whose_case_it_is(
    client_as: ClientAs, proposed: str
) -> None:
    page = record(client_as(RUTH), proposed, note="His mother rang.", told=["gp"])
    assert "His mother rang." in page
    other = client_as(HELEN).get(f"/cases/{proposed}/record").text
    assert "Sky died on 12 November 2026." in other
    assert "His mother rang." not in other
    assert "Has been told" not in other


def test_an_adult_hospice_is_offered_no_other_one_to_have_been_told(
    client_as: ClientAs, work_as: WorkAs
) -> None:
    reference, _ = accepted_case(work_as)
    with work_as(RUTH) as work:
        (asked,) = handovers_of(work.session, work.case(reference).case.uid)
        asked.receiver, asked.adult_worker_uid = "oakhaven", None
    other = client_as(PETER).get(f"/cases/{reference}/died").text
    assert "Oakhaven Hospice" in other
    assert "Rowans" not in other


def test_the_worker_who_was_named_can_still_look(
    client_as: ClientAs, work_as: WorkAs, session: Session
) -> None:
    reference, _ = accepted_case(work_as)
    with work_as(HELEN) as work:
        (handover,) = handovers_of(work.session, work.case(reference).case.uid)
        handover.adult_worker_uid = staff_of(session, MINA).uid
    mina = client_as(MINA)
    assert "Record a death" in mina.get(f"/cases/{reference}").text
    record(client_as(RUTH), reference)
    answer = mina.get(f"/cases/{reference}")
    assert answer.location == f"/cases/{reference}/record"
    assert "Sky died on" in mina.get(answer.location).text


@pytest.mark.parametrize("withdrawn", [False, True])
def test_who_does_not_share_the_case_is_led_to_their_handover(
    client_as: ClientAs, work_as: WorkAs, proposed: str, *, withdrawn: bool
) -> None:
    if withdrawn:
        with work_as(RUTH) as work:
            withdraw_handover(work, proposed, "rowans-1")
    helen = client_as(HELEN)
    answer = helen.get(f"/cases/{proposed}")
    assert answer.location == f"/cases/{proposed}/handovers/rowans-1"
    assert helen.get(answer.location).status_code == 200
    expected = 404 if withdrawn else 200
    assert helen.get(f"/cases/{proposed}/died").status_code == expected


def test_while_somebody_lives_their_record_is_another_page(
    client_as: ClientAs, proposed: str
) -> None:
    answer = client_as(RUTH).get(f"/cases/{proposed}/record")
    assert answer.location == f"/cases/{proposed}/record/summary"
    assert client_as(HELEN).get(f"/cases/{proposed}/record").status_code == 404


# --- the way back -----------------------------------------------------------------------------


def undo(client: FlaskClient, reference: str) -> str:
    path = f"/cases/{reference}/record"
    answer = post(client, path, f"/cases/{reference}/died/undo")
    assert answer.location == f"/cases/{reference}"
    return client.get(answer.location, follow_redirects=True).text


def test_its_recorder_undoes_it_with_a_line(client_as: ClientAs, proposed: str) -> None:
    ruth = client_as(RUTH)
    assert "Nobody is told before 9:15am." in record(ruth, proposed)
    page = undo(ruth, proposed)
    assert f"Undone. {proposed} stands as it did." in page
    assert "app-stages" in page
    assert "(17 years)" in bar_of(page)


def test_after_the_hold_it_is_a_leads_to_undo(
    client_as: ClientAs, proposed: str, session: Session
) -> None:
    ruth, priya = client_as(RUTH), client_as(PRIYA)
    record(ruth, proposed)
    later(session, timedelta(minutes=15))
    assert posts_of(ruth.get(f"/cases/{proposed}/record").text) == []
    assert "Was this a mistake?" not in ruth.get(f"/cases/{proposed}/record").text
    shown = priya.get(f"/cases/{proposed}/record").text
    assert "One lead can undo this until 26 November 2026 at 8:45am." in shown
    assert "Undone." in undo(priya, proposed)


def test_after_three_days_one_lead_asks_and_another_undoes_it(
    client_as: ClientAs, proposed: str, session: Session
) -> None:
    ruth, priya, tom = client_as(RUTH), client_as(PRIYA), client_as(TOM)
    record(ruth, proposed)
    later(session, timedelta(hours=73))
    path = f"/cases/{proposed}/record"
    assert "Ask to undo" in priya.get(path).text
    assert "Kept. It is undone when a second lead says so." in undo(priya, proposed)
    for reader in (ruth, priya):
        page = reader.get(path).text
        assert "Priya Raman has asked to undo this." in page
        assert posts_of(page) == []
    assert "Undone." in undo(tom, proposed)


def test_who_may_not_undo_it_is_told_who_may(
    client_as: ClientAs, proposed: str, session: Session
) -> None:
    ruth = client_as(RUTH)
    token = re.search(r'csrf_token"[^>]*value="([^"]+)', record(ruth, proposed))
    assert token
    later(session, timedelta(minutes=15))
    answer = ruth.post(f"/cases/{proposed}/died/undo", data={"csrf_token": token[1]})
    page = ruth.get(answer.location, follow_redirects=True).text
    assert "This can now be undone by a lead only." in page
    assert session.scalars(select(Case)).one().ending is Ending.DIED


def test_a_paused_case_comes_back_paused(work_as: WorkAs, client_as: ClientAs) -> None:
    with work_as(RUTH) as work:
        reference = opened_case(work).reference
        pause_case(work, reference, PauseReason.OTHER, review_on=work.today + timedelta(days=9))
    ruth = client_as(RUTH)
    record(ruth, reference)
    assert "Paused until 2 December 2026: another reason." in undo(ruth, reference)
