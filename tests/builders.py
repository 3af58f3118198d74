"""Things that tests need and that are beside their point: cases, proposals, replies, sign-ins."""

import os
import re
import socket
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from tests.databases import FIXED
from tests.people import HELEN, MINA, PASSWORD, RUTH
from transition.actions.cases import NewCase, move_on, open_case, set_target
from transition.actions.digests import issue_digests
from transition.actions.handovers import Proposal, found_handover, propose_handover
from transition.actions.letters import post_letters
from transition.actions.milestones import Recorded, keep_outcome
from transition.actions.record import save_entry
from transition.actions.replies import Reply, reply_to_handover
from transition.actions.services import record_needed
from transition.actions.targets import move_target
from transition.actions.transfers import sign_transfer, switch_transfer
from transition.actions.work import Work, work_of
from transition.app import Tracker
from transition.catalogue import Catalogue
from transition.clock import LONDON, local_day
from transition.mail.postman import NotCarried, Postman
from transition.records.audit import Occasion
from transition.records.base import db
from transition.records.cases import Case
from transition.records.columns import new_uid
from transition.records.contacts import Contact
from transition.records.dues import dues_of_case
from transition.records.handovers import Handover
from transition.records.keys import vault_of
from transition.records.outbox import QueuedLetter
from transition.records.record_sections import KINDS, listed_in, row_of
from transition.records.staff import Staff, find_staff
from transition.records.summaries import summary_of
from transition.records.urgent_access import UrgentAccess
from transition.rules.handovers import Answer, Function, SharingBasis, Urgency
from transition.rules.milestones import Confirmed, OutcomeKind
from transition.rules.pathway import Gate, MilestoneRule, Pathway
from transition.rules.people import THE_TIMETABLE, Actor
from transition.rules.record_sections import CAPACITY, CONTACTS, SECTIONS
from transition.rules.services import Needed, ServiceKey
from transition.rules.targets import Target, TargetReason
from transition.rules.urgent_access import LASTS, Purpose
from transition.settings import is_loopback

WorkAs = Callable[..., AbstractContextManager[Work]]
ClientAs = Callable[[str], FlaskClient]

on_both = pytest.mark.usefixtures("both_databases")
"""Marks a test that runs on SQLite and on PostgreSQL."""

ASKED = (Function.ADVICE_24_7, Function.SYMPTOM_MANAGEMENT)
TARGET = date(2027, 6, 1)
SIGNED_FOR = date(2026, 12, 1)
"""The transfer date of a case that both hospices can sign on the fixed day."""
SWITCHED_AT = datetime(2026, 12, 1, tzinfo=LONDON)
"""The instant from which that transfer holds."""
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
VERSION = re.compile(r'name="version"[^>]*value="([^"]+)"')


def stay_on_this_machine(patch: pytest.MonkeyPatch) -> None:
    """Let nothing reach beyond this machine."""
    real = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> None:  # noqa: ANN401 - any family's address
        if self.family != socket.AF_UNIX and not is_loopback(address[0]):
            pytest.fail(f"A test tried to reach {address[0]}.")
        real(self, address)

    patch.setattr(socket.socket, "connect", connect)


def need(thing: str, *, present: bool) -> None:
    """Go on if a tool is here; fail where the whole run must be whole, skip elsewhere."""
    if present:
        return
    words = f"This test needs {thing}, which is not here."
    if os.environ.get("CI"):
        pytest.fail(words)
    pytest.skip(words)


def token_of(page: str) -> str:
    """Return the token with which a page's form is sent."""
    found = TOKEN.search(page)
    assert found, "This page holds no form."
    return found[1]


def version_of(page: str) -> str:
    """Return the version that a page's first form of a version carries."""
    found = VERSION.search(page)
    assert found, "No form of this page carries a version."
    return found[1]


def signed_in(app: Tracker, email: str) -> FlaskClient:
    """Return a browser in which somebody has signed in on the page."""
    client = app.test_client()
    words = {"csrf_token": token_of(client.get("/sign-in").text), "password": PASSWORD}
    answer = client.post("/sign-in", data=words | {"email": email})
    assert answer.status_code == 302, answer.text
    return client


def post(client: FlaskClient, page: str, path: str | None = None, **words: Any) -> Any:  # noqa: ANN401 - fields of a form, an answer
    """Send the form of *page* (to *path*, where it has another) and return the answer."""
    words["csrf_token"] = token_of(client.get(page).text)
    return client.post(path or page, data=words)


class Bag:
    """A postman who keeps what he is given, or refuses it with *answer*."""

    def __init__(self, answer: NotCarried | None = None) -> None:
        self.answer = answer
        self.letters: list[EmailMessage] = []

    def carry(self, message: EmailMessage) -> None:
        """Keep one letter, or refuse it."""
        if self.answer is not None:
            raise self.answer
        self.letters.append(message)

    @property
    def readers(self) -> list[str]:
        """To whom the letters went, in order."""
        return [letter["To"] for letter in self.letters]


def post_with(app: Tracker, bag: Postman, *, at: datetime | None = None) -> int:
    """Let the timetable carry the letters that wait, with this postman; return how many went."""
    post = replace(app.config["POST"], postman=bag)
    return post_letters(lambda: working(app, THE_TIMETABLE, at), post)


def issue(app: Tracker, *, at: datetime) -> int:
    """Let the timetable issue the digests that are owed; return how many letters that is."""
    with working(app, THE_TIMETABLE, at) as work:
        return issue_digests(work)


def staff_of(session: Session, email: str) -> Staff:
    """Return a colleague by address."""
    staff = find_staff(session, email)
    assert staff is not None, email
    return staff


def uid_of(session: Session, email: str) -> bytes:
    """Return a colleague's number, and let the session see what is kept from now on."""
    uid = staff_of(session, email).uid
    session.rollback()
    return uid


def letters_of(session: Session, kind: str) -> list[str]:
    """Return to whom letters of a kind are queued, by address."""
    session.rollback()
    rows = session.scalars(select(QueuedLetter).where(QueuedLetter.kind == kind))
    return sorted(row.recipient.email for row in rows)


def actor_of(session: Session, email: str, today: date) -> Actor:
    """Return who a colleague is today."""
    actor = staff_of(session, email).actor(today)
    assert actor is not None, email
    return actor


def engine_of(app: Tracker) -> Engine:
    """Return the engine of the application's database."""
    with app.app_context():
        return db.engine


@contextmanager
def working(app: Tracker, who: str | Actor, at: datetime | None = None) -> Iterator[Work]:
    """Do a piece of work as somebody, in a session of its own."""
    at = at or app.config["CLOCK"].now()
    with Session(engine_of(app)) as session:
        actor = who if isinstance(who, Actor) else actor_of(session, who, local_day(at))
        with work_of(session, Occasion(actor, at, "test"), app.config["CATALOGUE"]) as work:
            yield work


def new_case(**words: Any) -> NewCase:  # noqa: ANN401 - any field of it
    """Return what a nurse says of Sky, who is 17 years and 5 months old on the fixed day."""
    told: dict[str, Any] = {
        "given_name": "Skyler",
        "family_name": "Demo-Test",
        "known_as": "Sky",
        "pronouns": "they/them",
        "date_of_birth": date(2009, 6, 15),
        "nhs_number": None,
        "nhs_number_missing_reason": "awaiting_trace",
        "first_language": "English",
        "interpreter_needed": "no",
        "primary_condition": "Spinal muscular atrophy",
        "condition_group": 2,
        "allergies": "None known",
        "how_i_communicate": "Speak to me first.",
        "about_me": "I want my own say.",
        "service": "jacksplace",
        "catchment_key": "rowans",
    }
    return NewCase(**told | words)


def opened_case(
    work: Work,
    *,
    opened_on: date | None = None,
    named_worker_uid: bytes | None = None,
    **words: Any,  # noqa: ANN401 - what is said of somebody
) -> Case:
    """Open a case, a year ago unless told otherwise."""
    case_uid = new_uid()
    vault_of(work.session).new_case_key(work.session, case_uid, now=work.now)
    on = opened_on or work.today - timedelta(days=365)
    return open_case(
        work,
        new_case(**words),
        case_uid=case_uid,
        opened_on=on,
        named_worker_uid=named_worker_uid,
    )


def record_done(work: Work, case: Case, codes: Collection[str], *, on: date | None = None) -> None:
    """Record these milestones as done, where they concern the case."""
    dues = dues_of_case(work.session, case.uid, work.asking)
    for one in dues.standings if dues else ():
        if one.rule.code in codes and one.outcome is None:
            done = Recorded(
                kind=OutcomeKind.DONE, done_on=on or work.today, confirmed=Confirmed.YES
            )
            keep_outcome(work, case, one.rule, done)


def whole_record(work: Work, case: Case) -> None:
    """Write whatever the record lacks before a handover can be proposed, without its actions."""
    for section in SECTIONS.values():
        for one in section.fields if not section.many else ():
            row = row_of(work.session, case, one.noun) if one.proposal else None
            if row is None and one.proposal:
                row = work.keep(KINDS[one.noun](case_uid=case.uid))
            if one.proposal and getattr(row, one.name) is None:
                setattr(row, one.name, next(iter(one.choices), "Written down."))
    summary_of(work.session, case.uid).medicines_on = work.today
    if not listed_in(work.session, case.uid, CONTACTS):
        work.keep(Contact(case_uid=case.uid, added_at=work.now, name="Grace", emergency_order=1))
    work.session.flush()


def planned_case(work: Work, **words: Any) -> Case:  # noqa: ANN401 - any field of it
    """Open a case and bring it to planning, with everything done that a proposal waits for."""
    case = opened_case(work, **words)
    record_done(work, case, {"ID-02", "ID-03", "ID-05", "PR-02", "PR-03", "PR-10"})
    move_on(work, case.reference)
    move_on(work, case.reference)
    set_target(work, case, TARGET, reason_code="agreed")
    gates = work.catalogue.pathways[case.pathway_version].gated(Gate.PROPOSE)
    record_done(work, case, {rule.code for rule in gates})
    whole_record(work, case)
    return case


def capacity_found(work: Work, reference: str, outcome: str = "has", about: str = "move") -> None:
    """Record what was found about somebody's capacity for one decision."""
    save_entry(work, reference, CAPACITY, {"decision": about, "outcome": outcome}, None)


def proposal(**words: Any) -> Proposal:  # noqa: ANN401 - any field of it
    """Return what is asked of Rowans."""
    told: dict[str, Any] = {
        "receiver": "rowans",
        "functions": ASKED,
        "target_on": TARGET,
        "urgency": Urgency.ROUTINE,
        "sharing_basis": SharingBasis.AGREED,
        "sharing_limits": "Not my school.",
        "why": "It is the nearest to home.",
        "call": "Helen, at nine.",
    }
    return Proposal(**told | words)


def proposed_handover(work: Work, **words: Any) -> tuple[Case, Handover]:  # noqa: ANN401 - any field of it
    """Bring a case to handover, proposed as told."""
    case = planned_case(work)
    return case, propose_handover(work, case.reference, proposal(**words))


def kept_open(work: Work, case: Case) -> UrgentAccess:
    """Let whoever works have opened a case in an emergency just now, without telling anybody."""
    row = UrgentAccess(
        case_uid=case.uid,
        staff_uid=work.actor_uid,
        organisation=work.actor.organisation,
        purpose=Purpose.WITH_US,
        opened_at=work.now,
        until=work.now + LASTS,
        why="They came to us tonight and cannot speak.",
    )
    return work.keep(row)


def reply(handover: Handover, **words: Any) -> Reply:  # noqa: ANN401 - any field of it
    """Return a Yes to everything that is asked, with the worker to be named later."""
    told: dict[str, Any] = {
        "answers": {row.function: Answer.ACCEPT for row in handover.answers},
        "has_read": True,
        "eligible": True,
        "adult_worker_by": date(2026, 12, 7),
        "first_contact_on": date(2027, 1, 11),
    }
    return Reply(**told | words)


def with_rule(catalogue: Catalogue, code: str, **words: Any) -> Catalogue:  # noqa: ANN401 - any field of it
    """Return *catalogue* with this milestone said otherwise."""
    changed = [
        replace(rule, **words) if rule.code == code else rule
        for rule in catalogue.pathway.milestones
    ]
    return _with_rules(catalogue, changed)


def without_rules(catalogue: Catalogue, codes: Collection[str]) -> Catalogue:
    """Return *catalogue* without these milestones."""
    kept = [rule for rule in catalogue.pathway.milestones if rule.code not in codes]
    return _with_rules(catalogue, kept)


def _with_rules(catalogue: Catalogue, rules: list[MilestoneRule]) -> Catalogue:
    version = catalogue.pathway.version
    return replace(catalogue, pathways={version: Pathway(version, tuple(rules))})


def accepted_case(work_as: WorkAs, **words: Any) -> tuple[str, str]:  # noqa: ANN401 - of the reply
    """Let Ruth propose a case to Rowans and Helen accept it; return its reference and the key."""
    with work_as(RUTH) as work:
        case, handover = proposed_handover(work)
        reference, key = case.reference, handover.key
    with work_as(HELEN) as work:
        _, handover = found_handover(work, reference, key)
        reply_to_handover(work, reference, key, reply(handover, **words))
    return reference, key


def ready_case(
    work_as: WorkAs,
    *,
    on: date = SIGNED_FOR,
    **words: Any,  # noqa: ANN401 - of the reply
) -> tuple[str, str]:
    """Let Rowans accept a case, with Mina named, and do all that its transfer waits for.

    Both can sign at once: it takes effect `on` that day. Return its reference and the key.
    """
    with work_as(MINA) as work:
        mina = work.actor_uid
    reference, key = accepted_case(work_as, **{"adult_worker_uid": mina} | words)
    with work_as(RUTH) as work:
        make_ready(work, reference, on=on)
    return reference, key


def make_ready(work: Work, reference: str, *, on: date = SIGNED_FOR) -> None:
    """Do all that the transfer of an accepted case waits for, and set it for a day."""
    move_target(work, reference, Target(on=on), TargetReason.OTHER)
    record_needed(work, reference, dict.fromkeys(ServiceKey, Needed.NO))
    case = work.case(reference).case
    gates = work.catalogue.pathways[case.pathway_version].gated(Gate.TRANSFER)
    record_done(work, case, {rule.code for rule in gates})


def signed_case(work_as: WorkAs) -> tuple[str, str]:
    """Let both hospices sign the transfer of a case; return its reference and the key."""
    reference, key = ready_case(work_as)
    for minutes, who in enumerate((RUTH, HELEN)):
        with work_as(who, FIXED + timedelta(minutes=minutes)) as work:
            sign_transfer(work, reference)
    return reference, key


def transferred_case(work_as: WorkAs) -> tuple[str, str]:
    """Let a case be transferred to Rowans at the start of `SIGNED_FOR`, as `SWITCHED_AT` tells.

    Whatever is done with it next is done at that instant or later. Return reference and key.
    """
    reference, key = signed_case(work_as)
    with work_as(THE_TIMETABLE, SWITCHED_AT) as work:
        assert switch_transfer(work, reference)
    return reference, key
