"""What a list costs where there are as many cases as in a region: ratios within one run.

E is an empty page under the same server: one process with four threads, its processor time told by
itself. Nothing here is a time; the one bare number, eight microseconds for each visible case, is
part of a goal.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from time import process_time
from typing import Final

from aiosmtpd.controller import Controller
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.browser.running import Letters, free_port
from tests.builders import engine_of, working
from tests.databases import make, opened, settings_in
from tests.people import PRIYA
from tests.performance import plain
from tests.performance.measured import AT_LEAST, AT_MOST, Row
from tests.performance.served import Served, serving
from transition.actions.demonstration_bulk import Wanted, add_cases
from transition.actions.digests import WEEKLY_DIGEST, issue_digests
from transition.actions.letter_words import digest_words
from transition.actions.letters import Post, post_letters
from transition.app import Tracker, create_app
from transition.home import CONFIG
from transition.mail.letters import compose_letter
from transition.mail.postman import SmtpPostman
from transition.records.cases import Case
from transition.records.change_numbers import mark_changed, move_numbers
from transition.rules.people import THE_TIMETABLE

MICROSECONDS: Final = 8e-6
"""What a search may take for each visible case, besides six times E."""

HEAVY, LARGE = 40_000, 100
"""Bytes of a page, and MiB of a worker, that are not to be passed."""

LETTERS: Final = 20
"""How many letters the price of one is taken from."""

ELSEWHERE: Final = "elsewhere"
ONE_CLICK: Final = re.compile(r'action="(/cases/[\w-]+/milestones/[\w-]+)/done"')
REFERENCE: Final = re.compile(r'href="(/cases/[A-Z]{3}-[\w-]+)">')

LISTED, FOUND = "young people", "finding by part of a name"
ROWS: Final = (
    f"{LISTED}, few of many",
    f"{LISTED}, as many as own",
    "an ordinary page of the same",
    FOUND,
    f"{LISTED}, after a change",
    f"{FOUND}, after a change",
    "Today, of a lead",
    "completing a milestone",
    "a digest, carried",
    "weight of the page",
    "memory of the worker",
)


@dataclass(frozen=True)
class Size:
    """How many cases there are, how many of them one hospice has, and how many a small place."""

    many: int = 5000
    own: int = 837
    small: int = 100
    few: int = 80


@dataclass(frozen=True)
class Bench:
    """What is measured: servers over both databases, an ordinary one, and an empty one."""

    size: Size
    large: "Place"
    small: "Place"
    ordinary: Served
    empty: Served
    times: int

    @property
    def e(self) -> float:
        """What an empty page costs just now."""
        return self.empty.cost(lambda: self.empty.get("/"), self.times * 4)


class Place:
    """A tracker that is served, with its database, as a lead of the children's hospice sees it."""

    def __init__(self, home: Path, served: Served) -> None:
        self.home = home
        self.served = served
        self.token = served.sign_in(PRIYA)

    def change(self) -> None:
        """Let whatever is kept of the cases count as out of date."""
        with opened(settings_in(self.home)) as session:
            _changed(session)

    def find(self) -> str:
        """Look for part of a name that few have."""
        return self.served.post("/cases/find", csrf_token=self.token, words="obri")


def show(home: Path, count: int) -> None:
    """Let just so many running cases be the hospice's, and the others somebody else's."""
    with opened(settings_in(home)) as session:
        running = select(Case.uid).where(Case.ending.is_(None)).order_by(Case.uid).limit(count)
        uids = session.scalars(running).all()
        session.execute(update(Case).values(organisation=ELSEWHERE))
        session.execute(update(Case).where(Case.uid.in_(uids)).values(organisation="naomi"))
        _changed(session)


def _changed(session: Session) -> None:
    own = select(Case.uid).where(Case.organisation == "naomi").limit(1)
    mark_changed(session, session.scalars(own))
    move_numbers(session)
    session.commit()


def measure(folder: Path, size: Size, *, rounds: int, times: int) -> Iterator[Row]:
    """Yield a row for each goal that speaks of many cases; a page is asked for *times* a round."""
    homes = [_made(folder / "large", size.many), _made(folder / "small", size.small)]
    for home in homes:
        show(home, size.few)
    plain.fill(folder, people=size.many, own=size.own)
    with ExitStack() as stack:
        large, small = (
            Place(home, stack.enter_context(serving("tracker", home))) for home in homes
        )
        ordinary = stack.enter_context(serving("plain", folder))
        empty = stack.enter_context(serving("empty", folder))
        bench = Bench(size, large, small, ordinary, empty, times)
        yield from _rows(bench, rounds)


def _made(home: Path, cases: int) -> Path:
    make(home, cases=False)
    settings = settings_in(home)
    app = create_app(settings)
    with Session(engine_of(app)) as session:
        wanted = Wanted(cases, 1, CONFIG / "demonstration")
        now = settings.clock.now()
        add_cases(session, app.config["CATALOGUE"], wanted, now=now, told=lambda _: None)
    engine_of(app).dispose()
    return home


def _rows(bench: Bench, rounds: int) -> Iterator[Row]:
    large, size = bench.large, bench.size

    def often(ask: Callable[[Bench], float]) -> tuple[float, ...]:
        return tuple(ask(bench) for _ in range(rounds))

    few = f"{size.few} of {size.small}"
    yield Row(ROWS[0], few, often(_few_of_many), (AT_MOST, 1.2))
    show(large.home, size.own)
    yield Row(ROWS[1], "E", often(_listed), (AT_MOST, 15))
    yield Row(ROWS[2], f"our {LISTED}", often(_ordinary), (AT_LEAST, 50))
    yield Row(ROWS[3], "8 µs a case and 6 E", often(_found), (AT_MOST, 1))
    yield Row(ROWS[4], "E", often(_listed_anew))
    yield Row(ROWS[5], "E", often(_found_anew))
    yield Row(ROWS[6], "E", often(_today))
    yield Row(ROWS[7], "E", often(_completed), (AT_MOST, 8))
    yield Row(ROWS[8], "compose and send", _digests(large.home, rounds), (AT_MOST, 3))
    weight = len(large.served.get("/cases").encode()) / HEAVY
    yield Row(ROWS[9], "40 kB", (weight,), (AT_MOST, 1))
    yield Row(ROWS[10], "100 MiB", (large.served.memory() / LARGE,), (AT_MOST, 1))


def _few_of_many(bench: Bench) -> float:
    return _list(bench.large, bench.times) / _list(bench.small, bench.times)


def _list(place: Place, times: int) -> float:
    place.served.get("/cases")
    return place.served.cost(lambda: place.served.get("/cases"), times)


def _listed(bench: Bench) -> float:
    return _list(bench.large, bench.times) / bench.e


def _ordinary(bench: Bench) -> float:
    page = bench.ordinary.cost(lambda: bench.ordinary.get("/people"), 1)
    return page / _list(bench.large, bench.times)


def _found(bench: Bench) -> float:
    bench.large.find()
    goal = bench.size.own * MICROSECONDS + 6 * bench.e
    return bench.large.served.cost(bench.large.find, bench.times) / goal


def _listed_anew(bench: Bench) -> float:
    bench.large.change()
    return bench.large.served.cost(lambda: bench.large.served.get("/cases"), 1) / bench.e


def _found_anew(bench: Bench) -> float:
    bench.large.change()
    return bench.large.served.cost(bench.large.find, 1) / bench.e


def _today(bench: Bench) -> float:
    served = bench.large.served
    served.get("/today")
    return served.cost(lambda: served.get("/today"), 3) / bench.e


def _completed(bench: Bench) -> float:
    """Complete a milestone again and again; what puts it back on the list is not counted."""
    served, token = bench.large.served, bench.large.token
    step = _one_click(served)
    spent = 0.0
    for _ in range(bench.times):
        spent += served.cost(lambda: served.post(f"{step}/done", csrf_token=token), 1)
        served.post(f"{step}/reopen", csrf_token=token)
        served.get("/cases/find")  # where what was said about it is shown, and forgotten
    return spent / bench.times / bench.e


def _one_click(served: Served) -> str:
    for page in REFERENCE.findall(served.get("/cases")):
        step = ONE_CLICK.search(served.get(page))
        if step:
            return step[1]
    raise LookupError("There is nothing to complete.")


def _digests(home: Path, rounds: int) -> tuple[float, ...]:
    """Issue and carry everybody's digest, a week later each time, beside the mere letters."""
    app = create_app(settings_in(home))
    with _sink() as post_through:
        post = replace(app.config["POST"], postman=post_through)
        found = []
        for week in range(1, rounds + 1):
            at = app.config["CLOCK"].now() + timedelta(weeks=week, days=1)  # no Tuesday is too soon
            begin = partial(working, app, THE_TIMETABLE, at)
            before = process_time()
            with begin() as work:
                letters = issue_digests(work)
            while post_letters(begin, post):
                pass
            found.append((process_time() - before) / letters / _letter(app, post, at))
    engine_of(app).dispose()
    return tuple(found)


def _letter(app: Tracker, post: Post, at: datetime) -> float:
    """Return what it takes to compose and send one digest, when all that it says is known."""
    with working(app, PRIYA, at) as work:
        words = digest_words(work, work.actor)
    frame = {"name": "Priya", "base_url": post.base_url}
    before = process_time()
    for number in range(LETTERS):
        letter = compose_letter(
            post.templates,
            WEEKLY_DIGEST,
            frame | dict(words),
            to=PRIYA,
            message_id=f"<{number}@transition.invalid>",
        )
        post.postman.carry(letter.as_message(sender=post.sender, at=at))
    return (process_time() - before) / LETTERS


@contextmanager
def _sink() -> Iterator[SmtpPostman]:
    """Run a mail server that takes everything, and yield a postman who carries to it."""
    server = Controller(Letters(), hostname="127.0.0.1", port=free_port())
    server.start()
    try:
        yield SmtpPostman(host="127.0.0.1", port=server.port, tls="none")
    finally:
        server.stop()
