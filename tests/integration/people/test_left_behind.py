"""What a suspended colleague had begun to write: taken over once, by a lead, with a reason."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import ClientAs, WorkAs, on_both, opened_case, post, staff_of
from tests.people import ANNA, HELEN, PRIYA, RUTH, SAM
from transition.actions.drafts import write_draft
from transition.actions.left_behind import take_over
from transition.actions.people import reinstate, suspend
from transition.actions.work import NotFound
from transition.records.audit import AuditEntry, Change
from transition.records.drafts import Draft, draft_of
from transition.records.staff import Denial
from transition.rules.errors import RuleBroken

WORDS = "She likes the sea."
WHY = "The visit is tomorrow, and her notes of the call are needed."


@pytest.fixture
def begun(work_as: WorkAs) -> tuple[str, bytes, bytes]:
    """A note that Ruth had begun before she was suspended: its case, its number, and hers."""
    with work_as(RUTH) as work:
        case = opened_case(work)
        kind = f"beside.new_note {case.reference}"
        body = {"began": work.now.isoformat(), "typed": [["words", WORDS]]}
        draft = write_draft(work, kind, body, case_uid=case.uid).uid
        ruth, reference = work.actor_uid, case.reference
    with work_as(SAM) as work:
        suspend(work, ruth)
    return reference, draft, ruth


@on_both
def test_abuse_case_9_what_a_suspended_colleague_had_begun_is_taken_over_once_with_a_reason(
    work_as: WorkAs, session: Session, begun: tuple[str, bytes, bytes]
) -> None:
    reference, draft, ruth = begun
    with pytest.raises(RuleBroken, match="Say why"), work_as(PRIYA) as work:
        take_over(work, ruth, draft, why="  ")
    with work_as(PRIYA) as work:
        take_over(work, ruth, draft, why=WHY)
    with pytest.raises(NotFound), work_as(PRIYA) as work:
        take_over(work, ruth, draft, why=WHY)

    session.rollback()
    assert session.get_one(Draft, draft).staff_uid == staff_of(session, PRIYA).uid
    told = session.scalars(select(AuditEntry).where(AuditEntry.action == "draft:taken_over")).one()
    assert (told.case_ref, told.object) == (reference, ruth.hex())
    assert session.get_one(Change, bytes.fromhex(told.change_uid or "")).body == {
        "why": [None, WHY]
    }


@on_both
def test_nobody_else_takes_it_over(work_as: WorkAs, begun: tuple[str, bytes, bytes]) -> None:
    _, draft, ruth = begun
    for who in (SAM, HELEN, ANNA):
        with pytest.raises(NotFound), work_as(who) as work:
            take_over(work, ruth, draft, why=WHY)


def test_nothing_is_taken_over_of_whoever_works_here_nor_where_the_case_is_denied(
    work_as: WorkAs, session: Session, begun: tuple[str, bytes, bytes]
) -> None:
    _, draft, ruth = begun
    case_uid = session.get_one(Draft, draft).case_uid
    session.rollback()
    with work_as(SAM) as work:
        reinstate(work, ruth)
    with pytest.raises(NotFound), work_as(PRIYA) as work:
        take_over(work, ruth, draft, why=WHY)
    with work_as(SAM) as work:
        suspend(work, ruth)
        denial = {"denied_by_uid": ruth, "denied_at": work.now, "case_uid": case_uid}
        work.keep(Denial(staff_uid=staff_of(work.session, PRIYA).uid, **denial))
    with pytest.raises(NotFound), work_as(PRIYA) as work:
        take_over(work, ruth, draft, why=WHY)


def test_whoever_has_begun_the_same_finishes_that_first(
    work_as: WorkAs, begun: tuple[str, bytes, bytes]
) -> None:
    reference, draft, ruth = begun
    with work_as(PRIYA) as work:
        case_uid = work.case(reference).case.uid
        own = {"began": work.now.isoformat(), "typed": [["words", "Mine"]]}
        write_draft(work, f"beside.new_note {reference}", own, case_uid=case_uid)
    with pytest.raises(RuleBroken, match="begun to write in the same form"), work_as(PRIYA) as work:
        take_over(work, ruth, draft, why=WHY)


def test_it_is_taken_over_on_the_page_and_read_by_nobody_before(
    client_as: ClientAs, session: Session, begun: tuple[str, bytes, bytes]
) -> None:
    reference, draft, ruth = begun
    lead, page = client_as(PRIYA), f"/settings/users/{ruth.hex()}"
    shown = lead.get(page).text
    assert "had begun to write" in shown
    assert reference in shown
    assert WORDS not in shown
    assert "had begun to write" not in client_as(SAM).get(page).text

    refused = post(lead, page, f"{page}/take-over", draft=draft.hex(), why="")
    assert refused.status_code == 422
    assert "Say why you take it over" in refused.text
    done = post(lead, page, f"{page}/take-over", draft=draft.hex(), why=WHY)
    assert done.location == f"/cases/{reference}/notes/new"
    assert WORDS in lead.get(done.location).text
    assert "had begun to write" not in lead.get(page).text
    gone = post(lead, page, f"{page}/take-over", draft=draft.hex(), why=WHY)
    assert gone.status_code == 422
    assert "Choose one of the answers" in gone.text
    session.rollback()
    assert draft_of(session, staff_of(session, PRIYA).uid, f"beside.new_note {reference}")
