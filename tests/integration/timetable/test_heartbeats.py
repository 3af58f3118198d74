"""What the timetable leaves behind: heartbeats, what the night found, and who is told of it."""

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import ClientAs, WorkAs, engine_of, on_both, opened_case
from tests.people import ANNA, HELEN, PRIYA, RUTH, SAM, WILMA
from transition.actions.digests import digest_of
from transition.actions.letters import Begin, Post, preview_digest
from transition.actions.work import Work
from transition.app import Tracker
from transition.jobs import runner
from transition.jobs.runner import run_due
from transition.jobs.timetable import TIMETABLE, Job, checking
from transition.mail.postman import NotCarried
from transition.records.audit import AuditHead
from transition.records.heartbeats import Heartbeat, beats_of, last_ran_at
from transition.records.ledger import LedgerRow, ledger_of
from transition.records.outbox import QueuedLetter
from transition.rules.errors import RuleBroken
from transition.rules.heartbeats import Beat, JobName
from transition.rules.ledger import Position
from transition.rules.stages import Ending

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def beats(session: Session) -> dict[JobName, Beat]:
    session.rollback()
    return beats_of(session)


def breaking(name: JobName, fault: Exception) -> tuple[Job, ...]:
    """Return the timetable in which one job fails."""

    def fail(_begin: Begin, _post: Post) -> int:
        raise fault

    return tuple(replace(job, do=fail) if job.name is name else job for job in TIMETABLE)


def run_at(app: Tracker, at: datetime) -> int:
    app.config["CLOCK"].instant = at
    return run_due(app)


def test_the_timetable_names_every_job_once() -> None:
    assert sorted(job.name for job in TIMETABLE) == sorted(JobName)
    assert TIMETABLE[-1].name is JobName.LETTERS, "what was queued goes in the same tick"


@on_both
def test_every_job_leaves_a_heartbeat_kept_once_a_minute(app: Tracker, session: Session) -> None:
    assert last_ran_at(session) is None
    run_due(app)
    assert set(beats(session).values()) == {Beat(NOW)}
    run_at(app, NOW + timedelta(seconds=59))
    assert set(beats(session).values()) == {Beat(NOW)}
    run_at(app, NOW + timedelta(seconds=60))
    session.rollback()
    assert last_ran_at(session) == NOW + timedelta(seconds=60)
    assert beats(session)[JobName.TRAIL] == Beat(NOW), "not before two in the morning"
    run_at(app, NOW + timedelta(hours=17))
    assert beats(session)[JobName.TRAIL].ran_at == NOW + timedelta(hours=17)


@on_both
def test_a_job_that_fails_keeps_no_other_from_its_work_and_is_tried_again(
    app: Tracker, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "TIMETABLE", breaking(JobName.DIGESTS, KeyError("Sky")))
    with pytest.raises(RuleBroken, match="This could not be done: digests"):
        run_due(app)
    kept = beats(session)
    assert kept[JobName.DIGESTS] == Beat(None, NOW, "KeyError")
    assert {beat for job, beat in kept.items() if job is not JobName.DIGESTS} == {Beat(NOW)}
    assert last_ran_at(session) is None
    monkeypatch.undo()
    later = NOW + timedelta(seconds=5)
    assert run_at(app, later) > 0
    assert beats(session)[JobName.DIGESTS] == Beat(later)


def test_a_job_that_fails_after_it_ran_keeps_when_it_ran(
    app: Tracker,
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    run_due(app)
    monkeypatch.setattr(runner, "TIMETABLE", breaking(JobName.NUDGES, ValueError("Demo-Test")))
    later = NOW + timedelta(minutes=5)
    with pytest.raises(RuleBroken):
        run_at(app, later)
    assert beats(session)[JobName.NUDGES] == Beat(NOW, later, "ValueError")
    assert "nudges failed: ValueError" in caplog.text
    assert "Demo-Test" not in caplog.text


@pytest.fixture
def unled(work_as: WorkAs) -> str:
    """A case in which nobody leads one function from New Year on, and one in which all is well."""
    with work_as(RUTH) as work:
        opened_case(work, nhs_number=None)
        case = opened_case(work)
        row = ledger_of(work.session, case.uid)[0]
        row.to_on = datetime(2027, 1, 1, tzinfo=UTC).date()
        return case.reference


@on_both
def test_a_gap_in_who_leads_is_found_at_night_and_told_to_the_leads(
    app: Tracker, session: Session, unled: str, work_as: WorkAs
) -> None:
    run_due(app)
    assert beats(session)[JobName.LEDGER] == Beat(NOW, NOW, unled)
    told = {}
    for email in (PRIYA, RUTH, ANNA, HELEN, SAM):
        with work_as(email) as work:
            told[email] = [line.reference for line in digest_of(work, work.actor).unled]
    assert told == {PRIYA: [unled], RUTH: [], ANNA: [], HELEN: [], SAM: []}
    letter = preview_digest(session, app.config["CATALOGUE"], app.config["POST"], PRIYA, at=NOW)
    assert f"WHO LEADS (1)\n  {unled}  who leads is not clear on some days" in letter.text
    assert unled in letter.html


def test_two_who_lead_the_same_are_found_too_and_an_ended_case_is_not(
    app: Tracker, session: Session, unled: str, work_as: WorkAs
) -> None:
    with work_as(RUTH) as work:
        case = work.case(unled).case
        row = ledger_of(work.session, case.uid)[0]
        double = {name: getattr(row, name) for name in ("function", "from_on", "set_by_uid")}
        row.to_on = None
        work.keep(
            LedgerRow(
                case_uid=case.uid,
                service="rowans",
                position=Position.LEAD,
                to_on=row.from_on + timedelta(days=900),
                set_at=work.now,
                **double,
            )
        )
    run_due(app)
    assert beats(session)[JobName.LEDGER].fault == unled
    with work_as(RUTH) as work:
        case = work.case(unled).case
        case.ending, case.ended_at = Ending.MOVED_AWAY, work.now
    run_at(app, NOW + timedelta(days=1))
    assert beats(session)[JobName.LEDGER].fault is None


@on_both
def test_a_trail_that_was_tampered_with_is_told_to_the_administrator(
    app: Tracker, session: Session, unled: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert unled
    with Session(engine_of(app)) as other:
        head = other.scalars(select(AuditHead)).one()
        missing = head.seq + 1
        head.seq += 5
        other.commit()
    run_due(app)
    found = f"4 {missing}"
    assert beats(session)[JobName.TRAIL] == Beat(NOW, NOW, found)
    assert f"trail found: {found}" in caplog.text
    letter = preview_digest(session, app.config["CATALOGUE"], app.config["POST"], SAM, at=NOW)
    assert letter.subject.startswith("Transition digest: ")
    assert f"Checking the trail: {found}" in letter.text


def test_the_checks_of_the_night_hold_up_no_writer(
    app: Tracker, monkeypatch: pytest.MonkeyPatch, work_as: WorkAs
) -> None:
    written = []

    def check(_work: Work) -> list[str]:
        with work_as(RUTH) as writer:
            written.append(opened_case(writer).reference)
        return []

    monkeypatch.setattr(runner, "TIMETABLE", (Job(JobName.LEDGER, checking(check)),))
    run_due(app)
    assert len(written) == 1


def test_an_administrator_is_told_what_failed_in_counts_and_when_jobs_ran(
    app: Tracker, session: Session, work_as: WorkAs
) -> None:
    run_due(app)
    with work_as(SAM) as work:
        content = digest_of(work, work.actor)
    assert content.all_clear
    assert "Carrying the letters that wait: 23 November 2026 at 9:00am" in content.runs
    with Session(engine_of(app)) as other:
        letters = other.scalars(select(QueuedLetter).order_by(QueuedLetter.uid)).all()
        for queued, code in zip(letters[:2], ("550", "address"), strict=True):
            queued.sent_at, queued.failed_code = None, code
        letters[2].sent_at = None
        other.commit()
    with work_as(SAM, NOW + timedelta(minutes=59)) as work:
        assert digest_of(work, work.actor).faults == ("Letters could not be delivered: 2",)
    with work_as(SAM, NOW + timedelta(hours=1)) as work:
        content = digest_of(work, work.actor)
    assert content.faults == (
        "Letters could not be delivered: 2",
        "Letters waiting for more than an hour: 1",
    )
    with work_as(SAM, NOW + timedelta(days=8)) as work:
        assert digest_of(work, work.actor).faults == ("Letters waiting for more than an hour: 1",)
    letter = preview_digest(
        session, app.config["CATALOGUE"], app.config["POST"], SAM, at=NOW + timedelta(hours=1)
    )
    assert letter.subject == "Transition digest: 2 faults to look at"
    assert "LAST RUN" in letter.text
    assert "@" not in letter.text, "counts only: no address"


def test_nobody_else_is_told_of_faults(app: Tracker, work_as: WorkAs) -> None:
    run_due(app)
    for email in (RUTH, PRIYA, HELEN, WILMA):
        with work_as(email) as work:
            content = digest_of(work, work.actor)
        assert (content.faults, content.runs) == ((), ())


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (None, "Prompts have not run yet."),
        (0, "Prompts last ran at 9:00am."),
        (14, "Prompts last ran at 9:00am."),
        (15, "Prompts have not run since 23 November 2026 at 9:00am."),
    ],
)
def test_the_page_says_when_prompts_last_ran(
    app: Tracker, client_as: ClientAs, minutes: int | None, words: str
) -> None:
    if minutes is not None:
        run_due(app)
        app.config["CLOCK"].instant += timedelta(minutes=minutes)
    page = client_as(RUTH).get("/today").text
    assert words in page
    assert ("Please tell the collaborative" in page) is words.startswith("Prompts have")


def test_strangers_learn_whether_the_database_answers_and_no_more(
    app: Tracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = app.test_client()
    assert (client.get("/health").status_code, client.get("/health").text) == (200, "ok\n")
    engine_of(app).dispose()
    monkeypatch.setattr("sqlite3.dbapi2.connect", _gone)
    answer = client.get("/health")
    assert (answer.status_code, answer.text) == (503, "not ready\n")
    assert answer.headers["Retry-After"] == "60"


def _gone(*_words: object, **_more: object) -> None:
    raise sqlite3.OperationalError("unable to open database file")


def test_a_letter_that_fails_is_counted_and_named_nowhere(app: Tracker, session: Session) -> None:
    class Refusing:
        """Refuses every letter for good."""

        def carry(self, _message: object) -> None:
            raise NotCarried("550", for_good=True)

    app.config["POST"] = replace(app.config["POST"], postman=Refusing())
    run_due(app)
    letter = preview_digest(session, app.config["CATALOGUE"], app.config["POST"], SAM, at=NOW)
    assert "Letters could not be delivered: 27" in letter.text
    assert session.scalars(select(Heartbeat.fault).where(Heartbeat.job == "letters")).one() is None
