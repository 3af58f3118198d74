"""One sweep over every route: who asks, what for, and what they may find."""

import gc
import logging
import secrets
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import product
from typing import Final, NamedTuple

from flask.testing import FlaskClient
from sqlalchemy import event, select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from tests.builders import Bag, engine_of, post_with, staff_of, token_of
from tests.people import HELEN, MINA, PETER, PRIYA, RUTH
from tests.readers import Reader, Standing, Told, entitled
from tests.security.states import OAKHAVENS_WORDS, PLANTED, Place, planted_in
from tests.security.sweep import told
from transition.app import Tracker
from transition.records.cases import Case
from transition.records.contacts import Contact
from transition.records.entries import entries_of
from transition.records.handovers import handovers_of
from transition.records.outbox import QueuedLetter
from transition.records.sign_ins import SignIn, digest_of_token, new_token
from transition.records.staff import Denial, Staff, StaffMembership
from transition.rules.access import CaseAccess, Permission
from transition.rules.people import CLINICAL_ROLES, Role
from transition.rules.references import new_reference
from transition.web.guard import MARK

OWN: Final = {
    RUTH: Reader("naomi", (Role.TRANSITION_NURSE,)),
    PRIYA: Reader("naomi", (Role.CHILDRENS_LEAD,)),
    HELEN: Reader("rowans", (Role.ADULT_LEAD,)),
    MINA: Reader("rowans", (Role.ADULT_WORKER,), named=True),
    PETER: Reader("oakhaven", (Role.ADULT_LEAD,)),
}
"""Whoever has a part in the case, and asks for all of it."""

FITTING: Final = {
    "naomi": (Role.TRANSITION_NURSE, Role.CHILDRENS_LEAD, Role.AUDITOR),
    "rowans": (Role.ADULT_LEAD, Role.ADULT_WORKER, Role.AUDITOR),
    "oakhaven": (Role.ADULT_LEAD, Role.ADULT_WORKER, Role.AUDITOR),
    # Never asked; and its nurses stand for those of a children's hospice elsewhere.
    "stmichaels": (*sorted(CLINICAL_ROLES), Role.AUDITOR),
    "collaborative": (Role.COORDINATOR, Role.ADMIN),
}
"""Who works where."""


def everybody() -> Iterator[Reader]:
    """Yield everybody in each role of each organisation, allowed and denied, in each standing."""
    yield from OWN.values()
    for organisation, roles in FITTING.items():
        for role, denied in product(roles, (False, True)):
            one = Reader(organisation, (role,), denied=denied)
            if one not in OWN.values():
                yield one
        if organisation != "stmichaels":
            lapsed = [one for one in Standing if one is not Standing.ACTIVE]
            yield from (Reader(organisation, (role,), how) for role in roles for how in lapsed)
    yield Reader("naomi", (Role.TRANSITION_NURSE, Role.ADULT_LEAD))
    yield Reader("rowans", (Role.CHILDRENS_LEAD, Role.ADULT_WORKER))


class Ask(NamedTuple):
    """One way to ask for one page."""

    method: str
    rule: Rule
    filled: Mapping[str, str]
    path: str

    @property
    def of_case(self) -> bool:
        """Whether it is a page of the case."""
        return "reference" in self.rule.arguments

    @property
    def name(self) -> str:
        """What it is called: the way, the view, and what its address names besides the case."""
        named = [self.filled[one] for one in sorted(self.filled) if one in NAMING]
        return " ".join([self.method, ":".join([self.rule.endpoint, *named])])


MOVED_ON: Final = frozenset({"->"})
"""Found where an address leads on to the one page that there is."""

NAMING: Final = ("code", "key", "section", "whose")
"""Parameters whose value decides what stands on a page."""


class CannotFill(Exception):
    """An address has a parameter that nothing fills."""


def filling(app: Tracker, reference: str) -> dict[str, Sequence[str]]:
    """Return what each parameter of an address of a case is filled with: real objects of it."""
    with Session(engine_of(app)) as session:
        case = session.scalars(select(Case).where(Case.reference == reference)).one()
        return {
            "reference": (reference,),
            "key": [one.key for one in handovers_of(session, case.uid)] or ["rowans-1"],
            "entry": [one.uid.hex() for one in entries_of(session, case.uid, Contact)][:1]
            or ["no-such"],
            "code": ("PL-01", "X-01"),
            "services code": ("dental",),
            "early_notices key": ("rowans",),
            "section": ("what-matters", "gp", "contacts"),
            "whose": ("family", "young-person"),
            "part": ("health",),
            "number": ("1",),
            "form": (f"cases/{reference}/stage",),
        }


def of_nobody(app: Tracker) -> dict[str, Sequence[str]]:
    """Return what a parameter is filled with where an address is none of a case."""
    with Session(engine_of(app)) as session:
        ruth = staff_of(session, RUTH).uid.hex()
    return {
        "key": (ruth,),
        "entry": (ruth,),
        "name": ("letter",),
        "token": ("no-such",),
        "form": ("cases/new/person",),
    }


def fill(
    rule: Rule, objects: Mapping[str, Sequence[str]], turn: int | None = None
) -> Iterator[dict[str, str]]:
    """Yield what an address is filled with: everything with everything, or one each by turns.

    Raises:
        CannotFill: nothing is known for one of its parameters.
    """
    names, kind = sorted(rule.arguments), rule.endpoint.partition(".")[0]
    given = [objects.get(f"{kind} {name}", objects.get(name, ())) for name in names]
    for name, values in zip(names, given, strict=True):
        if not values:
            raise CannotFill(
                f"Nothing fills <{name}> of {rule.rule}. Say in filling() of "
                "tests/security/sweeping.py which object of the case stands for it, and make one "
                "in tests/security/states.py if there is none."
            )
    if turn is not None:
        given = [values[turn % len(values) : turn % len(values) + 1] for values in given]
    for each in product(*given):
        yield dict(zip(names, each, strict=True))


class Sender(NamedTuple):
    """A reader and the browser in which they have signed in; it keeps nothing that it is given."""

    reader: Reader
    uid: str
    client: FlaskClient
    cookie: str
    token: str

    def send(self, method: str, path: str) -> TestResponse:
        """Ask; what is posted carries the token of a form and nothing else."""
        words = {"csrf_token": self.token} if method == "POST" else None
        return self.client.open(path, method=method, data=words, headers={"Cookie": self.cookie})


def hire(app: Tracker, reference: str) -> list[Sender]:
    """Sign everybody in, those who may not at a time when they might still; return them."""
    clock, form = app.config["CLOCK"].now(), app.test_client()
    token = token_of(form.get("/sign-in").text)
    cookie = form.get_cookie("form")
    assert cookie is not None
    found = []
    with Session(engine_of(app)) as session:
        case = session.scalars(select(Case).where(Case.reference == reference)).one()
        known = {reader: staff_of(session, email) for email, reader in OWN.items()}
        for number, reader in enumerate(everybody()):
            staff = known.get(reader) or _hired(session, reader, number, clock.date())
            if reader.denied:
                by = known[OWN[RUTH]].uid
                gone = {"case_uid": case.uid, "denied_by_uid": by, "denied_at": clock}
                session.add(Denial(staff_uid=staff.uid, **gone))
            mine = new_token()
            seen = dict.fromkeys(("began_at", "last_seen_at", "fresh_at"), clock)
            session.add(SignIn(token_digest=digest_of_token(mine), staff_uid=staff.uid, **seen))
            cookies = f"form={cookie.value}; sign_in={mine}"
            client = app.test_client(use_cookies=False)
            found.append(Sender(reader, staff.uid.hex(), client, cookies, token))
        session.commit()
    return found


def _hired(session: Session, reader: Reader, number: int, today: date) -> Staff:
    """Keep a colleague whom only the sweep knows."""
    staff = Staff(
        name=f"Colleague {number}",
        email=f"colleague{number}@{reader.organisation}.example",
        password_hash=None,
        created_at=session.scalars(select(Staff.created_at)).first(),
        memberships=[
            StaffMembership(
                organisation=one.organisation,
                role=one.role,
                state=one.state,
                from_on=one.from_on,
                until_on=one.until_on,
            )
            for one in reader.memberships(today)
        ],
    )
    session.add(staff)
    session.flush()
    return staff


MAY_FIND: Final[Mapping[tuple[CaseAccess, str], frozenset[str]]] = {
    (CaseAccess.FULL, "naomi"): frozenset(PLANTED),
    (CaseAccess.SHARED, "rowans"): frozenset({"person", "asked", "both", "since"}),
    (CaseAccess.PACK, "rowans"): frozenset({"person", "asked"}),
    (CaseAccess.PACK, "oakhaven"): frozenset({"person"}) | OAKHAVENS_WORDS,
    (CaseAccess.STUB, "rowans"): frozenset({"asked"}),
    (CaseAccess.STUB, "oakhaven"): OAKHAVENS_WORDS,
}
"""What a reader can find anywhere at most. Source: ruling 24."""

TELLS_REFERENCES: Final = {"trail.index", "trail.export"}
"""Where a lead reads which references their people asked for in vain, and an auditor all."""

QUEUED: Final = f"SELECT count(*) FROM {QueuedLetter.__tablename__}"  # noqa: S608 - ours

LAST: Final = "SELECT max(seq) FROM audit_entry"
TOLD: Final = "SELECT * FROM audit_entry WHERE case_ref = ? AND seq > ? AND outcome <> 'refused'"

ENTRIES: Final = {"audit_entry", "audit_head"}
"""The tables that every asking may add to."""

BY_TURNS: Final = 4
"""Who is turned away before the case is looked at asks for each page in one state of so many. In
one of so many is only the head of a page asked for too, which has no words; and in one of so many
the same of a case that is not there."""


class Part(NamedTuple):
    """What the table tells of somebody who sees something of the case."""

    access: CaseAccess
    organisation: str
    named: bool


Cell = Part | str
OUT: Final = "is out"
LACKS: Final = "lacks the permission"
ELSEWHERE: Final = "lacks the permission, and has a part in the case"
NOTHING: Final = "sees nothing"


class Sweep:
    """Everybody asks for everything of one case; whom the table tells apart asks for himself."""

    def __init__(self, place: Place, turn: int) -> None:
        self.place, self.turn, self.app = place, turn, place.app
        self.asked = self.letters = 0
        self.found: dict[Reader, dict[str, frozenset[str]]] = defaultdict(dict)
        """What those with a part found, by the name of what they asked for."""
        self.live = sqlite3.connect(place.home / "tracker.sqlite3")
        self.first, self.saved = sqlite3.connect(":memory:"), sqlite3.connect(":memory:")
        self.live.backup(self.first)
        self.senders = hire(place.app, place.reference)
        self.live.backup(self.saved)
        self.told = told_of(place.app, place.reference)
        self.objects = filling(place.app, place.reference)
        self.absent = new_reference("NHJ", secrets.randbelow)
        self.own = of_nobody(place.app)
        self.addresses = self.app.url_map.bind("localhost")
        self.statements = 0

    def mark_of(self, rule: Rule) -> object:
        """Return what a page asks for."""
        return getattr(self.app.view_functions[rule.endpoint], MARK)

    def cells(self, mark: object) -> dict[Cell, list[Sender]]:
        """Return who asks for a page, by what the table of permissions can tell of them."""
        cells = defaultdict(list)
        for one in self.senders:
            cells[self.cell_of(one.reader, mark)].append(one)
        return cells

    def cell_of(self, reader: Reader, mark: object) -> Cell:
        """Return what the table can tell of one who asks for a page."""
        if reader.standing is not Standing.ACTIVE:
            return OUT
        level = entitled(reader, self.told)
        if isinstance(mark, Permission) and not reader.may(mark):
            return LACKS if level is CaseAccess.NOTHING else ELSEWHERE
        if level is CaseAccess.NOTHING:
            return NOTHING
        return Part(level, reader.organisation, reader.named)

    def run(self) -> None:
        """Let everybody ask, and see to it that nobody finds what is not theirs."""
        engine = engine_of(self.app)
        engine.dispose()
        event.listen(engine, "before_cursor_execute", self._count)
        event.listen(engine, "connect", _hasten)
        gc.disable()
        logging.disable(logging.INFO)  # what is told of each asking is read by nobody here
        try:
            self._run()
        finally:
            logging.disable(logging.NOTSET)
            gc.enable()
            event.remove(engine, "before_cursor_execute", self._count)
            event.remove(engine, "connect", _hasten)
            self.restore(self.first)
            for one in (self.live, self.first, self.saved):
                one.close()

    def _count(self, *_: object) -> None:
        self.statements += 1

    def _run(self) -> None:
        rules = [one for one in self.app.url_map.iter_rules() if one.endpoint != "static"]
        numbered = list(enumerate(rules, start=self.turn))
        for number, rule in numbered:
            if "reference" in rule.arguments:
                self.refuse(number, rule)
        self.nothing_happened()
        for number, rule in numbered:
            if "reference" not in rule.arguments:
                self.refuse(number, rule)
        for number, rule in numbered:
            self.allow(number, rule)

    def nothing_happened(self) -> None:
        """See to it that whoever was refused has changed nothing, and is told of as refused."""
        assert self.rows() == self.rows(self.saved)
        (last,) = self.saved.execute(LAST).fetchone()
        assert not self.live.execute(TOLD, (self.place.reference, last)).fetchall()

    def allow(self, number: int, rule: Rule) -> None:
        """Let everybody ask for a page who has a part in the case."""
        for cell, senders in self.cells(self.mark_of(rule)).items():
            if isinstance(cell, Part):
                self.all_of(rule, number, senders[0], cell)

    def refuse(self, number: int, rule: Rule) -> None:
        """Let everybody ask for a page who has no part in the case; they take turns."""
        for cell, senders in self.cells(self.mark_of(rule)).items():
            if isinstance(cell, Part):
                continue
            if number % {NOTHING: 1, ELSEWHERE: 2}.get(cell, BY_TURNS) == 0:
                one = senders[number // BY_TURNS % len(senders)]
                self.once_of(rule, number, one, cell)

    def all_of(self, rule: Rule, turn: int, one: Sender, cell: Part) -> None:
        """Let who has a part ask for all that a page shows, and once for what it does."""
        for ask in self.asks(rule, turn):
            self.allowed(one, ask, cell)

    def once_of(self, rule: Rule, turn: int, one: Sender, cell: Cell) -> None:
        """Let who has none ask for a page once in each way."""
        for ask in self.asks(rule, turn, each_once=True):
            self.refused(one, ask, cell, twin=turn % BY_TURNS == 1)

    def asks(self, rule: Rule, turn: int, *, each_once: bool = False) -> Iterator[Ask]:
        """Yield every way to ask for a page: what is shown, with each of its objects."""
        of_case = "reference" in rule.arguments
        objects = self.objects if of_case else self.own
        for method in sorted(rule.methods or ()):
            if method == "HEAD" and (not each_once or turn % BY_TURNS != 2):
                continue
            once = each_once or method != "GET"
            for filled in fill(rule, objects, turn if once else None):
                path = self.addresses.build(rule.endpoint, filled, method=None)
                yield Ask(method, rule, filled, path)

    def counted(self, one: Sender, method: str, path: str) -> tuple[TestResponse, int]:
        """Ask, and return the answer with how many statements it took."""
        self.asked += 1
        before = self.statements
        answer = one.send(method, path)
        assert answer.status_code < 500, (self.place.state, one.reader, method, path)
        return answer, self.statements - before

    def refused(self, one: Sender, ask: Ask, cell: Cell, *, twin: bool) -> None:
        """Let somebody ask who sees nothing of the case."""
        who = (self.place.state, one.reader, ask)
        answer, first = self.counted(one, ask.method, ask.path)
        words = told(answer)
        assert not planted_in(words), (who, planted_in(words))
        says = self.place.reference in words and ask.rule.endpoint not in TELLS_REFERENCES
        assert not says or cell == OUT, who  # who must sign in again is led back to where they were
        guarded = isinstance(self.mark_of(ask.rule), Permission)
        if cell == OUT:
            assert not guarded or answer.location.startswith("/sign-in"), who
        elif cell in (LACKS, ELSEWHERE):
            assert answer.status_code == 404, who
        elif ask.of_case:
            assert answer.status_code == 404, who
            if twin:
                absent = ask.path.replace(self.place.reference, self.absent)
                nothing, second = self.counted(one, ask.method, absent)
                assert answer.data == nothing.data, who
                assert dict(answer.headers) == dict(nothing.headers), who
                assert first == second, who
        if not ask.of_case and ask.method == "POST" and answer.status_code < 400:
            self.restore()

    def allowed(self, one: Sender, ask: Ask, cell: Part) -> None:
        """Let somebody ask who has a part in the case, and keep what they found."""
        answer, _ = self.counted(one, ask.method, ask.path)
        planted = planted_in(told(answer))
        assert planted <= MAY_FIND[cell[:2]], (self.place.state, one.reader, ask, planted)
        if cell.access is CaseAccess.STUB and ask.of_case and ask.method == "POST":
            assert answer.status_code in {404, 409}, (self.place.state, one.reader, ask)
        if ask.of_case and answer.status_code != 404:
            moved = MOVED_ON if answer.status_code == 302 else frozenset()
            self.found[one.reader][ask.name] = planted | moved
        elif planted:
            self.found[one.reader][ask.name] = planted
        if ask.method == "POST" and answer.status_code < 400:
            self.look_into_letters(ask)
            self.restore()

    def look_into_letters(self, ask: Ask) -> None:
        """See to it that no letter that was queued by what somebody did says a word of them."""
        queued = [one.execute(QUEUED).fetchone() for one in (self.live, self.saved)]
        if queued[0] == queued[1]:
            return
        bag = Bag()
        post_with(self.app, bag, at=self.app.config["CLOCK"].now() + timedelta(days=3))
        self.letters += len(bag.letters)
        for letter in bag.letters:
            parts = [one.get_content() for one in letter.walk() if not one.is_multipart()]
            assert not planted_in(f"{letter.items()} {parts}"), (self.place.state, ask)

    def restore(self, to: sqlite3.Connection | None = None) -> None:
        """Let the database be as it was before somebody did something."""
        (to or self.saved).backup(self.live)
        self.app.extensions["vault"].kept.forget()

    def rows(self, where: sqlite3.Connection | None = None) -> dict[str, object]:
        """Return every row of every table that asking alone does not add to."""
        seen = where or self.live
        names = seen.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        return {
            name: seen.execute(f'SELECT * FROM "{name}"').fetchall()  # noqa: S608 - our tables
            for (name,) in names
            if name not in ENTRIES
        }


def _hasten(connection: sqlite3.Connection, _: object) -> None:
    connection.execute("PRAGMA synchronous = OFF")  # what is thrown away need not survive


def told_of(app: Tracker, reference: str) -> Told:
    """Return what is told of a case."""
    with Session(engine_of(app)) as session:
        case = session.scalars(select(Case).where(Case.reference == reference)).one()
        handovers = tuple((one.receiver, one.state) for one in handovers_of(session, case.uid))
        anew = case.ending is None and case.transferred_on is None
        return Told(case.organisation, handovers, anew=anew)
