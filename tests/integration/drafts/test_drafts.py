"""Drafts: what somebody has begun to write is kept, sealed, until it is finished or thrown away."""

from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.builders import WorkAs, new_case, on_both, opened_case, uid_of
from tests.people import ANNA, RUTH
from transition.actions.cases import open_case
from transition.actions.drafts import OPENING, finish, throw_away, write_draft
from transition.records.audit import AuditEntry
from transition.records.cases import Case
from transition.records.drafts import Draft, draft_of
from transition.records.keys import CaseKey
from transition.security.fields import is_token

PERSON = {"person": {"given_name": "Skyler"}}
LATER = datetime(2026, 11, 23, 10, tzinfo=UTC)


def write(work_as: WorkAs, who: str = RUTH) -> None:
    with work_as(who) as work:
        write_draft(work, OPENING, PERSON)


def count(session: Session, kind: type[Draft | CaseKey | Case]) -> int:
    session.rollback()
    return session.scalar(select(func.count()).select_from(kind)) or 0


def actions(session: Session) -> list[str]:
    session.rollback()
    query = select(AuditEntry.action).where(AuditEntry.action.like("draft:%"))
    return list(session.scalars(query.order_by(AuditEntry.seq)))


@on_both
def test_what_is_written_is_sealed_from_the_first_word(work_as: WorkAs, session: Session) -> None:
    write(work_as)
    draft = draft_of(session, uid_of(session, RUTH), OPENING)
    assert draft is not None
    assert draft.body == PERSON
    token = session.scalar(select(Draft.__table__.c.body))
    assert is_token(token)
    assert b"Skyler" not in token


def test_a_draft_grows_and_is_begun_once(work_as: WorkAs, session: Session) -> None:
    write(work_as)
    with work_as(RUTH, at=LATER) as work:
        write_draft(work, OPENING, {"about": {"allergies": "Nuts"}})
    draft = draft_of(session, uid_of(session, RUTH), OPENING)
    assert draft is not None
    assert draft.body == PERSON | {"about": {"allergies": "Nuts"}}
    assert draft.written_at == LATER
    assert count(session, Draft) == count(session, CaseKey) == 1
    assert actions(session) == ["draft:begun"]


def test_each_colleague_writes_an_own_draft(work_as: WorkAs, session: Session) -> None:
    write(work_as)
    assert draft_of(session, uid_of(session, ANNA), OPENING) is None
    write(work_as, ANNA)
    assert count(session, Draft) == count(session, CaseKey) == 2


@on_both
def test_a_case_goes_on_under_the_key_of_its_draft(work_as: WorkAs, session: Session) -> None:
    write(work_as)
    with work_as(RUTH) as work:
        draft = draft_of(work.session, work.actor_uid, OPENING)
        assert draft is not None
        case = open_case(work, new_case(), case_uid=draft.case_uid)
        finish(work, draft)
        uid = case.uid
    assert count(session, Draft) == 0
    assert session.scalars(select(CaseKey.case_uid)).all() == [uid]
    assert session.get_one(Case, uid).next_due is not None
    assert actions(session) == ["draft:begun", "draft:ended"]


@on_both
def test_what_is_thrown_away_takes_its_key_with_it(work_as: WorkAs, session: Session) -> None:
    write(work_as)
    write(work_as, ANNA)
    with work_as(RUTH) as work:
        throw_away(work, OPENING)
    assert count(session, Draft) == count(session, CaseKey) == 1
    assert draft_of(session, uid_of(session, ANNA), OPENING) is not None
    assert actions(session)[-1] == "draft:ended"


def test_throwing_nothing_away_is_harmless(work_as: WorkAs, session: Session) -> None:
    with work_as(RUTH) as work:
        throw_away(work, OPENING)
    assert actions(session) == []


@on_both
def test_a_draft_about_a_case_is_sealed_under_its_key_and_leaves_it_the_key(
    work_as: WorkAs, session: Session
) -> None:
    with work_as(RUTH) as work:
        case_uid = opened_case(work).uid
        assert write_draft(work, "a form", PERSON, case_uid=case_uid).case_uid == case_uid
    assert count(session, CaseKey) == 1
    with work_as(RUTH) as work:
        throw_away(work, "a form")
    assert count(session, Draft) == 0
    assert count(session, CaseKey) == 1
