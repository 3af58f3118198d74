"""A list is reckoned once, and never shown when it has stopped being true."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from tests.builders import (
    TARGET,
    ClientAs,
    WorkAs,
    accepted_case,
    engine_of,
    on_both,
    opened_case,
    planned_case,
    proposal,
    proposed_handover,
    signed_in,
    staff_of,
)
from tests.people import ANNA, HELEN, MINA, PETER, RUTH
from tests.security.sweep import statements
from transition.actions.cases import set_target
from transition.actions.drafts import OPENING, write_draft
from transition.actions.handovers import found_handover, propose_handover
from transition.actions.milestones import put_back
from transition.actions.work import Work
from transition.app import Tracker, create_app
from transition.records import dues
from transition.records.case_lists import list_of_cases
from transition.records.change_numbers import ChangeNumber
from transition.records.due_rows import anchors_of
from transition.records.dues import dues_for
from transition.records.staff import Denial
from transition.rules.due_days import Anchors
from transition.rules.errors import RuleBroken
from transition.rules.people import Role
from transition.rules.stages import Ending
from transition.security.fields import CaseCipher, SealedField
from transition.settings import Settings


@pytest.fixture
def reference(work_as: WorkAs) -> str:
    with work_as(RUTH) as work:
        return opened_case(work).reference


@pytest.fixture
def annas(app: Tracker, installed: Settings) -> Iterator[list[FlaskClient]]:
    """Two browsers of Anna's, each at another process over the same database."""
    other = create_app(installed)
    yield [signed_in(app, ANNA), signed_in(other, ANNA)]
    engine_of(other).dispose()


@contextmanager
def opened_fields(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Gather the labels of the sealed fields that are opened."""
    seen: list[str] = []
    real = CaseCipher.open

    def noted(
        self: CaseCipher, token: bytes, field: SealedField, case: bytes, row: bytes
    ) -> object:
        seen.append(field.label)
        return real(self, token, field, case, row)

    with monkeypatch.context() as patch:
        patch.setattr(CaseCipher, "open", noted)
        yield seen


def numbers(session: Session) -> dict[str, int]:
    session.rollback()
    return {row.organisation: row.number for row in session.scalars(select(ChangeNumber))}


def shows(client: FlaskClient, reference: str, page: str = "/cases") -> bool:
    answer = client.get(page)
    assert answer.status_code == 200
    return reference in answer.text


def deny(work: Work, reference: str) -> None:
    work.keep(
        Denial(
            staff_uid=staff_of(work.session, ANNA).uid,
            case_uid=work.case(reference).case.uid,
            denied_by_uid=work.actor_uid,
            denied_at=work.now,
        )
    )


def end(work: Work, reference: str) -> None:
    case = work.case(reference).case
    case.ending, case.ended_at = Ending.MOVED_AWAY, work.now


def pause(work: Work, reference: str) -> None:
    work.case(reference).case.paused = True


@on_both
@pytest.mark.parametrize("what", [deny, end, pause], ids=lambda what: what.__name__)
def test_what_takes_a_case_from_a_list_is_seen_at_the_next_request_of_every_process(
    annas: list[FlaskClient], work_as: WorkAs, reference: str, what: Callable[[Work, str], None]
) -> None:
    with work_as(RUTH) as work:
        work.case(reference).case.named_worker_uid = staff_of(work.session, ANNA).uid
    for page in ("/cases", "/today"):
        assert all(shows(client, reference, page) for client in annas)
    with work_as(RUTH) as work:
        what(work, reference)
    assert not any(shows(client, reference, "/today") for client in annas)
    # A case that rests stays among the young people, and is told there to rest.
    stays = what is pause
    assert [shows(client, reference) for client in annas] == [stays, stays]
    assert [shows(client, "Paused</span>") for client in annas] == [stays, stays]


@on_both
def test_another_named_worker_is_seen_at_the_next_request(
    client_as: ClientAs, work_as: WorkAs, reference: str
) -> None:
    ruth, anna = client_as(RUTH), client_as(ANNA)
    assert [shows(ruth, reference, "/today"), shows(anna, reference, "/today")] == [True, False]
    with work_as(RUTH) as work:
        work.case(reference).case.named_worker_uid = staff_of(work.session, ANNA).uid
    assert [shows(ruth, reference, "/today"), shows(anna, reference, "/today")] == [False, True]


@on_both
def test_a_proposal_is_seen_by_its_receiver_and_by_no_other(
    client_as: ClientAs, work_as: WorkAs, session: Session
) -> None:
    with work_as(RUTH) as work:
        reference = planned_case(work).reference
    helen, peter = client_as(HELEN), client_as(PETER)
    assert not any(shows(client, reference) for client in (helen, peter))
    before = numbers(session)
    with work_as(RUTH) as work:
        propose_handover(work, reference, proposal())
    assert [shows(helen, reference), shows(peter, reference)] == [True, False]
    after = numbers(session)
    assert after["rowans"] > before.get("rowans", 0)
    assert after["naomi"] > before["naomi"]
    assert "oakhaven" not in after


@on_both
def test_a_worker_who_is_named_sees_the_case_and_no_longer_when_she_is_not(
    client_as: ClientAs, work_as: WorkAs
) -> None:
    reference, key = accepted_case(work_as)
    mina = client_as(MINA)
    assert not shows(mina, reference)
    with work_as(HELEN) as work:
        found_handover(work, reference, key)[1].adult_worker_uid = staff_of(work.session, MINA).uid
    assert shows(mina, reference)
    with work_as(HELEN) as work:
        found_handover(work, reference, key)[1].adult_worker_uid = None
    assert not shows(mina, reference)


@on_both
def test_another_role_is_another_list(app: Tracker, client_as: ClientAs, work_as: WorkAs) -> None:
    with work_as(RUTH) as work:
        reference = proposed_handover(work)[0].reference
    helen = client_as(HELEN)
    assert shows(helen, reference)
    with Session(engine_of(app)) as session:
        held = staff_of(session, HELEN).memberships[0]
        held.role = Role.ADULT_WORKER
        session.commit()
    assert not shows(helen, reference)


@on_both
def test_nobody_is_shown_what_somebody_else_may_see(
    client_as: ClientAs, work_as: WorkAs, reference: str
) -> None:
    with work_as(RUTH) as work:
        deny(work, reference)
    ruth, anna = client_as(RUTH), client_as(ANNA)
    assert [shows(ruth, reference), shows(anna, reference), shows(ruth, reference)] == [
        True,
        False,
        True,
    ]


def open_and_fail(work: Work) -> None:
    reference = opened_case(work).reference
    assert [one.reference for one in list_of_cases(work.session, work.asking)] == [reference]
    assert [one.reference for one in dues_for(work.session, work.asking)] == [reference]
    raise RuleBroken("No.")


@on_both
def test_what_was_not_kept_after_all_is_in_no_list(work_as: WorkAs) -> None:
    with pytest.raises(RuleBroken), work_as(RUTH) as work:
        open_and_fail(work)
    with work_as(RUTH) as work:
        assert list_of_cases(work.session, work.asking) == []
        assert dues_for(work.session, work.asking) == []


@on_both
@pytest.mark.usefixtures("reference")
def test_a_piece_of_work_sees_what_it_has_changed_itself(work_as: WorkAs) -> None:
    with work_as(RUTH) as work:
        assert len(dues_for(work.session, work.asking)) == 1
        other = opened_case(work)
        assert len(dues_for(work.session, work.asking)) == 2
        other.paused = True
        assert len(dues_for(work.session, work.asking)) == 1
    with work_as(RUTH) as work:
        assert len(dues_for(work.session, work.asking)) == 1
        assert len(list_of_cases(work.session, work.asking)) == 2


@on_both
def test_only_changes_of_cases_move_the_number(
    client_as: ClientAs, work_as: WorkAs, session: Session, reference: str
) -> None:
    ruth = client_as(RUTH)
    before = numbers(session)
    assert before == {"naomi": 1}
    ruth.get(f"/cases/{reference}")
    with work_as(RUTH) as work:
        write_draft(work, OPENING, {"person": {}})
    with pytest.raises(RuleBroken), work_as(RUTH) as work:
        put_back(work, reference, "ID-04")
    assert numbers(session) == before


@on_both
@pytest.mark.usefixtures("demonstration")
@pytest.mark.parametrize("page", ["/cases", "/today", "/handovers", "/cases?sort=name&due=late"])
def test_a_list_that_is_kept_opens_no_field_and_asks_for_no_case(
    app: Tracker, client_as: ClientAs, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    ruth = client_as(RUTH)
    ruth.get(page)
    with statements(app) as asked, opened_fields(monkeypatch) as opened:
        assert ruth.get(page).status_code == 200
    assert opened == []
    assert [words for words in asked if "FROM milestone_outcome" in words] == []
    assert [words for words in asked if "FROM anchors" in words or "JOIN anchors" in words] == []


@on_both
@pytest.mark.usefixtures("demonstration")
def test_colleagues_share_what_was_opened(
    app: Tracker, client_as: ClientAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    ruth, anna = client_as(RUTH), client_as(ANNA)
    ruth.get("/cases?sort=name")
    with opened_fields(monkeypatch) as opened:
        anna.get("/cases?sort=name")
    assert opened == []
    vault = app.extensions["vault"]
    vault.forget()
    assert len(vault.kept) == 0
    with opened_fields(monkeypatch) as opened:
        anna.get("/cases?sort=name")
    assert {"young_person.family_name", "case.next_due"} <= set(opened)


@on_both
@pytest.mark.usefixtures("demonstration")
def test_after_one_change_only_what_changed_is_reckoned_anew(
    work_as: WorkAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    reckoned: list[bytes] = []

    def noted(row: Row[Any], cipher: CaseCipher) -> Anchors:
        reckoned.append(row.uid)
        return anchors_of(row, cipher)

    monkeypatch.setattr(dues, "anchors_of", noted)
    with work_as(RUTH) as work:
        cases = dues_for(work.session, work.asking)
        assert len(reckoned) == len(cases) > 10
        reference = cases[0].reference
    with work_as(RUTH) as work:
        set_target(work, work.case(reference).case, TARGET, reason_code="agreed")
    reckoned.clear()
    with work_as(RUTH) as work:
        dues_for(work.session, work.asking)
    assert len(reckoned) == 1
