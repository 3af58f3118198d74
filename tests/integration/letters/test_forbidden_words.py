"""No letter of any kind, to anybody, in any state, says what a letter must never say.

Source: domain 7.2, ruling 30.
"""

import re
import shutil
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.browser.running import text_of
from tests.builders import WorkAs, actor_of, engine_of, planned_case, proposal, staff_of
from tests.people import ANNA, HELEN, JO, MINA, PETER, PRIYA, RUTH, SAM, WILMA
from transition.actions.absences import record_absence
from transition.actions.handovers import propose_handover
from transition.actions.invitations import INVITATION, Newcomer, invite
from transition.actions.letter_words import EXPECTED, WORDS
from transition.actions.letters import Post, digest_letter, letter_now
from transition.actions.nudges import ESCALATION, KINDS
from transition.actions.people import ROLE_ASKED, add_roles
from transition.actions.urgent_access import URGENT_OPENED, URGENT_TRIES, URGENT_UNREVIEWED
from transition.actions.work import Work
from transition.app import Tracker
from transition.records.audit import Occasion
from transition.records.cases import Case
from transition.records.conditions import Condition
from transition.records.deaths import Death
from transition.records.handovers import Handover
from transition.records.histories import Pause, named_workers_of
from transition.records.invitations import Invitation
from transition.records.outbox import QueuedLetter
from transition.records.questions import Question
from transition.records.resets import PasswordReset
from transition.records.staff import Staff, everybody
from transition.records.transfers import TransferSignature
from transition.records.unmet_needs import UnmetNeed
from transition.records.urgent_access import UrgentAccess
from transition.records.young_people import YoungPerson
from transition.rules.handover_clocks import Clock
from transition.rules.handovers import AGREED, UNDECIDED, Answer, Function, HandoverState
from transition.rules.nudges import ADDRESSEES
from transition.rules.pathway import Stage
from transition.rules.people import THE_COMMAND_LINE, THE_TIMETABLE, Role, Side
from transition.rules.questions import QuestionCategory
from transition.rules.stages import Ending
from transition.rules.transfers import Rung
from transition.rules.urgent_access import Purpose
from transition.settings import Settings

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
READERS = (RUTH, PRIYA, HELEN, MINA, PETER, JO, SAM, WILMA)
"""One of each role, and a lead of a hospice that has no part in it."""

NAMES = ("Zebedee", "Quillfeather", "Zebbo", "Tarragon", "they/them")
STORY = (
    "Zebedee Quillfeather, called Zebbo, born 15 June 2009 (15/06/2009, 2009-06-15), aged 17, of "
    "3 Tarragon Lane PO1 2AB, NHS number 943 476 5919, has Quillfeather syndrome and may be dying."
)
"""Stands wherever somebody can write something."""

PLANTED = (*NAMES, "15 June", "15/06", "2009", "PO1 2AB", "943 476 5919", "9434765919", "syndrome")

FORBIDDEN = (
    r"\b(died|dies|death|dying|dead|palliative|bereave\w*|end of life|life-limiting|prognosis)\b",
    r"\b(acp|respect|dnacpr|safeguarding|capacity|consent|diagnos\w+|allerg\w+|ventilat\w+)\b",
    r"\b(age|aged|years? old|birthday|born|birth|dob|school|year \d+)\b",
    r"\b(nhs number|hospice number|postcode|address|mother|father|parents?|sibling)\b",
    r"\b\d{3}[ -]?\d{3}[ -]?\d{4}\b",
    r"\b[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b",
    r"\b1 June\b|2027-06-01",  # the day of the move, of which a letter may tell the month
    r"<img|src=|token=",
)
"""What domain 7.2 never allows, and what would look like it."""

REFERENCE = re.compile(r"NHJ-[0-9A-Z]{4}-[0-9A-Z]")
CODES = re.compile(
    rf"{REFERENCE.pattern}|Record no\. \d+:[0-9A-F ]+"
    r"|/invitations/[\w-]{43}|/settings/users/[0-9a-f]{32}"
)
"""What is drawn at random, and might by chance look like something else."""

RANDOM = {"Message-ID", "Content-Type"}
"""Headers that are drawn at random too: a number, and what parts the parts."""

TO_GO = (120, 20, 10, -1)
"""Days to the transfer: none of the four letters on the way to it comes at the same of them."""

CLOSELY = (
    HandoverState.PROPOSED,
    HandoverState.QUERIED,
    HandoverState.ACCEPTED,
    HandoverState.WITHDRAWN,
    HandoverState.CLOSED_DIED,
)
"""The states that are looked at under every overlay and ending too."""


LINK = bytes(16)
OF_NO_CASE = {"new_device": "windows", "password_changed": "", "sign_in_changed": ""}
OF_NO_CASE["password_reset"] = LINK.hex()
"""Letters about the reader alone, and what each is about: they go whatever becomes of a case."""


class Said(AssertionError):
    """A letter says what it must not."""


def refuse_telling(message: EmailMessage, *, planted: tuple[str, ...] = PLANTED) -> None:
    """Do nothing if no part of a letter, as it travels, says what a letter must not.

    Raises:
        Said: one does.
    """
    travelled = message_from_bytes(message.as_bytes(), policy=policy.default)
    subject = str(travelled["Subject"])
    headers = [str(value) for name, value in travelled.items() if name not in RANDOM]
    parts = [part.get_content() for part in travelled.walk() if not part.is_multipart()]
    assert len(parts) == 2
    if REFERENCE.search(" ".join(headers)):
        raise Said(f"A header carries a reference: {subject}")
    for words in (*headers, *parts):
        told = CODES.sub("", words)
        found = [word for word in planted if word.lower() in told.lower()]
        found += [pattern for pattern in FORBIDDEN if re.search(pattern, told, re.IGNORECASE)]
        if found:
            raise Said(f"{subject}: {found}")


@pytest.fixture
def reference(work_as: WorkAs) -> str:
    """A case in which the story stands wherever something can be written."""
    with work_as(RUTH) as work:
        words = dict.fromkeys(("about_me", "how_i_communicate", "allergies"), STORY)
        case = planned_case(
            work,
            given_name="Zebedee",
            family_name="Quillfeather",
            known_as="Zebbo",
            primary_condition="Quillfeather syndrome",
            nhs_number="943 476 5919",
            nhs_number_missing_reason=None,
            **words,
        )
        told = proposal(sharing_limits=STORY, why=STORY)
        handover = propose_handover(work, case.reference, told)
        handover.closing_note = STORY
        _write_story(work, case, handover)
        _sign(work, case, handover)
        record_absence(work, RUTH, cover=ANNA, from_on=work.today, until_on=work.today)
        told_of = case.reference
    with work_as(THE_COMMAND_LINE) as work:
        auditor = {"email": "new@rowans.example", "name": "Noor Aziz", "organisation": "rowans"}
        newcomer = Newcomer(**auditor, roles=frozenset({Role.AUDITOR}))
        new = invite(work, newcomer).staff_uid
    with work_as(SAM) as work:
        add_roles(work, new, {Role.ADULT_LEAD})
    return told_of


def _sign(work: Work, case: Case, handover: Handover) -> None:
    """Let the children's side have signed, and somebody confirm it in many words."""
    work.keep(
        TransferSignature(
            case_uid=case.uid,
            handover_uid=handover.uid,
            side=Side.CHILDRENS,
            organisation="naomi",
            role=Role.TRANSITION_NURSE,
            transfer_on=date(2027, 6, 1),
            signed_at=work.now,
            signed_by_uid=work.actor_uid,
            confirmed_by=STORY,
            confirmed_as=STORY,
        )
    )


def _write_story(work: Work, case: Case, handover: Handover) -> None:
    of_handover: dict[str, Any] = {"case_uid": case.uid, "handover_uid": handover.uid}
    for row in handover.answers:
        row.answer, row.reason_code, row.note = Answer.DECLINE, "D99", STORY
    for number, answered_at in ((1, work.now), (2, None)):
        work.keep(
            Question(
                number=number,
                category=QuestionCategory.CONSENT_CAPACITY,
                asked_at=work.now,
                asked_by_uid=staff_of(work.session, HELEN).uid,
                answered_at=answered_at,
                answered_by_uid=work.actor_uid if answered_at else None,
                words=STORY,
                answer=STORY,
                **of_handover,
            )
        )
    work.keep(
        Condition(
            number=1,
            function=Function.END_OF_LIFE_CARE,
            owner=Side.ADULT,
            needed_by=date(2026, 11, 1),
            must=True,
            words=STORY,
            **of_handover,
        )
    )
    work.keep(
        UnmetNeed(
            number=1,
            function=Function.END_OF_LIFE_CARE,
            area="rowans",
            reason_code="D03",
            opened_on=work.today,
            note=STORY,
            **of_handover,
        )
    )
    for span in named_workers_of(work.session, case.uid):
        span.hand_on_note = STORY
    work.keep(
        Pause(
            case_uid=case.uid,
            from_on=date(2026, 11, 2),
            until_on=date(2026, 11, 3),
            review_on=date(2026, 11, 4),
            reason_code="in_hospital",
            note=STORY,
        )
    )
    work.keep(
        Death(
            case_uid=case.uid,
            recorded_at=work.now,
            recorded_by_uid=work.actor_uid,
            died_on=work.today,
            note=STORY,
        )
    )


@contextmanager
def looking(app: Tracker) -> Iterator[Work]:
    """Give a piece of work of the timetable of which nothing is kept."""
    with Session(engine_of(app)) as session:
        yield Work(session, Occasion(THE_TIMETABLE, NOW, "test"), app.config["CATALOGUE"])


State = tuple[HandoverState, Ending | None, bool]


def states(work: Work) -> Iterator[State]:
    """Put the case into each state in turn; nothing of it is kept."""
    case = work.session.scalars(select(Case)).one()
    handover = work.session.scalars(select(Handover)).one()
    condition = work.session.scalars(select(Condition)).one()
    overlays = [(None, False), (None, True), (Ending.DIED, False), (Ending.MOVED_AWAY, False)]
    for state in HandoverState:
        for ending, paused in overlays if state in CLOSELY else overlays[:1]:
            handover.state, case.paused, case.ending = state, paused, ending
            decided = state not in UNDECIDED
            # A condition waits only for what was decided.
            condition.met_at = None if decided else work.now
            condition.met_by_uid = None if decided else case.named_worker_uid
            handover.decided_at = work.now if decided else None
            handover.decided_by_uid = case.named_worker_uid if decided else None
            case.ended_at = work.now if ending else None
            case.stage = Stage.MOVING if state in AGREED else Stage.HANDOVER
            for days in TO_GO if state is HandoverState.ACCEPTED else TO_GO[:1]:
                case.target_transfer_on = work.today + timedelta(days)
                work.session.flush()
                yield state, ending, paused


def kinds(reference: str) -> Iterator[tuple[str, str]]:
    """Yield each kind of letter, with each thing that it can be about."""
    handover = f"{reference}/rowans-1"
    yield "weekly_digest", "2026-W48"
    yield "case_changed", reference
    yield "case_reassigned", reference
    yield from OF_NO_CASE.items()
    for kind in EXPECTED:
        yield kind, handover
    yield "transfer_signed", handover
    for passed in Rung:
        yield "transfer_prompt", f"{handover}/{passed}"
    for clock, rung in ADDRESSEES:
        about = f"{handover}/{clock}/{rung}" + ("/2" if clock is Clock.ANSWER else "")
        yield KINDS.get(rung, ESCALATION), about


def of_accounts(work: Work) -> Iterator[tuple[str, str]]:
    """Yield the letters about somebody who is to work here."""
    invitation = work.session.scalars(select(Invitation)).one()
    yield INVITATION, invitation.about
    yield ROLE_ASKED, invitation.staff_uid.hex()


def of_emergencies(work: Work) -> Iterator[tuple[str, str]]:
    """Yield the letters about a record that Peter has opened in an emergency."""
    case, peter = work.session.scalars(select(Case)).one(), staff_of(work.session, PETER).uid
    until = work.now + timedelta(hours=4)
    row = work.keep(
        UrgentAccess(
            case_uid=case.uid,
            staff_uid=peter,
            organisation="oakhaven",
            purpose=Purpose.DANGER,
            opened_at=work.now,
            until=until,
            why=STORY,
        )
    )
    yield URGENT_OPENED, row.uid.hex()
    yield URGENT_UNREVIEWED, row.uid.hex()
    yield URGENT_TRIES, peter.hex()


def letters(
    work: Work, post: Post, abouts: Collection[tuple[str, str]]
) -> Iterator[tuple[str, HandoverState, Ending | None, EmailMessage]]:
    """Yield every letter of these kinds that would go, in every state, to every reader."""
    readers = [staff_of(work.session, email) for email in READERS]
    for (state, ending, _), (kind, about), reader in _product(work, abouts, readers):
        queued = QueuedLetter(
            kind=kind,
            about=about,
            recipient=reader,
            message_id="<1@transition.invalid>",
            queued_at=work.now - timedelta(days=400),
        )
        letter = letter_now(work, post, queued)
        if letter is not None:
            yield kind, state, ending, letter.as_message(sender=post.sender, at=work.now)


def _product(
    work: Work, abouts: Collection[tuple[str, str]], readers: Collection[Staff]
) -> Iterator[tuple[State, tuple[str, str], Staff]]:
    for state in states(work):
        for about in abouts:
            for reader in readers:
                yield state, about, reader


def test_no_letter_in_any_state_to_anybody_says_what_it_must_not(
    app: Tracker, reference: str
) -> None:
    met: Counter[str] = Counter()
    seen: dict[str, set[HandoverState]] = {kind: set() for kind in WORDS}
    after_the_end = set()
    with looking(app) as work:
        work.keep(PasswordReset(uid=LINK, token_digest=bytes(32), asked_at=work.now))
        abouts = [*kinds(reference), *of_accounts(work), *of_emergencies(work)]
        for kind, state, ending, message in letters(work, app.config["POST"], abouts):
            refuse_telling(message)
            met[kind] += 1
            seen[kind].add(state)
            if ending is not None:
                after_the_end.add(kind)

    assert set(met) == set(WORDS)
    assert {kind: seen[kind] for kind in EXPECTED} == EXPECTED
    of_no_case = {*OF_NO_CASE, INVITATION, ROLE_ASKED}
    looked_at = {URGENT_OPENED, URGENT_UNREVIEWED, URGENT_TRIES}  # whatever becomes of the case
    assert after_the_end == {"case_changed", "weekly_digest", *of_no_case, *looked_at}
    assert sum(met.values()) > 400


def test_no_letter_of_the_demonstration_says_what_it_must_not(
    app: Tracker, demonstration: Settings, session: Session
) -> None:
    assert demonstration.home.exists()
    names = _names(session)
    assert len(names) == 20
    with looking(app) as work:
        for staff in everybody(work.session):
            actor = actor_of(work.session, staff.email, work.today)
            digest = digest_letter(work, app.config["POST"], actor, to=staff.email)
            message = digest.as_message(sender="Tracker <a@tracker.example>", at=NOW)
            refuse_telling(message, planted=names)
        for queued in work.session.scalars(select(QueuedLetter)):
            if letter := letter_now(work, app.config["POST"], queued):
                message = letter.as_message(sender="Tracker <a@tracker.example>", at=NOW)
                refuse_telling(message, planted=names)


def _names(session: Session) -> tuple[str, ...]:
    """Return the given names of the demonstration that are nobody's on staff."""
    colleagues = " ".join(staff.name for staff in everybody(session))
    names = {one.given_name for one in session.scalars(select(YoungPerson))}
    return tuple(sorted(f" {name} " for name in names if name not in colleagues))


@pytest.mark.parametrize(
    "words",
    [
        "Zebedee",
        "{{ reference }} has died",
        "aged 17",
        "15 June 2009",
        "943 476 5919",
        "PO1 2AB",
        "1 June 2027",
        "safeguarding",
    ],
)
@pytest.mark.parametrize("part", ["body.txt", "body.html", "subject.txt"])
def test_a_word_planted_in_a_template_would_be_found(
    app: Tracker, reference: str, tmp_path: Path, part: str, words: str
) -> None:
    shutil.copytree(app.config["POST"].templates / "mail", tmp_path / "mail")
    template = tmp_path / "mail" / "handover_proposed" / part
    said = template.read_text().replace("{% endblock %}", words + "{% endblock %}")
    template.write_text(said if part != "subject.txt" else f"{said.strip()} {words}")
    post = replace(app.config["POST"], templates=tmp_path)
    with looking(app) as work:
        helen = staff_of(work.session, HELEN)
        about = f"{reference}/rowans-1"
        queued = QueuedLetter(
            kind="handover_proposed", about=about, recipient=helen, message_id="<1@x.example>"
        )
        letter = letter_now(work, post, queued)
        assert letter is not None
        with pytest.raises(Said):
            refuse_telling(letter.as_message(sender=post.sender, at=NOW))


def test_the_words_of_a_changed_case_are_the_same_whatever_changed(
    app: Tracker, reference: str
) -> None:
    told = set()
    with looking(app) as work:
        about = [("case_changed", reference)]
        for _, _, _, message in letters(work, app.config["POST"], about):
            if message["To"] == HELEN:
                told.add((message["Subject"], text_of(message), len(message.as_string())))
    assert len(told) == 1
    ((subject, words, _),) = told
    assert subject == "A case shared with you has changed"
    assert "changed. Please sign in before you contact the\nfamily." in words


def test_the_file_that_is_searched_holds_the_planted_words(app: Tracker, reference: str) -> None:
    assert reference
    assert all(word.lower() in f"{STORY} {' '.join(NAMES)}".lower() for word in PLANTED[:9])
    with Session(engine_of(app)) as session:
        assert session.scalars(select(Question)).first().words == STORY  # type: ignore[union-attr]
