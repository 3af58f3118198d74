"""Letting a case rest, and taking it up again: what stands still meanwhile, and who is told."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import WorkAs, accepted_case, on_both, opened_case, proposed_handover, staff_of
from tests.people import ANNA, HELEN, IDRIS, JO, MINA, PETER, PRIYA, RUTH
from transition.actions.digests import digest_of
from transition.actions.handovers import withdraw_handover
from transition.actions.pauses import pause_case, resume_case
from transition.actions.work import NotFound
from transition.records.audit import trail_of
from transition.records.cases import Case
from transition.records.dues import dues_for, items_of, reviews_for
from transition.records.handovers import ClockStop, Handover, handovers_of
from transition.records.histories import Pause, stage_changes_of
from transition.records.outbox import QueuedLetter
from transition.rules.digests import DueKind
from transition.rules.errors import RuleBroken
from transition.rules.pathway import Owner, Stage
from transition.rules.pauses import PauseReason
from transition.rules.stages import Ending

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
TODAY = date(2026, 11, 23)
REVIEW_ON = date(2026, 12, 21)


@pytest.fixture
def proposed(work_as: WorkAs) -> str:
    with work_as(RUTH) as work:
        return proposed_handover(work)[0].reference


def pause(work_as: WorkAs, reference: str, who: str = RUTH, **words: Any) -> None:  # noqa: ANN401 - any of its words
    with work_as(who) as work:
        pause_case(work, reference, PauseReason.IN_HOSPITAL, **{"review_on": REVIEW_ON} | words)


def resume(work_as: WorkAs, reference: str, who: str = RUTH, *, after: int = 0) -> None:
    with work_as(who, NOW + timedelta(days=after)) as work:
        resume_case(work, reference)


def case_of(session: Session, reference: str) -> Case:
    session.rollback()
    return session.scalars(select(Case).where(Case.reference == reference)).one()


def handover_of(session: Session, reference: str) -> Handover:
    return handovers_of(session, case_of(session, reference).uid)[-1]


def told(session: Session, kind: str = "case_changed") -> list[str]:
    session.rollback()
    letters = session.scalars(select(QueuedLetter).where(QueuedLetter.kind == kind))
    return sorted(one.recipient.email for one in letters)


@on_both
def test_a_paused_case_keeps_why_and_until_when(
    work_as: WorkAs, proposed: str, session: Session
) -> None:
    pause(work_as, proposed, note="A long stay.")
    case = case_of(session, proposed)
    assert (case.paused, case.stage) == (True, Stage.HANDOVER)
    row = session.scalars(select(Pause)).one()
    assert (row.from_on, row.review_on, row.until_on) == (TODAY, REVIEW_ON, None)
    assert (row.reason_code, row.note) == ("in_hospital", "A long stay.")
    resume(work_as, proposed, after=10)
    assert not case_of(session, proposed).paused
    assert session.scalars(select(Pause)).one().until_on == date(2026, 12, 3)
    events = [one.event for one in stage_changes_of(session, case.uid)]
    assert events[-2:] == ["pause", "resume"]
    actions = [one.action for one in trail_of(session, proposed)]
    assert [one for one in actions if one in {"case:paused", "case:resumed"}] == [
        "case:paused",
        "case:resumed",
    ]


@on_both
def test_the_clock_of_its_handover_stands_still_meanwhile(
    work_as: WorkAs, proposed: str, session: Session
) -> None:
    assert handover_of(session, proposed).reply_by == date(2026, 12, 7)
    session.rollback()
    pause(work_as, proposed)
    assert handover_of(session, proposed).reply_by is None
    session.rollback()
    resume(work_as, proposed, after=4)
    # Monday to Friday, both days of the pause included, count for nothing.
    assert handover_of(session, proposed).reply_by == date(2026, 12, 11)
    stop = session.scalars(select(ClockStop)).one()
    assert (stop.cause, stop.from_on, stop.until_on) == ("pause", TODAY, date(2026, 11, 27))


def test_a_decided_handover_keeps_the_day_by_which_it_was_to_be_decided(
    work_as: WorkAs, session: Session
) -> None:
    reference, _ = accepted_case(work_as)
    reply_by = handover_of(session, reference).reply_by
    session.rollback()
    pause(work_as, reference)
    assert handover_of(session, reference).reply_by == reply_by is not None


def test_what_is_over_has_no_clock_to_stop(
    work_as: WorkAs, proposed: str, session: Session
) -> None:
    with work_as(RUTH) as work:
        withdraw_handover(work, proposed, "rowans-1")
    pause(work_as, proposed)
    assert session.scalars(select(ClockStop)).all() == []
    assert told(session) == sorted([HELEN, IDRIS]), "of the withdrawal, and no more"


def test_a_case_may_be_paused_again_on_the_same_day(
    work_as: WorkAs, proposed: str, session: Session
) -> None:
    for _ in range(2):
        pause(work_as, proposed)
        resume(work_as, proposed)
    pause(work_as, proposed)
    assert case_of(session, proposed).paused
    assert len(session.scalars(select(Pause)).all()) == 3


# --- who, and who is told ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "hear"), [(RUTH, [HELEN, IDRIS]), (ANNA, [HELEN, IDRIS, RUTH]), (HELEN, [RUTH])]
)
def test_the_other_side_is_told_that_something_changed_when_it_rests_and_when_it_goes_on(
    work_as: WorkAs, session: Session, who: str, hear: list[str]
) -> None:
    reference, _ = accepted_case(work_as)
    pause(work_as, reference, who)
    assert told(session) == sorted(hear)
    resume(work_as, reference, who)
    assert told(session) == sorted(hear * 2)


def test_whoever_has_not_answered_yet_cannot_stop_their_own_clock(
    work_as: WorkAs, proposed: str
) -> None:
    with pytest.raises(RuleBroken, match=r"^Only those who share this case can do this\."):
        pause(work_as, proposed, HELEN)


def test_a_worker_leaves_it_to_the_leads(work_as: WorkAs, session: Session) -> None:
    reference, _ = accepted_case(work_as)
    with work_as(HELEN) as work:
        (handover,) = handovers_of(work.session, work.case(reference).case.uid)
        handover.adult_worker_uid = staff_of(session, MINA).uid
    with pytest.raises(RuleBroken, match=r"^It is not yours to pause the case\."):
        pause(work_as, reference, MINA)


@pytest.mark.parametrize("who", [PETER, MINA, JO])
def test_for_everybody_else_there_is_no_such_case(work_as: WorkAs, proposed: str, who: str) -> None:
    with pytest.raises(NotFound):
        pause(work_as, proposed, who)


# --- what is refused --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("review_on", "sentence"),
    [
        (TODAY, "The day to look again must be after today."),
        (date(2027, 2, 24), "Look again within 3 months."),
    ],
)
def test_no_pause_is_over_already_or_without_end(
    work_as: WorkAs, proposed: str, session: Session, review_on: date, sentence: str
) -> None:
    with pytest.raises(RuleBroken, match=f"^{sentence}"):
        pause(work_as, proposed, review_on=review_on)
    assert not case_of(session, proposed).paused


def test_what_rests_already_or_not_at_all_stays_so(work_as: WorkAs, proposed: str) -> None:
    with pytest.raises(RuleBroken, match=r"^Nothing has changed"):
        resume(work_as, proposed)
    pause(work_as, proposed)
    with pytest.raises(RuleBroken, match=r"^Nothing has changed"):
        pause(work_as, proposed)


@pytest.mark.parametrize("ending", [None, Ending.MOVED_AWAY])
def test_what_is_over_cannot_rest(work_as: WorkAs, proposed: str, ending: Ending | None) -> None:
    with work_as(RUTH) as work:
        case = work.case(proposed).case
        case.stage, case.ending = Stage.COMPLETED, ending
        case.ended_at = work.now if ending else None
    with pytest.raises(RuleBroken):
        pause(work_as, proposed)


# --- silence, and the one prompt ----------------------------------------------------------------


@on_both
def test_nothing_is_due_while_it_rests_but_one_look_on_its_day(
    work_as: WorkAs,
) -> None:
    with work_as(RUTH) as work:
        reference = opened_case(work).reference
    pause(work_as, reference)
    for who, days, looks in [
        (RUTH, 27, 0),
        (RUTH, 28, 1),
        (RUTH, 40, 1),
        (PRIYA, 28, 1),
        (ANNA, 28, 0),
        (HELEN, 28, 0),
    ]:
        with work_as(who, NOW + timedelta(days=days)) as work:
            assert dues_for(work.session, work.asking) == []
            digest = digest_of(work, work.actor)
            assert (digest.now, digest.soon, len(digest.waiting)) == (looks, 0, 0), (who, days)
            assert digest.moves.no_date == 0
    with work_as(RUTH, NOW + timedelta(days=30)) as work:
        (item,) = items_of(reviews_for(work.session, work.asking), work.today)
    assert (item.kind, item.owner, item.due_on) == (DueKind.REVIEW, Owner.CHILDRENS, REVIEW_ON)
    assert (item.letter_words, item.path) == ("a pause to look at again", f"/cases/{reference}")


def test_the_other_side_is_not_asked_to_look(work_as: WorkAs) -> None:
    reference, _ = accepted_case(work_as)
    pause(work_as, reference)
    with work_as(HELEN, NOW + timedelta(days=30)) as work:
        assert reviews_for(work.session, work.asking) == []


def test_once_it_goes_on_nobody_is_asked_to_look(work_as: WorkAs, proposed: str) -> None:
    pause(work_as, proposed)
    resume(work_as, proposed, after=5)
    with work_as(RUTH, NOW + timedelta(days=30)) as work:
        assert reviews_for(work.session, work.asking) == []
        assert [one.reference for one in dues_for(work.session, work.asking)] == [proposed]


@on_both
def test_what_fell_due_meanwhile_has_twenty_working_days_from_then(
    work_as: WorkAs,
) -> None:
    with work_as(RUTH) as work:
        reference = opened_case(work, opened_on=date(2026, 11, 1)).reference
        before = {
            one.code: one.due_on for one in items_of(dues_for(work.session, work.asking), TODAY)
        }
    pause(work_as, reference)
    resume(work_as, reference, after=28)
    with work_as(RUTH, NOW + timedelta(days=28)) as work:
        dues = dues_for(work.session, work.asking)
        after = {one.code: one.due_on for one in items_of(dues, work.today)}
    fell = {code for code, day in before.items() if day and TODAY <= day <= REVIEW_ON}
    assert fell
    assert {after[code] for code in fell} == {date(2027, 1, 21)}
    assert {code: before[code] for code in before if code not in fell} == {
        code: after[code] for code in before if code not in fell
    }
