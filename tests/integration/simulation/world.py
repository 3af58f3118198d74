"""A world in which sixty weeks pass in two minutes: staff, cases, a clock, a moody mail server."""

import re
from asyncio import Transport
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Final, cast

from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import ColumnElement, event, or_, select, update
from sqlalchemy.orm import Session as Reading
from sqlalchemy.orm import joinedload

from tests.builders import engine_of, working
from tests.databases import FIXED, StillClock, opened
from tests.integration.letters.hostile import DROP, Manners, hostile
from tests.people import LOLA
from transition.actions.demonstration_bulk import Wanted, add_cases
from transition.actions.work import Work
from transition.app import Tracker
from transition.home import CONFIG
from transition.jobs import runner
from transition.records.outbox import QueuedLetter
from transition.records.staff import StaffMembership
from transition.rules.people import Actor, MembershipState, Role
from transition.settings import Settings

PRESENT: Final = ("naomi", "rowans", "oakhaven", "collaborative")
"""Whose staff is here, but for the workers and the auditor; that of the others has left."""

WAITS: Final = (
    QueuedLetter.sent_at.is_(None),
    QueuedLetter.cancelled_at.is_(None),
    QueuedLetter.failed_code.is_(None),
)
"""What is so of a letter that waits to be carried."""

REFERENCE: Final = re.compile(r"NHJ-[0-9A-Z]{4}-[0-9A-Z]")

CASELOAD: Final = 60
SEED: Final = 5


class Taken:
    """A letter that the mail server took: when, and what stood in it."""

    def __init__(self, at: datetime, letter: EmailMessage) -> None:
        self.at = at
        self.reader = str(letter["To"])
        self.subject = str(letter["Subject"])
        self.number = str(letter["Message-ID"])
        parts = [part.get_content() for part in letter.walk() if not part.is_multipart()]
        self.words = "\n".join([*parts, *letter.values()])
        self.references = frozenset(REFERENCE.findall(self.words))
        """The cases that it names anywhere."""


@dataclass
class Moods(Manners):
    """A mail server whose manners hang on the hour and the reader, and which is away for days."""

    clock: StillClock = field(default_factory=lambda: StillClock(FIXED))
    down: tuple[tuple[datetime, datetime], ...] = ()
    """From when until when nobody is let in."""
    letters: list[Taken] = field(default_factory=list)
    forgotten: Counter[str] = field(default_factory=Counter)
    """How often it took a letter and broke off before it said so, by Message-ID."""
    moods: Counter[str] = field(default_factory=Counter)
    """How often it misbehaved how."""

    def answer(self, phase: str, reader: str = "") -> str | None:
        """Return what to say in a phase, or None for what is usual."""
        said: str | None = None
        if phase == "CONNECT":
            said = DROP if self._is_down() else self._now_and_then(37, "421 too busy")
        if phase == "RCPT":
            said = self._now_and_then(17, "450 not now", reader)
            said = "550 nobody here" if reader == LOLA else said
        if phase == "TEXT":
            said = self._now_and_then(13, DROP, reader)
            said = said or self._now_and_then(19, "451 come back", reader)
        self.moods[f"{phase} {said}"] += 1
        return said

    def _is_down(self) -> bool:
        return any(first <= self.clock.now() < last for first, last in self.down)

    def _now_and_then(self, every: int, said: str, reader: str = "") -> str | None:
        """Say something in one hour of so many; for each reader it is another hour."""
        hours = int(self.clock.now().timestamp()) // 3600
        return said if (hours + sum(reader.encode())) % every == 0 else None

    async def handle_DATA(  # noqa: N802 - the library's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Take a letter, or not; now and then take it and break off before saying so."""
        said = await super().handle_DATA(server, session, envelope)
        while self.taken:  # the library looks at all that hangs on us, at each connection
            letter = Taken(self.clock.now(), self.taken.pop())
            self.letters.append(letter)
            if self._now_and_then(23, DROP, letter.reader):
                self.forgotten[letter.number] += 1
                assert isinstance(server.transport, Transport)
                server.transport.abort()
        return said


class World:
    """The tracker over its caseload, with the hands of the clock in ours."""

    def __init__(self, app: Tracker, server: Moods) -> None:
        self.app = app
        self.server = server
        self.clock = server.clock

    def do(self, who: str | Actor, when: datetime, what: Callable[[Work], object]) -> None:
        """Let somebody do a piece of work."""
        self.clock.instant = when.astimezone(UTC)
        with working(self.app, who) as work:
            what(work)

    def tick(self, when: datetime) -> None:
        """Let the worker do what it owes."""
        self.clock.instant = when.astimezone(UTC)
        runner.run_due(self.app)

    def rows(self, *which: ColumnElement[bool]) -> list[QueuedLetter]:
        """Return the outbox, or some of it."""
        query = select(QueuedLetter).options(joinedload(QueuedLetter.recipient)).where(*which)
        with Reading(engine_of(self.app)) as session:
            return list(session.scalars(query.order_by(QueuedLetter.queued_at, QueuedLetter.uid)))

    def waiting(self, reference: str) -> list[QueuedLetter]:
        """Return the letters about a case that wait to be carried."""
        return self.rows(*WAITS, QueuedLetter.about.startswith(reference))

    def has_letters(self) -> bool:
        """Return whether any letter waits to be carried."""
        with Reading(engine_of(self.app)) as session:
            return session.scalar(select(QueuedLetter.uid).where(*WAITS).limit(1)) is not None


@contextmanager
def world_of(
    app: Tracker, settings: Settings, *, down: tuple[tuple[datetime, datetime], ...]
) -> Iterator[World]:
    """Make the world, on the fixed day, and run its mail server."""
    engine = engine_of(app)
    event.listen(engine, "connect", hurry)  # nobody pulls the plug in here
    engine.dispose()
    with opened(settings) as session:
        gone = or_(
            ~StaffMembership.organisation.in_(PRESENT),
            StaffMembership.role.in_([Role.ADULT_WORKER, Role.AUDITOR]),
        )
        left = update(StaffMembership).where(gone).values(state=MembershipState.LEFT)
        session.execute(left)
        session.commit()
        wanted = Wanted(CASELOAD, SEED, CONFIG / "demonstration")
        add_cases(session, app.config["CATALOGUE"], wanted, now=FIXED, told=lambda _: None)
    clock = app.config["CLOCK"]
    with hostile(Moods(clock=clock, down=down)) as (server, postman):
        app.config["POST"] = replace(app.config["POST"], postman=postman)
        yield World(app, cast("Moods", server))


def hurry(connection: object, _record: object) -> None:
    connection.execute("PRAGMA synchronous=OFF")  # type: ignore[attr-defined]
