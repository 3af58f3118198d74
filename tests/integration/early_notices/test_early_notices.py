"""Telling an adult hospice that somebody is coming, without saying who."""

import re
from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import (
    ClientAs,
    WorkAs,
    on_both,
    opened_case,
    planned_case,
    proposed_handover,
    staff_of,
    token_of,
)
from tests.people import HELEN, IDRIS, MINA, PETER, RUTH
from transition.actions.deaths import record_death
from transition.actions.digests import digest_of
from transition.actions.early_notices import NewNotice, see_notices, send_notice, take_notice_back
from transition.actions.milestones import put_back
from transition.actions.work import NotFound, Work
from transition.records.audit import AuditEntry
from transition.records.cases import Case
from transition.records.early_notices import EarlyNotice, notices_of, notices_to
from transition.records.milestones import outcomes_of
from transition.records.staff import Denial
from transition.rules.errors import RuleBroken
from transition.rules.handovers import Function

SPRING = date(2028, 4, 1)
CANARY = "Zarabeth"


def told(receiver: str = "rowans", *, complex_care: bool = False) -> NewNotice:
    return NewNotice(
        receiver=receiver,
        quarter=SPRING,
        functions=(Function.ADVICE_24_7, Function.END_OF_LIFE_CARE),
        complex_care=complex_care,
    )


@pytest.fixture
def reference(work_as: WorkAs) -> str:
    """A case of which Rowans was told."""
    with work_as(RUTH) as work:
        return announced(work)


def announced(work: Work) -> str:
    reference = opened_case(work, family_name=CANARY).reference
    send_notice(work, reference, told())
    return reference


@on_both
def test_a_notice_is_kept_sealed_and_fulfils_its_milestone(
    reference: str, work_as: WorkAs, session: Session
) -> None:
    with work_as(RUTH) as work:
        case = work.case(reference).case
        [notice] = notices_of(work.session, case.uid)
        assert (notice.receiver, notice.quarter_on) == ("rowans", SPRING)
        assert notice.likely == (Function.ADVICE_24_7, Function.END_OF_LIFE_CARE)
        assert notice.complex_care is False
        assert "PR-10" in outcomes_of(work.session, case.uid)
    entries = select(AuditEntry.action).where(AuditEntry.case_ref == reference)
    assert {"notice:sent", "milestone:recorded"} <= set(session.scalars(entries))


@on_both
def test_a_second_hospice_is_told_and_the_milestone_stays_done(
    reference: str, work_as: WorkAs
) -> None:
    with work_as(RUTH) as work:
        send_notice(work, reference, told("oakhaven"))
        with pytest.raises(RuleBroken, match="Rowans Hospice was told already"):
            send_notice(work, reference, told())
        with pytest.raises(RuleBroken, match="does not sign in here"):
            send_notice(work, reference, told("external"))


@on_both
def test_a_notice_that_was_taken_back_tells_nobody_and_can_be_sent_again(
    reference: str, work_as: WorkAs
) -> None:
    with work_as(RUTH) as work:
        take_notice_back(work, reference, "rowans")
        with pytest.raises(NotFound):
            take_notice_back(work, reference, "rowans")
        put_back(work, reference, "PR-10")
    with work_as(HELEN) as work:
        assert notices_to(work.session, work.actor) == []
    with work_as(RUTH) as work:
        send_notice(work, reference, told())
    with work_as(HELEN) as work:
        assert len(notices_to(work.session, work.actor)) == 1


@on_both
def test_whoever_died_or_was_proposed_is_not_expected(work_as: WorkAs) -> None:
    with work_as(RUTH) as work:
        died = announced(work)
        record_death(work, died, died_on=None)
        with pytest.raises(RuleBroken, match="has ended"):
            send_notice(work, died, told("oakhaven"))
        case, _ = proposed_handover(work)
        with pytest.raises(RuleBroken, match="proposed already"):
            send_notice(work, case.reference, told())
    with work_as(HELEN) as work:
        assert notices_to(work.session, work.actor) == []


@on_both
def test_who_is_denied_a_case_does_not_count_it(
    reference: str, work_as: WorkAs, session: Session
) -> None:
    case = session.scalars(select(Case).filter_by(reference=reference)).one()
    helen, ruth = staff_of(session, HELEN), staff_of(session, RUTH)
    denial = Denial(
        staff_uid=helen.uid,
        case_uid=case.uid,
        denied_by_uid=ruth.uid,
        denied_at=helen.created_at,
    )
    session.add(denial)
    session.commit()
    with work_as(HELEN) as work:
        assert notices_to(work.session, work.actor) == []
    with work_as(IDRIS) as work:
        assert len(notices_to(work.session, work.actor)) == 1


@on_both
def test_seeing_is_noted_once(reference: str, work_as: WorkAs, session: Session) -> None:
    with work_as(PETER) as work:
        assert see_notices(work) == 0
    with work_as(HELEN) as work:
        assert see_notices(work) == 1
    with work_as(IDRIS) as work:
        assert see_notices(work) == 0
    notice = session.scalars(select(EarlyNotice)).one()
    assert notice.seen_by_uid == staff_of(session, HELEN).uid
    seen = select(AuditEntry).filter_by(action="notice:seen", case_ref=reference)
    assert len(session.scalars(seen).all()) == 1


def expected(client: FlaskClient) -> str:
    page = client.get("/upcoming").text
    found = re.search(r'<section[^>]*id="early-notices".*?</section>', page, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", found[0]).split()) if found else ""


def test_the_receiver_counts_and_learns_no_name(
    reference: str, work_as: WorkAs, client_as: ClientAs
) -> None:
    helen = client_as(HELEN)
    assert "April to June 2028 1, 1 new" in expected(helen)
    assert "24-hour advice" not in expected(helen)
    page = helen.get("/upcoming").text
    assert CANARY not in page
    assert reference not in page
    assert helen.get(f"/cases/{reference}").status_code == 404
    with work_as(RUTH) as work:
        announced(work)
        announced(work)
    assert "0 with complex technical care 24-hour advice: 3" in expected(helen)
    assert expected(client_as(PETER)) == ""
    assert expected(client_as(RUTH)) == ""


def test_the_receiver_says_that_it_has_seen_them(reference: str, client_as: ClientAs) -> None:
    helen, ruth = client_as(HELEN), client_as(RUTH)
    page = f"/cases/{reference}/early-notice"
    assert "Not yet" in ruth.get(page).text
    sent = {"csrf_token": token_of(helen.get("/upcoming").text)}
    answer = helen.post("/upcoming/notices", data=sent, follow_redirects=True)
    assert "the nurses who told you can see" in answer.text
    assert "new" not in expected(helen)
    assert "by Helen Marsh" in ruth.get(page).text
    assert (
        "There was nothing new"
        in helen.post("/upcoming/notices", data=sent, follow_redirects=True).text
    )


def form_of(page: str, **words: object) -> dict[str, object]:
    return {
        "csrf_token": token_of(page),
        "receiver": "oakhaven",
        "quarter": "2028-04-01",
        "functions": ["advice_24_7"],
        "complex_care": "yes",
        **words,
    }


def test_a_nurse_tells_a_hospice_and_takes_it_back(reference: str, client_as: ClientAs) -> None:
    ruth = client_as(RUTH)
    path = f"/cases/{reference}/early-notice"
    assert path in ruth.get(f"/cases/{reference}").text
    answer = ruth.post(path, data=form_of(ruth.get(path).text), follow_redirects=True)
    assert "Oakhaven Hospice can see that somebody is coming." in answer.text
    assert "24-hour advice. Complex technical care" in answer.text
    token = {"csrf_token": token_of(answer.text)}
    answer = ruth.post(f"{path}/oakhaven/take-back", data=token, follow_redirects=True)
    assert "Taken back" in answer.text
    assert ruth.post(f"{path}/oakhaven/take-back", data=token).status_code == 404


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"receiver": ""}, "Choose the hospice"),
        ({"quarter": ""}, "Choose the quarter in which they might move"),
        ({"quarter": "2028-05-01"}, "Choose one of the answers"),
        ({"functions": []}, "Choose at least one thing"),
        ({"complex_care": ""}, "Say whether complex technical care is needed"),
        ({"receiver": "rowans"}, "Take that notice back first"),
    ],
)
def test_what_is_missing_is_asked_for_and_what_was_chosen_stays(
    reference: str, client_as: ClientAs, wrong: dict[str, object], words: str
) -> None:
    ruth = client_as(RUTH)
    path = f"/cases/{reference}/early-notice"
    answer = ruth.post(path, data=form_of(ruth.get(path).text, **wrong))
    assert answer.status_code == 422
    assert words in answer.text
    assert "checked" in answer.text


def test_a_case_that_ended_is_not_announced_nor_its_notice_taken_back(
    reference: str, work_as: WorkAs, client_as: ClientAs
) -> None:
    ruth = client_as(RUTH)
    token = {"csrf_token": token_of(ruth.get(f"/cases/{reference}").text)}
    with work_as(RUTH) as work:
        record_death(work, reference, died_on=None)
    path = f"/cases/{reference}/early-notice/rowans/take-back"
    assert ruth.post(path, data=token).status_code == 302


def test_after_a_proposal_there_is_no_form(work_as: WorkAs, client_as: ClientAs) -> None:
    with work_as(RUTH) as work:
        reference = proposed_handover(work)[0].reference
    page = client_as(RUTH).get(f"/cases/{reference}/early-notice").text
    assert "A handover was proposed already: it tells them more" in page
    assert 'name="quarter"' not in page


def test_what_was_announced_to_the_hospice_of_the_area_is_ticked_when_it_is_proposed(
    work_as: WorkAs, client_as: ClientAs
) -> None:
    with work_as(RUTH) as work:
        reference = planned_case(work).reference
        send_notice(work, reference, told("oakhaven"))
    asks = f"/cases/{reference}/handover/propose"
    assert ticked(client_as(RUTH).get(asks).text) == set()
    with work_as(RUTH) as work:
        send_notice(work, reference, told())
    assert ticked(client_as(RUTH).get(asks).text) == {"advice_24_7", "end_of_life_care"}


def ticked(page: str) -> set[str]:
    boxes = re.findall(r'<input[^>]*name="functions"[^>]*>', page)
    return {box.partition('value="')[2].partition('"')[0] for box in boxes if " checked" in box}


@on_both
@pytest.mark.usefixtures("reference")
def test_the_digest_of_who_decides_there_counts_them_and_names_nobody(work_as: WorkAs) -> None:
    with work_as(HELEN) as work:
        assert digest_of(work, work.actor).announced == 1
    with work_as(RUTH) as work:
        announced(work)
    for who, number in ((IDRIS, 2), (MINA, 0), (PETER, 0), (RUTH, 0)):
        with work_as(who) as work:
            assert digest_of(work, work.actor).announced == number


@pytest.mark.usefixtures("reference")
def test_the_digest_says_how_many_were_announced(client_as: ClientAs, work_as: WorkAs) -> None:
    page = client_as(HELEN).get("/me/notifications/preview").text
    assert "One young person was announced to you early, without a name." in page
    with work_as(RUTH) as work:
        announced(work)
    page = client_as(HELEN).get("/me/notifications/preview").text
    assert "2 young people were announced to you early" in page
    assert "announced to you" not in client_as(RUTH).get("/me/notifications/preview").text
