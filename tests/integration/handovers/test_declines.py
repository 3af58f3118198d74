"""After a No: who told the family, and both leads who talk where one hospice does not agree."""

from datetime import date, timedelta
from typing import Final

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import (
    ASKED,
    ClientAs,
    WorkAs,
    letters_of,
    on_both,
    post,
    proposed_handover,
    reply,
    version_of,
)
from tests.databases import FIXED
from tests.people import HELEN, IDRIS, PRIYA, RUTH
from tests.sentences import is_said_in_words
from transition.actions.declines import (
    agree_after_all,
    decide_after_no,
    dispute,
    record_family_told,
    record_leads_talked,
)
from transition.actions.handovers import found_handover
from transition.actions.replies import Decline, reply_to_handover
from transition.records.dues import dues_of_case
from transition.records.handovers import Handover
from transition.rules.declines import DeclineReason
from transition.rules.digests import DueKind
from transition.rules.errors import RuleBroken
from transition.rules.handovers import AfterNo, Answer

KEY: Final = "rowans-1"
TODAY: Final = FIXED.date()
NOT_YET: Final = Decline(reason=DeclineReason.D03, given="A change of phase")
NEXT_WEEK, IN_TWO_WEEKS = date(2026, 11, 30), date(2026, 12, 7)
"""Five and ten working days from the answer."""
TYPED: Final = {"happened_on-day": "23", "happened_on-month": "11", "happened_on-year": "2026"}


@pytest.fixture
def reference(work_as: WorkAs) -> str:
    """A case whose handover to Rowans was answered with a No today."""
    with work_as(RUTH) as work:
        case, _ = proposed_handover(work)
        reference = case.reference
    with work_as(HELEN) as work:
        handover = found_handover(work, reference, KEY)[1]
        answers = dict.fromkeys(ASKED, Answer.DECLINE)
        said = reply(handover, answers=answers, declines=dict.fromkeys(ASKED, NOT_YET))
        reply_to_handover(work, reference, KEY, said)
    return reference


def waiting(work_as: WorkAs, reference: str, who: str = RUTH) -> dict[DueKind, date | None]:
    with work_as(who) as work:
        case = work.case(reference).case
        dues = dues_of_case(work.session, case.uid, work.asking, waits=True)
        return {one.kind: one.due_on for one in dues.waiting} if dues else {}


def the_handover(session: Session) -> Handover:
    session.rollback()
    return session.scalars(select(Handover)).one()


@on_both
def test_a_no_waits_for_what_follows_and_for_who_told_the_family(
    work_as: WorkAs, session: Session, reference: str
) -> None:
    both = {DueKind.AFTER_NO: NEXT_WEEK, DueKind.FAMILY: NEXT_WEEK}
    assert waiting(work_as, reference) == both
    with work_as(RUTH) as work:
        decide_after_no(work, reference, KEY, AfterNo.ASK_ANOTHER)
    assert waiting(work_as, reference) == {DueKind.FAMILY: NEXT_WEEK}
    with work_as(RUTH) as work:
        record_family_told(work, reference, KEY, on=TODAY, by=" Ruth, at home ")
    assert waiting(work_as, reference) == {}
    handover = the_handover(session)
    assert (handover.family_told_on, handover.family_told_by) == (TODAY, "Ruth, at home")


@on_both
def test_where_one_does_not_agree_both_leads_talk_and_one_writes_down_what_they_agreed(
    work_as: WorkAs, session: Session, reference: str
) -> None:
    with work_as(RUTH) as work:
        dispute(work, reference, KEY)
    with work_as(RUTH) as work:
        dispute(work, reference, KEY)
    assert waiting(work_as, reference)[DueKind.DISPUTE] == IN_TWO_WEEKS
    assert sorted(letters_of(session, "case_changed")) == sorted([HELEN, IDRIS])
    with work_as(RUTH) as work, pytest.raises(RuleBroken, match="Only a children's lead"):
        record_leads_talked(work, reference, KEY, on=TODAY, words="Advice only, from June.")
    with work_as(PRIYA) as work:
        record_leads_talked(work, reference, KEY, on=TODAY, words=" Advice only, from June. ")
    assert DueKind.DISPUTE not in waiting(work_as, reference)
    with work_as(PRIYA) as work, pytest.raises(RuleBroken, match="What they agreed stays"):
        record_leads_talked(work, reference, KEY, on=TODAY, words="Nothing, after all.")
    handover = the_handover(session)
    assert (handover.talked_on, handover.talked) == (TODAY, "Advice only, from June.")
    for take in (dispute, agree_after_all):
        with work_as(PRIYA) as work, pytest.raises(RuleBroken, match="What they agreed stays"):
            take(work, reference, KEY)


def test_it_is_taken_back_before_they_have_talked(work_as: WorkAs, reference: str) -> None:
    with work_as(RUTH) as work:
        dispute(work, reference, KEY)
    with work_as(RUTH) as work:
        agree_after_all(work, reference, KEY)
    assert DueKind.DISPUTE not in waiting(work_as, reference)
    with work_as(RUTH) as work, pytest.raises(RuleBroken, match="Nobody has said"):
        agree_after_all(work, reference, KEY)


@pytest.mark.parametrize("on", [TODAY + timedelta(1), TODAY - timedelta(1)])
def test_a_day_that_cannot_be_is_refused(work_as: WorkAs, reference: str, on: date) -> None:
    with work_as(PRIYA) as work:
        dispute(work, reference, KEY)
    with work_as(PRIYA) as work:
        with pytest.raises(RuleBroken) as told:
            record_family_told(work, reference, KEY, on=on, by="Ruth")
        with pytest.raises(RuleBroken) as talked:
            record_leads_talked(work, reference, KEY, on=on, words="Advice only.")
    assert is_said_in_words(told.value)
    assert str(talked.value) == str(told.value)


def test_nobody_and_nothing_are_no_answer(work_as: WorkAs, reference: str) -> None:
    with work_as(PRIYA) as work:
        dispute(work, reference, KEY)
    with work_as(PRIYA) as work:
        with pytest.raises(RuleBroken, match="Write who told them"):
            record_family_told(work, reference, KEY, on=TODAY, by=" ")
        with pytest.raises(RuleBroken, match="Write what both leads agreed"):
            record_leads_talked(work, reference, KEY, on=TODAY, words=" ")


def test_only_a_no_is_followed(work_as: WorkAs) -> None:
    with work_as(RUTH) as work:
        reference = proposed_handover(work)[0].reference
    with work_as(RUTH) as work, pytest.raises(RuleBroken, match="not answered with a No"):
        record_family_told(work, reference, KEY, on=TODAY, by="Ruth")


def test_the_receiver_is_told_nothing_of_it_on_its_own_pages(
    work_as: WorkAs, client_as: ClientAs, reference: str
) -> None:
    with work_as(RUTH) as work:
        record_family_told(work, reference, KEY, on=TODAY, by="Quillon, at home")
        dispute(work, reference, KEY)
    helen, pack = client_as(HELEN), f"/cases/{reference}/handovers/{KEY}"
    for page in (pack, "/handovers", "/today"):
        assert "Quillon" not in helen.get(page).text
        assert "both leads" not in helen.get(page).text
    for page in ("family-told", "leads-talked"):
        assert helen.get(f"{pack}/{page}").status_code == 404


def test_the_nurse_writes_it_down_beside_the_answer(client_as: ClientAs, reference: str) -> None:
    ruth = client_as(RUTH)
    pack = f"/cases/{reference}/handovers/{KEY}"
    today = ruth.get("/today").text
    assert "to tell the family" in today
    assert "A person tells the young person and family" in ruth.get(pack).text
    page = f"{pack}/family-told"
    refused = post(ruth, page, **TYPED, told_by="")
    assert refused.status_code == 422
    assert "Write who told them" in refused.text
    later = TYPED | {"happened_on-day": "24"}
    refused = post(ruth, page, **later, told_by="Ruth, at home")
    assert "must be today or in the past" in refused.text
    assert "Ruth, at home" in refused.text
    assert post(ruth, page, **TYPED, told_by="Ruth, at home").location == pack
    assert "By Ruth, at home" in ruth.get(pack).text
    assert "to tell the family" not in ruth.get("/today").text


def test_a_lead_writes_down_what_both_agreed_where_the_nurse_did_not_agree(
    client_as: ClientAs, reference: str
) -> None:
    ruth, priya = client_as(RUTH), client_as(PRIYA)
    pack = f"/cases/{reference}/handovers/{KEY}"
    post(ruth, pack, f"{pack}/disputed")
    assert "Both leads talk about it within 10 working days" in ruth.get(pack).text
    post(ruth, pack, f"{pack}/disputed", agrees="yes")
    assert "We do not agree: both leads talk" in ruth.get(pack).text
    post(ruth, pack, f"{pack}/disputed", agrees="yes")
    assert "Nobody has said that your hospice does not agree" in ruth.get(pack).text
    post(ruth, pack, f"{pack}/disputed")
    assert "leads-talked" not in ruth.get(pack).text
    page = f"{pack}/leads-talked"
    assert page in priya.get(pack).text
    assert post(priya, page, **TYPED, words="Advice only, from June.").location == pack
    assert "Advice only, from June." in ruth.get(pack).text


def test_there_is_nothing_to_follow_before_a_no(client_as: ClientAs, work_as: WorkAs) -> None:
    with work_as(RUTH) as work:
        pack = f"/cases/{proposed_handover(work)[0].reference}/handovers/{KEY}"
    assert client_as(RUTH).get(f"{pack}/family-told").status_code == 404


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("family-told", {"told_by": "Priya, by telephone"}),
        ("leads-talked", {"words": "Nothing, so far."}),
    ],
)
def test_nobody_writes_over_what_a_colleague_just_wrote(
    client_as: ClientAs, work_as: WorkAs, reference: str, page: str, words: dict[str, str]
) -> None:
    with work_as(PRIYA) as work:
        dispute(work, reference, KEY)
    priya, path = client_as(PRIYA), f"/cases/{reference}/handovers/{KEY}/{page}"
    opened = version_of(priya.get(path).text)
    with work_as(PRIYA) as work:
        record_family_told(work, reference, KEY, on=TODAY, by="Ruth, at home")
        record_leads_talked(work, reference, KEY, on=TODAY, words="Advice only, from June.")
    second = post(priya, "/today", path, **TYPED, **words, version=opened)
    assert second.status_code == 409
    for told in ("Ruth, at home", "Advice only, from June.", *words.values()):
        assert told in second.text
