"""Every page as it is for a nurse of the children's hospice, and before anybody has signed in."""

from datetime import timedelta

import pytest

from tests.builders import ClientAs, WorkAs
from tests.house.strictly import AT_ADULTS, AT_LEADS, ON_SCREEN, Strict, read_every_page
from tests.integration.handovers.outside import proposed_outside, ready_outside
from tests.issuer import issuer_for
from tests.people import PRIYA, RUTH
from tests.second_steps import give_everything
from transition.actions.absences import record_absence
from transition.app import Tracker


@pytest.mark.usefixtures("demonstration")
def test_every_page_says_what_it_was_given_and_escapes_it(
    strict: Strict, renamed: Tracker, client_as: ClientAs, work_as: WorkAs
) -> None:
    proposed_outside(work_as)
    ready_outside(work_as)
    with work_as(PRIYA) as work:
        until_on = work.today + timedelta(7)
        record_absence(work, RUTH, cover=PRIYA, from_on=work.today, until_on=until_on)
    readers = (client_as(RUTH), renamed.test_client())
    with work_as(RUTH) as work:
        give_everything(work)
    with issuer_for(renamed, "naomi"):
        met = read_every_page(strict, renamed, readers)
    assert met > 50, "the name is on almost every page"
    assert ON_SCREEN - AT_ADULTS - AT_LEADS - strict.used == set()
