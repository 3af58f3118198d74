"""Does pieces of work in processes that are killed: read an order a line, answer with a line.

It is started once, and forks a process for each order from what it has loaded by then.
"""

import gc
import json
import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from email.message import EmailMessage
from functools import cache
from pathlib import Path
from typing import Final, NoReturn

from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from tests.builders import actor_of
from tests.databases import FIXED, catalogue, opened, settings_in
from tests.integration.handovers.steps import STEPS, Take
from transition.actions.digests import issue_digests
from transition.actions.letters import Post, post_letters
from transition.actions.milestones import Recorded, record_outcome
from transition.actions.transfers import sign_transfer, switch_transfer
from transition.actions.work import Work, work_of
from transition.app import Tracker, create_app
from transition.clock import local_day
from transition.home import TEMPLATES
from transition.jobs.runner import run_due
from transition.mail.letters import SENDER
from transition.records.audit import Occasion
from transition.records.emergency import SecondTrail, attach_second_trail, take_in_second
from transition.rules.errors import RuleBroken
from transition.rules.milestones import Confirmed, OutcomeKind
from transition.rules.people import THE_TIMETABLE
from transition.settings import Settings

CATALOGUE: Final = catalogue()
WRITES: Final = ("INSERT", "UPDATE", "DELETE")
KEPT: Final = "(kept)"
"""What is reached when a commit has come back: from here on somebody may be told of it."""


class TakenBack(Exception):
    """A rehearsal ends where it would have been kept."""


Tell = Callable[..., None]
"""Tells something to the one who gave the order, from within the process that is killed."""


def _record(work: Work, reference: str, code: str) -> object:
    done = Recorded(kind=OutcomeKind.DONE, done_on=work.today, confirmed=Confirmed.YES)
    return record_outcome(work, reference, code, done)


WORK: Final[Mapping[str, Take]] = {
    **STEPS,
    "milestone": _record,
    "sign": lambda work, case, _: sign_transfer(work, case),
    "switch": lambda work, case, _: switch_transfer(work, case),
    "digests": lambda work, *_: issue_digests(work),
    "take in": lambda work, *_: take_in_second(work.session),
}
"""What is written in one transaction."""


@dataclass(frozen=True)
class Order:
    """What is to be done, where, by whom, when, and before which statement it is cut short."""

    home: str
    url: str
    do: str
    at: str
    who: str = ""
    reference: str = ""
    about: str = ""
    until: int = 0
    """Before which statement after its first that writes it is killed; 0 is after its end."""
    at_once: int = 1
    """How many processes do the same at the same time."""

    @property
    def now(self) -> datetime:
        """When it is done."""
        return datetime.fromisoformat(self.at)

    @property
    def engine(self) -> Engine:
        """The engine of the database; it holds no connection while nothing is done."""
        return engine_at(self.home, self.url)

    @contextmanager
    def working(self) -> Iterator[Work]:
        """Do a piece of work as somebody, or else as the timetable."""
        with Session(self.engine) as session:
            actor = THE_TIMETABLE
            if self.who:
                actor = actor_of(session, self.who, local_day(self.now))
            with work_of(session, Occasion(actor, self.now, "test"), CATALOGUE) as work:
                yield work

    def take(self) -> object:
        """Do it, and return what came of it."""
        if self.do == "letters":
            return post_letters(self.working, post_to(self.home))
        if self.do == "worker":
            return run_due(app_at(self.home, self.url, self.at))
        with self.working() as work:
            return WORK[self.do](work, self.reference, self.about)


@dataclass(frozen=True)
class Ledger:
    """A postman who writes down which letters he carried."""

    path: Path

    def carry(self, message: EmailMessage) -> None:
        """Write down one letter."""
        with self.path.open("a", encoding="utf-8") as carried:
            carried.write(f"{message['Message-ID']}\n")


def post_to(home: str) -> Post:
    """Return what carrying letters needs here."""
    ledger = Ledger(Path(home) / "carried")
    return Post(postman=ledger, templates=TEMPLATES, base_url="http://localhost", sender=SENDER)


def settings_at(home: str, url: str, at: datetime = FIXED) -> Settings:
    """Return how the tracker runs there."""
    return replace(settings_in(Path(home), now=at), database_url=url)


@cache
def engine_at(home: str, url: str) -> Engine:
    """Return an engine that keeps no connection, so that processes can part from this one."""
    with opened(settings_at(home, url)) as session:
        engine = session.get_bind().engine
        attach_second_trail(engine, SecondTrail(Path(home) / "emergency.trail"))
        return engine


@cache
def app_at(home: str, url: str, at: str) -> Tracker:
    """Return the application there, with the postman who writes down."""
    app = create_app(settings_at(home, url, datetime.fromisoformat(at)))
    app.config["POST"] = post_to(home)
    return app


def rehearse(order: Order) -> None:
    """Do a piece of work and take it back: what this process learns by it, those to come know."""

    def take_back(_: object) -> NoReturn:
        raise TakenBack

    event.listen(order.engine, "commit", take_back)
    with suppress(TakenBack):
        order.take()
    event.remove(order.engine, "commit", take_back)


def watch(engine: Engine, reach: Callable[[str], None]) -> None:
    """Call *reach* before each statement of this process, and before and after each commit."""
    event.listen(engine, "before_cursor_execute", lambda *told: reach(str(told[2])))
    event.listen(engine, "commit", lambda _: reach("COMMIT"))
    event.listen(Session, "after_commit", lambda _: reach(KEPT))


def die(order: Order, tell: Tell) -> None:
    """Do what is ordered, tell what came of it, and be killed, at once or on the way."""
    has_written, reached = False, 0

    def reach(statement: str) -> None:
        nonlocal has_written, reached
        reached += has_written
        if has_written and reached == order.until:
            tell(killed=statement.split(maxsplit=1)[0])
            os.kill(os.getpid(), signal.SIGKILL)
        has_written = has_written or statement.startswith(WRITES)

    try:
        watch(order.engine, reach)
        tell(done=order.take())
    except RuleBroken as refusal:
        tell(refused=str(refusal))
    except BaseException as fault:  # noqa: BLE001 - whatever it is, the test reads of it
        tell(fault=repr(fault))
    finally:
        os.kill(os.getpid(), signal.SIGKILL)


def do_and_die(order: Order) -> list[dict[str, object]]:
    """Let processes do what is ordered, and return what each told once all of them are dead."""
    hears, tells = os.pipe()
    waits, opens = os.pipe()

    def tell(**words: object) -> None:
        os.write(tells, f"{json.dumps(words, default=repr)}\n".encode())

    dead = []
    for _ in range(order.at_once):
        child = os.fork()
        if not child:
            os.close(opens)
            os.read(waits, 1)  # the start: it ends when the last who could open it has closed it
            die(order, tell)
        dead.append(child)
    for end in (opens, tells, waits):
        os.close(end)
    with os.fdopen(hears) as told:
        answers = [json.loads(line) for line in told]
    for child in dead:
        os.waitpid(child, 0)
    return answers


def main() -> None:
    """Do what is ordered, a line at a time, until nothing more comes."""
    gc.disable()  # collecting would touch, and so copy, all that a new process shares with this one
    for line in sys.stdin:
        order = Order(**json.loads(line))
        if order.do == "worker":
            app_at(order.home, order.url, order.at)  # once, before the processes part
        if order.until == 1:
            rehearse(order)
        print(json.dumps(do_and_die(order)), flush=True)  # noqa: T201 - that is the answer


if __name__ == "__main__":
    main()
