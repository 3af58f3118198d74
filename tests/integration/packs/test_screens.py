"""The pages of a pack: before it is sent, sent anew, marked as read, and put on paper."""

import re
import shutil
import subprocess
import sys
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import (
    ClientAs,
    WorkAs,
    need,
    opened_case,
    planned_case,
    post,
    proposal,
    proposed_handover,
    token_of,
)
from tests.people import HELEN, IDRIS, PETER, RUTH
from transition.actions.handovers import propose_handover
from transition.actions.record import save_section
from transition.records.audit import trail_of
from transition.records.handovers import Handover
from transition.rules.packs import PackSection
from transition.rules.record_sections import CARE_PLAN, GP, HOME
from transition.web.handovers.pdf import NO_PDF

FERN = {"gp_practice_name": "Fern Surgery", "gp_ods": "J82155"}


@pytest.fixture
def reference(work_as: WorkAs) -> str:
    with work_as(RUTH) as work:
        return proposed_handover(work)[0].reference


@pytest.fixture
def pack(reference: str) -> str:
    return f"/cases/{reference}/handovers/rowans-1"


def change_the_record(work_as: WorkAs, reference: str, **values: Any) -> None:  # noqa: ANN401 - any answer
    with work_as(RUTH) as work:
        save_section(work, reference, GP, FERN | values)


def send_again(ruth: FlaskClient, pack: str) -> Any:  # noqa: ANN401 - an answer
    found = re.search(r'name="version"\s+value="([^"]*)"', ruth.get(f"{pack}/pack").text)
    return post(ruth, f"{pack}/pack", version=found[1] if found else "")


def section_of(page: str, section: PackSection) -> str:
    """Return the words of one section of a page."""
    return page.partition(f'id="section-{section.number}"')[2].partition("</section>")[0]


def test_a_pack_is_read_before_it_is_sent_and_says_what_it_lacks(
    client_as: ClientAs, work_as: WorkAs, session: Session
) -> None:
    with work_as(RUTH) as work:
        reference = opened_case(work).reference
    ruth = client_as(RUTH)
    page = ruth.get(f"/cases/{reference}/handover").text

    assert "Nothing of it leaves before you send it" in page
    assert "where the emergency plan is, is not written yet" in page
    assert "Chosen when it is proposed" in page
    assert session.scalars(select(Handover)).all() == []
    assert client_as(HELEN).get(f"/cases/{reference}/handover").status_code == 404
    with work_as(RUTH) as work:
        save_section(
            work,
            reference,
            CARE_PLAN,
            {"acp_status": "in_place", "emergency_plan_location": "Blue folder"},
        )
    page = ruth.get(f"/cases/{reference}/handover").text
    assert "where the emergency plan is" not in page
    assert "Blue folder" in section_of(page, PackSection.FRONT)


def test_both_sides_read_what_the_pack_lacked(client_as: ClientAs, pack: str) -> None:
    for who in (RUTH, HELEN):
        assert "24-hour number of Rowans Hospice: not entered yet." in client_as(who).get(pack).text


def test_what_changed_is_shown_before_it_is_sent_and_to_who_reads_it(
    client_as: ClientAs, work_as: WorkAs, reference: str, pack: str
) -> None:
    ruth, helen = client_as(RUTH), client_as(HELEN)
    assert "Nothing has changed" in ruth.get(f"{pack}/pack").text
    assert "which was sent." in ruth.get(f"/cases/{reference}/handover").text
    change_the_record(work_as, reference)

    page = ruth.get(f"{pack}/pack").text
    assert "<ins>Fern Surgery</ins>" in page
    assert "Send version 2 to Rowans Hospice" in page
    assert "Fern Surgery" not in helen.get(pack).text
    assert "1 section says" in ruth.get(f"/cases/{reference}/handover").text
    assert send_again(ruth, pack).status_code == 302
    change_the_record(work_as, reference, gp_practice_name="Oak Surgery")
    send_again(ruth, pack)

    shown = section_of(helen.get(pack).text, PackSection.PEOPLE)
    assert "Changed in version 3" in shown
    assert "<del>Fern Surgery</del>" in shown
    assert "<ins>Oak Surgery</ins>" in shown
    assert "Changed since version 2: sections 3." in helen.get(pack).text


def test_what_is_sent_is_what_was_shown(
    client_as: ClientAs, work_as: WorkAs, reference: str, pack: str, session: Session
) -> None:
    ruth = client_as(RUTH)
    change_the_record(work_as, reference)
    page = ruth.get(f"{pack}/pack").text
    found = re.search(r'name="version"\s+value="([^"]*)"', page)
    change_the_record(work_as, reference, gp_practice_name="Oak Surgery")

    words = {"csrf_token": token_of(page), "version": found[1] if found else ""}
    assert ruth.post(f"{pack}/pack", data=words).status_code == 409
    assert session.scalars(select(Handover)).one().pack_version == 1


def test_nothing_new_is_refused_with_a_sentence(client_as: ClientAs, pack: str) -> None:
    ruth = client_as(RUTH)
    answer = ruth.post(f"{pack}/pack", data={"csrf_token": token_of(ruth.get(pack).text)})
    assert answer.status_code == 422
    assert "Nothing has changed since version 1 was sent." in answer.text


def test_a_reply_to_an_older_version_is_shown_the_newer_one_first(
    client_as: ClientAs, work_as: WorkAs, reference: str, pack: str
) -> None:
    helen, ruth = client_as(HELEN), client_as(RUTH)
    page = helen.get(f"{pack}/questions/new").text
    version = re.search(r'name="version"\s+value="([^"]*)"', page)
    assert version
    change_the_record(work_as, reference)
    send_again(ruth, pack)

    words = {"csrf_token": token_of(page), "version": version[1], "checked": "yes"}
    asked = {"category": "clinical", "question": "Who trains our staff?"}
    answer = helen.post(f"{pack}/questions/new", data=words | asked)
    assert answer.status_code == 409
    assert "Who trains our staff?" in answer.text
    assert "sent version 2 of the pack" in answer.text


def test_the_sender_sees_who_opened_and_who_read_what(
    client_as: ClientAs, work_as: WorkAs, reference: str, pack: str
) -> None:
    ruth, helen = client_as(RUTH), client_as(HELEN)
    assert "Nobody at Rowans Hospice has opened version 1 yet." in ruth.get(pack).text
    helen.get(pack)
    assert "Helen Marsh of Rowans Hospice opened version 1 on" in ruth.get(pack).text

    answer = post(helen, pack, f"{pack}/pack/health/read", read="yes", pack_version="1")
    assert answer.location.endswith("#section-4")
    assert "Read by Helen Marsh" in section_of(ruth.get(pack).text, PackSection.HEALTH)
    assert "Not read" in section_of(helen.get(pack).text, PackSection.HEALTH)
    assert "Mark as read" in section_of(client_as(IDRIS).get(pack).text, PackSection.HEALTH)
    assert "Mark as read" not in ruth.get(pack).text
    post(helen, pack, f"{pack}/pack/people/read", read="yes", pack_version="1")

    change_the_record(work_as, reference)
    send_again(ruth, pack)
    assert "Nobody at Rowans Hospice has opened version 2 yet." in ruth.get(pack).text
    page = ruth.get(pack).text
    assert "Read by Helen Marsh" in section_of(page, PackSection.HEALTH)
    assert "Read by" not in section_of(page, PackSection.PEOPLE)
    post(helen, pack, f"{pack}/pack/health/read", read="no", pack_version="2")


@pytest.mark.parametrize("version", ["1", "x", ""])
def test_an_older_page_marks_nothing_and_says_so(
    client_as: ClientAs, work_as: WorkAs, reference: str, pack: str, version: str
) -> None:
    change_the_record(work_as, reference)
    send_again(client_as(RUTH), pack)
    helen = client_as(HELEN)
    post(helen, pack, f"{pack}/pack/health/read", read="yes", pack_version=version)
    page = helen.get(pack).text
    assert "Version 2 came while you read. Read it before you mark it." in page
    assert "Read by" not in page


def test_a_section_that_there_is_not_is_absent(client_as: ClientAs, pack: str) -> None:
    helen = client_as(HELEN)
    assert post(helen, pack, f"{pack}/pack/nonsense/read", read="yes").status_code == 404


def test_a_pack_goes_onto_paper_for_a_reason_that_the_trail_keeps(
    client_as: ClientAs, session: Session, reference: str, pack: str
) -> None:
    helen = client_as(HELEN)
    assert "Say why you print it" in post(helen, f"{pack}/print").text
    paper = post(helen, f"{pack}/print", reason="home_visit", way="page").text

    assert "Skyler Demo-Test · born 15 June 2009 · NHS number" in paper
    assert f"{reference} · version 1 of 23 November 2026 · valid for 30 days" in paper
    assert "printed by Helen Marsh, 23 November 2026" in paper
    assert [paper.index(f"{one.number}. {one.label}") for one in PackSection]
    entry = trail_of(session, reference)[-1]
    assert (entry.action, entry.object) == ("pack:printed", "rowans-1 version 1 home_visit page")


def test_an_address_that_is_confidential_by_now_is_on_no_page_and_no_paper(
    client_as: ClientAs, work_as: WorkAs
) -> None:
    lives = {"address": "7 Hidden Row", "postcode": "ZZ99 7ZZ"}
    with work_as(RUTH) as work:
        reference = planned_case(work).reference
        save_section(work, reference, HOME, lives | {"address_confidential": "no"})
        propose_handover(work, reference, proposal())
    pack, helen = f"/cases/{reference}/handovers/rowans-1", client_as(HELEN)
    assert "7 Hidden Row" in helen.get(pack).text
    with work_as(RUTH) as work:
        save_section(work, reference, HOME, lives | {"address_confidential": "yes"})
    send_again(client_as(RUTH), pack)

    for page in (helen.get(pack), post(helen, f"{pack}/print", reason="meeting", way="page")):
        assert "Hidden Row" not in page.text


def test_a_pdf_is_tagged_and_has_a_neutral_name(client_as: ClientAs, pack: str) -> None:
    need("WeasyPrint with Pango", present=_makes_pdfs())
    need("Poppler", present=bool(shutil.which("pdfinfo")))
    helen = client_as(HELEN)
    answer = post(helen, f"{pack}/print", reason="meeting", way="pdf")

    assert answer.mimetype == "application/pdf"
    assert answer.data.startswith(b"%PDF-")
    assert re.search(r'filename="NHJ-[^"]+-version-1\.pdf"', answer.headers["Content-Disposition"])
    told = _read(["pdfinfo", "-"], answer.data)
    assert re.search(r"Tagged: +yes", told)
    assert "Skyler" not in told
    text = _read(["pdftotext", "-", "-"], answer.data)
    pages = [" ".join(page.split()) for page in text.split("\f")[:-1]]
    assert len(pages) > 2
    for number, page in enumerate(pages, 1):
        assert "Skyler Demo-Test · born 15 June 2009 · NHS number" in page
        assert "version 1 of 23 November 2026 · valid for 30 days" in page
        assert f"Page {number} of {len(pages)}" in page
    assert b"Skyler" not in answer.headers["Content-Disposition"].encode()


def _read(command: list[str], data: bytes) -> str:
    return subprocess.run(command, input=data, capture_output=True, check=True).stdout.decode()


def _makes_pdfs() -> bool:
    try:
        import weasyprint  # noqa: F401, PLC0415 - whether it can be loaded is the question
    except (ImportError, OSError):
        return False
    return True


def test_where_no_pdf_can_be_made_a_plain_sentence_says_so(
    client_as: ClientAs,
    pack: str,
    monkeypatch: pytest.MonkeyPatch,
    session: Session,
    reference: str,
) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    answer = post(client_as(HELEN), f"{pack}/print", reason="meeting", way="pdf")

    assert answer.status_code == 422
    assert NO_PDF in answer.text
    assert "pack:printed" not in [one.action for one in trail_of(session, reference)]


def test_nothing_that_makes_pdfs_is_loaded_before_one_is_asked_for() -> None:
    words = "import sys, transition.app, transition.web.screens; print('weasyprint' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_another_hospice_prints_and_marks_nothing(client_as: ClientAs, pack: str) -> None:
    peter = client_as(PETER)
    token = token_of(peter.get("/me/notifications/preview").text)
    for path in (f"{pack}/print", f"{pack}/pack", f"{pack}/pack/health/read"):
        words = {"csrf_token": token, "reason": "meeting", "way": "pdf", "read": "yes"}
        assert peter.post(path, data=words).status_code == 404
        assert peter.get(path).status_code in {404, 405}
