"""Walking the tracker as somebody would: every page that can be opened, with real objects."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from html.parser import HTMLParser
from itertools import product

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from tests.builders import engine_of
from transition.app import Tracker
from transition.records.absences import Absence
from transition.records.cases import Case
from transition.records.contacts import Contact
from transition.records.entries import entries_of
from transition.records.handovers import handovers_of
from transition.records.histories import holds_of
from transition.records.urgent_access import UrgentAccess

CODES = ("ID-02", "PL-01", "dental")
LETTER = "a-letter"


def addresses(app: Tracker, method: str) -> Iterator[tuple[Rule, str]]:
    """Yield each page that answers *method*, for a case in each state that there is."""
    with Session(engine_of(app)) as session:
        cases = _one_of_each(session)
        entries = {
            case.uid: [one.uid.hex() for one in entries_of(session, case.uid, Contact)][:1]
            for case in cases
        }
        keys = {case.uid: [row.key for row in handovers_of(session, case.uid)] for case in cases}
        absent = [one.hex() for one in session.scalars(select(Absence.uid))]
        absent += [one.hex() for one in session.scalars(select(UrgentAccess.uid))]
    bound = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        if method in (rule.methods or set()):
            for case in cases if "reference" in rule.arguments else cases[:1]:
                away = absent if "reference" not in rule.arguments else []
                filling = {
                    "reference": [case.reference],
                    "key": [*keys[case.uid], case.named_worker_uid.hex(), *away],
                    "code": CODES,
                    "name": [LETTER],
                    "form": [f"cases/{case.reference}/stage"],
                    "number": [1],
                    "whose": ["young-person", "family"],
                    "part": ["health"],
                    "token": ["no-such"],
                    "section": ["what-matters", "contacts"],
                    "entry": entries[case.uid] if "reference" in rule.arguments else ["app"],
                    "filename": ["tracker.css"],
                }
                names = sorted(rule.arguments)
                for values in product(*(filling[name] for name in names)):
                    yield rule, bound.build(rule.endpoint, dict(zip(names, values, strict=True)))


def _one_of_each(session: Session) -> list[Case]:
    """Return a case for each place in which a case can be."""
    cases = session.scalars(select(Case).order_by(Case.opened_on, Case.reference)).all()
    asked = {one.uid: bool(handovers_of(session, one.uid)) for one in cases}
    held = {one.uid: bool(holds_of(session, one.uid)) for one in cases}
    kinds = {
        (
            one.stage,
            one.ending,
            one.receiver,
            one.named_worker_uid,
            asked[one.uid],
            held[one.uid],
        ): (one)
        for one in cases
    }
    return list(kinds.values())


def pages(app: Tracker, client: FlaskClient) -> Iterator[tuple[str, str]]:
    """Yield the address and the words of every page that this browser may open."""
    for rule, path in addresses(app, "GET"):
        if rule.endpoint != "static":
            answer = client.get(path)
            assert answer.status_code in {200, 302, 404}, f"{path}: {answer.status}"
            if answer.status_code != 302 and answer.mimetype == "text/html":
                yield path, answer.text


def put_letter(app: Tracker, words: str) -> None:
    """Put a letter that says *words* into the mailbox of the demonstration."""
    letter = EmailMessage()
    letter["Subject"], letter["To"] = words, "somebody@naomi.example"
    letter.set_content(words)
    folder = app.config["MAILBOX"]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{LETTER}.eml").write_bytes(letter.as_bytes())


@dataclass
class PostedForm:
    """A form that posts: where to, and the names of its fields."""

    action: str
    fields: list[str] = field(default_factory=list)


class FormReader(HTMLParser):
    """Reads the forms of a page that post."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[PostedForm] = []
        self._within = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a form, and the fields within it."""
        words = dict(attrs)
        if tag == "form":
            self._within = words.get("method") == "post"
            if self._within:
                self.forms.append(PostedForm(words.get("action") or ""))
        elif self._within and words.get("name"):
            self.forms[-1].fields.append(str(words["name"]))

    def handle_endtag(self, tag: str) -> None:
        """Note that a form ends."""
        if tag == "form":
            self._within = False
