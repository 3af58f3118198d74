"""The pages with which a nurse records what a provider outside says, as she sees them."""

import re
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import (
    SWITCHED_AT,
    ClientAs,
    WorkAs,
    planned_case,
    post,
    proposed_handover,
    ready_case,
)
from tests.databases import FIXED
from tests.integration.handovers.outside import (
    NAME,
    THEIR_WORKER,
    accepted_outside,
    proposed_outside,
    ready_outside,
    signed_outside,
)
from tests.integration.handovers.typed import PROPOSED
from tests.people import HELEN, PRIYA, RUTH, TOM
from transition.actions.transfers import sign_transfer, switch_transfer
from transition.app import Tracker
from transition.records.cases import Case
from transition.records.handovers import Handover
from transition.records.keys import CaseKey
from transition.rules.handovers import HandoverState
from transition.rules.pathway import Stage
from transition.rules.people import THE_TIMETABLE

TOLD: Final = {
    "told_by": "Sister Quillon",
    "told_as": "ward manager",
    "told_on-day": "23",
    "told_on-month": "11",
    "told_on-year": "2026",
    "told_how": "telephone",
}
ASKED: Final[dict[str, Any]] = {
    **PROPOSED,
    "receiver": "external",
    "provider": NAME,
    "functions": ["advice_24_7", "symptom_management"],
    "checked": "yes",
}
YES: Final = {
    "advice_24_7_answer": "accept",
    "symptom_management_answer": "accept",
    "has_read": "y",
    "first_contact_on-day": "11",
    "first_contact_on-month": "1",
    "first_contact_on-year": "2027",
}
PARTS: Final = ("day", "month", "year")
THREE_TIMES: Final = 3
RECORDED: Final = "As told by Sister Quillon, ward manager, by telephone, on 23 November 2026"


def the_handover(session: Session) -> Handover:
    session.rollback()
    return session.scalars(select(Handover)).one()


def test_she_proposes_to_a_provider_by_name_and_is_sent_to_print_the_pack(
    client_as: ClientAs, work_as: WorkAs, session: Session
) -> None:
    with work_as(RUTH) as work:
        page = f"/cases/{planned_case(work).reference}/handover/propose"
    ruth = client_as(RUTH)
    unnamed = post(ruth, page, **ASKED | {"provider": ""})
    assert unnamed.status_code == 422
    assert "Write which provider you ask" in unnamed.text
    check = post(ruth, page, **ASKED | {"checked": ""})
    assert NAME in check.text
    assert f"Propose it to {NAME}" in check.text
    assert "Nobody there has a sign-in now" in check.text
    answer = post(ruth, page, **ASKED)
    assert answer.location.endswith("/handovers/external-1")
    shown = ruth.get(answer.location).text
    assert f"Print the pack for {NAME}, and record here what they say." in shown
    assert f"{NAME} does not sign in here." in shown
    assert "opened version 1" not in shown
    assert the_handover(session).provider_name == NAME


def test_another_hospice_has_no_provider_even_if_one_was_typed(
    client_as: ClientAs, work_as: WorkAs, session: Session
) -> None:
    with work_as(RUTH) as work:
        page = f"/cases/{planned_case(work).reference}/handover/propose"
    post(client_as(RUTH), page, **ASKED | {"receiver": "rowans"})
    assert not the_handover(session).outside
    assert the_handover(session).provider_name is None
    assert the_handover(session).told == {}


def test_what_they_say_is_recorded_step_by_step_and_shown_as_told(
    client_as: ClientAs, work_as: WorkAs, session: Session
) -> None:
    reference, key = proposed_outside(work_as)
    ruth, page = client_as(RUTH), f"/cases/{reference}/handovers/{key}"
    assert f'href="{page}/told/received"' in ruth.get(page).text
    post(ruth, f"{page}/told/received", **TOLD)
    shown = ruth.get(page).text
    assert f"They have the pack. {RECORDED}; recorded by Ruth" in shown
    assert "told/received" not in shown
    post(
        ruth,
        f"{page}/told/question",
        **TOLD,
        section="funding",
        category="funding",
        question="Who pays?",
    )
    shown = ruth.get(page).text
    # Beside the pack: that they have it, and the question; in the pack: below what it is about.
    assert shown.count(f"{RECORDED}; recorded by Ruth") == THREE_TIMES
    asked = shown.partition('id="section-8"')[2].partition('id="section-9"')[0]
    assert "Who pays?" in asked
    assert f"{RECORDED}; recorded by Ruth" in asked
    assert f"{RECORDED}; recorded by Ruth" in ruth.get(f"{page}/questions/1").text
    post(ruth, f"{page}/questions/1", answer="The board.", checked="yes")
    kept = post(ruth, f"{page}/told/reply", **TOLD, **YES, adult_worker=THEIR_WORKER)
    assert kept.status_code == 302
    shown = ruth.get(page).text
    assert THEIR_WORKER in shown
    assert "told/reply" not in shown
    assert the_handover(session).state is HandoverState.ACCEPTED
    assert session.scalars(select(Case)).one().stage is Stage.MOVING


def test_what_lacks_is_said_and_what_was_typed_stays(client_as: ClientAs, work_as: WorkAs) -> None:
    reference, key = proposed_outside(work_as)
    ruth, page = client_as(RUTH), f"/cases/{reference}/handovers/{key}/told"
    for what, more in (
        ("received", {}),
        ("question", {"category": "funding", "question": "Who pays?"}),
        ("reply", YES | {"adult_worker": THEIR_WORKER}),
    ):
        empty = post(ruth, f"{page}/{what}", **more)
        assert empty.status_code == 422
        assert "Write who there told you" in empty.text
        assert "Choose how they told you" in empty.text
        future = post(ruth, f"{page}/{what}", **TOLD | more | {"told_on-year": "2027"})
        assert "must be today or in the past" in future.text
        assert "Sister Quillon" in future.text
    nobody = post(ruth, f"{page}/reply", **TOLD, **YES)
    assert "Choose the adult named worker, or say by when" in nobody.text
    later = {f"adult_worker_by-{part}": YES[f"first_contact_on-{part}"] for part in PARTS}
    assert post(ruth, f"{page}/reply", **TOLD, **YES, **later).status_code == 302


def test_the_days_they_named_lay_ahead_when_they_told_her(
    app: Tracker, client_as: ClientAs, work_as: WorkAs, session: Session
) -> None:
    reference, key = proposed_outside(work_as)
    app.config["CLOCK"].instant = SWITCHED_AT
    ruth, page = client_as(RUTH), f"/cases/{reference}/handovers/{key}/told"
    said = TOLD | YES | {"adult_worker": THEIR_WORKER}
    said |= {f"first_contact_on-{part}": TOLD[f"told_on-{part}"] for part in PARTS}
    question = TOLD | {"category": "funding", "question": "Who pays?"}
    for what, form, named in (
        ("question", question, "needed_by"),
        ("reply", said, "first_contact_on"),
    ):
        days = {f"{named}-{part}": TOLD[f"told_on-{part}"] for part in PARTS}
        early = post(ruth, f"{page}/{what}", **form | days | {f"{named}-day": "22"})
        assert "must be the day on which they told you, or later" in early.text
    assert post(ruth, f"{page}/reply", **said).status_code == 302
    assert the_handover(session).first_contact_on == FIXED.date()


def test_of_a_hospice_that_signs_in_there_is_nothing_to_record(
    client_as: ClientAs, work_as: WorkAs
) -> None:
    with work_as(RUTH) as work:
        reference = proposed_handover(work)[0].reference
    ruth = client_as(RUTH)
    for what in ("received", "question", "reply"):
        page = f"/cases/{reference}/handovers/rowans-1/told/{what}"
        assert ruth.get(page).status_code == 404


def test_withdrawing_says_to_ring_them(client_as: ClientAs, work_as: WorkAs) -> None:
    reference, key = proposed_outside(work_as)
    ruth, page = client_as(RUTH), f"/cases/{reference}/handovers/{key}/withdraw"
    assert f"Ask {NAME} to destroy whatever was printed for them." in ruth.get(page).text
    answer = post(ruth, page)
    assert "Withdrawn. Ring them." in ruth.get(answer.location).text


def test_a_second_lead_records_that_they_confirm_and_all_see_that_nobody_there_signed(
    client_as: ClientAs, work_as: WorkAs
) -> None:
    reference, _ = ready_outside(work_as)
    page = f"/cases/{reference}/confirm-transfer"
    priya, tom = client_as(PRIYA), client_as(TOM)
    assert "lead who did not sign records that they confirm" in tom.get(page).text
    signed = post(priya, f"{page}/sign")
    assert f"Ring {NAME}: they do not sign in here." in priya.get(signed.location).text
    assert f'href="{page}/confirmed"' not in priya.get(page).text
    own = post(priya, f"{page}/confirmed", **TOLD)
    assert own.status_code == 422
    assert "You have signed already" in own.text
    assert f'href="{page}/confirmed"' in tom.get(page).text
    lacking = post(tom, f"{page}/confirmed")
    assert "Write who there told you" in lacking.text
    kept = post(tom, f"{page}/confirmed", **TOLD)
    shown = tom.get(kept.location).text
    assert f"Recorded: {NAME} confirms the transfer." in shown
    assert "Confirmed for 1 December 2026, signed by nobody there." in shown
    assert f"{RECORDED}; recorded by Tom" in shown
    post(tom, page, f"{page}/take-back", confirmation="yes")
    shown = tom.get(page).text
    assert "Signatures that count no more" in shown
    assert RECORDED in shown
    assert f'href="{page}/confirmed"' in shown


def test_a_nurse_sees_no_way_to_confirm(client_as: ClientAs, work_as: WorkAs) -> None:
    reference, _ = ready_outside(work_as)
    with work_as(PRIYA) as work:
        sign_transfer(work, reference)
    shown = client_as(RUTH).get(f"/cases/{reference}/confirm-transfer").text
    assert "/confirmed" not in shown


def test_nobody_confirms_for_a_hospice_that_signs_in(client_as: ClientAs, work_as: WorkAs) -> None:
    reference, _ = ready_case(work_as)
    page = f"/cases/{reference}/confirm-transfer"
    assert client_as(PRIYA).get(f"{page}/confirmed").status_code == 404
    assert client_as(HELEN).get(f"{page}/confirmed").status_code == 404
    helen = client_as(HELEN)
    signed = post(helen, f"{page}/sign")
    assert "Naomi House &amp; Jacksplace is told." in helen.get(signed.location).text


def test_what_is_theirs_to_do_she_records(client_as: ClientAs, work_as: WorkAs) -> None:
    reference, _ = accepted_outside(work_as)
    ruth, page = client_as(RUTH), f"/cases/{reference}/milestones"
    assert f"{page}/MV-07/done" in ruth.get(page).text
    assert ruth.get(f"{page}/MV-07/done").status_code == 200


def test_after_the_transfer_she_records_the_contacts(
    app: Tracker, client_as: ClientAs, work_as: WorkAs
) -> None:
    reference, _ = signed_outside(work_as)
    app.config["CLOCK"].instant = SWITCHED_AT
    with work_as(THE_TIMETABLE) as work:
        switch_transfer(work, reference)
    ruth, page = client_as(RUTH), f"/cases/{reference}/settling"
    shown = ruth.get(page).text
    assert f"{NAME} does not sign in here: you record what they tell you." in shown
    assert f"{page}/contacts/new" in shown


def test_wherever_the_case_is_shown_they_are_called_by_their_name(
    client_as: ClientAs, work_as: WorkAs
) -> None:
    reference, _ = proposed_outside(work_as)
    ruth, page = client_as(RUTH), f"/cases/{reference}"
    assert f"<strong>Next:</strong> {NAME} to reply by" in ruth.get(page).text
    ending = ruth.get(f"{page}/close/other_provider").text
    assert f"The handover to {NAME} ends. They do not sign in here." in ending
    for listed in ("/handovers", "/cases"):
        assert f"{NAME} to reply" in ruth.get(listed).text
    for shown in (page, "/handovers", f"{page}/close/other_provider"):
        assert "Another provider" not in ruth.get(shown).text
    assert f"moving to {NAME}" in ruth.get("/today").text
    (row,) = re.findall(r"<tr.*?</tr>", ruth.get("/cases").text.partition("<tbody")[2], re.DOTALL)
    assert "Another provider" not in row


def test_the_overview_says_whom_the_case_moves_to_and_who_their_worker_is(
    client_as: ClientAs, work_as: WorkAs
) -> None:
    reference, _ = accepted_outside(work_as)
    shown = client_as(RUTH).get(f"/cases/{reference}").text
    moving_to = shown.partition("Moving to")[2]
    assert NAME in moving_to
    assert THEIR_WORKER in moving_to
    assert "Another provider" not in shown


def test_what_they_ask_for_waits_under_their_name(client_as: ClientAs, work_as: WorkAs) -> None:
    reference, key = proposed_outside(work_as)
    ruth, page = client_as(RUTH), f"/cases/{reference}/handovers/{key}"
    soon = dict(zip(PARTS, ("24", "11", "2026"), strict=True))
    later = {f"advice_24_7_needed_by-{part}": soon[part] for part in PARTS}
    condition = {"condition": "Two nurses", "owner": "adult", "must": "must"}
    asked = {f"advice_24_7_{name}": words for name, words in condition.items()}
    answers = YES | {"advice_24_7_answer": "accept_with_conditions"}
    post(ruth, f"{page}/told/reply", **TOLD, **answers, **asked, **later, adult_worker=THEIR_WORKER)
    assert f"Condition 1: {NAME} to meet it" in ruth.get("/today").text


def test_a_case_without_a_key_holds_up_no_list(
    app: Tracker, client_as: ClientAs, work_as: WorkAs
) -> None:
    gone, _ = proposed_outside(work_as)
    with work_as(RUTH) as work:
        case = work.case(gone).case
        for key in work.session.scalars(select(CaseKey).where(CaseKey.case_uid == case.uid)):
            work.session.delete(key)
    app.extensions["vault"].forget()
    ruth = client_as(RUTH)
    for listed in ("/today", "/cases"):
        answer = ruth.get(listed)
        assert answer.status_code == 200, listed
        assert gone not in answer.text
