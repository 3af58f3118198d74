"""The transfer on its screens, as both sides use them."""

import re
from datetime import timedelta

import pytest

from tests.builders import ClientAs, WorkAs, accepted_case, post, ready_case, signed_case
from tests.databases import FIXED
from tests.people import HELEN, MINA, PETER, RUTH
from transition.actions.transfers import sign_transfer
from transition.app import Tracker


@pytest.mark.parametrize("who", [RUTH, HELEN, MINA])
def test_both_sides_read_what_is_open_and_who_does_what(
    work_as: WorkAs, client_as: ClientAs, who: str
) -> None:
    with work_as(MINA) as work:
        mina = work.actor_uid
    reference, _ = accepted_case(work_as, adult_worker_uid=mina)
    page = client_as(who).get(f"/cases/{reference}/confirm-transfer")
    assert page.status_code == 200
    assert "Before both can sign" in page.text
    assert "37 services are still unknown" in page.text
    assert "From 1 June 2027" in page.text
    assert "Not signed yet" in page.text
    assert "You can sign when nothing is open any more" in page.text or who == MINA


def test_a_case_that_no_hospice_takes_has_no_such_page(
    work_as: WorkAs, client_as: ClientAs
) -> None:
    reference, _ = accepted_case(work_as)
    assert client_as(PETER).get(f"/cases/{reference}/confirm-transfer").status_code == 404


def test_two_people_sign_and_the_page_says_from_when_it_holds(
    app: Tracker, work_as: WorkAs, client_as: ClientAs
) -> None:
    reference, _ = ready_case(work_as)
    page = f"/cases/{reference}/confirm-transfer"
    ruth, helen = client_as(RUTH), client_as(HELEN)
    check = ruth.get(f"{page}/sign").text
    assert "Helen" in check
    assert "From 1 December 2026" in check
    assert post(ruth, f"{page}/sign", version=version_in(check)).status_code == 302
    assert "Signed for Naomi House" in ruth.get(page).text
    stale = post(ruth, f"{page}/sign", version=version_in(check))
    assert "Nothing of yours was sent" in stale.text
    check = helen.get(f"{page}/sign").text
    assert post(helen, f"{page}/sign", version=version_in(check)).status_code == 302
    assert "Both hospices have signed. From 1 December 2026" in helen.get(page).text
    assert post(helen, page, f"{page}/take-back").status_code == 302
    assert "Taken back" in helen.get(page).text
    assert "It was taken back" in ruth.get(page).text
    app.config["CLOCK"].instant += timedelta(days=8, hours=15)
    assert "has passed without both signatures" not in ruth.get(page).text


def version_in(page: str) -> str:
    return str(re.findall(r'name="version" value="([^"]*)"', page)[0])


def test_the_adult_side_moves_the_date_and_both_sign_again(
    work_as: WorkAs, client_as: ClientAs
) -> None:
    reference, _ = signed_case(work_as)
    helen = client_as(HELEN)
    page = f"/cases/{reference}/plan/target-date"
    words = {
        "target_transfer_on-day": "4",
        "target_transfer_on-month": "12",
        "target_transfer_on-year": "2026",
    }
    check = post(helen, page, **words)
    assert "both hospices sign again" in check.text
    (digest,) = re.findall(r'name="seen_moves" value="([^"]*)"', check.text)
    saved = post(helen, page, reason_code="funding_not_agreed", seen_moves=digest, **words)
    assert saved.status_code == 302
    shown = helen.get(saved.location).text
    assert "counts no more: both hospices sign again" in shown
    assert "The transfer date moved" in helen.get(f"/cases/{reference}/confirm-transfer").text


def test_a_page_from_before_a_signature_moves_no_date(work_as: WorkAs, client_as: ClientAs) -> None:
    reference, _ = ready_case(work_as)
    ruth, page = client_as(RUTH), f"/cases/{reference}/plan/target-date"
    words = {f"target_transfer_on-{part}": "12" for part in ("day", "month")}
    words["target_transfer_on-year"] = "2026"
    check = post(ruth, page, **words).text
    with work_as(HELEN, FIXED + timedelta(minutes=1)) as work:
        sign_transfer(work, reference)
    (digest,) = re.findall(r'name="seen_moves" value="([^"]*)"', check)
    words |= {"reason_code": "staffing", "seen_moves": digest}
    late = post(ruth, page, version=version_in(check), **words)
    assert late.status_code == 409
    assert "signed the transfer on this date" in late.text
    assert "1 of 2" in late.text
    assert "1 December 2026" in ruth.get(f"/cases/{reference}/confirm-transfer").text
