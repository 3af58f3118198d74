"""Runs the timetable: the only module that knows APScheduler.

The scheduler holds nothing: a tick asks the database what is owed, so a worker that was off all
weekend catches up at its first tick. One leader at a time holds the lock, for one tick only.
"""

import fcntl
import logging
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import UTC
from pathlib import Path
from typing import Final

from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from transition.actions.work import Work, work_of
from transition.jobs.timetable import TIMETABLE, Found, Job
from transition.records.audit import Occasion
from transition.records.base import db
from transition.records.emergency import take_in_second
from transition.records.heartbeats import beats_of, keep_beat
from transition.rules.errors import RuleBroken
from transition.rules.heartbeats import Beat, is_news, nightly_owed
from transition.rules.people import THE_TIMETABLE

EVERY: Final = 5
"""Seconds between two ticks."""

PATIENCE: Final = 60
"""Seconds that a command waits for the worker's tick to end."""

LOCK: Final = 7_201_116
"""The number of the leader's lock in PostgreSQL."""

log = logging.getLogger("transition.worker")


def run_due(app: Flask) -> int:
    """Do everything that is owed at this instant, once; return how much that was.

    Raises:
        RuleBroken: another worker held the lock for more than a minute, or a job failed.
    """
    with app.app_context(), _leading(app, patience=PATIENCE) as leads:
        if not leads:
            raise RuleBroken("The worker is busy. Try again in a minute.")
        done, failed = _tick(app)
    if failed:
        raise RuleBroken(f"This could not be done: {', '.join(failed)}. Look at the log.")
    return done


def run_worker(app: Flask) -> None:
    """Tick until asked to stop."""
    stopping: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda received, _: stopping.append(received))
    scheduler = BackgroundScheduler(timezone=UTC)
    scheduler.add_job(
        lambda: _tick_if_leading(app),
        "interval",
        seconds=EVERY,
        misfire_grace_time=None,
        coalesce=True,
        max_instances=1,
    )
    _tick_if_leading(app)
    scheduler.start()
    while not stopping:
        time.sleep(0.2)
    scheduler.shutdown(wait=True)


def _tick_if_leading(app: Flask) -> None:
    """Do what is owed unless another worker does; a fault is tried again at the next tick."""
    try:
        with app.app_context(), _leading(app, patience=0) as leads:
            if leads:
                _tick(app)
    except Exception as fault:  # noqa: BLE001 - the worker outlives whatever one tick meets
        log.error("a tick failed: %s", type(fault).__name__)  # noqa: TRY400 - its text may tell


def _tick(app: Flask) -> tuple[int, list[str]]:
    """Do every job that is owed; return how much was done, and which jobs failed.

    A job that fails keeps no other from its work.
    """
    _take_in_emergencies(app)
    with timetable_work(app) as work:
        beats = beats_of(work.session)
    total, failed = 0, []
    for job in TIMETABLE:
        at, beat = app.config["CLOCK"].now(), beats[job.name]
        if job.name.nightly and not nightly_owed(beat, at):
            continue
        ran, done = _run(app, job)
        total += done
        if is_news(beat, ran.fault, at):
            with timetable_work(app) as work:
                keep_beat(work.session, job.name, replace(ran, ran_at=ran.ran_at or beat.ran_at))
        if ran.ran_at is None:
            failed.append(job.name.value)
    db.session.remove()
    return total, failed


def _take_in_emergencies(app: Flask) -> None:
    """Let the trail take in what was opened while it could not be written, if it can be now."""
    try:
        with timetable_work(app) as work:
            take_in_second(work.session)
    except DBAPIError as fault:
        log.error("the trail is still closed: %s", type(fault).__name__)  # noqa: TRY400 - its text may tell


def _run(app: Flask, job: Job) -> tuple[Beat, int]:
    """Run one job and return how it went, and how much it did."""
    try:
        done = job.do(lambda: timetable_work(app), app.config["POST"])
    except Found as found:
        at = app.config["CLOCK"].now()
        log.error("%s found: %s", job.name, found)  # noqa: TRY400 - where in the code tells nothing
        return Beat(ran_at=at, failed_at=at, fault=str(found)), 0
    except Exception as fault:  # noqa: BLE001 - the other jobs outlive whatever one of them meets
        log.error("%s failed: %s", job.name, type(fault).__name__)  # noqa: TRY400 - its text may tell
        db.session.remove()
        return Beat(failed_at=app.config["CLOCK"].now(), fault=type(fault).__name__), 0
    if done:
        log.info("%s: %s", job.name, done)
    return Beat(ran_at=app.config["CLOCK"].now()), done


def timetable_work(app: Flask) -> AbstractContextManager[Work]:
    """Return a piece of work of the timetable, done now; it needs the application's context."""
    occasion = Occasion(THE_TIMETABLE, app.config["CLOCK"].now(), "worker")
    return work_of(db.session(), occasion, app.config["CATALOGUE"])


@contextmanager
def _leading(app: Flask, *, patience: float) -> Iterator[bool]:
    """Hold the leader's lock while something is done; for the dead it is freed by itself."""
    if db.engine.dialect.name == "postgresql":
        with _leading_on_server(patience) as leads:
            yield leads
    else:
        with _leading_on_file(Path(app.config["LOCK_FILE"]), patience) as leads:
            yield leads


@contextmanager
def _leading_on_file(path: Path, patience: float) -> Iterator[bool]:
    with path.open("w") as gate:
        yield _try_until(patience, lambda: _lock(gate.fileno()))


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _leading_on_server(patience: float) -> Iterator[bool]:
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        take = text("SELECT pg_try_advisory_lock(:number)")
        leads = _try_until(patience, lambda: bool(connection.scalar(take, {"number": LOCK})))
        try:
            yield leads
        finally:
            if leads:
                connection.execute(text("SELECT pg_advisory_unlock(:number)"), {"number": LOCK})


def _try_until(patience: float, attempt: Callable[[], bool]) -> bool:
    waited = 0.0
    while not attempt():
        if waited >= patience:
            return False
        time.sleep(0.2)
        waited += 0.2
    return True
