"""Databases in which work is done by processes that are killed."""

import json
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from tests.builders import actor_of
from tests.databases import FIXED, catalogue
from tests.integration.bad_luck.killed import KEPT
from tests.integration.handovers.steps import STEPS
from tests.people import PRIYA
from transition.actions.work import Work, work_of
from transition.records.audit import GOOD, AuditEntry, Occasion, verify
from transition.records.base import Base
from transition.records.cases import Case
from transition.records.handovers import Handover
from transition.records.ledger import ledger_of
from transition.records.outbox import QueuedLetter
from transition.rules.handovers import HandoverState
from transition.rules.ledger import LedgerSpan
from transition.rules.pathway import Stage
from transition.rules.people import Actor
from transition.settings import Settings

CATALOGUE: Final = catalogue()
KEY: Final = "rowans-1"

Rows = dict[str, list[tuple[Any, ...]]]

EVERYTHING: Final = {name: text(f'SELECT * FROM "{name}"') for name in Base.metadata.tables}  # noqa: S608 - names of our own


@dataclass
class Place:
    """A database, and the process that has work done there and killed."""

    session: Session
    settings: Settings
    helper: subprocess.Popen[str]
    reference: str = ""

    def order(self, do: str, **words: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - of an order
        """Have something done, and return what each told who did it, now that they are dead."""
        assert self.helper.stdin is not None
        assert self.helper.stdout is not None
        where = {"home": str(self.settings.home), "url": self.settings.database_url}
        usual = {"at": FIXED.isoformat(), "reference": self.reference}
        self.helper.stdin.write(json.dumps({**where, **usual, "do": do, **words}) + "\n")
        self.helper.stdin.flush()
        answers: list[dict[str, Any]] = json.loads(self.helper.stdout.readline())
        assert not [one for one in answers if "fault" in one], answers
        return answers

    @contextmanager
    def working(self, who: str | Actor, at: datetime | None = None) -> Iterator[Work]:
        """Do a piece of work here; nobody is connected afterwards."""
        actor = who if isinstance(who, Actor) else actor_of(self.session, who, FIXED.date())
        with work_of(self.session, Occasion(actor, at or FIXED, "test"), CATALOGUE) as work:
            yield work
        self.session.rollback()

    def propose(self) -> None:
        """Propose the case to Rowans."""
        with self.working(PRIYA) as work:
            STEPS["propose"](work, self.reference, KEY)

    def rows(self) -> Rows:
        """Return all that is kept, as whoever comes next finds it; nobody else is connected."""
        found = {
            name: sorted((tuple(row) for row in self.session.execute(query)), key=repr)
            for name, query in EVERYTHING.items()
        }
        self.session.rollback()
        return found

    @property
    def log_is_left(self) -> bool:
        """Whether what was written last is found by whoever reads what the dead left behind."""
        path = self.settings.database_file
        return path is None or path.with_name(f"{path.name}-wal").stat().st_size > 0

    def told(self) -> tuple[Counter[str], Counter[str]]:
        """Return what the trail says, and which letters there are, sent or not; it is whole."""
        assert verify(self.session).code == GOOD
        trail = Counter(self.session.scalars(select(AuditEntry.action)))
        letters = Counter(self.session.scalars(select(QueuedLetter.kind)))
        self.session.rollback()
        return trail, letters

    def outbox(self) -> dict[str, bool]:
        """Return every letter by its Message-ID, and whether it is marked as sent."""
        rows = self.session.execute(select(QueuedLetter.message_id, QueuedLetter.sent_at))
        found = {message_id: sent_at is not None for message_id, sent_at in rows}
        self.session.rollback()
        return found

    def stands(self) -> tuple[Stage, HandoverState]:
        """Return where the case and its handover stand."""
        query = select(Case.stage, Handover.state).join(Handover, Handover.case_uid == Case.uid)
        stage, state = self.session.execute(query.where(Case.reference == self.reference)).one()
        self.session.rollback()
        return stage, state

    def spans(self) -> list[LedgerSpan]:
        """Return who leads what of the case, and from when."""
        case_uid = self.session.scalars(select(Case.uid).where(Case.reference == self.reference))
        found = [row.span for row in ledger_of(self.session, case_uid.one())]
        self.session.rollback()
        return found

    def carried(self) -> Counter[str]:
        """Return how often each letter was carried, by its Message-ID."""
        ledger = self.settings.home / "carried"
        return Counter(ledger.read_text("utf-8").split() if ledger.exists() else ())


LEAST: Final = 20
"""How many kills at least must land between the first and the last statement of each write."""


def kill_everywhere(place: Place, do: str, **words: str) -> int:
    """Kill a piece of work at each statement after its first that writes, and then once it is kept.

    Nothing of it may be found after any kill but the last. Returns how many landed before that.
    """
    before, landed = place.rows(), 0
    while True:
        (told,) = place.order(do, until=landed + 1, **words)
        if told["killed"] == KEPT:
            assert place.log_is_left
            return landed
        assert place.rows() == before, (do, told)
        landed += 1


def tell(landed: int) -> None:
    """Tell how many kills landed."""
    print(f"{landed} kills landed between the first and the last statement of a write.")  # noqa: T201 - for who reads the run
