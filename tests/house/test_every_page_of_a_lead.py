"""Every page as it is for a lead of the children's hospice, and for its auditor."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.builders import ClientAs, WorkAs, kept_open
from tests.house.strictly import AT_LEADS, Strict, read_every_page
from tests.integration.handovers.outside import proposed_outside, ready_outside
from tests.issuer import issuer_for
from tests.people import PETER, PRIYA, RUTH, WILMA
from tests.second_steps import give_everything
from transition.actions.absences import record_absence
from transition.app import Tracker
from transition.records.cases import Case


@pytest.mark.usefixtures("demonstration")
def test_every_page_says_what_it_was_given_and_escapes_it(
    strict: Strict, renamed: Tracker, client_as: ClientAs, work_as: WorkAs
) -> None:
    proposed_outside(work_as)
    ready_outside(work_as)
    with work_as(PRIYA) as work:
        until_on = work.today + timedelta(7)
        record_absence(work, RUTH, cover=PRIYA, from_on=work.today, until_on=until_on)
    with work_as(PETER) as work:
        kept_open(work, work.session.scalars(select(Case).limit(1)).one())
    readers = (client_as(PRIYA), client_as(WILMA))
    with work_as(RUTH) as work:
        give_everything(work)
    with issuer_for(renamed, "naomi"):
        met = read_every_page(strict, renamed, readers)
    assert met > 50, "the name is on almost every page"
    assert AT_LEADS - strict.used == set()
