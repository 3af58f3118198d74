"""A pack sent anew, and marking what of one was read: on both databases."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import WorkAs, letters_of, on_both, proposed_handover
from tests.people import HELEN, IDRIS, PETER, RUTH
from transition.actions.handovers import found_handover, withdraw_handover
from transition.actions.pack_versions import NEWER, read_section, send_pack, unread_section
from transition.actions.record import save_section
from transition.actions.services import SaidOfService, record_service
from transition.actions.work import ChangedMeanwhile, NotFound
from transition.records.audit import trail_of
from transition.records.handovers import Handover
from transition.records.packs import earlier_pack, readings_of
from transition.rules.errors import RuleBroken
from transition.rules.handovers import HandoverState, SharingBasis
from transition.rules.packs import PackSection, changed_in, changes_between, parts_of
from transition.rules.record_sections import GP
from transition.rules.services import Needed, ServiceKey
from transition.rules.stages import Ending

KEY = "rowans-1"
FERN = {"gp_practice_name": "Fern Surgery", "gp_ods": "J82155"}


@pytest.fixture
def reference(work_as: WorkAs) -> str:
    with work_as(RUTH) as work:
        return proposed_handover(work)[0].reference


def change_the_record(work_as: WorkAs, reference: str) -> None:
    with work_as(RUTH) as work:
        save_section(work, reference, GP, FERN)


def send(work_as: WorkAs, reference: str) -> None:
    with work_as(RUTH) as work:
        send_pack(work, reference, KEY)


def handover_in(session: Session) -> Handover:
    session.rollback()
    return session.scalars(select(Handover)).one()


@on_both
def test_a_new_version_says_what_changed_and_the_earlier_one_stays_as_it_was_sent(
    work_as: WorkAs, reference: str, session: Session
) -> None:
    first = handover_in(session).pack
    change_the_record(work_as, reference)
    send(work_as, reference)

    handover = handover_in(session)
    before = earlier_pack(session, handover, 1)
    assert before is not None
    assert before.pack == first
    assert before.pack_hash not in {None, handover.pack_hash}
    assert (handover.pack_version, handover.pack["version"]) == (2, 2)
    changed = changes_between(parts_of(first), parts_of(handover.pack))
    assert list(changed) == [PackSection.PEOPLE]
    practice = ("GP practice: GP practice", "Written down.", "Fern Surgery")
    assert practice in changed[PackSection.PEOPLE]
    assert changed_in(handover.pack, PackSection.PEOPLE) == 2
    assert changed_in(handover.pack, PackSection.HEALTH) == 1
    assert sorted(letters_of(session, "case_changed")) == sorted([HELEN, IDRIS])
    assert "pack:sent" in [entry.action for entry in trail_of(session, reference)]
    assert earlier_pack(session, handover, 2) is None


@on_both
def test_a_third_version_remembers_in_which_each_section_changed(
    work_as: WorkAs, reference: str, session: Session
) -> None:
    change_the_record(work_as, reference)
    send(work_as, reference)
    with work_as(RUTH) as work:
        record_service(work, reference, ServiceKey.DENTAL, SaidOfService(needed=Needed.YES))
    send(work_as, reference)

    pack = handover_in(session).pack
    wanted = {PackSection.PEOPLE: 2, PackSection.SERVICES: 3, PackSection.HEALTH: 1}
    assert {section: changed_in(pack, section) for section in wanted} == wanted


def test_nothing_new_is_not_sent_twice(work_as: WorkAs, reference: str) -> None:
    with pytest.raises(RuleBroken, match="Nothing has changed since version 1"):
        send(work_as, reference)


def test_a_pack_is_sent_only_while_the_handover_lives_and_may_be_shared(
    work_as: WorkAs, reference: str
) -> None:
    change_the_record(work_as, reference)
    with pytest.raises(RuleBroken, match="Only the children's hospice"), work_as(HELEN) as work:
        send_pack(work, reference, KEY)
    with work_as(RUTH) as work:
        work.case(reference).case.sharing_basis = SharingBasis.OBJECTED
    with pytest.raises(RuleBroken, match="a basis for sharing"):
        send(work_as, reference)
    with work_as(RUTH) as work:
        work.case(reference).case.sharing_basis = SharingBasis.AGREED
        withdraw_handover(work, reference, KEY)
    with pytest.raises(RuleBroken, match="This handover is over"):
        send(work_as, reference)
    with work_as(RUTH) as work:
        case = work.case(reference).case
        case.ending, case.ended_at = Ending.MOVED_AWAY, work.now
    with pytest.raises(RuleBroken, match="has ended"):
        send(work_as, reference)


@on_both
def test_who_read_a_section_is_kept_once_and_can_be_taken_back(
    work_as: WorkAs, reference: str, session: Session
) -> None:
    for who in (HELEN, HELEN, IDRIS):
        with work_as(who) as work:
            read_section(work, reference, KEY, PackSection.HEALTH, version=1)
    marks = readings_of(session, handover_in(session))
    assert [(one.section, one.number) for one in marks] == [(PackSection.HEALTH, 1)] * 2

    for _ in range(2):
        with work_as(HELEN) as work:
            unread_section(work, reference, KEY, PackSection.HEALTH)
    assert len(readings_of(session, handover_in(session))) == 1
    done = [one for one in trail_of(session, reference) if one.action.startswith("pack:")]
    assert [one.action for one in done] == ["pack:read", "pack:read", "pack:unread"]
    assert {one.object for one in done} == {"rowans-1 version 1 health"}


def test_a_section_is_not_marked_in_a_version_that_a_newer_one_replaced(
    work_as: WorkAs, reference: str
) -> None:
    change_the_record(work_as, reference)
    send(work_as, reference)
    with pytest.raises(ChangedMeanwhile, match="Version 2 came"), work_as(HELEN) as work:
        read_section(work, reference, KEY, PackSection.HEALTH, version=1)
    assert "{}" in NEWER


def test_only_the_hospice_that_was_asked_marks_and_only_while_the_case_runs(
    work_as: WorkAs, reference: str
) -> None:
    with pytest.raises(RuleBroken, match="Only the hospice that was asked"), work_as(RUTH) as work:
        read_section(work, reference, KEY, PackSection.HEALTH, version=1)
    with pytest.raises(NotFound), work_as(PETER) as work:
        read_section(work, reference, KEY, PackSection.HEALTH, version=1)
    with work_as(RUTH) as work:
        case, handover = found_handover(work, reference, KEY)
        case.ending, case.ended_at = Ending.MOVED_AWAY, work.now
        handover.state, handover.closed_at = HandoverState.CLOSED_EXIT, work.now
    with pytest.raises(RuleBroken, match="has ended"), work_as(HELEN) as work:
        unread_section(work, reference, KEY, PackSection.HEALTH)
