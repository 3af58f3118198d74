"""Signing in with a work account, on both databases: linked, shown, shown again, let go."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.builders import ClientAs, WorkAs, letters_of, on_both, post, staff_of
from tests.integration.people.steps import NORA, invited, link_of, states, told
from tests.issuer import Issuer, issuer_for, shown
from tests.people import PASSWORD, RUTH
from tests.second_steps import later
from transition.actions.work import NotFound
from transition.actions.work_accounts import unlink
from transition.app import Tracker
from transition.records.sign_ins import SignIn
from transition.records.stamp import DatabaseStamp
from transition.records.work_accounts import WorkAccount, WorkAccountAsk
from transition.rules.people import MembershipState, Role

BEGIN = "/sign-in/work-account/naomi"
MINE = "/me/work-account"
MFA = {"amr": ["pwd", "mfa"]}


def link(client: FlaskClient) -> None:
    assert shown(client, MINE, MINE).location == MINE
    assert "Your work account is linked." in client.get(MINE).text


def really(session: Session) -> None:
    session.rollback()
    session.scalars(select(DatabaseStamp)).one().mode = "production"
    session.commit()


def came_in(client: FlaskClient, answer: TestResponse, to: str = "/") -> None:
    assert (answer.status_code, answer.location) == (302, to), client.get("/sign-in").text
    assert client.get("/today").status_code == 200


@on_both
def test_who_has_linked_a_work_account_signs_in_with_it_and_nothing_else_is_asked(
    app: Tracker, client_as: ClientAs, session: Session
) -> None:
    with issuer_for(app, "naomi") as issuer:
        ruth = client_as(RUTH)
        link(ruth)
        really(session)
        issuer.says = MFA
        here = app.test_client()
        page = here.get("/sign-in").text
        assert "Naomi House &amp; Jacksplace" in page
        came_in(here, shown(here, "/sign-in", BEGIN, next="/cases"), to="/cases")

        assert issuer.asked[-1]["redirect_uri"] == f"http://localhost:8000{BEGIN}/back"
        assert "email" not in issuer.asked[-1]["scope"]
        row = session.scalars(select(SignIn).order_by(SignIn.began_at.desc())).first()
        assert row is not None
        assert not row.half
        assert session.scalars(select(WorkAccountAsk)).all() == []
        assert told(session, "work-account", "sign-in:begun")[-2:] == [
            ("work-account:shown", "naomi mfa"),
            ("sign-in:begun", staff_of(session, RUTH).uid.hex()),
        ]
        assert letters_of(session, "sign_in_changed") == [RUTH]


@on_both
def test_without_a_second_factor_there_ours_is_asked_here(
    app: Tracker, client_as: ClientAs, session: Session
) -> None:
    with issuer_for(app, "naomi") as issuer:
        link(client_as(RUTH))
        really(session)
        for says in ({}, {"amr": ["pwd"]}, {"acr": "urn:low"}, {"amr": [1, None]}):
            issuer.says = says
            here = app.test_client()
            assert shown(here, "/sign-in", BEGIN).status_code == 302
            assert here.get("/today").location.startswith("/sign-in/code")
        assert told(session, "work-account")[-1] == ("work-account:shown", "naomi single")

        issuer.says = {"acr": "mfa"}
        here = app.test_client()
        came_in(here, shown(here, "/sign-in", BEGIN))


@on_both
def test_a_work_account_is_shown_anew_before_what_matters(
    app: Tracker, client_as: ClientAs, session: Session
) -> None:
    with issuer_for(app, "naomi") as issuer:
        link(client_as(RUTH))
        really(session)
        issuer.says = MFA
        here = app.test_client()
        came_in(here, shown(here, "/sign-in", BEGIN))
        later(app, minutes=6)
        assert here.get(MINE).location == f"/sign-in/code?next={MINE}"
        page = f"/sign-in/again?next={MINE}"
        assert here.get(f"/sign-in/code?next={MINE}").location == page
        assert "Use my work account" in here.get(page).text

        now = int(app.config["CLOCK"].now().timestamp())
        for wrong in ({"amr": ["pwd"]}, MFA | {"auth_time": now - 400}, MFA | {"auth_time": None}):
            issuer.says = wrong
            assert shown(here, page, BEGIN, next=MINE).location == page
            assert "not shown anew with a second factor" in here.get(page).text
        issuer.says, issuer.subject = MFA, "somebody-else"
        assert shown(here, page, BEGIN, next=MINE).location == page
        issuer.subject = Issuer(app).subject
        assert issuer.asked[-1]["prompt"] == "login"
        assert shown(here, page, BEGIN, next=MINE).location == MINE
        assert here.get(MINE).status_code == 200
        assert told(session, "second-step:taken") == [("second-step:taken", "work_account")]


@on_both
def test_an_invitation_is_taken_with_a_work_account_and_without_any_password(
    app: Tracker, work_as: WorkAs, session: Session
) -> None:
    with issuer_for(app, "naomi") as issuer:
        invited(work_as)
        really(session)
        issuer.says, issuer.subject = MFA, "nora-1"
        path, here = f"/invitations/{link_of(session)}", app.test_client()
        assert "Start with my work account of Naomi House" in here.get(path).text
        came_in(here, shown(here, path, f"{path}/work-account"))

        assert states(session) == {Role.TRANSITION_NURSE: MembershipState.ACTIVE}
        assert staff_of(session, NORA).password_hash is None
        refused = post(here, MINE)
        assert refused.status_code == 422
        assert "your work account is your only way in" in refused.text
        assert "Change your password" not in here.get("/me").text
        assert post(app.test_client(), "/sign-in", path=f"{path}/work-account").status_code == 404
        later(app, minutes=6)
        again = here.get(f"/sign-in/again?next={MINE}").text
        assert "Show again who you are" in again
        assert 'name="password"' not in again


@on_both
def test_a_work_account_belongs_to_one_colleague_and_can_be_let_go(
    app: Tracker, client_as: ClientAs, work_as: WorkAs, session: Session
) -> None:
    with issuer_for(app, "naomi"):
        ruth = client_as(RUTH)
        link(ruth)
        anna = client_as("nurse2@naomi.example")
        assert shown(anna, MINE, MINE).location == MINE
        assert "This work account cannot be linked." in anna.get(MINE).text

        invited(work_as)
        path, here = f"/invitations/{link_of(session)}", app.test_client()
        assert shown(here, path, f"{path}/work-account").location == path
        assert "cannot be used for this invitation" in here.get(path).text
        assert states(session) == {Role.TRANSITION_NURSE: MembershipState.INVITED}

        assert post(ruth, MINE).location == "/me"
        with pytest.raises(NotFound), work_as(RUTH) as work:
            unlink(work)
        session.rollback()
        assert session.scalars(select(WorkAccount)).all() == []
        gone = app.test_client()
        assert shown(gone, "/sign-in", BEGIN).location == "/sign-in"
        came_in(gone, post(gone, "/sign-in", email=RUTH, password=PASSWORD))


@on_both
def test_what_nobody_came_back_from_is_forgotten(
    app: Tracker, client_as: ClientAs, session: Session
) -> None:
    with issuer_for(app, "naomi"):
        here = app.test_client()
        post(here, "/sign-in", BEGIN)
        later(app, minutes=10)
        post(client_as(RUTH), MINE)
        (left,) = session.scalars(select(WorkAccountAsk))
        assert left.asked_at == app.config["CLOCK"].now()
        assert app.config["CLOCK"].now() - left.asked_at == timedelta()
