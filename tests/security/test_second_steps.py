"""What half a sign-in opens, what a second step is worth the second time, and asking again.

Abuse cases 4 and 8 of the design, and what the verification standard asks of 6.5, 7.2 and 7.5.
"""

from dataclasses import replace
from datetime import timedelta
from urllib.parse import unquote

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import opened_case, post, staff_of, token_of
from tests.people import HELEN, PASSWORD, PRIYA, RUTH, SAM, WILMA
from tests.second_steps import (
    CODE,
    add_app,
    code_of,
    give_app,
    give_everything,
    give_passkey,
    half_in,
    later,
)
from tests.security.sweep import Browser, ClientAs, WorkAs, asks, told
from transition.actions.second_steps import new_codes
from transition.app import Tracker
from transition.records.audit import AuditEntry
from transition.records.drafts import Draft
from transition.records.sign_ins import SignIn
from transition.records.staff import StaffMembership
from transition.records.stamp import DatabaseStamp
from transition.rules.access import Permission
from transition.rules.people import MembershipState
from transition.rules.second_steps import FRESH_FOR, HALF_LASTS, TRIES
from transition.web.guard import AFTER_PASSWORD, FRESH, MARK, OPEN_TO_ALL

OBJECTS = {
    "code": ("PR-11",),
    "key": ("rowans-1",),
    "number": ("1",),
    "section": ("what-matters",),
    "entry": ("no-such", "app"),
    "whose": ("family",),
    "part": ("health",),
    "token": ("no-such",),
    "name": ("x",),
    "form": ("cases/new/person",),
}
LONG_AGO = FRESH_FOR + timedelta(seconds=1)


def cookie_of(client: FlaskClient) -> str:
    """Return the token that this browser holds."""
    cookie = client.get_cookie("sign_in")
    assert cookie is not None
    return cookie.value


def opens(app: Tracker, token: str, page: str = "/me/second-step") -> bool:
    """Return whether a browser that holds nothing but this token may open a page."""
    client = app.test_client()
    client.set_cookie("sign_in", token)
    return client.get(page).status_code == 200


def given(work_as: WorkAs, email: str = RUTH) -> str:
    """Give somebody an app and return its secret."""
    with work_as(email) as work:
        return give_app(work)


def test_half_a_sign_in_opens_the_second_step_and_no_other_page(
    app: Tracker, work_as: WorkAs
) -> None:
    with work_as(RUTH) as work:
        reference = opened_case(work, given_name="Quillon").reference
        give_everything(work)
    half = half_in(app, RUTH)
    words = {"csrf_token": token_of(half.get("/sign-in/code").text)}
    marks = {end: getattr(view, MARK) for end, view in app.view_functions.items()}
    tried = set()
    for ask in asks(app, OBJECTS | {"reference": (reference, "NHJ-2222-2")}):
        answer = half.open(
            ask.path, method=ask.method, data=words if ask.method == "POST" else None
        )
        assert not [
            one for one in ("Quillon", reference) if one in answer.text.replace(ask.path, "")
        ]
        if marks[ask.endpoint] in {AFTER_PASSWORD, OPEN_TO_ALL}:
            continue
        tried.add(ask.endpoint)
        assert answer.status_code == 302, ask
        assert answer.location.partition("?")[0] == "/sign-in/code", ask
    assert len(tried) > 80


@pytest.mark.parametrize("page", ["/me/second-step/app", "/me/second-step/passkeys/new"])
def test_the_password_alone_adds_nothing_beside_what_is_there(
    app: Tracker, work_as: WorkAs, page: str
) -> None:
    given(work_as)
    half = half_in(app, RUTH)
    for answer in (half.get(page), post(half, "/sign-in/code", page, code="000000", name="Mine")):
        assert (answer.status_code, answer.location) == (302, "/sign-in/code")


def test_a_browser_is_known_only_after_the_second_step(app: Tracker, work_as: WorkAs) -> None:
    seed = given(work_as)
    half = half_in(app, RUTH)
    assert half.get_cookie("device") is None
    post(half, "/sign-in/code", code=code_of(app, seed))
    assert half.get_cookie("device") is not None


def test_too_many_wrong_codes_are_answered_with_when_to_try_again(
    app: Tracker, work_as: WorkAs
) -> None:
    seed = given(work_as)
    first = half_in(app, RUTH)
    for _ in range(TRIES):
        post(first, "/sign-in/code", code="000000")
    answer = post(half_in(app, RUTH), "/sign-in/code", code=code_of(app, seed))
    assert answer.status_code == 422
    assert "Too many wrong codes were tried. Try again in 1 second." in answer.text


def test_half_a_sign_in_ends_after_ten_minutes(app: Tracker, work_as: WorkAs) -> None:
    given(work_as)
    half = half_in(app, RUTH)
    later(app, seconds=HALF_LASTS.total_seconds() - 1)
    assert half.get("/sign-in/code").status_code == 200
    later(app, seconds=1)
    assert half.get("/sign-in/code").location == "/sign-in?next=/sign-in/code"


def test_half_a_sign_in_is_signed_out_of(app: Tracker, work_as: WorkAs) -> None:
    given(work_as)
    half = half_in(app, RUTH)
    token = cookie_of(half)
    post(half, "/sign-in/code", "/sign-out")
    assert not opens(app, token, "/sign-in/code")


def test_what_was_half_a_sign_in_is_worth_nothing_after_the_second_step(
    app: Tracker, work_as: WorkAs, session: Session
) -> None:
    """Abuse case 8: the token that was there before is dead, and the new one another."""
    seed = given(work_as)
    client = app.test_client()
    client.set_cookie("sign_in", "planted-before-signing-in")
    words = {"csrf_token": token_of(client.get("/sign-in").text), "password": PASSWORD}
    client.post("/sign-in", data=words | {"email": RUTH})
    half = cookie_of(client)
    form_before = token_of(client.get("/sign-in/code").text)
    answer = post(client, "/sign-in/code?next=/cases", code=code_of(app, seed))
    assert (answer.status_code, answer.location) == (302, "/cases")
    assert len({"planted-before-signing-in", half, cookie_of(client)}) == 3
    assert opens(app, cookie_of(client))
    for dead in ("planted-before-signing-in", half):
        assert not opens(app, dead)
        assert not opens(app, dead, "/sign-in/code")
    assert client.post("/sign-out", data={"csrf_token": form_before}).status_code == 400
    told = ("sign-in:planted", "sign-in:dead")
    replayed = select(AuditEntry.object).where(AuditEntry.action.in_(told))
    assert {*session.scalars(select(AuditEntry.action))} >= {*told}
    assert set(session.scalars(replayed)) == {staff_of(session, RUTH).uid.hex()}


def test_a_code_is_taken_once(app: Tracker, work_as: WorkAs, session: Session) -> None:
    """Abuse case 4: the same code twice within its step."""
    seed = given(work_as)
    code = code_of(app, seed)
    assert post(half_in(app, RUTH), "/sign-in/code", code=code).status_code == 302
    again = half_in(app, RUTH)
    answer = post(again, "/sign-in/code", code=code)
    assert answer.status_code == 422
    assert "was used before" in answer.text
    assert not opens(app, cookie_of(again))
    kept = select(AuditEntry).where(AuditEntry.action == "second-step:replayed")
    (entry,) = session.scalars(kept).all()
    assert (entry.actor, entry.outcome) == (staff_of(session, RUTH).uid.hex(), "refused")


def test_a_recovery_code_is_taken_once(app: Tracker, work_as: WorkAs) -> None:
    with work_as(RUTH) as work:
        give_app(work)
        (code, *_) = new_codes(work)
    assert post(half_in(app, RUTH), "/sign-in/recovery", code=code).status_code == 302
    again = half_in(app, RUTH)
    assert post(again, "/sign-in/recovery", code=code).status_code == 422
    assert "You have 9 left" in again.get("/sign-in/recovery").text


def test_after_five_wrong_codes_the_password_is_asked_again(app: Tracker, work_as: WorkAs) -> None:
    seed = given(work_as)
    half = half_in(app, RUTH)
    held = cookie_of(half)
    for _ in range(TRIES - 1):
        assert post(half, "/sign-in/code", code="000000").status_code == 422
    answer = post(half, "/sign-in/code?next=/cases", code="000000")
    assert (answer.status_code, answer.location) == (302, "/sign-in?next=/cases")
    assert "one wrong try too many" in half.get("/sign-in").text
    assert not opens(app, held, "/sign-in/code")
    assert code_of(app, seed)


def test_no_secret_stands_in_an_address_the_trail_or_the_log(
    app: Tracker, client_as: ClientAs, session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    ruth = client_as(RUTH)
    seed, answer = add_app(app, ruth)
    codes = CODE.findall(answer.text)
    assert len(codes) == 10
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    trail = str([vars(one) for one in session.scalars(select(AuditEntry))])
    planted = (seed, *codes, *(one.replace("-", "") for one in codes))
    assert [one for one in planted if one in trail + caplog.text + str(answer.headers)] == []
    assert [one for one in planted if one in ruth.get("/me/second-step").text] == []


def test_somebody_else_is_told_nothing_of_a_second_step(
    app: Tracker, client_as: ClientAs, work_as: WorkAs
) -> None:
    with work_as(RUTH) as work:
        give_everything(work)
    helen = Browser(client_as(HELEN))
    for ask in asks(app, OBJECTS | {"reference": ("NHJ-2222-2",)}):
        if ask.endpoint.startswith("second_steps."):
            assert "phone of Ruth" not in told(helen.send(ask)), ask


FRESH_PAGES = (
    "/me/second-step/app",
    "/me/second-step/passkeys/new",
    "/me/second-step/codes",
    "/me/second-step/app/remove",
)


@pytest.mark.parametrize("page", FRESH_PAGES)
def test_what_changes_a_sign_in_asks_again_after_five_minutes(
    app: Tracker, client_as: ClientAs, work_as: WorkAs, page: str
) -> None:
    ruth = client_as(RUTH)
    with work_as(RUTH) as work:
        give_everything(work)
    assert ruth.get(page).status_code == 200
    later(app, seconds=FRESH_FOR.total_seconds())
    for answer in (ruth.get(page), post(ruth, "/me/second-step", page)):
        assert (answer.status_code, answer.location) == (302, f"/sign-in/code?next={page}")


ABOUT_OTHERS = (
    (PRIYA, "/settings/users/invite", "/settings/users/invite"),
    (PRIYA, "/settings/users/{ruth}/roles", "/settings/users/{ruth}"),
    (PRIYA, "/settings/users/{ruth}/roles/end", "/settings/users/{ruth}"),
    (PRIYA, "/settings/users/{ruth}/agree", "/settings/users/{ruth}"),
    (PRIYA, "/settings/users/{ruth}/suspend", "/settings/users/{ruth}"),
    (PRIYA, "/settings/users/{ruth}/reinstate", "/settings/users/{ruth}"),
    (PRIYA, "/settings/leaving/{ruth}/end", "/settings/leaving/{ruth}"),
    (PRIYA, "/settings/leaving/{ruth}/back", "/settings/leaving/{ruth}"),
    (WILMA, "/audit/export?what=exported", "/audit/export?what=exported"),
    (RUTH, "/me/password", "/me/password"),
    (RUTH, "/me/sign-ins/end-others", "/me/sign-ins"),
    (RUTH, "/me/sign-ins/{mine}/end", "/me/sign-ins"),
)
"""Who may send what, and the page to which they come back."""


def test_what_is_done_to_access_or_taken_out_asks_again_and_does_nothing_before(
    app: Tracker, client_as: ClientAs, session: Session
) -> None:
    known = {email: client_as(email) for email in (PRIYA, WILMA, RUTH)}
    mine = select(SignIn.uid).where(SignIn.staff_uid == staff_of(session, RUTH).uid)
    keys = {"ruth": staff_of(session, RUTH).uid.hex(), "mine": session.scalars(mine).one().hex()}
    later(app, seconds=FRESH_FOR.total_seconds())
    for email, path, page in ABOUT_OTHERS:
        there = path.format(**keys)
        answer = post(known[email], "/me/notifications/preview", there, role="transition_nurse")
        back = f"/sign-in/code?next={page.format(**keys)}"
        assert (answer.status_code, unquote(answer.location)) == (302, back)
        assert ("Nothing was done yet" in known[email].get("/me").text) is (
            not path.endswith(("/invite", "/roles"))
        ), "what is kept as a draft needs no such words"
    session.rollback()
    held = session.scalars(select(StaffMembership.state)).all()
    assert set(held) == {MembershipState.ACTIVE}
    assert set(session.scalars(select(SignIn.ended_at))) == {None}
    where = unquote(post(known[PRIYA], "/me", f"/settings/users/{keys['ruth']}/suspend").location)
    again = known[PRIYA].get(where).location
    page = post(known[PRIYA], again, password=PASSWORD).location
    assert known[PRIYA].get(page).status_code == 200
    assert post(known[PRIYA], page, f"{page}/suspend").location == page
    session.rollback()
    assert MembershipState.SUSPENDED in session.scalars(select(StaffMembership.state)).all()


def test_nothing_that_cares_for_anybody_asks_again(app: Tracker) -> None:
    fresh = {getattr(view, MARK) for view in app.view_functions.values() if hasattr(view, FRESH)}
    own = {Permission.OWN_ACCOUNT, Permission.OWN_SECOND_STEP, AFTER_PASSWORD}
    assert fresh == own | {Permission.MANAGE_ACCOUNTS, Permission.EXPORT_TRAIL}


def test_after_the_second_step_they_are_back_where_they_were_under_a_new_token(
    app: Tracker, client_as: ClientAs, work_as: WorkAs
) -> None:
    ruth = client_as(RUTH)
    seed = given(work_as)
    later(app, seconds=LONG_AGO.total_seconds())
    before = cookie_of(ruth)
    asked = ruth.get("/me/second-step/codes").location
    assert "You are asked again" in ruth.get(asked).text
    answer = post(ruth, asked, code=code_of(app, seed))
    assert answer.location == "/me/second-step/codes"
    assert ruth.get(answer.location).status_code == 200
    assert not opens(app, before)


def test_a_demonstration_asks_for_the_password_of_whoever_has_nothing_else(
    app: Tracker, client_as: ClientAs
) -> None:
    ruth = client_as(RUTH)
    later(app, seconds=LONG_AGO.total_seconds())
    first = ruth.get("/me/second-step/app").location
    second = ruth.get(first).location
    assert second == "/sign-in/again?next=/me/second-step/app"
    assert post(ruth, second, password="guess").status_code == 422  # noqa: S106 - a wrong one
    answer = post(ruth, second, password=PASSWORD)
    assert answer.location == "/me/second-step/app"
    assert ruth.get(answer.location).status_code == 200


def test_what_somebody_wrote_is_kept_while_they_are_asked_again(
    app: Tracker,
    client_as: ClientAs,
    work_as: WorkAs,
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A form on a `fresh` page: here a note, as if writing one asked again."""
    with work_as(RUTH) as work:
        reference = opened_case(work).reference
    view = app.view_functions["beside.new_note"]
    monkeypatch.setattr(view, FRESH, True, raising=False)
    ruth, page = client_as(RUTH), f"/cases/{reference}/notes/new"
    carried = token_of(ruth.get(page).text)
    later(app, seconds=LONG_AGO.total_seconds())
    answer = ruth.post(page, data={"csrf_token": carried, "words": "Brass kettles."})
    assert answer.location == f"/sign-in/code?next={page}"
    assert len(session.scalars(select(Draft)).all()) == 1
    again = ruth.get(answer.location).location
    assert post(ruth, again, password=PASSWORD).location == page
    assert "Brass kettles." in ruth.get(page).text


def test_really_nobody_comes_in_without_a_second_step(
    app: Tracker, session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    with session.begin():
        session.scalars(select(DatabaseStamp)).one().mode = "production"
    half = half_in(app, RUTH)
    answer = half.get("/sign-in/code?next=/today")
    assert answer.location == "/me/second-step/app?next=/today"
    assert "It takes two minutes, once" in half.get(answer.location).text
    _, kept = add_app(app, half)
    assert len(CODE.findall(kept.text)) == 10
    assert half.get("/today").status_code == 200
    assert caplog.text.count("sign-in:begun") == 1


def test_whoever_has_a_say_over_others_adds_a_passkey_before_anything_else(
    app: Tracker, client_as: ClientAs, work_as: WorkAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An app alone lets them in, and leads them there; a demonstration asks nobody."""
    asked = {SAM: "/settings/users", WILMA: "/audit?what=viewed", RUTH: "/today"}
    known = {email: client_as(email) for email in asked}
    for email, page in asked.items():
        assert known[email].get(page).status_code == 200, "a demonstration"
        given(work_as, email)
    monkeypatch.setitem(app.config, "DEMO", False)  # noqa: FBT003 - its own form
    assert known[RUTH].get("/today").status_code == 200
    for email in (SAM, WILMA):
        answer = known[email].get(asked[email])
        where = "/me/second-step/passkeys/new"
        assert (answer.status_code, unquote(answer.location)) == (
            302,
            f"{where}?next={asked[email]}",
        )
        assert "needs one" in known[email].get(where).text
        sent = post(known[email], where, "/me/sign-ins/end-others")
        assert sent.location == where
        assert known[email].get("/me/second-step").status_code == 200
        with work_as(email) as work:
            give_passkey(work)
        assert known[email].get(asked[email]).status_code == 200
        assert "needs one" not in known[email].get(where).text


def test_where_no_passkey_works_nobody_is_locked_out(
    app: Tracker, client_as: ClientAs, work_as: WorkAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    sam = client_as(SAM)
    given(work_as, SAM)
    monkeypatch.setitem(app.config, "DEMO", False)  # noqa: FBT003 - its own form
    there = replace(app.config["POST"], base_url="https://192.0.2.7")
    monkeypatch.setitem(app.config, "POST", there)
    assert sam.get("/settings/users").status_code == 200
    assert post(sam, "/me/second-step", "/sign-out").location == "/sign-in"
