"""Somebody lost their second step: their lead sees them, an administrator takes it away."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import WorkAs, on_both, staff_of, uid_of
from tests.databases import FIXED
from tests.integration.second_steps.steps import begin, is_half, letters, told
from tests.people import HELEN, JO, PRIYA, RUTH, SAM
from tests.second_steps import give_everything
from transition.actions.second_step_resets import record_seen, reset_second_step
from transition.records.second_steps import SeenInPerson, second_steps_of
from transition.records.sign_ins import Ended, find_any_sign_in
from transition.records.staff import StaffMembership
from transition.rules.errors import RuleBroken
from transition.rules.people import MembershipState
from transition.rules.second_steps import SEEN_COUNTS, SeenHow

FIRST = "Their lead must see them first"


@on_both
def test_a_lead_and_an_administrator_together_take_everything_away(
    work_as: WorkAs, session: Session
) -> None:
    whole = begin(work_as)
    with work_as(RUTH) as work:
        give_everything(work)
    half, ruth = begin(work_as), uid_of(session, RUTH)
    with work_as(PRIYA) as work:
        record_seen(work, ruth, SeenHow.VIDEO)
    with work_as(SAM) as work:
        reset_second_step(work, ruth)
    assert is_half(session, half) is None, "whoever was signing in begins again"
    assert is_half(session, whole) is None
    ended = find_any_sign_in(session, whole)
    assert ended is not None
    assert ended.ended_because is Ended.ACCESS, "what they were writing is kept"
    has = second_steps_of(session, ruth)
    assert (has.number, has.codes_left) == (0, 0)
    assert letters(session) == [RUTH, RUTH], "of the codes before, and of this"
    assert [action for action, _ in told(session)][-3:] == [
        *("second-step:seen", "sign-in:ended", "second-step:reset")
    ]
    (kept,) = session.scalars(select(SeenInPerson)).all()
    assert kept.how is SeenHow.VIDEO
    assert (kept.seen_by_uid, kept.reset_by_uid) == (uid_of(session, PRIYA), uid_of(session, SAM))
    with work_as(SAM) as work, pytest.raises(RuleBroken, match=FIRST):
        reset_second_step(work, ruth)


def test_nobody_is_reset_whom_no_lead_has_seen_this_week(work_as: WorkAs, session: Session) -> None:
    ruth = uid_of(session, RUTH)
    with work_as(SAM) as work, pytest.raises(RuleBroken, match=FIRST):
        reset_second_step(work, ruth)
    with work_as(PRIYA) as work:
        record_seen(work, ruth, SeenHow.VIDEO)
    late = FIXED + SEEN_COUNTS + timedelta(seconds=1)
    with work_as(SAM, late) as work, pytest.raises(RuleBroken, match=FIRST):
        reset_second_step(work, ruth)


@pytest.mark.parametrize("email", [RUTH, HELEN, SAM, JO])
def test_only_another_lead_of_the_hospice_says_that_they_saw_somebody(
    work_as: WorkAs, session: Session, email: str
) -> None:
    with work_as(email) as work, pytest.raises(RuleBroken, match="Only another lead"):
        record_seen(work, uid_of(session, RUTH), SeenHow.VIDEO)


def test_the_lead_who_saw_them_does_not_reset_them(work_as: WorkAs, session: Session) -> None:
    ruth = uid_of(session, RUTH)
    with work_as(PRIYA) as work:
        record_seen(work, ruth, SeenHow.VIDEO)
    with work_as(PRIYA) as work, pytest.raises(RuleBroken, match="An administrator who"):
        reset_second_step(work, ruth)


@on_both
def test_where_nobody_leads_an_administrator_sees_and_another_resets(
    work_as: WorkAs, session: Session
) -> None:
    jo = uid_of(session, JO)
    with work_as(SAM) as work:
        record_seen(work, jo, SeenHow.VIDEO)
    with work_as(SAM) as work, pytest.raises(RuleBroken, match="An administrator who"):
        reset_second_step(work, jo)


def test_whoever_does_not_sign_in_here_cannot_be_reset(work_as: WorkAs, session: Session) -> None:
    with work_as(PRIYA) as work:
        held = select(StaffMembership).where(StaffMembership.staff_uid == uid_of(session, RUTH))
        work.session.scalars(held).one().state = MembershipState.LEFT
    for uid in (staff_of(session, RUTH).uid, bytes(16)):
        with work_as(PRIYA) as work, pytest.raises(RuleBroken, match="no colleague of this name"):
            record_seen(work, uid, SeenHow.VIDEO)
