"""Writing the record, on both databases: what is kept, what is refused, and what is told of it."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import WorkAs, accepted_case, on_both, opened_case
from tests.people import HELEN, RUTH
from transition.actions.deaths import record_death
from transition.actions.record import (
    confirm_section,
    remove_entry,
    save_entry,
    save_section,
    undo_section,
)
from transition.actions.work import NotFound
from transition.records.audit import AuditEntry
from transition.records.cases import Case
from transition.records.histories import Sharing
from transition.records.record_sections import listed_in, sections_of, values_of
from transition.rules.errors import RuleBroken
from transition.rules.record_sections import (
    CAPACITY,
    CARE_PLAN,
    COMMUNICATION,
    HEALTH,
    LEGAL_ROLES,
    SHARING,
)

pytestmark = on_both

LIMITED: dict[str, Any] = {"sharing_basis": "agreed_limited", "sharing_limits": "Not to school."}
FOUND: dict[str, Any] = {"decision": "move", "outcome": "has", "assessed_on": date(2026, 11, 2)}


@pytest.fixture
def reference(work_as: WorkAs) -> str:
    with work_as(RUTH) as work:
        return opened_case(work).reference


def case_of(session: Session, reference: str) -> Case:
    session.rollback()
    return session.scalars(select(Case).where(Case.reference == reference)).one()


def test_sharing_is_kept_with_its_history_and_undone(
    work_as: WorkAs, session: Session, reference: str
) -> None:
    with work_as(RUTH) as work:
        save_section(work, reference, SHARING, LIMITED)
    case = case_of(session, reference)
    assert case.sharing_basis.value == "agreed_limited"
    assert values_of(session, case, SHARING)["sharing_limits"] == "Not to school."

    with work_as(RUTH) as work:
        undo_section(work, reference, SHARING)

    case = case_of(session, reference)
    assert case.sharing_basis.value == "not_yet_asked"
    assert values_of(session, case, SHARING)["sharing_limits"] is None
    rows = session.scalars(select(Sharing).where(Sharing.case_uid == case.uid)).all()
    assert sorted(one.basis.value for one in rows) == ["agreed_limited", "not_yet_asked"]


def test_an_entry_is_kept_changed_taken_out_and_brought_back(
    work_as: WorkAs, session: Session, reference: str
) -> None:
    with work_as(RUTH) as work:
        uid = save_entry(work, reference, CAPACITY, FOUND, None).uid
    with work_as(RUTH) as work:
        save_entry(work, reference, CAPACITY, FOUND | {"assessed_on": date(2026, 11, 9)}, uid)
    with work_as(RUTH) as work:
        undo_section(work, reference, CAPACITY)
    case = case_of(session, reference)
    (found,) = listed_in(session, case.uid, CAPACITY)
    assert found["assessed_on"] == date(2026, 11, 2)

    with work_as(RUTH) as work:
        remove_entry(work, reference, CAPACITY, uid)
    assert listed_in(session, case_of(session, reference).uid, CAPACITY) == []
    with pytest.raises(NotFound), work_as(RUTH) as work:
        save_entry(work, reference, CAPACITY, FOUND, uid)
    with work_as(RUTH) as work:
        undo_section(work, reference, CAPACITY)
    assert listed_in(session, case_of(session, reference).uid, CAPACITY) == [found]


def test_a_new_entry_is_undone_by_taking_it_out(
    work_as: WorkAs, session: Session, reference: str
) -> None:
    with work_as(RUTH) as work:
        save_entry(work, reference, CAPACITY, FOUND, None)
    with work_as(RUTH) as work:
        undo_section(work, reference, CAPACITY)

    assert listed_in(session, case_of(session, reference).uid, CAPACITY) == []
    with pytest.raises(RuleBroken, match="nothing to undo"), work_as(RUTH) as work:
        undo_section(work, reference, CAPACITY)


def test_an_entry_that_is_saved_unchanged_is_confirmed_and_nothing_more(
    work_as: WorkAs, session: Session, reference: str
) -> None:
    with work_as(RUTH) as work:
        uid = save_entry(work, reference, CAPACITY, FOUND, None).uid
    with work_as(RUTH) as work:
        save_entry(work, reference, CAPACITY, FOUND, uid)
        assert work.notes == []

        save_section(work, reference, SHARING, {"sharing_basis": "not_yet_asked"})
        assert work.notes == []

    known = sections_of(session, case_of(session, reference).uid)
    assert {one.change_uid for one in known.values()} == {None}


def test_what_is_not_written_cannot_be_confirmed(work_as: WorkAs, reference: str) -> None:
    for section in (CARE_PLAN, LEGAL_ROLES):
        with pytest.raises(RuleBroken, match="nothing is written yet"), work_as(RUTH) as work:
            confirm_section(work, reference, section)
    with work_as(RUTH) as work:
        assert confirm_section(work, reference, COMMUNICATION).confirmed_by_uid == work.actor_uid


def test_the_trail_carries_the_names_of_the_fields_and_no_word(
    work_as: WorkAs, session: Session, reference: str
) -> None:
    words = {"primary_condition": "Vexillary atrophy", "allergies": "Marrowfat peas"}
    with work_as(RUTH) as work:
        save_section(work, reference, HEALTH, words)

    query = select(AuditEntry).where(AuditEntry.action == "record:saved")
    entry = session.scalars(query).one()
    assert {"primary_condition", "allergies"} <= set(entry.fields.split())
    assert "Vexillary" not in str(vars(entry))
    assert entry.change_digest


def test_the_other_side_and_the_dead_persons_record_are_refused(
    work_as: WorkAs,
) -> None:
    reference, _ = accepted_case(work_as)
    with pytest.raises(RuleBroken, match="Only the children's hospice"), work_as(HELEN) as work:
        save_section(work, reference, SHARING, LIMITED)
    with work_as(RUTH) as work:
        record_death(work, reference, died_on=None)
    with pytest.raises(RuleBroken, match="kept as it stood"), work_as(RUTH) as work:
        save_section(work, reference, SHARING, LIMITED)


def test_what_is_left_out_is_refused_by_its_sentence(work_as: WorkAs, reference: str) -> None:
    with pytest.raises(RuleBroken, match="Write what must not be told"), work_as(RUTH) as work:
        save_section(work, reference, SHARING, {"sharing_basis": "agreed_limited"})
