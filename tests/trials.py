"""Trying things on one connection, one after another, each taken back before the next."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import Connection, func, select, text, union_all
from sqlalchemy.orm import Session

from tests.builders import actor_of
from tests.databases import FIXED, catalogue, opened
from tests.people import GRACE, HELEN, JO, MINA, PETER, PRIYA, ROSA, RUTH, SAM, WILMA
from transition.actions.work import Work, work_of
from transition.records.audit import Occasion
from transition.records.base import Base
from transition.records.columns import new_uid
from transition.rules.people import Actor, Role
from transition.settings import Settings

CATALOGUE: Final = catalogue()

HOSPICES: Final = ("naomi", "rowans", "oakhaven")
KNOWN: Final = {
    ("naomi", Role.TRANSITION_NURSE): RUTH,
    ("naomi", Role.CHILDRENS_LEAD): PRIYA,
    ("naomi", Role.AUDITOR): WILMA,
    ("rowans", Role.ADULT_LEAD): HELEN,
    ("oakhaven", Role.ADULT_LEAD): PETER,
    ("oakhaven", Role.ADULT_WORKER): ROSA,
    ("collaborative", Role.COORDINATOR): JO,
    ("collaborative", Role.ADMIN): SAM,
}
"""Who there is; every other role in a hospice is held by a stranger."""


def everybody(session: Session) -> dict[str, Actor]:
    """Return one holder of each role in each organisation, Mina, and Grace, who only asks."""
    emails = (*KNOWN.values(), MINA, GRACE)
    people = {email: actor_of(session, email, FIXED.date()) for email in emails}
    for organisation in HOSPICES:
        for role in Role:
            if (organisation, role) not in KNOWN:
                name = f"{role.label} of {organisation}"
                people[name] = Actor(new_uid(), name, organisation, frozenset({role}))
    return people


class Trial:
    """One connection on which things are tried and taken back."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.reference = ""
        self.now = FIXED
        with self.looking() as session:
            self.people = everybody(session)

    def looking(self) -> Session:
        """Return a session on the connection, which ends none of its transactions."""
        return Session(self.connection, join_transaction_mode="create_savepoint")

    @contextmanager
    def working(self, who: str) -> Iterator[Work]:
        """Let somebody do a piece of work."""
        with self.looking() as session:
            occasion = Occasion(self.people[who], self.now, "test")
            with work_of(session, occasion, CATALOGUE) as work:
                yield work

    @contextmanager
    def taken_back(self) -> Iterator[None]:
        """Take back whatever is done within, the time that passes included."""
        savepoint, now = self.connection.begin_nested(), self.now
        yield
        savepoint.rollback()
        self.now = now

    def rows(self) -> list[tuple[Any, ...]]:
        """Return how many rows there are of each kind, and the sum of their versions."""
        return [tuple(row) for row in self.connection.execute(EVERY_ROW)]


def _counted(name: str) -> Any:  # noqa: ANN401 - a query
    rows = Base.metadata.tables[name]
    versions = func.sum(rows.c.version) if "version" in rows.c else func.count()
    return select(func.count(), versions).select_from(rows)


EVERY_ROW: Final = text(str(union_all(*map(_counted, sorted(Base.metadata.tables)))))


@contextmanager
def writing_on(settings: Settings) -> Iterator[Connection]:
    """Yield a connection that writes, to an installed database."""
    with opened(settings) as session:
        engine = session.get_bind().engine
        with engine.connect().execution_options(writing=True) as connection, connection.begin():
            yield connection
