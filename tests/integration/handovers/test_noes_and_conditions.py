"""A No with its reason, part of a Yes, and a Yes with conditions."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import ASKED, WorkAs, letters_of, on_both, proposal, proposed_handover, reply
from tests.people import GRACE, HELEN, IDRIS, MINA, PETER, RUTH
from transition.actions.conditions import meet_condition, reopen_condition
from transition.actions.declines import decide_after_no, record_family_told
from transition.actions.handovers import found_handover, propose_handover, withdraw_handover
from transition.actions.questions import NewQuestion, ask_question
from transition.actions.replies import Decline, NewCondition, reply_to_handover
from transition.actions.work import ChangedMeanwhile, NotFound
from transition.records.cases import Case
from transition.records.conditions import Condition
from transition.records.dues import dues_of_case
from transition.records.handovers import Handover
from transition.records.unmet_needs import UnmetNeed
from transition.rules.declines import DeclineReason
from transition.rules.digests import DueKind
from transition.rules.errors import RuleBroken
from transition.rules.handovers import AfterNo, Answer, Function, HandoverState
from transition.rules.pathway import Owner, Stage
from transition.rules.people import Side
from transition.rules.questions import QuestionCategory
from transition.rules.stages import Ending

ADVICE, SYMPTOMS = ASKED
KEY = "rowans-1"
NOT_YET = Decline(reason=DeclineReason.D03, given="A change of phase; advice alone is possible")
TRAINING = NewCondition(
    words="Two nurses trained", owner=Side.CHILDRENS, needed_by=date(2027, 3, 1), must=True
)
NO: dict[str, Any] = {
    "answers": dict.fromkeys(ASKED, Answer.DECLINE),
    "declines": dict.fromkeys(ASKED, NOT_YET),
}
PARTLY: dict[str, Any] = {
    "answers": {ADVICE: Answer.ACCEPT_WITH_CONDITIONS, SYMPTOMS: Answer.DECLINE},
    "conditions": {ADVICE: TRAINING},
    "declines": {SYMPTOMS: NOT_YET},
}


@pytest.fixture
def reference(work_as: WorkAs) -> str:
    with work_as(RUTH) as work:
        return proposed_handover(work)[0].reference


def answer(work_as: WorkAs, reference: str, key: str = KEY, **words: Any) -> None:  # noqa: ANN401 - of the reply
    with work_as(HELEN if key.startswith("rowans") else PETER) as work:
        handover = found_handover(work, reference, key)[1]
        reply_to_handover(work, reference, key, reply(handover, **words))


def refusal_of(work_as: WorkAs, reference: str, **words: Any) -> str:  # noqa: ANN401 - of the reply
    with pytest.raises(RuleBroken) as refusal:
        answer(work_as, reference, **words)
    return str(refusal.value)


def standing(session: Session) -> tuple[Case, Handover]:
    session.rollback()
    return session.scalars(select(Case)).one(), session.scalars(select(Handover)).first()  # type: ignore[return-value]


def needs(session: Session) -> list[tuple[Function | None, str, bool]]:
    session.rollback()
    rows = session.scalars(select(UnmetNeed).order_by(UnmetNeed.opened_on, UnmetNeed.function))
    return [(row.function, row.reason_code, row.closed_on is None) for row in rows]


@on_both
def test_a_no_returns_the_case_to_planning_and_keeps_why(
    work_as: WorkAs, reference: str, session: Session
) -> None:
    answer(work_as, reference, **NO, eligible=False, adult_worker_by=None, first_contact_on=None)
    case, handover = standing(session)
    assert (case.stage, case.receiver) == (Stage.PLANNING, None)
    assert handover.state is HandoverState.DECLINED
    assert handover.closed_at == handover.decided_at is not None
    assert {(row.reason_code, row.note) for row in handover.answers} == {("D03", NOT_YET.given)}
    assert letters_of(session, "handover_answered") == [RUTH]


@on_both
def test_what_nobody_can_give_is_an_unmet_need_until_somebody_does(
    work_as: WorkAs, reference: str, session: Session
) -> None:
    answer(work_as, reference, **NO)
    assert needs(session) == [(ADVICE, "D03", True), (SYMPTOMS, "D03", True)]
    with work_as(RUTH) as work:
        propose_handover(work, reference, proposal(receiver="oakhaven"))
    only_advice: dict[str, Any] = {"answers": {ADVICE: Answer.ACCEPT, SYMPTOMS: Answer.DECLINE}}
    answer(work_as, reference, "oakhaven-1", **only_advice, declines={SYMPTOMS: NOT_YET})
    assert needs(session) == [(ADVICE, "D03", False), (SYMPTOMS, "D03", True)]


@on_both
def test_a_reason_that_is_no_gap_opens_none(
    work_as: WorkAs, reference: str, session: Session
) -> None:
    elsewhere = Decline(reason=DeclineReason.D09, given="Oakhaven")
    answer(work_as, reference, **NO | {"declines": dict.fromkeys(ASKED, elsewhere)})
    assert needs(session) == []


@on_both
def test_what_follows_a_no_waits_on_the_nurses_list_until_it_is_said(
    work_as: WorkAs, reference: str
) -> None:
    answer(work_as, reference, **NO)
    with work_as(RUTH) as work:
        record_family_told(work, reference, KEY, on=work.today, by="Ruth")

    def waiting() -> list[tuple[DueKind, str, Owner]]:
        with work_as(RUTH) as work:
            case = work.case(reference).case
            dues = dues_of_case(work.session, case.uid, work.asking, waits=True)
            assert dues is not None
            return [(one.kind, one.code, one.owner) for one in dues.waiting]

    assert waiting() == [(DueKind.AFTER_NO, KEY, Owner.CHILDRENS)]
    with work_as(RUTH) as work:
        decide_after_no(work, reference, KEY, AfterNo.SHARE_CARE)
    assert waiting() == []


@on_both
@pytest.mark.parametrize(
    ("receiver", "follows"), [("rowans", AfterNo.ASK_AGAIN), ("oakhaven", AfterNo.ASK_ANOTHER)]
)
def test_asking_again_is_what_follows(
    work_as: WorkAs, reference: str, session: Session, receiver: str, follows: AfterNo
) -> None:
    answer(work_as, reference, **NO)
    with work_as(RUTH) as work:
        propose_handover(work, reference, proposal(receiver=receiver))
    session.rollback()
    declined = select(Handover).where(Handover.state == HandoverState.DECLINED)
    assert session.scalars(declined).one().after_no is follows


def test_nothing_follows_what_was_no_no(work_as: WorkAs, reference: str) -> None:
    with pytest.raises(RuleBroken, match="not answered with a No"), work_as(RUTH) as work:
        decide_after_no(work, reference, KEY, AfterNo.PAUSE)


def test_the_receiver_does_not_say_what_follows(work_as: WorkAs, reference: str) -> None:
    with pytest.raises(RuleBroken, match="Only the children's hospice"), work_as(HELEN) as work:
        decide_after_no(work, reference, KEY, AfterNo.PAUSE)


@on_both
def test_yes_to_one_function_and_no_to_another_is_one_answer(
    work_as: WorkAs, reference: str, session: Session
) -> None:
    answer(work_as, reference, **PARTLY)
    case, handover = standing(session)
    assert (case.stage, handover.state) == (
        Stage.MOVING,
        HandoverState.ACCEPTED_WITH_CONDITIONS,
    )
    condition = session.scalars(select(Condition)).one()
    assert (condition.number, condition.words, condition.owner) == (
        1,
        TRAINING.words,
        Side.CHILDRENS,
    )
    assert needs(session) == [(SYMPTOMS, "D03", True)]


@on_both
def test_a_condition_waits_on_its_owners_list_and_can_be_met_and_unmet(
    work_as: WorkAs, reference: str
) -> None:
    answer(work_as, reference, **PARTLY)

    def waiting() -> list[tuple[DueKind, str, date | None]]:
        with work_as(RUTH) as work:
            case = work.case(reference).case
            dues = dues_of_case(work.session, case.uid, work.asking, waits=True)
            assert dues is not None
            return [(one.kind, one.code, one.due_on) for one in dues.waiting]

    assert waiting() == [(DueKind.CONDITION, "1", date(2027, 3, 1))]
    with work_as(RUTH) as work:
        meet_condition(work, reference, 1)
    assert waiting() == []
    with pytest.raises(ChangedMeanwhile, match="Ruth"), work_as(RUTH) as work:
        meet_condition(work, reference, 1)
    with work_as(RUTH) as work:
        reopen_condition(work, reference, 1)
    assert len(waiting()) == 1
    with pytest.raises(RuleBroken, match="on the list already"), work_as(RUTH) as work:
        reopen_condition(work, reference, 1)


def test_the_other_side_and_strangers_meet_no_condition(
    work_as: WorkAs, reference: str, session: Session
) -> None:
    with pytest.raises(NotFound), work_as(HELEN) as work:
        meet_condition(work, reference, 1)  # it is a pack still
    answer(work_as, reference, **PARTLY)
    with pytest.raises(RuleBroken, match="other hospice"), work_as(HELEN) as work:
        meet_condition(work, reference, 1)
    for number, who in ((2, RUTH), (1, PETER), (1, MINA)):
        with pytest.raises(NotFound), work_as(who) as work:
            meet_condition(work, reference, number)
    case, _ = standing(session)
    with work_as(RUTH) as work:
        row = work.session.get_one(Case, case.uid)
        row.ending, row.ended_at = Ending.MOVED_AWAY, work.now
    with pytest.raises(RuleBroken, match="has ended"), work_as(RUTH) as work:
        meet_condition(work, reference, 1)


@on_both
def test_conditions_of_a_withdrawn_handover_wait_for_nobody(
    work_as: WorkAs, reference: str
) -> None:
    answer(work_as, reference, **PARTLY)
    with work_as(GRACE) as work:
        withdraw_handover(work, reference, KEY)
    with work_as(RUTH) as work:
        case = work.case(reference).case
        dues = dues_of_case(work.session, case.uid, work.asking, waits=True)
        assert dues is not None
        assert dues.waiting == ()


def test_a_no_needs_what_its_reason_asks_for(work_as: WorkAs, reference: str) -> None:
    def no(decline: Decline | None) -> str:
        declines = {ADVICE: decline, SYMPTOMS: NOT_YET} if decline else {}
        return refusal_of(work_as, reference, **NO | {"declines": declines})

    incomplete = Decline(reason=DeclineReason.D10, given="The medicines list")
    assert "choose why" in no(None)
    assert "What would change" in no(Decline(reason=DeclineReason.D03, given=" "))
    assert "Ask for what is missing" in no(incomplete)
    with work_as(IDRIS) as work:
        ask_question(
            work, reference, KEY, NewQuestion(category=QuestionCategory.OTHER, words="Which?")
        )
    answer(work_as, reference, **NO | {"declines": {ADVICE: incomplete, SYMPTOMS: NOT_YET}})


def test_a_condition_needs_its_words_and_a_day_ahead(work_as: WorkAs, reference: str) -> None:
    def with_condition(**words: Any) -> str:  # noqa: ANN401 - of the condition
        told: dict[str, Any] = {
            "words": "Trained",
            "owner": Side.ADULT,
            "needed_by": date(2027, 1, 1),
            "must": False,
        }
        conditions = {ADVICE: NewCondition(**told | words)}
        return refusal_of(work_as, reference, **PARTLY | {"conditions": conditions})

    assert "write the condition" in refusal_of(work_as, reference, **PARTLY | {"conditions": {}})
    assert "write the condition" in with_condition(words=" ")
    assert "by when it is needed" in with_condition(needed_by=None)
    assert "by when it is needed" in with_condition(needed_by=date(2026, 11, 22))


@on_both
def test_a_colleague_who_comes_after_a_no_learns_who_said_it(
    work_as: WorkAs, reference: str
) -> None:
    answer(work_as, reference, **NO)
    asked = NewQuestion(category=QuestionCategory.FUNDING, words="Who pays?")
    with pytest.raises(ChangedMeanwhile, match="Helen Marsh answered"), work_as(IDRIS) as work:
        ask_question(work, reference, KEY, asked)
