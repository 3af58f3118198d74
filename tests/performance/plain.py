"""The ordinary way, to compare with: a page of people whose sealed fields are opened one by one.

Written as the documentation of Flask-SQLAlchemy and of SQLAlchemy-Utils' encrypted type has it: the
key is hashed and the cipher made anew for every value; objects are loaded, with their milestones in
one query more; what is asked for is picked out, put in order and paged in Python.
"""

import hashlib
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any, Final

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from flask import Flask, render_template_string
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import ForeignKey, LargeBinary, TypeDecorator, insert
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

KEY: Final = "a key as it stands in a setting"
TODAY: Final = date(2026, 11, 23)
BLOCK: Final = 16
MILESTONES: Final = 40
PAGE: Final = 50

LIST: Final = """<!doctype html><title>People</title><table>{% for one, due in rows %}
<tr><td><a href="/people/{{ one.id }}">{{ one.given }} {{ one.family }}</a><td>{{ one.born }}
<td>{{ one.nhs_number }}<td>{{ one.stage }}<td>{{ due }}</tr>{% endfor %}</table>"""


class Encrypted(TypeDecorator[str]):
    """Words, under AES in CBC mode with the start that follows from the key."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, _dialect: Any) -> bytes | None:  # noqa: ANN401 - SQLAlchemy's own
        """Return the words as they are kept."""
        padded = (value or "").encode()
        padded += bytes([BLOCK - len(padded) % BLOCK]) * (BLOCK - len(padded) % BLOCK)
        sealer = _cipher().encryptor()
        return sealer.update(padded) + sealer.finalize()

    def process_result_value(self, value: bytes | None, _dialect: Any) -> str:  # noqa: ANN401 - SQLAlchemy's own
        """Return the words that were kept."""
        opener = _cipher().decryptor()
        padded = opener.update(value or b"") + opener.finalize()
        return padded[: -padded[-1]].decode()


def _cipher() -> Cipher[modes.CBC]:
    key = hashlib.sha256(KEY.encode()).digest()
    return Cipher(algorithms.AES(key), modes.CBC(key[:BLOCK]))


class Base(DeclarativeBase):
    """The base of the rows."""


db = SQLAlchemy(model_class=Base)


class Person(Base):
    """Somebody, and at which stage they are."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation: Mapped[str] = mapped_column(index=True)
    stage: Mapped[str]
    given: Mapped[str] = mapped_column(Encrypted)
    family: Mapped[str] = mapped_column(Encrypted)
    born: Mapped[str] = mapped_column(Encrypted)
    nhs_number: Mapped[str] = mapped_column(Encrypted)
    milestones: Mapped[list["Milestone"]] = relationship(lazy="selectin")


class Milestone(Base):
    """One thing to do."""

    __tablename__ = "milestone"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    due_on: Mapped[date]
    done_on: Mapped[date | None]


def app_over(home: Path) -> Flask:
    """Return the application over the database in *home*."""
    app = Flask("plain")
    app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{home / 'plain.sqlite3'}"
    db.init_app(app)
    app.add_url_rule("/people", view_func=_people)
    return app


def _people() -> str:
    own = db.session.query(Person).filter_by(organisation="naomi").all()
    rows = [
        (one, min((step.due_on for step in one.milestones if not step.done_on), default=date.max))
        for one in own
    ]
    rows.sort(key=lambda row: (row[1], row[0].family))
    return render_template_string(LIST, rows=rows[:PAGE])


def fill(home: Path, *, people: int, own: int) -> None:
    """Make the database: so many *people*, *own* of them in the hospice whose page is shown."""
    draw = Random(1)  # noqa: S311 - nothing secret
    app = app_over(home)
    with app.app_context():
        db.create_all()
        told = [
            {
                "id": number,
                "organisation": "naomi" if number <= own else "elsewhere",
                "stage": "planning",
                "given": f"Given{number}",
                "family": f"Family{draw.randrange(people)}",
                "born": str(TODAY - timedelta(days=draw.randrange(5000, 7000))),
                "nhs_number": f"999{draw.randrange(10**7):07}",
            }
            for number in range(1, people + 1)
        ]
        db.session.execute(insert(Person), told)
        db.session.execute(insert(Milestone), list(_milestones(people, draw)))
        db.session.commit()
        db.engine.dispose()


def _milestones(people: int, draw: Random) -> Any:  # noqa: ANN401 - rows
    for person in range(1, people + 1):
        for _ in range(MILESTONES):
            due_on = TODAY + timedelta(days=draw.randrange(-600, 900))
            done_on = due_on if due_on < TODAY and draw.random() > 0.03 else None
            yield {"person_id": person, "due_on": due_on, "done_on": done_on}
