"""A form about a handover is there while it can be sent; afterwards there is no such page."""

from typing import Final

import pytest

from tests.builders import (
    ASKED,
    SWITCHED_AT,
    ClientAs,
    WorkAs,
    accepted_case,
    proposed_handover,
    reply,
    transferred_case,
)
from tests.integration.handovers.outside import accepted_outside, proposed_outside
from tests.people import HELEN, PRIYA, RUTH
from transition.actions.declines import dispute, record_leads_talked
from transition.actions.handovers import found_handover, withdraw_handover
from transition.actions.questions import NewQuestion, ask_question
from transition.actions.replies import Decline, reply_to_handover
from transition.app import Tracker
from transition.rules.declines import DeclineReason
from transition.rules.handovers import Answer
from transition.rules.questions import QuestionCategory

KEY: Final = "rowans-1"
THEIRS: Final = ("reply/each", "questions/new", "withdraw", "worker")
OURS: Final = ("questions/1", "withdraw", "pack", "told/said", "leads-talked")
OUTSIDE: Final = ("told/received", "told/question", "told/reply", "told/worker", "withdraw")


def answers(client_as: ClientAs, who: str, page: str, forms: tuple[str, ...]) -> set[str]:
    """Return which of these forms somebody finds below the page of a handover."""
    client, found = client_as(who), set()
    for form in forms:
        code = client.get(f"{page}/{form}").status_code
        assert code in {200, 404}, form
        found |= {form} if code == 200 else set()
    return found


@pytest.fixture
def asked(work_as: WorkAs) -> str:
    """A case that Rowans has asked a question about."""
    with work_as(RUTH) as work:
        reference = proposed_handover(work)[0].reference
    with work_as(HELEN) as work:
        question = NewQuestion(category=QuestionCategory.FUNDING, words="Who pays?")
        ask_question(work, reference, KEY, question)
    return reference


def decline(work_as: WorkAs, reference: str) -> None:
    with work_as(HELEN) as work:
        handover = found_handover(work, reference, KEY)[1]
        no = Decline(reason=DeclineReason.D03, given="A change of phase")
        said = reply(
            handover,
            answers=dict.fromkeys(ASKED, Answer.DECLINE),
            declines=dict.fromkeys(ASKED, no),
        )
        reply_to_handover(work, reference, KEY, said)


def test_before_an_answer_each_side_finds_its_own(client_as: ClientAs, asked: str) -> None:
    page = f"/cases/{asked}/handovers/{KEY}"
    assert answers(client_as, HELEN, page, THEIRS) == {"reply/each", "questions/new"}
    ours = {"questions/1", "withdraw", "pack", "told/said"}
    assert answers(client_as, RUTH, page, OURS) == ours


def test_once_accepted_a_lead_withdraws_and_names_the_worker(
    client_as: ClientAs, work_as: WorkAs
) -> None:
    reference, key = accepted_case(work_as)
    page = f"/cases/{reference}/handovers/{key}"
    assert answers(client_as, HELEN, page, THEIRS) == {"withdraw", "worker"}
    assert answers(client_as, RUTH, page, OURS) == {"pack"}
    assert answers(client_as, PRIYA, page, OURS) == {"withdraw", "pack"}


def test_after_the_transfer_nothing_is_answered_or_withdrawn(
    app: Tracker, client_as: ClientAs, work_as: WorkAs
) -> None:
    reference, key = transferred_case(work_as)
    app.config["CLOCK"].instant = SWITCHED_AT
    page = f"/cases/{reference}/handovers/{key}"
    assert answers(client_as, HELEN, page, THEIRS) == {"worker"}
    assert answers(client_as, PRIYA, page, OURS) <= {"pack"}


def test_what_was_withdrawn_has_no_forms(client_as: ClientAs, work_as: WorkAs, asked: str) -> None:
    with work_as(RUTH) as work:
        withdraw_handover(work, asked, KEY)
    page = f"/cases/{asked}/handovers/{KEY}"
    assert answers(client_as, HELEN, page, THEIRS) == set()
    assert answers(client_as, RUTH, page, OURS) == set()


def test_after_a_no_both_leads_talk_once_if_one_does_not_agree(
    client_as: ClientAs, work_as: WorkAs, asked: str
) -> None:
    decline(work_as, asked)
    page = f"/cases/{asked}/handovers/{KEY}"
    assert answers(client_as, HELEN, page, THEIRS) == set()
    assert answers(client_as, PRIYA, page, OURS) == set()
    with work_as(PRIYA) as work:
        dispute(work, asked, KEY)
    assert answers(client_as, RUTH, page, OURS) == set()
    assert answers(client_as, PRIYA, page, OURS) == {"leads-talked"}
    with work_as(PRIYA) as work:
        record_leads_talked(work, asked, KEY, on=work.today, words="Advice only, from June.")
    assert answers(client_as, PRIYA, page, OURS) == set()


def test_of_a_provider_outside_only_what_it_can_say_now_is_recorded(
    client_as: ClientAs, work_as: WorkAs
) -> None:
    reference, key = proposed_outside(work_as)
    page = f"/cases/{reference}/handovers/{key}"
    waiting = {"told/received", "told/question", "told/reply", "withdraw"}
    assert answers(client_as, RUTH, page, OUTSIDE) == waiting
    reference, key = accepted_outside(work_as)
    page = f"/cases/{reference}/handovers/{key}"
    assert answers(client_as, RUTH, page, OUTSIDE) == {"told/worker"}
