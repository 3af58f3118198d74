"""What colleagues may do: roles given and ended, duties that never fall vacant, and suspending."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import WorkAs, letters_of, on_both, staff_of
from tests.databases import FIXED
from tests.integration.people.steps import (
    NORA,
    also_admin,
    invited,
    letters,
    link_of,
    states,
    taken,
    told,
)
from tests.people import ANNA, GRACE, HELEN, IDRIS, JO, MINA, PETER, PRIYA, RUTH, SAM, TOM
from transition.actions.invitations import cancel, settle
from transition.actions.people import add_roles, end_role, name_for, reinstate, suspend
from transition.actions.work import NotFound, Work
from transition.app import Tracker
from transition.records.audit import AuditEntry
from transition.records.invitations import open_requests
from transition.records.sign_ins import Ended, SignIn
from transition.records.staff import duty_holders
from transition.rules.errors import RuleBroken
from transition.rules.invitations import AGREED_WITHIN
from transition.rules.people import Duty, MembershipState, Role

ACTIVE, LEFT = MembershipState.ACTIVE, MembershipState.LEFT
SUSPENDED, INVITED = MembershipState.SUSPENDED, MembershipState.INVITED


def uid(session: Session, email: str) -> bytes:
    session.rollback()
    return staff_of(session, email).uid


def duties(session: Session, organisation: str = "rowans") -> dict[Duty, str]:
    """Return who is what to handovers, by address."""
    session.rollback()
    held = duty_holders(session, organisation, today=FIXED.date())
    return {duty: staff.email for duty, staff in held.items()}


@on_both
def test_a_lead_gives_a_role_at_once_and_ends_it(work_as: WorkAs, session: Session) -> None:
    ruth = uid(session, RUTH)
    with work_as(PRIYA) as work:
        add_roles(work, ruth, {Role.CHILDRENS_LEAD})
    assert states(session, RUTH) == {Role.TRANSITION_NURSE: ACTIVE, Role.CHILDRENS_LEAD: ACTIVE}
    with work_as(PRIYA) as work:
        end_role(work, ruth, Role.CHILDRENS_LEAD)
    assert states(session, RUTH) == {Role.TRANSITION_NURSE: ACTIVE, Role.CHILDRENS_LEAD: LEFT}
    with work_as(PRIYA) as work:
        add_roles(work, ruth, {Role.CHILDRENS_LEAD})
    assert states(session, RUTH)[Role.CHILDRENS_LEAD] is ACTIVE
    told_of = f"{ruth.hex()} childrens_lead"
    assert told(session, "role") == [
        ("role:given", told_of),
        ("role:ended", told_of),
        ("role:given", told_of),
    ]


@on_both
def test_what_an_administrator_gives_counts_once_a_lead_agreed(
    work_as: WorkAs, session: Session
) -> None:
    mina = uid(session, MINA)
    also_admin(work_as)
    with work_as(SAM) as work:
        add_roles(work, mina, {Role.ADULT_LEAD, Role.AUDITOR})
    waiting = {Role.ADULT_WORKER: ACTIVE, Role.AUDITOR: INVITED, Role.ADULT_LEAD: INVITED}
    assert states(session, MINA) == waiting
    assert letters_of(session, "role_asked") == sorted([HELEN, IDRIS, GRACE, JO])
    with work_as(HELEN) as work:
        settle(work, mina, [Role.ADULT_LEAD], agreed=True)
    assert states(session, MINA) == waiting | {Role.ADULT_LEAD: ACTIVE}
    with work_as(JO) as work:
        settle(work, mina, [Role.AUDITOR], agreed=True)
    assert states(session, MINA)[Role.AUDITOR] is ACTIVE


@on_both
def test_nobody_makes_an_administrator_or_an_auditor_alone(
    app: Tracker, work_as: WorkAs, session: Session
) -> None:
    """Abuse case 25."""
    jo, helen = uid(session, JO), uid(session, HELEN)
    for whom, role in ((jo, Role.ADMIN), (helen, Role.AUDITOR)):
        alone = pytest.raises(RuleBroken, match="it takes another administrator")
        with alone, work_as(SAM) as work:
            add_roles(work, whom, {role})
    also_admin(work_as)
    with work_as(SAM) as work:
        add_roles(work, helen, {Role.AUDITOR})
    assert states(session, HELEN)[Role.AUDITOR] is INVITED
    ((to, words),) = letters(app)
    assert to == JO
    assert "Sam Okoro asks that Helen" in words
    assert "Another administrator must agree within 7 days." in words


@on_both
def test_another_administrator_agrees_within_seven_days_to_just_that(
    work_as: WorkAs, session: Session
) -> None:
    jo, helen = uid(session, JO), uid(session, HELEN)
    also_admin(work_as)
    with work_as(SAM) as work:
        add_roles(work, helen, {Role.AUDITOR})
    asked: list[tuple[str, str, list[Role]]] = [
        (SAM, "You asked for this yourself", [Role.AUDITOR]),
        (IDRIS, "Only another administrator can agree", [Role.AUDITOR]),
        (HELEN, YOURSELF, [Role.AUDITOR]),
        (JO, "has changed", [Role.AUDITOR, Role.ADMIN]),
    ]
    for email, sentence, roles in asked:
        with pytest.raises(RuleBroken, match=sentence), work_as(email) as work:
            settle(work, helen, roles, agreed=True)
    late = FIXED + AGREED_WITHIN + timedelta(seconds=1)
    with pytest.raises(RuleBroken, match="more than 7 days ago"), work_as(JO, late) as work:
        settle(work, helen, [Role.AUDITOR], agreed=True)
    with work_as(JO) as work:
        settle(work, helen, [Role.AUDITOR], agreed=True)
    assert states(session, HELEN)[Role.AUDITOR] is ACTIVE
    session.rollback()
    entries = select(AuditEntry).where(AuditEntry.object == f"{helen.hex()} auditor")
    found = session.scalars(entries.order_by(AuditEntry.seq))
    assert [(one.action, one.actor) for one in found] == [
        ("role:asked", uid(session, SAM).hex()),
        ("role:agreed", jo.hex()),
    ]


@on_both
def test_a_lead_may_say_no_to_more(work_as: WorkAs, session: Session) -> None:
    mina = uid(session, MINA)
    with work_as(SAM) as work:
        add_roles(work, mina, {Role.ADULT_LEAD})
    with work_as(IDRIS) as work:
        settle(work, mina, [Role.ADULT_LEAD], agreed=False)
    assert states(session, MINA) == {Role.ADULT_WORKER: ACTIVE, Role.ADULT_LEAD: LEFT}


@on_both
def test_a_role_asked_for_after_the_letter_waits_while_the_others_begin(
    work_as: WorkAs, session: Session
) -> None:
    email = "noor@rowans.example"
    noor = invited(
        work_as, HELEN, email=email, organisation="rowans", roles=frozenset({Role.ADULT_WORKER})
    )
    with work_as(SAM) as work:
        add_roles(work, noor, {Role.ADULT_LEAD})
    assert taken(work_as, link_of(session, email))
    assert states(session, email) == {Role.ADULT_WORKER: ACTIVE, Role.ADULT_LEAD: INVITED}


Change = Callable[[Work, bytes], object]


def more(*roles: Role) -> Change:
    return lambda work, staff_uid: add_roles(work, staff_uid, roles)


def less(role: Role) -> Change:
    return lambda work, staff_uid: end_role(work, staff_uid, role)


def duty_of(duty: Duty) -> Change:
    return lambda work, staff_uid: name_for(work, staff_uid, duty)


def agreed(role: Role) -> Change:
    return lambda work, staff_uid: settle(work, staff_uid, [role], agreed=True)


YOURSELF = "cannot change what you may do yourself"
REFUSED: list[tuple[str, str, Change, str]] = [
    # Abuse case 25: what is one's own is for somebody else to change.
    (SAM, SAM, more(Role.COORDINATOR), YOURSELF),
    (SAM, SAM, less(Role.ADMIN), YOURSELF),
    (SAM, SAM, suspend, YOURSELF),
    (SAM, SAM, reinstate, YOURSELF),
    (PRIYA, PRIYA, agreed(Role.CHILDRENS_LEAD), YOURSELF),
    (PRIYA, RUTH, more(Role.ADULT_LEAD), "cannot give this role"),
    (PRIYA, RUTH, more(), "Choose at least one role"),
    (PRIYA, RUTH, more(Role.TRANSITION_NURSE), "Ruth Adeyemi has this role already"),
    (PRIYA, RUTH, less(Role.CHILDRENS_LEAD), "does not have this role"),
    (PRIYA, RUTH, less(Role.TRANSITION_NURSE), "This is all that Ruth Adeyemi does here"),
    (HELEN, IDRIS, less(Role.ADULT_LEAD), "is the deputy here. Name another first"),
    (SAM, HELEN, less(Role.ADULT_LEAD), "is the lead here. Name another first"),
    (SAM, JO, less(Role.COORDINATOR), "This is all that"),
    (HELEN, MINA, duty_of(Duty.DEPUTY), "is no lead here"),
    (HELEN, IDRIS, duty_of(Duty.DEPUTY), "is the deputy already"),
    (PRIYA, TOM, duty_of(Duty.DEPUTY), "is the escalation person. Name another first"),
    (PRIYA, RUTH, reinstate, "is not suspended"),
    (PRIYA, RUTH, agreed(Role.CHILDRENS_LEAD), "has changed"),
]


@on_both
def test_what_cannot_be_is_refused_in_a_sentence(work_as: WorkAs, session: Session) -> None:
    for by, whom, change, sentence in REFUSED:
        staff_uid = uid(session, whom)
        with pytest.raises(RuleBroken, match=sentence), work_as(by) as work:
            change(work, staff_uid)
    assert told(session, "role", "duty", "person") == []


@on_both
def test_nobody_is_there_for_those_who_do_not_look_after_them(
    work_as: WorkAs, session: Session
) -> None:
    helen = uid(session, HELEN)
    for email in (PRIYA, PETER, MINA, RUTH):
        with pytest.raises(NotFound), work_as(email) as work:
            suspend(work, helen)
    with pytest.raises(NotFound), work_as(SAM) as work:
        suspend(work, bytes(16))


@on_both
def test_a_duty_changes_hands_and_none_falls_vacant(work_as: WorkAs, session: Session) -> None:
    assert duties(session) == {Duty.LEAD: HELEN, Duty.DEPUTY: IDRIS, Duty.ESCALATION: GRACE}
    idris, mina = uid(session, IDRIS), uid(session, MINA)
    with work_as(HELEN) as work:
        name_for(work, idris, Duty.LEAD)
    assert duties(session) == {Duty.LEAD: IDRIS, Duty.DEPUTY: HELEN, Duty.ESCALATION: GRACE}
    with work_as(HELEN) as work:
        add_roles(work, mina, {Role.ADULT_LEAD})
        name_for(work, mina, Duty.DEPUTY)
    assert duties(session) == {Duty.LEAD: IDRIS, Duty.DEPUTY: MINA, Duty.ESCALATION: GRACE}
    helen = uid(session, HELEN)
    moved = select(AuditEntry.object).where(AuditEntry.action == "duty:moved")
    moves = [("lead", helen, idris), ("deputy", idris, helen), ("deputy", helen, mina)]
    assert session.scalars(moved.order_by(AuditEntry.seq)).all() == [
        f"{duty} {was.hex()} {now.hex()}" for duty, was, now in moves
    ]


@on_both
def test_a_duty_that_nobody_has_is_given_to_a_lead_without_one(
    work_as: WorkAs, session: Session
) -> None:
    anna = uid(session, ANNA)
    with work_as(PRIYA) as work:
        add_roles(work, anna, {Role.CHILDRENS_LEAD})
        name_for(work, anna, Duty.DEPUTY)
    assert duties(session, "naomi")[Duty.DEPUTY] == ANNA
    moved = select(AuditEntry.object).where(AuditEntry.action == "duty:named")
    assert session.scalars(moved).one() == f"deputy {anna.hex()}"


@on_both
def test_whoever_is_suspended_is_out_everywhere_at_once(work_as: WorkAs, session: Session) -> None:
    ruth = uid(session, RUTH)
    with work_as(RUTH) as work:
        for number in (1, 2):
            work.keep(
                SignIn(
                    token_digest=bytes([number]) * 32,
                    staff_uid=ruth,
                    began_at=work.now,
                    last_seen_at=work.now,
                    fresh_at=work.now,
                )
            )
    with work_as(SAM) as work:
        add_roles(work, ruth, {Role.CHILDRENS_LEAD})
    with work_as(PRIYA) as work:
        suspend(work, ruth)
    assert states(session, RUTH) == {Role.TRANSITION_NURSE: SUSPENDED, Role.CHILDRENS_LEAD: LEFT}
    assert staff_of(session, RUTH).actor(FIXED.date()) is None
    ends = session.scalars(select(SignIn.ended_because)).all()
    assert ends == [Ended.ACCESS] * 2
    with pytest.raises(RuleBroken, match="does not work here now"), work_as(PRIYA) as work:
        suspend(work, ruth)
    with pytest.raises(RuleBroken, match="does not work here now"), work_as(PRIYA) as work:
        add_roles(work, ruth, {Role.CHILDRENS_LEAD})
    with work_as(PRIYA) as work:
        reinstate(work, ruth)
    assert states(session, RUTH) == {Role.TRANSITION_NURSE: ACTIVE, Role.CHILDRENS_LEAD: LEFT}
    assert [one[0] for one in told(session, "person")] == ["person:suspended", "person:reinstated"]


@on_both
def test_whoever_was_suspended_meanwhile_changes_nothing(work_as: WorkAs, session: Session) -> None:
    """A page that was asked for before is no way round: who acts is looked at again."""
    tom, priya = uid(session, TOM), uid(session, PRIYA)
    with work_as(PRIYA) as work:
        late = work.actor
        suspend(work, tom)
    with work_as(SAM) as work:
        suspend(work, priya)
    with pytest.raises(RuleBroken, match="may not do this any more"), work_as(late) as work:
        reinstate(work, tom)


@on_both
def test_whoever_left_holds_nothing_that_can_be_cancelled(
    work_as: WorkAs, session: Session
) -> None:
    nora = invited(work_as)
    with work_as(PRIYA) as work:
        cancel(work, nora)
    with pytest.raises(RuleBroken, match="does not work here now"), work_as(PRIYA) as work:
        suspend(work, nora)
    assert states(session, NORA) == {Role.TRANSITION_NURSE: LEFT}


def test_whoever_lost_the_role_meanwhile_changes_nothing(work_as: WorkAs, session: Session) -> None:
    ruth = uid(session, RUTH)
    with work_as(PRIYA) as work:
        (held,) = staff_of(work.session, PRIYA).memberships
        held.role = Role.TRANSITION_NURSE
        with pytest.raises(RuleBroken, match="may not do this any more"):
            suspend(work, ruth)


def test_a_role_given_again_has_no_end(work_as: WorkAs, session: Session) -> None:
    ruth = uid(session, RUTH)
    for _ in range(2):
        with work_as(PRIYA) as work:
            add_roles(work, ruth, {Role.CHILDRENS_LEAD})
        session.rollback()
        held = {one.role: one for one in staff_of(session, RUTH).memberships}
        assert held[Role.CHILDRENS_LEAD].until_on is None
        with work_as(PRIYA) as work:
            end_role(work, ruth, Role.CHILDRENS_LEAD)


def test_what_was_asked_for_whoever_is_suspended_is_asked_no_more(
    work_as: WorkAs, session: Session
) -> None:
    mina = uid(session, MINA)
    with work_as(SAM) as work:
        add_roles(work, mina, {Role.ADULT_LEAD})
    session.rollback()
    assert open_requests(session, [mina])
    with work_as(HELEN) as work:
        suspend(work, mina)
    session.rollback()
    assert open_requests(session, [mina]) == []
