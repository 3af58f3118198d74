"""What is printed for those at home: her copy, and the family's."""

import re
import shutil
import subprocess
from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import ClientAs, WorkAs, need
from tests.people import RUTH
from transition.actions.services import SaidOfService, record_service
from transition.actions.work import Work
from transition.app import Tracker
from transition.records.cases import Case
from transition.records.visits import JointVisit
from transition.records.young_people import YoungPerson
from transition.rules.beside import VisitPlace, VisitState
from transition.rules.record_sections import SECTIONS
from transition.rules.services import Needed, ServiceKey
from transition.web.handovers.pdf import pdf_of

pytestmark = pytest.mark.usefixtures("demonstration")

LIMITS = "My parents: nothing of what I say about dying."
AFRAID = "That I die before the transplant."
SIGNS = ("left out", "not shown", "hidden", "limit", "Not told", "worries me", "Do not tell")
"""Words that would tell a reader that something is kept from them."""


@pytest.fixture
def reference(session: Session) -> str:
    """The case of Bron, who asks that her parents are not told what she says about dying."""
    people = {one.given_name: one.uid for one in session.scalars(select(YoungPerson))}
    query = select(Case.reference).where(Case.young_person_uid == people["Bronwen"])
    return session.scalars(query).one()


def test_10_c_the_familys_print_shows_no_limits_and_no_gap_and_her_own_shows_her_words(
    client_as: ClientAs, reference: str
) -> None:
    ruth = client_as(RUTH)
    family, hers = (
        ruth.get(f"/cases/{reference}/print/{whose}").text for whose in ("family", "young-person")
    )

    for words in (LIMITS, AFRAID, *SIGNS, "Sharing", "capacity", "Practical"):
        assert words.lower() not in family.lower(), words
    assert "Breathing well enough to sing." in family
    for words in (LIMITS, AFRAID, "Breathing well enough to sing."):
        assert words in hers, words


def test_the_familys_print_put_on_paper_holds_none_of_it_either(
    app: Tracker, client_as: ClientAs, reference: str
) -> None:
    need("Poppler", present=bool(shutil.which("pdftotext")))
    page = client_as(RUTH).get(f"/cases/{reference}/print/family").text
    with app.app_context():
        paper = pdf_of(page)
    read = subprocess.run(["pdftotext", "-", "-"], input=paper, capture_output=True, check=True)
    text = " ".join(read.stdout.decode().split()).lower()
    assert "breathing well enough to sing." in text
    for words in (LIMITS, AFRAID, *SIGNS, "capacity"):
        assert words.lower() not in text, words


def visit_of(work: Work, case_uid: bytes) -> JointVisit:
    """Return a joint visit at home, planned for the third of December."""
    return JointVisit(
        case_uid=case_uid,
        number=1,
        organisation="naomi",
        written_at=work.now,
        written_by_uid=work.actor_uid,
        state=VisitState.PLANNED,
        place=VisitPlace.HOME,
        visit_on=date(2026, 12, 3),
    )


def test_both_copies_say_whom_to_ring_who_leads_and_when_and_nothing_of_health(
    client_as: ClientAs, work_as: WorkAs, reference: str
) -> None:
    dental = SaidOfService(needed=Needed.YES, childrens_provider="Demo dentist")
    with work_as(RUTH) as work:
        record_service(work, reference, ServiceKey.DENTAL, dental)
        record_service(work, reference, ServiceKey.HEARING, SaidOfService(needed=Needed.NO))
        work.keep(visit_of(work, work.case(reference).case.uid))
    ruth = client_as(RUTH)
    family, hers = (
        ruth.get(f"/cases/{reference}/print/{whose}").text for whose in ("family", "young-person")
    )

    for copy in (family, hers):
        assert "Jacksplace: ask us for the number" in copy
        assert "Who looks after what today" in copy
        assert "Visit on 3 December 2026" in copy
        assert re.search(r"Sam Demo-Juniper, Mum</th>\s*<td>07700 900442. After 10am</td>", copy)
        assert copy.count(">What matters to me<") == 1  # it heads the words, and is not said again
        assert "paper--large" in copy
        for words in (
            "Cystic fibrosis",
            "End of life",
            "Bereavement",
            SECTIONS["needs"].title,
            SECTIONS["legal-roles"].title,
        ):
            assert words not in copy
    assert "Who will help me with what" in hers
    assert "Demo dentist" in hers
    assert "Hearing" not in hers
    assert "Demo dentist" not in family
