"""Every page as it is at an adult hospice, and at the collaborative."""

import pytest

from tests.builders import ClientAs, WorkAs, proposed_handover
from tests.house.strictly import AT_ADULTS, Strict, read_every_page
from tests.integration.handovers.test_supporting import answer, ask
from tests.people import HELEN, JO, PETER, RUTH
from transition.app import Tracker


@pytest.mark.usefixtures("demonstration")
def test_every_page_says_what_it_was_given_and_escapes_it(
    strict: Strict, renamed: Tracker, client_as: ClientAs, work_as: WorkAs
) -> None:
    with work_as(RUTH) as work:
        reference = proposed_handover(work)[0].reference  # its forms are there until it is answered
    ask(work_as, reference)
    answer(work_as, reference)
    readers = (client_as(HELEN), client_as(PETER), client_as(JO))
    assert read_every_page(strict, renamed, readers) > 50, "the name is on almost every page"
    assert AT_ADULTS - strict.used == set()
