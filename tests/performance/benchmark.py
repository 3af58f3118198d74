"""What the tracker costs beside what it cannot do without: ratios within one run.

    .venv/bin/python -m tests.performance.benchmark [--rounds N] [--cases N] [--region N]

Each row is timed in processor time, turn about with what it is compared to, and the median over all
rounds is shown. No time is shown and none asserted: it would say more of the machine than of the
tracker. E is a page of an empty Flask application, asked for through the same test client; in the
second table, which is of the size of a region, under the same server. The cases are invented and
lie in a folder that is gone afterwards.
"""

import argparse
import hmac
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import redirect_stderr
from datetime import date
from functools import partial
from math import inf
from pathlib import Path
from time import monotonic, process_time
from typing import Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import opened_case, planned_case, record_done, signed_in, token_of, working
from tests.databases import settings_in
from tests.people import PASSWORD, RUTH
from tests.performance import handing_over, region
from tests.performance.measured import AT_MOST, NO_GOAL, Pair, Row, Timed, apart, got, often
from transition.actions.invariants import lost_cases
from transition.actions.work import Work
from transition.app import Tracker, create_app, prepare
from transition.records.audit import AuditEntry, verify
from transition.records.base import db
from transition.records.cases import open_spans
from transition.records.young_people import YoungPerson
from transition.rules.people import THE_TIMETABLE
from transition.security.fields import CaseCipher
from transition.security.keyring import KeyRing, new_key

SECONDS: Final = 60
"""After so many nothing further is begun, so that the program always ends by itself."""

OPENING, READING = "opening a sealed field", "first read of a row's sealed field"
SEALING, UNWRAPPING = "sealing a field", "unwrapping a key"
VERIFYING, COMPLETING = "verifying an entry of the trail", "completing a milestone"
PAGES: Final = ("page: Today", "page: young people", "page: one case")
SIGNING_IN: Final = "signing in"
NOBODY_LOST: Final = "the nightly proof that nobody is lost, a case"
ROWS: Final = (
    OPENING,
    READING,
    SEALING,
    UNWRAPPING,
    VERIFYING,
    COMPLETING,
    *PAGES,
    SIGNING_IN,
    NOBODY_LOST,
    *handing_over.ROWS,
)

ONE_CLICK: Final = re.compile(r'action="(/cases/[\w-]+/milestones/[\w-]+)/done"')


def measure(app: Tracker, *, rounds: int, times: int, until: float = inf) -> list[Row]:
    """Return a row for each pair; a page is asked for *times* a round.

    One round is done whatever the time, and none is begun after *until*.
    """
    with working(app, RUTH) as work:
        page = f"/cases/{planned_case(work).reference}"
    with app.app_context():
        engine = db.engine
    with Session(engine) as session:
        pairs = [*_fields(session, times * 200), *_trail(session), *_pages(app, page, times)]
        ratios: list[list[float]] = [[] for _ in pairs]
        for round_number in range(rounds):
            if round_number and monotonic() > until:
                break
            for pair, found in zip(pairs, ratios, strict=True):
                found.append(pair.work() / pair.floor())
    return [
        Row(pair.what, pair.beside, tuple(found), (AT_MOST, pair.goal) if pair.goal else NO_GOAL)
        for pair, found in zip(pairs, ratios, strict=True)
    ]


def _fields(session: Session, times: int) -> Iterator[Pair]:
    key, uid, field = new_key(), bytes(16), YoungPerson.given_name.field
    cipher, raw, place = CaseCipher({1: key}, active=1), AESGCM(key), bytes(60)
    token = cipher.seal("Skyler", field, uid, uid)
    plain = field.pad("Skyler")
    box = raw.encrypt(token[4:16], plain, place)
    opened = often(partial(raw.decrypt, token[4:16], box, place), times)
    sealed = often(partial(raw.encrypt, token[4:16], plain, place), times)
    opening = partial(cipher.open, token, field, uid, uid)
    yield Pair(OPENING, "raw AES-GCM", often(opening, times), opened, goal=6)
    person = session.scalars(select(YoungPerson)).first()
    assert person is not None, "There is nobody to read about."

    def read() -> str:
        person.__dict__.pop("_opened_given_name", None)  # or it would be remembered
        return person.given_name

    yield Pair(READING, "raw AES-GCM", often(read, times), opened)
    seal = partial(cipher.seal, "Skyler", field, uid, uid)
    yield Pair(SEALING, "raw AES-GCM", often(seal, times), sealed)
    ring = KeyRing(new_key())
    wrapped = ring.wrap(key, purpose="case", owner_uid=uid, version=1)
    unwrap = partial(ring.unwrap, wrapped, purpose="case", owner_uid=uid, version=1)
    yield Pair(UNWRAPPING, "raw AES-GCM", often(unwrap, times), opened)


def _trail(session: Session) -> Iterator[Pair]:
    key = new_key()
    said = [
        entry.prev + entry.case_prev + entry.canonical()
        for entry in session.scalars(select(AuditEntry))
    ]

    def verified() -> float:
        began = process_time()
        verdict = verify(session)
        spent = process_time() - began
        assert not verdict.code, "The trail does not hold."
        session.rollback()
        return spent / verdict.entries

    def signed() -> float:
        began = process_time()
        for one in said:
            hmac.digest(key, one, "sha256")
        return (process_time() - began) / len(said)

    yield Pair(VERIFYING, "HMAC of its bytes", verified, signed)


def _pages(app: Tracker, case: str, times: int) -> Iterator[Pair]:
    empty = often(partial(got, _empty().test_client(), "/"), times * 4)
    client = signed_in(app, RUTH)
    found = ONE_CLICK.search(got(client, case))
    assert found, "There is nothing to complete."
    step, words = found[1], {"csrf_token": token_of(client.get(case).text)}

    def send(page: str) -> None:
        assert client.post(page, data=words).status_code == 302, page

    def undo() -> str:
        send(f"{step}/reopen")
        return f"{step}/done"

    send(f"{step}/done")
    yield Pair(COMPLETING, "E", apart(undo, send, times), empty)
    for what, page in zip(PAGES, ("/today", "/cases", case), strict=True):
        yield Pair(what, "E", often(partial(got, client, page), times), empty)
    yield Pair(SIGNING_IN, "E", _signing_in(app, times), empty)
    yield Pair(NOBODY_LOST, "E", _proving(app), empty)
    yield from handing_over.pairs(app, times, empty)


def _empty() -> Flask:
    app = Flask("empty")
    app.add_url_rule("/", view_func=lambda: "")
    return app


def _proving(app: Tracker) -> Timed:
    """Time what the night asks of each open case; there is no goal, for nobody waits for it."""

    def proved() -> float:
        with working(app, THE_TIMETABLE) as work:
            many = sum(1 for _ in open_spans(work.session))
            began = process_time()
            assert not lost_cases(work), "Somebody is lost."
            return (process_time() - began) / many

    return proved


def _signing_in(app: Tracker, times: int) -> Timed:
    def ready() -> tuple[FlaskClient, dict[str, str]]:
        client = app.test_client()
        token = token_of(client.get("/sign-in").text)
        return client, {"csrf_token": token, "email": RUTH, "password": PASSWORD}

    def send(asked: tuple[FlaskClient, dict[str, str]]) -> None:
        client, words = asked
        assert client.post("/sign-in", data=words).status_code == 302

    return apart(ready, send, times)


def _open_case(work: Work, number: int) -> None:
    """Open a case that went well so far: what was due is done."""
    case = opened_case(
        work, opened_on=work.today, date_of_birth=date(2009 + number % 4, 1 + number % 12, 15)
    )
    record_done(work, case, {"ID-02", "ID-03", "ID-05"})


def main(arguments: list[str]) -> None:
    """Make the cases, measure, and print the table."""
    parser = argparse.ArgumentParser(prog="benchmark")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--cases", type=int, default=80, help="besides the twenty invented ones")
    parser.add_argument("--region", type=int, default=5000, help="cases of the second table")
    asked = parser.parse_args(arguments)
    until = monotonic() + SECONDS
    with (
        tempfile.TemporaryDirectory() as folder,
        Path(os.devnull).open("w") as nowhere,
        redirect_stderr(nowhere),  # writing the log is part of what is timed; reading it is not
    ):
        settings = settings_in(Path(folder) / "home")
        prepare(settings)
        app = create_app(settings)
        for number in range(asked.cases):
            if monotonic() < until:
                with working(app, RUTH) as work:
                    _open_case(work, number)
        rows = measure(app, rounds=asked.rounds, times=10, until=until)
        with app.app_context():
            db.engine.dispose()
        for row in rows:
            sys.stdout.write(f"{row}\n")
        size = region.Size(many=asked.region, own=min(837, asked.region // 2))
        for row in region.measure(Path(folder) / "region", size, rounds=asked.rounds, times=20):
            sys.stdout.write(f"{row}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
