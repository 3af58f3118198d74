"""Whatever a mail server does: nothing is lost, one letter harms no other, no tick is held up."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.browser.running import free_port
from tests.builders import Bag, WorkAs, issue, on_both, post_with, proposed_handover, staff_of
from tests.integration.letters.hostile import DROP, HANG, hostile
from tests.people import HELEN, IDRIS, PRIYA, RUTH
from transition.actions.letter_words import WORDS
from transition.actions.letters import CLAIM, FIRST_PAUSE
from transition.actions.work import Work
from transition.app import Tracker
from transition.mail.postman import TIMEOUT, NoServer, NotCarried, SmtpPostman
from transition.records.outbox import QueuedLetter
from transition.rules.people import Actor

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
SOON = NOW + FIRST_PAUSE


@pytest.fixture
def reference(work_as: WorkAs) -> str:
    """A case with two letters in the outbox: to Helen and to Idris."""
    with work_as(RUTH) as work:
        return proposed_handover(work)[0].reference


def outbox(session: Session) -> dict[str, QueuedLetter]:
    session.rollback()
    return {one.recipient.email: one for one in session.scalars(select(QueuedLetter))}


def failures(session: Session) -> dict[str, str | None]:
    return {email: letter.failed_code for email, letter in outbox(session).items()}


@on_both
@pytest.mark.usefixtures("reference")
def test_a_server_that_takes_them_gets_each_letter_once(app: Tracker, session: Session) -> None:
    with hostile() as (server, postman):
        assert post_with(app, postman) == 2
        assert post_with(app, postman, at=NOW + timedelta(days=1)) == 0
    assert sorted(server.readers) == sorted([HELEN, IDRIS])
    sent = {one.message_id for one in outbox(session).values()}
    assert {one["Message-ID"] for one in server.taken} == sent


@pytest.mark.usefixtures("reference")
@pytest.mark.parametrize("phase", ["RCPT", "TEXT"])
@pytest.mark.parametrize("answer", ["550 nobody here", "554 not this one", "552 full"])
def test_what_is_refused_for_good_is_not_tried_again_and_harms_nobody_else(
    app: Tracker, session: Session, phase: str, answer: str
) -> None:
    with hostile(**{phase: {HELEN: answer}}) as (server, postman):
        assert post_with(app, postman) == 1
        assert post_with(app, postman, at=NOW + timedelta(days=1)) == 0
    assert server.readers == [IDRIS]
    assert failures(session) == {HELEN: answer[:3], IDRIS: None}


@on_both
@pytest.mark.usefixtures("reference")
@pytest.mark.parametrize("phase", ["RCPT", "TEXT"])
def test_what_is_refused_for_now_goes_later_under_the_same_number(
    app: Tracker, session: Session, phase: str
) -> None:
    with hostile(**{phase: {HELEN: "451 come back"}}) as (server, postman):
        assert post_with(app, postman) == 1
        assert server.readers == [IDRIS]
        number = outbox(session)[HELEN].message_id
        server.answers.clear()
        assert post_with(app, postman, at=SOON - timedelta(seconds=1)) == 0
        assert post_with(app, postman, at=SOON) == 1
    assert server.readers == [IDRIS, HELEN]
    assert server.taken[1]["Message-ID"] == number


@pytest.mark.usefixtures("reference")
def test_a_connection_that_breaks_inside_a_letter_is_that_letters_trouble_alone(
    app: Tracker, session: Session
) -> None:
    with hostile(TEXT={HELEN: DROP}) as (server, postman):
        assert post_with(app, postman) == 1
        assert server.readers == [IDRIS]
        assert outbox(session)[HELEN].not_before == SOON
        server.answers.clear()
        assert post_with(app, postman, at=SOON) == 1
    assert failures(session) == {HELEN: None, IDRIS: None}


@on_both
@pytest.mark.usefixtures("reference")
@pytest.mark.parametrize(
    "manners",
    [
        {"CONNECT": HANG},
        {"CONNECT": DROP},
        {"CONNECT": "421 too busy"},
        {"CONNECT": "554 not for you"},
        {"MAIL": HANG},
        {"MAIL": "550 not for you"},
        {"RCPT": "421 closing"},
        {"RCPT": "530 who are you"},
        {"TEXT": HANG},
    ],
    ids=lambda manners: "-".join(next(iter(manners.items()))),
)
def test_a_server_that_cannot_be_used_is_asked_once_and_every_letter_waits(
    app: Tracker, session: Session, manners: dict[str, str]
) -> None:
    with hostile(**manners) as (server, postman):
        issue(app, at=NOW)
        assert post_with(app, postman) == 0
        assert server.connections == 1, "one dead server costs one wait, not one a letter"
        session.rollback()
        rows = session.scalars(select(QueuedLetter)).all()
        assert {(row.failed_code, row.claimed_until, row.not_before) for row in rows} == {
            (None, None, SOON)
        }
        assert sorted({row.tries for row in rows}) == [0, 1]
        server.answers.clear()
        patient = replace(postman, timeout=TIMEOUT)
        assert post_with(app, patient, at=SOON) == 2 + 27
    assert len(server.taken) == len({one["Message-ID"] for one in server.taken}) == 2 + 27


@pytest.mark.usefixtures("reference")
def test_a_port_where_nobody_listens_is_asked_once(app: Tracker, session: Session) -> None:
    assert post_with(app, SmtpPostman("127.0.0.1", free_port(), tls="none")) == 0
    assert sorted(row.tries for row in outbox(session).values()) == [0, 1]


@pytest.mark.usefixtures("reference")
@pytest.mark.parametrize("answer", [HANG, DROP, "500 what?"])
def test_what_a_server_took_is_sent_even_if_it_says_no_goodbye(
    app: Tracker, session: Session, answer: str
) -> None:
    with hostile(QUIT=answer) as (server, postman):
        assert post_with(app, postman) == 2
    assert len(server.taken) == 2
    assert {one.sent_at for one in outbox(session).values()} == {NOW}


@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_a_server_that_is_not_who_it_should_be_is_told_nothing(
    app: Tracker, work_as: WorkAs, tls: str
) -> None:
    with work_as(RUTH) as work:
        proposed_handover(work)
    with hostile() as (server, postman):
        wary = SmtpPostman("127.0.0.1", postman.port, tls=tls)  # type: ignore[arg-type]
        assert post_with(app, wary) == 0
    assert server.taken == []


def test_a_wrong_password_is_no_letters_fault(app: Tracker, work_as: WorkAs) -> None:
    with work_as(RUTH) as work:
        proposed_handover(work)
    with hostile() as (server, postman):
        stranger = SmtpPostman("127.0.0.1", postman.port, user="me", password="x", tls="none")  # noqa: S106
        assert post_with(app, stranger) == 0
        assert post_with(app, postman, at=SOON) == 2
    assert len(server.taken) == 2


@pytest.mark.parametrize(
    "address", ["", "nobody", "a@b\r\nBcc: spy@x.example", "<", "a@b, c@d", "a b@c", "a@[", '"']
)
def test_an_address_that_is_none_fails_alone(
    app: Tracker, reference: str, work_as: WorkAs, session: Session, address: str
) -> None:
    assert reference
    with work_as(PRIYA) as work:
        staff_of(work.session, HELEN).email = address
    with hostile() as (server, postman):
        assert post_with(app, postman) == 1
    assert server.readers == [IDRIS]
    assert failures(session) == {address: "address", IDRIS: None}


def test_an_address_that_the_server_cannot_write_fails_alone(
    app: Tracker, reference: str, work_as: WorkAs, session: Session
) -> None:
    assert reference
    with work_as(PRIYA) as work:
        staff_of(work.session, HELEN).email = "hélène@rowans.example"
    with hostile() as (server, postman):
        assert post_with(app, postman) == 1
    assert server.readers == [IDRIS]
    assert failures(session) == {"hélène@rowans.example": "address", IDRIS: None}


@on_both
@pytest.mark.usefixtures("reference")
def test_a_letter_that_cannot_be_written_keeps_no_other(
    app: Tracker, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(work: Work, queued: QueuedLetter, actor: Actor) -> dict[str, Any] | None:
        if queued.recipient.email == HELEN:
            raise ZeroDivisionError
        return usual(work, queued, actor)

    usual = WORDS["handover_proposed"]
    monkeypatch.setitem(cast("dict[str, Any]", WORDS), "handover_proposed", stumble)
    bag = Bag()
    assert post_with(app, bag) == 1
    assert bag.readers == [IDRIS]
    monkeypatch.undo()
    assert post_with(app, bag, at=SOON) == 1
    assert outbox(session)[HELEN].tries == 2


@on_both
@pytest.mark.usefixtures("reference")
def test_after_days_of_trying_the_pause_is_still_an_hour(app: Tracker, session: Session) -> None:
    with Session(session.get_bind()) as writing:
        for letter in writing.scalars(select(QueuedLetter)):
            letter.tries = 2000
        writing.commit()
    assert post_with(app, Bag(NotCarried("451", for_good=False))) == 0
    assert {one.not_before for one in outbox(session).values()} == {NOW + timedelta(hours=1)}


@on_both
@pytest.mark.usefixtures("reference")
def test_what_was_cancelled_after_it_was_claimed_does_not_go(
    app: Tracker, session: Session
) -> None:
    class Slow(Bag):
        """Carries the first letter while somebody cancels the rest."""

        def carry(self, message: object) -> None:
            super().carry(message)  # type: ignore[arg-type]
            with Session(session.get_bind()) as other:
                for letter in other.scalars(select(QueuedLetter)):
                    letter.cancelled_at = NOW
                other.commit()

    slow = Slow()
    assert post_with(app, slow) == 1
    states = [(one.sent_at, one.cancelled_at) for one in outbox(session).values()]
    assert sorted(states, key=str) == sorted([(NOW, None), (None, NOW)], key=str)


@on_both
@pytest.mark.usefixtures("reference")
def test_a_claim_that_ran_out_is_left_to_whoever_claims_next(
    app: Tracker, session: Session
) -> None:
    class Sluggish(Bag):
        """Takes so long over the first letter that the claim on the others runs out."""

        def carry(self, message: object) -> None:
            super().carry(message)  # type: ignore[arg-type]
            app.config["CLOCK"].instant += CLAIM

    slow = Sluggish()
    assert post_with(app, slow) == 1
    assert post_with(app, slow) == 0, "the claim ends after this instant"
    app.config["CLOCK"].instant += timedelta(seconds=1)
    assert post_with(app, slow) == 1
    assert sorted(slow.readers) == sorted([HELEN, IDRIS])
    assert {one.sent_at is not None for one in outbox(session).values()} == {True}


def test_who_cannot_be_reached_is_told_apart_from_who_refused() -> None:
    assert issubclass(NoServer, NotCarried)
    assert NoServer("421").for_good is False
