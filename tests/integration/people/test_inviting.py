"""Inviting: who may invite whom, what leaves when, and how long a link opens anything."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import WorkAs, letters_of, on_both, staff_of
from tests.databases import FIXED
from tests.integration.people.steps import (
    CHOSEN,
    NORA,
    also_admin,
    invited,
    letters,
    link_of,
    newcomer,
    states,
    taken,
    told,
)
from tests.people import GRACE, HELEN, IDRIS, JO, MINA, PETER, PRIYA, RUTH, SAM, TOM
from transition.actions.invitations import accept, cancel, invite, send_again, settle
from transition.actions.work import NotFound
from transition.app import Tracker
from transition.records.invitations import Invitation, open_requests
from transition.records.sign_ins import digest_of_token
from transition.records.staff import StaffMembership
from transition.rules.errors import RuleBroken
from transition.rules.people import THE_COMMAND_LINE, MembershipState, Role
from transition.security.passwords import check_password

HOURS = timedelta(hours=1)
HASHED = "of no password"
NEW_LEAD = {
    "email": "new@rowans.example",
    "organisation": "rowans",
    "roles": frozenset({Role.ADULT_LEAD}),
}


@on_both
def test_a_lead_invites_and_only_a_digest_of_the_link_is_kept(
    app: Tracker, work_as: WorkAs, session: Session
) -> None:
    uid = invited(work_as)
    assert states(session) == {Role.TRANSITION_NURSE: MembershipState.INVITED}
    assert staff_of(session, NORA).actor(FIXED.date()) is None, "it grants nothing yet"
    token = link_of(session)
    assert len(token) == 43, "that is 256 bits"
    row = session.scalars(select(Invitation)).one()
    assert row.token_digest == digest_of_token(token)
    ((to, words),) = letters(app)
    assert to == NORA
    assert "Priya Raman invites you to the transition tracker as a transition nurse" in words
    assert f"http://localhost:8000/invitations/{token}\n" in words
    assert "until\n26 November 2026 at 9:00am" in words
    assert told(session, "invitation", "role") == [
        ("invitation:made", uid.hex()),
        ("role:given", f"{uid.hex()} transition_nurse"),
        ("invitation:sent", uid.hex()),
    ]


@on_both
def test_taking_it_lets_somebody_in_once(work_as: WorkAs, session: Session) -> None:
    invited(work_as)
    token = link_of(session)
    assert taken(work_as, token)
    assert states(session) == {Role.TRANSITION_NURSE: MembershipState.ACTIVE}
    assert check_password(staff_of(session, NORA).password_hash, CHOSEN)
    session.rollback()
    assert not taken(work_as, token, "another good long phrase")
    assert check_password(staff_of(session, NORA).password_hash, CHOSEN), "it stays as it was"
    assert [one[0] for one in told(session, "invitation:taken")] == ["invitation:taken"]


@on_both
def test_a_link_opens_for_72_hours(work_as: WorkAs, session: Session) -> None:
    invited(work_as)
    token = link_of(session)
    for hours, opens in ((500, False), (72, False), (71.99, True)):
        with work_as(THE_COMMAND_LINE, FIXED + hours * HOURS) as work:
            assert (accept(work, token, HASHED) is not None) is opens


@on_both
def test_sent_again_the_old_link_is_dead(app: Tracker, work_as: WorkAs, session: Session) -> None:
    uid = invited(work_as)
    first = link_of(session)
    with work_as(TOM, FIXED + 80 * HOURS) as work:
        send_again(work, uid)
    second = link_of(session)
    assert second != first
    (said,) = [words for to, words in letters(app, at=FIXED + 80 * HOURS) if to == NORA]
    assert second in said, "the letter that had waited says nothing any more"
    with work_as(THE_COMMAND_LINE, FIXED + 81 * HOURS) as work:
        assert accept(work, first, HASHED) is None
        assert accept(work, second, HASHED) is not None


@on_both
def test_a_letter_that_goes_a_second_time_carries_the_same_link(
    app: Tracker, work_as: WorkAs, session: Session
) -> None:
    invited(work_as)
    token = link_of(session)
    assert link_of(session) == token
    assert token in letters(app)[0][1]


@on_both
def test_a_cancelled_invitation_opens_nothing_and_sends_nothing(
    app: Tracker, work_as: WorkAs, session: Session
) -> None:
    uid = invited(work_as)
    token = link_of(session)
    with work_as(PRIYA) as work:
        cancel(work, uid)
    assert letters(app) == []
    assert not taken(work_as, token)
    assert states(session) == {Role.TRANSITION_NURSE: MembershipState.LEFT}
    with pytest.raises(RuleBroken, match="not invited now"), work_as(PRIYA) as work:
        cancel(work, uid)
    with pytest.raises(RuleBroken, match="not invited now"), work_as(PRIYA) as work:
        send_again(work, uid)


@on_both
def test_somebody_who_was_taken_back_can_be_invited_again(
    work_as: WorkAs, session: Session
) -> None:
    uid = invited(work_as)
    with work_as(PRIYA) as work:
        cancel(work, uid)
    with work_as(PRIYA, FIXED + HOURS) as work:
        assert invite(work, newcomer(name="Nora  Bell-Ames")).staff_uid == uid
    assert staff_of(session, NORA).name == "Nora Bell-Ames"
    assert states(session) == {Role.TRANSITION_NURSE: MembershipState.INVITED}


@on_both
def test_with_one_character_changed_a_link_opens_nothing(work_as: WorkAs, session: Session) -> None:
    invited(work_as)
    token = link_of(session)
    other = "B" if token[7] == "A" else "A"
    for wrong in (token[:7] + other + token[8:], "", "x", "\u00e9", "A" * 43, "a" * 5000):
        assert not taken(work_as, wrong)
    assert taken(work_as, token)


@on_both
def test_a_link_of_somebody_who_is_suspended_opens_nothing(
    work_as: WorkAs, session: Session
) -> None:
    """Abuse case 13."""
    uid = invited(work_as)
    token = link_of(session)
    with work_as(PRIYA) as work:
        held = {"organisation": "naomi", "role": Role.AUDITOR, "from_on": work.today}
        work.keep(StaffMembership(staff_uid=uid, state=MembershipState.SUSPENDED, **held))
    assert not taken(work_as, token)


@on_both
def test_what_an_administrator_asks_for_waits_for_a_lead(
    app: Tracker, work_as: WorkAs, session: Session
) -> None:
    uid = invited(work_as, SAM, **NEW_LEAD)
    row = session.scalars(select(Invitation)).one()
    assert (row.sent_at, row.token_digest) == (None, None), "there is no link yet"
    assert letters_of(session, "invitation") == []
    assert letters_of(session, "role_asked") == sorted([HELEN, IDRIS, GRACE])
    with work_as(HELEN) as work:
        settle(work, uid, {Role.ADULT_LEAD}, agreed=True)
    assert letters_of(session, "invitation") == ["new@rowans.example"]
    assert taken(work_as, link_of(session, "new@rowans.example"))
    assert states(session, "new@rowans.example") == {Role.ADULT_LEAD: MembershipState.ACTIVE}
    asked, agreed = "role:asked", "role:agreed"
    assert [one for one in told(session, "role") if one[0] in {asked, agreed}] == [
        (asked, f"{uid.hex()} adult_lead"),
        (agreed, f"{uid.hex()} adult_lead"),
    ]
    assert all("Sam" not in words or "asks that" in words for _, words in letters(app))


@on_both
def test_a_lead_is_told_who_asks_for_whom_while_it_is_asked(app: Tracker, work_as: WorkAs) -> None:
    uid = invited(work_as, SAM, **NEW_LEAD)
    with work_as(IDRIS) as work:
        work.session.scalars(
            select(StaffMembership).where(StaffMembership.staff_uid == work.actor_uid)
        ).one().role = Role.ADULT_WORKER
    said = dict(letters(app))
    assert set(said) == {HELEN, GRACE}, "one of them is no lead any more"
    assert "Sam Okoro asks that Nora Bell may work here as an adult lead." in said[HELEN]
    assert f"/settings/users/{uid.hex()}" in said[HELEN]


@on_both
def test_nobody_is_told_of_what_was_settled(app: Tracker, work_as: WorkAs) -> None:
    uid = invited(work_as, SAM, **NEW_LEAD)
    with work_as(HELEN) as work:
        settle(work, uid, {Role.ADULT_LEAD}, agreed=False)
    assert letters(app) == []


@on_both
def test_a_lead_who_says_no_ends_it(work_as: WorkAs, session: Session) -> None:
    uid = invited(work_as, SAM, **NEW_LEAD)
    with work_as(HELEN) as work:
        settle(work, uid, {Role.ADULT_LEAD}, agreed=False)
    session.rollback()
    assert session.scalars(select(Invitation)).one().cancelled_at == FIXED
    assert states(session, "new@rowans.example") == {Role.ADULT_LEAD: MembershipState.LEFT}
    assert letters_of(session, "invitation") == []


@on_both
def test_a_no_to_one_role_lets_the_others_go_on(work_as: WorkAs, session: Session) -> None:
    both = frozenset({Role.ADULT_LEAD, Role.AUDITOR})
    also_admin(work_as)
    uid = invited(work_as, SAM, **NEW_LEAD | {"roles": both})
    with work_as(HELEN) as work:
        settle(work, uid, {Role.ADULT_LEAD}, agreed=False)
    assert letters_of(session, "invitation") == [], "the other is not agreed to yet"
    with work_as(JO) as work:
        settle(work, uid, {Role.AUDITOR}, agreed=True)
    assert taken(work_as, link_of(session, "new@rowans.example"))
    assert states(session, "new@rowans.example") == {
        Role.ADULT_LEAD: MembershipState.LEFT,
        Role.AUDITOR: MembershipState.ACTIVE,
    }


@on_both
def test_after_seven_days_it_must_be_asked_again(work_as: WorkAs, session: Session) -> None:
    uid = invited(work_as, SAM, **NEW_LEAD)
    late, roles = FIXED + timedelta(days=7, seconds=1), {Role.ADULT_LEAD}
    with pytest.raises(RuleBroken, match="more than 7 days ago"), work_as(HELEN, late) as work:
        settle(work, uid, roles, agreed=True)
    with work_as(SAM, late) as work:
        send_again(work, uid)
    assert letters_of(session, "invitation") == [], "asking again agrees to nothing"
    assert len(letters_of(session, "role_asked")) == 6
    with work_as(HELEN, late) as work:
        settle(work, uid, roles, agreed=True)
    assert letters_of(session, "invitation") == ["new@rowans.example"]


@on_both
def test_what_is_agreed_to_is_what_was_shown(work_as: WorkAs) -> None:
    uid = invited(work_as, SAM, **NEW_LEAD)
    for roles in ([], [Role.ADULT_WORKER], [Role.ADULT_LEAD, Role.ADULT_WORKER]):
        with pytest.raises(RuleBroken, match="has changed"), work_as(HELEN) as work:
            settle(work, uid, roles, agreed=True)


@on_both
def test_only_a_lead_of_the_same_hospice_agrees(work_as: WorkAs) -> None:
    """Abuse case 25."""
    uid = invited(work_as, SAM, **NEW_LEAD)
    with pytest.raises(RuleBroken, match="Only a lead"), work_as(SAM) as work:
        settle(work, uid, [Role.ADULT_LEAD], agreed=True)
    for email in (PETER, PRIYA, MINA, RUTH):
        with pytest.raises(NotFound), work_as(email) as work:
            settle(work, uid, [Role.ADULT_LEAD], agreed=True)


@on_both
def test_cancelling_ends_what_was_asked(work_as: WorkAs, session: Session) -> None:
    uid = invited(work_as, SAM, **NEW_LEAD)
    with work_as(SAM) as work:
        cancel(work, uid)
    with pytest.raises(RuleBroken, match="has changed"), work_as(HELEN) as work:
        settle(work, uid, [Role.ADULT_LEAD], agreed=True)
    assert letters_of(session, "invitation") == []


REFUSED: list[tuple[Any, dict[str, Any], str]] = [
    (PRIYA, {"email": "nora@rowans.example"}, "ends in @naomi.example"),
    (PRIYA, {"email": "nora@naomi.example.evil.example"}, "ends in @naomi.example"),
    (PRIYA, {"email": "nora@NAOMI\uff0eexample"}, "ends in @naomi.example"),
    (PRIYA, {"email": "no ra@naomi.example"}, "ends in @naomi.example"),
    (PRIYA, {"email": "nora\r\nBcc: x@naomi.example"}, "ends in @naomi.example"),
    (PRIYA, {"email": ""}, "ends in @naomi.example"),
    (PRIYA, {"name": " \t"}, "Enter their name"),
    (PRIYA, {"name": "Nora\x1b[2J"}, "Enter their name"),
    (PRIYA, {"roles": frozenset()}, "Choose at least one role"),
    (PRIYA, {"roles": frozenset({Role.AUDITOR})}, "cannot give this role"),
    (PRIYA, {"roles": frozenset({Role.ADMIN})}, "cannot give this role"),
    (PRIYA, {"roles": frozenset({Role.ADULT_LEAD})}, "cannot give this role"),
    (PRIYA, {"email": RUTH}, "is here already"),
    (HELEN, {}, "do not look after"),
    (RUTH, {}, "do not look after"),
    (MINA, {"organisation": "rowans"}, "do not look after"),
    (SAM, {"email": SAM}, "ends in @naomi.example"),
    (SAM, {"roles": frozenset({Role.ADMIN})}, "cannot give this role"),
    (SAM, {"organisation": "external"}, "Nobody signs in for “external”. Choose one of naomi, "),
    (SAM, {"organisation": "nowhere"}, "Nobody signs in for “nowhere”"),
]


@on_both
def test_what_cannot_be_is_refused_in_a_sentence(work_as: WorkAs, session: Session) -> None:
    """Abuse case 25 among others: an administrator who invites himself as a nurse."""
    for by, words, sentence in REFUSED:
        with pytest.raises(RuleBroken, match=sentence), work_as(by) as work:
            invite(work, newcomer(**words))
    assert session.scalars(select(Invitation)).all() == []


@on_both
def test_an_address_is_invited_once(work_as: WorkAs) -> None:
    invited(work_as)
    with pytest.raises(RuleBroken, match="has been invited already"):
        invited(work_as, TOM, email=NORA.upper())


@on_both
def test_somebody_suspended_is_reinstated_and_not_invited(work_as: WorkAs) -> None:
    with work_as(PRIYA) as work:
        for held in staff_of(work.session, RUTH).memberships:
            held.state = MembershipState.SUSPENDED
    with pytest.raises(RuleBroken, match="Reinstate them instead"):
        invited(work_as, email=RUTH)


@on_both
def test_whoever_works_elsewhere_is_not_invited_and_nothing_is_told_of_where(
    work_as: WorkAs,
) -> None:
    with work_as(PRIYA) as work:
        staff_of(work.session, HELEN).email = "helen@naomi.example"
    with pytest.raises(RuleBroken, match=r"cannot be invited here\. Ask an"):
        invited(work_as, email="helen@naomi.example")


@on_both
def test_where_no_lead_could_agree_an_administrator_cannot_ask(work_as: WorkAs) -> None:
    with work_as(PRIYA) as work:
        for email in (HELEN, IDRIS, GRACE):
            for held in staff_of(work.session, email).memberships:
                held.state = MembershipState.LEFT
    with pytest.raises(RuleBroken, match="Rowans Hospice has nobody yet who could agree"):
        invited(work_as, SAM, **NEW_LEAD)


@on_both
def test_whoever_was_suspended_since_the_page_was_asked_for_invites_nobody(
    work_as: WorkAs, session: Session
) -> None:
    with work_as(PRIYA) as work:
        for held in staff_of(work.session, PRIYA).memberships:
            held.state = MembershipState.SUSPENDED
        with pytest.raises(RuleBroken, match="may not do this any more"):
            invite(work, newcomer())
    assert session.scalars(select(Invitation)).all() == []


BAD_PASSWORDS = [
    "naomihouse2026!!",
    "correct horse battery staple",
    "short of fifteen"[:14],
    "Nora Bell Nora Bell",
    "é" * 129,
    "x7 " * 43,
]


@on_both
def test_a_password_that_others_would_guess_is_refused_and_the_link_still_opens(
    work_as: WorkAs, session: Session
) -> None:
    """Abuse case 2."""
    invited(work_as)
    token = link_of(session)
    for password in BAD_PASSWORDS:
        with pytest.raises(RuleBroken):
            taken(work_as, token, password)
    assert taken(work_as, token)


@pytest.mark.parametrize(
    "password", ["".join(chr(0x4E00 + 7 * i) for i in range(128)), "🐢 gravel 🌙 kettle"]
)
def test_a_long_one_and_one_with_pictures_is_taken(
    work_as: WorkAs, session: Session, password: str
) -> None:
    """Abuse case 2."""
    invited(work_as)
    assert taken(work_as, link_of(session), password)


def test_whoever_asks_again_is_who_asks(work_as: WorkAs, session: Session) -> None:
    uid = invited(work_as, SAM, **NEW_LEAD)
    also_admin(work_as)
    with work_as(JO) as work:
        send_again(work, uid)
    (asked,) = open_requests(session, [uid])
    assert asked.asked_by.email == JO


def test_whoever_comes_back_by_an_invitation_has_no_password_before(
    work_as: WorkAs, session: Session
) -> None:
    with work_as(PRIYA) as work:
        ruth = staff_of(work.session, RUTH)
        assert ruth.password_hash
        for held in ruth.memberships:
            held.state = MembershipState.LEFT
    invited(work_as, email=RUTH, name="Ruth Adeyemi")
    session.rollback()
    assert staff_of(session, RUTH).password_hash is None
