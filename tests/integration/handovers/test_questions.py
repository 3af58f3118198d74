"""Asking about a handover and answering: numbers, turns, clocks, and who is told."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import ClientAs, WorkAs, letters_of, on_both, proposed_handover, reply, uid_of
from tests.people import GRACE, HELEN, IDRIS, MINA, PETER, PRIYA, RUTH
from transition.actions.handovers import acknowledge_handover, found_handover
from transition.actions.questions import NewAnswer, NewQuestion, answer_question, ask_question
from transition.actions.replies import reply_to_handover
from transition.actions.work import ChangedMeanwhile, NotFound
from transition.records.handovers import Handover
from transition.records.questions import Question, new_questions
from transition.rules.errors import RuleBroken
from transition.rules.handovers import HandoverState
from transition.rules.packs import PackSection
from transition.rules.questions import QuestionCategory

ASKED = NewQuestion(category=QuestionCategory.EQUIPMENT_TRAINING, words="Who trains our staff?")
KEY = "rowans-1"
TEN = datetime(2026, 11, 24, 10, tzinfo=UTC)


@pytest.fixture
def reference(work_as: WorkAs) -> str:
    with work_as(RUTH) as work:
        return proposed_handover(work)[0].reference


def ask(work_as: WorkAs, reference: str, who: str = HELEN, at: datetime | None = None) -> int:
    with work_as(who, at) as work:
        return ask_question(work, reference, KEY, ASKED).number


def answer(
    work_as: WorkAs, reference: str, number: int = 1, who: str = RUTH, at: datetime | None = None
) -> None:
    with work_as(who, at) as work:
        answer_question(work, reference, KEY, number, NewAnswer(words="We do."))


def handover_in(session: Session) -> Handover:
    session.rollback()
    return session.scalars(select(Handover)).one()


@on_both
def test_a_question_is_numbered_kept_sealed_and_told_to_who_waits(
    work_as: WorkAs, reference: str, session: Session
) -> None:
    assert [ask(work_as, reference), ask(work_as, reference, IDRIS)] == [1, 2]
    session.rollback()
    question = session.scalars(select(Question).order_by(Question.number)).first()
    assert question is not None
    assert (question.words, question.category) == (ASKED.words, ASKED.category)
    assert handover_in(session).state is HandoverState.QUERIED
    assert letters_of(session, "handover_question") == [RUTH, RUTH]


@on_both
def test_asking_says_that_it_has_arrived(work_as: WorkAs, reference: str, session: Session) -> None:
    ask(work_as, reference)
    handover = handover_in(session)
    assert handover.acknowledged_at is not None
    assert handover.acknowledged_by_uid == uid_of(session, HELEN)


@on_both
def test_an_answer_goes_to_the_lead_the_deputy_and_who_asked(
    work_as: WorkAs, reference: str, session: Session
) -> None:
    ask(work_as, reference, GRACE)
    answer(work_as, reference)
    assert handover_in(session).state is HandoverState.ACKNOWLEDGED
    assert letters_of(session, "handover_question_answered") == [IDRIS, GRACE, HELEN]


@on_both
def test_the_decision_waits_until_the_last_question_is_answered(
    work_as: WorkAs, reference: str, session: Session
) -> None:
    for _ in range(2):
        ask(work_as, reference)
    answer(work_as, reference, 2)
    assert handover_in(session).state is HandoverState.QUERIED
    answer(work_as, reference, 1)
    assert handover_in(session).state is HandoverState.ACKNOWLEDGED


@on_both
def test_the_days_of_a_question_move_the_day_of_the_decision(
    work_as: WorkAs, reference: str, session: Session
) -> None:
    assert handover_in(session).reply_by == date(2026, 12, 7)
    ask(work_as, reference)
    answer(work_as, reference, at=datetime(2026, 11, 26, 10, tzinfo=UTC))
    assert handover_in(session).reply_by == date(2026, 12, 10)


@on_both
def test_a_question_is_answered_once_and_the_second_learns_by_whom(
    work_as: WorkAs, reference: str
) -> None:
    ask(work_as, reference)
    answer(work_as, reference)
    with pytest.raises(ChangedMeanwhile, match=r"Ruth \w+ answered this on 23 November 2026"):
        answer(work_as, reference, who=PRIYA)


@on_both
def test_nobody_asks_or_answers_after_the_decision(work_as: WorkAs, reference: str) -> None:
    ask(work_as, reference)
    with work_as(HELEN) as work:
        handover = found_handover(work, reference, KEY)[1]
        handover.state = HandoverState.ACKNOWLEDGED
        reply_to_handover(work, reference, KEY, reply(handover))
    for do in (ask, answer):
        with pytest.raises(ChangedMeanwhile, match=r"Helen \w+ answered this"):
            do(work_as, reference)


def test_an_empty_question_or_answer_is_refused(work_as: WorkAs, reference: str) -> None:
    empty = NewQuestion(category=QuestionCategory.OTHER, words=" ")
    late = NewQuestion(category=QuestionCategory.OTHER, words="Why?", needed_by=date(2026, 11, 22))
    for asked, sentence in ((empty, "Write your question"), (late, "today or later")):
        with pytest.raises(RuleBroken, match=sentence), work_as(HELEN) as work:
            ask_question(work, reference, KEY, asked)
    ask(work_as, reference)
    with pytest.raises(RuleBroken, match="Write your answer"), work_as(RUTH) as work:
        answer_question(work, reference, KEY, 1, NewAnswer(words="  "))


def test_the_receiver_asks_and_the_sender_answers(work_as: WorkAs, reference: str) -> None:
    with pytest.raises(RuleBroken, match="Only an adult lead may ask a question"):
        ask(work_as, reference, RUTH)
    ask(work_as, reference)
    with pytest.raises(RuleBroken, match="Only the children's hospice"):
        answer(work_as, reference, who=HELEN)
    for who, refused in ((PETER, NotFound), (MINA, NotFound)):
        with pytest.raises(refused):
            ask(work_as, reference, who)
        with pytest.raises(refused):
            answer(work_as, reference, who=who)


def test_there_is_no_such_question(work_as: WorkAs, reference: str) -> None:
    with pytest.raises(NotFound, match="no such question"):
        answer(work_as, reference, 1)


def test_an_answered_question_does_not_count_as_decided(
    work_as: WorkAs, reference: str, session: Session
) -> None:
    with work_as(IDRIS) as work:
        acknowledge_handover(work, reference, KEY)
    ask(work_as, reference)
    answer(work_as, reference)
    assert handover_in(session).decided_at is None


@on_both
def test_a_question_keeps_the_section_that_it_is_about_or_is_about_the_whole(
    work_as: WorkAs, reference: str, session: Session
) -> None:
    with work_as(HELEN) as work:
        ask_question(work, reference, KEY, replace(ASKED, section=PackSection.EQUIPMENT))
        ask_question(work, reference, KEY, ASKED)
    asked = session.scalars(select(Question).order_by(Question.number)).all()
    assert [one.section for one in asked] == [PackSection.EQUIPMENT, None]


@on_both
@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("", "See version 1 of the pack."),
        ("Look at the hoist.", "See version 1 of the pack. Look at the hoist."),
    ],
)
def test_an_answer_may_be_the_version_of_the_pack_that_holds_it(
    work_as: WorkAs, reference: str, session: Session, words: str, said: str
) -> None:
    ask(work_as, reference)
    with work_as(RUTH) as work:
        answer_question(work, reference, KEY, 1, NewAnswer(words=words, see_pack=True))
    assert session.scalars(select(Question)).one().answer_said == said
    assert handover_in(session).state is HandoverState.ACKNOWLEDGED


@on_both
def test_a_question_is_new_to_whoever_has_not_looked_since_and_so_is_its_answer(
    work_as: WorkAs, reference: str
) -> None:
    ask(work_as, reference, at=TEN)
    assert news(work_as, RUTH) == news(work_as, PRIYA) == news(work_as, IDRIS) == [1]
    assert news(work_as, HELEN) == []
    look(work_as, RUTH, reference, at=TEN + timedelta(hours=1))
    look(work_as, HELEN, reference, at=TEN + timedelta(hours=1))
    assert (news(work_as, RUTH), news(work_as, PRIYA)) == ([], [1])

    ask(work_as, reference, at=TEN + timedelta(hours=2))
    answer(work_as, reference, at=TEN + timedelta(hours=3))
    assert (news(work_as, RUTH), news(work_as, HELEN)) == ([2], [1])


@on_both
def test_having_looked_at_one_handover_makes_nothing_of_another_old(
    work_as: WorkAs, reference: str
) -> None:
    ask(work_as, reference)
    with work_as(RUTH) as work:
        other = proposed_handover(work)[0].reference
    look(work_as, RUTH, other, at=TEN)
    with work_as(RUTH, TEN) as work:
        work.note("handover:read", on=work.case(reference).case, about="oakhaven-1")
    assert news(work_as, RUTH) == [1]


def test_a_form_about_a_handover_is_no_look_at_its_pack(
    client_as: ClientAs, work_as: WorkAs, reference: str
) -> None:
    ask(work_as, reference)
    page, ruth, helen = f"/cases/{reference}/handovers/{KEY}", client_as(RUTH), client_as(HELEN)
    for form in ("questions/1", "withdraw", "print", "pack"):
        assert ruth.get(f"{page}/{form}").status_code == 200, form
    assert news(work_as, RUTH) == [1]
    for form in ("questions/new", "reply/each", "print"):
        assert helen.get(f"{page}/{form}").status_code == 200, form
    assert "Nobody at Rowans Hospice has opened version 1 yet" in ruth.get(page).text
    assert news(work_as, RUTH) == []
    helen.get(page)
    assert "of Rowans Hospice opened version 1" in ruth.get(page).text


def test_whoever_answered_a_question_has_seen_it(work_as: WorkAs, reference: str) -> None:
    ask(work_as, reference)
    answer(work_as, reference)
    assert (news(work_as, RUTH), news(work_as, PRIYA)) == ([], [1])


def look(work_as: WorkAs, who: str, reference: str, at: datetime) -> None:
    """Open the pack, of which the trail tells."""
    with work_as(who, at) as work:
        work.note("handover:read", on=work.case(reference).case, about=KEY)


def news(work_as: WorkAs, who: str) -> list[int]:
    """Return the numbers of the questions that hold something new to somebody."""
    with work_as(who) as work:
        found = new_questions(work.session, work.actor, work.session.scalars(select(Handover)))
        return [number for numbers in found.values() for number in numbers]
