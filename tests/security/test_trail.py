"""What somebody saw or did stands in the trail once; and what cannot be told is shown to nobody."""

from html import unescape

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from tests.builders import post, proposed_handover, reply, staff_of, token_of
from tests.people import HELEN, JO, MINA, PETER, RUTH
from tests.security.sweep import Ask, Browser, ClientAs, WorkAs, asks
from transition.actions.handovers import found_handover
from transition.actions.replies import reply_to_handover
from transition.app import Tracker
from transition.records.audit import GOOD, AuditEntry, verify

NAMES = ("Sky Demo-Test", "Skyler", "I want my own say.", "Spinal muscular atrophy")
"""What stands on a page that shows the young person of these tests."""

WHAT_IT_TELLS = {
    "cases.index": "cases:listed",
    "upcoming.index": "upcoming:listed",
    "cases.find": "cases:searched",
    "handovers.index": "handovers:listed",
    "handovers.show": "handover:read",
    "handovers.reply": "handover:read",
    "handovers.received": "handover:read",
    "handovers.follow": "handover:read",
    "home.today": "today:viewed",
}
"""The entry of each page that shows a young person; of all others it is that of their case."""


def entries(session: Session, after: int = 0) -> list[AuditEntry]:
    """Return the entries of the trail after a number."""
    session.rollback()
    query = select(AuditEntry).where(AuditEntry.seq > after).order_by(AuditEntry.seq)
    return list(session.scalars(query))


def last(session: Session) -> int:
    session.rollback()
    return session.scalar(select(func.max(AuditEntry.seq))) or 0


def objects_of(reference: str) -> dict[str, tuple[str, ...]]:
    codes = ("PR-11", "PL-01", "HO-02", "MV-07")
    named = {"reference": (reference,), "code": codes, "key": ("rowans-1",), "name": ("x",)}
    record = {"section": ("what-matters", "health"), "entry": ("no-such",), "whose": ("family",)}
    record |= {"part": ("health",), "token": ("no-such",)}
    return named | record | {"form": (f"cases/{reference}/stage",), "number": ("1",)}


def shared_case(work_as: WorkAs) -> str:
    """Propose a case to Rowans and return its reference."""
    with work_as(RUTH) as work:
        case, _ = proposed_handover(work)
        return case.reference


@pytest.mark.parametrize("email", [RUTH, HELEN])
def test_a_page_that_shows_somebody_leaves_one_entry(
    app: Tracker, client_as: ClientAs, work_as: WorkAs, session: Session, email: str
) -> None:
    reference = shared_case(work_as)
    browser = Browser(client_as(email))
    actor = staff_of(session, email).uid.hex()
    shown: set[str] = set()

    for ask in asks(app, objects_of(reference)):
        before = last(session)
        answer = browser.send(ask)
        if any(name in unescape(answer.text) for name in NAMES):
            shown.add(ask.endpoint)
            told = [(one.action, one.actor, one.outcome) for one in entries(session, before)]
            assert told == [(WHAT_IT_TELLS.get(ask.endpoint, "case:viewed"), actor, "done")], ask
            (entry,) = entries(session, before)
            assert reference in f"{entry.case_ref} {entry.object}", ask
    assert {"cases.index", "home.today", "handovers.index", "handovers.show"} <= shown


def test_asking_for_the_head_of_a_page_is_told_like_the_page(
    client_as: ClientAs, work_as: WorkAs, session: Session
) -> None:
    reference = shared_case(work_as)
    ruth = client_as(RUTH)
    before = last(session)

    ruth.head(f"/cases/{reference}")

    assert [one.action for one in entries(session, before)] == ["case:viewed"]


@pytest.mark.parametrize("email", [PETER, MINA])
def test_what_was_refused_leaves_its_entry_too(
    client_as: ClientAs, work_as: WorkAs, session: Session, email: str
) -> None:
    reference = shared_case(work_as)
    client = client_as(email)
    before = last(session)

    client.get(f"/cases/{reference}")
    client.get(f"/cases/{reference}/handovers/rowans-1")

    told = [(one.action, one.case_ref, one.outcome) for one in entries(session, before)]
    assert told == [("case:refused", reference, "refused")] * 2


def test_no_odd_word_of_an_address_gets_into_the_trail(
    client_as: ClientAs, session: Session
) -> None:
    ruth = client_as(RUTH)
    before = last(session)

    ruth.get("/cases/Quillon Zarabeth")
    ruth.get("/cases/NHJ-7K2M-4/handovers/Quillon")

    told = [vars(one) for one in entries(session, before)]
    assert len(told) == 2
    assert "Quillon" not in str(told)


def test_what_somebody_has_begun_to_write_is_told_when_it_is_shown(
    client_as: ClientAs, session: Session
) -> None:
    ruth = client_as(RUTH)
    before = last(session)
    ruth.get("/cases/new/person")
    assert entries(session, before) == [], "nothing was written yet"

    post(
        ruth,
        "/cases/new/person",
        given_name="Quillon",
        family_name="Zarabeth",
        nhs_number_missing_reason="awaiting_trace",
        **{"date_of_birth-day": "9", "date_of_birth-month": "7", "date_of_birth-year": "2009"},
    )
    begun = last(session)
    assert "Quillon" in ruth.get("/cases/new/person").text
    assert ruth.get("/cases/new/about").status_code == 200

    assert [one.action for one in entries(session, before) if one.seq <= begun] == ["draft:begun"]
    assert [one.action for one in entries(session, begun)] == ["draft:viewed"] * 2


def test_a_page_without_anybody_on_it_leaves_none(client_as: ClientAs, session: Session) -> None:
    ruth = client_as(RUTH)
    before = last(session)

    for path in ("/health", "/demo/mailbox", "/nothing", "/", "/sign-in", "/cases/new"):
        ruth.get(path)

    assert entries(session, before) == []


@pytest.mark.parametrize("email", [RUTH, HELEN, JO])
def test_looking_at_the_next_digest_is_told(
    client_as: ClientAs, session: Session, email: str
) -> None:
    client = client_as(email)
    before = last(session)

    client.get("/me/notifications/preview")

    assert [one.action for one in entries(session, before)] == ["digest:previewed"]


def test_the_trail_of_all_that_is_whole(
    app: Tracker, client_as: ClientAs, work_as: WorkAs, session: Session
) -> None:
    reference = shared_case(work_as)
    for email in (RUTH, HELEN, PETER):
        browser = Browser(client_as(email))
        for ask in asks(app, objects_of(reference)):
            browser.send(ask)

    session.rollback()
    verdict = verify(session)

    assert (verdict.code, verdict.entries) == (GOOD, last(session))


def fail(*_: object, **__: object) -> None:
    raise OperationalError("INSERT INTO audit_entry", {}, Exception("disk I/O error"))


@pytest.mark.parametrize("email", [RUTH, HELEN])
def test_where_the_trail_cannot_be_written_nobody_is_shown(
    app: Tracker,
    client_as: ClientAs,
    work_as: WorkAs,
    monkeypatch: pytest.MonkeyPatch,
    email: str,
) -> None:
    reference = shared_case(work_as)
    browser = Browser(client_as(email))
    shows = [ask for ask in asks(app, objects_of(reference)) if shows_somebody(browser, ask)]
    shows = [ask for ask in shows if ask.endpoint != "emergency.show"]  # it has a second file
    assert len(shows) >= 5
    monkeypatch.setattr("transition.actions.work.append", fail)

    for ask in shows:
        answer = browser.send(ask)
        assert answer.status_code in {500, 503}, ask
        assert not any(name in unescape(answer.text) for name in NAMES), ask
        assert "sign_in" not in answer.headers.get("Set-Cookie", ""), ask
        assert "no-store" in answer.headers["Cache-Control"], ask


def shows_somebody(browser: Browser, ask: Ask) -> bool:
    words = unescape(browser.send(ask).text)
    return any(name in words for name in NAMES)


@pytest.mark.parametrize("what", ["locked", "gone", "full"])
def test_so_it_is_with_a_database_that_takes_no_entry(
    client_as: ClientAs, work_as: WorkAs, session: Session, what: str
) -> None:
    reference = shared_case(work_as)
    ruth = client_as(RUTH)
    assert ruth.get(f"/cases/{reference}").status_code == 200
    session.rollback()
    session.execute(text(SPOILS[what]))
    session.commit()

    for path in (f"/cases/{reference}", "/today", "/cases", "/me/notifications/preview"):
        answer = ruth.get(path)
        assert answer.status_code in {500, 503}, path
        assert not any(name in unescape(answer.text) for name in NAMES), path

    assert ruth.get("/health").status_code == 200


SPOILS = {
    "locked": (
        "CREATE TRIGGER locked BEFORE INSERT ON audit_entry "
        "BEGIN SELECT RAISE(ABORT, 'no entry'); END"
    ),
    "gone": "ALTER TABLE audit_entry RENAME TO elsewhere",
    "full": (
        "CREATE TRIGGER full BEFORE UPDATE ON audit_head "
        "BEGIN SELECT RAISE(FAIL, 'database or disk is full'); END"
    ),
}


def test_an_act_whose_entry_cannot_be_written_does_not_happen(
    client_as: ClientAs, work_as: WorkAs, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference = shared_case(work_as)
    ruth = client_as(RUTH)
    path = f"/cases/{reference}/milestones/ID-04/done"
    token = token_of(ruth.get(f"/cases/{reference}").text)
    before = last(session)

    with monkeypatch.context() as patch:
        patch.setattr("transition.actions.work.append", fail)
        refused = ruth.post(path, data={"csrf_token": token})

    assert refused.status_code == 503
    assert last(session) == before
    done = ruth.post(path, data={"csrf_token": token})
    assert done.status_code == 302, "it was still to be done"
    assert [one.action for one in entries(session, before)] == ["milestone:recorded"]


def test_an_act_leaves_one_entry_and_what_follows_from_it(
    work_as: WorkAs, session: Session
) -> None:
    reference = shared_case(work_as)
    before = last(session)

    with work_as(HELEN) as work:
        _, handover = found_handover(work, reference, "rowans-1")
        reply_to_handover(work, reference, "rowans-1", reply(handover))

    told = [one.action for one in entries(session, before)]
    assert told.count("handover:accepted") == 1
    assert set(told) == {"handover:accepted", "milestone:recorded", "letter:queued"}
