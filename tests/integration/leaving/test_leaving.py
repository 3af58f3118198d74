"""Leaving: everything has a new owner, then access ends; and who may not be the one to go."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.builders import (
    ClientAs,
    WorkAs,
    accepted_case,
    letters_of,
    on_both,
    opened_case,
    proposed_handover,
    ready_case,
    staff_of,
    uid_of,
)
from tests.people import (
    ANNA,
    GRACE,
    HELEN,
    IDRIS,
    JO,
    LOLA,
    MINA,
    PETER,
    PRIYA,
    RUTH,
    SAM,
    TOM,
    WILMA,
)
from transition.actions.absences import record_absence
from transition.actions.drafts import write_draft
from transition.actions.leaving import end_access, give_back, hand_over, holdings
from transition.actions.questions import NewQuestion, ask_question
from transition.actions.work import NotFound
from transition.records.absences import Absence
from transition.records.audit import AuditEntry
from transition.records.cases import Case
from transition.records.columns import new_uid
from transition.records.drafts import Draft
from transition.records.handovers import Handover
from transition.records.histories import NamedWorkerSpan
from transition.records.holdings import goes_along
from transition.records.outbox import QueuedLetter
from transition.records.sign_ins import SignIn
from transition.records.staff import Staff, StaffMembership, find_staff
from transition.rules.errors import RuleBroken
from transition.rules.people import Duty, MembershipState, Role, Side
from transition.rules.questions import QuestionCategory

NOTE = "Ring her mother after four, never at home."
FRIDAY = date(2026, 11, 27)


def keys_of(work_as: WorkAs, by: str, who: bytes) -> list[str]:
    with work_as(by) as work:
        return [one.key for one in holdings(work, who)]


def move_all(work_as: WorkAs, by: str, who: bytes, to: bytes) -> int:
    with work_as(by) as work:
        owners = {one.key: to for one in holdings(work, who)}
        return hand_over(work, who, owners, note=NOTE)


def another_lead(session: Session, email: str, role: Role = Role.ADULT_LEAD) -> bytes:
    """Make a colleague a lead besides whatever they are."""
    staff = staff_of(session, email)
    held = staff.memberships[0]
    session.add(
        StaffMembership(
            uid=new_uid(),
            staff_uid=staff.uid,
            organisation=held.organisation,
            role=role,
            state=MembershipState.ACTIVE,
            from_on=held.from_on,
        )
    )
    session.commit()
    return uid_of(session, email)


def states(session: Session, email_or_uid: str | bytes) -> set[MembershipState]:
    session.rollback()
    uid = email_or_uid
    if isinstance(uid, str):
        uid = staff_of(session, uid).uid
    query = select(StaffMembership.state).where(StaffMembership.staff_uid == uid)
    return set(session.scalars(query))


@pytest.fixture
def held(work_as: WorkAs) -> None:
    """Ruth has three cases, a draft, an absence, a letter that waits, and covers for Anna."""
    with work_as(RUTH) as work:
        references = [opened_case(work).reference for _ in range(3)]
        write_draft(work, "open_case", {"given_name": "Sky"})
        record_absence(work, RUTH, cover=ANNA, from_on=FRIDAY, until_on=FRIDAY)
        work.post("case_changed", to=staff_of(work.session, RUTH), about=references[0])
    with work_as(ANNA) as work:
        days = {"from_on": date(2026, 12, 7), "until_on": date(2026, 12, 8)}
        record_absence(work, ANNA, cover=RUTH, **days)


def move_to_anna_and_tom(work_as: WorkAs, session: Session) -> None:
    ruth, anna, tom = (uid_of(session, email) for email in (RUTH, ANNA, TOM))
    with work_as(PRIYA) as work:
        owners = {
            one.key: tom if one.key.startswith("cover") else anna for one in holdings(work, ruth)
        }
        assert hand_over(work, ruth, owners, note=NOTE) == 4


@on_both
@pytest.mark.usefixtures("held")
def test_everything_that_a_nurse_holds_gets_a_new_owner(work_as: WorkAs, session: Session) -> None:
    ruth, anna, tom = (uid_of(session, email) for email in (RUTH, ANNA, TOM))
    with (
        pytest.raises(RuleBroken, match="still has 3 young people, cover for 1 colleague"),
        work_as(PRIYA) as work,
    ):
        end_access(work, ruth)
    move_to_anna_and_tom(work_as, session)
    assert letters_of(session, "case_reassigned") == [ANNA], "one letter, however many"
    assert {one.named_worker_uid for one in session.scalars(select(Case))} == {anna}
    now = select(NamedWorkerSpan).where(NamedWorkerSpan.until_on.is_(None))
    assert {one.hand_on_note for one in session.scalars(now)} == {NOTE}
    (cover,) = session.scalars(select(Absence).where(Absence.staff_uid == anna))
    assert cover.cover_uid == tom


@on_both
@pytest.mark.usefixtures("held")
def test_with_a_nurse_s_access_all_that_was_hers_alone_ends(
    work_as: WorkAs, client_as: ClientAs, session: Session
) -> None:
    browser, ruth = client_as(RUTH), uid_of(session, RUTH)
    move_to_anna_and_tom(work_as, session)
    with work_as(PRIYA) as work:
        assert end_access(work, ruth) == [Role.TRANSITION_NURSE]
    assert states(session, ruth) == {MembershipState.LEFT}
    assert session.scalar(select(func.count()).select_from(Draft)) == 0
    assert session.scalars(select(Absence).where(Absence.staff_uid == ruth)).all() == []
    assert None not in session.scalars(select(SignIn.ended_at).filter_by(staff_uid=ruth)).all()
    letters = select(QueuedLetter.cancelled_at).where(QueuedLetter.recipient_uid == ruth)
    assert None not in session.scalars(letters).all()
    assert browser.get("/today").status_code == 302
    assert find_staff(session, RUTH) is None, "her address is free"
    left = session.get_one(Staff, ruth)
    assert (left.name[:4], left.former_email) == ("Ruth", RUTH)
    told = session.scalars(select(AuditEntry).where(AuditEntry.action == "staff:left"))
    assert told.one().object == ruth.hex()


@on_both
def test_who_has_left_is_given_their_access_back_with_their_address(
    work_as: WorkAs, client_as: ClientAs, session: Session
) -> None:
    ruth = uid_of(session, RUTH)
    with work_as(PRIYA) as work:
        roles = end_access(work, ruth)
    with pytest.raises(RuleBroken, match="no access here any more"), work_as(PRIYA) as work:
        end_access(work, ruth)
    with pytest.raises(RuleBroken, match="never had this role"), work_as(PRIYA) as work:
        give_back(work, ruth, [Role.CHILDRENS_LEAD])
    with work_as(PRIYA) as work:
        give_back(work, ruth, roles)
    assert client_as(RUTH).get("/today").status_code == 200
    with pytest.raises(RuleBroken, match="has access here already"), work_as(PRIYA) as work:
        give_back(work, ruth, roles)


@on_both
def test_who_works_elsewhere_too_keeps_the_address_when_they_leave_here(
    work_as: WorkAs, session: Session
) -> None:
    ruth = uid_of(session, RUTH)
    with work_as(SAM) as work:
        work.keep(
            StaffMembership(
                staff_uid=ruth,
                organisation="rowans",
                role=Role.ADULT_WORKER,
                state=MembershipState.ACTIVE,
                from_on=work.today,
            )
        )
    with work_as(PRIYA) as work:
        roles = end_access(work, ruth)
    assert staff_of(session, RUTH).former_email is None
    with work_as(PRIYA) as work:
        give_back(work, ruth, roles)
    assert staff_of(session, RUTH).uid == ruth


@on_both
def test_an_address_that_somebody_else_has_by_now_is_not_given_back(
    work_as: WorkAs, session: Session
) -> None:
    ruth = uid_of(session, RUTH)
    with work_as(PRIYA) as work:
        end_access(work, ruth)
    with work_as(SAM) as work:
        work.keep(Staff(name="Ruth Two", email=RUTH, created_at=work.now))
    with (
        pytest.raises(RuleBroken, match="Somebody else has this address by now"),
        work_as(PRIYA) as work,
    ):
        give_back(work, ruth, [Role.TRANSITION_NURSE])


@on_both
def test_an_adult_worker_leaves_when_somebody_else_is_named(
    work_as: WorkAs, session: Session
) -> None:
    reference, key = ready_case(work_as)
    mina, idris = uid_of(session, MINA), uid_of(session, IDRIS)
    assert keys_of(work_as, HELEN, mina) == [f"worker/{reference}/{key}"]
    with (
        pytest.raises(RuleBroken, match="still has 1 young person as adult named worker"),
        work_as(HELEN) as work,
    ):
        end_access(work, mina)
    assert move_all(work_as, HELEN, mina, idris) == 1
    with work_as(HELEN) as work:
        end_access(work, mina)
    session.rollback()
    assert session.scalars(select(Handover)).one().adult_worker_uid == idris


def test_no_duty_goes_to_a_lead_who_is_suspended(work_as: WorkAs, session: Session) -> None:
    helen, mina = uid_of(session, HELEN), another_lead(session, MINA)
    for held in staff_of(session, MINA).memberships:
        held.state = MembershipState.SUSPENDED
    session.commit()
    with pytest.raises(RuleBroken, match="Choose a lead who works here"), work_as(IDRIS) as work:
        hand_over(work, helen, {"duty/lead": mina}, note="")


@on_both
def test_a_lead_or_deputy_leaves_when_another_lead_has_the_duty(
    work_as: WorkAs, session: Session
) -> None:
    helen, grace, mina = (uid_of(session, email) for email in (HELEN, GRACE, MINA))
    assert keys_of(work_as, IDRIS, helen) == ["duty/lead"]
    with (
        pytest.raises(RuleBroken, match="still has the duty of lead"),
        work_as(IDRIS) as work,
    ):
        end_access(work, helen)
    with pytest.raises(RuleBroken, match="escalation person already"), work_as(IDRIS) as work:
        hand_over(work, helen, {"duty/lead": grace}, note="")
    with pytest.raises(RuleBroken, match="Choose a lead who works here"), work_as(IDRIS) as work:
        hand_over(work, helen, {"duty/lead": mina}, note="")
    another_lead(session, MINA)
    with work_as(IDRIS) as work:
        hand_over(work, helen, {"duty/lead": mina}, note="")
    with pytest.raises(RuleBroken, match="has a new owner already"), work_as(IDRIS) as work:
        hand_over(work, helen, {"duty/lead": mina}, note="")
    with work_as(IDRIS) as work:
        end_access(work, helen)
    session.rollback()
    held = select(StaffMembership).where(StaffMembership.organisation == "rowans")
    duties = {one.staff_uid: one.duty for one in session.scalars(held) if one.duty}
    assert duties[mina] is Duty.LEAD
    assert helen not in duties


@pytest.mark.parametrize(
    ("by", "who", "why"),
    [
        (PRIYA, PRIYA, "Nobody does this for themselves"),
        (RUTH, ANNA, "Only a lead of the same hospice"),
        (WILMA, ANNA, "Only a lead of the same hospice"),
        (JO, SAM, "Only a lead of the same hospice"),
    ],
)
def test_who_may_not_end_somebody_s_access_is_told_why(
    work_as: WorkAs, session: Session, by: str, who: str, why: str
) -> None:
    uid = uid_of(session, who)
    with pytest.raises(RuleBroken, match=why), work_as(by) as work:
        end_access(work, uid)
    with pytest.raises(RuleBroken, match=why), work_as(by) as work:
        give_back(work, uid, list(Role))


@pytest.mark.parametrize("who", [HELEN, SAM])
def test_another_hospice_s_people_are_not_a_lead_s_to_part_with(
    work_as: WorkAs, session: Session, who: str
) -> None:
    uid = uid_of(session, who)
    for deed in (end_access, holdings):
        with pytest.raises(NotFound), work_as(PRIYA) as work:
            deed(work, uid)
    with pytest.raises(NotFound), work_as(PRIYA) as work:
        end_access(work, new_uid())


def test_an_administrator_ends_access_anywhere_and_moves_nothing(
    work_as: WorkAs, session: Session
) -> None:
    with work_as(RUTH) as work:
        opened_case(work)
    ruth, anna, helen = (uid_of(session, email) for email in (RUTH, ANNA, HELEN))
    with pytest.raises(RuleBroken, match="still has 1 young person"), work_as(SAM) as work:
        end_access(work, ruth)
    with pytest.raises(RuleBroken, match="hands a duty on"), work_as(SAM) as work:
        hand_over(work, helen, {"duty/lead": helen}, note="")
    with work_as(SAM) as work:
        end_access(work, anna)
    assert states(session, anna) == {MembershipState.LEFT}
    with work_as(SAM) as work:
        give_back(work, anna, [Role.TRANSITION_NURSE])


def test_whoever_lost_their_access_meanwhile_ends_and_gives_back_none(
    work_as: WorkAs, session: Session
) -> None:
    anna, ruth = uid_of(session, ANNA), uid_of(session, RUTH)
    with work_as(SAM) as work:
        end_access(work, ruth)
    with work_as(PRIYA) as work:
        staff_of(work.session, PRIYA).memberships[0].state = MembershipState.SUSPENDED
        work.session.flush()
        with pytest.raises(RuleBroken, match="Your own access has changed"):
            end_access(work, anna)
        with pytest.raises(RuleBroken, match="Your own access has changed"):
            give_back(work, ruth, [Role.TRANSITION_NURSE])
    assert states(session, anna) == {MembershipState.ACTIVE}
    assert states(session, ruth) == {MembershipState.LEFT}


def test_an_administrator_opens_the_page_of_whoever_leaves(
    work_as: WorkAs, client_as: ClientAs, session: Session
) -> None:
    with work_as(RUTH) as work:
        reference = opened_case(work).reference
    sam = client_as(SAM)
    for email in (RUTH, JO):
        page = sam.get(f"/settings/leaving/{uid_of(session, email).hex()}")
        assert page.status_code == 200
        assert reference not in page.text


def test_the_last_administrator_stays(work_as: WorkAs, session: Session) -> None:
    sam, jo = uid_of(session, SAM), another_lead(session, JO, Role.ADMIN)
    with work_as(SAM) as work:
        end_access(work, jo)
    another_lead(session, WILMA, Role.ADMIN)
    with (
        pytest.raises(RuleBroken, match="Invite another administrator"),
        work_as(WILMA) as work,
    ):
        end_access(work, sam)


def test_the_last_lead_of_a_hospice_stays(work_as: WorkAs, session: Session) -> None:
    """Even without a duty: somebody must be there who hands on."""
    session.rollback()
    for held in session.scalars(select(StaffMembership)):
        if held.organisation == "oakhaven":
            held.duty = None
    session.commit()
    emails = (PETER, LOLA, "escalation@oakhaven.example")
    peter, lola, third = (uid_of(session, email) for email in emails)
    for one in (lola, third):
        with work_as(SAM) as work:
            end_access(work, one)
    with pytest.raises(RuleBroken, match="Invite another lead of this"), work_as(SAM) as work:
        end_access(work, peter)


@on_both
def test_of_many_things_all_change_hands_or_none(work_as: WorkAs, session: Session) -> None:
    with work_as(RUTH) as work:
        opened_case(work)
    with work_as(ANNA) as work:
        record_absence(work, ANNA, cover=RUTH, from_on=FRIDAY, until_on=FRIDAY)
    ruth, anna, tom = (uid_of(session, email) for email in (RUTH, ANNA, TOM))
    # Anna cannot cover for herself.
    with pytest.raises(RuleBroken, match="Choose somebody else"):
        move_all(work_as, PRIYA, ruth, anna)
    with pytest.raises(RuleBroken, match="Nobody with this address"):
        move_all(work_as, PRIYA, ruth, new_uid())
    session.rollback()
    assert session.scalars(select(Case)).one().named_worker_uid == ruth
    with pytest.raises(RuleBroken, match="nothing to hand on"), work_as(PRIYA) as work:
        hand_over(work, ruth, {}, note=NOTE)
    assert move_all(work_as, PRIYA, ruth, tom) == 2


@on_both
def test_what_belongs_to_a_case_goes_along_and_is_counted(
    work_as: WorkAs, session: Session
) -> None:
    reference, key = accepted_case(work_as)
    with work_as(RUTH) as work:
        other = opened_case(work).reference
    helen, found = uid_of(session, HELEN), {}
    with work_as(HELEN) as work:
        found["before"] = goes_along(work.session, helen, [reference], side=Side.ADULT)
    assert found == {"before": {}}
    assert key == "rowans-1"
    assert goes_along(session, helen, [other], side=Side.CHILDRENS) == {}


@on_both
def test_a_question_of_who_has_left_is_answered_to_lead_and_deputy(
    work_as: WorkAs, session: Session
) -> None:
    """Hazard H20."""
    with work_as(RUTH) as work:
        reference = proposed_handover(work)[0].reference
    asked: dict[str, Any] = {"category": QuestionCategory.CLINICAL, "words": "Who trains us?"}
    with work_as(GRACE) as work:
        ask_question(work, reference, "rowans-1", NewQuestion(**asked))
    grace = uid_of(session, GRACE)
    assert goes_along(session, grace, [], side=Side.ADULT) == {"question without an answer": 1}
