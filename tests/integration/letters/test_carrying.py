"""Carrying letters: once each, told truly at the moment of going, or not at all."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.browser.running import text_of
from tests.builders import (
    Bag,
    WorkAs,
    accepted_case,
    issue,
    on_both,
    post_with,
    proposed_handover,
    reply,
    staff_of,
    uid_of,
)
from tests.people import HELEN, IDRIS, PRIYA, RUTH
from transition.actions.handovers import acknowledge_handover, found_handover, withdraw_handover
from transition.actions.letters import CLAIM, preview_digest
from transition.actions.questions import NewAnswer, NewQuestion, answer_question, ask_question
from transition.actions.replies import Decline, NewCondition, reply_to_handover
from transition.app import Tracker
from transition.jobs.runner import run_due
from transition.mail.postman import NotCarried
from transition.records.audit import AuditEntry
from transition.records.cases import Case
from transition.records.digests import Digest, DigestState
from transition.records.outbox import QueuedLetter
from transition.records.staff import Denial, StaffMembership
from transition.rules.declines import DeclineReason
from transition.rules.errors import RuleBroken
from transition.rules.handovers import Answer, HandoverState
from transition.rules.people import MembershipState, Side
from transition.rules.questions import QuestionCategory
from transition.rules.stages import Ending
from transition.settings import Settings

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
MONDAY = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)
APRIL = date(2027, 4, 1)


@pytest.fixture
def reference(work_as: WorkAs) -> str:
    with work_as(RUTH) as work:
        return proposed_handover(work)[0].reference


def outbox(session: Session) -> list[QueuedLetter]:
    session.rollback()
    return list(session.scalars(select(QueuedLetter)))


def actions(session: Session) -> list[str]:
    session.rollback()
    return list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.seq)))


@on_both
@pytest.mark.usefixtures("reference")
def test_each_letter_is_carried_once(app: Tracker, session: Session) -> None:
    bag = Bag()
    assert post_with(app, bag) == 2
    assert sorted(bag.readers) == sorted([HELEN, IDRIS])
    assert post_with(app, bag, at=NOW + timedelta(hours=1)) == 0
    letters = outbox(session)
    assert {(one.sent_at, one.tries, one.claimed_until) for one in letters} == {(NOW, 1, None)}
    assert {one.message_id for one in letters} == {one["Message-ID"] for one in bag.letters}
    assert actions(session)[-1] == "letter:sent"


def test_a_proposal_is_told_by_reference_and_never_by_name(app: Tracker, reference: str) -> None:
    bag = Bag()
    post_with(app, bag)
    letter = next(one for one in bag.letters if one["To"] == HELEN)
    assert letter["Subject"] == "A handover needs your reply by 7 December"
    assert letter["Date"] == "Mon, 23 Nov 2026 09:00:00 +0000"
    text = letter.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "Hello Helen." in text
    assert f"/cases/{reference}/handovers/rowans-1" in text
    for word in ("Sky", "Demo-Test", "2009", "muscular"):
        assert word not in letter.as_string()


def test_an_answer_is_told_to_whoever_asked(app: Tracker, work_as: WorkAs) -> None:
    reference, _ = accepted_case(work_as)
    bag = Bag()
    # The two letters about the proposal have lost their point meanwhile.
    assert post_with(app, bag) == 1
    (letter,) = bag.letters
    assert (letter["To"], letter["Subject"]) == (RUTH, "A handover has been answered")
    text = letter.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert f"Rowans Hospice has accepted. Reference {reference}." in text


def test_conditions_are_mentioned(app: Tracker, work_as: WorkAs, reference: str) -> None:
    with work_as(HELEN) as work:
        _, handover = found_handover(work, reference, "rowans-1")
        answers = {row.function: Answer.ACCEPT_WITH_CONDITIONS for row in handover.answers}
        condition = NewCondition(
            words="Two nurses come along.", owner=Side.CHILDRENS, needed_by=APRIL, must=True
        )
        conditions = dict.fromkeys(answers, condition)
        said = reply(handover, answers=answers, conditions=conditions)
        reply_to_handover(work, reference, "rowans-1", said)
    bag = Bag()
    post_with(app, bag)
    assert "has accepted, with conditions for you to read" in bag.letters[0].as_string()


def carried_to(app: Tracker, email: str, *, at: datetime = NOW) -> str:
    """Carry what waits, and return the one letter to somebody: its subject and its text."""
    bag = Bag()
    post_with(app, bag, at=at)
    (letter,) = [one for one in bag.letters if one["To"] == email]
    return f"{letter['Subject']}\n{text_of(letter)}"


def test_that_it_cannot_be_taken_is_told_without_the_reason(
    app: Tracker, work_as: WorkAs, reference: str
) -> None:
    with work_as(HELEN) as work:
        _, handover = found_handover(work, reference, "rowans-1")
        answers = {row.function: Answer.DECLINE for row in handover.answers}
        declines = dict.fromkeys(answers, Decline(reason=DeclineReason.D05, given="In spring."))
        said = reply(handover, answers=answers, declines=declines)
        reply_to_handover(work, reference, "rowans-1", said)
    letter = carried_to(app, RUTH)
    assert f"Rowans Hospice could not take this handover. Reference {reference}." in letter
    assert "spring" not in letter


def test_that_it_arrived_is_told_with_the_day_that_was_promised(
    app: Tracker, work_as: WorkAs, reference: str
) -> None:
    with work_as(HELEN) as work:
        acknowledge_handover(work, reference, "rowans-1", answer_by=date(2026, 12, 2))
    letter = carried_to(app, RUTH)
    assert f"Rowans Hospice has received the handover. Reference {reference}." in letter
    assert "They mean to answer by Wednesday 2 December 2026." in letter


def test_that_it_arrived_is_told_with_the_day_of_its_clock_where_none_was_promised(
    app: Tracker, work_as: WorkAs, reference: str
) -> None:
    with work_as(HELEN) as work:
        acknowledge_handover(work, reference, "rowans-1")
    assert "Their answer is due by Monday 7 December 2026." in carried_to(app, RUTH)


def test_a_question_and_its_answer_are_told_without_their_words(
    app: Tracker, work_as: WorkAs, reference: str
) -> None:
    asked = NewQuestion(category=QuestionCategory.FAMILY, words="Who lives with Sky?")
    with work_as(HELEN) as work:
        ask_question(work, reference, "rowans-1", asked)
    question = carried_to(app, RUTH)
    assert f"Rowans Hospice has a question about a handover. Reference {reference}." in question
    assert "Please answer by Monday 30 November 2026." in question
    tomorrow = NOW + timedelta(days=1)
    with work_as(RUTH, tomorrow) as work:
        answer_question(work, reference, "rowans-1", 1, NewAnswer(words="Two brothers."))
    answer = carried_to(app, IDRIS, at=tomorrow)
    assert "has answered a question." in answer
    assert "Your reply to the handover is due by Tuesday 8 December 2026." in answer
    assert "brothers" not in question + answer


def test_that_a_case_changed_is_told_to_whoever_sees_but_a_stub(
    app: Tracker, work_as: WorkAs, reference: str
) -> None:
    post_with(app, Bag())
    with work_as(RUTH) as work:
        withdraw_handover(work, reference, "rowans-1", why="Sky moved.")
    letter = carried_to(app, HELEN)
    assert "A case shared with you has changed" in letter
    assert f"Reference {reference}." in letter
    assert "withdrawn" not in letter
    assert "moved" not in letter


@on_both
def test_a_digest_that_could_not_be_carried_in_time_is_folded_into_the_next(
    app: Tracker, session: Session
) -> None:
    issue(app, at=MONDAY)
    late = MONDAY + timedelta(hours=48)
    down = Bag(NotCarried("451", for_good=False))
    assert post_with(app, down, at=late - timedelta(hours=2)) == 0
    assert post_with(app, Bag(), at=late) == 0
    assert {one.cancelled_at for one in outbox(session)} == {late}
    assert {row.state for row in session.scalars(select(Digest))} == {DigestState.FOLDED}
    next_week = MONDAY + timedelta(weeks=1)
    assert issue(app, at=next_week) == 27
    bag = Bag()
    assert post_with(app, bag, at=next_week) == 27
    assert all("One earlier digest did not come." in text_of(one) for one in bag.letters)


def test_a_digest_is_told_as_things_stand_when_it_goes(
    app: Tracker, reference: str, session: Session
) -> None:
    assert issue(app, at=NOW) == 27
    bag = Bag()
    post_with(app, bag)
    digest = next(one for one in bag.letters if "digest" in one["Subject"] and one["To"] == HELEN)
    text = digest.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "Week of 23 November 2026" in text
    assert reference in text
    assert "Record no. " in text
    assert "Demo-Test" not in digest.as_string()
    assert {one.sent_at for one in outbox(session)} == {NOW}


@on_both
@pytest.mark.usefixtures("reference")
def test_what_the_server_cannot_take_now_is_tried_again_later_and_later(
    app: Tracker, session: Session
) -> None:
    busy = Bag(NotCarried("451", for_good=False))
    at = NOW
    pauses = []
    for _ in range(8):
        assert post_with(app, busy, at=at) == 0
        (not_before,) = {one.not_before for one in outbox(session)}
        pauses.append((not_before - at) // timedelta(minutes=1))
        assert post_with(app, Bag(), at=not_before - timedelta(seconds=1)) == 0
        at = not_before
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60]
    assert "letter:failed" in actions(session)
    assert post_with(app, Bag(), at=at) == 2


@on_both
@pytest.mark.usefixtures("reference")
def test_what_the_server_refuses_for_good_is_not_tried_again(
    app: Tracker, session: Session
) -> None:
    assert post_with(app, Bag(NotCarried("550", for_good=True))) == 0
    assert {one.failed_code for one in outbox(session)} == {"550"}
    assert post_with(app, Bag(), at=NOW + timedelta(days=1)) == 0
    entry = session.scalars(
        select(AuditEntry).where(AuditEntry.action == "letter:failed").limit(1)
    ).one()
    assert (entry.object, entry.outcome) == ("handover_proposed 550", "failed")


@pytest.mark.usefixtures("reference")
def test_what_a_worker_that_died_had_claimed_is_carried_when_the_claim_is_over(
    app: Tracker, session: Session
) -> None:
    class Died(BaseException):
        """The process ends between claim and mark."""

    bag = Bag(Died())  # type: ignore[arg-type]
    with pytest.raises(Died):
        post_with(app, bag)
    assert {one.claimed_until for one in outbox(session)} == {NOW + CLAIM}
    assert post_with(app, Bag(), at=NOW + CLAIM - timedelta(seconds=1)) == 0
    again = Bag()
    assert post_with(app, again, at=NOW + CLAIM + timedelta(seconds=1)) == 2
    assert {one.tries for one in outbox(session)} == {2}


@pytest.mark.usefixtures("reference")
def test_who_lost_the_role_is_told_nothing(app: Tracker, work_as: WorkAs, session: Session) -> None:
    helen = uid_of(session, HELEN)
    with work_as(IDRIS) as work:
        held = select(StaffMembership).where(StaffMembership.staff_uid == helen)
        work.session.scalars(held).one().state = MembershipState.SUSPENDED
    bag = Bag()
    assert post_with(app, bag) == 1
    assert bag.readers == [IDRIS]
    cancelled = [one for one in outbox(session) if one.cancelled_at is not None]
    assert [one.recipient.email for one in cancelled] == [HELEN]
    assert "letter:cancelled" in actions(session)


def test_who_was_denied_the_case_is_told_nothing(
    app: Tracker, reference: str, work_as: WorkAs, session: Session
) -> None:
    helen = uid_of(session, HELEN)
    with work_as(PRIYA) as work:
        case = work.case(reference).case
        work.keep(
            Denial(
                staff_uid=helen,
                case_uid=case.uid,
                denied_by_uid=work.actor_uid,
                denied_at=work.now,
            )
        )
    bag = Bag()
    post_with(app, bag)
    assert bag.readers == [IDRIS]


@on_both
@pytest.mark.parametrize("ending", [Ending.DIED, Ending.MOVED_AWAY])
def test_of_a_case_that_ended_no_letter_goes(
    app: Tracker, reference: str, work_as: WorkAs, session: Session, ending: Ending
) -> None:
    with work_as(RUTH) as work:
        case = work.case(reference).case
        case.ending, case.ended_at = ending, work.now
    bag = Bag()
    assert post_with(app, bag) == 0
    assert bag.letters == []
    assert {one.cancelled_at for one in outbox(session)} == {NOW}
    assert session.scalars(select(Case)).one().ending is ending


def test_what_was_answered_meanwhile_is_not_asked_for(
    app: Tracker, work_as: WorkAs, session: Session
) -> None:
    accepted_case(work_as)
    bag = Bag()
    post_with(app, bag)
    assert bag.readers == [RUTH]
    cancelled = {one.kind for one in outbox(session) if one.cancelled_at is not None}
    assert cancelled == {"handover_proposed"}


def test_a_letter_about_a_handover_that_is_gone_or_withdrawn_does_not_go(
    app: Tracker, reference: str, work_as: WorkAs
) -> None:
    with work_as(RUTH) as work:
        _, handover = found_handover(work, reference, "rowans-1")
        handover.state, handover.closed_at = HandoverState.WITHDRAWN, work.now
    bag = Bag()
    assert post_with(app, bag) == 0
    with work_as(RUTH) as work:
        case = work.case(reference).case
        for about in (f"{reference}/rowans-9", f"{reference}/nothing"):
            work.post("handover_answered", to=staff_of(work.session, RUTH), about=about, on=case)
    assert post_with(app, bag) == 0


def test_the_timetable_issues_and_carries_into_the_folder_of_a_demonstration(
    app: Tracker, installed: Settings
) -> None:
    assert run_due(app) == 27 + 27
    assert run_due(app) == 0
    files = list(Path(installed.mailbox).glob("*.eml"))
    assert len(files) == 27


def test_a_digest_can_be_read_before_it_goes_and_nothing_is_kept_of_that(
    app: Tracker, reference: str, session: Session
) -> None:
    before = actions(session)
    post, catalogue = app.config["POST"], app.config["CATALOGUE"]
    letter = preview_digest(session, catalogue, post, HELEN, at=NOW)
    assert letter.to == HELEN
    assert reference in letter.text
    assert actions(session) == before
    for email, at in (("nobody@rowans.example", NOW), (HELEN, NOW.replace(year=2019))):
        with pytest.raises(RuleBroken, match="Nobody with this address holds a role"):
            preview_digest(session, catalogue, post, email, at=at)
