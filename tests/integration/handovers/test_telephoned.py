"""What a hospice said on the telephone: both read it, and it counts when it is said here."""

from datetime import timedelta
from typing import Final

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import (
    ClientAs,
    WorkAs,
    accepted_case,
    on_both,
    post,
    proposed_handover,
    version_of,
)
from tests.databases import FIXED
from tests.integration.handovers.outside import proposed_outside
from tests.people import HELEN, PRIYA, RUTH
from tests.sentences import is_said_in_words
from transition.actions.handovers import withdraw_handover
from transition.actions.telephoned import record_said, take_back_said
from transition.actions.work import ChangedMeanwhile
from transition.records.clock_facts import facts_of
from transition.records.handovers import Handover
from transition.rules.errors import RuleBroken
from transition.rules.handovers import HandoverState
from transition.rules.outside import Told, ToldHow

KEY: Final = "rowans-1"
TOLD: Final = Told(by="Helen Marsh", role="lead nurse", on=FIXED.date(), how=ToldHow.TELEPHONE)
YES: Final = "Yes to the advice line, from the first of June."
FORM: Final = {
    "words": YES,
    "told_by": TOLD.by,
    "told_as": TOLD.role,
    "told_on-day": "23",
    "told_on-month": "11",
    "told_on-year": "2026",
    "told_how": "telephone",
}


@pytest.fixture
def reference(work_as: WorkAs) -> str:
    with work_as(RUTH) as work:
        return proposed_handover(work)[0].reference


def the_handover(session: Session) -> Handover:
    session.rollback()
    return session.scalars(select(Handover)).one()


@on_both
def test_what_was_said_is_kept_and_decides_nothing(
    work_as: WorkAs, session: Session, reference: str
) -> None:
    before = facts_of(session, the_handover(session))
    with work_as(RUTH) as work:
        record_said(work, reference, KEY, TOLD, f" {YES} ")
    handover = the_handover(session)
    assert handover.said == (TOLD, YES)
    assert handover.state is HandoverState.PROPOSED
    assert facts_of(session, handover) == before
    with work_as(PRIYA) as work:
        record_said(work, reference, KEY, TOLD, "No, after all.")
    assert the_handover(session).said == (TOLD, "No, after all.")
    with work_as(RUTH) as work:
        take_back_said(work, reference, KEY)
    assert the_handover(session).said is None


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (TOLD, "  "),
        (Told(by=" ", role="nurse", on=FIXED.date(), how=ToldHow.TELEPHONE), YES),
        (Told(by="H", role="n", on=FIXED.date() + timedelta(1), how=ToldHow.TELEPHONE), YES),
        (Told(by="H", role="n", on=FIXED.date() - timedelta(1), how=ToldHow.TELEPHONE), YES),
    ],
)
def test_it_says_who_said_what_on_a_day_that_can_be(
    work_as: WorkAs, session: Session, reference: str, told: Told, words: str
) -> None:
    with work_as(RUTH) as work, pytest.raises(RuleBroken) as refusal:
        record_said(work, reference, KEY, told, words)
    assert is_said_in_words(refusal.value)
    assert the_handover(session).said is None


def test_only_the_childrens_hospice_writes_it_down(work_as: WorkAs, reference: str) -> None:
    with work_as(HELEN) as work, pytest.raises(RuleBroken):
        record_said(work, reference, KEY, TOLD, YES)


def test_there_is_nothing_to_strike_where_nothing_was_said(work_as: WorkAs, reference: str) -> None:
    with work_as(RUTH) as work, pytest.raises(RuleBroken, match="Nothing is written here"):
        take_back_said(work, reference, KEY)


def test_of_a_provider_outside_the_answer_itself_is_recorded(work_as: WorkAs) -> None:
    reference, key = proposed_outside(work_as)
    with work_as(RUTH) as work, pytest.raises(RuleBroken, match="Record their answer itself"):
        record_said(work, reference, key, TOLD, YES)


def test_once_they_have_answered_here_nothing_else_is_written_down(work_as: WorkAs) -> None:
    reference, key = accepted_case(work_as)
    with work_as(RUTH) as work, pytest.raises(ChangedMeanwhile):
        record_said(work, reference, key, TOLD, YES)


def test_nothing_is_written_down_of_what_was_withdrawn(work_as: WorkAs, reference: str) -> None:
    with work_as(RUTH) as work:
        withdraw_handover(work, reference, KEY)
    with work_as(RUTH) as work, pytest.raises(RuleBroken, match="This handover is over"):
        record_said(work, reference, KEY, TOLD, YES)


def test_both_read_it_and_the_other_side_is_asked_to_say_it_here(
    client_as: ClientAs, reference: str
) -> None:
    pack = f"/cases/{reference}/handovers/{KEY}"
    ruth, helen = client_as(RUTH), client_as(HELEN)
    page = f"{pack}/told/said"
    assert f'href="{page}"' in ruth.get(pack).text
    assert page not in helen.get(pack).text
    assert helen.get(page).status_code == 404
    refused = post(ruth, page, **FORM | {"told_by": ""})
    assert (refused.status_code, YES in refused.text) == (422, True)
    assert post(ruth, page, **FORM).location == pack
    assert "It counts when Rowans Hospice says it here" in ruth.get(pack).text
    theirs = helen.get(pack).text
    assert YES in theirs
    assert "As told by Helen Marsh, lead nurse, by telephone, on 23 November 2026" in theirs
    assert "Say it here yourself, so that it counts" in theirs
    assert "told/unsaid" not in theirs
    post(ruth, pack, f"{pack}/told/unsaid")
    assert YES not in helen.get(pack).text
    post(ruth, pack, f"{pack}/told/unsaid")
    assert "Nothing is written here that they said" in ruth.get(pack).text


def test_nobody_writes_over_what_a_colleague_just_wrote_down(
    client_as: ClientAs, work_as: WorkAs, reference: str
) -> None:
    ruth, page = client_as(RUTH), f"/cases/{reference}/handovers/{KEY}/told/said"
    opened = version_of(ruth.get(page).text)
    with work_as(PRIYA) as work:
        record_said(work, reference, KEY, TOLD, "No, after all.")
    second = post(ruth, page, **FORM, version=opened)
    assert second.status_code == 409
    assert "No, after all." in second.text
    assert YES in second.text


def test_nobody_strikes_what_a_colleague_just_wrote_down(
    client_as: ClientAs, work_as: WorkAs, session: Session, reference: str
) -> None:
    ruth, pack = client_as(RUTH), f"/cases/{reference}/handovers/{KEY}"
    with work_as(RUTH) as work:
        record_said(work, reference, KEY, TOLD, YES)
    opened = version_of(ruth.get(pack).text.partition(f"{pack}/told/unsaid")[2])
    with work_as(PRIYA) as work:
        record_said(work, reference, KEY, TOLD, "No, after all.")
    second = post(ruth, pack, f"{pack}/told/unsaid", version=opened)
    assert second.status_code == 409
    assert "No, after all." in second.text
    assert the_handover(session).said == (TOLD, "No, after all.")
    opened = version_of(ruth.get(pack).text.partition(f"{pack}/told/unsaid")[2])
    assert post(ruth, pack, f"{pack}/told/unsaid", version=opened).location == pack
    assert the_handover(session).said is None
