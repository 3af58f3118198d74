"""While somebody reads, the pack is sent anew, they are suspended, or nobody leads there now."""

from collections.abc import Callable
from functools import partial

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.builders import (
    ASKED,
    ClientAs,
    WorkAs,
    letters_of,
    on_both,
    planned_case,
    proposal,
    proposed_handover,
    ready_case,
    staff_of,
    token_of,
)
from tests.integration.handovers.racing import at_once, taken_at_once
from tests.integration.handovers.steps import STEPS
from tests.people import HELEN, IDRIS, RUTH
from transition.actions.handovers import propose_handover
from transition.actions.pack_versions import NEWER, read_section, send_pack
from transition.actions.record import save_section
from transition.records.audit import GOOD, AuditEntry, verify
from transition.records.cases import Case
from transition.records.handovers import Handover
from transition.records.packs import readings_of
from transition.records.transfers import standing_signatures
from transition.rules.handovers import HandoverState
from transition.rules.packs import PackSection
from transition.rules.people import MembershipState
from transition.rules.record_sections import GP

pytestmark = on_both

KEY = "rowans-1"
ROUNDS = 3
NO_LEAD = (
    "Rowans Hospice has no lead in the tracker yet."
    " Ask the collaborative's administrator to invite them."
)


def version_in(page: str) -> str:
    return page.split('name="version"')[1].split('value="')[1].split('"', maxsplit=1)[0]


def write_anew(work_as: WorkAs, reference: str, practice: str) -> None:
    with work_as(RUTH) as work:
        save_section(work, reference, GP, {"gp_practice_name": practice, "gp_ods": "J82155"})


def suspend(work_as: WorkAs, email: str) -> None:
    """Suspend a colleague, as their organisation would."""
    with work_as(RUTH) as work:
        for held in staff_of(work.session, email).memberships:
            held.state = MembershipState.SUSPENDED


def while_suspended(send: Callable[[], TestResponse], work_as: WorkAs, email: str) -> bool:
    """Let somebody send a form while they are suspended; return whether they were in time."""
    answer, _ = at_once(send, lambda: suspend(work_as, email))
    assert isinstance(answer, TestResponse)
    assert answer.status_code == 302, answer.text
    return not answer.location.startswith("/sign-in")


def handover_in(session: Session) -> Handover:
    session.rollback()
    return session.scalars(select(Handover)).one()


def test_a_mark_stands_on_the_version_that_was_read_or_is_not_made(
    work_as: WorkAs, session: Session
) -> None:
    with work_as(RUTH) as work:
        reference = proposed_handover(work)[0].reference

    def send() -> None:
        with work_as(RUTH) as work:
            send_pack(work, reference, KEY)

    def read(version: int) -> None:
        with work_as(HELEN) as work:
            read_section(work, reference, KEY, PackSection.PEOPLE, version=version)

    for version in range(1, ROUNDS + 1):
        write_anew(work_as, reference, f"Practice {version}")
        taken, refusals = taken_at_once(send, partial(read, version))
        assert 0 in taken
        read_in = [one.number for one in readings_of(session, handover_in(session))]
        assert (version in read_in) is (len(taken) == 2)
        assert version + 1 not in read_in
        _, late = taken_at_once(partial(read, version))
        assert {str(one) for one in (*refusals, *late)} == {NEWER.format(version + 1)}


def accepting(client: FlaskClient, reference: str) -> Callable[[], TestResponse]:
    """Open the page on which each function is answered; return what sends a Yes to all."""
    path = f"/cases/{reference}/handovers/{KEY}/reply/each"
    page = client.get(path).text
    words = {"csrf_token": token_of(page), "version": version_in(page), "checked": "yes"}
    words |= {"has_read": "y", "adult_worker": "later"}
    for name in ("adult_worker_by", "first_contact_on"):
        words |= {f"{name}-day": "11", f"{name}-month": "1", f"{name}-year": "2027"}
    words |= {f"{one.value}_answer": "accept" for one in ASKED}
    return lambda: client.post(path, data=words)


def test_what_is_accepted_is_the_pack_that_was_read(
    work_as: WorkAs, client_as: ClientAs, session: Session
) -> None:
    with work_as(RUTH) as work:
        reference = proposed_handover(work)[0].reference
    helen, ruth = client_as(HELEN), client_as(RUTH)
    write_anew(work_as, reference, "Fern Surgery")
    accept = accepting(helen, reference)
    path = f"/cases/{reference}/handovers/{KEY}/pack"
    page = ruth.get(path).text
    words = {"csrf_token": token_of(page), "version": version_in(page)}

    accepted, sent = at_once(accept, lambda: ruth.post(path, data=words))

    handover = handover_in(session)
    if accepted.status_code == 302:
        assert handover.state is HandoverState.ACCEPTED
        # What is sent after a Yes is another version, and says so; the Yes was to the first.
        assert sent.status_code in {302, 409}
    else:
        assert (accepted.status_code, sent.status_code) == (409, 302)
        assert "sent version 2 of the pack" in accepted.text
        assert (handover.state, handover.pack_version) == (HandoverState.PROPOSED, 2)
    assert verify(session).code == GOOD


def signing(client: FlaskClient, reference: str) -> Callable[[], TestResponse]:
    """Open the page on which a transfer is signed, and return what signs."""
    path = f"/cases/{reference}/confirm-transfer/sign"
    page = client.get(path).text
    words = {"csrf_token": token_of(page), "version": version_in(page)}
    return lambda: client.post(path, data=words)


def test_a_lead_who_is_suspended_has_signed_before_or_signs_nothing(
    work_as: WorkAs, client_as: ClientAs, session: Session
) -> None:
    reference, _ = ready_case(work_as)
    helen, idris = client_as(HELEN), client_as(IDRIS)
    sign = signing(helen, reference)

    was_in_time = while_suspended(sign, work_as, HELEN)

    case_uid = session.scalars(select(Case.uid)).one()
    signed = [one.signed_by_uid for one in standing_signatures(session, case_uid)]
    assert signed == ([staff_of(session, HELEN).uid] if was_in_time else [])
    late = sign()
    assert late.location.startswith("/sign-in")
    assert "Sign in" in helen.get(late.location).text
    if not was_in_time:  # the deputy signs in their place
        assert signing(idris, reference)().status_code == 302
    session.rollback()
    assert len(standing_signatures(session, case_uid)) == 1


def test_a_lead_who_is_suspended_has_accepted_before_or_accepts_nothing(
    work_as: WorkAs, client_as: ClientAs, session: Session
) -> None:
    with work_as(RUTH) as work:
        reference = proposed_handover(work)[0].reference
    helen, idris = client_as(HELEN), client_as(IDRIS)
    accept = accepting(helen, reference)

    was_in_time = while_suspended(accept, work_as, HELEN)
    assert (handover_in(session).state is HandoverState.ACCEPTED) is was_in_time
    assert accept().location.startswith("/sign-in")
    if not was_in_time:
        assert accepting(idris, reference)().status_code == 302
    assert handover_in(session).state is HandoverState.ACCEPTED
    said = session.scalars(select(AuditEntry.action)).all()
    assert said.count("handover:accepted") == 1


def test_a_hospice_that_loses_its_lead_is_asked_before_or_not_at_all(
    work_as: WorkAs, session: Session
) -> None:
    with work_as(RUTH) as work:
        reference = planned_case(work).reference

    def propose() -> None:
        with work_as(RUTH) as work:
            propose_handover(work, reference, proposal())

    taken, refusals = taken_at_once(propose, lambda: suspend(work_as, HELEN))

    if 0 in taken:
        assert letters_of(session, "handover_proposed") == [IDRIS, HELEN]
        with work_as(IDRIS) as work:  # the deputy answers in their place
            STEPS["accept"](work, reference, KEY)
        assert handover_in(session).state is HandoverState.ACCEPTED
    else:
        _, refusals = taken_at_once(propose)
        assert letters_of(session, "handover_proposed") == []
    assert {str(one) for one in refusals} <= {NO_LEAD}
